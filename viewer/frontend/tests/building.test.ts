import { expect, test } from 'vitest';
import { type Building, factsOf, titleOf } from '../src/building';
import { degrees, metres, metresAboveSea, plusMinusMetres, wholeNumber } from '../src/format';

const unknown: Building = {
  complete: true,
  gmlId: 'DENW39AL10000001',
  buildingId: 'DENW39AL10000001',
  name: undefined,
  functionName: undefined,
  objectType: undefined,
  yearOfConstruction: undefined,
  roofTypeName: undefined,
  measuredHeight: undefined,
  storeys: undefined,
  address: undefined,
  groundHeightDhhn2016: undefined,
  roofHeightDhhn2016: undefined,
  parts: 1,
};

test('numbers are written the German way, joined to their unit', () => {
  expect(metres(12.449)).toBe('12,4\u00a0m');
  expect(metres(3)).toBe('3,0\u00a0m');
  expect(metresAboveSea(1095.25)).toBe('1.095,3\u00a0m ü. NHN (DHHN2016)');
  expect(plusMinusMetres(0.05)).toBe('±\u00a00,05\u00a0m');
  expect(degrees(51.57364)).toBe('51,574');
  expect(wholeNumber(4500)).toBe('4.500');
});

test.each([undefined, null, Number.NaN, Number.POSITIVE_INFINITY])(
  '%s is no number to show',
  (value) => {
    expect([
      metres(value),
      metresAboveSea(value),
      plusMinusMetres(value),
      wholeNumber(value),
    ]).toEqual([undefined, undefined, undefined, undefined]);
  },
);

test('rows of which nothing is known are left out', () => {
  expect(factsOf(unknown)).toEqual([{ label: 'Kennung', value: 'DENW39AL10000001' }]);
});

test('all that is known is told in the order a reader asks', () => {
  const known: Building = {
    ...unknown,
    functionName: 'Wohngebäude',
    roofTypeName: 'Satteldach',
    measuredHeight: 11,
    storeys: 2,
    yearOfConstruction: 1834,
    address: 'Musterstraße 12, 59494 Soest',
    groundHeightDhhn2016: 95.2,
    roofHeightDhhn2016: 106.2,
    parts: 3,
  };
  expect(factsOf(known).map(({ label, value }) => `${label}: ${value}`)).toEqual([
    'Funktion: Wohngebäude',
    'Adresse: Musterstraße 12, 59494 Soest',
    'Dachform: Satteldach',
    'Höhe: 11,0\u00a0m',
    'Geschosse: 2',
    'Baujahr: 1834',
    'Boden: 95,2\u00a0m ü. NHN (DHHN2016)',
    'First: 106,2\u00a0m ü. NHN (DHHN2016)',
    'Gebäudeteile: 3',
    'Kennung: DENW39AL10000001',
  ]);
});

test('a building is called by its name, else its address, else what it is', () => {
  const named = {
    ...unknown,
    name: 'St. Patrokli',
    address: 'Propst-Nübel-Straße 2',
    functionName: 'Kirche',
  };
  expect(titleOf(named)).toBe('St. Patrokli');
  expect(titleOf({ ...named, name: undefined })).toBe('Propst-Nübel-Straße 2');
  expect(titleOf({ ...named, name: undefined, address: undefined })).toBe('Kirche');
  expect(titleOf({ ...unknown, objectType: 'Bridge' })).toBe('Brücke');
  expect(titleOf({ ...unknown, objectType: 'BuildingPart' })).toBe('Gebäude');
});
