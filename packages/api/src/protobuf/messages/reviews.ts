/**
 * The questions about permissions, of the groups `authorization.k8s.io` and `authentication.k8s.io` in `k8s.io/api`;
 * sources as in `core.ts`. Their status is the server's to write, so what a client sends there is skipped.
 */
import { kept, list, message, value } from '../message.ts';
import { OBJECT_META, SELECTOR_REQUIREMENT } from './meta.ts';

const SELECTOR_ATTRIBUTES = message('SelectorAttributes', {
  1: value('rawSelector', 'string'),
  2: list('requirements', SELECTOR_REQUIREMENT),
});

const RESOURCE_ATTRIBUTES = message('ResourceAttributes', {
  1: value('namespace', 'string'),
  2: value('verb', 'string'),
  3: value('group', 'string'),
  4: value('version', 'string'),
  5: value('resource', 'string'),
  6: value('subresource', 'string'),
  7: value('name', 'string'),
  8: kept('fieldSelector', SELECTOR_ATTRIBUTES),
  9: kept('labelSelector', SELECTOR_ATTRIBUTES),
});

const NON_RESOURCE_ATTRIBUTES = message('NonResourceAttributes', {
  1: value('path', 'string'),
  2: value('verb', 'string'),
});

export const SELF_SUBJECT_ACCESS_REVIEW = message('SelfSubjectAccessReview', {
  1: kept('metadata', OBJECT_META),
  2: kept(
    'spec',
    message('SelfSubjectAccessReviewSpec', {
      1: kept('resourceAttributes', RESOURCE_ATTRIBUTES),
      2: kept('nonResourceAttributes', NON_RESOURCE_ATTRIBUTES),
    }),
  ),
});

export const SELF_SUBJECT_RULES_REVIEW = message('SelfSubjectRulesReview', {
  1: kept('metadata', OBJECT_META),
  2: kept('spec', message('SelfSubjectRulesReviewSpec', { 1: value('namespace', 'string') })),
});

export const SELF_SUBJECT_REVIEW = message('SelfSubjectReview', {
  1: kept('metadata', OBJECT_META),
});
