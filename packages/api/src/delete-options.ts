/**
 * DeleteOptions: in the body, or in the query where there is none. Every member that is understood is checked, because
 * one that was meant and is not seen (`{"dryRun": "All"}`, a precondition of the wrong type) deletes for real.
 */
import type { DeleteOptions, Propagation } from '@afflux/control';
import { isRecord, type JsonRecord } from '@afflux/resources';
import { parseBody } from './body.ts';
import { badRequest } from './errors.ts';
import { header, type Exchange } from './exchange.ts';
import { count, dryRunOf, dryRunTexts, invalidOption, isTrue, text } from './request-options.ts';

const PROPAGATIONS: readonly Propagation[] = ['Background', 'Foreground', 'Orphan'];

interface Wishes {
  readonly propagationPolicy: string | undefined;
  readonly orphanDependents: boolean | undefined;
  readonly dryRun: readonly string[];
  readonly uid?: string | undefined;
  readonly resourceVersion?: string | undefined;
}

export async function deleteOptions(exchange: Exchange): Promise<DeleteOptions> {
  const wishes = exchange.body.length === 0 ? queryWishes(exchange) : await bodyWishes(exchange);
  const { uid, resourceVersion } = wishes;
  return {
    signal: exchange.signal,
    propagation: propagationOf(wishes),
    dryRun: dryRunOf(wishes.dryRun, 'DeleteOptions'),
    preconditions: { uid, resourceVersion },
  };
}

function queryWishes({ query }: Exchange): Wishes {
  // Nothing here has a period of grace, but one that is no number is a mistake.
  count(query, 'gracePeriodSeconds', Number.MAX_SAFE_INTEGER);
  const isOrphaning = text(query, 'orphanDependents') !== undefined;
  return {
    propagationPolicy: text(query, 'propagationPolicy'),
    orphanDependents: isOrphaning ? isTrue(query, 'orphanDependents') : undefined,
    dryRun: dryRunTexts(query),
  };
}

async function bodyWishes(exchange: Exchange): Promise<Wishes> {
  const value = await parseBody(exchange.body, header(exchange, 'content-type'));
  if (!isRecord(value)) throw badRequest('the body of a delete must be DeleteOptions');
  assertKind(value);
  member(value, 'gracePeriodSeconds', 'a whole number', Number.isInteger);
  const preconditions = member(value, 'preconditions', 'an object', isRecord) ?? {};
  const given = member(value, 'dryRun', 'a list of texts', isTexts) ?? [];
  return {
    propagationPolicy: member(value, 'propagationPolicy', 'text', isText),
    orphanDependents: member(value, 'orphanDependents', 'true or false', isBoolean),
    // Without a say of the body the one of the query counts, as a trial run is the safer reading.
    dryRun: given.length === 0 ? dryRunTexts(exchange.query) : given,
    uid: member(preconditions, 'uid', 'text', isText, 'preconditions.'),
    resourceVersion: member(preconditions, 'resourceVersion', 'text', isText, 'preconditions.'),
  };
}

/** Clients send the options under the group and version of what they delete, or without any. */
function assertKind({ kind }: JsonRecord): void {
  if (kind === undefined || kind === '' || kind === 'DeleteOptions') return;
  const shown = typeof kind === 'string' ? kind.slice(0, 100) : typeof kind;
  throw badRequest(`the body of a delete must be DeleteOptions, not ${shown}`);
}

/** A member of the type that it must have; undefined where it is absent or null. */
function member<T>(
  of: JsonRecord,
  name: string,
  expected: string,
  isType: (value: unknown) => value is T,
  prefix?: string,
): T | undefined;
function member(
  of: JsonRecord,
  name: string,
  expected: string,
  isType: (value: unknown) => boolean,
  prefix?: string,
): unknown;
function member(
  of: JsonRecord,
  name: string,
  expected: string,
  isType: (value: unknown) => boolean,
  prefix = '',
): unknown {
  const value = of[name] ?? undefined;
  if (value === undefined || isType(value)) return value;
  throw badRequest(`DeleteOptions: ${prefix}${name} must be ${expected}`);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every(isText);
}

function isBoolean(value: unknown): value is boolean {
  return typeof value === 'boolean';
}

function propagationOf({ propagationPolicy: policy, orphanDependents }: Wishes): Propagation {
  if (policy === undefined) return orphanDependents === true ? 'Orphan' : 'Background';
  const shown = JSON.stringify(policy);
  if (orphanDependents !== undefined) {
    throw invalidOption('DeleteOptions', 'propagationPolicy', [
      'Invalid value',
      `${shown}: orphanDependents and deletionPropagation cannot be both set`,
    ]);
  }
  const found = PROPAGATIONS.find((known) => known === policy);
  if (found !== undefined) return found;
  throw invalidOption('DeleteOptions', 'propagationPolicy', [
    'Unsupported value',
    `${shown}: supported values: "Foreground", "Background", "Orphan", "nil"`,
  ]);
}
