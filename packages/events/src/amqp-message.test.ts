import { describe, expect, test } from 'vitest';
import { decodeAmqp, encodeAmqp } from './amqp-message.ts';
import type { CloudEvent } from './cloud-event.ts';
import { EventsError } from './errors.ts';
import { makeEvent } from './make-event.ts';
import { sameEvent } from './same-event.ts';

const REQUIRED = { specversion: '1.0', id: '1', source: '/s', type: 't' };

function decode(
  headers: Record<string, unknown>,
  { contentType, content = '' }: { contentType?: string; content?: string } = {},
): CloudEvent {
  const properties = contentType === undefined ? {} : { contentType };
  return decodeAmqp({ properties, headers, content: Buffer.from(content) });
}

function failure(read: () => unknown): EventsError {
  try {
    read();
  } catch (error) {
    if (error instanceof EventsError) return error;
    throw error;
  }
  return expect.fail('it was read');
}

function attributesOf(event: CloudEvent): Record<string, unknown> {
  return Object.fromEntries(event.names().map((name) => [name, event.get(name)]));
}

describe('writing', () => {
  test('names are bare, values are strings, the data is the body', () => {
    const data = Buffer.from('{"a":1}');
    const event = makeEvent({
      ...REQUIRED,
      specversion: '1.0',
      subject: 'x',
      datacontenttype: 'application/json',
      data,
      extensions: { count: 7, on: true, raw: new Uint8Array([1, 2]), name: 'ö' },
    });
    const message = encodeAmqp(event);
    expect(message.headers).toEqual({
      ...REQUIRED,
      subject: 'x',
      'content-type': 'application/json',
      count: '7',
      on: 'true',
      raw: 'AQI=',
      name: 'ö',
    });
    expect(message.properties).toEqual({ contentType: 'application/json', messageId: '1' });
    expect(message.content.buffer).toBe(event.data?.buffer);
  });

  test('an absent time is left out', () => {
    expect(encodeAmqp(makeEvent({ id: '1', source: '/s', type: 't' })).headers).toEqual(REQUIRED);
  });

  test('what a property cannot hold is in the headers alone', () => {
    const id = 'ü'.repeat(200);
    const { properties, headers } = encodeAmqp(makeEvent({ id, source: '/s', type: 't' }));
    expect(properties).toEqual({});
    expect(headers['id']).toBe(id);
  });

  test('structured JSON without a content type becomes JSON', () => {
    const body = JSON.stringify({ ...REQUIRED, data: { a: 1 } });
    const event = decode({}, { contentType: 'application/cloudevents+json', content: body });
    expect(encodeAmqp(event).properties.contentType).toBe('application/json');
  });
});

describe('reading', () => {
  const expected = { ...REQUIRED, myext: 'v' };

  test.each([
    ['bare', (name: string) => name],
    ['ce-', (name: string) => `ce-${name}`],
    ['cloudEvents_', (name: string) => `cloudEvents_${name}`],
    ['cloudEvents:', (name: string) => `cloudEvents:${name}`],
    ['upper case', (name: string) => `CE-${name.toUpperCase()}`],
  ])('names that are %s', (_title, rename) => {
    const headers = Object.fromEntries(
      Object.entries(expected).map(([name, value]) => [rename(name), value]),
    );
    const event = decode({ ...headers, 'x-other': 'ignored' }, { content: 'data' });
    expect(attributesOf(event)).toEqual(expected);
    expect(event.data?.toString()).toBe('data');
  });

  test('structured mode, whatever headers stand beside it', () => {
    const content = JSON.stringify({ ...REQUIRED, data: { a: 1 } });
    const event = decode(
      { id: 'other' },
      { contentType: 'application/cloudevents+json; charset=utf-8', content },
    );
    expect(event.id).toBe('1');
    expect(event.data?.toString()).toBe('{"a":1}');
  });

  test('the content type is the property, else the header', () => {
    const withBoth = decode(
      { ...REQUIRED, 'content-type': 'text/plain' },
      { contentType: 'text/html' },
    );
    expect(withBoth.get('datacontenttype')).toBe('text/html');
    const withHeader = decode({ ...REQUIRED, 'content-type': 'text/plain' });
    expect(withHeader.get('datacontenttype')).toBe('text/plain');
  });

  test.each([
    ['string', 'x', 'x'],
    ['integer', 7, 7],
    ['large integer', 2 ** 40, '1099511627776'],
    ['fraction', 1.5, '1.5'],
    ['boolean', false, false],
    ['bytes', Buffer.from([1, 2]), Buffer.from([1, 2])],
    ['timestamp', { '!': 'timestamp', value: 0 }, '1970-01-01T00:00:00.000Z'],
    ['null', null, undefined],
    ['table', { a: 1 }, undefined],
    ['list', [1], undefined],
  ])('a value that is a %s', (_title, value, read) => {
    const found = decode({ ...REQUIRED, ext: value }).get('ext');
    expect(found instanceof Uint8Array ? Buffer.from(found) : found).toEqual(read);
  });

  test('core attributes are strings whatever they were sent as', () => {
    const event = decode({ ...REQUIRED, id: 7, time: { '!': 'timestamp', value: 0 } });
    expect(event.id).toBe('7');
    expect(event.get('time')).toBe('1970-01-01T00:00:00.000Z');
  });

  test('an empty optional attribute counts as absent', () => {
    expect(decode({ ...REQUIRED, subject: '' }).get('subject')).toBeUndefined();
  });

  test('bare names that can be no attribute, and the trace, are passed over', () => {
    const headers = { ...REQUIRED, 'My-Header': 'x', traceparent: '00-1', tracestate: 'a=b' };
    expect(attributesOf(decode(headers))).toEqual(REQUIRED);
  });

  test('a prefixed name that can be no attribute is refused', () => {
    const headers = { 'ce-specversion': '1.0', 'ce-id': '1', 'ce-source': '/s', 'ce-type': 't' };
    const error = failure(() => decode({ ...headers, 'ce-my-ext': 'x' }));
    expect(error.code).toBe('AFFLUX_EVENTS_INVALID');
    expect(error.message).toContain('my-ext');
  });

  test.each([
    ['nothing says that it is an event', {}, {}, 'AFFLUX_EVENTS_NOT_AN_EVENT'],
    ['other headers', { foo: 'bar', id: '1' }, {}, 'AFFLUX_EVENTS_NOT_AN_EVENT'],
    ['a required attribute is missing', { specversion: '1.0' }, {}, 'AFFLUX_EVENTS_INVALID'],
    ['another version', { ...REQUIRED, specversion: '2.0' }, {}, 'AFFLUX_EVENTS_INVALID'],
    [
      'a batch',
      {},
      { contentType: 'application/cloudevents-batch+json', content: '[]' },
      'AFFLUX_EVENTS_UNSUPPORTED',
    ],
    [
      'another event format',
      {},
      { contentType: 'application/cloudevents+avro' },
      'AFFLUX_EVENTS_UNSUPPORTED',
    ],
    [
      'broken JSON',
      {},
      { contentType: 'application/cloudevents+json', content: '{' },
      'AFFLUX_EVENTS_INVALID',
    ],
    ['too large', { ...REQUIRED, big: 'x'.repeat(70_000) }, {}, 'AFFLUX_EVENTS_TOO_LARGE'],
  ])('is refused when %s', (_title, headers, message, code) => {
    expect(failure(() => decode(headers, message)).code).toBe(code);
  });
});

describe('there and back', () => {
  test('the event and what goes on with it are the same', () => {
    const event = makeEvent({
      id: '1',
      source: '/s',
      type: 't',
      time: '2018-04-05T17:31:00.123456789Z',
      data: 'text',
      datacontenttype: 'text/plain',
      extensions: { partitionkey: 'k' },
    }).carrying({
      passthrough: ['x-request-id', '7'],
      trace: { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' },
    });
    const { properties, headers, content } = encodeAmqp(event);
    const read = decodeAmqp({ properties, headers, content });
    expect(sameEvent(read, event)).toBe(true);
    expect(read.carried).toEqual(event.carried);
  });

  test('headers of ours that others wrote are ignored', () => {
    const headers = { ...REQUIRED, 'x-afflux-trace': '{', 'x-afflux-passthrough': '[1]' };
    expect(decode(headers).carried).toBeUndefined();
    const trace = JSON.stringify({ traceparent: '00-1-2-01\r\nhost: a' });
    expect(decode({ ...REQUIRED, 'x-afflux-trace': trace }).carried).toBeUndefined();
  });
});
