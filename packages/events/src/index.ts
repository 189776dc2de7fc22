export { decodeAmqp, encodeAmqp } from './amqp-message.ts';
export type { AmqpDelivery, AmqpMessage } from './amqp-message.ts';
export type { AttributeValue } from './attribute-value.ts';
export { encodeBinary } from './binary-encode.ts';
export type { BinaryMessage } from './binary-encode.ts';
export { CloudEvent } from './cloud-event.ts';
export type { Carried, DataForm } from './cloud-event.ts';
export type { EncodeOptions } from './encode-options.ts';
export { EventsError, StoredFormError } from './errors.ts';
export type { EventsErrorCode, EventsErrorStatus, Problem } from './errors.ts';
export { decodeHttp, decodeHttpReply } from './http.ts';
export type { HttpReply } from './http.ts';
export { decodeKafka, encodeKafka } from './kafka-message.ts';
export type {
  KafkaContentMode,
  KafkaHeaderValue,
  KafkaMessage,
  KafkaRecordInput,
} from './kafka-message.ts';
export { LIMITS } from './limits.ts';
export type { DecodeOptions, HeaderEncoding, Limits } from './limits.ts';
export { makeEvent } from './make-event.ts';
export type { EventInput } from './make-event.ts';
export type { SpecVersion } from './rules.ts';
export { sameEvent } from './same-event.ts';
export { decodeStored, encodeStored } from './stored-form.ts';
export { encodeBatch, encodeStructured } from './structured-encode.ts';
export type { StructuredMessage } from './structured-encode.ts';
export { timestampMs } from './timestamp.ts';
