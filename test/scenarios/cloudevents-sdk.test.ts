/** Producers and subscribers that know nothing of Afflux: the `cloudevents` package, and curl. */
import { execFile } from 'node:child_process';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { CloudEvent, emitterFor, HTTP, httpTransport, Mode, type CloudEventV1 } from 'cloudevents';
import { describe, expect, it, onTestFinished } from 'vitest';
import { brokerYaml, triggerYaml } from '../support/manifests.ts';
import { startAfflux } from '../support/process.ts';
import { lacks } from '../support/scenario-channel.ts';
import { startSubscriber } from '../support/subscriber.ts';

const run = promisify(execFile);

const MODES = [
  ['binary', Mode.BINARY],
  ['structured', Mode.STRUCTURED],
] as const;

interface SdkSubscriber {
  readonly url: string;
  readonly events: readonly CloudEventV1<unknown>[];
  received(count: number): Promise<void>;
}

/** A subscriber as the documentation of the package writes it, replying in one mode or not at all. */
async function startSdkSubscriber(reply?: {
  readonly mode: Mode;
  readonly event: () => CloudEvent<unknown>;
}): Promise<SdkSubscriber> {
  const events: CloudEventV1<unknown>[] = [];
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const received = HTTP.toEvent<unknown>({ headers: request.headers, body });
      events.push(...(Array.isArray(received) ? received : [received]));
      if (reply === undefined) {
        response.writeHead(204).end();
        return;
      }
      const make = reply.mode === Mode.BINARY ? HTTP.binary : HTTP.structured;
      const message = make(reply.event());
      response.writeHead(200, message.headers as Record<string, string>).end(message.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/`,
    events,
    async received(count) {
      await expect.poll(() => events.length).toBeGreaterThanOrEqual(count);
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

/** A producer as the documentation of the package writes it. */
function producer(url: string, mode: Mode): (event: CloudEvent<unknown>) => Promise<unknown> {
  const emit = emitterFor(httpTransport(url), { mode });
  return (event) => emit(event);
}

describe('the cloudevents package', () => {
  describe.each(MODES)('as producer in %s mode', (_name, mode) => {
    it.each(MODES)('reaches a subscriber that wants %s mode', async (format, _wanted) => {
      const subscriber = await startSdkSubscriber();
      const afflux = await startAfflux(
        brokerYaml() +
          triggerYaml({
            name: 'one',
            uri: subscriber.url,
            spec: `delivery: { format: ${format === 'structured' ? 'json' : 'binary'} }`,
          }),
      );
      const sent = new CloudEvent<unknown>({
        type: 'order.created',
        source: '/shop',
        id: 'order-1',
        time: '2026-01-02T03:04:05.000Z',
        subject: 'orders/1',
        myextension: 'value',
        datacontenttype: 'application/json',
        data: { item: 'kettle', amount: 2, price: 19.5 },
      });
      await producer(afflux.brokerUrl('default', 'main'), mode)(sent);
      await subscriber.received(1);
      expect(subscriber.events[0]).toMatchObject({
        type: 'order.created',
        source: '/shop',
        id: 'order-1',
        time: '2026-01-02T03:04:05.000Z',
        subject: 'orders/1',
        myextension: 'value',
        datacontenttype: expect.stringMatching(/^application\/json/) as string,
        data: { item: 'kettle', amount: 2, price: 19.5 },
      });
    });
  });

  it.each(MODES)('as subscriber that replies in %s mode', async (_name, mode) => {
    const logger = await startSdkSubscriber();
    const replier = await startSdkSubscriber({
      mode,
      event: () =>
        new CloudEvent<unknown>({
          type: 'order.confirmed',
          source: '/replier',
          data: { ok: true },
        }),
    });
    const afflux = await startAfflux(
      brokerYaml() +
        triggerYaml({
          name: 'replier',
          uri: replier.url,
          spec: 'filters: [{ exact: { type: order.created } }]',
        }) +
        triggerYaml({
          name: 'logger',
          uri: logger.url,
          spec: 'filters: [{ exact: { type: order.confirmed } }]',
        }),
    );
    const emit = producer(afflux.brokerUrl('default', 'main'), Mode.BINARY);
    await emit(new CloudEvent<unknown>({ type: 'order.created', source: '/shop', data: {} }));
    await logger.received(1);
    expect(logger.events[0]).toMatchObject({
      type: 'order.confirmed',
      source: '/replier',
      data: { ok: true },
    });
  });

  it.each(MODES)('carries bytes unchanged in %s mode', async (_name, mode) => {
    const sink = await startSubscriber();
    const afflux = await startAfflux(brokerYaml() + triggerYaml({ name: 'one', uri: sink.url }));
    const bytes = Buffer.from([0, 1, 127, 128, 255]);
    const emit = producer(afflux.brokerUrl('default', 'main'), mode);
    await emit(
      new CloudEvent<unknown>({
        type: 't',
        source: '/s',
        datacontenttype: 'application/octet-stream',
        data: new Uint8Array(bytes),
      }),
    );
    const [delivery] = await sink.received(1);
    expect(delivery?.event.data).toEqual(bytes);
  });
});

describe('curl', () => {
  async function curl(url: string, ...args: readonly string[]): Promise<string> {
    const output = ['--silent', '--show-error', '--output', '/dev/null'];
    const { stdout } = await run('curl', [...output, '--write-out', '%{http_code}', ...args, url]);
    return stdout;
  }

  it('posts a binary event', async () => {
    const sink = await startSubscriber();
    const afflux = await startAfflux(brokerYaml() + triggerYaml({ name: 'one', uri: sink.url }));
    const headers = [
      'ce-specversion: 1.0',
      'ce-id: 1',
      'ce-source: /curl',
      'ce-type: greeting',
      'content-type: application/json',
    ].flatMap((header) => ['--header', header]);
    const url = afflux.brokerUrl('default', 'main');
    expect(await curl(url, ...headers, '--data', '{"hello":"world"}')).toBe('202');
    const [delivery] = await sink.received(1);
    expect(delivery?.event).toMatchObject({ id: '1', source: '/curl', type: 'greeting' });
    expect(sink.texts).toEqual(['{"hello":"world"}']);
  });

  it('posts a structured event', async () => {
    const sink = await startSubscriber();
    const afflux = await startAfflux(brokerYaml() + triggerYaml({ name: 'one', uri: sink.url }));
    const event = {
      specversion: '1.0',
      id: '1',
      source: '/curl',
      type: 'greeting',
      datacontenttype: 'text/plain',
      data: 'hello',
    };
    const status = await curl(
      afflux.brokerUrl('default', 'main'),
      '--header',
      'content-type: application/cloudevents+json',
      '--data',
      JSON.stringify(event),
    );
    expect(status).toBe('202');
    await sink.received(1);
    expect([sink.ids, sink.texts]).toEqual([['1'], ['hello']]);
  });

  it.skipIf(lacks('largeEvents'))(
    'posts a body so large that it asks first whether to send it',
    async () => {
      const sink = await startSubscriber();
      const afflux = await startAfflux(brokerYaml() + triggerYaml({ name: 'one', uri: sink.url }));
      const headers = ['ce-specversion: 1.0', 'ce-id: 1', 'ce-source: /curl', 'ce-type: t'].flatMap(
        (header) => ['--header', header],
      );
      const url = afflux.brokerUrl('default', 'main');
      // Beyond the command line's limit, so from a file: this very source, many times over.
      const parts = Array.from({ length: 200 }, () => [
        '--data-binary',
        `@${fileURLToPath(import.meta.url)}`,
      ]);
      const asks = ['--header', 'Expect: 100-continue'];
      expect(await curl(url, ...headers, ...asks, ...parts.flat())).toBe('202');
      const [delivery] = await sink.received(1);
      expect(delivery?.event.data?.length).toBeGreaterThan(1024 * 1024);
    },
  );

  it('is told why an event was refused', async () => {
    const afflux = await startAfflux(brokerYaml());
    const { stdout } = await run('curl', [
      '--silent',
      '--header',
      'ce-specversion: 1.0',
      '--data',
      '{}',
      afflux.brokerUrl('default', 'main'),
    ]);
    expect(JSON.parse(stdout)).toMatchObject({
      status: 400,
      problems: [{ attribute: 'id' }, { attribute: 'source' }, { attribute: 'type' }],
    });
  });
});
