/** The query parameters of the API, checked: what a client asks for besides the object. Pure. */
import {
  parseFieldSelector,
  parseLabelSelector,
  StoreError,
  type FieldValidation,
  type SelectorRequirement,
} from '@afflux/control';
import { badRequest } from './errors.ts';

export type Query = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Objects in one page when the client sets no limit: all. */
export interface ListQuery {
  readonly labelSelector: readonly SelectorRequirement[] | undefined;
  readonly fieldSelector: readonly SelectorRequirement[] | undefined;
  readonly limit: number | undefined;
  readonly continueToken: string | undefined;
  readonly resourceVersion: string | undefined;
  readonly match: 'Exact' | 'NotOlderThan' | undefined;
  readonly isWatch: boolean;
  readonly allowBookmarks: boolean;
  readonly sendInitialEvents: boolean;
  readonly timeoutMs: number | undefined;
}

/** A client may not hold a watch open for longer, in seconds. */
const TIMEOUT_S_MAX = 24 * 3_600;

/** The first value of a parameter; empty counts as absent. */
export function text(query: Query, name: string): string | undefined {
  const value = query[name];
  const first = typeof value === 'string' ? value : value?.[0];
  return first === '' ? undefined : first;
}

/** Kubernetes' reading: there and neither `false` nor `0`, so that `?watch` is a watch. */
export function isTrue(query: Query, name: string): boolean {
  const value = query[name];
  const first = typeof value === 'string' ? value : value?.[0];
  return first !== undefined && first.toLowerCase() !== 'false' && first !== '0';
}

function count(query: Query, name: string, max: number): number | undefined {
  const value = text(query, name);
  if (value === undefined) return undefined;
  if (!/^\d{1,15}$/.test(value)) {
    throw badRequest(`invalid value for ${name}: ${JSON.stringify(value)}: expected a number`);
  }
  return Math.min(Number(value), max);
}

export function listQuery(query: Query): ListQuery {
  const labels = text(query, 'labelSelector');
  const fields = text(query, 'fieldSelector');
  const limit = count(query, 'limit', Number.MAX_SAFE_INTEGER);
  const timeoutS = count(query, 'timeoutSeconds', TIMEOUT_S_MAX);
  const isWatch = isTrue(query, 'watch');
  const sendInitialEvents = isTrue(query, 'sendInitialEvents');
  const match = matchOf(query);
  if (sendInitialEvents && (!isWatch || match !== 'NotOlderThan')) {
    throw invalidMatch(
      'Forbidden',
      'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
    );
  }
  return {
    labelSelector: labels === undefined ? undefined : parseLabelSelector(labels),
    fieldSelector: fields === undefined ? undefined : parseFieldSelector(fields),
    limit: limit === 0 ? undefined : limit,
    continueToken: text(query, 'continue'),
    resourceVersion: text(query, 'resourceVersion'),
    match,
    isWatch,
    allowBookmarks: isTrue(query, 'allowWatchBookmarks'),
    sendInitialEvents,
    timeoutMs: timeoutS === undefined || timeoutS === 0 ? undefined : timeoutS * 1000,
  };
}

function matchOf(query: Query): ListQuery['match'] {
  const match = text(query, 'resourceVersionMatch');
  if (match === undefined || match === 'Exact' || match === 'NotOlderThan') return match;
  throw invalidMatch(
    'Unsupported value',
    `${JSON.stringify(match)}: supported values: "Exact", "NotOlderThan", ""`,
  );
}

const CAUSE_REASONS = {
  Forbidden: 'FieldValueForbidden',
  'Unsupported value': 'FieldValueNotSupported',
} as const;

/** What is wrong with one option: the class of problem, and its explanation. */
type OptionProblem = readonly [what: keyof typeof CAUSE_REASONS, why: string];

/** Options that are well-formed and do not fit: 422, as for an object. */
export function invalidOption(
  kind: 'ListOptions' | 'DeleteOptions',
  field: string,
  [what, why]: OptionProblem,
): StoreError {
  const group = 'meta.k8s.io';
  const message = `${what}: ${why}`;
  const causes = [{ reason: CAUSE_REASONS[what], message, field }];
  return new StoreError(
    'AFFLUX_STORE_INVALID',
    `${kind}.${group} "" is invalid: ${field}: ${message}`,
    { details: { group, kind, causes } },
  );
}

/** How a version is asked for does not fit the rest. */
export function invalidMatch(...problem: OptionProblem): StoreError {
  return invalidOption('ListOptions', 'resourceVersionMatch', problem);
}

export interface WriteQuery {
  readonly dryRun: boolean;
  readonly fieldManager: string | undefined;
  readonly fieldValidation: FieldValidation;
  readonly force: boolean;
}

const FIELD_VALIDATIONS: readonly FieldValidation[] = ['Strict', 'Warn', 'Ignore'];

export function writeQuery(query: Query): WriteQuery {
  const validation = text(query, 'fieldValidation') ?? 'Warn';
  const fieldValidation = FIELD_VALIDATIONS.find((known) => known === validation);
  if (fieldValidation === undefined) {
    throw badRequest(
      `fieldValidation: Unsupported value: ${JSON.stringify(validation)}: supported values: "Ignore", "Strict", "Warn"`,
    );
  }
  return {
    dryRun: dryRunOf(text(query, 'dryRun')),
    fieldManager: text(query, 'fieldManager'),
    fieldValidation,
    force: isTrue(query, 'force'),
  };
}

/** Only `All` is a trial run; anything else is refused, because doing it for real would be worse. */
export function dryRunOf(value: string | undefined): boolean {
  if (value === undefined) return false;
  if (value === 'All') return true;
  throw badRequest(`dryRun: Unsupported value: ${JSON.stringify(value)}: supported values: "All"`);
}
