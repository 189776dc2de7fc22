/**
 * Objects as JSON values: copying, comparing, freezing.
 *
 * The store keeps one frozen tree per object and hands the same tree to every reader. `freezeOver` makes that
 * tree from what a caller passed in and from the tree that was stored before: equal subtrees are taken over
 * from the old one, so a write that changes nothing gives back the old object itself, and "did the spec
 * change" is a comparison of two references.
 *
 * Only what JSON can carry passes: no cycles (by a depth bound), no NaN, no functions, no class instances. A
 * field that is undefined counts as absent. The key `__proto__` is refused, because assigning it would change
 * a prototype instead of a field.
 */
import { StoreError } from '../errors.ts';

/** Deepest nesting that an object may have. Knative's deepest kinds stay below 20. */
export const JSON_DEPTH_MAX = 100;

type JsonRecord = Record<string, unknown>;

/** Thrown by the fast walks and translated into a message with a path by a slow one. */
const NOT_JSON = new Error('not a JSON value');

function isPlainRecord(value: object): value is JsonRecord {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function isLeaf(value: unknown): boolean {
  return (
    value === null ||
    typeof value === 'string' ||
    typeof value === 'boolean' ||
    (typeof value === 'number' && Number.isFinite(value))
  );
}

/** The own field of that name; never something inherited. */
function ownField(record: JsonRecord, key: string): unknown {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

function copyAt(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) {
    if (isLeaf(value)) return value;
    throw NOT_JSON;
  }
  if (depth === JSON_DEPTH_MAX) throw NOT_JSON;
  if (Array.isArray(value)) return value.map((item) => copyAt(item, depth + 1));
  if (!isPlainRecord(value) || Object.hasOwn(value, '__proto__')) throw NOT_JSON;
  const copy: JsonRecord = {};
  for (const key of Object.keys(value)) {
    const item = value[key];
    if (item !== undefined) copy[key] = copyAt(item, depth + 1);
  }
  return copy;
}

/** Where the first thing sits that JSON cannot carry. */
function findProblem(value: unknown, path: string, depth: number): string | undefined {
  if (typeof value !== 'object' || value === null) {
    return isLeaf(value) ? undefined : `${path}: a ${typeof value} is not a JSON value`;
  }
  if (depth === JSON_DEPTH_MAX) return `${path}: deeper than ${String(JSON_DEPTH_MAX)} levels`;
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      const problem = findProblem(item, `${path}[${String(index)}]`, depth + 1);
      if (problem !== undefined) return problem;
    }
    return undefined;
  }
  if (!isPlainRecord(value)) return `${path}: an instance of a class is not a JSON value`;
  if (Object.hasOwn(value, '__proto__')) return `${path}: the key "__proto__" is not allowed`;
  for (const key of Object.keys(value)) {
    if (value[key] === undefined) continue;
    const problem = findProblem(value[key], path === '' ? key : `${path}.${key}`, depth + 1);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function translate(error: unknown, value: unknown): unknown {
  if (error !== NOT_JSON) return error;
  const problem = findProblem(value, '', 0) ?? 'it is not JSON';
  return new StoreError('AFFLUX_STORE_BAD_REQUEST', `the object cannot be stored: ${problem}`);
}

/**
 * A deep copy that may be changed freely. Fields that are undefined are left out. Throws `StoreError`
 * BadRequest, naming the path, for what JSON cannot carry.
 */
export function mutableCopy<T>(value: T): T {
  try {
    return copyAt(value, 0) as T;
  } catch (error) {
    throw translate(error, value);
  }
}

/** A frozen tree and an upper bound on its size as JSON. */
export interface Frozen<T> {
  readonly value: T;
  readonly bytesMax: number;
}

class Freezer {
  bytesMax = 0;

  freeze(value: unknown, old: unknown, depth: number): unknown {
    if (typeof value !== 'object' || value === null) {
      if (!isLeaf(value)) throw NOT_JSON;
      // A UTF-16 unit takes at most 6 bytes (`\u001f`); 26 covers every number, boolean and null.
      this.bytesMax += typeof value === 'string' ? value.length * 6 + 3 : 26;
      return value;
    }
    if (depth === JSON_DEPTH_MAX) throw NOT_JSON;
    this.bytesMax += 3;
    if (Array.isArray(value)) return this.#freezeList(value, old, depth);
    if (!isPlainRecord(value) || Object.hasOwn(value, '__proto__')) throw NOT_JSON;
    return this.#freezeRecord(value, old, depth);
  }

  #freezeList(list: readonly unknown[], old: unknown, depth: number): unknown {
    const before: readonly unknown[] | undefined = Array.isArray(old) ? old : undefined;
    let isSame = before?.length === list.length;
    const copy = list.map((item, index) => {
      const next = this.freeze(item, before?.[index], depth + 1);
      if (next !== before?.[index]) isSame = false;
      return next;
    });
    return isSame ? before : Object.freeze(copy);
  }

  #freezeRecord(record: JsonRecord, old: unknown, depth: number): unknown {
    const isComparable = typeof old === 'object' && old !== null && !Array.isArray(old);
    const before = isComparable ? (old as JsonRecord) : undefined;
    const copy: JsonRecord = {};
    let isSame = before !== undefined;
    let count = 0;
    for (const key of Object.keys(record)) {
      const item = record[key];
      if (item === undefined) continue;
      count += 1;
      this.bytesMax += key.length * 6 + 4;
      const previous = before === undefined ? undefined : ownField(before, key);
      const next = this.freeze(item, previous, depth + 1);
      if (next !== previous) isSame = false;
      copy[key] = next;
    }
    if (isSame && before !== undefined && Object.keys(before).length === count) return before;
    return Object.freeze(copy);
  }
}

/**
 * A deep-frozen copy of `value` that shares every subtree that is equal in `old`, which must come from an
 * earlier call. Gives back `old` itself when all is equal. Throws like {@link mutableCopy}.
 */
export function freezeOver<T>(value: T, old: T | undefined): Frozen<T> {
  const freezer = new Freezer();
  try {
    const frozen = freezer.freeze(value, old, 0) as T;
    return { value: frozen, bytesMax: freezer.bytesMax };
  } catch (error) {
    throw translate(error, value);
  }
}

/** Whether two JSON values are equal; order of fields and fields that are undefined do not matter. */
export function sameJson(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) {
    return false;
  }
  if (Array.isArray(left) || Array.isArray(right)) {
    return (
      Array.isArray(left) &&
      Array.isArray(right) &&
      left.length === right.length &&
      left.every((item, index) => sameJson(item, right[index]))
    );
  }
  return sameRecord(left as JsonRecord, right as JsonRecord);
}

function sameRecord(left: JsonRecord, right: JsonRecord): boolean {
  const keys = Object.keys(left).filter((key) => left[key] !== undefined);
  const others = Object.keys(right).filter((key) => right[key] !== undefined);
  return (
    keys.length === others.length &&
    keys.every((key) => Object.hasOwn(right, key) && sameJson(left[key], right[key]))
  );
}
