/**
 * Finds credentials in running text by the shapes they have: userinfo of URLs, `password=…`, bearer tokens,
 * JWTs, private keys (T30). It may hide more than secrets; a secret without any such shape is not found, so
 * code must not put one into a text.
 *
 * The patterns have no nested repetition, and texts are cut before they are matched.
 */

/** What stands in the place of a secret. */
export const REDACTED = '[redacted]';

/** Characters of one text; what is beyond is cut and counted. */
export const TEXT_LENGTH_MAX = 4096;

/** Matched but not shown, so that a credential across the cut is still recognised as one. */
const TEXT_OVERLAP = 1024;

const SECRETS: readonly (readonly [RegExp, string])[] = [
  // scheme://user:password@host, up to the last @ before the path, as passwords may hold an unencoded one
  [/\b([a-z][a-z0-9+.-]{0,30}:\/\/)[^\s/?#"'<>]*@/gi, `$1${REDACTED}@`],
  // Authorization: Bearer …, to the end of the line, as schemes have parameters
  [/(\bauthorization["']?\s{0,8}[=:]\s{0,8}["']?)[^\r\n"'}]+/gi, `$1${REDACTED}`],
  // password=…, "token": "…", api_key: …, in query strings, connection strings and JSON inside texts
  [
    /((?:password|passwd|pwd|passphrase|secret|token|cookie|api[-_]?key|access[-_]?key|account[-_]?key|credentials?|signature|\bsig)["']?\s{0,8}[=:]\s{0,8})("[^"]*"?|'[^']*'?|[^\s;&,"'}]+)/gi,
    `$1${REDACTED}`,
  ],
  [/\b(bearer|basic)\s{1,8}[\w~+/.=-]{8,}/gi, `$1 ${REDACTED}`],
  [/\beyJ[\w-]{8,}\.[\w-]{2,}(?:\.[\w-]*)?/g, REDACTED],
  [/-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[\s\S]*/g, REDACTED],
];

/** Names, numbers, paths: without a separator there is no credential but a JWT. */
const HARMLESS = /^(?!.*eyJ)[\w./+,-]{0,200}$/;

/** The text without credentials and not longer than {@link TEXT_LENGTH_MAX} (and a word that says so). */
export function redactText(text: string): string {
  if (HARMLESS.test(text)) return text;
  const seen = text.slice(0, TEXT_LENGTH_MAX + TEXT_OVERLAP);
  const clean = SECRETS.reduce((rest, [pattern, shown]) => rest.replace(pattern, shown), seen);
  const shown = clean.slice(0, TEXT_LENGTH_MAX);
  const cut = clean.length - shown.length + (text.length - seen.length);
  return cut === 0 ? shown : `${shown}… (${String(cut)} more)`;
}
