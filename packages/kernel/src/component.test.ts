import { describe, expect, test } from 'vitest';
import { BaseComponent } from './component.ts';
import type { ComponentState } from './component.ts';
import { settle } from './testing/index.ts';

type Step = 'start' | 'drain' | 'close' | 'abort' | 'started' | 'failed' | 'drained';

const STEPS: readonly Step[] = ['start', 'drain', 'close', 'abort', 'started', 'failed', 'drained'];

/** The moves that the picture in component.ts allows. */
const MOVES: Readonly<Record<ComponentState, readonly ComponentState[]>> = {
  idle: ['starting', 'closed'],
  starting: ['running', 'closed'],
  running: ['draining', 'closed'],
  draining: ['closed'],
  closed: [],
};

interface Gate {
  readonly promise: Promise<void>;
  open(error?: Error): void;
}

function gate(): Gate {
  let open: Gate['open'] = () => undefined;
  const promise = new Promise<void>((resolve, reject) => {
    open = (error) => {
      if (error === undefined) resolve();
      else reject(error);
    };
  });
  // A gate may be opened with an error before, or without, anybody waiting at it.
  promise.catch(() => undefined);
  return { promise, open };
}

/** Waits at gates in its hooks and counts what it holds: one resource from the end of `onStart` on. */
class GatedComponent extends BaseComponent {
  readonly name = 'gated';
  readonly start$ = gate();
  readonly drain$ = gate();
  /** Whether hooks stop waiting when their signal aborts, as they should. */
  readonly obeys: boolean;
  readonly calls: string[] = [];
  held = 0;

  constructor(obeys: boolean) {
    super();
    this.obeys = obeys;
  }

  protected override async onStart(signal: AbortSignal): Promise<void> {
    this.calls.push('start');
    await this.#wait(this.start$, signal);
    this.held = 1;
  }

  protected override async onDrain(signal: AbortSignal): Promise<void> {
    this.calls.push(`drain when ${this.state}`);
    await this.#wait(this.drain$, signal);
  }

  protected override onClose(): Promise<void> {
    this.calls.push('close');
    this.held = 0;
    return Promise.resolve();
  }

  #wait(at: Gate, signal: AbortSignal): Promise<void> {
    if (!this.obeys) return at.promise;
    return Promise.race([
      at.promise,
      new Promise<void>((_, reject) => {
        const stop = (): void => {
          reject(new Error('aborted', { cause: signal.reason }));
        };
        if (signal.aborted) stop();
        else signal.addEventListener('abort', stop);
      }),
    ]);
  }
}

/** Every order of up to `length` steps, the same step any number of times. */
function orders(length: number): (readonly Step[])[] {
  if (length === 0) return [[]];
  const shorter = orders(length - 1);
  const longest = shorter.filter((steps) => steps.length === length - 1);
  return [...shorter, ...longest.flatMap((steps) => STEPS.map((step) => [...steps, step]))];
}

async function play(steps: readonly Step[], obeys: boolean): Promise<void> {
  const component = new GatedComponent(obeys);
  const controller = new AbortController();
  const promises: Promise<unknown>[] = [];
  const seen: ComponentState[] = [component.state];
  const track = (promise: Promise<void>): void => {
    promises.push(promise.catch((error: unknown) => error));
  };
  for (const step of [...steps, 'close', 'started', 'drained'] as const) {
    if (step === 'start') track(component.start(controller.signal));
    if (step === 'drain') track(component.drain());
    if (step === 'close') await component.close();
    if (step === 'abort') controller.abort();
    if (step === 'started') component.start$.open();
    if (step === 'failed') component.start$.open(new Error('failed'));
    if (step === 'drained') component.drain$.open();
    seen.push(component.state);
    await settle();
    seen.push(component.state);
  }
  await Promise.all(promises);
  await component.close();

  const moves = seen.flatMap((state, index) => {
    const before = seen[index - 1] ?? 'idle';
    return state === before ? [] : [{ before, state }];
  });
  for (const { before, state } of moves) {
    // Between two looks a component may have gone two moves.
    const reachable =
      MOVES[before].includes(state) || MOVES[before].some((via) => MOVES[via].includes(state));
    expect(reachable, `${before} → ${state}`).toBe(true);
  }
  expect(component.state).toBe('closed');
  expect(component.held, 'everything is given back').toBe(0);
  const count = (call: string): number => component.calls.filter((made) => made === call).length;
  expect(count('start')).toBeLessThanOrEqual(1);
  expect(count('drain when draining')).toBeLessThanOrEqual(1);
  expect(component.calls.filter((call) => /^drain when (?!draining)/.test(call))).toEqual([]);
  expect(count('close')).toBeGreaterThanOrEqual(1);
  expect(count('close')).toBeLessThanOrEqual(1 + count('start'));
}

describe('in every order of start, drain, close, abort and the ends of the hooks', () => {
  test.each([true, false])(
    'only allowed moves are made and everything is given back (hooks obey their signal: %s)',
    async (obeys) => {
      const all = orders(4);
      expect(all).toHaveLength(1 + 7 + 7 ** 2 + 7 ** 3 + 7 ** 4);
      for (const steps of all) await play(steps, obeys);
    },
  );
});

describe('start', () => {
  test('resolves when the hook has, and is one start however often it is called', async () => {
    const component = new GatedComponent(true);
    expect(component.state).toBe('idle');
    const first = component.start();
    expect(component.state).toBe('starting');
    expect(component.start()).toBe(first);
    component.start$.open();
    await first;
    expect(component.state).toBe('running');
    await component.start();
    expect(component.calls).toEqual(['start']);
  });

  test('rejects with the error of the hook and leaves the component closed', async () => {
    const component = new GatedComponent(true);
    const error = new Error('port taken');
    component.start$.open(error);
    await expect(component.start()).rejects.toBe(error);
    expect([component.state, component.calls]).toEqual(['closed', ['start', 'close']]);
    await expect(component.start()).rejects.toMatchObject({
      code: 'AFFLUX_KERNEL_COMPONENT_STATE',
      details: { component: 'gated', state: 'closed' },
    });
  });

  test('a failure to close after it does not hide its error', async () => {
    class Broken extends BaseComponent {
      readonly name = 'broken';
      protected override onStart = (): Promise<void> => Promise.reject(new Error('first'));
      protected override onClose = (): Promise<void> => Promise.reject(new Error('second'));
    }
    const component = new Broken();
    await expect(component.start()).rejects.toThrow('first');
    await expect(component.close()).rejects.toThrow('second');
  });

  test('is refused while draining: a component lives once', async () => {
    const component = new GatedComponent(true);
    component.start$.open();
    await component.start();
    const draining = component.drain();
    await expect(component.start()).rejects.toMatchObject({ details: { state: 'draining' } });
    component.drain$.open();
    await draining;
    expect(component.state).toBe('draining');
  });

  test.each([true, false])(
    'an aborted signal makes it reject and closes (hook obeys: %s)',
    async (obeys) => {
      const component = new GatedComponent(obeys);
      const controller = new AbortController();
      const starting = component.start(controller.signal);
      controller.abort();
      component.start$.open();
      await expect(starting).rejects.toThrow(/abort/);
      expect([component.state, component.held]).toEqual(['closed', 0]);
    },
  );

  test('does nothing with a signal that aborted before', async () => {
    const component = new GatedComponent(true);
    await expect(component.start(AbortSignal.abort())).rejects.toMatchObject({
      code: 'AFFLUX_KERNEL_ABORTED',
    });
    expect(component.calls).toEqual(['close']);
  });
});

describe('close', () => {
  test('while starting it resolves at once, and what the start acquires later is given back', async () => {
    const component = new GatedComponent(false);
    const starting = component.start();
    await component.close();
    expect(component.state).toBe('closed');
    component.start$.open();
    await expect(starting).rejects.toMatchObject({ code: 'AFFLUX_KERNEL_COMPONENT_STATE' });
    expect([component.held, component.calls]).toEqual([0, ['start', 'close', 'close']]);
  });

  test('while starting it tells the hook by its signal', async () => {
    const component = new GatedComponent(true);
    const starting = component.start();
    await component.close();
    await expect(starting).rejects.toMatchObject({ cause: { message: 'aborted' } });
  });

  test('while draining it ends the drain', async () => {
    const component = new GatedComponent(true);
    component.start$.open();
    await component.start();
    const draining = component.drain();
    await component.close();
    await expect(draining).rejects.toThrow('aborted');
    expect(component.state).toBe('closed');
  });

  test('is one close however often it is called, by whatever name', async () => {
    const component = new GatedComponent(true);
    expect(component.close()).toBe(component.close());
    await component[Symbol.asyncDispose]();
    expect(component.calls).toEqual(['close']);
  });

  test('turns an exception of its hook into a rejection', async () => {
    class Throwing extends BaseComponent {
      readonly name = 'throwing';
      protected override onClose(): Promise<void> {
        throw new Error('sync');
      }
    }
    const component = new Throwing();
    await expect(component.close()).rejects.toThrow('sync');
    expect(component.state).toBe('closed');
  });
});

describe('drain', () => {
  test('does nothing unless running', async () => {
    const component = new GatedComponent(true);
    await component.drain();
    expect(component.state).toBe('idle');
    const starting = component.start();
    await component.drain();
    expect(component.state).toBe('starting');
    component.start$.open();
    await starting;
    await component.close();
    await component.drain();
    expect(component.calls).toEqual(['start', 'close']);
  });

  test('is one drain however often it is called, and hands its signal to the hook', async () => {
    const component = new GatedComponent(true);
    component.start$.open();
    await component.start();
    const controller = new AbortController();
    const draining = component.drain(controller.signal);
    expect(component.drain()).toBe(draining);
    controller.abort(new Error('grace ended'));
    await expect(draining).rejects.toMatchObject({ cause: { message: 'grace ended' } });
    expect(component.state).toBe('draining');
  });
});
