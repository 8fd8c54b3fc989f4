/** The town in one canvas: tiles, camera, light and choice, drawn only when needed. */

import { PerspectiveCamera, Raycaster, Scene, Vector2, Vector3, WebGLRenderer } from 'three';
import type { Building } from '../building';
import type { Scene as TownScene } from '../contracts';
import { CameraRig } from './camera-rig';
import { type Extent, limitsOf, startPose, UNKNOWN_TOWN } from './framing';
import { Gestures } from './gestures';
import { actionOf, type KeyAction, stepped } from './keyboard';
import type { Point, Pose } from './pose';
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

const FIELD_OF_VIEW_DEG = 45;
const MOST_PIXELS_PER_POINT = 2;
const RETRY_MS = 8000;
/** How far a line may be off on the screen before finer tiles are asked for. */
const ERROR_POINTS = 6;

export class TownView {
  readonly #renderer: WebGLRenderer;
  readonly #scene = new Scene();
  readonly #rig: CameraRig;
  readonly #layers: TownTileset[];
  readonly #selection: Selection;
  readonly #surroundings: Surroundings;
  readonly #down = new Raycaster();
  #extent: Extent = UNKNOWN_TOWN;
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
          placed: () => this.#frameTown(),
          loaded: (tile) => {
            this.#selection.mark(tile);
            if (this.#retry === undefined) this.hooks.trouble(false);
          },
          failed: () => this.#tryAgainLater(),
        }),
    );
    this.#selection = new Selection(this.#scene, this.#layers);
    const camera = new PerspectiveCamera(FIELD_OF_VIEW_DEG, 1, 1, 10_000);
    this.#rig = new CameraRig(camera, startPose(UNKNOWN_TOWN, 1), limitsOf(UNKNOWN_TOWN), {
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
    this.#selection.choose(building);
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
    this.#draw();
  };

  /** Takes the town's size from its tiles, once. */
  #frameTown(): void {
    const buildings = this.#layers.find(({ layer }) => layer.kind === 'buildings');
    const extent = (buildings ?? this.#layers[0])?.extent();
    if (this.#framed || extent === undefined) return;
    this.#framed = true;
    this.#extent = extent;
    this.#surroundings.setGroundHeight(extent.middle.y - 3);
    this.#rig.frame(startPose(extent, this.#rig.camera.aspect), limitsOf(extent));
  }

  #resize(): void {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    if (width === 0 || height === 0) return;
    const { camera } = this.#rig;
    this.#renderer.setPixelRatio(Math.min(window.devicePixelRatio, MOST_PIXELS_PER_POINT));
    this.#renderer.setSize(width, height, false);
    camera.aspect = width / height;
    camera.updateProjectionMatrix();
    for (const { tiles } of this.#layers) {
      // In points, not pixels: a sharper screen must not load four times the town.
      tiles.setResolution(camera, width, height);
      tiles.errorTarget = ERROR_POINTS;
    }
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
    if (this.#surroundings.follow(this.#rig.pose, this.#extent.radius)) {
      this.#renderer.shadowMap.needsUpdate = true;
    }
    const completed = this.#selection.completed();
    if (completed !== undefined) this.hooks.picked(completed, false);
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
