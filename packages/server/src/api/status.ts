/** Answers of kind Status, as kube-apiserver gives them. */
import { ChannelError } from '@afflux/channels';
import { AffluxError } from '@afflux/kernel';
import { STATUS_REASONS, type StatusReason } from '../errors.ts';

export interface Status {
  readonly kind: 'Status';
  readonly apiVersion: 'v1';
  readonly metadata: { readonly continue?: string };
  readonly status: 'Success' | 'Failure';
  readonly message?: string;
  readonly reason?: StatusReason;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly code: number;
}

export function success(
  details: Readonly<Record<string, unknown>>,
  metadata: Status['metadata'] = {},
): Status {
  return { kind: 'Status', apiVersion: 'v1', metadata, status: 'Success', details, code: 200 };
}

/** What went wrong, for the one who asked; undefined when it is our own fault and belongs into the log. */
export function failureOf(error: unknown): Status | undefined {
  const reason = reasonOf(error);
  if (reason === undefined) return undefined;
  const message = error instanceof Error ? error.message : String(error);
  return failure(reason, message);
}

export function failure(reason: StatusReason, message: string): Status {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    reason,
    code: STATUS_REASONS[reason],
  };
}

function reasonOf(error: unknown): StatusReason | undefined {
  if (error instanceof ChannelError) return channelReason(error);
  if (error instanceof AffluxError && error.code === 'AFFLUX_SERVER_API_REFUSED') {
    return error.details['reason'] as StatusReason;
  }
  return fastifyReason((error as { code?: unknown } | undefined)?.code);
}

function channelReason(error: ChannelError): StatusReason | undefined {
  switch (error.code) {
    case 'AFFLUX_CHANNEL_SUBSCRIPTION_UNKNOWN':
      return 'NotFound';
    case 'AFFLUX_CHANNEL_POSITION_INVALID':
    case 'AFFLUX_CHANNEL_UNSUPPORTED':
      return 'Invalid';
    case 'AFFLUX_CHANNEL_FULL':
      return 'TooManyRequests';
    case 'AFFLUX_CHANNEL_UNAVAILABLE':
    case 'AFFLUX_CHANNEL_OUTCOME_UNKNOWN':
    case 'AFFLUX_CHANNEL_BACKEND_REFUSED':
    case 'AFFLUX_CHANNEL_TOPOLOGY_INVALID':
    case 'AFFLUX_CHANNEL_CLOSED':
      return 'ServiceUnavailable';
    case 'AFFLUX_CHANNEL_BATCH_TOO_LARGE':
    case 'AFFLUX_CHANNEL_CONFIG_INVALID':
    case 'AFFLUX_CHANNEL_DRIVER_UNKNOWN':
    case 'AFFLUX_CHANNEL_EVENT_TOO_LARGE':
      return undefined;
  }
}

/** What the framework refuses by itself. */
function fastifyReason(code: unknown): StatusReason | undefined {
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return 'RequestEntityTooLarge';
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return 'UnsupportedMediaType';
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return 'BadRequest';
    default:
      return undefined;
  }
}
