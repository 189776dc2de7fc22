/**
 * Gives dead letters back to the subscriptions that failed. Only those that were there when the job began: one
 * that fails again is a new dead letter, and would come round for ever.
 */
import type { DeadLetter, DeadLetters } from '@afflux/channels';
import type { CloudEvent } from '@afflux/events';
import type { Clock } from '@afflux/kernel';
import type { JobProgress } from './job-table.ts';
import { BATCH_MAX, Pace } from './pace.ts';

export interface RedriveOptions {
  readonly sources: readonly {
    readonly letters: DeadLetters;
    readonly subscription: string | undefined;
  }[];
  readonly passes: ((event: CloudEvent) => boolean) | undefined;
  readonly ratePerSecond: number | undefined;
  /** Counts, and changes nothing. */
  readonly isDryRun: boolean;
  readonly clock: Clock;
}

export async function redrive(
  options: RedriveOptions,
  progress: JobProgress,
  signal: AbortSignal,
): Promise<void> {
  const { sources, clock, ratePerSecond } = options;
  const startedMs = clock.now();
  const pace = new Pace(clock, ratePerSecond);
  for (const { letters, subscription } of sources) {
    let after: string | undefined;
    do {
      const page = await letters.list({
        limit: BATCH_MAX,
        signal,
        ...(subscription === undefined ? {} : { subscription }),
        ...(after === undefined ? {} : { after }),
      });
      const wanted = page.letters.filter(
        ({ event, storedMs }) => storedMs <= startedMs && (options.passes?.(event) ?? true),
      );
      progress.scanned += page.letters.length;
      progress.matched += wanted.length;
      if (!options.isDryRun) await redriveAll(letters, wanted, { pace, progress, signal });
      after = page.next;
    } while (after !== undefined);
  }
}

async function redriveAll(
  letters: DeadLetters,
  wanted: readonly DeadLetter[],
  { pace, progress, signal }: { pace: Pace; progress: JobProgress; signal: AbortSignal },
): Promise<void> {
  for (const [subscription, ids] of idsBySubscription(wanted)) {
    for (let start = 0; start < ids.length; start += pace.batch) {
      const batch = ids.slice(start, start + pace.batch);
      await pace.take(batch.length, signal);
      progress.done += await letters.redrive(subscription, batch);
    }
  }
}

function idsBySubscription(letters: readonly DeadLetter[]): Map<string, string[]> {
  const ids = new Map<string, string[]>();
  for (const { subscription, id } of letters) {
    const known = ids.get(subscription);
    if (known === undefined) ids.set(subscription, [id]);
    else known.push(id);
  }
  return ids;
}
