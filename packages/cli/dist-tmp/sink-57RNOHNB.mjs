import { createRequire as createRequireOfBundle } from 'node:module';const require = createRequireOfBundle(import.meta.url);
import {
  startSink
} from "./chunk-3OBHDK6E.mjs";
import {
  COUNT_MAX,
  PORT_MAX,
  duration,
  integer
} from "./chunk-TVFCL33F.mjs";
import {
  Command,
  InvalidArgumentError
} from "./chunk-5WFO4I6M.mjs";
import {
  CliError
} from "./chunk-HIHBXSAK.mjs";
import {
  makeEvent
} from "./chunk-QUSRWZCH.mjs";
import "./chunk-ZKZDKWPE.mjs";
import "./chunk-EX44SRZ5.mjs";

// packages/cli/src/commands/sink.ts
function sinkCommand(io) {
  return new Command("sink").description("Receive events and show them; for trying filters, retries and dead letters.").option("--port <port>", "port to listen on; 0 takes a free one", integer(0, PORT_MAX), 9e3).option("--host <host>", "address to listen on", "127.0.0.1").option("--status <code>", "answer with this status", integer(200, 599)).option(
    "--fail-first <n>",
    "fail only the first N requests (with --status, default 500)",
    integer(0, COUNT_MAX)
  ).option("--delay <duration>", "wait this long before each answer", duration, 0).option(
    "--reply-type <type>",
    "answer with an event of this type that carries the same data",
    eventType
  ).option("--json", "print one JSON object per event", false).addHelpText(
    "after",
    `
Examples:
  $ afflux sink                                   show what arrives on port 9000
  $ afflux sink --port 9001 --status 500          fail every delivery
  $ afflux sink --fail-first 2 --status 503       fail twice, then accept
  $ afflux sink --reply-type order.confirmed      reply with a new event`
  ).action(async (flags) => {
    const sink = await startSink({ ...flags, delayMs: flags.delay }, io.clock, (received) => {
      io.out(flags.json ? `${JSON.stringify(received.json)}
` : received.text);
    }).catch((error) => {
      throw new CliError(
        `cannot listen on ${flags.host}:${String(flags.port)}: ${error instanceof Error ? error.message : String(error)}; choose another with --port`,
        { code: "AFFLUX_CLI_FAILED", cause: error }
      );
    });
    io.err(`sink listening on ${sink.url}
`);
    await new Promise((resolve) => {
      if (io.interrupted.aborted) resolve();
      io.interrupted.addEventListener("abort", () => {
        resolve();
      });
    });
    await sink.close();
  });
}
function eventType(text) {
  try {
    return makeEvent({ id: "1", source: "/afflux/sink", type: text }).type;
  } catch {
    throw new InvalidArgumentError("expected an event type such as order.confirmed.");
  }
}
export {
  sinkCommand
};
