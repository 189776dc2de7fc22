/**
 * What drivers are built from, exported as `@afflux/channels/driver`: matching events to subscriptions, timers
 * for many deadlines, callers that wait, and the metrics that every driver keeps.
 */
export { Alarm, DEADLINE_TOLERANCE_MS } from './alarm.ts';
export { parseConfig } from './driver.ts';
export { Heap } from './heap.ts';
export { isWanted, Matcher } from './matcher.ts';
export type { MatchTarget } from './matcher.ts';
export { empty } from './scratch.ts';
export { CHANNEL_METRICS, ChannelTelemetry } from './telemetry.ts';
export type { RefusalReason, SubscriptionCounters } from './telemetry.ts';
export { Waiters } from './waiters.ts';
export { SimpleBacklog } from './simple-backlog.ts';
export type { BacklogKeeper, Held } from './simple-backlog.ts';
export { heldLine, heldOf, SimpleBacklogs } from './simple-backlogs.ts';
export type { HeldLine } from './simple-backlogs.ts';
