import { createRequire as createRequireOfBundle } from 'node:module';const require = createRequireOfBundle(import.meta.url);
import {
  AffluxError
} from "./chunk-ZKZDKWPE.mjs";

// packages/filters/src/errors.ts
var FiltersError = class extends AffluxError {
};
var FilterInvalidError = class extends FiltersError {
  problems;
  constructor(problems) {
    super(`the filter is not valid: ${problems.map(problemText).join("; ")}`, {
      code: "AFFLUX_FILTERS_INVALID",
      fault: "user",
      details: { problems }
    });
    this.problems = problems;
  }
};
var CesqlParseError = class extends FiltersError {
  /** What is wrong, without the position. */
  reason;
  /** Counted from 1. */
  line;
  /** In characters (code points), counted from 1. */
  column;
  constructor(reason, position) {
    const { line, column } = position;
    super(`line ${String(line)}, column ${String(column)}: ${reason}`, {
      code: "AFFLUX_FILTERS_CESQL_PARSE",
      fault: "user",
      details: { line, column }
    });
    this.reason = reason;
    this.line = line;
    this.column = column;
  }
};
function problemText({ path, message, details }) {
  return details === void 0 ? `${path}: ${message}` : `${path}: ${message} (${details})`;
}

// packages/filters/src/quote.ts
var SHOWN_CHARS_MAX = 60;
function quote(value) {
  if (typeof value !== "string") return String(value);
  const shown = value.length > SHOWN_CHARS_MAX ? `${value.slice(0, SHOWN_CHARS_MAX)}\u2026` : value;
  return JSON.stringify(shown);
}

// packages/filters/src/cesql/cast.ts
var INT_MIN = -2147483648;
var INT_MAX = 2147483647;
function toText(value) {
  return typeof value === "string" ? value : String(value);
}
function toInteger(value) {
  if (typeof value === "number") return value;
  if (typeof value === "boolean") return value ? 1 : 0;
  return parseInteger(value);
}
function toBoolean(value) {
  if (typeof value === "boolean") return value;
  if (typeof value === "number") return value !== 0;
  if (value.length > 5) return void 0;
  const lower = value.toLowerCase();
  if (lower === "true") return true;
  return lower === "false" ? false : void 0;
}
function parseInteger(text) {
  const sign = text.charCodeAt(0);
  const start = sign === 43 || sign === 45 ? 1 : 0;
  if (start === text.length) return void 0;
  let magnitude = 0;
  for (let index = start; index < text.length; index += 1) {
    const digit = text.charCodeAt(index) - 48;
    if (digit < 0 || digit > 9) return void 0;
    magnitude = Math.min(magnitude * 10 + digit, INT_MAX + 2);
  }
  const value = sign === 45 ? -magnitude : magnitude;
  if (value > INT_MAX || value < INT_MIN) return void 0;
  return value | 0;
}

// packages/filters/src/cesql/characters.ts
function isHighSurrogate(unit) {
  return unit >= 55296 && unit <= 56319;
}
function isLowSurrogate(unit) {
  return unit >= 56320 && unit <= 57343;
}
function forward(text, from, count) {
  let offset = from;
  for (let left2 = count; left2 > 0; left2 -= 1) {
    if (offset >= text.length) return -1;
    const isPair = isHighSurrogate(text.charCodeAt(offset)) && isLowSurrogate(text.charCodeAt(offset + 1));
    offset += isPair ? 2 : 1;
  }
  return offset;
}
function backward(text, from, count) {
  let offset = from;
  for (let left2 = count; left2 > 0; left2 -= 1) {
    if (offset <= 0) return -1;
    const isPair = offset >= 2 && isLowSurrogate(text.charCodeAt(offset - 1)) && isHighSurrogate(text.charCodeAt(offset - 2));
    offset -= isPair ? 2 : 1;
  }
  return offset;
}
function characterCount(text) {
  let count = text.length;
  for (let index = 1; index < text.length; index += 1) {
    if (isLowSurrogate(text.charCodeAt(index)) && isHighSurrogate(text.charCodeAt(index - 1))) {
      count -= 1;
    }
  }
  return count;
}
var WIDE_WHITE_SPACE = /* @__PURE__ */ new Set([
  ...[133, 160, 5760, 8232, 8233, 8239, 8287, 12288],
  ...[8192, 8193, 8194, 8195, 8196, 8197, 8198, 8199, 8200, 8201, 8202]
]);
function isWhiteSpace(unit) {
  if (unit < 128) return unit === 32 || unit >= 9 && unit <= 13;
  return WIDE_WHITE_SPACE.has(unit);
}
function trimWhiteSpace(text) {
  let start = 0;
  let end = text.length;
  while (start < end && isWhiteSpace(text.charCodeAt(start))) start += 1;
  while (end > start && isWhiteSpace(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

// packages/filters/src/cesql/functions.ts
function define(parameters, zero, body) {
  return {
    parameters,
    zero,
    call: (context, args) => body(context, ...args)
  };
}
function defineVariadic(parameters, join) {
  return {
    parameters,
    rest: "string",
    zero: "",
    call: (context, args) => {
      const { delimiter, parts } = join(args.map(toText));
      const gaps = Math.max(0, parts.length - 1) * delimiter.length;
      const chars = parts.reduce((sum, part) => sum + part.length, gaps);
      return context.allowResult(chars) ? parts.join(delimiter) : "";
    }
  };
}
function changeCase(change) {
  return define(["string"], "", (context, text) => {
    const changed = change(text);
    return context.allowResult(changed.length) ? changed : "";
  });
}
var FUNCTIONS = /* @__PURE__ */ new Map([
  ["INT", [define(["integer"], 0, (_context, value) => value)]],
  ["BOOL", [define(["boolean"], false, (_context, value) => value)]],
  ["STRING", [define(["string"], "", (_context, value) => value)]],
  ["IS_INT", [define(["any"], false, (_context, value) => toInteger(value) !== void 0)]],
  ["IS_BOOL", [define(["any"], false, (_context, value) => toBoolean(value) !== void 0)]],
  ["ABS", [define(["integer"], 0, absolute)]],
  ["LENGTH", [define(["string"], 0, (_context, text) => characterCount(text))]],
  ["CONCAT", [defineVariadic([], (parts) => ({ delimiter: "", parts }))]],
  ["CONCAT_WS", [defineVariadic(["string"], withDelimiter)]],
  ["LOWER", [changeCase((text) => text.toLowerCase())]],
  ["UPPER", [changeCase((text) => text.toUpperCase())]],
  ["TRIM", [define(["string"], "", (_context, text) => trimWhiteSpace(text))]],
  ["LEFT", [define(["string", "integer"], "", left)]],
  ["RIGHT", [define(["string", "integer"], "", right)]],
  [
    "SUBSTRING",
    [
      define(["string", "integer"], "", substring),
      define(["string", "integer", "integer"], "", substring)
    ]
  ]
]);
function findFunction(name, argumentCount) {
  return FUNCTIONS.get(name)?.find(
    ({ parameters, rest }) => rest === void 0 ? parameters.length === argumentCount : parameters.length <= argumentCount
  );
}
function withDelimiter([delimiter = "", ...parts]) {
  return { delimiter, parts };
}
function absolute(context, value) {
  if (value !== INT_MIN) return Math.abs(value);
  context.fail("math", `the absolute value of ${String(INT_MIN)} is out of range`);
  return INT_MAX;
}
function left(context, text, count) {
  if (count < 0) return negativeCount(context, text, count);
  const end = forward(text, 0, count);
  return end < 0 ? text : text.slice(0, end);
}
function right(context, text, count) {
  if (count < 0) return negativeCount(context, text, count);
  const start = backward(text, text.length, count);
  return start < 0 ? text : text.slice(start);
}
function negativeCount(context, text, count) {
  context.fail("functionEvaluation", `the number of characters is negative: ${String(count)}`);
  return text;
}
function substring(context, text, position, count) {
  if (count !== void 0 && count < 0) {
    negativeCount(context, text, count);
    return "";
  }
  if (position === 0) return "";
  const start = position > 0 ? forward(text, 0, position - 1) : backward(text, text.length, -position);
  if (start < 0 || start === text.length) {
    const reason = `position ${String(position)} is outside of the string`;
    context.fail("functionEvaluation", reason);
    return "";
  }
  const end = count === void 0 ? -1 : forward(text, start, count);
  return end < 0 ? text.slice(start) : text.slice(start, end);
}

// packages/filters/src/cesql/evaluator.ts
function compileNode(node) {
  switch (node.kind) {
    case "literal": {
      const { value } = node;
      return () => value;
    }
    case "attribute":
      return attribute(node);
    case "exists": {
      const { name } = node;
      return (event) => event.get(name) !== void 0;
    }
    case "not":
      return not(node);
    case "negate":
      return negate(node);
    case "arithmetic":
      return arithmetic(node);
    case "equality":
      return equality(node);
    case "order":
      return order(node);
    case "logic":
      return logic(node);
    case "like":
      return like(node);
    case "in":
      return membership(node);
    case "call":
      return call(node);
  }
}
function attribute({ name, offset }) {
  const missing = failure("missingAttribute", offset, () => `the event has no attribute ${name}`);
  return (event, run) => {
    const value = event.get(name);
    if (value === void 0) {
      run.fail(missing);
      return false;
    }
    return typeof value === "object" ? event.getText(name) ?? "" : value;
  };
}
function not({ operand }) {
  const evaluate = booleanOf(operand);
  return (event, run) => !evaluate(event, run) && !run.hasFailed();
}
function negate({ operand, offset }) {
  const evaluate = integerOf(operand);
  const overflow = outOfRange(offset);
  return (event, run) => {
    const value = evaluate(event, run);
    return !run.hasFailed() ? inRange(-value, run, overflow) : 0;
  };
}
function arithmetic({ operator, left: left2, right: right2, offset }) {
  const evaluateLeft = integerOf(left2);
  const evaluateRight = integerOf(right2);
  const compute = ARITHMETIC[operator];
  const overflow = outOfRange(offset);
  const byZero = failure("math", offset, () => "division by zero");
  const divides = operator === "/" || operator === "%";
  return (event, run) => {
    const a = evaluateLeft(event, run);
    if (run.hasFailed()) return 0;
    const b = evaluateRight(event, run);
    if (run.hasFailed()) return 0;
    if (divides && b === 0) {
      run.fail(byZero);
      return 0;
    }
    return inRange(compute(a, b), run, overflow);
  };
}
var ARITHMETIC = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  // A product beyond 2^53 is rounded, but it stays far out of range.
  "*": (a, b) => a * b,
  "/": (a, b) => Math.trunc(a / b),
  "%": (a, b) => a % b
};
function inRange(value, run, overflow) {
  if (value > INT_MAX || value < INT_MIN) {
    run.fail(overflow);
    return 0;
  }
  return value | 0;
}
function equality({ operator, left: left2, right: right2, offset }) {
  const evaluateLeft = compileNode(left2);
  const evaluateRight = compileNode(right2);
  const expected = operator === "=";
  const cast = castFailures(offset);
  return (event, run) => {
    const a = evaluateLeft(event, run);
    if (run.hasFailed()) return false;
    const b = evaluateRight(event, run);
    if (run.hasFailed()) return false;
    const isEqual = equals(a, b, run, cast);
    return !run.hasFailed() && isEqual === expected;
  };
}
function equals(value, like2, run, cast) {
  if (typeof like2 === "string") return toText(value) === like2;
  const same = typeof like2 === "number" ? toInteger(value) : toBoolean(value);
  if (same === void 0) run.fail(typeof like2 === "number" ? cast.integer : cast.boolean, value);
  return same === like2;
}
function order({ operator, left: left2, right: right2 }) {
  const evaluateLeft = integerOf(left2);
  const evaluateRight = integerOf(right2);
  const holds = ORDER[operator];
  return (event, run) => {
    const a = evaluateLeft(event, run);
    if (run.hasFailed()) return false;
    const b = evaluateRight(event, run);
    return !run.hasFailed() && holds(a, b);
  };
}
var ORDER = {
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
  ">": (a, b) => a > b,
  ">=": (a, b) => a >= b
};
function logic({ operator, left: left2, right: right2 }) {
  const evaluateLeft = booleanOf(left2);
  const evaluateRight = booleanOf(right2);
  switch (operator) {
    case "AND":
      return (event, run) => evaluateLeft(event, run) && !run.hasFailed() && evaluateRight(event, run) && !run.hasFailed();
    case "OR":
      return (event, run) => {
        const isTrue = evaluateLeft(event, run);
        if (run.hasFailed()) return false;
        return isTrue || evaluateRight(event, run) && !run.hasFailed();
      };
    case "XOR":
      return (event, run) => {
        const a = evaluateLeft(event, run);
        if (run.hasFailed()) return false;
        const b = evaluateRight(event, run);
        return !run.hasFailed() && a !== b;
      };
  }
}
function like({ operand, pattern, negated }) {
  const evaluate = compileNode(operand);
  return (event, run) => {
    const value = evaluate(event, run);
    if (run.hasFailed()) return false;
    const isMatch = pattern.matches(toText(value), run);
    return isMatch !== negated && !run.hasFailed();
  };
}
function membership({ operand, items, negated, offset }) {
  const evaluate = compileNode(operand);
  const elements = items.map(compileNode);
  const cast = castFailures(offset);
  return (event, run) => {
    const value = evaluate(event, run);
    for (const element of elements) {
      if (run.hasFailed()) return false;
      const candidate = element(event, run);
      if (!run.hasFailed() && equals(candidate, value, run, cast)) return !negated;
    }
    return !run.hasFailed() && negated;
  };
}
function call({ name, args, offset }) {
  const found = findFunction(name, args.length);
  if (found === void 0) return missingFunction(name, args.length, offset);
  const evaluators = args.map((arg, index) => argument(arg, typeOfParameter(found, index)));
  return (event, run) => {
    const values = [];
    let chars = 0;
    for (const evaluate of evaluators) {
      const value = evaluate(event, run);
      if (run.hasFailed()) return found.zero;
      if (typeof value === "string") chars += value.length;
      values.push(value);
    }
    if (!run.spend(chars)) return found.zero;
    return found.call(new NodeContext(run, offset), values);
  };
}
function typeOfParameter({ parameters, rest = "any" }, index) {
  return parameters[index] ?? rest;
}
function argument(node, type) {
  switch (type) {
    case "string":
      return stringOf(node);
    case "integer":
      return integerOf(node);
    case "boolean":
      return booleanOf(node);
    case "any":
      return compileNode(node);
  }
}
var NodeContext = class {
  #run;
  #offset;
  constructor(run, offset) {
    this.#run = run;
    this.#offset = offset;
  }
  fail(kind, reason) {
    this.#run.fail(failure(kind, this.#offset, () => reason));
  }
  allowResult(chars) {
    return this.#run.allowResult(chars);
  }
};
function missingFunction(name, count, offset) {
  const reason = `there is no function ${name} with ${String(count)} argument(s)`;
  const missing = failure("missingFunction", offset, () => reason);
  return (_event, run) => {
    run.fail(missing);
    return false;
  };
}
function stringOf(node) {
  const evaluate = compileNode(node);
  return (event, run) => toText(evaluate(event, run));
}
function integerOf(node) {
  const evaluate = compileNode(node);
  const { integer } = castFailures(node.offset);
  return (event, run) => {
    const value = evaluate(event, run);
    if (typeof value === "number") return value;
    const cast = toInteger(value);
    if (cast === void 0) run.fail(integer, value);
    return cast ?? 0;
  };
}
function booleanOf(node) {
  const evaluate = compileNode(node);
  const { boolean } = castFailures(node.offset);
  return (event, run) => {
    const value = evaluate(event, run);
    if (typeof value === "boolean") return value;
    const cast = toBoolean(value);
    if (cast === void 0) run.fail(boolean, value);
    return cast ?? false;
  };
}
function castFailures(offset) {
  return {
    integer: failure("cast", offset, (value) => `${quote(value ?? "")} cannot be cast to Integer`),
    boolean: failure("cast", offset, (value) => `${quote(value ?? "")} cannot be cast to Boolean`)
  };
}
function outOfRange(offset) {
  return failure("math", offset, () => "the result does not fit 32 bits");
}
function failure(kind, offset, describe3) {
  return { kind, offset, describe: describe3 };
}

// packages/filters/src/cesql/position.ts
function positionOf(text, offset) {
  const lines = text.slice(0, offset).split(/\r\n|\r|\n/);
  const last = lines.at(-1) ?? "";
  return { line: lines.length, column: characterCount(last) + 1 };
}

// packages/filters/src/cesql/lexer.ts
var SYMBOLS = ["!=", "<>", "<=", ">=", "=", "<", ">", "+", "-", "*", "/", "%", "(", ")", ","];
var WORD = /[A-Za-z0-9_]+/y;
var DIGITS = /^[0-9]+$/;
var SPACE = /[ \t\r\n]*/y;
function tokenize(text) {
  const tokens = [];
  let offset = skipSpace(text, 0);
  while (offset < text.length) {
    const token = readToken(text, offset);
    tokens.push(token);
    offset = skipSpace(text, token.end);
  }
  tokens.push({ kind: "end", text: "", offset, end: offset });
  return tokens;
}
function skipSpace(text, offset) {
  SPACE.lastIndex = offset;
  SPACE.test(text);
  return SPACE.lastIndex;
}
function readToken(text, offset) {
  const first = text.charAt(offset);
  if (first === "'" || first === '"') return readString(text, offset, first);
  WORD.lastIndex = offset;
  if (WORD.test(text)) return readWord(text, offset, WORD.lastIndex);
  const symbol = SYMBOLS.find((candidate) => text.startsWith(candidate, offset));
  if (symbol === void 0) throw unexpectedCharacter(text, offset);
  return { kind: "symbol", text: symbol, offset, end: offset + symbol.length };
}
function readWord(text, offset, end) {
  const word = text.slice(offset, end);
  return { kind: DIGITS.test(word) ? "integer" : "word", text: word, offset, end };
}
function readString(text, offset, delimiter) {
  let value = "";
  let plainFrom = offset + 1;
  for (let index = plainFrom; index < text.length; index += 1) {
    const character = text.charAt(index);
    if (character === delimiter) {
      value += text.slice(plainFrom, index);
      return { kind: "string", text: value, offset, end: index + 1 };
    }
    if (character !== "\\") continue;
    if (text.charAt(index + 1) === delimiter) {
      value += text.slice(plainFrom, index);
      plainFrom = index + 1;
    }
    index += 1;
  }
  const reason = `the string that starts here has no closing ${delimiter}`;
  throw new CesqlParseError(reason, positionOf(text, offset));
}
function unexpectedCharacter(text, offset) {
  const character = String.fromCodePoint(text.codePointAt(offset) ?? 0);
  const reason = `the character ${JSON.stringify(character)} has no meaning here`;
  return new CesqlParseError(reason, positionOf(text, offset));
}

// packages/filters/src/cesql/text-search.ts
var SHORT_CHARS_MAX = 16;
function searchFor(wanted) {
  if (wanted.length <= SHORT_CHARS_MAX) return (text, from) => text.indexOf(wanted, from);
  const fallbacks = fallbackTable(wanted);
  return (text, from) => {
    let matched = 0;
    for (let at = from; at < text.length; at += 1) {
      const unit = text.charCodeAt(at);
      while (matched > 0 && wanted.charCodeAt(matched) !== unit) {
        matched = fallbacks[matched - 1] ?? 0;
      }
      if (wanted.charCodeAt(matched) === unit) matched += 1;
      if (matched === wanted.length) return at + 1 - matched;
    }
    return -1;
  };
}
function fallbackTable(wanted) {
  const table = new Uint16Array(wanted.length);
  let matched = 0;
  for (let at = 1; at < wanted.length; at += 1) {
    const unit = wanted.charCodeAt(at);
    while (matched > 0 && wanted.charCodeAt(matched) !== unit) matched = table[matched - 1] ?? 0;
    if (wanted.charCodeAt(matched) === unit) matched += 1;
    table[at] = matched;
  }
  return table;
}

// packages/filters/src/cesql/like.ts
var LikePattern = class {
  simple;
  #first;
  #middle;
  /** Undefined: the pattern has no `%`, and the first segment is the whole of it. */
  #last;
  /** The literal as it stands behind LIKE; a backslash takes its meaning from a following `%` or `_`. */
  constructor(pattern) {
    const segments = cut(pattern);
    this.#first = segments[0] ?? [];
    this.#middle = segments.slice(1, -1).flatMap(middleSegment);
    this.#last = segments.length > 1 ? segments.at(-1) : void 0;
    this.simple = simpleForm(segments);
  }
  /** Whether the whole text matches. Also false when the meter ran out, which the meter remembers. */
  matches(text, meter) {
    if (!meter.spend(text.length)) return false;
    let offset = matchForward(this.#first, text, 0);
    if (offset < 0) return false;
    if (this.#last === void 0) return offset === text.length;
    const end = matchBackward(this.#last, text, text.length);
    for (const segment of this.#middle) {
      if (offset > end) return false;
      offset = find(segment, text, offset, meter);
      if (offset < 0) return false;
    }
    return offset <= end;
  }
};
function cut(pattern) {
  const segments = [];
  let pieces = [];
  let skip = 0;
  let literal = "";
  const endPiece = () => {
    if (skip > 0 || literal !== "") pieces.push({ skip, literal });
    skip = 0;
    literal = "";
  };
  for (let index = 0; index < pattern.length; index += 1) {
    const character = pattern.charAt(index);
    const next = pattern.charAt(index + 1);
    if (character === "%") {
      endPiece();
      segments.push(pieces);
      pieces = [];
    } else if (character === "_") {
      if (literal !== "") endPiece();
      skip += 1;
    } else if (character === "\\" && (next === "%" || next === "_")) {
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
function simpleForm(segments) {
  const [first = [], last] = segments;
  if (segments.length > 2) return void 0;
  if (last === void 0) return simple("exact", first);
  if (last.length === 0) return simple("prefix", first);
  return first.length === 0 ? simple("suffix", last) : void 0;
}
function simple(kind, segment) {
  const [piece, ...more] = segment;
  if (piece === void 0) return { kind, text: "" };
  return piece.skip > 0 || more.length > 0 ? void 0 : { kind, text: piece.literal };
}
function matchForward(segment, text, from) {
  let offset = from;
  for (const { skip, literal } of segment) {
    offset = forward(text, offset, skip);
    if (offset < 0 || !text.startsWith(literal, offset)) return -1;
    offset += literal.length;
  }
  return offset;
}
function matchBackward(segment, text, to) {
  let offset = to;
  for (let index = segment.length - 1; index >= 0; index -= 1) {
    const { skip, literal } = segment[index] ?? { skip: 0, literal: "" };
    if (!text.endsWith(literal, offset)) return -1;
    offset = backward(text, offset - literal.length, skip);
    if (offset < 0) return -1;
  }
  return offset;
}
function middleSegment([head, ...rest]) {
  if (head === void 0) return [];
  const { skip, literal } = head;
  return [{ skip, literalLength: literal.length, search: searchFor(literal), rest }];
}
function find(segment, text, from, meter) {
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
function probe(segment, text, from, meter) {
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
function sharedLength(literal, text, offset) {
  let length = 0;
  while (length < literal.length && literal.charCodeAt(length) === text.charCodeAt(offset + length)) {
    length += 1;
  }
  return length;
}

// packages/filters/src/cesql/parser.ts
var TEXT_CHARS_MAX = 4096;
var DEPTH_MAX = 100;
var LOGIC_IS_RIGHT_ASSOCIATIVE = true;
var LIKE_POWER = 6;
var IN_POWER = 5;
var PREFIX_POWER = 7;
var SYMBOL_POWERS = /* @__PURE__ */ new Map([
  ["*", 4],
  ["/", 4],
  ["%", 4],
  ["+", 3],
  ["-", 3],
  ["=", 2],
  ["!=", 2],
  ["<>", 2],
  ["<", 2],
  ["<=", 2],
  [">", 2],
  [">=", 2]
]);
var LOGIC_OPERATORS = /* @__PURE__ */ new Set(["AND", "OR", "XOR"]);
var INFIX_KEYWORDS = /* @__PURE__ */ new Set([...LOGIC_OPERATORS, "LIKE", "IN"]);
var ATTRIBUTE_NAME = /^[A-Za-z0-9]+$/;
var FUNCTION_NAME = /^[A-Za-z][A-Za-z_]*$/;
function parseText(text) {
  if (text.length > TEXT_CHARS_MAX) {
    const reason = `the expression is longer than ${String(TEXT_CHARS_MAX)} characters`;
    throw new CesqlParseError(reason, positionOf(text.slice(0, TEXT_CHARS_MAX), TEXT_CHARS_MAX));
  }
  return new Parser(text).parse();
}
var Parser = class {
  #text;
  #tokens;
  #end;
  #warnings = [];
  #at = 0;
  #depth = 0;
  constructor(text) {
    this.#text = text;
    this.#tokens = tokenize(text);
    this.#end = { kind: "end", text: "", offset: text.length, end: text.length };
  }
  parse() {
    const root = this.#expression();
    const rest = this.#peek();
    if (rest.kind !== "end") throw this.#error(rest, this.#strayReason(rest));
    return { root, warnings: this.#warnings };
  }
  /** A chain of AND, OR, XOR; its elements are everything that binds tighter. */
  #expression() {
    this.#enter();
    const operands = [this.#operand(0)];
    const operators = [];
    while (LOGIC_OPERATORS.has(keyword(this.#peek()))) {
      operators.push(this.#next());
      operands.push(this.#operand(0));
    }
    this.#depth -= 1;
    this.#warnIfMixed(operators);
    return foldLogic(operands, operators);
  }
  /** Pratt's loop: what follows is taken in as long as it binds tighter than `power`. */
  #operand(power) {
    let left2 = this.#prefix();
    for (; ; ) {
      const infix = this.#infix();
      if (infix === void 0 || infix.power <= power) return left2;
      if (infix.kind === "like") left2 = this.#like(left2, infix.negated);
      else if (infix.kind === "in") left2 = this.#in(left2, infix.negated);
      else left2 = this.#binary(left2, infix.power);
    }
  }
  #infix() {
    const token = this.#peek();
    if (token.kind === "symbol") {
      const power = SYMBOL_POWERS.get(token.text);
      return power === void 0 ? void 0 : { power, kind: "symbol", negated: false };
    }
    const negated = keyword(token) === "NOT";
    const word = keyword(negated ? this.#peek(1) : token);
    if (word === "LIKE") return { power: LIKE_POWER, kind: "like", negated };
    return word === "IN" ? { power: IN_POWER, kind: "in", negated } : void 0;
  }
  #binary(left2, power) {
    const token = this.#next();
    const right2 = this.#operand(power);
    return binaryNode(token, left2, right2);
  }
  #like(operand, negated) {
    const { offset } = this.#next();
    if (negated) this.#next();
    const token = this.#next();
    if (token.kind !== "string") throw this.#error(token, "LIKE takes a string literal");
    this.#refuseDoubledQuote(token);
    return { kind: "like", negated, operand, pattern: new LikePattern(token.text), offset };
  }
  #in(operand, negated) {
    const { offset } = this.#next();
    if (negated) this.#next();
    this.#expect("(");
    if (isSymbol(this.#peek(), ")")) {
      throw this.#error(this.#peek(), "IN takes at least one element");
    }
    return { kind: "in", negated, operand, items: this.#list(), offset };
  }
  /** Expressions with commas between, up to and with the closing parenthesis. */
  #list() {
    const items = [];
    if (isSymbol(this.#peek(), ")")) {
      this.#next();
      return items;
    }
    for (; ; ) {
      items.push(this.#expression());
      const token = this.#next();
      if (isSymbol(token, ")")) return items;
      if (!isSymbol(token, ",")) {
        throw this.#error(token, `expected , or ) and found ${describe(token)}`);
      }
    }
  }
  #prefix() {
    const token = this.#next();
    const { offset } = token;
    switch (token.kind) {
      case "integer":
        return this.#integer(token, "", offset);
      case "string":
        this.#refuseDoubledQuote(token);
        return { kind: "literal", value: token.text, offset };
      case "word":
        return this.#word(token);
      case "symbol":
        return this.#symbol(token);
      case "end":
        throw this.#error(token, "expected a value and found the end of the expression");
    }
  }
  #symbol(token) {
    const { offset, text } = token;
    if (text === "(") {
      const inner = this.#expression();
      this.#expect(")");
      return inner;
    }
    const next = this.#peek();
    const isSign = text === "-" || text === "+";
    if (isSign && next.kind === "integer" && next.offset === token.end) {
      return this.#integer(this.#next(), text, offset);
    }
    if (text === "-") return this.#unary("negate", offset);
    throw this.#error(token, `expected a value and found ${describe(token)}`);
  }
  #unary(kind, offset) {
    this.#enter();
    const operand = this.#operand(PREFIX_POWER);
    this.#depth -= 1;
    return { kind, operand, offset };
  }
  #word(token) {
    const { offset } = token;
    const word = keyword(token);
    if (word === "NOT") return this.#unary("not", offset);
    if (word === "TRUE" || word === "FALSE") {
      return { kind: "literal", value: word === "TRUE", offset };
    }
    if (word === "EXISTS") return { kind: "exists", name: this.#attributeName(), offset };
    if (INFIX_KEYWORDS.has(word)) {
      throw this.#error(token, `expected a value and found the keyword ${word}`);
    }
    if (isSymbol(this.#peek(), "(")) return this.#call(token);
    if (!ATTRIBUTE_NAME.test(token.text)) {
      throw this.#error(token, `${token.text} is no attribute name: letters and digits only`);
    }
    return { kind: "attribute", name: token.text.toLowerCase(), offset };
  }
  #attributeName() {
    const token = this.#next();
    const isName = token.kind === "word" && ATTRIBUTE_NAME.test(token.text) && !isKeyword(token);
    if (isName) return token.text.toLowerCase();
    throw this.#error(token, `EXISTS takes an attribute name and found ${describe(token)}`);
  }
  #call(token) {
    const { offset } = token;
    if (!FUNCTION_NAME.test(token.text)) {
      throw this.#error(token, `${token.text} is no function name: letters and _ only`);
    }
    this.#next();
    const name = token.text.toUpperCase();
    const args = this.#list();
    if (findFunction(name, args.length) === void 0) {
      const message = `there is no function ${name} with ${String(args.length)} argument(s)`;
      this.#warnings.push({ offset, message });
    }
    return { kind: "call", name, args, offset };
  }
  #integer(token, sign, offset) {
    const value = Number(sign + token.text);
    if (value > INT_MAX || value < INT_MIN) {
      throw this.#error({ ...token, offset }, "the number does not fit 32 bits");
    }
    return { kind: "literal", value: value | 0, offset };
  }
  /** `'it''s'` is two strings side by side here; say what to write instead. */
  #refuseDoubledQuote(token) {
    const next = this.#peek();
    const delimiter = this.#text.charAt(next.offset);
    const isDoubled = next.offset === token.end && this.#text.charAt(token.offset) === delimiter;
    if (next.kind !== "string" || !isDoubled) return;
    throw this.#error(next, `a quote inside a string is written \\${delimiter}, not doubled`);
  }
  #strayReason(token) {
    if (isSymbol(token, ")")) return "there is no ( for this )";
    return `expected an operator or the end and found ${describe(token)}`;
  }
  #warnIfMixed(operators) {
    const [first, ...more] = operators;
    if (first === void 0) return;
    const other = more.find((token) => keyword(token) !== keyword(first));
    if (other === void 0) return;
    const message = "AND, OR and XOR are mixed without parentheses; they have the same precedence and group from the right";
    this.#warnings.push({ offset: other.offset, message });
  }
  #enter() {
    this.#depth += 1;
    if (this.#depth <= DEPTH_MAX) return;
    throw this.#error(this.#peek(), `nested deeper than ${String(DEPTH_MAX)}`);
  }
  #expect(symbol) {
    const token = this.#next();
    if (isSymbol(token, symbol)) return;
    throw this.#error(token, `expected ${symbol} and found ${describe(token)}`);
  }
  #peek(ahead = 0) {
    return this.#tokens[this.#at + ahead] ?? this.#end;
  }
  #next() {
    const token = this.#peek();
    this.#at += 1;
    return token;
  }
  #error(token, reason) {
    return new CesqlParseError(reason, positionOf(this.#text, token.offset));
  }
};
function keyword(token) {
  return token.kind === "word" ? token.text.toUpperCase() : "";
}
function isKeyword(token) {
  const word = keyword(token);
  return INFIX_KEYWORDS.has(word) || ["NOT", "EXISTS", "TRUE", "FALSE"].includes(word);
}
function isSymbol(token, text) {
  return token.kind === "symbol" && token.text === text;
}
function describe(token) {
  if (token.kind === "end") return "the end of the expression";
  return token.kind === "string" ? `the string ${JSON.stringify(token.text)}` : token.text;
}
function binaryNode(token, left2, right2) {
  const { offset, text } = token;
  switch (text) {
    case "=":
    case "!=":
    case "<>": {
      const operator = text === "=" ? "=" : "!=";
      return { kind: "equality", operator, left: left2, right: right2, offset };
    }
    case "<":
    case "<=":
    case ">":
    case ">=":
      return { kind: "order", operator: text, left: left2, right: right2, offset };
    default:
      return { kind: "arithmetic", operator: text, left: left2, right: right2, offset };
  }
}
function foldLogic(operands, operators) {
  const join = (left2, right2, at) => {
    const token = operators[at];
    const operator = keyword(token);
    return { kind: "logic", operator, left: left2, right: right2, offset: token.offset };
  };
  return LOGIC_IS_RIGHT_ASSOCIATIVE ? operands.reduceRight((right2, left2, index) => join(left2, right2, index)) : operands.reduce((left2, right2, index) => join(left2, right2, index - 1));
}

// packages/filters/src/cesql/run.ts
var STEPS_MAX = 25e4;
var RESULT_CHARS_MAX = 131072;
var OUT_OF_STEPS = {
  kind: "generic",
  offset: 0,
  describe: () => "the expression takes too many steps on this event"
};
var RESULT_TOO_LONG = {
  kind: "generic",
  offset: 0,
  describe: () => "the expression makes a string that is too long"
};
var Run = class {
  failure = void 0;
  subject = void 0;
  #stepsLeft = STEPS_MAX;
  #resultCharsMax = RESULT_CHARS_MAX;
  begin(budget) {
    this.failure = void 0;
    this.subject = void 0;
    this.#stepsLeft = budget?.stepsMax ?? STEPS_MAX;
    this.#resultCharsMax = budget?.resultCharsMax ?? RESULT_CHARS_MAX;
  }
  /** Lets go of what belongs to the event. */
  end() {
    this.subject = void 0;
  }
  hasFailed() {
    return this.failure !== void 0;
  }
  /** The first failure counts. */
  fail(failure2, subject) {
    if (this.failure !== void 0) return;
    this.failure = failure2;
    this.subject = subject;
  }
  /** Spends steps; false, with a failure, when there are not enough. */
  spend(steps) {
    this.#stepsLeft -= steps;
    if (this.#stepsLeft >= 0) return true;
    this.fail(OUT_OF_STEPS);
    return false;
  }
  /** Asked before a string of this length is made; false, with a failure, when it is too long. */
  allowResult(chars) {
    if (chars <= this.#resultCharsMax) return true;
    this.fail(RESULT_TOO_LONG);
    return false;
  }
};

// packages/filters/src/cesql/syntax-tree.ts
function partsOf(node) {
  switch (node.kind) {
    case "literal":
    case "attribute":
    case "exists":
      return [];
    case "not":
    case "negate":
    case "like":
      return [node.operand];
    case "arithmetic":
    case "equality":
    case "order":
    case "logic":
      return [node.left, node.right];
    case "in":
      return [node.operand, ...node.items];
    case "call":
      return node.args;
  }
}
function countNodes(root) {
  let count = 0;
  const open = [root];
  for (let node = open.pop(); node !== void 0; node = open.pop()) {
    count += 1;
    for (const part of partsOf(node)) open.push(part);
  }
  return count;
}

// packages/filters/src/cesql/expression.ts
var CesqlExpression = class {
  /** As it was given. */
  text;
  warnings;
  /** @internal The tree, for the index of filters. */
  root;
  #evaluate;
  #nodeCount;
  /** Of the evaluation under way. There is one at a time: evaluation is synchronous and calls nobody back. */
  #run = new Run();
  /** @internal */
  constructor(text) {
    const { root, warnings } = parseText(text);
    this.text = text;
    this.root = root;
    this.warnings = [...warnings, ...resultWarning(root)].map(({ message, offset }) => ({
      message,
      ...positionOf(text, offset)
    }));
    this.#evaluate = compileNode(root);
    this.#nodeCount = countNodes(root);
  }
  /** Whether an event passes: the value is the Boolean true, and there is no error. Allocates nothing. */
  passes(event) {
    const passes = this.#begin(event) === true && !this.#run.hasFailed();
    this.#run.end();
    return passes;
  }
  evaluate(event, budget) {
    const value = this.#begin(event, budget);
    const { failure: failure2, subject } = this.#run;
    if (failure2 === void 0) return { value, error: null };
    const message = failure2.describe(subject);
    this.#run.end();
    const position = positionOf(this.text, failure2.offset);
    return { value, error: { kind: failure2.kind, message, ...position } };
  }
  #begin(event, budget) {
    const run = this.#run;
    run.begin(budget);
    return run.spend(this.#nodeCount) ? this.#evaluate(event, run) : false;
  }
};
function parseCesql(text) {
  return new CesqlExpression(text);
}
function evaluateCesql(expression, event, options = {}) {
  return expression.evaluate(event, options.budget);
}
function resultWarning(root) {
  if (!neverBoolean(root)) return [];
  const message = "the expression does not make a Boolean, so as a filter it lets nothing pass";
  return [{ message, offset: root.offset }];
}
function neverBoolean(node) {
  switch (node.kind) {
    case "arithmetic":
    case "negate":
      return true;
    case "literal":
      return typeof node.value !== "boolean";
    case "call":
      return typeof (findFunction(node.name, node.args.length)?.zero ?? false) !== "boolean";
    default:
      return false;
  }
}

// packages/filters/src/attribute.ts
var REQUIRED_NAMES = /* @__PURE__ */ new Set(["id", "source", "specversion", "type"]);
function plainReader(name) {
  return {
    id: name,
    name,
    isPlain: true,
    isRequired: REQUIRED_NAMES.has(name),
    text: (event) => event.getText(name)
  };
}
function dialectReader(name) {
  const read = ALIASES.get(name);
  if (read === void 0) return plainReader(name);
  return { id: `alias:${name}`, name, isPlain: false, isRequired: false, text: read };
}
var ALIASES = /* @__PURE__ */ new Map([
  ["datamediatype", mediaTypeOf],
  ["schemaurl", (event) => event.getText("schemaurl") ?? event.getText("dataschema")],
  ["dataschema", dataSchemaOf]
]);
function mediaTypeOf(event) {
  const contentType = event.getText("datacontenttype");
  if (contentType === void 0) return void 0;
  const parameters = contentType.indexOf(";");
  const type = parameters < 0 ? contentType : contentType.slice(0, parameters);
  return type.trim().toLowerCase();
}
function dataSchemaOf(event) {
  const schema = event.getText("dataschema");
  if (schema !== void 0 || event.specversion !== "0.3") return schema;
  return event.getText("schemaurl");
}

// packages/filters/src/predicate.ts
var ComparePredicate = class {
  kind;
  reader;
  value;
  path;
  key;
  constructor(kind, reader, value, path) {
    this.kind = kind;
    this.reader = reader;
    this.value = value;
    this.path = path;
    this.key = keyOf(kind, reader.id, value);
  }
  test(event) {
    const text = this.reader.text(event);
    if (text === void 0) return false;
    if (this.kind === "exact") return text === this.value;
    return this.kind === "prefix" ? text.startsWith(this.value) : text.endsWith(this.value);
  }
  explain(event) {
    const verb = { exact: "equals", prefix: "starts with", suffix: "ends with" }[this.kind];
    const expected = `the filter wants one that ${verb} ${quote(this.value)}`;
    return decide(this, this.test(event), `${describe2(this.reader, event)}; ${expected}`);
  }
};
var PresentPredicate = class {
  kind = "present";
  reader;
  allowEmpty;
  path;
  key;
  constructor(reader, allowEmpty, path) {
    this.reader = reader;
    this.allowEmpty = allowEmpty;
    this.path = path;
    this.key = keyOf(allowEmpty ? "present" : "filled", reader.id);
  }
  test(event) {
    const text = this.reader.text(event);
    return text !== void 0 && (this.allowEmpty || text !== "");
  }
  explain(event) {
    const detail = `${describe2(this.reader, event)}; the filter wants any value`;
    return decide(this, this.test(event), detail);
  }
};
var CesqlPredicate = class {
  kind = "cesql";
  expression;
  path;
  key;
  constructor(expression, path) {
    this.expression = expression;
    this.path = path;
    this.key = keyOf("cesql", expression.text);
  }
  test(event) {
    return this.expression.passes(event);
  }
  explain(event) {
    const { value, error } = this.expression.evaluate(event);
    const yields = `the expression yields ${quote(value)}`;
    const detail = error === null ? yields : `${yields} with an error: ${error.message}`;
    return decide(this, this.test(event), detail);
  }
};
var AllPredicate = class {
  kind = "all";
  parts;
  path;
  key;
  constructor(parts, path) {
    this.parts = parts;
    this.path = path;
    this.key = keyOf("all", ...partKeys(parts));
  }
  test(event) {
    for (const part of this.parts) if (!part.test(event)) return false;
    return true;
  }
  explain(event) {
    const failed = this.parts.find((part) => !part.test(event));
    if (failed !== void 0) return failed.explain(event);
    return decide(
      this,
      true,
      this.parts.length === 0 ? "there is no filter" : "every part matches"
    );
  }
};
var AnyPredicate = class {
  kind = "any";
  parts;
  path;
  key;
  constructor(parts, path) {
    this.parts = parts;
    this.path = path;
    this.key = keyOf("any", ...partKeys(parts));
  }
  test(event) {
    for (const part of this.parts) if (part.test(event)) return true;
    return false;
  }
  explain(event) {
    const matched = this.parts.find((part) => part.test(event));
    return matched?.explain(event) ?? decide(this, false, "no part matches");
  }
};
var NotPredicate = class {
  kind = "not";
  part;
  path;
  key;
  constructor(part, path) {
    this.part = part;
    this.path = path;
    this.key = keyOf("not", part.key);
  }
  test(event) {
    return !this.part.test(event);
  }
  explain(event) {
    const { matched, decidedBy, detail } = this.part.explain(event);
    return { matched: !matched, decidedBy, detail: `negated: ${detail}` };
  }
};
function allOf(parts, path) {
  const [only] = parts;
  return parts.length === 1 && only !== void 0 ? only : new AllPredicate(parts, path);
}
function decide({ path }, matched, detail) {
  return { matched, decidedBy: path, detail };
}
function keyOf(...parts) {
  return parts.map((part) => `${String(part.length)}:${part}`).join("");
}
function partKeys(parts) {
  return [...new Set(parts.map(({ key }) => key))].sort();
}
function describe2(reader, event) {
  const text = reader.text(event);
  return text === void 0 ? `${reader.name} is absent` : `${reader.name} is ${quote(text)}`;
}

// packages/filters/src/build.ts
var FILTER_DEPTH_MAX = 32;
var FILTER_PARTS_MAX = 1e4;
var PROBLEMS_MAX = 100;
var DIALECTS = ["exact", "prefix", "suffix", "all", "any", "not", "cesql"];
var ATTRIBUTE_NAME2 = /^[a-z][a-z0-9]*$/;
function buildFilter(filter) {
  const builder = new Builder();
  const predicate = builder.trigger(filter);
  return { predicate, problems: builder.problems, warnings: builder.warnings };
}
var Builder = class {
  problems = [];
  warnings = [];
  #parts = 0;
  trigger(filter) {
    if (!isRecord(filter)) {
      this.#problem("filter", invalidValue(filter), "expected attributes or filters");
      return allOf([], "filter");
    }
    const attributes = this.#attributes(filter["attributes"] ?? {});
    const filters = this.#list(filter["filters"] ?? [], "filters", 0);
    return filters.length > 0 ? allOf(filters, "filters") : allOf(attributes, "filter");
  }
  /** The old form: a comparison per attribute, where an empty value stands for any that is not empty. */
  #attributes(attributes) {
    return this.#pairs(
      attributes,
      "filter.attributes",
      (name, value, path) => value === "" ? new PresentPredicate(dialectReader(name), false, path) : new ComparePredicate("exact", dialectReader(name), value, path)
    );
  }
  #comparisons(dialect, values, path) {
    return this.#pairs(values, path, (name, value, at) => {
      if (value === "") {
        this.#problem(at, invalidValue(value), "an empty value would compare nothing");
      }
      return new ComparePredicate(dialect, dialectReader(name), value, at);
    });
  }
  #pairs(values, path, make) {
    if (!isRecord(values)) {
      this.#problem(path, invalidValue(values), "expected a map of attribute names to strings");
      return [];
    }
    const predicates = [];
    for (const [name, value] of Object.entries(values)) {
      const at = `${path}[${name}]`;
      if (!this.#count(path)) break;
      this.#checkName(name, at);
      if (typeof value === "string") predicates.push(make(name, value, at));
      else this.#problem(at, invalidValue(value), "expected a string; numbers need quotes");
    }
    return predicates;
  }
  #checkName(name, path) {
    if (ATTRIBUTE_NAME2.test(name)) return;
    const details = "Attribute name must start with a letter and can only contain lowercase alphanumeric";
    this.#problem(path, `invalid key name ${JSON.stringify(name)}`, details);
  }
  #list(filters, path, depth) {
    if (!Array.isArray(filters)) {
      this.#problem(path, invalidValue(filters), "expected a list of filters");
      return [];
    }
    const predicates = [];
    for (const [index, filter] of filters.entries()) {
      if (this.#isFull()) break;
      predicates.push(this.#filter(filter, `${path}[${String(index)}]`, depth));
    }
    return predicates;
  }
  #filter(filter, path, depth) {
    const nothing = allOf([], path);
    if (!this.#count(path)) return nothing;
    if (!isRecord(filter)) {
      this.#problem(path, invalidValue(filter), "expected a filter");
      return nothing;
    }
    this.#checkMembers(filter, path);
    const [dialect, ...more] = DIALECTS.filter((name) => !isEmpty(name, filter[name]));
    if (dialect === void 0) {
      const details = `set one of ${DIALECTS.join(", ")}, with something in it`;
      this.#problem(path, "expected exactly one, got neither", details);
      return nothing;
    }
    if (more.length > 0) {
      const message = "multiple dialects found, filters can have only one dialect set";
      this.#problem(path, message, [dialect, ...more].join(", "));
      return nothing;
    }
    return this.#dialect(dialect, filter[dialect], `${path}.${dialect}`, depth + 1);
  }
  #dialect(dialect, value, path, depth) {
    if (depth > FILTER_DEPTH_MAX) {
      this.#problem(path, `filters are nested deeper than ${String(FILTER_DEPTH_MAX)}`);
      return allOf([], path);
    }
    switch (dialect) {
      case "exact":
      case "prefix":
      case "suffix":
        return allOf(this.#comparisons(dialect, value, path), path);
      case "all":
        return allOf(this.#list(value, path, depth), path);
      case "any":
        return new AnyPredicate(this.#list(value, path, depth), path);
      case "not":
        return new NotPredicate(this.#filter(value, path, depth), path);
      case "cesql":
        return this.#cesql(value, path);
    }
  }
  #cesql(value, path) {
    if (typeof value !== "string") {
      this.#problem(path, invalidValue(value), "expected a string");
      return allOf([], path);
    }
    try {
      const expression = parseCesql(value);
      for (const { message, line, column } of expression.warnings) {
        if (this.warnings.length < PROBLEMS_MAX)
          this.warnings.push({ path, message, line, column });
      }
      return new CesqlPredicate(expression, path);
    } catch (error) {
      if (!(error instanceof CesqlParseError)) throw error;
      const { line, column, message } = error;
      this.problems.push({ path, message: invalidValue(value), details: message, line, column });
      return allOf([], path);
    }
  }
  #checkMembers(filter, path) {
    const known = DIALECTS;
    for (const name of Object.keys(filter)) {
      if (known.includes(name)) continue;
      if (this.#isFull()) return;
      const details = name === "sql" ? "write cesql" : `the dialects are ${DIALECTS.join(", ")}`;
      this.#problem(`${path}.${name}`, `unknown dialect ${JSON.stringify(name)}`, details);
    }
  }
  /** False, with one problem, from the first part too many on. */
  #count(path) {
    this.#parts += 1;
    if (this.#parts === FILTER_PARTS_MAX + 1) {
      this.#problem(path, `the filter has more than ${String(FILTER_PARTS_MAX)} parts`);
    }
    return !this.#isFull();
  }
  #isFull() {
    return this.#parts > FILTER_PARTS_MAX || this.problems.length >= PROBLEMS_MAX;
  }
  #problem(path, message, details) {
    this.problems.push(details === void 0 ? { path, message } : { path, message, details });
  }
};
function isRecord(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
function isEmpty(dialect, value) {
  if (value === void 0 || value === null || value === "") return true;
  if (Array.isArray(value)) return value.length === 0;
  return dialect !== "not" && isRecord(value) && Object.keys(value).length === 0;
}
var SHOWN_CHARS_MAX2 = 200;
function invalidValue(value) {
  if (Array.isArray(value)) return "invalid value: [...]";
  if (typeof value === "object" && value !== null) return "invalid value: {...}";
  const text = String(value);
  const shown = text.length > SHOWN_CHARS_MAX2 ? `${text.slice(0, SHOWN_CHARS_MAX2)}\u2026` : text;
  return `invalid value: ${shown}`;
}

// packages/filters/src/compile.ts
var CompiledFilter = class {
  /** @internal For the index. */
  predicate;
  /** @internal */
  constructor(predicate) {
    this.predicate = predicate;
  }
  /** Whether the event passes. Never throws. */
  matches(event) {
    return this.predicate.test(event);
  }
  /** The same answer with its reason; slower, for people and not for the data path. Never throws. */
  explain(event) {
    return this.predicate.explain(event);
  }
};
function compileFilter(filter) {
  const { predicate, problems } = buildFilter(filter);
  if (problems.length > 0) throw new FilterInvalidError(problems);
  return new CompiledFilter(predicate);
}
function validateFilter(filter) {
  return [...buildFilter(filter).problems];
}

// packages/filters/src/matching/cesql-conditions.ts
var STRING_ATTRIBUTES = /* @__PURE__ */ new Set([
  ...["id", "source", "specversion", "type"],
  ...["subject", "time", "dataschema", "datacontenttype"]
]);
var PATH = "";
var NOTHING = /* @__PURE__ */ new Set();
function equivalent(node) {
  return translate(node, NOTHING)?.predicate;
}
function necessary(node) {
  if (node.kind === "logic" && node.operator !== "XOR") return necessaryLogic(node);
  const same = equivalent(node);
  if (same !== void 0) return same;
  const names = /* @__PURE__ */ new Set();
  collectRequired(node, names);
  const readers = [...names].map(plainReader).filter(({ isRequired }) => !isRequired);
  const parts = readers.map((reader) => new PresentPredicate(reader, true, PATH));
  return parts.length === 0 ? void 0 : allOf(parts, PATH);
}
function necessaryLogic({ operator, left: left2, right: right2 }) {
  const first = necessary(left2);
  const second = necessary(right2);
  if (first !== void 0 && second !== void 0) {
    return operator === "AND" ? both(first, second) : new AnyPredicate([first, second], PATH);
  }
  return operator === "AND" ? first ?? second : void 0;
}
function translate(node, present) {
  switch (node.kind) {
    case "exists": {
      const predicate = new PresentPredicate(plainReader(node.name), true, PATH);
      return { predicate, canFail: false, implies: [node.name] };
    }
    case "equality":
      return translateEquality(node, present);
    case "like":
      return translateLike(node, present);
    case "in":
      return translateIn(node, present);
    case "logic":
      return translateLogic(node, present);
    default:
      return void 0;
  }
}
function translateEquality({ operator, left: left2, right: right2 }, present) {
  if (operator !== "=" || left2.kind !== "attribute") return void 0;
  if (right2.kind !== "literal" || typeof right2.value !== "string") return void 0;
  const { value } = right2;
  return onAttribute(
    left2.name,
    present,
    (reader) => new ComparePredicate("exact", reader, value, PATH)
  );
}
function translateLike({ operand, pattern, negated }, present) {
  const { simple: simple2 } = pattern;
  if (negated || simple2 === void 0 || operand.kind !== "attribute") return void 0;
  const { kind, text } = simple2;
  return onAttribute(
    operand.name,
    present,
    (reader) => kind !== "exact" && text === "" ? new PresentPredicate(reader, true, PATH) : new ComparePredicate(kind, reader, text, PATH)
  );
}
function translateIn({ operand, items, negated }, present) {
  if (negated || operand.kind !== "attribute") return void 0;
  if (!STRING_ATTRIBUTES.has(operand.name)) return void 0;
  const texts = [];
  for (const item of items) {
    if (item.kind !== "literal") return void 0;
    texts.push(toText(item.value));
  }
  return onAttribute(operand.name, present, (reader) => {
    const parts = texts.map((text) => new ComparePredicate("exact", reader, text, PATH));
    return new AnyPredicate(parts, PATH);
  });
}
function translateLogic({ operator, left: left2, right: right2 }, present) {
  if (operator === "XOR") return void 0;
  const first = translate(left2, present);
  if (first === void 0) return void 0;
  if (operator === "AND") {
    const second2 = translate(right2, /* @__PURE__ */ new Set([...present, ...first.implies]));
    if (second2 === void 0) return void 0;
    return {
      predicate: both(first.predicate, second2.predicate),
      canFail: first.canFail || second2.canFail,
      implies: [...first.implies, ...second2.implies]
    };
  }
  const second = first.canFail ? void 0 : translate(right2, present);
  if (second === void 0) return void 0;
  const predicate = new AnyPredicate([first.predicate, second.predicate], PATH);
  return { predicate, canFail: second.canFail, implies: [] };
}
function both(first, second) {
  const parts = [first, second].flatMap((part) => part.kind === "all" ? part.parts : [part]);
  return allOf(parts, PATH);
}
function onAttribute(name, present, make) {
  const reader = plainReader(name);
  const canFail = !reader.isRequired && !present.has(name);
  return { predicate: make(reader), canFail, implies: [name] };
}
function collectRequired(node, names) {
  if (node.kind === "attribute") names.add(node.name);
  for (const part of alwaysEvaluated(node)) collectRequired(part, names);
}
function alwaysEvaluated(node) {
  if (node.kind === "logic" && node.operator !== "XOR") return [node.left];
  return node.kind === "in" ? partsOf(node).slice(0, 2) : partsOf(node);
}

// packages/filters/src/matching/access-plan.ts
function planAccess(predicate, costOf) {
  switch (predicate.kind) {
    case "exact":
    case "prefix":
    case "suffix":
      return { keys: [predicate], residual: void 0, cost: costOf(predicate) };
    case "present":
      return planPresent(predicate, costOf);
    case "cesql":
      return planCesql(predicate, costOf);
    case "all":
      return planAll(predicate, costOf);
    case "any":
      return planAny(predicate, costOf);
    case "not":
      return void 0;
  }
}
function planPresent(predicate, costOf) {
  if (predicate.reader.isRequired) return void 0;
  const residual = predicate.allowEmpty ? void 0 : predicate;
  return { keys: [predicate], residual, cost: costOf(predicate) };
}
function planCesql(predicate, costOf) {
  const { root } = predicate.expression;
  const same = equivalent(root);
  if (same !== void 0) return planAccess(same, costOf);
  const condition = necessary(root);
  const plan = condition && planAccess(condition, costOf);
  return plan && { ...plan, residual: predicate };
}
function planAll({ parts, path }, costOf) {
  let best;
  let bestPart;
  for (const part of parts) {
    const plan = planAccess(part, costOf);
    if (plan === void 0 || best !== void 0 && plan.cost >= best.cost) continue;
    best = plan;
    bestPart = part;
  }
  if (best === void 0) return void 0;
  const others = parts.filter((part) => part !== bestPart);
  const rest = best.residual === void 0 ? others : [...others, best.residual];
  return { ...best, residual: rest.length === 0 ? void 0 : allOf(rest, path) };
}
function planAny(predicate, costOf) {
  const keys = /* @__PURE__ */ new Map();
  let cost = 0;
  let isExact = true;
  for (const part of predicate.parts) {
    const plan = planAccess(part, costOf);
    if (plan === void 0) return void 0;
    for (const key of plan.keys) keys.set(key.key, key);
    cost += plan.cost;
    isExact &&= plan.residual === void 0;
  }
  return { keys: [...keys.values()], residual: isExact ? void 0 : predicate, cost };
}

// packages/filters/src/matching/group.ts
var Group = class {
  /** Of the filter that all members have. */
  filterKey;
  /** Undefined: not found by keys, but tested for each event. */
  keys;
  #residual;
  #isOfferedOnce;
  #entries = [];
  /** The last event that this group was offered. */
  stamp = 0;
  constructor(predicate, plan) {
    this.filterKey = predicate.key;
    this.keys = plan?.keys;
    this.#residual = plan === void 0 ? predicate : plan.residual;
    this.#isOfferedOnce = plan === void 0 || plan.keys.length === 1;
  }
  get size() {
    return this.#entries.length;
  }
  add(key, value) {
    const entry = { key, group: this, value, at: this.#entries.length };
    this.#entries.push(entry);
    return entry;
  }
  /** The last entry takes the place of the one removed. */
  remove(entry) {
    const last = this.#entries.pop();
    if (last === void 0 || last === entry) return;
    this.#entries[entry.at] = last;
    last.at = entry.at;
  }
  /** The event has met a key of this group: appends the members if the rest of the filter agrees. */
  offer(event, stamp, out) {
    if (!this.#isOfferedOnce) {
      if (this.stamp === stamp) return;
      this.stamp = stamp;
    }
    if (this.#residual !== void 0 && !this.#residual.test(event)) return;
    const entries = this.#entries;
    for (let at = 0; at < entries.length; at += 1) out.push(entries[at].value);
  }
};
function offerAll(bucket, event, stamp, out) {
  for (let at = 0; at < bucket.length; at += 1) bucket[at].offer(event, stamp, out);
}
function removeFromBucket(bucket, group) {
  const at = bucket.indexOf(group);
  if (at < 0) return;
  const last = bucket.pop();
  if (last !== void 0 && last !== group) bucket[at] = last;
}

// packages/filters/src/matching/affix-tree.ts
var AffixTree = class {
  #side;
  #root;
  constructor(side) {
    this.#side = side;
    this.#root = makeNode("");
  }
  get isEmpty() {
    return this.#root.children.size === 0 && this.#root.bucket.length === 0;
  }
  /** How many groups hang on exactly this affix. */
  sizeAt(affix) {
    const way = this.#wayTo(affix);
    return way?.at(-1)?.bucket.length ?? 0;
  }
  add(affix, group) {
    let node = this.#root;
    let rest = affix;
    while (rest !== "") {
      const first = this.#firstUnit(rest);
      const child = node.children.get(first);
      if (child === void 0) {
        const leaf = makeNode(rest);
        node.children.set(first, leaf);
        node = leaf;
        break;
      }
      const shared = this.#sharedLength(child.label, rest);
      node = shared === child.label.length ? child : this.#split(node, child, shared);
      rest = this.#dropStart(rest, shared);
    }
    node.bucket.push(group);
  }
  remove(affix, group) {
    const way = this.#wayTo(affix);
    const node = way?.at(-1);
    if (way === void 0 || node === void 0) return;
    removeFromBucket(node.bucket, group);
    this.#prune(way);
  }
  /** Offers the event to every group whose affix the text has. */
  offer(text, event, stamp, out) {
    const isPrefix = this.#side === "prefix";
    let node = this.#root;
    let matched = 0;
    for (; ; ) {
      if (node.bucket.length > 0) offerAll(node.bucket, event, stamp, out);
      if (matched === text.length || node.children.size === 0) return;
      const unit = text.charCodeAt(isPrefix ? matched : text.length - 1 - matched);
      const child = node.children.get(unit);
      if (child === void 0) return;
      const fits = isPrefix ? text.startsWith(child.label, matched) : text.endsWith(child.label, text.length - matched);
      if (!fits) return;
      matched += child.label.length;
      node = child;
    }
  }
  /** The nodes from the root to the one that spells the affix; undefined when there is none. */
  #wayTo(affix) {
    const way = [this.#root];
    let node = this.#root;
    let rest = affix;
    while (rest !== "") {
      const child = node.children.get(this.#firstUnit(rest));
      if (child === void 0) return void 0;
      if (this.#sharedLength(child.label, rest) < child.label.length) return void 0;
      rest = this.#dropStart(rest, child.label.length);
      way.push(child);
      node = child;
    }
    return way;
  }
  /** Puts a node in the middle of an edge, and returns it. */
  #split(parent, child, at) {
    const middle = makeNode(this.#takeStart(child.label, at));
    child.label = this.#dropStart(child.label, at);
    middle.children.set(this.#firstUnit(child.label), child);
    parent.children.set(this.#firstUnit(middle.label), middle);
    return middle;
  }
  /** From the end of the way up: nodes that serve nothing go, and those that only connect are joined. */
  #prune(way) {
    for (let at = way.length - 1; at > 0; at -= 1) {
      const node = way[at];
      const parent = way[at - 1];
      if (node.bucket.length > 0 || node.children.size > 1) return;
      const [only] = node.children.values();
      const first = this.#firstUnit(node.label);
      if (only === void 0) {
        parent.children.delete(first);
      } else {
        only.label = this.#side === "prefix" ? node.label + only.label : only.label + node.label;
        parent.children.set(first, only);
        return;
      }
    }
  }
  #firstUnit(label) {
    return label.charCodeAt(this.#side === "prefix" ? 0 : label.length - 1);
  }
  #takeStart(label, length) {
    return this.#side === "prefix" ? label.slice(0, length) : label.slice(label.length - length);
  }
  #dropStart(label, length) {
    return this.#side === "prefix" ? label.slice(length) : label.slice(0, label.length - length);
  }
  #sharedLength(a, b) {
    const max = Math.min(a.length, b.length);
    const isPrefix = this.#side === "prefix";
    let length = 0;
    while (length < max) {
      const atA = isPrefix ? length : a.length - 1 - length;
      const atB = isPrefix ? length : b.length - 1 - length;
      if (a.charCodeAt(atA) !== b.charCodeAt(atB)) break;
      length += 1;
    }
    return length;
  }
};
function makeNode(label) {
  return { label, bucket: [], children: /* @__PURE__ */ new Map() };
}

// packages/filters/src/matching/attribute-slot.ts
var AttributeSlot = class {
  reader;
  #exact = /* @__PURE__ */ new Map();
  #prefixes = new AffixTree("prefix");
  #suffixes = new AffixTree("suffix");
  #present = [];
  constructor(reader) {
    this.reader = reader;
  }
  get isEmpty() {
    return this.#exact.size === 0 && this.#present.length === 0 && this.#prefixes.isEmpty && this.#suffixes.isEmpty;
  }
  /** How many groups the key leads to. */
  sizeAt(key) {
    switch (key.kind) {
      case "exact":
        return this.#exact.get(key.value)?.length ?? 0;
      case "prefix":
        return this.#prefixes.sizeAt(key.value);
      case "suffix":
        return this.#suffixes.sizeAt(key.value);
      case "present":
        return this.#present.length;
    }
  }
  add(key, group) {
    switch (key.kind) {
      case "exact": {
        const bucket = this.#exact.get(key.value);
        if (bucket === void 0) this.#exact.set(key.value, [group]);
        else bucket.push(group);
        return;
      }
      case "prefix":
        this.#prefixes.add(key.value, group);
        return;
      case "suffix":
        this.#suffixes.add(key.value, group);
        return;
      case "present":
        this.#present.push(group);
        return;
    }
  }
  remove(key, group) {
    switch (key.kind) {
      case "exact": {
        const bucket = this.#exact.get(key.value) ?? [];
        removeFromBucket(bucket, group);
        if (bucket.length === 0) this.#exact.delete(key.value);
        return;
      }
      case "prefix":
        this.#prefixes.remove(key.value, group);
        return;
      case "suffix":
        this.#suffixes.remove(key.value, group);
        return;
      case "present":
        removeFromBucket(this.#present, group);
        return;
    }
  }
  /** Offers the event to every group with a key that the attribute's text meets. */
  offer(event, stamp, out) {
    const text = this.reader.text(event);
    if (text === void 0) return;
    const bucket = this.#exact.get(text);
    if (bucket !== void 0) offerAll(bucket, event, stamp, out);
    if (this.#present.length > 0) offerAll(this.#present, event, stamp, out);
    if (!this.#prefixes.isEmpty) this.#prefixes.offer(text, event, stamp, out);
    if (!this.#suffixes.isEmpty) this.#suffixes.offer(text, event, stamp, out);
  }
};

// packages/filters/src/matching/filter-index.ts
var SLOTS_ASKED_MAX = 16;
var STAMP_MAX = 2 ** 30 - 1;
var KIND_WEIGHTS = {
  exact: 1,
  prefix: 4,
  suffix: 4,
  present: 50
};
var ATTRIBUTE_WEIGHTS = /* @__PURE__ */ new Map([
  ["specversion", 1e3],
  ["datacontenttype", 100],
  ["datamediatype", 100]
]);
var FilterIndex = class {
  #entries = /* @__PURE__ */ new Map();
  #groups = /* @__PURE__ */ new Map();
  #slots = /* @__PURE__ */ new Map();
  /** The values of `#slots`, and those of them that are not found by an attribute's name. */
  #slotList = [];
  #aliasList = [];
  #scanned = [];
  #stamp = 0;
  /** Triggers in the index. */
  get size() {
    return this.#entries.size;
  }
  /** Adds a trigger, or replaces the one with this key. */
  set(key, filter, value) {
    const { predicate } = filter;
    const existing = this.#entries.get(key);
    if (existing?.group.filterKey === predicate.key) {
      existing.value = value;
      return;
    }
    this.delete(key);
    const group = this.#groups.get(predicate.key) ?? this.#addGroup(predicate);
    this.#entries.set(key, group.add(key, value));
  }
  /** False when there was no such key. */
  delete(key) {
    const entry = this.#entries.get(key);
    if (entry === void 0) return false;
    this.#entries.delete(key);
    entry.group.remove(entry);
    if (entry.group.size === 0) this.#removeGroup(entry.group);
    return true;
  }
  /** Appends the value of each trigger whose filter the event passes: each once, in no order. */
  match(event, out) {
    const stamp = this.#nextStamp();
    offerAll(this.#scanned, event, stamp, out);
    if (this.#slotList.length <= SLOTS_ASKED_MAX) {
      for (const slot of this.#slotList) slot.offer(event, stamp, out);
      return;
    }
    for (const slot of this.#aliasList) slot.offer(event, stamp, out);
    for (const name of event.names()) this.#slots.get(name)?.offer(event, stamp, out);
  }
  describe() {
    return {
      filters: this.#groups.size,
      scanned: this.#scanned.length,
      attributes: this.#slotList.map(({ reader }) => reader.name)
    };
  }
  #addGroup(predicate) {
    const plan = planAccess(predicate, (key) => this.#costOf(key));
    const group = new Group(predicate, plan);
    this.#groups.set(predicate.key, group);
    if (group.keys === void 0) this.#scanned.push(group);
    else for (const key of group.keys) this.#slotFor(key.reader).add(key, group);
    return group;
  }
  #removeGroup(group) {
    this.#groups.delete(group.filterKey);
    if (group.keys === void 0) removeFromBucket(this.#scanned, group);
    else for (const key of group.keys) this.#removeKey(key, group);
  }
  #removeKey(key, group) {
    const slot = this.#slotFor(key.reader);
    slot.remove(key, group);
    if (!slot.isEmpty) return;
    this.#slots.delete(key.reader.id);
    this.#slotList.splice(this.#slotList.indexOf(slot), 1);
    if (!key.reader.isPlain) this.#aliasList.splice(this.#aliasList.indexOf(slot), 1);
  }
  #slotFor(reader) {
    const existing = this.#slots.get(reader.id);
    if (existing !== void 0) return existing;
    const slot = new AttributeSlot(reader);
    this.#slots.set(reader.id, slot);
    this.#slotList.push(slot);
    if (!reader.isPlain) this.#aliasList.push(slot);
    return slot;
  }
  /** Adapts to what is there: a value that many filters share is a poor way to find one of them. */
  #costOf(key) {
    const { id, name } = key.reader;
    const crowd = this.#slots.get(id)?.sizeAt(key) ?? 0;
    return (crowd + 1) * KIND_WEIGHTS[key.kind] * (ATTRIBUTE_WEIGHTS.get(name) ?? 1);
  }
  #nextStamp() {
    this.#stamp += 1;
    if (this.#stamp > STAMP_MAX) {
      for (const group of this.#groups.values()) group.stamp = 0;
      this.#stamp = 1;
    }
    return this.#stamp;
  }
};

export {
  CesqlParseError,
  parseCesql,
  evaluateCesql,
  compileFilter,
  validateFilter,
  FilterIndex
};
