import { createRequire as createRequireOfBundle } from 'node:module';const require = createRequireOfBundle(import.meta.url);
import {
  CesqlParseError,
  evaluateCesql,
  parseCesql
} from "./chunk-CPL45277.mjs";
import {
  Command
} from "./chunk-5WFO4I6M.mjs";
import {
  CliError,
  usageError
} from "./chunk-HIHBXSAK.mjs";
import {
  decodeHttp,
  makeEvent
} from "./chunk-QUSRWZCH.mjs";
import "./chunk-ZKZDKWPE.mjs";
import "./chunk-EX44SRZ5.mjs";

// packages/cli/src/commands/cesql.ts
import { readFile } from "node:fs/promises";
var OPTION = /^--[a-z]/;
function defaultEvent() {
  return makeEvent({
    id: "1",
    source: "/afflux/cesql",
    type: "dev.afflux.test",
    subject: "example",
    time: "2026-01-01T00:00:00Z"
  });
}
function cesqlCommand(io) {
  return new Command("cesql").description("Evaluate a CloudEvents SQL expression; prints one JSON object.").argument("<expression>", "the expression, as in a trigger filter").option("--event <file>", "event in JSON format; - for standard input").allowUnknownOption().addHelpText(
    "after",
    `
Examples:
  $ afflux cesql "type LIKE 'dev.%' AND EXISTS subject"
  $ afflux cesql "LENGTH(subject) > 3" --event order.json
  $ curl -s http://example/event | afflux cesql "source = '/shop'" --event -

Exit code 1 when "error" is not null; the value that the language defines for that case is printed as well.`
  ).action(async (expression, flags) => {
    if (OPTION.test(expression)) {
      throw usageError(
        `unknown option ${expression} (if it is the expression: begin with a space)`
      );
    }
    const event = flags.event === void 0 ? defaultEvent() : await readEvent(io, flags.event);
    const result = evaluate(expression, event);
    io.out(`${JSON.stringify(result)}
`);
    if (result.error !== null) throw new CliError("", { code: "AFFLUX_CLI_FAILED" });
  });
}
function evaluate(expression, event) {
  try {
    const { value, error } = evaluateCesql(parseCesql(expression), event);
    return { value, type: typeName(value), error };
  } catch (error) {
    if (!(error instanceof CesqlParseError)) throw error;
    const { reason, line, column } = error;
    return { value: null, type: null, error: { kind: "parse", message: reason, line, column } };
  }
}
function typeName(value) {
  if (typeof value === "number") return "integer";
  return typeof value === "boolean" ? "boolean" : "string";
}
async function readEvent(io, file) {
  try {
    const body = file === "-" ? await io.readInput() : await readFile(file);
    const [event] = decodeHttp(["content-type", "application/cloudevents+json"], body);
    if (event !== void 0) return event;
  } catch (error) {
    throw usageError(`--event ${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
  throw usageError(`--event ${file}: no event in it`);
}
export {
  cesqlCommand
};
