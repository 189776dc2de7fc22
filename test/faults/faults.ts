/**
 * The faults, by name. Each strikes once, at a moment that the seed chose, and leaves a product that is down or at
 * work again; whoever needs one that runs starts it.
 */
import { CLOCK_STEP_MS, type Stage } from './stage.ts';
import type { Backend } from './backends.ts';
import { passed } from './wait.ts';

export interface Fault {
  readonly name: string;
  /** How often it is chosen, against the others. */
  readonly weight: number;
  /** Why it cannot strike here; undefined when it can. */
  unavailable(backend: Backend): string | undefined;
  strike(stage: Stage): Promise<void>;
}

/** The steps that the product names: see its `DURABILITY_STEPS`. */
const STEPS = [
  'before-write',
  'after-write',
  'after-sync',
  'before-response',
  'before-ack',
  'between-reply-and-commit',
  'mid-batch',
] as const;

const LOAD_MS_MAX = 300;
/** A step that the load does not reach in this time is not waited for any longer. */
const STEP_MS_MAX = 1_200;

function needsData({ durable }: Backend): string | undefined {
  return durable ? undefined : 'nothing survives the process';
}

const anywhere = (): undefined => undefined;

const none: Fault = {
  name: 'none',
  weight: 0,
  unavailable: anywhere,
  strike: async (stage) => {
    await stage.ensureUp();
    await passed(stage.options.chance.between(0, LOAD_MS_MAX));
  },
};

const kill: Fault = {
  name: 'kill',
  weight: 8,
  unavailable: needsData,
  strike: async (stage) => {
    await stage.ensureUp();
    await passed(stage.options.chance.between(0, LOAD_MS_MAX));
    await stage.kill();
  },
};

/** Recovery itself is cut short. */
const killAtStart: Fault = {
  name: 'kill-at-start',
  weight: 2,
  unavailable: needsData,
  strike: async (stage) => {
    await stage.ensureUp();
    await stage.kill();
    stage.launch();
    await passed(stage.options.chance.between(100, 600));
    await stage.kill();
  },
};

const stop: Fault = {
  name: 'stop',
  weight: 1,
  unavailable: needsData,
  strike: async (stage) => {
    const product = await stage.ensureUp();
    await passed(stage.options.chance.between(0, LOAD_MS_MAX));
    stage.recorder.fault('stop');
    product.signal('SIGTERM');
    await product.exited;
  },
};

function stepFault(step: (typeof STEPS)[number]): Fault {
  return {
    name: `step:${step}`,
    weight: 2,
    unavailable: needsData,
    strike: async (stage) => {
      const occurrence = stage.options.chance.between(1, 30);
      const product = await stage.ensureUp({ step, occurrence });
      await Promise.race([product.exited, passed(STEP_MS_MAX)]);
      // Dead already or not: for the history this is where it ended.
      await stage.kill();
    },
  };
}

function pause(name: string, ms: number, weight: number): Fault {
  return {
    name,
    weight,
    unavailable: anywhere,
    strike: async (stage) => {
      const product = await stage.ensureUp();
      await passed(stage.options.chance.between(0, LOAD_MS_MAX));
      stage.recorder.fault(name);
      product.signal('SIGSTOP');
      await passed(ms);
      product.signal('SIGCONT');
      stage.recorder.fault(name, 'end');
      stage.recorder.up();
    },
  };
}

const clock: Fault = {
  name: 'clock',
  weight: 1,
  unavailable: anywhere,
  strike: async (stage) => {
    const product = await stage.ensureUp();
    stage.recorder.fault('clock');
    product.signal('SIGUSR2');
    stage.recorder.up(CLOCK_STEP_MS);
    await passed(stage.options.chance.between(100, 2 * LOAD_MS_MAX));
    stage.recorder.fault('clock', 'end');
    product.signal('SIGUSR2');
    stage.recorder.up();
  },
};

export const FAULTS: readonly Fault[] = [
  none,
  kill,
  killAtStart,
  stop,
  ...STEPS.map(stepFault),
  pause('pause', 700, 1),
  clock,
];
