import { expect, test } from 'vitest';
import { BuildingRows, type PropertyTable } from '../src/town/features';
import { FeatureStates } from '../src/town/highlight';

const NO_DATA = -9999;

/** A table that treats missing values as 3d-tiles-renderer 0.5.3 does. */
function table(columns: Record<string, readonly (string | number)[]>): PropertyTable {
  const properties = Object.fromEntries(
    Object.entries(columns).map(([name, values]) => {
      const text = typeof values[0] === 'string';
      const property = {
        type: text ? 'STRING' : 'SCALAR',
        noData: text ? '' : NO_DATA,
        default: null as unknown,
      };
      return [name, property];
    }),
  );
  return {
    count: Object.values(columns)[0]?.length ?? 0,
    properties: { ...properties, address: { type: 'STRING', noData: null, default: null } },
    includesData: (name) => columns[name] !== undefined,
    getPropertyValue: (name, id) => {
      const property = properties[name];
      const value = columns[name]?.[id];
      if (value !== property?.noData) return value;
      return property?.default ?? (property?.type === 'STRING' ? '' : 0);
    },
  };
}

const town = () =>
  new BuildingRows(
    table({
      gml_id: ['part-1', 'part-2', 'house'],
      building_id: ['church', 'church', 'house'],
      name: ['St. Muster', '', ''],
      function_name: ['Kirche', '', 'Wohngebäude'],
      roof_type_name: ['Turmdach', 'Satteldach', ''],
      measured_height: [48, 12.5, NO_DATA],
      storeys: [NO_DATA, NO_DATA, 2],
      ground_height_dhhn2016: [95.2, 95.3, 0],
    }),
  );

test('all parts of a building are found together', () => {
  expect(town().featuresOf('church')).toEqual([0, 1]);
  expect(town().featuresOf('house')).toEqual([2]);
  expect(town().featuresOf('nowhere')).toEqual([]);
});

test('a part tells its own shape, and the name its siblings know', () => {
  const nave = town().building(1);
  expect(nave).toMatchObject({
    gmlId: 'part-2',
    buildingId: 'church',
    name: 'St. Muster',
    functionName: 'Kirche',
    roofTypeName: 'Satteldach',
    measuredHeight: 12.5,
    parts: 2,
  });
});

test('a missing number is unknown, not zero, and a zero stays a zero', () => {
  const house = town().building(2);
  expect(house.measuredHeight).toBeUndefined();
  expect(house.storeys).toBe(2);
  expect(house.groundHeightDhhn2016).toBe(0);
});

test('a column the tiles do not have is unknown', () => {
  expect(town().building(2).address).toBeUndefined();
  expect(town().building(2).roofTypeName).toBeUndefined();
});

test('a choice marks its features and no others, also after another choice', () => {
  const states = new FeatureStates(2000);
  states.select([1999, 3]);
  expect([3, 4, 1999].map((feature) => states.isSelected(feature))).toEqual([
    true,
    false,
    true,
  ]);
  states.select([4]);
  expect([3, 4, 1999].map((feature) => states.isSelected(feature))).toEqual([
    false,
    true,
    false,
  ]);
});

test('a coarse tile knows the building and says that this is all', () => {
  const coarse = new BuildingRows(table({ building_id: ['church', 'house', 'church'] }));
  expect(coarse.featuresOf('church')).toEqual([0, 2]);
  expect(coarse.building(1)).toMatchObject({ complete: false, buildingId: 'house' });
  expect(town().building(2).complete).toBe(true);
});
