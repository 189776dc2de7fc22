/** What a broker takes, what it refuses, and how it says so. */
import { describe, expect, it } from 'vitest';
import type { Afflux } from '@afflux/server';
import { brokerYaml, triggerYaml } from '../support/manifests.ts';
import { drained, post, postJson, seen, send, startAfflux } from '../support/process.ts';
import { gate, startSubscriber, type Subscriber } from '../support/subscriber.ts';

interface World {
  readonly afflux: Afflux;
  readonly url: string;
  readonly sink: Subscriber;
}

/** A broker whose every event goes to one subscriber. */
async function startBroker(): Promise<World> {
  const sink = await startSubscriber();
  const afflux = await startAfflux(brokerYaml() + triggerYaml({ name: 'all', uri: sink.url }));
  return { afflux, url: afflux.brokerUrl('default', 'main'), sink };
}

interface ProblemBody {
  readonly status: number;
  readonly problems?: readonly { readonly attribute: string }[];
}

function problemOf(text: string): ProblemBody {
  return JSON.parse(text) as ProblemBody;
}

const REQUIRED = { specversion: '1.0', id: '1', source: '/s', type: 't' };

/** The required attributes as headers, but for one. */
function headersWithout(missing: string): Readonly<Record<string, string>> {
  const entries = Object.entries(REQUIRED).filter(([name]) => name !== missing);
  return Object.fromEntries(entries.map(([name, value]) => [`ce-${name}`, value]));
}

describe('TestBrokerConformance · DataPlaneIngress', () => {
  describe.each(['1.0', '0.3'])('CloudEvents %s', (specversion) => {
    it('accepts binary mode and delivers the same version', async () => {
      const { url, sink } = await startBroker();
      const answer = await post(url, { specversion }, 'data');
      expect(answer.status).toBe(202);
      const [delivery] = await sink.received(1);
      expect(delivery?.headers['ce-specversion']).toBe(specversion);
    });

    it('accepts structured mode and delivers the same version', async () => {
      const { url, sink } = await startBroker();
      const answer = await postJson(url, { ...REQUIRED, specversion, data: { n: 1 } });
      expect(answer.status).toBe(202);
      const [delivery] = await sink.received(1);
      expect(delivery?.event.specversion).toBe(specversion);
      expect(JSON.parse(sink.texts[0] ?? '')).toEqual({ n: 1 });
    });
  });

  it.each([
    ['binary', (url: string) => post(url, { specversion: '19.0' })],
    ['structured', (url: string) => postJson(url, { ...REQUIRED, specversion: '19.0' })],
  ])('refuses version 19.0 in %s mode with 400', async (_mode, sendTo) => {
    const { url } = await startBroker();
    expect((await sendTo(url)).status).toBe(400);
  });

  it.each([
    ['application/json', '{"much":"wow"}'],
    ['application/xml', '<much>wow</much>'],
    ['application/vnd.apache.thrift.binary', '\u0000\u0001\u00ff'],
    ['text/plain; charset=iso-8859-1', 'm\u00fcch'],
  ])('takes %s and delivers its bytes as they are', async (datacontenttype, text) => {
    const { url, sink } = await startBroker();
    const data = Buffer.from(text, 'latin1');
    expect((await post(url, { datacontenttype }, data)).status).toBe(202);
    const [delivery] = await sink.received(1);
    expect(delivery?.headers['content-type']).toBe(datacontenttype);
    expect(delivery?.event.data).toEqual(data);
  });

  it('delivers a structured event in binary mode', async () => {
    const { url, sink } = await startBroker();
    await postJson(url, { ...REQUIRED, subject: 'cats', data: 'text', datacontenttype: 'a/b' });
    const [delivery] = await sink.received(1);
    expect(delivery?.headers).toMatchObject({ 'ce-subject': 'cats', 'content-type': 'a/b' });
    expect(sink.texts).toEqual(['text']);
  });

  it('takes a batch and delivers its events one by one', async () => {
    const { url, sink } = await startBroker();
    const batch = ['1', '2', '3'].map((id) => ({ ...REQUIRED, id }));
    const answer = await postJson(url, batch, 'application/cloudevents-batch+json');
    expect(answer.status).toBe(202);
    await sink.received(3);
    expect(sink.ids.toSorted()).toEqual(['1', '2', '3']);
  });

  it('takes nothing of a batch with one bad event', async () => {
    const { afflux, url, sink } = await startBroker();
    const batch = [REQUIRED, { ...REQUIRED, id: '' }];
    const answer = await postJson(url, batch, 'application/cloudevents-batch+json');
    expect(answer.status).toBe(400);
    await drained(afflux);
    expect(sink.deliveries).toHaveLength(0);
  });

  it.each(['specversion', 'id', 'source', 'type'])(
    'refuses a binary event without %s with 400 and names it',
    async (missing) => {
      const { url } = await startBroker();
      const headers = headersWithout(missing);
      const answer = await send(url, headers, '{}');
      expect(answer.status).toBe(400);
      expect(answer.headers['content-type']).toBe('application/problem+json');
      expect(problemOf(answer.text).problems).toContainEqual(
        expect.objectContaining({ attribute: missing }),
      );
    },
  );

  it.each(['specversion', 'id', 'source', 'type'])(
    'refuses a structured event without %s with 400 and names it',
    async (missing) => {
      const { url } = await startBroker();
      const answer = await postJson(url, { ...REQUIRED, [missing]: undefined });
      expect(answer.status).toBe(400);
      expect(problemOf(answer.text).problems).toContainEqual(
        expect.objectContaining({ attribute: missing }),
      );
    },
  );

  it('refuses broken JSON in structured mode with 400', async () => {
    const { url } = await startBroker();
    const answer = await send(
      url,
      { 'content-type': 'application/cloudevents+json' },
      '{"specversion":"1.0",',
    );
    expect(answer.status).toBe(400);
  });

  it.each(['GET', 'PUT', 'DELETE', 'PATCH'])(
    'answers 405 to %s and says what is allowed',
    async (method) => {
      const { url } = await startBroker();
      const answer = await send(url, {}, '', method);
      expect(answer.status).toBe(405);
      expect(answer.headers['allow']).toBe('POST, OPTIONS');
    },
  );

  it('answers OPTIONS with the webhook handshake, naming the asking origin', async () => {
    const { url } = await startBroker();
    const answer = await send(
      url,
      { 'webhook-request-origin': 'events.example.com' },
      '',
      'OPTIONS',
    );
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({
      allow: 'POST, OPTIONS',
      'webhook-allowed-origin': 'events.example.com',
    });
  });

  it.each(['/', '/default', '/default/other', '/other/main', '/default/main/more'])(
    'answers 404 at %s, where there is no broker',
    async (path) => {
      const { afflux } = await startBroker();
      expect((await post(`${afflux.url}${path}`)).status).toBe(404);
    },
  );

  it('takes a trailing slash and a query string at the address of a broker', async () => {
    const { url, sink } = await startBroker();
    expect((await post(`${url}/?trace=1`)).status).toBe(202);
    await sink.received(1);
  });

  it('stamps the time of arrival and leaves every other attribute alone', async () => {
    const { url, sink } = await startBroker();
    await post(url, { id: '7', subject: 's', myext: 'x' });
    const [delivery] = await sink.received(1);
    // A Kafka channel says where the event was.
    const names = delivery?.event.names().filter((name) => !name.startsWith('knativekafka'));
    expect(names?.toSorted()).toEqual([
      'datacontenttype',
      'id',
      'knativearrivaltime',
      'myext',
      'source',
      'specversion',
      'subject',
      'type',
    ]);
  });

  it('answers before the subscriber does', async () => {
    const { url, sink } = await startBroker();
    sink.answer = gate().answer;
    expect((await post(url)).status).toBe(202);
    await sink.received(1);
  });

  it('accepts an event that no trigger wants', async () => {
    const afflux = await startAfflux(brokerYaml());
    expect((await post(afflux.brokerUrl('default', 'main'))).status).toBe(202);
  });

  it('takes no more events once the broker is removed', async () => {
    const { afflux, url } = await startBroker();
    await afflux.remove({
      apiVersion: 'eventing.knative.dev/v1',
      kind: 'Broker',
      namespace: 'default',
      name: 'main',
    });
    expect((await post(url)).status).toBe(404);
  });
});

describe('TestBrokerConformance · DataPlaneAddressability', () => {
  it('takes events at the http address of its status', async () => {
    const { afflux, sink } = await startBroker();
    const { url = '' } = (await seen(afflux, 'Broker', 'main')).status.address ?? {};
    expect(url).toMatch(/^https?:\/\//);
    expect((await post(url)).status).toBe(202);
    await sink.received(1);
  });
});
