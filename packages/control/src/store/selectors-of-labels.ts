/**
 * Reads label selectors as Kubernetes' clients send them: `app in (a, b),!legacy,tier=web,replicas>3`. The grammar and
 * the words of refusals are those of k8s.io/apimachinery (`pkg/labels/selector.go`): a lexer that knows symbols and
 * words, and a parser that looks one token ahead. What it reads it also judges: keys and values that no label can have
 * are refused, because a selector that can match nothing is a mistake.
 */
import { isDnsSubdomain, isLabelValue, NAME_PART_WORDS } from '@afflux/resources';
import { badRequest } from './refusals.ts';
import type { SelectorRequirement } from './resource-store.ts';

/** Conditions in one selector; more is a mistake or an attack. */
export const REQUIREMENTS_MAX = 100;

/** Longest name in a key, and longest value. */
const LENGTH_MAX = 63;

const NAME_PART = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?$/;
const INT64_MAX = 9_223_372_036_854_775_807n;

/** The integer that a label or a bound is, if it is one that Go would read as such. */
export function asInteger(text: string | undefined): bigint | undefined {
  if (text === undefined || !/^[+-]?\d{1,63}$/.test(text)) return undefined;
  const value = BigInt(text.replace('+', ''));
  return value > INT64_MAX || value < -INT64_MAX - 1n ? undefined : value;
}

/** Symbols, longest first, or a word. The end is the empty text, which is no word. */
const TOKEN = /\s*(==|!=|[=!(),<>]|[^=!(),<>\s]+)/y;
const WORD = /^[^=!(),<>]/;

/** What may stand between a key and its values. */
const OPERATORS: Readonly<Record<string, 'In' | 'NotIn' | 'Gt' | 'Lt'>> = {
  in: 'In',
  notin: 'NotIn',
  '=': 'In',
  '==': 'In',
  '!=': 'NotIn',
  '>': 'Gt',
  '<': 'Lt',
};

/** The tokens of a text; where they end there is the empty one. */
class Tokens {
  readonly #tokens: readonly string[];
  #next = 0;

  constructor(text: string) {
    this.#tokens = [...text.matchAll(new RegExp(TOKEN, 'gy'))].map(([, token = '']) => token);
  }

  peek(): string {
    return this.#tokens[this.#next] ?? '';
  }

  take(): string {
    const token = this.peek();
    this.#next += 1;
    return token;
  }
}

function isWord(token: string): boolean {
  return WORD.test(token);
}

function found(token: string, expected: string): string {
  return `found '${token}', expected: ${expected}`;
}

/** A refusal of one condition. */
function unable(why: string): Error {
  return badRequest(`unable to parse requirement: ${why}`);
}

/**
 * Reads a label selector such as `app=web,tier in (a, b),!legacy,replicas>3`. Throws BadRequest, naming the part.
 */
export function parseLabelSelector(text: string): readonly SelectorRequirement[] {
  const tokens = new Tokens(text);
  const requirements: SelectorRequirement[] = [];
  if (tokens.peek() === '') return requirements;
  if (!startsRequirement(tokens.peek())) {
    throw badRequest(found(tokens.peek(), "!, identifier, or 'end of string'"));
  }
  for (;;) {
    requirements.push(readRequirement(tokens));
    if (requirements.length > REQUIREMENTS_MAX) {
      throw badRequest(`a selector may have at most ${String(REQUIREMENTS_MAX)} conditions`);
    }
    const end = tokens.take();
    if (end === '') return requirements;
    if (end !== ',') throw badRequest(found(end, "',' or 'end of string'"));
    if (!startsRequirement(tokens.peek())) {
      throw badRequest(found(tokens.peek(), "identifier after ','"));
    }
  }
}

function startsRequirement(token: string): boolean {
  return token === '!' || isWord(token);
}

function readRequirement(tokens: Tokens): SelectorRequirement {
  const isNegated = tokens.peek() === '!';
  if (isNegated) tokens.take();
  const key = tokens.take();
  if (!isWord(key)) throw unable(found(key, 'identifier'));
  checkKey(key);
  if (isNegated) return { key, operator: 'DoesNotExist' };
  if (['', ','].includes(tokens.peek())) return { key, operator: 'Exists' };
  const sign = tokens.take();
  const operator = Object.hasOwn(OPERATORS, sign) ? OPERATORS[sign] : undefined;
  if (operator === undefined) throw unable(found(sign, 'in, notin, =, ==, !=, gt, lt'));
  const values = sign.endsWith('in') ? readValues(tokens) : [readValue(tokens)];
  checkValues(key, operator, values);
  return { key, operator, values };
}

/** One value; none at all is the empty one. */
function readValue(tokens: Tokens): string {
  if (['', ','].includes(tokens.peek())) return '';
  const value = tokens.take();
  if (!isWord(value)) throw unable(found(value, 'identifier'));
  return value;
}

/** Values in parentheses. Between two commas, and between a comma and a parenthesis, there is the empty one. */
function readValues(tokens: Tokens): string[] {
  const opening = tokens.take();
  if (opening !== '(') throw unable(`found '${opening}' expected: '('`);
  const values = new Set<string>();
  for (;;) {
    values.add(isWord(tokens.peek()) ? tokens.take() : '');
    const end = tokens.take();
    if (end === ')') return [...values].sort();
    if (end !== ',') throw unable(found(end, "',' or ')'"));
  }
}

const SUBDOMAIN_WORDS =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const VALUE_WORDS =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const TOO_LONG = `must be no more than ${String(LENGTH_MAX)} characters`;

function invalidWords(value: string, why: string): string {
  return `Invalid value: ${JSON.stringify(value)}: ${why}`;
}

function checkKey(key: string): void {
  const problems = keyProblems(key);
  if (problems.length > 0) throw unable(invalidWords(key, problems.join('; ')));
}

function keyProblems(key: string): string[] {
  const [name = '', prefix, ...rest] = key.split('/').reverse();
  if (rest.length > 0) {
    const words = "with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')";
    return [`a qualified name ${NAME_PART_WORDS} ${words}`];
  }
  const problems: string[] = [];
  if (prefix === '') problems.push('prefix part must be non-empty');
  else if (prefix !== undefined && !isDnsSubdomain(prefix)) {
    problems.push(`prefix part ${SUBDOMAIN_WORDS}`);
  }
  if (name === '') problems.push('name part must be non-empty');
  else if (name.length > LENGTH_MAX) problems.push(`name part ${TOO_LONG}`);
  if (!NAME_PART.test(name)) problems.push(`name part ${NAME_PART_WORDS}`);
  return problems;
}

function checkValues(
  key: string,
  operator: SelectorRequirement['operator'],
  values: readonly string[],
): void {
  const isOrder = operator === 'Gt' || operator === 'Lt';
  const problems = values.flatMap((value, index) => {
    const path = `values[${String(index)}]`;
    const words = "for 'Gt', 'Lt' operators, the value must be an integer";
    const wrong = valueProblem(value);
    return [
      ...(isOrder && asInteger(value) === undefined
        ? [`${path}: ${invalidWords(value, words)}`]
        : []),
      ...(wrong === undefined ? [] : [`${path}[${key}]: ${invalidWords(value, wrong)}`]),
    ];
  });
  if (problems.length === 1) throw unable(problems.join(''));
  if (problems.length > 1) throw unable(`[${problems.join(', ')}]`);
}

function valueProblem(value: string): string | undefined {
  if (isLabelValue(value)) return undefined;
  return value.length > LENGTH_MAX ? TOO_LONG : VALUE_WORDS;
}
