/**
 * What carries a channel, worked out from the objects that say so, as informers have them at this moment: the
 * channel object or Broker itself, config maps, secrets, RabbitmqBrokerConfigs. The features know what these
 * objects mean; here they are only found.
 */
import { brokerBacking, sinkBacking } from '@afflux/broker';
import {
  backendRefused,
  ChannelUnavailable,
  type ChannelBacking,
  type ChannelRef,
} from '@afflux/channels';
import type { GroupVersionKind, InformerSet } from '@afflux/control';
import { channelBacking } from '@afflux/messaging';
import type {
  ApiObject,
  Broker,
  ConfigMap,
  KafkaFeatures,
  KafkaSink,
  RabbitmqBrokerConfig,
  Secret,
} from '@afflux/resources';

const CONFIG_MAP = { apiVersion: 'v1', kind: 'ConfigMap' } as const;
const SECRET = { apiVersion: 'v1', kind: 'Secret' } as const;
const RABBITMQ_BROKER_CONFIG = {
  apiVersion: 'eventing.knative.dev/v1alpha1',
  kind: 'RabbitmqBrokerConfig',
} as const;

export interface BackingsOptions {
  readonly informers: Pick<InformerSet, 'get'>;
  readonly systemNamespace: string;
  readonly kafkaFeatures: () => KafkaFeatures;
  /** The object of a reference: a Broker, a sink or a channel. */
  readonly find: (ref: ChannelRef) => ApiObject | undefined;
  /** Kinds of these objects. */
  readonly kinds: readonly GroupVersionKind[];
}

/** Where the features read the settings of back-ends. */
export interface Sources {
  readonly systemNamespace: string;
  readonly configMap: (namespace: string, name: string) => ConfigMap | undefined;
  readonly secret: (namespace: string, name: string) => Secret | undefined;
  readonly rabbitmqBrokerConfig: (
    namespace: string,
    name: string,
  ) => RabbitmqBrokerConfig | undefined;
  readonly kafkaFeatures: () => KafkaFeatures;
}

export interface Backings {
  readonly sources: Sources;
  /** Throws a `ChannelError` with what is missing or wrong. */
  readonly backingOf: (ref: ChannelRef) => ChannelBacking;
  /** Calls back after each change of an object that backings are made of; returns how to stop it. */
  readonly follow: (onChange: () => void) => () => void;
}

export function backingsOf(options: BackingsOptions): Backings {
  const { informers, systemNamespace, kafkaFeatures, find } = options;
  const configMaps = informers.get<ConfigMap>(CONFIG_MAP);
  const secrets = informers.get<Secret>(SECRET);
  const rabbitmqBrokerConfigs = informers.get<RabbitmqBrokerConfig>(RABBITMQ_BROKER_CONFIG);
  const sources: Sources = {
    systemNamespace,
    configMap: (namespace, name) => configMaps.get(namespace, name),
    secret: (namespace, name) => secrets.get(namespace, name),
    rabbitmqBrokerConfig: (namespace, name) => rabbitmqBrokerConfigs.get(namespace, name),
    kafkaFeatures,
  };
  const followed = [
    configMaps,
    secrets,
    rabbitmqBrokerConfigs,
    ...options.kinds.map((kind) => informers.get(kind)),
  ];
  return {
    sources,
    backingOf: (ref) => {
      const object = find(ref);
      if (object === undefined) {
        throw new ChannelUnavailable(`there is no ${ref.kind} ${ref.namespace}/${ref.name}`);
      }
      return backingOfObject(object, sources);
    },
    follow: (onChange) => {
      const unfollow = followed.map((informer) => informer.onChange(onChange));
      return () => {
        for (const end of unfollow) end();
      };
    },
  };
}

function backingOfObject(object: ApiObject, sources: Sources): ChannelBacking {
  if (object.kind === 'Broker' || object.kind === 'KafkaSink') {
    const found =
      object.kind === 'Broker'
        ? brokerBacking(object as Broker, sources)
        : sinkBacking(object as KafkaSink, sources);
    if ('problem' in found) throw backendRefused(found.problem);
    return found;
  }
  const found = channelBacking(object, sources);
  if ('problem' in found) throw backendRefused(found.problem.message);
  return found.value;
}
