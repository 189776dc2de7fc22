import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { encodeBinary } from './binary-encode.ts';
import { decodeHttp } from './http.ts';
import { makeEvent } from './make-event.ts';
import { sameEvent } from './same-event.ts';
import { decodeStored, encodeStored } from './stored-form.ts';
import { encodeStructured } from './structured-encode.ts';

const text = fc.stringMatching(/^[ -~äöü€😀]{0,60}$/u);
const value = fc.oneof(
  text,
  fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  fc.boolean(),
  fc.uint8Array({ maxLength: 200 }),
);
const anyEvent = fc
  .record({
    id: fc.stringMatching(/^[!-~]{1,200}$/),
    subject: fc.option(fc.stringMatching(/^[!-~]{1,40}$/), { nil: undefined }),
    data: fc.option(fc.uint8Array({ maxLength: 500 }), { nil: undefined }),
    extensions: fc.dictionary(fc.stringMatching(/^x[a-z0-9]{1,20}$/), value, { maxKeys: 40 }),
    passthrough: fc.option(fc.array(text, { maxLength: 6 }), { nil: undefined }),
    trace: fc.option(
      fc.record(
        { traceparent: text, tracestate: text, baggage: text },
        { requiredKeys: ['traceparent'] },
      ),
      { nil: undefined },
    ),
  })
  .map(({ passthrough, trace, ...input }) => {
    const event = makeEvent({ ...input, source: '/stored', type: 'stored.form' });
    if (passthrough === undefined && trace === undefined) return event;
    return event.carrying({ passthrough, trace });
  });

describe('the stored form', () => {
  test.prop([anyEvent, fc.nat(20)])('gives back the event that was stored', (event, headroom) => {
    const again = decodeStored(encodeStored(event, headroom).subarray(headroom));
    expect(sameEvent(again, event)).toBe(true);
    expect(again.names()).toEqual(event.names());
    for (const name of event.names()) expect(again.get(name)).toEqual(event.get(name));
    expect(again.sizeBytes).toBe(event.sizeBytes);
    expect(again.dataForm).toBe(event.dataForm);
    expect(again.carried).toEqual(event.carried);
    expect(encodeBinary(again)).toEqual(encodeBinary(event));
    expect(encodeStructured(again)).toEqual(encodeStructured(event));
  });

  test('an event leaves with the header texts it came with', () => {
    const headers = [
      ...['ce-specversion', '1.0', 'ce-id', '1', 'ce-source', '/s', 'ce-type', 't'],
      ...[
        'Content-Type',
        'Text/Plain; charset=UTF-8',
        'ce-city',
        'M%C3%BCnchen',
        'ce-plain',
        'a b',
      ],
    ];
    const [event] = decodeHttp(headers, Buffer.from('body'));
    if (event === undefined) throw new Error('no event');
    expect(encodeBinary(decodeStored(encodeStored(event)))).toEqual(encodeBinary(event));
  });

  test('the data are not copied when a record is read', () => {
    const record = encodeStored(
      makeEvent({ id: '1', source: '/s', type: 't', data: Buffer.alloc(1_000, 7) }),
    );
    const { data } = decodeStored(record);
    expect(data?.buffer).toBe(record.buffer);
    expect(data?.length).toBe(1_000);
  });

  test.prop([anyEvent, fc.nat(), fc.nat(255)])(
    'a record that was cut or changed is refused or read, never anything else',
    (event, where, change) => {
      const record = encodeStored(event);
      const cut = Buffer.from(record.subarray(0, where % record.length));
      const changed = Buffer.from(record);
      changed[where % record.length] = change;
      for (const bytes of [cut, changed]) {
        try {
          decodeStored(bytes);
        } catch (error) {
          expect(error).toMatchObject({ code: 'AFFLUX_EVENTS_STORED_UNREADABLE' });
        }
      }
    },
  );

  test('a record of a later version is refused', () => {
    const record = encodeStored(makeEvent({ id: '1', source: '/s', type: 't' }));
    record[0] = 2;
    expect(() => decodeStored(record)).toThrow('unknown version 2');
  });
});
