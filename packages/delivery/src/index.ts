export { AddressGuard } from './address-guard.ts';
export type { AddressPolicy, ResolveName } from './address-guard.ts';
export { senderConfigSchema } from './config.ts';
export type { SenderConfig } from './config.ts';
export { Courier } from './courier.ts';
export type { CourierOptions, Sender } from './courier.ts';
export { overflowProgress } from './dead-letter.ts';
export { decide } from './decide.ts';
export type { Decision } from './decide.ts';
export type { CourierLabels } from './delivery-metrics.ts';
export { DeliveryError } from './errors.ts';
export type { DeliveryErrorCode } from './errors.ts';
export { eventTimesProblem, NOT_BEFORE_AHEAD_MS_MAX, notBeforeMs } from './event-times.ts';
export type { EventTimesContext, EventTimesProblem } from './event-times.ts';
export { EventSender } from './event-sender.ts';
export type { EventSenderOptions } from './event-sender.ts';
export type {
  Failed,
  FailureReason,
  Outcome,
  ReplyIgnored,
  SendRequest,
  Success,
  Target,
} from './outcome.ts';
export type { DeliveryPlan, Failure, Progress, ReplyPublisher, Settlement, Stage } from './plan.ts';
export { decodeProgress, encodeProgress } from './progress-codec.ts';
export type { DeliveryContext } from './step-request.ts';
