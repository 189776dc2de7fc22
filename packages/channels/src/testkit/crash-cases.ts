/** Rules of what survives the worst: a process killed in the middle of its work, and answers that never come. */
import { seededRandom } from '@afflux/kernel';
import { expect } from 'vitest';
import { CHANNEL_METRICS } from '../telemetry.ts';
import type { ChannelCase, ChannelUnderTest } from './case.ts';
import type { Capabilities } from '../driver.ts';
import { CrashingProcess } from './crash.ts';
import type { CrashOrder } from './crash-child.ts';
import { KIND, NAMESPACE, refusal, type World } from './world.ts';

const SUBSCRIPTION = 'reader';
const ROUNDS = 3;
const TIMEOUT_MS = 120_000;
/** Longest that the case waits for a publish whose answer does not come. */
const ANSWER_MS_MAX = 90_000;
const STEP_MS = 500;

function isKillable({ durable }: Capabilities, { killable }: ChannelUnderTest): boolean {
  return durable && killable !== undefined;
}

function orderFor(world: World, channel: string, rest: Pick<CrashOrder, 'does' | 'prefix'>) {
  const { killable } = world.subject;
  return {
    url: killable?.url.href ?? '',
    export: killable?.export ?? '',
    place: world.place,
    channel,
    subscription: SUBSCRIPTION,
    ...rest,
  };
}

/** Each producer waits for one publish before the next: its events are in order. */
function expectOrderOfProducers(ids: readonly string[]): void {
  const last = new Map<string, number>();
  for (const id of ids) {
    const [prefix, producer, made] = id.split('.');
    const who = `${String(prefix)}.${String(producer)}`;
    expect(Number(made), `${id} after ${String(last.get(who))}`).toBeGreaterThan(
      last.get(who) ?? 0,
    );
    last.set(who, Number(made));
  }
}

export const crashCases: readonly ChannelCase[] = [
  {
    title:
      'what was accepted survives SIGKILL in the middle of a publish, and nothing else appears',
    applies: isKillable,
    needsRealTime: true,
    timeoutMs: TIMEOUT_MS,
    run: async (world) => {
      const random = seededRandom(4);
      let channel = await world.open();
      await world.subscribe(channel, SUBSCRIPTION);
      const sent = new Set<string>();
      const accepted = new Set<string>();
      for (let round = 0; round < ROUNDS; round += 1) {
        await world.release();
        const prefix = `round-${String(round)}`;
        const child = new CrashingProcess(
          orderFor(world, channel.name, { does: 'publish', prefix }),
        );
        await child.hears(world, 'accepted', 1 + Math.floor(random.next() * 60));
        await child.kill();
        for (const id of child.heard('sent')) sent.add(id);
        for (const id of child.heard('accepted')) accepted.add(id);
      }
      channel = await world.beside(channel);
      const subscription = await world.subscribe(channel, SUBSCRIPTION);
      const delivered = await world.ackMany(subscription, accepted.size);
      delivered.push(...(await world.drainIds(subscription)));
      const found = new Set(delivered);
      expect([...accepted].filter((id) => !found.has(id))).toEqual([]);
      expect(delivered.filter((id) => !sent.has(id))).toEqual([]);
      if (world.capabilities.order === 'total') expectOrderOfProducers(delivered);
    },
  },
  {
    title: 'what a killed reader had not acknowledged comes again, and little of what it had',
    applies: isKillable,
    needsRealTime: true,
    timeoutMs: TIMEOUT_MS,
    run: async (world) => {
      const channel = await world.open();
      await world.subscribe(channel, SUBSCRIPTION);
      const events = world.events(200);
      await world.publish(channel, ...events);
      await world.release();
      const child = new CrashingProcess(
        orderFor(world, channel.name, { does: 'consume', prefix: 'none' }),
      );
      await child.hears(world, 'acknowledged', 60);
      await child.kill();
      // It may have been killed after it had acknowledged the last one that it took, and before it said so.
      const settled = new Set([...child.heard('acknowledged'), child.heard('taken').at(-1)]);
      const left = events.filter(({ id }) => !settled.has(id));
      const reopened = await world.beside(channel);
      const subscription = await world.subscribe(reopened, SUBSCRIPTION);
      const delivered = await world.ackMany(subscription, left.length);
      delivered.push(...(await world.drainIds(subscription)));
      const found = new Set(delivered);
      expect(left.filter(({ id }) => !found.has(id))).toEqual([]);
      expect(found.size).toBe(delivered.length);
    },
  },
  {
    title: 'a publish whose answer is lost is there or not, and its producer is told that',
    applies: (_capabilities, { interrupt }) => interrupt !== undefined,
    timeoutMs: TIMEOUT_MS,
    run: async (world) => {
      const interruption = await world.subject.interrupt?.(world.place);
      if (interruption === undefined) return expect.fail('no interruption');
      try {
        const channel = await world.open(undefined, interruption.config);
        const subscription = await world.subscribe(channel, SUBSCRIPTION);
        const [before, lost, after] = world.events(3);
        if (before === undefined || lost === undefined || after === undefined) return;
        await world.publish(channel, before);
        await interruption.cut();
        const error = await world.whileTimePasses(
          refusal(() => world.publish(channel, lost)),
          { stepMs: STEP_MS, maxMs: ANSWER_MS_MAX },
        );
        expect(error).toMatchObject({ code: 'AFFLUX_CHANNEL_OUTCOME_UNKNOWN', retryable: true });
        await interruption.restore();
        await world.whileTimePasses(world.publishStubbornly(channel, after), {
          stepMs: STEP_MS,
          maxMs: ANSWER_MS_MAX,
        });
        const found = new Set([
          ...(await world.ackMany(subscription, 2)),
          ...(await world.drainIds(subscription)),
        ]);
        found.delete(lost.id);
        expect([...found].sort()).toEqual([before.id, after.id].sort());
        const labels = [NAMESPACE, KIND, channel.name];
        expect(world.meter.sum(CHANNEL_METRICS.unavailable, ...labels)).toBeGreaterThan(0);
        const told = world.logger.lines.filter(
          ({ level }) => level === 'warn' || level === 'error',
        );
        expect(told.length, 'the loss of the back-end is logged').toBeGreaterThan(0);
      } finally {
        await world.close();
        await interruption.close();
      }
    },
  },
];
