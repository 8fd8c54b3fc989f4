/** What is known of a building, and how it is told to a reader. */

import { metres, metresAboveSea, wholeNumber, year } from './format';
import { words } from './words';

/** One row of the tiles' property table; what the source does not say is undefined. */
export interface Building {
  /** False while only the coarse town is loaded: then nothing but the id is known. */
  readonly complete: boolean;
  readonly gmlId: string;
  readonly buildingId: string;
  readonly name: string | undefined;
  readonly functionName: string | undefined;
  /** CityGML class, such as "BuildingPart". */
  readonly objectType: string | undefined;
  readonly yearOfConstruction: number | undefined;
  readonly roofTypeName: string | undefined;
  readonly measuredHeight: number | undefined;
  readonly storeys: number | undefined;
  readonly address: string | undefined;
  readonly groundHeightDhhn2016: number | undefined;
  readonly roofHeightDhhn2016: number | undefined;
  /** How many parts of the building are modelled on their own. */
  readonly parts: number;
}

export interface Fact {
  readonly label: string;
  readonly value: string;
}

/** What the building is called: its own name, its address, or what it is. */
export function titleOf(building: Building): string {
  const { name, address, functionName, objectType } = building;
  const kinds: Readonly<Record<string, string | undefined>> = words.building.kinds;
  return name ?? address ?? functionName ?? kinds[objectType ?? ''] ?? words.building.untitled;
}

/** The rows of the panel, without those of which nothing is known. */
export function factsOf(building: Building): Fact[] {
  const label = words.building.labels;
  const rows: [string, string | undefined][] = [
    [label.function, building.functionName],
    [label.address, building.address],
    [label.roofType, building.roofTypeName],
    [label.height, metres(building.measuredHeight)],
    [label.storeys, wholeNumber(building.storeys)],
    [label.year, year(building.yearOfConstruction)],
    [label.groundHeight, metresAboveSea(building.groundHeightDhhn2016)],
    [label.roofHeight, metresAboveSea(building.roofHeightDhhn2016)],
    [label.parts, building.parts > 1 ? wholeNumber(building.parts) : undefined],
    [label.id, building.buildingId],
  ];
  return rows.flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [{ label: name, value }],
  );
}
