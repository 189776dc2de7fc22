#!/usr/bin/env node
import { existsSync } from 'node:fs';

// The bundle starts in half the time; `dist` is what a build without it leaves.
const candidates = ['../bundle/main.mjs', '../dist/main.js'];
const built = candidates
  .map((path) => new URL(path, import.meta.url))
  .find((url) => existsSync(url));
if (built === undefined) {
  process.stderr.write('afflux is not built yet: run `npm run build` first\n');
  process.exit(1);
}
const { main } = await import(built.href);
// Timers of the product keep no process alive; a command that only waits (`send --rate`) has to stay all the same.
const untilDone = setInterval(() => undefined, 2 ** 30);
process.exitCode = await main(process.argv.slice(2));
clearInterval(untilDone);
