import { createRequire as createRequireOfBundle } from 'node:module';const require = createRequireOfBundle(import.meta.url);
import {
  startSink
} from "./chunk-3OBHDK6E.mjs";
import {
  PORT_MAX,
  integer
} from "./chunk-TVFCL33F.mjs";
import {
  PACKAGE_ROOT
} from "./chunk-66UTXXBE.mjs";
import {
  Command
} from "./chunk-5WFO4I6M.mjs";
import {
  CliError
} from "./chunk-HIHBXSAK.mjs";
import "./chunk-QUSRWZCH.mjs";
import "./chunk-ZKZDKWPE.mjs";
import "./chunk-EX44SRZ5.mjs";

// packages/cli/src/commands/quickstart.ts
import { join } from "node:path";
var MANIFESTS = join(PACKAGE_ROOT, "../../deploy/quickstart");
var FAILING_PATH = "/always-fails";
function quickstartCommand(io) {
  return new Command("quickstart").description("Run a broker, two triggers and a subscriber, and say what to try.").option("--port <port>", "port that takes events", integer(0, PORT_MAX), 8080).option("--control-port <port>", "port of health and metrics", integer(0, PORT_MAX), 8081).option("--sink-port <port>", "port of the subscriber", integer(0, PORT_MAX), 9e3).addHelpText(
    "after",
    `
Examples:
  $ afflux quickstart
  $ afflux quickstart --port 8090 --control-port 8091 --sink-port 9090`
  ).action(async (flags) => {
    const { runDev } = await import("./run-dev-GIPZIBVP.mjs");
    const sink = await startSink(
      { port: flags.sinkPort, host: "127.0.0.1", delayMs: 0, failingPath: FAILING_PATH },
      io.clock,
      (received) => {
        io.out(`subscriber: ${received.text}`);
      }
    ).catch((error) => {
      throw new CliError(
        `port ${String(flags.sinkPort)} for the subscriber cannot be had: choose another with --sink-port`,
        { code: "AFFLUX_CLI_FAILED", cause: error }
      );
    });
    try {
      await runDev(io, {
        config: {
          port: flags.port,
          controlPort: flags.controlPort,
          manifests: [MANIFESTS],
          services: { "default/subscriber": sink.url },
          log: { format: "pretty", level: "warn" }
        },
        afterReady: (afflux) => whatToTry(afflux.brokerUrl("default", "main"))
      });
    } finally {
      await sink.close();
    }
  });
}
function whatToTry(url) {
  const curl = (type, id) => `  curl -i ${url} -H 'ce-specversion: 1.0' -H 'ce-type: ${type}' -H 'ce-source: /shop' -H 'ce-id: ${id}' -H 'content-type: application/json' -d '{"total": 9}'
`;
  return `
Try, in another terminal, and watch the subscriber here:

  delivered:
${curl("order.created", "1")}
  retried three times, then sent to the dead letter sink:
${curl("order.rejected", "2")}
The manifests are in deploy/quickstart: change them and see the change applied.
`;
}
export {
  quickstartCommand
};
