/** The camera in the town: carries out poses and flights, and knows what lies under a point. */

import { type PerspectiveCamera, Plane, Raycaster, type Vector2, Vector3 } from 'three';
import { between, eye, type Limits, limited, type Point, type Pose } from './pose';

const FLIGHT_MS = 900;
/** A view from 1.5 m above ground is the lowest: nobody's head is lower. */
const EYE_CLEARANCE = 1.5;

export interface RigHooks {
  /** Something moved: draw again. */
  readonly changed: () => void;
  /** Height of the ground below a point, if any is loaded. */
  readonly groundBelow: (point: Point) => number | undefined;
}

export class CameraRig {
  #pose: Pose;
  #limits: Limits;
  #home: Pose;
  #flight: { from: Pose; to: Pose; start: number } | undefined;
  readonly #ray = new Raycaster();

  constructor(
    readonly camera: PerspectiveCamera,
    home: Pose,
    limits: Limits,
    readonly hooks: RigHooks,
  ) {
    this.#home = home;
    this.#limits = limits;
    this.#pose = home;
    this.set(home);
  }

  get pose(): Pose {
    return this.#pose;
  }

  get limits(): Limits {
    return this.#limits;
  }

  get flying(): boolean {
    return this.#flight !== undefined;
  }

  /** Takes new limits and a new start when the size of the town is known. */
  frame(home: Pose, limits: Limits): void {
    this.#home = home;
    this.#limits = limits;
    this.set(home);
  }

  /** Stands at a pose at once, or as near to it as allowed; ends a flight. */
  set(pose: Pose): void {
    this.#flight = undefined;
    this.#apply(pose);
  }

  /** Flies to a pose; whoever wants less motion stands there at once. */
  fly(to: Pose, now: number): void {
    if (window.matchMedia('(prefers-reduced-motion: reduce)').matches) {
      this.set(to);
      return;
    }
    this.#flight = { from: this.#pose, to: limited(to, this.#limits), start: now };
    this.hooks.changed();
  }

  flyHome(now: number): void {
    this.fly(this.#home, now);
  }

  /** Carries a flight on to this moment. */
  update(now: number): void {
    if (this.#flight === undefined) return;
    const { from, to, start } = this.#flight;
    const share = Math.min(1, Math.max(0, (now - start) / FLIGHT_MS));
    if (share === 1) this.#flight = undefined;
    // Ease-out: fast at once, so that the press is answered, and a soft landing.
    this.#apply(between(from, to, 1 - (1 - share) ** 3));
  }

  #apply(wanted: Pose): void {
    let pose = limited(wanted, this.#limits);
    const ground = this.hooks.groundBelow(eye(pose));
    const above = ground === undefined ? Number.POSITIVE_INFINITY : eye(pose).y - ground;
    if (above < EYE_CLEARANCE) {
      const { x, y, z } = pose.target;
      pose = { ...pose, target: { x, y: y + EYE_CLEARANCE - above, z } };
    }
    this.#pose = pose;
    const at = eye(pose);
    this.camera.position.set(at.x, at.y, at.z);
    this.camera.rotation.set(-pose.pitch, -pose.heading, 0, 'YXZ');
    // A near plane in step with the distance keeps the depth buffer exact far away.
    this.camera.near = Math.max(0.3, pose.distance / 200);
    this.camera.far = pose.distance + 40 * this.#limits.radius;
    this.camera.updateProjectionMatrix();
    this.camera.updateMatrixWorld();
    this.hooks.changed();
  }

  /** A ray through a point of the screen, -1 to 1 to the right and up. */
  rayThrough(screen: Vector2): Raycaster {
    this.#ray.setFromCamera(screen, this.camera);
    return this.#ray;
  }

  /**
   * Where a point of the screen meets a level plane; undefined towards the sky and so far
   * away that a small move of the hand would throw the town off the screen.
   */
  onPlane(screen: Vector2, height: number): Point | undefined {
    const { ray } = this.rayThrough(screen);
    const plane = new Plane(new Vector3(0, 1, 0), -height);
    const hit = ray.intersectPlane(plane, new Vector3());
    const reach = 6 * this.#pose.distance + this.#limits.nearest;
    return hit && hit.distanceTo(ray.origin) < reach ? hit : undefined;
  }
}
