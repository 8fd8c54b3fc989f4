/** The town in one canvas: tiles, camera, light and choice, drawn only when needed. */

import {
  Box3,
  Matrix4,
  PerspectiveCamera,
  Raycaster,
  Scene,
  Sphere,
  Vector2,
  Vector3,
  WebGLRenderer,
} from 'three';
import type { Building } from '../building';
import type { Scene as TownScene } from '../contracts';
import { CameraRig } from './camera-rig';
import { Gestures } from './gestures';
import { actionOf, type KeyAction, stepped } from './keyboard';
import type { Limits, Point, Pose } from './pose';
import { Selection } from './selection';
import { Surroundings } from './surroundings';
import { TownTileset } from './tileset';

export interface TownHooks {
  /** The first tiles are on the screen. */
  readonly ready: () => void;
  readonly moved: (pose: Pose) => void;
  /** A choice was made or taken back; `asked` tells a key from a click. */
  readonly picked: (building: Building | undefined, asked: boolean) => void;
  /** Tiles do not come, or come again. */
  readonly trouble: (troubled: boolean) => void;
}

const START_PITCH = (38 * Math.PI) / 180;
/** Until the tileset has told its size. */
const SMALL_TOWN = 600;
const FIELD_OF_VIEW_DEG = 45;
const MOST_PIXELS_PER_POINT = 2;
const RETRY_MS = 8000;

export class TownView {
  readonly #renderer: WebGLRenderer;
  readonly #scene = new Scene();
  readonly #rig: CameraRig;
  readonly #layers: TownTileset[];
  readonly #selection: Selection;
  readonly #surroundings: Surroundings;
  readonly #down = new Raycaster();
  #radius = SMALL_TOWN;
  #asked = false;
  #ready = false;
  #framed = false;
  #retry: number | undefined;

  constructor(
    readonly canvas: HTMLCanvasElement,
    town: TownScene,
    base: string,
    readonly hooks: TownHooks,
  ) {
    this.#renderer = new WebGLRenderer({
      canvas,
      antialias: true,
      powerPreference: 'low-power',
    });
    this.#renderer.shadowMap.enabled = true;
    this.#renderer.shadowMap.autoUpdate = false;
    this.#surroundings = new Surroundings(this.#scene);
    this.#layers = town.layers.map(
      (layer) =>
        new TownTileset(layer, town.origin, base, {
          changed: this.#freshTiles,
          loaded: (tile) => {
            this.#selection.mark(tile);
            if (this.#retry === undefined) this.hooks.trouble(false);
          },
          failed: () => this.#tryAgainLater(),
        }),
    );
    this.#selection = new Selection(this.#scene, this.#layers);
    const camera = new PerspectiveCamera(FIELD_OF_VIEW_DEG, 1, 1, 10_000);
    this.#rig = new CameraRig(camera, startPose(SMALL_TOWN, 1), limitsOf(SMALL_TOWN), {
      changed: this.#draw,
      groundBelow: (point) => this.#groundBelow(point),
    });
    for (const { tiles } of this.#layers) {
      tiles.setCamera(camera);
      this.#scene.add(tiles.group);
    }
    new Gestures(canvas, this.#rig, {
      pointUnder: (screen) => this.#pointUnder(screen),
      tapped: (screen) => this.#pick(screen, false),
    });
    canvas.addEventListener('keydown', this.#key);
    // A phone may take the graphics away from a page in the background.
    canvas.addEventListener('webglcontextrestored', this.#freshTiles);
    new ResizeObserver(() => this.#resize()).observe(canvas);
    this.#resize();
    const dark = window.matchMedia('(prefers-color-scheme: dark)');
    const follow = () => {
      this.#surroundings.setDark(dark.matches);
      this.#draw();
    };
    dark.addEventListener('change', follow);
    follow();
  }

  get pose(): Pose {
    return this.#rig.pose;
  }

  /** Carries out what a key or a button asks for. */
  act(action: KeyAction): void {
    const now = performance.now();
    const { pose, limits } = this.#rig;
    if (action.kind === 'home') this.#rig.flyHome(now);
    else if (action.kind === 'north') this.#rig.fly({ ...pose, heading: 0 }, now);
    else if (action.kind === 'pick') this.#pick(new Vector2(), true);
    else if (action.kind === 'clear') this.choose(undefined, true);
    else this.#rig.set(stepped(pose, action, limits) ?? pose);
  }

  choose(building: Building | undefined, asked: boolean): void {
    if (building === undefined && this.#selection.buildingId === undefined && !asked) return;
    this.#selection.choose(building?.buildingId);
    this.hooks.picked(building, asked);
    this.#draw();
  }

  readonly #key = (event: KeyboardEvent) => {
    const action = actionOf(event);
    if (action === undefined) return;
    event.preventDefault();
    this.act(action);
  };

  #pick(screen: Vector2, asked: boolean): void {
    this.choose(this.#selection.buildingOn(this.#rig.rayThrough(screen)), asked);
  }

  #pointUnder(screen: Vector2): Point | undefined {
    const hit = this.#selection.nearest(this.#rig.rayThrough(screen));
    return hit?.point ?? this.#rig.onPlane(screen, this.#rig.pose.target.y);
  }

  #groundBelow({ x, y, z }: Point): number | undefined {
    // The hook is called while the view is still being made.
    if (this.#layers === undefined || y > HIGH_ABOVE_GROUND) return undefined;
    this.#down.set(new Vector3(x, HIGH_ABOVE_GROUND, z), new Vector3(0, -1, 0));
    const terrain = this.#layers.filter(({ layer }) => layer.kind === 'terrain');
    const hits = this.#down.intersectObjects(
      terrain.map(({ tiles }) => tiles.group),
      true,
    );
    return hits[0]?.point.y;
  }

  readonly #freshTiles = () => {
    this.#renderer.shadowMap.needsUpdate = true;
    this.#frameTown();
    this.#draw();
  };

  /** Takes the town's size from its tiles, once. */
  #frameTown(): void {
    const buildings =
      this.#layers.find(({ layer }) => layer.kind === 'buildings') ?? this.#layers[0];
    const sphere = new Sphere();
    if (this.#framed || !buildings?.tiles.getBoundingSphere(sphere)) return;
    this.#framed = true;
    this.#radius = Math.max(50, sphere.radius);
    const { tiles } = buildings;
    tiles.group.updateMatrixWorld();
    const box = new Box3();
    const frame = new Matrix4();
    tiles.getOrientedBoundingBox(box, frame);
    box.applyMatrix4(frame.premultiply(tiles.group.matrixWorld));
    this.#surroundings.setGroundHeight(box.min.y - 3);
    this.#rig.frame(startPose(this.#radius, this.#rig.camera.aspect), limitsOf(this.#radius));
  }

  #resize(): void {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    if (width === 0 || height === 0) return;
    const { camera } = this.#rig;
    this.#renderer.setPixelRatio(Math.min(window.devicePixelRatio, MOST_PIXELS_PER_POINT));
    this.#renderer.setSize(width, height, false);
    camera.aspect = width / height;
    camera.updateProjectionMatrix();
    for (const { tiles } of this.#layers)
      tiles.setResolutionFromRenderer(camera, this.#renderer);
    this.#draw();
  }

  readonly #draw = () => {
    if (this.#asked) return;
    this.#asked = true;
    requestAnimationFrame(this.#frame);
  };

  readonly #frame = (now: number) => {
    this.#asked = false;
    this.#rig.update(now);
    for (const { tiles } of this.#layers) tiles.update();
    if (this.#surroundings.follow(this.#rig.pose, this.#radius)) {
      this.#renderer.shadowMap.needsUpdate = true;
    }
    this.#selection.update(this.#renderer.getDrawingBufferSize(new Vector2()));
    this.#renderer.render(this.#scene, this.#rig.camera);
    this.hooks.moved(this.#rig.pose);
    if (!this.#ready && this.#layers.some((layer) => layer.visible().length > 0)) {
      this.#ready = true;
      this.hooks.ready();
    }
    if (this.#rig.flying) this.#draw();
  };

  #tryAgainLater(): void {
    this.hooks.trouble(true);
    this.#retry ??= window.setTimeout(() => this.tryAgain(), RETRY_MS);
  }

  /** Asks for the tiles that did not come. */
  tryAgain(): void {
    window.clearTimeout(this.#retry);
    this.#retry = undefined;
    for (const { tiles } of this.#layers) tiles.resetFailedTiles();
    this.#draw();
  }
}

/** Above every roof and hill of the town, in metres over its origin. */
const HIGH_ABOVE_GROUND = 400;

/** North up, pitched 38 degrees, the middle of the town in view. */
function startPose(radius: number, aspect: number): Pose {
  const narrow = aspect < 1 ? 1 / Math.max(aspect, 0.5) : 1;
  const distance = Math.min(0.9 * radius, 900) * (1 + 0.35 * (narrow - 1));
  return { target: { x: 0, y: 0, z: 0 }, distance, heading: 0, pitch: START_PITCH };
}

function limitsOf(radius: number): Limits {
  return { radius: 1.1 * radius, nearest: 8, farthest: 3.5 * radius };
}
