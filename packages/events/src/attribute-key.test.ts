import { expect, test } from 'vitest';
import { attributeKey, headerKey } from './attribute-key.ts';
import { decodeHttp } from './index.ts';
import { attributesAtFault, rawHeaders } from './testing/build.ts';

test('a header name in any case is the same attribute', () => {
  for (const header of ['ce-type', 'CE-TYPE', 'Ce-Type']) {
    expect(headerKey(header)).toMatchObject({ name: 'type', header: 'ce-type', kind: 'type' });
  }
  expect(attributeKey('datacontenttype').header).toBe('content-type');
});

test.each([
  'ce-',
  'ce-a-b',
  'ce-a_b',
  'ce-a.b',
  'ce-é',
  'ce-\u212A',
  'ce-data',
  'Ce-DataContentType',
])('%s names no attribute', (header) => {
  expect(headerKey(header).problem).toBeDefined();
});

test('T12 made-up names neither fill the memory nor change what known names mean', () => {
  const early = headerKey('ce-early');
  const earlyName = attributeKey('early');
  expect(headerKey('ce-early')).toBe(early);
  for (let at = 0; at < 5000; at++) {
    expect(headerKey(`Ce-Made${String(at)}`).name).toBe(`made${String(at)}`);
    expect(attributeKey(`Made${String(at)}`).problem).toBeDefined();
  }
  expect(headerKey('ce-early')).not.toBe(early);
  expect(attributeKey('early')).not.toBe(earlyName);
  const long = `ce-${'x'.repeat(1000)}`;
  expect(headerKey(long)).not.toBe(headerKey(long));
  expect(headerKey(long).name).toHaveLength(1000);
  expect(headerKey('ce-id')).toMatchObject({ name: 'id', kind: 'id' });
});

test('T10 a name is recognised as sent twice even when the cache was emptied in between', () => {
  const headers = rawHeaders();
  for (let at = 0; at < 1500; at++) headers.push(`ce-fresh${String(at)}`, 'x');
  headers.push('ce-id', '2');
  expect(attributesAtFault(() => decodeHttp(headers, Buffer.alloc(0)))).toEqual(['id']);
});
