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
    const { get } = await import("./get-7X7VRLEY.mjs");
    await get(io, { args, flags });
  });
}
function commaSeparated(value, earlier) {
  return [...earlier, ...value.split(",")];
}
export {
  getCommand
};
