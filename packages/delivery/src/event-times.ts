/**
 * The two extension attributes that say when an event may be delivered: `notbefore` and `expirytime`, both RFC 3339
 * times. An event has neither as a rule, and then asking costs a look for the name. A time that cannot be read is
 * refused where events come in; one that got in some other way counts as absent, so that nothing is lost over it.
 */
import { type CloudEvent, timestampMs } from '@afflux/events';
import type { Clock } from '@afflux/kernel';

const NOT_BEFORE = 'notbefore';
const EXPIRY_TIME = 'expirytime';

/** Farthest that `notbefore` may lie ahead: a year with a leap day. */
export const NOT_BEFORE_AHEAD_MS_MAX = 366 * 24 * 3_600_000;

/**
 * How long the event must not be delivered yet, in milliseconds; 0 when it may be. What lies farther ahead than
 * is allowed counts as absent. `nowMs` is wall time.
 */
export function notBeforeMs(event: CloudEvent, nowMs: number): number {
  const atMs = timeOf(event, NOT_BEFORE);
  if (atMs === undefined || atMs <= nowMs) return 0;
  return atMs - nowMs > NOT_BEFORE_AHEAD_MS_MAX ? 0 : atMs - nowMs;
}

/** Whether the event must not be delivered any more. Asks the clock only when the event has such a time. */
export function hasExpired(event: CloudEvent, clock: Pick<Clock, 'now'>): boolean {
  const atMs = timeOf(event, EXPIRY_TIME);
  return atMs !== undefined && atMs <= clock.now();
}

export interface EventTimesContext {
  /** The channel has the capability `delayed`, so that `notbefore` can be kept. */
  readonly isDelayed: boolean;
  /** Wall time. */
  readonly nowMs: number;
}

export interface EventTimesProblem {
  readonly attribute: typeof NOT_BEFORE | typeof EXPIRY_TIME;
  /** For the producer. */
  readonly reason: string;
}

/** Why an event must be refused with 400 for its times; undefined when it need not. */
export function eventTimesProblem(
  event: CloudEvent,
  { isDelayed, nowMs }: EventTimesContext,
): EventTimesProblem | undefined {
  if (isUnreadable(event, EXPIRY_TIME)) return unreadable(EXPIRY_TIME);
  if (event.get(NOT_BEFORE) === undefined) return undefined;
  const atMs = timeOf(event, NOT_BEFORE);
  if (atMs === undefined) return unreadable(NOT_BEFORE);
  if (!isDelayed) {
    return { attribute: NOT_BEFORE, reason: 'this channel cannot delay the delivery of an event' };
  }
  if (atMs - nowMs > NOT_BEFORE_AHEAD_MS_MAX) {
    return { attribute: NOT_BEFORE, reason: 'lies more than a year ahead' };
  }
  return undefined;
}

function isUnreadable(event: CloudEvent, name: string): boolean {
  return event.get(name) !== undefined && timeOf(event, name) === undefined;
}

function unreadable(attribute: EventTimesProblem['attribute']): EventTimesProblem {
  return { attribute, reason: 'is not an RFC 3339 timestamp; write it like 2026-11-01T10:00:00Z' };
}

function timeOf(event: CloudEvent, name: string): number | undefined {
  const value = event.get(name);
  return typeof value === 'string' ? timestampMs(value) : undefined;
}
