import { createRequire as createRequireOfBundle } from 'node:module';const require = createRequireOfBundle(import.meta.url);
import {
  CONTROL_URL
} from "./chunk-P4PFLBCY.mjs";
import {
  Command
} from "./chunk-5WFO4I6M.mjs";

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

export {
  KubernetesCommand,
  targeting
};
