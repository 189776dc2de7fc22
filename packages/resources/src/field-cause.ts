/**
 * Why a field is refused, in the words of kube-apiserver, beside our own words for people. Clients read these
 * (`kubectl` prints them), so they are that server's to the letter; they were taken from its answers.
 */

/** `reason` of one cause in a Status. */
export type CauseReason =
  | 'FieldValueDuplicate'
  | 'FieldValueForbidden'
  | 'FieldValueInvalid'
  | 'FieldValueNotSupported'
  | 'FieldValueRequired'
  | 'FieldValueTooLong'
  | 'FieldValueTooMany'
  | 'FieldValueTypeInvalid';

/** The text is `head`, or where there is a `tail`, `head`, the path of the field, and `tail`. */
export interface FieldCause {
  readonly reason: CauseReason;
  readonly head: string;
  readonly tail?: string;
  /** The cause is not told at its path but at none: that is how combinations of schemas are reported. */
  readonly isPathless?: boolean;
  /** Where it is told, where that is not how paths are written elsewhere: one annotation, by its key. */
  readonly field?: string;
}

/** Name of a value's type. A number with a fraction, or beyond 64 bits, is no integer. */
export function jsonType(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') {
    return Number.isInteger(value) && Math.abs(value) < 2 ** 63 ? 'integer' : 'number';
  }
  return typeof value;
}

/** A value has the wrong type. Also said of texts that do not have their `format`, with the text as `found`. */
export function typeCause(expected: string, found: string): FieldCause {
  const shown = JSON.stringify(found);
  return {
    reason: 'FieldValueTypeInvalid',
    head: `Invalid value: ${shown}: `,
    tail: ` in body must be of type ${expected}: ${shown}`,
  };
}

/** A field must be there. */
export const REQUIRED_CAUSE: FieldCause = { reason: 'FieldValueRequired', head: 'Required value' };

/** A value is none of those that may be. `shown` is JSON. */
export function enumCause(shown: string, supported: readonly unknown[]): FieldCause {
  const words = supported.map((value) =>
    JSON.stringify(typeof value === 'string' ? value : JSON.stringify(value)),
  );
  return {
    reason: 'FieldValueNotSupported',
    head: `Unsupported value: ${shown}: supported values: ${words.join(', ')}`,
  };
}

/** A value breaks a rule of its schema: `rule` continues `<path> in body `. `shown` is JSON. */
export function ruleCause(shown: string, rule: string): FieldCause {
  return {
    reason: 'FieldValueInvalid',
    head: `Invalid value: ${shown}: `,
    tail: ` in body ${rule}`,
  };
}

/** A text is too long. */
export function tooLongCause(lengthMax: number): FieldCause {
  return {
    reason: 'FieldValueTooLong',
    head: `Too long: may not be more than ${String(lengthMax)} bytes`,
  };
}

/** A list or a map has too many entries. */
export function tooManyCause(found: number, countMax: number): FieldCause {
  return {
    reason: 'FieldValueTooMany',
    head: `Too many: ${String(found)}: must have at most ${String(countMax)} items`,
  };
}

/** An entry is there twice. `shown` is how Go prints it. */
export function duplicateCause(shown: string): FieldCause {
  return { reason: 'FieldValueDuplicate', head: `Duplicate value: ${shown}` };
}

/** A combination of schemas does not hold: `rule` continues `"<path>" `. */
export function logicCause(rule: string): FieldCause {
  return {
    reason: 'FieldValueInvalid',
    head: 'Invalid value: "": "',
    tail: `" ${rule}`,
    isPathless: true,
  };
}
