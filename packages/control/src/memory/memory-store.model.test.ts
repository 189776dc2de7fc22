/**
 * Model check: random histories of writes on the store, beside a model so small that it is obviously right. After
 * each step the answers agree; at the end, what a watch has told and what an informer holds agree with what the
 * store lists.
 */
import { newUuid } from '@afflux/kernel';
import { FakeClock, recordingLogger, settle } from '@afflux/kernel/testing';
import { fc } from '@fast-check/vitest';
import { expect, it } from 'vitest';
import { isConflict, isNotFound, StoreError } from '../errors.ts';
import { Informer } from '../informer/informer.ts';
import { keyOf } from '../store/keys.ts';
import { GADGET, gadget, KIT_KINDS, type KitObject } from '../testkit/kinds.ts';
import { WatchRecorder } from '../testkit/watch-recorder.ts';
import { MemoryStore } from './memory-store.ts';

interface ModelObject {
  spec: unknown;
  status: unknown;
  label: string | undefined;
  hasFinalizer: boolean;
  isDeleting: boolean;
  generation: number;
  /** Counts writes that changed something; stale handles have an older one. */
  revision: number;
  incarnation: number;
}

interface Model {
  readonly objects: Map<string, ModelObject>;
  incarnations: number;
}

interface Real {
  readonly store: MemoryStore;
  /** Every state that was ever returned, by name and by what the model counted then. */
  readonly handles: Map<string, KitObject[]>;
}

type Command = fc.AsyncCommand<Model, Real>;

const FINALIZER = 'gadgets.kit.afflux.dev';

function remember(real: Real, name: string, object: KitObject): void {
  real.handles.set(name, [...(real.handles.get(name) ?? []), object]);
}

async function check(model: Model, real: Real, name: string): Promise<void> {
  const expected = model.objects.get(name);
  const key = { namespace: 'ns', name };
  if (expected === undefined) {
    await expect(real.store.get(GADGET, key)).rejects.toSatisfy(isNotFound);
    return;
  }
  const actual = (await real.store.get(GADGET, key)) as KitObject;
  expect({
    spec: actual.spec,
    status: actual.status,
    label: actual.metadata.labels?.['x'],
    hasFinalizer: (actual.metadata.finalizers ?? []).length > 0,
    isDeleting: actual.metadata.deletionTimestamp !== undefined,
    generation: actual.metadata.generation,
  }).toEqual({
    spec: expected.spec,
    status: expected.status,
    label: expected.label,
    hasFinalizer: expected.hasFinalizer,
    isDeleting: expected.isDeleting,
    generation: expected.generation,
  });
}

/** Runs a write; gives back the error that the store refused it with. */
async function attempt(real: Real, name: string, write: () => Promise<KitObject | undefined>) {
  try {
    const result = await write();
    if (result !== undefined) remember(real, name, result);
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(StoreError);
    return error;
  }
}

function create(name: string, size: number, hasFinalizer: boolean): Command {
  return {
    check: () => true,
    toString: () => `create(${name}, ${String(size)}, ${String(hasFinalizer)})`,
    async run(model, real) {
      const metadata = {
        namespace: 'ns',
        name,
        ...(hasFinalizer ? { finalizers: [FINALIZER] } : {}),
      };
      const error = await attempt(real, name, () => real.store.create(gadget(metadata, { size })));
      expect(error !== undefined).toBe(model.objects.has(name));
      if (error === undefined) {
        model.objects.set(name, {
          spec: { size },
          status: undefined,
          label: undefined,
          hasFinalizer,
          isDeleting: false,
          generation: 1,
          revision: 1,
          incarnation: (model.incarnations += 1),
        });
      }
      await check(model, real, name);
    },
  };
}

/** Writes from some state seen earlier: only the newest may win. */
function write(
  name: string,
  age: number,
  label: string,
  change: (handle: KitObject) => KitObject,
  apply: (object: ModelObject) => void,
  verb: 'update' | 'updateStatus',
): Command {
  return {
    check: (model) => model.incarnations > 0,
    toString: () => `${verb}(${name}, ${label}, age ${String(age)})`,
    async run(model, real) {
      const handles = real.handles.get(name) ?? [];
      const handle = handles[handles.length - 1 - age];
      if (handle === undefined) return;
      const object = model.objects.get(name);
      const present =
        object === undefined ? undefined : await real.store.get(GADGET, handle.metadata);
      const isFresh = present?.metadata.resourceVersion === handle.metadata.resourceVersion;
      const error = await attempt(real, name, () => real.store[verb](change(handle)));
      // A handle carries the uid of what was read, so that also an object that is gone conflicts.
      if (object === undefined || !isFresh) expect(error).toSatisfy(isConflict);
      else {
        expect(error).toBeUndefined();
        apply(object);
      }
      await check(model, real, name);
    },
  };
}

function update(name: string, age: number, size: number): Command {
  return write(
    name,
    age,
    `size ${String(size)}`,
    (handle) => ({ ...handle, spec: { size }, status: { ignored: true } }),
    (object) => {
      if ((object.spec as { size: number }).size !== size) object.generation += 1;
      object.spec = { size };
    },
    'update',
  );
}

function updateStatus(name: string, age: number, phase: string): Command {
  return write(
    name,
    age,
    phase,
    (handle) => ({ ...handle, spec: { size: -1 }, status: { phase } }),
    (object) => {
      object.status = { phase };
    },
    'updateStatus',
  );
}

function label(name: string, value: string): Command {
  return {
    check: () => true,
    toString: () => `label(${name}, ${value})`,
    async run(model, real) {
      const body = { metadata: { labels: { x: value } } };
      const error = await attempt(
        real,
        name,
        () =>
          real.store.patch(
            GADGET,
            { namespace: 'ns', name },
            { type: 'merge', body },
          ) as Promise<KitObject>,
      );
      const object = model.objects.get(name);
      expect(error !== undefined).toBe(object === undefined);
      if (object !== undefined) object.label = value;
      await check(model, real, name);
    },
  };
}

function remove(name: string): Command {
  return {
    check: () => true,
    toString: () => `delete(${name})`,
    async run(model, real) {
      const error = await attempt(
        real,
        name,
        () =>
          real.store.delete(GADGET, { namespace: 'ns', name }) as Promise<KitObject | undefined>,
      );
      const object = model.objects.get(name);
      expect(error !== undefined).toBe(object === undefined);
      if (object?.hasFinalizer === false) model.objects.delete(name);
      else if (object !== undefined && !object.isDeleting) {
        object.isDeleting = true;
        object.generation += 1;
      }
      await check(model, real, name);
    },
  };
}

function clearFinalizer(name: string): Command {
  return {
    check: () => true,
    toString: () => `clearFinalizer(${name})`,
    async run(model, real) {
      const body = { metadata: { finalizers: null } };
      await attempt(
        real,
        name,
        () =>
          real.store.patch(
            GADGET,
            { namespace: 'ns', name },
            { type: 'merge', body },
          ) as Promise<KitObject>,
      );
      const object = model.objects.get(name);
      if (object?.isDeleting === true) model.objects.delete(name);
      else if (object !== undefined) object.hasFinalizer = false;
      await check(model, real, name);
    },
  };
}

const name = fc.constantFrom('a', 'b', 'c');
const age = fc.constantFrom(0, 0, 0, 1, 2);

const commands = fc.commands(
  [
    fc.tuple(name, fc.nat(3), fc.boolean()).map((args) => create(...args)),
    fc.tuple(name, age, fc.nat(3)).map((args) => update(...args)),
    fc.tuple(name, age, fc.constantFrom('Ready', 'Broken')).map((args) => updateStatus(...args)),
    fc.tuple(name, fc.constantFrom('1', '2')).map((args) => label(...args)),
    name.map(remove),
    name.map(clearFinalizer),
  ],
  { size: '+1' },
);

/** Plays the changes of a watch over nothing. */
function replay(watch: WatchRecorder): Map<string, unknown> {
  const objects = new Map<string, unknown>();
  for (const { type, object } of watch.changes) {
    const key = keyOf(object);
    expect(objects.has(key)).toBe(type !== 'ADDED');
    if (type === 'DELETED') objects.delete(key);
    else objects.set(key, object);
  }
  return objects;
}

it('behaves as its model in every history, and watches and informers agree with it', async () => {
  await fc.assert(
    fc.asyncProperty(commands, async (history) => {
      const clock = new FakeClock();
      const store = new MemoryStore({ clock, newId: newUuid, registry: KIT_KINDS });
      const watch = new WatchRecorder(store, GADGET);
      const informer = new Informer({ store, gvk: GADGET, clock, logger: recordingLogger() });
      await informer.start();
      const setup = () => ({
        model: { objects: new Map<string, ModelObject>(), incarnations: 0 },
        real: { store, handles: new Map<string, KitObject[]>() },
      });
      await fc.asyncModelRun(setup, history);
      await settle();
      const { items } = await store.list(GADGET);
      const listed = new Map<string, unknown>(items.map((object) => [keyOf(object), object]));
      expect(replay(watch)).toEqual(listed);
      expect(new Map(informer.list().map((object) => [keyOf(object), object]))).toEqual(listed);
      const versions = watch.changes.map(({ object }) => Number(object.metadata.resourceVersion));
      expect(versions).toEqual([...versions].sort((left, right) => left - right));
      await watch.close();
      await informer.close();
    }),
    { numRuns: 60 },
  );
});
