/**
 * JSON patch, RFC 6902: operations applied in order to a private copy, all or none. What cannot be decoded as a list
 * of operations is a BadRequest; an operation that cannot be done is Invalid, whether it leads nowhere, fails as a
 * `test`, or is none of RFC 6902. So kube-apiserver has it, and so it reads what the RFC leaves open or forbids: an
 * absent `value` is null, and a `test` for null holds where nothing is ("must not exist").
 */
import { StoreError } from '../errors.ts';
import { mutableCopy, sameJson } from '../store/json.ts';
import { listIndex, parsePointer } from './json-pointer.ts';

/** Operations in one patch (kube-apiserver's bound). */
const OPERATIONS_MAX = 10_000;

/** JSON that all `copy` operations of one patch may copy: twice the largest object. */
const COPY_BYTES_MAX = 3_145_728;

type JsonRecord = Record<string, unknown>;
type Container = JsonRecord | unknown[];

interface Operation {
  readonly op: string;
  readonly path: string;
  readonly from?: string;
  readonly value: unknown;
}

/** The document sits in a holder, so that the whole of it can be replaced like any other place. */
interface Holder extends JsonRecord {
  root: unknown;
}

/** A patch that copies a document into itself doubles it with each operation, hence a bound. */
interface CopyBudget {
  bytesLeft: number;
}

function malformed(why: string): StoreError {
  return new StoreError('AFFLUX_STORE_BAD_REQUEST', `not a JSON patch: ${why}`);
}

/** In kube-apiserver's words. */
function tooManyOperations(count: number): StoreError {
  return new StoreError(
    'AFFLUX_STORE_TOO_LARGE',
    `Request entity too large: The allowed maximum operations in a JSON patch is ${String(OPERATIONS_MAX)}, got ${String(count)}`,
  );
}

function doesNotFit({ op, path }: Pick<Operation, 'op' | 'path'>, why: string): StoreError {
  return new StoreError(
    'AFFLUX_STORE_INVALID',
    `the JSON patch does not fit: ${op} ${JSON.stringify(path)}: ${why}`,
  );
}

function isContainer(value: unknown): value is Container {
  return typeof value === 'object' && value !== null;
}

function child(container: unknown, step: string): unknown {
  if (!isContainer(container)) return undefined;
  if (Array.isArray(container)) {
    const index = listIndex(step, container.length);
    return index === undefined ? undefined : container[index];
  }
  return Object.hasOwn(container, step) ? container[step] : undefined;
}

/** A place in the document: the container and the last step to take in it. */
interface Place {
  readonly container: Container;
  readonly step: string;
}

function locate(holder: Holder, operation: Operation, pointer: string): Place {
  const steps = parsePointer(pointer);
  if (steps === undefined) {
    throw doesNotFit(operation, `${JSON.stringify(pointer)} is not a JSON pointer`);
  }
  const path = ['root', ...steps];
  const step = path.pop() ?? 'root';
  let container: unknown = holder;
  for (const part of path) container = child(container, part);
  if (!isContainer(container)) throw doesNotFit(operation, 'the path does not exist');
  return { container, step };
}

function read({ container, step }: Place, operation: Operation): unknown {
  const value = child(container, step);
  if (value === undefined) throw doesNotFit(operation, 'the path does not exist');
  return value;
}

function remove(place: Place, operation: Operation): void {
  read(place, operation);
  const { container, step } = place;
  if (Array.isArray(container)) container.splice(Number(step), 1);
  // eslint-disable-next-line @typescript-eslint/no-dynamic-delete
  else delete container[step];
}

function add({ container, step }: Place, value: unknown, operation: Operation): void {
  if (!Array.isArray(container)) {
    if (step === '__proto__') throw doesNotFit(operation, 'the key "__proto__" is not allowed');
    container[step] = value;
    return;
  }
  const index = step === '-' ? container.length : listIndex(step, container.length + 1);
  if (index === undefined) throw doesNotFit(operation, 'the index is outside the list');
  container.splice(index, 0, value);
}

/**
 * Unlike RFC 6902 a member that is not there is added: so does the library of kube-apiserver (evanphx/json-patch v4),
 * and patches are written that rely on it. An item of a list must be there, and so must what the member is in.
 */
function replace(place: Place, value: unknown, operation: Operation): void {
  const { container, step } = place;
  if (!Array.isArray(container)) {
    add(place, value, operation);
    return;
  }
  read(place, operation);
  container[Number(step)] = value;
}

/** A member that is not there is null; an item of a list must be there. */
function test(place: Place, operation: Operation): void {
  const found = Array.isArray(place.container)
    ? read(place, operation)
    : (child(place.container, place.step) ?? null);
  if (!sameJson(found, operation.value)) throw doesNotFit(operation, 'the value is another one');
}

function source(holder: Holder, operation: Operation): Place {
  if (operation.from === undefined) throw doesNotFit(operation, 'from is required');
  return locate(holder, operation, operation.from);
}

function copied(value: unknown, operation: Operation, budget: CopyBudget): unknown {
  budget.bytesLeft -= JSON.stringify(value).length;
  if (budget.bytesLeft < 0) throw doesNotFit(operation, 'the patch copies too much');
  return mutableCopy(value);
}

function apply(holder: Holder, operation: Operation, budget: CopyBudget): void {
  const { op, path } = operation;
  switch (op) {
    case 'add':
      add(locate(holder, operation, path), operation.value, operation);
      return;
    case 'remove':
      remove(locate(holder, operation, path), operation);
      return;
    case 'replace':
      replace(locate(holder, operation, path), operation.value, operation);
      return;
    case 'move': {
      const from = source(holder, operation);
      if (path.startsWith(`${operation.from ?? ''}/`)) {
        throw doesNotFit(operation, 'a value cannot move into itself');
      }
      const value = read(from, operation);
      remove(from, operation);
      add(locate(holder, operation, path), value, operation);
      return;
    }
    case 'copy': {
      const value = copied(read(source(holder, operation), operation), operation, budget);
      add(locate(holder, operation, path), value, operation);
      return;
    }
    case 'test':
      test(locate(holder, operation, path), operation);
      return;
    default:
      throw doesNotFit(operation, 'unknown operation');
  }
}

/** A text of an operation; undefined where there is none. */
function textOf(operation: JsonRecord, field: 'op' | 'path' | 'from'): string | undefined {
  const text = operation[field] ?? undefined;
  if (text !== undefined && typeof text !== 'string') throw malformed(`${field} must be text`);
  return text;
}

function decodeOperation(value: unknown): Operation {
  if (!isContainer(value) || Array.isArray(value))
    throw malformed('an operation must be an object');
  const op = textOf(value, 'op');
  const path = textOf(value, 'path');
  const from = textOf(value, 'from');
  if (op === undefined || path === undefined) {
    throw doesNotFit({ op: op ?? '', path: path ?? '' }, 'op and path are required');
  }
  return { op, path, value: value['value'] ?? null, ...(from === undefined ? {} : { from }) };
}

/** Applies the patch to a copy of the document and returns the copy. */
export function jsonPatch(document: unknown, patch: unknown): unknown {
  // To Go, null is a list without operations.
  if (patch === null) return mutableCopy(document);
  if (!Array.isArray(patch)) throw malformed('a JSON patch is a list of operations');
  if (patch.length > OPERATIONS_MAX) throw tooManyOperations(patch.length);
  const operations = mutableCopy(patch as unknown[]).map(decodeOperation);
  const holder: Holder = { root: mutableCopy(document) };
  const budget: CopyBudget = { bytesLeft: COPY_BYTES_MAX };
  for (const operation of operations) apply(holder, operation, budget);
  return holder.root;
}
