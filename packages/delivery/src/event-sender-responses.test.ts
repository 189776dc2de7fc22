import { FakeClock } from '@afflux/kernel/testing';
import { describe, expect, test } from 'vitest';
import type { SendRequest } from './outcome.ts';
import { httpServer, requestTo, startedSender } from './testing/servers.ts';
import type { Answer } from './testing/servers.ts';

describe('reply', () => {
  async function replyTo(answer: Answer, more: Partial<SendRequest> = {}) {
    const server = await httpServer(answer);
    const sender = await startedSender();
    return sender.send(requestTo(server.url, more));
  }

  test('a binary event is decoded, with the headers that travel with it', async () => {
    const outcome = await replyTo((_request, response) => {
      response.writeHead(200, {
        'ce-specversion': '1.0',
        'ce-id': 'r-1',
        'ce-source': '/r',
        'ce-type': 'reply',
        'Knative-Reply': 'yes',
        'retry-after': '9',
        'set-cookie': 'c=1',
        'content-type': 'text/plain',
      });
      response.write('two ');
      response.end('parts');
    });
    expect(outcome).toMatchObject({
      kind: 'success',
      status: 200,
      reply: { id: 'r-1', data: Buffer.from('two parts') },
      replyPassthrough: ['knative-reply', 'yes'],
    });
  });

  test('a structured event is decoded, and so is one without data', async () => {
    const structured = await replyTo((_request, response) => {
      response.setHeader('content-type', 'application/cloudevents+json; charset=utf-8');
      response.end('{"specversion":"1.0","id":"s","source":"/r","type":"t","data":{"a":1}}');
    });
    expect(structured).toMatchObject({ reply: { id: 's', data: Buffer.from('{"a":1}') } });
    const empty = await replyTo((_request, response) => {
      const headers = { 'ce-specversion': '1.0', 'ce-id': 'e', 'ce-source': '/r', 'ce-type': 't' };
      response.writeHead(201, headers).end();
    });
    expect(empty).toMatchObject({ status: 201, reply: { id: 'e', data: undefined } });
  });

  test('a body that is no event is a success with the reply ignored', async () => {
    const outcome = await replyTo((_request, response) => response.end('ok'));
    expect(outcome).toMatchObject({
      kind: 'success',
      replyIgnored: 'not-an-event',
      responseStart: Buffer.from('ok'),
    });
  });

  test('a 202 carries no reply, whatever its body says', async () => {
    const outcome = await replyTo((_request, response) => {
      response.writeHead(202, { 'content-type': 'application/cloudevents+json' });
      response.end('{"specversion":"1.0","id":"s","source":"/r","type":"t"}');
    });
    expect(outcome).toMatchObject({ status: 202, replyIgnored: 'accepted-202' });
    expect(outcome).not.toHaveProperty('reply');
  });

  test('a reply that nobody wants is not decoded', async () => {
    const answer: Answer = (_request, response) => response.end('ok');
    for (const more of [{ wantsReply: false }, { discardsReply: true }]) {
      const outcome = await replyTo(answer, more);
      expect(outcome).toMatchObject({ kind: 'success', status: 200 });
      expect(outcome).not.toHaveProperty('replyIgnored');
    }
  });
});

describe('status', () => {
  async function outcomeOf(answer: Answer) {
    const server = await httpServer(answer);
    const sender = await startedSender({ clock: new FakeClock() });
    return sender.send(requestTo(server.url));
  }

  test.each([
    ...[200, 201, 202, 204, 206, 299].map((status) => [status, 'success'] as const),
    ...[404, 408, 409, 429, 500, 501, 502, 503, 504, 599].map((s) => [s, 'retryable'] as const),
    ...[300, 301, 302, 303, 304, 307, 308].map((status) => [status, 'final'] as const),
    ...[400, 401, 403, 405, 410, 413, 415, 422, 499].map((status) => [status, 'final'] as const),
  ])('%i is %s', async (status, meaning) => {
    const outcome = await outcomeOf((_request, response) => response.writeHead(status).end());
    if (meaning === 'success') expect(outcome).toMatchObject({ kind: 'success', status });
    else {
      const retryable = meaning === 'retryable';
      expect(outcome).toMatchObject({ kind: 'failure', reason: 'status', status, retryable });
    }
  });

  test('the first KiB of a failing response is kept', async () => {
    const outcome = await outcomeOf((_request, response) => {
      response.writeHead(422).end(Buffer.alloc(5000, 'x'));
    });
    expect(outcome).toMatchObject({ responseStart: Buffer.alloc(1024, 'x') });
  });

  test.each([
    ['7', 7000],
    [' 0 ', 0],
    ['Thu, 01 Jan 2026 00:02:00 GMT', 120_000],
    ['Wed, 31 Dec 2025 00:00:00 GMT', 0],
    ['soon', undefined],
    ['-5', undefined],
    ['1.5', undefined],
    ['99999999999', undefined],
  ])('Retry-After %j of a 429 or 503 is %s ms', async (value, expectedMs) => {
    for (const status of [429, 503]) {
      const outcome = await outcomeOf((_request, response) => {
        response.writeHead(status, { 'retry-after': value }).end();
      });
      expect(outcome.kind === 'failure' ? outcome.retryAfterMs : 'no failure').toBe(expectedMs);
    }
  });

  test('Retry-After of another status means nothing', async () => {
    const outcome = await outcomeOf((_request, response) => {
      response.writeHead(500, { 'retry-after': '7' }).end();
    });
    expect(outcome).not.toHaveProperty('retryAfterMs');
  });
});
