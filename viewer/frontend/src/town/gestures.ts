/**
 * Mouse and fingers: one finger or the left button drags the ground, two fingers or the
 * right button turn around the point they hold, wheel and pinch come nearer to it.
 */

import { Vector2 } from 'three';
import type { CameraRig } from './camera-rig';
import { type Point, type Pose, turned, zoomed } from './pose';

export interface GestureHooks {
  /** What lies under a point of the screen. */
  readonly pointUnder: (screen: Vector2) => Point | undefined;
  /** A click or tap that was no drag. */
  readonly tapped: (screen: Vector2) => void;
}

/** A hand trembles: a tap may move by so many pixels. */
const TAP_PIXELS = 6;
/** Half the height of the screen turns by a right angle. */
const TURN_PER_SCREEN = Math.PI;
const WHEEL_STEP = 0.0016;
const WHEEL_LINE_PIXELS = 40;

interface Finger {
  readonly id: number;
  x: number;
  y: number;
}

export class Gestures {
  readonly #fingers: Finger[] = [];
  #grabbed: Point | undefined;
  #moved = 0;
  #turning = false;

  constructor(
    readonly canvas: HTMLElement,
    readonly rig: CameraRig,
    readonly hooks: GestureHooks,
  ) {
    canvas.addEventListener('pointerdown', this.#down);
    canvas.addEventListener('pointermove', this.#move);
    canvas.addEventListener('pointerup', this.#up);
    canvas.addEventListener('pointercancel', this.#cancel);
    canvas.addEventListener('wheel', this.#wheel, { passive: false });
    canvas.addEventListener('contextmenu', (event) => event.preventDefault());
    // A tap would be followed by a click at the same place: on the panel that it opened.
    canvas.addEventListener('touchend', (event) => event.preventDefault(), { passive: false });
  }

  #screen(x: number, y: number): Vector2 {
    const box = this.canvas.getBoundingClientRect();
    return new Vector2(
      ((x - box.left) / box.width) * 2 - 1,
      1 - ((y - box.top) / box.height) * 2,
    );
  }

  #middle(): { x: number; y: number; span: number } {
    const [a, b] = this.#fingers;
    if (a === undefined) return { x: 0, y: 0, span: 0 };
    if (b === undefined) return { x: a.x, y: a.y, span: 0 };
    return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, span: Math.hypot(a.x - b.x, a.y - b.y) };
  }

  #grab(): void {
    const { x, y } = this.#middle();
    this.#grabbed = this.hooks.pointUnder(this.#screen(x, y));
  }

  readonly #down = (event: PointerEvent) => {
    if (this.#fingers.length === 0) {
      this.#moved = 0;
      this.#turning = event.button === 2 || event.shiftKey || event.ctrlKey;
    }
    if (this.#fingers.length === 2) return;
    this.canvas.setPointerCapture(event.pointerId);
    this.#fingers.push({ id: event.pointerId, x: event.clientX, y: event.clientY });
    if (this.#fingers.length === 2) this.#moved = Number.POSITIVE_INFINITY;
    // Taking hold ends a flight where it is.
    this.rig.set(this.rig.pose);
    this.#grab();
  };

  readonly #move = (event: PointerEvent) => {
    const finger = this.#fingers.find(({ id }) => id === event.pointerId);
    if (finger === undefined) return;
    const before = this.#middle();
    this.#moved += Math.hypot(event.clientX - finger.x, event.clientY - finger.y);
    finger.x = event.clientX;
    finger.y = event.clientY;
    if (this.#moved <= TAP_PIXELS) return;
    const now = this.#middle();
    if (this.#fingers.length === 2) this.#pinch(before, now);
    else if (this.#turning) this.#turn(now.x - before.x, now.y - before.y);
    else this.#drag(now.x, now.y);
  };

  #drag(x: number, y: number): void {
    if (this.#grabbed === undefined) return;
    const under = this.rig.onPlane(this.#screen(x, y), this.#grabbed.y);
    if (under === undefined) return;
    const { pose } = this.rig;
    const target = {
      x: pose.target.x + this.#grabbed.x - under.x,
      y: pose.target.y,
      z: pose.target.z + this.#grabbed.z - under.z,
    };
    this.rig.set({ ...pose, target });
  }

  #turn(right: number, down: number): void {
    const perPixel = TURN_PER_SCREEN / this.canvas.clientHeight;
    const { pose } = this.rig;
    const around = this.#grabbed ?? pose.target;
    this.rig.set(turned(pose, right * perPixel, down * perPixel, around));
  }

  #pinch(
    before: { x: number; y: number; span: number },
    now: { x: number; y: number; span: number },
  ): void {
    const around = this.#grabbed ?? this.rig.pose.target;
    const perPixel = TURN_PER_SCREEN / this.canvas.clientHeight;
    let pose: Pose = this.rig.pose;
    if (now.span > 0) pose = zoomed(pose, before.span / now.span, around, this.rig.limits);
    // Two fingers that move together turn and tilt.
    pose = turned(pose, (now.x - before.x) * perPixel, (now.y - before.y) * perPixel, around);
    this.rig.set(pose);
  }

  readonly #up = (event: PointerEvent) => {
    const held = this.#fingers.some(({ id }) => id === event.pointerId);
    this.#cancel(event);
    if (held && this.#moved <= TAP_PIXELS && event.button === 0 && !this.#turning) {
      this.hooks.tapped(this.#screen(event.clientX, event.clientY));
    }
  };

  readonly #cancel = (event: PointerEvent) => {
    const ix = this.#fingers.findIndex(({ id }) => id === event.pointerId);
    if (ix < 0) return;
    this.#fingers.splice(ix, 1);
    this.#grab();
  };

  readonly #wheel = (event: WheelEvent) => {
    event.preventDefault();
    const pixels = event.deltaMode === 0 ? event.deltaY : event.deltaY * WHEEL_LINE_PIXELS;
    // One turn of a coarse wheel must not jump through the town.
    const factor = Math.exp(Math.max(-240, Math.min(240, pixels)) * WHEEL_STEP);
    const screen = this.#screen(event.clientX, event.clientY);
    const around = this.hooks.pointUnder(screen) ?? this.rig.pose.target;
    this.rig.set(zoomed(this.rig.pose, factor, around, this.rig.limits));
  };
}
