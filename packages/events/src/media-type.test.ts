import { expect, test } from 'vitest';
import { mediaType } from './media-type.ts';

test.each([
  ['application/json', { isJson: true, isText: false, isUtf8: true }],
  ['TEXT/JSON', { essence: 'text/json', isJson: true }],
  ['application/vnd.x+JSON; v=1', { essence: 'application/vnd.x+json', isJson: true }],
  ['application/json-seq', { isJson: false }],
  ['application/x-ndjson', { isJson: false }],
  ['text/plain;charset=UTF-8', { isText: true, charset: 'utf-8', isUtf8: true }],
  ['text/plain ; x="a;charset=b\\"" ; CharSet="Latin1"', { charset: 'latin1', isUtf8: false }],
  ['text/plain; charset=a; charset=b', { charset: 'a' }],
  ['text/plain;', { charset: undefined, isUtf8: true }],
  ['text/plain; ;charset=us-ascii', { isUtf8: true }],
  ['application/xml', { isText: true }],
  ['application/atom+xml', { isText: true }],
  ['application/cloudevents+json', { format: 'json' }],
  ['Application/CloudEvents-Batch+JSON; charset=utf-8', { format: 'json-batch' }],
  ['application/cloudevents-batch+xml', { format: 'unknown' }],
  ['application/cloudevents', { format: 'unknown' }],
  ['application/cloud-events', { format: 'none' }],
])('%s is understood', (text, expected) => {
  expect(mediaType(text)).toMatchObject(expected);
  expect(mediaType(text)).toBe(mediaType(text));
});

test.each([
  '',
  'json',
  '/json',
  'application/',
  'a b/c',
  'text/plain charset=utf-8',
  'text/plain; charset',
  'text/plain; charset=',
  'text/plain; charset="a',
  'text/plain; x=a\nb',
  'text/plain; x="a\nb"',
  'text/plain; x="é"',
  'text/plän',
  'text/plain, text/html',
])('%j is no media type', (text) => {
  expect(mediaType(text)).toBeUndefined();
});

test('T12 made-up media types do not fill the memory or displace the right answer', () => {
  const early = mediaType('x/early');
  expect(mediaType('x/early')).toBe(early);
  for (let at = 0; at < 2000; at++) {
    expect(mediaType(`x/y${String(at)}+json`)?.isJson).toBe(true);
  }
  expect(mediaType('x/early')).not.toBe(early);
  const long = `text/plain; x=${'a'.repeat(10_000)}`;
  expect(mediaType(long)).toMatchObject({ essence: 'text/plain' });
  expect(mediaType(long)).not.toBe(mediaType(long));
});
