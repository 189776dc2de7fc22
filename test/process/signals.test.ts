/** How `afflux dev` ends: what was accepted is delivered, or it is said what is left. */
import { describe, expect, it } from 'vitest';
import { brokerYaml, triggerYaml } from '../support/manifests.ts';
import { post } from '../support/process.ts';
import { gate, startSubscriber, type Subscriber } from '../support/subscriber.ts';
import { directoryWith, SOON, startDev, type Dev } from './command.ts';

/** Producers that post until they are refused. */
const PRODUCERS = 16;
/** Events accepted before anybody is told to stop. */
const BACKLOG = 300;

async function startOn(subscriber: Subscriber, shutdownGrace: string): Promise<Dev> {
  const directory = await directoryWith({
    'manifests/all.yaml': brokerYaml() + triggerYaml({ name: 'all', uri: subscriber.url }),
    'afflux.yaml': `shutdownGrace: ${shutdownGrace}\n`,
  });
  return startDev(['-f', 'manifests', '--config', 'afflux.yaml'], { cwd: directory });
}

interface Producers {
  /** Ids of the events that got a 202 so far. */
  readonly accepted: ReadonlySet<string>;
  /** Resolves when every producer has been refused or cut off. */
  readonly stopped: Promise<unknown>;
}

function startProducers(url: string): Producers {
  const accepted = new Set<string>();
  const produce = async (producer: number): Promise<void> => {
    for (let count = 0; ; count += 1) {
      const id = `${String(producer)}-${String(count)}`;
      const status = await post(url, { id }).then(
        (answer) => answer.status,
        () => 'cut off',
      );
      if (status !== 202) return;
      accepted.add(id);
    }
  };
  const stopped = Promise.all(Array.from({ length: PRODUCERS }, (_, index) => produce(index)));
  return { accepted, stopped };
}

function enough(producers: Producers): Promise<void> {
  return expect.poll(() => producers.accepted.size, SOON).toBeGreaterThan(BACKLOG);
}

/** Accepted and never delivered. */
function missing(producers: Producers, subscriber: Subscriber): string[] {
  const delivered = new Set(subscriber.ids);
  return [...producers.accepted].filter((id) => !delivered.has(id));
}

/** Events that the process said it could not deliver. */
function leftOf(errors: string): number {
  return Number(/^stopped: (\d+) event\(s\) were accepted and could not be/m.exec(errors)?.[1]);
}

describe('a signal to afflux dev under load', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    '%s delivers every event that got a 202, then ends with 0',
    async (signal) => {
      const held = gate();
      const subscriber = await startSubscriber(held.answer);
      const { process, eventsUrl } = await startOn(subscriber, '60s');
      const producers = startProducers(`${eventsUrl}/default/main`);
      await enough(producers);
      process.kill(signal);
      await process.printed(/^stopping: /m);
      await producers.stopped;
      held.open();
      expect(await process.exited).toEqual({ code: 0, signal: null });
      expect(process.errors).toContain('stopped: everything accepted was delivered\n');
      expect(missing(producers, subscriber)).toEqual([]);
    },
  );

  it('delivers to a subscriber that is up while producers never pause', async () => {
    const subscriber = await startSubscriber();
    const { process, eventsUrl } = await startOn(subscriber, '60s');
    const producers = startProducers(`${eventsUrl}/default/main`);
    await enough(producers);
    process.kill('SIGTERM');
    expect(await process.exited).toEqual({ code: 0, signal: null });
    await producers.stopped;
    expect(missing(producers, subscriber)).toEqual([]);
  });

  it('says how many events are left where the subscriber hangs, and ends with 0 in time', async () => {
    const subscriber = await startSubscriber(() => undefined);
    const { process, eventsUrl } = await startOn(subscriber, '1s');
    const producers = startProducers(`${eventsUrl}/default/main`);
    await enough(producers);
    const signalled = performance.now();
    process.kill('SIGTERM');
    expect(await process.exited).toEqual({ code: 0, signal: null });
    // The grace period, and as much again for a busy machine; a hang would be the test's whole time.
    expect(performance.now() - signalled).toBeLessThan(10_000);
    await producers.stopped;
    // More, if an answer did not reach its producer any more.
    expect(leftOf(process.errors)).toBeGreaterThanOrEqual(producers.accepted.size);
    expect(leftOf(process.errors)).toBeLessThanOrEqual(producers.accepted.size + PRODUCERS);
  });

  it('says what is left where nobody listens and retries would last longer', async () => {
    const directory = await directoryWith({
      'all.yaml':
        brokerYaml() +
        triggerYaml({
          name: 'all',
          uri: 'http://127.0.0.1:1/',
          spec: 'delivery:\n  retry: 5\n  backoffPolicy: linear\n  backoffDelay: PT60S',
        }),
      'afflux.yaml': 'shutdownGrace: 1s\n',
    });
    const { process, eventsUrl } = await startDev(['-f', 'all.yaml'], { cwd: directory });
    for (let sent = 0; sent < 3; sent += 1) await post(`${eventsUrl}/default/main`);
    process.kill('SIGTERM');
    expect(await process.exited).toEqual({ code: 0, signal: null });
    expect(leftOf(process.errors)).toBe(3);
  });

  it('ends at once, with 1, when it is told to stop a second time', async () => {
    const subscriber = await startSubscriber(() => undefined);
    const { process, eventsUrl } = await startOn(subscriber, '1h');
    await post(`${eventsUrl}/default/main`);
    await subscriber.received(1);
    process.kill('SIGTERM');
    await process.printed(/^stopping: .*once more to stop at once/m);
    process.kill('SIGTERM');
    expect(await process.exited).toEqual({ code: 1, signal: null });
  });
});
