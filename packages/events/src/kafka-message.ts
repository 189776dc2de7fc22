/**
 * Kafka protocol binding, both ways, on bytes: whatever client reads and writes the records converts nothing.
 *
 * - Binary mode: attributes in headers `ce_<name>` as plain UTF-8, `datacontenttype` in `content-type`, the data
 *   is the value; no data is a null value, which a compacted topic takes for a deletion.
 * - Structured mode: the value is the JSON envelope, `content-type` says so.
 * - The record's key is the attribute `partitionkey`, which stays an attribute as well. A key that was read
 *   never becomes an attribute: others use keys for their own ends.
 *
 * A record without the marks of an event is no error: `decodeKafka` says undefined, and its caller decides what
 * such a record means.
 */
import { attributeKey, CONTENT_TYPE_KEY } from './attribute-key.ts';
import { AttributeTable } from './attribute-table.ts';
import { canonicalText, valueBytes } from './attribute-value.ts';
import { carriedOf, PASSTHROUGH_HEADER, passthroughText } from './carried-headers.ts';
import { type Carried, CloudEvent, tableOf } from './cloud-event.ts';
import type { Problem } from './errors.ts';
import { EventsError, note, shown } from './errors.ts';
import type { DecodeOptions } from './limits.ts';
import { decodeSettings } from './limits.ts';
import { mediaType } from './media-type.ts';
import {
  attributesProblem,
  isAbsentWhenEmpty,
  isSpecVersion,
  kindIn,
  REQUIRED_ATTRIBUTES,
  valueProblem,
} from './rules.ts';
import { decodeStructured } from './structured-decode.ts';
import { encodeStructured } from './structured-encode.ts';

export type KafkaContentMode = 'binary' | 'structured';

/** A header as clients hand it over: a name that occurs twice has a list. */
export type KafkaHeaderValue = Uint8Array | string | readonly (Uint8Array | string)[] | undefined;

/** What is read of a record. */
export interface KafkaRecordInput {
  readonly key?: Uint8Array | null | undefined;
  readonly value: Uint8Array | null | undefined;
  readonly headers?: Readonly<Record<string, KafkaHeaderValue>> | undefined;
}

/** What is written of a record. The value is shared with the event and must not be written to. */
export interface KafkaMessage {
  /** Null: there is no `partitionkey`. */
  readonly key: Buffer | null;
  /** Null: there is no data. */
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, Buffer>>;
}

const PREFIX = 'ce_';
const CONTENT_TYPE = 'content-type';
const STRUCTURED_TYPE = Buffer.from('application/cloudevents+json; charset=UTF-8');
const JSON_TYPE = Buffer.from('application/json');

/** Writes an event as a record; binary mode unless told otherwise. */
export function encodeKafka(
  event: CloudEvent,
  options: { readonly mode?: KafkaContentMode } = {},
): KafkaMessage {
  const partitionKey = event.getText('partitionkey');
  const key = partitionKey === undefined || partitionKey === '' ? null : Buffer.from(partitionKey);
  if (options.mode === 'structured') {
    const headers: Record<string, Buffer> = { [CONTENT_TYPE]: STRUCTURED_TYPE };
    writeCarried(headers, event.carried);
    return { key, value: encodeStructured(event).body, headers };
  }
  return { key, value: event.data ?? null, headers: binaryHeaders(event) };
}

function binaryHeaders(event: CloudEvent): Record<string, Buffer> {
  const { keys, values } = tableOf(event);
  const headers: Record<string, Buffer> = {};
  for (let index = 0; index < keys.length; index++) {
    const key = keys[index];
    const value = values[index];
    if (key === undefined || value === undefined) continue;
    const name = key.kind === 'datacontenttype' ? CONTENT_TYPE : PREFIX + key.name;
    headers[name] = Buffer.from(canonicalText(value));
  }
  // Structured JSON implies the type of its data; binary mode cannot, so it is said (JSON format §3.1.2).
  if (event.dataForm === 'json') headers[CONTENT_TYPE] ??= JSON_TYPE;
  writeCarried(headers, event.carried);
  return headers;
}

/** The trace goes under the names that tracing of Kafka clients uses. */
function writeCarried(headers: Record<string, Buffer>, carried: Carried | undefined): void {
  if (carried === undefined) return;
  const passthrough = passthroughText(carried);
  if (passthrough !== undefined) headers[PASSTHROUGH_HEADER] = Buffer.from(passthrough);
  const { traceparent, tracestate, baggage } = carried.trace ?? {};
  for (const [name, text] of Object.entries({ traceparent, tracestate, baggage })) {
    if (text !== undefined) headers[name] = Buffer.from(text);
  }
}

/**
 * Reads the event of a record. Undefined: the record has no marks of an event.
 *
 * @throws EventsError when it has them and is no event: every problem is named.
 */
export function decodeKafka(
  record: KafkaRecordInput,
  options?: DecodeOptions,
): CloudEvent | undefined {
  const headers = Object.entries(record.headers ?? {});
  const event = decodeRecord(headers, record.value, decodeSettings(options));
  const textIn = (name: string): string | undefined => {
    const value = record.headers?.[name];
    return value === undefined ? undefined : textOf(value);
  };
  const carried = carriedOf(textIn(PASSTHROUGH_HEADER), textIn);
  return carried === undefined ? event : event?.carrying(carried);
}

function decodeRecord(
  headers: Headers,
  bytes: Uint8Array | null | undefined,
  settings: ReturnType<typeof decodeSettings>,
): CloudEvent | undefined {
  const type = contentType(headers);
  const value = asBuffer(bytes ?? undefined);
  const media = type === undefined ? undefined : mediaType(type);
  if (media?.format === 'json') {
    return decodeStructured(value ?? Buffer.alloc(0), settings)[0];
  }
  const isMarked = headers.some(([name]) => name.toLowerCase() === 'ce_specversion');
  if (media?.format === 'json-batch' || (media?.format === 'unknown' && !isMarked)) {
    throw unsupportedFormat(type ?? '');
  }
  return isMarked
    ? decodeBinaryRecord(headers, type, value, settings.attributesBytesMax)
    : undefined;
}

type Headers = readonly (readonly [string, KafkaHeaderValue])[];

function decodeBinaryRecord(
  headers: Headers,
  type: string | undefined,
  value: Buffer | undefined,
  attributesBytesMax: number,
): CloudEvent {
  const problems: Problem[] = [];
  const table = readTable(headers, type, problems);
  for (const name of REQUIRED_ATTRIBUTES) {
    const isNoted = problems.some(({ attribute }) => attribute === name);
    if (table.indexOf(name) < 0 && !isNoted) {
      note(problems, { attribute: name, reason: `is missing: add the header ce_${name}` });
    }
  }
  if (problems.length > 0) throw new EventsError('AFFLUX_EVENTS_INVALID', 400, problems);
  if (table.bytes > attributesBytesMax) {
    throw new EventsError('AFFLUX_EVENTS_TOO_LARGE', 413, [attributesProblem(attributesBytesMax)]);
  }
  const hasData = value !== undefined && value.length > 0;
  return new CloudEvent(table, hasData ? value : undefined, hasData ? 'bytes' : 'none');
}

function readTable(
  headers: Headers,
  type: string | undefined,
  problems: Problem[],
): AttributeTable {
  const table = new AttributeTable();
  const declared = headers.find(([name]) => name.toLowerCase() === 'ce_specversion')?.[1];
  const declaredText = textOf(declared);
  const version = isSpecVersion(declaredText) ? declaredText : '1.0';
  for (const [header, raw] of headers) {
    const lower = header.toLowerCase();
    if (!lower.startsWith(PREFIX)) continue;
    const key = attributeKey(lower.slice(PREFIX.length));
    const value = textOf(raw);
    if (value === '' && isAbsentWhenEmpty(kindIn(key.kind, version))) continue;
    const reason =
      key.problem ?? repeated(table, key.name, raw) ?? valueProblem(key, value, version);
    if (reason !== undefined) note(problems, { attribute: key.name, reason });
    else if (key.name !== CONTENT_TYPE_KEY.name) {
      table.append(key, value, undefined, valueBytes(value));
    }
  }
  if (type !== undefined && type !== '') {
    table.append(CONTENT_TYPE_KEY, type, undefined, valueBytes(type));
  }
  return table;
}

function repeated(table: AttributeTable, name: string, raw: KafkaHeaderValue): string | undefined {
  const isRepeated = table.indexOf(name) >= 0 || (Array.isArray(raw) && raw.length > 1);
  return isRepeated ? 'is there more than once: write one header' : undefined;
}

function contentType(headers: Headers): string | undefined {
  const found = headers.find(([name]) => name.toLowerCase() === CONTENT_TYPE);
  return found === undefined ? undefined : textOf(found[1]);
}

function textOf(value: KafkaHeaderValue): string {
  if (value === undefined) return '';
  if (typeof value === 'string') return value;
  if (value instanceof Uint8Array) return (asBuffer(value) as Buffer).toString('utf8');
  return textOf(value[0]);
}

function asBuffer(bytes: Uint8Array | undefined): Buffer | undefined {
  if (bytes === undefined || Buffer.isBuffer(bytes)) return bytes;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function unsupportedFormat(type: string): EventsError {
  const reason = `${shown(type)} is an event format that is not read here: write application/cloudevents+json, or ce_ headers`;
  return new EventsError('AFFLUX_EVENTS_UNSUPPORTED', 415, [{ attribute: CONTENT_TYPE, reason }]);
}
