export { KafkaAdmin } from './admin.ts';
export type {
  FetchedRecords,
  PartitionEnds,
  PartitionOffset,
  TopicFacts,
  TopicSpec,
} from './admin.ts';
export { connectionKey } from './connection.ts';
export type { KafkaAuth, KafkaConnection, SaslMechanism } from './connection.ts';
export { GROUP_TIMES, GroupConsumer } from './consumer.ts';
export type {
  CommitOffset,
  GroupConsumerOptions,
  GroupMember,
  GroupTimes,
  RecordBatch,
} from './consumer.ts';
export { isRefusal, shortReason } from './errors.ts';
export { partitionOf } from './murmur2.ts';
export { KafkaProducer, RecordTooLarge } from './producer.ts';
export type { OutgoingRecord, ProducerOptions } from './producer.ts';
export { headerText } from './record.ts';
export type { KafkaHeaders, KafkaRecord } from './record.ts';
