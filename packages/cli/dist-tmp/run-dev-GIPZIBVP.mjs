import { createRequire as createRequireOfBundle } from 'node:module';const require = createRequireOfBundle(import.meta.url);
import {
  createAfflux,
  issueText
} from "./chunk-26OQPORM.mjs";
import "./chunk-HYBGQZ4T.mjs";
import "./chunk-UTSDURX2.mjs";
import "./chunk-QQUSOQ2O.mjs";
import "./chunk-5MWQ64NP.mjs";
import "./chunk-VF65DHRR.mjs";
import "./chunk-CPL45277.mjs";
import "./chunk-YZGW35GG.mjs";
import "./chunk-L3ZXLJED.mjs";
import "./chunk-QUSRWZCH.mjs";
import "./chunk-C4YO6LH5.mjs";
import "./chunk-ZKZDKWPE.mjs";
import "./chunk-EX44SRZ5.mjs";

// packages/cli/src/run-dev.ts
import { resolve } from "node:path";

// packages/cli/src/object-table.ts
var HEADER = ["KIND", "NAME", "READY", "REASON", "URL"];
function objectTable(objects) {
  const rows = objects.map((object) => [
    object.kind,
    `${object.namespace}/${object.name}`,
    object.ready,
    object.reason,
    object.url
  ]);
  const widths = HEADER.map(
    (title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0))
  );
  const line = (cells) => cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ").trimEnd();
  const lines = [line(HEADER)];
  for (const [index, row] of rows.entries()) {
    lines.push(line(row));
    const object = objects[index];
    if (object !== void 0 && object.ready !== "True" && object.message !== "") {
      lines.push(`  ${object.message}`);
    }
  }
  return `${lines.join("\n")}
`;
}

// packages/cli/src/run-dev.ts
async function runDev(io, options) {
  let hadIssues = false;
  const afflux = createAfflux({
    ...options.config,
    onSync: (report, running) => {
      showSync(io, report, running);
      if (hadIssues && report.issues.length === 0) io.out("no mistakes left in the manifests\n");
      hadIssues = report.issues.length > 0;
    }
  });
  try {
    await afflux.start(io.interrupted);
  } catch (error) {
    await afflux.close();
    if (io.interrupted.aborted) return;
    throw error;
  }
  const objects = afflux.objects();
  if (objects.length > 0) io.out(objectTable(objects));
  io.out(channelLine(options.config));
  io.out(`ready  events ${afflux.url}  control ${afflux.controlUrl}
`);
  if (options.afterReady !== void 0) io.out(options.afterReady(afflux));
  await interrupted(io);
  await stop(io, afflux);
}
function channelLine({ dataDir, channel }) {
  const type = channel?.type ?? (dataDir === void 0 ? "memory" : "durable");
  const where = {
    memory: "",
    durable: `brokers and channels are durable: events are kept in ${resolve(dataDir ?? "")}`,
    kafka: `brokers and channels stand on Kafka at ${channel?.kafka?.bootstrapServers ?? ""}`,
    rabbitmq: "brokers and channels stand on RabbitMQ"
  };
  return type === "memory" ? "" : `${where[type]}, unless they say otherwise
`;
}
function interrupted(io) {
  return new Promise((done) => {
    if (io.interrupted.aborted) done();
    io.interrupted.addEventListener("abort", () => {
      done();
    });
  });
}
async function stop(io, afflux) {
  io.err("stopping: delivering what was accepted (once more to stop at once)\n");
  const { left, kept } = await afflux.close();
  if (kept.length > 0) {
    io.err(`kept for the next start: ${String(total(kept))} event(s)
${each(kept)}`);
  }
  if (left.length > 0) {
    io.err(
      `stopped: ${String(total(left))} event(s) were accepted and could not be delivered:
${each(left)}`
    );
  } else {
    io.err(
      kept.length > 0 ? "stopped: nothing is lost\n" : "stopped: everything accepted was delivered\n"
    );
  }
}
function total(entries) {
  return entries.reduce((sum, { events }) => sum + events, 0);
}
function each(entries) {
  return entries.map(({ subscription, events }) => `  ${subscription}: ${String(events)}
`).join("");
}
function showSync(io, report, running) {
  for (const issue of report.issues) io.err(`error: ${issueText(issue, process.cwd())}
`);
  if (running.state !== "running") return;
  const changed = new Set(
    report.applied.map((object) => `${object.kind}/${object.namespace}/${object.name}`)
  );
  const shown = running.objects().filter((object) => changed.has(`${object.kind}/${object.namespace}/${object.name}`));
  if (shown.length > 0) io.out(`applied
${objectTable(shown)}`);
  for (const object of report.removed) {
    io.out(`removed ${object.kind} ${object.namespace}/${object.name}
`);
  }
}
export {
  runDev
};
