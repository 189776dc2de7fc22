/**
 * What the index can know of a CESQL expression without evaluating it.
 *
 * `equivalent`: predicates that accept exactly the events the expression passes, so that the expression need
 * not be evaluated at all. It exists for the everyday shapes: `attr = 'text'`, `attr LIKE 'text%'`,
 * `EXISTS attr`, `type IN ('a', 'b')`, and AND and OR of these. Equal includes errors: `a = 'x' OR b = 'y'`
 * does not pass an event without `a`, so OR is taken only where its left side cannot fail.
 *
 * `necessary`: predicates that hold whenever the expression passes, used to find candidates. There is more of
 * this: one side of an AND is enough, and an optional attribute that is evaluated in any case must be there.
 *
 * Types matter. A String literal on the right of `=` makes a comparison of texts whatever the attribute is;
 * everywhere else an attribute that arrived as an Integer may be compared as a number (`'010'` equals 10), so
 * only attributes that are Strings in every event count.
 */
import type { AttributeReader } from '../attribute.ts';
import { plainReader } from '../attribute.ts';
import { toText } from '../cesql/cast.ts';
import type { CesqlNode, EqualityNode, InNode, LikeNode, LogicNode } from '../cesql/syntax-tree.ts';
import { partsOf } from '../cesql/syntax-tree.ts';
import type { Predicate } from '../predicate.ts';
import { allOf, AnyPredicate, ComparePredicate, PresentPredicate } from '../predicate.ts';

/** Attributes whose values are Strings whatever way the event arrived. */
const STRING_ATTRIBUTES: ReadonlySet<string> = new Set([
  ...['id', 'source', 'specversion', 'type'],
  ...['subject', 'time', 'dataschema', 'datacontenttype'],
]);

/** These predicates are never shown to anybody. */
const PATH = '';
const NOTHING: ReadonlySet<string> = new Set();

/** Accepts the events that pass, and no others; undefined when the index does not know. */
export function equivalent(node: CesqlNode): Predicate | undefined {
  return translate(node, NOTHING)?.predicate;
}

/** Accepts at least the events that pass; undefined when nothing useful is known. */
export function necessary(node: CesqlNode): Predicate | undefined {
  if (node.kind === 'logic' && node.operator !== 'XOR') return necessaryLogic(node);
  const same = equivalent(node);
  if (same !== undefined) return same;
  const names = new Set<string>();
  collectRequired(node, names);
  const readers = [...names].map(plainReader).filter(({ isRequired }) => !isRequired);
  const parts = readers.map((reader) => new PresentPredicate(reader, true, PATH));
  return parts.length === 0 ? undefined : allOf(parts, PATH);
}

/** What is true of an AND is true of both sides; what is true of an OR, of one of them. */
function necessaryLogic({ operator, left, right }: LogicNode): Predicate | undefined {
  const first = necessary(left);
  const second = necessary(right);
  if (first !== undefined && second !== undefined) {
    return operator === 'AND' ? both(first, second) : new AnyPredicate([first, second], PATH);
  }
  return operator === 'AND' ? (first ?? second) : undefined;
}

interface Translation {
  readonly predicate: Predicate;
  /** Whether evaluating it can end in an error: where it can, OR is no longer a union. */
  readonly canFail: boolean;
  /** Attributes that are present in every event it accepts. */
  readonly implies: readonly string[];
}

/** `present`: attributes known to be there when the node is evaluated. */
function translate(node: CesqlNode, present: ReadonlySet<string>): Translation | undefined {
  switch (node.kind) {
    case 'exists': {
      const predicate = new PresentPredicate(plainReader(node.name), true, PATH);
      return { predicate, canFail: false, implies: [node.name] };
    }
    case 'equality':
      return translateEquality(node, present);
    case 'like':
      return translateLike(node, present);
    case 'in':
      return translateIn(node, present);
    case 'logic':
      return translateLogic(node, present);
    default:
      return undefined;
  }
}

function translateEquality(
  { operator, left, right }: EqualityNode,
  present: ReadonlySet<string>,
): Translation | undefined {
  if (operator !== '=' || left.kind !== 'attribute') return undefined;
  if (right.kind !== 'literal' || typeof right.value !== 'string') return undefined;
  const { value } = right;
  return onAttribute(
    left.name,
    present,
    (reader) => new ComparePredicate('exact', reader, value, PATH),
  );
}

function translateLike(
  { operand, pattern, negated }: LikeNode,
  present: ReadonlySet<string>,
): Translation | undefined {
  const { simple } = pattern;
  if (negated || simple === undefined || operand.kind !== 'attribute') return undefined;
  const { kind, text } = simple;
  return onAttribute(operand.name, present, (reader) =>
    kind !== 'exact' && text === ''
      ? new PresentPredicate(reader, true, PATH)
      : new ComparePredicate(kind, reader, text, PATH),
  );
}

function translateIn(
  { operand, items, negated }: InNode,
  present: ReadonlySet<string>,
): Translation | undefined {
  if (negated || operand.kind !== 'attribute') return undefined;
  if (!STRING_ATTRIBUTES.has(operand.name)) return undefined;
  const texts: string[] = [];
  for (const item of items) {
    if (item.kind !== 'literal') return undefined;
    texts.push(toText(item.value));
  }
  return onAttribute(operand.name, present, (reader) => {
    const parts = texts.map((text) => new ComparePredicate('exact', reader, text, PATH));
    return new AnyPredicate(parts, PATH);
  });
}

function translateLogic(
  { operator, left, right }: LogicNode,
  present: ReadonlySet<string>,
): Translation | undefined {
  if (operator === 'XOR') return undefined;
  const first = translate(left, present);
  if (first === undefined) return undefined;
  if (operator === 'AND') {
    const second = translate(right, new Set([...present, ...first.implies]));
    if (second === undefined) return undefined;
    return {
      predicate: both(first.predicate, second.predicate),
      canFail: first.canFail || second.canFail,
      implies: [...first.implies, ...second.implies],
    };
  }
  const second = first.canFail ? undefined : translate(right, present);
  if (second === undefined) return undefined;
  const predicate = new AnyPredicate([first.predicate, second.predicate], PATH);
  return { predicate, canFail: second.canFail, implies: [] };
}

/** One level for a chain of ANDs. */
function both(first: Predicate, second: Predicate): Predicate {
  const parts = [first, second].flatMap((part) => (part.kind === 'all' ? part.parts : [part]));
  return allOf(parts, PATH);
}

function onAttribute(
  name: string,
  present: ReadonlySet<string>,
  make: (reader: AttributeReader) => Predicate,
): Translation {
  const reader = plainReader(name);
  const canFail = !reader.isRequired && !present.has(name);
  return { predicate: make(reader), canFail, implies: [name] };
}

/** Attributes that are evaluated whenever the node is, so that it fails where one is absent. */
function collectRequired(node: CesqlNode, names: Set<string>): void {
  if (node.kind === 'attribute') names.add(node.name);
  for (const part of alwaysEvaluated(node)) collectRequired(part, names);
}

function alwaysEvaluated(node: CesqlNode): readonly CesqlNode[] {
  if (node.kind === 'logic' && node.operator !== 'XOR') return [node.left];
  return node.kind === 'in' ? partsOf(node).slice(0, 2) : partsOf(node);
}
