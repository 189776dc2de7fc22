/** `Warning` headers (RFC 7234 §5.5): what kube-apiserver wants the author of a request to know. */

/** A code, an agent, and a text in quotes. Several may stand in one header. */
const WARNING = /\d{3} \S+ "((?:[^"\\]|\\.)*)"/g;

/** The texts, in order. */
export function warningsOf(header: string | readonly string[] | undefined): readonly string[] {
  if (header === undefined) return [];
  const lines = typeof header === 'string' ? [header] : header;
  return lines.flatMap((line) =>
    [...line.matchAll(WARNING)].map(([, text = '']) => text.replace(/\\(.)/g, '$1')),
  );
}
