/** How large the town is, and from where it is seen first. */

import type { Limits, Point, Pose } from './pose';

export interface Extent {
  /** The middle of the town, at its lowest ground. */
  readonly middle: Point;
  /** Metres from there to its farthest corner. */
  readonly radius: number;
}

/** Until the tiles have told their size. */
export const UNKNOWN_TOWN: Extent = { middle: { x: 0, y: 0, z: 0 }, radius: 600 };

/** Steep enough to see into the streets, flat enough to see the towers stand. */
const START_PITCH = (36 * Math.PI) / 180;
/** From farther away a large town would be a pattern, not houses. */
const FARTHEST_START = 900;

/** North up, the middle of the town in view; on a narrow screen from a little farther. */
export function startPose({ middle, radius }: Extent, aspect: number): Pose {
  const narrow = Math.min(2, Math.max(1, 1 / aspect));
  const distance = Math.min(0.9 * radius, FARTHEST_START) * (0.65 + 0.35 * narrow);
  return { target: middle, distance, heading: 0, pitch: START_PITCH };
}

export function limitsOf({ middle, radius }: Extent): Limits {
  return { middle, radius: 1.1 * radius, nearest: 8, farthest: 3.5 * radius };
}
