/**
 * Reads a regular expression in the syntax of Go, as far as schemas use it, into a tree. Only single characters
 * are ever handed to JavaScript's own matcher, to decide about a class such as `[a-z\d]` or `\pL`.
 *
 * Not supported, and refused: look-around and back-references (Go has none either), flags other than `i` at the
 * beginning, `\Q`, `\C`.
 */
import { ResourcesError } from '../errors.ts';

/** Highest number in `{n,m}`, as in Go. */
const REPEAT_MAX = 1000;

/** One part of a pattern, in the order of the text. */
export type Node =
  | { readonly type: 'class'; readonly accepts: (character: string) => boolean }
  | { readonly type: 'assertion'; readonly holds: (before: string, after: string) => boolean }
  | { readonly type: 'sequence'; readonly parts: readonly Node[] }
  | { readonly type: 'choice'; readonly branches: readonly Node[] }
  | { readonly type: 'repeat'; readonly part: Node; readonly min: number; readonly max: number };

/** Why a text is no pattern; `compilePattern` catches it. */
export function patternError(text: string): ResourcesError {
  return new ResourcesError(text, { code: 'AFFLUX_RESOURCES_INVALID', fault: 'user' });
}

const POSIX: Readonly<Record<string, string>> = {
  alnum: '0-9A-Za-z',
  alpha: 'A-Za-z',
  ascii: '\\x00-\\x7f',
  blank: '\\t ',
  cntrl: '\\x00-\\x1f\\x7f',
  digit: '0-9',
  graph: '!-~',
  lower: 'a-z',
  print: ' -~',
  punct: '!-\\/:-@\\[-`{-~',
  space: '\\t\\n\\v\\f\\r ',
  upper: 'A-Z',
  word: '0-9A-Za-z_',
  xdigit: '0-9A-Fa-f',
};

/** What Go's classes take; JavaScript's `\s` takes more. */
const ESCAPED_CLASSES: Readonly<Record<string, string>> = {
  d: '0-9',
  s: '\\t\\n\\f\\r ',
  w: '0-9A-Za-z_',
};

const CONTROLS: Readonly<Record<string, string>> = {
  a: '\\x07',
  f: '\\f',
  n: '\\n',
  r: '\\r',
  t: '\\t',
  v: '\\v',
};

const WORD = /^[0-9A-Za-z_]$/;

function isWordCharacter(character: string): boolean {
  return WORD.test(character);
}

function escaped(character: string): string {
  return /[\\^$.*+?()[\]{}|/-]/.test(character) ? `\\${character}` : character;
}

class Parser {
  readonly #characters: readonly string[];
  #position = 0;
  #ignoresCase = false;

  constructor(pattern: string) {
    this.#characters = Array.from(pattern);
  }

  parse(): Node {
    if (this.#take('(?i)')) this.#ignoresCase = true;
    const node = this.#choice();
    if (this.#position < this.#characters.length) throw patternError('unexpected )');
    return node;
  }

  get #next(): string | undefined {
    return this.#characters[this.#position];
  }

  #take(text: string): boolean {
    const end = this.#position + text.length;
    if (this.#characters.slice(this.#position, end).join('') !== text) return false;
    this.#position = end;
    return true;
  }

  #read(): string {
    const character = this.#next;
    if (character === undefined) throw patternError('unexpected end');
    this.#position += 1;
    return character;
  }

  #choice(): Node {
    const branches = [this.#sequence()];
    while (this.#take('|')) branches.push(this.#sequence());
    return { type: 'choice', branches };
  }

  #sequence(): Node {
    const parts: Node[] = [];
    while (this.#next !== undefined && this.#next !== '|' && this.#next !== ')') {
      parts.push(this.#repeated(this.#atom()));
    }
    return { type: 'sequence', parts };
  }

  #repeated(part: Node): Node {
    const bounds = this.#bounds();
    if (bounds === undefined) return part;
    // Lazy or not makes no difference to whether there is a match.
    this.#take('?');
    const [min, max] = bounds;
    if (this.#bounds() !== undefined) throw patternError('invalid nested repetition operator');
    return { type: 'repeat', part, min, max };
  }

  #bounds(): readonly [number, number] | undefined {
    if (this.#take('*')) return [0, Infinity];
    if (this.#take('+')) return [1, Infinity];
    if (this.#take('?')) return [0, 1];
    if (this.#next !== '{') return undefined;
    const rest = this.#characters.slice(this.#position, this.#position + 12).join('');
    const match = /^\{(\d+)(,(\d*))?\}/.exec(rest);
    // As in Go: a brace that begins no repetition is a brace.
    if (match === null) return undefined;
    const [text, min = '', comma, max = ''] = match;
    const low = Number(min);
    const high = comma === undefined ? low : max === '' ? Infinity : Number(max);
    if (low > REPEAT_MAX || (high > REPEAT_MAX && high !== Infinity) || high < low) {
      throw patternError(`invalid repeat count ${text}`);
    }
    this.#position += text.length;
    return [low, high];
  }

  #atom(): Node {
    const character = this.#read();
    switch (character) {
      case '(':
        return this.#group();
      case '[':
        return this.#bracket();
      case '.':
        return { type: 'class', accepts: (found) => found !== '\n' };
      case '^':
        return { type: 'assertion', holds: (before) => before === '' };
      case '$':
        return { type: 'assertion', holds: (_before, after) => after === '' };
      case '\\':
        return this.#escape();
      case '*':
      case '+':
      case '?':
        throw patternError(`missing argument to repetition operator ${character}`);
      default:
        return this.#oneOf(escaped(character));
    }
  }

  #group(): Node {
    if (this.#take('?')) {
      const isNamed = this.#take('P<') || (this.#next === '<' && !this.#looksAround());
      if (isNamed) {
        this.#take('<');
        while (this.#read() !== '>');
      } else if (!this.#take(':')) throw patternError('invalid or unsupported group (?');
    }
    const node = this.#choice();
    if (!this.#take(')')) throw patternError('missing closing )');
    return node;
  }

  #looksAround(): boolean {
    const after = this.#characters[this.#position + 1];
    return after === '=' || after === '!';
  }

  #escape(): Node {
    const character = this.#read();
    switch (character) {
      case 'A':
        return { type: 'assertion', holds: (before) => before === '' };
      case 'z':
        return { type: 'assertion', holds: (_before, after) => after === '' };
      case 'b':
        return {
          type: 'assertion',
          holds: (before, after) => isWordCharacter(before) !== isWordCharacter(after),
        };
      case 'B':
        return {
          type: 'assertion',
          holds: (before, after) => isWordCharacter(before) === isWordCharacter(after),
        };
      default: {
        const complement = ESCAPED_CLASSES[character.toLowerCase()];
        if (complement !== undefined && /[DSW]/.test(character))
          return this.#oneOf(`^${complement}`);
        return this.#oneOf(this.#escapedMember(character));
      }
    }
  }

  /** An escape as it stands inside a class of JavaScript. */
  #escapedMember(character: string): string {
    const known = ESCAPED_CLASSES[character] ?? CONTROLS[character];
    if (known !== undefined) return known;
    if (/[DSW]/.test(character)) {
      // Inside brackets; JavaScript agrees with Go on \D and \W, and \S is spelled out.
      return character === 'S' ? '\\x00-\\x08\\x0b\\x0e-\\x1f!-\\u{10ffff}' : `\\${character}`;
    }
    if (character === 'x') return this.#hex();
    if (character === 'p' || character === 'P') return this.#property(character);
    if (/[\p{L}\p{N}]/u.test(character)) {
      throw patternError(`invalid escape sequence \\${character}`);
    }
    return escaped(character);
  }

  #hex(): string {
    const digits = this.#take('{') ? this.#until('}') : this.#read() + this.#read();
    if (!/^[0-9a-fA-F]{1,6}$/.test(digits) || parseInt(digits, 16) > 0x10ffff) {
      throw patternError('invalid escape sequence \\x');
    }
    return `\\u{${digits}}`;
  }

  #property(letter: string): string {
    const name = this.#take('{') ? this.#until('}') : this.#read();
    if (!/^[A-Za-z_]+$/.test(name)) throw patternError(`invalid character class \\${letter}`);
    // Go names scripts without saying so.
    const isCategory = name.length <= 2;
    return `\\${letter}{${isCategory ? name : `Script=${name}`}}`;
  }

  #until(end: string): string {
    let text = '';
    for (let character = this.#read(); character !== end; character = this.#read()) {
      text += character;
    }
    return text;
  }

  #bracket(): Node {
    let members = this.#take('^') ? '^' : '';
    for (let isFirst = true; isFirst || this.#next !== ']'; isFirst = false) {
      members += this.#bracketMember();
    }
    this.#read();
    return this.#oneOf(members);
  }

  #bracketMember(): string {
    if (this.#take('[:')) {
      const isNegated = this.#take('^');
      const members = POSIX[this.#until(':')];
      if (members === undefined || isNegated || !this.#take(']')) {
        throw patternError('invalid character class range');
      }
      return members;
    }
    const character = this.#read();
    if (character === '\\') return this.#escapedMember(this.#read());
    // A dash between two members makes a range; at the ends it is itself.
    if (character === '-') {
      const before = this.#characters[this.#position - 2];
      const isAtEnd = before === '[' || before === '^' || this.#next === ']';
      return isAtEnd ? '\\-' : '-';
    }
    return escaped(character);
  }

  #oneOf(members: string): Node {
    try {
      // One character at a time: there is nothing to go back over.
      const matcher = new RegExp(`^[${members}]$`, this.#ignoresCase ? 'iu' : 'u');
      return { type: 'class', accepts: (character) => matcher.test(character) };
    } catch {
      throw patternError('invalid character class range');
    }
  }
}

/** The tree of a pattern; throws a {@link patternError}. */
export function parsePattern(pattern: string): Node {
  return new Parser(pattern).parse();
}
