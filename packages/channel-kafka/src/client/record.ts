/** A record as it was read. Offsets are numbers: they stay far below 2^53. */
import type { KafkaHeaderValue } from '@afflux/events';

export type KafkaHeaders = Readonly<Record<string, KafkaHeaderValue>>;

export interface KafkaRecord {
  readonly offset: number;
  /** Milliseconds since 1970, set by the producer or by Kafka as the topic is configured. */
  readonly timestampMs: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: KafkaHeaders;
}

/** What the client library hands over. */
export interface LibraryRecord {
  readonly offset: string;
  readonly timestamp: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers?: KafkaHeaders | undefined;
}

export function toRecord({ offset, timestamp, key, value, headers }: LibraryRecord): KafkaRecord {
  return {
    offset: Number(offset),
    timestampMs: Number(timestamp),
    key,
    value,
    headers: headers ?? {},
  };
}

/** The text of a header, of the first one where there are several. */
export function headerText(headers: KafkaHeaders, name: string): string | undefined {
  const value = headers[name];
  const first = Array.isArray(value) ? (value as readonly (Uint8Array | string)[])[0] : value;
  if (first === undefined || typeof first === 'string') return first;
  return Buffer.from(first as Uint8Array).toString('utf8');
}
