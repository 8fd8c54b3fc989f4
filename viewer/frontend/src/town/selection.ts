/** Finds the building under a point of the screen, and keeps all its parts marked. */

import type { Intersection, Raycaster, Scene, Vector2 } from 'three';
import type { LineMaterial } from 'three/addons/lines/LineMaterial.js';
import type { LineSegments2 } from 'three/addons/lines/LineSegments2.js';
import type { Building } from '../building';
import { featureAt } from './features';
import { cornersOf, outlineMaterial, outlineOf } from './outline';
import type { TownTile, TownTileset } from './tileset';

export class Selection {
  #buildingId: string | undefined;
  #outline: LineSegments2 | undefined;
  #shown = '';
  readonly #material: LineMaterial = outlineMaterial();

  constructor(
    readonly scene: Scene,
    readonly layers: readonly TownTileset[],
  ) {}

  get buildingId(): string | undefined {
    return this.#buildingId;
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
    if (hit === undefined || feature === undefined) return undefined;
    for (const layer of this.layers) {
      for (const { meshes } of layer.loaded) {
        const found = meshes.find(({ mesh }) => mesh === hit.object);
        if (found !== undefined) return found.rows.building(feature);
      }
    }
    return undefined;
  }

  choose(buildingId: string | undefined): void {
    this.#buildingId = buildingId;
    for (const layer of this.layers) for (const tile of layer.loaded) this.mark(tile);
    this.#shown = '';
  }

  /** Marks the chosen building in a tile, also in one that comes later. */
  mark({ meshes }: TownTile): void {
    for (const { rows, states } of meshes) {
      states.select(this.#buildingId === undefined ? [] : rows.featuresOf(this.#buildingId));
    }
  }

  /** Draws the outline of what is shown now; tiles of another detail may have come. */
  update(resolution: Vector2): void {
    this.#material.resolution.copy(resolution);
    const visible = this.layers.flatMap((layer) => layer.visible());
    const shown = [this.#buildingId, ...visible.map(({ scene }) => scene.uuid)].join(' ');
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.#outline?.removeFromParent();
    this.#outline?.geometry.dispose();
    this.#outline = undefined;
    const id = this.#buildingId;
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
