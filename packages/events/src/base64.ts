/** Base64 as CloudEvents writes it: RFC 4648 §4, standard alphabet. */

const ALPHABET = new Uint8Array(256);
for (const letter of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/') {
  ALPHABET[letter.charCodeAt(0)] = 1;
}

const PAD = 0x3d;

/**
 * The decoded bytes, or undefined when the text is not base64: the URL alphabet, white space and every other
 * character are refused (`Buffer.from` would skip them), missing padding is accepted, half of it is not.
 */
export function decodeBase64(text: Buffer): Buffer | undefined {
  let end = text.length;
  while (end > 0 && text.length - end < 2 && text[end - 1] === PAD) end--;
  if (end % 4 === 1 || (end < text.length && text.length % 4 !== 0)) return undefined;
  for (let index = 0; index < end; index++) {
    if (ALPHABET[text[index] ?? 0] !== 1) return undefined;
  }
  return Buffer.from(text.toString('latin1', 0, end), 'base64');
}
