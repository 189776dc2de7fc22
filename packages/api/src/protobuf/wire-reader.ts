/**
 * The encoding of protocol buffers under all messages: varints, tags and spans of bytes, read from a part of a body.
 * It never reads outside of that part, never copies, and goes forward with every step, so time is bounded by length.
 *
 * It knows nothing of messages. Groups are refused: Kubernetes has none, and only they would nest unseen.
 */

/** How the value of a field is written. */
export const WIRE = { varint: 0, fixed64: 1, span: 2, fixed32: 5 } as const;

/** A tag: which field comes, and how its value is written. */
export interface Tag {
  readonly field: number;
  readonly wireType: number;
}

/** Unsigned, of 64 bits: a number where that is exact. */
export type Varint = number | bigint;

/** Bytes that are no protocol buffer. The caller knows where in the body that was and says it. */
export class WireError extends Error {}

/** Bytes of a varint that surely fit into a number. */
const SMALL_BYTES_MAX = 7;

/** Index of the last byte that a varint of 64 bits can have; one bit of it counts. */
const LAST_INDEX = 9;

/** Tags are of 32 bits: 29 of the number, 3 of the wire type. */
const TAG_MAX = 0xffff_ffff;

const FIXED_BYTES: ReadonlyMap<number, number> = new Map([
  [WIRE.fixed64, 8],
  [WIRE.fixed32, 4],
]);

export class WireReader {
  readonly #bytes: Buffer;
  #position = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#position >= this.#bytes.length;
  }

  tag(): Tag {
    const value = this.varint();
    if (value > TAG_MAX) throw new WireError('a tag is too large');
    const tag = Number(value);
    const field = Math.floor(tag / 8);
    if (field === 0) throw new WireError('a field has the number 0');
    return { field, wireType: tag % 8 };
  }

  varint(): Varint {
    let value = 0;
    for (let index = 0; index < SMALL_BYTES_MAX; index += 1) {
      const byte = this.#byte();
      value += (byte & 0x7f) * 2 ** (7 * index);
      if (byte < 0x80) return value;
    }
    return this.#longVarint(BigInt(value));
  }

  #longVarint(start: bigint): bigint {
    let value = start;
    for (let index = SMALL_BYTES_MAX; index <= LAST_INDEX; index += 1) {
      const byte = this.#byte();
      if (index === LAST_INDEX && byte > 1) break;
      value |= BigInt(byte & 0x7f) << BigInt(7 * index);
      if (byte < 0x80) return value;
    }
    throw new WireError('a number is longer than 64 bits');
  }

  /** The bytes behind a length; a view, not a copy. */
  span(): Buffer {
    return this.#take(this.varint());
  }

  /** Goes past the value of a field that nobody asked for. */
  skip({ field, wireType }: Tag): void {
    if (wireType === WIRE.varint) {
      this.varint();
    } else if (wireType === WIRE.span) {
      this.span();
    } else {
      const length = FIXED_BYTES.get(wireType);
      if (length === undefined) {
        throw new WireError(
          `field ${String(field)} has the wire type ${String(wireType)}, which is not taken`,
        );
      }
      this.#take(length);
    }
  }

  #byte(): number {
    const byte = this.#bytes[this.#position];
    if (byte === undefined) throw new WireError('unexpected end');
    this.#position += 1;
    return byte;
  }

  #take(length: Varint): Buffer {
    const left = this.#bytes.length - this.#position;
    if (length > left) {
      throw new WireError(
        `a length of ${String(length)} goes beyond the ${String(left)} bytes left`,
      );
    }
    const end = this.#position + Number(length);
    const taken = this.#bytes.subarray(this.#position, end);
    this.#position = end;
    return taken;
  }
}
