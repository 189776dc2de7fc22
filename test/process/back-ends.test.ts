/**
 * The real command on real servers: the built program must find the client libraries, which the tests of the
 * drivers, run from source, cannot show.
 */
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { brokerYaml, triggerYaml } from '../support/manifests.ts';
import { post } from '../support/process.ts';
import { startSubscriber } from '../support/subscriber.ts';
import { directoryWith, runCommand, SOON, startDev } from './command.ts';

const GIVES_UP = 'delivery:\n  retry: 1\n  backoffPolicy: linear\n  backoffDelay: PT0.05S';

const BACK_ENDS = [
  { type: 'kafka', address: process.env['AFFLUX_TEST_KAFKA'] },
  { type: 'rabbitmq', address: process.env['AFFLUX_TEST_AMQP'] },
] as const;

describe.each(BACK_ENDS)('afflux dev --channel $type', ({ type, address = '' }) => {
  it.skipIf(address === '')(
    'F01 delivers what it accepted after kill -9, and keeps, lists and redrives dead letters',
    async () => {
      const namespace = `process-${randomUUID()}`;
      const [up, down] = [await startSubscriber(), await startSubscriber(503)];
      const manifests = await directoryWith({
        'all.yaml':
          brokerYaml('main', '', '', namespace) +
          triggerYaml({ name: 'up', uri: up.url, namespace }) +
          triggerYaml({
            name: 'down',
            uri: down.url,
            namespace,
            spec: GIVES_UP,
            annotations: 'afflux.dev/circuit-breaker: "off"',
          }),
      });
      const args = ['-f', manifests, '--channel', type, `--${type}`, address];
      const first = await startDev(args);
      const broker = (eventsUrl: string): string => `${eventsUrl}/${namespace}/main`;
      const ids = Array.from({ length: 10 }, (_, index) => `event-${String(index)}`);
      await expect
        .poll(async () => (await post(broker(first.eventsUrl), { id: 'event-0' })).status, SOON)
        .toBe(202);
      for (const id of ids.slice(1)) {
        expect((await post(broker(first.eventsUrl), { id })).status).toBe(202);
      }
      first.process.kill('SIGKILL');
      await first.process.exited;
      const second = await startDev(args);
      await expect.poll(() => new Set(up.ids), SOON).toEqual(new Set(ids));
      const dlq = (...verb: string[]) =>
        runCommand(['dlq', ...verb, '-n', namespace, '--control', second.controlUrl]);
      await expect
        .poll(async () => {
          const { out } = await dlq('list');
          return new Set(ids.filter((id) => out.includes(` ${id} `)));
        }, SOON)
        .toEqual(new Set(ids));
      down.answer = 200;
      const before = down.deliveries.length;
      expect((await dlq('redrive', '--broker', 'main')).code).toBe(0);
      await expect.poll(() => new Set(down.ids.slice(before)), SOON).toEqual(new Set(ids));
    },
  );
});

/** A Kafka broker whose topic keeps its batches compressed. */
function compressedYaml(compression: string, namespace: string, address: string): string {
  return `
apiVersion: v1
kind: ConfigMap
metadata: { name: kafka-${compression}, namespace: ${namespace} }
data:
  default.topic.partitions: '1'
  default.topic.replication.factor: '1'
  default.topic.config.compression.type: ${compression}
  bootstrap.servers: ${address}
---
apiVersion: eventing.knative.dev/v1
kind: Broker
metadata:
  name: ${compression}
  namespace: ${namespace}
  annotations: { eventing.knative.dev/broker.class: Kafka }
spec:
  config: { apiVersion: v1, kind: ConfigMap, name: kafka-${compression}, namespace: ${namespace} }
---
`;
}

const kafka = process.env['AFFLUX_TEST_KAFKA'] ?? '';

it.skipIf(kafka === '')('afflux dev reads what Kafka keeps compressed', async () => {
  const namespace = `process-${randomUUID()}`;
  const subscriber = await startSubscriber();
  const compressions = ['snappy', 'lz4', 'zstd'];
  const manifests = compressions.map(
    (compression) =>
      compressedYaml(compression, namespace, kafka) +
      triggerYaml({ name: compression, broker: compression, uri: subscriber.url, namespace }),
  );
  const { eventsUrl } = await startDev([
    '-f',
    await directoryWith({ 'all.yaml': manifests.join('') }),
  ]);
  for (const id of compressions) {
    await expect
      .poll(async () => (await post(`${eventsUrl}/${namespace}/${id}`, { id })).status, SOON)
      .toBe(202);
  }
  await expect.poll(() => new Set(subscriber.ids), SOON).toEqual(new Set(compressions));
});
