/**
 * Where the settings of a back-end are read: objects that are at hand, so that working out a backing is pure, and
 * control plane and data plane, in whatever process, come to the same.
 */
import type {
  ConfigMap,
  Decoded,
  KafkaFeatures,
  RabbitmqBrokerConfig,
  Secret,
} from '@afflux/resources';

export interface BackingSources {
  /** Namespace of the settings that hold for all. */
  readonly systemNamespace: string;
  readonly configMap: (namespace: string, name: string) => ConfigMap | undefined;
  readonly secret: (namespace: string, name: string) => Secret | undefined;
  readonly rabbitmqBrokerConfig: (
    namespace: string,
    name: string,
  ) => RabbitmqBrokerConfig | undefined;
  /** How topics and consumer groups are called. */
  readonly kafkaFeatures: () => KafkaFeatures;
}

/** Why there is no backing: what the channel's conditions say. Never shows a value of a Secret (T30). */
export interface BackingProblem {
  readonly condition: string;
  readonly reason: string;
  readonly message: string;
}

/** Something, or why it cannot be had. */
export type Found<T> = { readonly value: T } | { readonly problem: BackingProblem };

/** An object whose change may change a backing. */
export interface BackingReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

export interface NamedIn {
  readonly namespace: string;
  readonly name: string;
}

export function configMapReference({ namespace, name }: NamedIn): BackingReference {
  return { apiVersion: 'v1', kind: 'ConfigMap', namespace, name };
}

export function secretReference({ namespace, name }: NamedIn): BackingReference {
  return { apiVersion: 'v1', kind: 'Secret', namespace, name };
}

/** `ConfigMap "ns/name"`. */
export function shown(kind: string, { namespace, name }: NamedIn): string {
  return `${kind} "${namespace}/${name}"`;
}

/** A Secret, decoded, or what is wrong with it. */
export function readSecret<T>(
  key: NamedIn,
  decode: (secret: Secret) => Decoded<T>,
  { sources, condition }: { readonly sources: BackingSources; readonly condition: string },
): Found<T> {
  const secret = sources.secret(key.namespace, key.name);
  if (secret === undefined) {
    const message = `${shown('Secret', key)} was not found`;
    return { problem: { condition, reason: 'SecretNotFound', message } };
  }
  const { value, errors } = decode(secret);
  if (value !== undefined) return { value };
  const message = `${shown('Secret', key)}: ${errors.toString()}`;
  return { problem: { condition, reason: 'SecretInvalid', message } };
}
