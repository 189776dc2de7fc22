import { expect, test } from 'vitest';
import { decodeHttpReply } from './index.ts';
import { envelope, rawHeaders } from './testing/build.ts';

const STRUCTURED = ['content-type', 'application/cloudevents+json'];
const BATCH = ['content-type', 'application/cloudevents-batch+json'];

function replyTo(status: number, headers: readonly string[], body: string) {
  return decodeHttpReply(status, headers, Buffer.from(body));
}

test('an event in binary or structured mode is the reply, with any 2xx status', () => {
  for (const status of [200, 201, 202]) {
    expect(replyTo(status, rawHeaders(), 'x')).toMatchObject({ kind: 'event', event: { id: '1' } });
    expect(replyTo(status, STRUCTURED, envelope())).toMatchObject({ kind: 'event' });
  }
});

test('an empty body without the marks of an event is no reply', () => {
  expect(replyTo(200, [], '')).toEqual({ kind: 'none' });
  expect(replyTo(204, ['content-type', 'text/plain'], '')).toEqual({ kind: 'none' });
  expect(replyTo(200, ['ce-id', '1'], '')).toEqual({ kind: 'none' });
});

test('a body that does not claim to be an event is not one', () => {
  expect(replyTo(200, ['content-type', 'text/plain'], 'ok')).toEqual({ kind: 'not-an-event' });
  expect(replyTo(200, ['content-type', 'application/json'], envelope())).toEqual({
    kind: 'not-an-event',
  });
});

test('another status carries no reply, whatever it holds', () => {
  for (const status of [199, 300, 404, 500]) {
    expect(replyTo(status, rawHeaders(), 'x')).toEqual({ kind: 'none' });
  }
});

test.each([
  ['a malformed binary event', ['ce-specversion', '1.0', 'ce-id', '1'], ''],
  ['an unknown version', rawHeaders({ 'ce-specversion': '9' }), ''],
  ['a malformed structured event', STRUCTURED, '{}'],
  ['a structured event without a body', STRUCTURED, ''],
  ['an unknown format', ['content-type', 'application/cloudevents+avro'], 'x'],
  ['a batch', BATCH, `[${envelope()}]`],
  ['an empty batch', BATCH, '[]'],
  ['a packed event', rawHeaders({ 'content-encoding': 'gzip' }), 'x'],
])('%s claims to be an event and is invalid', (_, headers, body) => {
  const reply = replyTo(200, headers, body);
  expect(reply).toMatchObject({ kind: 'invalid' });
});

test('limits apply to replies too', () => {
  const options = { attributesBytesMax: 10 };
  const reply = decodeHttpReply(200, rawHeaders(), Buffer.alloc(0), options);
  expect(reply).toMatchObject({ kind: 'invalid', error: { code: 'AFFLUX_EVENTS_TOO_LARGE' } });
});
