/** Everything that putting the process together can refuse. */
import { AffluxError } from '@afflux/kernel';

export type ServerErrorCode =
  /** A request to the API is refused; details say how Kubernetes would word it. */
  | 'AFFLUX_SERVER_API_REFUSED'
  /** The configuration file or an option is wrong. */
  | 'AFFLUX_SERVER_CONFIG_INVALID'
  /** A manifest path does not exist, or leads to too much. */
  | 'AFFLUX_SERVER_MANIFEST_PATH'
  /** An object given to `apply` is not acceptable. */
  | 'AFFLUX_SERVER_OBJECT_INVALID'
  /** The control port is taken, or the address is not of this machine. */
  | 'AFFLUX_SERVER_LISTEN'
  /** The call does not fit the state: `apply` after `close`, for example. */
  | 'AFFLUX_SERVER_STATE'
  /** The certificate of the control port cannot be read or kept. */
  | 'AFFLUX_SERVER_TLS'
  /** The token of the control port cannot be read. */
  | 'AFFLUX_SERVER_TOKEN'
  /** The events that a test waits for did not come in time. */
  | 'AFFLUX_SERVER_TEST_EVENTS_MISSING';

export class ServerError extends AffluxError<ServerErrorCode> {}

/** `reason` of a Kubernetes Status, with the HTTP status that goes with it. */
export const STATUS_REASONS = {
  BadRequest: 400,
  Unauthorized: 401,
  Forbidden: 403,
  NotFound: 404,
  MethodNotAllowed: 405,
  AlreadyExists: 409,
  Conflict: 409,
  RequestEntityTooLarge: 413,
  UnsupportedMediaType: 415,
  Invalid: 422,
  TooManyRequests: 429,
  InternalError: 500,
  ServiceUnavailable: 503,
} as const;

export type StatusReason = keyof typeof STATUS_REASONS;

/** A refusal of the API, worded as kube-apiserver words it. */
export function apiRefused(reason: StatusReason, message: string): ServerError {
  return new ServerError(message, {
    code: 'AFFLUX_SERVER_API_REFUSED',
    fault: reason === 'InternalError' || reason === 'ServiceUnavailable' ? 'system' : 'user',
    retryable: reason === 'ServiceUnavailable' || reason === 'TooManyRequests',
    details: { reason, status: STATUS_REASONS[reason] },
  });
}
