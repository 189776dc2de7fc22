import { connect } from 'node:net';
import { once } from 'node:events';
import { AffluxError, noopLogger, systemClock, type OnStep } from '@afflux/kernel';
import { RecordingMeter } from '@afflux/kernel/testing';
import type { CloudEvent } from '@afflux/events';
import { request } from 'undici';
import { afterEach, describe, expect, it } from 'vitest';
import { ingressConfigSchema, type IngressConfig } from './config.ts';
import { EventListener } from './event-listener.ts';
import { RouteTable, type EventRoute, type RequestContext } from './route-table.ts';

const open: EventListener[] = [];
afterEach(async () => {
  for (const listener of open.splice(0)) await listener.close();
});

interface Rig {
  readonly url: string;
  readonly port: number;
  readonly listener: EventListener;
  readonly accepted: CloudEvent[];
  readonly contexts: RequestContext[];
  readonly meter: RecordingMeter;
  readonly routes: RouteTable;
}

async function startListener(
  config: Partial<IngressConfig> = {},
  accept?: EventRoute['accept'],
  onStep?: OnStep,
): Promise<Rig> {
  const accepted: CloudEvent[] = [];
  const contexts: RequestContext[] = [];
  const routes = new RouteTable();
  const meter = new RecordingMeter();
  const route: EventRoute = {
    namespace: 'default',
    path: '/default/orders',
    accept: (events, context) => {
      const pending = accept?.(events, context);
      accepted.push(...events);
      contexts.push(context);
      return pending;
    },
  };
  routes.setPath('/default/orders', route);
  routes.setHost('orders-kn-channel.default.svc.cluster.local', route);
  const listener = new EventListener(
    { routes, clock: systemClock, logger: noopLogger, meter, onStep },
    ingressConfigSchema.parse({ port: 0, ...config }),
  );
  open.push(listener);
  await listener.start();
  const { port } = listener.address;
  return {
    url: `http://127.0.0.1:${String(port)}/default/orders`,
    port,
    listener,
    accepted,
    contexts,
    meter,
    routes,
  };
}

const EVENT = {
  'ce-specversion': '1.0',
  'ce-id': '1',
  'ce-source': '/test',
  'ce-type': 'order.created',
  'content-type': 'application/json',
};

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

async function post(
  url: string,
  options: { headers?: Record<string, string>; body?: string | Buffer; method?: string } = {},
): Promise<Answer> {
  const answer = await request(url, {
    method: (options.method ?? 'POST') as 'POST',
    headers: options.headers ?? EVENT,
    body: options.body ?? '{"total":1}',
  });
  return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() };
}

/** Writes raw text and collects what comes back until the server ends the connection. */
async function rawExchange(port: number, ...parts: readonly string[]): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let answer = '';
  socket.setEncoding('latin1').on('data', (text: string) => {
    answer += text;
  });
  socket.on('error', () => undefined);
  for (const part of parts) socket.write(part);
  await once(socket, 'close');
  return answer;
}

describe('accepting events', () => {
  it('answers 202 without a body once the route took the event', async () => {
    const rig = await startListener();
    const answer = await post(rig.url);
    expect(answer.status).toBe(202);
    expect(answer.text).toBe('');
    expect(answer.headers['allow']).toBe('POST, OPTIONS');
    expect(rig.accepted.map(({ type }) => type)).toEqual(['order.created']);
    expect(rig.accepted[0]?.data?.toString()).toBe('{"total":1}');
  });

  it('takes structured and batched events', async () => {
    const rig = await startListener();
    const event = { specversion: '1.0', id: '7', source: '/s', type: 't', data: { a: 1 } };
    const structured = await post(rig.url, {
      headers: { 'content-type': 'application/cloudevents+json' },
      body: JSON.stringify(event),
    });
    const batch = await post(rig.url, {
      headers: { 'content-type': 'application/cloudevents-batch+json' },
      body: JSON.stringify([event, { ...event, id: '8' }]),
    });
    expect([structured.status, batch.status]).toEqual([202, 202]);
    expect(rig.accepted.map(({ id }) => id)).toEqual(['7', '7', '8']);
  });

  it('waits for a route that needs time', async () => {
    let release = (): void => undefined;
    const rig = await startListener({}, () => new Promise((resolve) => (release = resolve)));
    const answer = post(rig.url);
    await expect.poll(() => rig.accepted.length).toBe(1);
    release();
    expect((await answer).status).toBe(202);
  });

  it('tells of the step before a 202, when the route is done, and of none before a refusal', async () => {
    const steps: string[] = [];
    let isFull = false;
    const { url } = await startListener(
      {},
      async () => {
        await Promise.resolve();
        if (isFull) throw new AffluxError('full', { code: 'FULL' });
        steps.push('taken');
      },
      (step) => steps.push(step),
    );
    await post(url, { headers: EVENT, body: '{}' });
    isFull = true;
    await post(url, { headers: EVENT, body: '{}' });
    expect(steps).toEqual(['taken', 'before-response']);
  });

  it('finds a channel by its host name in any of its forms', async () => {
    const rig = await startListener();
    for (const host of [
      'orders-kn-channel.default.svc.cluster.local',
      'orders-kn-channel.default.svc.cluster.local:80',
      'orders-kn-channel.default.svc',
      'ORDERS-kn-channel.default',
    ]) {
      const answer = await post(`http://127.0.0.1:${String(rig.port)}/`, {
        headers: { ...EVENT, host },
      });
      expect([host, answer.status]).toEqual([host, 202]);
    }
  });

  it('tolerates a trailing slash and a query', async () => {
    const rig = await startListener();
    expect((await post(`${rig.url}/?x=1`)).status).toBe(202);
  });

  it('hands on only the headers that may travel', async () => {
    const rig = await startListener();
    await post(rig.url, {
      headers: {
        ...EVENT,
        'X-Request-Id': 'r1',
        'Knative-Hello': 'world',
        'x-b3-traceid': 'abc',
        authorization: 'Bearer secret',
        cookie: 'a=b',
        'retry-after': '10',
        traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      },
    });
    const [context] = rig.contexts;
    expect(context?.passthrough).toEqual([
      'x-request-id',
      'r1',
      'knative-hello',
      'world',
      'x-b3-traceid',
      'abc',
    ]);
    expect(context?.trace?.traceparent).toContain('0af7651916cd43dd8448eb211c80319c');
  });
});

describe('refusing', () => {
  it.each([
    [{ ...EVENT, 'ce-id': '' }, 400, 'id'],
    [{ 'content-type': 'text/plain' }, 400, 'specversion'],
    [{ ...EVENT, 'ce-specversion': '19.0' }, 400, 'specversion'],
    [{ ...EVENT, 'ce-time': 'yesterday' }, 400, 'time'],
    [{ ...EVENT, 'ce-my-ext': 'x' }, 400, 'my-ext'],
  ])('answers %o with %i and names %s', async (headers, status, attribute) => {
    const rig = await startListener();
    const answer = await post(rig.url, { headers: headers as unknown as Record<string, string> });
    expect(answer.status).toBe(status);
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(JSON.stringify(JSON.parse(answer.text))).toContain(attribute);
    expect(rig.accepted).toEqual([]);
  });

  it('T10 refuses a duplicate attribute', async () => {
    const rig = await startListener();
    const answer = await rawExchange(
      rig.port,
      'POST /default/orders HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\nce-specversion: 1.0\r\nce-id: 1\r\nCE-ID: 2\r\nce-source: /s\r\nce-type: t\r\ncontent-length: 0\r\n\r\n',
    );
    expect(answer).toContain('HTTP/1.1 400');
    expect(answer).toContain('"attribute":"id"');
  });

  it('T13 answers markup with JSON that nobody renders', async () => {
    const rig = await startListener();
    const answer = await post(rig.url, { headers: { ...EVENT, 'ce-time': '<script>' } });
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(answer.headers['x-content-type-options']).toBe('nosniff');
  });

  it('answers other content types of CloudEvents with 415', async () => {
    const rig = await startListener();
    const answer = await post(rig.url, {
      headers: { 'content-type': 'application/cloudevents+avro' },
    });
    expect(answer.status).toBe(415);
  });

  it('answers a compressed body with 415', async () => {
    const rig = await startListener();
    const answer = await post(rig.url, { headers: { ...EVENT, 'content-encoding': 'gzip' } });
    expect(answer.status).toBe(415);
  });

  it('answers other methods with 405 and says what is allowed', async () => {
    const rig = await startListener();
    for (const method of ['GET', 'PUT', 'DELETE', 'PATCH']) {
      const answer = await request(rig.url, { method: method as 'GET' });
      await answer.body.dump();
      expect([method, answer.statusCode, answer.headers['allow']]).toEqual([
        method,
        405,
        'POST, OPTIONS',
      ]);
    }
  });

  it('answers unknown paths and hosts with 404', async () => {
    const rig = await startListener();
    const base = `http://127.0.0.1:${String(rig.port)}`;
    expect((await post(`${base}/`)).status).toBe(404);
    expect((await post(`${base}/default/nothing`)).status).toBe(404);
    expect((await post(`${base}/a/b/c/d`)).status).toBe(404);
    const host = 'nothing-kn-channel.default.svc.cluster.local';
    expect((await post(`${base}/`, { headers: { ...EVENT, host } })).status).toBe(404);
  });

  it('maps what a route throws: wait, temporary, fault of the sender, unknown', async () => {
    const errors = [
      new AffluxError('full', { code: 'X', retryable: true, details: { retryAfterMs: 2500 } }),
      new AffluxError('busy', { code: 'X', retryable: true }),
      new AffluxError('bad', { code: 'X', fault: 'user' }),
      new Error('secret inner state'),
    ];
    const rig = await startListener({}, () => {
      const error = errors.shift();
      throw error ?? new Error('no more');
    });
    const answers: Answer[] = [];
    for (let count = 0; count < 4; count += 1) answers.push(await post(rig.url));
    expect(answers.map(({ status }) => status)).toEqual([429, 503, 400, 500]);
    expect(answers.map(({ headers }) => headers['retry-after'])).toEqual([
      '3',
      '1',
      undefined,
      undefined,
    ]);
    expect(answers[3]?.text).not.toContain('secret');
  });
});

describe('T02 large bodies', () => {
  it('refuses by content-length before it reads', async () => {
    const rig = await startListener({ bodyBytesMax: 2000 });
    const answer = await rawExchange(
      rig.port,
      'POST /default/orders HTTP/1.1\r\nhost: localhost\r\nce-specversion: 1.0\r\nce-id: 1\r\nce-source: /s\r\nce-type: t\r\ncontent-length: 1000000000\r\n\r\n',
    );
    expect(answer).toContain('HTTP/1.1 413');
    expect(rig.accepted).toEqual([]);
  });

  it('refuses a chunked body while it reads', async () => {
    const rig = await startListener({ bodyBytesMax: 2000 });
    const chunk = `400\r\n${'x'.repeat(1024)}\r\n`;
    const answer = await rawExchange(
      rig.port,
      'POST /default/orders HTTP/1.1\r\nhost: localhost\r\nce-specversion: 1.0\r\nce-id: 1\r\nce-source: /s\r\nce-type: t\r\ntransfer-encoding: chunked\r\n\r\n',
      chunk,
      chunk,
    );
    expect(answer).toContain('HTTP/1.1 413');
    expect(rig.listener.budget.bytes).toBe(0);
  });

  it('answers 413 instead of 100 to a client that asks first', async () => {
    const rig = await startListener({ bodyBytesMax: 2000 });
    const answer = await rawExchange(
      rig.port,
      'POST /default/orders HTTP/1.1\r\nhost: localhost\r\nexpect: 100-continue\r\nce-specversion: 1.0\r\nce-id: 1\r\nce-source: /s\r\nce-type: t\r\ncontent-length: 3000\r\n\r\n',
    );
    expect(answer).toMatch(/^HTTP\/1\.1 413/);
  });

  it('bounds the bytes being received by all requests, and leaves room for other namespaces', async () => {
    const rig = await startListener({ bodiesBytesMax: 4096, namespaceShare: 0.5 });
    rig.routes.setPath('/other/orders', {
      namespace: 'other',
      path: '/other/orders',
      accept: () => undefined,
    });
    const slow = connect(rig.port, '127.0.0.1');
    slow.on('error', () => undefined);
    slow.write(
      'POST /default/orders HTTP/1.1\r\nhost: localhost\r\nce-specversion: 1.0\r\nce-id: 1\r\nce-source: /s\r\nce-type: t\r\ncontent-length: 2000\r\n\r\nx',
    );
    await expect.poll(() => rig.listener.budget.bytes).toBe(2000);
    const noisy = await post(rig.url, { body: Buffer.alloc(100) });
    const neighbour = await post(`http://127.0.0.1:${String(rig.port)}/other/orders`, {
      body: Buffer.alloc(100),
    });
    expect([noisy.status, noisy.headers['retry-after'], neighbour.status]).toEqual([503, '1', 202]);
    slow.destroy();
    await expect.poll(() => rig.listener.budget.bytes).toBe(0);
  });
});

describe('T04 slow clients', () => {
  it('cuts a client whose headers do not come', async () => {
    const rig = await startListener({ headersTimeoutMs: 100 });
    const answer = await rawExchange(rig.port, 'POST /default/orders HTTP/1.1\r\nhost: loc');
    expect(answer).toContain('HTTP/1.1 408');
  });

  it('cuts a client whose body does not come, and accepts nothing', async () => {
    const rig = await startListener({ headersTimeoutMs: 100, requestTimeoutMs: 200 });
    await rawExchange(
      rig.port,
      'POST /default/orders HTTP/1.1\r\nhost: localhost\r\nce-specversion: 1.0\r\nce-id: 1\r\nce-source: /s\r\nce-type: t\r\ncontent-length: 10\r\n\r\nabc',
    );
    expect(rig.accepted).toEqual([]);
    await expect.poll(() => rig.listener.budget.bytes).toBe(0);
  });
});

it('accepts nothing from a connection that closes in mid-body', async () => {
  const rig = await startListener();
  const socket = connect(rig.port, '127.0.0.1');
  socket.write(
    'POST /default/orders HTTP/1.1\r\nhost: localhost\r\nce-specversion: 1.0\r\nce-id: 1\r\nce-source: /s\r\nce-type: t\r\ncontent-length: 10\r\n\r\nabc',
  );
  await expect.poll(() => rig.listener.budget.bytes).toBe(10);
  socket.destroy();
  await expect.poll(() => rig.listener.budget.bytes).toBe(0);
  expect(rig.accepted).toEqual([]);
});

it('answers 431 to headers beyond the bound', async () => {
  const rig = await startListener({ headerBytesMax: 8192 });
  const answer = await rawExchange(
    rig.port,
    `POST /default/orders HTTP/1.1\r\nhost: localhost\r\nce-big: ${'x'.repeat(9000)}\r\n\r\n`,
  );
  expect(answer).toContain('HTTP/1.1 431');
});

it('takes attributes of 64 KiB', async () => {
  const rig = await startListener();
  const answer = await post(rig.url, { headers: { ...EVENT, 'ce-big': 'x'.repeat(60_000) } });
  expect(answer.status).toBe(202);
});

describe('T09 strangers', () => {
  it('refuses a browser page of another origin', async () => {
    const rig = await startListener();
    const answer = await post(rig.url, { headers: { ...EVENT, origin: 'https://evil.example' } });
    expect(answer.status).toBe(403);
    expect(rig.accepted).toEqual([]);
  });

  it('refuses a host name that is not ours (DNS rebinding)', async () => {
    const rig = await startListener();
    const answer = await post(rig.url, { headers: { ...EVENT, host: 'evil.example' } });
    expect(answer.status).toBe(403);
  });

  it('takes what the configuration allows', async () => {
    const rig = await startListener({
      allowedHosts: ['events.example'],
      allowedOrigins: ['https://console.example'],
    });
    const headers = { ...EVENT, host: 'events.example:8080', origin: 'https://console.example' };
    expect((await post(rig.url, { headers })).status).toBe(202);
  });

  it('answers the webhook handshake with the asking origin, never with *', async () => {
    const rig = await startListener();
    const answer = await request(rig.url, {
      method: 'OPTIONS',
      headers: { 'webhook-request-origin': 'sender.example', 'webhook-request-rate': '120' },
    });
    await answer.body.dump();
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['webhook-allowed-origin']).toBe('sender.example');
    expect(answer.headers['webhook-allowed-rate']).toBe('120');
    expect(answer.headers['allow']).toBe('POST, OPTIONS');
    const star = await request(rig.url, {
      method: 'OPTIONS',
      headers: { 'webhook-request-origin': '*' },
    });
    await star.body.dump();
    expect(star.headers['webhook-allowed-origin']).toBeUndefined();
  });

  it('gives a browser preflight no permission', async () => {
    const rig = await startListener();
    const answer = await request(rig.url, {
      method: 'OPTIONS',
      headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
    });
    await answer.body.dump();
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual(
      [],
    );
  });
});

describe('T11 ambiguous requests', () => {
  it.each([
    ['content-length: 3\r\ntransfer-encoding: chunked', '0\r\n\r\n'],
    ['transfer-encoding: chunked\r\ntransfer-encoding: identity', '0\r\n\r\n'],
    ['content-length: 3\r\ncontent-length: 4', 'abcd'],
    ['content-length: +3', 'abc'],
    ['transfer-encoding: xchunked', '0\r\n\r\n'],
  ])('refuses %j', async (lengths, body) => {
    const rig = await startListener();
    const answer = await rawExchange(
      rig.port,
      `POST /default/orders HTTP/1.1\r\nhost: localhost\r\nce-specversion: 1.0\r\nce-id: 1\r\nce-source: /s\r\nce-type: t\r\n${lengths}\r\n\r\n${body}`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 (400|501)/);
    expect(rig.accepted).toEqual([]);
  });
});

describe('life cycle', () => {
  it('says which port is taken and what to do', async () => {
    const rig = await startListener();
    await expect(startListener({ port: rig.port })).rejects.toThrow(
      `port ${String(rig.port)} is taken: stop what uses it, or choose another with --port`,
    );
  });

  it('finishes what is under way when drained, then takes nothing more', async () => {
    let release = (): void => undefined;
    const rig = await startListener({}, () => new Promise((resolve) => (release = resolve)));
    const answer = post(rig.url);
    await expect.poll(() => rig.accepted.length).toBe(1);
    const drained = rig.listener.drain();
    release();
    expect((await answer).status).toBe(202);
    await drained;
    await expect(post(rig.url)).rejects.toThrow();
  });

  it('counts refusals by code and times answers by route', async () => {
    const rig = await startListener();
    await post(rig.url);
    await post(rig.url, { headers: { 'content-type': 'text/plain' } });
    expect(
      rig.meter.values('http_server_request_duration_seconds', '/default/orders', '202'),
    ).toHaveLength(1);
    expect(rig.meter.sum('afflux_ingress_refused_total', 'AFFLUX_EVENTS_NOT_AN_EVENT')).toBe(1);
  });
});
