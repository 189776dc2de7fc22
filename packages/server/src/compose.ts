/**
 * How everything fits: the one place that knows all parts. Long, linear and boring on purpose; read it from top
 * to bottom to learn what a process consists of. Nothing here is started.
 *
 *     store ── informers ── controllers (broker, trigger, channels, …)     control plane
 *       │
 *       └───── informers ── dispatch of brokers and channels               data plane
 *                              │  routes ◀── event listener ◀── producers
 *                              └─ hub of channels ── flows ── couriers ── sender ──▶ subscribers
 */
import type { ResourceApiOptions } from '@afflux/api';
import {
  BrokerDispatch,
  BrokerReconciler,
  BrokerSubscriptions,
  EventTypeReconciler,
  KafkaBrokerReconciler,
  KafkaSinkReconciler,
  RabbitmqBrokerReconciler,
  SinkDispatch,
  TriggerReconciler,
} from '@afflux/broker';
import { ChannelHub, FlowScheduler, type ChannelRef } from '@afflux/channels';
import {
  AddressResolver,
  ConfigWatcher,
  Controller,
  ConvertingStore,
  EventReaper,
  EventRecorder,
  InformerSet,
  isNotFound,
  localServices,
  MemoryStore,
  Tracker,
  type GroupVersionKind,
  type Reconciler,
  type ResourceStore,
} from '@afflux/control';
import { EventSender, senderConfigSchema } from '@afflux/delivery';
import { EventListener, HostGuard, ingressConfigSchema, RouteTable } from '@afflux/ingress';
import {
  newUuid,
  systemClock,
  systemRandom,
  type Clock,
  type Component,
  type Logger,
  type Meter,
  type OnStep,
  type Random,
  type Tracer,
} from '@afflux/kernel';
import {
  ChannelDispatch,
  DURABLE_CHANNEL,
  IN_MEMORY_CHANNEL,
  KAFKA_CHANNEL,
  messagingControllers,
  RABBITMQ_CHANNEL,
} from '@afflux/messaging';
import type { Health } from '@afflux/observability';
import {
  builtinKinds,
  CONTROLLER_USER,
  type ApiObject,
  type Broker,
  type KafkaSink,
  type KindRegistry,
  type KnativeStatus,
  type Trigger,
} from '@afflux/resources';
import { addressBook } from './address-book.ts';
import { storeAdmission } from './admission.ts';
import { BacklogDirectory } from './backlogs/directory.ts';
import { BacklogReporter } from './backlogs/backlog-reporter.ts';
import { CrdReconciler, DEFINITION } from './cluster/crd-reconciler.ts';
import { assertKindStays } from './cluster/terminating-kinds.ts';
import { UserKinds } from './cluster/user-kinds.ts';
import { storedAs } from './cluster/stored-versions.ts';
import { ShippedDefinitions } from './cluster/shipped-definitions.ts';
import { NamespaceReconciler } from './cluster/namespace-reconciler.ts';
import type { CallerGuard } from './control-guard.ts';
import { DataHome } from './data-home.ts';
import { DeadLetterResource } from './api/dead-letters.ts';
import { JobResource } from './api/jobs.ts';
import { API_RESOURCES } from './api/api-resources.ts';
import type { ApiRoutesOptions } from './api/routes.ts';
import { backingsOf } from './channels/backings.ts';
import { Drivers } from './channels/drivers.ts';
import { OpenChannels } from './channels/open-channels.ts';
import type { Config } from './config.ts';
import { EventTypeRecorder } from './event-type-recorder.ts';
import { JobTable } from './jobs/job-table.ts';
import { localDelivery } from './local-delivery.ts';
import { SystemConfig } from './system-config.ts';

const BROKER = { apiVersion: 'eventing.knative.dev/v1', kind: 'Broker' } as const;
/** The version in which EventTypes are kept; the others show the same objects. */
const EVENT_TYPE_VERSION = 'eventing.knative.dev/v1beta2';
const TRIGGER = { apiVersion: 'eventing.knative.dev/v1', kind: 'Trigger' } as const;

const SUBSCRIPTION = { apiVersion: 'messaging.knative.dev/v1', kind: 'Subscription' } as const;
const KAFKA_SINK = { apiVersion: 'eventing.knative.dev/v1alpha1', kind: 'KafkaSink' } as const;

/** Channel kinds that are served and that templates may name. */
const CHANNEL_KINDS: readonly GroupVersionKind[] = [
  IN_MEMORY_CHANNEL,
  DURABLE_CHANNEL,
  KAFKA_CHANNEL,
  RABBITMQ_CHANNEL,
];

/** Kinds of objects that are carried by a channel. */
const CARRIED_KINDS: readonly GroupVersionKind[] = [BROKER, KAFKA_SINK, ...CHANNEL_KINDS];

type Reported = ApiObject<unknown, KnativeStatus>;

/** Kinds whose status tells of backlogs. */
const REPORTED_KINDS: readonly GroupVersionKind[] = [...CARRIED_KINDS, TRIGGER, SUBSCRIPTION];

export interface Telemetry {
  readonly logger: Logger;
  readonly meter: Meter;
  readonly tracer: Tracer;
  readonly health: Pick<Health, 'set'>;
}

/** The parts of a process, in the order in which they start. */
export interface Composition {
  readonly registry: KindRegistry;
  readonly store: ResourceStore;
  readonly informers: InformerSet;
  readonly systemConfig: SystemConfig;
  readonly controllers: readonly Controller[];
  readonly hub: ChannelHub;
  readonly listener: EventListener;
  readonly api: ApiRoutesOptions;
  readonly resourceApi: Omit<ResourceApiOptions, 'version'>;
  readonly callers: CallerGuard;
  /** Started before anything is written to the store. */
  readonly dataHome: DataHome;
  readonly brokerUrl: (namespace: string, name: string) => string;
  readonly channelUrl: (namespace: string, name: string) => string;
  readonly components: readonly Component[];
}

/** Kinds, store and settings alone: what it takes to judge manifests. */
export interface StoreComposition {
  readonly registry: KindRegistry;
  readonly userKinds: UserKinds;
  /** Where the objects are; keeps each in one version. */
  readonly memory: MemoryStore;
  /** The same, in every version that is served. */
  readonly store: ResourceStore;
  readonly informers: InformerSet;
  readonly configWatcher: ConfigWatcher;
  readonly systemConfig: SystemConfig;
}

export function composeStore(
  config: Pick<Config, 'systemNamespace'>,
  deps: {
    readonly clock: Clock;
    readonly random: Random;
    readonly logger: Logger;
    readonly meter: Meter;
  },
): StoreComposition {
  const registry = builtinKinds();
  const userKinds = new UserKinds({ registry });
  const { clock, random, logger, meter } = deps;
  const admission = storeAdmission(registry, () => systemConfig);
  const memory: MemoryStore = new MemoryStore({
    clock,
    random,
    logger,
    newId: newUuid,
    registry,
    // Above all lives before, so that whoever watched one of those is told to list again.
    firstVersion: clock.now(),
    admission,
  });
  const store = new ConvertingStore(memory, storedAs(registry), admission);
  const informers: InformerSet = new InformerSet({ store, clock, logger, meter, random });
  const configWatcher = new ConfigWatcher({
    informers,
    systemNamespace: config.systemNamespace,
    logger,
  });
  const systemConfig: SystemConfig = new SystemConfig(configWatcher, config.systemNamespace);
  return { registry, userKinds, memory, store, informers, configWatcher, systemConfig };
}

export function compose(config: Config, telemetry: Telemetry, onStep?: OnStep): Composition {
  const clock = systemClock;
  const random = systemRandom;
  const { logger, meter, tracer, health } = telemetry;

  // The world: objects and their settings.
  const parts = composeStore(config, { clock, random, logger, meter });
  const { registry, userKinds, memory, store, informers, configWatcher, systemConfig } = parts;
  const definitions = new ShippedDefinitions({ store });
  const dataHome = new DataHome({ path: config.dataDir, store: memory, userKinds, clock, logger });
  const events = new EventRecorder({ component: 'afflux', store, clock, random, logger, meter });
  const eventReaper = new EventReaper({ store, clock, logger });
  const tracker = new Tracker({ informers });
  const resolver = new AddressResolver({
    store,
    informers,
    registry,
    tracker,
    services: localServices(new Map(Object.entries(config.services))),
    mapReference: systemConfig.mapReference,
  });

  // The way in and the way out.
  const routes = new RouteTable();
  const ingressConfig = ingressConfigSchema.parse({
    host: config.host,
    port: config.port,
    bodyBytesMax: config.ingress.bodyMax,
    bodiesBytesMax: config.ingress.bodiesMax,
    headersTimeoutMs: config.ingress.headersTimeout,
    requestTimeoutMs: config.ingress.requestTimeout,
    connectionsMax: config.ingress.connectionsMax,
    allowedHosts: config.ingress.allowedHosts,
    allowedOrigins: config.ingress.allowedOrigins,
  });
  const listener = new EventListener(
    { routes, clock, logger, meter, tracer, onStep },
    ingressConfig,
  );
  const httpSender = new EventSender({
    clock,
    config: senderConfigSchema.parse({
      allowLoopback: config.delivery.allowPrivate,
      allowPrivate: config.delivery.allowPrivate,
      connectionsPerOriginMax: config.delivery.connectionsPerOrigin,
      replyBytesMax: config.ingress.bodyMax,
    }),
  });
  const addresses = addressBook(config, () => listener.address);
  const sender = localDelivery({
    sender: httpSender,
    routes,
    origins: addresses.ownOrigins,
    clock,
  });

  /** The object of a name, among those that backlogs and channels belong to. */
  const find = (kind: string, namespace: string, name: string): Reported | undefined => {
    for (const gvk of REPORTED_KINDS) {
      const found =
        gvk.kind === kind ? informers.get<Reported>(gvk).get(namespace, name) : undefined;
      if (found !== undefined) return found;
    }
    return undefined;
  };

  // Channels: drivers are known only here.
  const drivers = new Drivers({ config, directory: () => dataHome.directory, clock, logger });
  const hub = new ChannelHub();
  const kafkaFeatures = () => systemConfig.kafkaFeatures;
  const { sources, ...backings } = backingsOf({
    informers,
    systemNamespace: config.systemNamespace,
    kafkaFeatures,
    find: ({ kind, namespace, name }) => find(kind, namespace, name),
    kinds: CARRIED_KINDS,
  });
  const channels = new OpenChannels({
    hub,
    drivers,
    ...backings,
    context: { clock, random, logger, meter, ...(onStep === undefined ? {} : { onStep }) },
    logger,
  });

  const eventTypes = new EventTypeRecorder({
    store,
    features: () => systemConfig.features,
    clock,
    logger,
  });

  // Data plane: follows the store.
  const scheduler = new FlowScheduler({ clock });
  const dispatchDeps = {
    routes,
    openChannel: channels.open,
    sender,
    scheduler,
    clock,
    random,
    logger,
    meter,
    tracer,
    ...(onStep === undefined ? {} : { onStep }),
  };
  const brokerDispatch = new BrokerDispatch({
    ...dispatchDeps,
    onAccepted: eventTypes.note,
    brokers: informers.get<Broker>(BROKER),
    triggers: informers.get<Trigger>(TRIGGER),
  });
  const sinkDispatch = new SinkDispatch({
    ...dispatchDeps,
    sinks: informers.get<KafkaSink>(KAFKA_SINK),
  });
  const channelDispatch = new ChannelDispatch({
    ...dispatchDeps,
    informers,
    channelKinds: CHANNEL_KINDS,
    onAccepted: eventTypes.note,
  });

  // Control plane: reconcilers, each with a queue of its own.
  const lookUp = async (reference: {
    apiVersion: string;
    kind: string;
    namespace: string;
    name: string;
  }): Promise<ApiObject | undefined> => {
    if (registry.get(reference.apiVersion, reference.kind) === undefined) return undefined;
    try {
      return await store.get(reference, reference);
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  };
  const { provision } = channels;
  const subscriptions = new BrokerSubscriptions({
    triggers: informers.get<Trigger>(TRIGGER),
    kafkaFeatures,
  });
  const { brokerUrl, sinkUrl } = addresses;
  const ownChannel = { sources, provision, subscriptions, resolver, tracker, brokerUrl };
  const reconcilers: readonly Reconciler[] = [
    new NamespaceReconciler({ store, registry }),
    new CrdReconciler({ store, userKinds }),
    new KafkaBrokerReconciler(ownChannel),
    new RabbitmqBrokerReconciler(ownChannel),
    new KafkaSinkReconciler({ sources, provision, tracker, sinkUrl }),
    new BrokerReconciler({
      store,
      registry,
      resolver,
      tracker,
      channelKinds: CHANNEL_KINDS.map(({ kind }) => kind),
      brokerUrl,
    }),
    new EventTypeReconciler({ apiVersion: EVENT_TYPE_VERSION, registry, tracker, lookUp }),
    new TriggerReconciler({
      brokers: informers.get<Broker>(BROKER),
      registry,
      resolver,
      tracker,
      lookUp,
      provision,
      subscriptions,
    }),
  ];
  const brokerControllers = reconcilers.map(
    (reconciler) =>
      new Controller({
        name: controllerName(reconciler),
        store,
        informer: informers.get(reconciler.kind),
        reconciler,
        clock,
        random,
        logger,
        meter,
        tracker,
        events,
      }),
  );

  const controllers: readonly Controller[] = [
    ...brokerControllers,
    ...messagingControllers({
      store,
      informers,
      registry,
      admission: () => systemConfig.admissionContext(CONTROLLER_USER),
      resolver,
      tracker,
      addresses,
      channelKinds: CHANNEL_KINDS,
      backingSources: sources,
      provision: channels.provisionOf,
      isInUse: (ref) => hub.get(ref) !== undefined,
      clock,
      random,
      logger,
      meter,
      events,
    }),
  ];

  // What people see of backlogs, and do with them.
  const directory = new BacklogDirectory({
    hub,
    metadataOf: ({ kind, namespace, name }: ChannelRef) => find(kind, namespace, name)?.metadata,
  });
  const reporter = new BacklogReporter({ directory, store, find, health, clock, logger, meter });
  const jobs = new JobTable({ clock, logger });
  const deadLetters = new DeadLetterResource(directory);

  return {
    registry,
    store,
    informers,
    systemConfig,
    controllers,
    hub,
    listener,
    api: {
      deadLetters,
      jobs: new JobResource({ directory, deadLetters, table: jobs, clock }),
      logger,
    },
    resourceApi: {
      store,
      registry,
      extra: API_RESOURCES,
      protectedNamespaces: ['default', config.systemNamespace],
      prepare: async (definition, verb) => {
        if (definition.kind === DEFINITION.kind) await definitions.ensure();
        if (verb === 'create') assertKindStays(definition, informers.get(DEFINITION));
      },
      clock,
      random,
      newId: newUuid,
      logger,
    },
    callers: new HostGuard(ingressConfig),
    dataHome,
    ...addresses,
    // Started in this order, stopped in the reverse: the listener first, what delivers last.
    components: [
      dataHome,
      httpSender,
      informers,
      configWatcher,
      drivers,
      hub,
      channels,
      eventTypes,
      events,
      eventReaper,
      brokerDispatch,
      sinkDispatch,
      channelDispatch,
      ...controllers,
      jobs,
      reporter,
      listener,
    ],
  };
}

/** Brokers have a controller for each class. */
function controllerName({ kind: { apiVersion, kind }, finalizer }: Reconciler): string {
  const version = apiVersion.slice(apiVersion.lastIndexOf('/') + 1);
  const [name] = kind === 'Broker' && finalizer !== undefined ? finalizer.split('.') : [kind];
  return `${(name ?? kind).toLowerCase()}-${version}-controller`;
}
