/**
 * A process that publishes one event after the other and says which were accepted: `node publisher.js DIRECTORY
 * COUNT`. It writes `ready` when its channel is open and `accepted N` as soon as a publish resolves; with the
 * count `hold` it only keeps the directory open.
 */
import { makeEvent } from '@afflux/events';
import { noopLogger, noopMeter, systemClock, systemRandom } from '@afflux/kernel';
import { writeSync } from 'node:fs';
// A process that tests start: its arguments are its configuration.
// eslint-disable-next-line no-restricted-imports
import { argv } from 'node:process';
import { durableDriver } from '../driver.ts';
import { proof } from './proof.ts';

const [directory = '', count = ''] = argv.slice(2);

const driver = durableDriver({ directory });
const channel = driver.create({
  name: 'published',
  config: {},
  clock: systemClock,
  random: systemRandom,
  logger: noopLogger,
  meter: noopMeter,
});
try {
  await channel.start();
  channel.subscribe({
    id: 'reader',
    bounds: { eventsMax: 100, bytesMax: 2 ** 20 },
    overflow: 'backpressure',
  });
  await channel.settled();
  writeSync(1, 'ready\n');
  for (let number = 1; number <= Number(count); number += 1) {
    const event = makeEvent({ id: String(number), source: '/p', type: 't', data: proof(number) });
    await channel.publish([event]);
    writeSync(1, `accepted ${String(number)}\n`);
  }
  if (count === 'hold') await new Promise((resolve) => process.stdin.once('data', resolve));
  await channel.close();
  await driver.close?.();
} catch (error) {
  writeSync(1, `failed ${JSON.stringify(error)} ${(error as { code?: string }).code ?? ''}\n`);
  process.exitCode = 1;
}
