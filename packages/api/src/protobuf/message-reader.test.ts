import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJson } from '../body.ts';
import { ApiError } from '../errors.ts';
import {
  encodeMessage,
  nestingMessage,
  objectsOf,
  spanField,
  varintField,
} from '../testing/protobuf-encoder.ts';
import { sortedJson } from '../testing/protobuf-vectors.ts';
import { FIELDS_V1, INT_OR_STRING, MICRO_TIME, TIME } from './converted-types.ts';
import { messageOfKind, PROTOBUF_KINDS } from './kinds.ts';
import { DEPTH_MAX, MessageReader, VALUES_MAX } from './message-reader.ts';
import { kept, list, map, message, value, type Message } from './message.ts';

const INNER = message('Inner', { 1: value('text', 'string'), 2: list('words', 'string') });

const SAMPLE = message('Sample', {
  1: value('text', 'string'),
  2: kept('pointer', 'string'),
  3: value('count', 'int32'),
  4: kept('size', 'int64'),
  5: value('isOn', 'bool'),
  6: kept('inner', INNER),
  7: map('labels', 'string'),
  8: list('items', INNER),
  9: kept('time', TIME),
  10: kept('moment', MICRO_TIME),
  11: kept('port', INT_OR_STRING),
  12: kept('managed', FIELDS_V1),
  13: kept('bytes', 'bytes'),
});

function read(described: Message, ...parts: Buffer[]): unknown {
  return new MessageReader({ parseJson }).read(Buffer.concat(parts), described);
}

function refusal(described: Message, ...parts: Buffer[]): string {
  try {
    read(described, ...parts);
  } catch (error) {
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ reason: 'BadRequest', status: 400 });
    return (error as ApiError).message;
  }
  throw new Error('nothing was refused');
}

function timestamp(seconds: number | bigint, nanos: number): Buffer {
  return Buffer.concat([varintField(1, seconds), varintField(2, nanos)]);
}

describe('fields', () => {
  for (const kind of PROTOBUF_KINDS) {
    const at = kind.lastIndexOf('/');
    const described = messageOfKind(kind.slice(0, Math.max(at, 0)), kind.slice(at + 1));
    it(`of ${kind} come back as they were written`, () => {
      if (described === undefined) throw new Error(`${kind} is not described`);
      const property = fc.property(objectsOf(described), (object) => {
        const back = read(described, encodeMessage(described, object));
        expect(sortedJson(back)).toBe(sortedJson(object));
      });
      fc.assert(property, { numRuns: 60 });
    });
  }

  it('that JSON leaves out when they are zero are left out, others stay', () => {
    const zeros = [spanField(1, ''), spanField(2, ''), varintField(3, 0), varintField(5, 0)];
    expect(read(SAMPLE, ...zeros, varintField(4, 0))).toEqual({ pointer: '', size: 0 });
  });

  it('that come twice have their last value', () => {
    expect(read(SAMPLE, spanField(1, 'a'), spanField(1, 'b'))).toEqual({ text: 'b' });
    expect(read(SAMPLE, spanField(1, 'a'), spanField(1, ''))).toEqual({});
  });

  it('that are messages and come twice are merged', () => {
    const one = Buffer.concat([spanField(1, 'a'), spanField(2, 'x')]);
    const parts = [spanField(6, one), spanField(6, spanField(2, 'y'))];
    expect(read(SAMPLE, ...parts)).toEqual({ inner: { text: 'a', words: ['x', 'y'] } });
  });

  it('that nobody described are skipped', () => {
    const fixed = Buffer.concat([Buffer.from([0xa1, 6]), Buffer.alloc(8)]);
    const unknown = [varintField(99, 7), spanField(100, '\u00ff'), fixed];
    expect(read(SAMPLE, ...unknown, spanField(1, 'a'))).toEqual({ text: 'a' });
  });

  it('of another wire type than theirs are refused by name', () => {
    const message = refusal(SAMPLE, varintField(1, 7));
    expect(message).toBe('Sample.text: the wire type is 0 instead of 2');
    expect(refusal(SAMPLE, spanField(3, 'a'))).toContain('Sample.count');
  });

  it('that are groups are refused', () => {
    expect(refusal(SAMPLE, Buffer.from([0x9b, 6, 0x9c, 6]))).toBe(
      'Sample: field 99 has the wire type 3, which is not taken',
    );
  });

  it('within other messages are refused with the whole way to them', () => {
    const broken = spanField(6, Buffer.from([0x0a, 5, 0x61]));
    expect(refusal(SAMPLE, broken)).toBe(
      'Sample.inner.text: a length of 5 goes beyond the 1 bytes left',
    );
  });
});

describe('values', () => {
  it('of 32 bits are the lower half of what was written', () => {
    expect(read(SAMPLE, varintField(3, -5))).toEqual({ count: -5 });
    expect(read(SAMPLE, varintField(3, 2 ** 32 + 3))).toEqual({ count: 3 });
  });

  it('of 64 bits may be negative', () => {
    expect(read(SAMPLE, varintField(4, -5))).toEqual({ size: -5 });
  });

  it('that are false or true may be any number', () => {
    expect(read(SAMPLE, varintField(5, 2n ** 63n))).toEqual({ isOn: true });
  });

  it('that are texts must be UTF-8', () => {
    expect(refusal(SAMPLE, spanField(1, Buffer.from([0xff])))).toBe(
      'Sample.text: the text is not valid UTF-8',
    );
    // Half of a surrogate pair, and a zero in two bytes.
    expect(refusal(SAMPLE, spanField(1, Buffer.from([0xed, 0xa0, 0x80])))).toContain('UTF-8');
    expect(refusal(SAMPLE, spanField(1, Buffer.from([0xc0, 0x80])))).toContain('UTF-8');
  });

  it('that are texts keep their byte order mark', () => {
    expect(read(SAMPLE, spanField(1, '\ufeffa'))).toEqual({ text: '\ufeffa' });
  });

  it('that are bytes become base64', () => {
    expect(read(SAMPLE, spanField(13, Buffer.from([0xff, 0])))).toEqual({ bytes: '/wA=' });
  });
});

describe('maps', () => {
  it('take entries without key or value', () => {
    const entries = [spanField(7, spanField(1, 'a')), spanField(7, spanField(2, 'b'))];
    expect(read(SAMPLE, ...entries)).toEqual({ labels: { a: '', '': 'b' } });
  });

  it('keep a key that is the name of a prototype, and change no prototype', () => {
    const entry = Buffer.concat([spanField(1, '__proto__'), spanField(2, 'b')]);
    const { labels } = read(SAMPLE, spanField(7, entry)) as { labels: object };
    expect(Object.entries(labels)).toEqual([['__proto__', 'b']]);
    expect(Object.getPrototypeOf(labels)).toBe(Object.prototype);
  });
});

describe('times', () => {
  it('are written in UTC, with as many digits as their type has', () => {
    const bytes = timestamp(1_796_033_907, 123_456_789);
    expect(read(SAMPLE, spanField(9, bytes), spanField(10, bytes))).toEqual({
      time: '2026-11-30T10:18:27Z',
      moment: '2026-11-30T10:18:27.123456Z',
    });
  });

  it('are null when there is none, in either way to write that', () => {
    const none = { time: null };
    expect(read(SAMPLE, spanField(9, ''))).toEqual(none);
    expect(read(SAMPLE, spanField(9, timestamp(-62_135_596_800, 0)))).toEqual(none);
  });

  it('may be the first second of 1970', () => {
    expect(read(SAMPLE, spanField(9, timestamp(0, 0)))).toEqual({ time: '1970-01-01T00:00:00Z' });
  });

  it.each([
    ['before the year 1', -62_135_596_801n, 0],
    ['after the year 9999', 253_402_300_800n, 0],
    ['at the end of all numbers', 2n ** 63n - 1n, 0],
    ['with more than a second of nanoseconds', 0n, 1_000_000_000],
    ['with negative nanoseconds', 0n, -1],
  ])('%s are refused', (_what, seconds, nanos) => {
    expect(refusal(SAMPLE, spanField(9, timestamp(seconds, nanos)))).toBe(
      'Sample.time: the time is not within the years 1 to 9999',
    );
  });
});

describe('ports', () => {
  it('are numbers or names', () => {
    const number = Buffer.concat([varintField(1, 0), varintField(2, 80), spanField(3, '')]);
    expect(read(SAMPLE, spanField(11, number))).toEqual({ port: 80 });
    const name = Buffer.concat([varintField(1, 1), spanField(3, 'http')]);
    expect(read(SAMPLE, spanField(11, name))).toEqual({ port: 'http' });
  });

  it('of another type are refused', () => {
    expect(refusal(SAMPLE, spanField(11, varintField(1, 2)))).toBe(
      'Sample.port: 2 is neither the type of a number (0) nor of a text (1)',
    );
  });
});

describe('managed fields', () => {
  it('are the JSON in the message', () => {
    expect(read(SAMPLE, spanField(12, spanField(1, '{"f:a":{}}')))).toEqual({
      managed: { 'f:a': {} },
    });
    expect(read(SAMPLE, spanField(12, ''))).toEqual({ managed: null });
  });

  it('that are no JSON, or deeper than a body may be, are refused', () => {
    for (const text of ['', '{', 'x', `${'['.repeat(200)}${']'.repeat(200)}`]) {
      expect(refusal(SAMPLE, spanField(12, spanField(1, text)))).toBe(
        'Sample.managed.raw: the JSON in it cannot be read',
      );
    }
  });
});

describe('bounds', () => {
  function nested(levels: number): Buffer {
    let bytes = Buffer.alloc(0);
    for (let level = 1; level < levels; level += 1) bytes = Buffer.from(spanField(1, bytes));
    return bytes;
  }

  it(`of nesting are ${String(DEPTH_MAX)} messages`, () => {
    const nesting = nestingMessage();
    expect(read(nesting, nested(DEPTH_MAX))).toHaveProperty('inner');
    expect(refusal(nesting, nested(DEPTH_MAX + 1))).toMatch(/nested deeper than 100 levels$/);
    expect(refusal(nesting, nested(2_000))).toMatch(/nested deeper than 100 levels$/);
  });

  it(`of values are ${String(VALUES_MAX)} in one body`, () => {
    const empty = spanField(8, '');
    const most = Buffer.alloc(VALUES_MAX * empty.length, empty);
    const { items } = read(SAMPLE, most) as { items: unknown[] };
    expect(items).toHaveLength(VALUES_MAX);
    expect(refusal(SAMPLE, most, empty)).toBe(
      `Sample: the object has more than ${String(VALUES_MAX)} values`,
    );
  });
});
