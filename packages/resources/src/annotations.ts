/**
 * Keys of labels and annotations that mean something to us. The upper part is Knative's; `afflux.dev/…` is
 * ours, and how we add settings to kinds that are not ours (flow-settings.ts says what they do).
 */

/** Annotation of a Broker: which implementation serves it. Defaulted, immutable. */
export const BROKER_CLASS = 'eventing.knative.dev/broker.class';

/** The Broker class that is served by channels, and the default one. */
export const MT_BROKER_CLASS = 'MTChannelBasedBroker';

/** The Broker class of Knative's Kafka brokers. */
export const KAFKA_BROKER_CLASS = 'Kafka';

/** The same with a data plane of its own in each namespace; here both are served alike. */
export const KAFKA_NAMESPACED_BROKER_CLASS = 'KafkaNamespaced';

/** The Broker class of Knative's RabbitMQ brokers. */
export const RABBITMQ_BROKER_CLASS = 'RabbitMQBroker';

/** Annotation of a Broker of class Kafka: an existing topic to use, which is never created and never deleted. */
export const KAFKA_EXTERNAL_TOPIC = 'kafka.eventing.knative.dev/external.topic';

/** Annotation of a Trigger: `ordered` or `unordered`, in any case; `afflux.dev/delivery-order` wins. */
export const KAFKA_DELIVERY_ORDER = 'kafka.eventing.knative.dev/delivery.order';

/** Annotation of a Trigger: deliveries at once, 1 to 1000; `afflux.dev/max-in-flight` wins. */
export const RABBITMQ_PARALLELISM = 'rabbitmq.eventing.knative.dev/parallelism';

/** Annotations in the status of what has a topic: so it can be removed when its configuration is gone. */
export const KAFKA_STATUS = {
  topic: 'default.topic',
  partitions: 'default.topic.partitions',
  replicationFactor: 'default.topic.replication.factor',
  bootstrapServers: 'bootstrap.servers',
  authSecret: 'auth.secret.ref.name',
  authSecretNamespace: 'auth.secret.ref.namespace',
  /** Of a Trigger: its consumer group. */
  group: 'group.id',
  /** Of a KafkaSink: whose the topic is. */
  topicOwner: 'eventing.knative.dev/topic.owner',
} as const;

/** Label of what belongs to a Broker: its name. */
export const BROKER_LABEL = 'eventing.knative.dev/broker';

/** Label of what belongs to a Trigger: its name. */
export const TRIGGER_LABEL = 'eventing.knative.dev/trigger';

/** Label, `true` on the channel through which everything of a Broker goes. */
export const BROKER_EVERYTHING_LABEL = 'eventing.knative.dev/brokerEverything';

/** Annotation of an InMemoryChannel: `cluster` or `namespace`. */
export const SCOPE = 'eventing.knative.dev/scope';

/** Annotation of an InMemoryChannel or Broker: whether to acknowledge before delivery; a Boolean. */
export const ASYNC_HANDLER = 'messaging.knative.dev/async-handler';

/** Annotation of channels: version of the Subscribable duck type. */
export const SUBSCRIBABLE = 'messaging.knative.dev/subscribable';

/** Annotations of a Broker with this beginning are copied to its channel. */
export const MESSAGING_ANNOTATION_PREFIX = 'messaging.knative.dev';

/** Label of the Service of an InMemoryChannel. */
export const MESSAGING_ROLE = 'messaging.knative.dev/role';

/** Annotation of a Trigger: JSON reference of the source it waits for. */
export const DEPENDENCY = 'knative.dev/dependency';

/** Annotation of a Trigger: `enabled` or `disabled`; only checked. */
export const INJECTION = 'eventing.knative.dev/injection';

/** Label of Brokers made by config-sugar. */
export const INJECTED = 'eventing.knative.dev/injected';

/** Label that every Namespace has: its name. */
export const NAMESPACE_NAME_LABEL = 'kubernetes.io/metadata.name';

/** Annotations in the status of a Broker: where its channel is. */
export const BROKER_CHANNEL_STATUS = {
  address: 'knative.dev/channelAddress',
  apiVersion: 'knative.dev/channelAPIVersion',
  kind: 'knative.dev/channelKind',
  name: 'knative.dev/channelName',
  CACerts: 'knative.dev/channelCACerts',
  audience: 'knative.dev/channelAudience',
} as const;

/** `backpressure` or `dead-letter`: what happens when a queue is full. */
export const AFFLUX_OVERFLOW = 'afflux.dev/overflow';

/** `lenient` or `strict`: whether a 2xx whose body is no event is a success. */
export const AFFLUX_REPLY_POLICY = 'afflux.dev/reply-policy';

/** `unordered` or `ordered` (per `partitionkey`). */
export const AFFLUX_ORDER = 'afflux.dev/delivery-order';

/** Deliveries under way at once. */
export const AFFLUX_MAX_IN_FLIGHT = 'afflux.dev/max-in-flight';

/** Deliveries per second. */
export const AFFLUX_RATE = 'afflux.dev/rate';

/** `auto`, `on` or `off`. */
export const AFFLUX_CIRCUIT_BREAKER = 'afflux.dev/circuit-breaker';

/** Events in the queue of one subscription. */
export const AFFLUX_QUEUE_EVENTS = 'afflux.dev/queue-events';

/** Bytes in the queue of one subscription. */
export const AFFLUX_QUEUE_BYTES = 'afflux.dev/queue-bytes';

/** Longest wait between two attempts. */
export const AFFLUX_BACKOFF_MAX = 'afflux.dev/backoff-max';

/** Longest `Retry-After` that is honoured when `delivery.retryAfterMax` does not say. */
export const AFFLUX_RETRY_AFTER_MAX = 'afflux.dev/retry-after-max';

/** On a Broker or channel: a duration within which an event that comes again is stored once. */
export const AFFLUX_DEDUPLICATE = 'afflux.dev/deduplicate';

/** Where a new subscription begins: `latest`, `earliest` or an RFC 3339 time. */
export const AFFLUX_INITIAL_OFFSET = 'afflux.dev/initial-offset';
