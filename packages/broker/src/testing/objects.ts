/** Builders of the objects that tests put into the store. Everything is in namespace `default`. */
import {
  BROKER_CHANNEL_STATUS,
  BROKER_CLASS,
  MT_BROKER_CLASS,
  type Broker,
  type BrokerStatus,
  type Condition,
  type ConfigMap,
  type InMemoryChannel,
  type ObjectMeta,
  type Trigger,
} from '@afflux/resources';

export const NAMESPACE = 'default';
export const BROKER_UID = 'broker-uid';
export const CHANNEL_NAME = 'main-kne-trigger';
export const CHANNEL_URL = `http://localhost:8080/default/channels/${CHANNEL_NAME}`;
export const BROKER_URL = 'http://localhost:8080/default/main';
const READY: Condition = { type: 'Ready', status: 'True' };

/** Parts of an object besides its name and spec. */
export interface Parts<S> {
  readonly metadata?: Partial<ObjectMeta>;
  readonly status?: S | undefined;
}

/** The ConfigMap that {@link broker} names. */
export function brokerConfig(text = 'apiVersion: messaging.knative.dev/v1\nkind: InMemoryChannel') {
  return configMap('br-config', { 'channel-template-spec': text });
}

export function configMap(name: string, data: Record<string, string>): ConfigMap {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: NAMESPACE },
    data,
  };
}

export const CONFIG = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  name: 'br-config',
  namespace: NAMESPACE,
};

/** The Broker `main`, of our class. */
export function broker(spec: Broker['spec'] = {}, parts: Parts<BrokerStatus> = {}): Broker {
  const { annotations, ...metadata } = parts.metadata ?? {};
  return {
    apiVersion: 'eventing.knative.dev/v1',
    kind: 'Broker',
    metadata: {
      name: 'main',
      namespace: NAMESPACE,
      uid: BROKER_UID,
      ...metadata,
      annotations: { [BROKER_CLASS]: MT_BROKER_CLASS, ...annotations },
    },
    spec: { config: CONFIG, ...spec },
    ...(parts.status === undefined ? {} : { status: parts.status }),
  };
}

/** What a broker says of itself once it works. */
export function brokerStatus(more: Partial<BrokerStatus> = {}): BrokerStatus {
  return {
    address: { name: 'http', url: BROKER_URL },
    annotations: {
      [BROKER_CHANNEL_STATUS.address]: CHANNEL_URL,
      [BROKER_CHANNEL_STATUS.apiVersion]: 'messaging.knative.dev/v1',
      [BROKER_CHANNEL_STATUS.kind]: 'InMemoryChannel',
      [BROKER_CHANNEL_STATUS.name]: CHANNEL_NAME,
    },
    conditions: [READY],
    ...more,
  };
}

export function readyBroker(spec: Broker['spec'] = {}, more: Partial<BrokerStatus> = {}): Broker {
  return broker(spec, { status: brokerStatus(more) });
}

/** The channel of {@link broker} as its reconciler makes it; with an address unless `status` says otherwise. */
export function brokerChannel(
  spec: InMemoryChannel['spec'] = {},
  parts: Parts<InMemoryChannel['status']> = {},
): InMemoryChannel {
  return {
    apiVersion: 'messaging.knative.dev/v1',
    kind: 'InMemoryChannel',
    metadata: {
      name: CHANNEL_NAME,
      namespace: NAMESPACE,
      labels: {
        'eventing.knative.dev/broker': 'main',
        'eventing.knative.dev/brokerEverything': 'true',
      },
      annotations: { 'eventing.knative.dev/scope': 'cluster' },
      ownerReferences: [
        {
          apiVersion: 'eventing.knative.dev/v1',
          kind: 'Broker',
          name: 'main',
          uid: BROKER_UID,
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
      ...parts.metadata,
    },
    spec,
    status: parts.status ?? { address: { url: CHANNEL_URL } },
  };
}

/** A Trigger of the broker `main`, unless `spec` says otherwise. Its uid is `<name>-uid`. */
export function trigger(
  name: string,
  spec: Partial<Trigger['spec']> = {},
  parts: Parts<Trigger['status']> = {},
): Trigger {
  return {
    apiVersion: 'eventing.knative.dev/v1',
    kind: 'Trigger',
    metadata: { name, namespace: NAMESPACE, uid: `${name}-uid`, ...parts.metadata },
    spec: {
      ...('brokerRef' in spec ? {} : { broker: 'main' }),
      subscriber: { uri: 'http://localhost:9000/' },
      ...spec,
    },
    ...(parts.status === undefined ? {} : { status: parts.status }),
  };
}

export function serviceRef(name: string) {
  return { ref: { apiVersion: 'v1', kind: 'Service', name, namespace: NAMESPACE } };
}
