/**
 * LIKE without regular expressions.
 *
 * `%` cuts the pattern into segments. The first is anchored at the start of the text, the last at its end,
 * and each one between is taken at its leftmost place behind the one before: taking an earlier place never
 * loses a match, so nothing is ever tried twice, and a pattern of many `%` costs one pass over the text.
 * A segment is a list of pieces: so many characters to skip (`_`), then literal text.
 *
 * Cost: a segment of literal text is searched in linear time. One with `_` in its middle can, at worst, be
 * compared at every place of the text; each comparison is charged to the evaluation's budget.
 */
import { backward, forward } from './characters.ts';
import { searchFor } from './text-search.ts';
import type { TextSearch } from './text-search.ts';

/** Where the work is charged. */
export interface StepMeter {
  /** False when there is nothing left to spend: the match is given up. */
  spend(steps: number): boolean;
}

interface Piece {
  readonly skip: number;
  readonly literal: string;
}

type Segment = readonly Piece[];

/** A segment between two `%`: its first literal is searched for, the rest is compared there. */
interface MiddleSegment {
  readonly skip: number;
  readonly literalLength: number;
  readonly search: TextSearch;
  readonly rest: Segment;
}

/** What a pattern amounts to when it has no wildcard but a `%` at one end, or none at all. */
export interface SimpleLike {
  readonly kind: 'exact' | 'prefix' | 'suffix';
  readonly text: string;
}

export class LikePattern {
  readonly simple: SimpleLike | undefined;
  readonly #first: Segment;
  readonly #middle: readonly MiddleSegment[];
  /** Undefined: the pattern has no `%`, and the first segment is the whole of it. */
  readonly #last: Segment | undefined;

  /** The literal as it stands behind LIKE; a backslash takes its meaning from a following `%` or `_`. */
  constructor(pattern: string) {
    const segments = cut(pattern);
    this.#first = segments[0] ?? [];
    this.#middle = segments.slice(1, -1).flatMap(middleSegment);
    this.#last = segments.length > 1 ? segments.at(-1) : undefined;
    this.simple = simpleForm(segments);
  }

  /** Whether the whole text matches. Also false when the meter ran out, which the meter remembers. */
  matches(text: string, meter: StepMeter): boolean {
    if (!meter.spend(text.length)) return false;
    let offset = matchForward(this.#first, text, 0);
    if (offset < 0) return false;
    if (this.#last === undefined) return offset === text.length;
    const end = matchBackward(this.#last, text, text.length);
    for (const segment of this.#middle) {
      if (offset > end) return false;
      offset = find(segment, text, offset, meter);
      if (offset < 0) return false;
    }
    return offset <= end;
  }
}

/** One segment per stretch between `%`; two `%` in a row leave an empty one. */
function cut(pattern: string): Segment[] {
  const segments: Piece[][] = [];
  let pieces: Piece[] = [];
  let skip = 0;
  let literal = '';
  const endPiece = (): void => {
    if (skip > 0 || literal !== '') pieces.push({ skip, literal });
    skip = 0;
    literal = '';
  };
  for (let index = 0; index < pattern.length; index += 1) {
    const character = pattern.charAt(index);
    const next = pattern.charAt(index + 1);
    if (character === '%') {
      endPiece();
      segments.push(pieces);
      pieces = [];
    } else if (character === '_') {
      if (literal !== '') endPiece();
      skip += 1;
    } else if (character === '\\' && (next === '%' || next === '_')) {
      literal += next;
      index += 1;
    } else {
      literal += character;
    }
  }
  endPiece();
  segments.push(pieces);
  return segments;
}

function simpleForm(segments: readonly Segment[]): SimpleLike | undefined {
  const [first = [], last] = segments;
  if (segments.length > 2) return undefined;
  if (last === undefined) return simple('exact', first);
  if (last.length === 0) return simple('prefix', first);
  return first.length === 0 ? simple('suffix', last) : undefined;
}

function simple(kind: SimpleLike['kind'], segment: Segment): SimpleLike | undefined {
  const [piece, ...more] = segment;
  if (piece === undefined) return { kind, text: '' };
  return piece.skip > 0 || more.length > 0 ? undefined : { kind, text: piece.literal };
}

/** The offset behind the segment when it stands at `from`; -1 when it does not. */
function matchForward(segment: Segment, text: string, from: number): number {
  let offset = from;
  for (const { skip, literal } of segment) {
    offset = forward(text, offset, skip);
    if (offset < 0 || !text.startsWith(literal, offset)) return -1;
    offset += literal.length;
  }
  return offset;
}

/** The offset where the segment begins when it ends at `to`; -1 when it does not end there. */
function matchBackward(segment: Segment, text: string, to: number): number {
  let offset = to;
  for (let index = segment.length - 1; index >= 0; index -= 1) {
    const { skip, literal } = segment[index] ?? { skip: 0, literal: '' };
    if (!text.endsWith(literal, offset)) return -1;
    offset = backward(text, offset - literal.length, skip);
    if (offset < 0) return -1;
  }
  return offset;
}

/** None for the nothing between two `%` in a row. */
function middleSegment([head, ...rest]: Segment): MiddleSegment[] {
  if (head === undefined) return [];
  const { skip, literal } = head;
  return [{ skip, literalLength: literal.length, search: searchFor(literal), rest }];
}

/** The offset behind the leftmost place of the segment at or after `from`; -1 when there is none. */
function find(segment: MiddleSegment, text: string, from: number, meter: StepMeter): number {
  let at = forward(text, from, segment.skip);
  while (at >= 0) {
    at = segment.search(text, at);
    if (at < 0) return -1;
    const end = probe(segment.rest, text, at + segment.literalLength, meter);
    if (end >= 0) return end;
    if (!meter.spend(1 + segment.literalLength)) return -1;
    at = forward(text, at, 1);
  }
  return -1;
}

/** As `matchForward`, for a place that is one of many: what it compares is charged. */
function probe(segment: Segment, text: string, from: number, meter: StepMeter): number {
  let offset = from;
  for (const { skip, literal } of segment) {
    offset = forward(text, offset, skip);
    if (offset < 0) return -1;
    const same = sharedLength(literal, text, offset);
    if (!meter.spend(skip + same) || same < literal.length) return -1;
    offset += same;
  }
  return offset;
}

function sharedLength(literal: string, text: string, offset: number): number {
  let length = 0;
  while (
    length < literal.length &&
    literal.charCodeAt(length) === text.charCodeAt(offset + length)
  ) {
    length += 1;
  }
  return length;
}
