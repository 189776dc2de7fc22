/**
 * One YAML document as what JSON could have said, read so that nobody waits for a bad one (threat T12). The parser is
 * recursive, and some of what it does takes the square of the length; so its own lexer, which is neither, goes first
 * and counts: an end to nesting, names, and pieces is found before any of them costs something.
 *
 * Not read: tags and directives (another language or version of YAML), merge keys, keys that are no texts or numbers.
 */
import { CST, isScalar, Lexer, parseDocument, visit, type Document } from 'yaml';

/** Deepest nesting in brackets, and within one line; what is deeper by its lines ends the parser's stack. */
const DEPTH_MAX = 100;

/** Pieces of a text: about 12,000 lines of `key: value`. */
const LEXEMES_MAX = 50_000;

/** The value. `aliasesMax` bounds names for a part (`&name`), uses of them, and what these add up to. Throws. */
export function parseModestYaml(text: string, aliasesMax: number): unknown {
  assertModest(text, aliasesMax);
  // Keys are compared below: the parser would compare each with each other.
  const document = parseDocument(text, { schema: 'core', uniqueKeys: false, logLevel: 'error' });
  const [problem] = [...document.errors, ...document.warnings];
  if (problem !== undefined) throw problem;
  assertKeys(document);
  const value: unknown = document.toJS({ maxAliasCount: aliasesMax });
  // A part that contains itself has no end in JSON, and fails here.
  return JSON.parse(JSON.stringify(value, onlyJson));
}

/** Throws for what the parser must not see. */
function assertModest(text: string, aliasesMax: number): void {
  let lexemes = 0;
  let depth = 0;
  let indicators = 0;
  let anchors = 0;
  let aliases = 0;
  let documents = 0;
  let isText = false;
  for (const lexeme of new Lexer().lex(text)) {
    if (isText) {
      isText = false;
      continue;
    }
    const type = CST.tokenType(lexeme);
    // The text itself is the next lexeme.
    if (type === 'scalar') isText = true;
    else if (type === 'flow-map-start' || type === 'flow-seq-start') depth += 1;
    else if (type === 'flow-map-end' || type === 'flow-seq-end') depth -= 1;
    else if (type === 'seq-item-ind' || type === 'explicit-key-ind') indicators += 1;
    else if (type === 'newline') indicators = 0;
    else if (type === 'anchor') anchors += 1;
    else if (type === 'alias') aliases += 1;
    else if (type === 'doc-start') documents += 1;
    else if (type === 'tag') throw new Error(`tags are not read: ${lexeme.slice(0, 100)}`);
    else if (type === 'directive-line') throw new Error('directives are not read');
    if (type !== 'space') lexemes += 1;
    if (lexemes > LEXEMES_MAX) throw new Error('too long for YAML');
    if (depth < 0) throw new Error('a bracket ends what did not begin');
    if (depth > DEPTH_MAX || indicators > DEPTH_MAX) {
      throw new Error(`nested deeper than ${String(DEPTH_MAX)} levels`);
    }
    if (anchors > aliasesMax || aliases > aliasesMax) {
      throw new Error(`more than ${String(aliasesMax)} anchors or aliases`);
    }
    if (documents > 1) throw new Error('more than one document');
  }
}

function assertKeys(document: Document): void {
  visit(document, {
    Map: (_key, { items }) => {
      const keys = new Set<string>();
      for (const { key } of items) {
        if (!isScalar(key)) throw new Error('keys must be texts');
        const name = String(key.value);
        if (name === '<<') throw new Error('merge keys are not read');
        if (keys.has(name)) throw new Error(`the key ${JSON.stringify(name)} is there twice`);
        keys.add(name);
      }
    },
  });
}

/** JSON has no words for the rest. */
function onlyJson(_key: string, value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new Error(`${String(value)} is no number of JSON`);
  }
  return value;
}
