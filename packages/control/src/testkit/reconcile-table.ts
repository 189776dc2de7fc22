/**
 * Tests of reconcilers as tables. A row is: the world before, the key, and what is expected of one run: the
 * writes, in order, the status, the outcome. The world is a real memory store with real informers; the run is
 * the same sequence that the controller makes. Every row then runs a second time and must write nothing: a
 * reconciler that is not idempotent cannot pass. (Where the row made writes fail, there is one more run in
 * between, to which nothing fails and which may write what is missing.)
 */
import { systemRandom } from '@afflux/kernel';
import { FakeClock, recordingLogger, type RecordingLogger } from '@afflux/kernel/testing';
import type { ApiObject } from '@afflux/resources';
import { expect, it, onTestFinished } from 'vitest';
import { ObjectReconciler } from '../controller/object-reconciler.ts';
import type { ReconcileContext, Reconciler } from '../controller/reconciler.ts';
import { RequeueAfter, SkipKey } from '../errors.ts';
import { nextTurn } from '../event-loop.ts';
import { InformerSet } from '../informer/informer-set.ts';
import { MemoryStore } from '../memory/memory-store.ts';
import { mutableCopy } from '../store/json.ts';
import { kindId, parseKey } from '../store/keys.ts';
import type {
  Admission,
  GroupVersionKind,
  KindSource,
  ResourceStore,
} from '../store/resource-store.ts';
import { timestamp } from '../timestamp.ts';
import { observerOf, Tracker } from '../tracker.ts';
import { WARNING_HELD_MS } from '../controller/held-warnings.ts';
import { RecordingEvents } from './events.ts';
import { RecordingStore, type RecordedWrite, type WriteFailure } from './recording-store.ts';

/** What a reconciler can be made of. */
export interface TableWorld {
  readonly store: ResourceStore;
  readonly informers: InformerSet;
  readonly tracker: Tracker;
  readonly clock: FakeClock;
  readonly logger: RecordingLogger;
}

/** How a run is expected to end. */
export type ExpectedOutcome =
  | 'success'
  | 'skipped'
  | { readonly requeueAfterMs: number }
  /** Part of the message, or a pattern. */
  | { readonly error: string | RegExp };

/** A write with at least these properties. */
export type ExpectedWrite = Pick<RecordedWrite, 'verb'> & {
  readonly kind?: string;
  readonly key?: string;
  readonly object?: unknown;
  readonly patch?: unknown;
};

export interface ReconcileRow {
  /** What this row shows, as a sentence. */
  readonly name: string;
  /**
   * The objects that exist, owners before what they own. A `uid` is taken over; `status` and
   * `deletionTimestamp` too (the latter needs a finalizer). The generation is the store's: 1.
   */
  readonly world?: readonly ApiObject[];
  /** `<namespace>/<name>`. */
  readonly key: string;
  /** All writes of the first run, in order. Default none. */
  readonly writes?: readonly ExpectedWrite[];
  /** What the status of the object contains after the run. */
  readonly status?: unknown;
  /** Default `success`. */
  readonly outcome?: ExpectedOutcome;
  /** Writes that fail. */
  readonly failures?: readonly WriteFailure[];
  /** What the first run recorded of conditions and failures: `<type> <reason>` of each Event, in order. */
  readonly events?: readonly string[];
  /** What the run tracked: `<apiVersion>/<kind> <namespace>/<name>` of each object, in any order. */
  readonly tracked?: readonly string[];
}

export interface ReconcileTableOptions {
  readonly kind: GroupVersionKind;
  readonly registry: KindSource;
  /** Defaulting and validation for what the reconciler writes; the world is loaded without it. */
  readonly admission?: Admission;
  /** Further kinds that the reconciler reads through informers: these have seen the world before the run. */
  readonly reads?: readonly GroupVersionKind[];
  readonly make: (world: TableWorld) => Reconciler;
  readonly rows: readonly ReconcileRow[];
}

/** More than the status writer ever waits. */
const RETRY_WAIT_MS_MAX = 20;

/** Registers one test per row. */
export function reconcileTable(options: ReconcileTableOptions): void {
  for (const row of options.rows) {
    it(row.name, () => runRow(options, row));
  }
}

interface Outcome {
  readonly error: unknown;
}

/** Runs one row; rejects where it differs. */
export async function runRow(
  options: Omit<ReconcileTableOptions, 'rows'>,
  row: ReconcileRow,
): Promise<void> {
  const world = await makeWorld(options, row);
  const events = new RecordingEvents();
  const runner = new ObjectReconciler({
    reconciler: options.make(world),
    store: world.store,
    read: (key) => {
      const { namespace, name } = parseKey(key);
      return world.informers.get(options.kind).get(namespace, name);
    },
    clock: world.clock,
    random: systemRandom,
    events,
  });
  const first = await runOnce(world, runner, options.kind, row.key);
  expectOutcome(first, row.outcome ?? 'success');
  expect(world.store.takeWrites()).toMatchObject(row.writes ?? []);
  if (row.events !== undefined) {
    await world.clock.advance(WARNING_HELD_MS);
    expect(events.recorded.map(({ type, reason }) => `${type} ${reason}`)).toEqual(row.events);
  }
  if (row.status !== undefined) {
    const object = await world.store.get(options.kind, parseKey(row.key));
    expect(object).toMatchObject({ status: row.status });
  }
  if (row.tracked !== undefined) {
    const observer = observerOf(options.kind, parseKey(row.key));
    expect(world.tracker.tracked(observer).sort()).toEqual([...row.tracked].sort());
  }
  if (row.failures !== undefined) {
    world.store.stopFailing();
    await runOnce(world, runner, options.kind, row.key);
    world.store.takeWrites();
  }
  await runOnce(world, runner, options.kind, row.key);
  expect(world.store.takeWrites(), 'writes of a second run').toEqual([]);
}

async function makeWorld(
  options: Omit<ReconcileTableOptions, 'rows'>,
  row: ReconcileRow,
): Promise<TableWorld & { store: RecordingStore }> {
  const clock = new FakeClock();
  const logger = recordingLogger();
  const loading = { isOn: true, uid: undefined as string | undefined, count: 0 };
  const { admission } = options;
  const memory = new MemoryStore({
    clock,
    newId: () => loading.uid ?? `uid-${String((loading.count += 1))}`,
    registry: options.registry,
    ...(admission === undefined
      ? {}
      : {
          admission: (object, old, request) =>
            loading.isOn ? object : admission(object, old, request),
        }),
  });
  for (const object of row.world ?? []) {
    loading.uid = object.metadata.uid;
    await load(memory, object);
  }
  loading.uid = undefined;
  loading.isOn = false;
  const store = new RecordingStore(memory, row.failures);
  const informers = new InformerSet({ store, clock, logger });
  for (const kind of [options.kind, ...(options.reads ?? [])]) informers.get(kind);
  await informers.start();
  onTestFinished(() => informers.close());
  return { store, informers, tracker: new Tracker({ informers }), clock, logger };
}

async function load(store: ResourceStore, object: ApiObject): Promise<void> {
  const draft = mutableCopy(object);
  delete draft.metadata.resourceVersion;
  const created = await store.create(draft);
  if (object.status !== undefined && created.status === undefined) {
    await store.updateStatus({ ...created, status: object.status });
  }
  if (object.metadata.deletionTimestamp !== undefined) {
    const held = await store.delete(object, object.metadata);
    expect(held, `${kindId(object)} in deletion needs a finalizer`).toBeDefined();
  }
}

async function runOnce(
  world: TableWorld,
  runner: ObjectReconciler<ApiObject>,
  kind: GroupVersionKind,
  key: string,
): Promise<Outcome> {
  const observer = observerOf(kind, parseKey(key));
  const now = timestamp(world.clock);
  const context: ReconcileContext = {
    signal: new AbortController().signal,
    logger: world.logger,
    now: () => now,
    enqueueAfter: () => undefined,
  };
  world.tracker.passBegins(observer);
  let outcome: Outcome = { error: undefined };
  try {
    await advancing(world.clock, runner.run(key, context, context.signal));
  } catch (error) {
    outcome = { error };
  }
  await nextTurn();
  await world.informers.idle();
  return outcome;
}

/** Waits of the machinery itself, between two attempts at a status, are over at once; longer ones are not. */
async function advancing<R>(clock: FakeClock, work: Promise<R>): Promise<R> {
  const state = { isDone: false };
  const done = work.finally(() => {
    state.isDone = true;
  });
  // The caller awaits it in the end.
  done.catch(() => undefined);
  while (!state.isDone) {
    await nextTurn();
    const dueInMs = clock.nextDueInMs ?? Infinity;
    if (dueInMs <= RETRY_WAIT_MS_MAX) await clock.advance(dueInMs);
  }
  return done;
}

function expectOutcome({ error }: Outcome, expected: ExpectedOutcome): void {
  if (expected === 'success') expect(error).toBeUndefined();
  else if (expected === 'skipped') expect(error).toBeInstanceOf(SkipKey);
  else if ('requeueAfterMs' in expected) {
    expect(error).toBeInstanceOf(RequeueAfter);
    expect(error).toMatchObject({ delayMs: expected.requeueAfterMs });
  } else {
    expect(error).toBeInstanceOf(Error);
    expect(error instanceof Error ? error.message : '').toMatch(expected.error);
  }
}
