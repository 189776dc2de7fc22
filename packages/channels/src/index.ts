export type {
  Channel,
  ChannelDescription,
  ChannelSubscription,
  Delivery,
  OverflowPolicy,
  ProgressCodec,
  PublishOptions,
  QueueBounds,
  ReleaseOptions,
  Selector,
  StartAt,
  SubscribeOptions,
  SubscriptionClosed,
  SubscriptionDescription,
} from './channel.ts';
export { DriverRegistry, parseConfig } from './driver.ts';
export type { Capabilities, ChannelDriver, DriverContext } from './driver.ts';
export { ChannelError, ChannelFull } from './errors.ts';
export type { ChannelErrorCode, ChannelFullOptions } from './errors.ts';
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
