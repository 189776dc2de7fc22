import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readTraceContext } from './trace-context.ts';

const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT_ID = '00f067aa0ba902b7';
const VALID = `00-${TRACE_ID}-${PARENT_ID}-01`;

function read(headers: Readonly<Record<string, string>>) {
  return readTraceContext((name) => headers[name]);
}

describe('traceparent', () => {
  test.each([VALID, `00-${TRACE_ID}-${PARENT_ID}-00`, `00-${TRACE_ID}-${PARENT_ID}-03`])(
    '%s is passed on as it came',
    (traceparent) => {
      expect(read({ traceparent })).toEqual({ traceparent });
      expect(read({ traceparent: ` ${traceparent}\t` })).toEqual({ traceparent });
    },
  );

  test('a later version is passed on as version 00, with the one flag both versions know', () => {
    const traceparent = `cc-${TRACE_ID}-${PARENT_ID}-ff-what-the-future-brings`;
    expect(read({ traceparent })).toEqual({ traceparent: VALID });
    const unsampled = `cc-${TRACE_ID}-${PARENT_ID}-fe`;
    expect(read({ traceparent: unsampled })?.traceparent).toMatch(/-00$/);
  });

  test.each([
    '',
    'hello',
    `${VALID}-more`,
    `${VALID}0`,
    `ff-${TRACE_ID}-${PARENT_ID}-01`,
    `00-${'0'.repeat(32)}-${PARENT_ID}-01`,
    `00-${TRACE_ID}-${'0'.repeat(16)}-01`,
    VALID.toUpperCase(),
    `00-${TRACE_ID}-${PARENT_ID}-1`,
    `00-${TRACE_ID}-${PARENT_ID}-0g`,
    `00_${TRACE_ID}-${PARENT_ID}-01`,
    `${VALID}, ${VALID}`,
    `cc-${TRACE_ID}-${PARENT_ID}-01${'x'.repeat(5)}`,
    `cc-${TRACE_ID}-${PARENT_ID}-01-${'x'.repeat(100_000)}`,
  ])('%.70s is no trace context', (traceparent) => {
    expect(read({ traceparent, tracestate: 'a=1', baggage: 'b=2' })).toBeUndefined();
  });

  test('without it there is no trace context', () => {
    expect(read({ tracestate: 'a=1', baggage: 'b=2' })).toBeUndefined();
  });
});

describe('tracestate and baggage', () => {
  test('are passed on as they came within their caps', () => {
    const tracestate = `a=${'1'.repeat(510)}`;
    const baggage = `b=${'2'.repeat(8190)}`;
    expect(read({ traceparent: VALID, tracestate, baggage })).toEqual({
      traceparent: VALID,
      tracestate,
      baggage,
    });
  });

  test('T32 a tracestate beyond 512 characters loses its long members first, then those at the end', () => {
    const long = `long=${'x'.repeat(200)}`;
    const tracestate = [
      'first=1',
      long,
      ...Array.from({ length: 60 }, (_, i) => `k${String(i)}=12345`),
    ];
    const kept = read({ traceparent: VALID, tracestate: tracestate.join(',') })?.tracestate ?? '';
    expect(kept.length).toBeLessThanOrEqual(512);
    expect(kept.length).toBeGreaterThan(490);
    expect(kept.startsWith('first=1,k0=12345,')).toBe(true);
    expect(tracestate).toEqual(expect.arrayContaining(kept.split(',')));
  });

  test('T32 a baggage beyond 8 KiB loses whole members at its end', () => {
    const members = Array.from({ length: 100 }, (_, i) => `k${String(i)}=${'v'.repeat(150)}`);
    const kept = read({ traceparent: VALID, baggage: members.join(',') })?.baggage ?? '';
    expect(kept.length).toBeLessThanOrEqual(8192);
    expect(kept.split(',')).toEqual(members.slice(0, kept.split(',').length));
    expect(kept.length).toBeGreaterThan(8192 - 160);
  });

  test('T32 one member that is too long by itself is left out', () => {
    const headers = { tracestate: `a=${'x'.repeat(600)}`, baggage: `b=${'y'.repeat(9000)}` };
    expect(read({ traceparent: VALID, ...headers })).toEqual({ traceparent: VALID });
  });

  test('T32 megabytes are dropped without being looked at', () => {
    const headers = { tracestate: 'a=1,'.repeat(500_000), baggage: 'b=2,'.repeat(500_000) };
    expect(read({ traceparent: VALID, ...headers })).toEqual({ traceparent: VALID });
  });

  test.each(['a=1\r\nx: y', 'a=\u0000', 'a=é', ''])('T32 %j is left out', (value) => {
    const context = read({ traceparent: VALID, tracestate: value, baggage: value });
    expect(context).toEqual({ traceparent: VALID });
  });
});

test('T32 whatever comes in, what goes out is well-formed, printable and within the caps', () => {
  const hostile = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 1000 }),
    fc.array(fc.string({ maxLength: 300 }), { maxLength: 100 }).map((members) => members.join(',')),
    fc.string({ minLength: 8000, maxLength: 9000, size: 'max' }),
  );
  const traceparent = fc.oneof(
    fc.constant(VALID),
    hostile,
    fc.constant(`01-${TRACE_ID}-${PARENT_ID}-ff-`),
  );
  fc.assert(
    fc.property(traceparent, hostile, hostile, (parent, tracestate, baggage) => {
      const context = read({ traceparent: parent, tracestate, baggage });
      if (context === undefined) return;
      expect(context.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/);
      for (const [value, lengthMax] of [
        [context.tracestate, 512],
        [context.baggage, 8192],
      ] as const) {
        expect(value ?? 'x').toMatch(/^[\t\x20-\x7e]+$/);
        expect((value ?? '').length).toBeLessThanOrEqual(lengthMax);
      }
    }),
  );
});
