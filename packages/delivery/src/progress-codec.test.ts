import { makeEvent, sameEvent } from '@afflux/events';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Failure, Progress } from './plan.ts';
import { decodeProgress, encodeProgress } from './progress-codec.ts';

const stage = fc.constantFrom('subscriber' as const, 'reply' as const, 'dead-letter' as const);
const count = fc.nat({ max: 1_000_000 });

const failure: fc.Arbitrary<Failure> = fc.record({
  destination: fc.string({ unit: 'grapheme' }),
  code: fc.integer({ min: 100, max: 599 }),
  data: fc.base64String(),
  reason: fc.constantFrom('status', 'timeout', 'overflow', 'invalid-reply', 'connection'),
  stage,
  attempts: count,
  atMs: fc.nat(),
});

const reply = fc
  .record({
    data: fc.oneof(fc.uint8Array(), fc.string({ unit: 'grapheme' }), fc.jsonValue()),
    datacontenttype: fc.constantFrom('text/plain', 'application/octet-stream', 'application/json'),
    subject: fc.string({ minLength: 1, unit: 'grapheme-ascii' }),
    number: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
    flag: fc.boolean(),
  })
  .map(({ data, datacontenttype, subject, number, flag }) =>
    makeEvent({
      id: 'r-1',
      source: '/replies',
      type: 'reply',
      subject,
      datacontenttype,
      data: data instanceof Uint8Array || typeof data === 'string' ? data : JSON.stringify(data),
      extensions: { number, flag, knativebrokerttl: 254 },
    }),
  );

const progress: fc.Arbitrary<Progress> = fc.record(
  {
    stage,
    attempt: count,
    refusals: count,
    reply,
    replyPassthrough: fc.array(fc.string()),
    failure,
  },
  { requiredKeys: ['stage', 'attempt'] },
);

describe('progress', () => {
  test('comes back from its encoding as it was', () => {
    fc.assert(
      fc.property(progress, (original) => {
        const { reply: replyBefore, ...before } = original;
        const { reply: replyAfter, ...after } = decodeProgress(encodeProgress(original));
        expect(after).toEqual(before);
        expect(Object.keys(after).sort()).toEqual(Object.keys(before).sort());
        if (replyBefore === undefined) expect(replyAfter).toBeUndefined();
        else expect(replyAfter && sameEvent(replyBefore, replyAfter)).toBe(true);
      }),
    );
  });

  test('keeps the data of a reply byte by byte', () => {
    const data = Buffer.from('{ "price" : 1.50,\n "big": 12345678901234567890 }');
    const event = makeEvent({
      id: '1',
      source: '/r',
      type: 't',
      datacontenttype: 'application/json',
      data,
    });
    const decoded = decodeProgress(encodeProgress({ stage: 'reply', attempt: 1, reply: event }));
    expect(decoded.reply?.data).toEqual(data);
  });

  test.each([
    '',
    'null',
    '{}',
    '{"version":2,"stage":"reply","attempt":0}',
    '{"version":1,"stage":"elsewhere","attempt":0}',
    '{"version":1,"stage":"reply","attempt":-1}',
    '{"version":1,"stage":"reply","attempt":0,"more":1}',
    '{"version":1,"stage":"reply","attempt":0}\n{"specversion":"1.0"}',
    '{"version":1,"stage":"reply","attempt":0}\n',
  ])('that was not written by this version is refused: %j', (text) => {
    expect(() => decodeProgress(Buffer.from(text))).toThrow(
      expect.objectContaining({ code: 'AFFLUX_DELIVERY_PROGRESS_INVALID' }),
    );
  });
});
