/** Everything this package refuses or gives up on. */
import { AffluxError } from '@afflux/kernel';

export type MessagingErrorCode =
  /** 404: the channel was deleted while the request was being read. */
  | 'AFFLUX_MESSAGING_CHANNEL_GONE'
  /** An object that this one should make exists and belongs to somebody else. */
  | 'AFFLUX_MESSAGING_CHILD_NOT_OWNED'
  /** A channel template, or a Subscription, names a kind that no driver here serves. */
  | 'AFFLUX_MESSAGING_CHANNEL_KIND_UNKNOWN'
  /** A Subscription falls back to its channel's dead letter sink, which has no address. */
  | 'AFFLUX_MESSAGING_DEAD_LETTER_SINK_UNRESOLVED'
  /** The channel of a Subscription does not exist, or is a Channel that is not ready. */
  | 'AFFLUX_MESSAGING_NO_CHANNEL'
  /** 400: `notbefore` or `expirytime` cannot be read, or is beyond what the channel can do. */
  | 'AFFLUX_MESSAGING_EVENT_TIME'
  /** There is no channel template, and no default for one. */
  | 'AFFLUX_MESSAGING_NO_CHANNEL_TEMPLATE';

export class MessagingError extends AffluxError<MessagingErrorCode> {}
