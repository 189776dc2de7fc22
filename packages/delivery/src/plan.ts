/**
 * What a subscription wants done with each event, and how far one event has come.
 *
 *     subscriber ── 2xx with a reply event ──▶ reply ── accepted ──▶ done
 *         │  └───── 2xx otherwise ────────────────────────────────▶ done
 *         └ exhausted or refused ──▶ dead-letter ◀── exhausted or refused ┘
 *                                         └── accepted ──▶ done
 *
 * Without a dead letter sink, or when it refuses for good, the event becomes a dead letter of the channel where the
 * channel keeps them, and is dropped elsewhere. At every stage an event whose `expirytime` has passed is done.
 *
 * - *plan*: addresses and rules, the same for all events of a subscription; replaceable at any time.
 * - *progress*: the stage an event is at. It is all that must survive a wait, a restart included.
 * - *stage*: one address to get the event (or its reply) to, with an attempt count of its own.
 */
import type { CloudEvent } from '@afflux/events';
import type { BackoffPolicy } from '@afflux/kernel';
import type { FailureReason, Outcome, Target } from './outcome.ts';

export type Stage = 'subscriber' | 'reply' | 'dead-letter';

/** A reply address inside this process. */
export interface ReplyPublisher {
  /** What `knativeerrordest` says when the reply cannot be delivered. */
  readonly url?: string;
  /** Never rejects: a refusal is an outcome. */
  publish(event: CloudEvent): Promise<Outcome> | Outcome;
}

export interface DeliveryPlan {
  /** Absent: the event itself goes to `reply` (a Subscription without subscriber). */
  readonly subscriber?: Target;
  /** Absent: reply events are discarded. */
  readonly reply?: Target | ReplyPublisher;
  /** Absent: an event that cannot be delivered is kept by the channel, or dropped, counted and logged. */
  readonly deadLetter?: Target;
  /** The channel keeps what no dead letter sink takes. Default false: that is dropped. */
  readonly keepsDeadLetters?: boolean;
  /** Attempts beyond the first, per stage. */
  readonly retry: number;
  readonly backoffPolicy?: BackoffPolicy;
  readonly backoffDelayMs?: number;
  /** Bound on a wait before jitter. Default 5 minutes. */
  readonly backoffMsMax?: number;
  /** Bound on each attempt. Default 60 s. */
  readonly timeoutMs?: number;
  /** Bound on what a `Retry-After` may ask for. 0 ignores the header. Default 5 minutes. */
  readonly retryAfterMsMax?: number;
  /** How the subscriber gets the event; replies and dead letters are always binary. */
  readonly format?: 'binary' | 'json';
  /** `strict`: a 2xx with a body that is no event is a failure that is not retried. Default `lenient`. */
  readonly replyPolicy?: 'lenient' | 'strict';
  /** Namespace of the trigger or channel, sent as `Kn-Namespace`. */
  readonly namespace: string;
  /** An attribute the subscriber does not get (the hop limit); replies and dead letters do. */
  readonly omitAttribute?: string;
  /** Changes what the subscriber gets. Prefer `omitAttribute` where it is enough: it copies nothing. */
  beforeSend?(event: CloudEvent): CloudEvent;
  /** Changes a reply (puts the hop limit back on); undefined discards it. */
  onReply?(reply: CloudEvent, original: CloudEvent): CloudEvent | undefined;
}

/** Why an event left its way: what a dead letter says about itself. */
export interface Failure {
  /** Address that failed, without user information, query and fragment. */
  readonly destination: string;
  /** HTTP status, or 500 when there was none (Knative's rule). */
  readonly code: number;
  /** Base64 of the start of the response body, at most 1024 characters. */
  readonly data: string;
  readonly reason: FailureReason | 'overflow';
  readonly stage: Stage;
  /** Attempts made at that stage. */
  readonly attempts: number;
  /** Wall clock of the last one, milliseconds since 1970. */
  readonly atMs: number;
}

export interface Progress {
  readonly stage: Stage;
  /** Attempts already made at this stage. */
  readonly attempt: number;
  /** At stage `dead-letter`: how many of them the sink refused for good. */
  readonly refusals?: number;
  /** At stage `reply`: the event to send; absent when there is no subscriber and the event itself goes. */
  readonly reply?: CloudEvent;
  /** Headers that travel with the reply, flat. */
  readonly replyPassthrough?: readonly string[];
  /** At stage `dead-letter`. */
  readonly failure?: Failure;
}

export type Settlement =
  | {
      readonly kind: 'done';
      readonly outcome: 'delivered' | 'dead-lettered' | 'dropped' | 'expired';
      /** As below. */
      readonly healthy: boolean;
    }
  | {
      readonly kind: 'retry';
      readonly delayMs: number;
      readonly progress: Progress;
      /** False when the subscriber seems to be down: connection, timeout, 429, 502–504. */
      readonly healthy: boolean;
    }
  | {
      /** The channel keeps the event as a dead letter: only where the plan says that it does. */
      readonly kind: 'dead-letter';
      readonly letter: Failure;
      readonly healthy: boolean;
    };

/** Default bound on one attempt: 60 s (Knative has none). */
export const ATTEMPT_MS_MAX = 60_000;
/** Default bound on what a `Retry-After` may ask for: 5 minutes. */
export const RETRY_AFTER_MS_MAX = 300_000;

/** Where an event of this plan begins. */
export function initialProgress(plan: DeliveryPlan): Progress {
  return plan.subscriber === undefined ? START_AT_REPLY : START_AT_SUBSCRIBER;
}

const START_AT_SUBSCRIBER: Progress = { stage: 'subscriber', attempt: 0 };
const START_AT_REPLY: Progress = { stage: 'reply', attempt: 0 };

export function isPublisher(reply: Target | ReplyPublisher): reply is ReplyPublisher {
  return 'publish' in reply;
}
