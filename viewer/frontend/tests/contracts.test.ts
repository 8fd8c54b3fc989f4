import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ContractError, parseScene, parseSceneList } from '../src/contracts';

function contract(name: string) {
  const file = new URL(`../../../tests/contracts/${name}`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf-8'));
}

interface Refused {
  readonly why: string;
  readonly at: readonly (string | number)[];
  readonly value: unknown;
  readonly names: string;
}

describe('the contract with the server', () => {
  test('is read with every value', () => {
    const scene = parseScene(contract('scene.json'));
    expect(scene.title).toBe('Muster-Soest');
    expect(scene.notice).toBe('Musterdaten, nicht das amtliche Modell');
    expect(scene.origin).toEqual({
      longitudeDeg: 8.107,
      latitudeDeg: 51.5736,
      heightEllipsoidal: 141.5,
    });
    expect(scene.height).toEqual({
      verticalCrs: 'DHHN2016',
      method: 'EGM96',
      accuracyM: 0.5,
      undulationM: 46.26,
    });
    expect(scene.layers.map(({ id, kind, href }) => [id, kind, href])).toEqual([
      ['buildings', 'buildings', 'tileset.json'],
      ['terrain', 'terrain', 'terrain/tileset.json'],
    ]);
  });

  test('keeps an unknown accuracy unknown', () => {
    const plain = contract('scene.json');
    plain.height.accuracy_m = null;
    expect(parseScene(plain).height.accuracyM).toBeNull();
  });

  test('takes the absolute paths of the server', () => {
    const plain = contract('scene.json');
    plain.layers[0].href = '/stadt/tiles/tileset.json';
    expect(parseScene(plain).layers[0]?.href).toBe('/stadt/tiles/tileset.json');
  });

  test.each(contract('scene_refused.json') as Refused[])(
    'refuses $why',
    ({ at, value, names }) => {
      const plain = contract('scene.json');
      const place = at.slice(0, -1).reduce((inner, step) => inner[step], plain);
      place[at.at(-1) ?? ''] = value;
      expect(() => parseScene(plain)).toThrow(ContractError);
      expect(() => parseScene(plain)).toThrow(names);
    },
  );

  test.each(Object.keys(contract('scene.json')))('refuses a scene without %s', (key) => {
    const plain = contract('scene.json');
    delete plain[key];
    expect(() => parseScene(plain)).toThrow(`scene.${key} is missing`);
  });

  test('reads the list of scenes, strictly too', () => {
    const entry = {
      id: 'muster-soest',
      title: 'A',
      notice: '',
      href: '/api/v1/scenes/muster-soest',
    };
    expect(parseSceneList({ scenes: [entry] })).toEqual([
      { id: 'muster-soest', href: '/api/v1/scenes/muster-soest' },
    ]);
    expect(() => parseSceneList({ scenes: [{ ...entry, href: '//example.org/x' }] })).toThrow(
      'href',
    );
    expect(() => parseSceneList({ scenes: [], more: 1 })).toThrow('list.more');
  });
});
