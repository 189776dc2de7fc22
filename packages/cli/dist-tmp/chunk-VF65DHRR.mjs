import { createRequire as createRequireOfBundle } from 'node:module';const require = createRequireOfBundle(import.meta.url);
import {
  validateFilter
} from "./chunk-CPL45277.mjs";
import {
  require_dist
} from "./chunk-YZGW35GG.mjs";
import {
  external_exports
} from "./chunk-C4YO6LH5.mjs";
import {
  AffluxError,
  parseBytes,
  parseDuration,
  parseIsoDuration
} from "./chunk-ZKZDKWPE.mjs";
import {
  __toESM
} from "./chunk-EX44SRZ5.mjs";

// packages/resources/src/annotations.ts
var BROKER_CLASS = "eventing.knative.dev/broker.class";
var MT_BROKER_CLASS = "MTChannelBasedBroker";
var KAFKA_BROKER_CLASS = "Kafka";
var KAFKA_NAMESPACED_BROKER_CLASS = "KafkaNamespaced";
var RABBITMQ_BROKER_CLASS = "RabbitMQBroker";
var KAFKA_EXTERNAL_TOPIC = "kafka.eventing.knative.dev/external.topic";
var KAFKA_DELIVERY_ORDER = "kafka.eventing.knative.dev/delivery.order";
var RABBITMQ_PARALLELISM = "rabbitmq.eventing.knative.dev/parallelism";
var KAFKA_STATUS = {
  topic: "default.topic",
  partitions: "default.topic.partitions",
  replicationFactor: "default.topic.replication.factor",
  bootstrapServers: "bootstrap.servers",
  authSecret: "auth.secret.ref.name",
  authSecretNamespace: "auth.secret.ref.namespace",
  /** Of a Trigger: its consumer group. */
  group: "group.id",
  /** Of a KafkaSink: whose the topic is. */
  topicOwner: "eventing.knative.dev/topic.owner"
};
var BROKER_LABEL = "eventing.knative.dev/broker";
var TRIGGER_LABEL = "eventing.knative.dev/trigger";
var SCOPE = "eventing.knative.dev/scope";
var ASYNC_HANDLER = "messaging.knative.dev/async-handler";
var SUBSCRIBABLE = "messaging.knative.dev/subscribable";
var DEPENDENCY = "knative.dev/dependency";
var INJECTION = "eventing.knative.dev/injection";
var NAMESPACE_NAME_LABEL = "kubernetes.io/metadata.name";
var BROKER_CHANNEL_STATUS = {
  address: "knative.dev/channelAddress",
  apiVersion: "knative.dev/channelAPIVersion",
  kind: "knative.dev/channelKind",
  name: "knative.dev/channelName",
  CACerts: "knative.dev/channelCACerts",
  audience: "knative.dev/channelAudience"
};
var AFFLUX_OVERFLOW = "afflux.dev/overflow";
var AFFLUX_REPLY_POLICY = "afflux.dev/reply-policy";
var AFFLUX_ORDER = "afflux.dev/delivery-order";
var AFFLUX_MAX_IN_FLIGHT = "afflux.dev/max-in-flight";
var AFFLUX_RATE = "afflux.dev/rate";
var AFFLUX_CIRCUIT_BREAKER = "afflux.dev/circuit-breaker";
var AFFLUX_QUEUE_EVENTS = "afflux.dev/queue-events";
var AFFLUX_QUEUE_BYTES = "afflux.dev/queue-bytes";
var AFFLUX_BACKOFF_MAX = "afflux.dev/backoff-max";
var AFFLUX_RETRY_AFTER_MAX = "afflux.dev/retry-after-max";
var AFFLUX_DEDUPLICATE = "afflux.dev/deduplicate";
var AFFLUX_INITIAL_OFFSET = "afflux.dev/initial-offset";

// packages/resources/src/admit.ts
import { isDeepStrictEqual } from "node:util";

// packages/resources/src/field-errors.ts
function joinPath(parent, child) {
  if (parent === "") return child;
  if (child === "") return parent;
  return child.startsWith("[") ? `${parent}${child}` : `${parent}.${child}`;
}
var SHOWN_LENGTH_MAX = 120;
function oneLine(text) {
  return text.replace(
    /[\u0000-\u001f\u007f\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`
  );
}
function byText(left, right) {
  return left < right ? -1 : left > right ? 1 : 0;
}
var FieldErrors = class {
  #problems = [];
  get isEmpty() {
    return this.#problems.length === 0;
  }
  /** Adds one problem at one or more paths. */
  add(message, paths, details) {
    return this.addProblem({
      message,
      paths: typeof paths === "string" ? [paths] : paths,
      ...details === void 0 ? {} : { details }
    });
  }
  /** Adds one problem as it is, with its cause. */
  addProblem({ message, paths, details, cause }) {
    this.#problems.push({
      message: oneLine(message),
      paths: paths.map(oneLine),
      ...details === void 0 || details === "" ? {} : { details },
      ...cause === void 0 ? {} : { cause }
    });
    return this;
  }
  /** Adds everything of `other`, its paths moved below `prefix`. */
  merge(other, prefix = "") {
    for (const problem of other.#problems) {
      this.addProblem({ ...problem, paths: problem.paths.map((path) => joinPath(prefix, path)) });
    }
    return this;
  }
  /** Adds `missing field(s)`. */
  missing(...paths) {
    return this.add("missing field(s)", paths);
  }
  /** Adds `must not set the field(s)`. */
  disallowed(...paths) {
    return this.add("must not set the field(s)", paths);
  }
  /** Adds `invalid value: <value>`. */
  invalidValue(value, path, details) {
    const shown2 = value.length <= SHOWN_LENGTH_MAX ? value : `${value.slice(0, SHOWN_LENGTH_MAX)}\u2026`;
    return this.add(`invalid value: ${shown2}`, path, details);
  }
  /** Adds `invalid key name "<key>"`. */
  invalidKey(key, path, details) {
    return this.add(`invalid key name ${JSON.stringify(key)}`, path, details);
  }
  /** Problems one by one, in the order in which they were added. */
  problems() {
    return [...this.#problems];
  }
  /** Problems merged and sorted as in the text form, for tools that point at fields. */
  entries() {
    const merged = /* @__PURE__ */ new Map();
    for (const { cause: _cause, ...problem } of this.#problems) {
      const key = JSON.stringify([problem.message, problem.details ?? ""]);
      const paths = /* @__PURE__ */ new Set([...merged.get(key)?.paths ?? [], ...problem.paths]);
      merged.set(key, { ...problem, paths: [...paths].sort(byText) });
    }
    return [...merged.values()].sort(
      (left, right) => byText(left.message, right.message) || byText(left.details ?? "", right.details ?? "")
    );
  }
  toString() {
    return this.entries().map(({ message, paths, details }) => {
      const line = `${message}: ${paths.join(", ")}`;
      return details === void 0 ? line : `${line}
${details}`;
    }).join("\n");
  }
};

// packages/resources/src/names.ts
import { createHash } from "node:crypto";
var NAME_LENGTH_MAX = 63;
var SUBDOMAIN_LENGTH_MAX = 253;
var HASH_LENGTH = 32;
var HEAD_LENGTH = NAME_LENGTH_MAX - HASH_LENGTH;
var LABEL = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;
var SERVICE_LABEL = /^[a-z](?:[a-z0-9-]*[a-z0-9])?$/;
var KEY_NAME = /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/;
function md5(text) {
  return createHash("md5").update(text).digest("hex");
}
function childName(parent, suffix) {
  if (parent.length <= NAME_LENGTH_MAX - suffix.length) return parent + suffix;
  if (suffix.length < HEAD_LENGTH) {
    return parent.slice(0, HEAD_LENGTH - suffix.length) + md5(parent) + suffix;
  }
  const hashed = parent.slice(0, HEAD_LENGTH) + md5(parent + suffix);
  const padded = hashed + suffix.slice(0, NAME_LENGTH_MAX - hashed.length);
  return padded.replace(/[^a-zA-Z0-9]+$/, "");
}
function isDnsLabel(text) {
  return text.length <= NAME_LENGTH_MAX && LABEL.test(text);
}
function isDnsSubdomain(text) {
  return text.length <= SUBDOMAIN_LENGTH_MAX && text.split(".").every((part) => LABEL.test(part));
}
function isServiceName(text) {
  return text.length <= NAME_LENGTH_MAX && SERVICE_LABEL.test(text);
}
function isQualifiedName(text) {
  const slash = text.indexOf("/");
  const name = text.slice(slash + 1);
  const isPrefixed = slash === -1 || isDnsSubdomain(text.slice(0, slash));
  return isPrefixed && name.length <= NAME_LENGTH_MAX && KEY_NAME.test(name);
}
function isLabelValue(text) {
  return text === "" || text.length <= NAME_LENGTH_MAX && KEY_NAME.test(text);
}

// packages/resources/src/metadata.ts
var ANNOTATION_BYTES_MAX = 256 * 1024;
var stringMap = external_exports.record(external_exports.string(), external_exports.string());
var ownerReferenceSchema = external_exports.strictObject({
  apiVersion: external_exports.string(),
  kind: external_exports.string(),
  name: external_exports.string(),
  uid: external_exports.string(),
  controller: external_exports.boolean().exactOptional(),
  blockOwnerDeletion: external_exports.boolean().exactOptional()
});
var managedFieldsSchema = external_exports.strictObject({
  manager: external_exports.string().exactOptional(),
  operation: external_exports.string().exactOptional(),
  apiVersion: external_exports.string().exactOptional(),
  time: external_exports.string().exactOptional(),
  fieldsType: external_exports.string().exactOptional(),
  fieldsV1: external_exports.record(external_exports.string(), external_exports.unknown()).exactOptional(),
  subresource: external_exports.string().exactOptional()
});
var metadataSchema = external_exports.strictObject({
  name: external_exports.string().prefault(""),
  generateName: external_exports.string().exactOptional(),
  namespace: external_exports.string().exactOptional(),
  uid: external_exports.string().exactOptional(),
  resourceVersion: external_exports.string().exactOptional(),
  generation: external_exports.int().exactOptional(),
  creationTimestamp: external_exports.string().exactOptional(),
  deletionTimestamp: external_exports.string().exactOptional(),
  deletionGracePeriodSeconds: external_exports.int().exactOptional(),
  labels: stringMap.exactOptional(),
  annotations: stringMap.exactOptional(),
  finalizers: external_exports.array(external_exports.string()).exactOptional(),
  ownerReferences: external_exports.array(ownerReferenceSchema).exactOptional(),
  managedFields: external_exports.array(managedFieldsSchema).exactOptional(),
  selfLink: external_exports.string().exactOptional()
});
var SUBDOMAIN_NAME = {
  isValid: isDnsSubdomain,
  expected: "expected a DNS-1123 subdomain: lower-case letters, digits, '-' and '.', a letter or digit at both ends of each part, at most 253 characters"
};
var DNS_LABEL_WORDS = "expected a DNS-1123 label: lower-case letters, digits and '-', a letter or digit at both ends, at most 63 characters";
var LABEL_NAME = { isValid: isDnsLabel, expected: DNS_LABEL_WORDS };
function checkName(meta, rule, errors) {
  if (meta.name !== "") {
    if (!rule.isValid(meta.name)) errors.invalidValue(meta.name, "name", rule.expected);
    return;
  }
  const { generateName = "" } = meta;
  if (generateName === "") errors.missing("name");
  else if (!rule.isValid(`${generateName}x`)) {
    errors.invalidValue(generateName, "generateName", rule.expected);
  }
}
function checkNamespace(meta, namespaced, errors) {
  const { namespace = "" } = meta;
  if (namespace === "") return;
  if (!namespaced)
    errors.add("must not set the field(s)", "namespace", "the kind has no namespaces");
  else if (!isDnsLabel(namespace)) errors.invalidValue(namespace, "namespace", DNS_LABEL_WORDS);
}
function checkLabels(labels, errors) {
  for (const [key, value] of Object.entries(labels)) {
    const path = `labels[${key}]`;
    if (!isQualifiedName(key))
      errors.invalidKey(key, path, "expected a label name such as app or example.com/app");
    if (!isLabelValue(value)) {
      errors.invalidValue(
        value,
        path,
        "expected at most 63 letters, digits, '-', '_' and '.', a letter or digit at both ends"
      );
    }
  }
}
function checkAnnotations(annotations, errors) {
  let bytes = 0;
  for (const [key, value] of Object.entries(annotations)) {
    bytes += Buffer.byteLength(key) + Buffer.byteLength(value);
    if (!isQualifiedName(key.toLowerCase())) {
      errors.invalidKey(
        key,
        `annotations[${key}]`,
        "expected an annotation name such as note or example.com/note"
      );
    }
  }
  if (bytes > ANNOTATION_BYTES_MAX) {
    errors.add(
      `expected at most ${String(ANNOTATION_BYTES_MAX)} bytes of annotations, found ${String(bytes)}`,
      "annotations"
    );
  }
}
function validateMetadata(meta, { namespaced, nameRule }) {
  const errors = new FieldErrors();
  checkName(meta, nameRule, errors);
  checkNamespace(meta, namespaced, errors);
  checkLabels(meta.labels ?? {}, errors);
  checkAnnotations(meta.annotations ?? {}, errors);
  return errors;
}

// packages/resources/src/admit.ts
function judgedPart({ metadata, status: _status, ...rest }) {
  const { name, namespace, labels = {}, annotations = {} } = metadata;
  return { ...rest, metadata: { name, namespace, labels, annotations } };
}
function isUnchanged(object, old) {
  return old !== void 0 && isDeepStrictEqual(judgedPart(object), judgedPart(old));
}
function validate(definition, object, context, old) {
  return new FieldErrors().merge(validateMetadata(object.metadata, definition), "metadata").merge(definition.validate(object, context, old));
}
function admit(registry, object, context, old) {
  const definition = registry.get(object.apiVersion, object.kind);
  if (definition === void 0) {
    const text = `no matches for kind ${JSON.stringify(object.kind)} in version ${JSON.stringify(object.apiVersion)}`;
    return { errors: new FieldErrors().add(text, "kind"), dropped: [] };
  }
  if (isUnchanged(object, old)) return { object, errors: new FieldErrors(), dropped: [] };
  const defaulted = definition.setDefaults(object, context);
  const errors = validate(definition, defaulted, context, old);
  return { ...errors.isEmpty ? { object: defaulted } : {}, errors, dropped: [] };
}

// packages/resources/src/openapi/lower.ts
var RECURSION_DEPTH_MAX = 1;
var INT32_MIN = -2147483648;
var INT32_MAX = 2147483647;
var ANYTHING = { "x-kubernetes-preserve-unknown-fields": true };
var ANY_OBJECT = { type: "object", ...ANYTHING };
var KEPT = [
  "type",
  "description",
  "enum",
  "nullable",
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "exclusiveMaximum",
  "multipleOf",
  "minLength",
  "maxLength",
  "pattern",
  "minItems",
  "maxItems",
  "minProperties",
  "maxProperties",
  "format",
  "default"
];
var ROOT_PROPERTIES = {
  apiVersion: { type: "string", description: "Group and version of this object." },
  kind: { type: "string", description: "Kind of this object." },
  metadata: { type: "object" }
};
function isWritten(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
function writtenList(value) {
  return Array.isArray(value) ? value.filter(isWritten) : [];
}
function writtenMap(value) {
  if (!isWritten(value)) return [];
  return Object.entries(value).flatMap(
    ([key, member2]) => isWritten(member2) ? [[key, member2]] : []
  );
}
function isAccepted(value, schema) {
  if (!isWritten(value)) return true;
  return (schema.required ?? []).every(
    (field) => Object.hasOwn(value, field) || schema.properties?.[field]?.default !== void 0
  );
}
var Lowering = class {
  #definitions;
  /** The definitions that are being put in place, outermost first. */
  #inside = [];
  constructor(definitions) {
    this.#definitions = definitions;
  }
  lower(written) {
    const reference = written["$ref"] ?? writtenList(written["allOf"])[0]?.["$ref"];
    if (typeof reference === "string") return this.#followed(reference, written);
    const union = writtenList(written["anyOf"]);
    if (union.length > 0) return { ...kept(written), ...unionOf(union) };
    switch (written["type"]) {
      case "object":
        return this.#object(written);
      case "array":
        return { ...kept(written), items: this.lower(member(written, "items")) };
      case "integer":
        return integer(written);
      case void 0:
        return { ...kept(written), ...ANYTHING };
      default:
        return kept(written);
    }
  }
  #followed(reference, { description }) {
    const name = reference.replace("#/definitions/", "");
    const words = typeof description === "string" ? { description } : {};
    const definition = this.#definitions.get(name);
    const depth = this.#inside.filter((outer) => outer === name).length;
    if (definition === void 0 || depth > RECURSION_DEPTH_MAX) return { ...ANY_OBJECT, ...words };
    this.#inside.push(name);
    const schema = this.lower(definition);
    this.#inside.pop();
    return { ...schema, ...words };
  }
  #object(written) {
    const draft = kept(written);
    const required3 = new Set(stringList(written["required"]));
    const properties = {};
    for (const [field, below] of writtenMap(written["properties"])) {
      const { default: value, ...schema2 } = this.lower(below);
      if (value !== void 0 && !isAccepted(value, schema2)) required3.add(field);
      properties[field] = value === void 0 || required3.has(field) ? schema2 : { ...schema2, default: value };
    }
    if (Object.keys(properties).length > 0) draft.properties = properties;
    if (required3.size > 0) draft.required = [...required3];
    const values = written["additionalProperties"];
    if (!isWritten(values)) return draft;
    const schema = this.lower(values);
    if (schema.type === void 0 && schema["x-kubernetes-int-or-string"] !== true) {
      return { ...draft, ...ANYTHING };
    }
    return { ...draft, additionalProperties: schema };
  }
};
function member(written, key) {
  const value = written[key];
  return isWritten(value) ? value : {};
}
function stringList(value) {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}
function kept(written) {
  const draft = {};
  for (const key of KEPT) if (written[key] !== void 0) draft[key] = written[key];
  for (const [key, value] of Object.entries(written)) {
    if (key.startsWith("x-kubernetes-")) draft[key] = value;
  }
  return draft;
}
function integer(written) {
  const { minimum, maximum, ...rest } = kept(written);
  const isInt32 = minimum !== void 0 && minimum >= INT32_MIN && maximum !== void 0 && maximum <= INT32_MAX;
  return {
    ...rest,
    format: rest.format ?? (isInt32 ? "int32" : "int64"),
    ...minimum === void 0 || minimum === Number.MIN_SAFE_INTEGER ? {} : { minimum },
    ...maximum === void 0 || maximum === Number.MAX_SAFE_INTEGER ? {} : { maximum }
  };
}
function unionOf(branches) {
  const types = branches.map(({ type }) => type);
  if (types.length === 2 && types.includes("integer") && types.includes("string")) {
    return { "x-kubernetes-int-or-string": true };
  }
  const words = branches.flatMap((branch) => stringList(branch["enum"]));
  if (words.length >= branches.length && types.every((type) => type === "string")) {
    return { type: "string", enum: words };
  }
  return ANYTHING;
}
function lowerSchema(schema) {
  const written = external_exports.toJSONSchema(schema, { target: "openapi-3.0", io: "input" });
  const lowering = new Lowering(new Map(writtenMap(written["definitions"])));
  const { required: required3 = [], ...root } = lowering.lower(written);
  const asked = required3.filter((field) => !Object.hasOwn(ROOT_PROPERTIES, field));
  return {
    ...root,
    properties: { ...root.properties, ...ROOT_PROPERTIES },
    ...asked.length === 0 ? {} : { required: asked }
  };
}

// packages/resources/src/openapi/structural.ts
function structuralSchema(definition) {
  return definition.structural();
}
function onFirstUse(make) {
  let made;
  return () => (made ??= { value: make() }).value;
}

// packages/resources/src/field-cause.ts
function jsonType(value) {
  if (value === null || value === void 0) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "number") {
    return Number.isInteger(value) && Math.abs(value) < 2 ** 63 ? "integer" : "number";
  }
  return typeof value;
}
function typeCause(expected, found) {
  const shown2 = JSON.stringify(found);
  return {
    reason: "FieldValueTypeInvalid",
    head: `Invalid value: ${shown2}: `,
    tail: ` in body must be of type ${expected}: ${shown2}`
  };
}
var REQUIRED_CAUSE = { reason: "FieldValueRequired", head: "Required value" };
function enumCause(shown2, supported) {
  const words = supported.map(
    (value) => JSON.stringify(typeof value === "string" ? value : JSON.stringify(value))
  );
  return {
    reason: "FieldValueNotSupported",
    head: `Unsupported value: ${shown2}: supported values: ${words.join(", ")}`
  };
}
function ruleCause(shown2, rule) {
  return {
    reason: "FieldValueInvalid",
    head: `Invalid value: ${shown2}: `,
    tail: ` in body ${rule}`
  };
}
function tooLongCause(lengthMax) {
  return {
    reason: "FieldValueTooLong",
    head: `Too long: may not be more than ${String(lengthMax)} bytes`
  };
}
function tooManyCause(found, countMax) {
  return {
    reason: "FieldValueTooMany",
    head: `Too many: ${String(found)}: must have at most ${String(countMax)} items`
  };
}
function duplicateCause(shown2) {
  return { reason: "FieldValueDuplicate", head: `Duplicate value: ${shown2}` };
}
function logicCause(rule) {
  return {
    reason: "FieldValueInvalid",
    head: 'Invalid value: "": "',
    tail: `" ${rule}`,
    isPathless: true
  };
}

// packages/resources/src/status-causes.ts
var INVALID_VALUE = "invalid value: ";
var MISSING = /^(?:missing field\(s\)|expected (?:at least|exactly) one, got (?:none|neither))/;
function kubePath(path) {
  return path.replace(
    /\[([^[\]]+)\]/g,
    (step, key) => /^\d+$/.test(key) ? step : `.${key}`
  );
}
function withDetails(text, details) {
  return details === void 0 ? text : `${text}: ${details.trim().replaceAll("\n", " ")}`;
}
function ruleOfOurs({ message, details }) {
  if (MISSING.test(message)) {
    const why = message === "missing field(s)" ? details : details ?? message;
    return { reason: "FieldValueRequired", head: withDetails("Required value", why) };
  }
  if (message === "must not set the field(s)") {
    return { reason: "FieldValueForbidden", head: withDetails("Forbidden", details) };
  }
  const value = message.startsWith(INVALID_VALUE) ? `Invalid value: ${JSON.stringify(message.slice(INVALID_VALUE.length))}` : message;
  return { reason: "FieldValueInvalid", head: withDetails(value, details) };
}
function statusCauses(errors) {
  return errors.problems().flatMap((problem) => {
    const { reason, head, tail, isPathless } = problem.cause ?? ruleOfOurs(problem);
    return problem.paths.map((path) => {
      const field = problem.cause === void 0 ? path : kubePath(path);
      const message = tail === void 0 ? head : `${head}${field}${tail}`;
      return { reason, message, field: isPathless === true || field === "" ? "<nil>" : field };
    });
  });
}

// packages/resources/src/nearest-name.ts
var COMPARED_LENGTH_MAX = 64;
function editDistance(left, right) {
  let beforeLast = [];
  let last = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let i = 1; i <= left.length; i++) {
    const row = [i];
    for (let j = 1; j <= right.length; j++) {
      const isSame = left[i - 1] === right[j - 1];
      const swapped = left[i - 1] === right[j - 2] && left[i - 2] === right[j - 1];
      row[j] = Math.min(
        (last[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (last[j - 1] ?? 0) + (isSame ? 0 : 1),
        swapped && j > 1 ? (beforeLast[j - 2] ?? 0) + 1 : Infinity
      );
    }
    beforeLast = last;
    last = row;
  }
  return last[right.length] ?? 0;
}
function nearestName(name, candidates) {
  if (name.length > COMPARED_LENGTH_MAX) return void 0;
  let nearest;
  let nearestEdits = Math.max(2, Math.floor(name.length / 3)) + 1;
  for (const candidate of candidates) {
    if (candidate.length > COMPARED_LENGTH_MAX) continue;
    const edits = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (edits < nearestEdits && edits < candidate.length / 2) {
      nearest = candidate;
      nearestEdits = edits;
    }
  }
  return nearest;
}

// packages/resources/src/schema/describe.ts
var LISTED_NAMES_MAX = 16;
var SHOWN_LENGTH_MAX2 = 60;
var CAUSE_LENGTH_MAX = 1024;
var EXPECTED = {
  string: "a string",
  number: "a number",
  int: "an integer",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  record: "a map"
};
function expectedWords(type) {
  return EXPECTED[type] ?? type;
}
function shortText(text) {
  return JSON.stringify(
    text.length <= SHOWN_LENGTH_MAX2 ? text : `${text.slice(0, SHOWN_LENGTH_MAX2)}\u2026`
  );
}
function foundWords(value, mayShow) {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  switch (typeof value) {
    case "string":
      return mayShow ? `the string ${shortText(value)}` : "a string";
    case "number":
      return mayShow ? `the number ${String(value)}` : "a number";
    case "boolean":
      return mayShow ? `the boolean ${String(value)}` : "a boolean";
    case "object":
      return "an object";
    default:
      return `a ${typeof value}`;
  }
}
function valueText(value, mayShow) {
  if (!mayShow) return "(not shown)";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length <= SHOWN_LENGTH_MAX2 ? text : `${text.slice(0, SHOWN_LENGTH_MAX2)}\u2026`;
}
function causeText(value, mayShow) {
  if (!mayShow) return '"(not shown)"';
  const text = JSON.stringify(value);
  return text.length <= CAUSE_LENGTH_MAX ? text : `${text.slice(0, CAUSE_LENGTH_MAX)}\u2026`;
}
function amountWords(bound, amount, origin) {
  switch (origin) {
    case "string":
      return `${bound} ${amount} characters`;
    case "array":
    case "object":
    case "record":
      return `${bound} ${amount} entries`;
    default:
      return `a number of ${bound} ${amount}`;
  }
}
function alternatives(values) {
  const words = values.map((value) => JSON.stringify(value));
  const last = words.pop() ?? "";
  return words.length === 0 ? last : `${words.join(", ")} or ${last}`;
}
function unknownFieldWords(name, known) {
  const near = nearestName(name, known);
  const words = `unknown field ${JSON.stringify(name)}`;
  if (near !== void 0) return `${words}, did you mean ${JSON.stringify(near)}?`;
  if (known.length === 0 || known.length > LISTED_NAMES_MAX) return words;
  return `${words}, expected ${alternatives(known)}`;
}

// packages/resources/src/schema/hints.ts
var MISSING_HINTS = external_exports.registry();

// packages/resources/src/schema/walk.ts
function layers(schema) {
  const found = [schema];
  for (let current = schema; ; ) {
    const next = inner(current);
    if (next === void 0) return found;
    found.push(next);
    current = next;
  }
}
function inner(schema) {
  if (schema instanceof external_exports.ZodOptional || schema instanceof external_exports.ZodExactOptional) {
    return schema.def.innerType;
  }
  if (schema instanceof external_exports.ZodPrefault) return schema.def.innerType;
  if (schema instanceof external_exports.ZodLazy) return schema.def.getter();
  return void 0;
}
function bare(schema) {
  return layers(schema).at(-1) ?? schema;
}
function fieldNames(schema) {
  const object = schema === void 0 ? void 0 : bare(schema);
  return object instanceof external_exports.ZodObject ? Object.keys(object.shape) : [];
}
function isMap(schema) {
  return schema !== void 0 && bare(schema) instanceof external_exports.ZodRecord;
}
function memberSchema(schema, key) {
  if (schema === void 0) return void 0;
  const target = bare(schema);
  if (target instanceof external_exports.ZodObject) {
    const shape = target.shape;
    return Object.hasOwn(shape, key) ? shape[String(key)] : void 0;
  }
  if (target instanceof external_exports.ZodArray) return target.def.element;
  if (target instanceof external_exports.ZodRecord) return target.def.valueType;
  return void 0;
}
function jsonTypes(schema) {
  const target = schema === void 0 ? void 0 : bare(schema);
  if (target instanceof external_exports.ZodUnion) return target.options.flatMap((option) => jsonTypes(option));
  if (target instanceof external_exports.ZodNumberFormat) return ["integer"];
  if (target instanceof external_exports.ZodNumber) return ["number"];
  if (target instanceof external_exports.ZodBoolean) return ["boolean"];
  if (target instanceof external_exports.ZodArray) return ["array"];
  if (target instanceof external_exports.ZodObject || target instanceof external_exports.ZodRecord) return ["object"];
  if (target instanceof external_exports.ZodString || target instanceof external_exports.ZodEnum) return ["string"];
  if (target instanceof external_exports.ZodLiteral) return [...target.values].map((value) => typeof value);
  return [];
}

// packages/resources/src/schema/plain-copy.ts
var DECODE_DEPTH_MAX = 64;
var DECODE_VALUES_MAX = 2e5;
function pathStep(path, schema, key) {
  if (typeof key === "number") return `${path}[${String(key)}]`;
  return isMap(schema) ? `${path}[${String(key)}]` : joinPath(path, String(key));
}
function isPlainObject(value) {
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}
function nullMeansAbsent(schema) {
  if (schema === void 0) return false;
  return !layers(schema).some((layer) => layer instanceof external_exports.ZodUnknown);
}
var PlainCopier = class {
  errors = new FieldErrors();
  unusable = [];
  #mayShow;
  #mayDrop;
  #values = 0;
  #isTooLarge = false;
  constructor({ mayShow, mayDrop = false }) {
    this.#mayShow = mayShow;
    this.#mayDrop = mayDrop;
  }
  get isComplete() {
    return !this.#isTooLarge;
  }
  copy(value, place) {
    if (this.#exceeds(place)) return null;
    if (Array.isArray(value)) return this.#copyList(value, place);
    switch (typeof value) {
      case "string":
      case "boolean":
        return value;
      case "number":
        return Number.isFinite(value) ? value : this.#refuse(place, "a finite number", value);
      case "object":
        if (value === null) return null;
        if (isPlainObject(value)) return this.#copyObject(value, place);
        return this.#refuse(place, "a JSON value", value);
      default:
        return this.#refuse(place, "a JSON value", value);
    }
  }
  #copyList(values, place) {
    return values.map((value, index) => this.copy(value, memberPlace(place, index)));
  }
  #copyObject(value, place) {
    const copy = {};
    const inMap = isMap(place.schema);
    for (const [key, member2] of Object.entries(value)) {
      const below = memberPlace(place, key);
      if (key === "__proto__") {
        if (this.#mayDrop) this.unusable.push(below.path);
        else this.errors.add(`unknown field ${JSON.stringify(key)}`, below.path);
        continue;
      }
      if (member2 === void 0) continue;
      if (member2 === null && !inMap && nullMeansAbsent(below.schema)) continue;
      copy[key] = this.copy(member2, below);
    }
    return copy;
  }
  #exceeds(place) {
    this.#values += 1;
    if (place.depth <= DECODE_DEPTH_MAX && this.#values <= DECODE_VALUES_MAX) return false;
    if (!this.#isTooLarge) {
      this.#isTooLarge = true;
      this.errors.add(
        place.depth > DECODE_DEPTH_MAX ? `nested deeper than ${String(DECODE_DEPTH_MAX)} levels` : `more than ${String(DECODE_VALUES_MAX)} values in one object`,
        place.path
      );
    }
    return true;
  }
  /** Reports a value that is not JSON; what stands in the copy for it is never looked at. */
  #refuse(place, expected, value) {
    this.errors.add(`expected ${expected}, found ${foundWords(value, this.#mayShow)}`, place.path);
    return null;
  }
};
function memberPlace(place, key) {
  return {
    path: pathStep(place.path, place.schema, key),
    schema: memberSchema(place.schema, key),
    depth: place.depth + 1
  };
}
function plainCopy(value, schema, options) {
  const copier = new PlainCopier(options);
  const { errors, unusable } = copier;
  if (typeof value !== "object" || value === null) {
    errors.add(`expected an object, found ${foundWords(value, options.mayShow)}`, "");
    return { copy: void 0, errors, unusable, isComplete: false };
  }
  const copy = copier.copy(value, { path: "", schema, depth: 0 });
  return { copy, errors, unusable, isComplete: copier.isComplete };
}

// packages/resources/src/schema/check.ts
var DROP_ROUNDS_MAX = 8;
function locate(root, rootSchema, issue, mayShow) {
  let path = "";
  let found = root;
  let schema = rootSchema;
  for (const key of issue.path) {
    path = pathStep(path, schema, key);
    schema = memberSchema(schema, key);
    found = typeof found === "object" && found !== null && Object.hasOwn(found, key) ? found[key] : void 0;
  }
  return { issue, path, found, schema, mayShow };
}
function reportMissing({ path, schema }, errors) {
  const hints = schema === void 0 ? [] : layers(schema).map((layer) => MISSING_HINTS.get(layer));
  const hint = hints.find((candidate) => candidate !== void 0);
  errors.addProblem({
    message: hint?.message ?? "missing field(s)",
    paths: hint?.fields?.map((field) => joinPath(path, field)) ?? [path],
    ...hint?.details === void 0 ? {} : { details: hint.details },
    cause: REQUIRED_CAUSE
  });
}
function reportUnknown(finding, keys, errors) {
  const known = fieldNames(finding.schema);
  for (const key of keys) errors.add(unknownFieldWords(key, known), joinPath(finding.path, key));
}
function reportWrongType({ found, path, schema, mayShow }, expected, errors) {
  const words = [...new Set(expected.map((type) => expectedWords(type)))].join(" or ");
  errors.addProblem({
    message: `expected ${words}, found ${foundWords(found, mayShow)}`,
    paths: [path],
    cause: typeCause(jsonTypes(schema).join(","), jsonType(found))
  });
}
function reportInvalid({ found, path, mayShow }, expected) {
  return {
    message: `invalid value: ${valueText(found, mayShow)}`,
    paths: [path],
    details: expected.details,
    cause: expected.cause(causeText(found, mayShow))
  };
}
function unionTypes(branches) {
  return branches.flatMap(
    (branch) => branch.map((issue) => issue.code === "invalid_type" ? issue.expected : "")
  );
}
function tooSmall({ minimum, origin }) {
  const least = String(minimum);
  return {
    details: `expected ${amountWords("at least", least, origin)}`,
    cause: (shown2) => ruleCause(
      shown2,
      origin === "string" ? `should be at least ${least} chars long` : `should be greater than or equal to ${least}`
    )
  };
}
function tooBig({ maximum, origin }, found) {
  const most = Number(maximum);
  return {
    details: `expected ${amountWords("at most", String(maximum), origin)}`,
    cause: (shown2) => {
      if (origin === "string") return tooLongCause(most);
      if (Array.isArray(found)) return tooManyCause(found.length, most);
      return ruleCause(shown2, `should be less than or equal to ${String(most)}`);
    }
  };
}
function expectation(issue, found) {
  switch (issue.code) {
    case "invalid_value":
      return {
        details: `expected ${alternatives(issue.values)}`,
        cause: (shown2) => enumCause(shown2, issue.values)
      };
    case "too_small":
      return tooSmall(issue);
    case "too_big":
      return tooBig(issue, found);
    default:
      return { details: issue.message, cause: (shown2) => ruleCause(shown2, issue.message) };
  }
}
function report(finding, errors) {
  const { issue, found } = finding;
  if (issue.code === "unrecognized_keys") reportUnknown(finding, issue.keys, errors);
  else if (found === void 0) reportMissing(finding, errors);
  else if (issue.code === "invalid_type") reportWrongType(finding, [issue.expected], errors);
  else if (issue.code === "invalid_union") {
    reportWrongType(finding, unionTypes(issue.errors), errors);
  } else errors.addProblem(reportInvalid(finding, expectation(issue, found)));
}
function dropUnknown(copy, schema, issues) {
  return issues.flatMap((issue) => {
    if (issue.code !== "unrecognized_keys") return [];
    const { path, found } = locate(copy, schema, issue, false);
    if (typeof found !== "object" || found === null) return [];
    return issue.keys.map((key) => {
      Reflect.deleteProperty(found, key);
      return joinPath(path, key);
    });
  });
}
function checkSchema(schema, value, { mayShowValues = true, unknownFields = "error" } = {}) {
  const mayDrop = unknownFields === "drop";
  const { copy, errors, isComplete, unusable } = plainCopy(value, schema, {
    mayShow: mayShowValues,
    mayDrop
  });
  if (!isComplete) return { errors, dropped: [] };
  const lost = [...unusable];
  let result = schema.safeParse(copy, { jitless: true });
  for (let round = 0; mayDrop && !result.success && round < DROP_ROUNDS_MAX; round++) {
    const found = dropUnknown(copy, schema, result.error.issues);
    if (found.length === 0) break;
    lost.push(...found);
    result = schema.safeParse(copy, { jitless: true });
  }
  const dropped = lost.map(kubePath).sort();
  if (result.success) return { ...errors.isEmpty ? { value: result.data } : {}, errors, dropped };
  const refused = new Set(errors.problems().flatMap(({ paths }) => paths));
  for (const issue of result.error.issues) {
    const finding = locate(copy, schema, issue, mayShowValues);
    if (!refused.has(finding.path)) report(finding, errors);
  }
  return { errors, dropped };
}

// packages/resources/src/define-kind.ts
function typeShape(apiVersion, kind) {
  return { apiVersion: external_exports.literal(apiVersion), kind: external_exports.literal(kind), metadata: metadataSchema };
}
function specOf(schema) {
  return schema.prefault({});
}
var COLUMNS = {
  age: { name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp" },
  url: { name: "URL", type: "string", jsonPath: ".status.address.url" },
  ready: {
    name: "Ready",
    type: "string",
    jsonPath: '.status.conditions[?(@.type=="Ready")].status'
  },
  reason: {
    name: "Reason",
    type: "string",
    jsonPath: '.status.conditions[?(@.type=="Ready")].reason'
  }
};
var CRD_LABELS = {
  installed: { "knative.dev/crd-install": "true" },
  addressable: { "duck.knative.dev/addressable": "true" },
  subscribable: { "messaging.knative.dev/subscribable": "true" }
};
function crdOutline(abilities = [], isStorage = true) {
  const labels = Object.assign(
    {},
    CRD_LABELS.installed,
    ...abilities.map((ability) => CRD_LABELS[ability])
  );
  return { isStorage, labels };
}
function defineKind(outline) {
  const { group, version, kind, schema, fillDefaults: fillDefaults15, validate: validate18 } = outline;
  const singular = kind.toLowerCase();
  const structural = onFirstUse(() => lowerSchema(schema));
  return {
    group,
    version,
    apiVersion: group === "" ? version : `${group}/${version}`,
    kind,
    plural: outline.plural ?? `${singular}s`,
    singular,
    shortNames: outline.shortNames ?? [],
    categories: outline.categories ?? [],
    namespaced: outline.namespaced ?? true,
    hasStatus: outline.hasStatus ?? true,
    printerColumns: outline.printerColumns,
    nameRule: outline.nameRule ?? SUBDOMAIN_NAME,
    selectableFields: outline.selectableFields,
    scale: outline.scale,
    get mergeSchema() {
      return outline.hasMergingLists === true ? structural() : void 0;
    },
    isBuiltin: outline.isBuiltin ?? false,
    crd: outline.crd,
    check: (value, options) => checkSchema(schema, value, options),
    structural,
    setDefaults: (object, context) => {
      const copy = structuredClone(object);
      fillDefaults15?.(copy, context);
      return copy;
    },
    validate: (object, context, old) => validate18?.(object, context, old) ?? new FieldErrors()
  };
}

// packages/resources/src/kinds/core/merging-list.ts
function mergingList(entry, { keys, mergeKey, strategy = "merge" }) {
  return external_exports.array(entry).meta({
    "x-kubernetes-list-type": "map",
    "x-kubernetes-list-map-keys": keys,
    "x-kubernetes-patch-merge-key": mergeKey ?? keys[0],
    "x-kubernetes-patch-strategy": strategy
  });
}
function withServerDefault(schema, value) {
  return schema.meta({ default: value });
}

// packages/resources/src/openapi/structural-problems.ts
var FORBIDDEN = [
  "$ref",
  "definitions",
  "dependencies",
  "deprecated",
  "discriminator",
  "id",
  "patternProperties",
  "readOnly",
  "writeOnly",
  "xml"
];
var NOT_IN_LOGIC = ["type", "description", "title", "default", "nullable"];
var TYPES = ["object", "array", "string", "integer", "number", "boolean"];
var LIST_TYPES = ["atomic", "set", "map"];
var LISTS_OF_SCHEMAS = ["allOf", "anyOf", "oneOf"];
function isNode(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
function required(path, details, errors) {
  errors.addProblem({
    message: "missing field(s)",
    paths: [path],
    details,
    cause: { reason: "FieldValueRequired", head: `Required value: ${details}` }
  });
}
function forbidden(path, details, errors) {
  errors.addProblem({
    message: "must not set the field(s)",
    paths: [path],
    details,
    cause: { reason: "FieldValueForbidden", head: `Forbidden: ${details}` }
  });
}
function unsupported(path, value, expected, errors) {
  const shown2 = JSON.stringify(value);
  errors.addProblem({
    message: `invalid value: ${shown2}`,
    paths: [path],
    details: `expected ${expected.map((word) => JSON.stringify(word)).join(", ")}`,
    cause: {
      reason: "FieldValueNotSupported",
      head: `Unsupported value: ${shown2}: supported values: ${expected.map((word) => JSON.stringify(word)).join(", ")}`
    }
  });
}
function isTypeless(node) {
  return node["x-kubernetes-int-or-string"] === true || node["x-kubernetes-preserve-unknown-fields"] === true;
}
function checkList(node, path, errors) {
  const listType = node["x-kubernetes-list-type"];
  const keys = node["x-kubernetes-list-map-keys"];
  if (listType !== void 0 && !LIST_TYPES.some((one) => one === listType)) {
    const listPath = joinPath(path, "x-kubernetes-list-type");
    unsupported(listPath, listType, ["atomic", "map", "set"], errors);
  }
  if (listType === "map" && !(Array.isArray(keys) && keys.length > 0)) {
    const why = "must not be empty if x-kubernetes-list-type is map";
    required(joinPath(path, "x-kubernetes-list-map-keys"), why, errors);
  }
  if (!isNode(node["items"])) required(joinPath(path, "items"), "must be specified", errors);
}
function checkLevel(node, path, errors) {
  const type = node["type"];
  if ((type === void 0 || type === "") && !isTypeless(node)) {
    required(joinPath(path, "type"), "must not be empty for specified object fields", errors);
  } else if (type !== void 0 && type !== "" && !TYPES.some((one) => one === type)) {
    unsupported(joinPath(path, "type"), type, TYPES, errors);
  }
  if (type === "array") checkList(node, path, errors);
  if (node["additionalProperties"] === false) {
    forbidden(joinPath(path, "additionalProperties"), "must not be false", errors);
  }
  const properties = node["properties"];
  if (isNode(node["additionalProperties"]) && isNode(properties) && Object.keys(properties).length > 0) {
    const why = "must not be used together with properties";
    forbidden(joinPath(path, "additionalProperties"), why, errors);
  }
}
function checkLogic(node, path, isIntOrString, errors) {
  for (const key of NOT_IN_LOGIC) {
    if (key === "type" && isIntOrString) continue;
    if (node[key] === void 0 || node[key] === "" || node[key] === false) continue;
    forbidden(joinPath(path, key), "must be empty to be structural", errors);
  }
}
function visit(node, path, inLogic, errors) {
  for (const key of FORBIDDEN) {
    if (node[key] !== void 0) {
      forbidden(joinPath(path, key), "must be empty to be structural", errors);
    }
  }
  if (node["uniqueItems"] === true) {
    const why = "uniqueItems cannot be set to true since the runtime complexity becomes quadratic";
    forbidden(joinPath(path, "uniqueItems"), why, errors);
  }
  if (!inLogic) checkLevel(node, path, errors);
  const below = (child, step, logic) => {
    if (isNode(child)) visit(child, joinPath(path, step), logic, errors);
  };
  for (const [name, child] of Object.entries(
    isNode(node["properties"]) ? node["properties"] : {}
  )) {
    below(child, `properties[${name}]`, inLogic);
  }
  below(node["items"], "items", inLogic);
  below(node["additionalProperties"], "additionalProperties", inLogic);
  const isIntOrString = node["x-kubernetes-int-or-string"] === true;
  const branch = (child, step) => {
    if (!isNode(child)) return;
    checkLogic(child, joinPath(path, step), isIntOrString, errors);
    below(child, step, true);
  };
  branch(node["not"], "not");
  for (const key of LISTS_OF_SCHEMAS) {
    const list = node[key];
    if (!Array.isArray(list)) continue;
    for (const [index, child] of list.entries()) branch(child, `${key}[${String(index)}]`);
  }
}
function checkStructural(schema) {
  const errors = new FieldErrors();
  if (!isNode(schema)) return errors;
  visit(schema, "", false, errors);
  if (schema["type"] !== "object") unsupported("type", schema["type"] ?? "", ["object"], errors);
  return errors;
}

// packages/resources/src/errors.ts
var ResourcesError = class extends AffluxError {
};

// packages/resources/src/openapi/pattern-parser.ts
var REPEAT_MAX = 1e3;
function patternError(text) {
  return new ResourcesError(text, { code: "AFFLUX_RESOURCES_INVALID", fault: "user" });
}
var POSIX = {
  alnum: "0-9A-Za-z",
  alpha: "A-Za-z",
  ascii: "\\x00-\\x7f",
  blank: "\\t ",
  cntrl: "\\x00-\\x1f\\x7f",
  digit: "0-9",
  graph: "!-~",
  lower: "a-z",
  print: " -~",
  punct: "!-\\/:-@\\[-`{-~",
  space: "\\t\\n\\v\\f\\r ",
  upper: "A-Z",
  word: "0-9A-Za-z_",
  xdigit: "0-9A-Fa-f"
};
var ESCAPED_CLASSES = {
  d: "0-9",
  s: "\\t\\n\\f\\r ",
  w: "0-9A-Za-z_"
};
var CONTROLS = {
  a: "\\x07",
  f: "\\f",
  n: "\\n",
  r: "\\r",
  t: "\\t",
  v: "\\v"
};
var WORD = /^[0-9A-Za-z_]$/;
function isWordCharacter(character) {
  return WORD.test(character);
}
function escaped(character) {
  return /[\\^$.*+?()[\]{}|/-]/.test(character) ? `\\${character}` : character;
}
var Parser = class {
  #characters;
  #position = 0;
  #ignoresCase = false;
  constructor(pattern) {
    this.#characters = Array.from(pattern);
  }
  parse() {
    if (this.#take("(?i)")) this.#ignoresCase = true;
    const node = this.#choice();
    if (this.#position < this.#characters.length) throw patternError("unexpected )");
    return node;
  }
  get #next() {
    return this.#characters[this.#position];
  }
  #take(text) {
    const end = this.#position + text.length;
    if (this.#characters.slice(this.#position, end).join("") !== text) return false;
    this.#position = end;
    return true;
  }
  #read() {
    const character = this.#next;
    if (character === void 0) throw patternError("unexpected end");
    this.#position += 1;
    return character;
  }
  #choice() {
    const branches = [this.#sequence()];
    while (this.#take("|")) branches.push(this.#sequence());
    return { type: "choice", branches };
  }
  #sequence() {
    const parts = [];
    while (this.#next !== void 0 && this.#next !== "|" && this.#next !== ")") {
      parts.push(this.#repeated(this.#atom()));
    }
    return { type: "sequence", parts };
  }
  #repeated(part) {
    const bounds = this.#bounds();
    if (bounds === void 0) return part;
    this.#take("?");
    const [min, max] = bounds;
    if (this.#bounds() !== void 0) throw patternError("invalid nested repetition operator");
    return { type: "repeat", part, min, max };
  }
  #bounds() {
    if (this.#take("*")) return [0, Infinity];
    if (this.#take("+")) return [1, Infinity];
    if (this.#take("?")) return [0, 1];
    if (this.#next !== "{") return void 0;
    const rest = this.#characters.slice(this.#position, this.#position + 12).join("");
    const match = /^\{(\d+)(,(\d*))?\}/.exec(rest);
    if (match === null) return void 0;
    const [text, min = "", comma, max = ""] = match;
    const low = Number(min);
    const high = comma === void 0 ? low : max === "" ? Infinity : Number(max);
    if (low > REPEAT_MAX || high > REPEAT_MAX && high !== Infinity || high < low) {
      throw patternError(`invalid repeat count ${text}`);
    }
    this.#position += text.length;
    return [low, high];
  }
  #atom() {
    const character = this.#read();
    switch (character) {
      case "(":
        return this.#group();
      case "[":
        return this.#bracket();
      case ".":
        return { type: "class", accepts: (found) => found !== "\n" };
      case "^":
        return { type: "assertion", holds: (before) => before === "" };
      case "$":
        return { type: "assertion", holds: (_before, after) => after === "" };
      case "\\":
        return this.#escape();
      case "*":
      case "+":
      case "?":
        throw patternError(`missing argument to repetition operator ${character}`);
      default:
        return this.#oneOf(escaped(character));
    }
  }
  #group() {
    if (this.#take("?")) {
      const isNamed = this.#take("P<") || this.#next === "<" && !this.#looksAround();
      if (isNamed) {
        this.#take("<");
        while (this.#read() !== ">") ;
      } else if (!this.#take(":")) throw patternError("invalid or unsupported group (?");
    }
    const node = this.#choice();
    if (!this.#take(")")) throw patternError("missing closing )");
    return node;
  }
  #looksAround() {
    const after = this.#characters[this.#position + 1];
    return after === "=" || after === "!";
  }
  #escape() {
    const character = this.#read();
    switch (character) {
      case "A":
        return { type: "assertion", holds: (before) => before === "" };
      case "z":
        return { type: "assertion", holds: (_before, after) => after === "" };
      case "b":
        return {
          type: "assertion",
          holds: (before, after) => isWordCharacter(before) !== isWordCharacter(after)
        };
      case "B":
        return {
          type: "assertion",
          holds: (before, after) => isWordCharacter(before) === isWordCharacter(after)
        };
      default: {
        const complement = ESCAPED_CLASSES[character.toLowerCase()];
        if (complement !== void 0 && /[DSW]/.test(character))
          return this.#oneOf(`^${complement}`);
        return this.#oneOf(this.#escapedMember(character));
      }
    }
  }
  /** An escape as it stands inside a class of JavaScript. */
  #escapedMember(character) {
    const known = ESCAPED_CLASSES[character] ?? CONTROLS[character];
    if (known !== void 0) return known;
    if (/[DSW]/.test(character)) {
      return character === "S" ? "\\x00-\\x08\\x0b\\x0e-\\x1f!-\\u{10ffff}" : `\\${character}`;
    }
    if (character === "x") return this.#hex();
    if (character === "p" || character === "P") return this.#property(character);
    if (/[\p{L}\p{N}]/u.test(character)) {
      throw patternError(`invalid escape sequence \\${character}`);
    }
    return escaped(character);
  }
  #hex() {
    const digits = this.#take("{") ? this.#until("}") : this.#read() + this.#read();
    if (!/^[0-9a-fA-F]{1,6}$/.test(digits) || parseInt(digits, 16) > 1114111) {
      throw patternError("invalid escape sequence \\x");
    }
    return `\\u{${digits}}`;
  }
  #property(letter) {
    const name = this.#take("{") ? this.#until("}") : this.#read();
    if (!/^[A-Za-z_]+$/.test(name)) throw patternError(`invalid character class \\${letter}`);
    const isCategory = name.length <= 2;
    return `\\${letter}{${isCategory ? name : `Script=${name}`}}`;
  }
  #until(end) {
    let text = "";
    for (let character = this.#read(); character !== end; character = this.#read()) {
      text += character;
    }
    return text;
  }
  #bracket() {
    let members = this.#take("^") ? "^" : "";
    for (let isFirst = true; isFirst || this.#next !== "]"; isFirst = false) {
      members += this.#bracketMember();
    }
    this.#read();
    return this.#oneOf(members);
  }
  #bracketMember() {
    if (this.#take("[:")) {
      const isNegated = this.#take("^");
      const members = POSIX[this.#until(":")];
      if (members === void 0 || isNegated || !this.#take("]")) {
        throw patternError("invalid character class range");
      }
      return members;
    }
    const character = this.#read();
    if (character === "\\") return this.#escapedMember(this.#read());
    if (character === "-") {
      const before = this.#characters[this.#position - 2];
      const isAtEnd = before === "[" || before === "^" || this.#next === "]";
      return isAtEnd ? "\\-" : "-";
    }
    return escaped(character);
  }
  #oneOf(members) {
    try {
      const matcher = new RegExp(`^[${members}]$`, this.#ignoresCase ? "iu" : "u");
      return { type: "class", accepts: (character) => matcher.test(character) };
    } catch {
      throw patternError("invalid character class range");
    }
  }
};
function parsePattern(pattern) {
  return new Parser(pattern).parse();
}

// packages/resources/src/openapi/pattern.ts
var PATTERN_LENGTH_MAX = 4096;
var STATES_MAX = 2e4;
var Builder = class {
  states = [{ next: [] }];
  build(node, next) {
    switch (node.type) {
      case "class":
        return this.#add({ accepts: node.accepts, next: [next] });
      case "assertion":
        return this.#add({ holds: node.holds, next: [next] });
      case "sequence":
        return node.parts.reduceRight((after, part) => this.build(part, after), next);
      case "choice":
        return this.#add({ next: node.branches.map((branch) => this.build(branch, next)) });
      case "repeat":
        return this.#repeat(node, next);
    }
  }
  #repeat({ part, min, max }, next) {
    let entry = next;
    if (max === Infinity) {
      const state = { next: [next] };
      entry = this.#add(state);
      state.next = [this.build(part, entry), next];
    } else {
      for (let count = min; count < max; count++) {
        entry = this.#add({ next: [this.build(part, entry), next] });
      }
    }
    for (let count = 0; count < min; count++) entry = this.build(part, entry);
    return entry;
  }
  #add(state) {
    if (this.states.length >= STATES_MAX) throw patternError("expression too large");
    this.states.push(state);
    return this.states.length - 1;
  }
};
var MATCH = 0;
var Pattern = class {
  #states;
  #start;
  constructor(states, start) {
    this.#states = states;
    this.#start = start;
  }
  /** Whether the pattern matches anywhere in the text; false when the budget does not suffice to find out. */
  test(text, budget) {
    const characters = Array.from(text);
    let current = /* @__PURE__ */ new Set();
    for (let index = 0; index <= characters.length; index++) {
      const before = characters[index - 1] ?? "";
      const after = characters[index] ?? "";
      const reached = this.#spread([...current, this.#start], before, after);
      if (reached.has(MATCH)) return true;
      budget.steps -= reached.size + 1;
      if (budget.steps < 0) return false;
      current = /* @__PURE__ */ new Set();
      for (const id of reached) {
        const state = this.#states[id];
        if (state?.accepts?.(after) === true) for (const next of state.next) current.add(next);
      }
    }
    return false;
  }
  /** All states that are reached without a character. */
  #spread(from, before, after) {
    const reached = /* @__PURE__ */ new Set();
    const waiting = [...from];
    for (let id = waiting.pop(); id !== void 0; id = waiting.pop()) {
      if (reached.has(id)) continue;
      reached.add(id);
      const state = this.#states[id];
      if (state === void 0 || state.accepts !== void 0) continue;
      if (state.holds === void 0 || state.holds(before, after)) waiting.push(...state.next);
    }
    return reached;
  }
};
function compilePattern(pattern) {
  if (pattern.length > PATTERN_LENGTH_MAX) return patternError("expression too long");
  try {
    const builder = new Builder();
    const start = builder.build(parsePattern(pattern), MATCH);
    return new Pattern(builder.states, start);
  } catch (error) {
    if (error instanceof ResourcesError) return error;
    throw error;
  }
}

// packages/resources/src/openapi/pattern-problems.ts
function visit2(value, path, errors) {
  if (typeof value !== "object" || value === null) return;
  for (const [key, child] of Object.entries(value)) {
    const below = joinPath(path, Array.isArray(value) ? `[${key}]` : key);
    if (key === "pattern" && typeof child === "string") {
      const compiled = compilePattern(child);
      if (compiled instanceof Pattern) continue;
      const why = `must be a valid regular expression, but isn't: ${compiled.message}`;
      errors.invalidValue(child, below, why);
    } else if (key !== "default" && key !== "enum" && key !== "example")
      visit2(child, below, errors);
  }
}
function checkPatterns(schema) {
  const errors = new FieldErrors();
  visit2(schema, "", errors);
  return errors;
}

// packages/resources/src/kinds/apiextensions/crd-rules.ts
var LABEL_EXPECTED = "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
var MIXED_EXPECTED = `may have mixed case, but should otherwise match: ${LABEL_EXPECTED}`;
var COLUMN_TYPES = ["boolean", "date", "integer", "number", "string"];
var IMMUTABLE = "field is immutable";
function fillCrdDefaults({ spec }) {
  const { names } = spec;
  if (names.kind !== "") {
    names.singular ??= names.kind.toLowerCase();
    names.listKind ??= `${names.kind}List`;
  }
  spec.conversion ??= { strategy: "None" };
}
function checkLabel(text, path, errors) {
  if (text === void 0 || isServiceName(text)) return;
  if (text === "") errors.missing(path);
  else errors.invalidValue(text, path, LABEL_EXPECTED);
}
function checkMixedLabel(text, path, errors) {
  if (text === void 0 || isServiceName(text.toLowerCase())) return;
  if (text === "") errors.missing(path);
  else errors.invalidValue(text, path, MIXED_EXPECTED);
}
function checkNames({ names }, errors) {
  checkLabel(names.plural, "spec.names.plural", errors);
  checkLabel(names.singular, "spec.names.singular", errors);
  checkMixedLabel(names.kind, "spec.names.kind", errors);
  checkMixedLabel(names.listKind, "spec.names.listKind", errors);
  for (const field of ["shortNames", "categories"]) {
    for (const [index, text] of (names[field] ?? []).entries()) {
      checkLabel(text, `spec.names.${field}[${String(index)}]`, errors);
    }
  }
  if (names.listKind !== void 0 && names.listKind === names.kind) {
    const details = "kind and listKind may not be the same";
    errors.invalidValue(names.listKind, "spec.names.listKind", details);
  }
}
function checkGroup(group, errors) {
  if (group === "") errors.missing("spec.group");
  else if (!group.includes(".")) {
    errors.invalidValue(group, "spec.group", "should be a domain with at least one dot");
  } else if (!isDnsSubdomain(group)) {
    errors.invalidValue(group, "spec.group", "expected a DNS-1123 subdomain");
  }
}
function checkColumns(version, errors) {
  for (const [index, column] of (version.additionalPrinterColumns ?? []).entries()) {
    const path = `additionalPrinterColumns[${String(index)}]`;
    if (column.name === "") errors.missing(`${path}.name`);
    if (!COLUMN_TYPES.includes(column.type)) {
      const details = `must be one of ${COLUMN_TYPES.join(",")}`;
      errors.invalidValue(column.type, `${path}.type`, details);
    }
    if (column.jsonPath === "") errors.missing(`${path}.JSONPath`);
    else if (!column.jsonPath.startsWith(".")) {
      const details = "must be a simple json path starting with .";
      errors.invalidValue(column.jsonPath, `${path}.JSONPath`, details);
    }
  }
}
function checkSubresources(version, errors) {
  const { subresources, selectableFields = [] } = version;
  for (const [index, { jsonPath }] of selectableFields.entries()) {
    if (/^(?:\.[A-Za-z_][A-Za-z0-9_-]*)+$/.test(jsonPath)) continue;
    const path = `selectableFields[${String(index)}].jsonPath`;
    errors.invalidValue(jsonPath, path, "is an invalid path: expected names after dots");
  }
  const { scale } = subresources ?? {};
  if (scale === void 0) return;
  for (const [field, prefix] of [
    ["specReplicasPath", ".spec."],
    ["statusReplicasPath", ".status."]
  ]) {
    if (scale[field].startsWith(prefix)) continue;
    const path = `subresources.scale.${field}`;
    errors.invalidValue(scale[field], path, `should be a json path under ${prefix.slice(0, -1)}`);
  }
}
function checkVersion(version) {
  const errors = new FieldErrors();
  checkLabel(version.name, "name", errors);
  if (version.deprecationWarning !== void 0 && version.deprecated !== true) {
    const details = "can only be set for deprecated versions";
    errors.invalidValue(version.deprecationWarning, "deprecationWarning", details);
  }
  checkColumns(version, errors);
  checkSubresources(version, errors);
  const schema = version.schema?.openAPIV3Schema;
  const path = "schema.openAPIV3Schema";
  if (schema === void 0) return errors.add("missing field(s)", path, "schemas are required");
  return errors.merge(checkStructural(schema), path).merge(checkPatterns(schema), path);
}
function checkVersions({ versions }, stored, errors) {
  for (const [index, version] of versions.entries()) {
    errors.merge(checkVersion(version), `spec.versions[${String(index)}]`);
  }
  const names = versions.map(({ name }) => name);
  const shown2 = names.join(", ");
  if (new Set(names).size < names.length) {
    errors.invalidValue(shown2, "spec.versions", "must contain unique version names");
  }
  if (versions.filter(({ storage }) => storage).length !== 1) {
    const details = "must have exactly one version marked as storage version";
    errors.invalidValue(shown2, "spec.versions", details);
  }
  for (const [index, name] of stored.entries()) {
    if (names.includes(name)) continue;
    const path = `status.storedVersions[${String(index)}]`;
    errors.invalidValue(name, path, "must appear in spec.versions");
  }
}
function isEstablished({ status }) {
  return (status?.conditions ?? []).some(
    ({ type, status: state }) => type === "Established" && state === "True"
  );
}
function validateCrd({ metadata, spec }, old) {
  const errors = new FieldErrors();
  if (metadata.name !== `${spec.names.plural}.${spec.group}`) {
    const details = 'must be spec.names.plural+"."+spec.group';
    errors.invalidValue(metadata.name, "metadata.name", details);
  }
  checkGroup(spec.group, errors);
  checkNames(spec, errors);
  checkVersions(spec, old?.status?.storedVersions ?? [], errors);
  if (old === void 0 || !isEstablished(old)) return errors;
  if (spec.scope !== old.spec.scope) errors.invalidValue(spec.scope, "spec.scope", IMMUTABLE);
  if (spec.names.kind !== old.spec.names.kind) {
    errors.invalidValue(spec.names.kind, "spec.names.kind", IMMUTABLE);
  }
  return errors;
}

// packages/resources/src/kinds/apiextensions/custom-resource-definition.ts
var namesSchema = external_exports.strictObject({
  plural: external_exports.string().describe("Name in addresses."),
  singular: external_exports.string().exactOptional().describe("The kind in lower case by default."),
  shortNames: external_exports.array(external_exports.string()).exactOptional().describe("Short names for command lines."),
  kind: external_exports.string().describe("Kind of the objects."),
  listKind: external_exports.string().exactOptional().describe("The kind and List by default."),
  categories: external_exports.array(external_exports.string()).exactOptional().describe("Groups of kinds, such as all.")
});
var columnSchema = external_exports.strictObject({
  name: external_exports.string(),
  type: external_exports.string(),
  format: external_exports.string().exactOptional(),
  description: external_exports.string().exactOptional(),
  priority: external_exports.int().meta({ format: "int32" }).exactOptional(),
  jsonPath: external_exports.string()
});
var versionSchema = external_exports.strictObject({
  name: external_exports.string().describe("Name of the version, such as v1beta1."),
  served: external_exports.boolean().describe("Whether there is an address for it."),
  storage: external_exports.boolean().describe("Whether objects are stored in it; true for exactly one."),
  deprecated: external_exports.boolean().exactOptional(),
  deprecationWarning: external_exports.string().exactOptional(),
  schema: external_exports.strictObject({
    openAPIV3Schema: external_exports.record(external_exports.string(), external_exports.unknown()).exactOptional()
  }).exactOptional().describe("What objects look like."),
  subresources: external_exports.strictObject({
    status: external_exports.record(external_exports.string(), external_exports.unknown()).exactOptional(),
    scale: external_exports.strictObject({
      specReplicasPath: external_exports.string(),
      statusReplicasPath: external_exports.string(),
      labelSelectorPath: external_exports.string().exactOptional()
    }).exactOptional()
  }).exactOptional(),
  additionalPrinterColumns: external_exports.array(columnSchema).exactOptional().describe("Columns of tables."),
  selectableFields: external_exports.array(external_exports.strictObject({ jsonPath: external_exports.string() })).exactOptional().describe("Fields that lists can select by.")
});
var specSchema = external_exports.strictObject({
  group: external_exports.string(),
  names: namesSchema,
  scope: external_exports.enum(["Cluster", "Namespaced"]),
  versions: external_exports.array(versionSchema),
  conversion: external_exports.strictObject({
    strategy: external_exports.enum(["None", "Webhook"]),
    webhook: external_exports.record(external_exports.string(), external_exports.unknown()).exactOptional()
  }).exactOptional().describe("How versions become each other."),
  preserveUnknownFields: external_exports.literal(false).exactOptional()
});
var conditionSchema = external_exports.strictObject({
  type: external_exports.string(),
  status: external_exports.enum(["True", "False", "Unknown"]),
  lastTransitionTime: external_exports.string().exactOptional(),
  reason: external_exports.string().exactOptional(),
  message: external_exports.string().exactOptional()
});
var statusSchema = external_exports.strictObject({
  conditions: mergingList(conditionSchema, { keys: ["type"] }).exactOptional(),
  acceptedNames: external_exports.strictObject({
    ...namesSchema.shape,
    plural: external_exports.string().exactOptional(),
    kind: external_exports.string().exactOptional()
  }).exactOptional(),
  storedVersions: external_exports.array(external_exports.string()).exactOptional()
});
var crdSchema = external_exports.strictObject({
  ...typeShape("apiextensions.k8s.io/v1", "CustomResourceDefinition"),
  spec: specSchema,
  status: statusSchema.exactOptional()
});
var customResourceDefinitionKind = defineKind({
  group: "apiextensions.k8s.io",
  version: "v1",
  kind: "CustomResourceDefinition",
  schema: crdSchema,
  shortNames: ["crd", "crds"],
  categories: ["api-extensions"],
  namespaced: false,
  isBuiltin: true,
  hasMergingLists: true,
  printerColumns: [
    { name: "Created At", type: "date", jsonPath: ".metadata.creationTimestamp" },
    { ...COLUMNS.age, priority: 1 }
  ],
  fillDefaults: fillCrdDefaults,
  validate: (crd, _context, old) => validateCrd(crd, old)
});

// packages/resources/src/kinds/core/data-rules.ts
import { isDeepStrictEqual as isDeepStrictEqual2 } from "node:util";
var DATA_BYTES_MAX = 1024 * 1024;
var KEY_LENGTH_MAX = 253;
var KEY = /^[-._a-zA-Z0-9]+$/;
var BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
function isDataKey(key) {
  return key.length <= KEY_LENGTH_MAX && KEY.test(key) && !/^\.\.?$/.test(key);
}
function validateDataKeys(data, field) {
  const errors = new FieldErrors();
  for (const key of Object.keys(data ?? {})) {
    if (isDataKey(key)) continue;
    errors.invalidKey(key, `${field}[${key}]`, "expected letters, digits, '-', '_' and '.'");
  }
  return errors;
}
function validateBase64(data, field) {
  const errors = new FieldErrors();
  for (const [key, text] of Object.entries(data ?? {})) {
    if (BASE64.test(text.replace(/[\r\n]/g, ""))) continue;
    errors.add("expected base64 text", `${field}[${key}]`);
  }
  return errors;
}
function validateDataSize(maps) {
  const errors = new FieldErrors();
  const bytes = maps.flatMap((map) => Object.values(map ?? {})).reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  if (bytes > DATA_BYTES_MAX) {
    errors.add(`expected at most ${String(DATA_BYTES_MAX)} bytes, found ${String(bytes)}`, "data");
  }
  return errors;
}
function validateImmutable(object, old, fields) {
  const errors = new FieldErrors();
  if (old?.immutable !== true) return errors;
  for (const field of ["immutable", ...fields]) {
    if (isDeepStrictEqual2(object[field], old[field])) continue;
    errors.add("field is immutable when `immutable` is set", field);
  }
  return errors;
}

// packages/resources/src/kinds/core/config-map.ts
var configMapSchema = external_exports.strictObject({
  ...typeShape("v1", "ConfigMap"),
  data: external_exports.record(external_exports.string(), external_exports.string()).exactOptional().describe("Texts by key."),
  binaryData: external_exports.record(external_exports.string(), external_exports.string()).exactOptional().describe("Bytes by key, in base64."),
  immutable: external_exports.boolean().exactOptional().describe("Whether the data may never change.")
});
function validate2(configMap, _context, old) {
  const { data, binaryData } = configMap;
  const errors = validateDataKeys(data, "data").merge(validateDataKeys(binaryData, "binaryData")).merge(validateBase64(binaryData, "binaryData")).merge(validateDataSize([data, binaryData])).merge(validateImmutable(configMap, old, ["data", "binaryData"]));
  for (const key of Object.keys(data ?? {})) {
    if (Object.hasOwn(binaryData ?? {}, key)) {
      errors.add("expected exactly one, got both", [`binaryData[${key}]`, `data[${key}]`]);
    }
  }
  return errors;
}
var configMapKind = defineKind({
  group: "",
  version: "v1",
  kind: "ConfigMap",
  schema: configMapSchema,
  shortNames: ["cm"],
  hasStatus: false,
  isBuiltin: true,
  printerColumns: [COLUMNS.age],
  validate: validate2
});

// packages/resources/src/duck/reference.ts
import { X509Certificate } from "node:crypto";

// packages/resources/src/config/features.ts
var FEATURES_CONFIG_MAP = "config-features";
var SWITCH = ["Enabled", "Disabled", "Allowed"];
var ENCRYPTION = ["Disabled", "Permissive", "Strict"];
var AUTHORIZATION = ["Allow-All", "Deny-All", "Allow-Same-Namespace"];
var FLAGS = {
  "kreference-group": { values: SWITCH, initial: "Disabled" },
  "delivery-retryafter": { values: SWITCH, initial: "Disabled" },
  "delivery-timeout": { values: SWITCH, initial: "Enabled" },
  "kreference-mapping": { values: SWITCH, initial: "Disabled" },
  "transport-encryption": { values: ENCRYPTION, initial: "Disabled" },
  "eventtype-auto-create": { values: SWITCH, initial: "Disabled" },
  "authentication-oidc": { values: SWITCH, initial: "Disabled" },
  "default-authorization-mode": { values: AUTHORIZATION, initial: "Allow-Same-Namespace" },
  "oidc-discovery-base-url": { values: [], initial: "https://kubernetes.default.svc" },
  "cross-namespace-event-links": { values: SWITCH, initial: "Disabled" },
  "new-apiserversource-filters": { values: SWITCH, initial: "Disabled" },
  "requestreply-default-timeout": { values: [], initial: "PT30S" }
};
var NODE_SELECTOR_PREFIX = "apiserversources-nodeselector-";
var FLAG_NAMES = Object.keys(FLAGS);
function initialFlags() {
  return Object.fromEntries(FLAG_NAMES.map((name) => [name, FLAGS[name].initial]));
}
var SHIPPED_FEATURES = { flags: initialFlags(), nodeSelector: {}, others: {} };
function isEnabled(features, flag) {
  return features.flags[flag] === "Enabled";
}
function isFeatureFlag(name) {
  return Object.hasOwn(FLAGS, name);
}
function readFlag(name, text, errors) {
  const path = `data[${name}]`;
  const values = FLAGS[name].values;
  if (values.length > 0) {
    const value = values.find((candidate) => candidate.toLowerCase() === text.toLowerCase());
    if (value === void 0) errors.invalidValue(text, path, `expected ${alternatives(values)}`);
    return value;
  }
  if (name === "requestreply-default-timeout") {
    try {
      if (parseIsoDuration(text) > 0) return text;
    } catch {
    }
    errors.invalidValue(text, path, "expected an ISO 8601 duration above zero, such as PT30S");
    return void 0;
  }
  if (URL.canParse(text)) return text;
  errors.invalidValue(text, path, "expected a URL");
  return void 0;
}
function warnUnknown(key, warnings) {
  const near = nearestName(key, FLAG_NAMES);
  const hint = near === void 0 ? "" : `, did you mean ${JSON.stringify(near)}?`;
  warnings.add(`unknown feature flag ${JSON.stringify(key)}${hint}`, `data[${key}]`);
}
function decodeFeatures(configMap) {
  const errors = new FieldErrors();
  const warnings = new FieldErrors();
  const flags = initialFlags();
  const nodeSelector = {};
  const others = {};
  for (const [rawKey, rawText] of Object.entries(configMap.data ?? {})) {
    const key = rawKey.trim();
    const text = rawText.trim();
    if (key.startsWith("_")) continue;
    if (isFeatureFlag(key)) flags[key] = readFlag(key, text, errors) ?? flags[key];
    else if (key.startsWith(NODE_SELECTOR_PREFIX)) {
      nodeSelector[key.slice(NODE_SELECTOR_PREFIX.length)] = text;
    } else {
      others[key] = text;
      warnUnknown(key, warnings);
    }
  }
  return errors.isEmpty ? { value: { flags, nodeSelector, others }, errors, warnings } : { errors, warnings };
}

// packages/resources/src/duck/reference.ts
var kReferenceSchema = external_exports.strictObject({
  kind: external_exports.string().describe("Kind of the object."),
  name: external_exports.string().describe("Name of the object."),
  apiVersion: external_exports.string().exactOptional().describe("Group and version of the object."),
  namespace: external_exports.string().exactOptional().describe("Namespace; that of the holder by default."),
  group: external_exports.string().exactOptional().describe("Group without a version; needs kreference-group."),
  address: external_exports.string().exactOptional().describe("Name of one of the addresses of the object.")
});
var destinationShape = {
  ref: kReferenceSchema.exactOptional().describe("An addressable object."),
  uri: external_exports.string().exactOptional().describe("Absolute URL, or relative to that of ref."),
  CACerts: external_exports.string().exactOptional().describe("Certificates to trust, in PEM."),
  audience: external_exports.string().exactOptional().describe("OIDC audience.")
};
var destinationSchema = external_exports.strictObject(destinationShape);
var objectReferenceSchema = external_exports.strictObject({
  kind: external_exports.string().exactOptional(),
  namespace: external_exports.string().exactOptional(),
  name: external_exports.string().exactOptional(),
  uid: external_exports.string().exactOptional(),
  apiVersion: external_exports.string().exactOptional(),
  resourceVersion: external_exports.string().exactOptional(),
  fieldPath: external_exports.string().exactOptional()
});
var NEITHER_REF_NOR_URI = "expected at least one, got none";
var requiredDestinationSchema = destinationSchema.describe("Where the events go.").register(MISSING_HINTS, { message: NEITHER_REF_NOR_URI, fields: ["ref", "uri"] });
function defaultReferenceNamespace(reference, namespace) {
  if (reference === void 0 || namespace === void 0) return;
  if ((reference.namespace ?? "") === "") reference.namespace = namespace;
}
function checkGroup2(reference, features, errors) {
  const { apiVersion = "", group = "" } = reference;
  if (!isEnabled(features, "kreference-group")) {
    if (group !== "") errors.disallowed("group");
    if (apiVersion === "") errors.missing("apiVersion");
    return;
  }
  if (apiVersion === "" && group === "") errors.missing("apiVersion", "group");
  if (apiVersion !== "" && group !== "" && apiVersion.split("/")[0] !== group) {
    errors.add(
      "both apiVersion and group are specified and they refer to different API groups",
      ["apiVersion", "group"],
      "set one of them"
    );
  }
}
function validateReference(reference, rules) {
  const errors = new FieldErrors();
  if (reference.name === "") errors.missing("name");
  if (reference.kind === "") errors.missing("kind");
  checkGroup2(reference, rules.features, errors);
  const { namespace = "" } = reference;
  const { onlyNamespace = "" } = rules;
  if (namespace !== "" && onlyNamespace !== "" && namespace !== onlyNamespace) {
    errors.add(
      "mismatched namespaces",
      "namespace",
      `parent namespace: ${JSON.stringify(onlyNamespace)} does not match ref: ${JSON.stringify(namespace)}`
    );
  }
  return errors;
}
var FORBIDDEN_IN_URI = /[\u0000-\u0020\u007f]/;
var SCHEME = /^[a-z][a-z0-9+.-]*:/i;
function checkAbsoluteUri(uri, errors) {
  let url;
  try {
    url = new URL(uri);
  } catch {
    errors.invalidValue(uri, "uri", "expected a URL such as http://example.com/path");
    return;
  }
  if (url.username !== "" || url.password !== "") {
    errors.add("must not carry a user name or password", "uri");
  } else if (!/^https?:\/\/[^/?#]/i.test(uri)) {
    errors.invalidValue(uri, "uri", "expected an http or https URL with a host");
  }
}
function checkUri(destination, errors) {
  const { ref, uri } = destination;
  if (uri === void 0) return;
  if (FORBIDDEN_IN_URI.test(uri)) {
    errors.add("must not contain spaces or control characters", "uri");
  } else if (ref !== void 0) {
    if (SCHEME.test(uri) || /^[/\\]{2}/.test(uri)) {
      errors.add("Absolute URI is not allowed when Ref or [apiVersion, kind, name] is present", [
        "[apiVersion, kind, name]",
        "ref",
        "uri"
      ]);
    }
  } else if (SCHEME.test(uri)) {
    checkAbsoluteUri(uri, errors);
  } else {
    errors.invalidValue(
      "Relative URI is not allowed when Ref and [apiVersion, kind, name] is absent",
      "uri"
    );
  }
}
var PEM_BLOCK = /-----BEGIN ([^-]+)-----[^-]+-----END \1-----/g;
function checkCertificates(pem2, errors) {
  const blocks = [...pem2.matchAll(PEM_BLOCK)];
  if (blocks.length === 0) {
    errors.invalidValue("CA Cert provided is invalid", "CACerts", "expected certificates in PEM");
  }
  for (const [block, label] of blocks) {
    if (label !== "CERTIFICATE") {
      errors.invalidValue("CA Cert provided is not a certificate", "CACerts");
      return;
    }
    try {
      new X509Certificate(block);
    } catch {
      errors.invalidValue("CA Cert provided is invalid", "CACerts", "a certificate cannot be read");
      return;
    }
  }
}
function validateDestination(destination, rules) {
  const errors = new FieldErrors();
  const { ref, uri, CACerts } = destination;
  if (ref === void 0 && uri === void 0)
    return errors.add(NEITHER_REF_NOR_URI, ["ref", "uri"]);
  if (ref !== void 0) errors.merge(validateReference(ref, rules), "ref");
  checkUri(destination, errors);
  if (CACerts !== void 0) checkCertificates(CACerts, errors);
  return errors;
}

// packages/resources/src/kinds/core/event.ts
var eventSchema = external_exports.strictObject({
  ...typeShape("v1", "Event"),
  involvedObject: objectReferenceSchema.describe("The object that it is about."),
  reason: external_exports.string().exactOptional().describe("CamelCase word for programs."),
  message: external_exports.string().exactOptional().describe("Sentence for people."),
  type: external_exports.string().exactOptional().describe("Normal or Warning; more may come."),
  source: external_exports.strictObject({ component: external_exports.string().exactOptional(), host: external_exports.string().exactOptional() }).exactOptional().describe("Who reports it, in the old form."),
  firstTimestamp: external_exports.string().exactOptional().describe("When it was first seen."),
  lastTimestamp: external_exports.string().exactOptional().describe("When it was last seen."),
  count: external_exports.int().meta({ format: "int32" }).exactOptional().describe("How often it was seen."),
  eventTime: external_exports.string().exactOptional().describe("When it was first seen, in the new form."),
  series: external_exports.strictObject({
    count: external_exports.int().meta({ format: "int32" }).exactOptional(),
    lastObservedTime: external_exports.string().exactOptional()
  }).exactOptional().describe("How it goes on, in the new form."),
  action: external_exports.string().exactOptional().describe("What was done."),
  related: objectReferenceSchema.exactOptional().describe("Another object that takes part."),
  reportingComponent: external_exports.string().exactOptional().describe("Who reports it."),
  reportingInstance: external_exports.string().exactOptional().describe("Which instance of that.")
});
function validate3({ metadata, involvedObject }) {
  const errors = new FieldErrors();
  const { namespace = "" } = involvedObject;
  if (namespace === "" || namespace === metadata.namespace) return errors;
  const details = "expected the namespace of the Event";
  return errors.invalidValue(namespace, "involvedObject.namespace", details);
}
var eventKind = defineKind({
  group: "",
  version: "v1",
  kind: "Event",
  schema: eventSchema,
  shortNames: ["ev"],
  hasStatus: false,
  isBuiltin: true,
  selectableFields: [
    "involvedObject.kind",
    "involvedObject.namespace",
    "involvedObject.name",
    "involvedObject.uid",
    "involvedObject.apiVersion",
    "involvedObject.resourceVersion",
    "involvedObject.fieldPath",
    "reason",
    "reportingComponent",
    "source",
    "type"
  ],
  printerColumns: [
    { name: "Last Seen", type: "date", jsonPath: ".lastTimestamp" },
    { name: "Type", type: "string", jsonPath: ".type" },
    { name: "Reason", type: "string", jsonPath: ".reason" },
    { name: "Object", type: "string", jsonPath: ".involvedObject.name" },
    { name: "Message", type: "string", jsonPath: ".message" },
    { ...COLUMNS.age, priority: 1 }
  ],
  validate: validate3
});

// packages/resources/src/kinds/core/lease.ts
var leaseSchema = external_exports.strictObject({
  ...typeShape("coordination.k8s.io/v1", "Lease"),
  spec: external_exports.strictObject({
    holderIdentity: external_exports.string().exactOptional().describe("Who holds it."),
    leaseDurationSeconds: external_exports.int().min(1).meta({ format: "int32" }).exactOptional().describe("How long others wait after the last renewal."),
    acquireTime: external_exports.string().exactOptional().describe("When the holder got it."),
    renewTime: external_exports.string().exactOptional().describe("When the holder was last heard of."),
    leaseTransitions: external_exports.int().min(0).meta({ format: "int32" }).exactOptional().describe("How often the holder changed."),
    strategy: external_exports.string().exactOptional(),
    preferredHolder: external_exports.string().exactOptional()
  }).exactOptional()
});
var leaseKind = defineKind({
  group: "coordination.k8s.io",
  version: "v1",
  kind: "Lease",
  schema: leaseSchema,
  hasStatus: false,
  isBuiltin: true,
  printerColumns: [
    { name: "Holder", type: "string", jsonPath: ".spec.holderIdentity" },
    COLUMNS.age
  ]
});

// packages/resources/src/kinds/core/conditions.ts
var coreConditionSchema = external_exports.strictObject({
  type: external_exports.string(),
  status: external_exports.enum(["True", "False", "Unknown"]),
  observedGeneration: external_exports.int().exactOptional(),
  lastTransitionTime: external_exports.string().exactOptional(),
  reason: external_exports.string().exactOptional(),
  message: external_exports.string().exactOptional()
});

// packages/resources/src/kinds/core/namespace.ts
var namespaceSchema = external_exports.strictObject({
  ...typeShape("v1", "Namespace"),
  spec: external_exports.strictObject({ finalizers: external_exports.array(external_exports.string()).exactOptional() }).exactOptional(),
  status: external_exports.strictObject({
    phase: external_exports.enum(["Active", "Terminating"]).exactOptional(),
    conditions: mergingList(coreConditionSchema, { keys: ["type"] }).exactOptional()
  }).exactOptional()
});
var namespaceKind = defineKind({
  group: "",
  version: "v1",
  kind: "Namespace",
  schema: namespaceSchema,
  shortNames: ["ns"],
  namespaced: false,
  isBuiltin: true,
  hasMergingLists: true,
  selectableFields: ["status.phase"],
  nameRule: LABEL_NAME,
  printerColumns: [{ name: "Status", type: "string", jsonPath: ".status.phase" }, COLUMNS.age],
  fillDefaults: ({ metadata }) => {
    if (metadata.name === "") return;
    metadata.labels = { ...metadata.labels, [NAMESPACE_NAME_LABEL]: metadata.name };
  }
});

// packages/resources/src/kinds/core/pod.ts
var named = external_exports.looseObject({ name: external_exports.string() });
var BY_NAME = { keys: ["name"] };
var containerSchema = external_exports.looseObject({
  name: external_exports.string().describe("Name in the Pod."),
  image: external_exports.string().exactOptional().describe("What runs."),
  command: external_exports.array(external_exports.string()).exactOptional(),
  args: external_exports.array(external_exports.string()).exactOptional(),
  workingDir: external_exports.string().exactOptional(),
  ports: mergingList(
    external_exports.looseObject({
      name: external_exports.string().exactOptional(),
      containerPort: external_exports.int().min(1).max(65535),
      protocol: withServerDefault(external_exports.string(), "TCP").exactOptional()
    }),
    { keys: ["containerPort", "protocol"] }
  ).exactOptional(),
  env: mergingList(
    external_exports.looseObject({ name: external_exports.string(), value: external_exports.string().exactOptional() }),
    BY_NAME
  ).exactOptional(),
  volumeMounts: mergingList(external_exports.looseObject({ name: external_exports.string(), mountPath: external_exports.string() }), {
    keys: ["mountPath"]
  }).exactOptional(),
  volumeDevices: mergingList(external_exports.looseObject({ name: external_exports.string(), devicePath: external_exports.string() }), {
    keys: ["devicePath"]
  }).exactOptional()
});
var containers = mergingList(containerSchema, BY_NAME);
var podSpecSchema = external_exports.looseObject({
  containers,
  initContainers: containers.exactOptional(),
  ephemeralContainers: containers.exactOptional(),
  volumes: mergingList(named, { ...BY_NAME, strategy: "merge,retainKeys" }).exactOptional(),
  imagePullSecrets: mergingList(
    external_exports.looseObject({ name: external_exports.string().exactOptional() }),
    BY_NAME
  ).exactOptional(),
  hostAliases: mergingList(external_exports.looseObject({ ip: external_exports.string() }), { keys: ["ip"] }).exactOptional(),
  topologySpreadConstraints: mergingList(
    external_exports.looseObject({ topologyKey: external_exports.string(), whenUnsatisfiable: external_exports.string() }),
    { keys: ["topologyKey", "whenUnsatisfiable"] }
  ).exactOptional(),
  nodeName: external_exports.string().exactOptional(),
  hostNetwork: external_exports.boolean().exactOptional(),
  restartPolicy: external_exports.enum(["Always", "OnFailure", "Never"]).exactOptional(),
  schedulerName: external_exports.string().exactOptional(),
  serviceAccountName: external_exports.string().exactOptional()
});
var containerStatusSchema = external_exports.looseObject({
  name: external_exports.string(),
  ready: external_exports.boolean().exactOptional(),
  started: external_exports.boolean().exactOptional(),
  restartCount: external_exports.int().exactOptional(),
  image: external_exports.string().exactOptional(),
  imageID: external_exports.string().exactOptional(),
  containerID: external_exports.string().exactOptional(),
  state: external_exports.record(external_exports.string(), external_exports.unknown()).exactOptional(),
  lastState: external_exports.record(external_exports.string(), external_exports.unknown()).exactOptional()
});
var podStatusSchema = external_exports.looseObject({
  phase: external_exports.enum(["Pending", "Running", "Succeeded", "Failed", "Unknown"]).exactOptional(),
  reason: external_exports.string().exactOptional(),
  message: external_exports.string().exactOptional(),
  podIP: external_exports.string().exactOptional(),
  podIPs: mergingList(external_exports.looseObject({ ip: external_exports.string() }), { keys: ["ip"] }).exactOptional(),
  hostIP: external_exports.string().exactOptional(),
  nominatedNodeName: external_exports.string().exactOptional(),
  startTime: external_exports.string().exactOptional(),
  conditions: mergingList(
    external_exports.looseObject({ type: external_exports.string(), status: external_exports.enum(["True", "False", "Unknown"]) }),
    { keys: ["type"] }
  ).exactOptional(),
  containerStatuses: external_exports.array(containerStatusSchema).exactOptional(),
  initContainerStatuses: external_exports.array(containerStatusSchema).exactOptional()
});
var podSchema = external_exports.strictObject({
  ...typeShape("v1", "Pod"),
  spec: podSpecSchema,
  status: podStatusSchema.exactOptional()
});
var podKind = defineKind({
  group: "",
  version: "v1",
  kind: "Pod",
  schema: podSchema,
  shortNames: ["po"],
  categories: ["all"],
  isBuiltin: true,
  hasMergingLists: true,
  selectableFields: [
    "spec.nodeName",
    "spec.restartPolicy",
    "spec.schedulerName",
    "spec.serviceAccountName",
    "spec.hostNetwork",
    "status.phase",
    "status.podIP",
    "status.nominatedNodeName"
  ],
  printerColumns: [
    { name: "Status", type: "string", jsonPath: ".status.phase" },
    COLUMNS.age,
    { name: "IP", type: "string", jsonPath: ".status.podIP", priority: 1 },
    { name: "Node", type: "string", jsonPath: ".spec.nodeName", priority: 1 }
  ]
});

// packages/resources/src/kinds/core/secret.ts
var secretSchema = external_exports.strictObject({
  ...typeShape("v1", "Secret"),
  data: external_exports.record(external_exports.string(), external_exports.string()).exactOptional().describe("Bytes by key, in base64."),
  stringData: external_exports.record(external_exports.string(), external_exports.string()).exactOptional().describe("Texts to put into data."),
  type: external_exports.string().exactOptional().describe("What the secret is for."),
  immutable: external_exports.boolean().exactOptional().describe("Whether the data may never change.")
});
function fillDefaults(secret) {
  secret.type ??= "Opaque";
  if (secret.stringData === void 0) return;
  const encoded = Object.entries(secret.stringData).map(
    ([key, text]) => [key, Buffer.from(text).toString("base64")]
  );
  secret.data = { ...secret.data, ...Object.fromEntries(encoded) };
  delete secret.stringData;
}
function validate4(secret, _context, old) {
  const errors = validateDataKeys(secret.data, "data").merge(validateBase64(secret.data, "data")).merge(validateDataSize([secret.data])).merge(validateImmutable(secret, old, ["data"]));
  if (old !== void 0 && old.type !== secret.type) errors.add("field is immutable", "type");
  return errors;
}
var secretKind = defineKind({
  group: "",
  version: "v1",
  kind: "Secret",
  schema: secretSchema,
  hasStatus: false,
  isBuiltin: true,
  selectableFields: ["type"],
  printerColumns: [{ name: "Type", type: "string", jsonPath: ".type" }, COLUMNS.age],
  fillDefaults,
  validate: validate4
});

// packages/resources/src/kinds/core/service-account.ts
var serviceAccountSchema = external_exports.strictObject({
  ...typeShape("v1", "ServiceAccount"),
  secrets: mergingList(objectReferenceSchema, { keys: ["name"] }).exactOptional().describe("Secrets that programs with this account may use."),
  imagePullSecrets: external_exports.array(external_exports.strictObject({ name: external_exports.string().exactOptional() })).exactOptional().describe("Secrets for pulling images."),
  automountServiceAccountToken: external_exports.boolean().exactOptional().describe("Whether programs get a token of the account.")
});
var serviceAccountKind = defineKind({
  group: "",
  version: "v1",
  kind: "ServiceAccount",
  schema: serviceAccountSchema,
  shortNames: ["sa"],
  hasStatus: false,
  isBuiltin: true,
  hasMergingLists: true,
  printerColumns: [COLUMNS.age]
});

// packages/resources/src/kinds/core/service.ts
var PORT_MAX = 65535;
var portSchema = external_exports.strictObject({
  name: external_exports.string().exactOptional(),
  port: external_exports.int().min(1).max(PORT_MAX),
  protocol: withServerDefault(external_exports.enum(["TCP", "UDP", "SCTP"]), "TCP").exactOptional(),
  targetPort: external_exports.union([external_exports.int(), external_exports.string()]).exactOptional(),
  nodePort: external_exports.int().exactOptional(),
  appProtocol: external_exports.string().exactOptional()
});
var serviceSpecSchema = external_exports.strictObject({
  type: external_exports.enum(["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"]).exactOptional(),
  externalName: external_exports.string().exactOptional().describe("Host name that an ExternalName stands for."),
  ports: mergingList(portSchema, { keys: ["port", "protocol"] }).exactOptional(),
  selector: external_exports.record(external_exports.string(), external_exports.string()).meta({ "x-kubernetes-map-type": "atomic" }).exactOptional(),
  clusterIP: external_exports.string().exactOptional(),
  clusterIPs: external_exports.array(external_exports.string()).exactOptional(),
  externalIPs: external_exports.array(external_exports.string()).exactOptional(),
  externalTrafficPolicy: external_exports.string().exactOptional(),
  internalTrafficPolicy: external_exports.string().exactOptional(),
  trafficDistribution: external_exports.string().exactOptional(),
  healthCheckNodePort: external_exports.int().exactOptional(),
  ipFamilies: external_exports.array(external_exports.string()).exactOptional(),
  ipFamilyPolicy: external_exports.string().exactOptional(),
  allocateLoadBalancerNodePorts: external_exports.boolean().exactOptional(),
  loadBalancerClass: external_exports.string().exactOptional(),
  loadBalancerIP: external_exports.string().exactOptional(),
  loadBalancerSourceRanges: external_exports.array(external_exports.string()).exactOptional(),
  publishNotReadyAddresses: external_exports.boolean().exactOptional(),
  sessionAffinity: external_exports.enum(["None", "ClientIP"]).exactOptional(),
  sessionAffinityConfig: external_exports.strictObject({
    clientIP: external_exports.strictObject({ timeoutSeconds: external_exports.int().exactOptional() }).exactOptional()
  }).exactOptional()
});
var ingressSchema = external_exports.strictObject({
  ip: external_exports.string().exactOptional(),
  hostname: external_exports.string().exactOptional(),
  ipMode: external_exports.string().exactOptional(),
  ports: external_exports.array(
    external_exports.strictObject({ port: external_exports.int(), protocol: external_exports.string(), error: external_exports.string().exactOptional() })
  ).exactOptional()
});
var serviceStatusSchema = external_exports.strictObject({
  loadBalancer: external_exports.strictObject({ ingress: external_exports.array(ingressSchema).exactOptional() }).exactOptional(),
  conditions: mergingList(coreConditionSchema, { keys: ["type"] }).exactOptional()
});
var serviceSchema = external_exports.strictObject({
  ...typeShape("v1", "Service"),
  spec: specOf(serviceSpecSchema),
  status: serviceStatusSchema.exactOptional()
});
var SERVICE_NAME = {
  isValid: isServiceName,
  expected: "expected a DNS-1035 label: lower-case letters, digits and '-', a letter first, at most 63 characters"
};
function fillDefaults2({ spec }) {
  spec.type ??= "ClusterIP";
  spec.sessionAffinity ??= "None";
  for (const port of spec.ports ?? []) {
    port.protocol ??= "TCP";
    port.targetPort ??= port.port;
  }
}
function checkPorts({ ports = [] }, errors) {
  const names = /* @__PURE__ */ new Set();
  for (const [index, { name = "" }] of ports.entries()) {
    const path = `spec.ports[${String(index)}].name`;
    if (ports.length > 1 && name === "") errors.missing(path);
    if (name !== "" && names.has(name)) {
      errors.invalidValue(name, path, "expected a different name for every port");
    }
    names.add(name);
  }
}
function validate5({ spec }) {
  const errors = new FieldErrors();
  checkPorts(spec, errors);
  const { type, externalName = "", clusterIP, ports = [] } = spec;
  if (type === "ExternalName") {
    if (externalName === "") errors.missing("spec.externalName");
    else if (!isDnsSubdomain(externalName.toLowerCase().replace(/\.$/, ""))) {
      errors.invalidValue(externalName, "spec.externalName", "expected a host name");
    }
  } else if (ports.length === 0 && clusterIP !== "None") errors.missing("spec.ports");
  return errors;
}
var serviceKind = defineKind({
  group: "",
  version: "v1",
  kind: "Service",
  schema: serviceSchema,
  shortNames: ["svc"],
  categories: ["all"],
  isBuiltin: true,
  hasMergingLists: true,
  selectableFields: ["spec.clusterIP", "spec.type"],
  nameRule: SERVICE_NAME,
  printerColumns: [
    { name: "Type", type: "string", jsonPath: ".spec.type" },
    { name: "Cluster-IP", type: "string", jsonPath: ".spec.clusterIP" },
    { name: "External-IP", type: "string", jsonPath: ".spec.externalName" },
    { name: "Port(s)", type: "string", jsonPath: ".spec.ports[*].port" },
    COLUMNS.age
  ],
  fillDefaults: fillDefaults2,
  validate: validate5
});

// packages/resources/src/duck/delivery.ts
var INT32_MAX2 = 2147483647;
var DELIVERY_MS_MAX = INT32_MAX2;
var deliverySchema = external_exports.strictObject({
  deadLetterSink: destinationSchema.exactOptional().describe("Receives the events that could not be delivered."),
  retry: external_exports.int().min(0).max(INT32_MAX2).meta({ format: "int32" }).exactOptional().describe("Attempts after the first one."),
  timeout: external_exports.string().exactOptional().describe("Longest time of one attempt, as in PT30S."),
  backoffPolicy: external_exports.enum(["linear", "exponential"]).exactOptional().describe("How the delay grows from attempt to attempt."),
  backoffDelay: external_exports.string().exactOptional().describe("Delay before the first retry, as in PT0.2S."),
  retryAfterMax: external_exports.string().exactOptional().describe("Longest Retry-After that is honoured; PT0S ignores the header."),
  format: external_exports.enum(["json", "binary"]).exactOptional().describe("Encoding of delivered events: json is the structured mode.")
});
function defaultDelivery(delivery, namespace) {
  defaultReferenceNamespace(delivery?.deadLetterSink?.ref, namespace);
}
function isoMs(text) {
  try {
    return parseIsoDuration(text);
  } catch {
    return void 0;
  }
}
function checkDuration(text, path, { isValid, expected }) {
  const errors = new FieldErrors();
  const ms = isoMs(text);
  if (ms === void 0 || !isValid(ms)) errors.invalidValue(text, path, expected);
  return errors;
}
var POSITIVE = {
  isValid: (ms) => ms > 0,
  expected: "expected an ISO 8601 duration above zero, such as PT30S"
};
var NOT_NEGATIVE = {
  isValid: (ms) => ms >= 0,
  expected: "expected an ISO 8601 duration that is not negative, such as PT30S"
};
var ANY = {
  isValid: () => true,
  expected: "expected an ISO 8601 duration such as PT0.2S"
};
function validateDelivery(delivery, rules) {
  const errors = new FieldErrors();
  if (delivery === void 0) return errors;
  const { deadLetterSink, timeout, backoffDelay, retryAfterMax } = delivery;
  if (deadLetterSink !== void 0) {
    errors.merge(validateDestination(deadLetterSink, rules), "deadLetterSink");
  }
  if (timeout !== void 0) {
    if (isEnabled(rules.features, "delivery-timeout")) {
      errors.merge(checkDuration(timeout, "timeout", POSITIVE));
    } else errors.disallowed("timeout");
  }
  if (backoffDelay !== void 0) errors.merge(checkDuration(backoffDelay, "backoffDelay", ANY));
  if (retryAfterMax !== void 0) {
    if (isEnabled(rules.features, "delivery-retryafter")) {
      errors.merge(checkDuration(retryAfterMax, "retryAfterMax", NOT_NEGATIVE));
    } else errors.disallowed("retryAfterMax");
  }
  return errors;
}
function requireMs(text, field) {
  const ms = isoMs(text);
  if (ms === void 0) {
    throw new ResourcesError(`delivery.${field}: invalid duration ${JSON.stringify(text)}`, {
      code: "AFFLUX_RESOURCES_INVALID",
      fault: "user",
      details: { field, value: text }
    });
  }
  return Math.min(Math.max(ms, 0), DELIVERY_MS_MAX);
}
function parseDelivery(delivery) {
  if (delivery === void 0) return { retry: 0 };
  const { retry = 0, timeout, backoffPolicy, backoffDelay, retryAfterMax, format } = delivery;
  return {
    retry,
    ...timeout === void 0 ? {} : { timeoutMs: requireMs(timeout, "timeout") },
    ...backoffPolicy === void 0 || backoffDelay === void 0 ? {} : { backoffPolicy, backoffDelayMs: requireMs(backoffDelay, "backoffDelay") },
    ...retryAfterMax === void 0 ? {} : { retryAfterMsMax: requireMs(retryAfterMax, "retryAfterMax") },
    ...format === void 0 ? {} : { format }
  };
}

// packages/resources/src/config/yaml-entry.ts
var import_yaml = __toESM(require_dist(), 1);
var YAML_ENTRY_LENGTH_MAX = 1024 * 1024;
var ALIASES_MAX = 20;
function dataPath(key) {
  return `data[${key}]`;
}
function entryText(configMap, key) {
  const data = configMap.data ?? {};
  const text = Object.hasOwn(data, key) ? data[key] : void 0;
  return text === void 0 || text.trim() === "" ? void 0 : text;
}
function firstLine(message) {
  return (message.split("\n")[0] ?? "").replace(/:$/, "");
}
function parseYaml(text) {
  if (text.length > YAML_ENTRY_LENGTH_MAX) {
    return { problem: `expected at most ${String(YAML_ENTRY_LENGTH_MAX)} characters` };
  }
  const document = (0, import_yaml.parseDocument)(text, { schema: "core" });
  const problem = document.errors[0] ?? document.warnings[0];
  if (problem !== void 0) return { problem: firstLine(problem.message) };
  try {
    return { value: document.toJS({ maxAliasCount: ALIASES_MAX }) };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}
function readYamlEntry({ key, text, schema }, errors) {
  const parsed = parseYaml(text);
  if ("problem" in parsed) {
    errors.add("invalid YAML", dataPath(key), parsed.problem);
    return void 0;
  }
  const checked = checkSchema(schema, parsed.value);
  errors.merge(checked.errors, dataPath(key));
  return checked.value;
}
function missingEntry(key, errors) {
  errors.missing(dataPath(key));
}

// packages/resources/src/config/broker-defaults.ts
var BROKER_DEFAULTS_CONFIG_MAP = "config-br-defaults";
var BROKER_DEFAULTS_KEY = "default-br-config";
var BROKER_CHANNEL_CONFIG_MAP = "config-br-default-channel";
var DEFAULT_SYSTEM_NAMESPACE = "knative-eventing";
var configShape = {
  apiVersion: external_exports.string().exactOptional(),
  kind: external_exports.string().exactOptional(),
  name: external_exports.string().exactOptional(),
  namespace: external_exports.string().exactOptional(),
  group: external_exports.string().exactOptional(),
  address: external_exports.string().exactOptional(),
  delivery: deliverySchema.exactOptional()
};
var brokerConfigSchema = external_exports.strictObject(configShape);
var scopeSchema = external_exports.strictObject({
  brokerClass: external_exports.string().exactOptional(),
  ...configShape,
  brokerClasses: external_exports.record(external_exports.string(), brokerConfigSchema).exactOptional(),
  disallowDifferentNamespaceConfig: external_exports.boolean().exactOptional()
});
var brokerDefaultsSchema = external_exports.strictObject({
  clusterDefault: scopeSchema.exactOptional(),
  namespaceDefaults: external_exports.record(external_exports.string(), scopeSchema).exactOptional()
});
var SHIPPED_BROKER_DELIVERY = {
  retry: 10,
  backoffPolicy: "exponential",
  backoffDelay: "PT0.2S"
};
var SHIPPED_BROKER_DEFAULTS = {
  clusterDefault: {
    brokerClass: MT_BROKER_CLASS,
    apiVersion: "v1",
    kind: "ConfigMap",
    name: BROKER_CHANNEL_CONFIG_MAP,
    namespace: DEFAULT_SYSTEM_NAMESPACE,
    delivery: SHIPPED_BROKER_DELIVERY
  }
};
var EVERY_FEATURE = {
  ...SHIPPED_FEATURES,
  flags: {
    ...SHIPPED_FEATURES.flags,
    "delivery-timeout": "Enabled",
    "delivery-retryafter": "Enabled",
    "kreference-group": "Enabled"
  }
};
function checkScope(scope, path, errors) {
  const rules = { features: EVERY_FEATURE };
  errors.merge(validateDelivery(scope.delivery, rules), `${path}.delivery`);
  for (const [name, entry] of Object.entries(scope.brokerClasses ?? {})) {
    errors.merge(
      validateDelivery(entry.delivery, rules),
      `${path}.brokerClasses[${name}].delivery`
    );
  }
}
function decodeBrokerDefaults(configMap) {
  const errors = new FieldErrors();
  const warnings = new FieldErrors();
  const key = BROKER_DEFAULTS_KEY;
  const text = entryText(configMap, key);
  if (text === void 0) {
    missingEntry(key, errors);
    return { errors, warnings };
  }
  const value = readYamlEntry({ key, text, schema: brokerDefaultsSchema }, errors);
  if (value === void 0) return { errors, warnings };
  const { clusterDefault, namespaceDefaults = {} } = value;
  if (clusterDefault !== void 0)
    checkScope(clusterDefault, `${dataPath(key)}.clusterDefault`, errors);
  for (const [name, scope] of Object.entries(namespaceDefaults)) {
    checkScope(scope, `${dataPath(key)}.namespaceDefaults[${name}]`, errors);
  }
  return errors.isEmpty ? { value, errors, warnings } : { errors, warnings };
}
function own(record, key) {
  return record !== void 0 && Object.hasOwn(record, key) ? record[key] : void 0;
}
function inlineConfig(scope) {
  if (scope === void 0) return void 0;
  const {
    brokerClass: _class,
    brokerClasses: _classes,
    disallowDifferentNamespaceConfig: _flag,
    ...config
  } = scope;
  return Object.keys(config).length === 0 ? void 0 : config;
}
function defaultBrokerClass(defaults, namespace) {
  const candidates = [own(defaults.namespaceDefaults, namespace), defaults.clusterDefault];
  return candidates.map((scope) => scope?.brokerClass ?? "").find((name) => name !== "");
}
function defaultBrokerConfig(defaults, namespace, brokerClass) {
  const scope = own(defaults.namespaceDefaults, namespace);
  const cluster = defaults.clusterDefault;
  const wanted = brokerClass ?? scope?.brokerClass ?? "";
  if (wanted === "") {
    return inlineConfig(cluster) ?? own(cluster?.brokerClasses, cluster?.brokerClass ?? "");
  }
  return own(scope?.brokerClasses, wanted) ?? (scope?.brokerClass === wanted ? inlineConfig(scope) : void 0) ?? own(cluster?.brokerClasses, wanted) ?? inlineConfig(cluster);
}
function configReference(config) {
  const { kind, name, delivery: _delivery, ...rest } = config;
  return kind === void 0 || name === void 0 ? void 0 : { kind, name, ...rest };
}
function mustConfigureInNamespace(defaults, namespace) {
  const scopes = [own(defaults.namespaceDefaults, namespace), defaults.clusterDefault];
  return scopes.some((scope) => scope?.disallowDifferentNamespaceConfig === true);
}

// packages/resources/src/conditions.ts
function equalsButForTime(left, right) {
  return left.type === right.type && left.status === right.status && left.severity === right.severity && (left.reason ?? "") === (right.reason ?? "") && (left.message ?? "") === (right.message ?? "");
}
function transitionMs(condition) {
  const ms = Date.parse(condition.lastTransitionTime ?? "");
  return Number.isNaN(ms) ? 0 : ms;
}
function findCondition(status, type) {
  return status?.conditions?.find((condition) => condition.type === type);
}
var ConditionSet = class {
  happy;
  dependents;
  constructor(happy, dependents) {
    this.happy = happy;
    this.dependents = [...new Set(dependents)].filter((type) => type !== happy);
  }
  /** Adds what is missing: the happy condition Unknown, dependents Unknown, or True under a True happy one. */
  initialize(status, now) {
    let conditions = this.#ensure(status?.conditions ?? [], this.happy, "Unknown", now);
    const inherited = findCondition({ conditions }, this.happy)?.status === "True";
    for (const type of this.dependents) {
      conditions = this.#ensure(conditions, type, inherited ? "True" : "Unknown", now);
    }
    return conditions;
  }
  /** Sets a condition True; the happy one takes over the newest unhappy dependent, or becomes True. */
  markTrue(status, mark) {
    const before = status?.conditions ?? [];
    const conditions = mark.type === this.happy ? before : this.#set(before, mark, "True");
    const unhappy = this.#unhappyDependent(conditions);
    if (unhappy !== void 0) return this.#setHappy(conditions, unhappy, mark.now);
    if (mark.type === this.happy) return this.#set(conditions, mark, "True");
    return this.#setHappy(conditions, { status: "True" }, mark.now);
  }
  /** Sets a condition False, and with it the happy one when the type is a dependent. */
  markFalse(status, mark) {
    const conditions = this.#set(status?.conditions ?? [], mark, "False");
    return this.dependents.includes(mark.type) ? this.#setHappy(conditions, { ...mark, status: "False" }, mark.now) : conditions;
  }
  /** Sets a condition Unknown; a False dependent keeps the happy one False, else a dependent makes it Unknown. */
  markUnknown(status, mark) {
    const conditions = this.#set(status?.conditions ?? [], mark, "Unknown");
    const view = { conditions };
    if (this.dependents.some((type) => findCondition(view, type)?.status === "False")) {
      return findCondition(view, this.happy)?.status === "False" ? conditions : this.#setHappy(conditions, { ...mark, status: "False" }, mark.now);
    }
    return this.dependents.includes(mark.type) ? this.#setHappy(conditions, { ...mark, status: "Unknown" }, mark.now) : conditions;
  }
  /** Removes a condition that does not count for readiness; the others cannot be removed. */
  clear(status, type) {
    const conditions = [...status?.conditions ?? []];
    return this.#isTerminal(type) ? conditions : conditions.filter((c) => c.type !== type);
  }
  /** The happy condition itself. */
  happyCondition(status) {
    return findCondition(status, this.happy);
  }
  /**
   * Whether the happy condition is True. With a generation, the status must also speak of it: Knative asks for
   * that of Brokers and InMemoryChannels, and of no other kind.
   */
  isReady(status, generation) {
    const isCurrent = generation === void 0 || status?.observedGeneration === generation;
    return isCurrent && this.happyCondition(status)?.status === "True";
  }
  #isTerminal(type) {
    return type === this.happy || this.dependents.includes(type);
  }
  #ensure(conditions, type, status, now) {
    return findCondition({ conditions }, type) === void 0 ? this.#set(conditions, { type, now }, status) : [...conditions];
  }
  #setHappy(conditions, verdict, now) {
    const { status, reason, message } = verdict;
    const mark = {
      type: this.happy,
      now,
      ...reason === void 0 ? {} : { reason },
      ...message === void 0 ? {} : { message }
    };
    return this.#set(conditions, mark, status);
  }
  #set(conditions, mark, status) {
    const next = { type: mark.type, status };
    if (!this.#isTerminal(mark.type)) next.severity = "Info";
    if (mark.reason !== void 0 && mark.reason !== "") next.reason = mark.reason;
    if (mark.message !== void 0 && mark.message !== "") next.message = mark.message;
    const current = findCondition({ conditions }, mark.type);
    if (current !== void 0 && equalsButForTime(current, next)) return [...conditions];
    next.lastTransitionTime = mark.now;
    return [...conditions.filter((condition) => condition.type !== mark.type), next].sort(
      (left, right) => left.type < right.type ? -1 : 1
    );
  }
  /** First any False, then any Unknown, newest first; an Unknown without reason when dependents are absent. */
  #unhappyDependent(conditions) {
    if (this.dependents.length === 0) return void 0;
    const unhappy = conditions.filter(
      ({ severity, type, status }) => severity === void 0 && type !== this.happy && status !== "True"
    ).sort((left, right) => transitionMs(right) - transitionMs(left));
    const first = unhappy.find(({ status }) => status === "False") ?? unhappy[0];
    if (first !== void 0) return first;
    const isComplete = this.dependents.every((type) => findCondition({ conditions }, type));
    return isComplete ? void 0 : { status: "Unknown" };
  }
};

// packages/resources/src/duck/status.ts
var conditionSchema2 = external_exports.strictObject({
  type: external_exports.string(),
  status: external_exports.enum(["True", "False", "Unknown"]),
  severity: external_exports.enum(["Warning", "Info"]).exactOptional(),
  lastTransitionTime: external_exports.string().exactOptional(),
  reason: external_exports.string().exactOptional(),
  message: external_exports.string().exactOptional()
});
var statusShape = {
  observedGeneration: external_exports.int().exactOptional(),
  conditions: external_exports.array(conditionSchema2).exactOptional(),
  annotations: external_exports.record(external_exports.string(), external_exports.string()).exactOptional()
};
var addressableSchema = external_exports.strictObject({
  name: external_exports.string().exactOptional(),
  url: external_exports.string().exactOptional(),
  CACerts: external_exports.string().exactOptional(),
  audience: external_exports.string().exactOptional()
});
var addressStatusShape = {
  address: addressableSchema.exactOptional(),
  addresses: external_exports.array(addressableSchema).exactOptional()
};
var addressStatusSchema = external_exports.strictObject(addressStatusShape);
var deliveryStatusShape = {
  deadLetterSinkUri: external_exports.string().exactOptional(),
  deadLetterSinkCACerts: external_exports.string().exactOptional(),
  deadLetterSinkAudience: external_exports.string().exactOptional()
};
var authStatusSchema = external_exports.strictObject({
  serviceAccountName: external_exports.string().exactOptional(),
  serviceAccountNames: external_exports.array(external_exports.string()).exactOptional()
});
var policiesShape = {
  policies: external_exports.array(external_exports.strictObject({ apiVersion: external_exports.string(), name: external_exports.string() })).exactOptional()
};

// packages/resources/src/flow-settings.ts
var MINUTE_MS = 6e4;
var DAY_MS = 24 * 60 * MINUTE_MS;
var MIB = 1024 * 1024;
var FLOW_DEFAULTS = {
  maxInFlight: 128,
  order: "unordered",
  circuitBreaker: "auto",
  overflow: "backpressure",
  replyPolicy: "lenient",
  queueEventsMax: 1e4,
  queueBytesMax: 32 * MIB,
  backoffMsMax: 5 * MINUTE_MS,
  retryAfterMsMax: 5 * MINUTE_MS
};
function choice(key, values) {
  return {
    key,
    read: (text) => {
      const value = values.find((candidate) => candidate === text);
      const details = `expected ${alternatives(values)}`;
      return value === void 0 ? { problem: { message: `invalid value: ${text}`, details } } : { value };
    }
  };
}
function quantity(key, { min, max, expected, parse: parse2 }) {
  const read = (text) => {
    let value = Number.NaN;
    try {
      value = parse2(text);
    } catch {
    }
    if (Number.isNaN(value)) {
      return { problem: { message: `invalid value: ${text}`, details: `expected ${expected}` } };
    }
    if (value >= min && value <= max) return { value };
    const message = `expected ${String(min)} <= ${String(value)} <= ${String(max)}`;
    return { problem: { message, details: `expected ${expected}` } };
  };
  return { key, read };
}
function integer2(text) {
  return /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
}
function decimal(text) {
  return /^\d{1,15}(?:\.\d{1,9})?$/.test(text) ? Number(text) : Number.NaN;
}
var RFC_3339 = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:[Zz]|[+-]\d{2}:\d{2})$/;
function startAt(text) {
  if (text === "latest" || text === "earliest") return { value: text };
  const timeMs = RFC_3339.test(text) ? Date.parse(text.toUpperCase()) : Number.NaN;
  if (!Number.isNaN(timeMs)) return { value: { timeMs } };
  const details = 'expected "latest", "earliest" or a time such as 2026-11-01T10:00:00Z';
  return { problem: { message: `invalid value: ${text}`, details } };
}
var ORDERS = ["unordered", "ordered"];
var FOREIGN_RULES = {
  maxInFlight: quantity(RABBITMQ_PARALLELISM, {
    min: 1,
    max: 1e3,
    expected: "a number of deliveries from 1 to 1000",
    parse: integer2
  }),
  order: { key: KAFKA_DELIVERY_ORDER, read: anyCase(KAFKA_DELIVERY_ORDER) }
};
function anyCase(key) {
  const { read } = choice(key, ORDERS);
  return (text) => {
    const result = read(text.toLowerCase());
    return "value" in result ? result : read(text);
  };
}
var RULES = {
  maxInFlight: quantity(AFFLUX_MAX_IN_FLIGHT, {
    min: 1,
    max: 1e4,
    expected: "a number of deliveries from 1 to 10000",
    parse: integer2
  }),
  ratePerSecond: quantity(AFFLUX_RATE, {
    min: 1e-3,
    max: 1e6,
    expected: "events per second from 0.001 to 1000000",
    parse: decimal
  }),
  order: choice(AFFLUX_ORDER, ORDERS),
  circuitBreaker: choice(AFFLUX_CIRCUIT_BREAKER, ["auto", "on", "off"]),
  overflow: choice(AFFLUX_OVERFLOW, ["backpressure", "dead-letter"]),
  replyPolicy: choice(AFFLUX_REPLY_POLICY, ["lenient", "strict"]),
  queueEventsMax: quantity(AFFLUX_QUEUE_EVENTS, {
    min: 1,
    max: 1e7,
    expected: "a number of events from 1 to 10000000",
    parse: integer2
  }),
  queueBytesMax: quantity(AFFLUX_QUEUE_BYTES, {
    min: 64 * 1024,
    max: 64 * 1024 * MIB,
    expected: "a size from 64KiB to 64GiB, such as 32MiB",
    parse: parseBytes
  }),
  backoffMsMax: quantity(AFFLUX_BACKOFF_MAX, {
    min: 1,
    max: DAY_MS,
    expected: "a duration from 1ms to 24h, such as PT5M or 5m",
    parse: parseDuration
  }),
  retryAfterMsMax: quantity(AFFLUX_RETRY_AFTER_MAX, {
    min: 0,
    max: DAY_MS,
    expected: "a duration from 0s to 24h, such as PT5M or 5m",
    parse: parseDuration
  }),
  deduplicateMs: {
    ...quantity(AFFLUX_DEDUPLICATE, {
      min: 1e3,
      max: DAY_MS,
      expected: "a duration from 1s to 24h, such as PT5M or 5m",
      parse: parseDuration
    }),
    isForAll: true
  },
  startAt: { key: AFFLUX_INITIAL_OFFSET, read: startAt }
};
var RULE_LIST = [
  ...Object.values(RULES),
  ...Object.values(FOREIGN_RULES)
];
var FLOW_ANNOTATIONS = Object.values(RULES).map(({ key }) => key);
var OUR_PREFIX = "afflux.dev/";
function readFirst(rules, layers2) {
  for (const layer of layers2) {
    for (const rule of rules) {
      if (layer === void 0 || !Object.hasOwn(layer, rule.key)) continue;
      const read = rule.read(layer[rule.key] ?? "");
      if ("value" in read) return read.value;
    }
  }
  return void 0;
}
function flowSettings(...layers2) {
  const ratePerSecond = readFirst([RULES.ratePerSecond], layers2);
  const deduplicateMs = readFirst([RULES.deduplicateMs], layers2);
  const start = readFirst([RULES.startAt], layers2);
  const first = (name, ...rules) => readFirst(rules, layers2) ?? FLOW_DEFAULTS[name];
  return {
    maxInFlight: first("maxInFlight", RULES.maxInFlight, FOREIGN_RULES.maxInFlight),
    ...ratePerSecond === void 0 ? {} : { ratePerSecond },
    order: first("order", RULES.order, FOREIGN_RULES.order),
    circuitBreaker: first("circuitBreaker", RULES.circuitBreaker),
    overflow: first("overflow", RULES.overflow),
    replyPolicy: first("replyPolicy", RULES.replyPolicy),
    queueEventsMax: first("queueEventsMax", RULES.queueEventsMax),
    queueBytesMax: first("queueBytesMax", RULES.queueBytesMax),
    backoffMsMax: first("backoffMsMax", RULES.backoffMsMax),
    retryAfterMsMax: first("retryAfterMsMax", RULES.retryAfterMsMax),
    ...deduplicateMs === void 0 ? {} : { deduplicateMs },
    ...start === void 0 ? {} : { startAt: start }
  };
}
function validateFlowAnnotations(annotations, holder = "channel") {
  const errors = new FieldErrors();
  for (const { key, read, isForAll } of RULE_LIST) {
    if (annotations === void 0 || !Object.hasOwn(annotations, key)) continue;
    if (isForAll === true && holder === "subscription") {
      const details = "it belongs on the Broker or channel";
      errors.add("must not set the field(s)", `metadata.annotations[${key}]`, details);
      continue;
    }
    const result = read(annotations[key] ?? "");
    if ("value" in result) continue;
    errors.add(result.problem.message, `metadata.annotations[${key}]`, result.problem.details);
  }
  return errors.merge(misspelled(annotations));
}
function refuseFlowAnnotations(annotations) {
  const errors = new FieldErrors();
  for (const { key } of RULE_LIST) {
    if (annotations === void 0 || !Object.hasOwn(annotations, key)) continue;
    errors.add(
      "must not set the field(s)",
      `metadata.annotations[${key}]`,
      "flow annotations belong on a Broker, Trigger, Subscription or the channel itself"
    );
  }
  return errors;
}
function misspelled(annotations) {
  const errors = new FieldErrors();
  for (const key of Object.keys(annotations ?? {})) {
    if (!key.startsWith(OUR_PREFIX) || FLOW_ANNOTATIONS.includes(key)) continue;
    const ours = FLOW_ANNOTATIONS.map((known) => known.slice(OUR_PREFIX.length));
    const near = nearestName(key.slice(OUR_PREFIX.length), ours);
    if (near === void 0) continue;
    errors.add(
      `unknown annotation ${JSON.stringify(key)}, did you mean ${JSON.stringify(OUR_PREFIX + near)}?`,
      `metadata.annotations[${key}]`
    );
  }
  return errors;
}

// packages/resources/src/immutability.ts
import { isDeepStrictEqual as isDeepStrictEqual3 } from "node:util";
var LISTED_CHANGES_MAX = 20;
var GO_NAMES = {
  apiVersion: "APIVersion",
  uri: "URI",
  CACerts: "CACerts"
};
function goName(field) {
  return GO_NAMES[field] ?? field.charAt(0).toUpperCase() + field.slice(1);
}
function shown(value) {
  return typeof value === "string" ? value : JSON.stringify(value);
}
function isObject(value) {
  return typeof value === "object" && value !== null;
}
function collectChanges(path, before, after, changes) {
  if (isDeepStrictEqual3(before, after)) return;
  if (isObject(before) && isObject(after) && Array.isArray(before) === Array.isArray(after)) {
    for (const key of /* @__PURE__ */ new Set([...Object.keys(before), ...Object.keys(after)])) {
      const step = Array.isArray(before) ? `[${key}]` : `.${goName(key)}`;
      collectChanges(path + step, before[key], after[key], changes);
    }
    return;
  }
  const removed = before === void 0 ? "" : `	-: "${shown(before)}"
`;
  const added = after === void 0 ? "" : `	+: "${shown(after)}"
`;
  changes.push(`${path}:
${removed}${added}`);
}
function requireUnchanged(immutable) {
  const errors = new FieldErrors();
  const { before, after, typeName, paths, noun = "fields" } = immutable;
  const changes = [];
  collectChanges(`{${typeName}}`, before, after, changes);
  if (changes.length === 0) return errors;
  const details = changes.slice(0, LISTED_CHANGES_MAX).join("");
  return errors.add(`Immutable ${noun} changed (-old +new)`, paths, details);
}
function withoutFields(spec, ...names) {
  return Object.fromEntries(Object.entries(spec).filter(([name]) => !names.includes(name)));
}

// packages/resources/src/kinds/annotation-rules.ts
var BOOLEANS = ["1", "t", "T", "TRUE", "true", "True", "0", "f", "F", "FALSE", "false", "False"];
function validateBooleanAnnotation(annotations, key) {
  const errors = new FieldErrors();
  const text = Object.hasOwn(annotations, key) ? annotations[key] : void 0;
  if (text !== void 0 && !BOOLEANS.includes(text)) {
    errors.invalidValue(text, `metadata.annotations[${key}]`, 'expected "true" or "false"');
  }
  return errors;
}

// packages/resources/src/config/entries.ts
function textEntry(configMap, key) {
  return entryText(configMap, key)?.trim();
}
function countEntry(configMap, { key, max }, errors) {
  const text = textEntry(configMap, key);
  if (text === void 0) return void 0;
  const value = /^\d{1,15}$/.test(text) ? Number(text) : 0;
  if (value >= 1 && value <= max) return value;
  errors.invalidValue(text, dataPath(key), `expected a whole number from 1 to ${String(max)}`);
  return void 0;
}
function listEntry(configMap, key, errors) {
  const items = (textEntry(configMap, key) ?? "").split(",").map((item) => item.trim()).filter((item) => item !== "");
  if (items.length === 0) errors.missing(dataPath(key));
  return items;
}

// packages/resources/src/config/kafka-config.ts
var KAFKA_BROKER_CONFIG_MAP = "kafka-broker-config";
var KAFKA_CHANNEL_CONFIG_MAP = "kafka-channel-config";
var BOOTSTRAP_SERVERS = "bootstrap.servers";
var PARTITIONS = "default.topic.partitions";
var REPLICATION_FACTOR = "default.topic.replication.factor";
var AUTH_SECRET = "auth.secret.ref.name";
var AUTH_SECRET_NAMESPACE = "auth.secret.ref.namespace";
var TOPIC_CONFIG_PREFIX = "default.topic.config.";
var KAFKA_TOPIC_DEFAULTS = { partitions: 10, replicationFactor: 3 };
var PARTITIONS_MAX = 1e5;
var REPLICATION_FACTOR_MAX = 32767;
var PORT_MAX2 = 65535;
function isServer(text) {
  const match = /^(?:\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+):(\d{1,5})$/.exec(text);
  const port = Number(match?.[1] ?? 0);
  return port >= 1 && port <= PORT_MAX2;
}
function readServers(configMap, errors) {
  const servers = listEntry(configMap, BOOTSTRAP_SERVERS, errors);
  for (const server of servers) {
    if (isServer(server)) continue;
    errors.invalidValue(
      server,
      dataPath(BOOTSTRAP_SERVERS),
      "expected host:port, several between commas"
    );
  }
  return servers;
}
function readConnection(configMap, errors) {
  const bootstrapServers = readServers(configMap, errors);
  const name = textEntry(configMap, AUTH_SECRET);
  const namespace = textEntry(configMap, AUTH_SECRET_NAMESPACE);
  if (name === void 0) return { bootstrapServers };
  return {
    bootstrapServers,
    authSecret: { name, ...namespace === void 0 ? {} : { namespace } }
  };
}
function decodeKafkaChannelConfig(configMap) {
  const errors = new FieldErrors();
  const warnings = new FieldErrors();
  const value = readConnection(configMap, errors);
  return errors.isEmpty ? { value, errors, warnings } : { errors, warnings };
}
function readTopicConfig(configMap) {
  const entries = Object.entries(configMap.data ?? {}).filter(([key]) => key.startsWith(TOPIC_CONFIG_PREFIX)).map(([key, text]) => [key.slice(TOPIC_CONFIG_PREFIX.length), text.trim()]).filter(([name]) => name !== "");
  return Object.fromEntries(entries);
}
function decodeKafkaBrokerConfig(configMap) {
  const errors = new FieldErrors();
  const warnings = new FieldErrors();
  const connection = readConnection(configMap, errors);
  const partitions = countEntry(configMap, { key: PARTITIONS, max: PARTITIONS_MAX }, errors);
  const replicationFactor = countEntry(
    configMap,
    { key: REPLICATION_FACTOR, max: REPLICATION_FACTOR_MAX },
    errors
  );
  if (!errors.isEmpty) return { errors, warnings };
  const value = {
    ...connection,
    partitions: partitions ?? KAFKA_TOPIC_DEFAULTS.partitions,
    replicationFactor: replicationFactor ?? KAFKA_TOPIC_DEFAULTS.replicationFactor,
    topicConfig: readTopicConfig(configMap)
  };
  return { value, errors, warnings };
}

// packages/resources/src/storage-names.ts
import { createHash as createHash2 } from "node:crypto";
var KAFKA_LENGTH_MAX = 249;
var AMQP_LENGTH_MAX = 200;
var HASH_LENGTH2 = 16;
var TOPIC = /^[a-zA-Z0-9._-]{1,249}$/;
var TOPIC_NAME_EXPECTED = "expected 1 to 249 letters, digits, '.', '_' and '-', and not '.' or '..'";
function isTopicName(text) {
  return TOPIC.test(text) && text !== "." && text !== "..";
}
function hash(text) {
  return createHash2("sha256").update(text).digest("hex").slice(0, HASH_LENGTH2);
}
function bounded(text, lengthMax) {
  if (text.length <= lengthMax) return text;
  return `${text.slice(0, lengthMax - HASH_LENGTH2 - 1)}-${hash(text)}`;
}
function pair(parent, child) {
  const joined = `${parent}.${child.replace("/", "_")}`;
  return parent.includes(".") ? `${joined}-${hash(`${parent}/${child}`)}` : joined;
}
function kafkaBrokerTopic({ namespace, name }) {
  return bounded(`knative-broker-${namespace}-${name}`, KAFKA_LENGTH_MAX);
}
function kafkaChannelTopic({ namespace, name }) {
  return bounded(`knative-messaging-kafka.${namespace}.${name}`, KAFKA_LENGTH_MAX);
}
function kafkaTriggerGroup({ namespace, name }) {
  return bounded(`knative-trigger-${namespace}-${name}`, KAFKA_LENGTH_MAX);
}
function kafkaSubscriptionGroup({
  namespace,
  channel,
  subscription
}) {
  return bounded(`kafka.${namespace}.${pair(channel, subscription)}`, KAFKA_LENGTH_MAX);
}
function rabbitmqBrokerExchange({ namespace, name }) {
  return bounded(`b.${namespace}.${name}`, AMQP_LENGTH_MAX);
}
function rabbitmqTriggerQueue({ namespace, name }) {
  return bounded(`t.${namespace}.${name}`, AMQP_LENGTH_MAX);
}
function rabbitmqChannelExchange({ namespace, name }) {
  return bounded(`c.${namespace}.${name}`, AMQP_LENGTH_MAX);
}
function rabbitmqSubscriptionQueue({
  namespace,
  channel,
  subscription
}) {
  return bounded(`s.${namespace}.${pair(channel, subscription)}`, AMQP_LENGTH_MAX);
}

// packages/resources/src/kinds/eventing/broker-classes.ts
function isConfigMap(config) {
  return config.kind.toLowerCase() === "configmap";
}
function kafkaInherited(reference, systemNamespace) {
  if (reference !== void 0 && reference.name !== BROKER_CHANNEL_CONFIG_MAP) return reference;
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    name: KAFKA_BROKER_CONFIG_MAP,
    namespace: systemNamespace
  };
}
function checkKafka(config) {
  const errors = new FieldErrors();
  if (config === void 0 || config.kind === "" || isConfigMap(config)) return errors;
  return errors.add(`supported config Kind: ConfigMap - got ${config.kind}`, "spec.config.kind");
}
function checkKafkaNamespaced(config, namespace) {
  const errors = checkKafka(config);
  if (config === void 0 || (config.namespace ?? namespace) === namespace) return errors;
  const details = `a Broker of class ${KAFKA_NAMESPACED_BROKER_CLASS} keeps its configuration in its own namespace`;
  return errors.add("mismatched namespaces", "spec.config.namespace", details);
}
var RABBITMQ_KINDS = {
  RabbitmqBrokerConfig: "eventing.knative.dev/v1alpha1",
  RabbitmqCluster: "rabbitmq.com/v1beta1"
};
function isRabbitmqConfig({ kind, apiVersion }) {
  return Object.hasOwn(RABBITMQ_KINDS, kind) && RABBITMQ_KINDS[kind] === apiVersion;
}
function checkRabbitmq(config) {
  const errors = new FieldErrors();
  if (config === void 0) return errors.missing("spec.config");
  if ((config.namespace ?? "") === "") errors.missing("spec.config.namespace");
  if (config.kind === "" || (config.apiVersion ?? "") === "" || isRabbitmqConfig(config)) {
    return errors;
  }
  const details = "expected a RabbitmqBrokerConfig of eventing.knative.dev/v1alpha1 or a RabbitmqCluster of rabbitmq.com/v1beta1";
  return errors.add(
    "Configuration not supported, only [kind: RabbitmqBrokerConfig]",
    "spec.config",
    details
  );
}
var CLASSES = {
  [KAFKA_BROKER_CLASS]: { inherited: kafkaInherited, check: checkKafka },
  [KAFKA_NAMESPACED_BROKER_CLASS]: {
    inherited: (reference) => reference?.name === BROKER_CHANNEL_CONFIG_MAP ? void 0 : reference,
    check: checkKafkaNamespaced
  },
  [RABBITMQ_BROKER_CLASS]: {
    inherited: (reference) => reference !== void 0 && isRabbitmqConfig(reference) ? reference : void 0,
    check: checkRabbitmq
  }
};
function rulesOf(brokerClass) {
  return Object.hasOwn(CLASSES, brokerClass) ? CLASSES[brokerClass] : void 0;
}
function inheritedConfig(brokerClass, reference, systemNamespace) {
  const rules = rulesOf(brokerClass);
  return rules === void 0 ? reference : rules.inherited(reference, systemNamespace);
}
function validateBrokerClass(brokerClass, {
  config,
  namespace,
  annotations
}) {
  const errors = rulesOf(brokerClass)?.check(config, namespace) ?? new FieldErrors();
  const topic = Object.hasOwn(annotations, KAFKA_EXTERNAL_TOPIC) ? annotations[KAFKA_EXTERNAL_TOPIC] : void 0;
  if (topic !== void 0 && !isTopicName(topic)) {
    const path = `metadata.annotations[${KAFKA_EXTERNAL_TOPIC}]`;
    errors.invalidValue(topic, path, TOPIC_NAME_EXPECTED);
  }
  return errors;
}

// packages/resources/src/kinds/eventing/broker.ts
var brokerSpecSchema = external_exports.strictObject({
  config: kReferenceSchema.exactOptional().describe("Configuration of the class; a ConfigMap."),
  delivery: deliverySchema.exactOptional().describe("For Triggers that have none of their own.")
});
var brokerStatusSchema = external_exports.strictObject({
  ...statusShape,
  ...addressStatusShape,
  ...deliveryStatusShape,
  ...policiesShape
});
var brokerSchema = external_exports.strictObject({
  ...typeShape("eventing.knative.dev/v1", "Broker"),
  spec: specOf(brokerSpecSchema),
  status: brokerStatusSchema.exactOptional()
});
var MT_BROKER_DEPENDENTS = [
  "IngressReady",
  "TriggerChannelReady",
  "FilterReady",
  "Addressable",
  "EventPoliciesReady"
];
var BROKER_CONDITIONS = new ConditionSet("Ready", [
  ...MT_BROKER_DEPENDENTS,
  "DeadLetterSinkResolved"
]);
var MT_BROKER_CONDITIONS = new ConditionSet("Ready", MT_BROKER_DEPENDENTS);
var KAFKA_BROKER_CONDITIONS = new ConditionSet("Ready", [
  "Addressable",
  "DataPlaneAvailable",
  "TopicReady",
  "ConfigMapUpdated",
  "ConfigParsed",
  "ProbeSucceeded",
  "EventPoliciesReady"
]);
var RABBITMQ_BROKER_CONDITIONS = new ConditionSet("Ready", [
  "ExchangeReady",
  "DLXReady",
  "DeadLetterSinkReady",
  "SecretReady",
  "IngressReady",
  "Addressable"
]);
function permittedDelivery(delivery, { features }) {
  const copy = structuredClone(delivery);
  if (!isEnabled(features, "delivery-timeout")) delete copy.timeout;
  if (!isEnabled(features, "delivery-retryafter")) delete copy.retryAfterMax;
  return copy;
}
function fillFromConfig(broker, config, context) {
  if (broker.spec.delivery === void 0 && config.delivery !== void 0) {
    broker.spec.delivery = permittedDelivery(config.delivery, context);
  }
}
function fillDefaults3(broker, context) {
  const { namespace = "" } = broker.metadata;
  const annotations = broker.metadata.annotations ?? {};
  const named3 = Object.hasOwn(annotations, BROKER_CLASS) ? annotations[BROKER_CLASS] : void 0;
  const config = defaultBrokerConfig(context.brokerDefaults, namespace, named3);
  const fallback = defaultBrokerClass(context.brokerDefaults, namespace);
  if (config !== void 0) fillFromConfig(broker, config, context);
  if (broker.spec.config === void 0) {
    const found = config === void 0 ? void 0 : configReference(config);
    const { systemNamespace } = context;
    const reference = inheritedConfig(named3 ?? fallback ?? "", found, systemNamespace);
    if (reference !== void 0) broker.spec.config = reference;
  }
  defaultReferenceNamespace(broker.spec.config, broker.metadata.namespace);
  defaultDelivery(broker.spec.delivery, broker.metadata.namespace);
  if (named3 === void 0 && fallback !== void 0) {
    broker.metadata.annotations = { ...annotations, [BROKER_CLASS]: fallback };
  }
}
function checkImmutable(broker, old) {
  return requireUnchanged({
    before: withoutFields(old.spec, "delivery"),
    after: withoutFields(broker.spec, "delivery"),
    typeName: "v1.BrokerSpec",
    paths: ["spec"]
  }).merge(
    requireUnchanged({
      before: old.metadata.annotations?.[BROKER_CLASS],
      after: broker.metadata.annotations?.[BROKER_CLASS],
      typeName: "string",
      paths: ["annotations"],
      noun: "annotations"
    })
  );
}
function validate6(broker, context, old) {
  const errors = new FieldErrors();
  const { namespace = "", annotations = {} } = broker.metadata;
  const stayInside = mustConfigureInNamespace(context.brokerDefaults, namespace);
  const rules = {
    features: context.features,
    onlyNamespace: stayInside ? namespace : void 0
  };
  if ((annotations[BROKER_CLASS] ?? "") === "") errors.missing(BROKER_CLASS);
  const { config, delivery } = broker.spec;
  if (config !== void 0) errors.merge(validateReference(config, rules), "spec.config");
  errors.merge(validateDelivery(delivery, rules), "spec.delivery");
  const brokerClass = annotations[BROKER_CLASS] ?? "";
  errors.merge(validateBrokerClass(brokerClass, { config, namespace, annotations }));
  errors.merge(validateFlowAnnotations(annotations));
  errors.merge(validateBooleanAnnotation(annotations, ASYNC_HANDLER));
  if (old !== void 0) errors.merge(checkImmutable(broker, old));
  return errors;
}
var brokerKind = defineKind({
  group: "eventing.knative.dev",
  version: "v1",
  kind: "Broker",
  schema: brokerSchema,
  categories: ["all", "knative", "eventing"],
  crd: crdOutline(["addressable"]),
  printerColumns: [
    COLUMNS.url,
    COLUMNS.age,
    COLUMNS.ready,
    COLUMNS.reason,
    {
      name: "Class",
      type: "string",
      jsonPath: ".metadata.annotations.eventing\\.knative\\.dev/broker\\.class",
      priority: 1
    }
  ],
  fillDefaults: fillDefaults3,
  validate: validate6
});

// packages/resources/src/kinds/eventing/kafka-sink.ts
var kafkaSinkSpecSchema = external_exports.strictObject({
  topic: external_exports.string().describe("Name of the topic."),
  numPartitions: external_exports.int().exactOptional().describe("Partitions of the topic, to have it made."),
  replicationFactor: external_exports.int().exactOptional().describe("Copies of the topic, to have it made."),
  bootstrapServers: external_exports.array(external_exports.string()).describe("Addresses of Kafka, host:port each."),
  contentMode: external_exports.enum(["binary", "structured"]).exactOptional().describe("How events become records."),
  auth: external_exports.strictObject({
    secret: external_exports.strictObject({
      ref: external_exports.strictObject({ name: external_exports.string().describe("Name of the Secret.") }).exactOptional().describe("Secret in the namespace of the sink.")
    }).exactOptional()
  }).exactOptional().describe("How to authenticate; nothing by default.")
});
var kafkaSinkSchema = external_exports.strictObject({
  ...typeShape("eventing.knative.dev/v1alpha1", "KafkaSink"),
  spec: specOf(kafkaSinkSpecSchema),
  status: external_exports.strictObject({ ...statusShape, ...addressStatusShape, ...policiesShape }).exactOptional()
});
var KAFKA_SINK_CONDITIONS = new ConditionSet("Ready", [
  "Addressable",
  "DataPlaneAvailable",
  "TopicReady",
  "ConfigMapUpdated",
  "ConfigParsed",
  "ProbeSucceeded",
  "EventPoliciesReady"
]);
function fillDefaults4({ spec }) {
  spec.contentMode ??= "binary";
}
function checkPositive(value, field, errors) {
  if (value === void 0 || value > 0) return;
  errors.invalidValue(String(value), `spec.${field}`, "expected a number above zero");
}
function topicOf({ spec }) {
  const { topic, numPartitions, replicationFactor } = spec;
  return { topic, numPartitions, replicationFactor };
}
function validate7(sink, _context, old) {
  const { topic, bootstrapServers, numPartitions, replicationFactor, auth } = sink.spec;
  const errors = new FieldErrors();
  if (topic === "") errors.missing("spec.topic");
  else if (!isTopicName(topic)) errors.invalidValue(topic, "spec.topic", TOPIC_NAME_EXPECTED);
  if (bootstrapServers.every((server) => server.trim() === "")) {
    errors.missing("spec.bootstrapServers");
  }
  checkPositive(numPartitions, "numPartitions", errors);
  checkPositive(replicationFactor, "replicationFactor", errors);
  if (auth?.secret?.ref?.name === "") errors.missing("spec.auth.secret.ref.name");
  if (old === void 0) return errors;
  return errors.merge(
    requireUnchanged({
      before: topicOf(old),
      after: topicOf(sink),
      typeName: "v1alpha1.KafkaSinkSpec",
      paths: ["spec"]
    })
  );
}
var kafkaSinkKind = defineKind({
  group: "eventing.knative.dev",
  version: "v1alpha1",
  kind: "KafkaSink",
  schema: kafkaSinkSchema,
  shortNames: ["ks"],
  categories: ["all", "knative", "eventing", "sink"],
  crd: crdOutline(["addressable"]),
  printerColumns: [COLUMNS.url, COLUMNS.age, COLUMNS.ready, COLUMNS.reason],
  fillDefaults: fillDefaults4,
  validate: validate7
});

// packages/resources/src/kinds/eventing/rabbitmq-reference.ts
var rabbitmqClusterReferenceSchema = external_exports.strictObject({
  name: external_exports.string().exactOptional().describe("A RabbitmqCluster; its Secret is <name>-default-user."),
  namespace: external_exports.string().exactOptional().describe("Namespace of the cluster or the Secret."),
  connectionSecret: external_exports.strictObject({ name: external_exports.string().describe("Name of the Secret.") }).exactOptional().describe("Secret with uri, username, password, port and caSecretName; instead of name.")
});
var rabbitmqShape = {
  rabbitmqClusterReference: rabbitmqClusterReferenceSchema.exactOptional().describe("Which RabbitMQ."),
  queueType: external_exports.enum(["quorum", "classic"]).exactOptional().describe("Type of the queues; only quorum queues survive the loss of a server."),
  vhost: external_exports.string().exactOptional().describe("Virtual host; the default one by default.")
};
function checkRabbitmqReference(reference, errors) {
  const { name = "", connectionSecret } = reference;
  const secret = connectionSecret?.name ?? "";
  if (name === "" && secret === "") {
    const details = "expected exactly one, got neither";
    errors.add("missing field(s)", ["connectionSecret.name", "name"], details);
  } else if (name !== "" && secret !== "") {
    errors.add("expected exactly one, got both", ["connectionSecret.name", "name"]);
  }
}

// packages/resources/src/kinds/eventing/rabbitmq-broker-config.ts
var rabbitmqBrokerConfigSpecSchema = external_exports.strictObject(rabbitmqShape);
var rabbitmqBrokerConfigSchema = external_exports.strictObject({
  ...typeShape("eventing.knative.dev/v1alpha1", "RabbitmqBrokerConfig"),
  spec: specOf(rabbitmqBrokerConfigSpecSchema)
});
function fillDefaults5({ spec, metadata }) {
  spec.queueType ??= "quorum";
  const reference = spec.rabbitmqClusterReference;
  if (reference === void 0 || metadata.namespace === void 0) return;
  if ((reference.namespace ?? "") === "") reference.namespace = metadata.namespace;
}
function validate8({ spec }, _context, old) {
  const path = "spec.rabbitmqClusterReference";
  const errors = new FieldErrors();
  if (spec.rabbitmqClusterReference === void 0) return errors.missing(path);
  const problems = new FieldErrors();
  checkRabbitmqReference(spec.rabbitmqClusterReference, problems);
  errors.merge(problems, path);
  if (old === void 0) return errors;
  return errors.merge(
    requireUnchanged({
      before: old.spec,
      after: spec,
      typeName: "v1alpha1.RabbitmqBrokerConfigSpec",
      paths: ["spec"]
    })
  );
}
var rabbitmqBrokerConfigKind = defineKind({
  group: "eventing.knative.dev",
  version: "v1alpha1",
  kind: "RabbitmqBrokerConfig",
  schema: rabbitmqBrokerConfigSchema,
  shortNames: ["rmqbrokerconfig"],
  categories: ["all", "knative", "eventing"],
  hasStatus: false,
  crd: crdOutline(),
  printerColumns: [COLUMNS.age],
  fillDefaults: fillDefaults5,
  validate: validate8
});
var rabbitmqClusterSchema = external_exports.strictObject({
  ...typeShape("rabbitmq.com/v1beta1", "RabbitmqCluster"),
  spec: external_exports.record(external_exports.string(), external_exports.unknown()).prefault({}).describe("Read by the operator."),
  status: external_exports.record(external_exports.string(), external_exports.unknown()).exactOptional()
});
var rabbitmqClusterKind = defineKind({
  group: "rabbitmq.com",
  version: "v1beta1",
  kind: "RabbitmqCluster",
  schema: rabbitmqClusterSchema,
  shortNames: ["rmq"],
  categories: ["all", "rabbitmq"],
  printerColumns: [COLUMNS.age]
});

// packages/resources/src/kinds/eventing/event-type.ts
var GROUP = "eventing.knative.dev";
var attributeSchema = external_exports.strictObject({
  name: external_exports.string().describe("Name of the attribute."),
  required: external_exports.boolean().prefault(false).describe("Whether every such event has it."),
  value: external_exports.string().exactOptional().describe("Its value; parts in braces vary.")
});
var commonShape = {
  reference: kReferenceSchema.exactOptional().describe("The object that emits the events."),
  description: external_exports.string().exactOptional().describe("For people.")
};
var v1beta3SpecSchema = external_exports.strictObject({
  ...commonShape,
  attributes: external_exports.array(attributeSchema).describe("Attributes of the events.")
});
var olderSpecSchema = external_exports.strictObject({
  type: external_exports.string().describe("CloudEvents type."),
  source: external_exports.string().exactOptional().describe("CloudEvents source."),
  schema: external_exports.string().exactOptional().describe("URI of the schema of the data."),
  schemaData: external_exports.string().exactOptional().describe("The schema itself."),
  broker: external_exports.string().exactOptional().describe("Deprecated: use reference."),
  ...commonShape
});
var statusSchema2 = external_exports.strictObject(statusShape);
var v1beta3Schema = external_exports.strictObject({
  ...typeShape("eventing.knative.dev/v1beta3", "EventType"),
  spec: specOf(v1beta3SpecSchema),
  status: statusSchema2.exactOptional()
});
var v1beta2Schema = external_exports.strictObject({
  ...typeShape("eventing.knative.dev/v1beta2", "EventType"),
  spec: specOf(olderSpecSchema),
  status: statusSchema2.exactOptional()
});
var v1beta1Schema = external_exports.strictObject({
  ...typeShape("eventing.knative.dev/v1beta1", "EventType"),
  spec: specOf(olderSpecSchema),
  status: statusSchema2.exactOptional()
});
var EVENT_TYPE_CONDITIONS = new ConditionSet("Ready", ["ReferenceExists"]);
var REQUIRED_ATTRIBUTES = ["type", "source", "specversion", "id"];
function fillDefaults6({ spec, metadata }) {
  defaultReferenceNamespace(spec.reference, metadata.namespace);
}
function checkReference({ spec }, context) {
  const errors = new FieldErrors();
  if (spec.reference === void 0) return errors;
  return errors.merge(validateReference(spec.reference, context), "spec.reference");
}
function validateV1beta3(object, context) {
  const errors = checkReference(object, context);
  const names = object.spec.attributes.map(({ name }) => name);
  const absent = REQUIRED_ATTRIBUTES.filter((name) => !names.includes(name));
  if (absent.length > 0) errors.missing(...absent.map((name) => `spec.attributes.${name}`));
  for (const [index, name] of names.entries()) {
    if (/^[a-z0-9]+$/.test(name)) continue;
    errors.invalidKey(
      name,
      `spec.attributes[${String(index)}].name`,
      "expected lower-case letters and digits"
    );
  }
  return errors;
}
function validateOlder(object, context) {
  const errors = checkReference(object, context);
  const { type, source, schema } = object.spec;
  if (type === "") errors.missing("spec.type");
  if (source === "") errors.invalidValue("", "spec.source", "source URI cannot be empty");
  if (schema === "") errors.invalidValue("", "spec.schema", "schema URI cannot be empty");
  return errors;
}
var readyColumns = [COLUMNS.ready, COLUMNS.reason];
var referenceColumns = [
  { name: "Reference Name", type: "string", jsonPath: ".spec.reference.name" },
  { name: "Reference Kind", type: "string", jsonPath: ".spec.reference.kind" },
  { name: "Description", type: "string", jsonPath: ".spec.description" }
];
var olderColumns = [
  { name: "Type", type: "string", jsonPath: ".spec.type" },
  { name: "Source", type: "string", jsonPath: ".spec.source" },
  { name: "Schema", type: "string", jsonPath: ".spec.schema" },
  ...referenceColumns,
  ...readyColumns
];
var common = {
  group: GROUP,
  kind: "EventType",
  categories: ["all", "knative", "eventing"],
  fillDefaults: fillDefaults6
};
var eventTypeKind = defineKind({
  ...common,
  version: "v1beta3",
  crd: crdOutline([], false),
  schema: v1beta3Schema,
  printerColumns: [
    { name: "Type", type: "string", jsonPath: ".spec.attributes[?(@.name=='type')].value" },
    { name: "Source", type: "string", jsonPath: ".spec.attributes[?(@.name=='source')].value" },
    ...referenceColumns,
    ...readyColumns
  ],
  validate: validateV1beta3
});
var olderEventTypeKinds = [
  defineKind({
    ...common,
    version: "v1beta2",
    crd: crdOutline(),
    schema: v1beta2Schema,
    printerColumns: olderColumns,
    validate: validateOlder
  }),
  defineKind({
    ...common,
    version: "v1beta1",
    crd: crdOutline([], false),
    schema: v1beta1Schema,
    printerColumns: olderColumns,
    validate: validateOlder
  })
];
function olderReference({
  reference,
  broker = ""
}) {
  if (reference !== void 0 || broker === "") return reference;
  return { apiVersion: "eventing.knative.dev/v1", kind: "Broker", name: broker };
}
function attribute(name, value, required3) {
  return { name, required: required3, ...value === void 0 || value === "" ? {} : { value } };
}
function toEventType(object) {
  if (object.apiVersion === "eventing.knative.dev/v1beta3") return object;
  const { type, source, schema, schemaData, description } = object.spec;
  const reference = olderReference(object.spec);
  const schemadata = schema ?? schemaData;
  return {
    apiVersion: "eventing.knative.dev/v1beta3",
    kind: "EventType",
    metadata: object.metadata,
    spec: {
      ...reference === void 0 ? {} : { reference },
      ...description === void 0 ? {} : { description },
      attributes: [
        attribute("specversion", void 0, true),
        attribute("id", void 0, true),
        attribute("type", type, true),
        attribute("source", source, true),
        ...schemadata === void 0 ? [] : [attribute("schemadata", schemadata, false)]
      ]
    },
    ...object.status === void 0 ? {} : { status: object.status }
  };
}

// packages/resources/src/kinds/namespace-link.ts
function validateNamespaceLink(link, holder, context) {
  const errors = new FieldErrors();
  const { namespace = "" } = link;
  if (namespace === "") return errors;
  if (!isEnabled(context.features, "cross-namespace-event-links")) {
    return errors.add(
      "must not set the field(s)",
      "namespace",
      "only name, apiVersion and kind are supported fields when feature.CrossNamespaceEventLinks is disabled"
    );
  }
  if (namespace === holder.namespace) return errors;
  const group = (link.group ?? "") === "" ? link.apiVersion?.split("/")[0] ?? "" : link.group;
  const isGranted = context.mayUse?.({
    verb: "knsubscribe",
    group: group ?? "",
    resource: link.resource,
    namespace,
    name: link.name
  });
  if (isGranted === true) return errors;
  return errors.add(
    `user ${context.user ?? ""} is not authorized to get target resource in namespace: ${namespace}`,
    "namespace"
  );
}

// packages/resources/src/kinds/eventing/dependency.ts
var PATH = `metadata.annotations[${DEPENDENCY}]`;
function annotationText(metadata) {
  const annotations = metadata.annotations ?? {};
  return Object.hasOwn(annotations, DEPENDENCY) ? annotations[DEPENDENCY] : void 0;
}
function parse(text, errors) {
  let value;
  let reason = "";
  try {
    value = JSON.parse(text);
  } catch (error) {
    reason = error instanceof Error ? error.message : String(error);
  }
  const checked = checkSchema(objectReferenceSchema, value);
  if (checked.value !== void 0) return checked.value;
  errors.add(
    `The provided annotation was not a corev1.ObjectReference: ${JSON.stringify(text)}`,
    PATH,
    reason === "" ? checked.errors.toString() : reason
  );
  return void 0;
}
function dependencyOf(metadata) {
  const text = annotationText(metadata);
  return text === void 0 ? void 0 : parse(text, new FieldErrors());
}
function validateDependency(metadata) {
  const errors = new FieldErrors();
  const text = annotationText(metadata);
  const reference = text === void 0 ? void 0 : parse(text, errors);
  if (reference === void 0) return errors;
  const { namespace = "", kind = "", name = "", apiVersion = "" } = reference;
  const own2 = metadata.namespace ?? "";
  if (namespace !== "" && namespace !== own2) {
    errors.add(
      `Namespace must be empty or equal to the trigger namespace ${JSON.stringify(own2)}`,
      `${PATH}.namespace`
    );
  }
  if (kind === "") errors.missing(`${PATH}.kind`);
  if (name === "") errors.missing(`${PATH}.name`);
  if (apiVersion === "") errors.missing(`${PATH}.apiVersion`);
  return errors;
}

// packages/resources/src/kinds/eventing/trigger.ts
var textMap = external_exports.record(external_exports.string(), external_exports.string());
var filterSchema = external_exports.strictObject({
  exact: textMap.exactOptional().describe("Attributes that equal a text."),
  prefix: textMap.exactOptional().describe("Attributes that begin with a text."),
  suffix: textMap.exactOptional().describe("Attributes that end with a text."),
  get all() {
    return external_exports.array(filterSchema).exactOptional().describe("Every one matches.");
  },
  get any() {
    return external_exports.array(filterSchema).exactOptional().describe("At least one matches.");
  },
  get not() {
    return filterSchema.exactOptional().describe("Does not match.");
  },
  cesql: external_exports.string().exactOptional().describe("CloudEvents SQL expression.")
});
var triggerSpecSchema = external_exports.strictObject({
  broker: external_exports.string().exactOptional().describe("Name of the Broker, in the same namespace."),
  brokerRef: external_exports.strictObject({ ...kReferenceSchema.shape, kind: external_exports.string().exactOptional() }).exactOptional().describe("The Broker, instead of broker; may be in another namespace with a feature flag."),
  filter: external_exports.strictObject({ attributes: textMap.exactOptional().describe("Attributes that equal a text.") }).exactOptional().describe("The old form of filters."),
  filters: external_exports.array(filterSchema).exactOptional().describe("All must match; wins over filter."),
  subscriber: requiredDestinationSchema,
  delivery: deliverySchema.exactOptional().describe("Replaces the delivery of the Broker.")
});
var triggerStatusSchema = external_exports.strictObject({
  ...statusShape,
  subscriberUri: external_exports.string().exactOptional(),
  subscriberCACerts: external_exports.string().exactOptional(),
  subscriberAudience: external_exports.string().exactOptional(),
  ...deliveryStatusShape,
  auth: authStatusSchema.exactOptional()
});
var triggerSchema = external_exports.strictObject({
  ...typeShape("eventing.knative.dev/v1", "Trigger"),
  spec: specOf(triggerSpecSchema),
  status: triggerStatusSchema.exactOptional()
});
var TRIGGER_CONDITIONS = new ConditionSet("Ready", [
  "BrokerReady",
  "SubscriptionReady",
  "DependencyReady",
  "SubscriberResolved",
  "DeadLetterSinkResolved",
  "OIDCIdentityCreated"
]);
function fillDefaults7(trigger) {
  const { spec, metadata } = trigger;
  spec.filter ??= {};
  defaultReferenceNamespace(spec.subscriber.ref, metadata.namespace);
  defaultDelivery(spec.delivery, metadata.namespace);
  const broker = spec.brokerRef?.name ?? spec.broker ?? "";
  if (broker !== "") metadata.labels = { ...metadata.labels, [BROKER_LABEL]: broker };
}
function checkBroker(trigger, context, errors) {
  const { broker = "", brokerRef } = trigger.spec;
  if (brokerRef === void 0) {
    if (broker === "") errors.missing("spec.broker");
    return;
  }
  if (broker !== "") {
    errors.add("expected exactly one, got both", ["spec.broker", "spec.brokerRef"]);
  }
  if (brokerRef.name === "") errors.missing("spec.brokerRef.name");
  const { kind = "Broker" } = brokerRef;
  if (kind !== "Broker") errors.invalidValue(kind, "spec.brokerRef.kind", 'expected "Broker"');
  const link = { ...brokerRef, kind, resource: "brokers" };
  errors.merge(validateNamespaceLink(link, trigger.metadata, context), "spec.brokerRef");
}
function checkFilters({ filter, filters }, errors) {
  const problems = validateFilter({
    ...filter?.attributes === void 0 ? {} : { attributes: filter.attributes },
    ...filters === void 0 ? {} : { filters }
  });
  for (const { path, message, details } of problems) errors.add(message, `spec.${path}`, details);
}
function checkInjection({ metadata, spec }, errors) {
  const annotations = metadata.annotations ?? {};
  if (!Object.hasOwn(annotations, INJECTION)) return;
  const text = annotations[INJECTION] ?? "";
  const path = `metadata.annotations[${INJECTION}]`;
  if (text !== "enabled" && text !== "disabled") {
    errors.add(
      `The provided injection annotation value can only be "enabled" or "disabled", not ${JSON.stringify(text)}`,
      path
    );
  } else if (spec.broker !== "default") {
    errors.add(
      `The provided injection annotation is only used for default broker, but non-default broker specified here: ${JSON.stringify(spec.broker ?? "")}`,
      path
    );
  }
}
function validate9(trigger, context, old) {
  const errors = new FieldErrors();
  const rules = { features: context.features };
  checkBroker(trigger, context, errors);
  checkFilters(trigger.spec, errors);
  errors.merge(validateDestination(trigger.spec.subscriber, rules), "spec.subscriber");
  errors.merge(validateDelivery(trigger.spec.delivery, rules), "spec.delivery");
  errors.merge(validateDependency(trigger.metadata));
  checkInjection(trigger, errors);
  errors.merge(validateFlowAnnotations(trigger.metadata.annotations, "subscription"));
  if (old === void 0) return errors;
  return errors.merge(
    requireUnchanged({
      before: old.spec.broker,
      after: trigger.spec.broker,
      typeName: "string",
      paths: ["spec", "broker"]
    })
  );
}
var triggerKind = defineKind({
  group: "eventing.knative.dev",
  version: "v1",
  kind: "Trigger",
  schema: triggerSchema,
  categories: ["all", "knative", "eventing"],
  crd: crdOutline(),
  printerColumns: [
    { name: "Broker", type: "string", jsonPath: ".spec.broker" },
    { name: "Subscriber_URI", type: "string", jsonPath: ".status.subscriberUri" },
    COLUMNS.age,
    COLUMNS.ready,
    COLUMNS.reason
  ],
  fillDefaults: fillDefaults7,
  validate: validate9
});

// packages/resources/src/duck/channelable.ts
var subscriberSpecSchema = external_exports.strictObject({
  name: external_exports.string().exactOptional(),
  uid: external_exports.string().exactOptional(),
  generation: external_exports.int().exactOptional(),
  subscriberUri: external_exports.string().exactOptional(),
  subscriberCACerts: external_exports.string().exactOptional(),
  subscriberAudience: external_exports.string().exactOptional(),
  replyUri: external_exports.string().exactOptional(),
  replyCACerts: external_exports.string().exactOptional(),
  replyAudience: external_exports.string().exactOptional(),
  delivery: deliverySchema.exactOptional(),
  auth: authStatusSchema.exactOptional()
});
var subscriberStatusSchema = external_exports.strictObject({
  uid: external_exports.string().exactOptional(),
  observedGeneration: external_exports.int().exactOptional(),
  ready: external_exports.enum(["True", "False", "Unknown"]).exactOptional(),
  message: external_exports.string().exactOptional(),
  auth: authStatusSchema.exactOptional()
});
var channelableSpecShape = {
  subscribers: external_exports.array(subscriberSpecSchema).exactOptional().describe("Written by the controller of Subscriptions."),
  delivery: deliverySchema.exactOptional().describe("For Subscriptions that have none of their own.")
};
var channelableStatusShape = {
  ...statusShape,
  ...addressStatusShape,
  ...deliveryStatusShape,
  ...policiesShape,
  subscribers: external_exports.array(subscriberStatusSchema).exactOptional()
};
var channelTemplateSchema = external_exports.strictObject({
  apiVersion: external_exports.string().describe("Group and version of the channel kind."),
  kind: external_exports.string().describe("Channel kind."),
  spec: external_exports.record(external_exports.string(), external_exports.unknown()).exactOptional().describe("Spec of each channel made.")
});

// packages/resources/src/config/channel-defaults.ts
var CHANNEL_DEFAULTS_CONFIG_MAP = "default-ch-webhook";
var CHANNEL_DEFAULTS_KEY = "default-ch-config";
var BROKER_CHANNEL_KEY = "channel-template-spec";
var BROKER_CHANNEL_KEY_LEGACY = "channelTemplateSpec";
var channelDefaultsSchema = external_exports.strictObject({
  clusterDefault: channelTemplateSchema.exactOptional(),
  namespaceDefaults: external_exports.record(external_exports.string(), channelTemplateSchema).exactOptional()
});
var SHIPPED_CHANNEL_TEMPLATE = {
  apiVersion: "messaging.knative.dev/v1",
  kind: "InMemoryChannel"
};
var SHIPPED_CHANNEL_DEFAULTS = {
  clusterDefault: SHIPPED_CHANNEL_TEMPLATE
};
function decodeEntry(configMap, keys, schema) {
  const errors = new FieldErrors();
  const warnings = new FieldErrors();
  const key = keys.find((candidate) => entryText(configMap, candidate) !== void 0);
  const text = key === void 0 ? void 0 : entryText(configMap, key);
  if (key === void 0 || text === void 0) {
    missingEntry(keys[0] ?? "", errors);
    return { errors, warnings };
  }
  const value = readYamlEntry({ key, text, schema }, errors);
  return value === void 0 ? { errors, warnings } : { value, errors, warnings };
}
function decodeChannelDefaults(configMap) {
  return decodeEntry(configMap, [CHANNEL_DEFAULTS_KEY], channelDefaultsSchema);
}
function decodeBrokerChannel(configMap) {
  return decodeEntry(
    configMap,
    [BROKER_CHANNEL_KEY, BROKER_CHANNEL_KEY_LEGACY],
    channelTemplateSchema
  );
}
function defaultChannelTemplate(defaults, namespace) {
  const { namespaceDefaults = {}, clusterDefault } = defaults;
  const template = Object.hasOwn(namespaceDefaults, namespace) ? namespaceDefaults[namespace] : clusterDefault;
  return structuredClone(template);
}

// packages/resources/src/kinds/channel-rules.ts
function fillSubscribable(metadata) {
  const annotations = metadata.annotations ?? {};
  if (Object.hasOwn(annotations, SUBSCRIBABLE)) return;
  metadata.annotations = { ...annotations, [SUBSCRIBABLE]: "v1" };
}
function fillChannelTemplate(spec, metadata, context) {
  if (spec.channelTemplate !== void 0) return;
  const template = defaultChannelTemplate(context.channelDefaults, metadata.namespace ?? "");
  if (template !== void 0) spec.channelTemplate = template;
}
function validateChannelTemplate(template) {
  const errors = new FieldErrors();
  const path = "spec.channelTemplate";
  if (template === void 0) return errors.missing(path);
  if (template.kind === "") errors.missing(`${path}.kind`);
  if (template.apiVersion === "") errors.missing(`${path}.apiVersion`);
  return errors;
}

// packages/resources/src/kinds/flows/flow-status.ts
var flowChannelStatusSchema = external_exports.strictObject({
  channel: objectReferenceSchema,
  ready: conditionSchema2
});
var flowSubscriptionStatusSchema = external_exports.strictObject({
  subscription: objectReferenceSchema,
  ready: conditionSchema2
});
var FLOW_DEPENDENTS = [
  "ChannelsReady",
  "SubscriptionsReady",
  "Addressable",
  "EventPoliciesReady"
];

// packages/resources/src/kinds/flows/parallel.ts
var branchSchema = external_exports.strictObject({
  filter: destinationSchema.exactOptional().describe("Its reply goes on; no reply ends the branch."),
  subscriber: requiredDestinationSchema,
  reply: destinationSchema.exactOptional().describe("Where replies go; that of the Parallel by default."),
  delivery: deliverySchema.exactOptional().describe("For the subscriber of this branch.")
});
var parallelSpecSchema = external_exports.strictObject({
  branches: external_exports.array(branchSchema).describe("Each gets every event."),
  channelTemplate: channelTemplateSchema.exactOptional().describe("Kind of the channels."),
  reply: destinationSchema.exactOptional().describe("For branches without a reply of their own.")
});
var branchStatusSchema = external_exports.strictObject({
  filterSubscriptionStatus: flowSubscriptionStatusSchema,
  filterChannelStatus: flowChannelStatusSchema,
  subscriberSubscriptionStatus: flowSubscriptionStatusSchema
});
var parallelStatusSchema = external_exports.strictObject({
  ...statusShape,
  ingressChannelStatus: flowChannelStatusSchema.exactOptional(),
  branchStatuses: external_exports.array(branchStatusSchema).exactOptional(),
  ...addressStatusShape,
  auth: authStatusSchema.exactOptional(),
  ...policiesShape
});
var parallelSchema = external_exports.strictObject({
  ...typeShape("flows.knative.dev/v1", "Parallel"),
  spec: specOf(parallelSpecSchema),
  status: parallelStatusSchema.exactOptional()
});
var PARALLEL_CONDITIONS = new ConditionSet("Ready", FLOW_DEPENDENTS);
function fillDefaults8({ spec, metadata }, context) {
  const { namespace } = metadata;
  fillChannelTemplate(spec, metadata, context);
  for (const { filter, subscriber, reply, delivery } of spec.branches) {
    for (const destination of [filter, subscriber, reply]) {
      defaultReferenceNamespace(destination?.ref, namespace);
    }
    defaultDelivery(delivery, namespace);
  }
  defaultReferenceNamespace(spec.reply?.ref, namespace);
}
function validateBranch(branch, context) {
  const errors = new FieldErrors();
  const destinations = [
    ["filter", branch.filter],
    ["subscriber", branch.subscriber],
    ["reply", branch.reply]
  ];
  for (const [field, destination] of destinations) {
    if (destination !== void 0) errors.merge(validateDestination(destination, context), field);
  }
  return errors.merge(validateDelivery(branch.delivery, context), "delivery");
}
function validate10({ spec, metadata }, context) {
  const errors = validateChannelTemplate(spec.channelTemplate);
  if (spec.branches.length === 0) errors.missing("spec.branches");
  for (const [index, branch] of spec.branches.entries()) {
    errors.merge(validateBranch(branch, context), `spec.branches[${String(index)}]`);
  }
  if (spec.reply !== void 0)
    errors.merge(validateDestination(spec.reply, context), "spec.reply");
  return errors.merge(refuseFlowAnnotations(metadata.annotations));
}
var parallelKind = defineKind({
  group: "flows.knative.dev",
  version: "v1",
  kind: "Parallel",
  schema: parallelSchema,
  categories: ["all", "knative", "flows"],
  crd: crdOutline(["addressable"]),
  printerColumns: [COLUMNS.url, COLUMNS.age, COLUMNS.ready, COLUMNS.reason],
  fillDefaults: fillDefaults8,
  validate: validate10
});

// packages/resources/src/kinds/flows/sequence.ts
var stepSchema = external_exports.strictObject({
  ...destinationShape,
  delivery: deliverySchema.exactOptional().describe("For the events of this step.")
});
var sequenceSpecSchema = external_exports.strictObject({
  steps: external_exports.array(stepSchema).describe("Subscribers, in order."),
  channelTemplate: channelTemplateSchema.exactOptional().describe("Kind of the channels between the steps."),
  reply: destinationSchema.exactOptional().describe("Where replies of the last step go.")
});
var sequenceStatusSchema = external_exports.strictObject({
  ...statusShape,
  subscriptionStatuses: external_exports.array(flowSubscriptionStatusSchema).exactOptional(),
  channelStatuses: external_exports.array(flowChannelStatusSchema).exactOptional(),
  address: addressableSchema.exactOptional(),
  auth: authStatusSchema.exactOptional(),
  ...policiesShape
});
var sequenceSchema = external_exports.strictObject({
  ...typeShape("flows.knative.dev/v1", "Sequence"),
  spec: specOf(sequenceSpecSchema),
  status: sequenceStatusSchema.exactOptional()
});
var SEQUENCE_CONDITIONS = new ConditionSet("Ready", FLOW_DEPENDENTS);
function fillDefaults9({ spec, metadata }, context) {
  fillChannelTemplate(spec, metadata, context);
  for (const step of spec.steps) {
    defaultReferenceNamespace(step.ref, metadata.namespace);
    defaultDelivery(step.delivery, metadata.namespace);
  }
  defaultReferenceNamespace(spec.reply?.ref, metadata.namespace);
}
function validate11({ spec, metadata }, context) {
  const rules = { features: context.features };
  const errors = validateChannelTemplate(spec.channelTemplate);
  if (spec.steps.length === 0) errors.missing("spec.steps");
  for (const [index, { delivery, ...destination }] of spec.steps.entries()) {
    const path = `spec.steps[${String(index)}]`;
    errors.merge(validateDestination(destination, rules), path);
    errors.merge(validateDelivery(delivery, rules), `${path}.delivery`);
  }
  if (spec.reply !== void 0) errors.merge(validateDestination(spec.reply, rules), "spec.reply");
  return errors.merge(refuseFlowAnnotations(metadata.annotations));
}
var sequenceKind = defineKind({
  group: "flows.knative.dev",
  version: "v1",
  kind: "Sequence",
  schema: sequenceSchema,
  categories: ["all", "knative", "flows"],
  crd: crdOutline(["addressable"]),
  printerColumns: [COLUMNS.url, COLUMNS.age, COLUMNS.ready, COLUMNS.reason],
  fillDefaults: fillDefaults9,
  validate: validate11
});

// packages/resources/src/kinds/messaging/channel.ts
var channelSpecSchema = external_exports.strictObject({
  channelTemplate: channelTemplateSchema.exactOptional().describe("Kind of the backing channel; that of the namespace or cluster by default."),
  ...channelableSpecShape
});
var channelStatusSchema = external_exports.strictObject({
  ...channelableStatusShape,
  channel: kReferenceSchema.exactOptional()
});
var channelSchema = external_exports.strictObject({
  ...typeShape("messaging.knative.dev/v1", "Channel"),
  spec: specOf(channelSpecSchema),
  status: channelStatusSchema.exactOptional()
});
var CHANNEL_CONDITIONS = new ConditionSet("Ready", [
  "BackingChannelReady",
  "Addressable",
  "DeadLetterSinkResolved",
  "EventPoliciesReady"
]);
function fillDefaults10(channel, context) {
  fillSubscribable(channel.metadata);
  fillChannelTemplate(channel.spec, channel.metadata, context);
  defaultDelivery(channel.spec.delivery, channel.metadata.namespace);
}
function validate12(channel, context, old) {
  const { spec, metadata } = channel;
  const rules = { features: context.features, onlyNamespace: metadata.namespace };
  const errors = validateChannelTemplate(spec.channelTemplate).merge(validateDelivery(spec.delivery, rules), "spec.delivery").merge(refuseFlowAnnotations(metadata.annotations));
  if ((spec.subscribers ?? []).length > 0) {
    errors.disallowed("spec.subscribable.subscribers", "spec.subscribers");
  }
  if (old === void 0) return errors;
  return errors.merge(
    requireUnchanged({
      before: withoutFields(old.spec, "subscribers", "delivery"),
      after: withoutFields(spec, "subscribers", "delivery"),
      typeName: "v1.ChannelSpec",
      paths: ["spec"]
    })
  );
}
var channelKind = defineKind({
  group: "messaging.knative.dev",
  version: "v1",
  kind: "Channel",
  schema: channelSchema,
  shortNames: ["ch"],
  categories: ["all", "knative", "messaging", "channel"],
  crd: crdOutline(["addressable", "subscribable"]),
  printerColumns: [COLUMNS.url, COLUMNS.age, COLUMNS.ready, COLUMNS.reason],
  fillDefaults: fillDefaults10,
  validate: validate12
});

// packages/resources/src/kinds/messaging/channelable-rules.ts
var CONTROLLER_USER = "controller";
function fillChannelable(channel) {
  fillSubscribable(channel.metadata);
  defaultDelivery(channel.spec.delivery, channel.metadata.namespace);
}
function checkSubscribers({ spec }) {
  const errors = new FieldErrors();
  for (const [index, subscriber] of (spec.subscribers ?? []).entries()) {
    if ((subscriber.subscriberUri ?? "") !== "" || (subscriber.replyUri ?? "") !== "") continue;
    const path = `spec.subscribers[${String(index)}]`;
    errors.add(
      "missing field(s)",
      [`${path}.replyUri`, `${path}.subscriberUri`],
      "expected at least one of, got none"
    );
  }
  return errors;
}
function checkSubscribersKept(channel, old, { user = "", systemNamespace }) {
  const account = `system:serviceaccount:${systemNamespace}:eventing-controller`;
  const errors = new FieldErrors();
  if (user === CONTROLLER_USER || user === account) return errors;
  const [change] = requireUnchanged({
    before: old.spec.subscribers ?? [],
    after: channel.spec.subscribers ?? [],
    typeName: "[]v1.SubscriberSpec",
    paths: []
  }).entries();
  if (change === void 0) return errors;
  return errors.add(
    `Channel.Spec.Subscribers changed by user ${user} which was not the ${account} service account`,
    "spec.subscribers",
    change.details
  );
}
function validateChannelable(channel, context, old) {
  const { spec, metadata } = channel;
  const errors = new FieldErrors().merge(validateDelivery(spec.delivery, { features: context.features }), "spec.delivery").merge(checkSubscribers(channel)).merge(validateFlowAnnotations(metadata.annotations));
  return old === void 0 ? errors : errors.merge(checkSubscribersKept(channel, old, context));
}

// packages/resources/src/kinds/messaging/retention.ts
var RETENTION_MS_MAX = 100 * 365 * 24 * 60 * 60 * 1e3;
function numberOf(text, parse2) {
  try {
    return parse2(text);
  } catch {
    return void 0;
  }
}
function retentionMs(text) {
  const ms = numberOf(text, parseDuration);
  return ms === void 0 || ms < 0 || ms > RETENTION_MS_MAX ? void 0 : Math.trunc(ms);
}
function retentionBytes(text) {
  return numberOf(text, parseBytes);
}
function checkRetentionDuration(text, errors) {
  if (text === void 0 || retentionMs(text) !== void 0) return;
  const details = "expected a duration of zero or more such as PT168H or 168h";
  errors.invalidValue(text, "spec.retentionDuration", details);
}
function checkRetentionBytes(text, bytesMin, errors) {
  if (text === void 0) return;
  const bytes = retentionBytes(text);
  if (bytes !== void 0 && bytes >= bytesMin) return;
  const details = `expected a size of at least ${String(bytesMin)} bytes such as 10GiB`;
  errors.invalidValue(text, "spec.retentionBytes", details);
}

// packages/resources/src/kinds/messaging/durable-channel.ts
var RETENTION_BYTES_MIN = 1024 * 1024;
var durableChannelSpecSchema = external_exports.strictObject({
  retentionDuration: external_exports.string().exactOptional().describe("How long events are kept, as PT168H or 168h; delivered ones too, for replay."),
  retentionBytes: external_exports.string().exactOptional().describe("Most bytes kept, such as 10GiB; beyond, the oldest go, and are counted as lost."),
  ordering: external_exports.enum(["ordered", "unordered"]).exactOptional().describe("Whether deliveries keep the order of events with one partitionkey by default."),
  ...channelableSpecShape
});
var durableChannelSchema = external_exports.strictObject({
  ...typeShape("messaging.afflux.dev/v1alpha1", "DurableChannel"),
  spec: specOf(durableChannelSpecSchema),
  status: external_exports.strictObject(channelableStatusShape).exactOptional()
});
var DURABLE_CHANNEL_CONDITIONS = new ConditionSet("Ready", [
  "StoreReady",
  "Addressable",
  "DeadLetterSinkResolved",
  "EventPoliciesReady"
]);
function fillDefaults11(channel) {
  fillChannelable(channel);
  channel.spec.ordering ??= "unordered";
}
function validate13(channel, context, old) {
  const errors = new FieldErrors();
  checkRetentionDuration(channel.spec.retentionDuration, errors);
  checkRetentionBytes(channel.spec.retentionBytes, RETENTION_BYTES_MIN, errors);
  return errors.merge(validateChannelable(channel, context, old));
}
var durableChannelKind = defineKind({
  group: "messaging.afflux.dev",
  version: "v1alpha1",
  kind: "DurableChannel",
  schema: durableChannelSchema,
  shortNames: ["dch"],
  categories: ["all", "knative", "messaging", "channel"],
  crd: crdOutline(["addressable", "subscribable"]),
  printerColumns: [COLUMNS.url, COLUMNS.age, COLUMNS.ready, COLUMNS.reason],
  fillDefaults: fillDefaults11,
  validate: validate13
});

// packages/resources/src/kinds/messaging/kafka-channel.ts
var INT32_MAX3 = 2147483647;
var INT16_MAX = 32767;
var kafkaChannelSpecSchema = external_exports.strictObject({
  numPartitions: external_exports.int().max(INT32_MAX3).meta({ format: "int32" }).exactOptional().describe("Partitions of the topic."),
  replicationFactor: external_exports.int().max(INT16_MAX).meta({ format: "int32" }).exactOptional().describe("Copies of the topic, on as many brokers."),
  retentionDuration: external_exports.string().exactOptional().describe("How long Kafka keeps events, as PT168H."),
  ...channelableSpecShape
});
var kafkaChannelStatusSchema = external_exports.strictObject(channelableStatusShape);
var KAFKA_CHANNEL_CONDITIONS = new ConditionSet("Ready", [
  "ConfigParsed",
  "TopicReady",
  "ConfigMapUpdated",
  "DataPlaneAvailable",
  "ProbeSucceeded",
  "ChannelServiceReady",
  "Addressable",
  "DeadLetterSinkResolved",
  "EventPoliciesReady"
]);
var KAFKA_CHANNEL_DEFAULTS = {
  numPartitions: 1,
  replicationFactor: 1,
  retentionDuration: "PT168H"
};
function fillDefaults12(channel) {
  fillChannelable(channel);
  const { spec } = channel;
  spec.numPartitions ??= KAFKA_CHANNEL_DEFAULTS.numPartitions;
  spec.replicationFactor ??= KAFKA_CHANNEL_DEFAULTS.replicationFactor;
  if ((spec.retentionDuration ?? "") === "") {
    spec.retentionDuration = KAFKA_CHANNEL_DEFAULTS.retentionDuration;
  }
}
function topicOf2({ spec }) {
  const { numPartitions, replicationFactor, retentionDuration } = spec;
  return { numPartitions, replicationFactor, retentionDuration };
}
function checkPositive2(value, field, errors) {
  if (value === void 0 || value > 0) return;
  errors.invalidValue(String(value), `spec.${field}`, "expected a number above zero");
}
function checkTopicKept(channel, old) {
  return requireUnchanged({
    // What was stored before it had a retention may get one.
    before: topicOf2({
      ...old,
      spec: {
        ...old.spec,
        ...(old.spec.retentionDuration ?? "") === "" && channel.spec.retentionDuration !== void 0 ? { retentionDuration: channel.spec.retentionDuration } : {}
      }
    }),
    after: topicOf2(channel),
    typeName: "KafkaChannelSpec",
    paths: ["spec"]
  });
}
function validate14(channel, context, old) {
  const errors = new FieldErrors();
  checkPositive2(channel.spec.numPartitions, "numPartitions", errors);
  checkPositive2(channel.spec.replicationFactor, "replicationFactor", errors);
  checkRetentionDuration(channel.spec.retentionDuration, errors);
  errors.merge(validateChannelable(channel, context, old));
  return old === void 0 ? errors : errors.merge(checkTopicKept(channel, old));
}
function kafkaChannelKind(version) {
  return defineKind({
    group: "messaging.knative.dev",
    version,
    kind: "KafkaChannel",
    schema: external_exports.strictObject({
      ...typeShape(`messaging.knative.dev/${version}`, "KafkaChannel"),
      spec: specOf(kafkaChannelSpecSchema),
      status: kafkaChannelStatusSchema.exactOptional()
    }),
    shortNames: ["kc"],
    categories: ["all", "knative", "messaging", "channel"],
    crd: crdOutline(["addressable", "subscribable"], version === "v1beta1"),
    printerColumns: [COLUMNS.ready, COLUMNS.reason, COLUMNS.url, COLUMNS.age],
    fillDefaults: fillDefaults12,
    validate: validate14
  });
}
var kafkaChannelKinds = [
  kafkaChannelKind("v1"),
  kafkaChannelKind("v1beta1")
];

// packages/resources/src/kinds/messaging/rabbitmq-channel.ts
var rabbitmqChannelSpecSchema = external_exports.strictObject({
  rabbitmqBrokerConfigRef: external_exports.strictObject({
    name: external_exports.string().describe("Name of the RabbitmqBrokerConfig."),
    namespace: external_exports.string().exactOptional().describe("Its namespace; that of the channel by default.")
  }).exactOptional().describe("Takes everything about RabbitMQ from there; instead of the fields here."),
  ...rabbitmqShape,
  ...channelableSpecShape
});
var rabbitmqChannelSchema = external_exports.strictObject({
  ...typeShape("messaging.afflux.dev/v1alpha1", "RabbitmqChannel"),
  spec: specOf(rabbitmqChannelSpecSchema),
  status: external_exports.strictObject(channelableStatusShape).exactOptional()
});
var RABBITMQ_CHANNEL_CONDITIONS = new ConditionSet("Ready", [
  "SecretReady",
  "ExchangeReady",
  "Addressable",
  "DeadLetterSinkResolved",
  "EventPoliciesReady"
]);
function fillDefaults13(channel) {
  fillChannelable(channel);
  const { spec, metadata } = channel;
  if (spec.rabbitmqBrokerConfigRef === void 0) spec.queueType ??= "quorum";
  if (metadata.namespace === void 0) return;
  for (const reference of [spec.rabbitmqBrokerConfigRef, spec.rabbitmqClusterReference]) {
    if (reference !== void 0 && (reference.namespace ?? "") === "") {
      reference.namespace = metadata.namespace;
    }
  }
}
function topologyOf({ spec }) {
  const { rabbitmqBrokerConfigRef, rabbitmqClusterReference, queueType, vhost } = spec;
  return { rabbitmqBrokerConfigRef, rabbitmqClusterReference, queueType, vhost };
}
function checkWhere({ spec }, errors) {
  const { rabbitmqBrokerConfigRef, rabbitmqClusterReference } = spec;
  const paths = ["spec.rabbitmqBrokerConfigRef", "spec.rabbitmqClusterReference"];
  if (rabbitmqBrokerConfigRef === void 0 && rabbitmqClusterReference === void 0) {
    errors.add("missing field(s)", paths, "expected exactly one, got neither");
  } else if (rabbitmqClusterReference === void 0) {
    if (rabbitmqBrokerConfigRef?.name === "") errors.missing("spec.rabbitmqBrokerConfigRef.name");
    if (spec.queueType !== void 0) errors.disallowed("spec.queueType");
    if (spec.vhost !== void 0) errors.disallowed("spec.vhost");
  } else if (rabbitmqBrokerConfigRef === void 0) {
    const problems = new FieldErrors();
    checkRabbitmqReference(rabbitmqClusterReference, problems);
    errors.merge(problems, "spec.rabbitmqClusterReference");
  } else {
    errors.add("expected exactly one, got both", paths);
  }
}
function validate15(channel, context, old) {
  const errors = new FieldErrors();
  checkWhere(channel, errors);
  errors.merge(validateChannelable(channel, context, old));
  if (old === void 0) return errors;
  return errors.merge(
    requireUnchanged({
      before: topologyOf(old),
      after: topologyOf(channel),
      typeName: "v1alpha1.RabbitmqChannelSpec",
      paths: ["spec"]
    })
  );
}
var rabbitmqChannelKind = defineKind({
  group: "messaging.afflux.dev",
  version: "v1alpha1",
  kind: "RabbitmqChannel",
  schema: rabbitmqChannelSchema,
  shortNames: ["rch"],
  categories: ["all", "knative", "messaging", "channel"],
  crd: crdOutline(["addressable", "subscribable"]),
  printerColumns: [COLUMNS.url, COLUMNS.age, COLUMNS.ready, COLUMNS.reason],
  fillDefaults: fillDefaults13,
  validate: validate15
});

// packages/resources/src/kinds/messaging/in-memory-channel.ts
var inMemoryChannelSpecSchema = external_exports.strictObject(channelableSpecShape);
var inMemoryChannelStatusSchema = external_exports.strictObject(channelableStatusShape);
var inMemoryChannelSchema = external_exports.strictObject({
  ...typeShape("messaging.knative.dev/v1", "InMemoryChannel"),
  spec: specOf(inMemoryChannelSpecSchema),
  status: inMemoryChannelStatusSchema.exactOptional()
});
var IN_MEMORY_CHANNEL_CONDITIONS = new ConditionSet("Ready", [
  "ServiceReady",
  "EndpointsReady",
  "Addressable",
  "ChannelServiceReady",
  "DeadLetterSinkResolved",
  "EventPoliciesReady"
]);
function checkScope2(channel, errors) {
  const annotations = channel.metadata.annotations ?? {};
  const scope = Object.hasOwn(annotations, SCOPE) ? annotations[SCOPE] : void 0;
  if (scope === void 0 || scope === "cluster" || scope === "namespace") return;
  const details = "expected either 'cluster' or 'namespace'";
  errors.invalidValue(scope, `metadata.annotations[${SCOPE}]`, details);
}
function validate16(channel, context, old) {
  const errors = validateChannelable(channel, context, old);
  checkScope2(channel, errors);
  return errors.merge(validateBooleanAnnotation(channel.metadata.annotations ?? {}, ASYNC_HANDLER));
}
var inMemoryChannelKind = defineKind({
  group: "messaging.knative.dev",
  version: "v1",
  kind: "InMemoryChannel",
  schema: inMemoryChannelSchema,
  shortNames: ["imc"],
  categories: ["all", "knative", "messaging", "channel"],
  crd: crdOutline(["addressable", "subscribable"]),
  printerColumns: [COLUMNS.url, COLUMNS.age, COLUMNS.ready, COLUMNS.reason],
  fillDefaults: fillChannelable,
  validate: validate16
});

// packages/resources/src/kinds/messaging/subscription.ts
var NO_CHANNEL = "the Subscription must reference a channel";
var NO_SUBSCRIBER = "the Subscription must reference a subscriber";
var subscriptionSpecSchema = external_exports.strictObject({
  channel: kReferenceSchema.describe("The channel whose events are handed on.").register(MISSING_HINTS, { details: NO_CHANNEL }),
  subscriber: destinationSchema.describe("Where the events go.").register(MISSING_HINTS, { details: NO_SUBSCRIBER }),
  reply: destinationSchema.exactOptional().describe("Where replies of the subscriber go."),
  delivery: deliverySchema.exactOptional().describe("Replaces the delivery of the channel.")
});
var physicalSubscriptionSchema = external_exports.strictObject({
  subscriberUri: external_exports.string().exactOptional(),
  subscriberCACerts: external_exports.string().exactOptional(),
  subscriberAudience: external_exports.string().exactOptional(),
  replyUri: external_exports.string().exactOptional(),
  replyCACerts: external_exports.string().exactOptional(),
  replyAudience: external_exports.string().exactOptional(),
  ...deliveryStatusShape
});
var subscriptionStatusSchema = external_exports.strictObject({
  ...statusShape,
  physicalSubscription: physicalSubscriptionSchema.exactOptional(),
  auth: authStatusSchema.exactOptional()
});
var subscriptionSchema = external_exports.strictObject({
  ...typeShape("messaging.knative.dev/v1", "Subscription"),
  spec: specOf(subscriptionSpecSchema),
  status: subscriptionStatusSchema.exactOptional()
});
var SUBSCRIPTION_CONDITIONS = new ConditionSet("Ready", [
  "ReferencesResolved",
  "AddedToChannel",
  "ChannelReady",
  "OIDCIdentityCreated"
]);
function fillDefaults14({ spec, metadata }) {
  defaultReferenceNamespace(spec.subscriber.ref, metadata.namespace);
  defaultReferenceNamespace(spec.reply?.ref, metadata.namespace);
  defaultDelivery(spec.delivery, metadata.namespace);
}
function isEmpty(destination) {
  return destination === void 0 || Object.keys(destination).length === 0;
}
function checkChannel({ spec, metadata }, context, errors) {
  const { channel } = spec;
  errors.merge(validateReference(channel, context), "spec.channel");
  const link = { ...channel, resource: `${channel.kind.toLowerCase()}s` };
  errors.merge(validateNamespaceLink(link, metadata, context), "spec.channel");
}
function validate17(subscription, context, old) {
  const errors = new FieldErrors();
  const { subscriber, reply, delivery } = subscription.spec;
  const rules = { features: context.features };
  checkChannel(subscription, context, errors);
  if (isEmpty(subscriber)) errors.add("missing field(s)", "spec.subscriber", NO_SUBSCRIBER);
  else errors.merge(validateDestination(subscriber, rules), "spec.subscriber");
  if (reply !== void 0 && !isEmpty(reply)) {
    errors.merge(validateDestination(reply, rules), "spec.reply");
  }
  errors.merge(validateDelivery(delivery, rules), "spec.delivery");
  errors.merge(validateFlowAnnotations(subscription.metadata.annotations, "subscription"));
  if (old === void 0) return errors;
  const mutable = ["subscriber", "reply", "delivery"];
  return errors.merge(
    requireUnchanged({
      before: withoutFields(old.spec, ...mutable),
      after: withoutFields(subscription.spec, ...mutable),
      typeName: "v1.SubscriptionSpec",
      paths: ["spec"]
    })
  );
}
var subscriptionKind = defineKind({
  group: "messaging.knative.dev",
  version: "v1",
  kind: "Subscription",
  schema: subscriptionSchema,
  shortNames: ["sub"],
  categories: ["all", "knative", "messaging"],
  crd: crdOutline(),
  printerColumns: [COLUMNS.age, COLUMNS.ready, COLUMNS.reason],
  fillDefaults: fillDefaults14,
  validate: validate17
});

// packages/resources/src/kind.ts
import assert from "node:assert/strict";
function resourceKey(group, version, plural) {
  return `${group}/${version}/${plural}`;
}
var KindRegistry = class {
  #kinds = /* @__PURE__ */ new Map();
  #resources = /* @__PURE__ */ new Map();
  #generation = 0;
  constructor(definitions = []) {
    for (const definition of definitions) this.register(definition);
  }
  /** Grows with every change, so that what was made of the kinds can be kept until then. */
  get generation() {
    return this.#generation;
  }
  /** Adds a kind; the same apiVersion and kind twice, or the same plural, is a programmer error. */
  register(definition) {
    const { apiVersion, kind, group, version, plural } = definition;
    const key = `${apiVersion}/${kind}`;
    const resource = resourceKey(group, version, plural);
    assert(!this.#kinds.has(key), `kind ${key} is registered twice`);
    assert(!this.#resources.has(resource), `resource ${resource} is registered twice`);
    this.#kinds.set(key, definition);
    this.#resources.set(resource, definition);
    this.#generation += 1;
  }
  /** Takes a kind away; whether it was there. */
  unregister(apiVersion, kind) {
    const key = `${apiVersion}/${kind}`;
    const definition = this.#kinds.get(key);
    if (definition === void 0) return false;
    const { group, version, plural } = definition;
    this.#kinds.delete(key);
    this.#resources.delete(resourceKey(group, version, plural));
    this.#generation += 1;
    return true;
  }
  get(apiVersion, kind) {
    return this.#kinds.get(`${apiVersion}/${kind}`);
  }
  /** The kind that is served at `<group>/<version>/<plural>`; the core group is the empty text. */
  byResource(group, version, plural) {
    return this.#resources.get(resourceKey(group, version, plural));
  }
  /** All versions and groups that have a kind of this name, in order of registration. */
  byKind(kind) {
    return this.all().filter((definition) => definition.kind === kind);
  }
  /** In order of registration. */
  all() {
    return [...this.#kinds.values()];
  }
};

// packages/resources/src/builtin-kinds.ts
function builtinKinds() {
  const definitions = [
    namespaceKind,
    configMapKind,
    secretKind,
    serviceKind,
    serviceAccountKind,
    podKind,
    eventKind,
    leaseKind,
    customResourceDefinitionKind,
    brokerKind,
    triggerKind,
    eventTypeKind,
    ...olderEventTypeKinds,
    channelKind,
    inMemoryChannelKind,
    durableChannelKind,
    ...kafkaChannelKinds,
    rabbitmqChannelKind,
    subscriptionKind,
    sequenceKind,
    parallelKind,
    kafkaSinkKind,
    rabbitmqBrokerConfigKind,
    rabbitmqClusterKind
  ];
  return new KindRegistry(definitions);
}

// packages/resources/src/config/name-template.ts
var TEMPLATE_LENGTH_MAX = 1024;
var ACTION = /\{\{(-?)([^{}]*?)(-?)\}\}/g;
var FIELD = /^\.(?:ObjectMeta\.)?(Namespace|Name|UID)$/;
var ENTRY = /^\.(?:ObjectMeta\.)?(Labels|Annotations)\.([A-Za-z_][A-Za-z0-9_]*)$/;
var INDEX = /^index\s+\.(?:ObjectMeta\.)?(Labels|Annotations)\s+(?:"([^"\\]*)"|`([^`]*)`)$/;
function entryPart(map, key) {
  return ({ labels = {}, annotations = {} }) => {
    const texts = map === "Labels" ? labels : annotations;
    return Object.hasOwn(texts, key) ? texts[key] : void 0;
  };
}
function actionPart(text) {
  const action = text.trim();
  switch (FIELD.exec(action)?.[1]) {
    case "Namespace":
      return ({ namespace }) => namespace ?? "";
    case "Name":
      return ({ name }) => name;
    case "UID":
      return ({ uid }) => uid;
    default:
      break;
  }
  const entry = ENTRY.exec(action);
  if (entry !== null) return entryPart(entry[1], entry[2] ?? "");
  const index = INDEX.exec(action);
  return index === null ? void 0 : entryPart(index[1], index[2] ?? index[3] ?? "");
}
function literal(text, parts) {
  if (text !== "") parts.push(() => text);
}
function compileNameTemplate(text) {
  if (text.length > TEMPLATE_LENGTH_MAX) {
    return { problem: `expected at most ${String(TEMPLATE_LENGTH_MAX)} characters` };
  }
  const parts = [];
  let end = 0;
  let trimNext = false;
  const take = (between, trimEnd) => {
    if (between.includes("{{") || between.includes("}}")) return void 0;
    const head = trimNext ? between.trimStart() : between;
    return trimEnd ? head.trimEnd() : head;
  };
  for (const match of text.matchAll(ACTION)) {
    const between = take(text.slice(end, match.index), match[1] === "-");
    const part = actionPart(match[2] ?? "");
    if (between === void 0 || part === void 0) {
      const known = '{{ .Namespace }}, {{ .Name }}, {{ .UID }}, {{ index .Labels "key" }}';
      return { problem: `cannot read ${JSON.stringify(match[0])}: expected such as ${known}` };
    }
    literal(between, parts);
    parts.push(part);
    trimNext = match[3] === "-";
    end = match.index + match[0].length;
  }
  const rest = take(text.slice(end), false);
  if (rest === void 0) return { problem: "expected every {{ to have its }}" };
  literal(rest, parts);
  return { value: (metadata) => render(parts, metadata) };
}
function render(parts, metadata) {
  let name = "";
  for (const part of parts) {
    const text = part(metadata);
    if (text === void 0) return void 0;
    name += text;
  }
  return name;
}

// packages/resources/src/config/kafka-features.ts
var KAFKA_FEATURES_CONFIG_MAP = "config-kafka-features";
function named2(name) {
  return ({ namespace = "", name: own2 }) => name({ namespace, name: own2 });
}
var SHIPPED_KAFKA_FEATURES = {
  brokerTopic: named2(kafkaBrokerTopic),
  channelTopic: named2(kafkaChannelTopic),
  triggerGroup: named2(kafkaTriggerGroup)
};
var TEMPLATE_KEYS = {
  brokerTopic: "brokers-topic-template",
  channelTopic: "channels-topic-template",
  triggerGroup: "triggers-consumergroup-template"
};
var SWITCHES = [
  "dispatcher-rate-limiter",
  "dispatcher-ordered-executor-metrics",
  "controller-autoscaler-keda"
];
var SAMPLE = { namespace: "namespace", name: "name", uid: "uid" };
function isUsable(template) {
  const name = template(SAMPLE);
  return name === void 0 || isTopicName(name);
}
function readTemplate({ key, text }, errors) {
  const compiled = compileNameTemplate(text);
  if ("problem" in compiled) {
    errors.add("invalid template", dataPath(key), compiled.problem);
    return void 0;
  }
  if (isUsable(compiled.value)) return compiled.value;
  const details = "expected a template of letters, digits, '.', '_' and '-'";
  errors.invalidValue(text, dataPath(key), details);
  return void 0;
}
function decodeKafkaFeatures(configMap) {
  const errors = new FieldErrors();
  const warnings = new FieldErrors();
  const find = (key) => {
    const keys = [key, key.replaceAll("-", ".")];
    const found = keys.find((candidate) => textEntry(configMap, candidate) !== void 0);
    return found === void 0 ? void 0 : { key: found, text: textEntry(configMap, found) ?? "" };
  };
  const read = (name) => {
    const entry = find(TEMPLATE_KEYS[name]);
    const template = entry === void 0 ? void 0 : readTemplate(entry, errors);
    return template ?? SHIPPED_KAFKA_FEATURES[name];
  };
  for (const key of SWITCHES) checkSwitch(find(key), { errors, warnings });
  const value = {
    brokerTopic: read("brokerTopic"),
    channelTopic: read("channelTopic"),
    triggerGroup: read("triggerGroup")
  };
  return errors.isEmpty ? { value, errors, warnings } : { errors, warnings };
}
function checkSwitch(entry, { errors, warnings }) {
  if (entry === void 0) return;
  const path = dataPath(entry.key);
  const text = entry.text.toLowerCase();
  if (text === "enabled") warnings.add("the switch has no effect here", path);
  else if (text !== "disabled") {
    errors.invalidValue(entry.text, path, 'expected "enabled" or "disabled"');
  }
}

// packages/resources/src/config/secret-entries.ts
function secretText({ data = {} }, key) {
  if (!Object.hasOwn(data, key)) return void 0;
  const text = Buffer.from(data[key] ?? "", "base64").toString("utf8");
  return text === "" ? void 0 : text;
}
function secretWord(secret, key) {
  const text = secretText(secret, key)?.trim();
  return text === "" ? void 0 : text;
}

// packages/resources/src/config/kafka-secret.ts
var PROTOCOLS = ["PLAINTEXT", "SASL_PLAINTEXT", "SSL", "SASL_SSL"];
var MECHANISMS = ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"];
var PEM = /-----BEGIN [A-Z0-9 ]+-----[^-]+-----END [A-Z0-9 ]+-----/;
function isTrue(text) {
  return text !== void 0 && ["true", "1", "t"].includes(text.toLowerCase());
}
function pem(secret, key, errors) {
  const text = secretText(secret, key);
  if (text === void 0 || text.trim() === "") return void 0;
  if (PEM.test(text)) return text;
  errors.add("expected text in PEM", dataPath(key));
  return void 0;
}
function required2(protocol, what, key, errors) {
  errors.add(`[protocol ${protocol}] ${what} required (key: ${key})`, dataPath(key));
}
function readMechanism(secret, keys, errors) {
  const key = keys.find((candidate) => secretWord(secret, candidate) !== void 0);
  if (key === void 0) return "PLAIN";
  const text = secretWord(secret, key)?.toUpperCase();
  const mechanism = MECHANISMS.find((candidate) => candidate === text);
  if (mechanism !== void 0) return mechanism;
  const hint = text === "OAUTHBEARER" ? "; OAUTHBEARER is not supported" : "";
  errors.add(
    "unsupported SASL mechanism",
    dataPath(key),
    `expected ${alternatives(MECHANISMS)}${hint}`
  );
  return void 0;
}
function readSasl(secret, protocol, errors) {
  const mechanism = readMechanism(secret, ["sasl.mechanism"], errors);
  const user = secretWord(secret, "user");
  const password = secretText(secret, "password");
  if (user === void 0) required2(protocol, "SASL user", "user", errors);
  if (password === void 0) required2(protocol, "SASL password", "password", errors);
  if (mechanism === void 0 || user === void 0 || password === void 0) return void 0;
  return { mechanism, user, password };
}
function readTls(secret, errors) {
  const ca = pem(secret, "ca.crt", errors);
  const cert = pem(secret, "user.crt", errors);
  const key = pem(secret, "user.key", errors);
  return {
    ...ca === void 0 ? {} : { ca },
    ...cert === void 0 ? {} : { cert },
    ...key === void 0 ? {} : { key }
  };
}
function checkPair(tls, errors) {
  if (tls.cert === void 0 === (tls.key === void 0)) return;
  const [missing, present] = tls.cert === void 0 ? ["user.crt", "user.key"] : ["user.key", "user.crt"];
  if (!errors.isEmpty) return;
  errors.add(`${missing} is required beside ${present}`, dataPath(missing));
}
function readByProtocol(secret, protocol, errors) {
  const hasSasl = protocol.startsWith("SASL_");
  const hasTls = protocol.endsWith("SSL");
  const sasl = hasSasl ? readSasl(secret, protocol, errors) : void 0;
  const tls = hasTls ? readTls(secret, errors) : void 0;
  if (protocol === "SSL" && !isTrue(secretWord(secret, "user.skip"))) {
    for (const [key, what] of [
      ["user.crt", "user certificate"],
      ["user.key", "user key"]
    ]) {
      if (secretText(secret, key) === void 0) required2(protocol, what, key, errors);
    }
  }
  if (tls !== void 0) checkPair(tls, errors);
  return {
    protocol,
    ...sasl === void 0 ? {} : { sasl },
    ...tls === void 0 ? {} : { tls }
  };
}
function readLegacy(secret, errors) {
  const user = secretWord(secret, "username") ?? secretWord(secret, "user");
  const password = secretText(secret, "password");
  const hasTls = secretText(secret, "ca.crt") !== void 0 || isTrue(secretWord(secret, "tls.enabled"));
  const tls = hasTls ? readTls(secret, errors) : void 0;
  if (tls !== void 0) checkPair(tls, errors);
  const wrap = tls === void 0 ? {} : { tls };
  if (user === void 0 || password === void 0) {
    if (!hasTls) {
      const details = `expected ${alternatives(PROTOCOLS)}`;
      errors.add("protocol required (key: protocol)", dataPath("protocol"), details);
    }
    return { protocol: hasTls ? "SSL" : "PLAINTEXT", ...wrap };
  }
  const mechanism = readMechanism(secret, ["sasltype", "saslType", "sasl.mechanism"], errors);
  return {
    protocol: hasTls ? "SASL_SSL" : "SASL_PLAINTEXT",
    ...mechanism === void 0 ? {} : { sasl: { mechanism, user, password } },
    ...wrap
  };
}
function decodeKafkaSecret(secret) {
  const errors = new FieldErrors();
  const warnings = new FieldErrors();
  const text = secretWord(secret, "protocol")?.toUpperCase();
  const protocol = PROTOCOLS.find((candidate) => candidate === text);
  if (text !== void 0 && protocol === void 0) {
    errors.add("unknown protocol", dataPath("protocol"), `expected ${alternatives(PROTOCOLS)}`);
    return { errors, warnings };
  }
  const value = protocol === void 0 ? readLegacy(secret, errors) : readByProtocol(secret, protocol, errors);
  return errors.isEmpty ? { value, errors, warnings } : { errors, warnings };
}

// packages/resources/src/config/rabbitmq-secret.ts
var PORT_MAX3 = 65535;
var AMQP_PORT = "5672";
var AMQPS_PORT = "5671";
var SCHEME2 = /^([a-z]+):\/\//i;
function readPort(secret, errors) {
  const text = secretWord(secret, "port");
  if (text === void 0) return void 0;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port >= 1 && port <= PORT_MAX3) return text;
  errors.add("expected a port from 1 to 65535", dataPath("port"));
  return void 0;
}
function decodedPart(text) {
  return text === "" ? void 0 : decodeURIComponent(text);
}
function readAddress(text, port) {
  const scheme = SCHEME2.exec(text)?.[1]?.toLowerCase() ?? "http";
  if (!["http", "https", "amqp", "amqps"].includes(scheme)) return void 0;
  const rest = text.replace(SCHEME2, "");
  const isAmqp = scheme.startsWith("amqp");
  let parsed;
  try {
    parsed = new URL(`amqp://${rest}`);
    const { hostname } = parsed;
    if (hostname === "") return void 0;
    const own2 = isAmqp ? parsed.port || (scheme === "amqps" ? AMQPS_PORT : AMQP_PORT) : AMQP_PORT;
    const secure = scheme.endsWith("s") ? "amqps" : "amqp";
    const username = decodedPart(parsed.username);
    const password = decodedPart(parsed.password);
    const vhost = isAmqp ? decodedPart(parsed.pathname.slice(1)) : void 0;
    return {
      url: `${secure}://${hostname}:${port ?? own2}`,
      ...username === void 0 ? {} : { username },
      ...password === void 0 ? {} : { password },
      ...vhost === void 0 ? {} : { vhost }
    };
  } catch {
    return void 0;
  }
}
function readAddresses(secret, errors) {
  const port = readPort(secret, errors);
  const key = secretWord(secret, "uri") === void 0 ? "host" : "uri";
  const texts = (secretWord(secret, key) ?? "").split(",").map((text) => text.trim()).filter((text) => text !== "");
  if (texts.length === 0) errors.missing(dataPath("uri"));
  const addresses = texts.map((text) => readAddress(text, port));
  const found = addresses.filter((address) => address !== void 0);
  if (found.length < addresses.length) {
    const details = "expected a host, or an address such as amqps://host:5671/vhost";
    errors.add("invalid address", dataPath(key), details);
  }
  return found;
}
function decodeRabbitmqSecret(secret) {
  const errors = new FieldErrors();
  const warnings = new FieldErrors();
  const addresses = readAddresses(secret, errors);
  const [first] = addresses;
  if (first === void 0 || !errors.isEmpty) return { errors, warnings };
  const username = secretWord(secret, "username") ?? first.username;
  const password = secretText(secret, "password")?.replace(/[\r\n]+$/, "") ?? first.password;
  const caSecretName = secretWord(secret, "caSecretName");
  const value = {
    connection: {
      urls: addresses.map(({ url }) => url),
      ...username === void 0 ? {} : { username },
      ...password === void 0 ? {} : { password },
      ...first.vhost === void 0 ? {} : { vhost: first.vhost }
    },
    ...caSecretName === void 0 ? {} : { caSecretName }
  };
  return { value, errors, warnings };
}

// packages/resources/src/config/kreference-mapping.ts
var KREFERENCE_MAPPING_CONFIG_MAP = "config-kreference-mapping";
var VALUES = ["Name", "Namespace", "UID", "SystemNamespace"];
var SHIPPED_KREFERENCE_MAPPING = /* @__PURE__ */ new Map();
var PLACEHOLDER = /\{\{-?\s*\.(\w+)\s*-?\}\}/g;
var NO_VALUES = { Name: "x", Namespace: "x", UID: "x", SystemNamespace: "x" };
function isValueName(name) {
  return VALUES.includes(name);
}
function mappingKey(key) {
  const [kind = "", version = "", ...group] = key.split(".");
  if (kind === "" || version === "") return void 0;
  return `${[...group.length === 0 ? [] : [group.join(".")], version].join("/")}/${kind}`;
}
function render2(template, values) {
  return template.replace(
    PLACEHOLDER,
    (placeholder, name) => isValueName(name) ? values[name] : placeholder
  );
}
function checkTemplate(template, path, errors) {
  for (const [, name = ""] of template.matchAll(PLACEHOLDER)) {
    if (isValueName(name)) continue;
    const near = nearestName(name, VALUES) ?? VALUES.join(", ");
    errors.invalidValue(template, path, `unknown value .${name}, expected ${near}`);
    return;
  }
  const url = render2(template, NO_VALUES);
  if (/\{\{|\}\}/.test(url)) {
    errors.invalidValue(template, path, "expected placeholders such as {{ .Name }}");
  } else if (!URL.canParse(url)) {
    errors.invalidValue(template, path, "expected a URL such as http://{{ .Name }}.example.com");
  }
}
function decodeKReferenceMapping(configMap) {
  const errors = new FieldErrors();
  const warnings = new FieldErrors();
  const value = /* @__PURE__ */ new Map();
  for (const [key, text] of Object.entries(configMap.data ?? {})) {
    if (key.startsWith("_")) continue;
    const target = mappingKey(key);
    if (target === void 0) {
      errors.invalidKey(key, dataPath(key), "expected Kind.version or Kind.version.group");
      continue;
    }
    checkTemplate(text.trim(), dataPath(key), errors);
    value.set(target, text.trim());
  }
  return errors.isEmpty ? { value, errors, warnings } : { errors, warnings };
}
function mappedAddress(mapping, reference, values) {
  const template = mapping.get(`${reference.apiVersion}/${reference.kind}`);
  return template === void 0 ? void 0 : render2(template, values);
}

// packages/resources/src/config/label-selector.ts
var labelSelectorSchema = external_exports.strictObject({
  matchLabels: external_exports.record(external_exports.string(), external_exports.string()).exactOptional(),
  matchExpressions: external_exports.array(
    external_exports.strictObject({
      key: external_exports.string(),
      operator: external_exports.enum(["In", "NotIn", "Exists", "DoesNotExist"]),
      values: external_exports.array(external_exports.string()).exactOptional()
    })
  ).exactOptional()
});

// packages/resources/src/config/sugar.ts
var SUGAR_CONFIG_MAP = "config-sugar";
function decodeSugar(configMap) {
  const errors = new FieldErrors();
  const warnings = new FieldErrors();
  const read = (key) => {
    const text = entryText(configMap, key);
    return text === void 0 ? void 0 : readYamlEntry({ key, text, schema: labelSelectorSchema }, errors);
  };
  const namespaceSelector = read("namespace-selector");
  const triggerSelector = read("trigger-selector");
  if (!errors.isEmpty) return { errors, warnings };
  const value = {
    ...namespaceSelector === void 0 ? {} : { namespaceSelector },
    ...triggerSelector === void 0 ? {} : { triggerSelector }
  };
  return { value, errors, warnings };
}

// packages/resources/src/decode.ts
function textAt(value, field, errors) {
  const found = Object.hasOwn(value, field) ? value[field] : void 0;
  if (typeof found === "string" && found !== "") return found;
  if (found === void 0 || found === null || found === "") errors.missing(field);
  else errors.add(`expected a string, found ${foundWords(found, true)}`, field);
  return void 0;
}
function unknownKindHint(registry, apiVersion, kind) {
  const versions = registry.byKind(kind).map((definition) => definition.apiVersion);
  if (versions.length > 0) return `, ${kind} is in ${versions.join(", ")}`;
  const all = registry.all();
  const sameVersion = all.filter((definition) => definition.apiVersion === apiVersion);
  const near = nearestName(
    kind,
    sameVersion.map((definition) => definition.kind)
  ) ?? nearestName(
    kind,
    all.map((definition) => definition.kind)
  );
  return near === void 0 ? "" : `, did you mean ${JSON.stringify(near)}?`;
}
function findKind(registry, value, errors) {
  const apiVersion = textAt(value, "apiVersion", errors);
  const kind = textAt(value, "kind", errors);
  if (apiVersion === void 0 || kind === void 0) return void 0;
  const definition = registry.get(apiVersion, kind);
  if (definition !== void 0) return definition;
  const wrong = registry.byKind(kind).length > 0 ? "apiVersion" : "kind";
  errors.add(
    `no matches for kind ${JSON.stringify(kind)} in version ${JSON.stringify(apiVersion)}${unknownKindHint(registry, apiVersion, kind)}`,
    wrong
  );
  return void 0;
}
function decode(registry, value, { unknownFields = "error" } = {}) {
  const errors = new FieldErrors();
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    errors.add(`expected an object, found ${foundWords(value, true)}`, "");
    return { errors, dropped: [] };
  }
  const definition = findKind(registry, value, errors);
  if (definition === void 0) return { errors, dropped: [] };
  const mayShowValues = definition.kind !== "Secret";
  const checked = definition.check(value, { mayShowValues, unknownFields });
  return {
    ...checked.value === void 0 ? {} : { object: checked.value },
    errors: checked.errors,
    dropped: checked.dropped
  };
}

// packages/resources/src/openapi/prepare-value.ts
var OBJECT_FIELDS = ["apiVersion", "kind", "metadata"];
function isFields(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
function memberOf(schema, key, isObject2) {
  const { properties = {}, additionalProperties } = schema;
  if (Object.hasOwn(properties, key)) return properties[key];
  if (isObject2 && OBJECT_FIELDS.includes(key)) return "keep";
  if (typeof additionalProperties === "object") return additionalProperties;
  const keeps = schema["x-kubernetes-preserve-unknown-fields"] === true;
  return keeps || additionalProperties === true ? "keep" : void 0;
}
function prepareFields(value, schema, { path, isObject: isObject2, unknown }) {
  const { properties = {} } = schema;
  for (const key of Object.keys(value)) {
    const member2 = memberOf(schema, key, isObject2);
    const isField = Object.hasOwn(properties, key) || member2 === void 0;
    const below = isField ? joinPath(path, key) : `${path}[${key}]`;
    if (member2 === void 0) {
      unknown.push({ path: below, name: key, known: Object.keys(properties) });
      Reflect.deleteProperty(value, key);
    } else if (member2 === "keep") continue;
    else if (value[key] === null && member2.nullable !== true) Reflect.deleteProperty(value, key);
    else prepareAt(value[key], member2, { path: below, unknown });
  }
  for (const [key, member2] of Object.entries(properties)) {
    if (member2.default === void 0 || Object.hasOwn(value, key)) continue;
    value[key] = structuredClone(member2.default);
    prepareAt(value[key], member2, { path: joinPath(path, key), unknown });
  }
}
function prepareAt(value, schema, { path, unknown }) {
  if (Array.isArray(value)) {
    const { items } = schema;
    if (items === void 0) return;
    for (const [index, item] of value.entries()) {
      prepareAt(item, items, { path: `${path}[${String(index)}]`, unknown });
    }
  } else if (isFields(value) && (schema.type === void 0 || schema.type === "object")) {
    const isObject2 = schema["x-kubernetes-embedded-resource"] === true;
    prepareFields(value, schema, { path, unknown, isObject: isObject2 });
  }
}
function prepareObject(object, schema) {
  const unknown = [];
  prepareFields(object, schema, { path: "", unknown, isObject: true });
  return unknown;
}

// packages/resources/src/openapi/validate-value.ts
import { isDeepStrictEqual as isDeepStrictEqual4 } from "node:util";

// packages/resources/src/openapi/ip-address.ts
var IPV4_PART = /^(?:0|[1-9]\d{0,2})$/;
var IPV6_PART = /^[0-9a-f]{1,4}$/i;
function isIPv4(text) {
  const parts = text.split(".");
  return parts.length === 4 && parts.every((part) => IPV4_PART.test(part) && Number(part) <= 255);
}
function groupsOf(half) {
  if (half === "") return 0;
  const parts = half.split(":");
  const last = parts.at(-1) ?? "";
  const isMixed = last.includes(".");
  if (isMixed && !isIPv4(last)) return void 0;
  const rest = isMixed ? parts.slice(0, -1) : parts;
  return rest.every((part) => IPV6_PART.test(part)) ? rest.length + (isMixed ? 2 : 0) : void 0;
}
function isIPv6(text) {
  const halves = text.split("::");
  if (halves.length > 2) return false;
  const counts = halves.map(groupsOf);
  if (counts.some((count) => count === void 0)) return false;
  const total = counts.reduce((sum, count) => sum + (count ?? 0), 0);
  return halves.length === 1 ? total === 8 : total <= 7;
}
function isIP(text) {
  return isIPv4(text) || isIPv6(text);
}

// packages/resources/src/openapi/formats.ts
var DATE_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/i;
var DATE = /^\d{4}-\d{2}-\d{2}$/;
var BASE642 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
var GO_DURATION = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|ms|s|m|h)(?:(?:\d+(?:\.\d*)?)(?:ns|us|µs|ms|s|m|h))*$/;
var WORD_DURATION = /^-?\d+ ?[a-zA-Z]{1,12}$|^P[0-9YMWDTHS.,]{1,64}$/;
var UUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;
var MAC = /^(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}$/i;
var HEX_COLOR = /^#?(?:[0-9a-f]{3}|[0-9a-f]{6})$/i;
var HOST_LABEL = /^[A-Za-z0-9][A-Za-z0-9-]{0,62}$/;
var EMAIL = /^[^\s@<>]{1,64}@[^\s@<>]{1,255}$/;
var NAMED_EMAIL = /^[^<>]{0,255}<([^<>]{1,320})>$/;
function isDate(text) {
  if (!DATE.test(text)) return false;
  const date = /* @__PURE__ */ new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}
function isDateTime(text) {
  return DATE_TIME.test(text) && isDate(text.slice(0, 10)) && !Number.isNaN(Date.parse(text.toUpperCase()));
}
function isUri(text) {
  if (text.startsWith("/")) return !/[\s\u0000-\u001f]/.test(text);
  return /^[a-z][a-z0-9+.-]*:/i.test(text) && URL.canParse(text);
}
function isCidr(text) {
  const [address = "", bits = "", ...rest] = text.split("/");
  if (rest.length > 0 || !/^\d{1,3}$/.test(bits)) return false;
  return isIP(address) && Number(bits) <= (isIPv4(address) ? 32 : 128);
}
function isHostname(text) {
  return text.length <= 255 && text.split(".").every((label) => HOST_LABEL.test(label));
}
var FORMATS = {
  byte: (text) => text !== "" && BASE642.test(text),
  cidr: isCidr,
  date: isDate,
  "date-time": isDateTime,
  datetime: isDateTime,
  duration: (text) => GO_DURATION.test(text) || WORD_DURATION.test(text),
  email: (text) => EMAIL.test(NAMED_EMAIL.exec(text)?.[1] ?? text),
  hexcolor: (text) => HEX_COLOR.test(text),
  hostname: isHostname,
  ipv4: isIPv4,
  ipv6: isIPv6,
  mac: (text) => MAC.test(text),
  uri: isUri,
  uuid: (text) => UUID.test(text)
};
function hasFormat(text, format) {
  return !Object.hasOwn(FORMATS, format) || FORMATS[format]?.(text) === true;
}

// packages/resources/src/openapi/validate-value.ts
var PATTERN_STEPS_MAX = 4e6;
var TYPE_WORDS = { integer: "int" };
function isFields2(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
function characterCount(text) {
  let count = 0;
  for (const _character of text) count += 1;
  return count;
}
function isMultiple(value, factor) {
  const quotient = value / factor;
  return Math.abs(quotient - Math.round(quotient)) <= Math.abs(quotient) * Number.EPSILON;
}
function keyText(entry) {
  const pairs = Object.keys(entry).sort().map((key) => `${JSON.stringify(key)}:${JSON.stringify(entry[key])}`);
  return `map[string]interface {}{${pairs.join(", ")}}`;
}
var Validator = class {
  #patterns;
  #budget = { steps: PATTERN_STEPS_MAX };
  #mayShow;
  constructor({ patterns, mayShow }) {
    this.#patterns = patterns;
    this.#mayShow = mayShow;
  }
  check(value, schema, path) {
    const errors = new FieldErrors();
    if (!this.#checkType(value, schema, path, errors)) return errors;
    this.#checkEnum(value, schema, path, errors);
    if (value === null) return errors;
    if (typeof value === "number") this.#checkNumber(value, schema, path, errors);
    else if (typeof value === "string") this.#checkText(value, schema, path, errors);
    else if (Array.isArray(value)) this.#checkList(value, schema, path, errors);
    else if (isFields2(value)) this.#checkFields(value, schema, path, errors);
    this.#checkLogic(value, schema, path, errors);
    return errors;
  }
  #checkType(value, schema, path, errors) {
    const types = schema["x-kubernetes-int-or-string"] === true ? ["integer", "string"] : schema.type === void 0 ? [] : [schema.type];
    const found = jsonType(value);
    if (value === null && schema.nullable === true) return true;
    if (types.length === 0) return true;
    if (types.includes(found) || found === "integer" && types.includes("number")) return true;
    const words = types.map((type) => expectedWords(TYPE_WORDS[type] ?? type)).join(" or ");
    errors.addProblem({
      message: `expected ${words}, found ${foundWords(value, this.#mayShow)}`,
      paths: [path],
      cause: typeCause(types.join(","), found)
    });
    return false;
  }
  #refuse(value, path, { details, cause }, errors) {
    const message = `invalid value: ${valueText(value, this.#mayShow)}`;
    errors.addProblem({ message, paths: [path], details: `expected ${details}`, cause });
  }
  #rule(value, text) {
    return ruleCause(causeText(value, this.#mayShow), text);
  }
  #checkEnum(value, schema, path, errors) {
    const supported = schema.enum;
    if (supported === void 0 || supported.some((one) => isDeepStrictEqual4(one, value))) return;
    const cause = enumCause(causeText(value, this.#mayShow), supported);
    this.#refuse(value, path, { details: alternatives(supported), cause }, errors);
  }
  #checkNumber(value, schema, path, errors) {
    const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
    const refuse = (details, rule) => {
      this.#refuse(value, path, { details, cause: this.#rule(value, rule) }, errors);
    };
    if (minimum !== void 0 && (exclusiveMinimum === true ? value <= minimum : value < minimum)) {
      const bound = String(minimum);
      if (exclusiveMinimum === true) {
        refuse(`a number above ${bound}`, `should be greater than ${bound}`);
      } else refuse(`a number of at least ${bound}`, `should be greater than or equal to ${bound}`);
    }
    if (maximum !== void 0 && (exclusiveMaximum === true ? value >= maximum : value > maximum)) {
      const bound = String(maximum);
      if (exclusiveMaximum === true) {
        refuse(`a number below ${bound}`, `should be less than ${bound}`);
      } else refuse(`a number of at most ${bound}`, `should be less than or equal to ${bound}`);
    }
    if (multipleOf !== void 0 && multipleOf > 0 && !isMultiple(value, multipleOf)) {
      const factor = String(multipleOf);
      refuse(`a multiple of ${factor}`, `should be a multiple of ${factor}`);
    }
  }
  #checkText(value, schema, path, errors) {
    const { minLength, maxLength, pattern, format } = schema;
    const length = minLength === void 0 && maxLength === void 0 ? 0 : characterCount(value);
    if (minLength !== void 0 && length < minLength) {
      const rule = `should be at least ${String(minLength)} chars long`;
      const details = amountWords("at least", String(minLength), "string");
      this.#refuse(value, path, { details, cause: this.#rule(value, rule) }, errors);
    }
    if (maxLength !== void 0 && length > maxLength) {
      const details = amountWords("at most", String(maxLength), "string");
      this.#refuse(value, path, { details, cause: tooLongCause(maxLength) }, errors);
    }
    if (pattern !== void 0 && !this.#matches(value, pattern)) {
      const cause = this.#rule(value, `should match '${pattern}'`);
      this.#refuse(value, path, { details: `a text that matches ${pattern}`, cause }, errors);
    }
    if (format !== void 0 && !hasFormat(value, format)) {
      const cause = typeCause(format, this.#mayShow ? value : "(not shown)");
      this.#refuse(value, path, { details: `a text of format ${format}`, cause }, errors);
    }
  }
  #matches(value, pattern) {
    const compiled = this.#patterns.get(pattern) ?? compilePattern(pattern);
    this.#patterns.set(pattern, compiled);
    return compiled instanceof Pattern && compiled.test(value, this.#budget);
  }
  #checkList(value, schema, path, errors) {
    this.#checkCount(
      value.length,
      schema.minItems,
      schema.maxItems,
      { path, unit: "items" },
      errors
    );
    const { items } = schema;
    if (items !== void 0) {
      for (const [index, item] of value.entries()) {
        errors.merge(this.check(item, items, `${path}[${String(index)}]`));
      }
    }
    this.#checkDuplicates(value, schema, path, errors);
  }
  #checkDuplicates(value, schema, path, errors) {
    const listType = schema["x-kubernetes-list-type"];
    if (listType !== "set" && listType !== "map") return;
    const keys = schema["x-kubernetes-list-map-keys"] ?? [];
    const seen = /* @__PURE__ */ new Set();
    for (const [index, item] of value.entries()) {
      const identity = listType === "map" && isFields2(item) ? Object.fromEntries(
        keys.filter((key) => item[key] !== void 0).map((key) => [key, item[key]])
      ) : item;
      const shown2 = isFields2(identity) ? keyText(identity) : causeText(identity, this.#mayShow);
      const text = isFields2(identity) ? shown2 : JSON.stringify(identity);
      if (seen.has(text)) {
        errors.addProblem({
          message: "the same entry twice",
          paths: [`${path}[${String(index)}]`],
          cause: duplicateCause(this.#mayShow ? shown2 : '"(not shown)"')
        });
      }
      seen.add(text);
    }
  }
  #checkCount(count, min, max, { path, unit }, errors) {
    if (min !== void 0 && count < min) {
      const cause = ruleCause(String(count), `should have at least ${String(min)} ${unit}`);
      const message = `expected ${amountWords("at least", String(min), "array")}, found ${String(count)}`;
      errors.addProblem({ message, paths: [path], cause });
    }
    if (max !== void 0 && count > max) {
      const message = `expected ${amountWords("at most", String(max), "array")}, found ${String(count)}`;
      errors.addProblem({ message, paths: [path], cause: tooManyCause(count, max) });
    }
  }
  #checkFields(value, schema, path, errors) {
    const { required: required3 = [], properties = {}, additionalProperties } = schema;
    const count = Object.keys(value).length;
    const { minProperties, maxProperties } = schema;
    this.#checkCount(count, minProperties, maxProperties, { path, unit: "properties" }, errors);
    const isEmbedded = schema["x-kubernetes-embedded-resource"] === true;
    for (const field of isEmbedded ? ["apiVersion", "kind", ...required3] : required3) {
      if (Object.hasOwn(value, field)) continue;
      const cause = REQUIRED_CAUSE;
      errors.addProblem({ message: "missing field(s)", paths: [joinPath(path, field)], cause });
    }
    for (const [key, member2] of Object.entries(value)) {
      if (Object.hasOwn(properties, key)) {
        const field = properties[key];
        if (field !== void 0) errors.merge(this.check(member2, field, joinPath(path, key)));
      } else if (typeof additionalProperties === "object") {
        errors.merge(this.check(member2, additionalProperties, `${path}[${key}]`));
      }
    }
  }
  #checkLogic(value, schema, path, errors) {
    const { allOf = [], anyOf = [], oneOf = [], not } = schema;
    const outcome = (branches) => branches.map((branch) => this.check(value, branch, path));
    const refuse = (message, rule) => {
      errors.addProblem({ message, paths: [path], cause: logicCause(rule) });
    };
    const all = outcome(allOf).filter((problems) => !problems.isEmpty);
    for (const problems of all) errors.merge(problems);
    if (all.length > 0) {
      const none = all.length === allOf.length ? ". None validated" : "";
      refuse("expected all alternatives to hold", `must validate all the schemas (allOf)${none}`);
    }
    const any = outcome(anyOf);
    if (any.length > 0 && any.every((problems) => !problems.isEmpty)) {
      refuse("expected one of several alternatives", "must validate at least one schema (anyOf)");
      errors.merge(any[0] ?? new FieldErrors());
    }
    const one = outcome(oneOf);
    const valid = one.filter((problems) => problems.isEmpty).length;
    if (one.length > 0 && valid !== 1) {
      const found = valid === 0 ? "Found none valid" : `Found ${String(valid)} valid alternatives`;
      const rule = `must validate one and only one schema (oneOf). ${found}`;
      refuse(`expected exactly one of several alternatives, found ${String(valid)}`, rule);
      if (valid === 0) errors.merge(one[0] ?? new FieldErrors());
    }
    if (not !== void 0 && this.check(value, not, path).isEmpty) {
      refuse("expected something else", "must not validate the schema (not)");
    }
  }
};
function validateValue(value, schema, options) {
  return new Validator(options).check(value, schema, "");
}

// packages/resources/src/kinds/apiextensions/kinds-of-crd.ts
var ANY_OBJECT2 = {
  type: "object",
  "x-kubernetes-preserve-unknown-fields": true
};
function schemaOf(version) {
  return version.schema?.openAPIV3Schema ?? ANY_OBJECT2;
}
var ObjectChecker = class {
  #schema;
  #head;
  #patterns = /* @__PURE__ */ new Map();
  constructor(apiVersion, kind, schema) {
    this.#schema = schema;
    this.#head = external_exports.strictObject({
      apiVersion: external_exports.literal(apiVersion),
      kind: external_exports.literal(kind),
      metadata: metadataSchema
    });
  }
  check(value, { mayShowValues = true, unknownFields = "error" } = {}) {
    const mayDrop = unknownFields === "drop";
    const copied = plainCopy(value, external_exports.unknown(), { mayShow: mayShowValues, mayDrop });
    if (!copied.isComplete) return { errors: copied.errors, dropped: [] };
    const { apiVersion, kind, metadata, ...rest } = copied.copy;
    const head = checkSchema(this.#head, { apiVersion, kind, metadata }, { unknownFields });
    const errors = copied.errors.merge(head.errors);
    const object = { ...head.value, ...rest };
    const unknown = prepareObject(object, this.#schema);
    if (!mayDrop) {
      for (const { name, known, path } of unknown) errors.add(unknownFieldWords(name, known), path);
    }
    const options = { mayShow: mayShowValues, patterns: this.#patterns };
    errors.merge(validateValue(object, this.#schema, options));
    const lost = mayDrop ? unknown.map(({ path }) => path) : [];
    const dropped = [...head.dropped, ...[...lost, ...copied.unusable].map(kubePath)].sort();
    return errors.isEmpty ? { value: object, errors, dropped } : { errors, dropped };
  }
};
function columnsOf({
  additionalPrinterColumns = []
}) {
  if (additionalPrinterColumns.length === 0) return [COLUMNS.age];
  return additionalPrinterColumns.map((column) => ({
    ...column,
    // Admission takes these types only.
    type: column.type
  }));
}
function kindOfVersion({ spec }, version) {
  const { group, names } = spec;
  const apiVersion = `${group}/${version.name}`;
  const schema = schemaOf(version);
  const checker = new ObjectChecker(apiVersion, names.kind, schema);
  const { subresources = {}, selectableFields = [] } = version;
  return {
    group,
    version: version.name,
    apiVersion,
    kind: names.kind,
    listKind: names.listKind ?? `${names.kind}List`,
    plural: names.plural,
    singular: names.singular ?? names.kind.toLowerCase(),
    shortNames: names.shortNames ?? [],
    categories: names.categories ?? [],
    namespaced: spec.scope === "Namespaced",
    hasStatus: subresources.status !== void 0,
    printerColumns: columnsOf(version),
    nameRule: SUBDOMAIN_NAME,
    selectableFields: selectableFields.map(({ jsonPath }) => jsonPath.replace(/^\./, "")),
    scale: subresources.scale,
    mergeSchema: schema,
    check: (value, options) => checker.check(value, options),
    structural: () => schema,
    setDefaults: (object) => {
      const copy = structuredClone(object);
      prepareObject(copy, schema);
      return copy;
    },
    validate: () => new FieldErrors()
  };
}
function kindsOfCrd(crd) {
  return crd.spec.versions.filter(({ served }) => served).map((version) => kindOfVersion(crd, version));
}

// packages/resources/src/marks.ts
var Marks = class {
  #conditions;
  #status;
  #now;
  constructor(conditions, status, now) {
    this.#conditions = conditions;
    this.#status = status;
    this.#now = now;
  }
  true(type, reason, message) {
    this.#status.conditions = this.#conditions.markTrue(
      this.#status,
      this.#mark(type, reason, message)
    );
  }
  false(type, reason, message) {
    this.#status.conditions = this.#conditions.markFalse(
      this.#status,
      this.#mark(type, reason, message)
    );
  }
  unknown(type, reason, message) {
    this.#status.conditions = this.#conditions.markUnknown(
      this.#status,
      this.#mark(type, reason, message)
    );
  }
  /** EventPolicies are not evaluated while OIDC is off, so that nothing stands against them (§2.9). */
  eventPoliciesNotInUse() {
    this.true(
      "EventPoliciesReady",
      "OIDCDisabled",
      'Feature "authentication-oidc" must be enabled to support Authorization'
    );
  }
  #mark(type, reason, message) {
    return {
      type,
      now: this.#now,
      ...reason === void 0 ? {} : { reason },
      ...message === void 0 ? {} : { message }
    };
  }
};

// packages/resources/src/shipped-config-maps.ts
var import_yaml2 = __toESM(require_dist(), 1);
function shippedConfigMaps(systemNamespace, template = SHIPPED_CHANNEL_TEMPLATE) {
  const configMap = (name, data) => ({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name, namespace: systemNamespace },
    data
  });
  const brokerDefaults = {
    clusterDefault: { ...SHIPPED_BROKER_DEFAULTS.clusterDefault, namespace: systemNamespace }
  };
  return [
    configMap(BROKER_DEFAULTS_CONFIG_MAP, { [BROKER_DEFAULTS_KEY]: (0, import_yaml2.stringify)(brokerDefaults) }),
    configMap(BROKER_CHANNEL_CONFIG_MAP, {
      [BROKER_CHANNEL_KEY]: (0, import_yaml2.stringify)(template)
    }),
    configMap(CHANNEL_DEFAULTS_CONFIG_MAP, {
      [CHANNEL_DEFAULTS_KEY]: (0, import_yaml2.stringify)({ clusterDefault: template })
    }),
    configMap(FEATURES_CONFIG_MAP, {}),
    configMap(SUGAR_CONFIG_MAP, {}),
    configMap(KREFERENCE_MAPPING_CONFIG_MAP, {})
  ];
}

export {
  childName,
  isDnsLabel,
  isDnsSubdomain,
  isServiceName,
  admit,
  BROKER_CLASS,
  MT_BROKER_CLASS,
  KAFKA_BROKER_CLASS,
  KAFKA_NAMESPACED_BROKER_CLASS,
  RABBITMQ_BROKER_CLASS,
  KAFKA_EXTERNAL_TOPIC,
  KAFKA_STATUS,
  BROKER_LABEL,
  TRIGGER_LABEL,
  BROKER_CHANNEL_STATUS,
  AFFLUX_ORDER,
  AFFLUX_MAX_IN_FLIGHT,
  structuralSchema,
  statusCauses,
  ResourcesError,
  FEATURES_CONFIG_MAP,
  SHIPPED_FEATURES,
  isEnabled,
  decodeFeatures,
  parseDelivery,
  BROKER_DEFAULTS_CONFIG_MAP,
  BROKER_CHANNEL_CONFIG_MAP,
  SHIPPED_BROKER_DEFAULTS,
  decodeBrokerDefaults,
  findCondition,
  flowSettings,
  KAFKA_CHANNEL_CONFIG_MAP,
  decodeKafkaChannelConfig,
  decodeKafkaBrokerConfig,
  kafkaSubscriptionGroup,
  rabbitmqBrokerExchange,
  rabbitmqTriggerQueue,
  rabbitmqChannelExchange,
  rabbitmqSubscriptionQueue,
  MT_BROKER_CONDITIONS,
  KAFKA_BROKER_CONDITIONS,
  RABBITMQ_BROKER_CONDITIONS,
  KAFKA_SINK_CONDITIONS,
  EVENT_TYPE_CONDITIONS,
  toEventType,
  dependencyOf,
  TRIGGER_CONDITIONS,
  CHANNEL_DEFAULTS_CONFIG_MAP,
  SHIPPED_CHANNEL_DEFAULTS,
  decodeChannelDefaults,
  decodeBrokerChannel,
  PARALLEL_CONDITIONS,
  SEQUENCE_CONDITIONS,
  CHANNEL_CONDITIONS,
  CONTROLLER_USER,
  retentionMs,
  retentionBytes,
  DURABLE_CHANNEL_CONDITIONS,
  KAFKA_CHANNEL_CONDITIONS,
  KAFKA_CHANNEL_DEFAULTS,
  RABBITMQ_CHANNEL_CONDITIONS,
  IN_MEMORY_CHANNEL_CONDITIONS,
  SUBSCRIPTION_CONDITIONS,
  builtinKinds,
  KAFKA_FEATURES_CONFIG_MAP,
  SHIPPED_KAFKA_FEATURES,
  decodeKafkaFeatures,
  secretText,
  decodeKafkaSecret,
  decodeRabbitmqSecret,
  KREFERENCE_MAPPING_CONFIG_MAP,
  SHIPPED_KREFERENCE_MAPPING,
  decodeKReferenceMapping,
  mappedAddress,
  SUGAR_CONFIG_MAP,
  decodeSugar,
  decode,
  kindsOfCrd,
  Marks,
  shippedConfigMaps
};
