import { createRequire as createRequireOfBundle } from 'node:module';const require = createRequireOfBundle(import.meta.url);
import {
  InvalidArgumentError
} from "./chunk-5WFO4I6M.mjs";
import {
  parseDuration
} from "./chunk-ZKZDKWPE.mjs";

// packages/cli/src/options.ts
function integer(min, max) {
  return (text) => {
    const value = Number(text);
    if (!/^-?\d+$/.test(text) || value < min || value > max) {
      throw new InvalidArgumentError(`expected an integer from ${String(min)} to ${String(max)}.`);
    }
    return value;
  };
}
function positive(text) {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0)
    throw new InvalidArgumentError("expected a number above 0.");
  return value;
}
function duration(text) {
  try {
    const milliseconds = parseDuration(/^\d+$/.test(text) ? `${text}ms` : text);
    if (milliseconds >= 0) return milliseconds;
  } catch {
  }
  throw new InvalidArgumentError("expected a duration such as 200ms, 1.5s or PT0.2S.");
}
function collect(value, earlier) {
  return [...earlier ?? [], value];
}
function oneOf(...words) {
  return (text) => {
    const word = words.find((candidate) => candidate === text);
    if (word === void 0) throw new InvalidArgumentError(`expected one of ${words.join(", ")}.`);
    return word;
  };
}
var PORT_MAX = 65535;
var COUNT_MAX = 1e9;

export {
  integer,
  positive,
  duration,
  collect,
  oneOf,
  PORT_MAX,
  COUNT_MAX
};
