/** How long and how much a channel keeps, as texts of a spec and as numbers. */
import { parseBytes, parseDuration } from '@afflux/kernel';
import type { FieldErrors } from '../../field-errors.ts';

/** Longest retention: beyond, the milliseconds are no safe numbers for the back-ends. */
const RETENTION_MS_MAX = 100 * 365 * 24 * 60 * 60 * 1_000;

function numberOf(text: string, parse: (text: string) => number): number | undefined {
  try {
    return parse(text);
  } catch {
    // Not such a quantity; the rules below say so to the author.
    return undefined;
  }
}

/** Milliseconds of a retention; undefined when the text is none. */
export function retentionMs(text: string): number | undefined {
  const ms = numberOf(text, parseDuration);
  return ms === undefined || ms < 0 || ms > RETENTION_MS_MAX ? undefined : Math.trunc(ms);
}

/** Bytes of a retention; undefined when the text is none. */
export function retentionBytes(text: string): number | undefined {
  return numberOf(text, parseBytes);
}

/** Reports a retention that is no duration. */
export function checkRetentionDuration(text: string | undefined, errors: FieldErrors): void {
  if (text === undefined || retentionMs(text) !== undefined) return;
  const details = 'expected a duration of zero or more such as PT168H or 168h';
  errors.invalidValue(text, 'spec.retentionDuration', details);
}

/** Reports a retention that is no size. */
export function checkRetentionBytes(
  text: string | undefined,
  bytesMin: number,
  errors: FieldErrors,
): void {
  if (text === undefined) return;
  const bytes = retentionBytes(text);
  if (bytes !== undefined && bytes >= bytesMin) return;
  const details = `expected a size of at least ${String(bytesMin)} bytes such as 10GiB`;
  errors.invalidValue(text, 'spec.retentionBytes', details);
}
