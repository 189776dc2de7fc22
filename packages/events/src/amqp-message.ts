/**
 * Events as messages of AMQP 0-9-1, the protocol of RabbitMQ.
 *
 * - *written*: binary mode only. Attributes are headers by their bare names, always as strings (bindings compare
 *   types too), the data is the body, untouched. What goes on with an event travels in headers of ours that start
 *   with `x-`, which bindings ignore.
 * - *read*: bare names, `ce-`, and the `cloudEvents_` and `cloudEvents:` of AMQP 1.0 as RabbitMQ translates it;
 *   and structured mode, told by the content type. The mark of an event is its `specversion`: the prefix it has
 *   decides which headers are attributes. Where names are bare, those that can be no attribute are passed over.
 */
import { attributeKey } from './attribute-key.ts';
import type { AttributeValue } from './attribute-value.ts';
import { canonicalText, INTEGER_MAX, INTEGER_MIN } from './attribute-value.ts';
import { carriedOf, PASSTHROUGH_HEADER, passthroughText, readJson } from './carried-headers.ts';
import { type Carried, type CloudEvent, tableOf } from './cloud-event.ts';
import { EventsError } from './errors.ts';
import { decodeHttp } from './http.ts';
import type { DecodeOptions } from './limits.ts';
import { decodeSettings } from './limits.ts';
import type { EventInput } from './make-event.ts';
import { makeEvent } from './make-event.ts';
import { mediaType } from './media-type.ts';
import { attributesProblem } from './rules.ts';

/** An event as it is published. The content is shared with the event and must not be written to. */
export interface AmqpMessage {
  readonly properties: {
    /** Absent when there is none, or when it is longer than a property can be: then only the header has it. */
    readonly contentType?: string;
    readonly messageId?: string;
  };
  /** The caller's own, to add to. */
  readonly headers: Record<string, string>;
  readonly content: Buffer;
}

/** A message as client libraries hand it out. */
export interface AmqpDelivery {
  readonly properties: { readonly contentType?: unknown };
  readonly headers?: Readonly<Record<string, unknown>> | undefined;
  readonly content: Buffer;
}

/** A header of ours: the trace as JSON. Bare names are those of attributes. */
const TRACE_HEADER = 'x-afflux-trace';

const CONTENT_TYPE_HEADER = 'content-type';
/** A property of AMQP 0-9-1 holds so many bytes. */
const PROPERTY_BYTES_MAX = 255;
/** In the order in which they are looked for. */
const PREFIXES = ['ce-', 'cloudevents_', 'cloudevents:', ''] as const;
const TRACE_NAMES: ReadonlySet<string> = new Set(['traceparent', 'tracestate']);

/** Writes an event in binary mode. */
export function encodeAmqp(event: CloudEvent): AmqpMessage {
  const headers: Record<string, string> = {};
  const { keys, values } = tableOf(event);
  for (let index = 0; index < keys.length; index++) {
    const key = keys[index];
    const value = values[index];
    if (key === undefined || value === undefined) continue;
    const name = key.kind === 'datacontenttype' ? CONTENT_TYPE_HEADER : key.name;
    headers[name] = canonicalText(value);
  }
  // Structured JSON implies the type of its data; binary mode cannot, so it is said.
  const isImplied = event.dataForm === 'json' && headers[CONTENT_TYPE_HEADER] === undefined;
  if (isImplied) headers[CONTENT_TYPE_HEADER] = 'application/json';
  writeCarried(headers, event.carried);
  const contentType = headers[CONTENT_TYPE_HEADER];
  return {
    properties: {
      ...(fitsProperty(contentType) ? { contentType } : {}),
      ...(fitsProperty(event.id) ? { messageId: event.id } : {}),
    },
    headers,
    content: event.data ?? Buffer.alloc(0),
  };
}

function fitsProperty(text: string | undefined): text is string {
  return text !== undefined && Buffer.byteLength(text) <= PROPERTY_BYTES_MAX;
}

function writeCarried(headers: Record<string, string>, carried: Carried | undefined): void {
  const passthrough = passthroughText(carried);
  if (passthrough !== undefined) headers[PASSTHROUGH_HEADER] = passthrough;
  if (carried?.trace !== undefined) headers[TRACE_HEADER] = JSON.stringify(carried.trace);
}

/**
 * Reads a message as an event.
 *
 * @throws EventsError `AFFLUX_EVENTS_NOT_AN_EVENT` when nothing says that it is one, `AFFLUX_EVENTS_INVALID` with
 * every problem, `AFFLUX_EVENTS_UNSUPPORTED` for other event formats and batches, `AFFLUX_EVENTS_TOO_LARGE`.
 */
export function decodeAmqp(message: AmqpDelivery, options?: DecodeOptions): CloudEvent {
  const headers = message.headers ?? {};
  const type = contentTypeOf(message, headers);
  const format = mediaType(type ?? '')?.format ?? 'none';
  const carried = readCarried(headers);
  const event =
    format === 'none'
      ? decodeBinary(message, headers, type, options)
      : decodeStructured(message.content, type ?? '', options);
  return carried === undefined ? event : event.carrying(carried);
}

function decodeStructured(
  content: Buffer,
  type: string,
  options: DecodeOptions | undefined,
): CloudEvent {
  const [event, ...more] =
    mediaType(type)?.format === 'json' ? decodeHttp(['content-type', type], content, options) : [];
  if (event !== undefined && more.length === 0) return event;
  throw new EventsError('AFFLUX_EVENTS_UNSUPPORTED', 415, [
    { attribute: CONTENT_TYPE_HEADER, reason: 'is no event format that is read from messages' },
  ]);
}

function contentTypeOf(
  { properties }: AmqpDelivery,
  headers: Readonly<Record<string, unknown>>,
): string | undefined {
  if (typeof properties.contentType === 'string' && properties.contentType !== '') {
    return properties.contentType;
  }
  const header = headers[CONTENT_TYPE_HEADER];
  return typeof header === 'string' && header !== '' ? header : undefined;
}

type Attributes = Record<string, AttributeValue>;

function decodeBinary(
  { content }: AmqpDelivery,
  headers: Readonly<Record<string, unknown>>,
  type: string | undefined,
  options: DecodeOptions | undefined,
): CloudEvent {
  const attributes = readAttributes(headers);
  if (attributes === undefined) {
    throw new EventsError('AFFLUX_EVENTS_NOT_AN_EVENT', 400, [
      { attribute: 'specversion', reason: 'is missing: nothing says that this is a CloudEvent' },
    ]);
  }
  if (type !== undefined) attributes['datacontenttype'] = type;
  const event = makeEvent(inputOf(attributes, content));
  const { attributesBytesMax } = decodeSettings(options);
  if (event.sizeBytes - (event.data?.length ?? 0) <= attributesBytesMax) return event;
  throw new EventsError('AFFLUX_EVENTS_TOO_LARGE', 431, [attributesProblem(attributesBytesMax)]);
}

/** Undefined when there is no `specversion` under any prefix. */
function readAttributes(headers: Readonly<Record<string, unknown>>): Attributes | undefined {
  const names = Object.keys(headers);
  const prefix = PREFIXES.find((candidate) =>
    names.some((name) => name.toLowerCase() === `${candidate}specversion`),
  );
  if (prefix === undefined) return undefined;
  const attributes: Attributes = {};
  for (const header of names) {
    const lower = header.toLowerCase();
    if (!lower.startsWith(prefix)) continue;
    const name = lower.slice(prefix.length);
    if (prefix === '' && isNoAttribute(name)) continue;
    const value = attributeValue(headers[header]);
    if (value !== undefined) attributes[name] = value;
  }
  return attributes;
}

function isNoAttribute(name: string): boolean {
  return TRACE_NAMES.has(name) || attributeKey(name).problem !== undefined;
}

/** Undefined for what counts as absent: nulls, tables and lists. */
function attributeValue(value: unknown): AttributeValue | undefined {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'bigint':
      return String(value);
    case 'number': {
      const isInteger = Number.isInteger(value) && value >= INTEGER_MIN && value <= INTEGER_MAX;
      return isInteger ? value : String(value);
    }
    default:
      return value instanceof Uint8Array ? value : timestampText(value);
  }
}

/** The client library's form of an AMQP timestamp: seconds since 1970. */
function timestampText(value: unknown): string | undefined {
  const { '!': tag, value: seconds } = (value ?? {}) as { '!'?: unknown; value?: unknown };
  if (tag !== 'timestamp' || typeof seconds !== 'number') return undefined;
  const date = new Date(seconds * 1_000);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}

const CORE = ['specversion', 'id', 'source', 'type', 'subject', 'time', 'dataschema'] as const;

/** Core attributes are strings whatever they were sent as, and absent when empty. */
function inputOf(attributes: Attributes, content: Buffer): EventInput {
  const core: Record<string, string> = {};
  const extensions: Attributes = {};
  const coreNames: ReadonlySet<string> = new Set([...CORE, 'datacontenttype']);
  for (const [name, value] of Object.entries(attributes)) {
    if (!coreNames.has(name)) extensions[name] = value;
    else if (value !== '') core[name] = canonicalText(value);
  }
  return { ...core, extensions, data: content } as unknown as EventInput;
}

function readCarried(headers: Readonly<Record<string, unknown>>): Carried | undefined {
  const trace = readJson(textIn(headers, TRACE_HEADER)) as Record<string, unknown> | undefined;
  return carriedOf(textIn(headers, PASSTHROUGH_HEADER), (name) => textIn(trace ?? {}, name));
}

function textIn(fields: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = fields[name];
  return typeof value === 'string' ? value : undefined;
}
