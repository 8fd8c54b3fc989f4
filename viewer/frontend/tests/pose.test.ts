import { PerspectiveCamera, Vector3 } from 'three';
import { expect, test } from 'vitest';
import {
  between,
  eye,
  HIGHEST_PITCH,
  LOWEST_PITCH,
  limited,
  moved,
  octant,
  type Point,
  type Pose,
  turned,
  zoomed,
} from '../src/town/pose';

const LIMITS = { middle: { x: 0, y: 0, z: 0 }, radius: 1000, nearest: 10, farthest: 3000 };
const pose: Pose = {
  target: { x: 120, y: 4, z: -80 },
  distance: 400,
  heading: 0.7,
  pitch: 0.6,
};
const house: Point = { x: 60, y: 9, z: -150 };

/** Where a point appears on the screen. */
function onScreen(at: Pose, point: Point): Vector3 {
  const camera = new PerspectiveCamera(40, 1.6, 1, 5000);
  const { x, y, z } = eye(at);
  camera.position.set(x, y, z);
  camera.rotation.set(-at.pitch, -at.heading, 0, 'YXZ');
  camera.updateMatrixWorld();
  return new Vector3(point.x, point.y, point.z).project(camera);
}

function expectSamePlace(one: Vector3, other: Vector3) {
  expect(one.x).toBeCloseTo(other.x, 6);
  expect(one.y).toBeCloseTo(other.y, 6);
}

test('the target is in the middle of the picture, whatever the angles', () => {
  expectSamePlace(onScreen(pose, pose.target), new Vector3(0, 0, 0));
});

test('heading 0 looks north and pitch looks down', () => {
  const north = { ...pose, heading: 0 };
  expect(eye(north).z).toBeGreaterThan(north.target.z);
  expect(eye(north).x).toBeCloseTo(north.target.x, 9);
  expect(eye(north).y).toBeGreaterThan(north.target.y);
});

test('coming nearer keeps the point under the cursor where it is', () => {
  const near = zoomed(pose, 0.5, house, LIMITS);
  expect(near.distance).toBe(200);
  expectSamePlace(onScreen(near, house), onScreen(pose, house));
});

test('at the nearest distance nothing moves any more', () => {
  const nearest = { ...pose, distance: LIMITS.nearest };
  expect(zoomed(nearest, 0.5, house, LIMITS)).toEqual(nearest);
});

test('turning keeps the point that is held where it is', () => {
  const spun = turned(pose, 0.4, -0.2, house);
  expect(spun.heading).toBeCloseTo(1.1, 9);
  expect(spun.pitch).toBeCloseTo(0.4, 9);
  expectSamePlace(onScreen(spun, house), onScreen(pose, house));
});

test('moving ahead goes where the camera looks', () => {
  const east = { ...pose, heading: Math.PI / 2 };
  expect(moved(east, 0, 10).target.x).toBeCloseTo(130, 9);
  expect(moved(east, 10, 0).target.z).toBeCloseTo(-70, 9);
});

test('no pose leaves the town, goes under the ground or over the head', () => {
  const wild = { target: { x: 3000, y: 4, z: 4000 }, distance: 1, heading: -1, pitch: 9 };
  const tame = limited(wild, LIMITS);
  expect(Math.hypot(tame.target.x, tame.target.z)).toBeCloseTo(1000, 6);
  expect(tame.distance).toBe(10);
  expect(tame.pitch).toBe(HIGHEST_PITCH);
  expect(tame.heading).toBeCloseTo(2 * Math.PI - 1, 9);
  expect(limited({ ...wild, pitch: -1 }, LIMITS).pitch).toBe(LOWEST_PITCH);
});

test('a flight turns the shorter way and halves distances by their ratio', () => {
  const from = { ...pose, heading: 0.1, distance: 10 };
  const to = { ...pose, heading: 2 * Math.PI - 0.1, distance: 1000 };
  const half = between(from, to, 0.5);
  expect(Math.min(half.heading, 2 * Math.PI - half.heading)).toBeCloseTo(0, 9);
  expect(half.distance).toBeCloseTo(100, 6);
  expect(between(from, to, 1).distance).toBeCloseTo(1000, 6);
});

test.each([
  [0, 0],
  [0.3, 0],
  [Math.PI / 2, 2],
  [-Math.PI / 2, 6],
  [6.2, 0],
])('a heading of %d is direction %d of eight', (heading, direction) => {
  expect(octant(heading)).toBe(direction);
});
