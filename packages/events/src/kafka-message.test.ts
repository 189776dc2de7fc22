import { describe, expect, test } from 'vitest';
import { EventsError } from './errors.ts';
import { decodeKafka, encodeKafka } from './kafka-message.ts';
import { makeEvent } from './make-event.ts';
import { sameEvent } from './same-event.ts';

const FULL = {
  id: '1',
  source: '/shop',
  type: 'order.created',
  subject: 'Grüße €',
  time: '2026-01-02T03:04:05.678901Z',
};

function texts(headers: Readonly<Record<string, Buffer>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, value.toString('utf8')]),
  );
}

const MARKS = { ce_specversion: '1.0', ce_id: '1', ce_source: '/shop', ce_type: 'order' };

describe('binary mode', () => {
  test('attributes are headers in plain UTF-8, the data is the value', () => {
    const data = Buffer.from([0, 1, 255]);
    const event = makeEvent({
      ...FULL,
      data,
      datacontenttype: 'application/x-thing',
      extensions: { partitionkey: 'k 1', count: 7, flag: true },
    });
    const { key, value, headers } = encodeKafka(event);
    expect(key?.toString()).toBe('k 1');
    expect(value).toBe(event.data);
    expect(texts(headers)).toEqual({
      ce_specversion: '1.0',
      ce_id: '1',
      ce_source: '/shop',
      ce_type: 'order.created',
      ce_subject: 'Grüße €',
      ce_time: '2026-01-02T03:04:05.678901Z',
      'content-type': 'application/x-thing',
      ce_partitionkey: 'k 1',
      ce_count: '7',
      ce_flag: 'true',
    });
  });

  test('no data is a null value, no partitionkey a null key, no type no header', () => {
    const { key, value, headers } = encodeKafka(makeEvent(FULL));
    expect([key, value]).toEqual([null, null]);
    expect(Object.keys(headers)).not.toContain('content-type');
  });

  test('a null value is an event without data', () => {
    const event = decodeKafka({ value: null, headers: MARKS });
    expect(event).toMatchObject({ id: '1', data: undefined });
  });

  test('header names are read in any case, values as bytes, text or a list of one', () => {
    const headers = {
      CE_SpecVersion: Buffer.from('1.0'),
      ce_id: ['1'],
      ce_source: [Buffer.from('/shop')],
      ce_type: new TextEncoder().encode('order'),
      'Content-Type': 'text/plain',
    };
    const event = decodeKafka({ value: Buffer.from('hello'), headers });
    expect(event).toMatchObject({ id: '1', source: '/shop', type: 'order' });
    expect(event?.get('datacontenttype')).toBe('text/plain');
    expect(event?.data?.toString()).toBe('hello');
  });

  test('the key of a record never becomes an attribute', () => {
    const event = decodeKafka({ key: Buffer.from('foreign'), value: null, headers: MARKS });
    expect(event?.get('partitionkey')).toBeUndefined();
  });

  test.each([
    ['no id', { ce_id: undefined }, 'id'],
    ['an unknown version', { ce_specversion: '7' }, 'specversion'],
    ['a broken time', { ce_time: 'yesterday' }, 'time'],
    ['a name that is none', { 'ce_a-b': 'x' }, 'a-b'],
    ['a header twice', { ce_subject: ['a', 'b'] }, 'subject'],
  ])('%s is named as the problem', (_what, change, attribute) => {
    const headers = Object.fromEntries(
      Object.entries({ ...MARKS, ...change }).filter(([, value]) => value !== undefined),
    );
    try {
      decodeKafka({ value: null, headers });
      expect.fail('the record was taken for an event');
    } catch (error) {
      expect(error).toBeInstanceOf(EventsError);
      expect((error as EventsError).problems.map((problem) => problem.attribute)).toContain(
        attribute,
      );
    }
  });
});

describe('structured mode', () => {
  test('the value is the envelope and the content type says so', () => {
    const event = makeEvent({ ...FULL, data: { a: 1 }, extensions: { partitionkey: 'k' } });
    const message = encodeKafka(event, { mode: 'structured' });
    expect(message.key?.toString()).toBe('k');
    expect(texts(message.headers)).toEqual({
      'content-type': 'application/cloudevents+json; charset=UTF-8',
    });
    const back = decodeKafka(message);
    expect(back !== undefined && sameEvent(back, event)).toBe(true);
  });

  test('an event without time and without data goes and comes', () => {
    const event = makeEvent({ id: '1', source: '/a', type: 't' });
    const back = decodeKafka(encodeKafka(event, { mode: 'structured' }));
    expect(back !== undefined && sameEvent(back, event)).toBe(true);
  });

  test.each(['application/cloudevents+json', 'Application/CloudEvents+JSON; charset=utf-8'])(
    'the content type %s is read',
    (type) => {
      const value = Buffer.from('{"specversion":"1.0","id":"1","source":"/a","type":"t"}');
      expect(decodeKafka({ value, headers: { 'content-type': type } })?.type).toBe('t');
    },
  );

  test.each([
    ['an empty value', null, 'application/cloudevents+json'],
    ['a batch', Buffer.from('[]'), 'application/cloudevents-batch+json'],
    ['an unknown format', Buffer.from('<a/>'), 'application/cloudevents+xml'],
  ])('%s is refused', (_what, value, type) => {
    expect(() => decodeKafka({ value, headers: { 'content-type': type } })).toThrow(EventsError);
  });

  test('an unknown format with all attributes in headers is read as binary', () => {
    const headers = { ...MARKS, 'content-type': 'application/cloudevents+xml' };
    expect(decodeKafka({ value: Buffer.from('<a/>'), headers })?.id).toBe('1');
  });
});

test.each([
  ['nothing', null, {}],
  ['a value alone', Buffer.from('{"hello":1}'), {}],
  ['foreign headers', Buffer.from('x'), { 'content-type': 'application/json', trace: '1' }],
])('a record with %s is no event', (_what, value, headers) => {
  expect(decodeKafka({ value, headers })).toBeUndefined();
});

describe('what an event carries', () => {
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
  const carried = {
    passthrough: ['x-request-id', '7'],
    trace: { traceparent, tracestate: 'a=1', baggage: 'b=2' },
  };
  const event = makeEvent({ id: '1', source: '/a', type: 't', data: 'x' });

  test.each(['binary', 'structured'] as const)('goes along in %s mode', (mode) => {
    const message = encodeKafka(event.carrying(carried), { mode });
    expect(message.headers['traceparent']?.toString()).toBe(traceparent);
    expect(decodeKafka(message)?.carried).toEqual(carried);
  });

  test('is nothing for an event that carries nothing', () => {
    expect(decodeKafka(encodeKafka(event))?.carried).toBeUndefined();
  });

  test.each([
    ['x-afflux-passthrough', '[1]'],
    ['x-afflux-passthrough', '{'],
    ['traceparent', 'hello'],
    ['traceparent', `${traceparent}\r\nhost: a`],
  ])('is ignored where others wrote %s: %s', (name, text) => {
    const { value, headers } = encodeKafka(event);
    const message = { value, headers: { ...headers, [name]: Buffer.from(text) } };
    expect(decodeKafka(message)?.carried).toBeUndefined();
  });
});
