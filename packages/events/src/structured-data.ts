/**
 * The data of a structured event as the bytes that binary mode would carry (JSON format §3.1.1): the text of
 * a JSON value as it stands, a string encoded by the charset of its type, or decoded base64.
 *
 * Version 0.3 has no `data_base64`: there, `datacontentencoding: base64` says that the data is base64 *text*,
 * in every mode. It stays that text, so that such an event leaves as it came.
 */
import { decodeBase64 } from './base64.ts';
import type { DataForm } from './cloud-event.ts';
import type { Envelope, Span } from './envelope.ts';
import type { Problem } from './errors.ts';
import type { JsonScanner } from './json-scanner.ts';
import { QUOTE } from './json-scanner.ts';
import type { MediaType } from './media-type.ts';
import type { SpecVersion } from './rules.ts';

/** The bytes and how they were carried, or what is wrong with them. */
export interface EventData {
  readonly data: Buffer | undefined;
  readonly form: DataForm;
  readonly problem: Problem | undefined;
}

/** What the meaning of the data depends on. */
export interface DataContext {
  readonly version: SpecVersion;
  /** Undefined when the event declares no type, which means JSON for `data` and nothing for base64. */
  readonly type: MediaType | undefined;
  /** The event says `datacontentencoding: base64` (0.3 only). */
  readonly isBase64Text: boolean;
}

const NO_DATA: EventData = { data: undefined, form: 'none', problem: undefined };

const LOWER_N = 0x6e;
const BACKSLASH = 0x5c;

function refused(attribute: string, reason: string): EventData {
  return { data: undefined, form: 'none', problem: { attribute, reason } };
}

/**
 * Bytes of the body without a copy, unless that would keep a body alive which is mostly something else: a
 * small event of a large batch must not hold the whole batch in memory.
 */
function share(body: Buffer, start: number, end: number): Buffer {
  const part = body.subarray(start, end);
  return part.length * 2 >= body.length ? part : Buffer.from(part);
}

/** The decoded text of the string token in the span. */
function stringAt(scanner: JsonScanner, span: Span): string {
  const after = scanner.position;
  scanner.position = span.start;
  const text = scanner.readString();
  scanner.position = after;
  return text;
}

function readBase64(scanner: JsonScanner, span: Span): EventData {
  if (span.first !== QUOTE) return refused('data_base64', 'must be a string of base64');
  const inner = scanner.bytes.subarray(span.start + 1, span.end - 1);
  // Escapes are legal in any JSON string, `\/` is even common; without them the bytes are the text.
  const text = inner.includes(BACKSLASH) ? Buffer.from(stringAt(scanner, span)) : inner;
  const data = decodeBase64(text);
  if (data !== undefined) return { data, form: 'bytes', problem: undefined };
  return refused('data_base64', 'is not base64: use the standard alphabet of RFC 4648, padded');
}

const LATIN1_CHARSETS: ReadonlySet<string> = new Set(['iso-8859-1', 'latin1']);
const BEYOND_LATIN1 = /[^\x00-\xff]/u;
const LONE_SURROGATE = /\p{Surrogate}/u;

/** The text in the charset of its type; undefined when that is not one we write, or cannot hold the text. */
function encodeText(text: string, type: MediaType | undefined): Buffer | undefined {
  if (LONE_SURROGATE.test(text)) return undefined;
  if (type === undefined || type.isUtf8) return Buffer.from(text, 'utf8');
  if (!LATIN1_CHARSETS.has(type.charset ?? '') || BEYOND_LATIN1.test(text)) return undefined;
  return Buffer.from(text, 'latin1');
}

function readText(scanner: JsonScanner, span: Span, type: MediaType | undefined): EventData {
  const data = encodeText(stringAt(scanner, span), type);
  if (data !== undefined) return { data, form: 'text', problem: undefined };
  return refused('data', 'cannot be written in the charset of datacontenttype: send data_base64');
}

function readBase64Text(scanner: JsonScanner, span: Span): EventData {
  const text = span.first === QUOTE ? Buffer.from(stringAt(scanner, span)) : undefined;
  if (text !== undefined && decodeBase64(text) !== undefined) {
    return { data: text, form: 'text', problem: undefined };
  }
  return refused('data', 'is not base64, as datacontentencoding says it is');
}

function readValue(
  scanner: JsonScanner,
  span: Span,
  { type, isBase64Text }: DataContext,
): EventData {
  if (isBase64Text) return readBase64Text(scanner, span);
  if (type === undefined || type.isJson) {
    return { data: share(scanner.bytes, span.start, span.end), form: 'json', problem: undefined };
  }
  if (span.first === QUOTE) return readText(scanner, span, type);
  if (span.first === LOWER_N) return NO_DATA;
  return refused('data', 'must be a string, because datacontenttype is not JSON');
}

/** The event's data; the scanner's position is left as it was. */
export function readData(
  scanner: JsonScanner,
  envelope: Envelope,
  context: DataContext,
): EventData {
  const { data, dataBase64 } = envelope;
  if (dataBase64 === undefined) {
    return data === undefined ? NO_DATA : readValue(scanner, data, context);
  }
  if (context.version === '0.3') {
    return refused('data_base64', 'is not part of version 0.3: use datacontentencoding and data');
  }
  if (data !== undefined) {
    return refused('data_base64', 'is sent together with data: send one of them');
  }
  return readBase64(scanner, dataBase64);
}
