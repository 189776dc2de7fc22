/**
 * Regular expressions of schemas, matched in time linear in the text. They come from CRDs, which anybody may
 * write, and the texts from anybody else: JavaScript's own matcher goes back over the text and can be made to
 * run for years (T12). So a pattern becomes an automaton whose states are followed all at once, as in Go's
 * regexp, which is what Kubernetes matches with. Repetitions are written out, within a bound; a match ends
 * when the budget of its object is used up.
 */
import { ResourcesError } from '../errors.ts';
import { parsePattern, patternError, type Node } from './pattern-parser.ts';

/** Longest pattern. */
const PATTERN_LENGTH_MAX = 4096;

/** Most states of an automaton; a pattern that needs more is refused. */
const STATES_MAX = 20_000;

/** How much work may still be done; shared by all matches in one object, and used up by them. */
export interface MatchBudget {
  steps: number;
}

/** A state: consumes a character, or leads on without one. */
interface State {
  readonly accepts?: (character: string) => boolean;
  readonly holds?: (before: string, after: string) => boolean;
  next: number[];
}

/** Writes the automaton backwards: every part is built knowing the state that follows it. */
class Builder {
  readonly states: State[] = [{ next: [] }];

  build(node: Node, next: number): number {
    switch (node.type) {
      case 'class':
        return this.#add({ accepts: node.accepts, next: [next] });
      case 'assertion':
        return this.#add({ holds: node.holds, next: [next] });
      case 'sequence':
        return node.parts.reduceRight((after, part) => this.build(part, after), next);
      case 'choice':
        return this.#add({ next: node.branches.map((branch) => this.build(branch, next)) });
      case 'repeat':
        return this.#repeat(node, next);
    }
  }

  #repeat(
    { part, min, max }: { readonly part: Node; readonly min: number; readonly max: number },
    next: number,
  ): number {
    let entry = next;
    if (max === Infinity) {
      const state: State = { next: [next] };
      entry = this.#add(state);
      state.next = [this.build(part, entry), next];
    } else {
      for (let count = min; count < max; count++) {
        entry = this.#add({ next: [this.build(part, entry), next] });
      }
    }
    for (let count = 0; count < min; count++) entry = this.build(part, entry);
    return entry;
  }

  #add(state: State): number {
    if (this.states.length >= STATES_MAX) throw patternError('expression too large');
    this.states.push(state);
    return this.states.length - 1;
  }
}

/** The state that means a match. */
const MATCH = 0;

/** A compiled pattern. */
export class Pattern {
  readonly #states: readonly State[];
  readonly #start: number;

  constructor(states: readonly State[], start: number) {
    this.#states = states;
    this.#start = start;
  }

  /** Whether the pattern matches anywhere in the text; false when the budget does not suffice to find out. */
  test(text: string, budget: MatchBudget): boolean {
    const characters = Array.from(text);
    let current = new Set<number>();
    for (let index = 0; index <= characters.length; index++) {
      const before = characters[index - 1] ?? '';
      const after = characters[index] ?? '';
      const reached = this.#spread([...current, this.#start], before, after);
      if (reached.has(MATCH)) return true;
      budget.steps -= reached.size + 1;
      if (budget.steps < 0) return false;
      current = new Set();
      for (const id of reached) {
        const state = this.#states[id];
        if (state?.accepts?.(after) === true) for (const next of state.next) current.add(next);
      }
    }
    return false;
  }

  /** All states that are reached without a character. */
  #spread(from: readonly number[], before: string, after: string): Set<number> {
    const reached = new Set<number>();
    const waiting = [...from];
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
      if (reached.has(id)) continue;
      reached.add(id);
      const state = this.#states[id];
      if (state === undefined || state.accepts !== undefined) continue;
      if (state.holds === undefined || state.holds(before, after)) waiting.push(...state.next);
    }
    return reached;
  }
}

/** Compiles a pattern, or says why it is none. */
export function compilePattern(pattern: string): Pattern | ResourcesError {
  if (pattern.length > PATTERN_LENGTH_MAX) return patternError('expression too long');
  try {
    const builder = new Builder();
    const start = builder.build(parsePattern(pattern), MATCH);
    return new Pattern(builder.states, start);
  } catch (error) {
    if (error instanceof ResourcesError) return error;
    throw error;
  }
}
