/**
 * The grammar of RFC 3986 as a recogniser: scheme, authority, then everything after it, each character looked
 * at once. Nothing is resolved or normalised.
 */

const PATH_CHARACTER = new Uint8Array(128);
const HOST_CHARACTER = new Uint8Array(128);
const SCHEME_CHARACTER = new Uint8Array(128);
const HEX_DIGIT = new Uint8Array(128);

function allow(table: Uint8Array, characters: string): void {
  for (let index = 0; index < characters.length; index++) table[characters.charCodeAt(index)] = 1;
}

const ALPHANUMERIC = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
allow(PATH_CHARACTER, `${ALPHANUMERIC}-._~:/?@!$&'()*+,;=`);
allow(HOST_CHARACTER, `${ALPHANUMERIC}-._~!$&'()*+,;=`);
allow(SCHEME_CHARACTER, `${ALPHANUMERIC}+-.`);
allow(HEX_DIGIT, '0123456789abcdefABCDEF');

const PERCENT = 0x25;
const HASH = 0x23;
const SLASH = 0x2f;
const COLON = 0x3a;
const QUESTION = 0x3f;
const AT = 0x40;
const OPEN_BRACKET = 0x5b;

const INVALID = -1;

function isHex(text: string, index: number): boolean {
  return index < text.length && HEX_DIGIT[text.charCodeAt(index)] === 1;
}

function isEscape(text: string, index: number): boolean {
  return text.charCodeAt(index) === PERCENT && isHex(text, index + 1) && isHex(text, index + 2);
}

function endsAuthority(code: number): boolean {
  return code === SLASH || code === QUESTION || code === HASH;
}

function isPort(text: string, start: number, end: number): boolean {
  for (let index = start; index < end; index++) {
    const code = text.charCodeAt(index);
    if (code < 0x30 || code > 0x39) return false;
  }
  return true;
}

/** Length of the scheme, 0 when there is none, INVALID when a colon stands where only a scheme may end. */
function schemeLength(text: string): number {
  let index = 0;
  while (index < text.length && SCHEME_CHARACTER[text.charCodeAt(index)] === 1) index++;
  if (text.charCodeAt(index) === COLON) {
    const first = text.charCodeAt(0) | 0x20;
    return first >= 0x61 && first <= 0x7a ? index : INVALID;
  }
  for (; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === COLON) return INVALID;
    if (endsAuthority(code)) return 0;
  }
  return 0;
}

/** Where an address in brackets (IPv6 and what may come) and its port end. */
function bracketedHostEnd(text: string, start: number): number {
  let index = start + 1;
  while (index < text.length) {
    const code = text.charCodeAt(index);
    if (code !== COLON && HOST_CHARACTER[code] !== 1) break;
    index++;
  }
  if (text[index] !== ']' || index === start + 1) return INVALID;
  const hostEnd = ++index;
  while (index < text.length && !endsAuthority(text.charCodeAt(index))) index++;
  if (hostEnd === index) return index;
  return text.charCodeAt(hostEnd) === COLON && isPort(text, hostEnd + 1, index) ? index : INVALID;
}

/** Where the authority ends that starts here: `[ userinfo "@" ] host [ ":" port ]`; or INVALID. */
function authorityEnd(text: string, start: number): number {
  let hostStart = start;
  let colons = 0;
  let colonAt = 0;
  let index = start;
  for (; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (HOST_CHARACTER[code] === 1) continue;
    if (endsAuthority(code)) break;
    if (code === COLON) {
      colons++;
      colonAt = index;
    } else if (code === AT && hostStart === start) {
      // What came before was the user's part, in which colons mean nothing.
      hostStart = index + 1;
      colons = 0;
    } else if (code === OPEN_BRACKET && index === hostStart) {
      return bracketedHostEnd(text, index);
    } else if (!isEscape(text, index)) return INVALID;
  }
  if (colons === 0) return index;
  return colons === 1 && isPort(text, colonAt + 1, index) ? index : INVALID;
}

/** Path, query and at most one fragment. */
function isPathAndQuery(text: string, start: number): boolean {
  let fragments = 0;
  for (let index = start; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (PATH_CHARACTER[code] === 1) continue;
    if (code === HASH ? ++fragments > 1 : !isEscape(text, index)) return false;
  }
  return true;
}

/** Whether the text is a URI-reference of RFC 3986 §4.1: absolute, or relative to something. May be empty. */
export function isUriReference(text: string): boolean {
  const scheme = schemeLength(text);
  if (scheme === INVALID) return false;
  const start = scheme === 0 ? 0 : scheme + 1;
  if (text.charCodeAt(start) !== SLASH || text.charCodeAt(start + 1) !== SLASH) {
    return isPathAndQuery(text, start);
  }
  const end = authorityEnd(text, start + 2);
  return end !== INVALID && isPathAndQuery(text, end);
}

/** Whether the text is a URI: a URI-reference with a scheme. A fragment is accepted. */
export function isUri(text: string): boolean {
  return schemeLength(text) > 0 && isUriReference(text);
}
