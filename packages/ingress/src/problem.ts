/**
 * Refusals as HTTP: one JSON problem body (RFC 9457) whatever the cause, and `Retry-After` where waiting helps.
 * Bodies never repeat event data, and say `nosniff` so that nobody renders what a stranger wrote (threat T13).
 */
import { AffluxError } from '@afflux/kernel';

export interface Problem {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly retryAfterSeconds: number | undefined;
  /** What is wrong, attribute by attribute. */
  readonly problems: unknown;
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  429: 'Too Many Requests',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

/** Wait asked for when an overload says nothing more precise. */
const RETRY_AFTER_SECONDS_DEFAULT = 1;

/**
 * How an error is answered: by `details.status` where it names one; 413 for what can never fit; a wait (`details.retryAfterMs`) alone means
 * 429; otherwise 503 if trying again can help, 400 if it is the sender's fault, else 500 with no inner detail.
 */
export function problemOf(error: unknown): Problem {
  if (!isAffluxError(error)) {
    return {
      status: 500,
      code: 'AFFLUX_INTERNAL',
      detail: 'the event could not be taken because of an internal error',
      retryAfterSeconds: undefined,
      problems: undefined,
    };
  }
  const { status, retryAfterMs, problems } = error.details;
  const waits = typeof retryAfterMs === 'number';
  const mapped =
    typeof status === 'number'
      ? status
      : error.code.endsWith('_TOO_LARGE')
        ? 413
        : waits
          ? 429
          : error.retryable
            ? 503
            : error.fault === 'user'
              ? 400
              : 500;
  const retryAfterSeconds = waits
    ? Math.max(1, Math.ceil(retryAfterMs / 1000))
    : mapped === 429 || mapped === 503
      ? RETRY_AFTER_SECONDS_DEFAULT
      : undefined;
  return { status: mapped, code: error.code, detail: error.message, retryAfterSeconds, problems };
}

/** `instanceof` alone leaves the code of the error untyped. */
function isAffluxError(error: unknown): error is AffluxError {
  return error instanceof AffluxError;
}

/** The body of a problem. */
export function problemBody(problem: Problem): string {
  return JSON.stringify({
    type: 'about:blank',
    title: TITLES[problem.status] ?? 'Error',
    status: problem.status,
    code: problem.code,
    detail: problem.detail,
    ...(problem.problems === undefined ? {} : { problems: problem.problems }),
  });
}

/** Headers of a problem answer, flat. */
export function problemHeaders(problem: Problem, body: string): string[] {
  const headers = [
    'allow',
    'POST, OPTIONS',
    'content-type',
    'application/problem+json',
    'x-content-type-options',
    'nosniff',
    'content-length',
    String(Buffer.byteLength(body)),
  ];
  if (problem.retryAfterSeconds !== undefined) {
    headers.push('retry-after', String(problem.retryAfterSeconds));
  }
  return headers;
}
