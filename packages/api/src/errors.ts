/**
 * Everything that can go wrong in this package besides what the store refuses: requests that this protocol does not
 * know, or that this server does not take. Each carries Kubernetes' reason and HTTP status.
 */
import { AffluxError, type AffluxErrorOptions } from '@afflux/kernel';

interface ApiErrorKind {
  readonly reason: string;
  readonly status: number;
}

const API_ERRORS = {
  AFFLUX_API_NOT_FOUND: { reason: 'NotFound', status: 404 },
  AFFLUX_API_BAD_REQUEST: { reason: 'BadRequest', status: 400 },
  AFFLUX_API_FORBIDDEN: { reason: 'Forbidden', status: 403 },
  AFFLUX_API_METHOD_NOT_ALLOWED: { reason: 'MethodNotAllowed', status: 405 },
  AFFLUX_API_NOT_ACCEPTABLE: { reason: 'NotAcceptable', status: 406 },
  AFFLUX_API_EXPIRED: { reason: 'Expired', status: 410 },
  AFFLUX_API_TOO_LARGE: { reason: 'RequestEntityTooLarge', status: 413 },
  AFFLUX_API_UNSUPPORTED_MEDIA_TYPE: { reason: 'UnsupportedMediaType', status: 415 },
  AFFLUX_API_TOO_MANY_REQUESTS: { reason: 'TooManyRequests', status: 429 },
  AFFLUX_API_TIMEOUT: { reason: 'Timeout', status: 504 },
} as const satisfies Record<string, ApiErrorKind>;

/** Codes of {@link ApiError}. */
export type ApiErrorCode = keyof typeof API_ERRORS;

/** Every code of this package. */
export const ERROR_CODES: readonly string[] = Object.keys(API_ERRORS);

/** A request that cannot be answered. `details` become the details of the Status. */
export class ApiError extends AffluxError<ApiErrorCode> {
  /** Kubernetes' `Status.reason`. */
  readonly reason: string;
  readonly status: number;

  constructor(
    code: ApiErrorCode,
    message: string,
    options: Pick<AffluxErrorOptions, 'cause' | 'details'> = {},
  ) {
    super(message, { ...options, code, fault: 'user' });
    const { reason, status } = API_ERRORS[code];
    this.reason = reason;
    this.status = status;
  }
}

/** Nothing is at this path. The same words for every path, so that they tell nothing. */
export function unknownPath(): ApiError {
  return new ApiError('AFFLUX_API_NOT_FOUND', 'the server could not find the requested resource');
}

export function badRequest(message: string): ApiError {
  return new ApiError('AFFLUX_API_BAD_REQUEST', message);
}

export function methodNotAllowed(): ApiError {
  return new ApiError(
    'AFFLUX_API_METHOD_NOT_ALLOWED',
    'the server does not allow this method on the requested resource',
  );
}

/** The client takes none of the forms that there are. */
export function notAcceptable(...mediaTypes: readonly string[]): ApiError {
  const known = mediaTypes.join(', ');
  return new ApiError(
    'AFFLUX_API_NOT_ACCEPTABLE',
    `only the following media types are accepted: ${known}`,
  );
}
