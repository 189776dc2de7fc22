/**
 * Sends dead letters back to the subscriptions that gave them up, in pages, at a bounded rate. What has become a
 * dead letter since the run began may be met too; one that fails again does not come round within the run,
 * because its id is new and the list goes on behind what was seen.
 *
 * Stopped in between, by the signal or a crash, it has sent some and left the others where they are: running it
 * again goes on.
 */
import type { Clock } from '@afflux/kernel';
import type { Channel, DeadLetter, DeadLetterPage } from '../channel.ts';
import { ChannelError, unsupported } from '../errors.ts';
import { Pace } from './pace.ts';

/** Most of one page; at a rate a page is about a second's worth, so that the progress keeps up. */
const PAGE_MAX = 100;

export interface RedriveProgress {
  readonly seen: number;
  /** Those that `accepts` wants. */
  readonly matched: number;
  /** Back in their backlog; 0 in a dry run. */
  readonly sent: number;
  /** Matched and not sent: the subscription is gone, or somebody else was faster. */
  readonly failed: number;
}

export interface RedriveOptions {
  readonly channel: Channel;
  /** Default: the dead letters of all. */
  readonly subscription?: string;
  /** Default: all. */
  readonly accepts?: (letter: DeadLetter) => boolean;
  readonly ratePerSecond?: number;
  /** Counts only. Default false. */
  readonly dryRun?: boolean;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
  /** Told after each page; `letters` are those of the page that matched. */
  readonly onProgress?: (progress: RedriveProgress, letters: readonly DeadLetter[]) => void;
}

/**
 * Rejects with `AFFLUX_CHANNEL_UNSUPPORTED` where the channel keeps no dead letters, with
 * `AFFLUX_KERNEL_ABORTED` when stopped; waits while the channel is full or its back-end away.
 */
export async function redrive(options: RedriveOptions): Promise<RedriveProgress> {
  const { channel, subscription, accepts = () => true, dryRun = false, signal } = options;
  const { deadLetters } = channel;
  if (deadLetters === undefined) {
    throw unsupported(channel.describe().type, 'deadLetters', 'redrive dead letters');
  }
  const pace = new Pace(options);
  const limit = Math.min(PAGE_MAX, Math.max(1, Math.floor(options.ratePerSecond ?? PAGE_MAX)));
  const counts = { seen: 0, matched: 0, sent: 0, failed: 0 };
  const scope = subscription === undefined ? {} : { subscription };
  let page: DeadLetterPage | undefined;
  do {
    const after = page?.next === undefined ? {} : { after: page.next };
    const wanted = { ...scope, ...after, limit, ...(signal === undefined ? {} : { signal }) };
    page = await pace.patiently(() => deadLetters.list(wanted));
    const letters = page.letters.filter(accepts);
    counts.seen += page.letters.length;
    counts.matched += letters.length;
    if (!dryRun) {
      for (const letter of letters) {
        await pace.spend(1);
        if (await sendBack(channel, letter, pace)) counts.sent += 1;
        else counts.failed += 1;
      }
    }
    options.onProgress?.({ ...counts }, letters);
  } while (page.next !== undefined);
  return counts;
}

async function sendBack(channel: Channel, letter: DeadLetter, pace: Pace): Promise<boolean> {
  const { subscription, id } = letter;
  try {
    const sent = await pace.patiently(async () => channel.deadLetters?.redrive(subscription, [id]));
    return sent === 1;
  } catch (error) {
    const isGone =
      error instanceof ChannelError && error.code === 'AFFLUX_CHANNEL_SUBSCRIPTION_UNKNOWN';
    if (isGone) return false;
    throw error;
  }
}
