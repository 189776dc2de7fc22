/** Couriers over a sender that answers from a list, with everything they tell recorded. */
import type { CloudEvent } from '@afflux/events';
import type { Random } from '@afflux/kernel';
import { FakeClock, recordingLogger, RecordingMeter } from '@afflux/kernel/testing';
import { Courier } from '../courier.ts';
import type { CourierOptions, Sender } from '../courier.ts';
import type { Outcome, SendRequest, Success } from '../outcome.ts';
import type { DeliveryPlan, Progress, Settlement } from '../plan.ts';

const MIDDLE: Random = { next: () => 0.5 };
export const LABELS = {
  destination: 'trigger:orders.default',
  brokerName: 'main',
  brokerNamespace: 'default',
};
export const NEVER: AbortSignal = new AbortController().signal;

/** Answers requests from a list, the last one for ever, and keeps what it was asked. */
export function scriptedSender(
  ...outcomes: readonly Outcome[]
): Sender & { requests: SendRequest[] } {
  const requests: SendRequest[] = [];
  return {
    requests,
    send(request) {
      requests.push(request);
      const outcome = outcomes[Math.min(requests.length, outcomes.length) - 1];
      return Promise.resolve(outcome ?? success());
    },
  };
}

export function success(more: Partial<Success> = {}): Success {
  return { kind: 'success', status: 202, durationMs: 40, ...more };
}

export function status(code: number, retryable: boolean, body = ''): Outcome {
  return {
    kind: 'failure',
    reason: 'status',
    status: code,
    retryable,
    responseStart: Buffer.from(body),
    message: `the target answered with status ${String(code)}`,
    durationMs: 40,
  };
}

export function setUp(
  sender: Sender,
  plan: Partial<DeliveryPlan> = {},
  more: Partial<CourierOptions> = {},
) {
  const clock = new FakeClock();
  const logger = recordingLogger();
  const meter = new RecordingMeter();
  const courier = new Courier({
    sender,
    plan: {
      subscriber: { url: 'http://subscriber.example/' },
      retry: 1,
      backoffPolicy: 'linear',
      backoffDelayMs: 100,
      namespace: 'default',
      ...plan,
    },
    labels: LABELS,
    clock,
    random: MIDDLE,
    logger,
    meter,
    ...more,
  });
  return { courier, clock, logger, meter };
}

/** Takes one event to its end, moving time through every wait. */
export async function settle(
  courier: Courier,
  clock: FakeClock,
  event: CloudEvent,
  progress?: Progress,
) {
  const steps: Settlement[] = [];
  for (let at = progress; steps.length < 1000;) {
    const settlement = await courier.deliver(event, at, NEVER);
    steps.push(settlement);
    if (settlement.kind === 'done') return { outcome: settlement.outcome, steps };
    if (settlement.kind === 'dead-letter') return { outcome: 'stored', steps };
    at = settlement.progress;
    await clock.advance(settlement.delayMs);
  }
  throw new Error('the event did not come to an end');
}
