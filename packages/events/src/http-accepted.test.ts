/**
 * The test vectors of HTTP to event whose outcome is an event, over a real connection. Vectors 87 and 88, about
 * methods, belong to the listener that receives events.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CloudEvent } from './index.ts';
import { encodeBinary, encodeStructured, EventsError } from './index.ts';
import type { Wire } from './testing/wire.ts';
import {
  B,
  BATCH,
  j,
  JSON_TYPE,
  startWire,
  STRUCTURED,
  without,
  withSource,
} from './testing/wire.ts';

let wire: Wire;
beforeAll(async () => {
  wire = await startWire();
});
afterAll(() => wire.close());

function headersOf(event: CloudEvent): Record<string, string> {
  const { headers } = encodeBinary(event);
  const found: Record<string, string> = {};
  for (let at = 0; at < headers.length; at += 2) found[headers[at] ?? ''] = headers[at + 1] ?? '';
  return found;
}

function structuredOf(event: CloudEvent): unknown {
  return JSON.parse(encodeStructured(event).body.toString());
}

interface Vector {
  readonly n: string;
  readonly says: string;
  readonly headers: readonly string[];
  readonly body?: string | Buffer;
  /** Default: one event with just the required attributes. */
  readonly attributes?: Readonly<Record<string, unknown>>;
  /** Default: no data. */
  readonly data?: string | Buffer;
  readonly check?: (event: CloudEvent) => void;
}

const SUBJECTS: [string, string, string][] = [
  ['12', 'a%20b', 'a b'],
  ['13', '"a b"', 'a b'],
  ['14', '"a \\"q\\" b"', 'a "q" b'],
  ['15', '%22x%22', '"x"'],
  ['16', '%2525', '%25'],
  ['17', '%e2%82%ac', '€'],
  ['18', '%41%42', 'AB'],
  ['23', '100%', '100%'],
  ['24', 'a+b', 'a+b'],
  ['25', '\xc3\xa9', 'é'],
];

const ACCEPTED: Vector[] = [
  {
    n: '1',
    says: 'no body: no data, no content type, no time',
    headers: B,
    check: (event) => {
      expect(event.names()).toEqual(['specversion', 'id', 'source', 'type']);
      expect(event.data).toBeUndefined();
    },
  },
  {
    n: '2',
    says: 'a JSON body is kept byte for byte',
    headers: [...B, JSON_TYPE],
    body: '{"a":1}',
    attributes: { datacontenttype: 'application/json' },
    data: '{"a":1}',
  },
  {
    n: '3',
    says: 'parameters of the content type are kept',
    headers: [...B, 'Content-Type: application/json; charset=utf-8'],
    body: '{}',
    attributes: { datacontenttype: 'application/json; charset=utf-8' },
    data: '{}',
  },
  {
    n: '4',
    says: 'media types are recognised in any case',
    headers: [...B, 'Content-Type: APPLICATION/JSON'],
    body: '{"a":1}',
    attributes: { datacontenttype: 'APPLICATION/JSON' },
    data: '{"a":1}',
    check: (event) => {
      expect(structuredOf(event)).toMatchObject({ data: { a: 1 } });
    },
  },
  {
    n: '5',
    says: 'a body without content type gets none, in base64 neither',
    headers: B,
    body: 'abc',
    data: 'abc',
    check: (event) => {
      expect(structuredOf(event)).toMatchObject({ data_base64: 'YWJj' });
      expect(structuredOf(event)).not.toHaveProperty('datacontenttype');
    },
  },
  {
    n: '6',
    says: 'header names in any case',
    headers: ['CE-SPECVERSION: 1.0', 'CE-ID: 1', 'Ce-Source: /s', 'cE-tYpE: t', 'Ce-MyExt: x'],
    attributes: { myext: 'x' },
  },
  {
    n: '11',
    says: 'version 0.3 stays 0.3',
    headers: [...without('specversion'), 'ce-specversion: 0.3', 'ce-schemaurl: /x'],
    attributes: { specversion: '0.3', schemaurl: '/x' },
  },
  ...SUBJECTS.map(([n, sent, subject]) => ({
    n,
    says: `subject ${sent}`,
    headers: [...B, `ce-subject: ${sent}`],
    attributes: { subject },
  })),
  {
    n: '27',
    says: 'an escape of the URI itself, sent without encoding, is meant literally and forwarded as it came',
    headers: withSource('https://x/a%20b'),
    attributes: { source: 'https://x/a%20b' },
    check: (event) => {
      expect(headersOf(event)['ce-source']).toBe('https://x/a%20b');
    },
  },
  {
    n: '28',
    says: 'an encoded escape of the URI is decoded once',
    headers: withSource('https://x/a%2520b'),
    attributes: { source: 'https://x/a%20b' },
    check: (event) => {
      expect(headersOf(event)['ce-source']).toBe('https://x/a%2520b');
    },
  },
  { n: '29', says: 'source %20', headers: withSource('%20'), attributes: { source: '%20' } },
  {
    n: '32',
    says: 'names may start with a digit and be long',
    headers: [...B, 'ce-1abc: x', 'ce-averyveryverylongextensionname: y'],
    attributes: { '1abc': 'x', averyveryverylongextensionname: 'y' },
  },
  { n: '35', says: 'an empty extension', headers: [...B, 'ce-myext:'], attributes: { myext: '' } },
  { n: '36', says: 'an empty subject is no subject', headers: [...B, 'ce-subject:'] },
  ...[
    ['37', '2018-04-05T17:31:00.123456789+02:00'],
    ['38', '2016-12-31T23:59:60Z'],
    ['39', '2018-04-05t17:31:00z'],
  ].map(([n = '', time = '']) => ({
    n,
    says: `time ${time} is kept as text`,
    headers: [...B, `ce-time: ${time}`],
    attributes: { time },
    check: (event: CloudEvent) => {
      expect(headersOf(event)['ce-time']).toBe(time);
    },
  })),
  {
    n: '43',
    says: 'a relative source that looks like a telephone number',
    headers: withSource('1-555-123-4567'),
    attributes: { source: '1-555-123-4567' },
  },
  {
    n: '44',
    says: 'header values are strings',
    headers: [...B, 'ce-n: 5', 'ce-b: true'],
    attributes: { n: '5', b: 'true' },
  },
  {
    n: '45',
    says: 'constructor is an attribute name like any other',
    headers: [...B, 'ce-constructor: x'],
    attributes: { constructor: 'x' },
  },
  {
    n: '46',
    says: '60 KiB of headers',
    headers: [
      ...B,
      ...Array.from({ length: 60 }, (_, at) => `ce-e${String(at)}: ${'v'.repeat(1000)}`),
    ],
    attributes: Object.fromEntries(
      Array.from({ length: 60 }, (_, at) => [`e${String(at)}`, 'v'.repeat(1000)]),
    ),
  },
  { n: '49', says: 'structured without data', headers: [STRUCTURED], body: j() },
  {
    n: '50',
    says: 'the structured media type in any case, with a charset',
    headers: ['Content-Type: Application/CloudEvents+JSON;charset=UTF-8'],
    body: j(),
  },
  {
    n: '51',
    says: 'data null is data',
    headers: [STRUCTURED],
    body: j(',"data":null'),
    data: 'null',
    check: (event) => {
      expect(headersOf(event)['content-type']).toBe('application/json');
    },
  },
  ...['false', '0', '""'].map((data) => ({
    n: '52',
    says: `data ${data} is data`,
    headers: [STRUCTURED],
    body: j(`,"data":${data}`),
    data,
  })),
  {
    n: '53',
    says: 'a JSON string that holds JSON stays a string',
    headers: [STRUCTURED],
    body: j(String.raw`,"data":"{\"a\":1}"`),
    data: String.raw`"{\"a\":1}"`,
  },
  {
    n: '54',
    says: 'text is sent without quotes',
    headers: [STRUCTURED],
    body: j(',"datacontenttype":"text/plain","data":"hi"'),
    attributes: { datacontenttype: 'text/plain' },
    data: 'hi',
  },
  {
    n: '56',
    says: '+json is JSON',
    headers: [STRUCTURED],
    body: j(',"datacontenttype":"application/vnd.x+json","data":{"a":1}'),
    attributes: { datacontenttype: 'application/vnd.x+json' },
    data: '{"a":1}',
  },
  {
    n: '57',
    says: 'json-seq is text, not JSON',
    headers: [STRUCTURED],
    body: j(',"datacontenttype":"application/json-seq","data":"x"'),
    attributes: { datacontenttype: 'application/json-seq' },
    data: 'x',
    check: (event) => {
      expect(structuredOf(event)).toMatchObject({ data: 'x' });
    },
  },
  {
    n: '58',
    says: 'base64 without a type implies none',
    headers: [STRUCTURED],
    body: j(',"data_base64":"AQID"'),
    data: Buffer.from([1, 2, 3]),
    check: (event) => {
      expect(headersOf(event)).not.toHaveProperty('content-type');
    },
  },
  {
    n: '59',
    says: 'base64 with a type',
    headers: [STRUCTURED],
    body: j(',"datacontenttype":"image/png","data_base64":"AQID"'),
    attributes: { datacontenttype: 'image/png' },
    data: Buffer.from([1, 2, 3]),
    check: (event) => {
      expect(headersOf(event)['content-type']).toBe('image/png');
    },
  },
  {
    n: '62',
    says: 'large numbers keep their digits',
    headers: [STRUCTURED],
    body: j(',"data":12345678901234567890'),
    data: '12345678901234567890',
  },
  {
    n: '63',
    says: 'JSON keeps its bytes',
    headers: [STRUCTURED],
    body: j(',"data":{"b":1.0,"a":[ ]}'),
    data: '{"b":1.0,"a":[ ]}',
  },
  {
    n: '64',
    says: 'null means absent',
    headers: [STRUCTURED],
    body: j(',"subject":null,"ext":null'),
  },
  {
    n: '67',
    says: 'integers and booleans keep their type and are headers as text',
    headers: [STRUCTURED],
    body: j(',"n":5,"b":true'),
    attributes: { n: 5, b: true },
    check: (event) => {
      expect(headersOf(event)).toMatchObject({ 'ce-n': '5', 'ce-b': 'true' });
    },
  },
  ...[
    ['71', '"Euro €"', 'Euro €', 'Euro%20%E2%82%AC'],
    ['72', String.raw`"\ud83d\ude00"`, '😀', '%F0%9F%98%80'],
  ].map(([n = '', json = '', ext = '', header = '']) => ({
    n,
    says: `${json} is percent-encoded`,
    headers: [STRUCTURED],
    body: j(`,"ext":${json}`),
    attributes: { ext },
    check: (event: CloudEvent) => {
      expect(headersOf(event)['ce-ext']).toBe(header);
    },
  })),
  {
    n: '76',
    says: 'the body wins over headers',
    headers: [STRUCTURED, 'ce-id: 99'],
    body: j(),
  },
  {
    n: '78',
    says: 'an unknown event format with complete headers is binary',
    headers: [...B, 'Content-Type: application/cloudevents+avro'],
    body: 'x',
    attributes: { datacontenttype: 'application/cloudevents+avro' },
    data: 'x',
  },
  {
    n: '84 and 85',
    says: 'a body that only claims to be JSON is forwarded, in base64 where it must be JSON',
    headers: [...B, JSON_TYPE],
    body: '{bad',
    attributes: { datacontenttype: 'application/json' },
    data: '{bad',
    check: (event) => {
      expect(encodeBinary(event).body?.toString()).toBe('{bad');
      expect(structuredOf(event)).toMatchObject({ data_base64: 'e2JhZA==' });
    },
  },
  {
    n: '86',
    says: 'a type without a body keeps the type and has no data',
    headers: [...B, JSON_TYPE],
    attributes: { datacontenttype: 'application/json' },
    check: (event) => {
      expect(structuredOf(event)).toMatchObject({ datacontenttype: 'application/json' });
      expect(structuredOf(event)).not.toHaveProperty('data');
    },
  },
];

const REQUIRED = { specversion: '1.0', id: '1', source: '/s', type: 't' };

describe('accepted', () => {
  test.each(ACCEPTED.map((vector) => [`${vector.n}: ${vector.says}`, vector] as const))(
    'vector %s',
    async (_, vector) => {
      const outcome = await wire.send(vector.headers, vector.body ?? '');
      if (outcome instanceof EventsError) throw outcome;
      const [event] = outcome;
      if (event === undefined) throw new Error('no event');
      const names = event.names();
      const attributes = Object.fromEntries(names.map((name) => [name, event.get(name)]));
      expect(attributes).toEqual({ ...REQUIRED, ...vector.attributes });
      const data = vector.data === undefined ? undefined : Buffer.from(vector.data);
      expect(event.data).toEqual(data);
      expect(encodeBinary(event).body).toEqual(data);
      vector.check?.(event);
    },
  );

  test('vector 79: a batch of two is two events', async () => {
    const outcome = await wire.send([BATCH], `[${j()},${j(',"n":1')}]`);
    expect(outcome).toMatchObject([{ id: '1' }, { id: '1' }]);
  });

  test('vector 80: an empty batch is no event', async () => {
    expect(await wire.send([BATCH], '[]')).toEqual([]);
  });
});
