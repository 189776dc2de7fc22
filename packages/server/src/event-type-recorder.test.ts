import { StoreError, type ResourceStore } from '@afflux/control';
import { makeEvent, type CloudEvent } from '@afflux/events';
import { systemClock } from '@afflux/kernel';
import { FakeClock, recordingLogger, settle } from '@afflux/kernel/testing';
import {
  isDnsSubdomain,
  SHIPPED_FEATURES,
  type ApiObject,
  type EventType,
  type Features,
} from '@afflux/resources';
import { describe, expect, it, vi } from 'vitest';
import { EventTypeRecorder, type Emitter } from './event-type-recorder.ts';
import { broker, startStore } from './testing/store.ts';

const ON: Features = {
  ...SHIPPED_FEATURES,
  flags: { ...SHIPPED_FEATURES.flags, 'eventtype-auto-create': 'Enabled' },
};
const BROKER: Emitter = {
  apiVersion: 'eventing.knative.dev/v1',
  kind: 'Broker',
  namespace: 'default',
  name: 'main',
  uid: 'u-1',
};

function event(type: string, source = '/s', extra: { dataschema?: string } = {}) {
  return makeEvent({ id: '1', source, type, ...extra });
}

/** A recorder over a store that is told what each create does; `created` are those that succeeded. */
function startRecorder(create: () => Promise<void> = () => Promise.resolve()) {
  const created: ApiObject[] = [];
  const logger = recordingLogger();
  const store = {
    create: async (object: ApiObject) => {
      await create();
      created.push(object);
    },
  } as unknown as ResourceStore;
  const recorder = new EventTypeRecorder({
    store,
    features: () => ON,
    clock: new FakeClock(),
    logger,
  });
  return { recorder, created, logger };
}

/** All of the writes that are queued are done, as the store takes no time. */
async function written(count: number, created: readonly unknown[]): Promise<void> {
  await expect.poll(() => created).toHaveLength(count);
}

describe('with a real store', () => {
  it('makes an object once per type and source and emitter, when the flag says so', async () => {
    const { store, systemConfig, configure } = await startStore();
    const recorder = new EventTypeRecorder({
      store,
      features: () => systemConfig.features,
      clock: systemClock,
      logger: recordingLogger(),
    });
    const kind = { apiVersion: 'eventing.knative.dev/v1beta3', kind: 'EventType' };
    const count = async () => (await store.list(kind)).items.length;
    const [first, second] = [
      await store.create(broker('main')),
      await store.create(broker('second')),
    ].map(({ metadata: { name, uid = '' } }): Emitter => ({ ...BROKER, name, uid }));
    if (first === undefined || second === undefined) throw new Error('two brokers');
    recorder.note(event('a'), first);
    await settle();
    expect(await count()).toBe(0);
    await configure('config-features', { 'eventtype-auto-create': 'enabled' });
    for (const one of [event('a'), event('a'), event('b'), event('a', '/other')]) {
      recorder.note(one, first);
    }
    recorder.note(event('a'), second);
    await expect.poll(count).toBe(4);
    const { items } = await store.list(kind);
    expect(items.map(({ spec }) => spec)).toContainEqual(
      expect.objectContaining({
        reference: {
          apiVersion: BROKER.apiVersion,
          kind: 'Broker',
          namespace: 'default',
          name: 'main',
        },
      }),
    );
    await recorder.close();
  });
});

describe('failures and bounds', () => {
  it('a create that failed is tried again with the next event of that type', async () => {
    let isBroken = true;
    const { recorder, created, logger } = startRecorder(() =>
      isBroken ? Promise.reject(new Error('not now')) : Promise.resolve(),
    );
    recorder.note(event('a'), BROKER);
    await settle();
    expect(logger.lines).toMatchObject([
      { level: 'warn', message: 'event type cannot be created' },
    ]);
    isBroken = false;
    recorder.note(event('a'), BROKER);
    recorder.note(event('a'), BROKER);
    await written(1, created);
    await settle();
    expect(created).toHaveLength(1);
  });

  it('an object that is there already is no failure and not tried again', async () => {
    const create = vi.fn(() =>
      Promise.reject(new StoreError('AFFLUX_STORE_ALREADY_EXISTS', 'there')),
    );
    const { recorder, logger } = startRecorder(create);
    recorder.note(event('a'), BROKER);
    await settle();
    recorder.note(event('a'), BROKER);
    await settle();
    expect(create).toHaveBeenCalledTimes(1);
    expect(logger.lines).toEqual([]);
  });

  it('what does not fit the queue is noted again with its next event', async () => {
    let open = (): void => undefined;
    const opened = new Promise<void>((resolve) => (open = resolve));
    const { recorder, created } = startRecorder(() => opened);
    const types = Array.from({ length: 1500 }, (_, index) => `type-${String(index)}`);
    for (const type of types) recorder.note(event(type), BROKER);
    open();
    // One that is being written, and a queue of a thousand.
    await written(1001, created);
    for (const type of types) recorder.note(event(type), BROKER);
    await written(1500, created);
  });

  it('a write that hangs is given up after its time', async () => {
    const clock = new FakeClock();
    const signals: (AbortSignal | undefined)[] = [];
    const store = {
      create: (_object: ApiObject, { signal }: { signal?: AbortSignal }) => {
        signals.push(signal);
        return new Promise(() => undefined);
      },
    } as unknown as ResourceStore;
    const logger = recordingLogger();
    const recorder = new EventTypeRecorder({ store, features: () => ON, clock, logger });
    recorder.note(event('a'), BROKER);
    await clock.advance(29_999);
    expect(signals.map((signal) => signal?.aborted)).toEqual([false]);
    await clock.advance(1);
    expect(signals.map((signal) => signal?.aborted)).toEqual([true]);
  });

  it('once closed it writes nothing more', async () => {
    let open = (): void => undefined;
    const opened = new Promise<void>((resolve) => (open = resolve));
    const { recorder, created } = startRecorder(() => opened);
    recorder.note(event('a'), BROKER);
    recorder.note(event('b'), BROKER);
    await recorder.close();
    open();
    await settle();
    expect(created).toHaveLength(1);
  });
});

/** What is made for an event. */
async function objectFor(of: CloudEvent, emitter = BROKER): Promise<ApiObject> {
  const { recorder, created } = startRecorder();
  recorder.note(of, emitter);
  await written(1, created);
  const [object] = created;
  if (object === undefined) throw new Error('nothing was made');
  return object;
}

describe('the object', () => {
  it('names type, source, schema and owner', async () => {
    const object = await objectFor(event('a', '/s', { dataschema: 'http://s/1' }));
    expect((object.spec as EventType['spec']).attributes).toEqual([
      { name: 'type', required: true, value: 'a' },
      { name: 'source', required: true, value: '/s' },
      { name: 'schemadata', required: false, value: 'http://s/1' },
      { name: 'specversion', required: true, value: '1.0' },
      { name: 'id', required: true },
    ]);
    expect(object.metadata.ownerReferences).toMatchObject([{ kind: 'Broker', uid: 'u-1' }]);
  });

  it.each(['main', 'a.b', 'm'.repeat(63), 'm'.repeat(253), `${'m'.repeat(216)}.${'n'.repeat(36)}`])(
    'has a DNS-1123 name that differs by type for an emitter called %s',
    async (name) => {
      const emitter = { ...BROKER, name };
      const names = [
        (await objectFor(event('a'), emitter)).metadata.name,
        (await objectFor(event('b'), emitter)).metadata.name,
      ];
      expect(names.map(isDnsSubdomain)).toEqual([true, true]);
      expect(names[0]).not.toBe(names[1]);
    },
  );

  it('keeps the name that the original gives it', async () => {
    expect((await objectFor(event('a'))).metadata.name).toMatch(/^et-main-[0-9a-f]{32}$/);
  });
});
