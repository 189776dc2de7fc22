/** What reconcilers are made of in table tests: everything real, over the table's store. */
import {
  AddressResolver,
  InformerSet,
  isNotFound,
  localServices,
  MemoryStore,
  StoreError,
  Tracker,
  type Admission,
  type GroupVersionKind,
  type Informer,
  type ReconcileContext,
  type Reconciler,
} from '@afflux/control';
import { reconcileTable, type ReconcileRow, type TableWorld } from '@afflux/control/testkit';
import { newUuid } from '@afflux/kernel';
import { FakeClock, recordingLogger } from '@afflux/kernel/testing';
import {
  admit,
  builtinKinds,
  SHIPPED_BROKER_DEFAULTS,
  SHIPPED_CHANNEL_DEFAULTS,
  SHIPPED_FEATURES,
  SHIPPED_KAFKA_FEATURES,
  type ApiObject,
  type Broker,
  type Condition,
  type ConfigMap,
  type RabbitmqBrokerConfig,
  type Secret,
} from '@afflux/resources';
import { expect, onTestFinished } from 'vitest';
import type { BackingSources } from '../model/backing-sources.ts';
import { BROKER, TRIGGER } from '../model/kinds.ts';
import { BrokerSubscriptions } from '../reconcile/broker-subscriptions.ts';
import type { LookUp } from '../reconcile/dependency.ts';

export const REGISTRY = builtinKinds();

export interface BrokerWorld extends TableWorld {
  readonly resolver: AddressResolver;
  readonly lookUp: LookUp;
  readonly sources: BackingSources;
  readonly subscriptions: BrokerSubscriptions;
  readonly brokers: Informer<Broker>;
}

const CONFIG_MAP = { apiVersion: 'v1', kind: 'ConfigMap' };
const SECRET = { apiVersion: 'v1', kind: 'Secret' };
const RABBITMQ_CONFIG = {
  apiVersion: 'eventing.knative.dev/v1alpha1',
  kind: 'RabbitmqBrokerConfig',
};

/** One test per row, each of which also runs a second time and must then write nothing. */
export function brokerTable<T extends ApiObject>(
  kind: GroupVersionKind,
  make: (world: BrokerWorld) => Reconciler<T>,
  rows: readonly ReconcileRow[],
): void {
  reconcileTable({
    kind,
    registry: REGISTRY,
    admission: shippedAdmission,
    reads: [BROKER, TRIGGER, CONFIG_MAP, SECRET, RABBITMQ_CONFIG],
    // The table treats the objects of every kind alike.
    make: (world) => make(brokerWorld(world)),
    rows,
  });
}

/** Defaults and rules of a process that nobody configured. */
const shippedAdmission: Admission = (object, old, { fieldManager }) => {
  const context = {
    features: SHIPPED_FEATURES,
    brokerDefaults: SHIPPED_BROKER_DEFAULTS,
    channelDefaults: SHIPPED_CHANNEL_DEFAULTS,
    systemNamespace: 'knative-eventing',
    ...(fieldManager === undefined ? {} : { user: fieldManager }),
  };
  const decision = admit(REGISTRY, object, context, old);
  if (decision.object !== undefined) return decision.object;
  throw new StoreError('AFFLUX_STORE_INVALID', decision.errors.toString());
};

/** An empty store, with informers that close when the test ends. */
export function startStore(): TableWorld & { readonly store: MemoryStore } {
  const clock = new FakeClock();
  const logger = recordingLogger();
  const store = new MemoryStore({ clock, newId: newUuid, registry: REGISTRY });
  const informers = new InformerSet({ store, clock, logger });
  onTestFinished(() => informers.close());
  return { store, informers, tracker: new Tracker({ informers }), clock, logger };
}

export function brokerWorld(world: TableWorld): BrokerWorld {
  const { store, informers, tracker } = world;
  const services = localServices(new Map([['default/mapped', 'http://localhost:9000']]));
  return {
    ...world,
    sources: sourcesOf(informers),
    subscriptions: new BrokerSubscriptions({
      triggers: informers.get(TRIGGER),
      kafkaFeatures: () => SHIPPED_KAFKA_FEATURES,
    }),
    brokers: informers.get<Broker>(BROKER),
    resolver: new AddressResolver({ store, informers, registry: REGISTRY, services, tracker }),
    lookUp: async (reference) => {
      try {
        return await store.get(reference, reference);
      } catch (error) {
        if (isNotFound(error)) return undefined;
        throw error;
      }
    },
  };
}

/** What is in the store, once the informers have seen it. */
function sourcesOf(informers: InformerSet): BackingSources {
  const maps = informers.get<ConfigMap>(CONFIG_MAP);
  const secrets = informers.get<Secret>(SECRET);
  const configs = informers.get<RabbitmqBrokerConfig>(RABBITMQ_CONFIG);
  return {
    configMap: (namespace, name) => maps.get(namespace, name),
    secret: (namespace, name) => secrets.get(namespace, name),
    rabbitmqBrokerConfig: (namespace, name) => configs.get(namespace, name),
    kafkaFeatures: () => SHIPPED_KAFKA_FEATURES,
  };
}

/** What a run is given when a test calls a reconciler itself. */
export function runContext(world: Pick<TableWorld, 'logger'>): ReconcileContext {
  return {
    signal: new AbortController().signal,
    logger: world.logger,
    now: () => '2026-01-01T00:00:00Z',
    enqueueAfter: () => undefined,
  };
}

/** `conditions` has these, among others. */
export function conditions(...wanted: readonly Partial<Condition>[]): unknown {
  return expect.arrayContaining(
    wanted.map((condition) => expect.objectContaining(condition) as unknown),
  );
}

/** A text that contains this one. */
export function containing(text: string): string {
  return expect.stringContaining(text) as string;
}

/** An object without this field. */
export function without(field: string): unknown {
  return expect.not.objectContaining({ [field]: expect.anything() as unknown });
}
