/**
 * An event as one binary record, for whoever keeps events: everything that is needed for it to leave as it came,
 * and nothing that must be parsed again.
 *
 *     record     version:1 form:1 size:4 attributes:v attribute* carried:1 [passthrough] [trace] data…
 *     attribute  name:s kind:1 value [raw:s]
 *     value      text:s | integer:4 | (true and false are kinds) | binary:s
 *     s          length:v bytes           v = length in groups of 7 bits, the last one below 128
 *
 * The data are the rest of the record: they are copied into it once, and what is read shares the record's memory.
 * `size` is the part of `sizeBytes` that the attributes make. Integrity is the keeper's business: a record that
 * was cut or changed is refused only where it cannot be read.
 */
import { attributeKey } from './attribute-key.ts';
import { AttributeTable } from './attribute-table.ts';
import { type AttributeValue, valueBytes } from './attribute-value.ts';
import { type Carried, CloudEvent, type DataForm, tableOf } from './cloud-event.ts';
import { StoredFormError } from './errors.ts';

const VERSION = 1;

const FORMS: readonly DataForm[] = ['none', 'bytes', 'json', 'text'];

const TEXT = 0;
const INTEGER = 1;
const TRUE = 2;
const FALSE = 3;
const BINARY = 4;
/** Beside the kind: the header text follows. */
const HAS_RAW = 0x10;
/** Beside the kind: the header text is the value itself. */
const RAW_IS_VALUE = 0x20;
const KIND_MASK = 0x0f;

const HAS_PASSTHROUGH = 1;
const HAS_TRACE = 2;
const HAS_TRACESTATE = 4;
const HAS_BAGGAGE = 8;

/** Attribute names and values are mostly short: shorter than this, a text has a length of one byte. */
const ONE_BYTE_LENGTH_MAX = 0x7f;

/**
 * The record of an event. The first `headroom` bytes of the buffer are left for the caller to fill, so that what
 * it adds costs no further copy.
 */
export function encodeStored(event: CloudEvent, headroom = 0): Buffer {
  const { data } = event;
  const dataLength = data === undefined ? 0 : data.length;
  const writer = new Writer(headroom + lengthMax(event) + dataLength, headroom);
  writer.byte(VERSION);
  writer.byte(FORMS.indexOf(event.dataForm));
  const { keys, values, raws, bytes } = tableOf(event);
  writer.uint32(bytes);
  writer.count(keys.length);
  for (let index = 0; index < keys.length; index++) {
    writer.text(keys[index]?.name ?? '');
    writeAttribute(writer, values[index] ?? '', raws[index]);
  }
  writeCarried(writer, event.carried);
  if (data !== undefined) writer.bytes(data);
  return writer.finish();
}

/**
 * The event of a record made by {@link encodeStored}, without its headroom. The event's data share the memory of
 * the record, which nobody may write to any more.
 *
 * @throws StoredFormError `AFFLUX_EVENTS_STORED_UNREADABLE`: of a later version, cut or damaged.
 */
export function decodeStored(record: Buffer): CloudEvent {
  const reader = new Reader(record);
  const version = reader.byte();
  if (version !== VERSION) throw new StoredFormError(`has the unknown version ${String(version)}`);
  const form = FORMS[reader.byte()];
  if (form === undefined) throw new StoredFormError('has an unknown data form');
  const table = readTable(reader);
  const carried = readCarried(reader);
  const data = reader.rest();
  try {
    return new CloudEvent(table, form === 'none' ? undefined : data, form, carried);
  } catch (error) {
    throw new StoredFormError('lacks a required attribute', error);
  }
}

/** An upper bound that is quick to find: a UTF-16 unit is at most three bytes of UTF-8. */
function lengthMax(event: CloudEvent): number {
  const { keys, values, raws } = tableOf(event);
  let length = 16;
  for (let index = 0; index < keys.length; index++) {
    const value = values[index] ?? '';
    length += (keys[index]?.name.length ?? 0) + 3 * (raws[index]?.length ?? 0) + 16;
    length += typeof value === 'string' ? 3 * value.length : valueBytes(value);
  }
  const { carried } = event;
  if (carried === undefined) return length;
  for (const text of carried.passthrough ?? []) length += 3 * text.length + 5;
  const { traceparent = '', tracestate = '', baggage = '' } = carried.trace ?? {};
  return length + 3 * (traceparent.length + tracestate.length + baggage.length) + 20;
}

function writeAttribute(writer: Writer, value: AttributeValue, raw: string | undefined): void {
  const isSame = raw !== undefined && raw === value;
  const flags = raw === undefined ? 0 : isSame ? RAW_IS_VALUE : HAS_RAW;
  if (typeof value === 'string') {
    writer.byte(TEXT | flags);
    writer.text(value);
  } else if (typeof value === 'number') {
    writer.byte(INTEGER | flags);
    writer.uint32(value >>> 0);
  } else if (typeof value === 'boolean') {
    writer.byte((value ? TRUE : FALSE) | flags);
  } else {
    writer.byte(BINARY | flags);
    writer.count(value.length);
    writer.bytes(value);
  }
  if (raw !== undefined && !isSame) writer.text(raw);
}

function readTable(reader: Reader): AttributeTable {
  const size = reader.uint32();
  const count = reader.count();
  const table = new AttributeTable();
  for (let index = 0; index < count; index++) {
    const key = attributeKey(reader.text());
    const flags = reader.byte();
    const value = readValue(reader, flags & KIND_MASK);
    table.keys.push(key);
    table.values.push(value);
    table.raws.push(readRaw(reader, flags, value));
  }
  table.bytes = size;
  return table;
}

function readValue(reader: Reader, kind: number): AttributeValue {
  switch (kind) {
    case TEXT:
      return reader.text();
    case INTEGER:
      return reader.uint32() | 0;
    case TRUE:
      return true;
    case FALSE:
      return false;
    case BINARY:
      return Uint8Array.from(reader.take(reader.count()));
    default:
      throw new StoredFormError('has an attribute of an unknown kind');
  }
}

function readRaw(reader: Reader, flags: number, value: AttributeValue): string | undefined {
  if ((flags & HAS_RAW) !== 0) return reader.text();
  return (flags & RAW_IS_VALUE) !== 0 && typeof value === 'string' ? value : undefined;
}

function writeCarried(writer: Writer, carried: Carried | undefined): void {
  const { passthrough, trace } = carried ?? {};
  writer.byte(
    (passthrough === undefined ? 0 : HAS_PASSTHROUGH) |
      (trace === undefined ? 0 : HAS_TRACE) |
      (trace?.tracestate === undefined ? 0 : HAS_TRACESTATE) |
      (trace?.baggage === undefined ? 0 : HAS_BAGGAGE),
  );
  if (passthrough !== undefined) {
    writer.count(passthrough.length);
    for (const text of passthrough) writer.text(text);
  }
  if (trace === undefined) return;
  writer.text(trace.traceparent);
  if (trace.tracestate !== undefined) writer.text(trace.tracestate);
  if (trace.baggage !== undefined) writer.text(trace.baggage);
}

function readCarried(reader: Reader): Carried | undefined {
  const flags = reader.byte();
  if (flags === 0) return undefined;
  const passthrough =
    (flags & HAS_PASSTHROUGH) === 0
      ? undefined
      : Array.from({ length: reader.count() }, () => reader.text());
  if ((flags & HAS_TRACE) === 0) return { passthrough };
  const traceparent = reader.text();
  const tracestate = (flags & HAS_TRACESTATE) === 0 ? undefined : reader.text();
  const baggage = (flags & HAS_BAGGAGE) === 0 ? undefined : reader.text();
  return {
    passthrough,
    trace: {
      traceparent,
      ...(tracestate === undefined ? {} : { tracestate }),
      ...(baggage === undefined ? {} : { baggage }),
    },
  };
}

class Writer {
  readonly #buffer: Buffer;
  #at: number;

  constructor(lengthMax: number, start: number) {
    this.#buffer = Buffer.allocUnsafe(lengthMax);
    this.#at = start;
  }

  byte(value: number): void {
    this.#buffer[this.#at] = value;
    this.#at += 1;
  }

  uint32(value: number): void {
    this.#at = this.#buffer.writeUInt32BE(value, this.#at);
  }

  count(value: number): void {
    let rest = value;
    while (rest > ONE_BYTE_LENGTH_MAX) {
      this.byte((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    this.byte(rest);
  }

  text(value: string): void {
    // Where even three bytes a unit fit into one byte of length, it is written once the text is.
    if (value.length * 3 <= ONE_BYTE_LENGTH_MAX) {
      const written = this.#buffer.write(value, this.#at + 1);
      this.#buffer[this.#at] = written;
      this.#at += 1 + written;
      return;
    }
    this.count(Buffer.byteLength(value));
    this.#at += this.#buffer.write(value, this.#at);
  }

  bytes(value: Uint8Array): void {
    this.#buffer.set(value, this.#at);
    this.#at += value.length;
  }

  finish(): Buffer {
    return this.#buffer.subarray(0, this.#at);
  }
}

class Reader {
  readonly #record: Buffer;
  #at = 0;

  constructor(record: Buffer) {
    this.#record = record;
  }

  byte(): number {
    const value = this.#record[this.#at];
    if (value === undefined) throw new StoredFormError('ends too early');
    this.#at += 1;
    return value;
  }

  uint32(): number {
    return this.take(4).readUInt32BE(0);
  }

  count(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte <= ONE_BYTE_LENGTH_MAX) {
        // Nothing counted here is smaller than a byte: what is beyond the record is damaged.
        if (value > this.#record.length) break;
        return value;
      }
    }
    throw new StoredFormError('has a length beyond its end');
  }

  text(): string {
    const length = this.count();
    const end = this.#at + length;
    if (end > this.#record.length) throw new StoredFormError('ends too early');
    const text = this.#record.toString('utf8', this.#at, end);
    this.#at = end;
    return text;
  }

  take(length: number): Buffer {
    const end = this.#at + length;
    if (end > this.#record.length) throw new StoredFormError('ends too early');
    const bytes = this.#record.subarray(this.#at, end);
    this.#at = end;
    return bytes;
  }

  rest(): Buffer {
    return this.#record.subarray(this.#at);
  }
}
