import { createServer } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { eventually, startTestAfflux, type TestAffluxOptions } from './index.ts';

async function start(options?: TestAffluxOptions) {
  const test = await startTestAfflux(options);
  onTestFinished(() => test.close());
  return test;
}

const MANIFESTS = `
apiVersion: eventing.knative.dev/v1
kind: Broker
metadata: { name: main, namespace: default }
---
apiVersion: eventing.knative.dev/v1
kind: Trigger
metadata: { name: all, namespace: default }
spec:
  broker: main
  subscriber:
    ref: { apiVersion: v1, kind: Service, name: sink }
    uri: /all
  delivery: { retry: 1, backoffDelay: PT0.01S }
`;

it('starts from manifests that name the built-in sink as a Service', async () => {
  const test = await start({ manifests: MANIFESTS });
  expect(
    await test.send('default/main', { type: 'order.created', extensions: { region: 'eu' } }),
  ).toBe(202);
  const [received] = await test.received({ type: 'order.created', region: 'eu', path: '/all' });
  expect(received).toMatchObject({ path: '/all', status: 200 });
  expect(received?.event.source).toBe('/test');
});

it('hands the address of the sink to manifests that want it', async () => {
  const test = await start({
    manifests: (sink) => MANIFESTS.replace(/ref: \{.*\n\s+uri: \/all/, `uri: ${sink}direct`),
  });
  await test.send(test.afflux.brokerUrl('default', 'main'), { type: 'a', id: '1' });
  await test.received({ path: '/direct', id: '1' });
});

it('waits for as many as asked, and says what came instead', async () => {
  const test = await start({ manifests: MANIFESTS });
  await test.send('default/main', { type: 'a' });
  await test.send('default/main', { type: 'b', id: 'b-1' });
  expect(await test.received((received) => received.event.type < 'c', { count: 2 })).toHaveLength(
    2,
  );
  await expect(test.received({ type: 'a' }, { count: 2, withinMs: 50 })).rejects.toThrow(
    /1 of 2 events with {"type":"a"} within 50 ms; received:\n(.*\n)* {2}b id=b-1 at \/all: 200/,
  );
  test.sink.clear();
  await expect(test.received({}, { withinMs: 1 })).rejects.toMatchObject({
    code: 'AFFLUX_SERVER_TEST_EVENTS_MISSING',
    message: expect.stringContaining('nothing was received') as string,
  });
});

it('answers as the test says: failures are retried, replies enter the broker', async () => {
  const test = await start({ manifests: MANIFESTS });
  let isDown = true;
  test.sink.answer((event) => {
    if (event.type === 'reply') return 200;
    if (!isDown) return { type: 'reply', source: '/sink', id: 'r' };
    isDown = false;
    return 503;
  });
  await test.send('default/main', { type: 'a' });
  await test.received({ type: 'reply' });
  expect(test.sink.events.map(({ status }) => status)).toEqual([503, 200, 200]);
});

it('closes everything when the manifests are not acceptable', async () => {
  await expect(start({ manifests: 'kind: Broker' })).rejects.toMatchObject({
    code: 'AFFLUX_SERVER_OBJECT_INVALID',
  });
});

it('frees its ports when it is closed', async () => {
  const test = await start({ manifests: MANIFESTS });
  const { port } = new URL(test.sink.url);
  await test.close();
  await eventually(
    () =>
      new Promise<void>((resolve, reject) => {
        const server = createServer().once('error', reject);
        server.listen(Number(port), '127.0.0.1', () =>
          server.close(() => {
            resolve();
          }),
        );
      }),
  );
});
