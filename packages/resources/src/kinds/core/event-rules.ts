/**
 * kube-apiserver's rules for Events (k8s.io/kubernetes 1.33, `pkg/apis/core/validation/events.go`), in the names of the
 * core group, which its refusals use for both. An Event with `eventTime` is of the newer form and must say more.
 */
import { isDeepStrictEqual } from 'node:util';
import { FieldErrors } from '../../field-errors.ts';
import { isQualifiedName, NAME_PART_WORDS } from '../../names.ts';
import type { KubernetesEvent } from './event.ts';

const TEXT_LENGTH_MAX = 128;
const MESSAGE_LENGTH_MAX = 1024;
const SERIES_COUNT_MIN = 2;

/** Where the Events of objects without a namespace may be. */
const NAMESPACES_OF_ALL: readonly string[] = ['default', 'kube-system'];

/** What the rules read; in the core group all of an Event. */
export type EventFields = Pick<
  KubernetesEvent,
  Exclude<keyof KubernetesEvent, 'apiVersion' | 'kind'>
>;

/** A value whose text is not shown. */
function refuse(errors: FieldErrors, field: string, words: string): void {
  errors.invalidValue('', field, words);
}

function checkLength(errors: FieldErrors, field: string, text = '', lengthMax: number): void {
  if (text.length <= lengthMax) return;
  refuse(errors, field, `can have at most ${String(lengthMax)} characters`);
}

function checkReporter(errors: FieldErrors, field: string, name = ''): void {
  if (name === '') errors.missing(field).invalidValue('', field, 'name part must be non-empty');
  if (!isQualifiedName(name)) errors.invalidValue(name, field, `name part ${NAME_PART_WORDS}`);
}

/** Rules for all Events. `reporterField` is what refusals call `reportingComponent`. */
export function checkEvent(event: EventFields, reporterField: string): FieldErrors {
  const errors = new FieldErrors();
  const { metadata, involvedObject, eventTime, reportingComponent, reportingInstance } = event;
  const { namespace: owner = '' } = metadata;
  const { namespace = '' } = involvedObject;
  const isNewer = eventTime !== undefined;
  const mayBeHere = isNewer ? NAMESPACES_OF_ALL.includes(owner) : ['', 'default'].includes(owner);
  const isHere = namespace === '' ? mayBeHere : isNewer || namespace === owner;
  if (!isHere) {
    errors.invalidValue(namespace, 'involvedObject.namespace', 'does not match event.namespace');
  }
  if (!isNewer) return errors;
  checkReporter(errors, reporterField, reportingComponent);
  const texts = { reportingInstance, action: event.action, reason: event.reason };
  for (const [field, text = ''] of Object.entries(texts)) {
    if (text === '') errors.missing(field);
    checkLength(errors, field, text, TEXT_LENGTH_MAX);
  }
  checkLength(errors, 'message', event.message, MESSAGE_LENGTH_MAX);
  return errors;
}

function checkSeries({ series }: EventFields, errors: FieldErrors): void {
  if (series === undefined) return;
  if ((series.count ?? 0) < SERIES_COUNT_MIN) {
    refuse(errors, 'series.count', `should be at least ${String(SERIES_COUNT_MIN)}`);
  }
  if (series.lastObservedTime === undefined) errors.missing('series.lastObservedTime');
}

/** Rules for an Event that is made in the newer group. */
export function checkNewEvent(event: EventFields): FieldErrors {
  const errors = new FieldErrors();
  const { eventTime, type = '', source: { component = '', host = '' } = {} } = event;
  checkSeries(event, errors);
  if (eventTime === undefined) errors.missing('eventTime');
  if (type !== 'Normal' && type !== 'Warning') refuse(errors, 'type', `has invalid value: ${type}`);
  const isSet = {
    firstTimestamp: event.firstTimestamp !== undefined,
    lastTimestamp: event.lastTimestamp !== undefined,
    count: (event.count ?? 0) !== 0,
    source: component + host !== '',
  };
  for (const [field, found] of Object.entries(isSet)) {
    if (found) refuse(errors, field, 'needs to be unset');
  }
  return errors;
}

/** What is not told any more once it was told. */
const FIXED = [
  'involvedObject',
  'reason',
  'message',
  'source',
  'firstTimestamp',
  'lastTimestamp',
  'count',
  'type',
  'eventTime',
  'action',
  'related',
  'reportingComponent',
  'reportingInstance',
] as const;

/** Rules for an Event that is changed in the newer group: only how it goes on may change. */
export function checkChangedEvent(event: EventFields, old: EventFields): FieldErrors {
  const errors = new FieldErrors();
  if (!isDeepStrictEqual(event.series, old.series)) checkSeries(event, errors);
  for (const field of FIXED) {
    const value = event[field];
    if (isDeepStrictEqual(value, old[field])) continue;
    const shown =
      typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value);
    errors.invalidValue(shown, field, 'field is immutable');
  }
  return errors;
}
