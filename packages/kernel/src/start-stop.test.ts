import { describe, expect, test } from 'vitest';
import { BaseComponent, startAll, stopAll } from './component.ts';
import { AffluxError } from './errors.ts';
import { FakeClock } from './testing/index.ts';

interface Behaviour {
  readonly start?: () => Promise<void>;
  readonly drain?: (signal: AbortSignal) => Promise<void>;
  readonly close?: () => Promise<void>;
}

const log: string[] = [];

class Recorded extends BaseComponent {
  readonly name: string;
  readonly #does: Behaviour;

  constructor(name: string, does: Behaviour = {}) {
    super();
    this.name = name;
    this.#does = does;
  }

  protected override async onStart(): Promise<void> {
    log.push(`start ${this.name}`);
    await this.#does.start?.();
  }

  protected override async onDrain(signal: AbortSignal): Promise<void> {
    log.push(`drain ${this.name}`);
    await this.#does.drain?.(signal);
  }

  protected override async onClose(): Promise<void> {
    log.push(`close ${this.name}`);
    await this.#does.close?.();
  }
}

const fail = (message: string) => (): Promise<void> => Promise.reject(new Error(message));
const hang = (): Promise<void> => new Promise(() => undefined);
const hangUntilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => {
      reject(new Error('cut short', { cause: signal.reason }));
    });
  });

async function running(...components: Recorded[]): Promise<Recorded[]> {
  await startAll(components);
  log.length = 0;
  return components;
}

async function errorOf(promise: Promise<unknown>): Promise<AffluxError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof AffluxError) return error;
  throw new Error('expected an AffluxError', { cause: error });
}

describe('startAll', () => {
  test('starts in order', async () => {
    log.length = 0;
    await startAll([new Recorded('a'), new Recorded('b')]);
    expect(log).toEqual(['start a', 'start b']);
  });

  test('closes in reverse what was started when one fails, and starts no more', async () => {
    log.length = 0;
    const last = new Recorded('c');
    const error = new Error('port taken');
    const failing = new Recorded('b', { start: () => Promise.reject(error) });
    await expect(startAll([new Recorded('a'), failing, last])).rejects.toBe(error);
    expect(log).toEqual(['start a', 'start b', 'close b', 'close a']);
    expect(last.state).toBe('idle');
  });

  test('closes all of them even when a close fails, and loses no error', async () => {
    log.length = 0;
    const error = await errorOf(
      startAll([
        new Recorded('a', { close: fail('stuck') }),
        new Recorded('b'),
        new Recorded('c', { start: fail('port taken') }),
      ]),
    );
    expect(log.filter((line) => line.startsWith('close'))).toEqual([
      'close c',
      'close b',
      'close a',
    ]);
    expect(error.code).toBe('AFFLUX_KERNEL_STOP_FAILED');
    expect(error.message).toMatch(/port taken; stuck/);
  });

  test('stops at an aborted signal', async () => {
    log.length = 0;
    const controller = new AbortController();
    const first = new Recorded('a', {
      start: () => {
        controller.abort();
        return Promise.resolve();
      },
    });
    const second = new Recorded('b');
    await expect(startAll([first, second], controller.signal)).rejects.toMatchObject({
      code: 'AFFLUX_KERNEL_ABORTED',
    });
    expect([first.state, second.state]).toEqual(['closed', 'idle']);
  });
});

describe('stopAll', () => {
  test('drains in reverse, then closes in reverse', async () => {
    const components = await running(new Recorded('a'), new Recorded('b'));
    const report = await stopAll(components, { graceMs: 100, clock: new FakeClock() });
    expect(report).toEqual({ undrained: [] });
    expect(log).toEqual(['drain b', 'drain a', 'close b', 'close a']);
  });

  test('leaves no timer behind', async () => {
    const clock = new FakeClock();
    await stopAll(await running(new Recorded('a')), { graceMs: 100, clock });
    expect(clock.pending).toBe(0);
  });

  test.each([
    ['obeys', hangUntilAborted],
    ['ignores', hang],
  ])(
    'a drain that %s its signal ends with the grace period and is reported',
    async (_how, drain) => {
      const clock = new FakeClock();
      const components = await running(
        new Recorded('a', { drain: () => clock.sleep(30) }),
        new Recorded('b', { drain }),
        new Recorded('c', { drain: () => clock.sleep(60) }),
      );
      const stopping = stopAll(components, { graceMs: 100, clock });
      await clock.advance(99);
      expect(log).toEqual(['drain c', 'drain b']);
      await clock.advance(1);
      // Every component is told to drain, also when there is no time left to wait for it.
      expect(await stopping).toEqual({ undrained: ['b', 'a'] });
      expect(log).toEqual(['drain c', 'drain b', 'drain a', 'close c', 'close b', 'close a']);
    },
  );

  test('what does not run has nothing to drain and is not reported', async () => {
    const clock = new FakeClock();
    const [stuck] = await running(new Recorded('stuck', { drain: hang }));
    const idle = new Recorded('idle');
    const stopping = stopAll(stuck === undefined ? [] : [idle, stuck], { graceMs: 100, clock });
    await clock.advance(100);
    expect(await stopping).toEqual({ undrained: ['stuck'] });
    expect(idle.state).toBe('closed');
  });

  test('one that fails to drain or to close stops nothing, and all errors are collected', async () => {
    const components = await running(
      new Recorded('a', { close: fail('no close') }),
      new Recorded('b'),
      new Recorded('c', { drain: fail('no drain') }),
    );
    const error = await errorOf(stopAll(components, { graceMs: 100, clock: new FakeClock() }));
    expect(components.map(({ state }) => state)).toEqual(['closed', 'closed', 'closed']);
    expect(error).toMatchObject({ code: 'AFFLUX_KERNEL_STOP_FAILED', retryable: false });
    expect(error.message).toMatch(/^2 .*no drain; no close$/);
    expect((error.cause as AggregateError).errors).toHaveLength(2);
  });

  test('a close that hangs is left behind when its time is over', async () => {
    const clock = new FakeClock();
    const components = await running(new Recorded('a'), new Recorded('b', { close: hang }));
    const error = errorOf(stopAll(components, { graceMs: 100, closeMs: 50, clock }));
    await clock.advance(50);
    expect((await error).message).toContain('b did not close in time');
    expect(log).toEqual(['drain b', 'drain a', 'close b', 'close a']);
  });

  test('says that a retry can help only when every error says so', async () => {
    const busy = new AffluxError('busy', { code: 'AFFLUX_TEST_BUSY', retryable: true });
    const components = await running(new Recorded('a', { close: () => Promise.reject(busy) }));
    const error = await errorOf(stopAll(components, { graceMs: 1, clock: new FakeClock() }));
    expect(error.retryable).toBe(true);
  });
});
