/** What becomes of an event that no address takes, where the channel keeps dead letters. */
import { expect, test } from 'vitest';
import { overflowProgress } from './dead-letter.ts';
import { decideWithoutTarget } from './decide.ts';
import { LABELS, scriptedSender, settle, setUp, status } from './testing/couriers.ts';
import { testEvent } from './testing/servers.ts';

const ENDED = 'afflux_delivery_events_total';
const KEEPS = { keepsDeadLetters: true } as const;

test('without a dead letter sink the event becomes a dead letter of the channel, with its reason', async () => {
  const sender = scriptedSender(status(503, true, 'not now'));
  const { courier, clock, meter, logger } = setUp(sender, KEEPS);
  const { outcome, steps } = await settle(courier, clock, testEvent());
  expect(outcome).toBe('stored');
  expect(steps.at(-1)).toEqual({
    kind: 'dead-letter',
    healthy: false,
    letter: {
      reason: 'status',
      stage: 'subscriber',
      destination: 'http://subscriber.example/',
      code: 503,
      data: Buffer.from('not now').toString('base64'),
      attempts: 2,
      atMs: clock.now(),
    },
  });
  expect(meter.sum(ENDED, LABELS.destination, 'stored')).toBe(1);
  expect(meter.sum(ENDED, LABELS.destination, 'dropped')).toBe(0);
  const [warning] = logger.lines.filter(({ level }) => level === 'warn');
  expect(warning?.message).toBe('event became a dead letter of its channel');
});

test('a dead letter sink that takes the event leaves nothing for the channel', async () => {
  const sender = scriptedSender(status(422, false), {
    kind: 'success',
    status: 202,
    durationMs: 1,
  });
  const deadLetter = { url: 'http://sink.example/' };
  const { courier, clock } = setUp(sender, { ...KEEPS, deadLetter });
  expect((await settle(courier, clock, testEvent())).outcome).toBe('dead-lettered');
});

test('a dead letter sink that keeps refusing hands the event to the channel', async () => {
  const sender = scriptedSender(status(422, false));
  const deadLetter = { url: 'http://sink.example/' };
  const { courier, clock } = setUp(sender, { ...KEEPS, deadLetter });
  const { outcome, steps } = await settle(courier, clock, testEvent());
  expect(outcome).toBe('stored');
  expect(steps.at(-1)).toMatchObject({ letter: { stage: 'dead-letter', code: 422, attempts: 4 } });
});

test('what waited for a sink that was taken out of the plan goes to the channel', () => {
  const { courier, clock } = setUp(scriptedSender(), KEEPS);
  const progress = overflowProgress(courier.plan, clock.now());
  expect(decideWithoutTarget(progress, courier.plan).settlement).toMatchObject({
    kind: 'dead-letter',
    letter: { reason: 'overflow' },
  });
});
