import { readTraceContext, seededRandom } from '@afflux/kernel';
import { expect, test } from 'vitest';
import { idsOf, isSampled, OwnTraceContext, randomHex } from './span-context.ts';

const ids = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' };

test.each([true, false])(
  'a context of ours is well-formed and reads back (sampled: %s)',
  (sampled) => {
    const parent = { traceparent: 'x', tracestate: 'a=1', baggage: 'b=2' };
    const context = new OwnTraceContext(ids, sampled, parent);
    expect(idsOf(context)).toEqual(ids);
    expect(isSampled(context)).toBe(sampled);
    const headers = new Map(Object.entries(context));
    expect(readTraceContext((name) => headers.get(name) as string | undefined)).toEqual(
      Object.fromEntries(headers),
    );
  },
);

test('hands on nothing where there is nothing', () => {
  expect(Object.keys(new OwnTraceContext(ids, true, undefined))).toEqual(['traceparent']);
});

test.each([16, 32])('ids have %d digits, differ, and are never all zero', (digits) => {
  const random = seededRandom(1);
  const made = new Set(Array.from({ length: 1000 }, () => randomHex(digits, random)));
  expect(made.size).toBe(1000);
  for (const id of made) expect(id).toMatch(new RegExp(`^[0-9a-f]{${String(digits)}}$`));
  expect(randomHex(digits, { next: () => 0 })).toMatch(/^0+1$/);
});
