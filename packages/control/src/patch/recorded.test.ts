/**
 * Sequences of writes recorded from a real kube-apiserver 1.33: request, and object or refusal. Each step starts from
 * what the server had stored, so that one difference does not hide the next. Times are numbers of steps.
 *
 * What the server fills in (defaults, addresses) is in its objects and not in ours: kinds with such fields are
 * compared by what we know, kinds without by everything.
 */
import { isRecord, type ApiObject, type JsonRecord, type ManagedFields } from '@afflux/resources';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { mutableCopy } from '../store/json.ts';
import type { MergeSchema } from '../store/resource-store.ts';
import { apply } from './apply.ts';
import { applyPatch } from './apply-patch.ts';
import { strategicMergePatch } from './strategic-merge.ts';
import { takeOwnership } from './take-ownership.ts';
import { refusal } from './testing/writers.ts';

interface Step {
  readonly op: 'create' | 'update' | 'merge' | 'json' | 'strategic' | 'apply';
  readonly manager: string;
  readonly force?: boolean;
  readonly subresource?: 'status';
  readonly body: unknown;
  readonly unchanged?: boolean;
  readonly result?: ApiObject;
  readonly error?: {
    readonly status: number;
    readonly message: string;
    readonly causes?: unknown[];
  };
}

interface Sequence {
  readonly title: string;
  readonly kind: string;
  readonly hasStatus: boolean;
  readonly schema: MergeSchema;
  readonly steps: readonly Step[];
}

/** Kinds in which the server fills in fields of its own. */
const FILLED_IN = new Set(['Service', 'Deployment']);

/** The server writes null where the template of a Deployment has no time. */
function withoutTimes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutTimes);
  if (!isRecord(value)) return value;
  const entries = Object.entries(value).filter(([key]) => key !== 'creationTimestamp');
  return Object.fromEntries(entries.map(([key, item]) => [key, withoutTimes(item)]));
}

const FILE = new URL('./testing/kube-apiserver.jsonl', import.meta.url);
const SEQUENCES = readFileSync(FILE, 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Sequence)
  .map(
    (sequence) => (FILLED_IN.has(sequence.kind) ? withoutTimes(sequence) : sequence) as Sequence,
  );

/** Addresses that the server allocates after it has settled ownership. */
const ALLOCATED = ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy'];

const now = (index: number): string => `2025-01-01T00:00:${String(index).padStart(2, '0')}Z`;

function withoutOwners(object: ApiObject): unknown {
  const { managedFields: _owners, ...metadata } = object.metadata;
  return { ...object, metadata };
}

/** The part of `theirs` that `ours` mentions: what the server filled in is left out. */
function mentioned(theirs: unknown, ours: unknown): unknown {
  if (Array.isArray(theirs) && Array.isArray(ours)) {
    return theirs.map((item, index) => mentioned(item, ours[index]));
  }
  if (typeof theirs !== 'object' || typeof ours !== 'object' || !theirs || !ours) return theirs;
  const entries = Object.entries(theirs).filter(([key]) => Object.hasOwn(ours, key));
  const mine = ours as Record<string, unknown>;
  return Object.fromEntries(entries.map(([key, item]) => [key, mentioned(item, mine[key])]));
}

/** Typed kinds of the server do not write empty objects, and write a null where a time is missing. */
function written(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(written);
  if (!isRecord(value)) return value;
  const entries = Object.entries(value).map(([key, item]) => [key, written(item)] as const);
  return Object.fromEntries(
    entries.filter(([, item]) => item !== null && !(isRecord(item) && isEmpty(item))),
  );
}

function isEmpty(record: JsonRecord): boolean {
  return Object.keys(record).length === 0;
}

/** The one default that the schema of the recorded custom resource has. */
function defaulted(object: unknown): unknown {
  const copy = mutableCopy(object) as ApiObject<{ ports?: { protocol?: string }[] }>;
  for (const port of copy.spec?.ports ?? []) port.protocol ??= 'TCP';
  return copy;
}

function expectSameObject({ kind }: Sequence, ours: unknown, theirs: ApiObject): void {
  const [mine, real] = [withoutOwners(ours as ApiObject), withoutOwners(theirs)];
  if (FILLED_IN.has(kind)) expect(written(mine)).toEqual(written(mentioned(real, mine)));
  else expect(defaulted(mine)).toEqual(real);
}

/** Compared as text: the order of entries and of fields is part of the form (custom resources lose it). */
function expectSameOwners(ours: ManagedFields[] | undefined, theirs: ApiObject): void {
  expect(ours ?? []).toEqual(theirs.metadata.managedFields ?? []);
  if (theirs.kind === 'Widget') return;
  const text = (entries: ManagedFields[] = []): string[] =>
    entries.map(({ fieldsV1 }) => JSON.stringify(fieldsV1));
  expect(text(ours)).toEqual(text(theirs.metadata.managedFields));
}

/** The object that an ordinary write asks for. */
function requested(step: Step, before: ApiObject | undefined, schema: MergeSchema): ApiObject {
  switch (step.op) {
    case 'merge':
    case 'json':
      return applyPatch(before, { type: step.op, body: step.body }) as ApiObject;
    case 'strategic':
      return strategicMergePatch(before, step.body, schema) as ApiObject;
    default:
      return mutableCopy(step.body) as ApiObject;
  }
}

/** What the server took for the new object when it settled ownership. */
function accepted(result: ApiObject, sent: ApiObject, isNew: boolean): ApiObject {
  const next = (
    FILLED_IN.has(result.kind) ? withoutTimes(result) : mutableCopy(result)
  ) as ApiObject;
  delete next.metadata.managedFields;
  const { managedFields } = sent.metadata;
  if (managedFields !== undefined) next.metadata.managedFields = managedFields;
  const { spec } = next as ApiObject<Record<string, unknown>>;
  // eslint-disable-next-line @typescript-eslint/no-dynamic-delete
  if (isNew && next.kind === 'Service' && spec) for (const field of ALLOCATED) delete spec[field];
  return next;
}

function replayApply(
  sequence: Sequence,
  step: Step,
  before: ApiObject | undefined,
  at: string,
): void {
  const { hasStatus, schema } = sequence;
  const { manager, force, subresource } = step;
  const run = (): ApiObject =>
    apply(before, step.body, { manager, force, subresource, now: at, schema, hasStatus });
  if (step.error !== undefined) {
    const { message, details, status } = refusal(run);
    expect({ status, message }).toEqual({ status: step.error.status, message: step.error.message });
    // The server lists them in no particular order.
    expect(details['causes']).toHaveLength(step.error.causes?.length ?? 0);
    expect(details['causes']).toEqual(expect.arrayContaining(step.error.causes ?? []));
    return;
  }
  const result = run();
  const theirs = step.result as ApiObject;
  expectSameOwners(result.metadata.managedFields, theirs);
  expectSameObject(sequence, result, theirs);
  if (step.unchanged === true) expect(result).toBe(before);
}

function replayWrite(
  sequence: Sequence,
  step: Step,
  before: ApiObject | undefined,
  at: string,
): void {
  const { hasStatus, schema } = sequence;
  const { manager, subresource } = step;
  const theirs = step.result as ApiObject;
  const sent = requested(step, before, schema);
  const isWhole = step.op !== 'create' && step.op !== 'update';
  if (isWhole && subresource === undefined && !hasStatus) expectSameObject(sequence, sent, theirs);
  if (step.op === 'strategic') {
    const { status: _ours, ...ours } = sent;
    const { status: _theirs, ...real } = theirs;
    expectSameObject(sequence, ours, real);
  }
  const next = accepted(theirs, sent, step.op === 'create');
  const options = { manager, subresource, now: at, schema, hasStatus };
  const owners = takeOwnership(before, next, options);
  expectSameOwners(owners, theirs);
  if (step.unchanged === true) expect(owners).toBe(before?.metadata.managedFields);
}

describe.each(SEQUENCES)('as kube-apiserver: $title', (sequence) => {
  const names = sequence.steps.map((step, index) => {
    const what = `${String(index)}. ${step.op} ${step.subresource ?? ''} by ${step.manager}`;
    return [`${what}${step.force === true ? ' with force' : ''}`, index] as const;
  });

  it.each(names)('%s', (_, index) => {
    const step = sequence.steps[index] as Step;
    const before = sequence.steps
      .slice(0, index)
      .map(({ result }) => result)
      .findLast((result) => result !== undefined);
    if (step.op === 'apply') replayApply(sequence, step, before, now(index));
    else if (step.result !== undefined) replayWrite(sequence, step, before, now(index));
    else expect(step.error?.status).toBe(409);
  });
});
