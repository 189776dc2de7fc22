/**
 * Attribute names, each resolved once to a shared {@link AttributeKey}: the name, the header that carries it
 * in HTTP binary mode, and which rule applies to it.
 *
 * Headers repeat from request to request, so resolving is one look-up in a bounded cache by the header name
 * exactly as it arrived. A sender who makes up names can only empty that cache, never make it grow: when it
 * is full it starts again. Two keys of the same attribute may therefore be different objects; compare names.
 */

/** Which rule of the specification governs the value. `extension`: none but the type system's. */
export type AttributeKind =
  | 'specversion'
  | 'id'
  | 'source'
  | 'type'
  | 'datacontenttype'
  | 'dataschema'
  | 'subject'
  | 'time'
  /** Only in events of version 0.3; an extension in 1.0, as `dataschema` is one in 0.3. */
  | 'schemaurl'
  | 'datacontentencoding'
  | 'extension';

export interface AttributeKey {
  readonly name: string;
  /** Lower case: `ce-` and the name, or `content-type`. */
  readonly header: string;
  readonly kind: AttributeKind;
  /** What is wrong with the name, when it can be none. Such a key never enters an event. */
  readonly problem: string | undefined;
}

const CORE_KINDS: ReadonlySet<string> = new Set<AttributeKind>([
  'specversion',
  'id',
  'source',
  'type',
  'datacontenttype',
  'dataschema',
  'subject',
  'time',
  'schemaurl',
  'datacontentencoding',
]);

function isCoreKind(name: string): name is AttributeKind {
  return CORE_KINDS.has(name);
}

/** Caches hold this many names, none longer than `CACHED_NAME_LENGTH_MAX`. */
const CACHED_NAMES_MAX = 1024;
const CACHED_NAME_LENGTH_MAX = 64;

const keysByName = new Map<string, AttributeKey>();
const keysByHeader = new Map<string, AttributeKey>();

function remember(cache: Map<string, AttributeKey>, name: string, key: AttributeKey): AttributeKey {
  if (name.length > CACHED_NAME_LENGTH_MAX) return key;
  if (cache.size >= CACHED_NAMES_MAX) cache.clear();
  cache.set(name, key);
  return key;
}

const NAME = /^[a-z0-9]+$/;

function nameProblem(name: string): string | undefined {
  if (name === 'data') return 'is not an attribute name: the data travels in the body';
  if (NAME.test(name)) return undefined;
  return 'is not an attribute name: use only the letters a–z and the digits 0–9';
}

function makeKey(name: string): AttributeKey {
  const header = name === 'datacontenttype' ? 'content-type' : `ce-${name}`;
  return { name, header, kind: isCoreKind(name) ? name : 'extension', problem: nameProblem(name) };
}

/** The key of an attribute name as JSON, a configuration or a program writes it. */
export function attributeKey(name: string): AttributeKey {
  return keysByName.get(name) ?? remember(keysByName, name, makeKey(name));
}

export const CONTENT_TYPE_KEY: AttributeKey = attributeKey('datacontenttype');

const ASCII_UPPER = /[A-Z]/g;

function makeHeaderKey(header: string): AttributeKey {
  // Only ASCII letters are folded: `toLowerCase` alone would turn U+212A (Kelvin) into a `k`.
  const name = header.slice(3).replace(ASCII_UPPER, (letter) => letter.toLowerCase());
  if (name !== 'datacontenttype') return attributeKey(name);
  const problem = 'must not be a ce- header: HTTP carries it in Content-Type';
  return { name, header: 'content-type', kind: 'datacontenttype', problem };
}

/** The key of a header whose name starts with `ce-`, in whatever case it arrived. */
export function headerKey(header: string): AttributeKey {
  return keysByHeader.get(header) ?? remember(keysByHeader, header, makeHeaderKey(header));
}
