import { gzipSync } from 'node:zlib';
import { systemClock } from '@afflux/kernel';
import { FakeClock } from '@afflux/kernel/testing';
import { StoreError } from '@afflux/control';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ClusterAccess } from './cluster-access.ts';
import { KubernetesError } from './errors.ts';
import { RestClient, type RestClientOptions } from './rest-client.ts';
import {
  json,
  pieces,
  reset,
  scriptedServer,
  silence,
  status,
  type Answerer,
} from './testing/scripted-server.ts';

const GET = { method: 'GET', path: '/x' } as const;
const POST = { method: 'POST', path: '/x', body: {} } as const;

function open(access: ClusterAccess, options: Partial<RestClientOptions> = {}): RestClient {
  const client = new RestClient(access, { clock: systemClock, ...options });
  onTestFinished(() => client.close());
  return client;
}

async function serve(...answers: readonly Answerer[]) {
  const server = await scriptedServer(...answers);
  return { server, client: open(server.access) };
}

describe('a request', () => {
  it('sends what it is given and reads the answer', async () => {
    const { server, client } = await serve(json({ ok: true }, 201, { 'x-served': 'yes' }));
    const answer = await client.request({
      method: 'PATCH',
      path: '/apis/x/v1/things/a%20b',
      query: { force: true, limit: 5, none: undefined, many: ['1', '2'], text: 'a b&c' },
      body: { size: 1 },
      contentType: 'application/merge-patch+json',
      headers: { 'x-extra': '1' },
    });
    expect(answer.status).toBe(201);
    expect(answer.json()).toEqual({ ok: true });
    expect(answer.headers['x-served']).toBe('yes');
    expect(server.requests[0]).toMatchObject({
      method: 'PATCH',
      url: '/apis/x/v1/things/a%20b?force=true&limit=5&many=1&many=2&text=a+b%26c',
      body: '{"size":1}',
      headers: {
        'content-type': 'application/merge-patch+json',
        'user-agent': 'afflux',
        'x-extra': '1',
        accept: 'application/json',
      },
    });
  });

  it('keeps the path of the server', async () => {
    const server = await scriptedServer(json({}));
    const client = open({ ...server.access, server: `${server.access.server}/k8s/clusters/c1` });
    await client.request({ method: 'GET', path: '/version' });
    expect(server.requests[0]?.url).toBe('/k8s/clusters/c1/version');
  });

  it('uses its connections again', async () => {
    const ports = new Set<number | undefined>();
    const { client } = await serve((response) => {
      ports.add(response.socket?.remotePort);
      json({})(response);
    });
    for (let count = 0; count < 20; count += 1) await client.request(GET);
    // The second is opened when a request comes before the first connection is known to be free.
    expect(ports.size).toBeLessThanOrEqual(2);
  });

  it('hands on every warning', async () => {
    const warnings = ['299 - "unknown field \\"spec.a\\""', '299 - "b, c"'];
    const { client } = await serve(json({}, 200, { warning: warnings }));
    expect((await client.request(GET)).warnings).toEqual(['unknown field "spec.a"', 'b, c']);
  });

  it('unpacks gzip', async () => {
    const { server, client } = await serve((response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' });
      response.end(gzipSync('{"ü":1}'));
    });
    expect((await client.request(GET)).json()).toEqual({ ü: 1 });
    expect(server.requests[0]?.headers['accept-encoding']).toBe('gzip');
  });

  it('refuses gzip that is none, and JSON that is none', async () => {
    const { client } = await serve(
      (response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('text'),
      (response) => response.end('<html>'),
    );
    const code = 'AFFLUX_KUBERNETES_ANSWER_INVALID';
    await expect(client.request(GET)).rejects.toMatchObject({ code });
    const answer = await client.request(GET);
    expect(() => answer.json()).toThrow(expect.objectContaining({ code }));
  });

  it('T27 refuses an answer that is too large, packed or unpacked', async () => {
    const server = await scriptedServer(
      (response) => response.end('x'.repeat(1_001)),
      (response) =>
        response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('x'.repeat(100_000))),
      (response) => response.end('x'.repeat(1_000)),
    );
    const client = open(server.access, { limits: { answerBytesMax: 1_000 } });
    const code = 'AFFLUX_KUBERNETES_ANSWER_TOO_LARGE';
    await expect(client.request(GET)).rejects.toMatchObject({ code });
    await expect(client.request(GET)).rejects.toMatchObject({ code });
    expect((await client.request(GET)).text()).toHaveLength(1_000);
  });

  it('ends when its signal aborts', async () => {
    const { server, client } = await serve(silence);
    const lifetime = new AbortController();
    const answer = client.request({ ...GET, signal: lifetime.signal });
    await server.received(1);
    lifetime.abort(new Error('enough'));
    await expect(answer).rejects.toMatchObject({
      code: 'AFFLUX_KERNEL_ABORTED',
      cause: { message: 'enough' },
    });
  });

  it('is given up when no answer comes in time', async () => {
    const server = await scriptedServer(silence);
    const clock = new FakeClock();
    const client = open(server.access, { clock });
    const answer = client.request(POST);
    answer.catch(() => undefined);
    await server.received(1);
    await clock.advance(60_000);
    await expect(answer).rejects.toMatchObject({
      code: 'AFFLUX_KUBERNETES_TIMEOUT',
      retryable: true,
    });
    expect(clock.pending).toBe(0);
  });

  it('fails after the client was closed', async () => {
    const { client } = await serve(json({}));
    await client.close();
    await client.close();
    await expect(client.request(GET)).rejects.toMatchObject({ code: 'AFFLUX_KUBERNETES_CLOSED' });
  });

  it('under way fails when the client is closed', async () => {
    const { server, client } = await serve(silence);
    const answer = client.request(POST);
    answer.catch(() => undefined);
    await server.received(1);
    await client.close();
    await expect(answer).rejects.toMatchObject({ code: 'AFFLUX_KUBERNETES_CLOSED' });
  });
});

describe('a server that cannot be reached', () => {
  it('is named, with what to do, and no secret', async () => {
    const server = await scriptedServer(silence);
    const access = { ...server.access, server: 'http://127.0.0.1:1', token: 'hush' };
    const error: unknown = await open(access)
      .request(GET)
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'AFFLUX_KUBERNETES_UNREACHABLE',
      retryable: true,
      message:
        'cannot reach http://127.0.0.1:1 (a test): nothing listens there; start the server, or choose another context',
    });
    expect(JSON.stringify([error, (error as Error).message])).not.toContain('hush');
  });

  it('is asked once more for what changes nothing', async () => {
    const { server, client } = await serve(reset, json({ second: true }));
    expect((await client.request(GET)).json()).toEqual({ second: true });
    expect(server.requests).toHaveLength(2);
  });

  it('is not asked twice for a write whose fate is unknown', async () => {
    const { server, client } = await serve(reset, json({}));
    await expect(client.request(POST)).rejects.toMatchObject({
      code: 'AFFLUX_KUBERNETES_UNREACHABLE',
      message: expect.stringContaining('may or may not have taken effect') as string,
    });
    expect(server.requests).toHaveLength(1);
  });

  it('fails the request when it goes away in the middle of the answer', async () => {
    const { client } = await serve(pieces(['{"half"'], 'reset'));
    await expect(client.request(POST)).rejects.toMatchObject({
      code: 'AFFLUX_KUBERNETES_UNREACHABLE',
    });
  });
});

describe('a refusal', () => {
  it.each([
    [404, { reason: 'NotFound', details: { name: 'a' } }, 'AFFLUX_STORE_NOT_FOUND'],
    [404, { reason: 'NotFound', details: {} }, 'AFFLUX_STORE_KIND_UNKNOWN'],
    [409, { reason: 'AlreadyExists' }, 'AFFLUX_STORE_ALREADY_EXISTS'],
    [409, { reason: 'Conflict' }, 'AFFLUX_STORE_CONFLICT'],
    [410, { reason: 'Expired' }, 'AFFLUX_STORE_EXPIRED'],
    [410, { reason: 'Gone' }, 'AFFLUX_STORE_EXPIRED'],
    [422, { reason: 'Invalid' }, 'AFFLUX_STORE_INVALID'],
    [413, { reason: 'RequestEntityTooLarge' }, 'AFFLUX_STORE_TOO_LARGE'],
    [403, { reason: 'Forbidden', message: 'x: exceeded quota: y' }, 'AFFLUX_STORE_QUOTA_EXCEEDED'],
    [503, { reason: 'ServiceUnavailable' }, 'AFFLUX_STORE_UNAVAILABLE'],
  ])('%i %j that every store knows is a StoreError', async (code, fields, expected) => {
    const { client } = await serve(status(code, fields));
    const error: unknown = await client.request(POST).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(StoreError);
    expect(error).toMatchObject({ code: expected, status: code });
  });

  it.each([
    [401, { reason: 'Unauthorized' }, 'AFFLUX_KUBERNETES_UNAUTHORIZED', false],
    [403, { reason: 'Forbidden' }, 'AFFLUX_KUBERNETES_FORBIDDEN', false],
    [405, { reason: 'MethodNotAllowed' }, 'AFFLUX_KUBERNETES_REFUSED', false],
    [429, { reason: 'TooManyRequests' }, 'AFFLUX_KUBERNETES_BUSY', true],
    [500, { reason: 'InternalError' }, 'AFFLUX_KUBERNETES_SERVER_FAILED', true],
    [500, {}, 'AFFLUX_KUBERNETES_REFUSED', false],
    [504, { reason: 'Timeout' }, 'AFFLUX_KUBERNETES_BUSY', true],
  ])(
    '%i %j that only a server knows is a KubernetesError',
    async (code, fields, expected, again) => {
      const { client } = await serve(status(code, fields));
      const error: unknown = await client.request(POST).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(KubernetesError);
      expect(error).toMatchObject({ code: expected, status: code, retryable: again });
    },
  );

  it('keeps message, causes and details', async () => {
    const causes = [{ reason: 'FieldValueRequired', message: 'Required value', field: 'spec.a' }];
    const { client } = await serve(
      status(422, { reason: 'Invalid', message: 'bad', details: { name: 'a', causes } }),
    );
    await expect(client.request(POST)).rejects.toMatchObject({
      message: 'bad',
      details: { name: 'a', causes },
    });
  });

  it('in plain text shows the text', async () => {
    const { client } = await serve((response) => response.writeHead(404).end('404 page not found'));
    await expect(client.request(GET)).rejects.toMatchObject({
      code: 'AFFLUX_STORE_KIND_UNKNOWN',
      message: 'the server answered 404: 404 page not found',
    });
  });
});

describe('Retry-After', () => {
  it.each([429, 503])('of a %i is waited for, and the request sent again', async (code) => {
    const server = await scriptedServer(
      status(code, {}, { 'retry-after': '3' }),
      json({ done: true }),
    );
    const clock = new FakeClock();
    const client = open(server.access, { clock });
    const answer = client.request(POST);
    await server.received(1);
    await untilTimer(clock, 3_000);
    await clock.advance(2_999);
    expect(server.requests).toHaveLength(1);
    await clock.advance(1);
    expect((await answer).json()).toEqual({ done: true });
    expect(server.requests).toHaveLength(2);
  });

  it('is followed ten times and no more', async () => {
    const { server, client } = await serve(
      status(429, { reason: 'TooManyRequests' }, { 'retry-after': '0' }),
    );
    await expect(client.request(POST)).rejects.toMatchObject({ code: 'AFFLUX_KUBERNETES_BUSY' });
    expect(server.requests).toHaveLength(11);
  });

  it('is needed: without it the refusal is the answer', async () => {
    const { server, client } = await serve(status(503), json({}));
    await expect(client.request(GET)).rejects.toMatchObject({ status: 503 });
    expect(server.requests).toHaveLength(1);
  });

  it('of a 500 is not followed: the write may have happened', async () => {
    const { server, client } = await serve(status(500, {}, { 'retry-after': '0' }), json({}));
    await expect(client.request(POST)).rejects.toMatchObject({ status: 500 });
    expect(server.requests).toHaveLength(1);
  });

  it('is not waited for longer than the caller wants', async () => {
    const { server, client } = await serve(status(429, {}, { 'retry-after': '20' }));
    const lifetime = new AbortController();
    const answer = client.request({ ...GET, signal: lifetime.signal });
    await server.received(1);
    lifetime.abort();
    await expect(answer).rejects.toMatchObject({ code: 'AFFLUX_KERNEL_ABORTED' });
  });
});

/** Waits until the client has armed this timer; what happens before is network, which the clock does not move. */
async function untilTimer(clock: FakeClock, dueInMs: number): Promise<void> {
  while (clock.nextDueInMs !== dueInMs) await new Promise((resolve) => setImmediate(resolve));
}
