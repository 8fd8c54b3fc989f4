/**
 * Where the camera stands: a point it looks at, a distance, and two angles. All changes
 * are pure functions, so that mouse, fingers, keys and flights share one set of rules.
 *
 * Frame: metres, x east, y up, z south, the scene's origin at 0. Angles in radians.
 */

export interface Point {
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

export interface Pose {
  readonly target: Point;
  /** Metres from the target. */
  readonly distance: number;
  /** Direction of view, clockwise from north. */
  readonly heading: number;
  /** Angle of view below the horizon. */
  readonly pitch: number;
}

/** What poses are allowed. */
export interface Limits {
  readonly middle: Point;
  /** Metres the target may lie from the middle of the town. */
  readonly radius: number;
  readonly nearest: number;
  readonly farthest: number;
}

/** Just above the horizon, so that the sky stays a strip; just short of straight down. */
export const LOWEST_PITCH = (4 * Math.PI) / 180;
export const HIGHEST_PITCH = (89 * Math.PI) / 180;

const TURN = 2 * Math.PI;

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}

/** The same direction between 0 and a full turn. */
export function normalHeading(heading: number): number {
  return ((heading % TURN) + TURN) % TURN;
}

/** The nearest pose that the limits allow. */
export function limited(pose: Pose, limits: Limits): Pose {
  const { x, y, z } = limits.middle;
  const [east, south] = [pose.target.x - x, pose.target.z - z];
  const away = Math.hypot(east, south);
  const scale = away > limits.radius ? limits.radius / away : 1;
  // A finger that zooms at a spire lifts the target; it must not climb out of the town.
  const height = clamp(pose.target.y, y - limits.radius / 4, y + limits.radius / 4);
  return {
    target: { x: x + east * scale, y: height, z: z + south * scale },
    distance: clamp(pose.distance, limits.nearest, limits.farthest),
    heading: normalHeading(pose.heading),
    pitch: clamp(pose.pitch, LOWEST_PITCH, HIGHEST_PITCH),
  };
}

/** Unit vector of view. */
export function forward({ heading, pitch }: Pose): Point {
  return {
    x: Math.sin(heading) * Math.cos(pitch),
    y: -Math.sin(pitch),
    z: -Math.cos(heading) * Math.cos(pitch),
  };
}

/** Where the camera is. */
export function eye(pose: Pose): Point {
  const view = forward(pose);
  return {
    x: pose.target.x - view.x * pose.distance,
    y: pose.target.y - view.y * pose.distance,
    z: pose.target.z - view.z * pose.distance,
  };
}

/** Moves the target by metres to the right and forward, as seen on the ground. */
export function moved(pose: Pose, right: number, ahead: number): Pose {
  const [sin, cos] = [Math.sin(pose.heading), Math.cos(pose.heading)];
  const { x, y, z } = pose.target;
  return {
    ...pose,
    target: { x: x + right * cos + ahead * sin, y, z: z + right * sin - ahead * cos },
  };
}

/**
 * Brings everything nearer to one point by a factor of the distance; the point stays
 * where it is on the screen, because the scene is only scaled around it.
 */
export function zoomed(pose: Pose, factor: number, around: Point, limits: Limits): Pose {
  const distance = clamp(pose.distance * factor, limits.nearest, limits.farthest);
  const scale = distance / pose.distance;
  const { target } = pose;
  return {
    ...pose,
    distance,
    target: {
      x: around.x + (target.x - around.x) * scale,
      y: around.y + (target.y - around.y) * scale,
      z: around.z + (target.z - around.z) * scale,
    },
  };
}

/** Turns the camera around a point by angles; the point keeps its place on the screen. */
export function turned(pose: Pose, byHeading: number, byPitch: number, around: Point): Pose {
  const pitch = clamp(pose.pitch + byPitch, LOWEST_PITCH, HIGHEST_PITCH);
  const heading = normalHeading(pose.heading + byHeading);
  const at = eye(pose);
  // The pivot in the camera's own axes stays the same; only the axes turn.
  const old = axes(pose);
  const offset = { x: around.x - at.x, y: around.y - at.y, z: around.z - at.z };
  const own = old.map((axis) => axis.x * offset.x + axis.y * offset.y + axis.z * offset.z);
  const fresh = axes({ ...pose, heading, pitch });
  const spun = { x: 0, y: 0, z: 0 };
  fresh.forEach((axis, ix) => {
    const length = own[ix] ?? 0;
    spun.x += axis.x * length;
    spun.y += axis.y * length;
    spun.z += axis.z * length;
  });
  const view = forward({ ...pose, heading, pitch });
  return {
    distance: pose.distance,
    heading,
    pitch,
    target: {
      x: around.x - spun.x + view.x * pose.distance,
      y: around.y - spun.y + view.y * pose.distance,
      z: around.z - spun.z + view.z * pose.distance,
    },
  };
}

/** The camera's right, up and forward directions. */
function axes(pose: Pose): readonly [Point, Point, Point] {
  const { heading, pitch } = pose;
  const right = { x: Math.cos(heading), y: 0, z: Math.sin(heading) };
  const up = {
    x: Math.sin(heading) * Math.sin(pitch),
    y: Math.cos(pitch),
    z: -Math.cos(heading) * Math.sin(pitch),
  };
  return [right, up, forward(pose)];
}

/** The pose a share of the way from one to another, turning the shorter way round. */
export function between(from: Pose, to: Pose, share: number): Pose {
  const mix = (a: number, b: number) => a + (b - a) * share;
  const turn = normalHeading(to.heading - from.heading + Math.PI) - Math.PI;
  return {
    target: {
      x: mix(from.target.x, to.target.x),
      y: mix(from.target.y, to.target.y),
      z: mix(from.target.z, to.target.z),
    },
    // Distances are felt by their ratio: half way from 10 m to 1000 m is 100 m.
    distance: from.distance * (to.distance / from.distance) ** share,
    heading: normalHeading(from.heading + turn * share),
    pitch: mix(from.pitch, to.pitch),
  };
}

/** Which of eight directions the camera looks to, 0 for north, clockwise. */
export function octant(heading: number): number {
  return Math.round(normalHeading(heading) / (TURN / 8)) % 8;
}
