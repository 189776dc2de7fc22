/**
 * A whole home of channels in one process, as a server would compose it: memory store with admission,
 * informers, the controllers, the data plane on memory channels, and a listener on a free port. Nothing is
 * replaced; time is real unless a clock is given.
 */
import {
  ChannelHub,
  type ChannelLease,
  type ChannelRef,
  FlowScheduler,
  memoryDriver,
} from '@afflux/channels';
import {
  AddressResolver,
  allIdle,
  InformerSet,
  localServices,
  MemoryStore,
  Tracker,
} from '@afflux/control';
import { EventSender } from '@afflux/delivery';
import { EventListener, ingressConfigSchema, RouteTable } from '@afflux/ingress';
import { type Clock, newUuid, noopTracer, systemClock, systemRandom } from '@afflux/kernel';
import { recordingLogger, RecordingMeter } from '@afflux/kernel/testing';
import type { ApiObject, FeatureFlag } from '@afflux/resources';
import { onTestFinished } from 'vitest';
import { ChannelDispatch, type ChannelDispatchOptions, messagingControllers } from '../index.ts';
import { admissionContext, admissionWith, REGISTRY } from './admission.ts';
import { NAMESPACE } from './objects.ts';

export interface WorldOptions {
  readonly clock?: Clock;
  readonly flags?: Partial<Record<FeatureFlag, string>>;
  /** Addresses of `v1` Services by `<namespace>/<name>`. */
  readonly services?: ReadonlyMap<string, string>;
  readonly deletedDrainMsMax?: number;
  /** In the store before anything starts. */
  readonly before?: readonly ApiObject[];
  /** Differences of the data plane. */
  readonly dispatch?: Partial<ChannelDispatchOptions>;
}

export type World = Awaited<ReturnType<typeof startWorld>>;

export async function startWorld(options: WorldOptions = {}) {
  const { clock = systemClock, services = new Map<string, string>() } = options;
  const logger = recordingLogger();
  const meter = new RecordingMeter();
  const telemetry = { clock, random: systemRandom, logger, meter };
  const admission = () => admissionContext(options.flags);
  const store = new MemoryStore({
    clock,
    newId: newUuid,
    registry: REGISTRY,
    admission: admissionWith(admission),
    logger,
  });
  const informers = new InformerSet({ store, clock, logger });
  const tracker = new Tracker({ informers });
  const resolver = new AddressResolver({
    store,
    informers,
    registry: REGISTRY,
    services: localServices(services),
    tracker,
  });
  const routes = new RouteTable();
  const hub = new ChannelHub();
  const driver = memoryDriver();
  const sender = new EventSender({ clock, config: { allowLoopback: true } });
  const config = ingressConfigSchema.parse({ port: 0 });
  const listener = new EventListener({ routes, clock, logger, meter }, config);
  await listener.start();
  const base = `http://127.0.0.1:${String(listener.address.port)}`;

  const controllers = messagingControllers({
    ...telemetry,
    store,
    informers,
    registry: REGISTRY,
    admission,
    resolver,
    tracker,
    addresses: { channelUrl: (namespace, name) => `${base}/${namespace}/channels/${name}` },
  });
  const open = (ref: ChannelRef): ChannelLease =>
    hub.acquire(
      ref,
      () => driver.create({ ...ref, ...telemetry, config: {} }),
      driver.capabilities,
    );
  const dispatchOptions: ChannelDispatchOptions = {
    ...telemetry,
    informers,
    routes,
    openChannel: open,
    sender,
    scheduler: new FlowScheduler({ clock }),
    tracer: noopTracer,
    ...(options.deletedDrainMsMax === undefined
      ? {}
      : { deletedDrainMsMax: options.deletedDrainMsMax }),
    ...options.dispatch,
  };
  const dispatch = new ChannelDispatch(dispatchOptions);

  for (const object of options.before ?? []) await store.create(object);
  const components = [informers, sender, hub, dispatch, ...controllers];
  for (const component of components) await component.start();
  onTestFinished(async () => {
    for (const component of [listener, ...components.reverse()]) await component.close();
  });

  const idle = () => allIdle([informers, ...controllers]);
  return {
    store,
    informers,
    hub,
    open,
    dispatch,
    logger,
    meter,
    routes,
    controllers,
    listener,
    base,
    idle,

    /** Creates the objects and waits until the controllers are at rest. */
    async apply(...objects: readonly ApiObject[]): Promise<void> {
      for (const object of objects) await store.create(object);
      await idle();
    },

    /** Merges `body` into an object of the messaging group, as a user would, and waits for rest. */
    async change(kind: string, name: string, body: object): Promise<void> {
      const key = { namespace: NAMESPACE, name };
      await store.patch({ apiVersion: apiVersionOf(kind), kind }, key, { type: 'merge', body });
      await idle();
    },

    /** Deletes an object and waits for rest. */
    async remove(kind: string, name: string): Promise<void> {
      await store.delete({ apiVersion: apiVersionOf(kind), kind }, { namespace: NAMESPACE, name });
      await idle();
    },

    async get<T extends ApiObject>(kind: string, name: string): Promise<T> {
      const gvk = { apiVersion: apiVersionOf(kind), kind };
      return (await store.get(gvk, { namespace: NAMESPACE, name })) as T;
    },

    /** Resolves when nothing is queued or in flight in any channel. */
    async settled(): Promise<void> {
      await hub.settled();
    },

    channelUrl: (name: string) => `${base}/${NAMESPACE}/channels/${name}`,
  };
}

function apiVersionOf(kind: string): string {
  if (kind === 'Service') return 'v1';
  return kind === 'Sequence' || kind === 'Parallel'
    ? 'flows.knative.dev/v1'
    : 'messaging.knative.dev/v1';
}
