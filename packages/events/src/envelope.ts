/**
 * The JSON envelope of one event, cut into its members: attributes as values, the data as the span of bytes
 * it occupies. What the members mean together is decided in `structured-decode.ts`.
 *
 * Attributes are collected in a Map, so that no name can mean anything to the language, and counted while
 * they are read, so that a hostile envelope is left early. The last of duplicate members wins, as with every
 * JSON parser.
 */
import { attributeKey } from './attribute-key.ts';
import type { AttributeValue } from './attribute-value.ts';
import { valueBytes } from './attribute-value.ts';
import type { Problem } from './errors.ts';
import { EventsError, note } from './errors.ts';
import type { JsonScanner } from './json-scanner.ts';
import { OPEN_ARRAY, OPEN_OBJECT, QUOTE } from './json-scanner.ts';
import { attributesProblem, SHOWN_NAME_LENGTH_MAX } from './rules.ts';

/** Bytes `[start, end)` of one JSON value; `first` is its first byte, which tells its kind. */
export interface Span {
  readonly start: number;
  readonly end: number;
  readonly first: number;
}

export interface Envelope {
  /** Attributes by name; those that are `null` are absent and not here. */
  readonly attributes: ReadonlyMap<string, AttributeValue>;
  readonly data: Span | undefined;
  /** Undefined when it is `null`, which means absent. */
  readonly dataBase64: Span | undefined;
  /** What is wrong with single members. */
  readonly problems: readonly Problem[];
}

const LOWER_F = 0x66;
const LOWER_N = 0x6e;
const LOWER_T = 0x74;

class EnvelopeReader {
  readonly attributes = new Map<string, AttributeValue>();
  readonly problems: Problem[] = [];
  data: Span | undefined;
  dataBase64: Span | undefined;
  readonly #scanner: JsonScanner;
  readonly #attributesBytesMax: number;
  #bytes = 0;

  constructor(scanner: JsonScanner, attributesBytesMax: number) {
    this.#scanner = scanner;
    this.#attributesBytesMax = attributesBytesMax;
  }

  /** At the value of the member. */
  readMember(name: string): void {
    if (name === 'data') {
      this.data = this.#span();
    } else if (name === 'data_base64') {
      const span = this.#span();
      this.dataBase64 = span.first === LOWER_N ? undefined : span;
    } else {
      this.#readAttribute(name);
    }
  }

  #readAttribute(name: string): void {
    this.#count(Buffer.byteLength(name));
    const reason = attributeKey(name).problem;
    if (reason !== undefined) {
      this.#refuse(name, reason);
      this.#scanner.skipValue();
      return;
    }
    const value = this.#value(name);
    if (value === undefined) {
      this.attributes.delete(name);
      return;
    }
    this.#count(valueBytes(value));
    this.attributes.set(name, value);
  }

  /** Undefined for `null`, and for what cannot be an attribute's value, which is refused. */
  #value(name: string): AttributeValue | undefined {
    const scanner = this.#scanner;
    if (scanner.peek() === QUOTE) return scanner.readString();
    const { start, end, first } = this.#span();
    switch (first) {
      case LOWER_T:
      case LOWER_F:
        return first === LOWER_T;
      case LOWER_N:
        return undefined;
      case OPEN_OBJECT:
      case OPEN_ARRAY:
        this.#refuse(name, 'must be a string, a boolean or a whole number: send structure as data');
        return undefined;
      default:
        return Number(scanner.textAt(start, end));
    }
  }

  #refuse(name: string, reason: string): void {
    note(this.problems, { attribute: name.slice(0, SHOWN_NAME_LENGTH_MAX), reason });
  }

  #span(): Span {
    const scanner = this.#scanner;
    const first = scanner.peek();
    const start = scanner.position;
    scanner.skipValue();
    return { start, end: scanner.position, first };
  }

  /** Every member that is read counts, also one that is null or replaced by a later one. */
  #count(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes <= this.#attributesBytesMax) return;
    throw new EventsError('AFFLUX_EVENTS_TOO_LARGE', 413, [
      attributesProblem(this.#attributesBytesMax),
    ]);
  }
}

/**
 * Reads the object at the scanner's position.
 *
 * @throws JsonError when it is not well-formed; EventsError `AFFLUX_EVENTS_TOO_LARGE` as soon as the
 * attributes exceed their limit.
 */
export function readEnvelope(scanner: JsonScanner, attributesBytesMax: number): Envelope {
  const reader = new EnvelopeReader(scanner, attributesBytesMax);
  scanner.readObject((name) => {
    reader.readMember(name);
  });
  return reader;
}
