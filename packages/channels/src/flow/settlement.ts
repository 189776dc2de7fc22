/** What a handler says about one attempt. */
import type { DeadLetterReason } from '../channel.ts';

/**
 * - `done`: the event leaves the subscription.
 * - `retry`: again after `delayMs`, from `progress`.
 * - `dead-letter`: the event becomes a dead letter of the channel; only where the channel keeps them.
 *
 * For the circuit breaker `healthy: false` says that the subscriber seems to be down, `delivered` (or no
 * outcome) that it is well. Everything else says nothing about it: the attempt may have gone to another
 * address, or the event itself may be what is refused.
 */
export type Settlement<P> =
  | {
      readonly kind: 'done';
      readonly outcome?: 'delivered' | 'dead-lettered' | 'dropped' | 'expired';
      /** Default true. */
      readonly healthy?: boolean;
    }
  | {
      readonly kind: 'retry';
      readonly delayMs: number;
      readonly progress: P;
      readonly healthy: boolean;
    }
  | {
      readonly kind: 'dead-letter';
      readonly letter: DeadLetterReason;
      readonly healthy: boolean;
    };
