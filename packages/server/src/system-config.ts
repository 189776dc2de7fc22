/**
 * The config maps of the system namespace as settings: feature flags, the defaults of brokers and channels, and
 * addresses of mapped kinds, applied live. An invalid config map is refused when it is written, so that its
 * author hears of it; should one get in some other way, the last good settings stay.
 */
import type { ConfigWatcher, FollowedConfig, ResourceStore } from '@afflux/control';
import {
  BROKER_CHANNEL_CONFIG_MAP,
  BROKER_DEFAULTS_CONFIG_MAP,
  CHANNEL_DEFAULTS_CONFIG_MAP,
  decodeBrokerChannel,
  decodeBrokerDefaults,
  decodeChannelDefaults,
  decodeFeatures,
  decodeKafkaFeatures,
  decodeKReferenceMapping,
  decodeSugar,
  FEATURES_CONFIG_MAP,
  isEnabled,
  KAFKA_FEATURES_CONFIG_MAP,
  KREFERENCE_MAPPING_CONFIG_MAP,
  mappedAddress,
  SHIPPED_BROKER_DEFAULTS,
  SHIPPED_CHANNEL_DEFAULTS,
  SHIPPED_FEATURES,
  SHIPPED_KAFKA_FEATURES,
  SHIPPED_KREFERENCE_MAPPING,
  shippedConfigMaps,
  SUGAR_CONFIG_MAP,
  type AdmissionContext,
  type ApiObject,
  type BrokerDefaults,
  type ChannelDefaults,
  type ChannelTemplate,
  type ConfigMapData,
  type Decoded,
  type Features,
  type FieldErrors,
  type KafkaFeatures,
  type KReferenceMapping,
} from '@afflux/resources';
import { applyShipped } from './cluster/apply-shipped.ts';
import { NAMESPACE_FINALIZER } from './cluster/namespace-reconciler.ts';

type Decoder = (configMap: ConfigMapData) => Decoded<unknown>;

const DECODERS: ReadonlyMap<string, Decoder> = new Map<string, Decoder>([
  [FEATURES_CONFIG_MAP, decodeFeatures],
  [BROKER_DEFAULTS_CONFIG_MAP, decodeBrokerDefaults],
  [CHANNEL_DEFAULTS_CONFIG_MAP, decodeChannelDefaults],
  [BROKER_CHANNEL_CONFIG_MAP, decodeBrokerChannel],
  [SUGAR_CONFIG_MAP, decodeSugar],
  [KREFERENCE_MAPPING_CONFIG_MAP, decodeKReferenceMapping],
  [KAFKA_FEATURES_CONFIG_MAP, decodeKafkaFeatures],
]);

/** What is wrong with an object if it is one of our config maps; undefined for everything else. */
export function configMapProblems(
  object: ApiObject,
  systemNamespace: string,
): FieldErrors | undefined {
  if (object.kind !== 'ConfigMap' || object.metadata.namespace !== systemNamespace)
    return undefined;
  const decode = DECODERS.get(object.metadata.name);
  const errors = decode?.(object as ConfigMapData).errors;
  return errors === undefined || errors.isEmpty ? undefined : errors;
}

/** Namespaces that every cluster has, besides the system namespace. */
const DEFAULT_NAMESPACE = 'default';

/**
 * Writes what is there before the users' objects: namespaces, the config maps that Knative ships with the default
 * channel of this process, and others. What a user has changed in a store that survives stays as it was changed.
 */
export async function createShippedConfig(
  store: ResourceStore,
  options: {
    readonly systemNamespace: string;
    readonly template?: ChannelTemplate;
    readonly others?: readonly ApiObject[];
  },
): Promise<void> {
  const { systemNamespace, template, others = [] } = options;
  for (const name of new Set([DEFAULT_NAMESPACE, systemNamespace])) {
    // With the finalizer that their controller would add at once.
    const metadata = { name, finalizers: [NAMESPACE_FINALIZER] };
    await applyShipped(store, { apiVersion: 'v1', kind: 'Namespace', metadata });
  }
  for (const object of shippedConfigMaps(systemNamespace, template)) {
    await applyShipped(store, object);
  }
  for (const object of others) await applyShipped(store, object, true);
}

export class SystemConfig {
  readonly systemNamespace: string;
  readonly #features: FollowedConfig<Features>;
  readonly #brokerDefaults: FollowedConfig<BrokerDefaults>;
  readonly #channelDefaults: FollowedConfig<ChannelDefaults>;
  readonly #mapping: FollowedConfig<KReferenceMapping>;
  readonly #kafkaFeatures: FollowedConfig<KafkaFeatures>;

  constructor(watcher: ConfigWatcher, systemNamespace: string) {
    this.systemNamespace = systemNamespace;
    this.#features = watcher.follow({
      name: FEATURES_CONFIG_MAP,
      decode: decodeFeatures,
      shipped: SHIPPED_FEATURES,
    });
    this.#brokerDefaults = watcher.follow({
      name: BROKER_DEFAULTS_CONFIG_MAP,
      decode: decodeBrokerDefaults,
      shipped: SHIPPED_BROKER_DEFAULTS,
    });
    this.#channelDefaults = watcher.follow({
      name: CHANNEL_DEFAULTS_CONFIG_MAP,
      decode: decodeChannelDefaults,
      shipped: SHIPPED_CHANNEL_DEFAULTS,
    });
    this.#mapping = watcher.follow({
      name: KREFERENCE_MAPPING_CONFIG_MAP,
      decode: decodeKReferenceMapping,
      shipped: SHIPPED_KREFERENCE_MAPPING,
    });
    this.#kafkaFeatures = watcher.follow({
      name: KAFKA_FEATURES_CONFIG_MAP,
      decode: decodeKafkaFeatures,
      shipped: SHIPPED_KAFKA_FEATURES,
    });
  }

  get features(): Features {
    return this.#features.value;
  }

  /** How topics and consumer groups are called. */
  get kafkaFeatures(): KafkaFeatures {
    return this.#kafkaFeatures.value;
  }

  get channelDefaults(): ChannelDefaults {
    return this.#channelDefaults.value;
  }

  /** What defaulting and validation look at. */
  admissionContext(user: string): AdmissionContext {
    return {
      features: this.#features.value,
      brokerDefaults: this.#brokerDefaults.value,
      channelDefaults: this.#channelDefaults.value,
      systemNamespace: this.systemNamespace,
      user,
    };
  }

  /** The address of a kind that has none of its own (feature kreference-mapping). */
  mapReference = (reference: {
    readonly apiVersion: string;
    readonly kind: string;
    readonly namespace?: string | undefined;
    readonly name: string;
  }): string | undefined =>
    isEnabled(this.features, 'kreference-mapping')
      ? mappedAddress(this.#mapping.value, reference, {
          Name: reference.name,
          Namespace: reference.namespace ?? '',
          UID: '',
          SystemNamespace: this.systemNamespace,
        })
      : undefined;
}
