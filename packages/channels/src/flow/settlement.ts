/** What a handler says about one attempt. */

/**
 * - `done`: the event leaves the subscription.
 * - `retry`: again after `delayMs`, from `progress`.
 *
 * For the circuit breaker `healthy: false` says that the subscriber seems to be down, `delivered` (or no
 * outcome) that it is well. Everything else says nothing about it: the attempt may have gone to another
 * address, or the event itself may be what is refused.
 */
export type Settlement<P> =
  | {
      readonly kind: 'done';
      readonly outcome?: 'delivered' | 'dead-lettered' | 'dropped';
      /** Default true. */
      readonly healthy?: boolean;
    }
  | {
      readonly kind: 'retry';
      readonly delayMs: number;
      readonly progress: P;
      readonly healthy: boolean;
    };
