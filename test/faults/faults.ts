/**
 * The faults, by name. Each strikes once, at a moment that the seed chose, and leaves a product that is down or at
 * work again; whoever needs one that runs starts it.
 */
import type { Backend } from './backends.ts';
import { disturbances } from './disturbances.ts';
import type { Fault } from './fault.ts';
import { passed } from './wait.ts';

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

/** A step that the load does not reach in this time is not waited for any longer. */
const STEP_MS_MAX = 1_200;
const OCCURRENCE_MAX = 30;

function needsData({ durable }: Backend): string | undefined {
  return durable ? undefined : 'nothing survives the process';
}

const none: Fault = {
  name: 'none',
  weight: 0,
  unavailable: () => undefined,
  strike: async (stage) => {
    await stage.ensureUp();
    await stage.loadForAWhile();
  },
};

const kill: Fault = {
  name: 'kill',
  weight: 8,
  unavailable: needsData,
  strike: async (stage) => {
    await stage.ensureUp();
    await stage.loadForAWhile();
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
    await stage.loadForAWhile();
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
      const occurrence = stage.options.chance.between(1, OCCURRENCE_MAX);
      const product = await stage.ensureUp({ step, occurrence });
      await Promise.race([product.exited, passed(STEP_MS_MAX + stage.options.backend.resumeMs)]);
      if (product.isRunning) stage.missed.push(step);
      // Dead already or not: for the history this is where it ended.
      await stage.kill();
    },
  };
}

export const FAULTS: readonly Fault[] = [
  none,
  kill,
  killAtStart,
  stop,
  ...STEPS.map(stepFault),
  ...disturbances,
];
