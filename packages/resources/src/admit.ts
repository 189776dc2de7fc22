/**
 * The second step: defaults, then rules. This is what Knative's two webhooks do; the local store calls it
 * directly, in a cluster a webhook server does.
 *
 * An update that changes nothing the rules look at (a status, a finalizer) passes without a look: the object
 * was admitted once, and refusing it would help nobody. So an object that became invalid after it was stored,
 * because a feature was turned off, can still be served and removed.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Decision } from './decode.ts';
import { FieldErrors } from './field-errors.ts';
import type { AdmissionContext, KindDefinition, KindRegistry } from './kind.ts';
import { validateMetadata } from './metadata.ts';
import type { ApiObject } from './object.ts';

/** What the rules look at: everything but status, and of the metadata what the author writes. */
function judgedPart({ metadata, status: _status, ...rest }: ApiObject): object {
  const { name, namespace, labels = {}, annotations = {} } = metadata;
  return { ...rest, metadata: { name, namespace, labels, annotations } };
}

function isUnchanged(object: ApiObject, old: ApiObject | undefined): boolean {
  return old !== undefined && isDeepStrictEqual(judgedPart(object), judgedPart(old));
}

function validate(
  definition: KindDefinition,
  object: ApiObject,
  context: AdmissionContext,
  old: ApiObject | undefined,
): FieldErrors {
  return new FieldErrors()
    .merge(validateMetadata(object.metadata, definition), 'metadata')
    .merge(definition.validate(object, context, old));
}

/**
 * Fills in defaults and applies the rules of the kind. `object` has passed `decode`; `old` is the stored
 * object on an update. Never throws; changes neither of them. The same input gives the same result, and an
 * admitted object is admitted again unchanged.
 */
export function admit(
  registry: KindRegistry,
  object: ApiObject,
  context: AdmissionContext,
  old?: ApiObject,
): Decision {
  const definition = registry.get(object.apiVersion, object.kind);
  if (definition === undefined) {
    const text = `no matches for kind ${JSON.stringify(object.kind)} in version ${JSON.stringify(object.apiVersion)}`;
    return { errors: new FieldErrors().add(text, 'kind'), dropped: [] };
  }
  if (isUnchanged(object, old)) return { object, errors: new FieldErrors(), dropped: [] };
  const defaulted = definition.setDefaults(object, context);
  const errors = validate(definition, defaulted, context, old);
  return { ...(errors.isEmpty ? { object: defaulted } : {}), errors, dropped: [] };
}
