/**
 * Everything that can go wrong between this process and a cluster.
 *
 * What a cluster refuses for a reason that every resource store has is a `StoreError` of `@afflux/control`, so that
 * callers need not know which store they talk to; see `status-error.ts`. The rest is a `KubernetesError`.
 * Neither message nor details ever hold a token, a key or a certificate.
 */
import { AffluxError, type AffluxErrorOptions, type Fault } from '@afflux/kernel';

interface ErrorKind {
  readonly fault: Fault;
  readonly retryable: boolean;
}

const KINDS = {
  AFFLUX_KUBERNETES_CONFIG_MISSING: { fault: 'user', retryable: false },
  AFFLUX_KUBERNETES_CONFIG_INVALID: { fault: 'user', retryable: false },
  AFFLUX_KUBERNETES_CONFIG_UNSUPPORTED: { fault: 'user', retryable: false },
  AFFLUX_KUBERNETES_CREDENTIALS_FAILED: { fault: 'user', retryable: true },
  AFFLUX_KUBERNETES_UNREACHABLE: { fault: 'system', retryable: true },
  AFFLUX_KUBERNETES_CERTIFICATE_UNTRUSTED: { fault: 'user', retryable: false },
  AFFLUX_KUBERNETES_TIMEOUT: { fault: 'system', retryable: true },
  AFFLUX_KUBERNETES_STREAM_SILENT: { fault: 'system', retryable: true },
  AFFLUX_KUBERNETES_ANSWER_TOO_LARGE: { fault: 'system', retryable: false },
  AFFLUX_KUBERNETES_ANSWER_INVALID: { fault: 'system', retryable: false },
  AFFLUX_KUBERNETES_UNAUTHORIZED: { fault: 'user', retryable: false },
  AFFLUX_KUBERNETES_FORBIDDEN: { fault: 'user', retryable: false },
  AFFLUX_KUBERNETES_BUSY: { fault: 'system', retryable: true },
  AFFLUX_KUBERNETES_REFUSED: { fault: 'user', retryable: false },
  AFFLUX_KUBERNETES_SERVER_FAILED: { fault: 'system', retryable: true },
  AFFLUX_KUBERNETES_RESOURCE_UNKNOWN: { fault: 'user', retryable: false },
  AFFLUX_KUBERNETES_CLOSED: { fault: 'system', retryable: false },
} as const satisfies Record<string, ErrorKind>;

/** Codes of {@link KubernetesError}. */
export type KubernetesErrorCode = keyof typeof KINDS;

/** Every code of this package. */
export const ERROR_CODES: readonly string[] = Object.keys(KINDS);

export interface KubernetesErrorOptions extends Pick<AffluxErrorOptions, 'cause' | 'details'> {
  /** Kubernetes' word for it, where the server said one. */
  readonly reason?: string | undefined;
  /** HTTP status, where there was an answer. */
  readonly status?: number | undefined;
}

/** The cluster could not be asked, or refused in a way that is about the connection rather than the object. */
export class KubernetesError extends AffluxError<KubernetesErrorCode> {
  /** `Status.reason`; undefined when no server said anything. */
  readonly reason: string | undefined;
  readonly status: number | undefined;

  constructor(code: KubernetesErrorCode, message: string, options: KubernetesErrorOptions = {}) {
    const { fault, retryable } = KINDS[code];
    super(message, {
      cause: options.cause,
      details: options.details ?? {},
      code,
      fault,
      retryable,
    });
    this.reason = options.reason;
    this.status = options.status;
  }
}
