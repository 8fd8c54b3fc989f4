"""Street names: some of Soest's own, the others such as any Westphalian town has."""

from __future__ import annotations

OLD_TOWN_LANES = (
    "Marktstraße", "Rathausstraße", "Puppenstraße", "Ulricherstraße", "Hospitalgasse",
    "Rosenstraße", "Kungelmarkt", "Wiesenstraße", "Krummel", "Am Großen Teich",
    "Petrikirchhof", "Thomästraße", "Filzenstraße", "Propst-Nübel-Straße", "Severinstraße",
    "Waisenhausstraße", "Steingraben", "Klosterstraße", "Am Loerbach", "Feldmühlenweg",
    "Damm", "Schonekindstraße", "Deiringser Gasse", "Am Seel", "Lütgen Grandweg",
    "Höggenstraße", "Wippgasse", "Hohe Gasse", "Kesselstraße", "Salzgasse", "Ressenstraße",
    "Kolkstraße", "Hellwegstraße", "Lentzestraße", "Bischofstraße", "Walburgergasse",
    "Paulistraße", "Brunsteinstraße", "Hohnestraße", "Sandwelle", "Am Kützelbach",
    "Glockengasse", "Nikolaistraße", "Grünstraße", "Sältzerstraße", "Burghofstraße",
    "Am Vreithof", "Isenackerstraße", "Westenhellweg", "Engelgasse", "Dominikanergasse",
    "Schendelerstraße", "Osthofengasse", "Freithofgasse", "Theodor-Heuss-Park-Gasse",
    "Kleine Osthofe", "Am Soestbach", "Färbergasse", "Gerbergasse", "Webergasse",
    "Töpfergasse", "Krämergasse", "Böttchergasse", "Seilergasse", "Bäckergasse",
    "Schmiedegasse", "Fischergasse", "Mühlengasse", "Badergasse", "Stiftsgasse",
    "Kapellengasse", "Hansegasse", "Lindengasse", "Nußbaumgasse", "Maulbeergasse",
    "Holunderstraße", "Weingasse", "Heringsgasse", "Pfaffengasse", "Beguinengasse",
    "Turmgasse", "Zwingergasse", "Am Wehrgang", "Wallgasse", "Torgasse", "Katthofgasse",
    "Spitalgasse", "Brunnengasse", "Eselsgasse", "Hirtengasse", "Scheunengasse",
    "Gartengasse", "Hofgasse", "Winkelgasse", "Enge Gasse", "Lange Gasse", "Krumme Gasse",
    "Obere Gasse", "Untere Gasse", "Sommergasse", "Wintergasse", "Petersgasse",
    "Johannesgasse", "Georgsgasse", "Antoniusgasse", "Aldegrevergasse", "Schorlemergasse",
)  # fmt: skip

WALL_STREETS = (
    "Osthofenwallstraße", "Walburger Wallstraße", "Schültinger Wallstraße",
    "Brüderwallstraße", "Nöttenwallstraße", "Jakobiwallstraße", "Grandweger Wallstraße",
    "Thomäwallstraße",
)  # fmt: skip

RING_ROADS = (
    "Freiligrathwall", "Aldegreverwall", "Dasselwall", "Immermannwall", "Hansawall",
    "Westfalenwall", "Hellwegwall", "Bördewall",
)  # fmt: skip

OUTER_STREETS = (
    "Ahornweg", "Akazienweg", "Am Bahnhof", "Am Hang", "Am Kleeberg", "Am Silberg",
    "Amselweg", "Anemonenweg", "Asternweg", "Auf der Borg", "Bachstraße", "Beethovenstraße",
    "Birkenweg", "Boleweg", "Brahmsstraße", "Breslauer Straße", "Buchenweg", "Bussardweg",
    "Clarenbachstraße", "Dahlienweg", "Danziger Straße", "Deiringser Weg", "Distelweg",
    "Doyenweg", "Drosselweg", "Droste-Hülshoff-Straße", "Eibenweg", "Eichendorffstraße",
    "Elsternweg", "Endlose Straße", "Erlenweg", "Eschenweg", "Falkenweg", "Feldstraße",
    "Fichtenweg", "Finkenweg", "Fliederweg", "Gartenstraße", "Georg-Plange-Straße",
    "Ginsterweg", "Goethestraße", "Görlitzer Straße", "Habichtweg", "Händelstraße",
    "Haselweg", "Hasenkamp", "Hattroper Weg", "Haydnstraße", "Heideweg", "Heinrich-Heine-Weg",
    "Herderstraße", "Hiddingser Weg", "Hinter dem Hagen", "Hölderlinweg", "Hoher Weg",
    "Hubertusgasse", "Iltisweg", "Im Tabrock", "Jägerweg", "Kaiserstraße", "Kastanienweg",
    "Katrop", "Kiefernweg", "Kirschenweg", "Kleiststraße", "Königsberger Straße",
    "Kornblumenweg", "Lärchenweg", "Lavendelweg", "Leckgadenweg", "Lerchenweg",
    "Lessingstraße", "Lindenweg", "Löwenzahnweg", "Luisenstraße", "Lupinenweg",
    "Magdeburger Straße", "Malvenweg", "Marienburger Straße", "Meisenweg", "Merowingerweg",
    "Milanweg", "Mohnweg", "Mörikestraße", "Mozartstraße", "Müllingser Weg", "Narzissenweg",
    "Nelkenweg", "Nordhauser Weg", "Nottebohmweg", "Oststraße", "Pappelweg",
    "Paul-Gerhardt-Weg", "Pirolweg", "Primelweg", "Raabeweg", "Rigaring", "Rilkeweg",
    "Ringelblumenweg", "Rosenweg", "Rostocker Straße", "Rotdornweg", "Salbeiweg",
    "Schillerstraße", "Schlehenweg", "Schleddenweg", "Schubertstraße", "Schumannstraße",
    "Senator-Engel-Weg", "Sonnenblumenweg", "Sperberweg", "Spechtweg", "Steinkauzweg",
    "Stettiner Straße", "Stormstraße", "Sudetenstraße", "Tannenweg", "Teinenkamp",
    "Thingstraße", "Troyesweg", "Tulpenweg", "Uhlandstraße", "Ulmenweg", "Unnaer Weg",
    "Veilchenweg", "Visbyring", "Wacholderweg", "Wagnerstraße", "Waldstraße", "Weidenweg",
    "Weißdornweg", "Wibbeltweg", "Wieselweg", "Windmühlenweg", "Wisbyweg", "Zaunkönigweg",
    "Zederweg",
)  # fmt: skip


class NamesLeft:
    """Names handed out one after the other; when all are used, they return with an adjective.

    Parameters
    ----------
    names : tuple of str
        In the order in which they are given away.
    """

    def __init__(self, names: tuple[str, ...]) -> None:
        self._names = names
        self._given = 0

    def next(self) -> str:
        """The next name."""
        turn, place = divmod(self._given, len(self._names))
        self._given += 1
        name = self._names[place]
        if turn == 0:
            return name
        if not name.endswith(("weg", "straße", "gasse")):
            return self.next()
        adjective = ("Neue", "Kleine", "Lange", "Hintere")[(turn - 1) % 4]
        return f"{adjective}{'r' if name.endswith('weg') else ''} {name}"
