/** Rules for annotations whose text must have a form, whichever kind they stand on. */
import { FieldErrors } from '../field-errors.ts';
import type { Annotations } from '../flow-settings.ts';

/** The texts that Go's ParseBool takes. */
const BOOLEANS = ['1', 't', 'T', 'TRUE', 'true', 'True', '0', 'f', 'F', 'FALSE', 'false', 'False'];
const TRUE_COUNT = 6;

/** Whether an annotation says yes; absent or unreadable means no. */
export function isAnnotationTrue(annotations: Annotations | undefined, key: string): boolean {
  if (annotations === undefined || !Object.hasOwn(annotations, key)) return false;
  const position = BOOLEANS.indexOf(annotations[key] ?? '');
  return position !== -1 && position < TRUE_COUNT;
}

/** Reports an annotation that is neither yes nor no. */
export function validateBooleanAnnotation(annotations: Annotations, key: string): FieldErrors {
  const errors = new FieldErrors();
  const text = Object.hasOwn(annotations, key) ? annotations[key] : undefined;
  if (text !== undefined && !BOOLEANS.includes(text)) {
    errors.invalidValue(text, `metadata.annotations[${key}]`, 'expected "true" or "false"');
  }
  return errors;
}
