/**
 * Regular expressions of schemas, in Go's syntax and with Go's verdicts, as Kubernetes matches them. They come from
 * CRDs, which anybody may write, and the texts from anybody else: JavaScript's own matcher goes back over the text and
 * can be made to run for years (T12). This one takes time linear in text and pattern, and all matches over one object
 * share a budget.
 */
import { RE2JS, RE2JSSyntaxException } from 're2js';
import { ResourcesError } from '../errors.ts';

/** Longest pattern. */
const PATTERN_LENGTH_MAX = 4096;

/** Most instructions of a pattern; repetitions are written out, so that a short pattern may have many. */
const INSTRUCTIONS_MAX = 20_000;

/** How much work may still be done; shared by all matches in one object, and used up by them. */
export interface MatchBudget {
  /** Characters times instructions. */
  steps: number;
}

/** A compiled pattern. */
export class Pattern {
  readonly #program: RE2JS;

  constructor(program: RE2JS) {
    this.#program = program;
  }

  /** Whether the pattern matches anywhere in the text; false when the budget does not suffice to find out. */
  test(text: string, budget: MatchBudget): boolean {
    budget.steps -= (text.length + 1) * this.#program.programSize();
    return budget.steps >= 0 && this.#program.test(text);
  }
}

/** Compiles a pattern, or says why it is none, in Go's words. */
export function compilePattern(pattern: string): Pattern | ResourcesError {
  if (pattern.length > PATTERN_LENGTH_MAX) return refusal('expression too long');
  try {
    const program = RE2JS.compile(pattern);
    return program.programSize() > INSTRUCTIONS_MAX
      ? refusal('expression too large')
      : new Pattern(program);
  } catch (error) {
    if (error instanceof RE2JSSyntaxException) return refusal(error.message);
    throw error;
  }
}

function refusal(why: string): ResourcesError {
  return new ResourcesError(why, { code: 'AFFLUX_RESOURCES_INVALID', fault: 'user' });
}
