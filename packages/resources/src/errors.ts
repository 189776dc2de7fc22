/**
 * What can go wrong here. Bad input is not among it: decoding and admission return FieldErrors. These errors
 * are for callers that need an exception, and for data that passed no admission.
 */
import { AffluxError } from '@afflux/kernel';
import type { FieldErrors } from './field-errors.ts';

/** Every code of this package. */
export const RESOURCES_ERROR_CODES = [
  'AFFLUX_RESOURCES_INVALID',
  'AFFLUX_RESOURCES_JSON_PATH',
] as const;

/** Codes raised by this package. */
export type ResourcesErrorCode = (typeof RESOURCES_ERROR_CODES)[number];

/** An object, or a part of one, that breaks the rules of its kind; or a JSONPath that does not work. */
export class ResourcesError extends AffluxError<ResourcesErrorCode> {}

/**
 * The exception form of FieldErrors. The message is Knative's: `validation failed: <errors>`;
 * `details.problems` has the entries with their paths.
 */
export function validationError(errors: FieldErrors): ResourcesError {
  return new ResourcesError(`validation failed: ${errors.toString()}`, {
    code: 'AFFLUX_RESOURCES_INVALID',
    fault: 'user',
    details: { problems: errors.entries() },
  });
}

/** A JSONPath that cannot be read, or fails on the value that it is used on. */
export function jsonPathError(message: string): ResourcesError {
  return new ResourcesError(message, { code: 'AFFLUX_RESOURCES_JSON_PATH', fault: 'user' });
}
