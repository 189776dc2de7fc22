import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { varint } from '../testing/protobuf-encoder.ts';
import { WireError, WireReader } from './wire-reader.ts';

const reader = (...bytes: number[]): WireReader => new WireReader(Buffer.from(bytes));

describe('varints', () => {
  it('are read whatever their size', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (value) => {
        const wire = new WireReader(varint(value));
        expect(BigInt(wire.varint())).toBe(value);
        expect(wire.isAtEnd).toBe(true);
      }),
    );
  });

  it('may have leading zeros', () => {
    expect(reader(0x81, 0x80, 0x00).varint()).toBe(1);
  });

  it('that are cut off are refused', () => {
    expect(() => reader(0x80, 0x80).varint()).toThrow(new WireError('unexpected end'));
    expect(() => reader().varint()).toThrow(new WireError('unexpected end'));
  });

  it('of 64 bits are the longest', () => {
    const nines = Array.from({ length: 9 }, () => 0xff);
    expect(reader(...nines, 0x01).varint()).toBe(2n ** 64n - 1n);
    const tooLong = new WireError('a number is longer than 64 bits');
    expect(() => reader(...nines, 0x02).varint()).toThrow(tooLong);
    expect(() => reader(...nines, 0x81, 0x00).varint()).toThrow(tooLong);
  });
});

describe('tags', () => {
  it('are a field number and a wire type', () => {
    expect(reader(0x0a).tag()).toEqual({ field: 1, wireType: 2 });
    expect(new WireReader(varint(0xffff_fff8)).tag()).toEqual({ field: 2 ** 29 - 1, wireType: 0 });
  });

  it('with the number 0 or beyond 32 bits are refused', () => {
    expect(() => reader(0x02).tag()).toThrow(new WireError('a field has the number 0'));
    const tooLarge = new WireError('a tag is too large');
    expect(() => new WireReader(varint(2 ** 32 + 8)).tag()).toThrow(tooLarge);
    expect(() => new WireReader(varint(2n ** 63n)).tag()).toThrow(tooLarge);
  });
});

describe('spans', () => {
  it('end where their length says', () => {
    const wire = reader(2, 7, 8, 9);
    expect([...wire.span()]).toEqual([7, 8]);
    expect(wire.isAtEnd).toBe(false);
  });

  it('that go beyond the end are refused, however long they claim to be', () => {
    expect(() => reader(3, 7, 8).span()).toThrow(
      new WireError('a length of 3 goes beyond the 2 bytes left'),
    );
    for (const length of [2n ** 31n, 2n ** 32n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n]) {
      const wire = new WireReader(Buffer.concat([varint(length), Buffer.from([1])]));
      expect(() => wire.span()).toThrow(WireError);
    }
  });
});

describe('skipping', () => {
  it.each([
    ['a varint', 0, [0x96, 0x01]],
    ['64 bits', 1, [1, 2, 3, 4, 5, 6, 7, 8]],
    ['a span', 2, [2, 1, 2]],
    ['32 bits', 5, [1, 2, 3, 4]],
  ])('goes past %s', (_what, wireType, bytes) => {
    const wire = reader(...bytes, 42);
    wire.skip({ field: 99, wireType });
    expect(wire.varint()).toBe(42);
  });

  it.each([3, 4, 6, 7])('refuses the wire type %i: groups and what does not exist', (wireType) => {
    expect(() => {
      reader(1, 2, 3).skip({ field: 9, wireType });
    }).toThrow(new WireError(`field 9 has the wire type ${String(wireType)}, which is not taken`));
  });

  it.each([1, 5])('refuses a value of wire type %i that is cut off', (wireType) => {
    expect(() => {
      reader(1, 2, 3).skip({ field: 9, wireType });
    }).toThrow(WireError);
  });
});
