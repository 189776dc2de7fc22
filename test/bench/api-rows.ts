/**
 * The API beside a real kube-apiserver with its etcd: requests per second and processor time per request, how fast
 * one write reaches a hundred watches, and `kubectl apply` of a thousand objects. Servers take turns round by
 * round; without a real one the rows show our own figures.
 */
import { applyRow } from './api-apply.ts';
import {
  ALL,
  IN_MEMORY,
  withContenders,
  type Contender,
  type ContenderName,
} from './api-contender.ts';
import type { Verb, VerbLoad, VerbReport, WriteReport } from './api-load.ts';
import { LESS, MORE, note, rounds, rowsOf, type Figures } from './api-figures.ts';
import { KIND_TITLES, type BenchKind, type KindName } from './api-objects.ts';
import { RealServers } from './api-real.ts';
import type { Row } from './row.ts';
import { percentile } from './statistics.ts';

const CONNECTIONS = 16;
const ROUND_MS = 2_500;
/** A namespace of ours takes 10,000 objects. */
const CREATES_MAX = 9_000;
/** Objects that are there for all verbs but `create`. */
const EXISTING = 1_000;

async function fill(contender: Contender, kind: BenchKind): Promise<void> {
  await contender.load.ask('closed', {
    ...loadOf(contender, kind, 'create'),
    names: 'item',
    durationMs: 60_000,
    requestsMax: EXISTING,
  });
}

function loadOf(contender: Contender, kind: BenchKind, verb: Verb): VerbLoad {
  return {
    verb,
    collection: kind.collection(contender.namespace),
    object: kind.object,
    names: verb === 'create' ? 'new' : 'item',
    count: EXISTING,
    connections: CONNECTIONS,
    durationMs: ROUND_MS,
    requestsMax: verb === 'create' ? CREATES_MAX : Number.MAX_SAFE_INTEGER,
  };
}

/** Requests of one verb about one kind. */
function verbRow(
  verb: Verb,
  kindName: KindName,
  names: readonly ContenderName[],
  real: RealServers,
): Row {
  const title = verb === 'list' ? 'list of 1,000' : verb;
  const name = `api: ${title}, ${KIND_TITLES[kindName]}`;
  return {
    name,
    measure: (options) =>
      withContenders(names, real, async (contenders) => {
        const rates: Figures = new Map();
        const cpu: Figures = new Map();
        if (verb !== 'create') {
          for (const contender of contenders) await fill(contender, contender.kinds[kindName]);
        }
        await rounds(options, contenders, async (contender, isCounted) => {
          const figures = await round(contender, contender.kinds[kindName], verb);
          if (!isCounted) return;
          note(rates, contender, figures.perSecond);
          note(cpu, contender, figures.cpuMicros);
        });
        return [
          ...rowsOf({ name, unit: 'requests/s', target: MORE }, rates),
          ...rowsOf({ name: `${name}: CPU`, unit: 'µs/request', target: LESS }, cpu),
        ];
      }),
  };
}

async function round(
  contender: Contender,
  kind: BenchKind,
  verb: Verb,
): Promise<{ readonly perSecond: number; readonly cpuMicros: number }> {
  const before = await contender.cpuMicros();
  const load = loadOf(contender, kind, verb);
  const { requests, elapsedMs } = (await contender.load.ask('closed', load)) as VerbReport;
  const after = await contender.cpuMicros();
  if (verb === 'create') await contender.clear(kind);
  return { perSecond: (requests * 1000) / elapsedMs, cpuMicros: (after - before) / requests };
}

const WATCHERS = 100;
const WRITES = 200;

/** One object is written again and again, each time when all watches have shown it. */
function fanOutRow(real: RealServers): Row {
  const name = 'api: 1 write to 100 watchers';
  return {
    name,
    measure: (options) =>
      withContenders(IN_MEMORY, real, async (contenders) => {
        const rates: Figures = new Map();
        const cpu: Figures = new Map();
        const p50: Figures = new Map();
        const p99: Figures = new Map();
        for (const contender of contenders) {
          const kind = contender.kinds.configMap;
          await contender.load.ask('closed', {
            ...loadOf(contender, kind, 'create'),
            names: 'item',
            requestsMax: 1,
          });
          const collection = kind.collection(contender.namespace);
          await contender.load.ask('watch', { collection, watchers: WATCHERS });
        }
        await rounds(options, contenders, async (contender, isCounted) => {
          const { object, collection } = contender.kinds.configMap;
          const before = await contender.cpuMicros();
          const report = (await contender.load.ask('write', {
            collection: collection(contender.namespace),
            object,
            name: 'item-0',
            writes: WRITES,
          })) as WriteReport;
          const cpuMicros = (await contender.cpuMicros()) - before;
          if (!isCounted) return;
          const events = WRITES * WATCHERS;
          note(rates, contender, (events * 1000) / report.elapsedMs);
          note(cpu, contender, cpuMicros / events);
          note(p50, contender, percentile(report.delaysMs, 0.5));
          note(p99, contender, percentile(report.delaysMs, 0.99));
        });
        for (const contender of contenders) await contender.load.ask('unwatch');
        return [
          ...rowsOf({ name, unit: 'events/s', target: MORE }, rates),
          ...rowsOf({ name: `${name}: CPU`, unit: 'µs/event', target: LESS }, cpu),
          ...rowsOf({ name: `${name}: last one after, p50`, unit: 'ms', target: LESS }, p50),
          ...rowsOf({ name: `${name}: last one after, p99`, unit: 'ms', target: LESS }, p99),
        ];
      }),
  };
}

export function apiRows(env: Readonly<Record<string, string | undefined>>): readonly Row[] {
  const real = new RealServers(env);
  const rows = [
    verbRow('create', 'configMap', ALL, real),
    verbRow('create', 'custom', ALL, real),
    verbRow('update', 'configMap', ALL, real),
    verbRow('update', 'custom', ALL, real),
    // Reads are answered from memory, whether or not there is a disk.
    verbRow('get', 'configMap', IN_MEMORY, real),
    verbRow('get', 'custom', IN_MEMORY, real),
    verbRow('list', 'configMap', IN_MEMORY, real),
    verbRow('list', 'custom', IN_MEMORY, real),
    fanOutRow(real),
    applyRow(real),
  ];
  return rows.map((row) => ({ ...row, close: () => real.close() }));
}
