/**
 * Publishers on the channel interface of a driver, in a process of its own: what is compared with the bare loop on
 * the same client library. `<kafka|rabbitmq> <config as JSON>`; makes its topic or exchange and removes it.
 */
import type { ChannelDriver } from '@afflux/channels';
import { makeEvent } from '@afflux/events';
import { noopLogger, noopMeter, systemClock, systemRandom } from '@afflux/kernel';
import { publishLoop, type PublishLoad } from './bare-producer.ts';
import { serveQuestions } from './child.ts';
import { EVENT_TYPE, KIB } from './stage.ts';

const BODY = Buffer.alloc(KIB, 'x');

async function driverOf(backEnd: string): Promise<ChannelDriver> {
  if (backEnd === 'kafka') return (await import('@afflux/channel-kafka')).kafkaDriver();
  return (await import('@afflux/channel-rabbitmq')).rabbitmqDriver();
}

await serveQuestions(async () => {
  const [backEnd = '', config = '{}'] = process.argv.slice(2);
  const driver = await driverOf(backEnd);
  const context = {
    name: 'bench',
    namespace: 'bench',
    config: JSON.parse(config) as unknown,
    clock: systemClock,
    random: systemRandom,
    logger: noopLogger,
    meter: noopMeter,
  };
  const provision = driver.provision?.(context);
  await provision?.ensure();
  await provision?.ensureSubscription({ id: 'reader' });
  const channel = driver.create(context);
  await channel.start();
  let sent = 0;
  const publish = async (): Promise<void> => {
    sent += 1;
    const event = makeEvent({
      id: String(sent),
      source: '/bench/producer',
      type: EVENT_TYPE,
      time: '2026-11-22T10:00:00Z',
      subject: 'orders/4711',
      datacontenttype: 'application/octet-stream',
      data: BODY,
    });
    await channel.publish([event]);
  };
  return {
    publish: (load) => publishLoop(publish, load as PublishLoad),
    remove: async () => {
      await channel.close();
      await provision?.removeSubscription({ id: 'reader' });
      await provision?.remove();
      return true;
    },
  };
});
