/** Builds the page into viewer/assets, which the Python wheel carries. */

import { defineConfig } from 'vitest/config';
import { licences } from './licences.ts';

export default defineConfig({
  // The page may be mounted below any path, such as soest.de/stadtbild/.
  base: './',
  build: {
    outDir: '../assets',
    emptyOutDir: true,
    target: 'es2022',
    // The polyfill would be an inline script, which our content policy forbids.
    modulePreload: { polyfill: false },
    // Data addresses for fonts would need a wider policy.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1000,
    reportCompressedSize: false,
  },
  plugins: [licences()],
  server: { proxy: { '/api': 'http://127.0.0.1:8000', '/tiles': 'http://127.0.0.1:8000' } },
  test: { include: ['tests/**/*.test.ts'], environment: 'node' },
});
