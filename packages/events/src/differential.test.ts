/**
 * Against the `cloudevents` package, where it is right: events of either side are read by the other and mean
 * the same. Its known faults (version 10.0.0) stand below, each with what it does and what is right; a test
 * that fails there says that the package has changed.
 */
import type { CloudEventV1, Message } from 'cloudevents';
import { CloudEvent as SdkEvent, HTTP } from 'cloudevents';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CloudEvent } from './index.ts';
import { decodeHttp, encodeBatch, encodeBinary, encodeStructured, makeEvent } from './index.ts';
import { uriReference } from './testing/arbitrary.ts';
import { binaryEvent, envelope, headerMap, only, structuredEvent } from './testing/build.ts';

type SdkInput = Partial<CloudEventV1<unknown>> & Record<string, unknown>;

/** Visible ASCII without `%` and `"`: what the package carries unharmed, as it neither encodes nor decodes. */
const plain = fc.stringMatching(/^[!#$&-~]{1,20}$/);

/** Names that are taken, or that the package takes for its own methods and properties. */
const TAKEN = [
  ...['data', 'id', 'source', 'type', 'time', 'subject', 'specversion', 'dataschema'],
  ...['datacontenttype', 'schemaurl', 'datacontentencoding', 'emit', 'validate', 'constructor'],
];
const extensionName = fc.stringMatching(/^[a-z0-9]{1,20}$/).filter((name) => !TAKEN.includes(name));

const content = fc.oneof(
  fc.constant({}),
  fc.record({
    datacontenttype: fc.constant('application/json'),
    // Through JSON once, so that it is a value that JSON can hold: no negative zero.
    data: fc
      .oneof(fc.dictionary(fc.string(), fc.jsonValue()), fc.array(fc.jsonValue()))
      .map((value) => JSON.parse(JSON.stringify(value)) as unknown),
  }),
  fc.record({ datacontenttype: fc.constant('text/plain'), data: fc.string({ minLength: 1 }) }),
  fc.record({
    datacontenttype: fc.constant('image/png'),
    data: fc.uint8Array({ minLength: 1 }).map((bytes) => Buffer.from(bytes)),
  }),
);

/** Input that both sides accept; the time has milliseconds in UTC, the only form the package keeps. */
const input: fc.Arbitrary<SdkInput> = fc
  .tuple(
    fc.record({
      id: plain,
      source: uriReference.filter((text) => !text.includes('%')),
      type: plain,
      time: fc
        .date({ min: new Date('1970-01-01'), max: new Date('2100-01-01'), noInvalidDate: true })
        .map((date) => date.toISOString()),
    }),
    fc.record({ subject: plain }, { requiredKeys: [], noNullPrototype: true }),
    fc.dictionary(extensionName, plain, { maxKeys: 5, noNullPrototype: true }),
    content,
  )
  .map(([required, optional, extensions, data]) => ({
    ...extensions,
    ...required,
    ...optional,
    ...data,
  }));

function ours({
  id = '',
  source = '',
  type = '',
  subject,
  time,
  datacontenttype,
  data,
  ...rest
}: SdkInput) {
  const common = { id, source, type, subject, time, datacontenttype };
  const extensions = rest as Record<string, string>;
  return makeEvent({ ...common, data: data as string | undefined, extensions });
}

/** Attributes and data as the package would show them. */
function asSdk(event: CloudEvent): Record<string, unknown> {
  const attributes = Object.fromEntries(event.names().map((name) => [name, event.get(name)]));
  if (event.data === undefined) return attributes;
  if (event.get('datacontenttype') === 'application/json') {
    return { ...attributes, data: JSON.parse(event.data.toString()) as unknown };
  }
  const isText = event.get('datacontenttype') === 'text/plain';
  return { ...attributes, data: isText ? event.data.toString() : event.data };
}

/** What the package read, without what it adds beside binary data. */
function shown(event: CloudEventV1<unknown>): Record<string, unknown> {
  const own = Object.entries(event).filter(([name]) => name !== 'data_base64');
  const defined = Object.fromEntries(own.filter(([, value]) => value !== undefined));
  const { data } = defined;
  // Bytes come as an array of 32-bit numbers from structured mode (fault 6), of bytes from a batch.
  const isBytes = data instanceof Uint32Array || data instanceof Uint8Array;
  return isBytes ? { ...defined, data: Buffer.from(data) } : defined;
}

function sdkRead(
  message: { headers: readonly string[]; body: Buffer | undefined },
  isText = false,
) {
  const body = isText ? message.body?.toString() : message.body;
  return HTTP.toEvent<unknown>({ headers: headerMap(message.headers), body });
}

function sdkReadOne(...parameters: Parameters<typeof sdkRead>): Record<string, unknown> {
  const event = sdkRead(...parameters);
  if (Array.isArray(event)) throw new Error('expected one event');
  return shown(event);
}

function ourRead({ headers, body }: Message<unknown>): CloudEvent {
  const flat = Object.entries(headers).flatMap(([name, value]) => [name, String(value)]);
  const bytes = typeof body === 'string' ? Buffer.from(body) : Buffer.from((body ?? []) as Buffer);
  return only(decodeHttp(flat, bytes));
}

describe('where the package is right', () => {
  test('it reads our binary events as we do', () => {
    fc.assert(
      fc.property(input, (fields) => {
        const event = ours(fields);
        const isText = fields.datacontenttype !== 'image/png';
        expect(sdkReadOne(encodeBinary(event), isText)).toEqual(asSdk(event));
      }),
    );
  });

  test('it reads our structured events as we do', () => {
    fc.assert(
      fc.property(input, (fields) => {
        const event = ours(fields);
        expect(sdkReadOne(encodeStructured(event), true)).toEqual(asSdk(event));
      }),
    );
  });

  test('it reads our batches as we do', () => {
    fc.assert(
      fc.property(fc.array(input, { minLength: 1, maxLength: 3 }), (list) => {
        const events = list.map(ours);
        const read = sdkRead(encodeBatch(events), true) as CloudEventV1<unknown>[];
        expect(read.map(shown)).toEqual(events.map(asSdk));
      }),
    );
  });

  test('we read its binary events as it does', () => {
    fc.assert(
      fc.property(input, (fields) => {
        const sdkEvent = new SdkEvent(fields);
        const { datacontenttype, ...read } = asSdk(ourRead(HTTP.binary(sdkEvent)));
        const { datacontenttype: declared, ...expected } = shown(sdkEvent);
        expect(read).toEqual(expected);
        // It gives every event without a type one (fault 14).
        expect(datacontenttype).toBe(declared ?? 'application/json; charset=utf-8');
      }),
    );
  });

  test('we read its structured events as it does', () => {
    fc.assert(
      fc.property(input, (fields) => {
        const sdkEvent = new SdkEvent(fields);
        expect(asSdk(ourRead(HTTP.structured(sdkEvent)))).toEqual(shown(sdkEvent));
      }),
    );
  });
});

const B = { 'ce-specversion': '1.0', 'ce-id': '1', 'ce-source': '/s', 'ce-type': 't' };
const TIME = '2024-01-01T00:00:00.000Z';

function sdkBinary(headers: Record<string, string>, body?: unknown): Record<string, unknown> {
  const message = { headers: { ...B, 'ce-time': TIME, ...headers }, body };
  return HTTP.toEvent(message) as unknown as Record<string, unknown>;
}

function sdkStructured(members: object, type = 'application/cloudevents+json') {
  const body = envelope({ time: TIME, ...members });
  return HTTP.toEvent({ headers: { 'content-type': type }, body }) as unknown as Record<
    string,
    unknown
  >;
}

describe('its known faults', () => {
  test('1: header values are not percent-decoded', () => {
    expect(sdkBinary({ 'ce-subject': 'a%20b' })['subject']).toBe('a%20b');
    expect(binaryEvent({ 'ce-subject': 'a%20b' }).get('subject')).toBe('a b');
  });

  test('2: required attributes may be missing and any version is accepted', () => {
    const { 'ce-type': _, ...untyped } = B;
    expect(HTTP.toEvent({ headers: untyped, body: '' })).not.toHaveProperty('type', 't');
    expect(sdkBinary({ 'ce-specversion': '2.0' })['specversion']).toBe('2.0');
    expect(() => binaryEvent({ 'ce-specversion': '2.0' })).toThrow('not supported');
  });

  test('3: times are invented and rewritten', () => {
    const time = '2018-04-05T17:31:00.123456789+02:00';
    expect(sdkBinary({ 'ce-time': time })['time']).toBe('2018-04-05T15:31:00.123Z');
    expect(HTTP.toEvent({ headers: B, body: '' })).toHaveProperty('time');
    expect(binaryEvent({ 'ce-time': time }).get('time')).toBe(time);
    expect(binaryEvent().get('time')).toBeUndefined();
  });

  test('4: structured media types are compared letter by letter', () => {
    for (const type of [
      'application/cloudevents+json;charset=utf-8',
      'Application/CloudEvents+JSON',
    ]) {
      expect(() => sdkStructured({}, type)).toThrow();
      expect(decodeHttp(['content-type', type], Buffer.from(envelope()))).toHaveLength(1);
    }
  });

  test.each([false, 0, '', null])('5: data %j is dropped', (data) => {
    expect(sdkStructured({ data })['data']).toBeUndefined();
    expect(structuredEvent(envelope({ data })).data?.toString()).toBe(JSON.stringify(data));
  });

  test('6 and 7: base64 becomes 32-bit numbers and is not checked', () => {
    expect(sdkStructured({ data_base64: 'AQID' })['data']).toEqual(Uint32Array.of(1, 2, 3));
    expect(sdkStructured({ data_base64: '***' })['data']).toHaveLength(0);
    expect(structuredEvent(envelope({ data_base64: 'AQID' })).data).toEqual(Buffer.of(1, 2, 3));
    expect(() => structuredEvent(envelope({ data_base64: '***' }))).toThrow('not base64');
  });

  test('8, 9 and 10: JSON bodies are parsed by some content types and fail the event', () => {
    const json = { 'content-type': 'application/json' };
    expect(sdkBinary({ 'content-type': 'application/x+json' }, '{"a":1}')['data']).toBe('{"a":1}');
    expect(sdkBinary(json, '42')['data']).toBe('42');
    expect(() => sdkBinary(json, '{bad')).toThrow(SyntaxError);
    expect(binaryEvent(json, '{bad').data?.toString()).toBe('{bad');
  });

  test('11 and 13: arrays, names and values that are none are let through', () => {
    const type = { 'content-type': 'application/cloudevents+json' };
    expect(HTTP.toEvent({ headers: type, body: '[]' })).toHaveProperty('specversion', '1.0');
    expect(() => structuredEvent('[]')).toThrow('not a JSON object');
    for (const member of [{ MyExt: 1 }, { o: {} }, { f: 1.5 }]) {
      expect(sdkStructured(member)).toMatchObject(member);
      expect(() => structuredEvent(envelope(member))).toThrow();
    }
  });

  test('12: extensions are only found in lower-case headers', () => {
    expect(sdkBinary({ 'Ce-MyExt': 'x' })['myext']).toBeUndefined();
    expect(binaryEvent({ 'Ce-MyExt': 'x' }).get('myext')).toBe('x');
  });

  test('14: events without a content type are given one', () => {
    const sdkEvent = new SdkEvent({ id: '1', source: '/', type: 't', n: 5 });
    const { headers } = HTTP.binary(sdkEvent);
    expect(headers).toMatchObject({ 'content-type': 'application/json; charset=utf-8', 'ce-n': 5 });
    expect(headerMap(encodeBinary(binaryEvent()).headers)).not.toHaveProperty('content-type');
  });

  test('15: a leap second cannot be written', () => {
    const fields = { id: '1', source: '/', type: 't', time: '2016-12-31T23:59:60Z' };
    expect(() => HTTP.structured(new SdkEvent(fields, false))).toThrow(RangeError);
    expect(encodeStructured(makeEvent(fields)).body.toString()).toContain(fields.time);
  });

  test('an extension named constructor cannot be written', () => {
    const fields = { id: '1', source: '/', type: 't', constructor: 'x' };
    expect(() => HTTP.binary(new SdkEvent(fields))).toThrow(TypeError);
    const sent = encodeBinary(binaryEvent().with({ constructor: 'x' }));
    expect(headerMap(sent.headers)).toMatchObject({ 'ce-constructor': 'x' });
  });
});
