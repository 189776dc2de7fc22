/** Records of a channel's topics and the events in them. */
import { type CloudEvent, decodeKafka, encodeKafka, type KafkaContentMode } from '@afflux/events';
import type { KafkaRecord, OutgoingRecord } from './client/index.ts';

/** In the topic for redelivery: the subscription that the record is for. */
export const SUBSCRIPTION_HEADER = 'afflux-subscription';

export function encodeRecord(event: CloudEvent, mode: KafkaContentMode): OutgoingRecord {
  return encodeKafka(event, { mode });
}

export function encodeRedelivery(event: CloudEvent, subscription: string): OutgoingRecord {
  const { key, value, headers } = encodeKafka(event);
  const named = { ...headers, [SUBSCRIPTION_HEADER]: Buffer.from(subscription) };
  return { key, value, headers: named };
}

export interface DecodedRecord {
  /** Undefined: the record is no event. */
  readonly event: CloudEvent | undefined;
  /** Why it is none, where it claims to be one. */
  readonly error?: unknown;
}

export function decodeRecord(
  record: KafkaRecord,
  origin?: { readonly partition: number; readonly offset: number },
): DecodedRecord {
  try {
    const event = decodeKafka(record);
    if (event === undefined || origin === undefined) return { event };
    return { event: event.with(offsetAttributes(origin)) };
  } catch (error) {
    return { event: undefined, error };
  }
}

/** An attribute that is an integer has 32 bits; a later offset goes as text. */
const INTEGER_MAX = 2 ** 31 - 1;

function offsetAttributes({ partition, offset }: { partition: number; offset: number }) {
  return {
    knativekafkapartition: partition,
    knativekafkaoffset: offset <= INTEGER_MAX ? offset : String(offset),
  };
}
