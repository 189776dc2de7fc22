import { expect, test } from 'vitest';
import { FakeClock, settle } from './fake-clock.ts';

test('time stands still until it is moved', async () => {
  const clock = new FakeClock();
  const before = [clock.now(), clock.monotonicMs()];
  await settle();
  expect([clock.now(), clock.monotonicMs()]).toEqual(before);
  await clock.advance(250);
  expect([clock.now(), clock.monotonicMs()]).toEqual(before.map((ms) => ms + 250));
});

test('timers run in order of their deadline, at that time, equal ones in order of arming', async () => {
  const clock = new FakeClock();
  const log: string[] = [];
  const note = (name: string) => () => log.push(`${name}@${String(clock.monotonicMs())}`);
  clock.setTimer(20, note('c'));
  clock.setTimer(10, note('a'));
  clock.setTimer(10, note('b'));
  await clock.advance(30);
  expect(log).toEqual(['a@10', 'b@10', 'c@20']);
});

test('a timer armed from a promise callback runs within the same advance', async () => {
  const clock = new FakeClock();
  let rounds = 0;
  const loop = async (): Promise<void> => {
    for (; rounds < 5; rounds += 1) await clock.sleep(10);
  };
  const running = loop();
  await clock.advance(49);
  expect(rounds).toBe(4);
  await clock.advance(1);
  await running;
  expect(rounds).toBe(5);
});

test('a timer cancelled by an earlier one at the same time does not run', async () => {
  const clock = new FakeClock();
  let ran = false;
  clock.setTimer(10, () => {
    second.cancel();
  });
  const second = clock.setTimer(10, () => (ran = true));
  await clock.advance(10);
  expect(ran).toBe(false);
});

test('says how many timers are armed and when the next is due', async () => {
  const clock = new FakeClock();
  expect([clock.pending, clock.nextDueInMs]).toEqual([0, undefined]);
  const timer = clock.setTimer(30, () => undefined);
  clock.setTimer(50, () => undefined);
  await clock.advance(10);
  expect([clock.pending, clock.nextDueInMs]).toEqual([2, 20]);
  timer.cancel();
  expect([clock.pending, clock.nextDueInMs]).toEqual([1, 40]);
});

test('F04 a jump of the wall clock moves no timer', async () => {
  const clock = new FakeClock(1_000_000);
  let ran = false;
  clock.setTimer(100, () => (ran = true));
  clock.jumpWallClock(-3_600_000);
  expect(clock.now()).toBe(1_000_000 - 3_600_000);
  await clock.advance(99);
  expect(ran).toBe(false);
  await clock.advance(1);
  expect(ran).toBe(true);
});
