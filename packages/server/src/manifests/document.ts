/**
 * One YAML or JSON text as the objects in it, each with a way back to its lines: an error that a schema finds at
 * `spec.filters[0].exact` has to name the line a person must change.
 *
 * YAML is read as version 1.2 with merge keys: no custom tags, aliases bounded, size and depth bounded
 * (threat T12). A `List` is taken apart into its items.
 */
import {
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  parseAllDocuments,
  type Document,
  type Node,
} from 'yaml';

/** Largest manifest file. */
const MANIFEST_BYTES_MAX = 8 * 1024 * 1024;
/** Aliases that one document may resolve: beyond it, it is a bomb and not a manifest. */
const ALIASES_MAX = 100;
/** Nesting of a manifest; Kubernetes objects stay far below. */
const DEPTH_MAX = 64;
const TOO_DEEP = `nested deeper than ${String(DEPTH_MAX)} levels`;

/** A problem with its place. Lines begin at 1. */
export interface ManifestProblem {
  readonly line: number;
  readonly message: string;
}

/** One object of a file, not yet looked at by any schema. */
export interface ManifestDocument {
  readonly value: unknown;
  /** Line where the object begins. */
  readonly line: number;
  /** Line of a field path such as `spec.filters[0].exact`; of its nearest parent when it is not there. */
  lineOf(path: string): number;
}

export interface ParsedManifest {
  readonly documents: readonly ManifestDocument[];
  readonly problems: readonly ManifestProblem[];
}

/** Never throws: what is wrong is in `problems`, what could be read is in `documents`. */
export function parseManifest(text: string): ParsedManifest {
  if (Buffer.byteLength(text) > MANIFEST_BYTES_MAX) {
    const max = String(MANIFEST_BYTES_MAX / 1024 / 1024);
    return {
      documents: [],
      problems: [{ line: 1, message: `the file is larger than ${max} MiB` }],
    };
  }
  const lines = new LineCounter();
  const parsed = parseOrRefuse(text, lines);
  if ('refusal' in parsed) return { documents: [], problems: [parsed.refusal] };
  const documents: ManifestDocument[] = [];
  const problems: ManifestProblem[] = [];
  for (const document of parsed) {
    const found = documentProblems(document, lines);
    problems.push(...found);
    if (found.length === 0 && document.contents !== null) {
      readDocument(document, lines, documents, problems);
    }
  }
  return { documents, problems };
}

/** The parser is recursive: nesting beyond all measure ends its stack before our own bound is looked at. */
function parseOrRefuse(
  text: string,
  lines: LineCounter,
): readonly Document.Parsed[] | { readonly refusal: ManifestProblem } {
  try {
    const parsed = parseAllDocuments(text, { lineCounter: lines, merge: true });
    return 'empty' in parsed ? [] : parsed;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { refusal: { line: 1, message: TOO_DEEP } };
  }
}

function documentProblems(document: Document.Parsed, lines: LineCounter): ManifestProblem[] {
  // A tag nobody knows is only a warning to the parser; to us it is something we would misread.
  const problems = [...document.errors, ...document.warnings].map((error) => ({
    line: lines.linePos(error.pos[0]).line,
    message: firstLine(error.message),
  }));
  if (problems.length === 0 && depthOf(document.contents, DEPTH_MAX) > DEPTH_MAX) {
    problems.push({ line: 1, message: TOO_DEEP });
  }
  return problems;
}

function readDocument(
  document: Document.Parsed,
  lines: LineCounter,
  documents: ManifestDocument[],
  problems: ManifestProblem[],
): void {
  const root = document.contents;
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: ALIASES_MAX });
  } catch (error) {
    const line = root === null ? 1 : lineOfNode(root, lines);
    problems.push({ line, message: error instanceof Error ? error.message : String(error) });
    return;
  }
  if (value === null || value === undefined) return;
  if (isList(value) && isMap(root)) {
    const items = root.get('items', true);
    value.items.forEach((item, index) => {
      const node = isSeq(items) ? (items.items[index] as Node | undefined) : undefined;
      documents.push(makeDocument(item, node ?? root, lines));
    });
    return;
  }
  documents.push(makeDocument(value, root, lines));
}

function isList(value: unknown): value is { items: unknown[] } {
  if (typeof value !== 'object' || value === null || !('kind' in value)) return false;
  const { kind } = value;
  return (
    typeof kind === 'string' &&
    kind.endsWith('List') &&
    'items' in value &&
    Array.isArray(value.items)
  );
}

function makeDocument(value: unknown, root: Node | null, lines: LineCounter): ManifestDocument {
  const line = root === null ? 1 : lineOfNode(root, lines);
  return { value, line, lineOf: (path) => lineOfPath(root, path, lines) ?? line };
}

/** `spec.filters[0].exact` and `metadata.annotations[a.b/c]` as steps. */
function pathSteps(path: string): (string | number)[] {
  const steps: (string | number)[] = [];
  for (const match of path.matchAll(/\[([^\]]*)\]|([^.[\]]+)/g)) {
    const [, bracketed, plain] = match;
    if (plain !== undefined) steps.push(plain);
    else if (bracketed !== undefined)
      steps.push(/^\d+$/.test(bracketed) ? Number(bracketed) : bracketed);
  }
  return steps;
}

function lineOfPath(root: Node | null, path: string, lines: LineCounter): number | undefined {
  let node: unknown = root;
  let line: number | undefined;
  for (const step of pathSteps(path)) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && item.key.value === String(step));
      if (pair === undefined || !isScalar(pair.key)) break;
      line = lineOfNode(pair.key, lines);
      node = pair.value;
    } else if (isSeq(node) && typeof step === 'number') {
      node = node.items[step];
      if (node === undefined) break;
      line = lineOfNode(node as Node, lines);
    } else break;
  }
  return line;
}

function lineOfNode(node: Node, lines: LineCounter): number {
  return node.range === null || node.range === undefined ? 1 : lines.linePos(node.range[0]).line;
}

function depthOf(node: unknown, budget: number): number {
  if (budget < 0) return 1;
  if (isPair(node)) return depthOf(node.value, budget);
  if (isAlias(node) || !(isMap(node) || isSeq(node))) return 0;
  let deepest = 0;
  for (const item of node.items) deepest = Math.max(deepest, depthOf(item, budget - 1));
  return deepest + 1;
}

/** The parser's message without the place, which stands before it already. */
function firstLine(text: string): string {
  const line = text.split('\n', 1)[0] ?? text;
  return line.replace(/ at line \d+, column \d+:?$/, '');
}
