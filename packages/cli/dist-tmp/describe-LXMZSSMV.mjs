import { createRequire as createRequireOfBundle } from 'node:module';const require = createRequireOfBundle(import.meta.url);
import {
  KubernetesCommand,
  targeting
} from "./chunk-DTVP36F6.mjs";
import "./chunk-P4PFLBCY.mjs";
import "./chunk-NBWTCS4Q.mjs";
import "./chunk-HYBGQZ4T.mjs";
import "./chunk-5WFO4I6M.mjs";
import "./chunk-HIHBXSAK.mjs";
import "./chunk-ZKZDKWPE.mjs";
import "./chunk-EX44SRZ5.mjs";

// packages/cli/src/commands/describe.ts
function describeCommand(io) {
  return targeting(
    new KubernetesCommand("describe").description("Show all fields of objects and their events.")
  ).argument("[type or type/name...]", "e.g. broker main; a name may be its beginning").option("-A, --all-namespaces", "of every namespace", false).option("-l, --selector <labels>", "e.g. app=shop,tier!=test").option("--no-show-events", "without events").addHelpText(
    "after",
    `
Examples:
  $ afflux describe broker main
  $ afflux describe trigger/payments
  $ afflux describe triggers -l app=shop`
  ).action(async (args, flags) => {
    const { describe } = await import("./describe-QI6CNQR6.mjs");
    await describe(io, { args, flags });
  });
}
export {
  describeCommand
};
