/**
 * Moments as the structs of Kubernetes' own kinds hold them. A text that Go cannot read must not be stored: one such
 * Event makes a list of the whole namespace unreadable for kubectl and every other client in Go.
 */
import { z } from 'zod';
import { hasFormat } from '../../openapi/formats.ts';

/** Go's RFC 3339: letters in upper case, any number of fraction digits, hours below 24. */
const TIME =
  /^\d{4}-\d{2}-\d{2}T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:[.,]\d+)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

/** `metav1.MicroTime` is read with a layout that has six fraction digits, no more and no less. */
const MICRO_FRACTION = /[.,]\d{6}(?:Z|[+-])/;

function isTime(text: string): boolean {
  return TIME.test(text) && hasFormat(text.slice(0, 10), 'date');
}

function isMicroTime(text: string): boolean {
  return isTime(text) && MICRO_FRACTION.test(text);
}

/** `metav1.Time`. */
export const timeSchema = z
  .string()
  .refine(isTime, 'expected a time as RFC 3339 has it, such as 2006-01-02T15:04:05Z')
  .meta({ format: 'date-time' });

/** `metav1.MicroTime`. */
export const microTimeSchema = z
  .string()
  .refine(
    isMicroTime,
    'expected a time as RFC 3339 has it with six digits after the second, such as 2006-01-02T15:04:05.000000Z',
  )
  .meta({ format: 'date-time' });
