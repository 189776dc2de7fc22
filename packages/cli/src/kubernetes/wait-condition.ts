/** `--for`: what is waited for, and whether an object is there yet. Pure. */
import { isRecord } from '@afflux/resources';
import { goText } from '@afflux/resources/text';
import { failedWith } from './failure.ts';
import { jsonPathValues, parseJsonPath, type JsonPath } from './json-path.ts';
import type { KubeObject } from './objects.ts';

export type WaitCondition =
  | { readonly is: 'delete' }
  | { readonly is: 'create' }
  | { readonly is: 'condition'; readonly type: string; readonly status: string }
  /** Without a value: the field is there. */
  | { readonly is: 'jsonpath'; readonly path: JsonPath; readonly value: string | undefined };

/** Reads `delete`, `create`, `condition=Ready[=False]` or `jsonpath={.a.b}[=value]`. */
export function parseWaitCondition(text: string): WaitCondition {
  if (text === 'delete' || text === 'create') return { is: text };
  const condition = /^condition=([^=]+)(?:=(.+))?$/.exec(text);
  if (condition !== null) {
    return { is: 'condition', type: condition[1] ?? '', status: condition[2] ?? 'True' };
  }
  // The path may hold = and quotes itself; it ends with the last brace.
  const path = /^jsonpath=['"]?(\{.*\})['"]?(?:=(.*))?$/s.exec(text);
  if (path !== null) {
    return { is: 'jsonpath', path: parseJsonPath(path[1] ?? ''), value: unquoted(path[2]) };
  }
  throw failedWith(`error: unrecognized condition: "${text}"`);
}

function unquoted(text: string | undefined): string | undefined {
  const quoted = /^(["'])(.*)\1$/s.exec(text ?? '');
  return quoted === null ? text : quoted[2];
}

/** Whether it is so; undefined stands for an object that is not there. */
export function isMet(condition: WaitCondition, object: KubeObject | undefined): boolean {
  if (condition.is === 'delete') return object === undefined;
  if (object === undefined) return false;
  switch (condition.is) {
    case 'create':
      return true;
    case 'condition':
      return hasCondition(object, condition);
    case 'jsonpath':
      return hasValue(object, condition);
  }
}

function hasCondition(
  object: KubeObject,
  { type, status }: { readonly type: string; readonly status: string },
): boolean {
  const state = isRecord(object['status']) ? object['status'] : {};
  const conditions = Array.isArray(state['conditions']) ? state['conditions'] : [];
  const found = conditions
    .filter(isRecord)
    .find((candidate) => isEqual(candidate['type'], type) && 'status' in candidate);
  if (found === undefined) return false;
  const observed = found['observedGeneration'] ?? state['observedGeneration'];
  const { generation } = object.metadata;
  // What was said of an older spec says nothing of this one.
  if (typeof observed === 'number' && generation !== undefined && observed < generation) {
    return false;
  }
  return isEqual(found['status'], status);
}

function isEqual(value: unknown, text: string): boolean {
  return typeof value === 'string' && value.toLowerCase() === text.toLowerCase();
}

function hasValue(
  object: KubeObject,
  { path, value }: { readonly path: JsonPath; readonly value: string | undefined },
): boolean {
  const found = jsonPathValues(path, object);
  if (found.length === 0) return false;
  if (value === undefined) return true;
  if (found.length > 1) {
    throw failedWith('error: given jsonpath expression matches more than one value');
  }
  const [only] = found;
  if (typeof only === 'object' && only !== null) {
    throw failedWith('error: jsonpath leads to a nested object or list which is not supported');
  }
  return goText(only) === value;
}
