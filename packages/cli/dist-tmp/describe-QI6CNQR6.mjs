import { createRequire as createRequireOfBundle } from 'node:module';const require = createRequireOfBundle(import.meta.url);
import {
  DESCRIPTION_TABS,
  Failures,
  alignTabs,
  checkSelection,
  escaped,
  failedWith,
  goText,
  humanDuration,
  isNotFound,
  isRecord,
  parseResourceArguments,
  readObject,
  readObjects,
  resolveAll,
  withSession
} from "./chunk-D2636KBV.mjs";
import "./chunk-P4PFLBCY.mjs";
import "./chunk-NBWTCS4Q.mjs";
import "./chunk-HYBGQZ4T.mjs";
import "./chunk-5MWQ64NP.mjs";
import "./chunk-VF65DHRR.mjs";
import "./chunk-CPL45277.mjs";
import "./chunk-HIHBXSAK.mjs";
import "./chunk-YZGW35GG.mjs";
import "./chunk-C4YO6LH5.mjs";
import "./chunk-ZKZDKWPE.mjs";
import "./chunk-EX44SRZ5.mjs";

// packages/cli/src/kubernetes/describe-text.ts
var ANNOTATION_LENGTH_MAX = 140;
var METADATA_SKIPPED = /* @__PURE__ */ new Set([
  "managedFields",
  "name",
  "namespace",
  "labels",
  "annotations"
]);
var LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";
function describeText(object, { events, nowMs }) {
  const { name = "", namespace = "", labels, annotations } = object.metadata;
  const lines = [
    `Name:	${name}`,
    `Namespace:	${namespace}`,
    ...labelLines(labels),
    ...annotationLines(annotations),
    ...contentLines(object, 0)
  ];
  if (events !== void 0) lines.push(`Events:${events.length === 0 ? "	<none>" : ""}`);
  return `${aligned(lines)}${events === void 0 ? "" : eventTable(events, nowMs)}`;
}
function aligned(lines) {
  return alignTabs(lines.map((line) => `${escaped(line)}
`).join(""), DESCRIPTION_TABS);
}
function labelLines(labels = {}) {
  const pairs = Object.keys(labels).sort().map((key) => `${key}=${labels[key] ?? ""}`);
  return titled("Labels:", pairs);
}
function annotationLines(annotations = {}) {
  const lines = Object.keys(annotations).filter((key) => key !== LAST_APPLIED).sort().flatMap((key) => {
    const value = (annotations[key] ?? "").replace(/\n$/, "");
    const isShort = value.length + key.length + 2 <= ANNOTATION_LENGTH_MAX;
    if (isShort && !value.includes("\n")) return [`${key}: ${value}`];
    return [`${key}:`, ...value.split("\n").map((line) => `  ${shortened(line)}`)];
  });
  return titled("Annotations:", lines);
}
function titled(title, lines) {
  const [first = "<none>", ...rest] = lines;
  return [`${title}	${first}`, ...rest.map((line) => `	${line}`)];
}
function shortened(line) {
  const max = ANNOTATION_LENGTH_MAX - 2;
  return line.length > max ? `${line.slice(0, max)}...` : line;
}
function contentLines(content, level, skipped) {
  const indent = "  ".repeat(level);
  return Object.keys(content).sort().filter((field) => skipped?.has(field) !== true).flatMap((field) => {
    const value = content[field];
    const title = `${indent}${titleOf(field)}:`;
    if (isRecord(value)) {
      const inMetadata = level === 0 && field === "metadata" ? METADATA_SKIPPED : void 0;
      return [title, ...contentLines(value, level + 1, inMetadata)];
    }
    if (Array.isArray(value)) return [title, ...itemLines(value, level + 1)];
    return [`${title}	${goText(value)}`];
  });
}
function itemLines(items, level) {
  return items.flatMap(
    (item) => isRecord(item) ? contentLines(item, level) : [`${"  ".repeat(level)}${goText(item)}`]
  );
}
var ACRONYMS = /* @__PURE__ */ new Set(["API", "URL", "UID", "OSB", "GUID"]);
function titleOf(field) {
  if (/[^\p{L}-]/u.test(field)) return field;
  const words = field.match(new RegExp("\\p{Lu}+(?!\\p{Ll})|\\p{Lu}?\\p{Ll}+|-+|\\p{L}+", "gu")) ?? [field];
  return words.map((word) => {
    const upper = word.toUpperCase();
    return ACRONYMS.has(upper) ? upper : word.charAt(0).toUpperCase() + word.slice(1);
  }).join(" ");
}
function eventTable(events, nowMs) {
  if (events.length === 0) return "";
  const lastSeen = (event) => event.lastTimestamp ?? "";
  const rows = [...events].sort((a, b) => lastSeen(a) < lastSeen(b) ? -1 : lastSeen(a) > lastSeen(b) ? 1 : 0).map(
    (event) => [
      event.type ?? "",
      event.reason ?? "",
      eventAge(event, nowMs),
      (event.source?.component ?? "") || (event.reportingComponent ?? ""),
      (event.message ?? "").trim()
    ].join("	")
  );
  const head = ["Type	Reason	Age	From	Message", "----	------	----	----	-------"];
  return aligned([...head, ...rows].map((line) => `  ${line}`));
}
function eventAge(event, nowMs) {
  const { series, count = 0, firstTimestamp, lastTimestamp, eventTime } = event;
  const first = since(eventTime ?? firstTimestamp, nowMs);
  if (series !== void 0) {
    return `${since(series.lastObservedTime, nowMs)} (x${String(series.count ?? 0)} over ${first})`;
  }
  return count > 1 ? `${since(lastTimestamp, nowMs)} (x${String(count)} over ${first})` : first;
}
function since(time, nowMs) {
  const atMs = Date.parse(time ?? "");
  return Number.isNaN(atMs) ? "<unknown>" : humanDuration(nowMs - atMs);
}

// packages/cli/src/kubernetes/describe.ts
async function describe(io, { args, flags }) {
  const asked = parseResourceArguments(args);
  if (asked.length === 0) throw failedWith("error: You must specify the type of resource to describe");
  checkSelection(asked, flags);
  await withSession(io, flags, async (session) => {
    const scope = { ...flags, namespace: session.namespace };
    const failures = new Failures();
    let count = 0;
    for (const wanted of await resolveAll(session, asked)) {
      try {
        for (const object of await objectsOf(session, wanted, scope)) {
          const events = flags.showEvents ? await eventsOf(session, object) : void 0;
          const text = describeText(object, { events, nowMs: io.clock.now() });
          io.out(`${count === 0 ? "" : "\n\n"}${text}`);
          count += 1;
        }
      } catch (error) {
        failures.add(error);
      }
    }
    if (count === 0 && failures.count === 0) {
      io.err(
        flags.allNamespaces ? "No resources found\n" : `No resources found in ${scope.namespace} namespace.
`
      );
    }
    failures.end();
  });
}
async function objectsOf(session, { resource, name }, scope) {
  if (name === void 0) return (await readObjects(session, resource, scope)).items;
  try {
    return [await readObject(session, resource, { namespace: scope.namespace, name })];
  } catch (error) {
    if (!isNotFound(error)) throw error;
    const similar = await beginningWith(session, { resource, name }, scope);
    if (similar.length === 0) throw error;
    return similar;
  }
}
async function beginningWith(session, { resource, name }, scope) {
  const { items } = await readObjects(session, resource, scope);
  return items.filter(({ metadata }) => metadata.name?.startsWith(name) === true);
}
async function eventsOf(session, { metadata }) {
  const { uid, namespace = "default" } = metadata;
  if (uid === void 0) return void 0;
  try {
    const resource = await session.resourceOf("v1", "Event");
    if (resource === void 0) return void 0;
    const fieldSelector = `involvedObject.uid=${uid}`;
    const { items } = await readObjects(session, resource, { namespace, fieldSelector });
    return items;
  } catch (error) {
    if (isForbidden(error)) return void 0;
    throw error;
  }
}
function isForbidden(error) {
  return error.reason === "Forbidden";
}
export {
  describe
};
