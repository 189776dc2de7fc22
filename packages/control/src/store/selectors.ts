/**
 * Which objects a selector means: conditions on labels and on fields, as data, with the text form that
 * Kubernetes' clients send (`app in (a, b),!legacy`; `metadata.name=orders,type!=Opaque`). Pure.
 */
import type { ApiObject } from '@afflux/resources';
import { badRequest } from './refusals.ts';
import type { LabelSelector, SelectorRequirement, StoredKind } from './resource-store.ts';
import { asInteger, REQUIREMENTS_MAX } from './selectors-of-labels.ts';

export { parseLabelSelector } from './selectors-of-labels.ts';

/** Which objects of a kind are meant. */
export interface ObjectFilter {
  readonly namespace?: string | undefined;
  readonly labelSelector?: LabelSelector | undefined;
  readonly fieldSelector?: readonly SelectorRequirement[] | undefined;
}

/** Fields that every kind can be selected by. */
const COMMON_FIELDS: readonly string[] = ['metadata.name', 'metadata.namespace'];

function isList(selector: LabelSelector): selector is readonly SelectorRequirement[] {
  return Array.isArray(selector);
}

function meets({ operator, values = [] }: SelectorRequirement, found: string | undefined): boolean {
  switch (operator) {
    case 'In':
      return found !== undefined && values.includes(found);
    case 'NotIn':
      return found === undefined || !values.includes(found);
    case 'Exists':
      return found !== undefined;
    case 'DoesNotExist':
      return found === undefined;
    case 'Gt':
    case 'Lt':
      return isBeyond(operator, asInteger(found), asInteger(values[0]));
  }
}

function isBeyond(
  operator: 'Gt' | 'Lt',
  found: bigint | undefined,
  bound: bigint | undefined,
): boolean {
  if (found === undefined || bound === undefined) return false;
  return operator === 'Gt' ? found > bound : found < bound;
}

/** Whether the labels of an object are as the selector wants them. */
export function matchesLabels(object: ApiObject, selector: LabelSelector | undefined): boolean {
  if (selector === undefined) return true;
  const labels = object.metadata.labels ?? {};
  const valueOf = (key: string) => (Object.hasOwn(labels, key) ? labels[key] : undefined);
  return isList(selector)
    ? selector.every((requirement) => meets(requirement, valueOf(requirement.key)))
    : Object.entries(selector).every(([key, value]) => valueOf(key) === value);
}

/** Fields that Kubernetes selects by under another name than the object has. */
const FIELD_PATHS: Readonly<Record<string, string>> = { source: 'source.component' };

/** The text of a field; empty where there is none. */
function fieldText(object: ApiObject, field: string): string {
  let value: unknown = object;
  for (const step of (FIELD_PATHS[field] ?? field).split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return '';
    value = (value as Record<string, unknown>)[step];
  }
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
    case 'boolean':
      return String(value);
    default:
      return '';
  }
}

/** Whether labels and fields of an object are as wanted. Its namespace is not looked at. */
export function matchesSelectors(object: ApiObject, filter: ObjectFilter): boolean {
  return (
    matchesLabels(object, filter.labelSelector) &&
    (filter.fieldSelector ?? []).every((requirement) =>
      meets(requirement, fieldText(object, requirement.key)),
    )
  );
}

/** Whether an object is meant at all. */
export function matchesFilter(object: ApiObject, filter: ObjectFilter): boolean {
  const isInside = filter.namespace === undefined || filter.namespace === object.metadata.namespace;
  return isInside && matchesSelectors(object, filter);
}

/** Throws BadRequest for a field that the kind cannot be selected by, in kube-apiserver's words. */
export function checkFieldSelector(
  kind: StoredKind,
  selector: readonly SelectorRequirement[] | undefined,
): void {
  for (const { key, operator } of selector ?? []) {
    if (operator !== 'In' && operator !== 'NotIn') {
      throw badRequest(`field selectors know =, == and != only: ${key}`);
    }
    if (!COMMON_FIELDS.includes(key) && kind.selectableFields?.includes(key) !== true) {
      throw badRequest(`field label not supported: ${key}`);
    }
  }
}

function bounded(parts: readonly string[]): readonly string[] {
  if (parts.length <= REQUIREMENTS_MAX) return parts;
  throw badRequest(`a selector may have at most ${String(REQUIREMENTS_MAX)} conditions`);
}

/**
 * Reads a field selector such as `metadata.name=orders,type!=Opaque`; a backslash makes a comma, an equals sign or
 * a backslash part of the value. Throws BadRequest.
 */
export function parseFieldSelector(text: string): readonly SelectorRequirement[] {
  const parts = text.match(/(?:\\.|[^,\\])+/gs) ?? [];
  return bounded(parts.filter((part) => part.trim() !== '')).map((part) => {
    const [, key, operator, value] = /^([^=!\\]+?)(==|=|!=)(.*)$/s.exec(part) ?? [];
    if (key === undefined || value === undefined) {
      throw badRequest(
        `invalid selector: ${JSON.stringify(text)}; can't understand ${JSON.stringify(part)}`,
      );
    }
    return {
      key: key.trim(),
      operator: operator === '!=' ? 'NotIn' : 'In',
      values: [value.replace(/\\(.)/gs, '$1')],
    };
  });
}

/** The text form of a label selector; the inverse of `parseLabelSelector`. */
export function labelSelectorText(selector: LabelSelector): string {
  const requirements = isList(selector)
    ? selector
    : Object.entries(selector).map(([key, value]): SelectorRequirement => ({
        key,
        operator: 'In',
        values: [value],
      }));
  return requirements.map(requirementText).join(',');
}

function requirementText({ key, operator, values = [] }: SelectorRequirement): string {
  switch (operator) {
    case 'Exists':
      return key;
    case 'DoesNotExist':
      return `!${key}`;
    case 'In':
      return values.length === 1 ? `${key}=${values.join('')}` : `${key} in (${values.join(',')})`;
    case 'NotIn':
      return values.length === 1
        ? `${key}!=${values.join('')}`
        : `${key} notin (${values.join(',')})`;
    case 'Gt':
      return `${key}>${values.join('')}`;
    case 'Lt':
      return `${key}<${values.join('')}`;
  }
}

/** The text form of a field selector; the inverse of {@link parseFieldSelector}. */
export function fieldSelectorText(selector: readonly SelectorRequirement[]): string {
  return selector
    .flatMap(({ key, operator, values = [] }) =>
      values.map(
        (value) => `${key}${operator === 'NotIn' ? '!=' : '='}${value.replace(/[\\,=]/g, '\\$&')}`,
      ),
    )
    .join(',');
}
