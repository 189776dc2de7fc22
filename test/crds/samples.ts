/**
 * Objects, and what is to become of them: judged here by decoding and admission, in a cluster by the schema and
 * the CEL rules of our CRDs. Both must say the same, but for what only a webhook can know: the state of feature
 * flags, annotations, the syntax of expressions, certificates, relations that no schema can express. Those are
 * marked `webhook`: refused here, and accepted by a cluster that has no webhook of ours.
 *
 * The tables are those of the unit tests in packages/resources.
 */

/** Who refuses it. */
export type Verdict = 'valid' | 'invalid' | 'webhook';

/** One object; the name is made by the test. */
export interface Sample {
  readonly kind: string;
  /** Default: the stored version of the kind. */
  readonly apiVersion?: string;
  readonly spec?: unknown;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Further fields beside spec. */
  readonly more?: Readonly<Record<string, unknown>>;
  readonly verdict: Verdict;
}

const REF = { apiVersion: 'v1', kind: 'Service', name: 'orders' };
export const SERVICE = { ref: REF };
const NO_VERSION = { ref: { kind: 'Service', name: 'orders' } };
export const URI = { uri: 'http://example.com' };
const BROKER_REF = { apiVersion: 'eventing.knative.dev/v1', kind: 'Broker', name: 'b' };
export const CHANNEL = { apiVersion: 'messaging.knative.dev/v1', kind: 'Channel', name: 'c' };
export const CONFIG = { apiVersion: 'v1', kind: 'ConfigMap', name: 'name' };
const SUBSCRIBER = { uid: 'u1', generation: 1, subscriberUri: 'http://a' };
const ATTRIBUTES = ['type', 'source', 'specversion', 'id'].map((name) => ({
  name,
  required: true,
}));

type Row = readonly [verdict: Verdict, spec: unknown, annotations?: Record<string, string>];

function samples(kind: string, rows: readonly Row[], apiVersion?: string): Sample[] {
  return rows.map(([verdict, spec, annotations]) => ({
    kind,
    verdict,
    ...(apiVersion === undefined ? {} : { apiVersion }),
    ...(spec === undefined ? {} : { spec }),
    ...(annotations === undefined ? {} : { annotations }),
  }));
}

/** What every `delivery` is judged by, wherever it stands. */
const DELIVERIES: readonly (readonly [Verdict, object])[] = [
  ['valid', {}],
  [
    'valid',
    {
      deadLetterSink: { uri: 'http://dead' },
      retry: 5,
      timeout: 'PT30S',
      backoffPolicy: 'linear',
      backoffDelay: 'PT0.2S',
      format: 'json',
    },
  ],
  ['valid', { backoffDelay: 'PT0S' }],
  ['valid', { backoffDelay: '-PT1S' }],
  ['valid', { timeout: 'P1Y' }],
  ['invalid', { timeout: 'abc' }],
  ['invalid', { timeout: '30s' }],
  ['invalid', { timeout: '' }],
  ['invalid', { backoffDelay: '5s' }],
  ['invalid', { deadLetterSink: {} }],
  ['invalid', { deadLetterSink: NO_VERSION }],
  ['invalid', { retry: -1 }],
  ['invalid', { retry: 2 ** 31 }],
  ['invalid', { retry: 1.5 }],
  ['invalid', { retry: '3' }],
  ['invalid', { backoffPolicy: 'quadratic' }],
  ['invalid', { format: 'JSON' }],
  ['invalid', { backoffMax: 'PT1M' }],
  // A number that is not above zero.
  ['webhook', { timeout: 'PT0S' }],
  ['webhook', { timeout: '-PT1S' }],
  // Looks like a duration, and is none.
  ['webhook', { backoffDelay: 'PSOON' }],
  // A feature that is off.
  ['webhook', { retryAfterMax: 'PT1S' }],
];

/** What every destination is judged by. */
const DESTINATIONS: readonly (readonly [Verdict, object])[] = [
  ['valid', SERVICE],
  ['valid', URI],
  ['valid', { ref: { ...REF, address: 'https' } }],
  ['valid', { ...SERVICE, uri: '/path' }],
  ['valid', { ...SERVICE, audience: 'a' }],
  ['invalid', { audience: 'a' }],
  ['invalid', NO_VERSION],
  ['invalid', { ref: { ...REF, name: '' } }],
  ['invalid', { ref: { ...REF, kind: '' } }],
  ['invalid', { ref: {} }],
  ['invalid', { ref: { nmae: 'a', kind: 'b', name: 'c' } }],
  ['invalid', { uri: 'http://a b' }],
  ['invalid', { uri: 5 }],
  // What a URI must be depends on whether there is a ref.
  ['webhook', { uri: '/relative' }],
  ['webhook', { ...SERVICE, uri: 'http://absolute' }],
  ['webhook', { uri: 'ftp://example.com' }],
  ['webhook', { uri: 'http://user:secret@example.com' }],
  ['webhook', { ...URI, CACerts: 'none' }],
  ['webhook', { ref: { ...REF, group: 'x' } }],
];

/** A Trigger of Broker `default`, unless told otherwise. */
export function trigger(spec: object): object {
  return { broker: 'default', subscriber: SERVICE, ...spec };
}

function withFilters(...filters: unknown[]): object {
  return trigger({ filters });
}

const TRIGGERS = samples('Trigger', [
  ...DESTINATIONS.map(([verdict, subscriber]): Row => [verdict, trigger({ subscriber })]),
  ...DELIVERIES.map(([verdict, delivery]): Row => [verdict, trigger({ delivery })]),
  ['invalid', undefined],
  ['invalid', {}],
  ['invalid', { broker: 'default' }],
  ['invalid', { subscriber: SERVICE }],
  ['invalid', trigger({ broker: '' })],
  ['invalid', trigger({ broker: 5 })],
  ['invalid', trigger({ brokerRef: BROKER_REF })],
  ['valid', { subscriber: SERVICE, brokerRef: BROKER_REF }],
  ['valid', { subscriber: SERVICE, brokerRef: { name: 'b' } }],
  ['invalid', { subscriber: SERVICE, brokerRef: { ...BROKER_REF, name: '' } }],
  ['invalid', { subscriber: SERVICE, brokerRef: { ...BROKER_REF, kind: 'Channel' } }],
  ['webhook', { subscriber: SERVICE, brokerRef: { ...BROKER_REF, namespace: 'other' } }],
  ['invalid', trigger({ subscriber: {} })],
  ['invalid', trigger({ filtres: [] })],
  ['valid', trigger({ filter: {}, filters: [] })],
  ['valid', trigger({ filter: { attributes: {} } })],
  ['valid', trigger({ filter: { attributes: { type: '' } } })],
  ['valid', withFilters({ exact: { type: 'a' } }, { prefix: { type: 'a' } })],
  ['valid', withFilters({ cesql: "type LIKE 'order%'" })],
  ['valid', withFilters({ all: [{ exact: { type: 'a' } }, { not: { prefix: { source: '/' } } }] })],
  ['invalid', withFilters({})],
  ['invalid', withFilters({ exact: {} })],
  ['invalid', withFilters({ any: [] })],
  ['invalid', withFilters({ exact: { type: '' } })],
  ['invalid', withFilters({ suffix: { type: '' } })],
  ['invalid', withFilters({ exact: { type: true } })],
  ['invalid', withFilters({ exact: { type: 'a' }, prefix: { type: 'a' } })],
  ['invalid', withFilters({ exact: { type: 'a' }, cesql: 'TRUE' })],
  ['invalid', withFilters({ any: [{ exakt: {} }] })],
  ['invalid', withFilters({ any: [{ exact: { type: '' } }] })],
  // The names of attributes, the syntax of an expression, what is nested deeper than schemas go.
  ['webhook', withFilters({ exact: { Type: 'a' } })],
  ['webhook', trigger({ filter: { attributes: { 's-pace': 'a' } } })],
  ['webhook', withFilters({ cesql: 'type =' })],
  ['webhook', withFilters({ all: [{ any: [{ exakt: {} }] }] })],
  ['webhook', trigger({}), { 'knative.dev/dependency': 'not json' }],
  ['webhook', trigger({}), { 'eventing.knative.dev/injection': 'on' }],
  ['valid', trigger({}), { 'eventing.knative.dev/injection': 'enabled' }],
  ['webhook', trigger({}), { 'afflux.dev/max-in-flight': 'many' }],
]);

const BROKERS = samples('Broker', [
  ...DELIVERIES.map(([verdict, delivery]): Row => [verdict, { delivery }]),
  ['valid', undefined],
  ['valid', {}],
  ['valid', { config: CONFIG }],
  ['valid', { config: { ...CONFIG, namespace: 'other' } }],
  ['invalid', []],
  ['invalid', { confg: {} }],
  ['invalid', { config: { kind: 'ConfigMap', name: 'a' } }],
  ['invalid', { config: { ...CONFIG, name: '' } }],
  ['webhook', { config: { ...CONFIG, group: 'x' } }],
  ['webhook', {}, { 'eventing.knative.dev/broker.class': '' }],
  ['webhook', {}, { 'eventing.knative.dev/broker.class': 'RabbitMQBroker' }],
  ['valid', {}, { 'eventing.knative.dev/broker.class': 'Kafka' }],
  ['webhook', {}, { 'messaging.knative.dev/async-handler': 'yes' }],
]);

const CHANNELS = samples('Channel', [
  ['valid', undefined],
  ['valid', { channelTemplate: templateOf('InMemoryChannel') }],
  ['valid', { channelTemplate: { ...templateOf('X'), spec: { a: { b: 1 } } } }],
  ['valid', { subscribers: [] }],
  ['invalid', { channelTemplate: {} }],
  ['invalid', { channelTemplate: { apiVersion: '', kind: '' } }],
  ['invalid', { subscribers: [SUBSCRIBER] }],
  ['invalid', { delivery: { timeout: '' } }],
  ['webhook', { delivery: { deadLetterSink: { ref: { ...REF, namespace: 'other' } } } }],
  ['webhook', {}, { 'afflux.dev/rate': '5' }],
]);

/** A channel template. */
export function templateOf(kind: string): object {
  return { apiVersion: 'messaging.knative.dev/v1', kind };
}

const CHANNEL_KINDS: readonly (readonly [string, object, string?])[] = [
  ['InMemoryChannel', {}],
  ['DurableChannel', {}],
  ['KafkaChannel', {}],
  ['KafkaChannel', {}, 'messaging.knative.dev/v1'],
  ['RabbitmqChannel', { rabbitmqBrokerConfigRef: { name: 'r' } }],
];

const BACKING_CHANNELS = CHANNEL_KINDS.flatMap(([kind, own, apiVersion]) =>
  samples(
    kind,
    [
      ['valid', own],
      ['valid', { ...own, subscribers: [SUBSCRIBER, { uid: 'u2', replyUri: 'http://b' }] }],
      ['invalid', { ...own, subscribers: [SUBSCRIBER, { uid: 'u2' }] }],
      ['invalid', { ...own, subscribers: [{ uid: 'u2', subscriberUri: '' }] }],
      ['invalid', { ...own, delivery: { backoffDelay: 'soon' } }],
      ['invalid', { ...own, colour: 'red' }],
      ['webhook', { ...own, delivery: { retryAfterMax: 'PT1S' } }],
    ],
    apiVersion,
  ),
);

const OWN_CHANNELS = [
  ...samples('InMemoryChannel', [
    ['valid', {}, { 'eventing.knative.dev/scope': 'cluster' }],
    ['webhook', {}, { 'eventing.knative.dev/scope': 'galaxy' }],
  ]),
  ...samples('DurableChannel', [
    ['valid', { retentionDuration: 'PT168H', retentionBytes: '10GiB', ordering: 'ordered' }],
    ['invalid', { ordering: 'sorted' }],
    ['webhook', { retentionDuration: 'a week' }],
    ['webhook', { retentionBytes: '1KiB' }],
  ]),
  ...samples('KafkaChannel', [
    ['valid', { numPartitions: 3, replicationFactor: 2, retentionDuration: 'PT1H' }],
    ['invalid', { numPartitions: 0 }],
    ['invalid', { replicationFactor: -1 }],
    ['invalid', { numPartitions: 2 ** 31 }],
    ['webhook', { retentionDuration: 'long' }],
  ]),
  ...samples('RabbitmqChannel', [
    ['valid', { rabbitmqClusterReference: { name: 'c' } }],
    ['valid', { rabbitmqClusterReference: { connectionSecret: { name: 's' } }, vhost: 'v' }],
    ['invalid', undefined],
    ['invalid', {}],
    ['invalid', { rabbitmqBrokerConfigRef: { name: '' } }],
    [
      'invalid',
      { rabbitmqBrokerConfigRef: { name: 'r' }, rabbitmqClusterReference: { name: 'c' } },
    ],
    ['invalid', { rabbitmqBrokerConfigRef: { name: 'r' }, vhost: 'v' }],
    ['invalid', { rabbitmqClusterReference: { name: 'c', connectionSecret: { name: 's' } } }],
    ['invalid', { rabbitmqClusterReference: {} }],
  ]),
];

const SUBSCRIPTIONS = samples('Subscription', [
  ...DESTINATIONS.map(([verdict, subscriber]): Row => [verdict, { channel: CHANNEL, subscriber }]),
  ['valid', { channel: CHANNEL, subscriber: SERVICE, reply: {} }],
  ['valid', { channel: CHANNEL, subscriber: SERVICE, reply: URI, delivery: { format: 'binary' } }],
  ['invalid', undefined],
  ['invalid', { channel: CHANNEL }],
  ['invalid', { subscriber: SERVICE }],
  ['invalid', { channel: CHANNEL, subscriber: {} }],
  ['invalid', { channel: { ...CHANNEL, name: '' }, subscriber: SERVICE }],
  ['invalid', { channel: { kind: 'Channel', name: 'c' }, subscriber: SERVICE }],
  ['webhook', { channel: { ...CHANNEL, namespace: 'other' }, subscriber: SERVICE }],
  ['webhook', { channel: CHANNEL, subscriber: SERVICE, reply: { uri: '/x' } }],
]);

const FLOWS = [
  ...samples('Sequence', [
    ...DESTINATIONS.map(([verdict, step]): Row => [verdict, { steps: [SERVICE, step] }]),
    ['valid', { steps: [{ ...SERVICE, delivery: { deadLetterSink: SERVICE } }], reply: SERVICE }],
    ['invalid', undefined],
    ['invalid', { steps: [] }],
    ['invalid', { steps: [{}] }],
    ['invalid', { steps: [SERVICE], reply: {} }],
    ['invalid', { steps: [SERVICE], channelTemplate: { apiVersion: 'a', kind: '' } }],
    ['invalid', { steps: [{ ...SERVICE, delivery: { backoffDelay: 'x' } }] }],
    ['webhook', { steps: [SERVICE] }, { 'afflux.dev/rate': '5' }],
  ]),
  ...samples('Parallel', [
    ...DESTINATIONS.map(([verdict, filter]): Row => [
      verdict,
      { branches: [{ filter, subscriber: SERVICE }] },
    ]),
    [
      'valid',
      {
        branches: [
          { filter: SERVICE, subscriber: SERVICE, reply: SERVICE, delivery: { retry: 1 } },
          { subscriber: URI },
        ],
        reply: SERVICE,
      },
    ],
    ['invalid', undefined],
    ['invalid', { branches: [] }],
    ['invalid', { branches: [{}] }],
    ['invalid', { branches: [{ subscriber: {} }] }],
    ['invalid', { branches: [{ subscriber: SERVICE, delivery: { backoffDelay: 'x' } }] }],
  ]),
];

const EVENT_TYPES = [
  ...samples(
    'EventType',
    [
      ['valid', { attributes: ATTRIBUTES }],
      ['valid', { attributes: [...ATTRIBUTES, { name: 'ext' }], reference: BROKER_REF }],
      ['invalid', undefined],
      ['invalid', { attributes: [] }],
      ['invalid', { attributes: ATTRIBUTES.slice(1, 3) }],
      ['invalid', { attributes: [...ATTRIBUTES, { name: 'My-Ext' }] }],
      ['invalid', { attributes: ATTRIBUTES, reference: { kind: 'Broker', name: '' } }],
      ['invalid', { attributes: new Array(300).fill({ name: 'id' }) }],
      // A field of the other versions, which the CRD keeps so that nothing is lost between versions.
      ['webhook', { attributes: ATTRIBUTES, type: 'a' }],
    ],
    'eventing.knative.dev/v1beta3',
  ),
  ...['v1beta2', 'v1beta1'].flatMap((version) =>
    samples(
      'EventType',
      [
        ['valid', { type: 'a', source: '/s', schema: '/x', schemaData: '{}', description: 'd' }],
        ['invalid', undefined],
        ['invalid', { type: '' }],
        ['invalid', { type: 'a', source: '' }],
        ['invalid', { type: 'a', schema: '' }],
      ],
      `eventing.knative.dev/${version}`,
    ),
  ),
];

export const SINK = { topic: 'orders', bootstrapServers: ['kafka:9092'] };

const BACK_ENDS = [
  ...samples('KafkaSink', [
    ['valid', SINK],
    ['valid', { ...SINK, numPartitions: 1, replicationFactor: 1, contentMode: 'structured' }],
    ['invalid', undefined],
    ['invalid', { ...SINK, topic: '' }],
    ['invalid', { ...SINK, topic: 'a/b' }],
    ['invalid', { ...SINK, bootstrapServers: [] }],
    ['invalid', { ...SINK, numPartitions: 0 }],
    ['invalid', { ...SINK, auth: { secret: { ref: { name: '' } } } }],
    ['webhook', { ...SINK, bootstrapServers: [' '] }],
    ['webhook', { ...SINK, topic: '..' }],
  ]),
  ...samples('RabbitmqBrokerConfig', [
    ['valid', { rabbitmqClusterReference: { name: 'c' } }],
    ['invalid', undefined],
    ['invalid', {}],
    ['invalid', { rabbitmqClusterReference: {} }],
    ['invalid', { rabbitmqClusterReference: { name: 'c' }, queueType: 'stream' }],
  ]),
];

/** Statuses as controllers write them, and one that they do not. */
const WHOLE_OBJECTS: readonly Sample[] = [
  { kind: 'Broker', verdict: 'invalid', more: { specs: {} } },
  // A cluster takes the status off a new object before it looks at it.
  { kind: 'Broker', verdict: 'webhook', more: { status: { conditions: [{ status: 'True' }] } } },
  {
    kind: 'Broker',
    verdict: 'valid',
    more: {
      status: {
        observedGeneration: 2,
        address: { name: 'http', url: 'http://broker' },
        annotations: { 'knative.dev/channelName': 'c' },
        conditions: [
          { type: 'Ready', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' },
          { type: 'Extra', status: 'Unknown', severity: 'Info', reason: 'R', message: 'm' },
        ],
        policies: [{ apiVersion: 'eventing.knative.dev/v1alpha1', name: 'p' }],
      },
    },
  },
];

/** Every sample. */
export const SAMPLES: readonly Sample[] = [
  ...TRIGGERS,
  ...BROKERS,
  ...CHANNELS,
  ...BACKING_CHANNELS,
  ...OWN_CHANNELS,
  ...SUBSCRIPTIONS,
  ...FLOWS,
  ...EVENT_TYPES,
  ...BACK_ENDS,
  ...WHOLE_OBJECTS,
];
