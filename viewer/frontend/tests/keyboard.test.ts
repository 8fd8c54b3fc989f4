import { expect, test } from 'vitest';
import { actionOf, stepped } from '../src/town/keyboard';
import type { Pose } from '../src/town/pose';

const LIMITS = { middle: { x: 0, y: 0, z: 0 }, radius: 1000, nearest: 10, farthest: 3000 };
const pose: Pose = { target: { x: 0, y: 0, z: 0 }, distance: 400, heading: 0, pitch: 0.6 };

function press(
  key: string,
  held: Partial<Record<'shiftKey' | 'ctrlKey' | 'altKey' | 'metaKey', boolean>> = {},
) {
  return actionOf({
    key,
    shiftKey: false,
    ctrlKey: false,
    altKey: false,
    metaKey: false,
    ...held,
  });
}

function after(key: string, shiftKey = false): Pose | undefined {
  const action = press(key, { shiftKey });
  return action && stepped(pose, action, LIMITS);
}

test('arrows move over the ground by an eighth of the distance', () => {
  expect(after('ArrowRight')?.target.x).toBeCloseTo(50, 9);
  expect(after('ArrowLeft')?.target.x).toBeCloseTo(-50, 9);
  expect(after('ArrowUp')?.target.z).toBeCloseTo(-50, 9);
  expect(after('ArrowDown')?.target.z).toBeCloseTo(50, 9);
});

test('shift and arrows turn', () => {
  expect(after('ArrowRight', true)?.heading).toBeCloseTo(Math.PI / 18, 9);
  expect(after('ArrowRight', true)?.target.x).toBeCloseTo(0, 9);
});

test('page keys tilt, plus and minus change the distance', () => {
  expect(after('PageUp')?.pitch).toBeGreaterThan(pose.pitch);
  expect(after('PageDown')?.pitch).toBeLessThan(pose.pitch);
  expect(after('+')?.distance).toBeCloseTo(320, 9);
  expect(after('+', true)?.distance).toBeCloseTo(320, 9);
  expect(after('-')?.distance).toBeCloseTo(500, 9);
});

test.each([
  ['Home', 'home'],
  ['n', 'north'],
  ['N', 'north'],
  ['Enter', 'pick'],
  ['Escape', 'clear'],
])('%s means %s', (key, kind) => {
  expect(press(key)?.kind).toBe(kind);
});

test('keys of the browser and of the reader stay theirs', () => {
  expect(press('Tab')).toBeUndefined();
  expect(press('+', { ctrlKey: true })).toBeUndefined();
  expect(press('ArrowLeft', { altKey: true })).toBeUndefined();
  expect(press('n', { metaKey: true })).toBeUndefined();
});
