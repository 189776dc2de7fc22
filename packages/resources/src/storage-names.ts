/**
 * What topics, consumer groups, exchanges and queues are called. Control plane and data plane, possibly in two
 * processes, and the back-end's own tools must come to one name, so it is made here and nowhere else.
 *
 * No uid is part of a name: on a laptop an object is made anew from its file at every start, with another uid,
 * and shall find its backlog again. A namespace has no dot in it, the name of an object may: where two names
 * meet, a hash keeps `a.b` + `c` apart from `a` + `b.c`.
 */
import { createHash } from 'node:crypto';

/** Kafka's bound for topics; groups keep to it too. */
const KAFKA_LENGTH_MAX = 249;
/** Within AMQP's short strings, with room for what a driver appends. */
const AMQP_LENGTH_MAX = 200;
const HASH_LENGTH = 16;

const TOPIC = /^[a-zA-Z0-9._-]{1,249}$/;

/** For messages: what {@link isTopicName} wants. */
export const TOPIC_NAME_EXPECTED =
  "expected 1 to 249 letters, digits, '.', '_' and '-', and not '.' or '..'";

/** Whether Kafka takes the text as the name of a topic. */
export function isTopicName(text: string): boolean {
  return TOPIC.test(text) && text !== '.' && text !== '..';
}

interface Named {
  readonly namespace: string;
  readonly name: string;
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, HASH_LENGTH);
}

/** The text, its end replaced by a hash of the whole where it is too long. */
function bounded(text: string, lengthMax: number): string {
  if (text.length <= lengthMax) return text;
  return `${text.slice(0, lengthMax - HASH_LENGTH - 1)}-${hash(text)}`;
}

/**
 * Parent and child in one text that no other pair has. A child of another namespace comes as
 * `<namespace>/<name>`; back-ends like no slash, and names have no underscore.
 */
function pair(parent: string, child: string): string {
  const joined = `${parent}.${child.replace('/', '_')}`;
  return parent.includes('.') ? `${joined}-${hash(`${parent}/${child}`)}` : joined;
}

interface SubscriptionOf {
  readonly namespace: string;
  readonly channel: string;
  /** Its name; `<namespace>/<name>` where its namespace is not the channel's. */
  readonly subscription: string;
}

/** Topic of a Broker of class Kafka, unless a template says otherwise. */
export function kafkaBrokerTopic({ namespace, name }: Named): string {
  return bounded(`knative-broker-${namespace}-${name}`, KAFKA_LENGTH_MAX);
}

/** Topic of a KafkaChannel, unless a template says otherwise. */
export function kafkaChannelTopic({ namespace, name }: Named): string {
  return bounded(`knative-messaging-kafka.${namespace}.${name}`, KAFKA_LENGTH_MAX);
}

/** Consumer group of a Trigger, unless a template or its status says otherwise. */
export function kafkaTriggerGroup({ namespace, name }: Named): string {
  return bounded(`knative-trigger-${namespace}-${name}`, KAFKA_LENGTH_MAX);
}

/** Consumer group of a subscription to a KafkaChannel. */
export function kafkaSubscriptionGroup({
  namespace,
  channel,
  subscription,
}: SubscriptionOf): string {
  return bounded(`kafka.${namespace}.${pair(channel, subscription)}`, KAFKA_LENGTH_MAX);
}

/** Exchange of a Broker of class RabbitMQBroker. */
export function rabbitmqBrokerExchange({ namespace, name }: Named): string {
  return bounded(`b.${namespace}.${name}`, AMQP_LENGTH_MAX);
}

/** Queue of a Trigger of such a Broker. */
export function rabbitmqTriggerQueue({ namespace, name }: Named): string {
  return bounded(`t.${namespace}.${name}`, AMQP_LENGTH_MAX);
}

/** Exchange of a RabbitmqChannel. */
export function rabbitmqChannelExchange({ namespace, name }: Named): string {
  return bounded(`c.${namespace}.${name}`, AMQP_LENGTH_MAX);
}

/** Queue of a subscription to a RabbitmqChannel. */
export function rabbitmqSubscriptionQueue({
  namespace,
  channel,
  subscription,
}: SubscriptionOf): string {
  return bounded(`s.${namespace}.${pair(channel, subscription)}`, AMQP_LENGTH_MAX);
}
