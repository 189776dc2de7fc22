/** Waiting: for a while that the seed chose, or for a condition with a deadline. */
import { setTimeout as sleep } from 'node:timers/promises';

export async function passed(ms: number): Promise<void> {
  await sleep(ms);
}

/** Resolves with whether the condition became true in time. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  { withinMs, everyMs = 25 }: { readonly withinMs: number; readonly everyMs?: number },
): Promise<boolean> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    if (await condition()) return true;
    if (performance.now() >= deadline) return false;
    await sleep(everyMs);
  }
}
