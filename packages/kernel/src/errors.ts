/**
 * The one base of every error that Afflux raises on purpose.
 *
 * An operating error (network, bad input, a missing resource) is a value of the system: it has a stable
 * code, says whose move it is (`fault`) and whether trying again can help (`retryable`). Programmer errors
 * are assertions and never extend this class.
 */

/** Whose move it is: the caller gave something wrong, or the system could not do what it should. */
export type Fault = 'user' | 'system';

export interface AffluxErrorOptions<Code extends string = string> {
  /** `AFFLUX_<AREA>_<PROBLEM>`, stable once released. */
  readonly code: Code;
  /** Whether the same call can succeed later without a change by the caller. Default false. */
  readonly retryable?: boolean;
  /** Default `system`. */
  readonly fault?: Fault;
  readonly cause?: unknown;
  /**
   * Raised many times a second in normal work, such as a refusal under load: made without a stack trace, which
   * would cost more than all the rest of the refusal.
   */
  readonly isRoutine?: boolean;
  /** Facts about the problem, fit for logs and for users: never secrets, never event data. */
  readonly details?: Readonly<Record<string, unknown>>;
}

const BRAND = Symbol.for('afflux.error');

/** Base error. `instanceof` works across two copies of this package: it looks for a brand, not a prototype. */
export class AffluxError<Code extends string = string> extends Error {
  readonly code: Code;
  readonly retryable: boolean;
  readonly fault: Fault;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(message: string, options: AffluxErrorOptions<Code>) {
    const stackTraceLimit = Error.stackTraceLimit;
    if (options.isRoutine === true) Error.stackTraceLimit = 0;
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    Error.stackTraceLimit = stackTraceLimit;
    this.name = new.target.name;
    this.code = options.code;
    this.retryable = options.retryable ?? false;
    this.fault = options.fault ?? 'system';
    this.details = options.details ?? {};
    Object.defineProperty(this, BRAND, { value: true });
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    // Subclasses keep the ordinary prototype test; only the base is recognised by brand.
    if (this !== AffluxError) return Function.prototype[Symbol.hasInstance].call(this, value);
    return typeof value === 'object' && value !== null && BRAND in value;
  }
}

/** Codes raised by the kernel itself. */
export type KernelErrorCode =
  | 'AFFLUX_KERNEL_ABORTED'
  | 'AFFLUX_KERNEL_DURATION_INVALID'
  | 'AFFLUX_KERNEL_SIZE_INVALID'
  | 'AFFLUX_KERNEL_COMPONENT_STATE'
  | 'AFFLUX_KERNEL_STOP_FAILED';

export class KernelError extends AffluxError<KernelErrorCode> {}

/** The error that a wait rejects with when its signal aborts; the abort reason is the cause. */
export function abortedError(signal: AbortSignal): KernelError {
  return new KernelError('the operation was aborted', {
    code: 'AFFLUX_KERNEL_ABORTED',
    cause: signal.reason,
  });
}
