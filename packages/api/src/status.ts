/** Answers of kind Status, as kube-apiserver gives them. */
import { StoreError } from '@afflux/control';
import { ApiError } from './errors.ts';

/** One reason of several, with the field it is about. */
export interface StatusCause {
  readonly reason?: string;
  readonly message?: string;
  readonly field?: string;
}

export interface StatusDetails {
  readonly name?: string;
  readonly group?: string;
  /** The plural for what happened to an object, the kind for what is wrong with one. */
  readonly kind?: string;
  readonly uid?: string;
  readonly causes?: readonly StatusCause[];
  readonly retryAfterSeconds?: number;
}

export interface Status {
  readonly kind: 'Status';
  readonly apiVersion: 'v1';
  readonly metadata: object;
  readonly status: 'Success' | 'Failure';
  readonly message?: string;
  readonly reason?: string;
  readonly details?: StatusDetails;
  readonly code: number;
}

const HEAD = { kind: 'Status', apiVersion: 'v1', metadata: {} } as const;

/** How long clients wait before they try again what was too much, in seconds. */
const RETRY_AFTER_S = 1;

export function success(details: StatusDetails): Omit<Status, 'code'> {
  return { ...HEAD, status: 'Success', details };
}

/** What went wrong, for the one who asked; undefined when it is our own fault and belongs into the log. */
export function failureOf(error: unknown): Status | undefined {
  if (!(error instanceof StoreError || error instanceof ApiError)) {
    return refusedByFramework((error as { code?: unknown } | undefined)?.code);
  }
  const { message, reason, status: code } = error;
  const details = statusDetails(error);
  return {
    ...HEAD,
    status: 'Failure',
    message,
    reason,
    ...(details === undefined ? {} : { details }),
    code,
  };
}

/** For what nobody foresaw: says nothing of the inside. */
export function internalError(): Status {
  const message = 'Internal error occurred: see the log of the server';
  return { ...HEAD, status: 'Failure', message, reason: 'InternalError', code: 500 };
}

/** The fields of an error's details that belong into a Status. */
function statusDetails(error: StoreError | ApiError): StatusDetails | undefined {
  const { details, reason } = error;
  const isRetried = reason === 'TooManyRequests' || reason === 'ServiceUnavailable';
  const { name, group, kind, plural, uid, causes } = details as Record<string, unknown>;
  const found = {
    ...textField('name', name),
    ...textField('group', group),
    ...textField('kind', reason === 'Invalid' ? kind : (plural ?? kind)),
    ...textField('uid', uid),
    ...(Array.isArray(causes) ? { causes: causes as StatusCause[] } : {}),
    ...(isRetried ? { retryAfterSeconds: RETRY_AFTER_S } : {}),
  };
  const isEmpty = Object.keys(found).length === 0;
  if (isEmpty) return reason === 'NotFound' ? {} : undefined;
  return found;
}

function textField(field: string, value: unknown): Record<string, string> {
  return typeof value === 'string' && value !== '' ? { [field]: value } : {};
}

/** What the HTTP framework refuses before anything of ours sees it. */
function refusedByFramework(code: unknown): Status | undefined {
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return failureOf(
        new ApiError('AFFLUX_API_TOO_LARGE', 'Request entity too large: limit is 3145728'),
      );
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return failureOf(
        new ApiError(
          'AFFLUX_API_UNSUPPORTED_MEDIA_TYPE',
          'the body of the request was in an unknown format - accepted media types include: application/json, application/yaml',
        ),
      );
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return failureOf(
        new ApiError('AFFLUX_API_BAD_REQUEST', 'the body is not as long as its header says'),
      );
    default:
      return undefined;
  }
}
