/**
 * What the specification demands of each attribute's value. One place for all ways in: headers, JSON,
 * programs. A rule answers with what is wrong, in words that say what to do, or undefined.
 *
 * Deliberately absent, because an intermediary must not refuse what it need not understand: the length of
 * names, reverse-DNS types, unknown extensions.
 */
import type { AttributeKey, AttributeKind } from './attribute-key.ts';
import type { AttributeValue } from './attribute-value.ts';
import { INTEGER_MAX, INTEGER_MIN, isAttributeText } from './attribute-value.ts';
import type { Problem } from './errors.ts';
import { shown } from './errors.ts';
import { mediaType } from './media-type.ts';
import { isTimestamp } from './timestamp.ts';
import { isUri, isUriReference } from './uri.ts';

/** How much of a made-up attribute name is repeated in a problem. */
export const SHOWN_NAME_LENGTH_MAX = 64;

export type SpecVersion = '1.0' | '0.3';

/** In the order in which they are reported when missing. */
export const REQUIRED_ATTRIBUTES = ['specversion', 'id', 'source', 'type'] as const;

export function isSpecVersion(text: unknown): text is SpecVersion {
  return text === '1.0' || text === '0.3';
}

/** Which rule holds in events of this version: some names are core attributes in one version only. */
export function kindIn(kind: AttributeKind, version: SpecVersion): AttributeKind {
  switch (kind) {
    case 'dataschema':
      return version === '1.0' ? kind : 'extension';
    case 'schemaurl':
    case 'datacontentencoding':
      return version === '0.3' ? kind : 'extension';
    default:
      return kind;
  }
}

function isRequired(kind: AttributeKind): boolean {
  return kind === 'specversion' || kind === 'id' || kind === 'source' || kind === 'type';
}

/** Optional core attributes must not be empty: on the way in, an empty one counts as absent. */
export function isAbsentWhenEmpty(kind: AttributeKind): boolean {
  return kind !== 'extension' && !isRequired(kind);
}

/** The reserved types could never be told from a structured event when they leave in binary mode. */
function mediaTypeProblem(text: string): string | undefined {
  const type = mediaType(text);
  if (type === undefined) {
    return `is not a media type (RFC 2046): ${shown(text)}; write type/subtype`;
  }
  if (type.format === 'json' || type.format === 'json-batch') {
    return 'must not be the media type of CloudEvents themselves: use application/json for a nested event';
  }
  return undefined;
}

/** What is wrong with a non-empty text that is already a legal String; `kind` as {@link kindIn} says. */
export function textProblem(kind: AttributeKind, text: string): string | undefined {
  switch (kind) {
    case 'specversion':
      if (isSpecVersion(text)) return undefined;
      return `is ${shown(text)}, which is not supported: send 1.0 or 0.3`;
    case 'source':
    case 'schemaurl':
      if (isUriReference(text)) return undefined;
      return 'is not a URI-reference (RFC 3986): percent-encode what may not stand in one';
    case 'dataschema':
      return isUri(text) ? undefined : 'is not an absolute URI (RFC 3986): start with a scheme';
    case 'time':
      if (isTimestamp(text)) return undefined;
      return `is not an RFC 3339 timestamp: ${shown(text)}; write it like 2018-04-05T17:31:00Z`;
    case 'datacontenttype':
      return mediaTypeProblem(text);
    case 'datacontentencoding':
      return text.toLowerCase() === 'base64' ? undefined : 'must be base64, or be left out';
    case 'id':
    case 'type':
    case 'subject':
    case 'extension':
      return undefined;
  }
}

function integerProblem(value: number): string | undefined {
  if (Number.isInteger(value) && value >= INTEGER_MIN && value <= INTEGER_MAX) return undefined;
  return 'must be a whole number from -2147483648 to 2147483647: send other numbers as a string';
}

export const TEXT_REASON =
  'contains a control character, a noncharacter or an unpaired surrogate: remove it';

/** What is wrong with a value of unknown origin for this attribute. */
export function valueProblem(
  key: AttributeKey,
  value: AttributeValue,
  version: SpecVersion,
): string | undefined {
  const kind = kindIn(key.kind, version);
  if (typeof value === 'string') {
    if (value === '' && kind !== 'extension') return 'must not be empty';
    return isAttributeText(value) ? textProblem(kind, value) : TEXT_REASON;
  }
  if (kind !== 'extension') return 'must be a string';
  return typeof value === 'number' ? integerProblem(value) : undefined;
}

/** The problem of an event whose attributes are larger than the limit. */
export function attributesProblem(bytesMax: number): Problem {
  return {
    attribute: '(attributes)',
    reason: `are more than ${String(bytesMax)} bytes in all: move the bulk into the data`,
  };
}
