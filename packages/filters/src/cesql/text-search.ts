/**
 * Finding a text in a text, in time that is linear whatever the two are.
 *
 * `String.indexOf` is quicker than anything written here, but it degrades to the product of the two lengths on
 * texts made for that (60,000 times `a`, searched for 2,000 `a`, a `b` and 2,000 `a`: 60 ms). So it serves
 * for short texts, where the product is small too, and long ones are searched by Knuth, Morris and Pratt.
 */

/** Up to this many characters the worst case of `indexOf` costs no more than the other algorithm. */
const SHORT_CHARS_MAX = 16;

/** As `text.indexOf(wanted, from)`, for one `wanted` and any number of texts. */
export type TextSearch = (text: string, from: number) => number;

export function searchFor(wanted: string): TextSearch {
  if (wanted.length <= SHORT_CHARS_MAX) return (text, from) => text.indexOf(wanted, from);
  const fallbacks = fallbackTable(wanted);
  return (text, from) => {
    let matched = 0;
    for (let at = from; at < text.length; at += 1) {
      const unit = text.charCodeAt(at);
      while (matched > 0 && wanted.charCodeAt(matched) !== unit) {
        matched = fallbacks[matched - 1] ?? 0;
      }
      if (wanted.charCodeAt(matched) === unit) matched += 1;
      if (matched === wanted.length) return at + 1 - matched;
    }
    return -1;
  };
}

/** At each place: how much of the beginning of the text also ends there, the whole up to there apart. */
function fallbackTable(wanted: string): Uint16Array {
  const table = new Uint16Array(wanted.length);
  let matched = 0;
  for (let at = 1; at < wanted.length; at += 1) {
    const unit = wanted.charCodeAt(at);
    while (matched > 0 && wanted.charCodeAt(matched) !== unit) matched = table[matched - 1] ?? 0;
    if (wanted.charCodeAt(matched) === unit) matched += 1;
    table[at] = matched;
  }
  return table;
}
