/** What a request about a list asks for: `limit`, `continue`, `labelSelector`, `filter`, `dryRun`. */
import { CesqlParseError, parseCesql } from '@afflux/filters';
import type { CloudEvent } from '@afflux/events';
import type { BacklogQuery } from '../backlogs/directory.ts';
import { apiRefused } from '../errors.ts';
import { QUERY_LABELS } from './dead-letter-object.ts';

/** Objects in one answer. */
export const PAGE_MAX = 500;

/** A longer selector, filter or token is nobody's honest wish. */
export const PARAMETER_CHARS_MAX = 8_192;

export interface ListQuery {
  readonly selector: BacklogQuery;
  readonly passes: ((event: CloudEvent) => boolean) | undefined;
  readonly limit: number;
  readonly after: ListPosition | undefined;
  readonly isDryRun: boolean;
}

/** Where a list goes on: in which source of letters, and after which of them. */
export interface ListPosition {
  readonly source: string;
  readonly after?: string;
}

export type RawQuery = Readonly<Record<string, unknown>>;

/** Throws a refusal that names the parameter. */
export function parseListQuery(raw: RawQuery): ListQuery {
  const text = (name: string): string | undefined => textOf(raw, name);
  const filter = text('filter');
  return {
    selector: parseSelector(text('labelSelector')),
    passes: filter === undefined ? undefined : parseFilter(filter),
    limit: parseLimit(text('limit')),
    after: parseContinue(text('continue')),
    isDryRun: parseDryRun(text('dryRun')),
  };
}

/** A CESQL expression as a predicate. Throws a refusal that says where it is wrong. */
export function parseFilter(text: string): (event: CloudEvent) => boolean {
  try {
    const expression = parseCesql(text);
    return (event) => expression.passes(event);
  } catch (error) {
    if (!(error instanceof CesqlParseError)) throw error;
    throw apiRefused('BadRequest', `filter is no CESQL expression: ${error.message}`);
  }
}

export function formatContinue(position: ListPosition): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

function textOf(raw: RawQuery, name: string): string | undefined {
  const value = raw[name];
  if (value === undefined || value === '') return undefined;
  if (typeof value !== 'string') {
    throw apiRefused('BadRequest', `${name} is given more than once`);
  }
  if (value.length <= PARAMETER_CHARS_MAX) return value;
  const max = String(PARAMETER_CHARS_MAX);
  throw apiRefused('BadRequest', `${name} is longer than ${max} characters`);
}

function parseLimit(text: string | undefined): number {
  if (text === undefined) return PAGE_MAX;
  if (!/^\d{1,9}$/.test(text)) {
    throw apiRefused('BadRequest', `limit: Invalid value: ${JSON.stringify(text)}: not a number`);
  }
  // Kubernetes takes 0 for "no limit of mine".
  return Number(text) === 0 ? PAGE_MAX : Math.min(Number(text), PAGE_MAX);
}

function parseContinue(text: string | undefined): ListPosition | undefined {
  if (text === undefined) return undefined;
  try {
    const value = JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as ListPosition;
    const { source, after } = value;
    if (typeof source === 'string' && (after === undefined || typeof after === 'string')) {
      return after === undefined ? { source } : { source, after };
    }
  } catch {
    // Said below.
  }
  throw apiRefused('BadRequest', 'continue key is not valid: start again without it');
}

function parseDryRun(text: string | undefined): boolean {
  if (text === undefined) return false;
  if (text === 'All') return true;
  throw apiRefused('BadRequest', `dryRun: Unsupported value: ${JSON.stringify(text)}: use "All"`);
}

/** Equality only; every label is one that dead letters have. */
function parseSelector(text: string | undefined): BacklogQuery {
  if (text === undefined) return {};
  const entries = text.split(',').map((term): readonly [keyof BacklogQuery, string] => {
    const [, label = '', value = ''] = /^\s*([^=!\s]+)\s*==?\s*([^=\s]+)\s*$/.exec(term) ?? [];
    const field = Object.hasOwn(QUERY_LABELS, label) ? QUERY_LABELS[label] : undefined;
    if (field !== undefined) return [field, value];
    const known = Object.keys(QUERY_LABELS).join(', ');
    throw apiRefused(
      'BadRequest',
      `unable to parse labelSelector ${JSON.stringify(term)}: expected <label>=<value> with one of ${known}`,
    );
  });
  return Object.fromEntries(entries);
}
