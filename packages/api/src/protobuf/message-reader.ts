/**
 * Reads one message by its description, into the JSON that stands for it. As in Kubernetes' own reader the last of
 * several single values wins, parts that come twice are merged, and fields that are not described are skipped.
 *
 * Bounded: by the length of the body (see `wire-reader.ts`), by nesting, and by the number of values, because two
 * bytes on the wire may be a whole object in memory.
 */
import { badRequest } from '../errors.ts';
import {
  isConverted,
  type Field,
  type Message,
  type ScalarType,
  type ValueType,
} from './message.ts';
import { WIRE, WireError, WireReader, type Tag, type Varint } from './wire-reader.ts';

/** Deepest nesting of messages; the store's own limit. */
export const DEPTH_MAX = 100;

/** Most values in one body: far beyond what a ConfigMap of the largest size has. */
export const VALUES_MAX = 500_000;

export interface MessageReaderOptions {
  /** Parses JSON within a message; bounds its nesting itself. */
  readonly parseJson: (bytes: Buffer) => unknown;
}

/** A message that is being read. */
interface Place {
  readonly reader: WireReader;
  /** The names that lead here, for errors. */
  readonly path: string;
  readonly depth: number;
}

type Target = Record<string, unknown>;

/** Reads the messages of one body; it counts their values. */
export class MessageReader {
  readonly #parseJson: MessageReaderOptions['parseJson'];
  // Refuses what is not UTF-8, and keeps a byte order mark, which is part of the text here.
  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  #valuesLeft = VALUES_MAX;

  constructor({ parseJson }: MessageReaderOptions) {
    this.#parseJson = parseJson;
  }

  /** Throws BadRequest that names the message and the field. */
  read(bytes: Buffer, message: Message): Target {
    const target: Target = {};
    this.#message(target, bytes, message, { path: message.name, depth: 1 });
    return target;
  }

  #message(
    target: Target,
    bytes: Buffer,
    message: Message,
    { path, depth }: Pick<Place, 'path' | 'depth'>,
  ): void {
    if (depth > DEPTH_MAX) {
      throw badRequest(`${path}: messages are nested deeper than ${String(DEPTH_MAX)} levels`);
    }
    const place: Place = { reader: new WireReader(bytes), path, depth };
    while (!place.reader.isAtEnd) this.#field(target, message, place);
  }

  #field(target: Target, { fields }: Message, place: Place): void {
    let name: string | undefined;
    try {
      const tag = place.reader.tag();
      const field = fields.get(tag.field);
      if (field === undefined) {
        place.reader.skip(tag);
        return;
      }
      ({ name } = field);
      this.#count(place.path);
      this.#store(target, field, tag, { ...place, path: `${place.path}.${name}` });
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      const path = name === undefined ? place.path : `${place.path}.${name}`;
      throw badRequest(`${path}: ${error.message}`);
    }
  }

  #count(path: string): void {
    this.#valuesLeft -= 1;
    if (this.#valuesLeft < 0) {
      throw badRequest(`${path}: the object has more than ${String(VALUES_MAX)} values`);
    }
  }

  #store(target: Target, field: Field, tag: Tag, place: Place): void {
    const { name } = field;
    switch (field.form) {
      case 'value': {
        const value = this.#value(field.type, tag, place);
        // A zero that comes last wins, too.
        if (isZero(value)) Reflect.deleteProperty(target, name);
        else target[name] = value;
        return;
      }
      case 'kept':
        target[name] = this.#value(field.type, tag, place, target[name]);
        return;
      case 'list': {
        const items = (target[name] ??= []) as unknown[];
        items.push(this.#value(field.type, tag, place));
        return;
      }
      case 'map': {
        const entry: Target = {};
        this.#message(entry, span(tag, place), field.entry, { ...place, depth: place.depth + 1 });
        // A writer may leave out an empty key or value.
        const { key = '', value = '' } = entry as { key?: string; value?: string };
        setOwn((target[name] ??= {}) as Target, key, value);
        return;
      }
      default:
        field satisfies never;
    }
  }

  #value(type: ValueType, tag: Tag, place: Place, before?: unknown): unknown {
    if (typeof type === 'string') return this.#scalar(type, tag, place);
    const inner = { path: place.path, depth: place.depth + 1 };
    if (isConverted(type)) {
      const fields: Target = {};
      this.#message(fields, span(tag, place), type.message, inner);
      return type.convert(fields, (why) => badRequest(`${place.path}: ${why}`));
    }
    const target = typeof before === 'object' && before !== null ? (before as Target) : {};
    this.#message(target, span(tag, place), type, inner);
    return target;
  }

  #scalar(type: ScalarType, tag: Tag, place: Place): unknown {
    switch (type) {
      case 'string':
        return this.#text(span(tag, place));
      case 'bytes':
        return span(tag, place).toString('base64');
      case 'span':
        return span(tag, place);
      case 'json':
        return this.#json(span(tag, place));
      case 'bool':
        return Number(varint(tag, place)) !== 0;
      case 'int32':
        return int32(varint(tag, place));
      case 'int64':
        return int64(varint(tag, place));
      default:
        return type satisfies never;
    }
  }

  #text(bytes: Buffer): string {
    try {
      return this.#decoder.decode(bytes);
    } catch {
      throw new WireError('the text is not valid UTF-8');
    }
  }

  #json(bytes: Buffer): unknown {
    try {
      return this.#parseJson(bytes);
    } catch {
      throw new WireError('the JSON in it cannot be read');
    }
  }
}

function span(tag: Tag, { reader }: Place): Buffer {
  assertWireType(tag, WIRE.span);
  return reader.span();
}

function varint(tag: Tag, { reader }: Place): Varint {
  assertWireType(tag, WIRE.varint);
  return reader.varint();
}

function assertWireType({ wireType }: Tag, expected: number): void {
  if (wireType === expected) return;
  throw new WireError(`the wire type is ${String(wireType)} instead of ${String(expected)}`);
}

/** The lower 32 bits: negative numbers are written with 64. */
function int32(value: Varint): number {
  return typeof value === 'number' ? value | 0 : Number(BigInt.asIntN(32, value));
}

/** As exact as the number would be in JSON. */
function int64(value: Varint): number {
  return typeof value === 'number' ? value : Number(BigInt.asIntN(64, value));
}

function isZero(value: unknown): boolean {
  return value === '' || value === 0 || value === false;
}

/** Sets what JSON would: a key such as `__proto__` is a key like any other. */
function setOwn(target: Target, key: string, value: unknown): void {
  Object.defineProperty(target, key, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  });
}
