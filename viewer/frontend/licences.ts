/** Writes the licences of everything in the bundle beside it, as they demand. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Plugin } from 'vite';

interface PackageFile {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
}

/** Folder of the package that a module of the bundle belongs to. */
function packageFolder(module: string): string | undefined {
  const inside = /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(module.replaceAll('\\', '/'));
  return inside?.[1];
}

function licenceText(folder: string): string {
  const file = readdirSync(folder).find((name) => /^licen[cs]e/i.test(name));
  return file === undefined ? '' : readFileSync(join(folder, file), 'utf-8').trim();
}

function entry(folder: string): string {
  const { name, version, license } = JSON.parse(
    readFileSync(join(folder, 'package.json'), 'utf-8'),
  ) as PackageFile;
  const text = licenceText(folder);
  if (license === undefined || text === '') {
    throw new Error(`${name}: wanted a licence and its text in ${folder}`);
  }
  return `${name} ${version} (${license})\n\n${text}\n`;
}

/** The plugin; it fails the build when a bundled package has no licence. */
export function licences(): Plugin {
  return {
    name: 'stadtbild-licences',
    apply: 'build',
    generateBundle(_options, bundle) {
      // What was shaken off is not shipped: only modules and files that are in the output.
      const modules = Object.values(bundle).flatMap((part) =>
        part.type === 'chunk' ? part.moduleIds : part.originalFileNames.map((f) => resolve(f)),
      );
      const folders = new Set(
        modules.map(packageFolder).filter((folder) => folder !== undefined),
      );
      const entries = [...folders]
        .filter((folder) => existsSync(join(folder, 'package.json')))
        .sort()
        .map(entry);
      const rule = `\n${'-'.repeat(72)}\n\n`;
      const title = 'Stadtbild is made with the work of others:\n';
      this.emitFile({
        type: 'asset',
        fileName: 'licences.txt',
        source: [title, ...entries].join(rule),
      });
    },
  };
}
