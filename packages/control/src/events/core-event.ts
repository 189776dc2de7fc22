/**
 * Kubernetes' own Event objects (core v1), the ones that `kubectl describe` shows below an object: what
 * happened to whom, how often, when first and when last. Not to be confused with CloudEvents.
 *
 * The fields and their form are client-go's, so that every tool that reads Events reads these.
 */
import type { ApiObject, ObjectMeta } from '@afflux/resources';
import { isTimestamp, secondsTimestamp } from '../timestamp.ts';
import type { GroupVersionKind } from '../store/resource-store.ts';

/** The kind of the objects that are written here. */
export const EVENT: GroupVersionKind = { apiVersion: 'v1', kind: 'Event' };

/** Where Events about cluster-scoped objects are. */
const CLUSTER_SCOPE_NAMESPACE = 'default';
/** What the API of Events allows for a note. */
const MESSAGE_BYTES_MAX = 1024;
/** Longest name of an object, and what the time takes of it: a dot and 16 hexadecimal digits. */
const NAME_LENGTH_MAX = 253;
const NAME_SUFFIX_LENGTH = 17;

export type EventType = 'Normal' | 'Warning';

/** What there is to tell about an object. */
export interface EventToRecord {
  /** The object it happened to. */
  readonly object: ApiObject;
  readonly type: EventType;
  /** A CamelCase word for programs, at most 128 characters. */
  readonly reason: string;
  /** A sentence for people, without secrets. Cut at 1024 bytes. */
  readonly message: string;
  /** Who tells it; default: the component of the recorder. */
  readonly component?: string | undefined;
}

/** Names one object in one state. */
export interface InvolvedObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
}

/** A core v1 Event as it is written. */
export interface CoreEvent extends ApiObject {
  readonly metadata: ObjectMeta & { readonly namespace: string };
  readonly involvedObject: InvolvedObject;
  readonly type: EventType;
  readonly reason: string;
  readonly message: string;
  readonly source: { readonly component: string };
  readonly reportingComponent: string;
  readonly reportingInstance: string;
  readonly count: number;
  readonly firstTimestamp: string;
  readonly lastTimestamp: string;
}

/** A user name and password in an address, as errors of network libraries show them. */
const USER_INFO = /(:\/\/)[^\s/@]+@/g;

/** The text as it may be shown: no credentials of addresses, no longer than an Event may be. */
export function eventMessage(text: string): string {
  return cutToBytes(text.replace(USER_INFO, '$1***@'), MESSAGE_BYTES_MAX);
}

/** The longest beginning that has at most so many bytes and ends with a whole character. */
function cutToBytes(text: string, bytesMax: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= bytesMax) return text;
  let end = bytesMax;
  // Bytes of the form 10xxxxxx continue a character.
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return bytes.toString('utf8', 0, end);
}

/** The Event of one occurrence, `nowMs` by the wall clock. */
export function makeEvent(
  { object, type, reason, message, component }: EventToRecord & { readonly component: string },
  name: string,
  nowMs: number,
): CoreEvent {
  const { namespace, name: objectName, uid, resourceVersion } = object.metadata;
  const now = secondsTimestamp(nowMs);
  return {
    ...EVENT,
    metadata: { name, namespace: namespace ?? CLUSTER_SCOPE_NAMESPACE },
    involvedObject: {
      apiVersion: object.apiVersion,
      kind: object.kind,
      ...(namespace === undefined ? {} : { namespace }),
      name: objectName,
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
    },
    type,
    reason,
    message: eventMessage(message),
    source: { component },
    reportingComponent: component,
    reportingInstance: '',
    count: 1,
    firstTimestamp: now,
    lastTimestamp: now,
  };
}

/** `<name of the object>.<nanoseconds since 1970, hexadecimal>`. */
export function eventName(objectName: string, nanos: bigint): string {
  const base = objectName.slice(0, NAME_LENGTH_MAX - NAME_SUFFIX_LENGTH).replace(/[^a-z0-9]+$/, '');
  return `${base}.${nanos.toString(16)}`;
}

/** When an Event was last heard of, in milliseconds since 1970; 0 when it does not say. Never after `nowMs`. */
export function lastHeardOfMs(event: ApiObject, nowMs: number): number {
  const { lastTimestamp, eventTime, series } = event as ApiObject & {
    readonly lastTimestamp?: unknown;
    readonly eventTime?: unknown;
    readonly series?: { readonly lastObservedTime?: unknown } | null;
  };
  const { creationTimestamp } = event.metadata;
  const times = [lastTimestamp, eventTime, series?.lastObservedTime, creationTimestamp]
    .filter(isTimestamp)
    .map((time) => Date.parse(time))
    // A time that has not come yet is a mistake of its author, and must not make the Event stay for ever.
    .filter((ms) => ms <= nowMs);
  return Math.max(0, ...times);
}
