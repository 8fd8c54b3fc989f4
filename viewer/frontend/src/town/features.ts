/**
 * What the tiles say of their buildings: EXT_mesh_features names the building under a
 * point, EXT_structural_metadata holds its row.
 */

import type { Intersection, Mesh, Object3D, Vector3 } from 'three';
import type { Building } from '../building';

/** Feature id set 0 is the building; set 1, the class of a surface, is not needed here. */
const BUILDING_SET = 0;

/** The part of 3d-tiles-renderer's property table that is used. */
export interface PropertyTable {
  readonly count: number;
  readonly properties: Readonly<Record<string, TableProperty | undefined>>;
  /** Whether the table has the column, not only its schema. */
  includesData(name: string): boolean;
  getPropertyValue(name: string, id: number): unknown;
}

interface TableProperty {
  readonly type: string;
  readonly noData: unknown;
  default: unknown;
}

interface MeshFeatures {
  getFeatures(triangle: number, barycoord: Vector3): readonly (number | null)[];
  getFeatureInfo(): readonly { readonly propertyTable: number | null }[];
}

export interface BuildingMesh {
  readonly mesh: Mesh;
  readonly rows: BuildingRows;
}

/** The rows of one tile, with the features that belong to one building. */
export class BuildingRows {
  #featuresOf: Map<string, number[]> | undefined;

  constructor(readonly table: PropertyTable) {
    // The library turns "no data" into the property's default, and without one into 0,
    // which would read as a building of no height.
    for (const property of Object.values(table.properties)) {
      if (property?.type === 'SCALAR' && property.noData !== null) {
        property.default ??= Number.NaN;
      }
    }
  }

  /** Coarse tiles know only which building a feature belongs to; the rest comes with finer ones. */
  get complete(): boolean {
    return this.table.includesData('gml_id');
  }

  get count(): number {
    return this.table.count;
  }

  /** All features of a building: itself, or each of its parts. */
  featuresOf(buildingId: string): readonly number[] {
    if (this.#featuresOf === undefined) {
      this.#featuresOf = new Map();
      for (let id = 0; id < this.count; id += 1) {
        const key = this.#text(id, 'building_id') ?? '';
        const list = this.#featuresOf.get(key);
        if (list === undefined) this.#featuresOf.set(key, [id]);
        else list.push(id);
      }
    }
    return this.#featuresOf.get(buildingId) ?? [];
  }

  /** One building as the reader is told; what a part does not say, its siblings may. */
  building(feature: number): Building {
    const buildingId =
      this.#text(feature, 'building_id') ?? this.#text(feature, 'gml_id') ?? '';
    const parts = this.featuresOf(buildingId);
    const said = (name: string) =>
      this.#text(feature, name) ??
      parts.map((part) => this.#text(part, name)).find((text) => text !== undefined);
    return {
      complete: this.complete,
      gmlId: this.#text(feature, 'gml_id') ?? buildingId,
      buildingId,
      name: said('name'),
      functionName: said('function_name'),
      objectType: this.#text(feature, 'object_type'),
      yearOfConstruction: this.#number(feature, 'year_of_construction'),
      roofTypeName: this.#text(feature, 'roof_type_name'),
      measuredHeight: this.#number(feature, 'measured_height'),
      storeys: this.#number(feature, 'storeys'),
      address: said('address'),
      groundHeightDhhn2016: this.#number(feature, 'ground_height_dhhn2016'),
      roofHeightDhhn2016: this.#number(feature, 'roof_height_dhhn2016'),
      parts: parts.length,
    };
  }

  #value(feature: number, name: string): unknown {
    return this.table.includesData(name)
      ? this.table.getPropertyValue(name, feature)
      : undefined;
  }

  #text(feature: number, name: string): string | undefined {
    const value = this.#value(feature, name);
    return typeof value === 'string' && value !== '' ? value : undefined;
  }

  #number(feature: number, name: string): number | undefined {
    const value = this.#value(feature, name);
    return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
  }
}

/** The meshes of a tile that carry buildings. */
export function buildingMeshes(tile: Object3D): BuildingMesh[] {
  const found: BuildingMesh[] = [];
  const rowsOf = new Map<PropertyTable, BuildingRows>();
  tile.traverse((child) => {
    const mesh = child as Mesh;
    const features = mesh.userData.meshFeatures as MeshFeatures | undefined;
    const table = features && tableOf(mesh, features);
    if (table === undefined) return;
    const rows = rowsOf.get(table) ?? new BuildingRows(table);
    rowsOf.set(table, rows);
    found.push({ mesh, rows });
  });
  return found;
}

function tableOf(mesh: Mesh, features: MeshFeatures): PropertyTable | undefined {
  const ix = features.getFeatureInfo()[BUILDING_SET]?.propertyTable ?? undefined;
  const metadata = mesh.userData.structuralMetadata as
    | { readonly tableAccessors: readonly PropertyTable[] }
    | undefined;
  return ix === undefined ? undefined : metadata?.tableAccessors[ix];
}

/** The feature a ray hit, or undefined where the mesh has none. */
export function featureAt(hit: Intersection): number | undefined {
  const features = hit.object.userData.meshFeatures as MeshFeatures | undefined;
  if (features === undefined || hit.faceIndex == null || hit.barycoord == null)
    return undefined;
  return features.getFeatures(hit.faceIndex, hit.barycoord)[BUILDING_SET] ?? undefined;
}
