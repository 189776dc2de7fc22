import { createRequire as createRequireOfBundle } from 'node:module';const require = createRequireOfBundle(import.meta.url);
import {
  CONTROL_URL
} from "./chunk-P4PFLBCY.mjs";
import "./chunk-NBWTCS4Q.mjs";
import "./chunk-HYBGQZ4T.mjs";
import {
  Command
} from "./chunk-5WFO4I6M.mjs";
import "./chunk-HIHBXSAK.mjs";
import "./chunk-ZKZDKWPE.mjs";
import "./chunk-EX44SRZ5.mjs";

// packages/cli/src/kubernetes/command.ts
var KubernetesCommand = class extends Command {
  parseOptions(argv) {
    return super.parseOptions(inOurSpelling(argv));
  }
};
function inOurSpelling(argv) {
  const end = argv.indexOf("--");
  const flags = end === -1 ? argv : argv.slice(0, end);
  const rest = end === -1 ? [] : argv.slice(end);
  return [...flags.flatMap(rewritten), ...rest];
}
var ON_BY_DEFAULT = /* @__PURE__ */ new Set(["wait"]);
var SWITCHES = /^--(all|all-namespaces|wait|ignore-not-found|force-conflicts|server-side|no-headers|show-labels|watch|follow|previous|timestamps|recursive|show-managed-fields)=(true|false)$/;
function rewritten(argument) {
  const [, name = "", value] = SWITCHES.exec(argument) ?? [];
  if (value !== void 0) {
    if (value === "true") return [`--${name}`];
    return ON_BY_DEFAULT.has(name) ? [`--no-${name}`] : [];
  }
  if (argument === "--dry-run=none") return [];
  if (argument === "--dry-run=server") return ["--dry-run"];
  const short = /^(-[a-zA-Z])=(.*)$/s.exec(argument);
  return short === null ? [argument] : [short[1] ?? "", short[2] ?? ""];
}
function targeting(command, { isNamespaced = true } = {}) {
  if (isNamespaced) command.option("-n, --namespace <name>", "default: the context's, or default");
  return command.option("--control <url>", `control port of a running Afflux (default: ${CONTROL_URL})`).option("--data-dir <directory>", "its data directory, which holds the token of the port").option("--context <name>", "a context of the kubeconfig instead").option("--kubeconfig <file>", "a cluster by this file instead");
}

// packages/cli/src/commands/get.ts
function getCommand(io) {
  return targeting(
    new KubernetesCommand("get").description("Show objects: brokers, triggers, channels, all.")
  ).argument("[type or type/name...]", "e.g. brokers, trigger payments, all").option("-A, --all-namespaces", "of every namespace", false).option("-l, --selector <labels>", "e.g. app=shop,tier!=test").option("--field-selector <fields>", "e.g. metadata.name=main").option(
    "-o, --output <form>",
    "wide, yaml, json, name, jsonpath=TEMPLATE or custom-columns=TITLE:PATH,..."
  ).option("-w, --watch", "then show changes until Ctrl-C", false).option("-L, --label-columns <names>", "labels as columns", commaSeparated, []).option("--show-labels", "all labels as the last column", false).option("--show-managed-fields", "who wrote which field, too", false).option("--no-headers", "without the first line").option("--ignore-not-found", "what is not there is no failure", false).addHelpText(
    "after",
    `
Examples:
  $ afflux get all
  $ afflux get brokers,triggers -A
  $ afflux get trigger payments -o yaml
  $ afflux get triggers -w --context my-cluster`
  ).action(async (args, flags) => {
    const { get } = await import("./get-JUVMI76E.mjs");
    await get(io, { args, flags });
  });
}
function commaSeparated(value, earlier) {
  return [...earlier, ...value.split(",")];
}
export {
  getCommand
};
