/**
 * Refusals of a server as errors. What every resource store can say is a `StoreError`, so that controllers work
 * against a cluster as they do against memory; what only a server says (who you are, what you may do, that it is
 * busy) is a `KubernetesError`.
 */
import { StoreError, type StoreErrorCode } from '@afflux/control';
import { KubernetesError, type KubernetesErrorCode } from './errors.ts';

/** One of `Status.details.causes`. */
export interface StatusCause {
  readonly reason?: string;
  readonly message?: string;
  readonly field?: string;
}

/** The body of a refusal. */
export interface Status {
  readonly kind: 'Status';
  readonly code?: number;
  readonly reason?: string;
  readonly message?: string;
  readonly details?: {
    readonly name?: string;
    readonly group?: string;
    readonly kind?: string;
    readonly causes?: readonly StatusCause[];
    readonly retryAfterSeconds?: number;
  };
}

/** `Status.reason` for an answer that says none. */
const REASONS: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  406: 'NotAcceptable',
  409: 'Conflict',
  410: 'Gone',
  413: 'RequestEntityTooLarge',
  415: 'UnsupportedMediaType',
  422: 'Invalid',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
};

const STORE_CODES: Readonly<Record<string, StoreErrorCode>> = {
  AlreadyExists: 'AFFLUX_STORE_ALREADY_EXISTS',
  Conflict: 'AFFLUX_STORE_CONFLICT',
  Invalid: 'AFFLUX_STORE_INVALID',
  BadRequest: 'AFFLUX_STORE_BAD_REQUEST',
  Expired: 'AFFLUX_STORE_EXPIRED',
  Gone: 'AFFLUX_STORE_EXPIRED',
  RequestEntityTooLarge: 'AFFLUX_STORE_TOO_LARGE',
  UnsupportedMediaType: 'AFFLUX_STORE_UNSUPPORTED_MEDIA_TYPE',
  ServiceUnavailable: 'AFFLUX_STORE_UNAVAILABLE',
};

const OWN_CODES: Readonly<Record<string, KubernetesErrorCode>> = {
  Unauthorized: 'AFFLUX_KUBERNETES_UNAUTHORIZED',
  Forbidden: 'AFFLUX_KUBERNETES_FORBIDDEN',
  TooManyRequests: 'AFFLUX_KUBERNETES_BUSY',
  ServerTimeout: 'AFFLUX_KUBERNETES_BUSY',
  Timeout: 'AFFLUX_KUBERNETES_BUSY',
};

/** Text that is no Status is shown up to here: it is a page of some proxy. */
const TEXT_CHARS_SHOWN = 300;

/** The body as a Status, if it is one. */
export function asStatus(body: unknown): Status | undefined {
  const isStatus =
    typeof body === 'object' && body !== null && (body as { kind?: unknown }).kind === 'Status';
  return isStatus ? (body as Status) : undefined;
}

/** The error for an answer that is a refusal. */
export function refusalError(httpStatus: number, text: string): StoreError | KubernetesError {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    body = undefined;
  }
  const status = asStatus(body);
  if (status !== undefined) return statusError(status, httpStatus);
  const shown = text.trim().slice(0, TEXT_CHARS_SHOWN);
  const message = `the server answered ${String(httpStatus)}${shown === '' ? '' : `: ${shown}`}`;
  return statusError({ kind: 'Status', message }, httpStatus);
}

/** The error for a Status; `httpStatus` is for one that says no code. */
export function statusError(status: Status, httpStatus = 500): StoreError | KubernetesError {
  const code = status.code ?? httpStatus;
  const said = status.reason ?? '';
  const reason = said === '' || said === 'Unknown' ? (REASONS[code] ?? 'Unknown') : said;
  const message = status.message ?? `the server refused with ${reason}`;
  const details = { ...status.details };
  const storeCode = storeCodeOf(reason, status);
  if (storeCode !== undefined) return new StoreError(storeCode, message, { details });
  // kube-apiserver answers 500 without a reason where it means "not like this": asking again does not help.
  const isFailure = code > 500 || (code === 500 && said !== '');
  const own =
    OWN_CODES[reason] ??
    (isFailure ? 'AFFLUX_KUBERNETES_SERVER_FAILED' : 'AFFLUX_KUBERNETES_REFUSED');
  return new KubernetesError(own, message, { reason, status: code, details });
}

function storeCodeOf(reason: string, status: Status): StoreErrorCode | undefined {
  if (reason === 'NotFound') {
    // Without a name it is the path that is not served: no such kind, or no such subresource.
    const hasName = (status.details?.name ?? '') !== '';
    return hasName ? 'AFFLUX_STORE_NOT_FOUND' : 'AFFLUX_STORE_KIND_UNKNOWN';
  }
  if (reason === 'Forbidden' && status.message?.includes('exceeded quota') === true) {
    return 'AFFLUX_STORE_QUOTA_EXCEEDED';
  }
  return STORE_CODES[reason];
}
