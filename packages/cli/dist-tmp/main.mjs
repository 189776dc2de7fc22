import { createRequire as createRequireOfBundle } from 'node:module';const require = createRequireOfBundle(import.meta.url);
import {
  PACKAGE_ROOT
} from "./chunk-66UTXXBE.mjs";
import {
  Command,
  CommanderError
} from "./chunk-5WFO4I6M.mjs";
import {
  CliError
} from "./chunk-HIHBXSAK.mjs";
import {
  AffluxError,
  systemClock
} from "./chunk-ZKZDKWPE.mjs";
import "./chunk-EX44SRZ5.mjs";

// packages/cli/src/main.ts
import { readFileSync } from "node:fs";
import { join } from "node:path";

// packages/cli/src/io.ts
function processIo() {
  let controller;
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error) => {
      if (error.code !== "EPIPE") throw error;
    });
  }
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    clock: systemClock,
    env: process.env,
    get interrupted() {
      if (controller === void 0) {
        const made = new AbortController();
        controller = made;
        for (const name of ["SIGINT", "SIGTERM"]) {
          process.on(name, () => {
            if (made.signal.aborted) process.exit(1);
            made.abort(name);
          });
        }
      }
      return controller.signal;
    },
    isTerminal: process.stdout.isTTY,
    async readInput() {
      const chunks = [];
      for await (const chunk of process.stdin) chunks.push(chunk);
      return Buffer.concat(chunks);
    }
  };
}

// packages/cli/src/main.ts
var EXIT = { done: 0, failed: 1, usage: 2 };
async function main(args, io = processIo()) {
  const program = await buildProgram(io);
  try {
    await program.parseAsync([...args], { from: "user" });
    return EXIT.done;
  } catch (error) {
    return exitCodeOf(error, io);
  }
}
async function buildProgram(io) {
  const program = new Command("afflux").description("CloudEvents brokers, channels and flows from Knative YAML, in one process.").version(packageVersion()).enablePositionalOptions().showHelpAfterError("(see afflux --help)");
  const commands = await Promise.all([
    import("./dev-XNBPWJNL.mjs").then((module) => module.devCommand(io)),
    import("./quickstart-DJPVFPK5.mjs").then((module) => module.quickstartCommand(io)),
    import("./send-SMIUGGXE.mjs").then((module) => module.sendCommand(io)),
    import("./sink-57RNOHNB.mjs").then((module) => module.sinkCommand(io)),
    import("./cesql-JQRJDSKT.mjs").then((module) => module.cesqlCommand(io)),
    import("./validate-VUJPXO3N.mjs").then((module) => module.validateCommand(io)),
    import("./dlq-UZHDR6CX.mjs").then((module) => module.dlqCommand(io)),
    import("./data-W3HBIQCC.mjs").then((module) => module.dataCommand(io)),
    import("./replay-E4TV5WEA.mjs").then((module) => module.replayCommand(io)),
    import("./get-LQ3F4TOE.mjs").then((module) => module.getCommand(io)),
    import("./describe-RTUQKJH6.mjs").then((module) => module.describeCommand(io))
  ]);
  for (const command of [program, ...commands, ...commands.flatMap((one) => one.commands)]) {
    command.exitOverride().configureOutput({
      writeOut: (text) => {
        io.out(text);
      },
      writeErr: (text) => {
        io.err(text);
      }
    });
  }
  for (const command of commands) program.addCommand(command);
  return program;
}
function exitCodeOf(error, io) {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  if (error instanceof CliError && error.code === "AFFLUX_CLI_FAILED") {
    if (error.message !== "") io.err(`${error.message}
`);
    return EXIT.failed;
  }
  if (error instanceof AffluxError) {
    io.err(`error: ${error.message}
`);
    const isUsage = error instanceof CliError || error.code === "AFFLUX_SERVER_CONFIG_INVALID";
    return isUsage ? EXIT.usage : EXIT.failed;
  }
  io.err(`error: ${error instanceof Error ? error.stack ?? error.message : String(error)}
`);
  return EXIT.failed;
}
function packageVersion() {
  const text = readFileSync(join(PACKAGE_ROOT, "package.json"), "utf8");
  return JSON.parse(text).version;
}
export {
  main
};
