/** All words of the page in German. */

export const de = {
  locale: 'de-DE',
  aboveSea: 'ü. NHN (DHHN2016)',
  product: 'Stadtbild',
  pageTitle: (town: string) => `${town} in 3D – Stadtbild`,
  view: {
    label: (town: string) => `3D-Ansicht von ${town}`,
    keys:
      'Pfeiltasten verschieben, Umschalt mit Pfeiltasten dreht, Bild auf und Bild ab neigt, ' +
      'Plus und Minus ändern die Entfernung, Pos 1 zeigt die ganze Stadt, ' +
      'Eingabe wählt das Gebäude in der Bildmitte, Escape hebt die Auswahl auf.',
    keyTable: [
      ['Pfeiltasten', 'verschieben'],
      ['Umschalt + Pfeiltasten', 'drehen und neigen'],
      ['Bild auf, Bild ab', 'neigen'],
      ['+ und −', 'näher heran, weiter weg'],
      ['Pos 1', 'ganze Stadt zeigen'],
      ['N', 'nach Norden ausrichten'],
      ['Eingabe', 'Gebäude in der Bildmitte wählen'],
      ['Escape', 'Auswahl aufheben'],
    ],
    rail: 'Ansicht steuern',
    home: 'Ganze Stadt zeigen',
    closer: 'Näher heran',
    farther: 'Weiter weg',
    north: 'Nach Norden ausrichten',
    heading: (direction: string) => `Blick nach ${direction}`,
    directions: [
      'Norden',
      'Nordosten',
      'Osten',
      'Südosten',
      'Süden',
      'Südwesten',
      'Westen',
      'Nordwesten',
    ],
  },
  building: {
    region: 'Angaben zum Gebäude',
    untitled: 'Gebäude ohne Namen',
    close: 'Schließen',
    source: 'Quelle',
    announce: (title: string) => `Gewählt: ${title}`,
    nothingThere: 'In der Bildmitte steht kein Gebäude.',
    labels: {
      function: 'Funktion',
      address: 'Adresse',
      roofType: 'Dachform',
      height: 'Höhe',
      storeys: 'Geschosse',
      groundHeight: 'Boden',
      roofHeight: 'First',
      parts: 'Gebäudeteile',
      id: 'Kennung',
    },
  },
  about: {
    hint: 'Wählen Sie ein Gebäude. Dann lesen Sie hier, was über es bekannt ist.',
    title: 'Über dieses Modell',
    heights: 'Höhen',
    heightsText: (system: string, method: string) => `${system}, umgerechnet mit ${method}`,
    accuracy: 'Genauigkeit der Höhen',
    unknownAccuracy: 'nicht angegeben',
    place: 'Ort',
    placeText: (latitude: string, longitude: string) => `${latitude}° Nord, ${longitude}° Ost`,
    crs: 'Bezugssystem',
    source: (layer: string) => `Quelle ${layer}`,
    keyboard: 'Mit der Tastatur',
    licences: 'Lizenzen der Programmteile',
  },
  sheet: {
    larger: 'Mehr anzeigen',
    smaller: 'Weniger anzeigen',
  },
  state: {
    loading: 'Die Stadt wird geladen …',
    empty: 'Hier ist noch keine Stadt eingerichtet.',
    emptyHelp: 'Sobald Daten bereitstehen, erscheint sie an dieser Stelle.',
    unreachable: 'Die Stadt kann gerade nicht geladen werden.',
    unreachableHelp: 'Bitte prüfen Sie Ihre Verbindung und versuchen Sie es noch einmal.',
    broken: 'Die Daten dieser Stadt sind beschädigt.',
    brokenHelp: 'Das liegt nicht an Ihrem Gerät. Bitte melden Sie es der Stadtverwaltung.',
    retry: 'Noch einmal versuchen',
    noMoreTiles:
      'Die Karte kann gerade keine neuen Teile laden. Was Sie sehen, bleibt. Wir versuchen es weiter.',
    noWebgl: 'Ihr Gerät kann die 3D‑Ansicht nicht zeigen.',
    noWebglHelp:
      'Es fehlt die Grafik-Technik WebGL 2. Vielleicht ist sie ausgeschaltet, oder der Browser ist älter. ' +
      'Die Angaben zum Modell lesen Sie hier als Text.',
  },
};
