/**
 * CESQL text to a syntax tree: a Pratt parser over the levels of CESQL 1.0.0 §3.
 *
 * Two levels are not in the table of binding powers. Prefix `NOT` and `-` bind only to the operand behind
 * them, so `NOT type = 'x'` is `(NOT type) = 'x'`. `AND`, `OR` and `XOR` share one level, the loosest; a
 * chain of them is collected first and folded afterwards, so that a long chain costs no recursion.
 *
 * Recursion is bounded by `DEPTH_MAX`, and everything else by `TEXT_CHARS_MAX`.
 */
import { CesqlParseError } from '../errors.ts';
import { INT_MAX, INT_MIN } from './cast.ts';
import { findFunction } from './functions.ts';
import type { Token } from './lexer.ts';
import { tokenize } from './lexer.ts';
import { LikePattern } from './like.ts';
import { positionOf } from './position.ts';
import type {
  ArithmeticOperator,
  CesqlNode,
  EqualityOperator,
  LogicOperator,
  OrderOperator,
} from './syntax-tree.ts';

/** Characters (UTF-16 units) of an expression. */
export const TEXT_CHARS_MAX = 4096;
/** Parentheses, calls and prefix operators inside each other. */
export const DEPTH_MAX = 100;

/**
 * `a OR b AND c` is `a OR (b AND c)`. The text of the specification says that equal precedence goes from left
 * to right; its published grammar, and with it the Go and Java implementations, say the opposite for this
 * level. We follow what runs, and warn where the two readings differ.
 */
const LOGIC_IS_RIGHT_ASSOCIATIVE = true as boolean;

const LIKE_POWER = 6;
const IN_POWER = 5;
const PREFIX_POWER = 7;
const SYMBOL_POWERS: ReadonlyMap<string, number> = new Map([
  ['*', 4],
  ['/', 4],
  ['%', 4],
  ['+', 3],
  ['-', 3],
  ['=', 2],
  ['!=', 2],
  ['<>', 2],
  ['<', 2],
  ['<=', 2],
  ['>', 2],
  ['>=', 2],
]);

const LOGIC_OPERATORS: ReadonlySet<string> = new Set(['AND', 'OR', 'XOR']);
const INFIX_KEYWORDS: ReadonlySet<string> = new Set([...LOGIC_OPERATORS, 'LIKE', 'IN']);
const ATTRIBUTE_NAME = /^[A-Za-z0-9]+$/;
const FUNCTION_NAME = /^[A-Za-z][A-Za-z_]*$/;

/** Something that is legal and probably not what was meant. */
export interface SyntaxWarning {
  readonly offset: number;
  readonly message: string;
}

export interface ParsedText {
  readonly root: CesqlNode;
  readonly warnings: readonly SyntaxWarning[];
}

/** Throws CesqlParseError, and nothing else, whatever the text is. */
export function parseText(text: string): ParsedText {
  if (text.length > TEXT_CHARS_MAX) {
    const reason = `the expression is longer than ${String(TEXT_CHARS_MAX)} characters`;
    throw new CesqlParseError(reason, positionOf(text.slice(0, TEXT_CHARS_MAX), TEXT_CHARS_MAX));
  }
  return new Parser(text).parse();
}

interface Infix {
  readonly power: number;
  readonly kind: 'like' | 'in' | 'symbol';
  readonly negated: boolean;
}

class Parser {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  readonly #end: Token;
  readonly #warnings: SyntaxWarning[] = [];
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = tokenize(text);
    this.#end = { kind: 'end', text: '', offset: text.length, end: text.length };
  }

  parse(): ParsedText {
    const root = this.#expression();
    const rest = this.#peek();
    if (rest.kind !== 'end') throw this.#error(rest, this.#strayReason(rest));
    return { root, warnings: this.#warnings };
  }

  /** A chain of AND, OR, XOR; its elements are everything that binds tighter. */
  #expression(): CesqlNode {
    this.#enter();
    const operands = [this.#operand(0)];
    const operators: Token[] = [];
    while (LOGIC_OPERATORS.has(keyword(this.#peek()))) {
      operators.push(this.#next());
      operands.push(this.#operand(0));
    }
    this.#depth -= 1;
    this.#warnIfMixed(operators);
    return foldLogic(operands, operators);
  }

  /** Pratt's loop: what follows is taken in as long as it binds tighter than `power`. */
  #operand(power: number): CesqlNode {
    let left = this.#prefix();
    for (;;) {
      const infix = this.#infix();
      if (infix === undefined || infix.power <= power) return left;
      if (infix.kind === 'like') left = this.#like(left, infix.negated);
      else if (infix.kind === 'in') left = this.#in(left, infix.negated);
      else left = this.#binary(left, infix.power);
    }
  }

  #infix(): Infix | undefined {
    const token = this.#peek();
    if (token.kind === 'symbol') {
      const power = SYMBOL_POWERS.get(token.text);
      return power === undefined ? undefined : { power, kind: 'symbol', negated: false };
    }
    const negated = keyword(token) === 'NOT';
    const word = keyword(negated ? this.#peek(1) : token);
    if (word === 'LIKE') return { power: LIKE_POWER, kind: 'like', negated };
    return word === 'IN' ? { power: IN_POWER, kind: 'in', negated } : undefined;
  }

  #binary(left: CesqlNode, power: number): CesqlNode {
    const token = this.#next();
    const right = this.#operand(power);
    return binaryNode(token, left, right);
  }

  #like(operand: CesqlNode, negated: boolean): CesqlNode {
    const { offset } = this.#next();
    if (negated) this.#next();
    const token = this.#next();
    if (token.kind !== 'string') throw this.#error(token, 'LIKE takes a string literal');
    this.#refuseDoubledQuote(token);
    return { kind: 'like', negated, operand, pattern: new LikePattern(token.text), offset };
  }

  #in(operand: CesqlNode, negated: boolean): CesqlNode {
    const { offset } = this.#next();
    if (negated) this.#next();
    this.#expect('(');
    if (isSymbol(this.#peek(), ')')) {
      throw this.#error(this.#peek(), 'IN takes at least one element');
    }
    return { kind: 'in', negated, operand, items: this.#list(), offset };
  }

  /** Expressions with commas between, up to and with the closing parenthesis. */
  #list(): CesqlNode[] {
    const items: CesqlNode[] = [];
    if (isSymbol(this.#peek(), ')')) {
      this.#next();
      return items;
    }
    for (;;) {
      items.push(this.#expression());
      const token = this.#next();
      if (isSymbol(token, ')')) return items;
      if (!isSymbol(token, ',')) {
        throw this.#error(token, `expected , or ) and found ${describe(token)}`);
      }
    }
  }

  #prefix(): CesqlNode {
    const token = this.#next();
    const { offset } = token;
    switch (token.kind) {
      case 'integer':
        return this.#integer(token, '', offset);
      case 'string':
        this.#refuseDoubledQuote(token);
        return { kind: 'literal', value: token.text, offset };
      case 'word':
        return this.#word(token);
      case 'symbol':
        return this.#symbol(token);
      case 'end':
        throw this.#error(token, 'expected a value and found the end of the expression');
    }
  }

  #symbol(token: Token): CesqlNode {
    const { offset, text } = token;
    if (text === '(') {
      const inner = this.#expression();
      this.#expect(')');
      return inner;
    }
    const next = this.#peek();
    const isSign = text === '-' || text === '+';
    // A sign right before digits belongs to the number, or -2147483648 could not be written.
    if (isSign && next.kind === 'integer' && next.offset === token.end) {
      return this.#integer(this.#next(), text, offset);
    }
    if (text === '-') return this.#unary('negate', offset);
    throw this.#error(token, `expected a value and found ${describe(token)}`);
  }

  #unary(kind: 'not' | 'negate', offset: number): CesqlNode {
    this.#enter();
    const operand = this.#operand(PREFIX_POWER);
    this.#depth -= 1;
    return { kind, operand, offset };
  }

  #word(token: Token): CesqlNode {
    const { offset } = token;
    const word = keyword(token);
    if (word === 'NOT') return this.#unary('not', offset);
    if (word === 'TRUE' || word === 'FALSE') {
      return { kind: 'literal', value: word === 'TRUE', offset };
    }
    if (word === 'EXISTS') return { kind: 'exists', name: this.#attributeName(), offset };
    if (INFIX_KEYWORDS.has(word)) {
      throw this.#error(token, `expected a value and found the keyword ${word}`);
    }
    if (isSymbol(this.#peek(), '(')) return this.#call(token);
    if (!ATTRIBUTE_NAME.test(token.text)) {
      throw this.#error(token, `${token.text} is no attribute name: letters and digits only`);
    }
    return { kind: 'attribute', name: token.text.toLowerCase(), offset };
  }

  #attributeName(): string {
    const token = this.#next();
    const isName = token.kind === 'word' && ATTRIBUTE_NAME.test(token.text) && !isKeyword(token);
    if (isName) return token.text.toLowerCase();
    throw this.#error(token, `EXISTS takes an attribute name and found ${describe(token)}`);
  }

  #call(token: Token): CesqlNode {
    const { offset } = token;
    if (!FUNCTION_NAME.test(token.text)) {
      throw this.#error(token, `${token.text} is no function name: letters and _ only`);
    }
    this.#next();
    const name = token.text.toUpperCase();
    const args = this.#list();
    if (findFunction(name, args.length) === undefined) {
      const message = `there is no function ${name} with ${String(args.length)} argument(s)`;
      this.#warnings.push({ offset, message });
    }
    return { kind: 'call', name, args, offset };
  }

  #integer(token: Token, sign: string, offset: number): CesqlNode {
    const value = Number(sign + token.text);
    if (value > INT_MAX || value < INT_MIN) {
      throw this.#error({ ...token, offset }, 'the number does not fit 32 bits');
    }
    return { kind: 'literal', value: value | 0, offset };
  }

  /** `'it''s'` is two strings side by side here; say what to write instead. */
  #refuseDoubledQuote(token: Token): void {
    const next = this.#peek();
    const delimiter = this.#text.charAt(next.offset);
    const isDoubled = next.offset === token.end && this.#text.charAt(token.offset) === delimiter;
    if (next.kind !== 'string' || !isDoubled) return;
    throw this.#error(next, `a quote inside a string is written \\${delimiter}, not doubled`);
  }

  #strayReason(token: Token): string {
    if (isSymbol(token, ')')) return 'there is no ( for this )';
    return `expected an operator or the end and found ${describe(token)}`;
  }

  #warnIfMixed(operators: readonly Token[]): void {
    const [first, ...more] = operators;
    if (first === undefined) return;
    const other = more.find((token) => keyword(token) !== keyword(first));
    if (other === undefined) return;
    const message =
      'AND, OR and XOR are mixed without parentheses; they have the same precedence and group from the right';
    this.#warnings.push({ offset: other.offset, message });
  }

  #enter(): void {
    this.#depth += 1;
    if (this.#depth <= DEPTH_MAX) return;
    throw this.#error(this.#peek(), `nested deeper than ${String(DEPTH_MAX)}`);
  }

  #expect(symbol: string): void {
    const token = this.#next();
    if (isSymbol(token, symbol)) return;
    throw this.#error(token, `expected ${symbol} and found ${describe(token)}`);
  }

  #peek(ahead = 0): Token {
    return this.#tokens[this.#at + ahead] ?? this.#end;
  }

  #next(): Token {
    const token = this.#peek();
    this.#at += 1;
    return token;
  }

  #error(token: Token, reason: string): CesqlParseError {
    return new CesqlParseError(reason, positionOf(this.#text, token.offset));
  }
}

function keyword(token: Token): string {
  return token.kind === 'word' ? token.text.toUpperCase() : '';
}

function isKeyword(token: Token): boolean {
  const word = keyword(token);
  return INFIX_KEYWORDS.has(word) || ['NOT', 'EXISTS', 'TRUE', 'FALSE'].includes(word);
}

function isSymbol(token: Token, text: string): boolean {
  return token.kind === 'symbol' && token.text === text;
}

function describe(token: Token): string {
  if (token.kind === 'end') return 'the end of the expression';
  return token.kind === 'string' ? `the string ${JSON.stringify(token.text)}` : token.text;
}

function binaryNode(token: Token, left: CesqlNode, right: CesqlNode): CesqlNode {
  const { offset, text } = token;
  switch (text) {
    case '=':
    case '!=':
    case '<>': {
      const operator: EqualityOperator = text === '=' ? '=' : '!=';
      return { kind: 'equality', operator, left, right, offset };
    }
    case '<':
    case '<=':
    case '>':
    case '>=':
      return { kind: 'order', operator: text satisfies OrderOperator, left, right, offset };
    default:
      return { kind: 'arithmetic', operator: text as ArithmeticOperator, left, right, offset };
  }
}

function foldLogic(operands: readonly CesqlNode[], operators: readonly Token[]): CesqlNode {
  const join = (left: CesqlNode, right: CesqlNode, at: number): CesqlNode => {
    // There is one operator less than there are operands.
    const token = operators[at] as Token;
    const operator = keyword(token) as LogicOperator;
    return { kind: 'logic', operator, left, right, offset: token.offset };
  };
  return LOGIC_IS_RIGHT_ASSOCIATIVE
    ? operands.reduceRight((right, left, index) => join(left, right, index))
    : operands.reduce((left, right, index) => join(left, right, index - 1));
}
