/**
 * A back-end at the level of the driver interface, in memory: it records what it was asked for, keeps what was
 * made, and fails when it is told to. And the objects that say where it is.
 */
import { type ChannelBacking, type ChannelRef, type Provision } from '@afflux/channels';
import type { ConfigMap, RabbitmqBrokerConfig, Secret } from '@afflux/resources';
import { SHIPPED_KAFKA_FEATURES } from '@afflux/resources';
import type { BackingSources } from '../model/backing-sources.ts';

type Call = 'ensure' | 'ensureSubscription' | 'removeSubscription' | 'remove';

export class FakeBackEnd {
  /** `<call> <subscription id>`, in order. */
  readonly calls: string[] = [];
  readonly backings: ChannelBacking[] = [];
  readonly subscriptions = new Map<string, object>();
  exists = false;
  /** By call: what it fails with, until it is taken out. */
  readonly failures = new Map<Call, Error>();

  provision = (backing: ChannelBacking, _ref: ChannelRef): Provision => {
    this.backings.push(backing);
    return {
      ensure: () =>
        this.#do('ensure', '', () => {
          this.exists = true;
          return {};
        }),
      ensureSubscription: (subscription) =>
        this.#do('ensureSubscription', subscription.id, () => {
          this.subscriptions.set(subscription.id, subscription);
        }),
      removeSubscription: ({ id }) =>
        this.#do('removeSubscription', id, () => {
          this.subscriptions.delete(id);
        }),
      remove: () =>
        this.#do('remove', '', () => {
          this.exists = false;
        }),
    };
  };

  takeCalls(): string[] {
    return this.calls.splice(0);
  }

  async #do<T>(call: Call, id: string, work: () => T): Promise<T> {
    this.calls.push(id === '' ? call : `${call} ${id}`);
    await Promise.resolve();
    const failure = this.failures.get(call);
    if (failure !== undefined) throw failure;
    return work();
  }
}

export function configMap(name: string, data: Record<string, string>): ConfigMap {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { namespace: 'knative-eventing', name },
    data,
  };
}

/** A Secret as the store has it. */
export function secret(namespace: string, name: string, texts: Record<string, string>): Secret {
  const entries = Object.entries(texts).map(
    ([key, text]) => [key, Buffer.from(text).toString('base64')] as const,
  );
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { namespace, name },
    data: Object.fromEntries(entries),
  };
}

export function rabbitmqConfig(
  name: string,
  spec: RabbitmqBrokerConfig['spec'],
): RabbitmqBrokerConfig {
  return {
    apiVersion: 'eventing.knative.dev/v1alpha1',
    kind: 'RabbitmqBrokerConfig',
    metadata: { namespace: 'default', name },
    spec,
  };
}

/** Sources with these objects and no others. */
export function sourcesOf(
  ...objects: readonly (ConfigMap | Secret | RabbitmqBrokerConfig)[]
): BackingSources {
  const find = (kind: string, namespace: string, name: string) =>
    objects.find(
      ({ kind: own, metadata }) =>
        own === kind && metadata.namespace === namespace && metadata.name === name,
    );
  return {
    systemNamespace: 'knative-eventing',
    configMap: (namespace, name) => find('ConfigMap', namespace, name) as ConfigMap | undefined,
    secret: (namespace, name) => find('Secret', namespace, name) as Secret | undefined,
    rabbitmqBrokerConfig: (namespace, name) =>
      find('RabbitmqBrokerConfig', namespace, name) as RabbitmqBrokerConfig | undefined,
    kafkaFeatures: () => SHIPPED_KAFKA_FEATURES,
  };
}

export const KAFKA_CONFIG = configMap('kafka-channel-config', {
  'bootstrap.servers': 'kafka:9092',
});
