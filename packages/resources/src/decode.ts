/**
 * The first of the two steps an object takes on its way in: is it of a kind we know, and does it have the
 * shape of that kind? Everything that is wrong is said at once, with the path of each field. An unknown field
 * is an error, as at Knative's webhooks, because it is nearly always a typo that would be ignored otherwise.
 */
import { FieldErrors } from './field-errors.ts';
import { isRecord } from './json-record.ts';
import type { KindDefinition, KindRegistry } from './kind.ts';
import { nearestName } from './nearest-name.ts';
import type { ApiObject } from './object.ts';
import type { UnknownFields } from './schema/check.ts';
import { foundWords } from './schema/describe.ts';

/** An object, or what is wrong with it. */
export interface Decision<T extends ApiObject = ApiObject> {
  /** There exactly when `errors` is empty. */
  readonly object?: T;
  readonly errors: FieldErrors;
  /** Paths of unknown fields that were left out (`spec.filters[0].foo`), where that was asked for. */
  readonly dropped: readonly string[];
}

/** How an object is read. */
export interface DecodeOptions {
  /** Unknown fields are problems, or are left out and named in {@link Decision.dropped}. Default `error`. */
  readonly unknownFields?: UnknownFields;
}

function textAt(value: object, field: string, errors: FieldErrors): string | undefined {
  const found: unknown = Object.hasOwn(value, field)
    ? (value as Readonly<Record<string, unknown>>)[field]
    : undefined;
  if (typeof found === 'string' && found !== '') return found;
  if (found === undefined || found === null || found === '') errors.missing(field);
  else errors.add(`expected a string, found ${foundWords(found, true)}`, field);
  return undefined;
}

/** `did you mean …`, for a kind or version that is not there. */
function unknownKindHint(registry: KindRegistry, apiVersion: string, kind: string): string {
  const versions = registry.byKind(kind).map((definition) => definition.apiVersion);
  if (versions.length > 0) return `, ${kind} is in ${versions.join(', ')}`;
  const all = registry.all();
  const sameVersion = all.filter((definition) => definition.apiVersion === apiVersion);
  const near =
    nearestName(
      kind,
      sameVersion.map((definition) => definition.kind),
    ) ??
    nearestName(
      kind,
      all.map((definition) => definition.kind),
    );
  return near === undefined ? '' : `, did you mean ${JSON.stringify(near)}?`;
}

function findKind(
  registry: KindRegistry,
  value: object,
  errors: FieldErrors,
): KindDefinition | undefined {
  const apiVersion = textAt(value, 'apiVersion', errors);
  const kind = textAt(value, 'kind', errors);
  if (apiVersion === undefined || kind === undefined) return undefined;
  const definition = registry.get(apiVersion, kind);
  if (definition !== undefined) return definition;
  const wrong = registry.byKind(kind).length > 0 ? 'apiVersion' : 'kind';
  errors.add(
    `no matches for kind ${JSON.stringify(kind)} in version ${JSON.stringify(apiVersion)}${unknownKindHint(registry, apiVersion, kind)}`,
    wrong,
  );
  return undefined;
}

/**
 * Reads an untrusted value (parsed JSON or YAML) as an object of a known kind. Never throws and never changes
 * the value; the result shares nothing with it. Bounded in depth and size. The result has no defaults yet and
 * may break rules that concern more than shape: `admit` is the other step.
 */
export function decode(
  registry: KindRegistry,
  value: unknown,
  { unknownFields = 'error' }: DecodeOptions = {},
): Decision {
  const errors = new FieldErrors();
  if (!isRecord(value)) {
    errors.add(`expected an object, found ${foundWords(value, true)}`, '');
    return { errors, dropped: [] };
  }
  const definition = findKind(registry, value, errors);
  if (definition === undefined) return { errors, dropped: [] };
  const mayShowValues = definition.kind !== 'Secret';
  const checked = definition.check(value, { mayShowValues, unknownFields });
  return {
    ...(checked.value === undefined ? {} : { object: checked.value }),
    errors: checked.errors,
    dropped: checked.dropped,
  };
}
