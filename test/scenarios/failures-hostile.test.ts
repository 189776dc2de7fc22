/** Input that is meant to do harm, and a process that stands still or runs out of room. */
import { createServer } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { brokerYaml, triggerYaml } from '../support/manifests.ts';
import { drained, metricOf, post, postJson, send, startAfflux } from '../support/process.ts';
import { gate, startSubscriber } from '../support/subscriber.ts';
import { GIVEN_UP_OUTCOME } from '../support/scenario-channel.ts';

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const TRACEPARENT = `00-${TRACE_ID}-b7ad6b7169203331-01`;

describe('T32 hostile trace headers', () => {
  async function headersAfter(
    headers: Readonly<Record<string, string>>,
  ): Promise<Readonly<Record<string, unknown>>> {
    const sink = await startSubscriber();
    const afflux = await startAfflux(brokerYaml() + triggerYaml({ name: 'one', uri: sink.url }));
    const answer = await post(afflux.brokerUrl('default', 'main'), {}, '{}', headers);
    expect(answer.status).toBe(202);
    const [delivery] = await sink.received(1);
    return delivery?.headers ?? {};
  }

  it('T32 a tracestate beyond its cap loses members, the event goes on', async () => {
    const tracestate = Array.from({ length: 100 }, (_, index) => `k${String(index)}=value`).join(
      ',',
    );
    const { tracestate: passed } = await headersAfter({ traceparent: TRACEPARENT, tracestate });
    expect(String(passed).length).toBeLessThanOrEqual(512);
    expect(tracestate.startsWith(String(passed))).toBe(true);
  });

  it('T32 a baggage beyond its cap loses members, the event goes on', async () => {
    const baggage = Array.from({ length: 2000 }, (_, index) => `k${String(index)}=v`).join(',');
    const { baggage: passed } = await headersAfter({ traceparent: TRACEPARENT, baggage });
    expect(String(passed).length).toBeLessThanOrEqual(8192);
    expect(baggage.startsWith(String(passed))).toBe(true);
  });

  it.each([
    'nonsense',
    `ff-${TRACE_ID}-b7ad6b7169203331-01`,
    `00-${'0'.repeat(32)}-b7ad6b7169203331-01`,
  ])('T32 the traceparent %s is left out, the event goes on', async (traceparent) => {
    expect(await headersAfter({ traceparent, tracestate: 'a=b' })).not.toHaveProperty(
      'traceparent',
    );
  });

  it("T32 a stranger's sampled flag does not make us record", async () => {
    const collected: string[] = [];
    const collector = createServer((request, response) => {
      collected.push(request.url ?? '');
      request.resume();
      response.writeHead(200).end('{}');
    });
    await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      collector.close();
      collector.closeAllConnections();
    });
    const { port } = collector.address() as AddressInfo;
    const sink = await startSubscriber();
    const afflux = await startAfflux(brokerYaml() + triggerYaml({ name: 'one', uri: sink.url }), {
      tracing: { endpoint: `http://127.0.0.1:${String(port)}`, samplingRatio: 0 },
    });
    await post(afflux.brokerUrl('default', 'main'), {}, '{}', { traceparent: TRACEPARENT });
    await sink.received(1);
    await drained(afflux);
    expect(collected).toEqual([]);
  });
});

describe('T06 addresses that events must not reach', () => {
  it.each([
    'http://169.254.169.254/latest/meta-data/',
    'http://[::ffff:169.254.169.254]/',
    'http://2852039166/',
    'http://0xa9fea9fe/',
    'http://[fe80::1]/',
  ])('T06 a subscriber at %s is never called', async (uri) => {
    const dead = await startSubscriber();
    const afflux = await startAfflux(
      brokerYaml() +
        triggerYaml({
          name: 'one',
          uri,
          spec: `delivery: { retry: 3, deadLetterSink: { uri: '${dead.url}' } }`,
        }),
    );
    await post(afflux.brokerUrl('default', 'main'));
    const [letter] = await dead.received(1);
    const data = letter?.event.getText('knativeerrordata') ?? '';
    expect(Buffer.from(data, 'base64').toString()).toContain('the target is refused');
    expect(letter?.event.getText('knativeerrorcode')).toBe('500');
  });

  it('T06 loopback and private addresses are refused where the policy says so', async () => {
    const sink = await startSubscriber();
    const afflux = await startAfflux(
      brokerYaml() + triggerYaml({ name: 'one', uri: sink.url, spec: 'delivery: { retry: 0 }' }),
      { delivery: { allowPrivate: false } },
    );
    await post(afflux.brokerUrl('default', 'main'));
    await drained(afflux);
    expect(sink.deliveries).toHaveLength(0);
    const dropped = { outcome: GIVEN_UP_OUTCOME };
    expect(await metricOf(afflux, 'afflux_delivery_events_total', dropped)).toBe(1);
  });

  it.each(['http://user:secret@example.com/', 'file:///etc/passwd', 'gopher://example.com/'])(
    'T06 the address %s is refused in a manifest',
    async (uri) => {
      const afflux = await startAfflux('');
      await expect(afflux.apply(triggerYaml({ name: 'one', uri }))).rejects.toThrow(
        'spec.subscriber.uri',
      );
    },
  );
});

describe('T09 events injected by strangers', () => {
  it.each([
    ['a page of another origin', { origin: 'https://evil.example' }],
    ['a name that was rebound to this address', { host: 'evil.example' }],
    ['an opaque origin', { origin: 'null' }],
  ])('T09 %s gets 403', async (_what, headers) => {
    const afflux = await startAfflux(brokerYaml());
    const answer = await post(afflux.brokerUrl('default', 'main'), {}, '{}', headers);
    expect(answer.status).toBe(403);
  });

  it('T09 the handshake never answers *', async () => {
    const afflux = await startAfflux(brokerYaml());
    const url = afflux.brokerUrl('default', 'main');
    for (const headers of [{}, { 'webhook-request-origin': '*' }]) {
      const answer = await send(url, headers, '', 'OPTIONS');
      expect(answer.headers['webhook-allowed-origin']).toBeUndefined();
    }
  });
});

describe('T10 attributes that want to be headers', () => {
  const structured = (extensions: object) => ({
    specversion: '1.0',
    id: '1',
    source: '/s',
    type: 't',
    ...extensions,
  });

  it.each([
    ['a line break', structured({ myext: 'a\r\nx-evil: 1' })],
    ['a NUL', structured({ myext: 'a\u0000b' })],
    ['a line break in a required one', structured({ source: '/a\nb' })],
  ])('T10 %s in a structured attribute is refused', async (_what, event) => {
    const afflux = await startAfflux(brokerYaml());
    expect((await postJson(afflux.brokerUrl('default', 'main'), event)).status).toBe(400);
  });

  it('T10 an encoded line break in a header is refused', async () => {
    const afflux = await startAfflux(brokerYaml());
    const answer = await post(afflux.brokerUrl('default', 'main'), { myext: 'a%0D%0Ax-evil: 1' });
    expect(answer.status).toBe(400);
  });

  it('T10 attributes with the names of headers set none', async () => {
    const sink = await startSubscriber();
    const afflux = await startAfflux(brokerYaml() + triggerYaml({ name: 'one', uri: sink.url }));
    const event = structured({ host: 'evil', authorization: 'token', cookie: 'a=b' });
    await postJson(afflux.brokerUrl('default', 'main'), event);
    const [delivery] = await sink.received(1);
    expect(delivery?.headers).toMatchObject({
      host: `127.0.0.1:${String(sink.port)}`,
      'ce-host': 'evil',
      'ce-authorization': 'token',
    });
    expect(delivery?.headers['authorization']).toBeUndefined();
    expect(delivery?.headers['cookie']).toBeUndefined();
  });

  it('T10 an attribute sent twice is refused', async () => {
    const afflux = await startAfflux(brokerYaml());
    const { port } = new URL(afflux.url);
    const answer = await raw(
      Number(port),
      'POST /default/main HTTP/1.1\r\nHost: localhost\r\nce-specversion: 1.0\r\nce-id: 1\r\nce-id: 2\r\nce-source: /s\r\nce-type: t\r\nContent-Length: 0\r\nConnection: close\r\n\r\n',
    );
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  });
});

describe('T12 hostile manifests', () => {
  const bomb = [
    'a: &a [x, x, x, x, x, x, x, x, x]',
    ...['b', 'c', 'd', 'e', 'f', 'g', 'h'].map((name, index) => {
      const earlier = `*${'abcdefgh'.charAt(index)}`;
      return `${name}: &${name} [${Array.from({ length: 9 }, () => earlier).join(', ')}]`;
    }),
  ].join('\n');

  it.each([
    ['a bomb of aliases', bomb, /alias/i],
    ['a tag', 'kind: !!js/function "function () {}"', /tag/i],
    ['deep nesting', `a: ${'['.repeat(200)}${']'.repeat(200)}`, /nested deeper than 64/],
    ['nesting that no parser survives', `a: ${'['.repeat(9000)}${']'.repeat(9000)}`, /line 1: /],
  ])('T12 %s is refused', async (_what, yaml, message) => {
    const afflux = await startAfflux('');
    await expect(afflux.apply(yaml)).rejects.toThrow(message);
    expect(afflux.objects()).toEqual([]);
  });
});

describe('T20 debug endpoints', () => {
  it.each([
    '/',
    '/debug/pprof/',
    '/json',
    '/json/list',
    '/inspector',
    '/heap',
    '/profile',
    '/config',
  ])('T20 the control port has no %s', async (path) => {
    const afflux = await startAfflux('');
    expect((await send(`${afflux.controlUrl}${path}`, {}, '', 'GET')).status).toBe(404);
  });

  it.each(['/healthz', '/readyz', '/metrics'])('answers 200 at %s', async (path) => {
    const afflux = await startAfflux(brokerYaml());
    expect((await send(`${afflux.controlUrl}${path}`, {}, '', 'GET')).status).toBe(200);
  });
});

describe('F09 an event loop that stands still', () => {
  it('F09 for 5 s opens no circuit and loses no event', async () => {
    const sink = await startSubscriber();
    const afflux = await startAfflux(
      brokerYaml() +
        triggerYaml({
          name: 'one',
          uri: sink.url,
          annotations: 'afflux.dev/circuit-breaker: "on"',
          spec: 'delivery: { retry: 5, timeout: PT2S, backoffPolicy: linear, backoffDelay: PT0.05S }',
        }),
    );
    const closed = gate();
    sink.answer = closed.answer;
    const ids = Array.from({ length: 15 }, (_, index) => `e-${String(index)}`);
    for (const id of ids) await post(afflux.brokerUrl('default', 'main'), { id });
    await sink.received(ids.length);
    standStill(5_000);
    closed.open();
    await drained(afflux);
    expect(new Set(sink.ids)).toEqual(new Set(ids));
    const opened = 'afflux_subscription_circuit_breaker_opened_total';
    expect(await metricOf(afflux, opened)).toBe(0);
    const delivered = { outcome: 'delivered' };
    expect(await metricOf(afflux, 'afflux_delivery_events_total', delivered)).toBe(ids.length);
  });
});

describe('F10 process limits', () => {
  it('F10 connections beyond the bound are dropped, and taken again when there is room', async () => {
    const sink = await startSubscriber();
    const afflux = await startAfflux(brokerYaml() + triggerYaml({ name: 'one', uri: sink.url }), {
      ingress: { connectionsMax: 2 },
    });
    const port = Number(new URL(afflux.url).port);
    const holders = await Promise.all([hold(port), hold(port)]);
    const url = afflux.brokerUrl('default', 'main');
    await expect(post(url)).rejects.toThrow();
    for (const holder of holders) holder.destroy();
    await expect
      .poll(() =>
        post(url).then(
          ({ status }) => status,
          () => 0,
        ),
      )
      .toBe(202);
    await sink.received(1);
  });
});

/** Blocks this process, timers and sockets included, as a stopped process or a suspended laptop is. */
function standStill(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

/** An open connection that says nothing. */
async function hold(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  onTestFinished(() => {
    socket.destroy();
  });
  await new Promise<void>((resolve) => socket.once('connect', resolve));
  return socket;
}

/** Sends bytes as they are and resolves with the whole answer. */
async function raw(port: number, request: string): Promise<string> {
  const socket = await hold(port);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.write(request);
  await new Promise<void>((resolve) => socket.once('close', resolve));
  return Buffer.concat(chunks).toString('latin1');
}
