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

/** Every value of a parameter, empty ones too. */
function texts(query: Query, name: string): readonly string[] {
  const value = query[name];
  if (value === undefined) return [];
  return typeof value === 'string' ? [value] : value;
}

/** The first value of a parameter; empty counts as absent. */
export function text(query: Query, name: string): string | undefined {
  const [first] = texts(query, name);
  return first === '' ? undefined : first;
}

/** Kubernetes' reading: there and neither `false` nor `0`, so that `?watch` is a watch. */
export function isTrue(query: Query, name: string): boolean {
  const [first] = texts(query, name);
  return first !== undefined && first.toLowerCase() !== 'false' && first !== '0';
}

/** A number above 0; others mean the same as none. */
export function count(query: Query, name: string, max: number): number | undefined {
  const value = text(query, name);
  if (value === undefined) return undefined;
  if (!/^-?\d{1,19}$/.test(value)) {
    throw badRequest(`invalid value for ${name}: ${JSON.stringify(value)}: expected a number`);
  }
  return Number(value) > 0 ? Math.min(Number(value), max) : undefined;
}

export function listQuery(query: Query): ListQuery {
  const labels = text(query, 'labelSelector');
  const fields = text(query, 'fieldSelector');
  const limit = count(query, 'limit', Number.MAX_SAFE_INTEGER);
  const timeoutS = count(query, 'timeoutSeconds', TIMEOUT_S_MAX);
  const isWatch = isTrue(query, 'watch');
  const sendInitialEvents = isTrue(query, 'sendInitialEvents');
  const match = matchOf(query);
  if (isWatch && match !== undefined && !sendInitialEvents) {
    throw invalidMatch(
      'Forbidden',
      'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided',
    );
  }
  if (sendInitialEvents && (!isWatch || match !== 'NotOlderThan')) {
    throw invalidMatch(
      'Forbidden',
      'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
    );
  }
  return {
    labelSelector: labels === undefined ? undefined : parseLabelSelector(labels),
    fieldSelector: fields === undefined ? undefined : parseFieldSelector(fields),
    limit,
    continueToken: text(query, 'continue'),
    resourceVersion: text(query, 'resourceVersion'),
    match,
    isWatch,
    allowBookmarks: isTrue(query, 'allowWatchBookmarks'),
    sendInitialEvents,
    timeoutMs: timeoutS === undefined ? undefined : timeoutS * 1000,
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
  'Invalid value': 'FieldValueInvalid',
  'Unsupported value': 'FieldValueNotSupported',
} as const;

/** What is wrong with one option: the class of problem, and its explanation. */
type OptionProblem = readonly [what: keyof typeof CAUSE_REASONS, why: string];

type WriteOptionsKind = 'CreateOptions' | 'UpdateOptions' | 'PatchOptions';

/** Options that are well-formed and do not fit: 422, as for an object. */
export function invalidOption(
  kind: WriteOptionsKind | 'ListOptions' | 'DeleteOptions',
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
  /** Undefined where it is not said. */
  readonly force: boolean | undefined;
}

const FIELD_VALIDATIONS: readonly FieldValidation[] = ['Strict', 'Warn', 'Ignore'];

export function writeQuery(query: Query, kind: WriteOptionsKind): WriteQuery {
  const validation = text(query, 'fieldValidation') ?? 'Warn';
  const fieldValidation = FIELD_VALIDATIONS.find((known) => known === validation);
  if (fieldValidation === undefined) {
    throw invalidOption(kind, 'fieldValidation', [
      'Unsupported value',
      `${JSON.stringify(validation)}: supported values: "", "Ignore", "Strict", "Warn"`,
    ]);
  }
  return {
    dryRun: dryRunOf(dryRunTexts(query), kind),
    fieldManager: text(query, 'fieldManager'),
    fieldValidation,
    force: texts(query, 'force').length === 0 ? undefined : isTrue(query, 'force'),
  };
}

export function dryRunTexts(query: Query): readonly string[] {
  return texts(query, 'dryRun');
}

/** Only `All` is a trial run; anything else is refused, because doing it for real would be worse. */
export function dryRunOf(
  values: readonly string[],
  kind: WriteOptionsKind | 'DeleteOptions',
): boolean {
  if (values.every((value) => value === 'All')) return values.length > 0;
  const shown = values.map((value) => JSON.stringify(value)).join(', ');
  throw invalidOption(kind, 'dryRun', [
    'Unsupported value',
    `[]string{${shown}}: supported values: "All"`,
  ]);
}
