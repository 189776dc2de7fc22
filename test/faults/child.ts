/** The product in a process that ends itself, as SIGKILL does, at a certain occurrence of a durability step. */
import { readFileSync } from 'node:fs';
import { createAfflux, parseConfigText } from '@afflux/server';

const { step, occurrence, port, controlPort, dataDir } = JSON.parse(process.argv[2] ?? '{}') as {
  readonly step: string;
  readonly occurrence: number;
  readonly port: number;
  readonly controlPort: number;
  readonly dataDir?: string;
};

let reached = 0;
const afflux = createAfflux({
  ...parseConfigText(readFileSync('afflux.yaml', 'utf8'), 'afflux.yaml'),
  port,
  controlPort,
  manifests: ['manifests.yaml'],
  watch: false,
  ...(dataDir === undefined ? {} : { dataDir }),
  onStep: (name) => {
    if (name !== step) return;
    reached += 1;
    if (reached === occurrence) process.kill(process.pid, 'SIGKILL');
  },
});
process.on('SIGTERM', () => void afflux.close().then(() => process.exit(0)));
await afflux.start();
process.stdout.write(`ready  events ${afflux.url}\n`);
// Timers of the product keep no process alive.
setInterval(() => undefined, 2 ** 30);
