import { createRequire as createRequireOfBundle } from 'node:module';const require = createRequireOfBundle(import.meta.url);
import {
  printable,
  textTable
} from "./chunk-VDXUVJQN.mjs";
import {
  watchJob
} from "./chunk-XHRHGPXN.mjs";
import {
  CONTROL_URL,
  ControlClient,
  failed,
  pathOf
} from "./chunk-P4PFLBCY.mjs";
import "./chunk-NBWTCS4Q.mjs";
import {
  COUNT_MAX,
  integer,
  oneOf,
  positive
} from "./chunk-TVFCL33F.mjs";
import "./chunk-HYBGQZ4T.mjs";
import {
  Command
} from "./chunk-5WFO4I6M.mjs";
import {
  usageError
} from "./chunk-HIHBXSAK.mjs";
import "./chunk-ZKZDKWPE.mjs";
import "./chunk-EX44SRZ5.mjs";

// packages/cli/src/commands/dlq.ts
var PAGE = 500;
var LABELS = {
  broker: "eventing.knative.dev/broker",
  trigger: "eventing.knative.dev/trigger",
  channel: "afflux.dev/channel",
  subscription: "afflux.dev/subscription"
};
function dlqCommand(io) {
  return new Command("dlq").description("Dead letters that channels keep: list, show, redrive, drop.").addHelpText(
    "after",
    `
Examples:
  $ afflux dlq list --broker shop --trigger payments
  $ afflux dlq show payments-1f0c9e7a2b.a3f
  $ afflux dlq redrive --trigger payments --filter "amount > 100" --rate 50
  $ afflux dlq drop --trigger payments --dry-run`
  ).addCommand(listCommand(io)).addCommand(showCommand(io)).addCommand(redriveCommand(io)).addCommand(dropCommand(io));
}
function listCommand(io) {
  return selecting(new Command("list").description("List dead letters, oldest first.")).option("--limit <n>", "at most so many", integer(1, COUNT_MAX), PAGE).option("-o, --output <format>", "table or json", oneOf("table", "json"), "table").action(async (flags) => {
    await withClient(flags, (client) => list(io, client, flags));
  });
}
function showCommand(io) {
  return connecting(new Command("show").description("Show one dead letter with its event.")).argument("<name>", "as the list shows it").option("-o, --output <format>", "text or json", oneOf("text", "json"), "text").action(async (name, flags) => {
    await withClient(flags, async (client) => {
      const path = pathOf(flags.namespace, "deadletters", name);
      const letter = await client.get(path);
      io.out(flags.output === "json" ? json(letter) : letterText(letter));
    });
  });
}
function redriveCommand(io) {
  return changing(
    new Command("redrive").description(
      "Deliver dead letters again, to the subscriber that failed."
    )
  ).option("--rate <perSecond>", "events per second (default: no limit)", positive).action(async (names, flags) => {
    requireSelection(names, flags);
    await withClient(
      flags,
      (client) => names.length > 0 ? redriveNamed(io, client, { names, flags }) : redriveSelected(io, client, flags)
    );
  });
}
function dropCommand(io) {
  return changing(
    new Command("drop").description("Forget dead letters; there is no way back.")
  ).action(async (names, flags) => {
    requireSelection(names, flags);
    await withClient(
      flags,
      (client) => names.length > 0 ? dropNamed(io, client, { names, flags }) : dropSelected(io, client, flags)
    );
  });
}
function connecting(command) {
  return command.option("-n, --namespace <namespace>", "namespace", "default").option("--control <url>", "control port of the running Afflux", CONTROL_URL);
}
function selecting(command) {
  return connecting(command).option("--broker <name>", "those of a broker").option("--channel <name>", "those of a channel").option("--trigger <name>", "those of a trigger").option("--subscription <name>", "those of a subscription").option("--filter <cesql>", "those whose event passes a CloudEvents SQL expression");
}
function changing(command) {
  return selecting(command.argument("[names...]", "as the list shows them")).option("--all", "all of the namespace", false).option("--dry-run", "only say how many it would be", false);
}
function requireSelection(names, flags) {
  const { broker, channel, trigger, subscription, filter, all } = flags;
  const hasSelection = all || [broker, channel, trigger, subscription, filter].some((value) => value !== void 0);
  if (names.length > 0 && hasSelection) {
    throw usageError("give names, or select by --broker, --trigger and so on; not both");
  }
  if (names.length === 0 && !hasSelection) {
    throw usageError("say which: names, --broker, --channel, --trigger, --filter, or --all");
  }
}
async function withClient(flags, work) {
  const client = new ControlClient(flags.control);
  try {
    await work(client);
  } finally {
    await client.close();
  }
}
async function list(io, client, flags) {
  const items = [];
  let next;
  do {
    const limit = String(Math.min(PAGE, flags.limit - items.length));
    const page = await client.get(pathOf(flags.namespace, "deadletters"), {
      ...selection(flags),
      limit,
      continue: next
    });
    items.push(...page.items);
    next = page.metadata.continue;
  } while (next !== void 0 && items.length < flags.limit && !io.interrupted.aborted);
  if (flags.output === "json") {
    io.out(json({ apiVersion: "afflux.dev/v1alpha1", kind: "DeadLetterList", items }));
    return;
  }
  if (items.length === 0) io.err("no dead letters\n");
  else io.out(textTable(["NAME", "TYPE", "ID", "REASON", "ATTEMPTS", "TIME"], items.map(rowOf)));
  if (next !== void 0) io.err("there may be more: raise --limit, or narrow the selection\n");
}
function rowOf({ metadata, spec, status }) {
  return [
    metadata.name,
    shown(spec.event["type"]),
    shown(spec.event["id"]),
    reasonOf(status),
    String(status.attempts),
    metadata.creationTimestamp
  ];
}
function reasonOf({ reason, code, stage }) {
  const where = stage === "subscriber" ? "" : ` of ${stage}`;
  return printable(reason === "status" ? `status ${String(code)}${where}` : `${reason}${where}`);
}
function letterText({ metadata, spec, status }) {
  const { data, data_base64: base64, ...attributes } = spec.event;
  const fields = [
    ["name", metadata.name],
    ...Object.entries(metadata.labels).map(([label, value]) => [
      label.slice(label.indexOf("/") + 1),
      value
    ]),
    ["reason", reasonOf(status)],
    ["address", status.destination],
    ["attempts", `${String(status.attempts)}, the last at ${status.lastAttemptTime}`],
    ["response", Buffer.from(status.response, "base64").toString("utf8")],
    ["stored", metadata.creationTimestamp],
    ...Object.entries(attributes).map(([name, value]) => [
      `ce ${name}`,
      shown(value)
    ])
  ];
  const lines = fields.filter(([, value]) => value !== "").map(([name, value]) => `${`${name}:`.padEnd(16)} ${printable(value)}
`);
  const cut = spec.dataTruncated === true ? `, only its start is shown` : "";
  const size = `${"data:".padEnd(16)} ${String(spec.dataBytes)} bytes${cut}
`;
  return `${lines.join("")}${size}${dataText(data, base64)}`;
}
function dataText(data, base64) {
  if (typeof base64 === "string") return `  (base64) ${base64}
`;
  if (data === void 0) return "";
  return `  ${typeof data === "string" ? printable(data) : JSON.stringify(data)}
`;
}
async function redriveNamed(io, client, { names, flags }) {
  await eachNamed(names, async (name) => {
    const path = pathOf(flags.namespace, "deadletters", name);
    if (flags.dryRun) await client.get(path);
    else await client.post(`${path}/redrive`);
    io.out(`${flags.dryRun ? "would redrive" : "redriven"} ${name}
`);
  });
}
async function redriveSelected(io, client, flags) {
  const { broker, channel, trigger, subscription, filter, rate, dryRun } = flags;
  const job = await client.post(pathOf(flags.namespace, "redrives"), {
    apiVersion: "afflux.dev/v1alpha1",
    kind: "Redrive",
    spec: { broker, channel, trigger, subscription, filter, rate, dryRun }
  });
  const progress = ({ scanned, matched, redriven = 0 }) => `${String(redriven)} of ${String(matched)} redriven, ${String(scanned)} looked at`;
  const status = await watchJob(io, { client, resource: "redrives", job, progress });
  io.out(
    dryRun ? `would redrive ${String(status.matched)} of ${String(status.scanned)} dead letter(s)
` : `redriven ${String(status.redriven ?? 0)} of ${String(status.scanned)} dead letter(s)
`
  );
}
async function dropNamed(io, client, { names, flags }) {
  await eachNamed(names, async (name) => {
    const path = pathOf(flags.namespace, "deadletters", name);
    if (flags.dryRun) await client.get(path);
    else await client.delete(path);
    io.out(`${flags.dryRun ? "would drop" : "dropped"} ${name}
`);
  });
}
async function dropSelected(io, client, flags) {
  let dropped = 0;
  let next;
  do {
    const answer = await client.delete(pathOf(flags.namespace, "deadletters"), {
      ...selection(flags),
      continue: next,
      ...flags.dryRun ? { dryRun: "All" } : {}
    });
    dropped += answer.details.dropped;
    next = answer.metadata.continue;
    if (io.interrupted.aborted) throw failed(`stopped; until then: ${String(dropped)} dropped`);
  } while (next !== void 0);
  io.out(`${flags.dryRun ? "would drop" : "dropped"} ${String(dropped)} dead letter(s)
`);
}
async function eachNamed(names, work) {
  const problems = [];
  for (const name of names) {
    try {
      await work(name);
    } catch (error) {
      problems.push(error instanceof Error ? error.message : String(error));
    }
  }
  if (problems.length > 0) throw failed(problems.join("\n").replaceAll(/^error: /gm, ""));
}
function selection(flags) {
  const terms = Object.entries(LABELS).flatMap(([flag, label]) => {
    const value = flags[flag];
    return value === void 0 ? [] : [`${label}=${value}`];
  });
  return { labelSelector: terms.length === 0 ? void 0 : terms.join(","), filter: flags.filter };
}
function shown(value) {
  return printable(typeof value === "string" ? value : JSON.stringify(value));
}
function json(value) {
  return `${JSON.stringify(value, void 0, 2)}
`;
}
export {
  dlqCommand
};
