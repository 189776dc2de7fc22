import { createRequire as createRequireOfBundle } from 'node:module';const require = createRequireOfBundle(import.meta.url);
import {
  PORT_MAX,
  collect,
  integer,
  oneOf
} from "./chunk-TVFCL33F.mjs";
import {
  CHANNEL_TYPES,
  parseConfigText
} from "./chunk-26OQPORM.mjs";
import "./chunk-HYBGQZ4T.mjs";
import "./chunk-UTSDURX2.mjs";
import {
  ServerError
} from "./chunk-QQUSOQ2O.mjs";
import "./chunk-5MWQ64NP.mjs";
import "./chunk-VF65DHRR.mjs";
import "./chunk-CPL45277.mjs";
import {
  Command
} from "./chunk-5WFO4I6M.mjs";
import {
  usageError
} from "./chunk-HIHBXSAK.mjs";
import "./chunk-YZGW35GG.mjs";
import "./chunk-L3ZXLJED.mjs";
import "./chunk-QUSRWZCH.mjs";
import "./chunk-C4YO6LH5.mjs";
import "./chunk-ZKZDKWPE.mjs";
import "./chunk-EX44SRZ5.mjs";

// packages/cli/src/config-file.ts
import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
var DEFAULT_FILE = "afflux.yaml";
async function readConfigFile(path) {
  const file = resolve(path ?? DEFAULT_FILE);
  let text;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    const isMissing = error.code === "ENOENT";
    if (isMissing && path === void 0) return {};
    throw usageError(
      `cannot read the configuration ${file}: ${error instanceof Error ? error.message : String(error)}`
    );
  }
  try {
    const config = parseConfigText(text, file);
    const from = dirname(file);
    return {
      ...config,
      manifests: (config.manifests ?? []).map((entry) => resolve(from, entry)),
      ...config.dataDir === void 0 ? {} : { dataDir: resolve(from, config.dataDir) }
    };
  } catch (error) {
    if (error instanceof ServerError) throw usageError(error.message);
    throw error;
  }
}

// packages/cli/src/commands/dev.ts
var EVENT_PORT = 8080;
var CONTROL_PORT = 8081;
function devCommand(io) {
  return new Command("dev").description("Run brokers, channels and flows from Knative manifests in one process.").option("-f, --file <path>", "manifest file or directory; repeatable", collect, []).option(
    "--port <port>",
    `port that takes events (default: ${String(EVENT_PORT)})`,
    integer(0, PORT_MAX)
  ).option(
    "--control-port <port>",
    `port of health and metrics (default: ${String(CONTROL_PORT)})`,
    integer(0, PORT_MAX)
  ).option("--host <address>", "address of both ports (default: 127.0.0.1)").option("--data-dir <dir>", "directory for events that must survive the process").option(
    "--channel <type>",
    `default channel: ${CHANNEL_TYPES.join(", ")} (default: durable with --data-dir, else memory)`,
    oneOf(...CHANNEL_TYPES)
  ).option("--kafka <servers>", "Kafka, as host:port,\u2026 (AFFLUX_KAFKA_BOOTSTRAP_SERVERS)").option("--rabbitmq <url>", "RabbitMQ, as amqp://\u2026 (AFFLUX_RABBITMQ_URL)").option("--config <file>", "project file (default: afflux.yaml, if there is one)").option("--log <format>", "log format: pretty or json", oneOf("pretty", "json")).option("--no-watch", "do not apply changed files").addHelpText(
    "after",
    `
Examples:
  $ afflux dev -f broker.yaml -f triggers/        run, and apply changes to the files
  $ afflux dev -f deploy --port 8088              another port
  $ afflux dev -f deploy --data-dir data          events survive a crash and a restart
  $ afflux dev -f deploy --channel kafka --kafka localhost:9092
  $ afflux dev --config afflux.yaml --log json    settings and services from a project file`
  ).action(async (flags) => {
    const { runDev } = await import("./run-dev-GIPZIBVP.mjs");
    const file = await readConfigFile(flags.config);
    await runDev(io, {
      config: {
        ...file,
        port: flags.port ?? file.port ?? EVENT_PORT,
        controlPort: flags.controlPort ?? file.controlPort ?? CONTROL_PORT,
        ...flags.host === void 0 ? {} : { host: flags.host },
        ...flags.watch ? {} : { watch: false },
        ...flags.dataDir === void 0 ? {} : { dataDir: flags.dataDir },
        channel: channelConfig(flags, file.channel, io.env),
        manifests: [...file.manifests ?? [], ...flags.file],
        log: {
          ...file.log,
          format: flags.log ?? file.log?.format ?? (io.isTerminal ? "pretty" : "json")
        }
      }
    });
  });
}
function channelConfig({ channel, kafka, rabbitmq }, file = {}, env) {
  const type = channel ?? file.type;
  const servers = kafka ?? file.kafka?.bootstrapServers ?? env["AFFLUX_KAFKA_BOOTSTRAP_SERVERS"];
  const url = rabbitmq ?? file.rabbitmq?.url ?? env["AFFLUX_RABBITMQ_URL"];
  return {
    ...type === void 0 ? {} : { type },
    kafka: { ...file.kafka, ...servers === void 0 ? {} : { bootstrapServers: servers } },
    rabbitmq: { ...url === void 0 ? {} : { url } }
  };
}
export {
  devCommand
};
