/** The annotation `knative.dev/dependency`: a Trigger that waits for a source of its namespace to be Ready. */
import { DEPENDENCY } from '../../annotations.ts';
import type { ObjectReference } from '../../duck/reference.ts';
import { objectReferenceSchema } from '../../duck/reference.ts';
import { FieldErrors } from '../../field-errors.ts';
import type { ObjectMeta } from '../../object.ts';
import { checkSchema } from '../../schema/check.ts';

const PATH = `metadata.annotations[${DEPENDENCY}]`;

function annotationText(metadata: ObjectMeta): string | undefined {
  const annotations = metadata.annotations ?? {};
  return Object.hasOwn(annotations, DEPENDENCY) ? annotations[DEPENDENCY] : undefined;
}

function parse(text: string, errors: FieldErrors): ObjectReference | undefined {
  let value: unknown;
  let reason = '';
  try {
    value = JSON.parse(text);
  } catch (error) {
    reason = error instanceof Error ? error.message : String(error);
  }
  const checked = checkSchema(objectReferenceSchema, value);
  if (checked.value !== undefined) return checked.value;
  errors.add(
    `The provided annotation was not a corev1.ObjectReference: ${JSON.stringify(text)}`,
    PATH,
    reason === '' ? checked.errors.toString() : reason,
  );
  return undefined;
}

/** The object a Trigger waits for; undefined when there is none or the annotation cannot be read. */
export function dependencyOf(metadata: ObjectMeta): ObjectReference | undefined {
  const text = annotationText(metadata);
  return text === undefined ? undefined : parse(text, new FieldErrors());
}

/** Rules of the annotation; paths begin at the root of the object. */
export function validateDependency(metadata: ObjectMeta): FieldErrors {
  const errors = new FieldErrors();
  const text = annotationText(metadata);
  const reference = text === undefined ? undefined : parse(text, errors);
  if (reference === undefined) return errors;
  const { namespace = '', kind = '', name = '', apiVersion = '' } = reference;
  const own = metadata.namespace ?? '';
  if (namespace !== '' && namespace !== own) {
    errors.add(
      `Namespace must be empty or equal to the trigger namespace ${JSON.stringify(own)}`,
      `${PATH}.namespace`,
    );
  }
  if (kind === '') errors.missing(`${PATH}.kind`);
  if (name === '') errors.missing(`${PATH}.name`);
  if (apiVersion === '') errors.missing(`${PATH}.apiVersion`);
  return errors;
}
