/** `kubectl apply -f` of a file with a thousand new objects, as people do it: how long it takes, and what the server pays. */
import { spawn, spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { ALL, withContenders, type Contender } from './api-contender.ts';
import { LESS, note, rounds, rowsOf, type Figures, type Target } from './api-figures.ts';
import type { RealServers } from './api-real.ts';
import type { BenchRow, MeasureOptions, Row } from './row.ts';
import { withDirectory } from './stage.ts';

const OBJECTS = 1_000;

const NO_SLOWER: Target = { text: '≤ 1 × kube-apiserver', isMet: (ratio) => ratio <= 1 };

const NAME = 'api: kubectl apply of 1,000';

export function applyRow(real: RealServers): Row {
  return { name: NAME, measure: (options) => measure(options, real) };
}

async function measure(options: MeasureOptions, real: RealServers): Promise<BenchRow[]> {
  if (spawnSync('kubectl', ['version', '--client']).status !== 0) {
    process.stderr.write('api: kubectl apply not measured, kubectl is not in PATH\n');
    return [];
  }
  return withDirectory((directory) =>
    withContenders(ALL, real, async (contenders) => {
      const elapsed: Figures = new Map();
      const cpu: Figures = new Map();
      await rounds(options, contenders, async (contender, isCounted) => {
        const manifest = await writeManifest(directory, contender);
        const before = await contender.cpuMicros();
        const started = performance.now();
        await apply(directory, manifest, contender);
        const elapsedMs = performance.now() - started;
        const cpuMs = ((await contender.cpuMicros()) - before) / 1000;
        await contender.clear(contender.kinds.configMap);
        if (!isCounted) return;
        note(elapsed, contender, elapsedMs);
        note(cpu, contender, cpuMs);
      });
      return [
        ...rowsOf({ name: NAME, unit: 'ms', target: NO_SLOWER }, elapsed),
        ...rowsOf({ name: `${NAME}: CPU of the server`, unit: 'ms', target: LESS }, cpu),
      ];
    }),
  );
}

async function writeManifest(directory: string, contender: Contender): Promise<string> {
  const file = join(directory, `${contender.namespace}.yaml`);
  const { object } = contender.kinds.configMap;
  const documents = Array.from({ length: OBJECTS }, (_, index) =>
    stringify({ ...object, metadata: { name: `applied-${String(index)}` } }),
  );
  await writeFile(file, documents.join('---\n'));
  return file;
}

/** Resolves when all objects are there. */
async function apply(
  directory: string,
  manifest: string,
  { access, kubeconfig, name, namespace }: Contender,
): Promise<void> {
  // What discovery found stays between rounds, as it does for people.
  const cache = join(directory, `cache-${name}`);
  const flags = ['--cache-dir', cache, '--namespace', namespace];
  const server = kubeconfig === undefined ? ['--server', access.url] : [];
  const kubectl = spawn('kubectl', [...flags, ...server, 'apply', '-f', manifest], {
    env: { ...process.env, KUBECONFIG: kubeconfig ?? '/dev/null' },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const code = await new Promise((resolve) => kubectl.once('exit', resolve));
  if (code !== 0) throw new Error(`kubectl ended with ${String(code)}`);
}
