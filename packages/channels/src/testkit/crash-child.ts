/**
 * A process that the kit starts in order to kill it: it publishes to one channel without a pause, from several
 * producers, or takes and settles, and says on standard output what it began and what it was promised. Its
 * {@link CrashOrder} comes as the first message of its parent. No part of the test runner may be imported here.
 */
import { writeSync } from 'node:fs';
import { makeEvent } from '@afflux/events';
import { noopLogger, noopMeter, systemClock, systemRandom } from '@afflux/kernel';
import type { Channel } from '../channel.ts';
import type { ChannelDriver } from '../driver.ts';
import type { KilledSubject } from './case.ts';
import { configFor, KIND, NAMESPACE, textCodec, WIDE } from './terms.ts';

export interface CrashOrder {
  /** The module of the driver, and its export. */
  readonly url: string;
  readonly export: string;
  readonly place: string;
  readonly channel: string;
  readonly subscription: string;
  readonly does: 'publish' | 'consume';
  /** Prefix of the ids of its events. */
  readonly prefix: string;
}

/** What the child says: one line each, `word id`. */
export type CrashWord = 'ready' | 'sent' | 'accepted' | 'taken' | 'acknowledged';

const PRODUCERS = 8;
const BATCH_MAX = 3;
const IDLE_MS = 5;

/** Synchronous, so that what was said has left the process when it is killed. */
function say(word: CrashWord, id = ''): void {
  writeSync(1, `${word} ${id}\n`);
}

async function open(driver: ChannelDriver, order: CrashOrder, config: unknown): Promise<Channel> {
  const context = {
    name: order.channel,
    namespace: NAMESPACE,
    kind: KIND,
    config: configFor(config ?? {}, order.channel),
    clock: systemClock,
    random: systemRandom,
    logger: noopLogger,
    meter: noopMeter,
  };
  await driver.provision?.(context).ensure();
  const channel = driver.create(context);
  await channel.start();
  return channel;
}

async function produce(channel: Channel, prefix: string, producer: number): Promise<never> {
  for (let made = 0; ;) {
    const ids = Array.from({ length: 1 + (made % BATCH_MAX) }, () => {
      made += 1;
      return `${prefix}.${String(producer)}.${String(made)}`;
    });
    for (const id of ids) say('sent', id);
    const events = ids.map((id) =>
      makeEvent({ id, source: '/kit', type: 'kit.event', data: Buffer.alloc(200) }),
    );
    await channel.publish(events);
    for (const id of ids) say('accepted', id);
  }
}

async function consume(channel: Channel, id: string): Promise<never> {
  const terms = { bounds: WIDE, overflow: 'backpressure', codec: textCodec } as const;
  const subscription = channel.subscribe({ id, ...terms });
  await subscription.ready;
  for (let taken = 0; ;) {
    const delivery = subscription.take();
    if (delivery === undefined) {
      await systemClock.sleep(IDLE_MS);
      continue;
    }
    taken += 1;
    say('taken', delivery.event.id);
    if (taken % 4 === 0) continue;
    delivery.ack();
    say('acknowledged', delivery.event.id);
    await systemClock.sleep(1);
  }
}

async function run(order: CrashOrder): Promise<void> {
  const module = (await import(order.url)) as Record<string, KilledSubject>;
  const subject = module[order.export];
  if (subject === undefined) throw new Error(`${order.url} has no export ${order.export}`);
  const channel = await open(subject.driver(order.place), order, subject.config);
  say('ready');
  if (order.does === 'consume') await consume(channel, order.subscription);
  const producers = Array.from({ length: PRODUCERS }, (_, index) =>
    produce(channel, order.prefix, index),
  );
  await Promise.all(producers);
}

process.once('message', (order) => {
  void run(order as CrashOrder);
});
// Whoever started it is gone.
process.once('disconnect', () => {
  process.exit(1);
});
