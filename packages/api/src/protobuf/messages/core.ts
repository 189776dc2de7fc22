/**
 * Messages of `k8s.io/api`, group `core`, besides Service. Numbers and names are those of its `generated.proto` in
 * release 0.33; what is kept when it is zero follows its Go types.
 */
import { MICRO_TIME, TIME } from '../converted-types.ts';
import { kept, list, map, message, value } from '../message.ts';
import { OBJECT_META } from './meta.ts';

export const CONFIG_MAP = message('ConfigMap', {
  1: kept('metadata', OBJECT_META),
  2: map('data', 'string'),
  3: map('binaryData', 'bytes'),
  4: kept('immutable', 'bool'),
});

export const SECRET = message('Secret', {
  1: kept('metadata', OBJECT_META),
  2: map('data', 'bytes'),
  3: value('type', 'string'),
  4: map('stringData', 'string'),
  5: kept('immutable', 'bool'),
});

const NAMESPACE_CONDITION = message('NamespaceCondition', {
  1: kept('type', 'string'),
  2: kept('status', 'string'),
  4: kept('lastTransitionTime', TIME),
  5: value('reason', 'string'),
  6: value('message', 'string'),
});

export const NAMESPACE = message('Namespace', {
  1: kept('metadata', OBJECT_META),
  2: kept('spec', message('NamespaceSpec', { 1: list('finalizers', 'string') })),
  3: kept(
    'status',
    message('NamespaceStatus', {
      1: value('phase', 'string'),
      2: list('conditions', NAMESPACE_CONDITION),
    }),
  ),
});

const OBJECT_REFERENCE = message('ObjectReference', {
  1: value('kind', 'string'),
  2: value('namespace', 'string'),
  3: value('name', 'string'),
  4: value('uid', 'string'),
  5: value('apiVersion', 'string'),
  6: value('resourceVersion', 'string'),
  7: value('fieldPath', 'string'),
});

export const SERVICE_ACCOUNT = message('ServiceAccount', {
  1: kept('metadata', OBJECT_META),
  2: list('secrets', OBJECT_REFERENCE),
  3: list('imagePullSecrets', message('LocalObjectReference', { 1: value('name', 'string') })),
  4: kept('automountServiceAccountToken', 'bool'),
});

const EVENT_SOURCE = message('EventSource', {
  1: value('component', 'string'),
  2: value('host', 'string'),
});

const EVENT_SERIES = message('EventSeries', {
  1: value('count', 'int32'),
  2: kept('lastObservedTime', MICRO_TIME),
});

export const EVENT = message('Event', {
  1: kept('metadata', OBJECT_META),
  2: kept('involvedObject', OBJECT_REFERENCE),
  3: value('reason', 'string'),
  4: value('message', 'string'),
  5: kept('source', EVENT_SOURCE),
  6: kept('firstTimestamp', TIME),
  7: kept('lastTimestamp', TIME),
  8: value('count', 'int32'),
  9: value('type', 'string'),
  10: kept('eventTime', MICRO_TIME),
  11: kept('series', EVENT_SERIES),
  12: value('action', 'string'),
  13: kept('related', OBJECT_REFERENCE),
  14: kept('reportingComponent', 'string'),
  15: kept('reportingInstance', 'string'),
});

/** The same of group `events.k8s.io`. */
export const NEWER_EVENT = message('Event', {
  1: kept('metadata', OBJECT_META),
  2: kept('eventTime', MICRO_TIME),
  3: kept('series', EVENT_SERIES),
  4: value('reportingController', 'string'),
  5: value('reportingInstance', 'string'),
  6: value('action', 'string'),
  7: value('reason', 'string'),
  8: kept('regarding', OBJECT_REFERENCE),
  9: kept('related', OBJECT_REFERENCE),
  10: value('note', 'string'),
  11: value('type', 'string'),
  12: kept('deprecatedSource', EVENT_SOURCE),
  13: kept('deprecatedFirstTimestamp', TIME),
  14: kept('deprecatedLastTimestamp', TIME),
  15: value('deprecatedCount', 'int32'),
});
