/** Changes of objects, judged as the samples are. */
import {
  CHANNEL,
  CONFIG,
  SERVICE,
  SINK,
  templateOf,
  trigger,
  URI,
  type Sample,
} from './samples.ts';

/** A change of an object that is there. */
export interface ChangeSample extends Omit<Sample, 'spec'> {
  readonly before: unknown;
  readonly after: unknown;
}

const TEMPLATE = templateOf('InMemoryChannel');
const CLUSTER = { rabbitmqClusterReference: { name: 'c' }, queueType: 'quorum' };

/** Changes that may be made, and those that may not. */
export const CHANGES: readonly ChangeSample[] = [
  {
    kind: 'Trigger',
    before: trigger({}),
    after: trigger({ broker: 'other' }),
    verdict: 'invalid',
  },
  {
    kind: 'Trigger',
    before: trigger({}),
    after: trigger({
      subscriber: URI,
      filters: [{ exact: { type: 'a' } }],
      delivery: { retry: 1 },
    }),
    verdict: 'valid',
  },
  {
    kind: 'Broker',
    before: { config: CONFIG },
    after: { config: { ...CONFIG, name: 'name2' } },
    verdict: 'invalid',
  },
  {
    kind: 'Broker',
    before: { config: CONFIG },
    after: { config: CONFIG, delivery: { retry: 1 } },
    verdict: 'valid',
  },
  {
    kind: 'Subscription',
    before: { channel: CHANNEL, subscriber: SERVICE },
    after: { channel: { ...CHANNEL, name: 'd' }, subscriber: SERVICE },
    verdict: 'invalid',
  },
  {
    kind: 'Subscription',
    before: { channel: CHANNEL, subscriber: SERVICE },
    after: { channel: CHANNEL, subscriber: URI, reply: URI, delivery: { retry: 1 } },
    verdict: 'valid',
  },
  {
    kind: 'Channel',
    before: { channelTemplate: TEMPLATE },
    after: { channelTemplate: templateOf('OtherChannel') },
    verdict: 'invalid',
  },
  {
    kind: 'Channel',
    before: { channelTemplate: TEMPLATE },
    after: { channelTemplate: { ...TEMPLATE, spec: { a: 1 } } },
    // The rule does not see into the spec of the template.
    verdict: 'webhook',
  },
  {
    kind: 'Channel',
    before: { channelTemplate: TEMPLATE },
    after: { channelTemplate: TEMPLATE, delivery: { retry: 5 } },
    verdict: 'valid',
  },
  {
    kind: 'KafkaChannel',
    before: { numPartitions: 1, replicationFactor: 1, retentionDuration: 'PT168H' },
    after: { numPartitions: 2, replicationFactor: 1, retentionDuration: 'PT168H' },
    verdict: 'invalid',
  },
  {
    kind: 'KafkaChannel',
    before: { numPartitions: 1, replicationFactor: 1, retentionDuration: 'PT168H' },
    after: {
      numPartitions: 1,
      replicationFactor: 1,
      retentionDuration: 'PT168H',
      delivery: { retry: 1 },
    },
    verdict: 'valid',
  },
  {
    kind: 'KafkaSink',
    before: SINK,
    after: { ...SINK, topic: 'other' },
    verdict: 'invalid',
  },
  {
    kind: 'KafkaSink',
    before: SINK,
    after: { ...SINK, bootstrapServers: ['other:9092'] },
    verdict: 'valid',
  },
  {
    kind: 'RabbitmqBrokerConfig',
    before: CLUSTER,
    after: { ...CLUSTER, queueType: 'classic' },
    verdict: 'invalid',
  },
  {
    kind: 'RabbitmqChannel',
    before: CLUSTER,
    after: { ...CLUSTER, rabbitmqClusterReference: { name: 'd' } },
    verdict: 'invalid',
  },
  {
    kind: 'DurableChannel',
    before: { retentionBytes: '1GiB' },
    after: { retentionBytes: '2GiB', ordering: 'ordered' },
    verdict: 'valid',
  },
  {
    kind: 'Sequence',
    before: { steps: [SERVICE] },
    after: { steps: [SERVICE, URI], channelTemplate: templateOf('X') },
    verdict: 'valid',
  },
];
