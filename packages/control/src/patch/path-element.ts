/**
 * One step of a field path, in the form in which Kubernetes writes it into `fieldsV1`: `f:name` is a field of an
 * object, `k:{"port":80,"protocol":"TCP"}` the item of a list with these key values, `v:"x"` the item of a set,
 * `i:3` a place in a list. The text is canonical (key names sorted, no spaces), so equal steps are equal texts.
 */
import { isRecord } from '@afflux/resources';
import { goJson } from '@afflux/resources/text';

/** A canonical step. */
export type PathElement = string;

type KeyPair = readonly [name: string, value: unknown];

export function fieldElement(name: string): PathElement {
  return `f:${name}`;
}

/** An item of a set; only texts, numbers and booleans have such a step. */
export function valueElement(value: string | number | boolean): PathElement {
  return `v:${goJson(value)}`;
}

/** An item of a list that is a map. */
export function keyElement(pairs: readonly KeyPair[]): PathElement {
  const sorted = pairs.length < 2 ? pairs : [...pairs].sort((a, b) => compareTexts(a[0], b[0]));
  const fields = sorted.map(([name, value]) => `${JSON.stringify(name)}:${goJson(value)}`);
  return `k:{${fields.join(',')}}`;
}

function keyPairs(element: PathElement): KeyPair[] {
  const value: unknown = JSON.parse(element.slice(2));
  if (!isRecord(value)) {
    throw new SyntaxError('the key of an item must be an object');
  }
  return Object.entries(value);
}

/**
 * The canonical form of a step that somebody else wrote. Undefined for a sort of step that is not known, which a
 * reader skips; throws SyntaxError for a malformed one.
 */
export function parseElement(text: string): PathElement | undefined {
  if (text[1] !== ':') throw new SyntaxError(`missing colon: ${text}`);
  switch (text[0]) {
    case 'f':
      return text;
    case 'k':
      return keyElement(keyPairs(text));
    case 'v':
      return `v:${goJson(JSON.parse(text.slice(2)))}`;
    case 'i':
      if (!/^i:\d{1,15}$/.test(text)) throw new SyntaxError(`not an index: ${text}`);
      return `i:${String(Number(text.slice(2)))}`;
    default:
      return undefined;
  }
}

const RANKS = 'fkvi';

function compareTexts(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Kubernetes' order of values: numbers, then texts, then booleans. */
function compareValues(left: unknown, right: unknown): number {
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  if (typeof left === 'string' && typeof right === 'string') return compareTexts(left, right);
  const order = ['number', 'string', 'boolean'];
  return order.indexOf(typeof left) - order.indexOf(typeof right) || Number(left) - Number(right);
}

function compareKeys(left: readonly KeyPair[], right: readonly KeyPair[]): number {
  for (const [index, [name, value]] of left.entries()) {
    const other = right[index];
    if (other === undefined) return 1;
    const order = compareTexts(name, other[0]) || compareValues(value, other[1]);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

/** The order in which Kubernetes writes the steps below one place. */
export function compareElements(left: PathElement, right: PathElement): number {
  if (left === right) return 0;
  if (left[0] !== right[0]) return RANKS.indexOf(left[0] ?? '') - RANKS.indexOf(right[0] ?? '');
  switch (left[0]) {
    case 'k':
      return compareKeys(keyPairs(left), keyPairs(right));
    case 'v':
      return compareValues(JSON.parse(left.slice(2)), JSON.parse(right.slice(2)));
    case 'i':
      return Number(left.slice(2)) - Number(right.slice(2));
    default:
      return compareTexts(left, right);
  }
}

/** The step as people read it: `.data`, `[port=80,protocol="TCP"]`, `[="x"]`, `[3]`. */
export function displayElement(element: PathElement): string {
  const text = element.slice(2);
  switch (element[0]) {
    case 'k': {
      const pairs = keyPairs(element).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
      return `[${pairs.join(',')}]`;
    }
    case 'v':
      return `[=${JSON.stringify(JSON.parse(text))}]`;
    case 'i':
      return `[${text}]`;
    default:
      return `.${text}`;
  }
}
