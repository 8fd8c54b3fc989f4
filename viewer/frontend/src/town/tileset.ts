/** One layer's tiles in the town's frame, with materials that suit a paper model. */

import { TilesRenderer } from '3d-tiles-renderer';
import {
  GLTFExtensionsPlugin,
  LoadRegionPlugin,
  ReorientationPlugin,
  SphereRegion,
} from '3d-tiles-renderer/plugins';
import {
  BackSide,
  Box3,
  Color,
  DoubleSide,
  Matrix4,
  type Mesh,
  MeshLambertMaterial,
  type MeshStandardMaterial,
  type Object3D,
  Sphere,
  Vector3,
} from 'three';
import { MeshoptDecoder } from 'three/addons/libs/meshopt_decoder.module.js';
import type { Layer, LayerKind, Origin } from '../contracts';
import { type BuildingMesh, buildingMeshes } from './features';
import type { Extent } from './framing';
import { FeatureStates, followStates } from './highlight';

const RADIANS = Math.PI / 180;
const MEGABYTE = 2 ** 20;
/** Phones end pages that take more; all layers share this cache. */
const CACHE_BYTES = 256 * MEGABYTE;
/** Paper, where the tiles bring no colour of their own. */
const PLAIN: Readonly<Record<LayerKind, string>> = { buildings: '#efe6d6', terrain: '#e6e4d4' };

/** A tile that is loaded: its building meshes and the states of their features. */
export interface TownTile {
  readonly scene: Object3D;
  readonly meshes: readonly (BuildingMesh & { readonly states: FeatureStates })[];
}

export interface TilesetHooks {
  readonly changed: () => void;
  /** The layer stands at its place, and its size is known. */
  readonly placed: () => void;
  readonly loaded: (tile: TownTile) => void;
  readonly failed: () => void;
}

/** A coarse roof may lie so many metres beside the exact one. */
const DETAIL_RADIUS = 3;

export class TownTileset {
  readonly tiles: TilesRenderer;
  readonly #details = new LoadRegionPlugin();
  readonly #loaded = new Map<Object3D, TownTile>();

  constructor(
    readonly layer: Layer,
    origin: Origin,
    base: string,
    hooks: TilesetHooks,
  ) {
    // The address must be absolute: from a relative one the library derives wrong children.
    this.tiles = new TilesRenderer(new URL(layer.href, base).href);
    this.tiles.lruCache.maxBytesSize = CACHE_BYTES;
    this.tiles.lruCache.minBytesSize = CACHE_BYTES / 2;
    this.tiles.registerPlugin(
      new GLTFExtensionsPlugin({ meshoptDecoder: MeshoptDecoder, autoDispose: false }),
    );
    this.tiles.registerPlugin(
      new ReorientationPlugin({
        lat: origin.latitudeDeg * RADIANS,
        lon: origin.longitudeDeg * RADIANS,
        height: origin.heightEllipsoidal,
        // Without it x would point west; half a turn makes x east and z south.
        azimuth: Math.PI,
      }),
    );
    this.tiles.registerPlugin(this.#details);
    this.tiles.registerPlugin({ processTileModel: (scene: Object3D) => this.#dress(scene) });
    this.tiles.addEventListener('needs-update', hooks.changed);
    // Registered after the plug-in that turns the layer into the town's frame.
    this.tiles.addEventListener('load-root-tileset', hooks.placed);
    this.tiles.addEventListener('tile-visibility-change', hooks.changed);
    this.tiles.addEventListener('load-error', hooks.failed);
    this.tiles.addEventListener('load-model', ({ scene }) => {
      const tile = this.#loaded.get(scene as Object3D);
      if (tile !== undefined) hooks.loaded(tile);
      hooks.changed();
    });
    this.tiles.addEventListener('dispose-model', ({ scene }) =>
      this.#forget(scene as Object3D),
    );
    this.tiles.group.visible = layer.visible;
  }

  /** The layer's size in the town's frame, once it is placed. */
  extent(): Extent | undefined {
    const [box, frame, sphere] = [new Box3(), new Matrix4(), new Sphere()];
    if (!this.tiles.getOrientedBoundingBox(box, frame)) return undefined;
    this.tiles.getBoundingSphere(sphere);
    this.tiles.group.updateMatrixWorld();
    box.applyMatrix4(frame.premultiply(this.tiles.group.matrixWorld));
    // The scene's origin is a round number; the town lies where its tiles do.
    const { x, z } = box.getCenter(new Vector3());
    return { middle: { x, y: box.min.y, z }, radius: Math.max(50, sphere.radius) };
  }

  get loaded(): Iterable<TownTile> {
    return this.#loaded.values();
  }

  /** Tiles drawn at this moment, not those kept for later. */
  visible(): TownTile[] {
    return [...this.#loaded.values()].filter(({ scene }) => scene.parent === this.tiles.group);
  }

  /** Loads the finest tiles around a point, however far the camera is; undefined ends it. */
  detailAt(point: Vector3 | undefined): void {
    this.#details.clearRegions();
    if (point === undefined) return;
    const place = this.tiles.group.worldToLocal(point.clone());
    const sphere = new Sphere(place, DETAIL_RADIUS);
    this.#details.addRegion(new SphereRegion({ sphere, errorTarget: 0 }));
  }

  /** Replaces the tile's materials before the library notes what it must dispose of. */
  #dress(scene: Object3D): void {
    const meshes = buildingMeshes(scene).map((found) => ({
      ...found,
      states: new FeatureStates(found.rows.count),
    }));
    scene.traverse((child) => {
      const mesh = child as Mesh;
      if (!mesh.isMesh) return;
      const material = paperMaterial(mesh, PLAIN[this.layer.kind]);
      const found = meshes.find((candidate) => candidate.mesh === mesh);
      if (found !== undefined) followStates(mesh, material, found.states);
      mesh.material = material;
      mesh.castShadow = this.layer.kind === 'buildings';
      mesh.receiveShadow = true;
    });
    this.#loaded.set(scene, { scene, meshes });
  }

  #forget(scene: Object3D): void {
    for (const { states } of this.#loaded.get(scene)?.meshes ?? []) states.dispose();
    this.#loaded.delete(scene);
  }
}

/** A matt material with the colours of the tile's own one. */
function paperMaterial(mesh: Mesh, plain: string): MeshLambertMaterial {
  const own = mesh.material as MeshStandardMaterial;
  const coloured = mesh.geometry.hasAttribute('color');
  const untouched = !coloured && own.map === null && own.color.getHex() === 0xffffff;
  const material = new MeshLambertMaterial({
    color: untouched ? new Color(plain) : own.color,
    map: own.map,
    vertexColors: coloured,
    flatShading: !mesh.geometry.hasAttribute('normal'),
    // Walls seen from inside a court whose roof is cut must not vanish.
    side: DoubleSide,
    // Shadows come from the sides away from the sun: a lit wall cannot shade itself.
    shadowSide: BackSide,
    transparent: own.transparent,
    opacity: own.opacity,
  });
  own.dispose();
  return material;
}
