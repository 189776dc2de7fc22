/**
 * The wire format of protocol buffers, as far as Kubernetes' messages use it: a message is a row of fields, each a
 * number and either an integer or bytes. What the bytes mean is for whoever knows the message. Reading never goes
 * beyond the end; whatever does not fit is an error.
 */

/** One field as it is on the wire. */
export interface WireField {
  readonly number: number;
  /** Integers are read as signed numbers of 64 bits. */
  readonly value: bigint | Buffer;
}

/** A text that is not this format. */
export class WireError extends Error {}

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;

/** Bits of an integer. */
const VARINT_BITS_MAX = 64;

/** The fields of a message, in the order in which they were written. Throws {@link WireError}. */
export function* readFields(bytes: Buffer): Generator<WireField> {
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0; shift < VARINT_BITS_MAX; shift += 7) {
      const byte = bytes[at];
      if (byte === undefined) throw new WireError('an integer has no end');
      at += 1;
      value |= BigInt(byte & 0x7f) << BigInt(shift);
      if (byte < 0x80) return BigInt.asIntN(VARINT_BITS_MAX, value);
    }
    throw new WireError('an integer is too long');
  };
  const take = (length: number): Buffer => {
    if (length < 0 || length > bytes.length - at) throw new WireError('a field has no end');
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const key = Number(varint());
    const number = Math.floor(key / 8);
    if (number < 1) throw new WireError('a field has no number');
    const type = key % 8;
    if (type === VARINT) yield { number, value: varint() };
    else if (type === BYTES) yield { number, value: take(Number(varint())) };
    // No message of ours has these; whoever added one since is passed over.
    else if (type === FIXED64) take(8);
    else if (type === FIXED32) take(4);
    else throw new WireError(`a field has the unknown type ${String(type)}`);
  }
}
