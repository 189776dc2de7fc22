import { describe, expect, test } from 'vitest';
import { decodeHttp, encodeBinary, EventsError, LIMITS, makeEvent } from './index.ts';
import {
  attributesAtFault,
  attributesOf,
  binaryEvent,
  errorOf,
  headerMap,
  rawHeaders,
  structuredEvent,
} from './testing/build.ts';

const NO_BODY = Buffer.alloc(0);

function sentHeaders(event: ReturnType<typeof binaryEvent>): Record<string, string> {
  return headerMap(encodeBinary(event).headers);
}

describe('reading a binary-mode event', () => {
  test('the attributes come in order of arrival, the content type among them', () => {
    const headers = ['ce-type', 't', 'Content-Type', 'text/plain', 'Ce-X', '1', 'host', 'h'];
    headers.push('ce-id', '1', 'ce-source', '/', 'ce-specversion', '1.0');
    const [event] = decodeHttp(headers, Buffer.from('hi'));
    const names = ['type', 'datacontenttype', 'x', 'id', 'source', 'specversion'];
    expect(event?.names()).toEqual(names);
    expect(event).toMatchObject({ specversion: '1.0', id: '1', source: '/', type: 't' });
  });

  test('the data is the body itself, not a copy', () => {
    const body = Buffer.from('some bytes');
    const [event] = decodeHttp(rawHeaders(), body);
    expect(event?.data).toBe(body);
    expect(event?.dataForm).toBe('bytes');
  });

  test('T14 a body that is not in its declared charset is unchanged', () => {
    const body = Buffer.from([0xff, 0xfe, 0x00, 0xe9, 0x80]);
    for (const type of ['text/plain; charset=utf-8', 'application/json', 'text/plain; charset=x']) {
      const event = binaryEvent({ 'Content-Type': type }, body);
      expect(event.data).toEqual(body);
      expect(encodeBinary(event).body).toEqual(body);
    }
  });

  test('every problem is reported at once, each with what to do', () => {
    const headers = ['ce-id', '', 'ce-time', 'now', 'ce-a-b', 'x', 'Content-Type', 'nonsense'];
    const error = errorOf(() => decodeHttp(headers, NO_BODY));
    const names = ['a-b', 'id', 'time', 'datacontenttype', 'specversion', 'source', 'type'];
    expect(error.problems.map((problem) => problem.attribute).sort()).toEqual(names.sort());
    expect(error).toMatchObject({ code: 'AFFLUX_EVENTS_INVALID', status: 400, fault: 'user' });
    expect(error.retryable).toBe(false);
    expect(error.details).toEqual({ status: 400, problems: error.problems });
    expect(error.message).toContain('source is missing: send it in the header ce-source');
  });

  test('a message without any attribute is told that it is no event', () => {
    const error = errorOf(() => decodeHttp(['content-type', 'text/plain'], Buffer.from('ok')));
    expect(error).toMatchObject({ code: 'AFFLUX_EVENTS_NOT_AN_EVENT', status: 400 });
  });

  test('optional attributes that are empty are absent and not forwarded', () => {
    const event = binaryEvent({
      'ce-subject': '',
      'ce-time': '',
      'ce-dataschema': '',
      'content-type': '',
    });
    expect(event.names()).toEqual(['specversion', 'id', 'source', 'type']);
    expect(encodeBinary(event).headers).toHaveLength(8);
  });

  test('T10 a header sent twice is refused, in any case and also when one is empty', () => {
    const twice = rawHeaders().concat(
      'ce-subject',
      '',
      'CE-Subject',
      'x',
      'ce-x',
      '1',
      'Ce-X',
      '1',
    );
    expect(attributesAtFault(() => decodeHttp(twice, NO_BODY))).toEqual(['subject', 'x']);
  });

  test('two equal content types are one, two different ones are refused', () => {
    const equal = rawHeaders().concat('Content-Type', 'text/plain', 'content-type', 'text/plain');
    expect(attributesOf(decodeHttp(equal, NO_BODY)[0] ?? binaryEvent())).toMatchObject({
      datacontenttype: 'text/plain',
    });
    const different = equal.concat('content-type', 'text/html');
    expect(attributesAtFault(() => decodeHttp(different, NO_BODY))).toEqual(['content-type']);
  });

  test('a packed body is refused with 415, identity is no packing', () => {
    const packed = errorOf(() => binaryEvent({ 'Content-Encoding': 'gzip' }, 'x'));
    expect(packed).toMatchObject({ code: 'AFFLUX_EVENTS_UNSUPPORTED', status: 415 });
    expect(binaryEvent({ 'Content-Encoding': 'Identity' }, 'x').data?.toString()).toBe('x');
  });

  test('T10 control characters, noncharacters and lone bytes are refused after decoding', () => {
    const values = [
      '%0D%0Ax: y',
      '%00',
      '%7F',
      '%C2%85',
      '%EF%BF%BE',
      '%EF%B7%90',
      'a\tb',
      '"a\tb"',
    ];
    for (const value of [...values, 'a\x00b', '\x85', '%F0%9F%BF%BF', '%80', 'Ā']) {
      expect(attributesAtFault(() => binaryEvent({ 'ce-x': value }))).toEqual(['x']);
    }
  });

  test('T12 attributes may fill their limit and not exceed it', () => {
    const used = 'specversion1.0id1source/stypet'.length + 'big'.length;
    const fits = binaryEvent({ 'ce-big': 'x'.repeat(LIMITS.attributesBytesMax - used) });
    expect(fits.sizeBytes).toBe(LIMITS.attributesBytesMax);
    const large = { 'ce-big': 'x'.repeat(LIMITS.attributesBytesMax - used + 1) };
    const error = errorOf(() => binaryEvent(large));
    expect(error).toMatchObject({ code: 'AFFLUX_EVENTS_TOO_LARGE', status: 431 });
    expect(binaryEvent(large, '', { attributesBytesMax: 100_000 }).get('big')).toBe(
      large['ce-big'],
    );
  });

  test('problems are cut in number and length, however many there are', () => {
    const headers = rawHeaders();
    for (let at = 0; at < 500; at++) headers.push(`ce-${'-'.repeat(1000)}${String(at)}`, 'x');
    const error = errorOf(() => decodeHttp(headers, NO_BODY));
    expect(error.problems).toHaveLength(32);
    expect(error.message.length).toBeLessThan(6000);
    expect(error.message).toContain('and more');
  });

  test('the media types of CloudEvents cannot be the type of the data', () => {
    // A subscriber would take the data for the event, and filters would have judged another one.
    for (const type of ['application/cloudevents+json', 'Application/CloudEvents-Batch+json']) {
      expect(
        attributesAtFault(() =>
          makeEvent({ id: '1', source: '/', type: 't', datacontenttype: type }),
        ),
      ).toEqual(['datacontenttype']);
    }
  });
});

describe('versions', () => {
  test('0.3 has schemaurl and datacontentencoding, and dataschema is an extension', () => {
    const version = { 'ce-specversion': '0.3' };
    expect(binaryEvent({ ...version, 'ce-dataschema': 'a b' }).get('dataschema')).toBe('a b');
    expect(attributesAtFault(() => binaryEvent({ ...version, 'ce-schemaurl': 'a b' }))).toEqual([
      'schemaurl',
    ]);
    const encoding = { ...version, 'ce-datacontentencoding': 'Base64' };
    expect(sentHeaders(binaryEvent(encoding))).toMatchObject(encoding);
    const other = { ...version, 'ce-datacontentencoding': 'gzip' };
    expect(attributesAtFault(() => binaryEvent(other))).toEqual(['datacontentencoding']);
  });

  test('in 1.0 the names of 0.3 are extensions', () => {
    const extensions = { 'ce-schemaurl': 'a b', 'ce-datacontentencoding': 'gzip' };
    expect(sentHeaders(binaryEvent(extensions))).toMatchObject(extensions);
  });

  test('the version may come after the attributes whose rules depend on it', () => {
    const headers = ['ce-dataschema', 'a b', 'ce-id', '1', 'ce-source', '/', 'ce-type', 't'];
    const [event] = decodeHttp(headers.concat('ce-specversion', '0.3'), NO_BODY);
    expect(event?.get('dataschema')).toBe('a b');
    expect(() => decodeHttp(headers.concat('ce-specversion', '1.0'), NO_BODY)).toThrow(EventsError);
  });

  test.each(['1.0.2', '1.1', '2.0', '0.2', '0.1', '1', ''])('%j is refused', (version) => {
    const headers = { 'ce-specversion': version };
    expect(attributesAtFault(() => binaryEvent(headers))).toEqual(['specversion']);
  });
});

describe('writing a binary-mode event', () => {
  test('unchanged header values leave as they came, whatever they decode to', () => {
    const headers = {
      'ce-subject': '"quoted \\"text\\""',
      'ce-a': '%41%e2%82%ac',
      'ce-b': 'say "hi" 100%',
      'ce-c': 'a b',
    };
    expect(sentHeaders(binaryEvent(headers))).toMatchObject(headers);
  });

  test('bytes beyond ASCII leave percent-encoded', () => {
    const event = binaryEvent({ 'ce-x': 'a\xc3\xa9%41' });
    expect(event.get('x')).toBe('aéA');
    expect(sentHeaders(event)['ce-x']).toBe('a%C3%A9%41');
  });

  test('changed values are encoded canonically and the others left alone', () => {
    const event = binaryEvent({ 'ce-a': '%41', 'ce-b': '%42' }).with({ b: '€ %', c: 5, d: false });
    expect(sentHeaders(event)).toMatchObject({
      'ce-a': '%41',
      'ce-b': '%E2%82%AC%20%25',
      'ce-c': '5',
      'ce-d': 'false',
    });
  });

  test('binary values leave in base64', () => {
    const event = binaryEvent().with({ bin: Uint8Array.of(255, 254, 253) });
    expect(event.getText('bin')).toBe('//79');
    expect(sentHeaders(event)['ce-bin']).toBe('//79');
  });

  test('the header list is built once for each set of options', () => {
    const event = binaryEvent({ 'ce-ttl': '5' });
    const { headers } = encodeBinary(event);
    expect(encodeBinary(event).headers).toBe(headers);
    const stripped = encodeBinary(event, { omit: 'ttl' }).headers;
    expect(stripped).toEqual(rawHeaders());
    expect(encodeBinary(event, { omit: 'ttl' }).headers).toBe(stripped);
    expect(encodeBinary(event).headers).toEqual(headers);
  });

  test('an extension can be left out without another event', () => {
    const event = binaryEvent({ 'ce-ttl': '5' }, 'x');
    const { headers, body } = encodeBinary(event, { omit: 'ttl' });
    expect(headers).toEqual(rawHeaders());
    expect(body).toBe(event.data);
    expect(event.get('ttl')).toBe('5');
    expect(encodeBinary(event, { omit: 'absent' }).headers).toEqual(encodeBinary(event).headers);
  });

  test('a core attribute cannot be left out', () => {
    expect(() => encodeBinary(binaryEvent(), { omit: 'id' })).toThrow('only extensions');
  });

  test('T10 a structured body becomes ce- headers and the content type, nothing else', () => {
    const names = [
      'host',
      'authorization',
      'cookie',
      'contentlength',
      'connection',
      'te',
      'expect',
    ];
    const members = Object.fromEntries(names.map((name) => [name, 'x']));
    const body = { specversion: '1.0', id: '1', source: '/s', type: 't', ...members, data: 1 };
    const sent = Object.keys(sentHeaders(structuredEvent(JSON.stringify(body))));
    const others = sent.filter((name) => !name.startsWith('ce-'));
    expect(others).toEqual(['content-type']);
    expect(sent).toEqual(expect.arrayContaining(names.map((name) => `ce-${name}`)));
  });
});

describe('header encoding raw', () => {
  const raw = { headerEncoding: 'raw' } as const;

  test('escapes and quotes mean themselves, and bytes are UTF-8', () => {
    const event = binaryEvent({ 'ce-a': 'a%20b', 'ce-b': '"q"', 'ce-c': '\xc3\xa9' }, '', raw);
    expect(attributesOf(event)).toMatchObject({ a: 'a%20b', b: '"q"', c: 'é' });
    expect(headerMap(encodeBinary(event, raw).headers)).toMatchObject({
      'ce-a': 'a%20b',
      'ce-b': '"q"',
      'ce-c': '\xc3\xa9',
    });
  });

  test('T10 what is no UTF-8 or a control is refused here too', () => {
    for (const value of ['\xe9', 'a\tb', '\xc2\x85']) {
      expect(attributesAtFault(() => binaryEvent({ 'ce-x': value }, '', raw))).toEqual(['x']);
    }
  });

  test('values of other origin are written as their UTF-8 bytes', () => {
    const event = makeEvent({ id: '1', source: '/', type: 't', subject: '100% "é"' });
    const sent = headerMap(encodeBinary(event, raw).headers);
    expect(sent['ce-subject']).toBe('100% "\xc3\xa9"');
    expect(sentHeaders(event)['ce-subject']).toBe('100%25%20%22%C3%A9%22');
  });
});
