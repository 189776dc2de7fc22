/** Which RabbitMQ and which exchange stand behind a RabbitmqChannel. */
import type { ChannelBacking } from '@afflux/channels';
import {
  type ApiObject,
  decodeRabbitmqSecret,
  type RabbitmqChannel,
  rabbitmqChannelExchange,
  type RabbitmqClusterReference,
  type RabbitmqSecret,
  secretText,
} from '@afflux/resources';
import {
  type BackingReference,
  type BackingSources,
  type Found,
  type NamedIn,
  readSecret,
  secretReference,
  shown,
} from './backing-sources.ts';

const CONDITION = 'SecretReady';

/** The Secret that RabbitMQ's operator makes beside a cluster. */
const OPERATOR_SECRET_SUFFIX = '-default-user';

const BROKER_CONFIG = {
  apiVersion: 'eventing.knative.dev/v1alpha1',
  kind: 'RabbitmqBrokerConfig',
} as const;

/** Annotation of the status: the exchange. */
const EXCHANGE_ANNOTATION = 'afflux.dev/rabbitmq-exchange';

/** Everything but the credentials. */
interface Place {
  readonly secret: NamedIn;
  readonly queueType: 'quorum' | 'classic';
  readonly vhost?: string;
}

function configKey(object: ApiObject): NamedIn | undefined {
  const reference = (object as RabbitmqChannel).spec.rabbitmqBrokerConfigRef;
  if (reference === undefined) return undefined;
  const own = object.metadata.namespace ?? '';
  return { namespace: reference.namespace ?? own, name: reference.name };
}

function secretOf(
  reference: RabbitmqClusterReference | undefined,
  holderNamespace: string,
): NamedIn | undefined {
  const named = reference?.namespace ?? '';
  const namespace = named === '' ? holderNamespace : named;
  const connection = reference?.connectionSecret?.name ?? '';
  if (connection !== '') return { namespace, name: connection };
  const cluster = reference?.name ?? '';
  return cluster === '' ? undefined : { namespace, name: cluster + OPERATOR_SECRET_SUFFIX };
}

function readPlace(object: ApiObject, sources: BackingSources): Found<Place> {
  const key = configKey(object);
  const holder =
    key === undefined ? undefined : sources.rabbitmqBrokerConfig(key.namespace, key.name);
  if (key !== undefined && holder === undefined) {
    const message = `${shown(BROKER_CONFIG.kind, key)} was not found`;
    return { problem: { condition: CONDITION, reason: 'ConfigNotFound', message } };
  }
  const spec = holder?.spec ?? (object as RabbitmqChannel).spec;
  const namespace = key?.namespace ?? object.metadata.namespace ?? '';
  const secret = secretOf(spec.rabbitmqClusterReference, namespace);
  if (secret === undefined) {
    const message = 'rabbitmqClusterReference names neither a cluster nor a connectionSecret';
    return { problem: { condition: CONDITION, reason: 'ConfigInvalid', message } };
  }
  const { queueType = 'quorum', vhost = '' } = spec;
  return { value: { secret, queueType, ...(vhost === '' ? {} : { vhost }) } };
}

/** The authority that the server's certificate is checked against, where the Secret names one. */
function readAuthority(
  { caSecretName }: RabbitmqSecret,
  { namespace }: NamedIn,
  sources: BackingSources,
): Found<{ readonly tls?: { readonly ca: string } }> {
  if (caSecretName === undefined) return { value: {} };
  const key = { namespace, name: caSecretName };
  const secret = sources.secret(namespace, caSecretName);
  const ca = secret === undefined ? undefined : secretText(secret, 'ca.crt');
  if (ca !== undefined) return { value: { tls: { ca } } };
  const message =
    secret === undefined
      ? `${shown('Secret', key)} was not found`
      : `${shown('Secret', key)}: missing field(s): data[ca.crt]`;
  const reason = secret === undefined ? 'SecretNotFound' : 'SecretInvalid';
  return { problem: { condition: CONDITION, reason, message } };
}

function exchangeOf(object: ApiObject): string {
  const { namespace = '', name } = object.metadata;
  const kept = (object as RabbitmqChannel).status?.annotations?.[EXCHANGE_ANNOTATION];
  return kept ?? rabbitmqChannelExchange({ namespace, name });
}

/** What the RabbitMQ driver is given for a RabbitmqChannel; holds secrets. */
export function rabbitmqChannelBacking(
  object: ApiObject,
  sources: BackingSources,
): Found<ChannelBacking> {
  const place = readPlace(object, sources);
  if ('problem' in place) return place;
  const { secret, ...named } = place.value;
  const read = readSecret(secret, decodeRabbitmqSecret, { sources, condition: CONDITION });
  if ('problem' in read) return read;
  const authority = readAuthority(read.value, secret, sources);
  if ('problem' in authority) return authority;
  const { connection } = read.value;
  const exchange = exchangeOf(object);
  return {
    value: { type: 'rabbitmq', config: { ...connection, ...authority.value, ...named, exchange } },
  };
}

/** What the status says about the exchange. */
export function rabbitmqChannelAnnotations(object: ApiObject): Readonly<Record<string, string>> {
  return { [EXCHANGE_ANNOTATION]: exchangeOf(object) };
}

/** Objects whose change may change the backing. */
export function rabbitmqChannelReferences(
  object: ApiObject,
  sources: BackingSources,
): readonly BackingReference[] {
  const key = configKey(object);
  const references: BackingReference[] = key === undefined ? [] : [{ ...BROKER_CONFIG, ...key }];
  const place = readPlace(object, sources);
  if ('problem' in place) return references;
  const { secret } = place.value;
  references.push(secretReference(secret));
  const read = readSecret(secret, decodeRabbitmqSecret, { sources, condition: CONDITION });
  if ('value' in read && read.value.caSecretName !== undefined) {
    references.push(secretReference({ ...secret, name: read.value.caSecretName }));
  }
  return references;
}
