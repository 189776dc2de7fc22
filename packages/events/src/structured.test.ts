import { describe, expect, test } from 'vitest';
import {
  decodeHttp,
  encodeBatch,
  encodeBinary,
  encodeStructured,
  LIMITS,
  makeEvent,
} from './index.ts';
import {
  attributesAtFault,
  attributesOf,
  batchEvents,
  binaryEvent,
  envelope,
  errorOf,
  headerMap,
  structuredEvent,
} from './testing/build.ts';

function jsonOf(event: ReturnType<typeof binaryEvent>): Record<string, unknown> {
  return JSON.parse(encodeStructured(event).body.toString()) as Record<string, unknown>;
}

function dataText(body: string): string | undefined {
  return structuredEvent(body).data?.toString('utf8');
}

function withText(members: string): string {
  return `{"specversion":"1.0","id":"1","source":"/s","type":"t"${members}}`;
}

describe('reading a structured event', () => {
  test('members may come in any order, with white space anywhere', () => {
    const body =
      ' {\t"data" : [ 1 ] ,\r\n "type":"t","id":"1" , "source":"/s", "specversion":"1.0" } \n';
    const event = structuredEvent(body);
    expect(event.names()).toEqual(['type', 'id', 'source', 'specversion']);
    expect(event.data?.toString()).toBe('[ 1 ]');
    expect(event.dataForm).toBe('json');
  });

  test('a byte order mark at the start is skipped', () => {
    expect(structuredEvent(`\ufeff${envelope()}`).id).toBe('1');
  });

  test.each([
    ['more after the object', `${envelope()} x`],
    ['a second object', envelope() + envelope()],
    ['a missing brace', envelope().slice(0, -1)],
    ['a trailing comma', withText(',')],
    ['a missing colon', withText(',"a" 1')],
    ['an unquoted name', withText(',a:1')],
    ['a control character in a string', withText(',"a":"\u0001"')],
    ['an unknown escape', withText(String.raw`,"a":"\x"`)],
    ['half an escape', withText(String.raw`,"a":"\u12"`)],
    ['a number with a leading zero', withText(',"a":05')],
    ['a number with a plus', withText(',"a":+5')],
    ['a number without digits', withText(',"data":-')],
    ['a fraction without digits', withText(',"data":1.')],
    ['an exponent without digits', withText(',"data":1e+')],
    ['an unknown word', withText(',"data":nul')],
    ['a comment', withText(',/*x*/"a":1')],
    ['an open string', withText(',"a":"x')],
    ['nothing', '  '],
  ])('%s is refused', (_, body) => {
    expect(attributesAtFault(() => structuredEvent(body))).toEqual(['(body)']);
  });

  test('invalid UTF-8 is refused', () => {
    const body = Buffer.from(envelope({ data: 'xx' }));
    body[body.length - 3] = 0xff;
    expect(attributesAtFault(() => structuredEvent(body))).toEqual(['(body)']);
  });

  test('the last of duplicate members wins', () => {
    const event = structuredEvent(withText(',"a":"1","a":"2","data":1,"b":"x","b":null,"data":2'));
    expect(attributesOf(event)).toMatchObject({ a: '2' });
    expect(event.get('b')).toBeUndefined();
    expect(event.data?.toString()).toBe('2');
  });

  test('optional attributes that are null or empty are absent, an empty extension is not', () => {
    const members = { subject: '', time: '', dataschema: null, datacontenttype: '', ext: '' };
    expect(structuredEvent(envelope(members)).names().slice(4)).toEqual(['ext']);
  });

  test('integers may be written as any number that is whole', () => {
    const event = structuredEvent(
      withText(',"a":1.0,"b":1e2,"c":-0,"d":-2147483648,"e":2147483647'),
    );
    const values = { a: 1, b: 100, c: 0, d: -2147483648, e: 2147483647 };
    expect(attributesOf(event)).toMatchObject(values);
    expect(headerMap(encodeBinary(event).headers)['ce-c']).toBe('0');
  });

  test.each(['id', 'source', 'type', 'specversion', 'time', 'subject', 'datacontenttype'])(
    '%s must be a string',
    (name) => {
      for (const value of [5, true, {}, []]) {
        expect(attributesAtFault(() => structuredEvent(envelope({ [name]: value })))).toEqual([
          name,
        ]);
      }
    },
  );

  test('every problem is reported at once', () => {
    const body =
      '{"specversion":"3","id":"","time":"x","a_b":1,"n":1e99,"data":1,"data_base64":"x"}';
    const names = attributesAtFault(() => structuredEvent(body));
    const expected = ['specversion', 'id', 'time', 'a_b', 'n', 'data_base64', 'source', 'type'];
    expect(names.sort()).toEqual(expected.sort());
  });

  test('the charset of the media type must be one that UTF-8 contains', () => {
    const body = Buffer.from(envelope());
    const type = 'application/cloudevents+json; charset=';
    for (const charset of ['utf-8', 'UTF-8', '"utf-8"', 'us-ascii']) {
      expect(decodeHttp(['Content-Type', type + charset], body)).toHaveLength(1);
    }
    const error = errorOf(() => decodeHttp(['Content-Type', `${type}iso-8859-1`], body));
    expect(error).toMatchObject({ code: 'AFFLUX_EVENTS_UNSUPPORTED', status: 415 });
  });

  test.each(['application/cloudevents', 'application/cloudeventsx', 'application/cloudevents+xml'])(
    '%s is not read',
    (type) => {
      const error = errorOf(() => decodeHttp(['content-type', type], Buffer.from(envelope())));
      expect(error.status).toBe(415);
    },
  );

  test('T12 attributes are counted while they are read, nulls and replaced ones too', () => {
    const long = 'x'.repeat(1000);
    const limits = { attributesBytesMax: 5000 };
    for (const members of [`,"a":"${long}"`.repeat(6), `,"${'a'.repeat(1000)}":null`.repeat(6)]) {
      const error = errorOf(() => structuredEvent(withText(members), limits));
      expect(error).toMatchObject({ code: 'AFFLUX_EVENTS_TOO_LARGE', status: 413 });
    }
    expect(structuredEvent(withText(`,"a":"${long}"`.repeat(4)), limits).get('a')).toBe(long);
  });

  test('T12 thousands of attributes are read, found and written', () => {
    const members = Array.from({ length: 5000 }, (_, at) => `,"a${String(at)}":${String(at)}`);
    const event = structuredEvent(withText(members.join('')));
    expect(event.get('a4999')).toBe(4999);
    expect(event.get('a5000')).toBeUndefined();
    expect(encodeBinary(event).headers).toHaveLength(2 * 5004);
  });
});

describe('data of a structured event', () => {
  test.each([
    ['1.0', '1.0'],
    ['-0', '-0'],
    ['1E400', '1E400'],
    ['0.1000', '0.1000'],
    ['{"a":1,"a":2,"__proto__":{}}', '{"a":1,"a":2,"__proto__":{}}'],
    [String.raw`"\u0041\/"`, String.raw`"\u0041\/"`],
    [' [ 1 , 2 ] ', '[ 1 , 2 ]'],
    ['"\ud83d\ude00 é"', '"\ud83d\ude00 é"'],
    [String.raw`"\ud83d"`, String.raw`"\ud83d"`],
    ['true', 'true'],
  ])('JSON %s keeps its bytes', (json, bytes) => {
    expect(dataText(withText(`,"data":${json}`))).toBe(bytes);
    const event = structuredEvent(withText(`,"data":${json}`));
    expect(encodeStructured(event).body.toString()).toBe(withText(`,"data":${bytes}`));
  });

  test('T12 data may be nested as deep as the limit and no deeper', () => {
    const nested = (depth: number): string =>
      withText(`,"data":${'['.repeat(depth)}${']'.repeat(depth)}`);
    expect(dataText(nested(LIMITS.jsonDepthMax))).toHaveLength(2 * LIMITS.jsonDepthMax);
    const error = errorOf(() => structuredEvent(nested(LIMITS.jsonDepthMax + 1)));
    expect(error.message).toContain('nested deeper');
    expect(() => structuredEvent(nested(3), { jsonDepthMax: 2 })).toThrow('nested deeper');
    const bomb = '{"a":'.repeat(200_000);
    expect(() => structuredEvent(withText(`,"data":${bomb}`))).toThrow('nested deeper');
    expect(() => structuredEvent(withText(`,"x":${bomb}`))).toThrow('nested deeper');
  });

  test('T12 names in the data never reach a prototype', () => {
    structuredEvent(withText(',"data":{"__proto__":{"polluted":1}}'));
    expect({}).not.toHaveProperty('polluted');
  });

  test('text is decoded once and encoded in the charset of its type', () => {
    const text = (type: string, json: string): Buffer | undefined =>
      structuredEvent(withText(`,"datacontenttype":"${type}","data":${json}`)).data;
    expect(text('text/plain', String.raw`"a\n\u00e9"`)).toEqual(Buffer.from('a\né'));
    expect(text('text/plain; charset=iso-8859-1', '"é"')).toEqual(Buffer.from([0xe9]));
  });

  test.each([
    ['text/plain; charset=iso-8859-1', '"€"'],
    ['text/plain; charset=utf-16', '"a"'],
    ['text/plain', String.raw`"\ud83d"`],
    ['text/plain', '5'],
    ['application/octet-stream', '[]'],
  ])('%s cannot hold %s', (type, json) => {
    const body = withText(`,"datacontenttype":"${type}","data":${json}`);
    expect(attributesAtFault(() => structuredEvent(body))).toEqual(['data']);
  });

  test('null is no data when the type is not JSON', () => {
    expect(dataText(withText(',"datacontenttype":"text/plain","data":null'))).toBeUndefined();
  });

  test.each([
    ['AQID', [1, 2, 3]],
    ['AQ==', [1]],
    ['AQ', [1]],
    ['AQI', [1, 2]],
    [String.raw`+\/\u002B/`, [0xfb, 0xff, 0xbf]],
    ['', []],
  ])('base64 %j is decoded', (text, bytes) => {
    expect(structuredEvent(withText(`,"data_base64":"${text}"`)).data).toEqual(Buffer.from(bytes));
  });

  test.each([
    '"A"',
    '"AQ="',
    '"AQ==="',
    '"A=QI"',
    '"AQ =="',
    '"-_-_"',
    '"AQID\\n"',
    '"é"',
    '5',
    '[]',
    '{}',
  ])('data_base64 %s is refused', (json) => {
    const body = withText(`,"data_base64":${json}`);
    expect(attributesAtFault(() => structuredEvent(body))).toEqual(['data_base64']);
  });

  test('data_base64 null is absent', () => {
    expect(dataText(withText(',"data_base64":null,"data":1'))).toBe('1');
  });

  test('data and data_base64 exclude each other even when data is null', () => {
    const body = withText(',"data":null,"data_base64":"AQ=="');
    expect(attributesAtFault(() => structuredEvent(body))).toEqual(['data_base64']);
  });

  test('large data is shared with the body, small data does not keep a large body alive', () => {
    const large = Buffer.from(withText(`,"data":"${'x'.repeat(10_000)}"`));
    expect(structuredEvent(large).data?.length).toBe(10_002);
    const body = Buffer.from(large);
    const [shared] = decodeHttp(['content-type', 'application/cloudevents+json'], body);
    expect(shared?.data?.buffer).toBe(body.buffer);
    const batch = Buffer.from(
      `[${withText(',"data":1')},${withText(`,"data":"${'x'.repeat(10_000)}"`)}]`,
    );
    const [small, big] = decodeHttp(['content-type', 'application/cloudevents-batch+json'], batch);
    expect(
      small?.data?.buffer === batch.buffer &&
        small.data.byteOffset >= batch.byteOffset &&
        small.data.byteOffset < batch.byteOffset + batch.length,
    ).toBe(false);
    expect(big?.data?.buffer).toBe(batch.buffer);
  });
});

describe('version 0.3 in JSON', () => {
  const v03 = { specversion: '0.3', datacontentencoding: 'base64', data: 'AQID' };

  test('base64 data stays the text it is, in both modes', () => {
    const event = structuredEvent(envelope(v03));
    expect(event.data?.toString()).toBe('AQID');
    expect(headerMap(encodeBinary(event).headers)['ce-datacontentencoding']).toBe('base64');
    expect(jsonOf(event)).toEqual(JSON.parse(envelope(v03)));
    const fromBinary = binaryEvent(
      { 'ce-specversion': '0.3', 'ce-datacontentencoding': 'base64' },
      'AQID',
    );
    expect(jsonOf(fromBinary)).toMatchObject(v03);
  });

  test('bytes are written with datacontentencoding, which 1.0 does not have', () => {
    const json = jsonOf(binaryEvent({ 'ce-specversion': '0.3' }, Buffer.from([1, 2, 3])));
    expect(json).toMatchObject(v03);
    expect(json).not.toHaveProperty('data_base64');
  });

  test('bytes that only claim to be base64 text are encoded, and the claim is made once', () => {
    const event = binaryEvent(
      { 'ce-specversion': '0.3', 'ce-datacontentencoding': 'base64' },
      Buffer.from([1, 2, 3]),
    );
    const { body } = encodeStructured(event);
    expect(body.toString().match(/datacontentencoding/g)).toHaveLength(1);
    expect(jsonOf(event)).toMatchObject(v03);
  });

  test('data_base64, and data that is not base64 as it says, are refused', () => {
    const base64 = envelope({ specversion: '0.3', data_base64: 'AQ==' });
    expect(attributesAtFault(() => structuredEvent(base64))).toEqual(['data_base64']);
    for (const data of ['*', 5]) {
      expect(attributesAtFault(() => structuredEvent(envelope({ ...v03, data })))).toEqual([
        'data',
      ]);
    }
  });

  test('JSON data and the other attributes are as in 1.0', () => {
    const body = envelope({ specversion: '0.3', schemaurl: '/x', data: { a: 1 } });
    expect(jsonOf(structuredEvent(body))).toEqual(JSON.parse(body));
  });
});

describe('writing a structured event', () => {
  const latin1 = Buffer.from([0xe9]);

  test.each([
    ['no body', undefined, '', {}],
    ['no body but a type', 'text/plain', '', { datacontenttype: 'text/plain' }],
    ['JSON', 'application/json', '{"a":[1.0]}', { data: { a: [1] } }],
    ['JSON with a charset', 'application/json; charset=utf-8', '"é"', { data: 'é' }],
    [
      'JSON of another charset',
      'application/json; charset=iso-8859-1',
      '"a"',
      { data_base64: 'ImEi' },
    ],
    ['JSON that is none', 'application/json', '{bad', { data_base64: 'e2JhZA==' }],
    ['JSON with more behind it', 'application/json', '1 2', { data_base64: 'MSAy' }],
    ['JSON with a byte order mark', 'application/json', '\ufeff1', { data_base64: '77u/MQ==' }],
    [
      'JSON that is not UTF-8',
      'application/json',
      Buffer.from([0x22, 0xe9, 0x22]),
      { data_base64: 'Iuki' },
    ],
    [
      'JSON too deep',
      'application/json',
      '['.repeat(300) + ']'.repeat(300),
      { data_base64: Buffer.from('['.repeat(300) + ']'.repeat(300)).toString('base64') },
    ],
    ['text', 'text/plain', 'a "b"\n€', { data: 'a "b"\n€' }],
    ['text with a byte order mark', 'text/plain', '\ufeffa', { data: '\ufeffa' }],
    ['XML', 'application/xml', '<a/>', { data: '<a/>' }],
    ['+xml', 'image/svg+xml; charset=utf-8', '<a/>', { data: '<a/>' }],
    ['text of another charset', 'text/plain; charset=iso-8859-1', latin1, { data_base64: '6Q==' }],
    ['text that is not UTF-8', 'text/plain', latin1, { data_base64: '6Q==' }],
    ['any other type', 'application/octet-stream', 'abc', { data_base64: 'YWJj' }],
    ['no type', undefined, 'abc', { data_base64: 'YWJj' }],
  ])('binary with %s', (_, type, body, members) => {
    const event = binaryEvent(type === undefined ? {} : { 'content-type': type }, body);
    const declared = type === undefined ? {} : { datacontenttype: type };
    expect(jsonOf(event)).toEqual({
      ...(JSON.parse(envelope()) as object),
      ...declared,
      ...members,
    });
    const again = structuredEvent(encodeStructured(event).body);
    expect(again.data).toEqual(event.data);
    expect(attributesOf(again)).toEqual(attributesOf(event));
  });

  test('empty data that arrived in JSON is still there in JSON', () => {
    for (const members of [{ data_base64: '' }, { datacontenttype: 'text/plain', data: '' }]) {
      expect(jsonOf(structuredEvent(envelope(members)))).toMatchObject(members);
    }
  });

  test('nothing is added to what arrived structured', () => {
    const body = envelope({ data: { a: 1 } });
    const { headers, body: sent } = encodeStructured(structuredEvent(body));
    expect(sent.toString()).toBe(body);
    expect(headers).toEqual(['content-type', 'application/cloudevents+json']);
  });

  test('values are escaped, and integers, booleans and binary have their JSON form', () => {
    const event = binaryEvent().with({ q: '"\\', n: -5, b: true, bin: Uint8Array.of(255) });
    expect(jsonOf(event)).toMatchObject({ q: '"\\', n: -5, b: true, bin: '/w==' });
  });

  test('an extension can be left out', () => {
    const event = binaryEvent({ 'ce-ttl': '5' });
    const { body } = encodeStructured(event, { omit: 'ttl' });
    expect(JSON.parse(body.toString())).toEqual(JSON.parse(envelope()));
    expect(() => encodeStructured(event, { omit: 'type' })).toThrow('only extensions');
  });

  test('a changed content type changes how the data is carried', () => {
    const event = structuredEvent(envelope({ data: { a: 1 } }));
    expect(jsonOf(event.with({ datacontenttype: 'text/plain' }))).toMatchObject({
      data: '{"a":1}',
    });
    const png = event.with({ datacontenttype: 'image/png' });
    expect(jsonOf(png)).toMatchObject({ data_base64: 'eyJhIjoxfQ==' });
    expect(jsonOf(png.with({ subject: 'x' }))).toMatchObject({ data_base64: 'eyJhIjoxfQ==' });
    expect(jsonOf(png.with({ datacontenttype: 'text/json' }))).toMatchObject({ data: { a: 1 } });
    expect(headerMap(encodeBinary(png).headers)['content-type']).toBe('image/png');
  });
});

describe('batches', () => {
  test('each element is an event of its own', () => {
    const events = batchEvents(`[${envelope({ id: 'a', data: 1 })}, ${envelope({ id: 'b' })}]`);
    expect(events.map((event) => event.id)).toEqual(['a', 'b']);
    expect(events[0]?.data?.toString()).toBe('1');
  });

  test('all bad elements are named by their position, and nothing is returned', () => {
    const body = `[5,${envelope()},${envelope({ id: '' })},${envelope({ n: {} })}]`;
    const found = errorOf(() => batchEvents(body)).problems;
    expect(found.map(({ index, attribute }) => [index, attribute])).toEqual([
      [0, '(body)'],
      [2, 'id'],
      [3, 'n'],
    ]);
  });

  test('T12 a batch may be as long as the limit and no longer', () => {
    const batch = (length: number): string =>
      `[${Array<string>(length).fill(envelope()).join(',')}]`;
    expect(batchEvents(batch(LIMITS.batchEventsMax))).toHaveLength(LIMITS.batchEventsMax);
    const error = errorOf(() => batchEvents(batch(LIMITS.batchEventsMax + 1)));
    expect(error).toMatchObject({ code: 'AFFLUX_EVENTS_TOO_LARGE', status: 413 });
    expect(batchEvents(batch(2), { batchEventsMax: 2 })).toHaveLength(2);
    expect(() => batchEvents(batch(3), { batchEventsMax: 2 })).toThrow('more than 2 events');
  });

  test.each([
    '',
    '[',
    `[${envelope()}`,
    `[${envelope()},]`,
    `[${envelope()}] x`,
    `[${envelope()} 5]`,
  ])('the body %j is refused', (body) => {
    expect(attributesAtFault(() => batchEvents(body))).toEqual(['(body)']);
  });

  test('written batches are read again', () => {
    const events = [
      binaryEvent({ 'ce-ttl': '1' }, 'abc'),
      structuredEvent(envelope({ data: [1.5] })),
    ];
    const { headers, body } = encodeBatch(events, { omit: 'ttl' });
    expect(headers).toEqual(['content-type', 'application/cloudevents-batch+json']);
    expect(JSON.parse(body.toString())).toEqual([
      JSON.parse(envelope({ data_base64: 'YWJj' })),
      JSON.parse(envelope({ data: [1.5] })),
    ]);
    expect(decodeHttp(headers, body)).toHaveLength(2);
    expect(encodeBatch([]).body.toString()).toBe('[]');
  });

  test('events of two versions cannot be one batch', () => {
    const other = makeEvent({ specversion: '0.3', id: '1', source: '/', type: 't' });
    expect(attributesAtFault(() => encodeBatch([binaryEvent(), other]))).toEqual(['specversion']);
  });
});
