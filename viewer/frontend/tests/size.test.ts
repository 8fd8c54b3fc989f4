import { brotliCompressSync } from 'node:zlib';
import { build } from 'vite';
import { expect, test } from 'vitest';

/** What a phone loads before the town appears. */
const LIMIT_BYTES = 260_000;

test('the scripts of the first view stay small', { timeout: 60_000 }, async () => {
  const result = await build({ logLevel: 'silent', build: { write: false } });
  const outputs = [result].flat().flatMap((part) => ('output' in part ? part.output : []));
  const sizes = outputs.flatMap((part) =>
    part.type === 'chunk' ? [brotliCompressSync(part.code).length] : [],
  );
  expect(sizes.length).toBeGreaterThan(1);
  expect(sizes.reduce((sum, size) => sum + size)).toBeLessThan(LIMIT_BYTES);
});
