/**
 * CESQL text to tokens.
 *
 * The lexer knows the shape of words, numbers, strings and symbols; what a word means (keyword, attribute,
 * function) depends on its place and is the parser's business. Two decisions differ from the published
 * grammar, whose lexer takes the longest match:
 * - a sign is always a token of its own, so that `4-1` is a subtraction and not two numbers side by side;
 * - a character that belongs to no token is an error instead of being skipped.
 */
import { CesqlParseError } from '../errors.ts';
import { positionOf } from './position.ts';

export interface Token {
  readonly kind: 'word' | 'integer' | 'string' | 'symbol' | 'end';
  /** As written; for a string its value, without delimiters and with escaped delimiters undone. */
  readonly text: string;
  /** Of the first character, and of the first one behind the token. */
  readonly offset: number;
  readonly end: number;
}

/** Longest first: `<=` is not `<` and `=`. */
const SYMBOLS = ['!=', '<>', '<=', '>=', '=', '<', '>', '+', '-', '*', '/', '%', '(', ')', ','];
const WORD = /[A-Za-z0-9_]+/y;
const DIGITS = /^[0-9]+$/;
const SPACE = /[ \t\r\n]*/y;

/** All tokens of a text, the last one of kind `end`. Throws CesqlParseError. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let offset = skipSpace(text, 0);
  while (offset < text.length) {
    const token = readToken(text, offset);
    tokens.push(token);
    offset = skipSpace(text, token.end);
  }
  tokens.push({ kind: 'end', text: '', offset, end: offset });
  return tokens;
}

function skipSpace(text: string, offset: number): number {
  SPACE.lastIndex = offset;
  SPACE.test(text);
  return SPACE.lastIndex;
}

function readToken(text: string, offset: number): Token {
  const first = text.charAt(offset);
  if (first === "'" || first === '"') return readString(text, offset, first);
  WORD.lastIndex = offset;
  if (WORD.test(text)) return readWord(text, offset, WORD.lastIndex);
  const symbol = SYMBOLS.find((candidate) => text.startsWith(candidate, offset));
  if (symbol === undefined) throw unexpectedCharacter(text, offset);
  return { kind: 'symbol', text: symbol, offset, end: offset + symbol.length };
}

function readWord(text: string, offset: number, end: number): Token {
  const word = text.slice(offset, end);
  return { kind: DIGITS.test(word) ? 'integer' : 'word', text: word, offset, end };
}

/**
 * A backslash and the character after it are read as a pair, so `\'` does not end the string. Only the
 * delimiter loses its backslash: what `\%` means is LIKE's business.
 */
function readString(text: string, offset: number, delimiter: string): Token {
  let value = '';
  let plainFrom = offset + 1;
  for (let index = plainFrom; index < text.length; index += 1) {
    const character = text.charAt(index);
    if (character === delimiter) {
      value += text.slice(plainFrom, index);
      return { kind: 'string', text: value, offset, end: index + 1 };
    }
    if (character !== '\\') continue;
    if (text.charAt(index + 1) === delimiter) {
      value += text.slice(plainFrom, index);
      plainFrom = index + 1;
    }
    index += 1;
  }
  const reason = `the string that starts here has no closing ${delimiter}`;
  throw new CesqlParseError(reason, positionOf(text, offset));
}

function unexpectedCharacter(text: string, offset: number): CesqlParseError {
  const character = String.fromCodePoint(text.codePointAt(offset) ?? 0);
  const reason = `the character ${JSON.stringify(character)} has no meaning here`;
  return new CesqlParseError(reason, positionOf(text, offset));
}
