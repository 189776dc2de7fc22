/**
 * The type system of CloudEvents 1.0 as far as an intermediary needs it: String, Integer, Boolean, Binary,
 * and the canonical string of each. URI, URI-reference and Timestamp are strings with a rule (`rules.ts`);
 * they are kept as the text that arrived and never reformatted.
 */

/** String, Integer (int32), Boolean or Binary. Input over HTTP never produces Binary. */
export type AttributeValue = string | number | boolean | Uint8Array;

export const INTEGER_MIN = -(2 ** 31);
export const INTEGER_MAX = 2 ** 31 - 1;

/** The canonical string of a value: what filters compare and what a header carries before encoding. */
export function canonicalText(value: AttributeValue): string {
  if (typeof value !== 'object') return String(value);
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64');
}

/** What a value counts for in `sizeBytes`: the UTF-8 length of its text; Binary counts its bytes. */
export function valueBytes(value: AttributeValue): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  return typeof value === 'object' ? value.byteLength : canonicalText(value).length;
}

/**
 * Whether a text is a CloudEvents String: Unicode without control characters (U+0000–001F, U+007F–009F),
 * noncharacters (U+FDD0–FDEF and the last two of each plane) and unpaired surrogates.
 */
export function isAttributeText(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit >= 0x20 && unit < 0x7f) continue;
    if (unit < 0xa0) return false;
    if (unit < 0xd800) continue;
    const point = text.codePointAt(index) ?? 0;
    if (point >= 0xd800 && point < 0xe000) return false;
    if (point >= 0xfdd0 && point <= 0xfdef) return false;
    if ((point & 0xfffe) === 0xfffe) return false;
    if (point > 0xffff) index++;
  }
  return true;
}
