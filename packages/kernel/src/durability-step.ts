/**
 * Names of the moments at which a crash is most instructive (fault F01). The product calls {@link OnStep} there;
 * nobody listens but tests that stop the process.
 */
export const DURABILITY_STEPS = [
  /** Events were accepted into a batch, nothing is written. */
  'before-write',
  /** Handed to the storage system or the operating system, not known to be durable. */
  'after-write',
  /** Durable; whoever published does not know yet. */
  'after-sync',
  /** The answer to the producer is about to be written. */
  'before-response',
  /** The subscriber has taken the event, the channel does not know yet. */
  'before-ack',
  /** The reply has been accepted, the event is not settled yet. */
  'between-reply-and-commit',
  /** Some events of a batch are written, others are not. */
  'mid-batch',
] as const;

export type DurabilityStep = (typeof DURABILITY_STEPS)[number];

/** Must be quick and must not throw. */
export type OnStep = (step: DurabilityStep) => void;
