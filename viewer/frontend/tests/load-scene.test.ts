import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { LoadError, loadScene } from '../src/load-scene';

const BASE = 'https://www.soest.de/stadtbild/';
const scene = readFileSync(
  new URL('../../../tests/contracts/scene.json', import.meta.url),
  'utf-8',
);
const entry = {
  id: 'muster-soest',
  title: 'A',
  notice: '',
  href: '/stadtbild/api/v1/scenes/muster-soest',
};

/** A server of prepared answers, by path. */
function server(answers: Record<string, string | number>): typeof fetch {
  return async (address) => {
    const answer = answers[new URL(String(address)).pathname];
    if (answer === undefined) throw new TypeError('network');
    return typeof answer === 'number'
      ? new Response('', { status: answer })
      : new Response(answer);
  };
}

test('finds the scene below the path the page is mounted at', async () => {
  const ask = server({
    '/stadtbild/api/v1/scenes': JSON.stringify({ scenes: [entry] }),
    '/stadtbild/api/v1/scenes/muster-soest': scene,
  });
  expect((await loadScene(BASE, ask))?.title).toBe('Muster-Soest');
});

test('a server without a town is no fault', async () => {
  const ask = server({ '/stadtbild/api/v1/scenes': '{"scenes": []}' });
  expect(await loadScene(BASE, ask)).toBeUndefined();
});

test.each([
  ['no connection', {}, 'unreachable'],
  ['a server in trouble', { '/stadtbild/api/v1/scenes': 503 }, 'unreachable'],
  ['an answer that is no JSON', { '/stadtbild/api/v1/scenes': '<html>' }, 'broken'],
  ['an answer against the contract', { '/stadtbild/api/v1/scenes': '{"scenes": 1}' }, 'broken'],
])('tells %s apart', async (_name, answers, fault) => {
  const refusal = await loadScene(BASE, server(answers)).catch((error) => error);
  expect(refusal).toBeInstanceOf(LoadError);
  expect(refusal.fault).toBe(fault);
});
