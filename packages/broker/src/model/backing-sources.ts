/**
 * Where the settings of a back-end are read: objects that are at hand, so that resolving is pure and either plane,
 * in whatever process, comes to the same result. Problems name the object and the key and never show a value of
 * a Secret (T30).
 */
import type {
  ConfigMap,
  Decoded,
  KafkaFeatures,
  RabbitmqBrokerConfig,
  Secret,
} from '@afflux/resources';

export interface BackingSources {
  readonly configMap: (namespace: string, name: string) => ConfigMap | undefined;
  readonly secret: (namespace: string, name: string) => Secret | undefined;
  readonly rabbitmqBrokerConfig: (
    namespace: string,
    name: string,
  ) => RabbitmqBrokerConfig | undefined;
  /** How topics and consumer groups are called. */
  readonly kafkaFeatures: () => KafkaFeatures;
}

/** Why there is no backing, in words for a condition. */
export interface BackingProblem {
  readonly problem: string;
  /** Which of the settings is to blame. */
  readonly about: 'config' | 'secret';
}

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

export function configMapReference(key: NamedIn): BackingReference {
  return { apiVersion: 'v1', kind: 'ConfigMap', namespace: key.namespace, name: key.name };
}

export function secretReference(key: NamedIn): BackingReference {
  return { apiVersion: 'v1', kind: 'Secret', namespace: key.namespace, name: key.name };
}

export function configProblem(problem: string): BackingProblem {
  return { problem, about: 'config' };
}

export function secretProblem(problem: string): BackingProblem {
  return { problem, about: 'secret' };
}

/** `ConfigMap "ns/name"`. */
export function shown(kind: string, { namespace, name }: NamedIn): string {
  return `${kind} "${namespace}/${name}"`;
}

/** A Secret, decoded, or what is wrong with it. */
export function readSecret<T>(
  key: NamedIn,
  sources: Pick<BackingSources, 'secret'>,
  decode: (secret: Secret) => Decoded<T>,
): { readonly value: T } | BackingProblem {
  const secret = sources.secret(key.namespace, key.name);
  if (secret === undefined) return secretProblem(`${shown('Secret', key)} was not found`);
  const { value, errors } = decode(secret);
  if (value !== undefined) return { value };
  return secretProblem(`${shown('Secret', key)}: ${errors.toString()}`);
}
