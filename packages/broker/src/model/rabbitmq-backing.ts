/**
 * Which RabbitMQ and which exchange stand behind a Broker of class RabbitMQBroker.
 *
 *     spec.config ─▶ RabbitmqBrokerConfig ─▶ connectionSecret, or <cluster>-default-user of the operator
 *                 └▶ RabbitmqCluster (older manifests; classic queues) ─▶ <cluster>-default-user
 */
import type { ChannelBacking } from '@afflux/channels';
import {
  decodeRabbitmqSecret,
  rabbitmqBrokerExchange,
  type Broker,
  type RabbitmqBrokerConfigSpec,
  type RabbitmqSecret,
} from '@afflux/resources';
import {
  configProblem,
  readSecret,
  secretProblem,
  secretReference,
  shown,
  type BackingProblem,
  type BackingReference,
  type BackingSources,
  type NamedIn,
} from './backing-sources.ts';
import { RABBITMQ_STATUS } from './broker-class.ts';

const BROKER_CONFIG = {
  apiVersion: 'eventing.knative.dev/v1alpha1',
  kind: 'RabbitmqBrokerConfig',
} as const;

/** What RabbitMQ's operator calls the Secret of a cluster. */
const OPERATOR_SECRET = '-default-user';

/** Everything about an exchange but the credentials. */
export interface RabbitmqExchange {
  readonly exchange: string;
  readonly queueType: 'quorum' | 'classic';
  readonly vhost?: string;
  readonly secret: NamedIn;
}

export function brokerExchange(
  broker: Broker,
  sources: BackingSources,
): { readonly value: RabbitmqExchange } | BackingProblem {
  const { config } = broker.spec;
  if (config === undefined) return configProblem('spec.config is missing');
  const key = { namespace: config.namespace ?? broker.metadata.namespace ?? '', name: config.name };
  if (config.kind === 'RabbitmqCluster') {
    const secret = { ...key, name: key.name + OPERATOR_SECRET };
    return { value: { exchange: exchangeOf(broker), queueType: 'classic', secret } };
  }
  if (config.kind !== BROKER_CONFIG.kind) {
    return configProblem(
      `spec.config must reference a RabbitmqBrokerConfig or a RabbitmqCluster, not a ${config.kind}`,
    );
  }
  const found = sources.rabbitmqBrokerConfig(key.namespace, key.name);
  if (found === undefined) {
    return configProblem(`${shown(BROKER_CONFIG.kind, key)} of spec.config was not found`);
  }
  const secret = secretOf(found.spec, key.namespace);
  if (secret === undefined) {
    return configProblem(
      `${shown(BROKER_CONFIG.kind, key)} names neither a cluster nor a connectionSecret in spec.rabbitmqClusterReference`,
    );
  }
  const { queueType = 'quorum', vhost } = found.spec;
  return {
    value: {
      exchange: exchangeOf(broker),
      queueType,
      ...(vhost === undefined || vhost === '' ? {} : { vhost }),
      secret,
    },
  };
}

/** What a RabbitMQ driver is given for an exchange; holds secrets. */
export function rabbitmqBacking(
  exchange: RabbitmqExchange,
  sources: Pick<BackingSources, 'secret'>,
): ChannelBacking | BackingProblem {
  const { secret, ...named } = exchange;
  const read = readSecret(secret, sources, decodeRabbitmqSecret);
  if ('problem' in read) return read;
  const { connection } = read.value;
  const ca = authorityOf(read.value, secret, sources);
  if (ca !== undefined && 'problem' in ca) return ca;
  return {
    type: 'rabbitmq',
    config: { ...connection, ...named, ...(ca === undefined ? {} : { tls: { ca: ca.value } }) },
  };
}

/** Whose change may change the exchange of a broker or how it is reached. */
export function rabbitmqReferences(
  broker: Broker,
  sources: BackingSources,
): readonly BackingReference[] {
  const { config } = broker.spec;
  if (config === undefined) return [];
  const namespace = config.namespace ?? broker.metadata.namespace ?? '';
  const references: BackingReference[] =
    config.kind === BROKER_CONFIG.kind ? [{ ...BROKER_CONFIG, namespace, name: config.name }] : [];
  const exchange = brokerExchange(broker, sources);
  if ('problem' in exchange) return references;
  const { secret } = exchange.value;
  references.push(secretReference(secret));
  const read = readSecret(secret, sources, decodeRabbitmqSecret);
  if (!('problem' in read) && read.value.caSecretName !== undefined) {
    references.push(secretReference({ ...secret, name: read.value.caSecretName }));
  }
  return references;
}

function exchangeOf(broker: Broker): string {
  const { namespace = '', name } = broker.metadata;
  return (
    broker.status?.annotations?.[RABBITMQ_STATUS.exchange] ??
    rabbitmqBrokerExchange({ namespace, name })
  );
}

function secretOf(spec: RabbitmqBrokerConfigSpec, namespace: string): NamedIn | undefined {
  const reference = spec.rabbitmqClusterReference;
  const within = reference?.namespace === '' ? namespace : (reference?.namespace ?? namespace);
  const connection = reference?.connectionSecret?.name ?? '';
  if (connection !== '') return { namespace: within, name: connection };
  const cluster = reference?.name ?? '';
  return cluster === '' ? undefined : { namespace: within, name: cluster + OPERATOR_SECRET };
}

/** The authority that the server's certificate is checked against, where the Secret names one. */
function authorityOf(
  { caSecretName }: RabbitmqSecret,
  { namespace }: NamedIn,
  sources: Pick<BackingSources, 'secret'>,
): { readonly value: string } | BackingProblem | undefined {
  if (caSecretName === undefined) return undefined;
  const key = { namespace, name: caSecretName };
  const secret = sources.secret(namespace, caSecretName);
  if (secret === undefined) return secretProblem(`${shown('Secret', key)} was not found`);
  const text = Buffer.from(secret.data?.['ca.crt'] ?? '', 'base64').toString('utf8');
  if (text.trim() === '') return secretProblem(`${shown('Secret', key)}: data[ca.crt] is missing`);
  return { value: text };
}
