/** The data plane of brokers over a real store, real channels and a fake clock; only the network is replaced. */
import {
  ChannelHub,
  FlowScheduler,
  memoryDriver,
  type Capabilities,
  type Channel,
  type ChannelRef,
} from '@afflux/channels';
import { allIdle } from '@afflux/control';
import type { Outcome, Sender, SendRequest } from '@afflux/delivery';
import { makeEvent, type CloudEvent, type EventInput } from '@afflux/events';
import { RouteTable, type RequestContext } from '@afflux/ingress';
import { noopTracer, systemRandom } from '@afflux/kernel';
import { RecordingMeter, settle } from '@afflux/kernel/testing';
import type { ApiObject, Broker, Trigger } from '@afflux/resources';
import { expect, onTestFinished } from 'vitest';
import { BrokerDispatch } from '../dispatch/broker-dispatch.ts';
import type { DispatchDeps } from '../dispatch/deps.ts';
import { SinkDispatch } from '../dispatch/sink-dispatch.ts';
import { BROKER, KAFKA_SINK, TRIGGER } from '../model/kinds.ts';
import { CHANNEL_NAME, NAMESPACE } from './objects.ts';
import { startStore } from './table.ts';

const OK: Outcome = { kind: 'success', status: 200, durationMs: 1 };
const WITHOUT_CONTEXT: RequestContext = { passthrough: undefined, trace: undefined };
const CHANNEL: ChannelRef = { kind: 'InMemoryChannel', namespace: NAMESPACE, name: CHANNEL_NAME };

/** What a subscriber answers. */
export type Answer = (request: SendRequest) => Outcome | Promise<Outcome>;

/** Keeps every request; answers 200 unless told otherwise. */
class RecordingSender implements Sender {
  readonly requests: SendRequest[] = [];
  answer: Answer = () => OK;

  async send(request: SendRequest): Promise<Outcome> {
    this.requests.push(request);
    return this.answer(request);
  }

  /** Ids of the events sent to this address, in order. */
  idsTo(url: string): string[] {
    return this.requests.filter(({ target }) => target.url === url).map(({ event }) => event.id);
  }

  /** Holds all answers back until the function returned is called. */
  hold(): () => void {
    let open = (): void => undefined;
    const opened = new Promise<void>((resolve) => (open = resolve));
    this.answer = () => opened.then(() => OK);
    return open;
  }
}

export function event(id: string, more: Partial<EventInput> = {}): CloudEvent {
  return makeEvent({ id, source: '/producer', type: 'test.event', ...more });
}

export interface WorldOptions extends Pick<DispatchDeps, 'onAccepted' | 'onStep'> {
  /** What the driver of the channels promises beside what a memory channel does. */
  readonly capabilities?: Partial<Capabilities>;
  /** Called before a channel is opened; may throw. */
  readonly beforeOpen?: (ref: ChannelRef) => void;
  /** Changes a channel that was made. */
  readonly wrap?: (channel: Channel) => Channel;
}

export async function startDispatch(options: WorldOptions = {}) {
  const { capabilities, beforeOpen, wrap, ...hooks } = options;
  const { store, informers, clock, logger } = startStore();
  const sender = new RecordingSender();
  const routes = new RouteTable();
  const hub = new ChannelHub();
  const meter = new RecordingMeter();
  const driver = memoryDriver();
  const telemetry = { clock, random: systemRandom, logger, meter };
  const openChannel = (ref: ChannelRef) => {
    beforeOpen?.(ref);
    const make = () => {
      const channel = driver.create({ ...ref, ...telemetry, config: {} });
      return wrap?.(channel) ?? channel;
    };
    return hub.acquire(ref, make, { ...driver.capabilities, ...capabilities });
  };
  const makeDispatch = () =>
    new BrokerDispatch({
      ...telemetry,
      ...hooks,
      routes,
      openChannel,
      sender,
      scheduler: new FlowScheduler({ clock }),
      tracer: noopTracer,
      brokers: informers.get<Broker>(BROKER),
      triggers: informers.get<Trigger>(TRIGGER),
    });
  const dispatch = makeDispatch();
  const sinks = new SinkDispatch({
    ...telemetry,
    ...hooks,
    routes,
    openChannel,
    sinks: informers.get(KAFKA_SINK),
  });
  await informers.start();
  await dispatch.start();
  await sinks.start();
  onTestFinished(async () => {
    await dispatch.close();
    await sinks.close();
    await hub.close();
  });

  const rest = async (): Promise<void> => {
    await allIdle([informers]);
    await settle();
  };
  const world = {
    dispatch,
    /** Another one over the same store, channels and network, as after a restart. */
    makeDispatch,
    sender,
    routes,
    hub,
    logger,
    meter,
    clock,

    /** Creates the objects or replaces spec, metadata and status of those that exist. */
    async put(...objects: readonly ApiObject[]): Promise<void> {
      for (const object of objects) {
        const existing = await store.get(object, object.metadata).catch(() => undefined);
        const { resourceVersion = '', uid = '' } = existing?.metadata ?? {};
        const metadata = { ...object.metadata, resourceVersion, uid };
        const stored =
          existing === undefined
            ? await store.create(object)
            : await store.update({ ...object, metadata });
        await store.updateStatus({ ...stored, status: object.status ?? {} });
      }
      await rest();
    },

    async remove(object: ApiObject): Promise<void> {
      await store.delete(object, object.metadata);
      await rest();
    },

    /** A channel, held by somebody else as well; that of the broker unless `ref` says otherwise. */
    lease: (ref: ChannelRef = CHANNEL) => openChannel(ref),

    /** Posts to the broker `main`, or to another path; throws what the route throws. */
    async post(
      events: CloudEvent | readonly CloudEvent[],
      context = WITHOUT_CONTEXT,
      path = `/${NAMESPACE}/main`,
    ) {
      const route = routes.find(path, undefined);
      if (route === undefined) throw new Error('the broker has no route');
      await route.accept(Array.isArray(events) ? events : [events], context);
    },

    /** Resolves when the sender has so many requests. */
    async sent(count: number): Promise<readonly SendRequest[]> {
      await expect.poll(() => sender.requests.length).toBeGreaterThanOrEqual(count);
      return sender.requests;
    },

    /** Resolves when nothing is queued or in flight. */
    async settled(): Promise<void> {
      await hub.settled();
      await settle();
    },

    messages: () => logger.lines.map(({ message }) => message),
  };
  return world;
}
