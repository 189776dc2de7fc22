import { createRequire as createRequireOfBundle } from 'node:module';const require = createRequireOfBundle(import.meta.url);
import {
  printable,
  textTable
} from "./chunk-VDXUVJQN.mjs";
import {
  failed
} from "./chunk-P4PFLBCY.mjs";
import "./chunk-NBWTCS4Q.mjs";
import {
  oneOf
} from "./chunk-TVFCL33F.mjs";
import "./chunk-HYBGQZ4T.mjs";
import {
  Command
} from "./chunk-5WFO4I6M.mjs";
import {
  CliError,
  usageError
} from "./chunk-HIHBXSAK.mjs";
import "./chunk-ZKZDKWPE.mjs";
import "./chunk-EX44SRZ5.mjs";

// packages/cli/src/commands/data.ts
import { stat } from "node:fs/promises";
import { join } from "node:path";
var SHOWN_PROBLEMS_MAX = 100;
function dataCommand(io) {
  return new Command("data").description("The data directory of a stopped Afflux: check, stats, compact.").addHelpText(
    "after",
    `
Examples:
  $ afflux data stats data
  $ afflux data check data
  $ afflux data compact data`
  ).addCommand(
    reading(new Command("check").description("Read everything, and say what is damaged.")).action(
      (directory, flags) => check(io, directory, flags)
    )
  ).addCommand(
    reading(
      new Command("stats").description(
        "What is stored: by channel and subscription, and objects."
      )
    ).action((directory, flags) => stats(io, directory, flags))
  ).addCommand(
    reading(new Command("compact").description("Give free space back to the disk.")).action(
      (directory, flags) => compact(io, directory, flags)
    )
  );
}
function reading(command) {
  return command.argument("<directory>", "the directory of --data-dir").option("-o, --output <format>", "text or json", oneOf("text", "json"), "text");
}
async function check(io, directory, flags) {
  const { checkData } = await tools(directory);
  const { checked, tables, problems } = await checkData(directory);
  if (flags.output === "json") io.out(json({ directory, checked, tables, problems }));
  else {
    for (const { place, problem } of problems.slice(0, SHOWN_PROBLEMS_MAX)) {
      io.out(printable(`${place}: ${problem}`) + "\n");
    }
    io.out(tablesText(tables));
    io.out(`${String(checked)} records checked, ${String(problems.length)} problem(s) found
`);
  }
  if (problems.length > 0) throw new CliError("", { code: "AFFLUX_CLI_FAILED" });
}
async function stats(io, directory, flags) {
  const { dataStats } = await tools(directory);
  const { fileBytes, channels, tables } = await dataStats(directory);
  if (flags.output === "json") {
    io.out(json({ directory, fileBytes, channels, tables }));
    return;
  }
  const rows = channels.flatMap(({ kind, namespace, name, subscriptions, ...channel }) => [
    [
      `${kind} ${namespace}/${name}`,
      String(channel.events),
      bytesText(channel.bytes),
      String(channel.deadLetters),
      ""
    ],
    ...subscriptions.map(({ label, depth, bytes, deadLetters, lost }) => [
      `  ${printable(label)}`,
      String(depth),
      bytesText(bytes),
      String(deadLetters),
      String(lost)
    ])
  ]);
  io.out(textTable(["CHANNEL", "EVENTS", "BYTES", "DEAD LETTERS", "LOST"], rows));
  io.out(tablesText(tables));
  io.out(`${bytesText(fileBytes)} on disk
`);
}
async function compact(io, directory, flags) {
  const { compactData } = await tools(directory);
  const { bytesBefore, bytesAfter, tables } = await compactData(directory);
  io.out(
    flags.output === "json" ? json({ directory, bytesBefore, bytesAfter, tables }) : `${tablesText(tables)}${bytesText(bytesBefore)} before, ${bytesText(bytesAfter)} now
`
  );
}
async function tools(directory) {
  const found = await stat(directory).catch(() => void 0);
  if (found === void 0) throw usageError(`there is no directory ${directory}`);
  const data = await stat(join(directory, "data.mdb")).catch(() => void 0);
  if (data === void 0) throw failed(`${directory} is no data directory of Afflux`);
  const [{ checkData, dataStats }, { compactData }] = await Promise.all([
    import("./src-AOPE4NAF.mjs"),
    import("./src-MQAJJWK7.mjs")
  ]);
  return { checkData, compactData, dataStats };
}
function tablesText(tables) {
  return tables.map(({ name, records, bytes }) => `${name}: ${String(records)}, ${bytesText(bytes)}
`).join("");
}
var UNITS = ["B", "KiB", "MiB", "GiB", "TiB"];
function bytesText(bytes) {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? String(value) : value.toFixed(1)} ${UNITS[unit] ?? ""}`;
}
function json(value) {
  return `${JSON.stringify(value, void 0, 2)}
`;
}
export {
  dataCommand
};
