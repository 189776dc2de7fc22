/**
 * A scanner over JSON in UTF-8 bytes (RFC 8259). It checks the grammar and finds where values begin and end,
 * so that the data of an event is cut out of its envelope byte for byte: numbers keep their digits, objects
 * their order and duplicates, and white space its place. It builds no values: nothing in the text can become
 * a key of an object here. Nesting is bounded, and with it the recursion.
 *
 * The caller has checked that the bytes are valid UTF-8.
 */
import { isUtf8 } from 'node:buffer';

/** Not JSON, or nested too deep. Internal: the decoders turn it into a problem of the body. */
export class JsonError extends Error {
  override readonly name = 'JsonError';
}

export const QUOTE = 0x22;
const COMMA = 0x2c;
export const OPEN_OBJECT = 0x7b;
export const OPEN_ARRAY = 0x5b;
const CLOSE_OBJECT = 0x7d;
const CLOSE_ARRAY = 0x5d;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const MINUS = 0x2d;
const ZERO = 0x30;
const LOWER_U = 0x75;

/** What `peek` answers behind the last byte. */
export const END = -1;

const SIMPLE_ESCAPES = new Set(Array.from('"\\/bfnrt', (letter) => letter.charCodeAt(0)));

/** Bytes that mean nothing but themselves inside a string. */
const IS_PLAIN = new Uint8Array(256).fill(1, 0x20);
IS_PLAIN[QUOTE] = 0;
IS_PLAIN[BACKSLASH] = 0;

const WORDS = new Map(['true', 'false', 'null'].map((word) => [word.charCodeAt(0), word]));

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

function isHexDigit(byte: number): boolean {
  const letter = byte | 0x20;
  return isDigit(byte) || (letter >= 0x61 && letter <= 0x66);
}

export class JsonScanner {
  readonly bytes: Buffer;
  /** Where the next token is looked for. */
  position: number;
  readonly #depthMax: number;

  constructor(bytes: Buffer, depthMax: number) {
    this.bytes = bytes;
    // A byte order mark is not JSON, but some editors and libraries write one.
    this.position = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
    this.#depthMax = depthMax;
  }

  /** Skips white space; the byte that follows, or END. */
  peek(): number {
    const { bytes } = this;
    let at = this.position;
    while (at < bytes.length) {
      const byte = bytes[at] ?? 0;
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) {
        this.position = at;
        return byte;
      }
      at++;
    }
    this.position = at;
    return END;
  }

  /** Skips this byte if it comes next; whether it did. */
  accept(byte: number): boolean {
    if (this.peek() !== byte) return false;
    this.position++;
    return true;
  }

  expect(byte: number): void {
    if (!this.accept(byte)) throw this.#unexpected(`expected ${String.fromCharCode(byte)}`);
  }

  /** Refuses anything but white space after the value. */
  expectEnd(): void {
    if (this.peek() !== END) throw this.#unexpected('expected the end');
  }

  /** Skips one value of any kind; `depth` is how deep it is nested already. */
  skipValue(depth = 0): void {
    const byte = this.peek();
    if (byte === QUOTE) this.skipString();
    else if (byte === OPEN_OBJECT) this.#skipObject(depth);
    else if (byte === OPEN_ARRAY) this.#skipArray(depth);
    else if (byte === MINUS || isDigit(byte)) this.#skipNumber();
    else this.#skipWord();
  }

  /** Skips the string that starts at the position; whether it contains escapes. */
  skipString(): boolean {
    this.expect(QUOTE);
    const { bytes } = this;
    let hasEscapes = false;
    let at = this.position;
    while (at < bytes.length) {
      const byte = bytes[at] ?? 0;
      if (IS_PLAIN[byte] === 1) {
        at++;
      } else if (byte === QUOTE) {
        this.position = at + 1;
        return hasEscapes;
      } else if (byte === BACKSLASH) {
        hasEscapes = true;
        at = this.#skipEscape(at);
      } else break;
    }
    this.position = at;
    throw this.#unexpected('expected the end of a string');
  }

  /** The string that starts at the position, decoded. */
  readString(): string {
    this.peek();
    const start = this.position;
    const hasEscapes = this.skipString();
    return this.#stringAt(start, this.position, hasEscapes);
  }

  /** The text between two positions. */
  textAt(start: number, end: number): string {
    return this.bytes.toString('utf8', start, end);
  }

  /** Skips the comma before the next member or element; false at the closing bracket, which is skipped too. */
  acceptNext(isFirst: boolean, closing: number): boolean {
    if (this.accept(closing)) return false;
    if (!isFirst) this.expect(COMMA);
    return true;
  }

  /** Calls `member` with each name, at the position of its value, which it must skip. */
  readObject(member: (name: string) => void): void {
    this.expect(OPEN_OBJECT);
    for (let isFirst = true; this.acceptNext(isFirst, CLOSE_OBJECT); isFirst = false) {
      const name = this.readString();
      this.expect(COLON);
      this.peek();
      member(name);
    }
  }

  /** Calls `element` with each index, at the position of the element, which it must skip. */
  readArray(element: (index: number) => void): void {
    this.expect(OPEN_ARRAY);
    for (let index = 0; this.acceptNext(index === 0, CLOSE_ARRAY); index++) {
      this.peek();
      element(index);
    }
  }

  #stringAt(start: number, end: number, hasEscapes: boolean): string {
    if (!hasEscapes) return this.textAt(start + 1, end - 1);
    // The token is a well-formed JSON string: nothing but a string can come out.
    return JSON.parse(this.textAt(start, end)) as string;
  }

  #skipEscape(at: number): number {
    const { bytes } = this;
    const letter = bytes[at + 1] ?? 0;
    if (SIMPLE_ESCAPES.has(letter)) return at + 2;
    let digits = 0;
    while (digits < 4 && isHexDigit(bytes[at + 2 + digits] ?? 0)) digits++;
    if (letter === LOWER_U && digits === 4) return at + 6;
    this.position = at;
    throw this.#unexpected('expected an escape sequence');
  }

  #enter(depth: number): void {
    if (depth < this.#depthMax) return;
    throw new JsonError(`is nested deeper than ${String(this.#depthMax)} levels`);
  }

  #skipObject(depth: number): void {
    this.#enter(depth);
    this.position++;
    for (let isFirst = true; this.acceptNext(isFirst, CLOSE_OBJECT); isFirst = false) {
      this.skipString();
      this.expect(COLON);
      this.skipValue(depth + 1);
    }
  }

  #skipArray(depth: number): void {
    this.#enter(depth);
    this.position++;
    for (let isFirst = true; this.acceptNext(isFirst, CLOSE_ARRAY); isFirst = false) {
      this.skipValue(depth + 1);
    }
  }

  #skipNumber(): void {
    const { bytes } = this;
    if (bytes[this.position] === MINUS) this.position++;
    if (bytes[this.position] === ZERO) this.position++;
    else this.#skipDigits();
    if (bytes[this.position] === 0x2e) {
      this.position++;
      this.#skipDigits();
    }
    if (((bytes[this.position] ?? 0) | 0x20) !== 0x65) return;
    this.position++;
    const sign = bytes[this.position];
    if (sign === MINUS || sign === 0x2b) this.position++;
    this.#skipDigits();
  }

  #skipDigits(): void {
    const start = this.position;
    while (isDigit(this.bytes[this.position] ?? 0)) this.position++;
    if (this.position === start) throw this.#unexpected('expected a digit');
  }

  #skipWord(): void {
    const { bytes, position } = this;
    const word = WORDS.get(bytes[position] ?? 0) ?? '';
    let matched = 0;
    while (matched < word.length && bytes[position + matched] === word.charCodeAt(matched))
      matched++;
    if (word === '' || matched < word.length) throw this.#unexpected('expected a value');
    this.position = position + matched;
  }

  #unexpected(expectation: string): JsonError {
    const isAtEnd = this.position >= this.bytes.length;
    const where = isAtEnd ? 'at the end' : `at byte ${String(this.position)}`;
    return new JsonError(`is not valid JSON ${where}: ${expectation}`);
  }
}

/** Whether the bytes are exactly one JSON text in UTF-8, nested no deeper than `depthMax`. */
export function isWellFormedJson(bytes: Buffer, depthMax: number): boolean {
  // A byte order mark is no JSON, and here it would have to be forwarded.
  if (!isUtf8(bytes) || bytes[0] === 0xef) return false;
  const scanner = new JsonScanner(bytes, depthMax);
  try {
    scanner.skipValue();
    scanner.expectEnd();
    return true;
  } catch (error) {
    if (error instanceof JsonError) return false;
    throw error;
  }
}
