import { describe, expect, test } from 'vitest';
import { CloudEvent, encodeBinary, makeEvent, sameEvent } from './index.ts';
import {
  attributesAtFault,
  attributesOf,
  binaryEvent,
  envelope,
  errorOf,
  headerMap,
  structuredEvent,
} from './testing/build.ts';

const MINIMAL = { id: '1', source: '/s', type: 't' };

describe('attributes', () => {
  test('are read by name, typed as they came or as text', () => {
    const event = structuredEvent(envelope({ n: -7, b: true, s: '' }));
    expect([event.get('n'), event.get('b'), event.get('s')]).toEqual([-7, true, '']);
    expect([event.getText('n'), event.getText('b'), event.getText('s')]).toEqual([
      '-7',
      'true',
      '',
    ]);
    for (const name of ['id', 'source', 'type', 'specversion'] as const) {
      expect(event.get(name)).toBe(event[name]);
      expect(event.getText(name)).toBe(event[name]);
    }
  });

  test('that are absent are undefined, names of the language included', () => {
    const event = binaryEvent();
    for (const name of ['subject', 'data', 'constructor', '__proto__', 'toString', '']) {
      expect(event.get(name)).toBeUndefined();
      expect(event.getText(name)).toBeUndefined();
    }
  });

  test('the list of names cannot be changed', () => {
    const names = binaryEvent().names() as string[];
    expect(() => names.push('x')).toThrow(TypeError);
  });

  test('the size counts names, values and data in bytes', () => {
    const base = binaryEvent().sizeBytes;
    expect(base).toBe('specversion1.0id1source/stypet'.length);
    expect(binaryEvent({ 'ce-x': '%E2%82%AC' }, 'four').sizeBytes).toBe(base + 1 + 3 + 4);
    expect(binaryEvent().with({ n: -12, b: false, u: Uint8Array.of(1, 2) }).sizeBytes).toBe(
      base + 'n-12bfalseu'.length + 2,
    );
  });
});

describe('with', () => {
  test('sets and removes without touching the event it is called on', () => {
    const event = binaryEvent({ 'ce-a': '1', 'ce-b': '2' }, 'data');
    const changed = event.with({ a: 'x', b: undefined, c: true, absent: undefined });
    expect(attributesOf(changed)).toEqual({ ...attributesOf(binaryEvent()), a: 'x', c: true });
    expect(attributesOf(event)).toMatchObject({ a: '1', b: '2' });
    expect(changed).toBeInstanceOf(CloudEvent);
    expect(changed.data).toBe(event.data);
  });

  test('keeps the size and the header cache right', () => {
    const event = binaryEvent({ 'ce-a': '1' });
    encodeBinary(event);
    const changed = event.with({ a: '€', b: 'y' }).with({ b: undefined });
    expect(changed.sizeBytes).toBe(event.sizeBytes + 2);
    expect(headerMap(encodeBinary(changed).headers)).toEqual({
      ...headerMap(encodeBinary(binaryEvent()).headers),
      'ce-a': '%E2%82%AC',
    });
  });

  test('changes core attributes by their rules', () => {
    const event = binaryEvent().with({ id: '2', subject: 'x', time: '2024-01-01T00:00:00Z' });
    expect(event).toMatchObject({ id: '2' });
    expect(event.get('subject')).toBe('x');
    expect(event.with({ specversion: '1.0' }).specversion).toBe('1.0');
  });

  test('refuses what would break a rule, naming every attribute', () => {
    const changes = {
      id: undefined,
      source: '',
      type: 5,
      specversion: '0.3',
      time: 'now',
      'no-name': 'x',
      n: 1.5,
      ok: 'x',
      text: 'a\nb',
    };
    const error = errorOf(() => binaryEvent().with(changes));
    expect(error.code).toBe('AFFLUX_EVENTS_INVALID');
    const { ok: _, ...bad } = changes;
    expect(error.problems.map((problem) => problem.attribute)).toEqual(Object.keys(bad));
  });

  test('names beyond the scan are found, replaced and removed', () => {
    const many = Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`a${String(at)}`, at]));
    const event = binaryEvent().with(many);
    const changed = event.with({ a0: undefined, a59: 'last', b: 1 });
    expect(event.get('a0')).toBe(0);
    expect(changed.get('a0')).toBeUndefined();
    expect([changed.get('a1'), changed.get('a59'), changed.get('b')]).toEqual([1, 'last', 1]);
    expect(changed.names()).toHaveLength(event.names().length);
  });

  test('binary values are copied', () => {
    const bytes = Uint8Array.of(1);
    const event = binaryEvent().with({ bytes });
    bytes[0] = 2;
    expect(event.get('bytes')).toEqual(Uint8Array.of(1));
  });
});

describe('makeEvent', () => {
  test('invents nothing', () => {
    const event = makeEvent(MINIMAL);
    expect(attributesOf(event)).toEqual({ specversion: '1.0', ...MINIMAL });
    expect(event.data).toBeUndefined();
    expect(event.dataForm).toBe('none');
  });

  test('takes every attribute', () => {
    const core = {
      specversion: '0.3',
      ...MINIMAL,
      subject: 'é',
      time: '2024-01-01T00:00:00Z',
      dataschema: 'https://x',
      datacontenttype: 'text/plain',
    } as const;
    const event = makeEvent({ ...core, extensions: { n: 1, schemaurl: '/x', gone: undefined } });
    expect(attributesOf(event)).toEqual({ ...core, n: 1, schemaurl: '/x' });
  });

  test('takes data as bytes, as text, or as a JSON value', () => {
    const bytes = Uint8Array.of(1, 2);
    const shared = makeEvent({ ...MINIMAL, data: bytes });
    expect(shared.data?.buffer).toBe(bytes.buffer);
    const text = makeEvent({ ...MINIMAL, data: '{"a": 1}', datacontenttype: 'application/json' });
    expect(text.data?.toString()).toBe('{"a": 1}');
    for (const data of [{ a: 1 }, [1], 5, true, null]) {
      const event = makeEvent({ ...MINIMAL, data });
      expect(event.data?.toString()).toBe(JSON.stringify(data));
      expect(event.get('datacontenttype')).toBe('application/json');
    }
    const typed = makeEvent({ ...MINIMAL, data: {}, datacontenttype: 'application/x+json' });
    expect(typed.get('datacontenttype')).toBe('application/x+json');
    expect(makeEvent({ ...MINIMAL, data: 'plain' }).get('datacontenttype')).toBeUndefined();
    expect(makeEvent({ ...MINIMAL, data: '' }).data).toBeUndefined();
  });

  test('lists every problem by attribute name', () => {
    const input = {
      id: '',
      source: 'a b',
      type: 't\u0000',
      subject: '',
      time: '2024',
      dataschema: '/relative',
      datacontenttype: 'json',
      extensions: { id: 'x', 'a-b': 'x', data: 'x', big: 2 ** 31 },
    };
    const names = ['id', 'source', 'type', 'subject', 'time', 'dataschema', 'datacontenttype'];
    expect(attributesAtFault(() => makeEvent(input))).toEqual([
      ...names,
      'id',
      'a-b',
      'data',
      'big',
    ]);
  });

  test('wants bytes or text for data that is not JSON', () => {
    const input = { ...MINIMAL, data: {}, datacontenttype: 'text/plain' };
    expect(attributesAtFault(() => makeEvent(input))).toEqual(['datacontenttype']);
  });

  test('names what an untyped caller leaves out', () => {
    const input = JSON.parse('{"specversion":"9"}') as typeof MINIMAL;
    const names = ['specversion', 'id', 'source', 'type'];
    expect(attributesAtFault(() => makeEvent(input))).toEqual(names);
  });
});

describe('sameEvent', () => {
  test('compares attributes as text and in any order, and the bytes of the data', () => {
    const event = makeEvent({ ...MINIMAL, extensions: { a: 1, b: 'x' }, data: 'd' });
    const other = makeEvent({ ...MINIMAL, extensions: { b: 'x', a: '1' }, data: Buffer.from('d') });
    expect(sameEvent(event, other)).toBe(true);
    expect(sameEvent(event, other.with({ a: '2' }))).toBe(false);
    expect(sameEvent(event, other.with({ c: '' }))).toBe(false);
    expect(sameEvent(event, other.with({ a: undefined, c: '1' }))).toBe(false);
    expect(
      sameEvent(makeEvent({ ...MINIMAL, data: 'a' }), makeEvent({ ...MINIMAL, data: 'b' })),
    ).toBe(false);
  });

  test('takes empty data for none, as binary mode does', () => {
    const empty = structuredEvent(envelope({ data_base64: '' }));
    expect(empty.data).toHaveLength(0);
    expect(sameEvent(empty, binaryEvent())).toBe(true);
  });
});
