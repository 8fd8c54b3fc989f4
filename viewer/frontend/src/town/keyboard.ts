/** Which key does what: the whole town can be seen and asked without a pointer. */

import { type Limits, moved, type Pose, turned, zoomed } from './pose';

export type KeyAction =
  | { readonly kind: 'move'; readonly right: number; readonly ahead: number }
  | { readonly kind: 'turn'; readonly heading: number; readonly pitch: number }
  | { readonly kind: 'zoom'; readonly factor: number }
  | { readonly kind: 'home' | 'north' | 'pick' | 'clear' };

export interface Key {
  readonly key: string;
  readonly shiftKey: boolean;
  readonly ctrlKey: boolean;
  readonly altKey: boolean;
  readonly metaKey: boolean;
}

/** One press moves by an eighth of the distance, turns by 10 degrees, zooms by a fifth. */
const STEP = 1 / 8;
const ANGLE = (10 * Math.PI) / 180;
const ZOOM = 1.25;

const plain: Readonly<Record<string, KeyAction>> = {
  ArrowLeft: { kind: 'move', right: -STEP, ahead: 0 },
  ArrowRight: { kind: 'move', right: STEP, ahead: 0 },
  ArrowUp: { kind: 'move', right: 0, ahead: STEP },
  ArrowDown: { kind: 'move', right: 0, ahead: -STEP },
  PageUp: { kind: 'turn', heading: 0, pitch: ANGLE },
  PageDown: { kind: 'turn', heading: 0, pitch: -ANGLE },
  '+': { kind: 'zoom', factor: 1 / ZOOM },
  '=': { kind: 'zoom', factor: 1 / ZOOM },
  '-': { kind: 'zoom', factor: ZOOM },
  Home: { kind: 'home' },
  n: { kind: 'north' },
  Enter: { kind: 'pick' },
  Escape: { kind: 'clear' },
};

const shifted: Readonly<Record<string, KeyAction>> = {
  ArrowLeft: { kind: 'turn', heading: -ANGLE, pitch: 0 },
  ArrowRight: { kind: 'turn', heading: ANGLE, pitch: 0 },
  ArrowUp: { kind: 'turn', heading: 0, pitch: -ANGLE },
  ArrowDown: { kind: 'turn', heading: 0, pitch: ANGLE },
};

/** The action of a key, or undefined: then the key stays the browser's. */
export function actionOf({
  key,
  shiftKey,
  ctrlKey,
  altKey,
  metaKey,
}: Key): KeyAction | undefined {
  if (ctrlKey || altKey || metaKey) return undefined;
  const name = key.length === 1 ? key.toLowerCase() : key;
  return (shiftKey ? shifted[name] : undefined) ?? plain[name];
}

/** The pose after a key, or undefined for actions that are not about the camera's step. */
export function stepped(pose: Pose, action: KeyAction, limits: Limits): Pose | undefined {
  switch (action.kind) {
    case 'move':
      return moved(pose, action.right * pose.distance, action.ahead * pose.distance);
    case 'turn':
      return turned(pose, action.heading, action.pitch, pose.target);
    case 'zoom':
      return zoomed(pose, action.factor, pose.target, limits);
    default:
      return undefined;
  }
}
