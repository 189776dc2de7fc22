/**
 * Media types (RFC 2046, RFC 9110 §8.3), parsed once and remembered in a bounded cache: senders use a
 * handful. Types, subtypes and parameter names compare without regard to case; the text itself is kept by
 * the event and forwarded as it came.
 */

/** How a message of this type is read, when it is one of CloudEvents' own types. */
export type EventFormat = 'none' | 'json' | 'json-batch' | 'unknown';

export interface MediaType {
  /** Type and subtype, lower case, without parameters. */
  readonly essence: string;
  /** The subtype is `json` or ends in `+json`; the type before it does not matter. */
  readonly isJson: boolean;
  /** Character data, fit for a JSON string: any type `text`, and XML. */
  readonly isText: boolean;
  /** Lower case; undefined when not declared. */
  readonly charset: string | undefined;
  /** No charset declared, or one that UTF-8 contains. */
  readonly isUtf8: boolean;
  readonly format: EventFormat;
}

export const EVENT_MEDIA_TYPE = 'application/cloudevents+json';
export const BATCH_MEDIA_TYPE = 'application/cloudevents-batch+json';

const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const ESSENCE = new RegExp(`^${TOKEN}/${TOKEN}`);
const PARAMETER = new RegExp(
  `[ \\t]*;[ \\t]*(?:(${TOKEN})=(?:(${TOKEN})|"((?:[^"\\\\\\x00-\\x1f\\x7f-\\uffff]|\\\\[ -~])*)"))?`,
  'y',
);
const QUOTED_PAIR = /\\(.)/g;

/** The charset parameter, '' when there is none; undefined when the parameters are malformed. */
function charsetOf(text: string, start: number): string | undefined {
  let charset = '';
  PARAMETER.lastIndex = start;
  while (PARAMETER.lastIndex < text.length) {
    const match = PARAMETER.exec(text);
    if (match === null) return undefined;
    const value = match[2] ?? (match[3] ?? '').replace(QUOTED_PAIR, '$1');
    if (match[1]?.toLowerCase() === 'charset' && charset === '') charset = value.toLowerCase();
  }
  return charset;
}

function formatOf(essence: string): EventFormat {
  if (!essence.startsWith('application/cloudevents')) return 'none';
  if (essence === BATCH_MEDIA_TYPE) return 'json-batch';
  return essence === EVENT_MEDIA_TYPE ? 'json' : 'unknown';
}

function parse(text: string): MediaType | undefined {
  const match = ESSENCE.exec(text);
  if (match === null) return undefined;
  const charset = charsetOf(text.trimEnd(), match[0].length);
  if (charset === undefined) return undefined;
  const essence = match[0].toLowerCase();
  const subtype = essence.slice(essence.indexOf('/') + 1);
  return {
    essence,
    isJson: subtype === 'json' || subtype.endsWith('+json'),
    isText: essence.startsWith('text/') || subtype === 'xml' || subtype.endsWith('+xml'),
    charset: charset === '' ? undefined : charset,
    isUtf8: charset === '' || charset === 'utf-8' || charset === 'utf8' || charset === 'us-ascii',
    format: formatOf(essence),
  };
}

/** The cache holds this many media types, none longer than `CACHED_LENGTH_MAX` characters. */
const CACHED_MAX = 256;
const CACHED_LENGTH_MAX = 128;

const cache = new Map<string, MediaType>();

/** The media type, or undefined when the text is none. */
export function mediaType(text: string): MediaType | undefined {
  const known = cache.get(text);
  if (known !== undefined) return known;
  const parsed = parse(text);
  if (parsed === undefined || text.length > CACHED_LENGTH_MAX) return parsed;
  if (cache.size >= CACHED_MAX) cache.clear();
  cache.set(text, parsed);
  return parsed;
}
