/**
 * Everything that can go wrong in this package.
 *
 * A `StoreError` is a refusal by a resource store, with Kubernetes' `reason` and HTTP `status`; an
 * `AddressError` says why a destination has no address; a `ControlError` is how a reconciler steers its
 * queue, or how the machinery around it gives up.
 */
import { AffluxError, type AffluxErrorOptions } from '@afflux/kernel';

/** Codes of {@link StoreError}. */
export type StoreErrorCode =
  | 'AFFLUX_STORE_NOT_FOUND'
  | 'AFFLUX_STORE_KIND_UNKNOWN'
  | 'AFFLUX_STORE_ALREADY_EXISTS'
  | 'AFFLUX_STORE_CONFLICT'
  | 'AFFLUX_STORE_INVALID'
  | 'AFFLUX_STORE_BAD_REQUEST'
  | 'AFFLUX_STORE_EXPIRED'
  | 'AFFLUX_STORE_QUOTA_EXCEEDED'
  | 'AFFLUX_STORE_TOO_LARGE'
  | 'AFFLUX_STORE_UNSUPPORTED_MEDIA_TYPE'
  | 'AFFLUX_STORE_TOO_MANY_WATCHES'
  | 'AFFLUX_STORE_UNAVAILABLE';

/** Kubernetes' `Status.reason`. */
export type StoreErrorReason =
  | 'NotFound'
  | 'AlreadyExists'
  | 'Conflict'
  | 'Invalid'
  | 'BadRequest'
  | 'Expired'
  | 'Forbidden'
  | 'RequestEntityTooLarge'
  | 'UnsupportedMediaType'
  | 'TooManyRequests'
  | 'ServiceUnavailable';

interface StoreErrorKind {
  readonly reason: StoreErrorReason;
  readonly status: number;
  readonly retryable: boolean;
}

const STORE_ERRORS: Readonly<Record<StoreErrorCode, StoreErrorKind>> = {
  AFFLUX_STORE_NOT_FOUND: { reason: 'NotFound', status: 404, retryable: false },
  AFFLUX_STORE_KIND_UNKNOWN: { reason: 'NotFound', status: 404, retryable: false },
  AFFLUX_STORE_ALREADY_EXISTS: { reason: 'AlreadyExists', status: 409, retryable: false },
  AFFLUX_STORE_CONFLICT: { reason: 'Conflict', status: 409, retryable: false },
  AFFLUX_STORE_INVALID: { reason: 'Invalid', status: 422, retryable: false },
  AFFLUX_STORE_BAD_REQUEST: { reason: 'BadRequest', status: 400, retryable: false },
  AFFLUX_STORE_EXPIRED: { reason: 'Expired', status: 410, retryable: false },
  AFFLUX_STORE_QUOTA_EXCEEDED: { reason: 'Forbidden', status: 403, retryable: false },
  AFFLUX_STORE_TOO_LARGE: { reason: 'RequestEntityTooLarge', status: 413, retryable: false },
  AFFLUX_STORE_UNSUPPORTED_MEDIA_TYPE: {
    reason: 'UnsupportedMediaType',
    status: 415,
    retryable: false,
  },
  AFFLUX_STORE_TOO_MANY_WATCHES: { reason: 'TooManyRequests', status: 429, retryable: true },
  AFFLUX_STORE_UNAVAILABLE: { reason: 'ServiceUnavailable', status: 503, retryable: true },
};

/** A resource store refused. `details` names kind, namespace and name where there are any. */
export class StoreError extends AffluxError<StoreErrorCode> {
  readonly reason: StoreErrorReason;
  /** HTTP status that the same refusal has over Kubernetes' protocol. */
  readonly status: number;

  constructor(
    code: StoreErrorCode,
    message: string,
    options: Pick<AffluxErrorOptions, 'cause' | 'details'> = {},
  ) {
    const { reason, status, retryable } = STORE_ERRORS[code];
    super(message, { ...options, code, retryable, fault: retryable ? 'system' : 'user' });
    this.reason = reason;
    this.status = status;
  }
}

function hasReason(error: unknown, reason: StoreErrorReason): boolean {
  return error instanceof StoreError && error.reason === reason;
}

/** The object, or its kind, is not in the store. */
export function isNotFound(error: unknown): boolean {
  return hasReason(error, 'NotFound');
}

/** An object of that name is in the store. */
export function isAlreadyExists(error: unknown): boolean {
  return hasReason(error, 'AlreadyExists');
}

/** Somebody wrote in between, or a precondition failed: read again. */
export function isConflict(error: unknown): boolean {
  return hasReason(error, 'Conflict');
}

/** The version to watch from is too old, or the reader too slow: list again. */
export function isExpired(error: unknown): boolean {
  return hasReason(error, 'Expired');
}

/** The object breaks a rule. */
export function isInvalid(error: unknown): boolean {
  return hasReason(error, 'Invalid');
}

/** Codes of {@link AddressError}. */
export type AddressErrorCode =
  | 'AFFLUX_ADDRESS_INVALID'
  | 'AFFLUX_ADDRESS_KIND_UNKNOWN'
  | 'AFFLUX_ADDRESS_NOT_FOUND'
  | 'AFFLUX_ADDRESS_NOT_ADDRESSABLE'
  | 'AFFLUX_ADDRESS_SERVICE_UNMAPPED';

/** A word for a condition's `reason`. */
export type AddressErrorReason =
  'InvalidDestination' | 'UnknownKind' | 'NotFound' | 'NotAddressable' | 'ServiceUnmapped';

const ADDRESS_REASONS: Readonly<Record<AddressErrorCode, AddressErrorReason>> = {
  AFFLUX_ADDRESS_INVALID: 'InvalidDestination',
  AFFLUX_ADDRESS_KIND_UNKNOWN: 'UnknownKind',
  AFFLUX_ADDRESS_NOT_FOUND: 'NotFound',
  AFFLUX_ADDRESS_NOT_ADDRESSABLE: 'NotAddressable',
  AFFLUX_ADDRESS_SERVICE_UNMAPPED: 'ServiceUnmapped',
};

/** A destination has no address now. The message is fit for a condition and says what to do where it can. */
export class AddressError extends AffluxError<AddressErrorCode> {
  readonly reason: AddressErrorReason;

  constructor(
    code: AddressErrorCode,
    message: string,
    options: Pick<AffluxErrorOptions, 'cause' | 'details'> = {},
  ) {
    super(message, { ...options, code, fault: 'user' });
    this.reason = ADDRESS_REASONS[code];
  }
}

const CONTROL_ERROR_CODES = [
  'AFFLUX_CONTROL_SKIP_KEY',
  'AFFLUX_CONTROL_REQUEUE_AFTER',
  'AFFLUX_CONTROL_PERMANENT',
  'AFFLUX_CONTROL_DEADLINE',
  'AFFLUX_CONTROL_STATUS_UPDATE_FAILED',
  'AFFLUX_CONTROL_TRACKER_FULL',
] as const;

/** Codes of {@link ControlError}. */
export type ControlErrorCode = (typeof CONTROL_ERROR_CODES)[number];

/** Every code of this package. */
export const ERROR_CODES: readonly string[] = [
  ...Object.keys(STORE_ERRORS),
  ...Object.keys(ADDRESS_REASONS),
  ...CONTROL_ERROR_CODES,
];

/** How a run ended, other than well. */
export class ControlError extends AffluxError<ControlErrorCode> {}

/** Thrown by a reconciler: this key is none of its business now; no retry, no error. */
export class SkipKey extends ControlError {
  constructor(message = 'the key is skipped') {
    super(message, { code: 'AFFLUX_CONTROL_SKIP_KEY' });
  }
}

/** Thrown by a reconciler: nothing is wrong, look again after `delayMs` (0 = at once). */
export class RequeueAfter extends ControlError {
  readonly delayMs: number;

  constructor(delayMs: number, message = 'the key is due again later') {
    super(message, { code: 'AFFLUX_CONTROL_REQUEUE_AFTER', retryable: true });
    this.delayMs = delayMs;
  }
}

/** Thrown by a reconciler: trying again cannot help until something changes. */
export class PermanentError extends ControlError {
  constructor(message: string, options: Pick<AffluxErrorOptions, 'cause' | 'details'> = {}) {
    super(message, { ...options, code: 'AFFLUX_CONTROL_PERMANENT' });
  }
}
