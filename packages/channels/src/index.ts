export type {
  Channel,
  ChannelDescription,
  ChannelSubscription,
  DeadLetter,
  DeadLetterListOptions,
  DeadLetterPage,
  DeadLetterReason,
  DeadLetters,
  Delivery,
  KeptEvent,
  OverflowPolicy,
  Position,
  ProgressCodec,
  PublishOptions,
  QueueBounds,
  ReadOptions,
  ReleaseOptions,
  Selector,
  StartAt,
  SubscribeOptions,
  SubscriptionClosed,
  SubscriptionDescription,
} from './channel.ts';
export { DriverRegistry, parseConfig } from './driver.ts';
export type {
  Capabilities,
  ChannelBacking,
  ChannelDriver,
  DriverContext,
  Provision,
} from './driver.ts';
export {
  backendRefused,
  batchTooLarge,
  channelClosed,
  ChannelError,
  ChannelFull,
  ChannelUnavailable,
  eventTooLarge,
  outcomeUnknown,
  positionInvalid,
  subscriptionUnknown,
  topologyInvalid,
  unsupported,
} from './errors.ts';
export type { ChannelErrorCode, ChannelFullOptions, ChannelUnavailableOptions } from './errors.ts';
export { DuplicateWindow, publishOnce } from './duplicate-window.ts';
export type { DuplicateWindowOptions } from './duplicate-window.ts';
export { redrive } from './engines/redrive.ts';
export type { RedriveOptions, RedriveProgress } from './engines/redrive.ts';
export { replay } from './engines/replay.ts';
export type { ReplayOptions, ReplayProgress } from './engines/replay.ts';
export { BREAKER_DEFAULTS, FLOW_DEFAULTS } from './flow/settings.ts';
export type { BreakerSettings, FlowSettings } from './flow/settings.ts';
export type { Settlement } from './flow/settlement.ts';
export { subscriptionRules } from './flow/subscription-rules.ts';
export type { SubscriptionRules, SubscriptionWishes } from './flow/subscription-rules.ts';
export { ChannelHub } from './hub.ts';
export type { ChannelLease, ChannelRef } from './hub.ts';
export { FlowScheduler } from './flow/scheduler.ts';
export { SubscriptionFlow } from './flow/subscription-flow.ts';
export type { FlowDescription, FlowOptions, Handle } from './flow/subscription-flow.ts';
export type { FlowLabels } from './flow/flow-telemetry.ts';
export { MemoryBudget } from './memory/budget.ts';
export type { MemoryBudgetOptions } from './memory/budget.ts';
export { memoryDriver } from './memory/driver.ts';
export type { MemoryDriverOptions } from './memory/driver.ts';
export { ChannelTelemetry } from './telemetry.ts';
export type { SubscriptionCounters } from './telemetry.ts';
