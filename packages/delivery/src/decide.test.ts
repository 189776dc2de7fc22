import { makeEvent } from '@afflux/events';
import type { Random } from '@afflux/kernel';
import { seededRandom } from '@afflux/kernel';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { overflowProgress } from './dead-letter.ts';
import { decide, decideWithoutTarget } from './decide.ts';
import type { Decision } from './decide.ts';
import { failed } from './outcome.ts';
import type { Failed, FailureReason, Outcome, Success } from './outcome.ts';
import { initialProgress } from './plan.ts';
import type { DeliveryPlan, Progress } from './plan.ts';

const NOW_MS = Date.UTC(2026, 0, 1);
/** Jitter of exactly zero. */
const MIDDLE: Random = { next: () => 0.5 };
const reply = makeEvent({ id: 'r-1', source: '/r', type: 'reply' });

function planOf(more: Partial<DeliveryPlan> = {}): DeliveryPlan {
  return {
    subscriber: { url: 'http://user:pw@sub.example/path?token=canary#x' },
    reply: { url: 'http://reply.example/' },
    deadLetter: { url: 'http://dls.example/' },
    retry: 2,
    backoffPolicy: 'exponential',
    backoffDelayMs: 200,
    namespace: 'default',
    ...more,
  };
}

function withoutDeadLetter(more: Partial<DeliveryPlan> = {}): DeliveryPlan {
  const { deadLetter: _none, ...plan } = planOf(more);
  return plan;
}

function at(stage: Progress['stage'], attempt = 0, more: Partial<Progress> = {}): Progress {
  return { stage, attempt, ...more };
}

function success(more: Partial<Success> = {}): Success {
  return { kind: 'success', status: 200, durationMs: 1, ...more };
}

function status(code: number, more: Partial<Failed> = {}): Failed {
  const retryable = [404, 408, 409, 429].includes(code) || code >= 500;
  return {
    kind: 'failure',
    reason: 'status',
    status: code,
    retryable,
    message: 'm',
    durationMs: 1,
    ...more,
  };
}

function step(progress: Progress, outcome: Outcome, plan: DeliveryPlan, random = MIDDLE): Decision {
  return decide(progress, outcome, plan, random, NOW_MS);
}

describe('success', () => {
  test('ends the delivery', () => {
    expect(step(at('subscriber'), success(), planOf()).settlement).toEqual({
      kind: 'done',
      outcome: 'delivered',
      healthy: true,
    });
  });

  test('with a reply goes on to the reply stage at once', () => {
    const outcome = success({ reply, replyPassthrough: ['knative-a', '1'] });
    expect(step(at('subscriber', 1), outcome, planOf()).settlement).toEqual({
      kind: 'retry',
      delayMs: 0,
      healthy: true,
      progress: { stage: 'reply', attempt: 0, reply, replyPassthrough: ['knative-a', '1'] },
    });
  });

  test('with a reply that has nowhere to go is delivered', () => {
    const { reply: _none, ...plan } = planOf();
    expect(step(at('subscriber'), success({ reply }), plan).settlement).toMatchObject({
      kind: 'done',
      outcome: 'delivered',
    });
  });

  test('at the reply stage is delivered, at the dead letter stage dead-lettered', () => {
    expect(step(at('reply'), success(), planOf()).settlement).toMatchObject({
      outcome: 'delivered',
    });
    expect(step(at('dead-letter', 7), success(), planOf()).settlement).toMatchObject({
      outcome: 'dead-lettered',
    });
  });

  test.each(['not-an-event', 'invalid', 'accepted-202'] as const)(
    'with a body that is ignored (%s) counts under a lenient policy',
    (replyIgnored) => {
      const { settlement } = step(at('subscriber'), success({ replyIgnored }), planOf());
      expect(settlement).toMatchObject({ kind: 'done', outcome: 'delivered' });
    },
  );

  test.each(['not-an-event', 'invalid'] as const)(
    'with a body that is no event (%s) is dead-lettered without retry under a strict policy',
    (replyIgnored) => {
      const outcome = success({ replyIgnored, responseStart: Buffer.from('ok') });
      const { settlement } = step(at('subscriber'), outcome, planOf({ replyPolicy: 'strict' }));
      expect(settlement).toMatchObject({
        kind: 'retry',
        delayMs: 0,
        healthy: true,
        progress: {
          stage: 'dead-letter',
          attempt: 0,
          failure: { reason: 'invalid-reply', code: 502, data: 'b2s=', attempts: 1 },
        },
      });
    },
  );

  test('with 202 and a body is a success under a strict policy too', () => {
    const outcome = success({ status: 202, replyIgnored: 'accepted-202' });
    const { settlement } = step(at('subscriber'), outcome, planOf({ replyPolicy: 'strict' }));
    expect(settlement).toMatchObject({ outcome: 'delivered' });
  });
});

describe('failure of a subscriber or a reply', () => {
  const stages = ['subscriber', 'reply'] as const;

  test.each(stages)('at stage %s is retried at the same stage', (stage) => {
    const progress = at(stage, 1, stage === 'reply' ? { reply } : {});
    expect(step(progress, status(500), planOf()).settlement).toEqual({
      kind: 'retry',
      delayMs: 400,
      healthy: true,
      progress: { ...progress, attempt: 2 },
    });
  });

  test.each(stages)('at stage %s is dead-lettered after retry + 1 attempts', (stage) => {
    const outcome = status(503, { responseStart: Buffer.from('busy') });
    const { settlement, failure } = step(at(stage, 2), outcome, planOf());
    expect(settlement).toMatchObject({
      kind: 'retry',
      delayMs: 0,
      progress: { stage: 'dead-letter', attempt: 0 },
    });
    expect(failure).toEqual({
      destination: stage === 'subscriber' ? 'http://sub.example/path' : 'http://reply.example/',
      code: 503,
      data: 'YnVzeQ==',
      reason: 'status',
      stage,
      attempts: 3,
      atMs: NOW_MS,
    });
  });

  test('the failed reply is not part of what is dead-lettered', () => {
    const { settlement } = step(at('reply', 2, { reply }), status(500), planOf());
    expect(settlement).toMatchObject({
      progress: expect.not.objectContaining({ reply }) as object,
    });
  });

  test.each([300, 301, 304, 308, 400, 401, 403, 405, 410, 413, 415, 418, 422, 499, 600])(
    'status %i is not retried',
    (code) => {
      expect(step(at('subscriber'), status(code, { retryable: false }), planOf())).toMatchObject({
        settlement: { progress: { stage: 'dead-letter' } },
        failure: { code },
      });
    },
  );

  test.each([
    ['connection', true, 500],
    ['timeout', true, 500],
    ['address-refused', false, 500],
    ['response-too-large', false, 502],
    ['invalid-request', false, 500],
  ] as const)('reason %s: retried %s, code %i', (reason, retryable, code) => {
    const outcome = failed(reason, 'what happened', { retryable });
    const first = step(at('subscriber'), outcome, planOf());
    expect(first.settlement).toMatchObject({
      progress: { stage: retryable ? 'subscriber' : 'dead-letter' },
    });
    const last = step(at('subscriber', 2), outcome, planOf());
    expect(last.failure).toMatchObject({ code, reason });
    const data = Buffer.from(last.failure?.data ?? '', 'base64').toString();
    expect(data).toBe('dispatch error: what happened');
  });

  test('without a dead letter sink ends in a drop that says why', () => {
    const { settlement, failure } = step(at('subscriber', 2), status(500), withoutDeadLetter());
    expect(settlement).toEqual({ kind: 'done', outcome: 'dropped', healthy: true });
    expect(failure).toMatchObject({ code: 500, attempts: 3 });
  });

  test('an aborted attempt counts as not made', () => {
    const progress = at('reply', 2, { reply });
    const outcome = failed('aborted', 'closing', { retryable: true });
    expect(step(progress, outcome, planOf()).settlement).toEqual({
      kind: 'retry',
      delayMs: 100,
      healthy: true,
      progress,
    });
  });

  test.each([0, 1, 767, 768, 769, 1024, 100_000])(
    'error data of a body of %i bytes has at most 1024 characters and decodes',
    (bytes) => {
      const responseStart = Buffer.alloc(bytes, 'é');
      const outcome = status(400, { retryable: false, responseStart });
      const data = step(at('subscriber'), outcome, planOf()).failure?.data ?? '';
      expect(data.length).toBeLessThanOrEqual(1024);
      expect(Buffer.from(data, 'base64')).toEqual(responseStart.subarray(0, 768));
    },
  );
});

describe('health', () => {
  test.each([
    ['connection', undefined, false],
    ['timeout', undefined, false],
    ['status', 429, false],
    ['status', 502, false],
    ['status', 503, false],
    ['status', 504, false],
    ['status', 500, true],
    ['status', 404, true],
    ['status', 400, true],
    ['invalid-request', undefined, true],
  ] as const)('%s %s: healthy %s', (reason, code, healthy) => {
    const outcome = { ...failed(reason, 'm', { retryable: true }), ...(code && { status: code }) };
    expect(step(at('subscriber'), outcome, planOf()).settlement.healthy).toBe(healthy);
    const dropped = step(at('subscriber', 2), outcome, withoutDeadLetter()).settlement;
    expect(dropped).toMatchObject({ kind: 'done', healthy });
    // The breaker guards the subscriber; other addresses do not count.
    expect(step(at('reply'), outcome, planOf()).settlement.healthy).toBe(true);
    expect(step(at('dead-letter'), outcome, planOf()).settlement.healthy).toBe(true);
  });
});

describe('waits', () => {
  function waits(plan: DeliveryPlan, outcome: Failed = status(500)): number[] {
    return Array.from({ length: plan.retry }, (_, attempt) => {
      const { settlement } = step(at('subscriber', attempt), outcome, plan);
      return settlement.kind === 'retry' ? settlement.delayMs : Number.NaN;
    });
  }

  test('linear backoff waits d, 2d, 3d', () => {
    const plan = planOf({ retry: 4, backoffPolicy: 'linear', backoffDelayMs: 100 });
    expect(waits(plan)).toEqual([100, 200, 300, 400]);
  });

  test('exponential backoff doubles and is capped', () => {
    const plan = planOf({ retry: 5, backoffDelayMs: 100, backoffMsMax: 1000 });
    expect(waits(plan)).toEqual([100, 200, 400, 800, 1000]);
  });

  test('the default cap is 5 minutes, however often it was tried', () => {
    const { settlement } = step(at('subscriber', 4000), status(500), planOf({ retry: 5000 }));
    expect(settlement).toMatchObject({ delayMs: 300_000 });
  });

  test.each([
    { backoffPolicy: undefined, backoffDelayMs: 500 },
    { backoffPolicy: 'linear', backoffDelayMs: undefined },
    { backoffPolicy: 'exponential', backoffDelayMs: 0 },
  ] as const)('without a complete backoff (%j) retries are 100 ms apart', (backoff) => {
    const { backoffPolicy: _policy, backoffDelayMs: _delay, ...rest } = planOf({ retry: 3 });
    const plan = { ...rest, ...JSON.parse(JSON.stringify(backoff)) } as DeliveryPlan;
    expect(waits(plan)).toEqual([100, 100, 100]);
  });

  test('Retry-After lengthens a wait, up to its cap, and never shortens one', () => {
    const asked = (retryAfterMs: number): Failed => status(429, { retryAfterMs });
    expect(waits(planOf(), asked(5000))).toEqual([5000, 5000]);
    expect(waits(planOf(), asked(10))).toEqual([200, 400]);
    expect(waits(planOf(), asked(3_600_000))).toEqual([300_000, 300_000]);
    expect(waits(planOf({ retryAfterMsMax: 1000 }), asked(5000))).toEqual([1000, 1000]);
    expect(waits(planOf({ retryAfterMsMax: 0 }), asked(5000))).toEqual([200, 400]);
  });
});

describe('dead letters', () => {
  test('a sink that is unreachable or says later is tried for ever, 1 s to the cap apart', () => {
    const { backoffPolicy: _policy, ...plan } = planOf();
    const waits = [0, 1, 2, 5, 8, 9, 100, 100_000].map((attempt) => {
      const { settlement } = step(at('dead-letter', attempt), status(503), plan);
      return settlement.kind === 'retry' ? settlement.delayMs : Number.NaN;
    });
    expect(waits).toEqual([1000, 2000, 4000, 32_000, 256_000, 300_000, 300_000, 300_000]);
  });

  test('the plan shapes the waits, but never below 1 s', () => {
    const plan = planOf({ backoffPolicy: 'linear', backoffDelayMs: 300, backoffMsMax: 2000 });
    const waits = [0, 3, 9].map((attempt) => {
      const { settlement } = step(at('dead-letter', attempt), status(500), plan);
      return settlement.kind === 'retry' ? settlement.delayMs : Number.NaN;
    });
    expect(waits).toEqual([1000, 1200, 2000]);
  });

  test.each([
    [0, 4],
    [2, 4],
    [10, 11],
  ])('T18 with retry %i a sink that refuses for good is asked %i times', (retry, times) => {
    const plan = planOf({ retry });
    let progress: Progress = at('dead-letter');
    for (let refusals = 1; refusals < times; refusals += 1) {
      const { settlement } = step(progress, status(400), plan);
      if (settlement.kind !== 'retry') throw new Error('dropped too early');
      expect(settlement.progress.stage).toBe('dead-letter');
      progress = settlement.progress;
    }
    const last = step(progress, status(400), plan);
    expect(last.settlement).toEqual({ kind: 'done', outcome: 'dropped', healthy: true });
    expect(last.failure).toMatchObject({
      stage: 'dead-letter',
      destination: 'http://dls.example/',
      code: 400,
      attempts: times,
    });
  });

  test('T18 only refusals count towards the drop', () => {
    let progress: Progress = at('dead-letter');
    for (const code of [503, 400, 500, 503, 404, 400, 429, 400]) {
      const { settlement } = step(progress, status(code), planOf());
      if (settlement.kind !== 'retry') throw new Error('dropped too early');
      progress = settlement.progress;
    }
    expect(progress).toMatchObject({ attempt: 8, refusals: 3 });
  });

  test('the failure that led there stays the one that is told', () => {
    const progress = overflowProgress(planOf(), NOW_MS);
    const { settlement } = step(progress, status(500), planOf());
    expect(settlement).toMatchObject({
      progress: {
        failure: { reason: 'overflow', code: 429, destination: 'http://sub.example/path' },
      },
    });
  });
});

describe('a plan that has changed meanwhile', () => {
  test('without subscriber goes on to the reply, without both is done', () => {
    const { subscriber: _subscriber, ...plan } = planOf();
    expect(initialProgress(plan)).toEqual({ stage: 'reply', attempt: 0 });
    expect(decideWithoutTarget(at('subscriber', 3), plan).settlement).toMatchObject({
      kind: 'retry',
      progress: { stage: 'reply', attempt: 0 },
    });
    const { reply: _reply, ...bare } = plan;
    expect(decideWithoutTarget(at('subscriber'), bare).settlement).toMatchObject({
      outcome: 'delivered',
    });
    expect(decideWithoutTarget(at('reply'), bare).settlement).toMatchObject({
      outcome: 'delivered',
    });
  });

  test('without the dead letter sink drops what waited for it', () => {
    const progress = overflowProgress(planOf(), NOW_MS);
    expect(decideWithoutTarget(progress, withoutDeadLetter())).toEqual({
      settlement: { kind: 'done', outcome: 'dropped', healthy: true },
      failure: progress.failure,
    });
  });
});

// ── Properties ────────────────────────────────────────────────────────────────────────────────────────

const REASONS: readonly FailureReason[] = [
  'connection',
  'timeout',
  'address-refused',
  'response-too-large',
  'invalid-request',
];

const anyFailure: fc.Arbitrary<Failed> = fc.oneof(
  fc
    .constantFrom(...REASONS)
    .chain((reason) => fc.boolean().map((retryable) => failed(reason, 'm', { retryable }))),
  fc
    .record({
      code: fc.integer({ min: 300, max: 599 }),
      retryAfterMs: fc.option(fc.nat({ max: 10_000_000 }), { nil: undefined }),
    })
    .map(({ code, retryAfterMs }) =>
      status(code, retryAfterMs === undefined ? {} : { retryAfterMs }),
    ),
);

const anyPlan: fc.Arbitrary<DeliveryPlan> = fc
  .record(
    {
      retry: fc.nat({ max: 20 }),
      backoffPolicy: fc.constantFrom('linear' as const, 'exponential' as const),
      backoffDelayMs: fc.nat({ max: 1_000_000 }),
      backoffMsMax: fc.integer({ min: 1, max: 1_000_000 }),
      retryAfterMsMax: fc.nat({ max: 1_000_000 }),
    },
    { requiredKeys: ['retry'] },
  )
  .map((some) => planOf({ ...some }));

describe('properties', () => {
  test('every stage takes at most retry + 1 attempts, then the event leaves it', () => {
    fc.assert(
      fc.property(
        anyPlan,
        fc.array(anyFailure, { minLength: 30, maxLength: 30 }),
        fc.constantFrom('subscriber' as const, 'reply' as const),
        fc.integer(),
        (plan, failures, stage, seed) => {
          const random = seededRandom(seed);
          let progress: Progress = at(stage);
          let attempts = 0;
          while (progress.stage === stage) {
            const outcome = failures[attempts];
            if (outcome === undefined) throw new Error('still at the stage after 30 failures');
            attempts += 1;
            const { settlement } = decide(progress, outcome, plan, random, NOW_MS);
            if (settlement.kind !== 'retry') throw new Error('there is a dead letter sink');
            progress = settlement.progress;
          }
          expect(attempts).toBeLessThanOrEqual(plan.retry + 1);
          expect(progress).toMatchObject({ stage: 'dead-letter', failure: { attempts } });
        },
      ),
    );
  });

  test('every wait is within its cap and jitter, and not before a capped Retry-After', () => {
    fc.assert(
      fc.property(
        anyPlan,
        anyFailure,
        fc.constantFrom('subscriber' as const, 'reply' as const, 'dead-letter' as const),
        fc.nat({ max: 5000 }),
        fc.integer(),
        (plan, outcome, stage, attempt, seed) => {
          const { settlement } = decide(
            at(stage, attempt),
            outcome,
            plan,
            seededRandom(seed),
            NOW_MS,
          );
          if (settlement.kind !== 'retry' || settlement.progress.stage !== stage) return;
          const askedMs = Math.min(outcome.retryAfterMs ?? 0, plan.retryAfterMsMax ?? 300_000);
          const capMs = Math.max(plan.backoffMsMax ?? 300_000, 100) * 1.1;
          expect(settlement.delayMs).toBeGreaterThanOrEqual(askedMs);
          expect(settlement.delayMs).toBeLessThanOrEqual(Math.max(capMs, askedMs));
          expect(settlement.delayMs).toBeGreaterThan(0);
        },
      ),
    );
  });

  test('with a dead letter sink only its own refusals lose an event', () => {
    fc.assert(
      fc.property(
        anyPlan,
        fc.array(anyFailure, { minLength: 1, maxLength: 200 }),
        (plan, failures) => {
          let progress: Progress = initialProgress(plan);
          let refusals = 0;
          for (const outcome of failures) {
            if (progress.stage === 'dead-letter' && !outcome.retryable) refusals += 1;
            const { settlement } = decide(progress, outcome, plan, MIDDLE, NOW_MS);
            if (settlement.kind !== 'retry') {
              expect(settlement).toMatchObject({ kind: 'done', outcome: 'dropped' });
              expect(refusals).toBe(Math.max(plan.retry, 3) + 1);
              return;
            }
            progress = settlement.progress;
          }
        },
      ),
    );
  });
});
