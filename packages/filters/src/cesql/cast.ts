/** The cast rules of CESQL 1.0.0 §3.7. Undefined: the value cannot be cast. */
import type { CesqlValue } from './syntax-tree.ts';

export const INT_MIN = -2_147_483_648;
export const INT_MAX = 2_147_483_647;

export function toText(value: CesqlValue): string {
  return typeof value === 'string' ? value : String(value);
}

export function toInteger(value: CesqlValue): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  return parseInteger(value);
}

export function toBoolean(value: CesqlValue): boolean | undefined {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') return value !== 0;
  if (value.length > 5) return undefined;
  const lower = value.toLowerCase();
  if (lower === 'true') return true;
  return lower === 'false' ? false : undefined;
}

/** The whole text is an optional sign and decimal digits, and the number fits int32. */
function parseInteger(text: string): number | undefined {
  const sign = text.charCodeAt(0);
  const start = sign === 0x2b || sign === 0x2d ? 1 : 0;
  if (start === text.length) return undefined;
  let magnitude = 0;
  for (let index = start; index < text.length; index += 1) {
    const digit = text.charCodeAt(index) - 0x30;
    if (digit < 0 || digit > 9) return undefined;
    magnitude = Math.min(magnitude * 10 + digit, INT_MAX + 2);
  }
  const value = sign === 0x2d ? -magnitude : magnitude;
  if (value > INT_MAX || value < INT_MIN) return undefined;
  // `-0` is the integer 0.
  return value | 0;
}
