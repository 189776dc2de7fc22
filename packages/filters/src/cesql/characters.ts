/**
 * Strings as sequences of characters. A character is a Unicode code point, so that a length does not depend
 * on how the implementing language stores text; positions here are UTF-16 offsets of code point boundaries.
 */

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}

/** The offset `count` characters after `from`; -1 when the text ends before. */
export function forward(text: string, from: number, count: number): number {
  let offset = from;
  for (let left = count; left > 0; left -= 1) {
    if (offset >= text.length) return -1;
    const isPair =
      isHighSurrogate(text.charCodeAt(offset)) && isLowSurrogate(text.charCodeAt(offset + 1));
    offset += isPair ? 2 : 1;
  }
  return offset;
}

/** The offset `count` characters before `from`; -1 when the text begins after it. */
export function backward(text: string, from: number, count: number): number {
  let offset = from;
  for (let left = count; left > 0; left -= 1) {
    if (offset <= 0) return -1;
    const isPair =
      offset >= 2 &&
      isLowSurrogate(text.charCodeAt(offset - 1)) &&
      isHighSurrogate(text.charCodeAt(offset - 2));
    offset -= isPair ? 2 : 1;
  }
  return offset;
}

/** How many characters the text has. */
export function characterCount(text: string): number {
  let count = text.length;
  for (let index = 1; index < text.length; index += 1) {
    if (isLowSurrogate(text.charCodeAt(index)) && isHighSurrogate(text.charCodeAt(index - 1))) {
      count -= 1;
    }
  }
  return count;
}

/** Unicode property White_Space beyond ASCII. */
const WIDE_WHITE_SPACE = new Set([
  ...[0x85, 0xa0, 0x1680, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000],
  ...[0x2000, 0x2001, 0x2002, 0x2003, 0x2004, 0x2005, 0x2006, 0x2007, 0x2008, 0x2009, 0x200a],
]);

function isWhiteSpace(unit: number): boolean {
  if (unit < 0x80) return unit === 0x20 || (unit >= 0x09 && unit <= 0x0d);
  return WIDE_WHITE_SPACE.has(unit);
}

/** Without white space at both ends. `String.trim` differs: it strips U+FEFF and keeps U+0085. */
export function trimWhiteSpace(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isWhiteSpace(text.charCodeAt(start))) start += 1;
  while (end > start && isWhiteSpace(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}
