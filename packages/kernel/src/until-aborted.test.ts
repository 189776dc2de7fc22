import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { untilAborted } from './until-aborted.ts';

test('settles as the work does, and leaves no listener behind', async () => {
  const { signal } = new AbortController();
  expect(await untilAborted(Promise.resolve('done'), signal)).toBe('done');
  await expect(untilAborted(Promise.reject(new Error('broken')), signal)).rejects.toThrow('broken');
  expect(await untilAborted(Promise.resolve('alone'), undefined)).toBe('alone');
  await Promise.resolve();
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
});

test('ends with the signal, before or later, whatever the work does afterwards', async () => {
  let fail: (error: Error) => void = () => undefined;
  const work = new Promise<never>((_, reject) => (fail = reject));
  const controller = new AbortController();
  const waiting = untilAborted(work, controller.signal);
  controller.abort();
  await expect(waiting).rejects.toMatchObject({ code: 'AFFLUX_KERNEL_ABORTED' });
  await expect(untilAborted(work, controller.signal)).rejects.toMatchObject({
    code: 'AFFLUX_KERNEL_ABORTED',
  });
  fail(new Error('too late'));
});
