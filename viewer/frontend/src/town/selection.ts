/** Finds the building under a point of the screen, and keeps all its parts marked. */

import {
  type Intersection,
  type Mesh,
  type Ray,
  Raycaster,
  type Scene,
  type Vector2,
  type Vector3,
} from 'three';
import type { LineMaterial } from 'three/addons/lines/LineMaterial.js';
import type { LineSegments2 } from 'three/addons/lines/LineSegments2.js';
import type { Building } from '../building';
import { type BuildingMesh, featureAt } from './features';
import { cornersOf, outlineMaterial, outlineOf } from './outline';
import type { TownTile, TownTileset } from './tileset';

export class Selection {
  #chosen: Building | undefined;
  #asked: Ray | undefined;
  #place: Vector3 | undefined;
  #outline: LineSegments2 | undefined;
  #shown = '';
  readonly #material: LineMaterial = outlineMaterial();

  constructor(
    readonly scene: Scene,
    readonly layers: readonly TownTileset[],
  ) {}

  get buildingId(): string | undefined {
    return this.#chosen?.buildingId;
  }

  /** The nearest surface of the town a ray meets. */
  nearest(ray: Raycaster): Intersection | undefined {
    return ray.intersectObjects(
      this.layers.filter(({ tiles }) => tiles.group.visible).map(({ tiles }) => tiles.group),
      true,
    )[0];
  }

  /** The building a ray meets first; terrain in front hides it. */
  buildingOn(ray: Raycaster): Building | undefined {
    const hit = this.nearest(ray);
    const feature = hit && featureAt(hit);
    this.#asked = ray.ray.clone();
    this.#place = hit?.point;
    if (hit === undefined || feature === undefined) return undefined;
    return this.#meshes()
      .find(({ mesh }) => mesh === hit.object)
      ?.rows.building(feature);
  }

  /** Marks a building, or none; one that is not fully known is loaded in detail. */
  choose(building: Building | undefined): void {
    this.#chosen = building;
    for (const layer of this.layers) {
      layer.detailAt(building === undefined ? undefined : this.#place);
      for (const tile of layer.loaded) this.mark(tile);
    }
    this.#shown = '';
  }

  /** The chosen building as a finer tile knows it, once, when such a tile has come. */
  completed(): Building | undefined {
    if (this.#chosen === undefined || this.#chosen.complete) return undefined;
    for (const { mesh, rows } of this.#meshes()) {
      const parts = rows.complete ? rows.featuresOf(this.#chosen.buildingId) : [];
      const [first] = parts;
      if (first === undefined) continue;
      const pointed = this.#partOn(mesh);
      this.#chosen = rows.building(parts.find((part) => part === pointed) ?? first);
      return this.#chosen;
    }
    return undefined;
  }

  /** The part that lies where the reader pointed. */
  #partOn(mesh: Mesh): number | undefined {
    if (this.#asked === undefined) return undefined;
    const hit = new Raycaster(this.#asked.origin, this.#asked.direction).intersectObject(
      mesh,
    )[0];
    return hit && featureAt(hit);
  }

  #meshes(): BuildingMesh[] {
    const visible = this.layers.flatMap((layer) => layer.visible());
    return visible.flatMap(({ meshes }) => meshes);
  }

  /** Marks the chosen building in a tile, also in one that comes later. */
  mark({ meshes }: TownTile): void {
    for (const { rows, states } of meshes) {
      states.select(this.buildingId === undefined ? [] : rows.featuresOf(this.buildingId));
    }
  }

  /** Draws the outline of what is shown now; tiles of another detail may have come. */
  update(resolution: Vector2): void {
    this.#material.resolution.copy(resolution);
    const visible = this.layers.flatMap((layer) => layer.visible());
    const shown = [this.buildingId, ...visible.map(({ scene }) => scene.uuid)].join(' ');
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.#outline?.removeFromParent();
    this.#outline?.geometry.dispose();
    this.#outline = undefined;
    const id = this.buildingId;
    if (id === undefined) return;
    const corners = visible.flatMap(({ meshes }) =>
      meshes.flatMap(({ mesh, rows }) => {
        const features = new Set(rows.featuresOf(id));
        return features.size === 0 ? [] : cornersOf(mesh, features);
      }),
    );
    this.#outline = outlineOf(corners, this.#material);
    if (this.#outline !== undefined) this.scene.add(this.#outline);
  }
}
