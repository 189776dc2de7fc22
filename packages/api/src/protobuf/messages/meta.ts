/**
 * Messages of `k8s.io/apimachinery`, group `meta`. Numbers and names are those of its `generated.proto` in release
 * 0.33; what is kept when it is zero follows its Go types.
 */
import { FIELDS_V1, TIME } from '../converted-types.ts';
import { kept, list, map, message, value } from '../message.ts';

const OWNER_REFERENCE = message('OwnerReference', {
  1: kept('kind', 'string'),
  3: kept('name', 'string'),
  4: kept('uid', 'string'),
  5: kept('apiVersion', 'string'),
  6: kept('controller', 'bool'),
  7: kept('blockOwnerDeletion', 'bool'),
});

const MANAGED_FIELDS_ENTRY = message('ManagedFieldsEntry', {
  1: value('manager', 'string'),
  2: value('operation', 'string'),
  3: value('apiVersion', 'string'),
  4: kept('time', TIME),
  6: value('fieldsType', 'string'),
  7: kept('fieldsV1', FIELDS_V1),
  8: value('subresource', 'string'),
});

export const OBJECT_META = message('ObjectMeta', {
  1: value('name', 'string'),
  2: value('generateName', 'string'),
  3: value('namespace', 'string'),
  4: value('selfLink', 'string'),
  5: value('uid', 'string'),
  6: value('resourceVersion', 'string'),
  7: value('generation', 'int64'),
  8: kept('creationTimestamp', TIME),
  9: kept('deletionTimestamp', TIME),
  10: kept('deletionGracePeriodSeconds', 'int64'),
  11: map('labels', 'string'),
  12: map('annotations', 'string'),
  13: list('ownerReferences', OWNER_REFERENCE),
  14: list('finalizers', 'string'),
  17: list('managedFields', MANAGED_FIELDS_ENTRY),
});

export const CONDITION = message('Condition', {
  1: kept('type', 'string'),
  2: kept('status', 'string'),
  3: value('observedGeneration', 'int64'),
  4: kept('lastTransitionTime', TIME),
  5: kept('reason', 'string'),
  6: kept('message', 'string'),
});

/** What a selector of labels or of fields asks of one of them; both are written alike. */
export const SELECTOR_REQUIREMENT = message('LabelSelectorRequirement', {
  1: kept('key', 'string'),
  2: kept('operator', 'string'),
  3: list('values', 'string'),
});

const PRECONDITIONS = message('Preconditions', {
  1: kept('uid', 'string'),
  2: kept('resourceVersion', 'string'),
});

export const DELETE_OPTIONS = message('DeleteOptions', {
  1: kept('gracePeriodSeconds', 'int64'),
  2: kept('preconditions', PRECONDITIONS),
  3: kept('orphanDependents', 'bool'),
  4: kept('propagationPolicy', 'string'),
  5: list('dryRun', 'string'),
  6: kept('ignoreStoreReadErrorWithClusterBreakingPotential', 'bool'),
});
