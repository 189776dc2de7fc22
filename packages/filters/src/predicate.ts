/**
 * A compiled filter: a tree of predicates over one event.
 *
 * The tree is what the dialects mean, not how they were written: an `exact` with three attributes is an
 * `all` of three comparisons, and so are a list of filters and the old `filter.attributes`. Each predicate
 * - tests an event without allocating,
 * - explains a test: which predicate decided, and why, in words,
 * - has a `key`: predicates with the same key accept the same events, so the index keeps one of them.
 *
 * An attribute that is absent fails every comparison. `not` turns around whatever the nested filter says,
 * also when that failed for an absent attribute or a CESQL error.
 */
import type { CloudEvent } from '@afflux/events';
import type { AttributeReader } from './attribute.ts';
import type { CesqlExpression } from './cesql/expression.ts';
import { quote } from './quote.ts';

/** The outcome of a test and the place in the filter that settled it. */
export interface Decision {
  readonly matched: boolean;
  /** Path of the deciding part, as in `FilterProblem`. */
  readonly decidedBy: string;
  /** Why, in words, for people. */
  readonly detail: string;
}

export type Predicate =
  ComparePredicate | PresentPredicate | CesqlPredicate | AllPredicate | AnyPredicate | NotPredicate;

export type Comparison = 'exact' | 'prefix' | 'suffix';

/** The attribute is there, and its text equals, starts or ends with `value`. */
export class ComparePredicate {
  readonly kind: Comparison;
  readonly reader: AttributeReader;
  readonly value: string;
  readonly path: string;
  readonly key: string;

  constructor(kind: Comparison, reader: AttributeReader, value: string, path: string) {
    this.kind = kind;
    this.reader = reader;
    this.value = value;
    this.path = path;
    this.key = keyOf(kind, reader.id, value);
  }

  test(event: CloudEvent): boolean {
    const text = this.reader.text(event);
    if (text === undefined) return false;
    if (this.kind === 'exact') return text === this.value;
    return this.kind === 'prefix' ? text.startsWith(this.value) : text.endsWith(this.value);
  }

  explain(event: CloudEvent): Decision {
    const verb = { exact: 'equals', prefix: 'starts with', suffix: 'ends with' }[this.kind];
    const expected = `the filter wants one that ${verb} ${quote(this.value)}`;
    return decide(this, this.test(event), `${describe(this.reader, event)}; ${expected}`);
  }
}

/** The attribute is there and, unless `allowEmpty`, not the empty string. */
export class PresentPredicate {
  readonly kind = 'present';
  readonly reader: AttributeReader;
  readonly allowEmpty: boolean;
  readonly path: string;
  readonly key: string;

  constructor(reader: AttributeReader, allowEmpty: boolean, path: string) {
    this.reader = reader;
    this.allowEmpty = allowEmpty;
    this.path = path;
    this.key = keyOf(allowEmpty ? 'present' : 'filled', reader.id);
  }

  test(event: CloudEvent): boolean {
    const text = this.reader.text(event);
    return text !== undefined && (this.allowEmpty || text !== '');
  }

  explain(event: CloudEvent): Decision {
    const detail = `${describe(this.reader, event)}; the filter wants any value`;
    return decide(this, this.test(event), detail);
  }
}

/** The expression yields the Boolean true, without an error. */
export class CesqlPredicate {
  readonly kind = 'cesql';
  readonly expression: CesqlExpression;
  readonly path: string;
  readonly key: string;

  constructor(expression: CesqlExpression, path: string) {
    this.expression = expression;
    this.path = path;
    this.key = keyOf('cesql', expression.text);
  }

  test(event: CloudEvent): boolean {
    return this.expression.passes(event);
  }

  explain(event: CloudEvent): Decision {
    const { value, error } = this.expression.evaluate(event);
    const yields = `the expression yields ${quote(value)}`;
    const detail = error === null ? yields : `${yields} with an error: ${error.message}`;
    return decide(this, this.test(event), detail);
  }
}

/** Every part matches; without parts, every event does. */
export class AllPredicate {
  readonly kind = 'all';
  readonly parts: readonly Predicate[];
  readonly path: string;
  readonly key: string;

  constructor(parts: readonly Predicate[], path: string) {
    this.parts = parts;
    this.path = path;
    this.key = keyOf('all', ...partKeys(parts));
  }

  test(event: CloudEvent): boolean {
    for (const part of this.parts) if (!part.test(event)) return false;
    return true;
  }

  explain(event: CloudEvent): Decision {
    const failed = this.parts.find((part) => !part.test(event));
    if (failed !== undefined) return failed.explain(event);
    return decide(
      this,
      true,
      this.parts.length === 0 ? 'there is no filter' : 'every part matches',
    );
  }
}

/** At least one part matches. */
export class AnyPredicate {
  readonly kind = 'any';
  readonly parts: readonly Predicate[];
  readonly path: string;
  readonly key: string;

  constructor(parts: readonly Predicate[], path: string) {
    this.parts = parts;
    this.path = path;
    this.key = keyOf('any', ...partKeys(parts));
  }

  test(event: CloudEvent): boolean {
    for (const part of this.parts) if (part.test(event)) return true;
    return false;
  }

  explain(event: CloudEvent): Decision {
    const matched = this.parts.find((part) => part.test(event));
    return matched?.explain(event) ?? decide(this, false, 'no part matches');
  }
}

/** The nested filter does not match. */
export class NotPredicate {
  readonly kind = 'not';
  readonly part: Predicate;
  readonly path: string;
  readonly key: string;

  constructor(part: Predicate, path: string) {
    this.part = part;
    this.path = path;
    this.key = keyOf('not', part.key);
  }

  test(event: CloudEvent): boolean {
    return !this.part.test(event);
  }

  explain(event: CloudEvent): Decision {
    const { matched, decidedBy, detail } = this.part.explain(event);
    return { matched: !matched, decidedBy, detail: `negated: ${detail}` };
  }
}

/** Parts that must all match, without a needless level for a single one. */
export function allOf(parts: readonly Predicate[], path: string): Predicate {
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : new AllPredicate(parts, path);
}

function decide({ path }: Predicate, matched: boolean, detail: string): Decision {
  return { matched, decidedBy: path, detail };
}

/** Unambiguous whatever the parts contain: each carries its length. */
function keyOf(...parts: readonly string[]): string {
  return parts.map((part) => `${String(part.length)}:${part}`).join('');
}

/** The order of parts does not matter to what they accept together, nor does saying one twice. */
function partKeys(parts: readonly Predicate[]): string[] {
  return [...new Set(parts.map(({ key }) => key))].sort();
}

function describe(reader: AttributeReader, event: CloudEvent): string {
  const text = reader.text(event);
  return text === undefined ? `${reader.name} is absent` : `${reader.name} is ${quote(text)}`;
}
