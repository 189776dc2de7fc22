/**
 * Takes out of what kubectl shows everything that is another at each run: times, ages, ids, versions, addresses and
 * the names of temporary files. Columns are as wide as their widest value, so space between them is made two blanks.
 */

/** What stands for the namespace of a row. */
const NAMESPACE = 'NAMESPACE';

const DURATION = String.raw`(?:\d+(?:y|d|h|m|s|ms))+`;

const RULES: readonly (readonly [RegExp, string])[] = [
  [/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '<uid>'],
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)/g, '<time>'],
  // As diff writes the times of files.
  [/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+ [+-]\d{4}/g, '<time>'],
  [/[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d [+-]\d{4}/g, '<time>'],
  // kubectl's own log: what it says of watches that end early depends on the moment; of the rest, the prefix.
  [/^[EWI]\d{4} .* reflector\.go:\d+\].*\n?/gm, ''],
  [/^[EWI]\d{4} \d\d:\d\d:\d\d\.\d+ +\d+ ([a-z_-]+\.go):\d+\]/gm, '<log $1>'],
  [/(resourceVersion\\?"?: ?\\?"?)\d+/g, '$1<version>'],
  [/(Resource Version: +)\d+/g, '$1<version>'],
  [/https?:\/\/(?:127\.0\.0\.1|localhost):\d+/g, '<server>'],
  [/\b10\.\d{1,3}\.\d{1,3}\.\d{1,3}\b/g, '<ip>'],
  [/\/tmp\/(LIVE|MERGED)-\d+/g, '/tmp/$1'],
  [/\/tmp\/kubectl-edit-\d+\.yaml/g, '/tmp/kubectl-edit.yaml'],
  [new RegExp(String.raw`(?<= over )${DURATION}`, 'g'), '<age>'],
  // Ages: alone in a column.
  [new RegExp(String.raw`(?<=\s)${DURATION}(?: ago)?(?=\s|$)`, 'gm'), '<age>'],
  [/(?<=\S) {2,}/g, '  '],
  [/[ \t]+$/gm, ''],
];

export function normalise(output: string, namespace: string): string {
  const named = output.replaceAll(namespace, NAMESPACE);
  return RULES.reduce((text, [pattern, to]) => text.replace(pattern, to), named).trimEnd();
}
