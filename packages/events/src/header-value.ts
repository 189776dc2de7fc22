/**
 * Attribute values in HTTP headers (CloudEvents HTTP binding §3.1.3.2).
 *
 * Out: every character other than U+0021–U+007E without `"` and `%` becomes the `%XX` of its UTF-8 bytes.
 * In: one pair of quotes around all of it is undone, `%XX` is decoded once, and the bytes must be UTF-8 of a
 * legal String; malformed escapes stay as they are, because many senders do not encode. Header strings hold
 * one byte per character (latin1), as Node reads them.
 */
import { isUtf8 } from 'node:buffer';
import { isAttributeText } from './attribute-value.ts';
import type { HeaderEncoding } from './limits.ts';
import { TEXT_REASON } from './rules.ts';

const QUOTE = 0x22;
const PERCENT = 0x25;
const BACKSLASH = 0x5c;
const SPACE = 0x20;
const TILDE = 0x7e;

const UTF8_REASON = 'is not valid UTF-8 after percent-decoding: encode the UTF-8 bytes as %XX';

/** A decoded value, or why there is none (then `text` is empty). */
export interface DecodedValue {
  readonly text: string;
  readonly reason: string | undefined;
}

/**
 * Whether decoding changes nothing: visible ASCII and spaces inside, no escape, no leading quote. Nearly
 * every header value is, and only those that are not take the slow way.
 */
export function isPlainHeader(raw: string): boolean {
  const last = raw.length - 1;
  if (last < 0) return true;
  const first = raw.charCodeAt(0);
  if (first === QUOTE || first === SPACE || raw.charCodeAt(last) === SPACE) return false;
  for (let index = 0; index <= last; index++) {
    const code = raw.charCodeAt(index);
    if (code < SPACE || code > TILDE || code === PERCENT) return false;
  }
  return true;
}

/** Without the white space that HTTP allows around a value. */
export function trimmed(raw: string): string {
  let start = 0;
  let end = raw.length;
  while (start < end && (raw[start] === ' ' || raw[start] === '\t')) start++;
  while (end > start && (raw[end - 1] === ' ' || raw[end - 1] === '\t')) end--;
  return raw.slice(start, end);
}

/**
 * Undoes quoting when the whole value is one quoted-string. Quotes elsewhere are literal: only senders that
 * do not encode produce them.
 */
function unquoted(text: string): string {
  if (text.charCodeAt(0) !== QUOTE) return text;
  let inner = '';
  for (let index = 1; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === QUOTE) return index === text.length - 1 ? inner : text;
    if (code === BACKSLASH) index++;
    inner += text.charAt(index);
  }
  return text;
}

/** The value of a hexadecimal digit, or -1. */
function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

/** The byte that the escape at `index` stands for, or -1 when there is no well-formed escape. */
function escapedByte(text: string, index: number): number {
  if (text.charCodeAt(index) !== PERCENT || index + 2 >= text.length) return -1;
  const high = hexDigit(text.charCodeAt(index + 1));
  const low = hexDigit(text.charCodeAt(index + 2));
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

/** The bytes the header text stands for; undefined when a character is no byte at all. */
function headerBytes(text: string, encoding: HeaderEncoding): Buffer | undefined {
  const bytes = Buffer.allocUnsafe(text.length);
  let length = 0;
  for (let index = 0; index < text.length; index++) {
    const escaped = encoding === 'spec' ? escapedByte(text, index) : -1;
    const byte = escaped < 0 ? text.charCodeAt(index) : escaped;
    if (byte > 0xff) return undefined;
    if (escaped >= 0) index += 2;
    bytes[length++] = byte;
  }
  return bytes.subarray(0, length);
}

/** Decodes a trimmed header value. In `raw` encoding only the bytes are read as UTF-8. */
export function decodeHeaderValue(text: string, encoding: HeaderEncoding): DecodedValue {
  const bytes = headerBytes(encoding === 'spec' ? unquoted(text) : text, encoding);
  if (bytes === undefined || !isUtf8(bytes)) return { text: '', reason: UTF8_REASON };
  const decoded = bytes.toString('utf8');
  if (!isAttributeText(decoded)) return { text: '', reason: TEXT_REASON };
  return { text: decoded, reason: undefined };
}

const HEX = Array.from(
  { length: 256 },
  (_, byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`,
);

function percentByte(byte: number): string {
  return HEX[byte] ?? '';
}

function isUnencoded(code: number): boolean {
  return code > SPACE && code <= TILDE && code !== QUOTE && code !== PERCENT;
}

function needsNoEncoding(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    if (!isUnencoded(text.charCodeAt(index))) return false;
  }
  return true;
}

/**
 * The header value of an attribute's canonical text. `raw` writes the UTF-8 bytes as they are, which is what
 * senders without percent-encoding do; controls cannot occur, an attribute has none.
 */
export function encodeHeaderValue(text: string, encoding: HeaderEncoding): string {
  if (needsNoEncoding(text)) return text;
  const bytes = Buffer.from(text, 'utf8');
  if (encoding === 'raw') return bytes.toString('latin1');
  let encoded = '';
  for (const byte of bytes) {
    encoded += isUnencoded(byte) ? String.fromCharCode(byte) : percentByte(byte);
  }
  return encoded;
}

/**
 * Header text that may be sent again: as it came, but bytes above ASCII, which no sender should have used,
 * as `%XX`. (Controls never get here: the decoder refused the event.)
 */
export function resendable(raw: string): string {
  let encoded = '';
  for (let index = 0; index < raw.length; index++) {
    const code = raw.charCodeAt(index);
    encoded += code > TILDE ? percentByte(code) : raw.charAt(index);
  }
  return encoded;
}
