/**
 * Which of the names that a definition asks for it gets: those that no other of its group has. Names in addresses and
 * on command lines (plural, singular, short) share one space, kinds and their lists another. The rules, and the order
 * in which the last refusal is the one that is told, are those of kube-apiserver's naming controller; one of them is
 * that a definition may not ask anew for a name that it has itself in another place.
 */
import type { CustomResourceDefinitionSpec } from '@afflux/resources';

export type DefinitionNames = CustomResourceDefinitionSpec['names'];

/** The names in use in a group. */
export interface TakenNames {
  /** Plurals, singulars and short names. */
  readonly resources: ReadonlySet<string>;
  /** Kinds and kinds of lists. */
  readonly kinds: ReadonlySet<string>;
}

export interface NamesDecision {
  readonly accepted: DefinitionNames;
  /** Why not all were accepted. */
  readonly conflict?: { readonly reason: string; readonly message: string } | undefined;
}

/** Of a definition that has none yet. */
export const NO_NAMES: DefinitionNames = { plural: '', kind: '' };

const FIELDS = [
  { field: 'plural', reason: 'PluralConflict', among: 'resources' },
  { field: 'singular', reason: 'SingularConflict', among: 'resources' },
  { field: 'shortNames', reason: 'ShortNamesConflict', among: 'resources' },
  { field: 'kind', reason: 'KindConflict', among: 'kinds' },
  { field: 'listKind', reason: 'ListKindConflict', among: 'kinds' },
] as const;

type Field = (typeof FIELDS)[number]['field'];

function namesIn(names: Partial<DefinitionNames>, field: Field): readonly string[] {
  const value = names[field] ?? [];
  return (typeof value === 'string' ? [value] : value).filter((name) => name !== '');
}

function namesOf(names: Partial<DefinitionNames>, among: keyof TakenNames): readonly string[] {
  return FIELDS.filter((one) => one.among === among).flatMap(({ field }) => namesIn(names, field));
}

/** The names of several definitions together. */
export function takenBy(definitions: readonly Partial<DefinitionNames>[]): TakenNames {
  return {
    resources: new Set(definitions.flatMap((names) => namesOf(names, 'resources'))),
    kinds: new Set(definitions.flatMap((names) => namesOf(names, 'kinds'))),
  };
}

/** Whether one of the names is in use. */
export function isTaken(names: DefinitionNames, taken: TakenNames): boolean {
  return (['resources', 'kinds'] as const).some((among) =>
    namesOf(names, among).some((name) => taken[among].has(name)),
  );
}

/** Several are told as Go prints them. */
function messageOf(refused: readonly string[]): string {
  const problems = [...new Set(refused)].map((name) => `${JSON.stringify(name)} is already in use`);
  const text = problems.join(', ');
  return problems.length === 1 ? text : `[${text}]`;
}

/** What a definition gets that has `former`, where `taken` are the names of its group, its own among them. */
export function acceptNames(
  requested: DefinitionNames,
  former: DefinitionNames,
  taken: TakenNames,
): NamesDecision {
  let conflict: NamesDecision['conflict'];
  const accepted: DefinitionNames = { ...NO_NAMES };
  for (const { field, reason, among } of FIELDS) {
    const has = new Set(namesIn(former, field));
    const fresh = namesIn(requested, field).filter((name) => !has.has(name));
    const refused = fresh.filter((name) => taken[among].has(name));
    if (refused.length > 0) conflict = { reason, message: messageOf(refused) };
    const value = refused.length > 0 ? former[field] : requested[field];
    if (value !== undefined) Object.assign(accepted, { [field]: value });
  }
  if (requested.categories !== undefined) accepted.categories = requested.categories;
  return { accepted, conflict };
}
