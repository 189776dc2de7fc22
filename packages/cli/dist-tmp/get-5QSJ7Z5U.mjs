import { createRequire as createRequireOfBundle } from 'node:module';const require = createRequireOfBundle(import.meta.url);
import {
  Failures,
  TABLE_TABS,
  alignTabs,
  asStatus,
  checkSelection,
  escaped,
  failedWith,
  goText,
  groupOf,
  humanDuration,
  isAborted,
  isConnectionLost,
  isExpired,
  isNotFound,
  isRecord,
  kindWord,
  linesOf,
  listPath,
  objectWord,
  parseResourceArguments,
  pathOfObject,
  readObject,
  readObjects,
  readPages,
  resolveAll,
  selectionQuery,
  statusError,
  withSession,
  withoutManagedFields
} from "./chunk-ZGR2LGUD.mjs";
import "./chunk-P4PFLBCY.mjs";
import "./chunk-NBWTCS4Q.mjs";
import "./chunk-HYBGQZ4T.mjs";
import "./chunk-5MWQ64NP.mjs";
import "./chunk-VF65DHRR.mjs";
import "./chunk-CPL45277.mjs";
import {
  usageError
} from "./chunk-HIHBXSAK.mjs";
import {
  require_dist
} from "./chunk-YZGW35GG.mjs";
import "./chunk-C4YO6LH5.mjs";
import "./chunk-ZKZDKWPE.mjs";
import {
  __toESM
} from "./chunk-EX44SRZ5.mjs";

// packages/cli/src/kubernetes/table.ts
var TABLE_ACCEPT = [
  "application/json;as=Table;v=v1;g=meta.k8s.io",
  "application/json;as=Table;v=v1beta1;g=meta.k8s.io",
  "application/json"
].join(",");
function readTable(answer, nowMs) {
  const content = isRecord(answer) ? answer : {};
  const metadata = isRecord(content["metadata"]) ? content["metadata"] : {};
  const version = metadata["resourceVersion"];
  const frame = { resourceVersion: typeof version === "string" ? version : "" };
  if (content["kind"] === "Table") {
    return {
      ...frame,
      columns: content["columnDefinitions"] ?? [],
      rows: content["rows"] ?? []
    };
  }
  const items = Array.isArray(content["items"]) ? content["items"] : [answer];
  return { ...frame, columns: PLAIN_COLUMNS, rows: items.map((item) => plainRow(item, nowMs)) };
}
var PLAIN_COLUMNS = [
  { name: "Name", type: "string", format: "name" },
  { name: "Age", type: "string" }
];
function plainRow(item, nowMs) {
  const object = item;
  const created = object.metadata;
  const age = created.creationTimestamp === void 0 ? "<unknown>" : humanDuration(nowMs - Date.parse(created.creationTimestamp));
  return { cells: [object.metadata.name ?? "", age], object };
}
function tableLines(columns, rows, style) {
  if (rows.length === 0) return "";
  const shown2 = columns.map((column, index) => ({ column, index })).filter(({ column }) => style.isWide || (column.priority ?? 0) === 0);
  const header = [
    ...style.withNamespace ? ["Namespace"] : [],
    ...shown2.map(({ column }) => column.name),
    ...style.labelColumns.map((label) => label.slice(label.lastIndexOf("/") + 1)),
    ...style.showLabels ? ["Labels"] : []
  ].map((name) => name.toUpperCase());
  const nameIndex = columns.findIndex(({ type, format }) => type === "string" && format === "name");
  const lines = rows.map((row) => {
    const metadata = row.object?.metadata ?? {};
    return [
      ...style.withNamespace ? [metadata.namespace ?? ""] : [],
      ...shown2.map(({ index }) => {
        const text = cellText(row.cells[index]);
        return index === nameIndex && style.kind !== void 0 ? `${kindWord(style.kind)}/${text}` : text;
      }),
      ...style.labelColumns.map((label) => cellText(metadata.labels?.[label] ?? "")),
      ...style.showLabels ? [labelsText(metadata.labels)] : []
    ];
  });
  return [...style.hasHeaders ? [header] : [], ...lines].map((cells) => `${cells.join("	")}
`).join("");
}
function cellText(cell) {
  if (cell === null || cell === void 0) return "";
  if (typeof cell === "object") return escaped(JSON.stringify(cell));
  const text = typeof cell === "string" ? cell : String(cell);
  const [line = ""] = text.split(/[\f\n\r]/, 1);
  return `${escaped(line.replaceAll("	", " "))}${line.length < text.length ? "..." : ""}`;
}
function labelsText(labels = {}) {
  const pairs = Object.keys(labels).sort().map((key) => `${key}=${labels[key] ?? ""}`);
  return pairs.length === 0 ? "<none>" : pairs.join(",");
}

// packages/cli/src/kubernetes/get-tables.ts
function styleOf(flags, format) {
  return {
    isWide: format.isWide,
    hasHeaders: flags.headers,
    withNamespace: false,
    showLabels: flags.showLabels,
    labelColumns: flags.labelColumns
  };
}
async function listTables(session, resource, scope) {
  const pages = await readPages(session, resource, {
    scope,
    accept: TABLE_ACCEPT,
    size: ({ rows, items }) => (rows ?? items ?? []).length
  });
  return pages.map((page) => readTable(page, session.io.clock.now()));
}
function tableText(tables, style, remembered = []) {
  const columns = tables.find((table) => table.columns.length > 0)?.columns ?? [];
  const rows = tables.flatMap((table) => table.rows);
  return alignTabs(tableLines(columns, rows, style), TABLE_TABS, remembered);
}

// packages/cli/src/kubernetes/json-path.ts
var TEMPLATE_LENGTH_MAX = 1e4;
function parseJsonPath(template) {
  if (template.length > TEMPLATE_LENGTH_MAX) {
    throw usageError(`a jsonpath may have ${String(TEMPLATE_LENGTH_MAX)} characters`);
  }
  return readParts(new Reader(template), false);
}
function parsePath(text) {
  const inner = text.startsWith("{") && text.endsWith("}") ? text.slice(1, -1) : text;
  const path = /^[.[$@]/.test(inner) ? inner : `.${inner}`;
  return parseJsonPath(`{${path}}`);
}
function jsonPathText(path, value) {
  return path.map((part) => partText(part, value)).join("");
}
function jsonPathValues(path, value) {
  return path.flatMap((part) => part.is === "path" ? walk(part.steps, value) : []);
}
function partText(part, value) {
  switch (part.is) {
    case "text":
      return part.text;
    case "path":
      return walk(part.steps, value).map(shown).join(" ");
    case "range":
      return walk(part.steps, value).map((item) => part.parts.map((inner) => partText(inner, item)).join("")).join("");
  }
}
function shown(value) {
  if (typeof value === "string") return value;
  return value === void 0 || value === null ? "" : goJson(value);
}
function goJson(value, indent) {
  return JSON.stringify(sorted(value), void 0, indent).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`
  );
}
function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1);
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]));
}
function walk(steps, start) {
  let values = [start];
  for (const step of steps) values = values.flatMap((value) => take(step, value));
  return values;
}
function take(step, value) {
  switch (step.do) {
    case "field":
      return isRecord2(value) && Object.hasOwn(value, step.name) ? [value[step.name]] : [];
    case "index":
      return takeIndex(step.index, value);
    case "slice":
      return Array.isArray(value) ? value.slice(step.from, step.to) : [];
    case "all":
      if (Array.isArray(value)) return value;
      return isRecord2(value) ? Object.values(sorted(value)) : [];
    case "filter":
      return Array.isArray(value) ? value.filter((item) => passes(step, item)) : [];
  }
}
function takeIndex(index, value) {
  if (!Array.isArray(value)) return [];
  const at = index < 0 ? value.length + index : index;
  if (at in value) return [value[at]];
  throw usageError(
    `jsonpath: array index out of bounds: index ${String(index)}, length ${String(value.length)}`
  );
}
function passes({ path, test }, item) {
  const values = walk(path, item);
  if (test === void 0) return values.length > 0;
  const [left] = values;
  return values.length > 0 && compare(left, test);
}
function compare(left, { operator, value: right }) {
  if (operator === "==") return left === right;
  if (operator === "!=") return left !== right;
  const isOrdered = typeof left === "number" && typeof right === "number" || typeof left === "string" && typeof right === "string";
  if (!isOrdered) return false;
  switch (operator) {
    case "<":
      return left < right;
    case "<=":
      return left <= right;
    case ">":
      return left > right;
    case ">=":
      return left >= right;
  }
}
function isRecord2(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
var Reader = class {
  template;
  position = 0;
  constructor(template) {
    this.template = template;
  }
  get isAtEnd() {
    return this.position >= this.template.length;
  }
  /** What the pattern, which must be sticky, finds here; the place moves behind it. */
  match(pattern) {
    pattern.lastIndex = this.position;
    const found = pattern.exec(this.template);
    if (found === null) return void 0;
    this.position = pattern.lastIndex;
    return found;
  }
  refuse(what) {
    return usageError(
      `jsonpath ${JSON.stringify(this.template)}: ${what} at character ${String(this.position + 1)}`
    );
  }
};
function readParts(reader, isInRange) {
  const parts = [];
  while (!reader.isAtEnd) {
    const text = reader.match(/[^{]+/y);
    if (text !== void 0) parts.push({ is: "text", text: text[0] });
    if (reader.match(/\{\s*/y) === void 0) continue;
    if (reader.match(/end\s*\}/y) !== void 0) {
      if (isInRange) return parts;
      throw reader.refuse("{end} without {range}");
    }
    if (reader.match(/range\s+/y) === void 0) {
      parts.push(...readAction(reader));
      continue;
    }
    const steps = readSteps(reader);
    close(reader);
    parts.push({ is: "range", steps, parts: readParts(reader, true) });
  }
  if (isInRange) throw reader.refuse("{range} without {end}");
  return parts;
}
function readAction(reader) {
  const parts = [];
  while (reader.match(/\s*\}/y) === void 0) {
    reader.match(/\s+/y);
    const text = readText(reader);
    if (text !== void 0) parts.push({ is: "text", text });
    else parts.push({ is: "path", steps: readSteps(reader) });
  }
  return parts;
}
function close(reader) {
  if (reader.match(/\s*\}/y) === void 0) throw reader.refuse("expected }");
}
var ESCAPES = { n: "\n", t: "	", r: "\r" };
function readText(reader) {
  const quoted = reader.match(/"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'/sy);
  const inner = quoted?.[1] ?? quoted?.[2];
  return inner?.replace(/\\(.)/gs, (_, character) => ESCAPES[character] ?? character);
}
function readSteps(reader) {
  const steps = [];
  const start = reader.match(/[$@]/y);
  for (let step = readStep(reader); step !== void 0; step = readStep(reader)) steps.push(step);
  if (steps.length > 0 || start !== void 0) return steps;
  if (reader.match(/\./y) !== void 0) return [];
  throw reader.refuse(reader.isAtEnd ? "unclosed {" : "expected a path such as .metadata.name");
}
function readStep(reader) {
  if (reader.match(/\.\./y) !== void 0) {
    throw reader.refuse("recursive descent (..) is not supported");
  }
  if (reader.match(/\.?\[/y) !== void 0) return readBracket(reader);
  if (reader.match(/\.\*/y) !== void 0) return { do: "all" };
  const field = reader.match(/\.((?:[^\s.[\]{}()'"\\,=!<>$@*|&]|\\.)+)/y);
  const name = field?.[1]?.replace(/\\(.)/g, "$1");
  return name === void 0 ? void 0 : { do: "field", name };
}
function readBracket(reader) {
  const step = readInBracket(reader);
  if (reader.match(/\s*\]/y) !== void 0) return step;
  throw reader.refuse(
    reader.match(/\s*,/y) === void 0 ? "expected ]" : "several in [ ] are not supported"
  );
}
function readInBracket(reader) {
  if (reader.match(/\s*\?\(\s*/y) !== void 0) return readFilter(reader);
  if (reader.match(/\s*\*/y) !== void 0) return { do: "all" };
  const name = readText(reader);
  if (name !== void 0) return { do: "field", name };
  const slice = reader.match(/\s*(-?\d+)?\s*:\s*(-?\d+)?/y);
  if (slice !== void 0) {
    const number = (text) => text === void 0 ? void 0 : Number(text);
    return { do: "slice", from: number(slice[1]), to: number(slice[2]) };
  }
  const index = reader.match(/\s*(-?\d+)/y);
  if (index !== void 0) return { do: "index", index: Number(index[1]) };
  throw reader.refuse("expected an index, a name in quotes, * or ?( )");
}
function readFilter(reader) {
  if (reader.match(/@/y) === void 0) throw reader.refuse("a filter begins with @");
  reader.position -= 1;
  const path = readSteps(reader);
  const operator = reader.match(/\s*(==|!=|<=|>=|<|>)\s*/y)?.[1];
  const test = operator === void 0 ? void 0 : { operator, value: readLiteral(reader) };
  if (reader.match(/\s*\)/y) === void 0) {
    throw reader.refuse("a filter compares one field with one value");
  }
  return { do: "filter", path, test };
}
function readLiteral(reader) {
  const text = readText(reader);
  if (text !== void 0) return text;
  const word = reader.match(/-?\d+(\.\d+)?|true|false|null/y)?.[0];
  if (word === void 0) throw reader.refuse("expected a text in quotes, a number, true or false");
  return JSON.parse(word);
}

// packages/cli/src/kubernetes/yaml-text.ts
var import_yaml = __toESM(require_dist(), 1);
var LINE_WIDTH = 80;
var SWITCH = /^(y|n|yes|no|on|off|true|false|null|~)?$/i;
var NUMBER = /^[-+]?(\.?\d[\d_]*(\.[\d_]*)?(e[-+]?\d+)?|0x[\da-f_]+|0o?[0-7_]+|0b[01_]+|\d[\d_]*(:[0-5]?\d)+(\.\d*)?|\.inf)$|^\.nan$/i;
var TIME = /^\d{4}-\d{1,2}-\d{1,2}([Tt\s].*)?$/;
var ESCAPED = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/;
function yamlText(value) {
  const document2 = new import_yaml.Document(sorted(value), { version: "1.1", aliasDuplicateObjects: false });
  document2.directives = void 0;
  (0, import_yaml.visit)(document2, {
    Scalar: (_, node) => {
      if (typeof node.value === "string" && needsDoubleQuotes(node.value)) {
        node.type = "QUOTE_DOUBLE";
      }
    }
  });
  return document2.toString({ indentSeq: false, lineWidth: LINE_WIDTH, singleQuote: true });
}
function needsDoubleQuotes(text) {
  return SWITCH.test(text) || NUMBER.test(text) || TIME.test(text) || ESCAPED.test(text);
}

// packages/cli/src/kubernetes/printing.ts
function objectsText(format, objects, options) {
  switch (format.as) {
    case "name":
      return objects.map(nameLine).join("");
    case "json":
      return `${goJson(document(objects, options), 4)}
`;
    case "yaml":
      return yamlText(document(objects, options));
    case "jsonpath":
      return templateText(format.path, objects, options);
    case "columns":
      return columnsText(format.columns, objects, options);
  }
}
function nameLine({ apiVersion, kind, metadata }) {
  return `${objectWord({ kind, group: groupOf(apiVersion) }, metadata.name ?? "")}
`;
}
function document(objects, options) {
  const shown2 = options.showManagedFields ? objects : objects.map(withoutManagedFields);
  const [only] = shown2;
  return options.isSingle && only !== void 0 ? only : { apiVersion: "v1", items: shown2, kind: "List", metadata: { resourceVersion: "" } };
}
function templateText(path, objects, options) {
  return jsonPathText(path, document(objects, { ...options, showManagedFields: true }));
}
function columnsText(columns, objects, { hasHeaders }) {
  const header = columns.map(({ title }) => title);
  const rows = objects.map(
    (object) => columns.map(({ path }) => {
      const values = jsonPathValues(path, object);
      return values.length === 0 ? "<none>" : escaped(values.map(goText).join(","));
    })
  );
  const lines = [...hasHeaders ? [header] : [], ...rows];
  return alignTabs(lines.map((cells) => `${cells.join("	")}
`).join(""), TABLE_TABS);
}

// packages/cli/src/kubernetes/watching.ts
var WATCH_SECONDS = 300;
var RESTARTS_MAX = 5;
var RESTART_MS = 1e3;
async function* watchEvents(session, resource, request) {
  let { resourceVersion } = request;
  let broken = 0;
  for (; ; ) {
    let isSilent = true;
    try {
      for await (const event of oneWatch(session, resource, { ...request, resourceVersion })) {
        broken = 0;
        isSilent = false;
        resourceVersion = request.versionOf(event.object) ?? resourceVersion;
        if (event.type !== "BOOKMARK") yield event;
      }
    } catch (error) {
      if (!isConnectionLost(error)) throw error;
      broken += 1;
      if (broken > RESTARTS_MAX) throw error;
    }
    if (isSilent)
      await session.io.clock.sleep(RESTART_MS, request.signal ?? session.io.interrupted);
  }
}
async function* oneWatch(session, resource, { scope, resourceVersion, accept, signal }) {
  const stream = await session.stream({
    path: listPath(resource, scope),
    query: {
      ...selectionQuery(scope),
      watch: true,
      allowWatchBookmarks: true,
      resourceVersion,
      timeoutSeconds: WATCH_SECONDS
    },
    ...accept === void 0 ? {} : { headers: { accept } },
    ...signal === void 0 ? {} : { signal }
  });
  try {
    for await (const line of linesOf(stream.chunks)) {
      if (line.trim() !== "") yield eventOf(line);
    }
  } finally {
    stream.cancel();
  }
}
function eventOf(line) {
  let value;
  try {
    value = JSON.parse(line);
  } catch {
    throw failedWith("error: the server sent something on a watch that is no JSON");
  }
  const { type, object } = isRecord(value) ? value : {};
  switch (type) {
    case "ADDED":
    case "MODIFIED":
    case "DELETED":
    case "BOOKMARK":
      return { type, object };
    default:
      throw statusError(asStatus(object) ?? { kind: "Status" });
  }
}
function objectVersion(object) {
  const metadata = isRecord(object) && isRecord(object["metadata"]) ? object["metadata"] : {};
  const version = metadata["resourceVersion"];
  return typeof version === "string" && version !== "" ? version : void 0;
}

// packages/cli/src/kubernetes/get-watch.ts
async function watchAndPrint(session, wanted, watching) {
  const { name, resource } = wanted;
  const { scope } = watching;
  if (name !== void 0) await readObject(session, resource, { namespace: scope.namespace, name });
  const fieldSelector = name === void 0 ? scope.fieldSelector : `metadata.name=${name}`;
  const following = { ...watching, scope: { ...scope, fieldSelector } };
  try {
    for (; ; ) {
      try {
        await (watching.format.as === "table" ? followTable(session, wanted, following) : followObjects(session, wanted, following));
      } catch (error) {
        if (!isExpired(error)) throw error;
      }
    }
  } catch (error) {
    if (!isAborted(error) || !session.io.interrupted.aborted) throw error;
  }
}
async function followTable(session, { resource }, { scope, format, flags }) {
  if (format.as !== "table") return;
  const tables = await listTables(session, resource, scope);
  const widths = [];
  let columns = tables[0]?.columns ?? [];
  let hasHeaders = flags.headers;
  const print = (shown2) => {
    const text = tableText(
      shown2,
      {
        ...styleOf(flags, format),
        hasHeaders,
        withNamespace: scope.allNamespaces === true && resource.namespaced,
        kind: void 0
      },
      widths
    );
    if (text !== "") hasHeaders = false;
    session.io.out(text);
  };
  print(tables);
  const resourceVersion = tables.at(-1)?.resourceVersion ?? "";
  for await (const { object } of watchEvents(session, resource, {
    scope,
    resourceVersion,
    accept: TABLE_ACCEPT,
    versionOf: tableVersion
  })) {
    const table = readTable(object, session.io.clock.now());
    if (table.columns.length > 0) ({ columns } = table);
    print([{ ...table, columns }]);
  }
}
function tableVersion(object) {
  const table = readTable(object, 0);
  const ofRow = table.rows[0]?.object?.metadata?.resourceVersion;
  const version = ofRow ?? table.resourceVersion;
  return version === "" ? void 0 : version;
}
async function followObjects(session, { resource }, { scope, format, flags }) {
  if (format.as === "table") return;
  const { items, resourceVersion } = await readObjects(session, resource, scope);
  let hasHeaders = flags.headers;
  const print = (object) => {
    const { showManagedFields } = flags;
    const text = objectsText(format, [object], { isSingle: true, showManagedFields, hasHeaders });
    hasHeaders = false;
    session.io.out(format.as === "yaml" ? `---
${text}` : text);
  };
  for (const item of items) print(item);
  for await (const { object } of watchEvents(session, resource, {
    scope,
    resourceVersion,
    versionOf: objectVersion
  })) {
    print(object);
  }
}

// packages/cli/src/kubernetes/output-format.ts
function parseOutputFormat(text) {
  const [form = "", ...rest] = (text ?? "").split("=");
  const template = rest.join("=");
  switch (form) {
    case "":
      return { as: "table", isWide: false };
    case "wide":
      return { as: "table", isWide: true };
    case "name":
    case "json":
    case "yaml":
      return { as: form };
    case "jsonpath":
      if (template === "")
        throw failedWith("error: template format specified but no template given");
      return { as: "jsonpath", path: parseJsonPath(template) };
    case "custom-columns":
      return { as: "columns", columns: template.split(",").map(parseColumn) };
    default:
      throw failedWith(
        `error: unable to match a printer suitable for the output format "${form}", allowed formats are: custom-columns,json,jsonpath,name,wide,yaml`
      );
  }
}
function parseColumn(text) {
  const colon = text.indexOf(":");
  if (colon <= 0 || colon === text.length - 1) {
    throw failedWith(
      `error: unexpected custom-columns spec: ${text}, expected <header>:<json-path-expr>`
    );
  }
  return { title: text.slice(0, colon), path: parsePath(text.slice(colon + 1)) };
}

// packages/cli/src/kubernetes/get.ts
async function get(io, { args, flags }) {
  const asked = parseResourceArguments(args);
  if (asked.length === 0) {
    throw failedWith(
      "error: Required resource not specified: name a type such as brokers, triggers or all"
    );
  }
  checkSelection(asked, flags);
  const format = parseOutputFormat(flags.output);
  await withSession(io, flags, async (session) => {
    const wanted = await resolveAll(session, asked);
    const scope = { ...flags, namespace: session.namespace };
    if (flags.watch) {
      const [only] = wanted;
      if (wanted.length !== 1 || only === void 0) {
        throw failedWith("error: you may only specify a single resource type");
      }
      await watchAndPrint(session, only, { scope, format, flags });
      return;
    }
    const failures = new Failures();
    if (format.as === "table") {
      const style = { ...styleOf(flags, format), kind: void 0 };
      await printTables(session, wanted, { scope, style, flags, failures });
    } else {
      const objects = await readAll(session, wanted, { scope, flags, failures });
      const isSingle = wanted.length === 1 && wanted[0]?.name !== void 0;
      if (objects.length > 0 || failures.count === 0 && !isSingle) {
        const { showManagedFields, headers: hasHeaders } = flags;
        io.out(objectsText(format, objects, { isSingle, showManagedFields, hasHeaders }));
      }
    }
    failures.end();
  });
}
async function printTables(session, wanted, { scope, style, flags, failures }) {
  const kinds = new Set(wanted.map(({ resource }) => idOf(resource)));
  let hasPrinted = false;
  for (const group of runs(wanted)) {
    const tables = await readTables(session, group, { scope, flags, failures });
    const { resource } = group[0];
    const text = tableText(tables, {
      ...style,
      withNamespace: scope.allNamespaces === true && resource.namespaced,
      kind: kinds.size > 1 ? resource : void 0
    });
    if (text === "") continue;
    session.io.out(`${hasPrinted && style.hasHeaders ? "\n" : ""}${text}`);
    hasPrinted = true;
  }
  if (hasPrinted || failures.count > 0 || flags.ignoreNotFound) return;
  session.io.err(
    scope.allNamespaces === true || !wanted.some(({ resource }) => resource.namespaced) ? "No resources found\n" : `No resources found in ${scope.namespace} namespace.
`
  );
}
function idOf({ plural, apiVersion }) {
  return `${plural}.${apiVersion}`;
}
function runs(wanted) {
  const groups = [];
  for (const one of wanted) {
    const last = groups.at(-1);
    const lastResource = last?.[0]?.resource;
    if (lastResource !== void 0 && idOf(lastResource) === idOf(one.resource)) last?.push(one);
    else groups.push([one]);
  }
  return groups;
}
async function readTables(session, wanted, { scope, flags, failures }) {
  const tables = [];
  for (const { resource, name } of wanted) {
    try {
      if (name === void 0) {
        tables.push(...await listTables(session, resource, scope));
      } else {
        const path = pathOfObject(resource, scope.namespace, name);
        const headers = { accept: TABLE_ACCEPT };
        const answer = await session.json({ method: "GET", path, headers });
        tables.push(readTable(answer, session.io.clock.now()));
      }
    } catch (error) {
      if (!(flags.ignoreNotFound && isNotFound(error))) failures.add(error);
    }
  }
  return tables;
}
async function readAll(session, wanted, { scope, flags, failures }) {
  const objects = [];
  for (const { resource, name } of wanted) {
    try {
      if (name === void 0) {
        objects.push(...(await readObjects(session, resource, scope)).items);
      } else {
        const { namespace } = scope;
        objects.push(await readObject(session, resource, { namespace, name }));
      }
    } catch (error) {
      if (!(flags.ignoreNotFound && isNotFound(error))) failures.add(error);
    }
  }
  return objects;
}
export {
  get
};
