/**
 * The few headers that decide how a message is read, found in Node's flat list of raw headers
 * (`name, value, name, value, …`, names in the case they arrived in, nothing joined or dropped).
 */
import type { Problem } from './errors.ts';

const LOWER_C = 0x63;
const LOWER_E = 0x65;
const LOWER_BIT = 0x20;
const DASH = 0x2d;

/** Whether the header carries an attribute: `ce-` in any case. */
export function isAttributeHeader(name: string): boolean {
  return (
    name.length > 2 &&
    name.charCodeAt(2) === DASH &&
    (name.charCodeAt(0) | LOWER_BIT) === LOWER_C &&
    (name.charCodeAt(1) | LOWER_BIT) === LOWER_E
  );
}

/** The length is compared first: nearly every header is told apart by it. */
function isHeader(name: string, expected: string): boolean {
  return name.length === expected.length && (name === expected || name.toLowerCase() === expected);
}

export function isContentType(name: string): boolean {
  return isHeader(name, 'content-type');
}

/** The value of the first header of that name, without white space around it; '' when there is none. */
function firstValue(rawHeaders: readonly string[], expected: string): string {
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    if (isHeader(rawHeaders[index] ?? '', expected)) return (rawHeaders[index + 1] ?? '').trim();
  }
  return '';
}

/** The declared content type; '' when there is none. */
export function contentType(rawHeaders: readonly string[]): string {
  return firstValue(rawHeaders, 'content-type');
}

/** The version a binary-mode message declares, supported or not; '' when it declares none. */
export function declaredSpecVersion(rawHeaders: readonly string[]): string {
  return firstValue(rawHeaders, 'ce-specversion');
}

/** Node itself keeps the first of two content types in silence, and which one is meant cannot be known. */
export function contentTypeProblem(
  rawHeaders: readonly string[],
  first: string,
): Problem | undefined {
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    if (!isContentType(rawHeaders[index] ?? '')) continue;
    if ((rawHeaders[index + 1] ?? '').trim() === first) continue;
    return {
      attribute: 'content-type',
      reason: 'is sent twice with different values: send it once',
    };
  }
  return undefined;
}

/** Data that is packed would be forwarded under headers which no longer say how. */
export function contentEncodingProblem(rawHeaders: readonly string[]): Problem | undefined {
  const coding = firstValue(rawHeaders, 'content-encoding').toLowerCase();
  if (coding === '' || coding === 'identity') return undefined;
  return { attribute: 'content-encoding', reason: 'is not supported: send the body uncompressed' };
}
