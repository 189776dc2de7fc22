/** Writes `crds/` anew: `npm run crds`. Files of kinds that are no more go away. */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { crdFiles } from './files.ts';

// Run from the root of the repository, as npm does.
const folder = resolve('crds');
mkdirSync(folder, { recursive: true });
for (const name of readdirSync(folder)) {
  if (name.endsWith('.yaml')) rmSync(join(folder, name));
}
for (const { name, text } of await crdFiles()) writeFileSync(join(folder, name), text);
