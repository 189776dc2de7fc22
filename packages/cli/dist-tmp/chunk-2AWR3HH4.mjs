import { createRequire as createRequireOfBundle } from 'node:module';const require = createRequireOfBundle(import.meta.url);
import {
  require_client,
  require_connect
} from "./chunk-HYBGQZ4T.mjs";
import {
  require_pino
} from "./chunk-UTSDURX2.mjs";
import {
  API_VERSION,
  BacklogDirectory,
  PAGE_MAX,
  PARAMETER_CHARS_MAX,
  ServerError,
  apiRefused,
  channelKey,
  deadLetterText,
  failure,
  formatContinue,
  matchesOwner,
  ownerIn,
  parseFilter,
  parseLetterName,
  subscriptionHash,
  success
} from "./chunk-QQUSOQ2O.mjs";
import {
  AddressError,
  AddressResolver,
  ConfigWatcher,
  Controller,
  EventReaper,
  EventRecorder,
  InformerSet,
  MemoryStore,
  RequeueAfter,
  StoreError,
  Tracker,
  allIdle,
  byOwnerUid,
  controllerKeyOf,
  formatKey,
  isAlreadyExists,
  isConflict,
  isNotFound,
  keyOf,
  kindId,
  localServices,
  observerOf,
  parseKey,
  sameJson
} from "./chunk-5INLJZWI.mjs";
import {
  AFFLUX_MAX_IN_FLIGHT,
  AFFLUX_ORDER,
  BROKER_CHANNEL_CONFIG_MAP,
  BROKER_CHANNEL_STATUS,
  BROKER_CLASS,
  BROKER_DEFAULTS_CONFIG_MAP,
  CHANNEL_CONDITIONS,
  CHANNEL_DEFAULTS_CONFIG_MAP,
  CONTROLLER_USER,
  DURABLE_CHANNEL_CONDITIONS,
  EVENT_TYPE_CONDITIONS,
  FEATURES_CONFIG_MAP,
  IN_MEMORY_CHANNEL_CONDITIONS,
  KAFKA_BROKER_CLASS,
  KAFKA_BROKER_CONDITIONS,
  KAFKA_CHANNEL_CONDITIONS,
  KAFKA_CHANNEL_CONFIG_MAP,
  KAFKA_CHANNEL_DEFAULTS,
  KAFKA_EXTERNAL_TOPIC,
  KAFKA_FEATURES_CONFIG_MAP,
  KAFKA_NAMESPACED_BROKER_CLASS,
  KAFKA_SINK_CONDITIONS,
  KAFKA_STATUS,
  KREFERENCE_MAPPING_CONFIG_MAP,
  MT_BROKER_CLASS,
  MT_BROKER_CONDITIONS,
  Marks,
  PARALLEL_CONDITIONS,
  RABBITMQ_BROKER_CLASS,
  RABBITMQ_BROKER_CONDITIONS,
  RABBITMQ_CHANNEL_CONDITIONS,
  ResourcesError,
  SEQUENCE_CONDITIONS,
  SHIPPED_BROKER_DEFAULTS,
  SHIPPED_CHANNEL_DEFAULTS,
  SHIPPED_FEATURES,
  SHIPPED_KAFKA_FEATURES,
  SHIPPED_KREFERENCE_MAPPING,
  SUBSCRIPTION_CONDITIONS,
  SUGAR_CONFIG_MAP,
  TRIGGER_CONDITIONS,
  admit,
  builtinKinds,
  childName,
  decode,
  decodeBrokerChannel,
  decodeBrokerDefaults,
  decodeChannelDefaults,
  decodeFeatures,
  decodeKReferenceMapping,
  decodeKafkaBrokerConfig,
  decodeKafkaChannelConfig,
  decodeKafkaFeatures,
  decodeKafkaSecret,
  decodeRabbitmqSecret,
  decodeSugar,
  dependencyOf,
  findCondition,
  flowSettings,
  isEnabled,
  kafkaSubscriptionGroup,
  kindsOfCrd,
  mappedAddress,
  parseDelivery,
  rabbitmqBrokerExchange,
  rabbitmqChannelExchange,
  rabbitmqSubscriptionQueue,
  rabbitmqTriggerQueue,
  retentionBytes,
  retentionMs,
  secretText,
  shippedConfigMaps,
  statusCauses,
  toEventType
} from "./chunk-VF65DHRR.mjs";
import {
  FilterIndex,
  compileFilter
} from "./chunk-CPL45277.mjs";
import {
  require_dist
} from "./chunk-YZGW35GG.mjs";
import {
  ChannelError,
  ChannelHub,
  ChannelUnavailable,
  DuplicateWindow,
  FlowScheduler,
  MemoryBudget,
  SubscriptionFlow,
  backendRefused,
  memoryDriver,
  publishOnce,
  redrive,
  replay,
  subscriptionRules
} from "./chunk-L3ZXLJED.mjs";
import {
  decodeHttp,
  decodeHttpReply,
  encodeBinary,
  encodeStructured,
  timestampMs
} from "./chunk-QUSRWZCH.mjs";
import {
  external_exports
} from "./chunk-C4YO6LH5.mjs";
import {
  AffluxError,
  BACKOFF_MS_MAX,
  BaseComponent,
  BoundedQueue,
  DISPATCH_SECONDS_BOUNDS,
  abortedError,
  backoffMs,
  newUuid,
  noopLogger,
  noopMeter,
  noopTracer,
  parseBytes,
  parseDuration,
  readTraceContext,
  startAll,
  stopAll,
  systemClock,
  systemRandom,
  withJitter
} from "./chunk-ZKZDKWPE.mjs";
import {
  __toESM
} from "./chunk-EX44SRZ5.mjs";

// packages/observability/src/config.ts
var logSchema = external_exports.strictObject({
  level: external_exports.enum(["error", "warn", "info", "debug", "silent"]).default("info").describe("The least severe level that is written; silent writes nothing."),
  format: external_exports.enum(["json", "pretty"]).default("json").describe("json: one object per line. pretty: one readable line per entry, for terminals."),
  destination: external_exports.enum(["stdout", "stderr"]).default("stdout").describe("Where lines are written."),
  colour: external_exports.enum(["auto", "always", "never"]).default("auto").describe("Colours of pretty lines; auto: when the destination is a terminal."),
  repeatsMax: external_exports.int().min(1).max(1e6).default(10).describe("How often the same warning of the same component is written per interval."),
  repeatIntervalMs: external_exports.int().min(100).max(36e5).default(1e4).describe(
    "Interval of repeatsMax, in milliseconds; at its end the number left out is written."
  )
});
var metricsSchema = external_exports.strictObject({
  childrenMax: external_exports.int().min(1).max(1e5).default(2e4).describe('Label combinations kept per instrument; values beyond go to one labelled "other".'),
  processMetrics: external_exports.boolean().default(true).describe("Adds CPU, memory, event loop and garbage collection of the process.")
});
var tracingSchema = external_exports.strictObject({
  endpoint: external_exports.url({ protocol: /^https?$/ }).optional().describe("Base URL of an OTLP/HTTP collector; /v1/traces is added. Absent: no tracing."),
  headers: external_exports.record(external_exports.string(), external_exports.string()).default({}).describe("Headers for the collector, such as an API key. Never logged."),
  serviceName: external_exports.string().min(1).max(255).default("afflux").describe("service.name of the spans."),
  samplingRatio: external_exports.number().min(0).max(1).default(1).describe("Share of the traces beginning here that is recorded."),
  trustParent: external_exports.boolean().default(false).describe("Follow the sampled flag of requests from outside instead of samplingRatio."),
  exportTimeoutMs: external_exports.int().min(100).max(6e4).default(5e3).describe("Bound on one export to the collector, in milliseconds.")
});
var configSchema = external_exports.strictObject({
  log: logSchema.prefault({}),
  metrics: metricsSchema.prefault({}),
  tracing: tracingSchema.prefault({})
});

// packages/observability/src/errors.ts
var ObservabilityError = class extends AffluxError {
};
function tracingUnavailable(cause) {
  return new ObservabilityError(
    "tracing is configured but the OpenTelemetry packages could not be loaded: install the optional dependencies of @afflux/observability or remove tracing.endpoint",
    { code: "AFFLUX_OBSERVABILITY_TRACING_UNAVAILABLE", fault: "user", cause }
  );
}

// packages/observability/src/health.ts
var Health = class {
  #parts = /* @__PURE__ */ new Map();
  /** What a part says of itself now, in place of what it said before. The reason is shown to anybody. */
  set(component, state, reason) {
    this.#parts.set(component, { state, reason });
  }
  /** For `/healthz`. */
  live() {
    return this.#report((state) => state !== "failed", []);
  }
  /** For `/readyz`. */
  ready() {
    if (this.#parts.size === 0) return { ok: false, reasons: ["nothing has reported yet"] };
    return this.#report((state) => state === "ready" || state === "degraded", ["degraded"]);
  }
  /** `mentioned`: states that are fine and stand among the reasons all the same. */
  #report(isFine, mentioned) {
    const parts = [...this.#parts];
    const reasons = parts.filter(([, { state }]) => !isFine(state) || mentioned.includes(state)).map(
      ([component, { state, reason }]) => reason === void 0 ? `${component}: ${state}` : `${component}: ${state} (${reason})`
    );
    return { ok: parts.every(([, { state }]) => isFine(state)), reasons };
  }
};

// packages/observability/src/logging/logger.ts
var import_pino = __toESM(require_pino(), 1);
import { isatty } from "node:tty";

// packages/observability/src/logging/pretty.ts
var COLOURS = { error: 31, warn: 33, info: 32, debug: 36, dim: 2, bold: 1 };
var OWN_PLACE = /* @__PURE__ */ new Set(["time", "level", "msg", "component", "err"]);
var PLAIN = /^[\w./:@+,-]+$/;
var CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g;
function visible(text2) {
  return text2.replace(
    CONTROL,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`
  );
}
function paint(text2, colour, useColour) {
  return useColour ? `\x1B[${String(COLOURS[colour])}m${text2}\x1B[0m` : text2;
}
function timeOfDay(time) {
  const date = new Date(typeof time === "string" ? time : Number.NaN);
  if (Number.isNaN(date.getTime())) return "--:--:--.---";
  const parts = [date.getHours(), date.getMinutes(), date.getSeconds()];
  const clock = parts.map((part) => String(part).padStart(2, "0")).join(":");
  return `${clock}.${String(date.getMilliseconds()).padStart(3, "0")}`;
}
function shown(value) {
  return typeof value === "string" && PLAIN.test(value) ? value : visible(JSON.stringify(value));
}
function isRecord(value) {
  return typeof value === "object" && value !== null;
}
function text(value) {
  return typeof value === "string" ? value : "";
}
function paragraphs(error, lead = "") {
  if (!isRecord(error)) return error === void 0 ? [] : [`${lead}${shown(error)}`];
  const { type, message, stack, code, cause, errors } = error;
  const head = typeof stack === "string" ? stack.split("\n") : [`${text(type)}: ${text(message)}`];
  const codeText = typeof code === "string" ? ` (${code})` : "";
  const [first = "", ...rest] = head.map(visible);
  return [
    `${lead}${first}${visible(codeText)}`,
    ...rest.map((line) => `  ${line.trim()}`),
    ...Array.isArray(errors) ? errors.flatMap((one) => paragraphs(one, "one of: ")) : [],
    ...paragraphs(cause, "caused by: ")
  ];
}
function prettyLine(json, useColour) {
  const entry = JSON.parse(json);
  const level = text(entry["level"]);
  const colour = level in COLOURS ? level : "info";
  const component = entry["component"];
  const fields = Object.keys(entry).filter((key) => !OWN_PLACE.has(key)).map((key) => `${paint(`${shown(key)}=`, "dim", useColour)}${shown(entry[key])}`);
  const line = [
    paint(timeOfDay(entry["time"]), "dim", useColour),
    paint(level.toUpperCase().padEnd(5), colour, useColour),
    ...component === void 0 ? [] : [`${shown(component)}:`],
    paint(visible(text(entry["msg"])), "bold", useColour),
    ...fields
  ].join(" ");
  return [line, ...paragraphs(entry["err"]).map((paragraph) => `    ${paragraph}`), ""].join("\n");
}

// packages/observability/src/logging/redact-text.ts
var REDACTED = "[redacted]";
var TEXT_LENGTH_MAX = 4096;
var TEXT_OVERLAP = 1024;
var SECRETS = [
  // scheme://user:password@host, up to the last @ before the path, as passwords may hold an unencoded one
  [/\b([a-z][a-z0-9+.-]{0,30}:\/\/)[^\s/?#"'<>]*@/gi, `$1${REDACTED}@`],
  // Authorization: Bearer …, to the end of the line, as schemes have parameters
  [/(\bauthorization["']?\s{0,8}[=:]\s{0,8}["']?)[^\r\n"'}]+/gi, `$1${REDACTED}`],
  // password=…, "token": "…", api_key: …, in query strings, connection strings and JSON inside texts
  [
    /((?:password|passwd|pwd|passphrase|secret|token|cookie|api[-_]?key|access[-_]?key|account[-_]?key|credentials?|signature|\bsig)["']?\s{0,8}[=:]\s{0,8})("[^"]*"?|'[^']*'?|[^\s;&,"'}]+)/gi,
    `$1${REDACTED}`
  ],
  [/\b(bearer|basic)\s{1,8}[\w~+/.=-]{8,}/gi, `$1 ${REDACTED}`],
  [/\beyJ[\w-]{8,}\.[\w-]{2,}(?:\.[\w-]*)?/g, REDACTED],
  [/-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[\s\S]*/g, REDACTED]
];
var HARMLESS = /^(?!.*eyJ)[\w./+,-]{0,200}$/;
function redactText(text2) {
  if (HARMLESS.test(text2)) return text2;
  const seen = text2.slice(0, TEXT_LENGTH_MAX + TEXT_OVERLAP);
  const clean = SECRETS.reduce((rest, [pattern, shown5]) => rest.replace(pattern, shown5), seen);
  const shown4 = clean.slice(0, TEXT_LENGTH_MAX);
  const cut = clean.length - shown4.length + (text2.length - seen.length);
  return cut === 0 ? shown4 : `${shown4}\u2026 (${String(cut)} more)`;
}

// packages/observability/src/logging/redact.ts
var DEPTH_MAX = 6;
var ENTRIES_MAX = 100;
var CAUSES_MAX = 8;
var NODES_MAX = 2e3;
var LENGTH_MAX = 65536;
var SECRET_KEY = /authorization|password|passwd|passphrase|secret|token|cookie|credential|apikey|privatekey|accesskey|accountkey|signature|connectionstring/;
var NOT_SECRET_KEY = /(name|ref|kind|count|total|length|bytes|max|ms)$/;
function isSecretKey(key) {
  const plain = key.slice(0, 200).replace(/[^a-z0-9]/gi, "").toLowerCase();
  return SECRET_KEY.test(plain) && !NOT_SECRET_KEY.test(plain);
}
function redactFields(fields) {
  try {
    return new Copier().entries(fields, Object.keys(fields));
  } catch {
    return { unreadable: true };
  }
}
function redactValue(key, value) {
  return new Copier().under(key, value);
}
var Copier = class {
  #nodesLeft = NODES_MAX;
  #lengthLeft = LENGTH_MAX;
  /** The objects that the current one stands in: for cycles, and for how deep we are. */
  #above = [];
  under(key, value) {
    const isPlainFact = value === void 0 || value === null || typeof value === "boolean";
    return !isPlainFact && isSecretKey(key) ? REDACTED : this.#copy(value);
  }
  entries(value, keys) {
    const copied = /* @__PURE__ */ Object.create(null);
    for (const key of keys.slice(0, ENTRIES_MAX)) {
      copied[key.slice(0, 200)] = this.under(key, read(value, key));
    }
    if (keys.length > ENTRIES_MAX) copied["\u2026"] = `${String(keys.length - ENTRIES_MAX)} more`;
    return copied;
  }
  #copy(value) {
    this.#nodesLeft -= 1;
    if (this.#nodesLeft < 0) return "[more]";
    switch (typeof value) {
      case "string":
        return this.#text(value);
      case "number":
      case "boolean":
      case "undefined":
        return value;
      case "bigint":
        return this.#text(String(value));
      case "symbol":
      case "function":
        return `[${typeof value}]`;
      case "object":
        return value === null ? null : this.#object(value);
    }
  }
  #text(text2) {
    const clean = redactText(text2);
    this.#lengthLeft -= clean.length;
    return this.#lengthLeft < 0 ? "[more]" : clean;
  }
  #object(value) {
    if (this.#above.includes(value)) return "[circular]";
    if (this.#depth() >= DEPTH_MAX) return "[deep]";
    this.#above.push(value);
    try {
      return value instanceof Error ? this.#error(value) : this.#known(value);
    } catch {
      return "[unreadable]";
    } finally {
      this.#above.pop();
    }
  }
  /** How deep below the nearest error: a chain of causes is no nesting and has a bound of its own. */
  #depth() {
    return this.#above.length - 1 - this.#above.findLastIndex((outer) => outer instanceof Error);
  }
  #known(value) {
    if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) {
      return `[${String(value.byteLength)} bytes]`;
    }
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
    if (value instanceof URL || value instanceof RegExp) return this.#text(String(value));
    if (value instanceof Set) return this.#list([...value]);
    if (Array.isArray(value)) return this.#list(value);
    const plain = value instanceof Map ? Object.fromEntries(value) : value;
    return this.entries(plain, Object.keys(plain));
  }
  /** A flat header list (name, value, name, value) hides what stands after a secret name. */
  #list(list) {
    const copied = list.slice(0, ENTRIES_MAX).map((item, index) => {
      const before = list[index - 1];
      const isName = typeof before === "string" && /^[\w-]{1,100}$/.test(before);
      return isName ? this.under(before, item) : this.#copy(item);
    });
    if (list.length > ENTRIES_MAX) copied.push(`\u2026 ${String(list.length - ENTRIES_MAX)} more`);
    return copied;
  }
  /**
   * Type, message, stack, the fields of an {@link AffluxError}, a system error's code, and what caused it. An
   * error that is the user's to mend has no stack: where it was noticed says nothing.
   */
  #error(error) {
    if (this.#above.filter((outer) => outer instanceof Error).length > CAUSES_MAX) return "[more]";
    const { stack, cause } = error;
    const afflux = error instanceof AffluxError ? error : void 0;
    const code = read(error, "code");
    return {
      type: this.#copy(error.name),
      message: this.#copy(error.message),
      ...(typeof code === "string" || typeof code === "number") && { code: this.#copy(code) },
      ...afflux && { fault: afflux.fault, retryable: afflux.retryable },
      ...afflux && Object.keys(afflux.details).length > 0 && { details: this.#copy(afflux.details) },
      ...afflux?.fault !== "user" && stack !== void 0 && { stack: this.#text(stack) },
      ...cause !== void 0 && { cause: this.#copy(cause) },
      ...error instanceof AggregateError && { errors: this.#copy(error.errors) }
    };
  }
};
function read(value, key) {
  try {
    return value[key];
  } catch {
    return "[unreadable]";
  }
}

// packages/observability/src/logging/repeat-limit.ts
var KEYS_MAX = 1e3;
var RepeatLimit = class {
  #options;
  #counts = /* @__PURE__ */ new Map();
  constructor(options) {
    this.#options = options;
  }
  /** Whether this one may be written; counts it either way. */
  allows(component, message) {
    const key = `${typeof component === "string" ? component : ""}
${message}`;
    const count3 = this.#counts.get(key) ?? this.#begin(key, component, message);
    if (count3.written < this.#options.repeatsMax) {
      count3.written += 1;
      return true;
    }
    count3.leftOut += 1;
    return false;
  }
  /** Tells what was left out so far and starts afresh. */
  flush() {
    for (const key of [...this.#counts.keys()]) this.#end(key);
  }
  #begin(key, component, message) {
    const [oldest] = this.#counts.keys();
    if (this.#counts.size >= KEYS_MAX && oldest !== void 0) this.#end(oldest);
    const timer = this.#options.clock.setTimer(this.#options.repeatIntervalMs, () => {
      this.#end(key);
    });
    const count3 = { message, component, timer, written: 0, leftOut: 0 };
    this.#counts.set(key, count3);
    return count3;
  }
  #end(key) {
    const count3 = this.#counts.get(key);
    if (count3 === void 0) return;
    this.#counts.delete(key);
    count3.timer.cancel();
    if (count3.leftOut === 0) return;
    this.#options.tell(
      { component: count3.component, repeated: count3.message, leftOut: count3.leftOut },
      "repeated warnings left out"
    );
  }
};

// packages/observability/src/logging/logger.ts
var UNWRITTEN_MAX = 8 * 1024 * 1024;
function openDestination(name, onDropped) {
  const fd = name === "stdout" ? 1 : 2;
  const destination = import_pino.default.destination({ fd, sync: false, maxLength: UNWRITTEN_MAX });
  destination.on("drop", onDropped);
  destination.on("error", onDropped);
  return destination;
}
function usesColour({ colour, destination }) {
  if (colour === "auto") return isatty(destination === "stdout" ? 1 : 2);
  return colour === "always";
}
function prettyDestination(destination, useColour) {
  return {
    write: (json) => {
      destination.write(prettyLine(json, useColour));
    }
  };
}
function createPino(config, clock, destination) {
  const stream = config.format === "pretty" ? prettyDestination(destination, usesColour(config)) : destination;
  return (0, import_pino.default)(
    {
      level: config.level,
      base: null,
      timestamp: () => `,"time":"${new Date(clock.now()).toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      // Fields are plain already; pino's own serializer would take our error objects for errors.
      serializers: { err: (err) => err }
    },
    stream
  );
}
var RESERVED = ["level", "time", "msg"];
function lineFields(fields) {
  const copied = redactFields(fields);
  for (const key of RESERVED) {
    if (!(key in copied)) continue;
    copied[`${key}_`] = copied[key];
    copied[key] = void 0;
  }
  return copied;
}
var PinoLogger = class _PinoLogger {
  #pino;
  #limit;
  /** Made fit for a line when the first line is written: most of a thousand children never write one. */
  #fields;
  #fieldsOf;
  constructor(pinoLogger, limit, fieldsOf) {
    this.#pino = pinoLogger;
    this.#limit = limit;
    this.#fieldsOf = fieldsOf;
  }
  error(fields, message) {
    this.#write("error", fields, message);
  }
  warn(fields, message) {
    if (!this.#pino.isLevelEnabled("warn")) return;
    const component = fields["component"] ?? this.#own()["component"];
    if (this.#limit.allows(component, message)) this.#write("warn", fields, message);
  }
  info(fields, message) {
    this.#write("info", fields, message);
  }
  debug(fields, message) {
    this.#write("debug", fields, message);
  }
  child(fields) {
    const given = { ...fields };
    return new _PinoLogger(this.#pino, this.#limit, () => ({
      ...this.#own(),
      ...lineFields(given)
    }));
  }
  #own() {
    this.#fields ??= this.#fieldsOf();
    return this.#fields;
  }
  #write(level, fields, message) {
    if (!this.#pino.isLevelEnabled(level)) return;
    this.#pino[level]({ ...this.#own(), ...lineFields(fields) }, message);
  }
};
function createLogger(config, { clock, destination }) {
  const pinoLogger = createPino(config, clock, destination);
  const limit = new RepeatLimit({
    ...config,
    clock,
    tell: (fields, message) => {
      pinoLogger.warn(fields, message);
    }
  });
  return {
    logger: new PinoLogger(pinoLogger, limit, () => ({})),
    flush: () => {
      limit.flush();
      destination.flushSync?.();
    }
  };
}

// packages/observability/src/metrics/exposition.ts
function registryEntry(instrument) {
  const { name, help, type } = instrument.declaration;
  return {
    name,
    get: () => Promise.resolve({ name, help, type, aggregator: "sum", values: instrument.samples() })
  };
}
var Exposition = class {
  #meter;
  #processMetrics;
  #registry;
  #registered = /* @__PURE__ */ new Set();
  constructor(meter, { processMetrics }) {
    this.#meter = meter;
    this.#processMetrics = processMetrics;
  }
  /** Reads every instrument now. */
  async text() {
    this.#registry ??= this.#load();
    const registry = await this.#registry;
    for (const instrument of this.#meter.instruments()) {
      const { name } = instrument.declaration;
      if (this.#registered.has(name)) continue;
      this.#registered.add(name);
      registry.registerMetric(registryEntry(instrument));
    }
    return { contentType: registry.contentType, body: await registry.metrics() };
  }
  async #load() {
    const { collectDefaultMetrics, Registry } = await import("./prom-client-DQTG7UXK.mjs");
    const registry = new Registry();
    if (this.#processMetrics) collectDefaultMetrics({ register: registry });
    return registry;
  }
};

// packages/observability/src/metrics/meter.ts
import { strict as assert2 } from "node:assert";

// packages/observability/src/metrics/instruments.ts
import { strict as assert } from "node:assert";
var OTHER = "other";
var LABEL_LENGTH_MAX = 256;
var Children = class {
  declaration;
  #childrenMax;
  #onOverflow;
  #children = /* @__PURE__ */ new Map();
  #other;
  constructor({ declaration: declaration2, childrenMax, onOverflow }) {
    this.declaration = declaration2;
    this.#childrenMax = childrenMax;
    this.#onOverflow = onOverflow;
  }
  /** The child of these label values, in the order of the declared labels. */
  labels(...values) {
    if (values.length !== this.declaration.labels.length) failLabels(this.declaration);
    const key = keyOf2(values);
    return this.#children.get(key) ?? this.#add(values);
  }
  /** Puts a child back that was removed and is used again, unless another has taken its place. */
  restore(child) {
    const key = keyOf2(child.labels);
    const hasRoom = this.#children.size < this.#childrenMax;
    if (hasRoom && !this.#children.has(key)) this.#children.set(key, child);
  }
  forget(child) {
    const key = keyOf2(child.labels);
    if (this.#children.get(key) === child) this.#children.delete(key);
  }
  samples() {
    const children = [...this.#children.values()];
    if (this.#other !== void 0) children.push(this.#other);
    return children.flatMap((child) => this.samplesOf(child, this.#labelsOf(child)));
  }
  /** Only here, off the beaten path, are values cut: a value that is too long is never found as it is. */
  #add(values) {
    const short = values.map((value) => value.slice(0, LABEL_LENGTH_MAX));
    const key = keyOf2(short);
    const known = this.#children.get(key);
    if (known !== void 0) return known;
    if (this.#children.size < this.#childrenMax) {
      const child = this.make(short);
      this.#children.set(key, child);
      return child;
    }
    this.#onOverflow();
    this.#other ??= this.make(values.map(() => OTHER));
    return this.#other;
  }
  #labelsOf(child) {
    return labelsObject(this.declaration.labels, child.labels);
  }
};
function failLabels({ name, labels }) {
  assert.fail(`${name} has the labels (${labels.join(", ")})`);
}
function keyOf2(values) {
  return values.length === 1 ? String(values[0]) : values.join("\0");
}
function labelsObject(names, values) {
  return Object.fromEntries(names.map((name, index) => [name, values[index] ?? ""]));
}
var CounterChild = class {
  labels;
  value = 0;
  constructor(labels) {
    this.labels = labels;
  }
  /** A negative amount, or one that is no number, is ignored: a child never throws and a counter never falls. */
  add(amount = 1) {
    if (amount > 0 && amount < Infinity) this.value += amount;
  }
};
var CounterInstrument = class extends Children {
  make(labels) {
    return new CounterChild(labels);
  }
  samplesOf(child, labels) {
    return [{ labels, value: child.value }];
  }
};
var GaugeChild = class {
  labels;
  #owner;
  value = 0;
  #isRemoved = false;
  constructor(labels, owner) {
    this.labels = labels;
    this.#owner = owner;
  }
  set(value) {
    this.value = value;
    if (this.#isRemoved) this.#restore();
  }
  add(amount) {
    if (!Number.isNaN(amount)) this.value += amount;
    if (this.#isRemoved) this.#restore();
  }
  remove() {
    this.#isRemoved = true;
    this.value = 0;
    this.#owner.removed(this);
  }
  #restore() {
    this.#isRemoved = false;
    this.#owner.usedAgain(this);
  }
};
var GaugeInstrument = class extends Children {
  removed(child) {
    this.forget(child);
  }
  usedAgain(child) {
    this.restore(child);
  }
  make(labels) {
    return new GaugeChild(labels, this);
  }
  samplesOf(child, labels) {
    return [{ labels, value: child.value }];
  }
};
var HistogramChild = class {
  labels;
  #bounds;
  /** One per bound and one for what is above all of them; not cumulated. */
  counts;
  sum = 0;
  constructor(labels, bounds) {
    this.labels = labels;
    this.#bounds = Float64Array.from(bounds);
    this.counts = new Float64Array(bounds.length + 1);
  }
  /** A value that is no finite number is ignored. */
  record(value) {
    if (!Number.isFinite(value)) return;
    const bounds = this.#bounds;
    let bucket = 0;
    while (value > bounds[bucket]) bucket += 1;
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1;
    this.sum += value;
  }
};
var HistogramInstrument = class extends Children {
  make(labels) {
    return new HistogramChild(labels, this.declaration.bounds);
  }
  samplesOf(child, labels) {
    const { name, bounds } = this.declaration;
    let count3 = 0;
    const buckets = [...bounds, "+Inf"].map((le, index) => {
      count3 += child.counts[index] ?? 0;
      return { metricName: `${name}_bucket`, labels: { ...labels, le }, value: count3 };
    });
    return [
      ...buckets,
      { metricName: `${name}_sum`, labels, value: child.sum },
      { metricName: `${name}_count`, labels, value: count3 }
    ];
  }
};
var ObservedInstrument = class {
  declaration;
  #options;
  #readers = /* @__PURE__ */ new Set();
  constructor(options) {
    this.declaration = options.declaration;
    this.#options = options;
  }
  /** Adds a reader; the function that comes back removes it. */
  addReader(read2) {
    const reader = () => read2();
    this.#readers.add(reader);
    return () => void this.#readers.delete(reader);
  }
  samples() {
    const samples = /* @__PURE__ */ new Map();
    for (const read2 of this.#readers) {
      try {
        for (const observation of read2()) this.#keep(observation, samples);
      } catch (error) {
        this.#options.onError(error);
      }
    }
    return [...samples.values()];
  }
  #keep({ labels, value }, samples) {
    const { labels: names } = this.declaration;
    if (labels.length !== names.length) failLabels(this.declaration);
    const key = keyOf2(labels);
    if (samples.size >= this.#options.childrenMax && !samples.has(key)) this.#options.onOverflow();
    else samples.set(key, { labels: labelsObject(names, labels), value });
  }
};

// packages/observability/src/metrics/meter.ts
var METRIC_NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
var LABEL_NAME = /^(?!__|le$)[a-zA-Z_][a-zA-Z0-9_]*$/;
var MetricsMeter = class {
  #options;
  #instruments = /* @__PURE__ */ new Map();
  #warned = /* @__PURE__ */ new Set();
  #overflows;
  constructor(options) {
    this.#options = options;
    const overflow = declaration("counter", {
      name: "afflux_metric_overflow_total",
      help: 'Label combinations answered with "other", because their metric has too many.',
      labels: ["metric"]
    });
    this.#overflows = new CounterInstrument({
      declaration: overflow,
      childrenMax: Number.POSITIVE_INFINITY,
      onOverflow: () => void 0
    });
    this.#instruments.set(overflow.name, this.#overflows);
  }
  counter(options) {
    return this.#declare(
      CounterInstrument,
      declaration("counter", options),
      (known) => new CounterInstrument(known)
    );
  }
  histogram(options) {
    return this.#declare(
      HistogramInstrument,
      declaration("histogram", options),
      (known) => new HistogramInstrument(known)
    );
  }
  gauge(options) {
    return this.#declare(
      GaugeInstrument,
      declaration("gauge", options),
      (known) => new GaugeInstrument(known)
    );
  }
  observe(options, read2) {
    const observed = this.#declare(
      ObservedInstrument,
      { ...declaration("gauge", options), isObserved: true },
      (known) => new ObservedInstrument({ ...known, onError: this.#onReadError(options.name) })
    );
    return observed.addReader(read2);
  }
  /** Everything declared so far, in order of declaration. */
  instruments() {
    return [...this.#instruments.values()];
  }
  #declare(kind, declared, make) {
    const known = this.#instruments.get(declared.name);
    if (known !== void 0) {
      const { help: _, ...before } = known.declaration;
      const { help: __, ...now } = declared;
      assert2.deepEqual(now, before, `${declared.name} is already declared otherwise`);
      assert2(known instanceof kind);
      return known;
    }
    const { childrenMax } = this.#options;
    const onOverflow = this.#onOverflow(declared.name);
    const made = make({ declaration: declared, childrenMax, onOverflow });
    this.#instruments.set(declared.name, made);
    return made;
  }
  #onOverflow(metric) {
    return () => {
      this.#overflows.labels(metric).add();
      if (this.#warned.has(metric)) return;
      this.#warned.add(metric);
      const { logger, childrenMax } = this.#options;
      logger.warn({ metric, childrenMax }, "metric has too many label combinations");
    };
  }
  #onReadError(metric) {
    return (err) => {
      this.#options.logger.warn({ metric, err }, "metric could not be read");
    };
  }
};
function declaration(type, { name, help, labels = [], bounds = DISPATCH_SECONDS_BOUNDS }) {
  assert2(METRIC_NAME.test(name), `${name} is no name of a metric`);
  for (const label of labels) assert2(LABEL_NAME.test(label), `${label} is no name of a label`);
  assert2.equal(new Set(labels).size, labels.length, `${name} has a label twice`);
  const isRising = bounds.every((bound, index) => index === 0 || bound > Number(bounds[index - 1]));
  assert2(isRising && bounds.length > 0, `the bounds of ${name} must rise`);
  return {
    type,
    name,
    help,
    labels: [...labels],
    bounds: type === "histogram" ? [...bounds] : [],
    isObserved: false
  };
}

// packages/observability/src/tracing/span-context.ts
var OwnTraceContext = class {
  traceparent;
  /** `parent` hands on its `tracestate` and `baggage`, which were capped when they were read. */
  constructor(ids, isSampled2, parent) {
    this.traceparent = `00-${ids.traceId}-${ids.spanId}-${isSampled2 ? "01" : "00"}`;
    if (parent?.tracestate !== void 0) this.tracestate = parent.tracestate;
    if (parent?.baggage !== void 0) this.baggage = parent.baggage;
  }
};
function idsOf({ traceparent }) {
  return { traceId: traceparent.slice(3, 35), spanId: traceparent.slice(36, 52) };
}
function isSampled({ traceparent }) {
  return (Number.parseInt(traceparent.slice(53, 55), 16) & 1) === 1;
}
function randomHex(digits, random) {
  let hex = "";
  while (hex.length < digits) {
    hex += Math.floor(random.next() * 2 ** 32).toString(16).padStart(8, "0");
  }
  return /^0+$/.test(hex) ? `${hex.slice(1)}1` : hex;
}

// packages/observability/src/tracing/recorder.ts
var WAITING_SPANS_MAX = 2048;
var ATTRIBUTES_MAX = 64;
var ATTRIBUTE_LENGTH_MAX = 1024;
var FLUSH_MS_MAX = 2e3;
var EXPORT_SUCCESS = 0;
async function createRecorder(options) {
  const { api, sdk, resources, otlp } = await loadPackages();
  const { config, random } = options;
  const exporter = new otlp.OTLPTraceExporter({
    url: tracesUrl(options.endpoint),
    headers: config.headers,
    timeoutMillis: config.exportTimeoutMs
  });
  const provider = new sdk.TracerProvider({
    resource: resources.resourceFromAttributes({ "service.name": config.serviceName }),
    sampler: new sdk.AlwaysOnSampler(),
    idGenerator: {
      generateTraceId: () => randomHex(32, random),
      generateSpanId: () => randomHex(16, random)
    },
    spanLimits: {
      attributeCountLimit: ATTRIBUTES_MAX,
      attributeValueLengthLimit: ATTRIBUTE_LENGTH_MAX
    },
    spanProcessors: [
      new sdk.BatchSpanProcessor({
        exporter: reportingExporter(exporter, options.logger),
        maxQueueSize: WAITING_SPANS_MAX,
        exportTimeoutMillis: config.exportTimeoutMs
      })
    ]
  });
  const tracer = provider.getTracer("afflux");
  const { INTERNAL: internal, SERVER: server, CLIENT: client } = api.SpanKind;
  const kinds = { internal, server, client };
  return {
    begin: ({ name, kind, parent, attributes, startTimeMs }) => {
      const context = parent === void 0 ? api.ROOT_CONTEXT : api.trace.setSpanContext(api.ROOT_CONTEXT, { ...parent, traceFlags: 1 });
      const options2 = { kind: kinds[kind], attributes, startTime: startTimeMs };
      const span = tracer.startSpan(name, options2, context);
      return {
        ids: span.spanContext(),
        setAttribute: (key, value) => void span.setAttribute(key, value),
        fail: (message) => void span.setStatus({ code: api.SpanStatusCode.ERROR, message }),
        end: (timeMs) => {
          span.end(timeMs);
        }
      };
    },
    close: () => closeWithin(provider.shutdown(), options)
  };
}
async function loadPackages() {
  try {
    const [api, sdk, resources, otlp] = await Promise.all([
      import("@opentelemetry/api"),
      import("@opentelemetry/sdk-trace"),
      import("@opentelemetry/resources"),
      import("@opentelemetry/exporter-trace-otlp-http")
    ]);
    return { api, sdk, resources, otlp };
  } catch (error) {
    throw tracingUnavailable(error);
  }
}
function tracesUrl(endpoint) {
  const url = new URL(endpoint);
  const path = url.pathname.replace(/\/+$/, "");
  url.pathname = path.endsWith("/v1/traces") ? path : `${path}/v1/traces`;
  return url.href;
}
function reportingExporter(exporter, logger) {
  return {
    export: (spans, done2) => {
      exporter.export(spans, (result) => {
        const code = result.code;
        if (code !== EXPORT_SUCCESS) {
          logger.warn({ err: result.error, spans: spans.length }, "spans could not be exported");
        }
        done2(result);
      });
    },
    shutdown: () => exporter.shutdown()
  };
}
async function closeWithin(shutdown, { clock, logger }) {
  const controller = new AbortController();
  const timeUp = clock.sleep(FLUSH_MS_MAX, controller.signal).then(
    () => {
      logger.warn({ waitedMs: FLUSH_MS_MAX }, "last spans were not sent in time");
    },
    () => void 0
    // the shutdown was faster
  );
  await Promise.race([shutdown.catch(() => void 0), timeUp]);
  controller.abort();
}

// packages/observability/src/tracing/tracer.ts
function attribute(name, value) {
  const clean = redactValue(name, value);
  return typeof clean === "object" || clean === void 0 ? "" : clean;
}
function typeOf(error) {
  if (error instanceof AffluxError) return error.code;
  return error instanceof Error ? error.name : typeof error;
}
var RecordedSpan = class {
  context;
  #span;
  #clock;
  #startTimeMs;
  #startedMs;
  constructor(span, options) {
    this.context = new OwnTraceContext(span.ids, true, options.parent);
    this.#span = span;
    this.#clock = options.clock;
    this.#startTimeMs = options.startTimeMs;
    this.#startedMs = options.clock.monotonicMs();
  }
  setAttribute(name, value) {
    this.#span.setAttribute(name, attribute(name, value));
  }
  end(error) {
    if (error !== void 0) this.#fail(error);
    this.#span.end(this.#startTimeMs + (this.#clock.monotonicMs() - this.#startedMs));
  }
  /** The kind of an error and its message; no stack, as traces are read by more people than logs. */
  #fail(error) {
    this.#span.setAttribute("error.type", typeOf(error));
    this.#span.fail(redactText(error instanceof Error ? error.message : String(error)));
  }
};
var UnrecordedSpan = class {
  context;
  constructor(context) {
    this.context = context;
  }
  setAttribute() {
  }
  end() {
  }
};
var RecordingTracer = class {
  enabled = true;
  #options;
  constructor(options) {
    this.#options = options;
  }
  startSpan(name, { kind, parent, attributes = {} }) {
    const { recorder, clock, random } = this.#options;
    if (!this.#isRecorded(parent)) {
      const traceId = parent === void 0 ? randomHex(32, random) : idsOf(parent).traceId;
      const ids = { traceId, spanId: randomHex(16, random) };
      return new UnrecordedSpan(new OwnTraceContext(ids, false, parent));
    }
    const startTimeMs = clock.now();
    const span = recorder.begin({
      name: redactText(name),
      kind,
      parent: parent && idsOf(parent),
      attributes: Object.fromEntries(
        Object.entries(attributes).map(([key, value]) => [key, attribute(key, value)])
      ),
      startTimeMs
    });
    return new RecordedSpan(span, { parent, clock, startTimeMs });
  }
  #isRecorded(parent) {
    const { config, random } = this.#options;
    if (parent instanceof OwnTraceContext) return isSampled(parent);
    if (parent !== void 0 && config.trustParent) return isSampled(parent);
    return random.next() < config.samplingRatio;
  }
};
var LateTracer = class {
  #tracer = noopTracer;
  get enabled() {
    return this.#tracer.enabled;
  }
  startSpan(name, options) {
    return this.#tracer.startSpan(name, options);
  }
  use(tracer) {
    this.#tracer = tracer;
  }
};

// packages/observability/src/observability.ts
var ProcessObservability = class extends BaseComponent {
  name = "observability";
  logger;
  meter;
  tracer = new LateTracer();
  health = new Health();
  #config;
  #clock;
  #random;
  #log;
  #exposition;
  /** Comes after the logger, as the meter itself logs. */
  #droppedLines;
  #recorder;
  constructor(config, options) {
    super();
    this.#config = config;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? systemRandom;
    const destination = options.destination ?? openDestination(config.log.destination, () => this.#droppedLines?.add());
    this.#log = createLogger(config.log, { clock: this.#clock, destination });
    this.logger = this.#log.logger;
    const logger = this.logger.child({ component: this.name });
    this.meter = new MetricsMeter({ childrenMax: config.metrics.childrenMax, logger });
    this.#exposition = new Exposition(this.meter, config.metrics);
    this.#droppedLines = this.meter.counter({
      name: "afflux_log_lines_dropped_total",
      help: "Log lines lost because the output did not take them."
    }).labels();
  }
  metricsText() {
    return this.#exposition.text();
  }
  async onStart() {
    const { endpoint } = this.#config.tracing;
    if (endpoint === void 0) return;
    const shared = { config: this.#config.tracing, clock: this.#clock, random: this.#random };
    const logger = this.logger.child({ component: this.name });
    this.#recorder = await createRecorder({ ...shared, endpoint, logger });
    this.tracer.use(new RecordingTracer({ ...shared, recorder: this.#recorder }));
  }
  async onClose() {
    const recorder = this.#recorder;
    this.#recorder = void 0;
    this.tracer.use(noopTracer);
    await recorder?.close();
    this.#log.flush();
  }
};
function createObservability(config, options = {}) {
  return new ProcessObservability(config, options);
}

// packages/broker/src/model/broker-class.ts
var RABBITMQ_STATUS = {
  exchange: "afflux.dev/rabbitmq-exchange",
  /** Of a Trigger. */
  queue: "afflux.dev/rabbitmq-queue"
};
var FAMILY_BY_CLASS = {
  [MT_BROKER_CLASS]: "channel",
  [KAFKA_BROKER_CLASS]: "kafka",
  [KAFKA_NAMESPACED_BROKER_CLASS]: "kafka",
  [RABBITMQ_BROKER_CLASS]: "rabbitmq"
};
function brokerFamily(broker) {
  const named = broker.metadata.annotations?.[BROKER_CLASS] ?? "";
  return Object.hasOwn(FAMILY_BY_CLASS, named) ? FAMILY_BY_CLASS[named] : void 0;
}
function ownChannelRef(broker) {
  const { namespace = "", name } = broker.metadata;
  return { kind: broker.kind, namespace, name };
}
function channelRefOf(broker) {
  const family = brokerFamily(broker);
  if (family === void 0) return void 0;
  const annotations = broker.status?.annotations ?? {};
  if (family === "channel") {
    const kind = annotations[BROKER_CHANNEL_STATUS.kind];
    const name = annotations[BROKER_CHANNEL_STATUS.name];
    if (kind === void 0 || name === void 0) return void 0;
    return { kind, name, namespace: broker.metadata.namespace ?? "" };
  }
  const key = family === "kafka" ? KAFKA_STATUS.topic : RABBITMQ_STATUS.exchange;
  return annotations[key] === void 0 ? void 0 : ownChannelRef(broker);
}
var STORAGE_NAME_STATUS = {
  channel: void 0,
  kafka: KAFKA_STATUS.group,
  rabbitmq: RABBITMQ_STATUS.queue
};
function storageNameOf(family, trigger) {
  const key = STORAGE_NAME_STATUS[family];
  return key === void 0 ? void 0 : trigger.status?.annotations?.[key];
}
function classFlowDefaults(family) {
  return family === "rabbitmq" ? { [AFFLUX_MAX_IN_FLIGHT]: "1" } : void 0;
}

// packages/broker/src/model/trigger-view.ts
function brokerNameOf(trigger) {
  return trigger.spec.broker ?? trigger.spec.brokerRef?.name ?? "";
}
function brokerNamespaceOf(trigger) {
  return trigger.spec.brokerRef?.namespace ?? trigger.metadata.namespace ?? "";
}
function triggerKey(trigger) {
  return `${trigger.metadata.namespace ?? ""}/${trigger.metadata.name}`;
}
function isServable(broker, trigger) {
  if (trigger.status?.subscriberUri === void 0) return false;
  const family = brokerFamily(broker) ?? "channel";
  return STORAGE_NAME_STATUS[family] === void 0 || storageNameOf(family, trigger) !== void 0;
}

// packages/delivery/src/address-guard.ts
import { lookup as systemLookup } from "node:dns";
import { isIP } from "node:net";

// packages/delivery/src/address-ranges.ts
import { isIPv4, isIPv6 } from "node:net";
var METADATA = [
  "100.100.100.200/32",
  // Alibaba Cloud
  "168.63.129.16/32",
  // Azure wire server
  "192.0.0.192/32",
  // Oracle Cloud, classic
  "fd00:ec2::/32",
  // AWS: instance metadata ::254, pod identity ::23, DNS ::253
  "fd20:ce::254/128"
  // Google Cloud
];
var IPV4_RANGES = [
  ...ranges(
    "metadata",
    METADATA.filter((cidr) => !cidr.includes(":"))
  ),
  ...ranges("loopback", ["127.0.0.0/8"]),
  ...ranges("link-local", ["169.254.0.0/16"]),
  ...ranges("private", [
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "100.64.0.0/10",
    "192.0.2.0/24",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24"
  ]),
  ...ranges("reserved", [
    "0.0.0.0/8",
    "192.0.0.0/24",
    "192.88.99.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4"
  ])
];
var IPV6_RANGES = [
  ...ranges(
    "metadata",
    METADATA.filter((cidr) => cidr.includes(":"))
  ),
  ...ranges("loopback", ["::1/128"]),
  ...ranges("reserved", ["::/128"]),
  ...ranges("link-local", ["fe80::/10"]),
  ...ranges("private", ["fc00::/7", "fec0::/10", "2001:db8::/32", "3fff::/20", "64:ff9b:1::/48"]),
  ...ranges("reserved", ["2001:10::/28", "100::/64", "ff00::/8"]),
  ...ranges("public", ["2000::/3", "64:ff9b::/96"])
];
var CARRIERS = [
  ...carriers(12, ["::ffff:0:0/96", "::ffff:0:0:0/96", "::/96", "64:ff9b::/96", "64:ff9b:1::/48"]),
  ...carriers(2, ["2002::/16"]),
  ...carriers(12, ["2001::/32"]).map((range) => ({ ...range, inverted: true }))
];
function addressKind(text2) {
  if (isIPv4(text2)) return kindOfIPv4(bytesOfIPv4(text2));
  const withoutZone = text2.replace(/%.*$/s, "");
  return isIPv6(withoutZone) ? kindOfIPv6(bytesOfIPv6(withoutZone)) : void 0;
}
function kindOfIPv4(address) {
  return firstMatch(address, IPV4_RANGES)?.kind ?? "public";
}
function kindOfIPv6(address) {
  const own = firstMatch(address, IPV6_RANGES)?.kind;
  if (own !== void 0 && own !== "public" && own !== "private") return own;
  const carried = carriedIPv4(address);
  if (carried === void 0) return own ?? "reserved";
  const inside = kindOfIPv4(carried);
  return inside === "public" ? own ?? "public" : inside;
}
function carriedIPv4(address) {
  const carrier = firstMatch(address, CARRIERS);
  if (carrier !== void 0) {
    const inside = address.slice(carrier.offset, carrier.offset + 4);
    return carrier.inverted === true ? inside.map((byte) => byte ^ 255) : inside;
  }
  const isIsatap = ((address[8] ?? 0) & 253) === 0 && address[9] === 0 && address[10] === 94 && address[11] === 254;
  return isIsatap ? address.slice(12) : void 0;
}
function firstMatch(address, table) {
  return table.find((range) => hasPrefix(address, range));
}
function hasPrefix(address, { prefix, bits }) {
  for (let index = 0, left = bits; left > 0; index += 1, left -= 8) {
    const mask = left >= 8 ? 255 : 255 << 8 - left & 255;
    if ((((address[index] ?? 0) ^ (prefix[index] ?? 0)) & mask) !== 0) return false;
  }
  return true;
}
function ranges(kind, cidrs) {
  return cidrs.map((cidr) => {
    const [address = "", bits = ""] = cidr.split("/");
    const prefix = isIPv4(address) ? bytesOfIPv4(address) : bytesOfIPv6(address);
    return { prefix, bits: Number(bits), kind };
  });
}
function carriers(offset, cidrs) {
  return ranges("public", cidrs).map((range) => ({ ...range, offset }));
}
function bytesOfIPv4(text2) {
  return Uint8Array.from(text2.split("."), Number);
}
function bytesOfIPv6(text2) {
  const tail = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(text2);
  if (tail !== null) {
    const [, head2 = "", a, b, c, d] = tail;
    const high = (Number(a) * 256 + Number(b)).toString(16);
    const low = (Number(c) * 256 + Number(d)).toString(16);
    return bytesOfIPv6(`${head2}${high}:${low}`);
  }
  const [before = "", after] = text2.split("::");
  const head = before === "" ? [] : before.split(":");
  const last = after === void 0 || after === "" ? [] : after.split(":");
  const zeros = new Array(8 - head.length - last.length).fill("0");
  const groups = [...head, ...zeros, ...last].map((group) => Number.parseInt(group, 16));
  return Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 255]));
}

// packages/delivery/src/errors.ts
var DeliveryError = class extends AffluxError {
};

// packages/delivery/src/address-guard.ts
var METADATA_NAMES = /* @__PURE__ */ new Set([
  "metadata.google.internal",
  "metadata.goog",
  "instance-data.ec2.internal",
  "metadata.tencentyun.com",
  "metadata.azure.internal"
]);
var LOOPBACK_ADDRESSES = [
  { address: "127.0.0.1", family: 4 },
  { address: "::1", family: 6 }
];
var resolveBySystem = (hostname, callback) => {
  systemLookup(hostname, { all: true, verbatim: true }, callback);
};
var AddressGuard = class {
  #allowed;
  #resolve;
  /** Questions under way; bounded by the connections being made. */
  #waiting = /* @__PURE__ */ new Map();
  constructor(options = {}) {
    const { allowLoopback = false, allowPrivate = false } = options.policy ?? {};
    const allowed = ["public"];
    if (allowLoopback) allowed.push("loopback");
    if (allowPrivate) allowed.push("private");
    this.#allowed = new Set(allowed);
    this.#resolve = options.resolve ?? resolveBySystem;
  }
  /**
   * The URL to send to, judged as far as that is possible without a resolver.
   *
   * @throws DeliveryError `AFFLUX_DELIVERY_TARGET_INVALID` or `AFFLUX_DELIVERY_ADDRESS_REFUSED`; messages
   * never contain user information or query.
   */
  checkUrl(text2) {
    const url = parseHttpUrl(text2);
    if (url.username !== "" || url.password !== "") {
      throw refused("the URL has user information; use a header or a secret instead", url.host);
    }
    const hostname = bareHostname(url);
    if (METADATA_NAMES.has(hostname)) throw refused(describe(hostname, "metadata"), hostname);
    if (isIP(hostname) !== 0) this.checkAddress(hostname);
    return url;
  }
  /** @throws DeliveryError `AFFLUX_DELIVERY_ADDRESS_REFUSED` when connecting to this IP is not allowed. */
  checkAddress(address) {
    const kind = addressKind(address) ?? "reserved";
    if (!this.#allowed.has(kind)) throw refused(describe(address, kind), address);
  }
  /** For the `lookup` option of `net.connect` and `tls.connect`: answers only with allowed addresses. */
  lookup = (hostname, options, callback) => {
    this.#resolveOnce(hostname.toLowerCase().replace(/\.$/, ""), (error, found) => {
      if (error !== null) {
        callback(error, []);
        return;
      }
      const wanted = found.filter(({ family }) => isWanted(family, options.family));
      const allowed = wanted.filter(({ address }) => this.#isAllowed(address));
      const [first] = allowed;
      if (first === void 0) callback(this.#refusalOf(hostname, wanted), []);
      else if (options.all === true) callback(null, allowed);
      else callback(null, first.address, first.family);
    });
  };
  #isAllowed(address) {
    return this.#allowed.has(addressKind(address) ?? "reserved");
  }
  #refusalOf(hostname, found) {
    const [first] = found;
    if (first === void 0) return new Error(`no address found for ${hostname}`);
    const kind = addressKind(first.address) ?? "reserved";
    return refused(`${hostname} resolves to ${describe(first.address, kind)}`, hostname);
  }
  #resolveOnce(hostname, callback) {
    if (hostname === "localhost" || hostname.endsWith(".localhost")) {
      callback(null, LOOPBACK_ADDRESSES);
      return;
    }
    const waiting = this.#waiting.get(hostname);
    if (waiting !== void 0) {
      waiting.push(callback);
      return;
    }
    const callbacks = [callback];
    this.#waiting.set(hostname, callbacks);
    this.#resolve(hostname, (error, found) => {
      this.#waiting.delete(hostname);
      for (const each of callbacks) each(error, error === null ? found : []);
    });
  }
};
function parseHttpUrl(text2) {
  const url = URL.canParse(text2) ? new URL(text2) : void 0;
  if (url === void 0 || url.protocol !== "http:" && url.protocol !== "https:") {
    throw new DeliveryError("the target is not an absolute http or https URL", {
      code: "AFFLUX_DELIVERY_TARGET_INVALID",
      fault: "user"
    });
  }
  return url;
}
function bareHostname(url) {
  return url.hostname.replace(/^\[|\]$/g, "").replace(/\.$/, "");
}
function isWanted(family, wanted) {
  if (wanted === 4 || wanted === "IPv4") return family === 4;
  if (wanted === 6 || wanted === "IPv6") return family === 6;
  return true;
}
function describe(address, kind) {
  return kind === "loopback" || kind === "private" ? `${address}, a ${kind} address, which the address policy does not allow` : `${address}, a ${kind} address, which is never allowed`;
}
function refused(message, host) {
  return new DeliveryError(`the target is refused: ${message}`, {
    code: "AFFLUX_DELIVERY_ADDRESS_REFUSED",
    fault: "user",
    details: { host }
  });
}

// packages/delivery/src/config.ts
var ms = external_exports.int().min(1).max(36e5);
var count = external_exports.int().min(1).max(1e5);
var senderConfigSchema = external_exports.strictObject({
  connectTimeoutMs: ms.default(1e4).describe("Bound on finding the address, connecting and the TLS handshake."),
  headersTimeoutMs: external_exports.int().min(0).max(36e5).default(0).describe("Bound on waiting for the response head; 0: as long as the attempt may take."),
  bodyTimeoutMs: ms.default(6e4).describe("Bound on a pause within the response body."),
  keepAliveMs: ms.default(4e3).describe("How long an idle connection is kept; a Keep-Alive hint of the target wins."),
  connectionAgeMsMax: ms.default(3e5).describe(
    "A connection older than this is not used again, so that a changed address is noticed."
  ),
  originIdleMs: ms.default(6e4).describe("An origin unused for this long is forgotten."),
  responseHeaderBytesMax: external_exports.int().min(1024).max(1048576).default(81920).describe("Bound on the headers of a response; replies carry attributes there."),
  replyBytesMax: external_exports.int().min(1024).max(268435456).default(4194304).describe("Bound on the body of a reply."),
  connectionsPerOriginMax: count.default(256).describe("Connections to one origin."),
  waitingPerOriginMax: count.default(1e4).describe("Attempts that may wait for a connection of one origin."),
  originsMax: count.default(1024).describe("Origins with connections at a time."),
  allowLoopback: external_exports.boolean().default(false).describe("Whether targets on this machine are allowed."),
  allowPrivate: external_exports.boolean().default(false).describe("Whether targets in private ranges are allowed.")
});

// packages/delivery/src/dead-letter.ts
var ERROR_DATA_BYTES_MAX = 768;
var CODE_WITHOUT_RESPONSE = 500;
var CODE_OF_BAD_RESPONSE = 502;
var CODE_OF_OVERFLOW = 429;
function deadLetterEvent(event, failure2) {
  if (failure2 === void 0) return event;
  return event.with({
    knativeerrordest: failure2.destination === "" ? void 0 : failure2.destination,
    knativeerrorcode: failure2.code,
    knativeerrordata: failure2.data === "" ? void 0 : failure2.data
  });
}
function failureOf(stage, outcome, plan, facts) {
  return {
    destination: destinationOf(stage, plan),
    code: codeOf(outcome.reason, outcome.status),
    data: errorData(outcome),
    reason: outcome.reason,
    stage,
    ...facts
  };
}
function asInvalidReply(outcome) {
  return {
    kind: "failure",
    reason: "invalid-reply",
    status: outcome.status,
    retryable: false,
    ...outcome.responseStart === void 0 ? {} : { responseStart: outcome.responseStart },
    message: `the response with status ${String(outcome.status)} has a body that is no event`,
    durationMs: outcome.durationMs
  };
}
function overflowProgress(plan, nowMs) {
  const failure2 = {
    destination: destinationOf("subscriber", plan),
    code: CODE_OF_OVERFLOW,
    data: encodeErrorData(Buffer.from("overflow: the queue of the subscription is full")),
    reason: "overflow",
    stage: "subscriber",
    attempts: 0,
    atMs: nowMs
  };
  return { stage: "dead-letter", attempt: 0, failure: failure2 };
}
function destinationOf(stage, plan) {
  const target = targetOf(stage, plan);
  return target?.url === void 0 ? "" : publicUrl(target.url);
}
function targetOf(stage, plan) {
  switch (stage) {
    case "subscriber":
      return plan.subscriber;
    case "reply":
      return plan.reply;
    case "dead-letter":
      return plan.deadLetter;
  }
}
function publicUrl(url) {
  if (!URL.canParse(url)) return "(invalid URL)";
  const parsed = new URL(url);
  const hasUserInformation = parsed.username !== "" || parsed.password !== "";
  return hasUserInformation ? `${parsed.protocol}//${parsed.host}${parsed.pathname}` : url.replace(/[?#].*$/s, "");
}
function codeOf(reason, status) {
  if (reason === "invalid-reply" || reason === "response-too-large") return CODE_OF_BAD_RESPONSE;
  return reason === "status" && status !== void 0 ? status : CODE_WITHOUT_RESPONSE;
}
function errorData(outcome) {
  if (outcome.reason === "status" || outcome.reason === "invalid-reply") {
    return encodeErrorData(outcome.responseStart ?? Buffer.alloc(0));
  }
  return encodeErrorData(Buffer.from(`dispatch error: ${outcome.message}`));
}
function encodeErrorData(data) {
  return data.subarray(0, ERROR_DATA_BYTES_MAX).toString("base64");
}

// packages/delivery/src/plan.ts
var ATTEMPT_MS_MAX = 6e4;
var RETRY_AFTER_MS_MAX = 3e5;
function initialProgress(plan) {
  return plan.subscriber === void 0 ? START_AT_REPLY : START_AT_SUBSCRIBER;
}
var START_AT_SUBSCRIBER = { stage: "subscriber", attempt: 0 };
var START_AT_REPLY = { stage: "reply", attempt: 0 };
function isPublisher(reply) {
  return "publish" in reply;
}

// packages/delivery/src/retry-table.ts
var RETRY_MS_WITHOUT_BACKOFF = 100;
var DEAD_LETTER_RETRY_MS_MIN = 1e3;
var DEAD_LETTER_REFUSALS_MIN = 3;
function isRetryableStatus(status) {
  return status >= 500 && status <= 599 || status === 404 || status === 408 || status === 409 || status === 429;
}
function carriesRetryAfter(status) {
  return status === 429 || status === 503;
}
function isUnhealthy(outcome) {
  switch (outcome.reason) {
    case "connection":
    case "timeout":
      return true;
    case "status":
      return outcome.status === 429 || outcome.status === 502 || outcome.status === 503 || outcome.status === 504;
    case "address-refused":
    case "response-too-large":
    case "invalid-reply":
    case "invalid-request":
    case "aborted":
      return false;
  }
}
function retryDelayMs(retry2, outcome, plan, random) {
  const waitMs = plannedMs(retry2, plan) ?? RETRY_MS_WITHOUT_BACKOFF;
  return Math.max(withJitter(waitMs, random), retryAfterMs(outcome, plan));
}
function deadLetterDelayMs(retry2, outcome, plan, random) {
  const delayMsMax = plan.backoffMsMax ?? BACKOFF_MS_MAX;
  const delayMs = DEAD_LETTER_RETRY_MS_MIN;
  const waitMs = plannedMs(retry2, plan) ?? backoffMs(retry2, { policy: "exponential", delayMs, delayMsMax });
  const boundedMs = Math.max(waitMs, Math.min(delayMs, delayMsMax));
  return Math.max(withJitter(boundedMs, random), retryAfterMs(outcome, plan));
}
function plannedMs(retry2, plan) {
  const delayMs = plan.backoffDelayMs ?? 0;
  if (plan.backoffPolicy === void 0 || !(delayMs > 0)) return void 0;
  const delayMsMax = plan.backoffMsMax ?? BACKOFF_MS_MAX;
  return backoffMs(retry2, { policy: plan.backoffPolicy, delayMs, delayMsMax });
}
function retryAfterMs(outcome, plan) {
  if (outcome.retryAfterMs === void 0) return 0;
  return Math.min(outcome.retryAfterMs, plan.retryAfterMsMax ?? RETRY_AFTER_MS_MAX);
}

// packages/delivery/src/decide.ts
function decide(progress, outcome, plan, random, nowMs) {
  if (outcome.kind === "failure" && outcome.reason === "aborted") {
    return retry(RETRY_MS_WITHOUT_BACKOFF, progress, true);
  }
  switch (progress.stage) {
    case "subscriber":
      return afterSubscriber(progress, outcome, plan, random, nowMs);
    case "reply":
      return afterReply(progress, outcome, plan, random, nowMs);
    case "dead-letter":
      return afterDeadLetter(progress, outcome, plan, random, nowMs);
  }
}
function decideWithoutTarget(progress, plan) {
  switch (progress.stage) {
    case "subscriber":
      return plan.reply === void 0 ? done("delivered", true) : retry(0, { stage: "reply", attempt: 0 }, true);
    case "reply":
      return done("delivered", true);
    case "dead-letter":
      return giveUp(plan, true, progress.failure);
  }
}
function afterSubscriber(progress, outcome, plan, random, nowMs) {
  const failure2 = failureAtSubscriber(outcome, plan);
  if (failure2 !== void 0) return afterFailure(progress, failure2, plan, random, nowMs);
  const { reply, replyPassthrough } = outcome;
  if (reply === void 0 || plan.reply === void 0) return done("delivered", true);
  return retry(0, replyProgress(reply, replyPassthrough), true);
}
function failureAtSubscriber(outcome, plan) {
  if (outcome.kind === "failure") return outcome;
  const isBodyUnusable = outcome.replyIgnored === "not-an-event" || outcome.replyIgnored === "invalid";
  return plan.replyPolicy === "strict" && isBodyUnusable ? asInvalidReply(outcome) : void 0;
}
function replyProgress(reply, passthrough) {
  return {
    stage: "reply",
    attempt: 0,
    reply,
    ...passthrough === void 0 ? {} : { replyPassthrough: passthrough }
  };
}
function afterReply(progress, outcome, plan, random, nowMs) {
  if (outcome.kind === "success") return done("delivered", true);
  return afterFailure(progress, outcome, plan, random, nowMs);
}
function afterFailure(progress, outcome, plan, random, nowMs) {
  const attempts = progress.attempt + 1;
  const isHealthy = healthAfter(progress.stage, outcome);
  if (outcome.retryable && attempts <= plan.retry) {
    const delayMs = retryDelayMs(attempts, outcome, plan, random);
    return retry(delayMs, { ...progress, attempt: attempts }, isHealthy);
  }
  const failure2 = failureOf(progress.stage, outcome, plan, { attempts, atMs: nowMs });
  return plan.deadLetter === void 0 ? giveUp(plan, isHealthy, failure2) : retry(0, { stage: "dead-letter", attempt: 0, failure: failure2 }, isHealthy, failure2);
}
function afterDeadLetter(progress, outcome, plan, random, nowMs) {
  if (outcome.kind === "success") return done("dead-lettered", true);
  const attempts = progress.attempt + 1;
  const refusals = (progress.refusals ?? 0) + (outcome.retryable ? 0 : 1);
  if (refusals > Math.max(plan.retry, DEAD_LETTER_REFUSALS_MIN)) {
    const failure2 = failureOf("dead-letter", outcome, plan, { attempts, atMs: nowMs });
    return giveUp(plan, true, failure2);
  }
  const delayMs = deadLetterDelayMs(attempts, outcome, plan, random);
  return retry(delayMs, { ...progress, attempt: attempts, refusals }, true);
}
function giveUp(plan, healthy, failure2) {
  if (plan.keepsDeadLetters !== true || failure2 === void 0) {
    return done("dropped", healthy, failure2);
  }
  return { settlement: { kind: "dead-letter", letter: failure2, healthy }, failure: failure2 };
}
function healthAfter(stage, outcome) {
  return stage !== "subscriber" || !isUnhealthy(outcome);
}
function retry(delayMs, progress, healthy, failure2) {
  const settlement = { kind: "retry", delayMs, progress, healthy };
  return failure2 === void 0 ? { settlement } : { settlement, failure: failure2 };
}
function done(outcome, healthy, failure2) {
  if (failure2 === void 0)
    return healthy && outcome === "delivered" ? DELIVERED : settled(outcome, healthy);
  return { ...settled(outcome, healthy), failure: failure2 };
}
function settled(outcome, healthy) {
  return { settlement: { kind: "done", outcome, healthy } };
}
var EXPIRED = {
  settlement: { kind: "done", outcome: "expired", healthy: true }
};
var DELIVERED = settled("delivered", true);

// packages/delivery/src/bounded-log.ts
var PERIOD_MS = 1e4;
var BoundedLog = class {
  #clock;
  #write;
  #linesMax;
  #periodStartedMs = -Infinity;
  #lines = 0;
  #suppressed = 0;
  constructor(clock, linesMax, write) {
    this.#clock = clock;
    this.#linesMax = linesMax;
    this.#write = write;
  }
  write(fields, message) {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#periodStartedMs >= PERIOD_MS) {
      this.#periodStartedMs = nowMs;
      this.#lines = 0;
    }
    if (this.#lines === this.#linesMax) {
      this.#suppressed += 1;
      return;
    }
    this.#lines += 1;
    const suppressed = this.#suppressed;
    this.#suppressed = 0;
    this.#write(suppressed === 0 ? fields : { ...fields, suppressed }, message);
  }
};

// packages/delivery/src/delivery-log.ts
var WARNINGS_MAX = 1;
var ERRORS_MAX = 20;
var DeliveryLog = class {
  #logger;
  #warnings;
  #errors;
  constructor(logger, clock, labels) {
    const own = logger.child({ destination: labels.destination });
    this.#logger = own;
    this.#warnings = new BoundedLog(clock, WARNINGS_MAX, (fields, message) => {
      own.warn(fields, message);
    });
    this.#errors = new BoundedLog(clock, ERRORS_MAX, (fields, message) => {
      own.error(fields, message);
    });
  }
  failed(event, at, outcome, settlement) {
    const { reason, status, message } = outcome;
    const attempt2 = at.attempt + 1;
    const next = nextOf(settlement);
    this.#logger.debug(
      { ...identityOf(event), stage: at.stage, attempt: attempt2, reason, status, problem: message, next },
      "delivery attempt failed"
    );
  }
  /** The channel keeps the event as a dead letter. */
  stored(event, at, failure2) {
    const fields = { ...identityOf(event), stage: at.stage, ...factsOf(failure2) };
    this.#warnings.write(fields, "event became a dead letter of its channel");
  }
  expired(event, at) {
    this.#logger.debug({ ...identityOf(event), stage: at.stage }, "event expired");
  }
  /** `failure` is absent when the dead letter sink was taken out of the plan while the event waited for it. */
  dropped(event, at, failure2) {
    const fields = { ...identityOf(event), stage: at.stage, ...factsOf(failure2) };
    if (failure2?.stage === "dead-letter") {
      this.#errors.write(fields, "event dropped: its dead letter sink refuses it");
    } else {
      this.#warnings.write(fields, "event dropped: there is no dead letter sink");
    }
  }
};
function nextOf(settlement) {
  switch (settlement.kind) {
    case "retry":
      return settlement.progress.stage;
    case "dead-letter":
      return "stored";
    case "done":
      return settlement.outcome;
  }
}
function identityOf(event) {
  return { eventId: event.id, eventSource: event.source, eventType: event.type };
}
function factsOf(failure2) {
  if (failure2 === void 0) return {};
  const { reason, code, attempts, destination } = failure2;
  return { reason, code, attempts, url: destination };
}

// packages/delivery/src/delivery-metrics.ts
var EVENT_TYPES_MAX = 16;
var OTHER_TYPES = "other";
var DISPATCH_LABELS = [
  "kn_broker_name",
  "kn_broker_namespace",
  "kn_channel_name",
  "kn_channel_namespace",
  "messaging_destination_name",
  "messaging_operation_name",
  "messaging_system",
  "url_scheme",
  "cloudevents_type",
  "http_response_status_code"
];
var DeliveryMetrics = class {
  #labels;
  #duration;
  #retries;
  #ignored;
  #endings;
  #scheme = "";
  #byType = /* @__PURE__ */ new Map();
  constructor(meter, labels) {
    this.#labels = labels;
    this.#duration = meter.histogram({
      name: "kn_eventing_dispatch_duration_seconds",
      help: "Time of one attempt to deliver an event, from the request to the end of the response.",
      labels: DISPATCH_LABELS
    });
    this.#retries = meter.counter({
      name: "afflux_delivery_retries_total",
      help: "Attempts that failed and will be made again.",
      labels: ["messaging_destination_name", "stage", "reason"]
    });
    this.#ignored = meter.counter({
      name: "afflux_delivery_replies_ignored_total",
      help: "Successful responses with a body that was not used as a reply.",
      labels: ["messaging_destination_name", "reason"]
    });
    const events = meter.counter({
      name: "afflux_delivery_events_total",
      help: "Events whose delivery has ended, by how it ended.",
      labels: ["messaging_destination_name", "outcome"]
    });
    this.#endings = {
      delivered: events.labels(labels.destination, "delivered"),
      "dead-lettered": events.labels(labels.destination, "dead-lettered"),
      dropped: events.labels(labels.destination, "dropped"),
      expired: events.labels(labels.destination, "expired"),
      stored: events.labels(labels.destination, "stored")
    };
  }
  /** The address has changed; series of another scheme are not continued. */
  useUrl(url) {
    const scheme = url.startsWith("https:") ? "https" : "http";
    if (scheme === this.#scheme) return;
    this.#scheme = scheme;
    this.#byType = /* @__PURE__ */ new Map();
  }
  onAttempt(eventType, outcome) {
    const status = outcome.status ?? 0;
    const series = this.#seriesOf(eventType);
    let child = series.byStatus.get(status);
    if (child === void 0) {
      child = this.#child(series.label, status);
      series.byStatus.set(status, child);
    }
    child.record(outcome.durationMs / 1e3);
  }
  onEnd(ending) {
    this.#endings[ending].add();
  }
  onRetry(stage, reason) {
    this.#retries.labels(this.#labels.destination, stage, reason).add();
  }
  onReplyIgnored(reason) {
    this.#ignored.labels(this.#labels.destination, reason).add();
  }
  #seriesOf(eventType) {
    const known = this.#byType.get(eventType);
    if (known !== void 0) return known;
    const label = this.#byType.size < EVENT_TYPES_MAX ? eventType : OTHER_TYPES;
    const other = this.#byType.get(label);
    if (other !== void 0) return other;
    const series = { label, byStatus: /* @__PURE__ */ new Map() };
    this.#byType.set(label, series);
    return series;
  }
  #child(typeLabel, status) {
    const labels = this.#labels;
    return this.#duration.labels(
      labels.brokerName ?? "",
      labels.brokerNamespace ?? "",
      labels.channelName ?? "",
      labels.channelNamespace ?? "",
      labels.destination,
      "send",
      "knative",
      this.#scheme,
      typeLabel,
      status === 0 ? "" : String(status)
    );
  }
};

// packages/delivery/src/outcome.ts
function failed(reason, message, options) {
  return {
    kind: "failure",
    reason,
    retryable: options.retryable,
    message,
    durationMs: options.durationMs ?? 0
  };
}

// packages/delivery/src/error-outcome.ts
var MESSAGE_CHARS_MAX = 300;
function classifyError(error, durationMs2) {
  const message = messageOf(error);
  if (error instanceof DeliveryError) {
    return failed("address-refused", message, { retryable: false, durationMs: durationMs2 });
  }
  switch (error.code) {
    case "UND_ERR_HEADERS_OVERFLOW":
      return failed("response-too-large", "the response headers are too large", {
        retryable: false,
        durationMs: durationMs2
      });
    case "UND_ERR_INVALID_ARG":
    case "UND_ERR_NOT_SUPPORTED":
      return failed("invalid-request", message, { retryable: false, durationMs: durationMs2 });
    default:
      return failed("connection", message, { retryable: true, durationMs: durationMs2 });
  }
}
function invalidRequest(error) {
  const { retryable } = error instanceof AffluxError ? error : { retryable: false };
  return failed("invalid-request", messageOf(error), { retryable });
}
function publishFailed(error) {
  const { retryable } = error instanceof AffluxError ? error : { retryable: true };
  return failed("connection", messageOf(error), { retryable });
}
function messageOf(error) {
  const first = error instanceof AggregateError ? error.errors[0] : error;
  const text2 = first instanceof Error && first.message !== "" ? first.message : String(first);
  return text2.replace(/\s+/g, " ").slice(0, MESSAGE_CHARS_MAX);
}

// packages/delivery/src/event-times.ts
var NOT_BEFORE = "notbefore";
var EXPIRY_TIME = "expirytime";
var NOT_BEFORE_AHEAD_MS_MAX = 366 * 24 * 36e5;
function notBeforeMs(event, nowMs) {
  const atMs = timeOf(event, NOT_BEFORE);
  if (atMs === void 0 || atMs <= nowMs) return 0;
  return atMs - nowMs > NOT_BEFORE_AHEAD_MS_MAX ? 0 : atMs - nowMs;
}
function hasExpired(event, clock) {
  const atMs = timeOf(event, EXPIRY_TIME);
  return atMs !== void 0 && atMs <= clock.now();
}
function eventTimesProblem(event, { isDelayed, nowMs }) {
  if (isUnreadable(event, EXPIRY_TIME)) return unreadable(EXPIRY_TIME);
  if (event.get(NOT_BEFORE) === void 0) return void 0;
  const atMs = timeOf(event, NOT_BEFORE);
  if (atMs === void 0) return unreadable(NOT_BEFORE);
  if (!isDelayed) {
    return { attribute: NOT_BEFORE, reason: "this channel cannot delay the delivery of an event" };
  }
  if (atMs - nowMs > NOT_BEFORE_AHEAD_MS_MAX) {
    return { attribute: NOT_BEFORE, reason: "lies more than a year ahead" };
  }
  return void 0;
}
function isUnreadable(event, name) {
  return event.get(name) !== void 0 && timeOf(event, name) === void 0;
}
function unreadable(attribute2) {
  return { attribute: attribute2, reason: "is not an RFC 3339 timestamp; write it like 2026-11-01T10:00:00Z" };
}
function timeOf(event, name) {
  const value = event.get(name);
  return typeof value === "string" ? timestampMs(value) : void 0;
}

// packages/delivery/src/step-request.ts
function subscriberRequest(event, target, plan, context) {
  return {
    event: plan.beforeSend === void 0 ? event : plan.beforeSend(event),
    target,
    timeoutMs: plan.timeoutMs ?? ATTEMPT_MS_MAX,
    format: plan.format,
    omitAttribute: plan.omitAttribute,
    wantsReply: true,
    discardsReply: plan.reply === void 0 && plan.replyPolicy !== "strict",
    namespace: plan.namespace,
    passthrough: context?.passthrough,
    trace: context?.trace
  };
}
function replyRequest(event, target, plan, progress, context) {
  const passthrough = progress.reply === void 0 ? context?.passthrough : progress.replyPassthrough;
  return plainRequest(progress.reply ?? event, target, plan, passthrough, context?.trace);
}
function deadLetterRequest(event, target, plan, progress, context) {
  const letter = deadLetterEvent(event, progress.failure);
  return plainRequest(letter, target, plan, context?.passthrough, context?.trace);
}
function plainRequest(event, target, plan, passthrough, trace) {
  return {
    event,
    target,
    timeoutMs: plan.timeoutMs ?? ATTEMPT_MS_MAX,
    format: void 0,
    omitAttribute: void 0,
    wantsReply: false,
    discardsReply: void 0,
    namespace: plan.namespace,
    passthrough,
    trace
  };
}

// packages/delivery/src/courier.ts
var Courier = class {
  #sender;
  #labels;
  #clock;
  #random;
  #log;
  #metrics;
  #tracer;
  #contextOf;
  #onStep;
  #plan;
  constructor(options) {
    this.#sender = options.sender;
    this.#labels = options.labels;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? systemRandom;
    this.#log = new DeliveryLog(options.logger ?? noopLogger, this.#clock, options.labels);
    this.#metrics = new DeliveryMetrics(options.meter ?? noopMeter, options.labels);
    this.#tracer = options.tracer ?? noopTracer;
    this.#contextOf = options.contextOf;
    this.#onStep = options.onStep;
    this.#plan = options.plan;
    this.plan = options.plan;
  }
  /** May be replaced at any time; a step under way ends by the plan it began with. */
  get plan() {
    return this.#plan;
  }
  set plan(plan) {
    this.#plan = plan;
    const first = plan.subscriber ?? plan.reply;
    this.#metrics.useUrl(first?.url ?? "");
  }
  /**
   * One step. `progress` is what the last settlement of this event said; undefined for a new event. Never
   * rejects. When the signal aborts, the step counts as not made: a retry from the same progress.
   */
  async deliver(event, progress, signal) {
    const plan = this.#plan;
    const at = progress ?? initialProgress(plan);
    if (hasExpired(at.reply ?? event, this.#clock)) return this.#expire(event, at);
    const outcome = await this.#attempt(event, at, plan, signal);
    const decision = outcome === void 0 ? decideWithoutTarget(at, plan) : decide(at, outcome, plan, this.#random, this.#clock.now());
    this.#report(event, at, outcome, decision);
    if (at.stage === "reply" && outcome?.kind === "success") {
      this.#onStep?.("between-reply-and-commit");
    }
    return decision.settlement;
  }
  #expire(event, at) {
    this.#metrics.onEnd("expired");
    this.#log.expired(event, at);
    return EXPIRED.settlement;
  }
  /** Undefined when the plan has no address for the stage. */
  async #attempt(event, at, plan, signal) {
    try {
      const context = this.#contextOf?.(event);
      switch (at.stage) {
        case "subscriber": {
          if (plan.subscriber === void 0) return void 0;
          const request2 = subscriberRequest(event, plan.subscriber, plan, context);
          return withOwnReply(event, await this.#send(request2, signal), plan);
        }
        case "reply":
          if (plan.reply === void 0) return void 0;
          if (isPublisher(plan.reply)) return await publish(at.reply ?? event, plan.reply);
          return await this.#send(replyRequest(event, plan.reply, plan, at, context), signal);
        case "dead-letter": {
          if (plan.deadLetter === void 0) return void 0;
          const request2 = deadLetterRequest(event, plan.deadLetter, plan, at, context);
          return await this.#send(request2, signal);
        }
      }
    } catch (error) {
      return invalidRequest(error);
    }
  }
  #send(request2, signal) {
    return this.#tracer.enabled ? this.#sendTraced(request2, signal) : this.#sender.send(request2, { signal });
  }
  /** Span and attributes as Knative's dispatchers set them; the event's id is never recorded. */
  async #sendTraced(request2, signal) {
    const { event, trace } = request2;
    const { destination } = this.#labels;
    const span = this.#tracer.startSpan(`send ${destination}`, {
      kind: "client",
      parent: trace,
      attributes: {
        "messaging.system": "knative",
        "messaging.operation.name": "send",
        "messaging.destination.name": destination,
        "cloudevents.type": event.type,
        "cloudevents.source": event.source,
        "cloudevents.specversion": event.specversion
      }
    });
    const outcome = await this.#sender.send(
      { ...request2, trace: span.context ?? trace },
      { signal }
    );
    if (outcome.status !== void 0) {
      span.setAttribute("http.response.status_code", outcome.status);
    }
    span.end(outcome.kind === "failure" ? new Error(outcome.message) : void 0);
    return outcome;
  }
  #report(event, at, outcome, decision) {
    const { settlement } = decision;
    if (outcome !== void 0 && !isAborted(outcome)) {
      this.#reportAttempt(event, at, outcome, settlement);
    }
    if (settlement.kind === "dead-letter") {
      this.#metrics.onEnd("stored");
      this.#log.stored(event, at, settlement.letter);
    }
    if (settlement.kind !== "done") return;
    this.#metrics.onEnd(settlement.outcome);
    if (settlement.outcome === "dropped") this.#log.dropped(event, at, decision.failure);
  }
  #reportAttempt(event, at, outcome, settlement) {
    const isDispatchOfEvent = at.stage === "subscriber" || at.stage === "reply" && !at.reply;
    if (isDispatchOfEvent) this.#metrics.onAttempt(event.type, outcome);
    if (outcome.kind === "success") {
      if (outcome.replyIgnored !== void 0) this.#metrics.onReplyIgnored(outcome.replyIgnored);
      return;
    }
    this.#log.failed(event, at, outcome, settlement);
    if (settlement.kind === "retry" && settlement.progress.stage === at.stage) {
      this.#metrics.onRetry(at.stage, outcome.reason);
    }
  }
};
function isAborted(outcome) {
  return outcome.kind === "failure" && outcome.reason === "aborted";
}
function withOwnReply(event, outcome, plan) {
  if (outcome.kind === "failure" || outcome.reply === void 0 || plan.onReply === void 0) {
    return outcome;
  }
  const reply = plan.onReply(outcome.reply, event);
  if (reply !== void 0) return { ...outcome, reply };
  const { reply: _discarded, ...withoutReply } = outcome;
  return withoutReply;
}
async function publish(reply, publisher) {
  try {
    return await publisher.publish(reply);
  } catch (error) {
    return publishFailed(error);
  }
}

// packages/delivery/src/forwarded-headers.ts
var PASSTHROUGH_HEADERS_MAX = 32;
var PASSTHROUGH_CHARS_MAX = 8192;
var TRACESTATE_CHARS_MAX = 512;
var BAGGAGE_CHARS_MAX = 8192;
var FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
var TOKEN = /^[a-z0-9!#$%&'*+.^_`|~-]+$/;
var TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;
function isPassthrough(lowerName) {
  return lowerName === "x-request-id" || (lowerName.startsWith("knative-") || lowerName.startsWith("x-b3-")) && TOKEN.test(lowerName);
}
function selectPassthrough(headers) {
  let selected;
  let chars = 0;
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const name = (headers[index] ?? "").toLowerCase();
    const value = headers[index + 1] ?? "";
    if (!isPassthrough(name) || !FIELD_VALUE.test(value)) continue;
    chars += name.length + value.length;
    if (chars > PASSTHROUGH_CHARS_MAX) break;
    selected ??= [];
    selected.push(name, value);
    if (selected.length === 2 * PASSTHROUGH_HEADERS_MAX) break;
  }
  return selected;
}
function traceHeaders(trace) {
  if (!TRACEPARENT.test(trace.traceparent)) return [];
  const headers = ["traceparent", trace.traceparent];
  if (fits(trace.tracestate, TRACESTATE_CHARS_MAX)) headers.push("tracestate", trace.tracestate);
  if (fits(trace.baggage, BAGGAGE_CHARS_MAX)) headers.push("baggage", trace.baggage);
  return headers;
}
function fits(value, charsMax) {
  return value !== void 0 && value.length <= charsMax && FIELD_VALUE.test(value);
}

// packages/delivery/src/response-head.ts
function mayCarryEvent(head) {
  return indexOfHeader(head, "ce-specversion") !== -1 || indexOfHeader(head, "content-type") !== -1;
}
function retryAfterMs2(head, nowMs) {
  const index = indexOfHeader(head, "retry-after");
  const value = head[index + 1]?.toString("latin1").trim();
  if (index === -1 || value === void 0) return void 0;
  if (/^\d{1,10}$/.test(value)) return Number(value) * 1e3;
  const date = value.endsWith("GMT") ? Date.parse(value) : Number.NaN;
  return Number.isNaN(date) ? void 0 : Math.max(0, date - nowMs);
}
function headStrings(head) {
  return head.map((part) => part.toString("latin1"));
}
function indexOfHeader(head, lowerName) {
  for (let index = 0; index + 1 < head.length; index += 2) {
    const name = head[index];
    if (name?.length !== lowerName.length) continue;
    if (name.toString("latin1").toLowerCase() === lowerName) return index;
  }
  return -1;
}

// packages/delivery/src/response-reader.ts
var RESPONSE_START_BYTES_MAX = 1024;
var UNWANTED_BODY_BYTES_MAX = 65536;
var ResponseReader = class {
  #status;
  #head;
  #wantsReply;
  #keptMax;
  /** Whether the reply is kept and decoded: never of a failure, nor of a 202. */
  #keepsReply;
  #parts = void 0;
  #bytes = 0;
  constructor(status, head, request2, replyBytesMax) {
    this.#status = status;
    this.#head = head;
    this.#wantsReply = request2.wantsReply && request2.discardsReply !== true;
    this.#keepsReply = this.#wantsReply && status < 300 && status !== 202;
    this.#keptMax = this.#keepsReply ? replyBytesMax : RESPONSE_START_BYTES_MAX;
  }
  get isFailure() {
    return this.#status >= 300;
  }
  /** `enough`: the outcome is known, the rest does not matter. `too-large`: the reply is beyond its bound. */
  push(chunk) {
    if (this.#bytes < this.#keptMax) (this.#parts ??= []).push(chunk);
    this.#bytes += chunk.length;
    if (this.#keepsReply) return this.#bytes > this.#keptMax ? "too-large" : "more";
    return this.#bytes > UNWANTED_BODY_BYTES_MAX ? "enough" : "more";
  }
  /** Of a response read to its end, or as far as anybody is interested. `nowMs` is wall time. */
  outcome(durationMs2, nowMs) {
    if (this.isFailure) return this.#failure(durationMs2, nowMs);
    const success2 = { kind: "success", status: this.#status, durationMs: durationMs2 };
    if (!this.#wantsReply || this.#bytes === 0 && !mayCarryEvent(this.#head)) return success2;
    return this.#keepsReply ? this.#withReply(success2) : this.#withoutReply(success2);
  }
  /** The target has seen the event and would answer the same again: trying again makes duplicates only. */
  tooLarge(durationMs2) {
    return {
      kind: "failure",
      reason: "response-too-large",
      status: this.#status,
      retryable: false,
      message: `the reply is larger than ${String(this.#keptMax)} bytes`,
      durationMs: durationMs2
    };
  }
  #failure(durationMs2, nowMs) {
    const status = this.#status;
    const afterMs = carriesRetryAfter(status) ? retryAfterMs2(this.#head, nowMs) : void 0;
    return {
      kind: "failure",
      reason: "status",
      status,
      retryable: isRetryableStatus(status),
      ...afterMs === void 0 ? {} : { retryAfterMs: afterMs },
      ...this.#bytes === 0 ? {} : { responseStart: this.#start() },
      message: `the target answered with status ${String(status)}`,
      durationMs: durationMs2
    };
  }
  #withReply(success2) {
    const head = headStrings(this.#head);
    const decoded = decodeHttpReply(this.#status, head, this.#body());
    switch (decoded.kind) {
      case "none":
        return success2;
      case "event": {
        const replyPassthrough = selectPassthrough(head);
        return replyPassthrough === void 0 ? { ...success2, reply: decoded.event } : { ...success2, reply: decoded.event, replyPassthrough };
      }
      case "not-an-event":
      case "invalid":
        return { ...success2, replyIgnored: decoded.kind, responseStart: this.#start() };
    }
  }
  #withoutReply(success2) {
    const isMarked = decodeHttpReply(200, headStrings(this.#head), EMPTY).kind !== "none";
    return this.#bytes > 0 || isMarked ? { ...success2, replyIgnored: "accepted-202" } : success2;
  }
  #body() {
    const [first = EMPTY] = this.#parts ?? [];
    return this.#parts?.length === 1 ? first : Buffer.concat(this.#parts ?? []);
  }
  /** A copy, so that the buffers of the connection are not kept alive by it. */
  #start() {
    return Buffer.from(this.#body().subarray(0, RESPONSE_START_BYTES_MAX));
  }
};
var EMPTY = Buffer.alloc(0);

// packages/delivery/src/attempt.ts
var INFORMATIONAL_MAX = 16;
var WAITING = 0;
var CONNECTING = 1;
var SENT = 2;
var HEAD = 3;
var DONE = 4;
var CUT = new Error("the attempt has ended");
var RESET_CODES = /* @__PURE__ */ new Set(["UND_ERR_SOCKET", "ECONNRESET", "EPIPE"]);
var captured;
function capture(resolve4) {
  captured = resolve4;
}
var Attempt = class {
  dueMs = 0;
  bucket = -1;
  previousEntry = void 0;
  nextEntry = void 0;
  request;
  path;
  signal;
  /** Never rejects. */
  outcome;
  #context;
  #pool;
  #resolve;
  #startedMs;
  #deadlineMs;
  #phase = WAITING;
  #phaseStartedMs = 0;
  #connection = void 0;
  #abort = void 0;
  #isResent = false;
  #hasResponseBegun = false;
  #informational = 0;
  #response = void 0;
  constructor(context, pool, path, request2, signal) {
    this.#context = context;
    this.#pool = pool;
    this.path = path;
    this.request = request2;
    this.signal = signal;
    this.outcome = new Promise(capture);
    this.#resolve = captured;
    this.#startedMs = context.monotonicMs();
    this.#deadlineMs = this.#startedMs + request2.timeoutMs;
  }
  start() {
    const { wheel, limits } = this.#context;
    wheel.arm(this, this.#startedMs + Math.min(this.request.timeoutMs, limits.connectTimeoutMs));
    this.#pool.submit(this);
  }
  get isDone() {
    return this.#phase === DONE;
  }
  get startedMs() {
    return this.#startedMs;
  }
  /** The pool is about to dispatch the attempt on this connection. */
  assign(connection) {
    this.#connection = connection;
    this.#enter(CONNECTING);
  }
  /** Ends the attempt as not made. */
  cancel(message) {
    if (this.#phase !== DONE) this.#cut(failed("aborted", message, { retryable: true }));
  }
  /** Ends the attempt before anything was sent. */
  reject(outcome) {
    if (this.#phase !== DONE) this.#cut(outcome);
  }
  // ── Time ──────────────────────────────────────────────────────────────────────────────────────────
  onDue(nowMs) {
    if (nowMs >= this.#deadlineMs) {
      this.#timeOut(`no complete response within ${String(this.request.timeoutMs)} ms`);
    } else if (nowMs >= this.#phaseDueMs()) {
      this.#timeOut(this.#phase === CONNECTING ? "no connection in time" : "the response stalled");
    } else {
      this.#context.wheel.arm(this, Math.min(this.#deadlineMs, this.#phaseDueMs()));
    }
  }
  #enter(phase) {
    this.#phase = phase;
    this.#phaseStartedMs = this.#context.wheel.coarseNowMs;
    const dueMs = Math.min(this.#deadlineMs, this.#phaseDueMs());
    if (dueMs < this.dueMs) this.#context.wheel.arm(this, dueMs);
  }
  #phaseDueMs() {
    const { connectTimeoutMs, headersTimeoutMs, bodyTimeoutMs } = this.#context.limits;
    switch (this.#phase) {
      case CONNECTING:
        return this.#phaseStartedMs + connectTimeoutMs;
      case SENT:
        return headersTimeoutMs === 0 ? Infinity : this.#phaseStartedMs + headersTimeoutMs;
      case HEAD:
        return this.#phaseStartedMs + bodyTimeoutMs;
      default:
        return Infinity;
    }
  }
  #timeOut(message) {
    this.#cut(this.#knownFailure() ?? this.#failure("timeout", message));
  }
  // ── undici's handler ──────────────────────────────────────────────────────────────────────────────
  onConnect(abort) {
    if (this.#phase === DONE) {
      abort(CUT);
      return;
    }
    this.#abort = abort;
    this.#enter(SENT);
  }
  onResponseStarted() {
    this.#hasResponseBegun = true;
  }
  onHeaders(status, head) {
    if (this.#phase === DONE) return true;
    if (status < 200) {
      this.#informational += 1;
      if (this.#informational > INFORMATIONAL_MAX) {
        this.#cut(this.#failure("connection", "too many informational responses"));
      }
      return true;
    }
    const { replyBytesMax } = this.#context.limits;
    this.#response = new ResponseReader(status, head, this.request, replyBytesMax);
    this.#enter(HEAD);
    return true;
  }
  onData(chunk) {
    const response = this.#response;
    if (this.#phase === DONE || response === void 0) return true;
    this.#phaseStartedMs = this.#context.wheel.coarseNowMs;
    switch (response.push(chunk)) {
      case "more":
        break;
      case "enough":
        this.#cut(this.#outcomeOf(response));
        break;
      case "too-large":
        this.#cut(response.tooLarge(this.#elapsedMs()));
        break;
    }
    return true;
  }
  onComplete() {
    const response = this.#response;
    if (this.#phase === DONE || response === void 0) return;
    const connection = this.#connection;
    this.#settle(this.#outcomeOf(response));
    connection?.release(this.#context.monotonicMs());
  }
  onError(error) {
    if (this.#phase === DONE) return;
    if (this.#isStaleConnection(error)) this.#resend();
    else this.#cut(this.#knownFailure() ?? classifyError(error, this.#elapsedMs()));
  }
  // ── Dead idle connections ─────────────────────────────────────────────────────────────────────────
  /**
   * A kept-alive connection that the target closed just as the request was written: not a byte of a response
   * came. The request goes out once more on a fresh connection. The target may have seen it twice, which
   * at-least-once delivery allows.
   */
  #isStaleConnection(error) {
    return this.#phase === SENT && !this.#hasResponseBegun && !this.#isResent && this.#connection?.isReused === true && RESET_CODES.has(error.code);
  }
  #resend() {
    this.#isResent = true;
    this.#phase = WAITING;
    this.#abort = void 0;
    const stale = this.#connection;
    this.#connection = void 0;
    stale?.discard();
    this.#pool.submitFresh(this);
  }
  // ── Outcomes ──────────────────────────────────────────────────────────────────────────────────────
  /** Ends the attempt and gives up its connection: its state is unknown. */
  #cut(outcome) {
    const connection = this.#connection;
    const abort = this.#abort;
    this.#settle(outcome);
    abort?.(CUT);
    connection?.discard();
  }
  #settle(outcome) {
    this.#phase = DONE;
    this.#connection = void 0;
    this.#abort = void 0;
    this.#context.wheel.disarm(this);
    this.#resolve(outcome);
    this.#context.onSettled();
  }
  #elapsedMs() {
    return this.#context.monotonicMs() - this.#startedMs;
  }
  #outcomeOf(response) {
    return response.outcome(this.#elapsedMs(), this.#context.wallMs());
  }
  /** The head of the response says failure already: what happens to its body changes nothing. */
  #knownFailure() {
    return this.#response?.isFailure === true ? this.#outcomeOf(this.#response) : void 0;
  }
  #failure(reason, message) {
    return failed(reason, message, { retryable: true, durationMs: this.#elapsedMs() });
  }
};

// packages/delivery/src/deadline-wheel.ts
import { strict as assert3 } from "node:assert";
var TICK_MS = 20;
var BUCKETS = 512;
var STALL_TICKS = 10;
var DeadlineWheel = class {
  #clock;
  #buckets = new Array(BUCKETS).fill(
    void 0
  );
  #size = 0;
  #nowMs;
  /** Ticks up to this one have been fired. */
  #firedTick;
  #timer;
  constructor(clock) {
    this.#clock = clock;
    this.#nowMs = clock.monotonicMs();
    this.#firedTick = Math.floor(this.#nowMs / TICK_MS);
  }
  /** Armed entries. */
  get size() {
    return this.#size;
  }
  /** Monotonic time of the last tick: cheap, and at most a tick behind while entries are armed. */
  get coarseNowMs() {
    return this.#nowMs;
  }
  /** Arms an entry, or moves an armed one. A time that has passed fires with the next tick. */
  arm(entry, dueMs) {
    this.disarm(entry);
    if (this.#timer === void 0) this.#begin();
    const tick = Math.max(Math.ceil(dueMs / TICK_MS), this.#firedTick + 1);
    const bucket = tick & BUCKETS - 1;
    const head = this.#buckets[bucket];
    entry.dueMs = dueMs;
    entry.bucket = bucket;
    entry.nextEntry = head;
    if (head !== void 0) head.previousEntry = entry;
    this.#buckets[bucket] = entry;
    this.#size += 1;
  }
  /** Does nothing when the entry is not armed. */
  disarm(entry) {
    if (entry.bucket === -1) return;
    const { previousEntry, nextEntry } = entry;
    if (previousEntry === void 0) this.#buckets[entry.bucket] = nextEntry;
    else previousEntry.nextEntry = nextEntry;
    if (nextEntry !== void 0) nextEntry.previousEntry = previousEntry;
    entry.previousEntry = void 0;
    entry.nextEntry = void 0;
    entry.bucket = -1;
    this.#size -= 1;
  }
  /** Every armed entry, in no order. Entries may be disarmed by the visitor. */
  visit(visitor) {
    for (const head of this.#buckets.slice()) {
      for (const entry of chain(head)) visitor(entry);
    }
  }
  /** Stops the timer; the wheel is not used afterwards. */
  close() {
    this.#timer?.cancel();
    this.#timer = void 0;
  }
  #begin() {
    this.#nowMs = this.#clock.monotonicMs();
    this.#firedTick = Math.floor(this.#nowMs / TICK_MS);
    this.#schedule();
  }
  #schedule() {
    this.#timer = this.#clock.setTimer(TICK_MS, this.#onTick);
  }
  #onTick = () => {
    this.#timer = void 0;
    if (this.#size === 0) return;
    const lateTicks = (this.#clock.monotonicMs() - this.#nowMs) / TICK_MS - 1;
    this.#nowMs = this.#clock.monotonicMs();
    if (lateTicks <= STALL_TICKS) this.#fire(Math.floor(this.#nowMs / TICK_MS));
    this.#schedule();
  };
  /** Fires everything due up to `tick`; each bucket is looked at once, however many turns have passed. */
  #fire(tick) {
    assert3(tick >= this.#firedTick, "the monotonic clock went back");
    const first = Math.max(this.#firedTick + 1, tick - BUCKETS + 1);
    this.#firedTick = tick;
    for (let each = first; each <= tick; each += 1) {
      for (const entry of chain(this.#buckets[each & BUCKETS - 1])) {
        if (entry.bucket === -1 || entry.dueMs > this.#nowMs) continue;
        this.disarm(entry);
        entry.onDue(this.#nowMs);
      }
    }
  }
};
function chain(head) {
  const entries = [];
  for (let entry = head; entry !== void 0; entry = entry.nextEntry) entries.push(entry);
  return entries;
}

// packages/delivery/src/origin-pools.ts
import { rootCertificates } from "node:tls";

// packages/delivery/src/origin-pool.ts
import { strict as assert4 } from "node:assert";

// packages/delivery/src/undici.ts
var import_client = __toESM(require_client(), 1);
var import_connect = __toESM(require_connect(), 1);
var newClient = (origin, options) => new import_client.default(origin, options);
var newConnector = (options) => (0, import_connect.default)(options);

// packages/delivery/src/origin-pool.ts
var CLOSED = new Error("the connection is closed");
var OriginPool = class {
  origin;
  context;
  connector;
  /** Monotonic; for the sweep of idle origins. */
  lastUsedMs;
  isClosed = false;
  #connections = /* @__PURE__ */ new Set();
  #idle = [];
  #waiting;
  constructor(origin, connector, context) {
    this.origin = origin;
    this.connector = connector;
    this.context = context;
    this.lastUsedMs = context.monotonicMs();
    this.#waiting = new BoundedQueue(context.config.waitingPerOriginMax);
  }
  get isBusy() {
    return this.#connections.size > this.#idle.length;
  }
  /** Dispatches on a free connection, or a new one, or waits for one. */
  submit(attempt2) {
    assert4(!this.isClosed, "an attempt was given to a closed pool");
    this.lastUsedMs = attempt2.startedMs;
    this.#run(attempt2, this.#idle.pop() ?? this.#open());
  }
  /** The same, but prefers a new connection: the idle ones may all be as dead as the last one was. */
  submitFresh(attempt2) {
    this.#run(attempt2, this.#open() ?? this.#idle.pop());
  }
  /** The connection can take the next attempt. */
  onFree(connection) {
    const next = this.#nextWaiting();
    if (next === void 0) this.#idle.push(connection);
    else connection.run(next);
  }
  /** The connection is gone. */
  onGone(connection) {
    this.#connections.delete(connection);
    const index = this.#idle.indexOf(connection);
    if (index !== -1) this.#idle.splice(index, 1);
    if (this.isClosed) return;
    const next = this.#nextWaiting();
    if (next !== void 0) this.#run(next, this.#open());
  }
  /** Closes every connection; attempts under way have been ended by their owner. */
  close() {
    this.isClosed = true;
    for (const connection of this.#connections) connection.discard();
  }
  #run(attempt2, connection) {
    if (connection !== void 0) connection.run(attempt2);
    else if (!this.#waiting.push(attempt2)) {
      attempt2.reject(
        failed("connection", "too many attempts wait for a connection", { retryable: true })
      );
    }
  }
  #open() {
    if (this.#connections.size === this.context.config.connectionsPerOriginMax) return void 0;
    const connection = new Connection(this);
    this.#connections.add(connection);
    return connection;
  }
  /** Skips attempts that ended while they waited. */
  #nextWaiting() {
    for (; ; ) {
      const attempt2 = this.#waiting.shift();
      if (attempt2?.isDone !== true) return attempt2;
    }
  }
};
var Connection = class {
  #pool;
  #client;
  #connecting = void 0;
  #connectedMs = 0;
  #responses = 0;
  #isDiscarded = false;
  constructor(pool) {
    this.#pool = pool;
    const { config } = pool.context;
    this.#client = newClient(pool.origin, {
      connect: (options, callback) => {
        this.#connect(options, callback);
      },
      pipelining: 1,
      maxHeaderSize: config.responseHeaderBytesMax,
      keepAliveTimeout: config.keepAliveMs,
      // Attempts keep time themselves.
      headersTimeout: 0,
      bodyTimeout: 0
    });
  }
  /** Whether a response was received over the present socket. */
  get isReused() {
    return this.#responses > 0;
  }
  run(attempt2) {
    attempt2.assign(this);
    const { writer } = this.#pool.context;
    let options;
    try {
      options = writer.write(attempt2.request, attempt2.path);
    } catch (error) {
      attempt2.reject(invalidRequest(error));
      return;
    }
    this.#client.dispatch(options, attempt2);
    writer.clear();
  }
  /** After a complete response. */
  release(nowMs) {
    if (this.#isDiscarded) return;
    this.#responses += 1;
    const isOld = nowMs - this.#connectedMs > this.#pool.context.config.connectionAgeMsMax;
    if (isOld) this.discard();
    else this.#pool.onFree(this);
  }
  /** Closes the socket, whatever it is doing. */
  discard() {
    if (this.#isDiscarded) return;
    this.#isDiscarded = true;
    this.#connecting?.destroy();
    void this.#client.destroy(CLOSED);
    this.#pool.onGone(this);
  }
  #connect(options, callback) {
    const { connector, context } = this.#pool;
    this.#connecting = connector(options, (error, socket) => {
      this.#connecting = void 0;
      this.#connectedMs = context.monotonicMs();
      this.#responses = 0;
      const refusal2 = socket === void 0 ? void 0 : this.#refusalOf(socket.remoteAddress);
      if (refusal2 === void 0) {
        callback(error, socket);
      } else {
        socket?.destroy();
        callback(refusal2);
      }
    });
  }
  /** The guard's lookup has judged the address already; a socket that got past it must not be used. */
  #refusalOf(address) {
    if (address === void 0) return void 0;
    try {
      this.#pool.context.guard.checkAddress(address);
      return void 0;
    } catch (error) {
      return error;
    }
  }
};

// packages/delivery/src/origin-pools.ts
var OriginPools = class {
  #context;
  #clock;
  #pools = /* @__PURE__ */ new Map();
  #sweep;
  constructor(context, clock) {
    this.#context = context;
    this.#clock = clock;
  }
  /** The pool of an origin; undefined when there are too many origins and all are busy. */
  get(origin, caCerts) {
    const key = caCerts === void 0 ? origin : `${origin}
${caCerts}`;
    const known = this.#pools.get(key);
    if (known !== void 0) return known;
    if (this.#pools.size >= this.#context.config.originsMax && !this.#evict()) return void 0;
    const pool = new OriginPool(origin, this.#connector(caCerts), this.#context);
    this.#pools.set(key, pool);
    this.#scheduleSweep();
    return pool;
  }
  close() {
    this.#sweep?.cancel();
    for (const pool of this.#pools.values()) pool.close();
    this.#pools.clear();
  }
  #connector(caCerts) {
    return newConnector({
      lookup: this.#context.guard.lookup,
      autoSelectFamily: true,
      // Attempts bound the time to connect themselves.
      timeout: 0,
      rejectUnauthorized: true,
      ...caCerts === void 0 ? {} : { ca: [...rootCertificates, caCerts] }
    });
  }
  #evict() {
    let oldest;
    for (const entry of this.#pools) {
      if (entry[1].isBusy) continue;
      if (oldest === void 0 || entry[1].lastUsedMs < oldest[1].lastUsedMs) oldest = entry;
    }
    if (oldest !== void 0) this.#remove(...oldest);
    return oldest !== void 0;
  }
  #remove(key, pool) {
    this.#pools.delete(key);
    pool.close();
  }
  #scheduleSweep() {
    if (this.#sweep !== void 0 || this.#pools.size === 0) return;
    const { originIdleMs } = this.#context.config;
    this.#sweep = this.#clock.setTimer(originIdleMs, () => {
      this.#sweep = void 0;
      const staleMs = this.#context.monotonicMs() - originIdleMs;
      for (const [key, pool] of this.#pools) {
        if (!pool.isBusy && pool.lastUsedMs <= staleMs) this.#remove(key, pool);
      }
      this.#scheduleSweep();
    });
  }
};

// packages/delivery/src/request-writer.ts
var RequestWriter = class {
  #headers = [];
  #length = 0;
  #options = {
    path: "/",
    method: "POST",
    headers: this.#headers,
    body: null
  };
  #encodeOptions;
  /** The result is valid until the next call. Throws when the event cannot be encoded. */
  write(request2, path) {
    const { namespace, passthrough, trace } = request2;
    const options = this.#encodeOptionsFor(request2.omitAttribute);
    const message = request2.format === "json" ? encodeStructured(request2.event, options) : encodeBinary(request2.event, options);
    this.#length = 0;
    this.#append(message.headers);
    if (request2.wantsReply) this.#add("prefer", "reply");
    if (namespace !== void 0) this.#add("kn-namespace", namespace);
    if (passthrough !== void 0) this.#append(selectPassthrough(passthrough) ?? []);
    if (trace !== void 0) this.#append(traceHeaders(trace));
    if (this.#headers.length !== this.#length) this.#headers.length = this.#length;
    this.#options.path = path;
    this.#options.body = message.body ?? null;
    return this.#options;
  }
  /** Lets go of the last event. */
  clear() {
    this.#options.body = null;
  }
  #append(list) {
    for (const text2 of list) this.#headers[this.#length++] = text2;
  }
  #add(name, value) {
    this.#headers[this.#length++] = name;
    this.#headers[this.#length++] = value;
  }
  #encodeOptionsFor(omit) {
    if (omit === void 0) return void 0;
    if (this.#encodeOptions?.omit !== omit) this.#encodeOptions = { omit };
    return this.#encodeOptions;
  }
};

// packages/delivery/src/event-sender.ts
var EventSender = class extends BaseComponent {
  name = "event-sender";
  #guard;
  #wheel;
  #pools;
  #context;
  #routes = /* @__PURE__ */ new WeakMap();
  #signals = /* @__PURE__ */ new WeakSet();
  #inFlight = 0;
  #onIdle;
  constructor(options = {}) {
    super();
    const clock = options.clock ?? systemClock;
    const config = senderConfigSchema.parse(options.config ?? {});
    this.#guard = options.guard ?? new AddressGuard({ policy: config });
    this.#wheel = new DeadlineWheel(clock);
    const monotonicMs = () => clock.monotonicMs();
    const poolContext = {
      config,
      guard: this.#guard,
      writer: new RequestWriter(),
      monotonicMs
    };
    this.#pools = new OriginPools(poolContext, clock);
    this.#context = {
      wheel: this.#wheel,
      limits: config,
      monotonicMs,
      wallMs: () => clock.now(),
      onSettled: () => {
        this.#onSettled();
      }
    };
  }
  /** Attempts under way. */
  get inFlight() {
    return this.#inFlight;
  }
  /**
   * Makes one attempt. Never rejects; safe to call any number of times at once. Aborting the signal, draining
   * or closing the sender ends it with reason `aborted`.
   */
  send(request2, options = {}) {
    const { signal } = options;
    if (this.state !== "running") return notMade(`the sender is ${this.state}`);
    if (signal !== void 0 && !this.#follow(signal)) return notMade("the caller gave up");
    const route = this.#routeTo(request2.target);
    if ("kind" in route) return Promise.resolve(route);
    const attempt2 = new Attempt(this.#context, route.pool, route.path, request2, signal);
    this.#inFlight += 1;
    attempt2.start();
    return attempt2.outcome;
  }
  /** Rejects with `AFFLUX_KERNEL_ABORTED` when the signal aborts first; attempts go on all the same. */
  onDrain(signal) {
    if (this.#inFlight === 0) return Promise.resolve();
    return new Promise((resolve4, reject) => {
      this.#onIdle = resolve4;
      const onAbort = () => {
        reject(abortedError(signal));
      };
      signal.addEventListener("abort", onAbort, { once: true });
    });
  }
  onClose() {
    this.#cancel("the sender was closed", () => true);
    this.#pools.close();
    this.#wheel.close();
    return Promise.resolve();
  }
  #routeTo(target) {
    const known = this.#routes.get(target);
    if (known !== void 0 && ("kind" in known || !known.pool.isClosed)) return known;
    const route = this.#newRoute(target);
    if (!("kind" in route) || !route.retryable) this.#routes.set(target, route);
    return route;
  }
  #newRoute(target) {
    try {
      const url = this.#guard.checkUrl(target.url);
      const pool = this.#pools.get(url.origin, target.caCerts);
      return pool === void 0 ? failed("connection", "too many origins are in use", { retryable: true }) : { origin: url.origin, path: url.pathname + url.search, pool };
    } catch (error) {
      return classifyError(error, 0);
    }
  }
  /** False when the signal has aborted. One listener per signal, not per attempt: callers reuse theirs. */
  #follow(signal) {
    if (signal.aborted) return false;
    if (this.#signals.has(signal)) return true;
    this.#signals.add(signal);
    const onAbort = () => {
      this.#cancel("the caller gave up", (attempt2) => attempt2.signal === signal);
    };
    signal.addEventListener("abort", onAbort, { once: true });
    return true;
  }
  #cancel(message, concerns) {
    this.#wheel.visit((entry) => {
      if (entry instanceof Attempt && concerns(entry)) entry.cancel(message);
    });
  }
  #onSettled() {
    this.#inFlight -= 1;
    if (this.#inFlight === 0) this.#onIdle?.();
  }
};
function notMade(message) {
  return Promise.resolve(failed("aborted", message, { retryable: true }));
}

// packages/delivery/src/progress-codec.ts
var VERSION = 1;
var LINE_END = Buffer.from("\n");
var STAGES = ["subscriber", "reply", "dead-letter"];
var STRUCTURED = ["content-type", "application/cloudevents+json"];
var REASONS = [
  "status",
  "connection",
  "timeout",
  "address-refused",
  "response-too-large",
  "invalid-reply",
  "invalid-request",
  "aborted",
  "overflow"
];
var count2 = external_exports.int().min(0);
var failureSchema = external_exports.strictObject({
  destination: external_exports.string(),
  code: external_exports.int(),
  data: external_exports.string(),
  reason: external_exports.enum(REASONS),
  stage: external_exports.enum(STAGES),
  attempts: count2,
  atMs: external_exports.number()
});
var encodedSchema = external_exports.strictObject({
  version: external_exports.literal(VERSION),
  stage: external_exports.enum(STAGES),
  attempt: count2,
  refusals: count2.optional(),
  replyPassthrough: external_exports.array(external_exports.string()).optional(),
  failure: failureSchema.optional()
});
function encodeProgress(progress) {
  const { reply, ...rest } = progress;
  const line = Buffer.from(JSON.stringify({ version: VERSION, ...rest }));
  return reply === void 0 ? line : Buffer.concat([line, LINE_END, encodeStructured(reply).body]);
}
function decodeProgress(bytes2) {
  try {
    return decode2(bytes2);
  } catch (error) {
    throw new DeliveryError("the stored progress of a delivery cannot be read", {
      code: "AFFLUX_DELIVERY_PROGRESS_INVALID",
      cause: error
    });
  }
}
function decode2(bytes2) {
  const end = bytes2.indexOf(LINE_END);
  const line = end === -1 ? bytes2 : bytes2.subarray(0, end);
  const { version: _version, ...fields } = encodedSchema.parse(JSON.parse(line.toString()));
  const progress = JSON.parse(JSON.stringify(fields));
  if (end === -1) return progress;
  const [reply] = decodeHttp(STRUCTURED, bytes2.subarray(end + LINE_END.length));
  return reply === void 0 ? progress : { ...progress, reply };
}

// packages/broker/src/errors.ts
var BrokerError = class extends AffluxError {
};

// packages/broker/src/model/hop-limit.ts
var TTL_ATTRIBUTE = "knativebrokerttl";
var ARRIVAL_ATTRIBUTE = "knativearrivaltime";
var HOP_LIMIT_DEFAULT = 255;
function readTtl(event) {
  const text2 = event.getText(TTL_ATTRIBUTE);
  if (text2 === void 0 || !/^-?\d{1,10}$/.test(text2)) return void 0;
  return Number(text2);
}
function nextTtl(event, hopLimit) {
  const ttl = readTtl(event);
  if (ttl === void 0) return hopLimit;
  return Math.max(0, Math.min(ttl - 1, hopLimit));
}

// packages/broker/src/model/kinds.ts
var BROKER = { apiVersion: "eventing.knative.dev/v1", kind: "Broker" };
var TRIGGER = { apiVersion: "eventing.knative.dev/v1", kind: "Trigger" };
var KAFKA_SINK = {
  apiVersion: "eventing.knative.dev/v1alpha1",
  kind: "KafkaSink"
};
function triggerChannelName(broker) {
  return childName(broker, "-kne-trigger");
}
function brokerPath(namespace, name) {
  return `/${namespace}/${name}`;
}
function sinkPath(namespace, name) {
  return `/${namespace}/sinks/${name}`;
}

// packages/broker/src/ingress/broker-route.ts
var BrokerRoute = class {
  namespace;
  path;
  #clock;
  #onStep;
  #onAccepted;
  #identity;
  #hopLimitReached;
  #channel;
  #isDelayed = false;
  #publishOptions;
  #arrivalMs = -1;
  #arrival = "";
  constructor(options) {
    this.namespace = options.namespace;
    this.path = brokerPath(options.namespace, options.name);
    this.#clock = options.clock;
    this.#onStep = options.onStep;
    this.#onAccepted = options.onAccepted;
    this.#identity = options.identity;
    this.#hopLimitReached = options.meter.counter({
      name: "afflux_broker_hop_limit_total",
      help: "Events refused because they had entered brokers too often.",
      labels: ["kn_broker_name", "kn_broker_namespace"]
    }).labels(options.name, options.namespace);
  }
  /** Lets events into the channel from now on. */
  open(channel, capabilities) {
    this.#channel = channel;
    this.#isDelayed = capabilities.delayed;
  }
  /** Requests that found this route before it was taken off are refused as well. */
  close() {
    this.#channel = void 0;
  }
  /** Window in which an event with the `source` and `id` of another counts as the same; undefined: none. */
  set deduplicateMs(windowMs) {
    this.#publishOptions = windowMs === void 0 ? void 0 : { deduplicateMs: windowMs };
  }
  accept(events, context) {
    const channel = this.#channel;
    if (channel === void 0) throw this.#unavailable();
    const [first] = events;
    const entering = events.length === 1 && first !== void 0 ? [this.#enter(first, context)] : events.map((event) => this.#enter(event, context));
    const pending = channel.publish(entering, this.#publishOptions);
    if (this.#onAccepted === void 0 && this.#onStep === void 0) return pending;
    if (pending !== void 0)
      return pending.then(() => {
        this.#noteAccepted(entering);
      });
    this.#noteAccepted(entering);
    return void 0;
  }
  #unavailable() {
    const { namespace, name } = this.#identity;
    return new ChannelUnavailable(`broker "${namespace}/${name}" cannot take events at present`, {
      details: { namespace, broker: name }
    });
  }
  #noteAccepted(events) {
    if (this.#onAccepted !== void 0) {
      for (const event of events) this.#onAccepted(event, this.#identity);
    }
    this.#onStep?.("before-response");
  }
  #enter(event, context) {
    const times = eventTimesProblem(event, {
      isDelayed: this.#isDelayed,
      nowMs: this.#clock.now()
    });
    if (times !== void 0) {
      throw new BrokerError(`the attribute ${times.attribute}: ${times.reason}`, {
        code: "AFFLUX_BROKER_EVENT_TIME",
        fault: "user",
        details: { status: 400, attribute: times.attribute }
      });
    }
    const ttl = nextTtl(event, HOP_LIMIT_DEFAULT);
    if (ttl <= 0) {
      this.#hopLimitReached.add();
      throw new BrokerError(
        `the event has entered brokers ${String(HOP_LIMIT_DEFAULT)} times (${TTL_ATTRIBUTE} is used up): a subscriber's reply probably triggers itself`,
        { code: "AFFLUX_BROKER_HOP_LIMIT", fault: "user", details: { status: 400 } }
      );
    }
    const entered = event.with({
      [TTL_ATTRIBUTE]: ttl,
      [ARRIVAL_ATTRIBUTE]: this.#now()
    });
    return context.passthrough === void 0 && context.trace === void 0 ? entered : (
      // Only these two: the context may be a larger object, which the event would keep alive.
      entered.carrying({ passthrough: context.passthrough, trace: context.trace })
    );
  }
  /** The wall clock as text; events that arrive within one millisecond share it. */
  #now() {
    const nowMs = this.#clock.now();
    if (nowMs !== this.#arrivalMs) {
      this.#arrivalMs = nowMs;
      this.#arrival = new Date(nowMs).toISOString();
    }
    return this.#arrival;
  }
};

// packages/broker/src/dispatch/channel-holder.ts
var REOPEN_MS = 1e3;
var REOPEN_MS_MAX = 3e4;
var ChannelHolder = class {
  ref;
  #options;
  #lease;
  #timer;
  #failures = 0;
  #isClosed = false;
  /** Begins to open the channel. */
  constructor(options) {
    this.ref = options.ref;
    this.#options = options;
    this.#open();
  }
  /** Something changed that may help: does not wait for the next try, where one is due. */
  retryNow() {
    if (this.#timer === void 0) return;
    this.#timer.cancel();
    this.#timer = void 0;
    this.#open();
  }
  /** Resolves when the channel is let go of, and closed if nobody else holds it. */
  async close() {
    this.#isClosed = true;
    this.#timer?.cancel();
    await this.#lease?.release();
  }
  #open() {
    let lease;
    try {
      lease = this.#options.deps.openChannel(this.ref);
    } catch (error) {
      this.#onFailure(error);
      return;
    }
    this.#lease = lease;
    void lease.ready.then(
      () => {
        if (this.#isClosed) return;
        this.#failures = 0;
        this.#options.onOpen(lease);
      },
      (error) => {
        this.#lease = void 0;
        void lease.release().catch(() => void 0);
        this.#onFailure(error);
      }
    );
  }
  #onFailure(error) {
    if (this.#isClosed) return;
    this.#timer = this.#options.deps.clock.setTimer(this.#retryDelayMs(error), () => {
      this.#timer = void 0;
      this.#open();
    });
  }
  /** A channel that only has to wait a moment (its driver is being loaded) has not failed. */
  #retryDelayMs(error) {
    if (error instanceof ChannelUnavailable && error.retryAfterMs < REOPEN_MS) {
      return error.retryAfterMs;
    }
    const { random, logger } = this.#options.deps;
    this.#failures += 1;
    const policy = {
      policy: "exponential",
      delayMs: REOPEN_MS,
      delayMsMax: REOPEN_MS_MAX
    };
    const retryInMs = Math.round(withJitter(backoffMs(this.#failures, policy), random));
    logger.warn({ err: error, ...this.#options.owner, retryInMs }, "channel cannot be opened");
    return retryInMs;
  }
};

// packages/broker/src/dispatch/plan.ts
function dispatchSettings(input) {
  const { broker, trigger, capabilities, clock } = input;
  const family = brokerFamily(broker);
  const flow = flowSettings(
    trigger.metadata.annotations,
    broker.metadata.annotations,
    classFlowDefaults(family)
  );
  const plan = planOf(input, flow);
  const { overflowEventsMax, ...rules } = subscriptionRules(flow, {
    hasDeadLetter: plan.deadLetter !== void 0
  });
  const { startAt } = flow;
  const storageName = family === void 0 ? void 0 : storageNameOf(family, trigger);
  return {
    plan,
    ...rules,
    overflow: overflowEventsMax === void 0 ? "backpressure" : {
      deadLetter: () => overflowProgress(plan, clock.now()),
      eventsMax: overflowEventsMax
    },
    ...startAt === void 0 || startAt === "latest" ? {} : capabilities.replayable ? { from: startAt } : { beginsTooLate: true },
    ...storageName === void 0 ? {} : { storageName }
  };
}
function planOf({ broker, trigger, capabilities }, flow) {
  const delivery = parseDelivery(trigger.spec.delivery ?? broker.spec.delivery);
  const deadLetter = targetOf2(
    trigger.status?.deadLetterSinkUri,
    trigger.status?.deadLetterSinkCACerts
  );
  const subscriber = targetOf2(trigger.status?.subscriberUri, trigger.status?.subscriberCACerts);
  const reply = targetOf2(broker.status?.address?.url, void 0);
  return {
    ...delivery,
    ...subscriber === void 0 ? {} : { subscriber },
    ...deadLetter === void 0 ? {} : { deadLetter },
    ...reply === void 0 ? {} : { reply },
    ...capabilities.deadLetters ? { keepsDeadLetters: true } : {},
    backoffMsMax: flow.backoffMsMax,
    retryAfterMsMax: delivery.retryAfterMsMax ?? flow.retryAfterMsMax,
    replyPolicy: flow.replyPolicy,
    namespace: trigger.metadata.namespace ?? "",
    omitAttribute: TTL_ATTRIBUTE,
    onReply: (event, original) => event.with({ [TTL_ATTRIBUTE]: readTtl(original) })
  };
}
function targetOf2(url, caCerts) {
  if (url === void 0) return void 0;
  return caCerts === void 0 ? { url } : { url, caCerts };
}

// packages/broker/src/dispatch/trigger-dispatch.ts
var CODEC = { encode: encodeProgress, decode: decodeProgress };
var TriggerDispatch = class {
  /** `<namespace>/<name>`: of the subscription, of the filter in the index, and in logs. */
  id;
  /** Which object of that name it serves. */
  uid;
  #label;
  #options;
  #courier;
  #flow;
  #subscription;
  #filterText;
  /** Throws when the channel refuses the subscription. */
  constructor(options, broker, trigger) {
    const { deps } = options;
    const { namespace = "", name, uid = "" } = trigger.metadata;
    this.id = triggerKey(trigger);
    this.uid = uid;
    this.#label = `trigger:${name}.${namespace}`;
    this.#options = options;
    const settings = this.#settingsOf(broker, trigger);
    this.#courier = new Courier({
      sender: deps.sender,
      clock: deps.clock,
      random: deps.random,
      logger: deps.logger,
      meter: deps.meter,
      tracer: deps.tracer,
      plan: settings.plan,
      labels: {
        destination: this.#label,
        brokerName: broker.metadata.name,
        brokerNamespace: broker.metadata.namespace ?? ""
      },
      contextOf: (event) => event.carried,
      onStep: deps.onStep
    });
    if (settings.beginsTooLate === true) {
      deps.logger.warn(
        { trigger: this.id },
        "trigger begins with new events: its channel keeps no others"
      );
    }
    this.#subscription = this.#subscribe(settings);
    this.#flow = new SubscriptionFlow({
      subscription: this.#subscription,
      handle: (event, progress, signal) => this.#courier.deliver(event, progress, signal),
      settings: settings.flow,
      labels: {
        namespace,
        kind: "Broker",
        name: broker.metadata.name,
        subscription: this.#label
      },
      clock: deps.clock,
      random: deps.random,
      logger: deps.logger,
      meter: deps.meter,
      scheduler: deps.scheduler,
      // Elsewhere the route refuses events that must wait.
      ...options.capabilities.delayed ? { notBefore: (event) => notBeforeMs(event, deps.clock.now()) } : {},
      onStep: deps.onStep
    });
    this.#useFilter(trigger);
  }
  /** Rejects when the back-end refuses the subscription; it is of no use then. */
  async start() {
    const isSetUp = this.#subscription.ready;
    await Promise.all([this.#flow.start(), isSetUp]);
  }
  /** Takes over a changed trigger or broker; what is under way ends by the plan it began with. */
  update(broker, trigger) {
    const settings = this.#settingsOf(broker, trigger);
    this.#subscription = this.#subscribe(settings);
    this.#courier.plan = settings.plan;
    this.#flow.settings = settings.flow;
    this.#useFilter(trigger);
  }
  /**
   * The trigger is gone: no event matches any more and the backlog is forgotten, both before this returns.
   * Attempts under way finish, and how they end changes nothing. Resolves then with how many accepted events
   * were given up besides those.
   */
  async remove(signal) {
    this.#options.index.delete(this.id);
    const underWay = this.#flow.inFlight;
    const { dropped } = this.#subscription.close({ drop: true });
    await this.#flow.drain(signal).catch(() => void 0);
    await this.#flow.close();
    return Math.max(0, dropped - underWay);
  }
  /** Stops without giving anything up. */
  async close() {
    await this.#flow.close();
  }
  /** Stops and leaves the backlog to whoever subscribes for the same trigger next. */
  async detach() {
    this.#options.index.delete(this.id);
    await this.#flow.close();
    this.#subscription.close();
  }
  #settingsOf(broker, trigger) {
    const { deps, capabilities } = this.#options;
    return dispatchSettings({ broker, trigger, capabilities, clock: deps.clock });
  }
  #subscribe(settings) {
    const { from, storageName } = settings;
    return this.#options.channel.subscribe({
      id: this.id,
      selector: this.#options.selector,
      bounds: settings.bounds,
      overflow: settings.overflow,
      codec: CODEC,
      label: `trigger:${this.id}`,
      ...from === void 0 ? {} : { from },
      ...storageName === void 0 ? {} : { storageName }
    });
  }
  /** Compiled only when the filter itself changed. Admission has checked it: an error here fails closed. */
  #useFilter(trigger) {
    const { filter: filter2, filters } = trigger.spec;
    const text2 = JSON.stringify({ filter: filter2, filters });
    if (text2 === this.#filterText) return;
    this.#filterText = text2;
    const { index, deps } = this.#options;
    try {
      const compiled = compileFilter({
        ...filter2?.attributes === void 0 ? {} : { attributes: filter2.attributes },
        ...filters === void 0 ? {} : { filters }
      });
      index.set(this.id, compiled, this.id);
    } catch (error) {
      index.delete(this.id);
      deps.logger.error({ err: error, trigger: this.id }, "filter of a trigger cannot be compiled");
    }
  }
};

// packages/broker/src/dispatch/broker-unit.ts
var RESUBSCRIBE_MS = 5e3;
var BrokerUnit = class {
  #deps;
  #name;
  #knownTriggers;
  #route;
  #index = new FilterIndex();
  #selector;
  #triggers = /* @__PURE__ */ new Map();
  /** Of triggers whose subscription was refused, until it is tried again. */
  #waiting = /* @__PURE__ */ new Map();
  #broker;
  #holder;
  /** There once the channel takes events. */
  #lease;
  constructor({ deps, broker, triggers }) {
    const { namespace = "", name, uid = "" } = broker.metadata;
    this.#deps = deps;
    this.#name = `${namespace}/${name}`;
    this.#knownTriggers = triggers;
    this.#broker = broker;
    const identity = { ...BROKER, namespace, name, uid };
    this.#route = new BrokerRoute({
      namespace,
      name,
      clock: deps.clock,
      meter: deps.meter,
      identity,
      onAccepted: deps.onAccepted,
      onStep: deps.onStep
    });
    this.#selector = {
      select: (event, out) => {
        this.#index.match(event, out);
      }
    };
    deps.routes.setPath(this.#path, this.#route);
    this.#useChannel(channelRefOf(broker));
  }
  /**
   * Whether the unit can go on with this state of the object: false for another object of that name, and for one
   * that moved to another channel. One whose status lost its channel keeps working on it.
   */
  fits(broker) {
    if (this.#broker.metadata.uid !== broker.metadata.uid) return false;
    const wanted = channelRefOf(broker);
    const ref = this.#holder?.ref;
    if (wanted === void 0 || ref === void 0) return true;
    return wanted.kind === ref.kind && wanted.name === ref.name;
  }
  /** Takes over a changed broker that fits. */
  update(broker) {
    this.#broker = broker;
    if (this.#holder === void 0) this.#useChannel(channelRefOf(broker));
    else this.#holder.retryNow();
    this.#route.deduplicateMs = this.#deduplicateMs;
    for (const trigger of this.#knownTriggers()) this.setTrigger(trigger);
  }
  /**
   * Attaches or changes a trigger. One that was attached and loses its address for the moment goes on with the
   * last one: its queue may hold accepted events.
   */
  setTrigger(trigger) {
    if (this.#lease === void 0) return;
    const key = triggerKey(trigger);
    const existing = this.#triggers.get(key);
    if (existing !== void 0) {
      if (existing.uid === trigger.metadata.uid) {
        if (isServable(this.#broker, trigger)) this.#updateTrigger(existing, trigger);
        return;
      }
      void this.#drop(existing);
    }
    if (isServable(this.#broker, trigger)) this.#attach(this.#lease, trigger);
  }
  /** Resolves when its attempts under way have finished. Never rejects. */
  async removeTrigger(trigger) {
    const key = triggerKey(trigger);
    const dispatch = this.#triggers.get(key);
    if (dispatch === void 0) this.#forgetWait(key);
    else if (dispatch.uid === trigger.metadata.uid) await this.#drop(dispatch);
  }
  /**
   * The broker is gone: nothing enters any more, its triggers give up what they hold. All of it at once, so that
   * a successor of that name begins with nothing. Resolves when attempts under way have finished.
   */
  async remove() {
    this.#deps.routes.deletePath(this.#path, this.#route);
    this.#route.close();
    const drops = [...this.#triggers.values()].map((dispatch) => this.#drop(dispatch));
    await Promise.all([...drops, this.#release()]);
  }
  async close() {
    this.#deps.routes.deletePath(this.#path, this.#route);
    this.#route.close();
    await Promise.all([...this.#triggers.values()].map((dispatch) => dispatch.close()));
    await this.#release();
  }
  #useChannel(ref) {
    if (ref === void 0) return;
    this.#holder = new ChannelHolder({
      deps: this.#deps,
      owner: { broker: this.#name },
      ref,
      onOpen: (lease) => {
        this.#lease = lease;
        for (const trigger of this.#knownTriggers()) this.setTrigger(trigger);
        this.#route.deduplicateMs = this.#deduplicateMs;
        this.#route.open(lease.channel, lease.capabilities);
      }
    });
  }
  async #release() {
    this.#lease = void 0;
    for (const timer of this.#waiting.values()) timer.cancel();
    this.#waiting.clear();
    await this.#holder?.close();
  }
  #attach(lease, trigger) {
    const key = triggerKey(trigger);
    this.#forgetWait(key);
    let dispatch;
    try {
      dispatch = new TriggerDispatch(
        {
          deps: this.#deps,
          channel: lease.channel,
          capabilities: lease.capabilities,
          index: this.#index,
          selector: this.#selector
        },
        this.#broker,
        trigger
      );
    } catch (error) {
      this.#waitToAttach(key, error);
      return;
    }
    this.#triggers.set(key, dispatch);
    void dispatch.start().catch(async (error) => {
      if (this.#triggers.get(key) !== dispatch) return;
      this.#triggers.delete(key);
      this.#waitToAttach(key, error);
      await dispatch.detach().catch(() => void 0);
    });
  }
  /** Nothing is lost meanwhile where the back-end knows the subscription already. */
  #waitToAttach(key, error) {
    const { logger, clock } = this.#deps;
    logger.error(
      { err: error, trigger: key, retryInMs: RESUBSCRIBE_MS },
      "trigger cannot be subscribed"
    );
    this.#forgetWait(key);
    this.#waiting.set(
      key,
      clock.setTimer(RESUBSCRIBE_MS, () => {
        this.#waiting.delete(key);
        const trigger = this.#knownTriggers().find((known) => triggerKey(known) === key);
        if (trigger !== void 0) this.setTrigger(trigger);
      })
    );
  }
  #forgetWait(key) {
    this.#waiting.get(key)?.cancel();
    this.#waiting.delete(key);
  }
  #updateTrigger(dispatch, trigger) {
    try {
      dispatch.update(this.#broker, trigger);
    } catch (error) {
      this.#deps.logger.error(
        { err: error, trigger: dispatch.id },
        "trigger cannot be changed and goes on as before"
      );
    }
  }
  /** Never rejects. The trigger is out of the way before this returns. */
  async #drop(dispatch) {
    this.#triggers.delete(dispatch.id);
    const { logger } = this.#deps;
    try {
      const dropped = await dispatch.remove();
      if (dropped === 0) return;
      logger.warn({ trigger: dispatch.id, dropped }, "trigger removed with undelivered events");
    } catch (error) {
      logger.error({ err: error, trigger: dispatch.id }, "trigger cannot be removed");
    }
  }
  get #deduplicateMs() {
    return this.#lease?.capabilities.deduplicates === true ? flowSettings(this.#broker.metadata.annotations).deduplicateMs : void 0;
  }
  get #path() {
    return brokerPath(this.#broker.metadata.namespace ?? "", this.#broker.metadata.name);
  }
};

// packages/broker/src/dispatch/broker-dispatch.ts
var BrokerDispatch = class extends BaseComponent {
  name = "broker dispatch";
  #options;
  #units = /* @__PURE__ */ new Map();
  /** Triggers by the broker they name, so that a new broker finds those that were there before it. */
  #triggersByBroker = /* @__PURE__ */ new Map();
  #unsubscribe = [];
  constructor(options) {
    super();
    this.#options = options;
  }
  onStart() {
    this.#unsubscribe = [
      this.#options.triggers.onChange(({ old, new: current }) => {
        this.#onTrigger(alive(old), alive(current));
      }),
      this.#options.brokers.onChange(({ old, new: current }) => {
        this.#onBroker(alive(old), alive(current));
      })
    ];
    return Promise.resolve();
  }
  async onClose() {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    await Promise.all([...this.#units.values()].map((unit) => unit.close()));
    this.#units.clear();
  }
  #onBroker(old, current) {
    if (current === void 0 || brokerFamily(current) === void 0) {
      if (old !== void 0) this.#end(keyOf3(old));
      return;
    }
    const key = keyOf3(current);
    const unit = this.#units.get(key);
    if (unit?.fits(current) === true) {
      unit.update(current);
      return;
    }
    this.#end(key);
    this.#units.set(
      key,
      new BrokerUnit({
        deps: this.#options,
        broker: current,
        triggers: () => [...this.#triggersByBroker.get(key)?.values() ?? []]
      })
    );
  }
  #end(key) {
    const unit = this.#units.get(key);
    if (unit === void 0) return;
    this.#units.delete(key);
    void unit.remove().catch((error) => {
      this.#options.logger.error({ err: error, broker: key }, "broker cannot be closed");
    });
  }
  #onTrigger(old, current) {
    if (old !== void 0 && (current === void 0 || brokerKeyOf(old) !== brokerKeyOf(current) || old.metadata.uid !== current.metadata.uid)) {
      const key2 = brokerKeyOf(old);
      this.#forget(key2, old);
      void this.#units.get(key2)?.removeTrigger(old);
    }
    if (current === void 0) return;
    const key = brokerKeyOf(current);
    let known = this.#triggersByBroker.get(key);
    if (known === void 0) {
      known = /* @__PURE__ */ new Map();
      this.#triggersByBroker.set(key, known);
    }
    known.set(triggerKey(current), current);
    this.#units.get(key)?.setTrigger(current);
  }
  #forget(key, trigger) {
    const known = this.#triggersByBroker.get(key);
    known?.delete(triggerKey(trigger));
    if (known?.size === 0) this.#triggersByBroker.delete(key);
  }
};
function alive(object) {
  return object?.metadata.deletionTimestamp === void 0 ? object : void 0;
}
function keyOf3(object) {
  return `${object.metadata.namespace ?? ""}/${object.metadata.name}`;
}
function brokerKeyOf(trigger) {
  return `${brokerNamespaceOf(trigger)}/${brokerNameOf(trigger)}`;
}

// packages/broker/src/ingress/sink-route.ts
var SinkRoute = class {
  namespace;
  path;
  #name;
  #onStep;
  #channel;
  constructor(namespace, name, onStep) {
    this.namespace = namespace;
    this.path = sinkPath(namespace, name);
    this.#name = name;
    this.#onStep = onStep;
  }
  /** Lets events in from now on. */
  open(channel) {
    this.#channel = channel;
  }
  /** Requests that found this route before it was taken off are refused as well. */
  close() {
    this.#channel = void 0;
  }
  accept(events, { trace }) {
    if (this.#channel === void 0) {
      throw new ChannelUnavailable(
        `KafkaSink "${this.namespace}/${this.#name}" cannot take events at present`,
        { details: { namespace: this.namespace, sink: this.#name } }
      );
    }
    const entering = trace === void 0 ? events : events.map((event) => event.carrying({ passthrough: void 0, trace }));
    const pending = this.#channel.publish(entering);
    if (this.#onStep === void 0) return pending;
    if (pending !== void 0) return pending.then(() => this.#onStep?.("before-response"));
    this.#onStep("before-response");
    return void 0;
  }
};

// packages/broker/src/dispatch/sink-dispatch.ts
var SinkDispatch = class extends BaseComponent {
  name = "sink dispatch";
  #options;
  #units = /* @__PURE__ */ new Map();
  #unsubscribe = () => void 0;
  constructor(options) {
    super();
    this.#options = options;
  }
  onStart() {
    this.#unsubscribe = this.#options.sinks.onChange(({ old, new: current }) => {
      this.#onSink(alive2(old), alive2(current));
    });
    return Promise.resolve();
  }
  async onClose() {
    this.#unsubscribe();
    const keys = [...this.#units.keys()];
    await Promise.all(keys.map((key) => this.#end(key)));
  }
  #onSink(old, current) {
    if (current === void 0) {
      if (old !== void 0) void this.#end(keyOf4(old));
      return;
    }
    const key = keyOf4(current);
    let unit = this.#units.get(key);
    if (unit !== void 0 && !isServedBy(unit, current)) {
      void this.#end(key);
      unit = void 0;
    }
    if (unit === void 0) {
      unit = this.#begin(current);
      this.#units.set(key, unit);
    }
    if (unit.holder !== void 0) unit.holder.retryNow();
    else if (current.status?.annotations?.[KAFKA_STATUS.topic] !== void 0) this.#open(unit);
  }
  #begin(sink) {
    const { routes, onStep } = this.#options;
    const { namespace = "", name } = sink.metadata;
    const route = new SinkRoute(namespace, name, onStep);
    routes.setPath(route.path, route);
    return { sink, route, holder: void 0 };
  }
  #open(unit) {
    unit.holder = new ChannelHolder({
      deps: this.#options,
      owner: { kafkaSink: keyOf4(unit.sink) },
      ref: ownChannelRef(unit.sink),
      onOpen: ({ channel }) => {
        unit.route.open(channel);
      }
    });
  }
  /** Never rejects. */
  async #end(key) {
    const unit = this.#units.get(key);
    if (unit === void 0) return;
    this.#units.delete(key);
    this.#options.routes.deletePath(unit.route.path, unit.route);
    unit.route.close();
    try {
      await unit.holder?.close();
    } catch (error) {
      this.#options.logger.error({ err: error, kafkaSink: key }, "sink cannot be closed");
    }
  }
};
function isServedBy({ sink }, current) {
  return sink.metadata.uid === current.metadata.uid && sink.spec.contentMode === current.spec.contentMode && sink.spec.bootstrapServers.join() === current.spec.bootstrapServers.join() && sink.spec.auth?.secret?.ref?.name === current.spec.auth?.secret?.ref?.name;
}
function alive2(object) {
  return object?.metadata.deletionTimestamp === void 0 ? object : void 0;
}
function keyOf4({ metadata }) {
  return `${metadata.namespace ?? ""}/${metadata.name}`;
}

// packages/broker/src/model/backing-sources.ts
function configMapReference(key) {
  return { apiVersion: "v1", kind: "ConfigMap", namespace: key.namespace, name: key.name };
}
function secretReference(key) {
  return { apiVersion: "v1", kind: "Secret", namespace: key.namespace, name: key.name };
}
function configProblem(problem) {
  return { problem, about: "config" };
}
function secretProblem(problem) {
  return { problem, about: "secret" };
}
function shown2(kind, { namespace, name }) {
  return `${kind} "${namespace}/${name}"`;
}
function readSecret(key, sources, decode3) {
  const secret = sources.secret(key.namespace, key.name);
  if (secret === void 0) return secretProblem(`${shown2("Secret", key)} was not found`);
  const { value, errors } = decode3(secret);
  if (value !== void 0) return { value };
  return secretProblem(`${shown2("Secret", key)}: ${errors.toString()}`);
}

// packages/broker/src/model/kafka-backing.ts
function brokerTopic(broker, sources) {
  const config = readConfig(broker, sources);
  if (config === void 0) {
    const kept2 = topicFromStatus(broker);
    return kept2 === void 0 ? configProblem(configMissing(broker)) : { value: kept2 };
  }
  if ("problem" in config) return config;
  const name = topicName(broker, sources);
  if (name === void 0) {
    return configProblem(
      `brokers-topic-template of config-kafka-features names no topic for Broker "${broker.metadata.namespace ?? ""}/${broker.metadata.name}": it lacks a label or annotation`
    );
  }
  const kept = topicFromStatus(broker);
  const { bootstrapServers, partitions, replicationFactor, topicConfig: topicConfig2 } = config.value;
  return {
    value: {
      bootstrapServers,
      topic: name,
      ...externalTopic(broker) === void 0 ? {
        isExternal: false,
        partitions: kept?.partitions ?? partitions,
        replicationFactor: kept?.replicationFactor ?? replicationFactor,
        topicConfig: topicConfig2
      } : { isExternal: true },
      ...secretOf(config.value.authSecret, configKey(broker).namespace)
    }
  };
}
function sinkTopic(sink) {
  const { topic, bootstrapServers, numPartitions, replicationFactor, contentMode, auth } = sink.spec;
  const isOwned = numPartitions !== void 0 && replicationFactor !== void 0;
  return {
    bootstrapServers: bootstrapServers.map((server) => server.trim()).filter(Boolean),
    topic,
    ...isOwned ? { isExternal: false, partitions: numPartitions, replicationFactor } : { isExternal: true },
    contentMode: contentMode ?? "binary",
    helperTopics: false,
    ...secretOf(auth?.secret?.ref, sink.metadata.namespace ?? "")
  };
}
function kafkaBacking(topic, sources) {
  let auth;
  if (topic.authSecret !== void 0) {
    const read2 = readSecret(topic.authSecret, sources, decodeKafkaSecret);
    if ("problem" in read2) return read2;
    auth = read2.value;
  }
  const { authSecret: _named, isExternal, ...config } = topic;
  return {
    type: "kafka",
    config: { ...config, external: isExternal, ...auth === void 0 ? {} : { auth } }
  };
}
function topicAnnotations(topic) {
  const { authSecret, partitions, replicationFactor } = topic;
  return {
    [KAFKA_STATUS.topic]: topic.topic,
    [KAFKA_STATUS.bootstrapServers]: topic.bootstrapServers.join(","),
    ...partitions === void 0 ? {} : { [KAFKA_STATUS.partitions]: String(partitions) },
    ...replicationFactor === void 0 ? {} : { [KAFKA_STATUS.replicationFactor]: String(replicationFactor) },
    ...authSecret === void 0 ? {} : {
      [KAFKA_STATUS.authSecret]: authSecret.name,
      [KAFKA_STATUS.authSecretNamespace]: authSecret.namespace
    }
  };
}
function kafkaReferences(broker, sources) {
  const topic = brokerTopic(broker, sources);
  const secret = "problem" in topic ? void 0 : topic.value.authSecret;
  return [
    ...broker.spec.config === void 0 ? [] : [configMapReference(configKey(broker))],
    ...secret === void 0 ? [] : [secretReference(secret)]
  ];
}
function configKey(broker) {
  const { config } = broker.spec;
  return {
    namespace: config?.namespace ?? broker.metadata.namespace ?? "",
    name: config?.name ?? ""
  };
}
function configMissing(broker) {
  return broker.spec.config === void 0 ? "spec.config is missing, and config-br-defaults names no default" : `${shown2("ConfigMap", configKey(broker))} of spec.config was not found`;
}
function readConfig(broker, sources) {
  const { config } = broker.spec;
  if (config === void 0) return void 0;
  if (config.kind.toLowerCase() !== "configmap") {
    return configProblem(`supported config Kind: ConfigMap - got ${config.kind}`);
  }
  const key = configKey(broker);
  const map = sources.configMap(key.namespace, key.name);
  if (map === void 0) return void 0;
  const { value, errors } = decodeKafkaBrokerConfig(map);
  if (value !== void 0) return { value };
  return configProblem(`${shown2("ConfigMap", key)} of spec.config: ${errors.toString()}`);
}
function externalTopic(broker) {
  return broker.metadata.annotations?.[KAFKA_EXTERNAL_TOPIC];
}
function topicName(broker, sources) {
  return broker.status?.annotations?.[KAFKA_STATUS.topic] ?? externalTopic(broker) ?? sources.kafkaFeatures().brokerTopic(broker.metadata);
}
function secretOf(reference, namespace) {
  if (reference === void 0) return {};
  return {
    authSecret: { name: reference.name, namespace: reference.namespace ?? namespace }
  };
}
function topicFromStatus(broker) {
  const annotations = broker.status?.annotations ?? {};
  const topic = annotations[KAFKA_STATUS.topic];
  const servers = annotations[KAFKA_STATUS.bootstrapServers];
  if (topic === void 0 || servers === void 0) return void 0;
  const secret = annotations[KAFKA_STATUS.authSecret];
  const secretNamespace = annotations[KAFKA_STATUS.authSecretNamespace];
  return {
    bootstrapServers: servers.split(","),
    topic,
    isExternal: externalTopic(broker) !== void 0,
    ...countOf("partitions", annotations[KAFKA_STATUS.partitions]),
    ...countOf("replicationFactor", annotations[KAFKA_STATUS.replicationFactor]),
    ...secret === void 0 ? {} : {
      authSecret: { name: secret, namespace: secretNamespace ?? configKey(broker).namespace }
    }
  };
}
function countOf(field, text2) {
  const count3 = Number(text2 ?? "");
  return Number.isInteger(count3) && count3 > 0 ? { [field]: count3 } : {};
}

// packages/broker/src/model/rabbitmq-backing.ts
var BROKER_CONFIG = {
  apiVersion: "eventing.knative.dev/v1alpha1",
  kind: "RabbitmqBrokerConfig"
};
var OPERATOR_SECRET = "-default-user";
function brokerExchange(broker, sources) {
  const { config } = broker.spec;
  if (config === void 0) return configProblem("spec.config is missing");
  const key = { namespace: config.namespace ?? broker.metadata.namespace ?? "", name: config.name };
  if (config.kind === "RabbitmqCluster") {
    const secret2 = { ...key, name: key.name + OPERATOR_SECRET };
    return { value: { exchange: exchangeOf(broker), queueType: "classic", secret: secret2 } };
  }
  if (config.kind !== BROKER_CONFIG.kind) {
    return configProblem(
      `spec.config must reference a RabbitmqBrokerConfig or a RabbitmqCluster, not a ${config.kind}`
    );
  }
  const found = sources.rabbitmqBrokerConfig(key.namespace, key.name);
  if (found === void 0) {
    return configProblem(`${shown2(BROKER_CONFIG.kind, key)} of spec.config was not found`);
  }
  const secret = secretOf2(found.spec, key.namespace);
  if (secret === void 0) {
    return configProblem(
      `${shown2(BROKER_CONFIG.kind, key)} names neither a cluster nor a connectionSecret in spec.rabbitmqClusterReference`
    );
  }
  const { queueType = "quorum", vhost } = found.spec;
  return {
    value: {
      exchange: exchangeOf(broker),
      queueType,
      ...vhost === void 0 || vhost === "" ? {} : { vhost },
      secret
    }
  };
}
function rabbitmqBacking(exchange, sources) {
  const { secret, ...named } = exchange;
  const read2 = readSecret(secret, sources, decodeRabbitmqSecret);
  if ("problem" in read2) return read2;
  const { connection } = read2.value;
  const ca = authorityOf(read2.value, secret, sources);
  if (ca !== void 0 && "problem" in ca) return ca;
  return {
    type: "rabbitmq",
    config: { ...connection, ...named, ...ca === void 0 ? {} : { tls: { ca: ca.value } } }
  };
}
function rabbitmqReferences(broker, sources) {
  const { config } = broker.spec;
  if (config === void 0) return [];
  const namespace = config.namespace ?? broker.metadata.namespace ?? "";
  const references = config.kind === BROKER_CONFIG.kind ? [{ ...BROKER_CONFIG, namespace, name: config.name }] : [];
  const exchange = brokerExchange(broker, sources);
  if ("problem" in exchange) return references;
  const { secret } = exchange.value;
  references.push(secretReference(secret));
  const read2 = readSecret(secret, sources, decodeRabbitmqSecret);
  if (!("problem" in read2) && read2.value.caSecretName !== void 0) {
    references.push(secretReference({ ...secret, name: read2.value.caSecretName }));
  }
  return references;
}
function exchangeOf(broker) {
  const { namespace = "", name } = broker.metadata;
  return broker.status?.annotations?.[RABBITMQ_STATUS.exchange] ?? rabbitmqBrokerExchange({ namespace, name });
}
function secretOf2(spec, namespace) {
  const reference = spec.rabbitmqClusterReference;
  const within = reference?.namespace === "" ? namespace : reference?.namespace ?? namespace;
  const connection = reference?.connectionSecret?.name ?? "";
  if (connection !== "") return { namespace: within, name: connection };
  const cluster = reference?.name ?? "";
  return cluster === "" ? void 0 : { namespace: within, name: cluster + OPERATOR_SECRET };
}
function authorityOf({ caSecretName }, { namespace }, sources) {
  if (caSecretName === void 0) return void 0;
  const key = { namespace, name: caSecretName };
  const secret = sources.secret(namespace, caSecretName);
  if (secret === void 0) return secretProblem(`${shown2("Secret", key)} was not found`);
  const text2 = Buffer.from(secret.data?.["ca.crt"] ?? "", "base64").toString("utf8");
  if (text2.trim() === "") return secretProblem(`${shown2("Secret", key)}: data[ca.crt] is missing`);
  return { value: text2 };
}

// packages/broker/src/model/broker-backing.ts
function brokerBacking(broker, sources) {
  switch (brokerFamily(broker)) {
    case "kafka": {
      const topic = brokerTopic(broker, sources);
      return "problem" in topic ? topic : kafkaBacking(topic.value, sources);
    }
    case "rabbitmq": {
      const exchange = brokerExchange(broker, sources);
      return "problem" in exchange ? exchange : rabbitmqBacking(exchange.value, sources);
    }
    default:
      return configProblem("the class of the broker has no storage of its own");
  }
}
function brokerReferences(broker, sources) {
  switch (brokerFamily(broker)) {
    case "kafka":
      return kafkaReferences(broker, sources);
    case "rabbitmq":
      return rabbitmqReferences(broker, sources);
    default:
      return [];
  }
}
function sinkBacking(sink, sources) {
  return kafkaBacking(sinkTopic(sink), sources);
}
function sinkReferences(sink) {
  const { authSecret } = sinkTopic(sink);
  return authSecret === void 0 ? [] : [secretReference(authSecret)];
}

// packages/broker/src/reconcile/dead-letter-sink.ts
async function resolveDeadLetterSink(resolver, request2, status, marks) {
  delete status.deadLetterSinkUri;
  delete status.deadLetterSinkCACerts;
  const { condition: condition2 = "DeadLetterSinkResolved" } = request2;
  if (request2.sink === void 0) {
    const { deadLetterSinkUri, deadLetterSinkCACerts } = request2.inherited;
    if (deadLetterSinkUri === void 0) {
      marks.true(condition2, "DeadLetterSinkNotConfigured", "No dead letter sink is configured.");
      return true;
    }
    status.deadLetterSinkUri = deadLetterSinkUri;
    if (deadLetterSinkCACerts !== void 0) status.deadLetterSinkCACerts = deadLetterSinkCACerts;
    marks.true(condition2);
    return true;
  }
  try {
    const { namespace, observer, signal } = request2;
    const address = await resolver.resolve(request2.sink, { namespace, observer, signal });
    status.deadLetterSinkUri = address.url;
    if (address.caCerts !== void 0) status.deadLetterSinkCACerts = address.caCerts;
    marks.true(condition2);
    return true;
  } catch (error) {
    if (!(error instanceof AddressError)) throw error;
    marks.false(condition2, "Unable to get the dead letter sink's URI", error.message);
    return false;
  }
}

// packages/broker/src/reconcile/broker-address.ts
function resolveBrokerSink(resolver, broker, {
  status,
  marks,
  context,
  condition: condition2
}) {
  const { namespace = "", name } = broker.metadata;
  return resolveDeadLetterSink(
    resolver,
    {
      sink: broker.spec.delivery?.deadLetterSink,
      inherited: {},
      namespace,
      observer: observerOf(BROKER, { namespace, name }),
      signal: context.signal,
      ...condition2 === void 0 ? {} : { condition: condition2 }
    },
    status,
    marks
  );
}
function setBrokerAddress(broker, {
  status,
  marks,
  hasSink,
  brokerUrl
}) {
  const { namespace = "", name } = broker.metadata;
  if (hasSink) {
    status.address = { name: "http", url: brokerUrl(namespace, name) };
    marks.true("Addressable");
  } else if (status.address === void 0) {
    marks.false("Addressable", "nil URL", "the dead letter sink is not resolved");
  }
}

// packages/broker/src/reconcile/broker-channel.ts
import { isDeepStrictEqual } from "node:util";
var HANDED_ON = "messaging.knative.dev";
function desiredChannel(broker, template) {
  const { name, namespace = "", uid = "", annotations = {} } = broker.metadata;
  const handedOn = Object.entries(annotations).filter(([key]) => key.startsWith(HANDED_ON));
  return {
    apiVersion: template.apiVersion,
    kind: template.kind,
    metadata: {
      name: triggerChannelName(name),
      namespace,
      labels: {
        "eventing.knative.dev/broker": name,
        "eventing.knative.dev/brokerEverything": "true"
      },
      annotations: { "eventing.knative.dev/scope": "cluster", ...Object.fromEntries(handedOn) },
      ownerReferences: [
        {
          apiVersion: broker.apiVersion,
          kind: broker.kind,
          name,
          uid,
          controller: true,
          blockOwnerDeletion: true
        }
      ]
    },
    spec: {
      ...template.spec,
      ...broker.spec.delivery === void 0 ? {} : { delivery: broker.spec.delivery }
    }
  };
}
function isUpToDate(existing, desired) {
  const wanted = desired.metadata;
  return isDeepStrictEqual(
    existing.spec?.delivery,
    desired.spec.delivery
  ) && includes(existing.metadata.labels, wanted.labels) && includes(existing.metadata.annotations, wanted.annotations);
}
function mergePatch(existing, desired) {
  const had = existing.spec?.delivery;
  const wants = desired.spec.delivery;
  return {
    metadata: {
      resourceVersion: existing.metadata.resourceVersion,
      labels: desired.metadata.labels,
      annotations: desired.metadata.annotations
    },
    spec: { delivery: wants === void 0 ? null : withRemovals(had, wants) }
  };
}
function withRemovals(had, wants) {
  if (!isRecord2(had) || !isRecord2(wants)) return wants;
  const removed = Object.keys(had).filter((key) => !(key in wants));
  return {
    ...Object.fromEntries(removed.map((key) => [key, null])),
    ...Object.fromEntries(
      Object.entries(wants).map(([key, value]) => [key, withRemovals(had[key], value)])
    )
  };
}
function isRecord2(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
function includes(actual, wanted) {
  return Object.entries(wanted ?? {}).every(([key, value]) => actual?.[key] === value);
}

// packages/broker/src/reconcile/channel-template.ts
var CONFIG_MAP = { apiVersion: "v1", kind: "ConfigMap" };
async function readChannelTemplate(store, broker, options) {
  const { config } = broker.spec;
  if (config === void 0) {
    return { problem: "spec.config is missing, and config-br-defaults names no default" };
  }
  if (config.kind !== "ConfigMap") {
    return { problem: `spec.config must reference a v1 ConfigMap, not a ${config.kind}` };
  }
  const namespace = config.namespace ?? broker.metadata.namespace ?? "";
  const shown4 = `ConfigMap "${namespace}/${config.name}" of spec.config`;
  let map;
  try {
    map = await store.get(CONFIG_MAP, { namespace, name: config.name }, options);
  } catch (error) {
    if (!isNotFound(error)) throw error;
    return { problem: `${shown4} was not found` };
  }
  const { value, errors } = decodeBrokerChannel(map);
  return value === void 0 ? { problem: `${shown4}: ${errors.toString()}` } : { template: value };
}

// packages/broker/src/reconcile/broker-reconciler.ts
var BrokerReconciler = class {
  kind = BROKER;
  conditions = MT_BROKER_CONDITIONS;
  #options;
  constructor(options) {
    this.#options = options;
  }
  accepts(broker) {
    return broker.metadata.annotations?.[BROKER_CLASS] === MT_BROKER_CLASS;
  }
  async reconcile(broker, context) {
    const status = broker.status ??= {};
    const marks = new Marks(MT_BROKER_CONDITIONS, status, context.now());
    marks.true("IngressReady");
    marks.true("FilterReady");
    marks.true(
      "EventPoliciesReady",
      "OIDCDisabled",
      "no policies apply: authentication is disabled"
    );
    const hasChannel = await this.#reconcileChannel(broker, status, marks, context);
    const { resolver, brokerUrl } = this.#options;
    const hasSink = await resolveBrokerSink(resolver, broker, { status, marks, context });
    if (hasChannel) setBrokerAddress(broker, { status, marks, hasSink, brokerUrl });
  }
  async #reconcileChannel(broker, status, marks, context) {
    const { channelKinds } = this.#options;
    this.#trackConfig(broker);
    const result = await readChannelTemplate(this.#options.store, broker, {
      signal: context.signal
    });
    if ("problem" in result) {
      marks.false("TriggerChannelReady", "ChannelTemplateFailed", result.problem);
      return false;
    }
    const { template } = result;
    if (!channelKinds.includes(template.kind) || this.#isUnknown(template)) {
      marks.false(
        "TriggerChannelReady",
        "ChannelTemplateFailed",
        `channel kind ${template.kind} (${template.apiVersion}) is not available here: use ${channelKinds.join(" or ")}`
      );
      return false;
    }
    const channel = await this.#ensureChannel(broker, template, marks, context);
    return channel !== void 0 && this.#useChannel(channel, status, marks);
  }
  #isUnknown(template) {
    return this.#options.registry.get(template.apiVersion, template.kind) === void 0;
  }
  /** A changed ConfigMap or channel brings this broker back. */
  #trackConfig(broker) {
    const { namespace = "", name } = broker.metadata;
    const { config } = broker.spec;
    if (config?.apiVersion === void 0) return;
    if (this.#options.registry.get(config.apiVersion, config.kind) === void 0) return;
    this.#options.tracker.track(
      {
        apiVersion: config.apiVersion,
        kind: config.kind,
        namespace: config.namespace ?? namespace,
        name: config.name
      },
      observerOf(BROKER, { namespace, name })
    );
  }
  async #ensureChannel(broker, template, marks, context) {
    const { store, tracker } = this.#options;
    const { namespace = "", name, uid } = broker.metadata;
    const desired = desiredChannel(broker, template);
    const key = { namespace, name: triggerChannelName(name) };
    tracker.track(
      { ...key, apiVersion: template.apiVersion, kind: template.kind },
      observerOf(BROKER, { namespace, name })
    );
    const options = { signal: context.signal, fieldManager: "controller" };
    let existing;
    try {
      existing = await store.get(template, key, options);
    } catch (error) {
      if (!isNotFound(error)) throw error;
      return store.create(desired, options);
    }
    if (!existing.metadata.ownerReferences?.some((owner) => owner.uid === uid)) {
      marks.false(
        "TriggerChannelReady",
        "ChannelFailure",
        `${template.kind} "${namespace}/${key.name}" exists and is not owned by this broker: rename or delete it`
      );
      return void 0;
    }
    if (isUpToDate(existing, desired)) return existing;
    return store.patch(
      template,
      key,
      { type: "merge", body: mergePatch(existing, desired) },
      options
    );
  }
  /** The broker needs the channel's address; whether the channel is Ready is not consulted (contract §2.1). */
  #useChannel(channel, status, marks) {
    const url = channel.status?.address?.url;
    if (url === void 0) {
      marks.false("TriggerChannelReady", "NoAddress", "the channel has no address yet");
      return false;
    }
    status.annotations = {
      ...status.annotations,
      [BROKER_CHANNEL_STATUS.address]: url,
      [BROKER_CHANNEL_STATUS.apiVersion]: channel.apiVersion,
      [BROKER_CHANNEL_STATUS.kind]: channel.kind,
      [BROKER_CHANNEL_STATUS.name]: channel.metadata.name
    };
    marks.true("TriggerChannelReady");
    return true;
  }
};

// packages/broker/src/reconcile/broker-subscriptions.ts
var BrokerSubscriptions = class {
  #options;
  constructor(options) {
    this.#options = options;
  }
  /**
   * What the back-end calls the trigger's subscription. The name that its status says holds for ever, so that a
   * changed template leaves no backlog behind. Undefined where the channel makes the names, or where the template
   * wants a label that the trigger has not.
   */
  storageName(family, trigger) {
    const kept = storageNameOf(family, trigger);
    if (kept !== void 0) return kept;
    const { namespace = "", name } = trigger.metadata;
    if (family === "kafka") return this.#options.kafkaFeatures().triggerGroup(trigger.metadata);
    return family === "rabbitmq" ? rabbitmqTriggerQueue({ namespace, name }) : void 0;
  }
  /** The subscription as the back-end is to know it. */
  of(family, broker, trigger) {
    const storageName = this.storageName(family, trigger);
    const { startAt } = flowSettings(trigger.metadata.annotations, broker.metadata.annotations);
    return {
      id: triggerKey(trigger),
      ...storageName === void 0 ? {} : { storageName },
      ...startAt === void 0 ? {} : { from: startAt }
    };
  }
  /** Removes the subscriptions of all triggers of the broker, one after the other. */
  async removeAll(broker, administration, { signal }) {
    const family = brokerFamily(broker) ?? "channel";
    for (const trigger of this.#options.triggers.list()) {
      if (!isOf(trigger, broker)) continue;
      await administration.removeSubscription(this.of(family, broker, trigger), { signal });
    }
  }
};
function isOf(trigger, broker) {
  return brokerNameOf(trigger) === broker.metadata.name && brokerNamespaceOf(trigger) === (broker.metadata.namespace ?? "");
}

// packages/broker/src/reconcile/dependency.ts
function trackKnown({
  registry,
  tracker
}, reference, observer) {
  if (registry.get(reference.apiVersion, reference.kind) === void 0) return;
  tracker.track(reference, observer);
}
function dependencyVerdict({ kind, namespace, name }, object) {
  if (object === void 0) {
    return notReady(
      "False",
      "DependencyDoesNotExist",
      `${kind} "${namespace}/${name}" does not exist`
    );
  }
  const status = object.status;
  if (status?.observedGeneration !== object.metadata.generation) {
    return notReady(
      "Unknown",
      "GenerationNotEqual",
      `${kind} "${namespace}/${name}" has not been looked at since its last change`
    );
  }
  const ready = findCondition(status, "Ready") ?? findCondition(status, "Succeeded");
  if (ready === void 0) {
    return notReady(
      "Unknown",
      "DependencyNotConfigured",
      `${kind} "${namespace}/${name}" says nothing of being ready`
    );
  }
  if (ready.status === "True") return { isReady: true };
  return notReady(ready.status, ready.reason ?? "DependencyNotReady", ready.message ?? "");
}
function notReady(status, reason, message) {
  return { isReady: false, status, reason, message };
}

// packages/broker/src/reconcile/event-type-reconciler.ts
var EventTypeReconciler = class {
  kind;
  conditions = EVENT_TYPE_CONDITIONS;
  #options;
  constructor(options) {
    this.kind = { apiVersion: options.apiVersion, kind: "EventType" };
    this.#options = options;
  }
  async reconcile(eventType, context) {
    const status = eventType.status ??= {};
    const marks = new Marks(EVENT_TYPE_CONDITIONS, status, context.now());
    const { reference } = toEventType(eventType).spec;
    if (reference?.apiVersion === void 0) {
      marks.true("ReferenceExists", "ReferenceNotSet", "reference is not set");
      return;
    }
    const { namespace = "", name } = eventType.metadata;
    const target = {
      apiVersion: reference.apiVersion,
      kind: reference.kind,
      namespace: reference.namespace ?? namespace,
      name: reference.name
    };
    trackKnown(this.#options, target, observerOf(this.kind, { namespace, name }));
    if (await this.#options.lookUp(target) !== void 0) marks.true("ReferenceExists");
    else {
      const shown4 = `${target.kind} "${target.namespace}/${target.name}"`;
      marks.false("ReferenceExists", "ResourceDoesNotExist", `${shown4} does not exist`);
    }
  }
};

// packages/broker/src/reconcile/topology.ts
var RETRY_MS = 1e3;
var RETRY_MS_MAX = 3e4;
var REMOVAL_RETRIES = 5;
var REMOVAL_RETRY_MS = 5e3;
var REASONS2 = {
  AFFLUX_CHANNEL_UNAVAILABLE: "BackEndUnavailable",
  AFFLUX_CHANNEL_BACKEND_REFUSED: "BackEndRefused",
  AFFLUX_CHANNEL_TOPOLOGY_INVALID: "TopologyInvalid",
  AFFLUX_CHANNEL_CONFIG_INVALID: "ConfigInvalid",
  AFFLUX_CHANNEL_UNSUPPORTED: "Unsupported"
};
var Topology = class {
  #failures = /* @__PURE__ */ new Map();
  /** One try. Rejects with what is no failure of a back-end: a defect, or the end of the run. */
  async make(key, work) {
    try {
      const value = await work();
      this.#failures.delete(key);
      return { value };
    } catch (error) {
      const reason = reasonOf(error);
      if (reason === void 0 || !(error instanceof Error)) throw error;
      return { failure: this.fail(key, reason, error.message) };
    }
  }
  /** A failure that did not come from a `Provision`, counted like one. */
  fail(key, reason, message) {
    const retry2 = this.#count(key);
    const policy = { policy: "exponential", delayMs: RETRY_MS, delayMsMax: RETRY_MS_MAX };
    return { reason, message, retryInMs: backoffMs(retry2, policy) };
  }
  /** Resolves when it is gone or given up; rejects with `RequeueAfter` when it is to be tried again. */
  async remove({ key, what, run, logger }) {
    let err;
    try {
      if (run !== void 0) {
        await run();
        this.#failures.delete(key);
        return;
      }
    } catch (error) {
      if (reasonOf(error) === void 0) throw error;
      err = error;
    }
    if (this.#count(key) <= REMOVAL_RETRIES) throw new RequeueAfter(REMOVAL_RETRY_MS);
    this.#failures.delete(key);
    logger.error({ err, what }, "left behind in the back-end: it cannot be removed");
  }
  /** The object is gone. */
  forget(key) {
    this.#failures.delete(key);
  }
  #count(key) {
    const failures = (this.#failures.get(key) ?? 0) + 1;
    this.#failures.set(key, failures);
    return failures;
  }
};
function reasonOf(error) {
  if (!(error instanceof ChannelError)) return void 0;
  return (Object.hasOwn(REASONS2, error.code) ? REASONS2[error.code] : void 0) ?? "BackEndFailed";
}

// packages/broker/src/reconcile/own-channel.ts
var OwnChannel = class {
  #options;
  #topology = new Topology();
  constructor(options) {
    this.#options = options;
  }
  /** A changed ConfigMap, Secret or configuration object brings the broker back. */
  track(broker) {
    const { sources, tracker } = this.#options;
    const { namespace = "", name } = broker.metadata;
    for (const reference of brokerReferences(broker, sources)) {
      tracker.track(reference, observerOf(BROKER, { namespace, name }));
    }
  }
  /** Makes what the broker stands on. */
  async make(broker, { signal }) {
    const key = keyOf5(broker.metadata);
    const administration = this.#options.provision(ownChannelRef(broker));
    if (administration !== void 0) {
      return this.#topology.make(key, () => administration.ensure({ signal }));
    }
    const message = "there is no driver for this class of Broker in this process";
    return { failure: this.#topology.fail(key, "DriverMissing", message) };
  }
  /** Removes the subscriptions of all triggers, then what the broker stood on. See `Topology.remove`. */
  async remove(broker, what, context) {
    const { provision, subscriptions } = this.#options;
    const { signal, logger } = context;
    const administration = provision(ownChannelRef(broker));
    await this.#topology.remove({
      key: keyOf5(broker.metadata),
      what,
      logger,
      run: administration && (async () => {
        await subscriptions.removeAll(broker, administration, { signal });
        await administration.remove({ signal });
      })
    });
  }
  /** The object is gone. */
  forget(key) {
    this.#topology.forget(keyOf5(key));
  }
};
function keyOf5({ namespace = "", name }) {
  return `${namespace}/${name}`;
}

// packages/broker/src/reconcile/kafka-broker-reconciler.ts
var KafkaBrokerReconciler = class {
  kind = BROKER;
  conditions = KAFKA_BROKER_CONDITIONS;
  /** Knative's name of it. */
  finalizer = "brokers.eventing.knative.dev";
  #options;
  #channel;
  constructor(options) {
    this.#options = options;
    this.#channel = new OwnChannel(options);
  }
  accepts(broker) {
    return brokerFamily(broker) === "kafka";
  }
  async reconcile(broker, context) {
    const status = broker.status ??= {};
    const marks = new Marks(KAFKA_BROKER_CONDITIONS, status, context.now());
    marks.true("DataPlaneAvailable");
    marks.eventPoliciesNotInUse();
    this.#channel.track(broker);
    const topic = this.#readConfig(broker, marks);
    const hasSink = await resolveBrokerSink(this.#options.resolver, broker, {
      status,
      marks,
      context
    });
    if (topic === void 0) return;
    const made = await this.#channel.make(broker, context);
    if ("failure" in made) {
      const { reason, message, retryInMs } = made.failure;
      const isWrong = topic.isExternal && reason === "TopologyInvalid";
      marks.false("TopicReady", isWrong ? "Topic is not present or invalid" : reason, message);
      throw new RequeueAfter(retryInMs);
    }
    marks.true("TopicReady");
    marks.true("ProbeSucceeded");
    status.annotations = withTopic(status, topic);
    const { brokerUrl } = this.#options;
    setBrokerAddress(broker, { status, marks, hasSink, brokerUrl });
  }
  async finalize(broker, context) {
    const topic = broker.status?.annotations?.[KAFKA_STATUS.topic];
    if (topic !== void 0) await this.#channel.remove(broker, `topic ${topic}`, context);
  }
  observeDeletion(key) {
    this.#channel.forget(key);
  }
  /** Marks ConfigParsed. What is wrong here cannot be tried away; what was read is watched. */
  #readConfig(broker, marks) {
    const { sources } = this.#options;
    const topic = brokerTopic(broker, sources);
    if ("problem" in topic) {
      refuse(topic, marks);
      return void 0;
    }
    const backing = kafkaBacking(topic.value, sources);
    if ("problem" in backing) {
      refuse(backing, marks);
      return void 0;
    }
    marks.true("ConfigParsed");
    marks.true("ConfigMapUpdated");
    return topic.value;
  }
};
function refuse({ about, problem }, marks) {
  marks.false("ConfigParsed", about === "secret" ? "SecretInvalid" : "ConfigInvalid", problem);
}
function withTopic(status, topic) {
  const ours = new Set(Object.values(KAFKA_STATUS));
  const others = Object.entries(status.annotations ?? {}).filter(([key]) => !ours.has(key));
  return { ...Object.fromEntries(others), ...topicAnnotations(topic) };
}

// packages/broker/src/reconcile/kafka-sink-reconciler.ts
var OWNER = "kafka-sink-controller";
var KafkaSinkReconciler = class {
  kind = KAFKA_SINK;
  conditions = KAFKA_SINK_CONDITIONS;
  /** Knative's name of it. */
  finalizer = "kafkasinks.eventing.knative.dev";
  #options;
  #topology = new Topology();
  constructor(options) {
    this.#options = options;
  }
  needsFinalizer(sink) {
    return !sinkTopic(sink).isExternal;
  }
  async reconcile(sink, context) {
    const status = sink.status ??= {};
    const marks = new Marks(KAFKA_SINK_CONDITIONS, status, context.now());
    const { namespace = "", name } = sink.metadata;
    marks.true("DataPlaneAvailable");
    marks.eventPoliciesNotInUse();
    const topic = sinkTopic(sink);
    for (const reference of sinkReferences(sink)) {
      this.#options.tracker.track(reference, observerOf(KAFKA_SINK, { namespace, name }));
    }
    const backing = sinkBacking(sink, this.#options.sources);
    if ("problem" in backing) {
      marks.false("ConfigParsed", "SecretInvalid", backing.problem);
      return;
    }
    marks.true("ConfigParsed");
    marks.true("ConfigMapUpdated");
    await this.#makeTopic(sink, marks, context);
    status.annotations = {
      ...status.annotations,
      [KAFKA_STATUS.topic]: topic.topic,
      ...topic.isExternal ? {} : { [KAFKA_STATUS.topicOwner]: OWNER }
    };
    marks.true("TopicReady");
    marks.true("ProbeSucceeded");
    status.address = { name: "http", url: this.#options.sinkUrl(namespace, name) };
    marks.true("Addressable");
  }
  async finalize(sink, { signal, logger }) {
    const topic = sinkTopic(sink);
    if (topic.isExternal || sink.status?.annotations?.[KAFKA_STATUS.topicOwner] === void 0)
      return;
    const administration = this.#options.provision(ownChannelRef(sink));
    await this.#topology.remove({
      key: keyOf6(sink.metadata),
      what: `topic ${topic.topic}`,
      logger,
      run: administration && (() => administration.remove({ signal }))
    });
  }
  observeDeletion(key) {
    this.#topology.forget(keyOf6(key));
  }
  /** Throws when it is to be tried again. */
  async #makeTopic(sink, marks, { signal }) {
    const key = keyOf6(sink.metadata);
    const administration = this.#options.provision(ownChannelRef(sink));
    const made = administration === void 0 ? {
      failure: this.#topology.fail(
        key,
        "DriverMissing",
        "there is no driver for Kafka in this process"
      )
    } : await this.#topology.make(key, () => administration.ensure({ signal }));
    if ("value" in made) return;
    const { reason, message, retryInMs } = made.failure;
    const isWrong = sinkTopic(sink).isExternal && reason === "TopologyInvalid";
    marks.false("TopicReady", isWrong ? "Topic is not present or invalid" : reason, message);
    throw new RequeueAfter(retryInMs);
  }
};
function keyOf6({ namespace = "", name }) {
  return `${namespace}/${name}`;
}

// packages/broker/src/reconcile/rabbitmq-broker-reconciler.ts
var RabbitmqBrokerReconciler = class {
  kind = BROKER;
  conditions = RABBITMQ_BROKER_CONDITIONS;
  /** Ours: Knative's controller leaves the cleaning up to owner references. */
  finalizer = "rabbitmqbrokers.eventing.afflux.dev";
  #options;
  #channel;
  constructor(options) {
    this.#options = options;
    this.#channel = new OwnChannel(options);
  }
  accepts(broker) {
    return brokerFamily(broker) === "rabbitmq";
  }
  async reconcile(broker, context) {
    const status = broker.status ??= {};
    const marks = new Marks(RABBITMQ_BROKER_CONDITIONS, status, context.now());
    marks.true("IngressReady");
    this.#channel.track(broker);
    const hasSink = await resolveBrokerSink(this.#options.resolver, broker, {
      status,
      marks,
      context,
      condition: "DeadLetterSinkReady"
    });
    const exchange = this.#readConfig(broker, marks);
    if (exchange === void 0) return;
    const made = await this.#channel.make(broker, context);
    if ("failure" in made) {
      const { reason, message, retryInMs } = made.failure;
      marks.false("ExchangeReady", reason, message);
      throw new RequeueAfter(retryInMs);
    }
    status.annotations = { ...status.annotations, [RABBITMQ_STATUS.exchange]: exchange.exchange };
    marks.true("ExchangeReady");
    marks.true("DLXReady", "DeadLetterExchangeNotUsed", "dead letters are kept with each queue");
    const { brokerUrl } = this.#options;
    setBrokerAddress(broker, { status, marks, hasSink, brokerUrl });
  }
  async finalize(broker, context) {
    const exchange = broker.status?.annotations?.[RABBITMQ_STATUS.exchange];
    if (exchange !== void 0) {
      await this.#channel.remove(broker, `exchange ${exchange}`, context);
    }
  }
  observeDeletion(key) {
    this.#channel.forget(key);
  }
  /** Marks SecretReady, and ExchangeReady where it is the configuration that is wrong. */
  #readConfig(broker, marks) {
    const { sources } = this.#options;
    const exchange = brokerExchange(broker, sources);
    if ("problem" in exchange) {
      marks.false("ExchangeReady", "ConfigInvalid", exchange.problem);
      return void 0;
    }
    const backing = rabbitmqBacking(exchange.value, sources);
    if ("problem" in backing) {
      marks.false("SecretReady", "SecretInvalid", backing.problem);
      return void 0;
    }
    marks.true("SecretReady");
    return exchange.value;
  }
};

// packages/broker/src/reconcile/trigger-reconciler.ts
var TriggerReconciler = class {
  kind = TRIGGER;
  conditions = TRIGGER_CONDITIONS;
  finalizer = "triggers.eventing.afflux.dev";
  #options;
  #topology = new Topology();
  /** Subscriptions known to be there, so that a change of a broker does not ask for those of all its triggers. */
  #made = /* @__PURE__ */ new Map();
  constructor(options) {
    this.#options = options;
  }
  /** A trigger of another class's broker belongs to another controller; one without a broker is ours to report. */
  accepts(trigger) {
    const { deletionTimestamp, finalizers } = trigger.metadata;
    if (deletionTimestamp !== void 0 && finalizers?.includes(this.finalizer) === true)
      return true;
    const broker = this.#brokerOf(trigger);
    return broker === void 0 || brokerFamily(broker) !== void 0;
  }
  needsFinalizer(trigger) {
    return this.#administrationOf(this.#brokerOf(trigger)) !== void 0;
  }
  async reconcile(trigger, context) {
    const status = trigger.status ??= {};
    const marks = new Marks(TRIGGER_CONDITIONS, status, context.now());
    const { namespace = "", name } = trigger.metadata;
    const observer = observerOf(TRIGGER, { namespace, name });
    marks.true("OIDCIdentityCreated", "authentication-oidc feature disabled", "");
    this.#options.tracker.track(
      { ...BROKER, namespace: brokerNamespaceOf(trigger), name: brokerNameOf(trigger) },
      observer
    );
    const broker = this.#brokerOf(trigger);
    if (!markBroker(broker, brokerNameOf(trigger), marks)) {
      this.#made.delete(triggerKey(trigger));
      return;
    }
    const isDependencyReady = await this.#checkDependency(trigger, marks);
    const hasSubscriber = await this.#resolveSubscriber(trigger, status, marks, context);
    const hasSink = await resolveDeadLetterSink(
      this.#options.resolver,
      {
        sink: trigger.spec.delivery?.deadLetterSink,
        inherited: broker.status ?? {},
        namespace,
        observer,
        signal: context.signal
      },
      status,
      marks
    );
    if (isDependencyReady && hasSubscriber && hasSink) {
      await this.#subscribe(broker, trigger, marks, context);
    } else
      marks.unknown("SubscriptionReady", "NotResolved", "an address or a dependency is missing");
  }
  /** A broker that is gone took the subscriptions of its triggers with it. */
  async finalize(trigger, { signal, logger }) {
    this.#made.delete(triggerKey(trigger));
    const broker = this.#brokerOf(trigger);
    if (broker === void 0 || channelRefOf(broker) === void 0) return;
    const administration = this.#administrationOf(broker);
    const subscription = this.#subscriptionOf(broker, trigger);
    await this.#topology.remove({
      key: triggerKey(trigger),
      what: `subscription ${subscription.storageName ?? subscription.id}`,
      logger,
      run: administration && (() => administration.removeSubscription(subscription, { signal }))
    });
  }
  observeDeletion({ namespace = "", name }) {
    const key = `${namespace}/${name}`;
    this.#topology.forget(key);
    this.#made.delete(key);
  }
  /** Undefined where the broker's channel needs nothing but itself. */
  #administrationOf(broker) {
    const ref = broker === void 0 ? void 0 : channelRefOf(broker);
    return ref === void 0 ? void 0 : this.#options.provision(ref);
  }
  #subscriptionOf(broker, trigger) {
    return this.#options.subscriptions.of(brokerFamily(broker) ?? "channel", broker, trigger);
  }
  /** Marks SubscriptionReady once nothing that is published from then on misses the trigger. */
  async #subscribe(broker, trigger, marks, { signal }) {
    const administration = this.#administrationOf(broker);
    if (administration === void 0) {
      marks.true("SubscriptionReady");
      return;
    }
    const subscription = this.#subscriptionOf(broker, trigger);
    const statusKey = STORAGE_NAME_STATUS[brokerFamily(broker) ?? "channel"];
    if (statusKey !== void 0 && subscription.storageName === void 0) {
      const message = "triggers-consumergroup-template of config-kafka-features wants a label or annotation that the trigger has not";
      marks.false("SubscriptionReady", "NameImpossible", message);
      return;
    }
    const made = await this.#make(
      broker,
      trigger,
      () => administration.ensureSubscription(subscription, { signal })
    );
    if ("failure" in made) {
      const { reason, message, retryInMs } = made.failure;
      marks.false("SubscriptionReady", reason, message);
      if (statusKey !== void 0) marks.false("DependencyReady", reason, message);
      throw new RequeueAfter(retryInMs);
    }
    if (statusKey !== void 0 && subscription.storageName !== void 0) {
      const status = trigger.status ??= {};
      status.annotations = { ...status.annotations, [statusKey]: subscription.storageName };
    }
    marks.true("SubscriptionReady");
  }
  #brokerOf(trigger) {
    return this.#options.brokers.get(brokerNamespaceOf(trigger), brokerNameOf(trigger));
  }
  async #make(broker, trigger, run) {
    const key = triggerKey(trigger);
    const claim = JSON.stringify([channelRefOf(broker), broker.metadata.uid, trigger.metadata.uid]);
    if (this.#made.get(key) === claim) return { value: void 0 };
    this.#made.delete(key);
    const made = await this.#topology.make(key, run);
    if ("value" in made) this.#made.set(key, claim);
    return made;
  }
  async #checkDependency(trigger, marks) {
    const dependency = dependencyOf(trigger.metadata);
    if (dependency === void 0) {
      marks.true("DependencyReady");
      return true;
    }
    const { namespace = "", name } = trigger.metadata;
    const reference = {
      apiVersion: dependency.apiVersion ?? "",
      kind: dependency.kind ?? "",
      namespace,
      name: dependency.name ?? ""
    };
    trackKnown(this.#options, reference, observerOf(TRIGGER, { namespace, name }));
    const verdict = dependencyVerdict(reference, await this.#options.lookUp(reference));
    if (verdict.isReady) marks.true("DependencyReady");
    else if (verdict.status === "False") {
      marks.false("DependencyReady", verdict.reason, verdict.message);
    } else marks.unknown("DependencyReady", verdict.reason, verdict.message);
    return verdict.isReady;
  }
  async #resolveSubscriber(trigger, status, marks, context) {
    const { namespace = "", name } = trigger.metadata;
    const subscriber = trigger.spec.subscriber;
    try {
      const address = await this.#options.resolver.resolve(subscriber, {
        namespace,
        observer: observerOf(TRIGGER, { namespace, name }),
        signal: context.signal
      });
      status.subscriberUri = address.url;
      if (address.caCerts === void 0) delete status.subscriberCACerts;
      else status.subscriberCACerts = address.caCerts;
      marks.true("SubscriberResolved");
      return true;
    } catch (error) {
      if (!(error instanceof AddressError)) throw error;
      delete status.subscriberUri;
      delete status.subscriberCACerts;
      marks.false("SubscriberResolved", "Unable to get the Subscriber's URI", error.message);
      return false;
    }
  }
};
function markBroker(broker, name, marks) {
  if (broker === void 0) {
    marks.false("BrokerReady", "BrokerDoesNotExist", `Broker "${name}" does not exist`);
    return false;
  }
  const ready = MT_BROKER_CONDITIONS.happyCondition(broker.status);
  const { reason = "", message = "" } = ready ?? {};
  if (ready?.status === "True") {
    if (channelRefOf(broker) === void 0) {
      marks.false(
        "BrokerReady",
        "MissingBrokerChannel",
        "the broker does not say which channel it uses"
      );
      return false;
    }
    marks.true("BrokerReady");
    return true;
  }
  if (ready?.status === "False") marks.false("BrokerReady", reason, message);
  else marks.unknown("BrokerReady", reason === "" ? "BrokerNotReconciled" : reason, message);
  return false;
}

// packages/server/src/address-book.ts
function addressBook(config, address) {
  let known;
  const eventsUrl = () => {
    if (known !== void 0) return known;
    const { port: port2 } = address();
    const url = baseUrl(config.host, port2);
    if (port2 !== 0) known = url;
    return url;
  };
  let origins = [];
  const ownOrigins = () => {
    const url = eventsUrl();
    if (origins[0] !== url) origins = [url, ...aliasesOf(url)];
    return origins;
  };
  return {
    eventsUrl,
    ownOrigins,
    brokerUrl: (namespace, name) => `${eventsUrl()}/${namespace}/${name}`,
    channelUrl: (namespace, name) => `${eventsUrl()}/${namespace}/channels/${name}`,
    sinkUrl: (namespace, name) => `${eventsUrl()}${sinkPath(namespace, name)}`
  };
}
function aliasesOf(url) {
  const port2 = url.slice(url.lastIndexOf(":"));
  const isLocal = url.startsWith("http://localhost:");
  return isLocal ? [`http://127.0.0.1${port2}`, `http://[::1]${port2}`] : [];
}
function baseUrl(host, port2) {
  const isLocal = ["127.0.0.1", "0.0.0.0", "::", "::1", "localhost", ""].includes(host);
  const name = isLocal ? "localhost" : host.includes(":") ? `[${host}]` : host;
  return `http://${name}:${String(port2)}`;
}

// packages/ingress/src/config.ts
var KIB = 1024;
var MIB = 1024 * KIB;
var ingressConfigSchema = external_exports.strictObject({
  host: external_exports.string().default("127.0.0.1").describe("Address to listen on; loopback by default."),
  port: external_exports.int().min(0).max(65535).default(8080).describe("0 takes any free port."),
  bodyBytesMax: external_exports.int().min(KIB).default(4 * MIB).describe("Largest body of one request; beyond it 413."),
  bodiesBytesMax: external_exports.int().min(KIB).default(256 * MIB).describe("Bytes of all bodies being received together; beyond it 503."),
  headerBytesMax: external_exports.int().min(8 * KIB).default(96 * KIB).describe("All headers of a request; attributes may take 64 KiB of it. Beyond it 431."),
  headersTimeoutMs: external_exports.int().min(100).default(1e4).describe("Until all headers are there; 408."),
  requestTimeoutMs: external_exports.int().min(100).default(3e4).describe("Until the body is there; 408."),
  keepAliveTimeoutMs: external_exports.int().min(0).default(75e3).describe("Idle time of a kept connection."),
  connectionsMax: external_exports.int().min(1).default(2e4).describe("Further connections are dropped."),
  namespaceShare: external_exports.number().gt(0).max(1).default(0.5).describe("Part of bodiesBytesMax that one namespace can hold."),
  allowedHosts: external_exports.array(external_exports.string()).default([]).describe("Host names to answer to beside loopback and cluster names; `*` answers to all."),
  allowedOrigins: external_exports.array(external_exports.string()).default([]).describe("Browser origins that may post events, such as https://console.example.com.")
});

// packages/ingress/src/errors.ts
var IngressError = class extends AffluxError {
};

// packages/ingress/src/event-listener.ts
import { createServer } from "node:http";

// packages/ingress/src/problem.ts
var TITLES = {
  400: "Bad Request",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  413: "Content Too Large",
  415: "Unsupported Media Type",
  429: "Too Many Requests",
  431: "Request Header Fields Too Large",
  500: "Internal Server Error",
  503: "Service Unavailable"
};
var RETRY_AFTER_SECONDS_DEFAULT = 1;
function problemOf(error) {
  if (!isAffluxError(error)) {
    return {
      status: 500,
      code: "AFFLUX_INTERNAL",
      detail: "the event could not be taken because of an internal error",
      retryAfterSeconds: void 0,
      problems: void 0
    };
  }
  const { status, retryAfterMs: retryAfterMs3, problems } = error.details;
  const waits = typeof retryAfterMs3 === "number";
  const mapped = typeof status === "number" ? status : error.code.endsWith("_TOO_LARGE") ? 413 : waits ? 429 : error.retryable ? 503 : error.fault === "user" ? 400 : 500;
  const retryAfterSeconds = waits ? Math.max(1, Math.ceil(retryAfterMs3 / 1e3)) : mapped === 429 || mapped === 503 ? RETRY_AFTER_SECONDS_DEFAULT : void 0;
  return { status: mapped, code: error.code, detail: error.message, retryAfterSeconds, problems };
}
function isAffluxError(error) {
  return error instanceof AffluxError;
}
function problemBody(problem) {
  return JSON.stringify({
    type: "about:blank",
    title: TITLES[problem.status] ?? "Error",
    status: problem.status,
    code: problem.code,
    detail: problem.detail,
    ...problem.problems === void 0 ? {} : { problems: problem.problems }
  });
}
function problemHeaders(problem, body) {
  const headers = [
    "allow",
    "POST, OPTIONS",
    "content-type",
    "application/problem+json",
    "x-content-type-options",
    "nosniff",
    "content-length",
    String(Buffer.byteLength(body))
  ];
  if (problem.retryAfterSeconds !== void 0) {
    headers.push("retry-after", String(problem.retryAfterSeconds));
  }
  return headers;
}

// packages/ingress/src/answer.ts
var LINGER_MS = 1e3;
var REST_BYTES_MAX = 64 * 1024;
function answerProblem(request2, response, problem, options) {
  const body = problemBody(problem);
  const headers = problemHeaders(problem, body);
  const cuts = hasLongRest(request2);
  if (cuts || options.isLast) headers.push("connection", "close");
  response.writeHead(problem.status, headers);
  if (request2.method === "HEAD") response.end();
  else if (cuts) answerAndCut(request2, response, body, options.clock);
  else response.end(body);
}
function hasLongRest(request2) {
  if (request2.complete) return false;
  const { "content-length": length, "transfer-encoding": encoding } = request2.headers;
  return length === void 0 ? encoding !== void 0 : Number(length) > REST_BYTES_MAX;
}
function answerAndCut(request2, response, body, clock) {
  const { socket } = request2;
  request2.pause();
  response.write(body);
  const cut = clock.setTimer(LINGER_MS, () => {
    socket.destroy();
  });
  socket.once("close", () => {
    cut.cancel();
  });
}

// packages/ingress/src/body-budget.ts
var BodyBudget = class {
  bytesMax;
  namespaceBytesMax;
  #bytes = 0;
  /** Bytes held by namespace. Namespaces stay: there are as many as ever had a route, a number each. */
  #byNamespace = /* @__PURE__ */ new Map();
  constructor(bytesMax, namespaceShare) {
    this.bytesMax = bytesMax;
    this.namespaceBytesMax = Math.max(1, Math.floor(bytesMax * namespaceShare));
  }
  get bytes() {
    return this.#bytes;
  }
  /** Takes bytes for a namespace; false, and nothing is taken, when there is no room. */
  reserve(namespace, bytes2) {
    const held = this.#heldBy(namespace);
    if (this.#bytes + bytes2 > this.bytesMax || held.bytes + bytes2 > this.namespaceBytesMax) {
      return false;
    }
    this.#bytes += bytes2;
    held.bytes += bytes2;
    return true;
  }
  release(namespace, bytes2) {
    this.#bytes -= bytes2;
    this.#heldBy(namespace).bytes -= bytes2;
  }
  #heldBy(namespace) {
    let held = this.#byNamespace.get(namespace);
    if (held === void 0) {
      held = { bytes: 0 };
      this.#byNamespace.set(namespace, held);
    }
    return held;
  }
};

// packages/ingress/src/handshake.ts
var NAME_BYTES_MAX = 255;
function answerOptions(request2, response) {
  const headers = ["allow", "POST, OPTIONS", "content-length", "0"];
  const origin = request2.headers["webhook-request-origin"];
  if (typeof origin === "string" && origin !== "*" && isHostName(origin)) {
    headers.push("webhook-allowed-origin", origin);
    const rate2 = request2.headers["webhook-request-rate"];
    const asked = typeof rate2 === "string" && /^[1-9]\d{0,8}$/.test(rate2) ? rate2 : "*";
    headers.push("webhook-allowed-rate", asked);
  }
  response.writeHead(200, headers);
  response.end();
}
function isHostName(origin) {
  return origin.length <= NAME_BYTES_MAX && /^[a-z0-9_.:/*-]+$/i.test(origin);
}

// packages/ingress/src/host-guard.ts
var LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\]|\[::ffff:127(\.\d{1,3}){3}\])$/;
var CACHE_MAX = 1e3;
function hostName(host) {
  return host.toLowerCase().replace(/:\d+$/, "").replace(/\.$/, "");
}
var HostGuard = class {
  #names;
  #origins;
  #answersToAll;
  #known = /* @__PURE__ */ new Map();
  /** A listener that was opened to the network by `host` answers to every name: its names are not known here. */
  constructor(config) {
    this.#names = /* @__PURE__ */ new Set([config.host.toLowerCase(), ...config.allowedHosts.map(hostName)]);
    this.#origins = new Set(config.allowedOrigins.map((origin) => origin.toLowerCase()));
    this.#answersToAll = this.#names.has("*") || config.host === "0.0.0.0" || config.host === "::" || config.host === "";
  }
  /** Whether a `Host` header names this listener. Names of cluster services are for the route table to judge. */
  allowsHost(host) {
    if (this.#answersToAll) return true;
    if (host === void 0) return false;
    let known = this.#known.get(host);
    if (known === void 0) {
      const name = hostName(host);
      known = LOOPBACK.test(name) || name.endsWith(".localhost") || this.#names.has(name);
      if (this.#known.size >= CACHE_MAX) this.#known.clear();
      this.#known.set(host, known);
    }
    return known;
  }
  /** Whether a browser's `Origin` may post here: only what is listed, or a page served from this very address. */
  allowsOrigin(origin, host) {
    const lower = origin.toLowerCase();
    return this.#origins.has(lower) || this.#origins.has("*") || host !== void 0 && (lower === `http://${host}` || lower === `https://${host}`);
  }
};

// packages/ingress/src/reception.ts
var ACCEPTED_HEADERS = ["allow", "POST, OPTIONS", "content-length", "0"];
var ACCEPTED_LAST_HEADERS = [...ACCEPTED_HEADERS, "connection", "close"];
var Reception = class {
  route;
  startedMs;
  #host;
  #request;
  #response;
  #head;
  #first;
  #more;
  #bytes = 0;
  #reserved = 0;
  #isOver = false;
  #span;
  constructor(host, request2, response, route, head) {
    this.#host = host;
    this.#request = request2;
    this.#response = response;
    this.#head = head;
    this.route = route;
    this.startedMs = host.clock.monotonicMs();
  }
  /** Refuses by headers alone, or begins to read. */
  begin() {
    const { contentLength, contentEncoding } = this.#head;
    if (contentLength !== void 0 && contentLength > this.#host.bodyBytesMax) {
      this.#refuse(this.#tooLarge());
      return;
    }
    if (contentEncoding !== void 0 && contentEncoding.toLowerCase() !== "identity") {
      this.#refuse(
        new IngressError(
          `content-encoding ${JSON.stringify(contentEncoding.slice(0, 40))} is not accepted: send the body as it is`,
          { code: "AFFLUX_INGRESS_ENCODING", fault: "user", details: { status: 415 } }
        )
      );
      return;
    }
    if (!this.#reserve(contentLength ?? 0)) return;
    this.#request.on("data", this.#onData);
    this.#request.on("end", this.#onEnd);
    this.#request.on("close", this.#onClose);
  }
  #onData = (chunk) => {
    if (this.#isOver) return;
    this.#bytes += chunk.length;
    if (this.#bytes > this.#host.bodyBytesMax) {
      this.#refuse(this.#tooLarge());
      return;
    }
    if (this.#bytes > this.#reserved && !this.#reserve(this.#bytes - this.#reserved)) return;
    if (this.#first === void 0) this.#first = chunk;
    else if (this.#more === void 0) this.#more = [this.#first, chunk];
    else this.#more.push(chunk);
  };
  #onEnd = () => {
    if (this.#isOver) return;
    const body = this.#more === void 0 ? this.#first ?? EMPTY2 : Buffer.concat(this.#more, this.#bytes);
    let pending;
    try {
      const events = decodeHttp(this.#request.rawHeaders, body);
      pending = events.length === 0 ? void 0 : this.route.accept(events, this.#context(events));
    } catch (error) {
      this.#refuse(error);
      return;
    }
    if (pending === void 0) this.#accepted();
    else pending.then(this.#accepted, this.#refuse);
  };
  #onClose = () => {
    if (this.#isOver || this.#request.complete) return;
    this.#finish(0, void 0);
  };
  #accepted = () => {
    this.#host.onStep?.("before-response");
    this.#response.writeHead(202, this.#host.isDraining ? ACCEPTED_LAST_HEADERS : ACCEPTED_HEADERS);
    this.#response.end();
    this.#finish(202, void 0);
  };
  #refuse = (error) => {
    if (this.#isOver) return;
    const problem = problemOf(error);
    this.#finish(problem.status, error);
    if (this.#response.destroyed) return;
    answerProblem(this.#request, this.#response, problem, {
      clock: this.#host.clock,
      isLast: this.#host.isDraining
    });
  };
  /** What travels with the events: as it came, or below a span of this request where spans are recorded. */
  #context(events) {
    if (!this.#host.tracer.enabled) return this.#head;
    const [event] = events;
    this.#span = this.#host.tracer.startSpan(`POST ${this.route.path}`, {
      kind: "server",
      parent: this.#head.trace,
      attributes: {
        "http.request.method": "POST",
        "http.route": this.route.path,
        ...event === void 0 ? {} : { "cloudevents.type": event.type, "cloudevents.source": event.source }
      }
    });
    return { passthrough: this.#head.passthrough, trace: this.#span.context };
  }
  #reserve(bytes2) {
    if (this.#host.budget.reserve(this.route.namespace, bytes2)) {
      this.#reserved += bytes2;
      return true;
    }
    this.#refuse(
      new IngressError("too many bytes are being received at this moment: try again", {
        code: "AFFLUX_INGRESS_OVERLOADED",
        retryable: true,
        details: { status: 503 }
      })
    );
    return false;
  }
  #tooLarge() {
    const max = String(this.#host.bodyBytesMax);
    return new IngressError(`the body is larger than the ${max} bytes that are accepted here`, {
      code: "AFFLUX_INGRESS_BODY_TOO_LARGE",
      fault: "user",
      details: { status: 413 }
    });
  }
  #finish(status, error) {
    this.#isOver = true;
    this.#host.budget.release(this.route.namespace, this.#reserved);
    this.#first = void 0;
    this.#more = void 0;
    this.#span?.setAttribute("http.response.status_code", status);
    this.#span?.end(status >= 500 ? error : void 0);
    this.#host.finished(this, status, error);
  }
};
var EMPTY2 = Buffer.alloc(0);

// packages/ingress/src/request-head.ts
var KIND = {
  other: 0,
  host: 1,
  origin: 2,
  contentLength: 3,
  contentEncoding: 4,
  passthrough: 5,
  traceparent: 6,
  tracestate: 7,
  baggage: 8
};
var KIND_BY_NAME = {
  __proto__: null,
  host: KIND.host,
  origin: KIND.origin,
  "content-length": KIND.contentLength,
  "content-encoding": KIND.contentEncoding,
  "x-request-id": KIND.passthrough,
  traceparent: KIND.traceparent,
  tracestate: KIND.tracestate,
  baggage: KIND.baggage
};
var KIND_CACHE_MAX = 2e3;
var kindCache = /* @__PURE__ */ new Map();
var PASSTHROUGH_BYTES_MAX = 8 * 1024;
function kindOf(rawName) {
  const cached = kindCache.get(rawName);
  if (cached !== void 0) return cached;
  const name = rawName.toLowerCase();
  const kind = KIND_BY_NAME[name] ?? (name.startsWith("knative-") || name.startsWith("x-b3-") ? KIND.passthrough : KIND.other);
  if (kindCache.size >= KIND_CACHE_MAX) kindCache.clear();
  kindCache.set(rawName, kind);
  return kind;
}
function isAttributeHeader(name) {
  return (name.charCodeAt(0) | LOWER_CASE) === C && (name.charCodeAt(1) | LOWER_CASE) === E;
}
var LOWER_CASE = 32;
var C = "c".charCodeAt(0);
var E = "e".charCodeAt(0);
function readRequestHead(rawHeaders) {
  let host;
  let origin;
  let contentLength;
  let contentEncoding;
  let passthrough;
  let passthroughBytes = 0;
  let traceparent;
  let tracestate;
  let baggage;
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? "";
    if (isAttributeHeader(name)) continue;
    const value = rawHeaders[index + 1] ?? "";
    switch (kindOf(name)) {
      case KIND.other:
        break;
      case KIND.host:
        host = value;
        break;
      case KIND.origin:
        origin = value;
        break;
      case KIND.contentLength:
        contentLength = Number(value);
        break;
      case KIND.contentEncoding:
        contentEncoding = value;
        break;
      case KIND.passthrough:
        passthroughBytes += name.length + value.length;
        if (passthroughBytes <= PASSTHROUGH_BYTES_MAX) {
          passthrough ??= [];
          passthrough.push(name.toLowerCase(), value);
        }
        break;
      case KIND.traceparent:
        traceparent = value;
        break;
      case KIND.tracestate:
        tracestate = tracestate === void 0 ? value : `${tracestate},${value}`;
        break;
      case KIND.baggage:
        baggage = baggage === void 0 ? value : `${baggage},${value}`;
        break;
    }
  }
  const trace = traceparent === void 0 ? void 0 : readTraceContext(
    (name) => name === "traceparent" ? traceparent : name === "tracestate" ? tracestate : baggage
  );
  return { host, origin, contentLength, contentEncoding, passthrough, trace };
}

// packages/ingress/src/event-listener.ts
var TIMEOUT_CHECK_MS = 1e3;
var EventListener = class extends BaseComponent {
  name = "event listener";
  clock;
  tracer;
  budget;
  bodyBytesMax;
  onStep;
  #routes;
  #logger;
  #config;
  #guard;
  #durations;
  #durationChildren = /* @__PURE__ */ new WeakMap();
  #refusals;
  #refusalChildren = /* @__PURE__ */ new Map();
  #stopObserving;
  #server;
  #active = 0;
  #whenIdle;
  constructor(options, config) {
    super();
    this.clock = options.clock;
    this.tracer = options.tracer ?? noopTracer;
    this.bodyBytesMax = config.bodyBytesMax;
    this.onStep = options.onStep;
    this.budget = new BodyBudget(config.bodiesBytesMax, config.namespaceShare);
    this.#routes = options.routes;
    this.#logger = options.logger;
    this.#config = config;
    this.#guard = new HostGuard(config);
    this.#refusals = options.meter.counter({
      name: "afflux_ingress_refused_total",
      help: "Requests that were refused, by problem code.",
      labels: ["code"]
    });
    this.#durations = options.meter.histogram({
      name: "http_server_request_duration_seconds",
      help: "Time from the headers of a request to its answer, by route.",
      labels: ["http_route", "http_response_status_code"]
    });
    this.#stopObserving = options.meter.observe(
      { name: "afflux_ingress_receiving_bytes", help: "Bytes of bodies being received." },
      () => [{ value: this.budget.bytes, labels: [] }]
    );
  }
  get isDraining() {
    return this.state === "draining";
  }
  /** Where it listens; only while running. */
  get address() {
    const address = this.#server?.address();
    return {
      host: address?.address ?? this.#config.host,
      port: address?.port ?? this.#config.port
    };
  }
  finished(reception, status, error) {
    this.#active -= 1;
    if (this.#active === 0) this.#whenIdle?.();
    const seconds = (this.clock.monotonicMs() - reception.startedMs) / 1e3;
    if (status !== 0) this.#durationOf(reception.route, status).record(seconds);
    if (error !== void 0) this.#countRefusal(error);
  }
  async onStart() {
    const config = this.#config;
    const server = createServer({
      maxHeaderSize: config.headerBytesMax,
      headersTimeout: config.headersTimeoutMs,
      requestTimeout: config.requestTimeoutMs,
      keepAliveTimeout: config.keepAliveTimeoutMs,
      connectionsCheckingInterval: TIMEOUT_CHECK_MS,
      noDelay: true,
      insecureHTTPParser: false
    });
    this.#server = server;
    server.maxConnections = config.connectionsMax;
    server.on("request", (request2, response) => {
      this.#receive(request2, response, false);
    });
    server.on("checkContinue", (request2, response) => {
      this.#receive(request2, response, true);
    });
    server.on("clientError", answerBrokenRequest);
    await listen(server, config);
    server.on("error", (error) => {
      this.#logger.error({ err: error }, "event listener failed");
    });
  }
  async onDrain(signal) {
    this.#server?.close();
    this.#server?.closeIdleConnections();
    if (this.#active === 0) return;
    await new Promise((resolve4) => {
      this.#whenIdle = resolve4;
      signal?.addEventListener("abort", () => {
        resolve4();
      });
    });
  }
  async onClose() {
    this.#stopObserving();
    const server = this.#server;
    if (server?.listening !== true && this.#active === 0) {
      server?.closeAllConnections();
      return;
    }
    await new Promise((resolve4) => {
      server?.close(() => {
        resolve4();
      });
      server?.closeAllConnections();
      if (server === void 0) resolve4();
    });
  }
  #receive(request2, response, expectsContinue) {
    if (request2.method !== "POST") {
      this.#answerOther(request2, response);
      return;
    }
    const head = readRequestHead(request2.rawHeaders);
    const route = this.#routes.find(request2.url ?? "/", head.host);
    const refusal2 = this.#refusalByHead(request2, route, head.host, head.origin);
    if (refusal2 !== void 0 || route === void 0) {
      this.#answerProblem(request2, response, refusal2);
      return;
    }
    this.#active += 1;
    const reception = new Reception(this, request2, response, route, head);
    if (expectsContinue && (head.contentLength ?? 0) <= this.bodyBytesMax) response.writeContinue();
    reception.begin();
  }
  #refusalByHead(request2, route, host, origin) {
    const isOurs = this.#guard.allowsHost(host);
    if (!isOurs && (host === void 0 || this.#routes.findHost(host) === void 0)) {
      if (host === void 0 || !/\.svc(\.|:|$)/i.test(host)) {
        return forbidden(
          `host ${JSON.stringify((host ?? "").slice(0, 100))} is not a name of this listener: add it to ingress.allowedHosts`
        );
      }
    }
    if (origin !== void 0 && !this.#guard.allowsOrigin(origin, host)) {
      return forbidden(
        `origin ${JSON.stringify(origin.slice(0, 100))} may not post events here: add it to ingress.allowedOrigins`
      );
    }
    if (route === void 0) {
      const path = JSON.stringify((request2.url ?? "/").slice(0, 200));
      return new IngressError(
        `nothing receives events at ${path}: brokers are at /<namespace>/<broker>, channels at /<namespace>/channels/<channel>, sinks at /<namespace>/sinks/<sink>`,
        { code: "AFFLUX_INGRESS_NOT_FOUND", fault: "user", details: { status: 404 } }
      );
    }
    if (this.state === "draining" || this.state === "closed") {
      return new IngressError("the server is shutting down", {
        code: "AFFLUX_INGRESS_DRAINING",
        retryable: true,
        details: { status: 503 }
      });
    }
    return void 0;
  }
  #answerOther(request2, response) {
    if (request2.method === "OPTIONS") {
      answerOptions(request2, response);
      return;
    }
    const method = (request2.method ?? "").slice(0, 20);
    this.#answerProblem(
      request2,
      response,
      new IngressError(`method ${method} is not allowed: events are posted`, {
        code: "AFFLUX_INGRESS_METHOD",
        fault: "user",
        details: { status: 405 }
      })
    );
  }
  #answerProblem(request2, response, error) {
    this.#countRefusal(error);
    answerProblem(request2, response, problemOf(error), {
      clock: this.clock,
      isLast: this.state !== "running"
    });
  }
  #durationOf(route, status) {
    let children = this.#durationChildren.get(route);
    if (children === void 0) {
      children = /* @__PURE__ */ new Map();
      this.#durationChildren.set(route, children);
    }
    let child = children.get(status);
    if (child === void 0) {
      child = this.#durations.labels(route.path, String(status));
      children.set(status, child);
    }
    return child;
  }
  #countRefusal(error) {
    const { code } = problemOf(error);
    let child = this.#refusalChildren.get(code);
    if (child === void 0) {
      child = this.#refusals.labels(code);
      this.#refusalChildren.set(code, child);
    }
    child.add();
    if (code === "AFFLUX_INTERNAL") this.#logger.error({ err: error }, "event not taken");
  }
};
function forbidden(message) {
  return new IngressError(message, {
    code: "AFFLUX_INGRESS_FORBIDDEN",
    fault: "user",
    details: { status: 403 }
  });
}
function listen(server, config) {
  return new Promise((resolve4, reject) => {
    const onError = (error) => {
      const where = `${config.host}:${String(config.port)}`;
      const hint = error.code === "EADDRINUSE" ? `port ${String(config.port)} is taken: stop what uses it, or choose another with --port` : `cannot listen on ${where}: ${error.message}`;
      reject(
        new IngressError(hint, {
          code: "AFFLUX_INGRESS_LISTEN",
          fault: "user",
          cause: error,
          details: { host: config.host, port: config.port }
        })
      );
    };
    server.once("error", onError);
    server.listen({ host: config.host, port: config.port, backlog: 4096 }, () => {
      server.removeListener("error", onError);
      resolve4();
    });
  });
}
function answerBrokenRequest(error, socket) {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const status = error.code === "HPE_HEADER_OVERFLOW" ? "431 Request Header Fields Too Large" : error.code === "ERR_HTTP_REQUEST_TIMEOUT" ? "408 Request Timeout" : "400 Bad Request";
  socket.end(`HTTP/1.1 ${status}\r
Connection: close\r
Content-Length: 0\r
\r
`);
}

// packages/ingress/src/route-table.ts
var HOST_CACHE_MAX = 1e3;
var CLUSTER_SUFFIX = /\.svc(\.[a-z0-9-]+)*$/;
function serviceHostKey(host) {
  return host.toLowerCase().replace(/:\d+$/, "").replace(/\.$/, "").replace(CLUSTER_SUFFIX, "");
}
var RouteTable = class {
  #byPath = /* @__PURE__ */ new Map();
  #byHost = /* @__PURE__ */ new Map();
  #hostKeys = /* @__PURE__ */ new Map();
  /** Adds or replaces the route of a path such as `/default/orders`. */
  setPath(path, route) {
    this.#byPath.set(path, route);
  }
  /** Removes a path, but only while it still leads to this route. */
  deletePath(path, route) {
    if (this.#byPath.get(path) === route) this.#byPath.delete(path);
  }
  /** Adds or replaces the route of a Service host name, in any of its forms. */
  setHost(host, route) {
    this.#byHost.set(serviceHostKey(host), route);
  }
  deleteHost(host, route) {
    const key = serviceHostKey(host);
    if (this.#byHost.get(key) === route) this.#byHost.delete(key);
  }
  /** The route for a request target and a `Host` header, or undefined. */
  find(target, host) {
    const direct = this.#byPath.get(target);
    if (direct !== void 0) return direct;
    const path = normalizePath(target);
    if (path === "/") return host === void 0 ? void 0 : this.findHost(host);
    return this.#byPath.get(path);
  }
  /** The route of a host name as it was sent, or undefined. */
  findHost(host) {
    if (this.#byHost.size === 0) return void 0;
    let key = this.#hostKeys.get(host);
    if (key === void 0) {
      key = serviceHostKey(host);
      if (this.#hostKeys.size >= HOST_CACHE_MAX) this.#hostKeys.clear();
      this.#hostKeys.set(host, key);
    }
    return this.#byHost.get(key);
  }
};
function normalizePath(target) {
  let path = target;
  if (!path.startsWith("/")) {
    try {
      path = new URL(path).pathname;
    } catch {
      return target;
    }
  }
  const query = path.indexOf("?");
  if (query !== -1) path = path.slice(0, query);
  return path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path;
}

// packages/messaging/src/model/kinds.ts
var MESSAGING = "messaging.knative.dev/v1";
var MESSAGING_OLDER = "messaging.knative.dev/v1beta1";
var OURS = "messaging.afflux.dev/v1alpha1";
var FLOWS = "flows.knative.dev/v1";
var CHANNEL = { apiVersion: MESSAGING, kind: "Channel" };
var IN_MEMORY_CHANNEL = {
  apiVersion: MESSAGING,
  kind: "InMemoryChannel"
};
var DURABLE_CHANNEL = { apiVersion: OURS, kind: "DurableChannel" };
var KAFKA_CHANNEL = { apiVersion: MESSAGING, kind: "KafkaChannel" };
var KAFKA_CHANNEL_V1BETA1 = {
  apiVersion: MESSAGING_OLDER,
  kind: "KafkaChannel"
};
var RABBITMQ_CHANNEL = { apiVersion: OURS, kind: "RabbitmqChannel" };
var SUBSCRIPTION = { apiVersion: MESSAGING, kind: "Subscription" };
var SEQUENCE = { apiVersion: FLOWS, kind: "Sequence" };
var PARALLEL = { apiVersion: FLOWS, kind: "Parallel" };
function isSameKind(left, right) {
  return left.apiVersion === right.apiVersion && left.kind === right.kind;
}

// packages/messaging/src/model/subscriber.ts
function subscriberId(entry, channelNamespace) {
  const { name = "", uid = "" } = entry;
  if (name !== "") return name.includes("/") ? name : `${channelNamespace}/${name}`;
  if (uid !== "") return `uid:${uid}`;
  return `to:${entry.subscriberUri ?? ""}>${entry.replyUri ?? ""}`;
}
function subscriberName({ namespace, name }, channelNamespace) {
  return (namespace ?? "") === channelNamespace ? name : `${namespace ?? ""}/${name}`;
}
function subscriptionOf({ name = "" }, channelNamespace) {
  if (name === "") return void 0;
  const slash = name.indexOf("/");
  return slash === -1 ? { namespace: channelNamespace, name } : { namespace: name.slice(0, slash), name: name.slice(slash + 1) };
}
function deliveryProblem(entry) {
  try {
    parseDelivery(entry.delivery);
    return void 0;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

// packages/messaging/src/errors.ts
var MessagingError = class extends AffluxError {
};

// packages/messaging/src/model/names.ts
function sequenceStepName(sequence, step) {
  return `${sequence}-kn-sequence-${String(step)}`;
}
function parallelIngressName(parallel) {
  return `${parallel}-kn-parallel`;
}
function parallelBranchName(parallel, branch) {
  return `${parallel}-kn-parallel-${String(branch)}`;
}
function parallelFilterName(parallel, branch) {
  return `${parallel}-kn-parallel-filter-${String(branch)}`;
}
function channelHost(namespace, name) {
  return `${childName(name, "-kn-channel")}.${namespace}.svc.cluster.local`;
}
function channelPath(namespace, name) {
  return `/${namespace}/channels/${name}`;
}

// packages/messaging/src/dispatch/channel-route.ts
var ChannelRoute = class {
  namespace;
  path;
  #options;
  #isOpen = true;
  #deduplicateMs;
  /** Made with the first window, for channels that cannot suppress duplicates themselves. */
  #window;
  constructor(options) {
    this.namespace = options.namespace;
    this.path = channelPath(options.namespace, options.name);
    this.#options = options;
  }
  /** Window in which an event with the `source` and `id` of another counts as the same; undefined: none. */
  set deduplicateMs(windowMs) {
    this.#deduplicateMs = windowMs;
    if (windowMs === void 0) this.#window = void 0;
    else this.#window ??= new DuplicateWindow({ clock: this.#options.clock });
  }
  /** Requests that found this route before it was taken off are refused as well. */
  close() {
    this.#isOpen = false;
  }
  accept(events, context) {
    if (!this.#isOpen) throw this.#gone();
    for (const event of events) this.#checkTimes(event);
    const { passthrough, trace } = context;
    const carriesNothing = passthrough === void 0 && trace === void 0;
    const pending = this.#publish(
      // Only these two: the context may be a larger object, which the event would keep alive.
      carriesNothing ? events : events.map((event) => event.carrying({ passthrough, trace }))
    );
    const { onAccepted, onStep } = this.#options;
    if (onAccepted === void 0 && onStep === void 0) return pending;
    if (pending !== void 0)
      return pending.then(() => {
        this.#noteAccepted(events);
      });
    this.#noteAccepted(events);
    return void 0;
  }
  #publish(events) {
    const { channel, capabilities } = this.#options;
    const window = this.#window;
    if (window === void 0 || this.#deduplicateMs === void 0) return channel.publish(events);
    const target = { channel, isExact: capabilities.deduplicates, window };
    return publishOnce(target, events, this.#deduplicateMs);
  }
  #noteAccepted(events) {
    const { onAccepted, onStep } = this.#options;
    if (onAccepted !== void 0) for (const event of events) onAccepted(event);
    onStep?.("before-response");
  }
  /** What an event asks of the time of its delivery must be readable, and something the channel can do. */
  #checkTimes(event) {
    const { capabilities, clock } = this.#options;
    const times = { isDelayed: capabilities.delayed, nowMs: clock.now() };
    const problem = eventTimesProblem(event, times);
    if (problem === void 0) return;
    throw new MessagingError(`the attribute ${problem.attribute} ${problem.reason}`, {
      code: "AFFLUX_MESSAGING_EVENT_TIME",
      fault: "user",
      details: { status: 400, attribute: problem.attribute }
    });
  }
  #gone() {
    return new MessagingError(`channel "${this.namespace}/${this.#options.name}" was deleted`, {
      code: "AFFLUX_MESSAGING_CHANNEL_GONE",
      fault: "user",
      details: { status: 404 }
    });
  }
};
var ClosedDoor = class {
  namespace;
  path;
  #name;
  constructor({ namespace, name }) {
    this.namespace = namespace;
    this.path = channelPath(namespace, name);
    this.#name = name;
  }
  putUp(routes) {
    routes.setPath(this.path, this);
    routes.setHost(channelHost(this.namespace, this.#name), this);
  }
  /** Leaves routes alone that have replaced it. */
  takeOff(routes) {
    routes.deletePath(this.path, this);
    routes.deleteHost(channelHost(this.namespace, this.#name), this);
  }
  accept() {
    const channel = `${this.namespace}/${this.#name}`;
    throw new ChannelUnavailable(`channel "${channel}" cannot take events at present`, {
      details: { namespace: this.namespace, channel: this.#name }
    });
  }
};

// packages/messaging/src/model/backing-sources.ts
function configMapReference2({ namespace, name }) {
  return { apiVersion: "v1", kind: "ConfigMap", namespace, name };
}
function secretReference2({ namespace, name }) {
  return { apiVersion: "v1", kind: "Secret", namespace, name };
}
function shown3(kind, { namespace, name }) {
  return `${kind} "${namespace}/${name}"`;
}
function readSecret2(key, decode3, { sources, condition: condition2 }) {
  const secret = sources.secret(key.namespace, key.name);
  if (secret === void 0) {
    const message2 = `${shown3("Secret", key)} was not found`;
    return { problem: { condition: condition2, reason: "SecretNotFound", message: message2 } };
  }
  const { value, errors } = decode3(secret);
  if (value !== void 0) return { value };
  const message = `${shown3("Secret", key)}: ${errors.toString()}`;
  return { problem: { condition: condition2, reason: "SecretInvalid", message } };
}

// packages/messaging/src/model/kafka-channel-backing.ts
var CONDITION = "ConfigParsed";
function configKey2({ systemNamespace }) {
  return { namespace: systemNamespace, name: KAFKA_CHANNEL_CONFIG_MAP };
}
function statusText(object, key) {
  return object.status?.annotations?.[key];
}
function secretOf3(reference, namespace) {
  if (reference === void 0) return {};
  return { authSecret: { namespace: reference.namespace ?? namespace, name: reference.name } };
}
function connectionFromStatus(object, namespace) {
  const servers = statusText(object, KAFKA_STATUS.bootstrapServers);
  if (servers === void 0) return void 0;
  const name = statusText(object, KAFKA_STATUS.authSecret);
  const within = statusText(object, KAFKA_STATUS.authSecretNamespace) ?? namespace;
  return {
    bootstrapServers: servers.split(","),
    ...name === void 0 ? {} : secretOf3({ name, namespace: within }, within)
  };
}
function readConnection(object, sources) {
  const key = configKey2(sources);
  const map = sources.configMap(key.namespace, key.name);
  if (map === void 0) {
    const kept = connectionFromStatus(object, key.namespace);
    if (kept !== void 0) return { value: kept };
    const message = `${shown3("ConfigMap", key)} was not found`;
    return { problem: { condition: CONDITION, reason: "ConfigMapNotFound", message } };
  }
  const { value, errors } = decodeKafkaChannelConfig(map);
  if (value === void 0) {
    const message = `${shown3("ConfigMap", key)}: ${errors.toString()}`;
    return { problem: { condition: CONDITION, reason: "ConfigMapInvalid", message } };
  }
  const { bootstrapServers, authSecret } = value;
  return { value: { bootstrapServers, ...secretOf3(authSecret, key.namespace) } };
}
function readTopic(object, sources) {
  const topic = statusText(object, KAFKA_STATUS.topic) ?? sources.kafkaFeatures().channelTopic(object.metadata);
  if (topic !== void 0) return { value: topic };
  const message = "channels-topic-template of config-kafka-features names no topic for this channel: it lacks a label or annotation";
  return { problem: { condition: CONDITION, reason: "TopicUnnamed", message } };
}
function topicConfig({ retentionDuration }) {
  const ms2 = retentionMs(retentionDuration ?? KAFKA_CHANNEL_DEFAULTS.retentionDuration);
  return ms2 === void 0 ? {} : { "retention.ms": String(ms2) };
}
function kafkaChannelBacking(object, sources) {
  const { spec } = object;
  const connection = readConnection(object, sources);
  if ("problem" in connection) return connection;
  const topic = readTopic(object, sources);
  if ("problem" in topic) return topic;
  const { bootstrapServers, authSecret } = connection.value;
  let auth;
  if (authSecret !== void 0) {
    const read2 = readSecret2(authSecret, decodeKafkaSecret, { sources, condition: CONDITION });
    if ("problem" in read2) return read2;
    auth = read2.value;
  }
  const config = {
    bootstrapServers,
    topic: topic.value,
    partitions: spec.numPartitions ?? KAFKA_CHANNEL_DEFAULTS.numPartitions,
    replicationFactor: spec.replicationFactor ?? KAFKA_CHANNEL_DEFAULTS.replicationFactor,
    topicConfig: topicConfig(spec),
    external: false,
    ...auth === void 0 ? {} : { auth }
  };
  return { value: { type: "kafka", config } };
}
function kafkaChannelAnnotations(object, sources) {
  const connection = readConnection(object, sources);
  const topic = readTopic(object, sources);
  if ("problem" in connection || "problem" in topic) return {};
  const { bootstrapServers, authSecret } = connection.value;
  const { spec } = object;
  const { numPartitions, replicationFactor } = { ...KAFKA_CHANNEL_DEFAULTS, ...spec };
  return {
    [KAFKA_STATUS.topic]: topic.value,
    [KAFKA_STATUS.partitions]: String(numPartitions),
    [KAFKA_STATUS.replicationFactor]: String(replicationFactor),
    [KAFKA_STATUS.bootstrapServers]: bootstrapServers.join(","),
    ...authSecret === void 0 ? {} : {
      [KAFKA_STATUS.authSecret]: authSecret.name,
      [KAFKA_STATUS.authSecretNamespace]: authSecret.namespace
    }
  };
}
function kafkaChannelReferences(object, sources) {
  const connection = readConnection(object, sources);
  const secret = "problem" in connection ? void 0 : connection.value.authSecret;
  const config = configMapReference2(configKey2(sources));
  return secret === void 0 ? [config] : [config, secretReference2(secret)];
}

// packages/messaging/src/model/rabbitmq-channel-backing.ts
var CONDITION2 = "SecretReady";
var OPERATOR_SECRET_SUFFIX = "-default-user";
var BROKER_CONFIG2 = {
  apiVersion: "eventing.knative.dev/v1alpha1",
  kind: "RabbitmqBrokerConfig"
};
var EXCHANGE_ANNOTATION = "afflux.dev/rabbitmq-exchange";
function configKey3(object) {
  const reference = object.spec.rabbitmqBrokerConfigRef;
  if (reference === void 0) return void 0;
  const own = object.metadata.namespace ?? "";
  return { namespace: reference.namespace ?? own, name: reference.name };
}
function secretOf4(reference, holderNamespace) {
  const named = reference?.namespace ?? "";
  const namespace = named === "" ? holderNamespace : named;
  const connection = reference?.connectionSecret?.name ?? "";
  if (connection !== "") return { namespace, name: connection };
  const cluster = reference?.name ?? "";
  return cluster === "" ? void 0 : { namespace, name: cluster + OPERATOR_SECRET_SUFFIX };
}
function readPlace(object, sources) {
  const key = configKey3(object);
  const holder = key === void 0 ? void 0 : sources.rabbitmqBrokerConfig(key.namespace, key.name);
  if (key !== void 0 && holder === void 0) {
    const message = `${shown3(BROKER_CONFIG2.kind, key)} was not found`;
    return { problem: { condition: CONDITION2, reason: "ConfigNotFound", message } };
  }
  const spec = holder?.spec ?? object.spec;
  const namespace = key?.namespace ?? object.metadata.namespace ?? "";
  const secret = secretOf4(spec.rabbitmqClusterReference, namespace);
  if (secret === void 0) {
    const message = "rabbitmqClusterReference names neither a cluster nor a connectionSecret";
    return { problem: { condition: CONDITION2, reason: "ConfigInvalid", message } };
  }
  const { queueType = "quorum", vhost = "" } = spec;
  return { value: { secret, queueType, ...vhost === "" ? {} : { vhost } } };
}
function readAuthority({ caSecretName }, { namespace }, sources) {
  if (caSecretName === void 0) return { value: {} };
  const key = { namespace, name: caSecretName };
  const secret = sources.secret(namespace, caSecretName);
  const ca = secret === void 0 ? void 0 : secretText(secret, "ca.crt");
  if (ca !== void 0) return { value: { tls: { ca } } };
  const message = secret === void 0 ? `${shown3("Secret", key)} was not found` : `${shown3("Secret", key)}: missing field(s): data[ca.crt]`;
  const reason = secret === void 0 ? "SecretNotFound" : "SecretInvalid";
  return { problem: { condition: CONDITION2, reason, message } };
}
function exchangeOf2(object) {
  const { namespace = "", name } = object.metadata;
  const kept = object.status?.annotations?.[EXCHANGE_ANNOTATION];
  return kept ?? rabbitmqChannelExchange({ namespace, name });
}
function rabbitmqChannelBacking(object, sources) {
  const place = readPlace(object, sources);
  if ("problem" in place) return place;
  const { secret, ...named } = place.value;
  const read2 = readSecret2(secret, decodeRabbitmqSecret, { sources, condition: CONDITION2 });
  if ("problem" in read2) return read2;
  const authority = readAuthority(read2.value, secret, sources);
  if ("problem" in authority) return authority;
  const { connection } = read2.value;
  const exchange = exchangeOf2(object);
  return {
    value: { type: "rabbitmq", config: { ...connection, ...authority.value, ...named, exchange } }
  };
}
function rabbitmqChannelAnnotations(object) {
  return { [EXCHANGE_ANNOTATION]: exchangeOf2(object) };
}
function rabbitmqChannelReferences(object, sources) {
  const key = configKey3(object);
  const references = key === void 0 ? [] : [{ ...BROKER_CONFIG2, ...key }];
  const place = readPlace(object, sources);
  if ("problem" in place) return references;
  const { secret } = place.value;
  references.push(secretReference2(secret));
  const read2 = readSecret2(secret, decodeRabbitmqSecret, { sources, condition: CONDITION2 });
  if ("value" in read2 && read2.value.caSecretName !== void 0) {
    references.push(secretReference2({ ...secret, name: read2.value.caSecretName }));
  }
  return references;
}

// packages/messaging/src/model/channel-backings.ts
var ORDERED = { [AFFLUX_ORDER]: "ordered" };
var KINDS = {
  InMemoryChannel: { backing: () => ({ value: { type: "memory", config: {} } }) },
  DurableChannel: {
    backing: (object) => ({ value: durableBacking(object) }),
    flowDefaults: (object) => object.spec.ordering === "ordered" ? ORDERED : void 0
  },
  KafkaChannel: {
    backing: kafkaChannelBacking,
    references: kafkaChannelReferences,
    annotations: kafkaChannelAnnotations,
    storageName: kafkaSubscriptionGroup,
    // Knative's KafkaChannels have no other order.
    flowDefaults: () => ORDERED
  },
  RabbitmqChannel: {
    backing: rabbitmqChannelBacking,
    references: rabbitmqChannelReferences,
    annotations: rabbitmqChannelAnnotations,
    storageName: rabbitmqSubscriptionQueue
  }
};
function durableBacking({ spec }) {
  const ms2 = spec.retentionDuration === void 0 ? void 0 : retentionMs(spec.retentionDuration);
  const bytes2 = spec.retentionBytes === void 0 ? void 0 : retentionBytes(spec.retentionBytes);
  return {
    type: "durable",
    config: {
      ...ms2 === void 0 ? {} : { retentionMs: ms2 },
      ...bytes2 === void 0 ? {} : { retentionBytes: bytes2 }
    }
  };
}
function kindOf2({ kind }) {
  return Object.hasOwn(KINDS, kind) ? KINDS[kind] : void 0;
}
function channelBacking(object, sources) {
  const kind = kindOf2(object);
  if (kind !== void 0) return kind.backing(object, sources);
  const message = `${object.kind} is not a channel kind that is served here`;
  return { problem: { condition: "Ready", reason: "ChannelKindUnknown", message } };
}
function channelReferences(object, sources) {
  return kindOf2(object)?.references?.(object, sources) ?? [];
}
function channelAnnotations(object, sources) {
  return kindOf2(object)?.annotations?.(object, sources) ?? {};
}
function channelStorageName(kind, name) {
  return kindOf2({ kind })?.storageName?.(name);
}
function channelFlowDefaults(object) {
  return kindOf2(object)?.flowDefaults?.(object);
}

// packages/messaging/src/dispatch/dependencies.ts
var DELETED_DRAIN_MS_MAX = 3e4;

// packages/messaging/src/dispatch/subscriber-rules.ts
function subscriberRules(entry, context) {
  const { capabilities } = context;
  const settings = flowSettings(...context.annotations);
  const delivery = parseDelivery(entry.delivery);
  const subscriber = targetOf3(entry.subscriberUri, entry.subscriberCACerts);
  const reply = targetOf3(entry.replyUri, entry.replyCACerts);
  const deadLetter = deadLetterOf(entry, context);
  const from = capabilities.replayable ? settings.startAt : void 0;
  return {
    plan: {
      ...delivery,
      ...subscriber === void 0 ? {} : { subscriber },
      ...reply === void 0 ? {} : { reply },
      ...deadLetter === void 0 ? {} : { deadLetter },
      ...capabilities.deadLetters ? { keepsDeadLetters: true } : {},
      backoffMsMax: settings.backoffMsMax,
      retryAfterMsMax: delivery.retryAfterMsMax ?? settings.retryAfterMsMax,
      replyPolicy: settings.replyPolicy,
      namespace: context.namespace
    },
    ...subscriptionRules(settings, { hasDeadLetter: deadLetter !== void 0 }),
    ...from === void 0 ? {} : { from }
  };
}
function isSameContext(left, right) {
  return left.namespace === right.namespace && left.annotations[0] === right.annotations[0] && left.annotations[1] === right.annotations[1] && left.annotations[2] === right.annotations[2] && left.deadLetterUri === right.deadLetterUri && left.deadLetterCaCerts === right.deadLetterCaCerts;
}
function deadLetterOf(entry, context) {
  const own = entry.delivery?.deadLetterSink;
  return targetOf3(own?.uri, own?.CACerts) ?? targetOf3(context.deadLetterUri, context.deadLetterCaCerts);
}
function targetOf3(url, caCerts) {
  if (url === void 0 || url === "") return void 0;
  return caCerts === void 0 ? { url } : { url, caCerts };
}

// packages/messaging/src/dispatch/subscriber-dispatch.ts
var NOTHING = { select: () => void 0 };
var CODEC2 = { encode: encodeProgress, decode: decodeProgress };
var SubscriberDispatch = class {
  id;
  /** `subscription:<name>.<namespace>`, as in metrics and spans (contract §7.2). */
  label;
  #options;
  #courier;
  #flow;
  #subscription;
  #entry;
  #context;
  #rules;
  #isLeaving = false;
  #isForgotten = false;
  /** Throws like {@link subscriberRules}. */
  constructor(options) {
    const { deps, entry, context, ref, capabilities } = options;
    const { clock, random, logger, meter, onStep } = deps;
    this.id = options.id;
    this.label = labelOf(options);
    this.#options = options;
    this.#entry = entry;
    this.#context = context;
    this.#rules = subscriberRules(entry, context);
    this.#courier = new Courier({
      sender: deps.sender,
      plan: this.#rules.plan,
      labels: {
        destination: this.label,
        channelName: ref.name,
        channelNamespace: context.namespace
      },
      clock,
      random,
      logger,
      meter,
      tracer: deps.tracer,
      contextOf: (event) => event.carried
    });
    this.#subscription = this.#subscribe();
    this.#flow = new SubscriptionFlow({
      subscription: this.#subscription,
      handle: (event, progress, signal) => this.#courier.deliver(event, progress, signal),
      settings: this.#rules.flow,
      labels: {
        namespace: context.namespace,
        kind: ref.kind,
        name: ref.name,
        subscription: this.label
      },
      clock,
      random,
      logger,
      meter,
      scheduler: deps.scheduler,
      ...capabilities.delayed ? { notBefore: (event) => notBeforeMs(event, clock.now()) } : {},
      onStep
    });
  }
  /** What it serves now. */
  get entry() {
    return this.#entry;
  }
  get isLeaving() {
    return this.#isLeaving;
  }
  /** Resolves when every event published from then on reaches the subscriber. */
  async start() {
    await this.#flow.start();
    await this.#subscription.ready;
  }
  /** Takes over an entry and what is around it. Throws like {@link subscriberRules}; all stays as it was then. */
  serve(entry, context) {
    const isSame = entry === this.#entry && isSameContext(context, this.#context);
    if (isSame && !this.#isLeaving) return;
    if (!isSame) this.#rules = subscriberRules(entry, context);
    this.#entry = entry;
    this.#context = context;
    this.#isLeaving = false;
    this.#subscription = this.#subscribe();
    this.#courier.plan = this.#rules.plan;
    this.#flow.settings = this.#rules.flow;
  }
  /** No further event is meant for it; what it has is still delivered. */
  leave() {
    this.#isLeaving = true;
    const { state } = this.#options.channel;
    if (this.#isForgotten) return;
    if (state !== "draining" && state !== "closed") this.#subscription = this.#subscribe();
  }
  /**
   * Nothing further starts; attempts under way finish, or end with the signal. Then what is left is dropped:
   * resolves with its count.
   */
  async remove(signal) {
    this.leave();
    await this.drain(signal).catch(() => void 0);
    const { dropped } = this.#subscription.close({ drop: true });
    await this.#flow.close();
    return dropped;
  }
  /**
   * For one that is being removed: leaves the backlog to a successor with the same id, which may subscribe at
   * once. Attempts under way still finish.
   */
  handOver() {
    this.#isForgotten = true;
    this.#subscription.close();
  }
  /**
   * Drops the backlog at once, so that a successor with the same id begins with nothing: returns its count, events
   * under way included. Attempts under way still finish.
   */
  forget() {
    this.#isForgotten = true;
    return this.#subscription.close({ drop: true }).dropped;
  }
  /** Resolves when no attempt is under way; none is started any more. */
  drain(signal) {
    return this.#flow.drain(signal);
  }
  /** Ends at once, giving nothing up that the channel can keep. */
  async close() {
    await this.#flow.close();
  }
  #subscribe() {
    const { bounds, overflowEventsMax, from } = this.#rules;
    const { clock } = this.#options.deps;
    const storageName = storageNameOf2(this.#options);
    return this.#options.channel.subscribe({
      id: this.id,
      ...this.#isLeaving ? { selector: NOTHING } : {},
      bounds,
      overflow: overflowEventsMax === void 0 ? "backpressure" : {
        deadLetter: () => overflowProgress(this.#rules.plan, clock.now()),
        eventsMax: overflowEventsMax
      },
      codec: CODEC2,
      ...from === void 0 ? {} : { from },
      label: this.label,
      ...storageName === void 0 ? {} : { storageName }
    });
  }
};
function labelOf({ entry, context, id }) {
  const { name, namespace } = subscriptionOf(entry, context.namespace) ?? {
    name: id,
    namespace: context.namespace
  };
  return `subscription:${name}.${namespace}`;
}
function storageNameOf2({ entry, ref }) {
  const { name = "" } = entry;
  if (name === "") return void 0;
  const { namespace, name: channel } = ref;
  return channelStorageName(ref.kind, { namespace, channel, subscription: name });
}

// packages/messaging/src/dispatch/channel-unit.ts
var ChannelUnit = class {
  #options;
  #lease;
  #subscribers = /* @__PURE__ */ new Map();
  /** Being removed: attempts under way have not finished. */
  #removing = /* @__PURE__ */ new Map();
  /** Entries that could not be served, so that each is reported once. */
  #refused = /* @__PURE__ */ new Map();
  /** Removals and the drain after a deletion, so that close can wait for them. */
  #endings = /* @__PURE__ */ new Set();
  #lifetime = new AbortController();
  #route;
  #draining;
  #object;
  #isReady = false;
  #isDeleted = false;
  /** Draining or closed. */
  #isEnding = false;
  /** Throws when the channel cannot be named or made. */
  constructor(options) {
    this.#options = options;
    this.#lease = options.deps.openChannel(options.ref);
  }
  /** Whether events are let in. */
  get isOpen() {
    return this.#route !== void 0;
  }
  /** Whether the subscriber of this id is served here. */
  serves(id) {
    return this.#subscribers.has(id);
  }
  /**
   * Makes the unit agree with the object. Resolves when events are let in; rejects when the channel cannot be
   * opened, after which the unit is of no use.
   */
  async apply(object) {
    const seen = this.#object?.metadata.uid;
    if (seen !== void 0 && seen !== object.metadata.uid && !this.#isDeleted) this.delete();
    this.#object = object;
    this.#isDeleted = false;
    if (!this.#isReady) {
      await this.#lease.ready;
      this.#isReady = true;
    }
    if (!this.#isWanted(object)) return;
    await Promise.all(this.#applySubscribers(object));
    this.#open();
  }
  #isWanted(object) {
    return this.#object === object && !this.#isDeleted && !this.#isEnding;
  }
  /** The object is gone. */
  delete() {
    if (this.#isDeleted) return;
    this.#isDeleted = true;
    this.#closeRoute();
    for (const subscriber of this.#subscribers.values()) subscriber.leave();
    this.#track(this.#finish());
  }
  /** Nothing is let in any more; resolves when no attempt is under way. */
  async drain(signal) {
    this.#isEnding = true;
    this.#closeRoute();
    const drains = [...this.#subscribers.values()].map((subscriber) => subscriber.drain(signal));
    await Promise.all([...drains, ...this.#endings]);
  }
  async close() {
    this.#isEnding = true;
    this.#lifetime.abort();
    this.#closeRoute();
    await Promise.all([...this.#subscribers.values()].map((subscriber) => subscriber.close()));
    await Promise.all(this.#endings);
    await this.#lease.release();
  }
  #open() {
    if (this.#isDeleted || this.#isEnding) return;
    if (this.#route !== void 0) {
      this.#route.deduplicateMs = this.#deduplicateMs();
      return;
    }
    const { deps, ref } = this.#options;
    const { channel, capabilities } = this.#lease;
    const { clock, onStep } = deps;
    const onAccepted = this.#acceptedHook();
    const route = new ChannelRoute({ ...ref, channel, capabilities, clock, onAccepted, onStep });
    route.deduplicateMs = this.#deduplicateMs();
    this.#route = route;
    deps.routes.setPath(route.path, route);
    deps.routes.setHost(channelHost(ref.namespace, ref.name), route);
  }
  #deduplicateMs() {
    return flowSettings(this.#object?.metadata.annotations).deduplicateMs;
  }
  /** A Broker's events are told of by the Broker. */
  #acceptedHook() {
    const { onAccepted } = this.#options.deps;
    const metadata = this.#object?.metadata;
    const owner = metadata?.ownerReferences?.find(({ controller }) => controller === true);
    if (onAccepted === void 0 || owner?.kind === "Broker") return void 0;
    const { apiVersion, ref } = this.#options;
    const channel = { apiVersion, ...ref, uid: metadata?.uid ?? "" };
    return (event) => {
      onAccepted(event, channel);
    };
  }
  #closeRoute() {
    const { deps, ref } = this.#options;
    const route = this.#route;
    if (route === void 0) return;
    this.#route = void 0;
    deps.routes.deletePath(route.path, route);
    deps.routes.deleteHost(channelHost(ref.namespace, ref.name), route);
    route.close();
  }
  /** Starts, changes and removes subscribers; returns the starts. */
  #applySubscribers(object) {
    const wanted = /* @__PURE__ */ new Set();
    const started = [];
    for (const entry of object.spec?.subscribers ?? []) {
      const id = subscriberId(entry, this.#options.ref.namespace);
      if (wanted.has(id)) continue;
      wanted.add(id);
      const start = this.#serve(id, entry, object);
      if (start !== void 0) started.push(start);
    }
    for (const subscriber of [...this.#subscribers.values()]) {
      if (!wanted.has(subscriber.id) && !subscriber.isLeaving) this.#remove(subscriber);
    }
    for (const id of this.#refused.keys()) if (!wanted.has(id)) this.#refused.delete(id);
    return started;
  }
  #serve(id, entry, object) {
    const context = this.#contextOf(entry, object);
    try {
      const existing = this.#subscribers.get(id);
      if (existing !== void 0 && isOther(existing.entry, entry)) this.#replace(existing);
      else if (existing !== void 0) {
        existing.serve(entry, context);
        this.#refused.delete(id);
        return void 0;
      }
      return this.#begin(id, entry, context);
    } catch (err) {
      if (this.#refused.get(id) === entry) return void 0;
      this.#refused.set(id, entry);
      this.#log("error", { err, subscriber: id }, "subscriber cannot be served");
    }
    return void 0;
  }
  #begin(id, entry, context) {
    const { deps, ref } = this.#options;
    const predecessor = this.#removing.get(id);
    if (predecessor !== void 0 && isOther(predecessor.entry, entry)) this.#forget(predecessor);
    else predecessor?.handOver();
    const { channel, capabilities } = this.#lease;
    const options = { deps, channel, capabilities, ref, id, entry, context };
    const subscriber = new SubscriberDispatch(options);
    this.#subscribers.set(id, subscriber);
    this.#refused.delete(id);
    return subscriber.start();
  }
  /** By the kind, and by what the object says where it has a field of its own for it. */
  get #flowDefaults() {
    return this.#object === void 0 ? void 0 : channelFlowDefaults(this.#object);
  }
  #contextOf(entry, { metadata, status }) {
    const { annotationsOf: annotationsOf2, ref } = this.#options;
    return {
      namespace: ref.namespace,
      annotations: [annotationsOf2(entry), metadata.annotations, this.#flowDefaults],
      deadLetterUri: status?.deadLetterSinkUri,
      deadLetterCaCerts: status?.deadLetterSinkCACerts,
      capabilities: this.#lease.capabilities
    };
  }
  /** The Subscription was made anew: the one of that name begins with nothing. */
  #replace(subscriber) {
    this.#forget(subscriber);
    this.#remove(subscriber);
  }
  /** Its backlog goes at once, so that a successor does not inherit it. */
  #forget(subscriber) {
    this.#logDropped(subscriber, subscriber.forget());
  }
  #remove(subscriber) {
    this.#subscribers.delete(subscriber.id);
    this.#track(this.#drop(subscriber));
  }
  async #drop(subscriber) {
    const { id } = subscriber;
    this.#removing.set(id, subscriber);
    const dropped = await subscriber.remove(this.#lifetime.signal);
    if (this.#removing.get(id) === subscriber) this.#removing.delete(id);
    this.#logDropped(subscriber, dropped);
  }
  #logDropped({ label }, dropped) {
    if (dropped === 0) return;
    this.#log("warn", { subscriber: label, dropped }, "subscriber removed with events left");
  }
  /** Gives a deleted channel its time, then ends what is still leaving. */
  async #finish() {
    this.#draining?.abort();
    const draining = new AbortController();
    this.#draining = draining;
    const { clock, deletedDrainMsMax = DELETED_DRAIN_MS_MAX } = this.#options.deps;
    const timer = clock.setTimer(deletedDrainMsMax, () => {
      draining.abort();
    });
    const signal = AbortSignal.any([draining.signal, this.#lifetime.signal]);
    await this.#lease.channel.settled({ signal });
    timer.cancel();
    if (this.#draining !== draining || this.#lifetime.signal.aborted) return;
    this.#draining = void 0;
    await this.#endLeaving();
    await this.#goAway();
  }
  async #endLeaving() {
    const leaving = [...this.#subscribers.values()].filter(({ isLeaving }) => isLeaving);
    for (const { id } of leaving) this.#subscribers.delete(id);
    await Promise.all(leaving.map((subscriber) => this.#drop(subscriber)));
  }
  /** Unless it was made anew meanwhile. */
  async #goAway() {
    if (!this.#isDeleted || this.#draining !== void 0) return;
    this.#options.onGone();
    await this.#lease.release();
  }
  #track(ending) {
    const tracked = ending.catch((err) => {
      this.#log("error", { err }, "channel could not end cleanly");
    }).finally(() => this.#endings.delete(tracked));
    this.#endings.add(tracked);
  }
  #log(level, fields, message) {
    const { kind, namespace, name } = this.#options.ref;
    this.#options.deps.logger[level]({ kind, namespace, name, ...fields }, message);
  }
};
function isOther(before, after) {
  return before.uid !== void 0 && after.uid !== void 0 && before.uid !== after.uid;
}

// packages/messaging/src/dispatch/channel-dispatch.ts
var REOPEN_MS2 = 1e3;
var REOPEN_MS_MAX2 = 3e4;
var BY_UID = "uid";
var ChannelDispatch = class extends BaseComponent {
  name = "channel dispatch";
  #options;
  #channels;
  #subscriptions;
  #posts = /* @__PURE__ */ new Map();
  #marked = /* @__PURE__ */ new Set();
  #isScheduled = false;
  #unsubscribe = [];
  constructor(options) {
    super();
    this.#options = options;
    const { informers, channelKinds = [IN_MEMORY_CHANNEL] } = options;
    this.#channels = new Map(
      channelKinds.map((kind) => [kind, informers.get(kind)])
    );
    this.#subscriptions = informers.get(SUBSCRIPTION);
    this.#subscriptions.addIndex(
      BY_UID,
      ({ metadata: { uid } }) => uid === void 0 ? [] : [uid]
    );
  }
  async onStart(signal) {
    const informers = [this.#subscriptions, ...this.#channels.values()];
    await Promise.all(informers.map((informer) => informer.start(signal)));
    this.#unsubscribe = [
      ...[...this.#channels].map(
        ([kind, channels]) => channels.onChange((change) => {
          this.#onChannel(kind, channels, change);
        })
      ),
      this.#subscriptions.onChange((change) => {
        this.#onSubscription(change);
      })
    ];
    await Promise.all(this.#applyMarked());
  }
  async onDrain(signal) {
    this.#unfollow();
    const units = this.#units();
    await Promise.all(units.map((unit) => unit.drain(signal)));
  }
  async onClose() {
    this.#unfollow();
    const units = this.#units();
    await Promise.all(units.map((unit) => unit.close()));
    this.#posts.clear();
  }
  #units() {
    return [...this.#posts.values()].flatMap(({ unit }) => unit === void 0 ? [] : [unit]);
  }
  #unfollow() {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    this.#unsubscribe = [];
    this.#marked.clear();
    for (const post of this.#posts.values()) {
      post.reopening?.cancel();
      this.#takeDoorOff(post);
    }
  }
  #onChannel(kind, channels, { old, new: next }) {
    const object = next ?? old;
    if (object === void 0) return;
    const key = keyOf(object);
    const id = postId(kind, key);
    let post = this.#posts.get(id);
    if (post === void 0) {
      post = {
        kind,
        key,
        channels,
        unit: void 0,
        door: void 0,
        failures: 0,
        reopening: void 0
      };
      this.#posts.set(id, post);
    }
    this.#mark(post);
  }
  /** Only its annotations matter here: the rest is in the channel's entry. */
  #onSubscription({ old, new: next }) {
    const object = next ?? old;
    if (object === void 0 || old?.metadata.annotations === next?.metadata.annotations) return;
    const { namespace, name, uid = "" } = object.metadata;
    const reference = object.spec.channel;
    const key = formatKey({ namespace: reference.namespace ?? namespace, name: reference.name });
    const ids = [`${namespace ?? ""}/${name}`, `uid:${uid}`];
    for (const kind of this.#channels.keys()) {
      const post = this.#posts.get(postId(kind, key));
      if (post?.unit !== void 0 && ids.some((id) => post.unit?.serves(id))) this.#mark(post);
    }
  }
  #mark(post) {
    this.#marked.add(post);
    if (this.#isScheduled || this.state !== "running") return;
    this.#isScheduled = true;
    queueMicrotask(() => {
      this.#isScheduled = false;
      if (this.state === "running") void this.#applyMarked();
    });
  }
  /** Never rejects, nor do the promises: a channel that cannot be opened is tried again later. */
  #applyMarked() {
    const posts = [...this.#marked];
    this.#marked.clear();
    return posts.map((post) => this.#apply(post));
  }
  async #apply(post) {
    post.reopening?.cancel();
    post.reopening = void 0;
    const { namespace, name } = parseKey(post.key);
    const object = post.channels.get(namespace, name);
    if (object === void 0 || object.metadata.deletionTimestamp !== void 0) {
      this.#end(post);
      return;
    }
    const unit = this.#unitOf(post, object);
    if (unit === void 0) return;
    try {
      await unit.apply(object);
      if (post.unit !== unit) return;
      post.failures = 0;
      if (unit.isOpen) post.door = void 0;
    } catch (err) {
      await this.#giveUp(post, unit, err);
    }
  }
  /** The unit of a post, made if there is none; undefined when the channel cannot even be named. */
  #unitOf(post, object) {
    if (post.unit !== void 0) return post.unit;
    this.#putDoorUp(post);
    const { namespace = "", name } = object.metadata;
    try {
      const unit = new ChannelUnit({
        deps: this.#options,
        apiVersion: post.kind.apiVersion,
        ref: { kind: post.kind.kind, namespace, name },
        annotationsOf: this.#annotationsOf(namespace),
        onGone: () => {
          if (post.unit !== unit) return;
          post.unit = void 0;
          if (post.channels.get(namespace, name) === void 0) this.#forget(post);
        }
      });
      post.unit = unit;
      return unit;
    } catch (err) {
      this.#reopenLater(post, err);
      return void 0;
    }
  }
  #annotationsOf(channelNamespace) {
    return (entry) => {
      const key = subscriptionOf(entry, channelNamespace);
      const named = key === void 0 ? void 0 : this.#subscriptions.get(key.namespace, key.name);
      const { uid } = entry;
      if (named !== void 0 && (uid === void 0 || named.metadata.uid === uid)) {
        return named.metadata.annotations;
      }
      if (uid === void 0) return void 0;
      return this.#subscriptions.byIndex(BY_UID, uid)[0]?.metadata.annotations;
    };
  }
  #end(post) {
    this.#takeDoorOff(post);
    if (post.unit === void 0) this.#forget(post);
    else post.unit.delete();
  }
  #forget(post) {
    const id = postId(post.kind, post.key);
    if (this.#posts.get(id) === post) this.#posts.delete(id);
  }
  /** Opened again later, or with the next change of the channel, by a unit of its own. */
  async #giveUp(post, unit, err) {
    if (this.state === "closed" || post.unit !== unit) return;
    post.unit = void 0;
    this.#putDoorUp(post);
    this.#reopenLater(post, err);
    await unit.close();
  }
  #reopenLater(post, err) {
    post.reopening?.cancel();
    post.reopening = this.#options.clock.setTimer(this.#reopenDelayMs(post, err), () => {
      post.reopening = void 0;
      this.#mark(post);
    });
  }
  /** A channel that only has to wait a moment (its driver is being loaded) has not failed. */
  #reopenDelayMs(post, err) {
    if (err instanceof ChannelUnavailable && err.retryAfterMs < REOPEN_MS2) return err.retryAfterMs;
    post.failures += 1;
    const policy = {
      policy: "exponential",
      delayMs: REOPEN_MS2,
      delayMsMax: REOPEN_MS_MAX2
    };
    const retryInMs = backoffMs(post.failures, policy);
    const fields = { err, kind: post.kind.kind, ...parseKey(post.key), retryInMs };
    this.#options.logger.error(fields, "channel cannot be opened");
    return retryInMs;
  }
  #putDoorUp(post) {
    if (post.door !== void 0 || this.state === "draining" || this.state === "closed") return;
    const { namespace = "", name } = parseKey(post.key);
    post.door = new ClosedDoor({ namespace, name });
    post.door.putUp(this.#options.routes);
  }
  #takeDoorOff(post) {
    post.door?.takeOff(this.#options.routes);
    post.door = void 0;
  }
};
function postId({ apiVersion, kind }, key) {
  return `${apiVersion}/${kind} ${key}`;
}

// packages/messaging/src/model/channelable.ts
function deadLetterDestination(status) {
  const { deadLetterSinkUri, deadLetterSinkCACerts, deadLetterSinkAudience } = status ?? {};
  if (deadLetterSinkUri === void 0) return void 0;
  return {
    uri: deadLetterSinkUri,
    ...deadLetterSinkCACerts === void 0 ? {} : { CACerts: deadLetterSinkCACerts },
    ...deadLetterSinkAudience === void 0 ? {} : { audience: deadLetterSinkAudience }
  };
}
function deliveryStatusOf(status) {
  const { deadLetterSinkUri, deadLetterSinkCACerts, deadLetterSinkAudience } = status ?? {};
  return {
    ...deadLetterSinkUri === void 0 ? {} : { deadLetterSinkUri },
    ...deadLetterSinkCACerts === void 0 ? {} : { deadLetterSinkCACerts },
    ...deadLetterSinkAudience === void 0 ? {} : { deadLetterSinkAudience }
  };
}
function clearDeliveryStatus(status) {
  delete status.deadLetterSinkUri;
  delete status.deadLetterSinkCACerts;
  delete status.deadLetterSinkAudience;
}

// packages/messaging/src/reconcile/channel-kinds.ts
var DEFAULT_CHANNEL_KINDS = [IN_MEMORY_CHANNEL];
function requireChannelKind(wanted, known) {
  if (known.some((kind) => isSameKind(kind, wanted))) return;
  const names = known.map(({ apiVersion, kind }) => `${kind} (${apiVersion})`).join(", ");
  throw new MessagingError(
    `${wanted.kind} (${wanted.apiVersion}) is not a channel kind that is served here; known: ${names}`,
    { code: "AFFLUX_MESSAGING_CHANNEL_KIND_UNKNOWN", fault: "user" }
  );
}

// packages/messaging/src/reconcile/child-objects.ts
function controllerReference(owner) {
  return {
    apiVersion: owner.apiVersion,
    kind: owner.kind,
    name: owner.metadata.name,
    uid: owner.metadata.uid ?? "",
    controller: true,
    blockOwnerDeletion: true
  };
}
function childMetadata(owner, name) {
  const { namespace } = owner.metadata;
  return {
    name,
    ...namespace === void 0 ? {} : { namespace },
    ownerReferences: [controllerReference(owner)]
  };
}
function isControlledBy(child, owner) {
  const { uid } = owner.metadata;
  return (child.metadata.ownerReferences ?? []).some(
    (reference) => reference.controller === true && reference.uid === uid
  );
}
function channelFromTemplate(owner, template, { name, defaults = {} }) {
  const { subscribers: _, ...spec } = template.spec ?? {};
  return {
    apiVersion: template.apiVersion,
    kind: template.kind,
    metadata: childMetadata(owner, name),
    spec: { ...defaults, ...spec }
  };
}
function channelReference(channelKind, name, namespace) {
  return {
    apiVersion: channelKind.apiVersion,
    kind: channelKind.kind,
    name,
    ...namespace === void 0 ? {} : { namespace }
  };
}
function subscriptionFor(owner, name, spec) {
  return {
    ...SUBSCRIPTION,
    metadata: childMetadata(owner, name),
    spec
  };
}

// packages/messaging/src/reconcile/read-object.ts
async function readObject({ informers, store }, kind, key, signal) {
  const informer = informers.get(kind);
  if (informer.hasSynced) return informer.get(key.namespace, key.name);
  return await readStored({ store }, kind, key, signal);
}
async function readStored({ store }, kind, key, signal) {
  try {
    return await store.get(kind, key, { signal });
  } catch (error) {
    if (isNotFound(error)) return void 0;
    throw error;
  }
}

// packages/messaging/src/reconcile/children.ts
var CHANNEL_FIELDS = { owned: ["delivery"], fixed: [] };
var SUBSCRIPTION_FIELDS = {
  owned: ["subscriber", "reply", "delivery"],
  fixed: ["channel"]
};
var BY_OWNER = "owner";
var WRITE = { fieldManager: CONTROLLER_USER };
var Children2 = class {
  #deps;
  constructor(deps) {
    this.#deps = deps;
  }
  /**
   * The child as it is now. While it is on its way out it is given without a status: its successor follows.
   * Throws `AFFLUX_MESSAGING_CHILD_NOT_OWNED`, and whatever the store refuses.
   */
  async ensure(owner, outline, rules, signal) {
    const existing = await readObject(this.#deps, outline, outline.metadata, signal);
    if (existing === void 0) return await this.#create(owner, outline, rules, signal);
    return await this.#adjust(owner, existing, outline, rules, signal);
  }
  /** Deletes the children of `owner` of these kinds whose names are not wanted. */
  async prune(owner, kinds, isWanted2, signal) {
    for (const kind of kinds) {
      const informer = this.#deps.informers.get(kind);
      informer.addIndex(BY_OWNER, byOwnerUid);
      for (const child of informer.byIndex(BY_OWNER, owner.metadata.uid ?? "")) {
        const isLeaving = child.metadata.deletionTimestamp !== void 0;
        if (isLeaving || !isControlledBy(child, owner) || isWanted2(child)) continue;
        await this.#delete(child, signal);
      }
    }
  }
  #withDefaults(outline) {
    const { registry, admission } = this.#deps;
    const definition = registry.get(outline.apiVersion, outline.kind);
    return definition === void 0 ? outline : definition.setDefaults(outline, admission());
  }
  async #create(owner, outline, rules, signal) {
    try {
      return await this.#deps.store.create(outline, { ...WRITE, signal });
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
      const existing = await readStored(this.#deps, outline, outline.metadata, signal);
      if (existing === void 0) throw error;
      return await this.#adjust(owner, existing, outline, rules, signal);
    }
  }
  async #adjust(owner, existing, outline, rules, signal) {
    this.#requireControl(existing, owner);
    if (existing.metadata.deletionTimestamp !== void 0) return withoutStatus(existing);
    const before = specOf(existing);
    if (specChanges(before, specOf(outline), rules.owned).length === 0) return existing;
    const after = specOf(this.#withDefaults(outline));
    if (rules.fixed.some((field) => !sameJson(before[field], after[field]))) {
      await this.#delete(existing, signal);
      return withoutStatus(existing);
    }
    const operations = specChanges(before, after, rules.owned);
    if (operations.length === 0) return existing;
    const patch = { type: "json", body: operations };
    return await this.#deps.store.patch(existing, existing.metadata, patch, { ...WRITE, signal });
  }
  #requireControl(child, owner) {
    if (isControlledBy(child, owner)) return;
    const { apiVersion, kind } = child;
    const { namespace, name } = child.metadata;
    const observer = observerOf(owner, owner.metadata);
    this.#deps.tracker.track({ apiVersion, kind, namespace, name }, observer);
    throw new MessagingError(
      `${kind} "${name}" exists and does not belong to ${owner.kind} "${owner.metadata.name}": rename or delete it`,
      { code: "AFFLUX_MESSAGING_CHILD_NOT_OWNED", fault: "user" }
    );
  }
  /** Only the very object that was looked at; one that is gone already is fine. */
  async #delete(child, signal) {
    const { uid } = child.metadata;
    try {
      await this.#deps.store.delete(child, child.metadata, { preconditions: { uid }, signal });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
};
function specChanges(before, after, owned) {
  const fields = [.../* @__PURE__ */ new Set([...owned, ...Object.keys(after)])];
  return fields.filter((field) => !sameJson(before[field], after[field])).map((field) => {
    const path = `/spec/${field.replaceAll("~", "~0").replaceAll("/", "~1")}`;
    const value = after[field];
    return value === void 0 ? { op: "remove", path } : { op: "add", path, value };
  });
}
function specOf(object) {
  return object.spec ?? {};
}
function withoutStatus(object) {
  const { status: _, ...rest } = object;
  return rest;
}

// packages/messaging/src/reconcile/defaults.ts
function fillDefaults(object, { registry, admission }) {
  if (object.spec?.channelTemplate !== void 0) return;
  const definition = registry.get(object.apiVersion, object.kind);
  if (definition === void 0) return;
  object.spec = definition.setDefaults(object, admission()).spec ?? {};
}
function requireTemplate(template) {
  if (template !== void 0) return template;
  throw new MessagingError(
    "spec.channelTemplate is missing, and default-ch-webhook has no default for this namespace",
    { code: "AFFLUX_MESSAGING_NO_CHANNEL_TEMPLATE", fault: "user" }
  );
}

// packages/messaging/src/reconcile/mistakes.ts
function messageOf2(error) {
  return error instanceof Error ? error.message : String(error);
}
function isMistake(error) {
  if (error instanceof StoreError)
    return error.reason === "Invalid" || error.reason === "BadRequest";
  return error instanceof MessagingError || error instanceof AddressError || error instanceof ResourcesError;
}
async function attempt(part, onFailure) {
  try {
    return await part();
  } catch (error) {
    onFailure(messageOf2(error));
    if (isMistake(error)) return void 0;
    throw error;
  }
}

// packages/messaging/src/reconcile/channel.ts
var ChannelReconciler = class {
  kind = CHANNEL;
  conditions = CHANNEL_CONDITIONS;
  #options;
  constructor(options) {
    this.#options = options;
  }
  prepare(channel) {
    fillDefaults(channel, this.#options.defaults);
  }
  async reconcile(channel, context) {
    const status = channel.status ??= {};
    const marks = new Marks(this.conditions, status, context.now());
    marks.eventPoliciesNotInUse();
    const backing = await this.#backingOf(channel, status, marks, context);
    if (backing === void 0) return;
    const { name, namespace } = channel.metadata;
    status.channel = channelReference(backing, name, namespace);
    copyReadiness(backing.status, marks);
    copyAddress(status, backing.status, marks);
    copySubscribers(status, backing.status);
    copyDeadLetterSink(status, backing, marks);
  }
  /** Undefined when there can be none; the conditions then say why. */
  async #backingOf(channel, status, marks, { signal }) {
    return await attempt(
      async () => {
        const template = requireTemplate(channel.spec.channelTemplate);
        requireChannelKind(template, this.#options.channelKinds);
        return await this.#ensure(channel, template, signal);
      },
      (message) => {
        marks.false("BackingChannelReady", "ChannelFailure", message);
        copyAddress(status, void 0, marks);
      }
    );
  }
  async #ensure(channel, template, signal) {
    const { delivery } = channel.spec;
    const outline = channelFromTemplate(channel, template, {
      name: channel.metadata.name,
      ...delivery === void 0 ? {} : { defaults: { delivery } }
    });
    const backing = await this.#options.children.ensure(
      channel,
      outline,
      CHANNEL_FIELDS,
      signal
    );
    return backing;
  }
};
function copyReadiness(backing, marks) {
  const type = "BackingChannelReady";
  const ready = findCondition(backing, "Ready");
  const { status, reason = "", message = "" } = ready ?? {};
  switch (status) {
    case "True":
      marks.true(type);
      return;
    case "False":
      marks.false(type, reason, message);
      return;
    case "Unknown":
      marks.unknown(type, reason, message);
      return;
    case void 0:
      marks.unknown(
        type,
        "BackingChannelNotConfigured",
        "BackingChannel has not yet been reconciled."
      );
  }
}
function copyAddress(status, backing, marks) {
  const { address, addresses } = backing ?? {};
  delete status.address;
  delete status.addresses;
  if (address !== void 0) status.address = { ...address };
  if (addresses !== void 0) status.addresses = addresses.map((entry) => ({ ...entry }));
  if ((address?.url ?? "") === "") {
    marks.false("Addressable", "EmptyHostname", "hostname is the empty string");
  } else marks.true("Addressable");
}
function copySubscribers(status, backing) {
  const { subscribers } = backing ?? {};
  if (subscribers === void 0) delete status.subscribers;
  else status.subscribers = subscribers.map((entry) => ({ ...entry }));
}
function copyDeadLetterSink(status, backing, marks) {
  const type = "DeadLetterSinkResolved";
  clearDeliveryStatus(status);
  if (backing.spec?.delivery?.deadLetterSink === void 0) {
    marks.true(type, "DeadLetterSinkNotConfigured", "No dead letter sink is configured.");
    return;
  }
  if (backing.status?.deadLetterSinkUri === void 0) {
    const { name } = backing.metadata;
    marks.false(type, `Backing Channel ${name} didn't set status.deadLetterSinkURI`, "");
    return;
  }
  Object.assign(status, deliveryStatusOf(backing.status));
  marks.true(type);
}

// packages/messaging/src/reconcile/channel-changes.ts
var BY_CHANNEL = "channel";
var BY_UID2 = "uid";
var NOBODY = /* @__PURE__ */ new Set();
var ConcernedSubscriptions = class {
  #subscriptions;
  constructor(subscriptions) {
    this.#subscriptions = subscriptions;
    subscriptions.addIndex(BY_CHANNEL, channelIds);
    subscriptions.addIndex(
      BY_UID2,
      ({ metadata }) => metadata.uid === void 0 ? [] : [metadata.uid]
    );
  }
  /** By a change of an object that carries `spec.subscribers`. */
  byChannelable(change) {
    const concerned = concernedByChannelable(change);
    if (concerned !== "all") return this.#byUid(concerned);
    const object = change.new ?? change.old;
    if (object === void 0) return [];
    const face = controllerKeyOf(object, CHANNEL);
    return [
      ...this.#byChannelId(`${kindId(object)} ${keyOf(object)}`),
      ...face === void 0 ? [] : this.#byChannelId(`${kindId(CHANNEL)} ${face}`)
    ];
  }
  /** By a change of a Channel. */
  byChannel(change) {
    const object = change.new ?? change.old;
    if (object === void 0 || !concernsAllOfChannel(change)) return [];
    return this.#byChannelId(`${kindId(CHANNEL)} ${keyOf(object)}`);
  }
  #byUid(uids) {
    return [...uids].flatMap((uid) => this.#subscriptions.byIndex(BY_UID2, uid).map(keyOf));
  }
  #byChannelId(id) {
    return this.#subscriptions.byIndex(BY_CHANNEL, id).map(keyOf);
  }
};
function channelIds({ metadata, spec }) {
  const { apiVersion = "", kind, name } = spec.channel;
  const namespaces = /* @__PURE__ */ new Set([metadata.namespace, spec.channel.namespace ?? metadata.namespace]);
  return [...namespaces].map(
    (namespace) => `${kindId({ apiVersion, kind })} ${formatKey({ namespace, name })}`
  );
}
function concernedByChannelable({ old, new: next }) {
  if (old === void 0 || next === void 0) return "all";
  const isSameForAll = sameJson(old.spec?.delivery, next.spec?.delivery) && sameJson(deliveryStatusOf(old.status), deliveryStatusOf(next.status));
  if (!isSameForAll) return "all";
  const uids = /* @__PURE__ */ new Set();
  collectDifferences(old.spec?.subscribers, next.spec?.subscribers, uids);
  collectDifferences(old.status?.subscribers, next.status?.subscribers, uids);
  return uids.size === 0 ? NOBODY : uids;
}
function concernsAllOfChannel({ old, new: next }) {
  return CHANNEL_CONDITIONS.isReady(old?.status) !== CHANNEL_CONDITIONS.isReady(next?.status) || !sameJson(old?.status?.channel, next?.status?.channel);
}
function collectDifferences(old = [], next = [], out) {
  if (old === next) return;
  const rest = /* @__PURE__ */ new Map();
  for (const [index, entry] of old.entries()) {
    if (entry !== next[index] && entry.uid !== void 0) rest.set(entry.uid, entry);
  }
  for (const [index, entry] of next.entries()) {
    if (entry === old[index] || entry.uid === void 0) continue;
    const before = rest.get(entry.uid);
    rest.delete(entry.uid);
    if (!sameJson(before, entry)) out.add(entry.uid);
  }
  for (const uid of rest.keys()) out.add(uid);
}

// packages/messaging/src/reconcile/addresses.ts
function deliveryStatusFrom({ url, caCerts, audience }) {
  return {
    deadLetterSinkUri: url,
    ...caCerts === void 0 ? {} : { deadLetterSinkCACerts: caCerts },
    ...audience === void 0 ? {} : { deadLetterSinkAudience: audience }
  };
}
function subscriberFieldsFrom({
  url,
  caCerts,
  audience
}) {
  return {
    subscriberUri: url,
    ...caCerts === void 0 ? {} : { subscriberCACerts: caCerts },
    ...audience === void 0 ? {} : { subscriberAudience: audience }
  };
}
function replyFieldsFrom({ url, caCerts, audience }) {
  return {
    replyUri: url,
    ...caCerts === void 0 ? {} : { replyCACerts: caCerts },
    ...audience === void 0 ? {} : { replyAudience: audience }
  };
}

// packages/messaging/src/reconcile/back-ends.ts
var RETRY_MS2 = 1e3;
var RETRY_MS_MAX2 = 3e4;
var REMOVALS_MAX = 6;
var REMOVAL_RETRY_MS2 = 5e3;
var SIDE_BY_SIDE_MAX = 16;
var REASONS3 = {
  AFFLUX_CHANNEL_UNAVAILABLE: "BackEndUnavailable",
  AFFLUX_CHANNEL_BACKEND_REFUSED: "BackEndRefused",
  AFFLUX_CHANNEL_TOPOLOGY_INVALID: "TopologyInvalid",
  AFFLUX_CHANNEL_CONFIG_INVALID: "ConfigInvalid"
};
var BackEnds = class {
  #memories = /* @__PURE__ */ new Map();
  #failures = /* @__PURE__ */ new Map();
  /** One try. Rejects with what is no failure of a back-end: a defect, or the end of the run. */
  async make(making) {
    const { key, open, places, signal } = making;
    const memory = this.#memoryOf(making);
    let provision;
    try {
      provision = open();
      await provision?.ensure({ signal });
    } catch (error) {
      const { code, message } = asFailure(error);
      if (code === "AFFLUX_CHANNEL_TOPOLOGY_INVALID") memory.places.clear();
      return {
        failure: { reason: reasonOf2(code), message },
        missing: missingOf(places, memory, message),
        retryInMs: this.#nextTry(key)
      };
    }
    const missing = provision === void 0 ? /* @__PURE__ */ new Map() : await this.#makePlaces(provision, making, memory);
    if (missing.size === 0) {
      this.#failures.delete(key);
      return { missing };
    }
    return { missing, retryInMs: this.#nextTry(key) };
  }
  /** Resolves when all of it is gone, or given up; rejects with `RequeueAfter` when it is to be tried again. */
  async remove(removal) {
    const { key, open, logger } = removal;
    let err;
    try {
      if (open !== void 0) {
        await this.#removeAll(open(), removal);
        this.forget(key);
        return;
      }
    } catch (error) {
      asFailure(error);
      err = error;
    }
    if (this.#count(key) < REMOVALS_MAX) throw new RequeueAfter(REMOVAL_RETRY_MS2);
    this.forget(key);
    logger.error({ err }, "left behind in the back-end: it cannot be removed");
  }
  /** The object is gone. */
  forget(key) {
    this.#memories.delete(key);
    this.#failures.delete(key);
  }
  async #removeAll(provision, { key, places, signal }) {
    if (provision === void 0) return;
    const known = [...this.#memories.get(key)?.places.values() ?? []];
    await sideBySide(
      byId([...known, ...places]),
      (place) => provision.removeSubscription(place, { signal })
    );
    await provision.remove({ signal });
  }
  #memoryOf({ key, backing }) {
    const known = this.#memories.get(key);
    if (known !== void 0 && sameJson(known.backing, backing)) return known;
    const memory = { backing, places: /* @__PURE__ */ new Map() };
    this.#memories.set(key, memory);
    return memory;
  }
  /** Removes the places of those who left, makes those of who came; says what is missing. */
  async #makePlaces(provision, { places, signal }, memory) {
    const wanted = new Map(places.map((place) => [place.id, place]));
    const missing = /* @__PURE__ */ new Map();
    const gone = [...memory.places.values()].filter(
      (place) => !isSameClaim(wanted.get(place.id), place)
    );
    await sideBySide(gone, async (place) => {
      try {
        await provision.removeSubscription(place, { signal });
        memory.places.delete(place.id);
      } catch (error) {
        missing.set(place.id, asFailure(error).message);
      }
    });
    const fresh = places.filter(({ id }) => !memory.places.has(id) && !missing.has(id));
    await sideBySide(fresh, async (place) => {
      try {
        await provision.ensureSubscription(place, { signal });
        memory.places.set(place.id, place);
      } catch (error) {
        missing.set(place.id, asFailure(error).message);
      }
    });
    return missing;
  }
  #nextTry(key) {
    const policy = { policy: "exponential", delayMs: RETRY_MS2, delayMsMax: RETRY_MS_MAX2 };
    return backoffMs(this.#count(key), policy);
  }
  #count(key) {
    const failures = (this.#failures.get(key) ?? 0) + 1;
    this.#failures.set(key, failures);
    return failures;
  }
};
function isSameClaim(wanted, place) {
  return wanted !== void 0 && wanted.uid === place.uid;
}
function missingOf(places, memory, message) {
  const unmade = places.filter((place) => !isSameClaim(memory.places.get(place.id), place));
  return new Map(unmade.map(({ id }) => [id, message]));
}
function byId(places) {
  return [...new Map(places.map((place) => [place.id, place])).values()];
}
function asFailure(error) {
  if (error instanceof ChannelError) return error;
  throw error;
}
function reasonOf2(code) {
  return (Object.hasOwn(REASONS3, code) ? REASONS3[code] : void 0) ?? "BackEndFailed";
}
async function sideBySide(items, work) {
  for (let start = 0; start < items.length; start += SIDE_BY_SIDE_MAX) {
    await Promise.all(items.slice(start, start + SIDE_BY_SIDE_MAX).map(work));
  }
}

// packages/messaging/src/reconcile/channel-kind.ts
var IN_USE_RETRY_MS = 1e3;
var IN_USE_WAITS_MAX = 40;
var NOTHING_MISSING = { missing: /* @__PURE__ */ new Map() };
function channelKindReconciler(rules, deps) {
  const work = new ChannelKindWork(rules, deps);
  const { backEnd } = rules;
  return {
    kind: rules.kind,
    conditions: rules.conditions,
    reconcile: (channel, context) => work.reconcile(channel, context),
    observeDeletion: (key) => {
      work.forget(formatKey(key));
    },
    ...backEnd === void 0 ? {} : {
      finalizer: backEnd.finalizer,
      finalize: (channel, context) => work.finalize(channel, context)
    }
  };
}
var ChannelKindWork = class {
  #rules;
  #deps;
  #backEnds = new BackEnds();
  /** By key: how often the finalizer waited for the data plane. */
  #waits = /* @__PURE__ */ new Map();
  constructor(rules, deps) {
    this.#rules = rules;
    this.#deps = deps;
  }
  async reconcile(channel, context) {
    const status = channel.status ??= {};
    const marks = new Marks(this.#rules.conditions, status, context.now());
    const run = { channel, status, marks, context };
    for (const type of this.#rules.always) marks.true(type);
    marks.eventPoliciesNotInUse();
    const { namespace = "", name } = channel.metadata;
    status.address = { name: "http", url: this.#deps.addresses.channelUrl(namespace, name) };
    marks.true("Addressable");
    const { backEnd } = this.#rules;
    const made = backEnd === void 0 ? NOTHING_MISSING : await this.#make(run, backEnd);
    setSubscribers(run, made.missing);
    if (made.retryInMs !== void 0) context.enqueueAfter(made.retryInMs);
    await this.#resolveDeadLetterSink(run);
  }
  /** Removes what stands behind the channel, once the data plane has let go of it. */
  async finalize(channel, { signal, logger }) {
    const key = formatKey(channel.metadata);
    this.#waitForDataPlane(channel, key);
    const { backingSources } = this.#deps;
    if (backingSources === void 0) return;
    const backing = channelBacking(channel, backingSources);
    const open = "problem" in backing ? void 0 : () => this.#deps.provision?.(backing.value, refOf(channel));
    const places = this.#placesOf(channel);
    await this.#backEnds.remove({ key, open, places, signal, logger });
    this.forget(key);
  }
  forget(key) {
    this.#backEnds.forget(key);
    this.#waits.delete(key);
  }
  #waitForDataPlane(channel, key) {
    if (this.#deps.isInUse?.(refOf(channel)) !== true) return;
    const waits = (this.#waits.get(key) ?? 0) + 1;
    this.#waits.set(key, waits);
    if (waits <= IN_USE_WAITS_MAX) throw new RequeueAfter(IN_USE_RETRY_MS);
  }
  /** Marks what the back-end is made of; says which subscribers it has no place for yet. */
  async #make(run, backEnd) {
    const { channel, status, marks, context } = run;
    const { backingSources } = this.#deps;
    const places = this.#placesOf(channel);
    if (backingSources === void 0) return blocked(run, backEnd, NO_SOURCES, places);
    const observer = observerOf(this.#rules.kind, channel.metadata);
    for (const reference of channelReferences(channel, backingSources)) {
      this.#deps.tracker.track(reference, observer);
    }
    const found = channelBacking(channel, backingSources);
    if ("problem" in found) return blocked(run, backEnd, found.problem, places);
    if (backEnd.configured !== void 0) marks.true(backEnd.configured);
    const annotations = channelAnnotations(channel, backingSources);
    if (Object.keys(annotations).length > 0) {
      status.annotations = { ...status.annotations, ...annotations };
    }
    const made = await this.#backEnds.make({
      key: formatKey(channel.metadata),
      backing: found.value,
      open: () => this.#deps.provision?.(found.value, refOf(channel)),
      places,
      signal: context.signal
    });
    if (made.failure === void 0) marks.true(backEnd.made);
    else marks.false(backEnd.made, made.failure.reason, made.failure.message);
    return made;
  }
  #placesOf(channel) {
    const { namespace = "", name } = channel.metadata;
    return (channel.spec?.subscribers ?? []).map((entry) => {
      const startAt = this.#startOf(entry, channel);
      const storageName = entry.name === void 0 || entry.name === "" ? void 0 : channelStorageName(channel.kind, {
        namespace,
        channel: name,
        subscription: entry.name
      });
      return {
        id: subscriberId(entry, namespace),
        uid: entry.uid,
        ...startAt === void 0 ? {} : { from: startAt },
        ...storageName === void 0 ? {} : { storageName }
      };
    });
  }
  /** Where a new subscriber begins: its Subscription says, else the channel. */
  #startOf(entry, { metadata }) {
    const key = subscriptionOf(entry, metadata.namespace ?? "");
    const subscription = key === void 0 ? void 0 : this.#deps.informers.get(SUBSCRIPTION).get(key.namespace, key.name);
    return flowSettings(subscription?.metadata.annotations, metadata.annotations).startAt;
  }
  async #resolveDeadLetterSink({ channel, status, marks, context }) {
    clearDeliveryStatus(status);
    const sink = channel.spec?.delivery?.deadLetterSink;
    if (sink === void 0) {
      marks.true(
        "DeadLetterSinkResolved",
        "DeadLetterSinkNotConfigured",
        "No dead letter sink is configured."
      );
      return;
    }
    const { namespace } = channel.metadata;
    const observer = observerOf(this.#rules.kind, channel.metadata);
    try {
      const options = { namespace, observer, signal: context.signal };
      const address = await this.#deps.resolver.resolve(sink, options);
      Object.assign(status, deliveryStatusFrom(address));
      marks.true("DeadLetterSinkResolved");
    } catch (error) {
      const reason = "Unable to get the DeadLetterSink's URI";
      marks.false("DeadLetterSinkResolved", reason, messageOf2(error));
      if (!(error instanceof AddressError)) throw error;
    }
  }
};
var NO_SOURCES = {
  condition: "Ready",
  reason: "NotConfigured",
  message: "this process is not set up to serve channels of this kind"
};
function blocked({ marks }, backEnd, { condition: condition2, reason, message }, places) {
  const isOwn = condition2 === backEnd.configured;
  if (isOwn) marks.unknown(backEnd.made, reason, message);
  marks.false(isOwn ? condition2 : backEnd.made, reason, message);
  return { missing: new Map(places.map(({ id }) => [id, message])) };
}
function setSubscribers({ channel, status }, missing) {
  const subscribers = channel.spec?.subscribers ?? [];
  const { namespace = "" } = channel.metadata;
  if (subscribers.length === 0) delete status.subscribers;
  else {
    status.subscribers = subscribers.map(
      (entry) => subscriberStatus(entry, missing.get(subscriberId(entry, namespace)))
    );
  }
}
function subscriberStatus(entry, missing) {
  const problem = deliveryProblem(entry) ?? missing;
  return {
    ...entry.uid === void 0 ? {} : { uid: entry.uid },
    ...entry.generation === void 0 ? {} : { observedGeneration: entry.generation },
    ...problem === void 0 ? { ready: "True" } : { ready: "False", message: problem }
  };
}
function refOf({ kind, metadata: { namespace = "", name } }) {
  return { kind, namespace, name };
}

// packages/messaging/src/reconcile/channel-rules.ts
var KAFKA = {
  conditions: KAFKA_CHANNEL_CONDITIONS,
  always: ["ConfigMapUpdated", "DataPlaneAvailable", "ProbeSucceeded", "ChannelServiceReady"],
  backEnd: {
    configured: "ConfigParsed",
    made: "TopicReady",
    finalizer: "kafkachannels.messaging.knative.dev"
  }
};
var RULES = [
  {
    kind: IN_MEMORY_CHANNEL,
    conditions: IN_MEMORY_CHANNEL_CONDITIONS,
    always: ["DispatcherReady", "ServiceReady", "EndpointsReady", "ChannelServiceReady"]
  },
  {
    kind: DURABLE_CHANNEL,
    conditions: DURABLE_CHANNEL_CONDITIONS,
    always: [],
    backEnd: { made: "StoreReady", finalizer: "durablechannels.messaging.afflux.dev" }
  },
  { kind: KAFKA_CHANNEL, ...KAFKA },
  { kind: KAFKA_CHANNEL_V1BETA1, ...KAFKA },
  {
    kind: RABBITMQ_CHANNEL,
    conditions: RABBITMQ_CHANNEL_CONDITIONS,
    always: [],
    backEnd: {
      configured: "SecretReady",
      made: "ExchangeReady",
      finalizer: "rabbitmqchannels.messaging.afflux.dev"
    }
  }
];
function channelRules(kind) {
  return RULES.find((rules) => isSameKind(rules.kind, kind));
}

// packages/messaging/src/reconcile/child-changes.ts
var concernsFlow = ({ old, new: next }) => {
  if (next === void 0) return true;
  const before = old;
  const after = next;
  return !sameJson(findCondition(before?.status, "Ready"), findCondition(after.status, "Ready")) || !sameJson(before?.status?.address, after.status?.address) || before !== void 0 && isSpecChanged(before, after);
};
var concernsFace = ({ old, new: next }) => {
  if (next === void 0) return true;
  const before = old;
  const after = next;
  return !sameJson(before?.status, after.status) || before !== void 0 && isSpecChanged(before, after);
};
function isSpecChanged(before, after) {
  if (before.spec === after.spec) return false;
  const { subscribers: _before, ...left } = before.spec ?? {};
  const { subscribers: _after, ...right } = after.spec ?? {};
  return !sameJson(left, right);
}
function wakeOwners(children, owners) {
  children.onChange((change) => {
    const child = change.new ?? change.old;
    if (child === void 0) return;
    for (const { kind, controller, concerns } of owners) {
      const key = controllerKeyOf(child, kind);
      if (key !== void 0 && concerns(change)) controller.enqueue(key);
    }
  });
}

// packages/messaging/src/reconcile/flow-children.ts
var CHANNELS_NOT_READY = {
  reason: "ChannelsNotReady",
  message: "Channels are not ready yet, or there are none"
};
var SUBSCRIPTIONS_NOT_READY = {
  reason: "SubscriptionsNotReady",
  message: "Subscriptions are not ready yet, or there are none"
};
var NO_ADDRESS = { reason: "emptyAddress", message: "addressable is nil" };
var FlowChildren = class {
  #children;
  #channelKinds;
  constructor(children, channelKinds) {
    this.#children = children;
    this.#channelKinds = channelKinds;
  }
  /** The flow's template; throws a mistake when there is none, or none that can be made. */
  templateOf(owner) {
    const template = requireTemplate(owner.spec?.channelTemplate);
    requireChannelKind(template, this.#channelKinds);
    return template;
  }
  /** The channels as they are now, in the order of the outlines. */
  async channels(owner, outlines, signal) {
    const channels = await Promise.all(
      outlines.map((outline) => this.#children.ensure(owner, outline, CHANNEL_FIELDS, signal))
    );
    return channels;
  }
  /** The Subscriptions as they are now, in the order of the outlines. */
  async subscriptions(owner, outlines, signal) {
    return await Promise.all(
      outlines.map((outline) => this.#children.ensure(owner, outline, SUBSCRIPTION_FIELDS, signal))
    );
  }
  /**
   * Deletes what an earlier form of the flow had and this one has not: leftover steps and branches, and the
   * channels of a template kind that was left.
   */
  async prune(owner, wanted, signal) {
    const ids = new Set(wanted.map(idOf));
    const kinds = [...this.#channelKinds, SUBSCRIPTION];
    await this.#children.prune(owner, kinds, (child) => ids.has(idOf(child)), signal);
  }
};
function idOf({ apiVersion, kind, metadata }) {
  return `${apiVersion}/${kind}/${metadata.name}`;
}

// packages/messaging/src/reconcile/flow-status.ts
function readyConditionOf(child) {
  const ready = findCondition(child.status, "Ready");
  if (ready !== void 0) return { ...ready };
  return {
    type: "Ready",
    status: "Unknown",
    reason: "NoReady",
    message: `${child.kind} does not have Ready condition`
  };
}
function referenceTo({ apiVersion, kind, metadata }) {
  const { name, namespace } = metadata;
  return { apiVersion, kind, name, ...namespace === void 0 ? {} : { namespace } };
}
function subscriptionEntry(child) {
  return { subscription: referenceTo(child), ready: readyConditionOf(child) };
}
function channelEntry(child, ready = readyConditionOf(child)) {
  return { channel: referenceTo(child), ready };
}

// packages/messaging/src/reconcile/parallel-children.ts
function parallelChildren(parallel, template) {
  const { name } = parallel.metadata;
  const { branches } = parallel.spec;
  return {
    ingress: channelFromTemplate(parallel, template, { name: parallelIngressName(name) }),
    channels: branches.map(
      (_, index) => channelFromTemplate(parallel, template, { name: parallelBranchName(name, index) })
    ),
    filters: branches.map((branch, index) => filterFor(parallel, template, branch, index)),
    subscriptions: branches.map((branch, index) => branchFor(parallel, template, branch, index))
  };
}
function filterFor(parallel, template, { filter: filter2 }, index) {
  const { name, namespace } = parallel.metadata;
  const behind = { ref: channelReference(template, parallelBranchName(name, index), namespace) };
  return subscriptionFor(parallel, parallelFilterName(name, index), {
    channel: channelReference(template, parallelIngressName(name)),
    ...filter2 === void 0 ? { subscriber: behind } : { subscriber: filter2, reply: behind }
  });
}
function branchFor(parallel, template, { subscriber, reply = parallel.spec.reply, delivery }, index) {
  const name = parallelBranchName(parallel.metadata.name, index);
  return subscriptionFor(parallel, name, {
    channel: channelReference(template, name),
    subscriber,
    ...reply === void 0 ? {} : { reply },
    ...delivery === void 0 ? {} : { delivery }
  });
}

// packages/messaging/src/reconcile/parallel.ts
var ParallelReconciler = class {
  kind = PARALLEL;
  conditions = PARALLEL_CONDITIONS;
  #options;
  constructor(options) {
    this.#options = options;
  }
  prepare(parallel) {
    fillDefaults(parallel, this.#options.defaults);
  }
  async reconcile(parallel, context) {
    const { children } = this.#options;
    const { signal } = context;
    const status = parallel.status ??= {};
    const marks = new Marks(this.conditions, status, context.now());
    marks.eventPoliciesNotInUse();
    const made = await attempt(
      async () => {
        const outline2 = parallelChildren(parallel, children.templateOf(parallel));
        return { outline: outline2, channels: await this.#channels(parallel, outline2, signal) };
      },
      (message) => {
        marks.false("ChannelsReady", CHANNELS_NOT_READY.reason, message);
      }
    );
    if (made === void 0) return;
    const { outline, channels } = made;
    showChannels(status, channels, marks);
    const wanted = [...outline.filters, ...outline.subscriptions];
    const subscriptions = await attempt(
      () => children.subscriptions(parallel, wanted, signal),
      (message) => {
        marks.false("SubscriptionsReady", SUBSCRIPTIONS_NOT_READY.reason, message);
      }
    );
    if (subscriptions === void 0) return;
    showBranches(status, channels.branches, subscriptions, marks);
    await children.prune(parallel, [outline.ingress, ...outline.channels, ...wanted], signal);
  }
  async #channels(parallel, outline, signal) {
    const all = [outline.ingress, ...outline.channels];
    const [ingress, ...branches] = await this.#options.children.channels(parallel, all, signal);
    if (ingress === void 0) throw new TypeError("the ingress channel was not made");
    return { ingress, branches };
  }
};
function addressCondition(channel) {
  if (channel.status?.address !== void 0) return { type: "Ready", status: "True" };
  return {
    type: "Ready",
    status: "False",
    reason: "NotAddressable",
    message: "Channel is not addressable"
  };
}
function showChannels(status, { ingress, branches }, marks) {
  const conditions = [ingress, ...branches].map(addressCondition);
  status.ingressChannelStatus = channelEntry(ingress, addressCondition(ingress));
  const address = ingress.status?.address;
  if (address === void 0) {
    delete status.address;
    marks.false("Addressable", NO_ADDRESS.reason, NO_ADDRESS.message);
  } else {
    status.address = { ...address };
    marks.true("Addressable");
  }
  if (conditions.every((condition2) => condition2.status === "True")) marks.true("ChannelsReady");
  else marks.false("ChannelsReady", CHANNELS_NOT_READY.reason, CHANNELS_NOT_READY.message);
}
function showBranches(status, channels, subscriptions, marks) {
  status.branchStatuses = channels.flatMap((channel, index) => {
    const filter2 = subscriptions[index];
    const own = subscriptions[channels.length + index];
    if (filter2 === void 0 || own === void 0) return [];
    return [
      {
        filterSubscriptionStatus: subscriptionEntry(filter2),
        filterChannelStatus: channelEntry(channel, addressCondition(channel)),
        subscriberSubscriptionStatus: subscriptionEntry(own)
      }
    ];
  });
  const areReady2 = status.branchStatuses.every(
    ({ filterSubscriptionStatus, subscriberSubscriptionStatus }) => filterSubscriptionStatus.ready.status === "True" && subscriberSubscriptionStatus.ready.status === "True"
  );
  if (areReady2 && channels.length > 0) marks.true("SubscriptionsReady");
  else {
    const { reason, message } = SUBSCRIPTIONS_NOT_READY;
    marks.false("SubscriptionsReady", reason, message);
  }
}

// packages/messaging/src/reconcile/sequence-children.ts
function sequenceChildren(sequence, template) {
  const { steps } = sequence.spec;
  const nameOf = (step) => sequenceStepName(sequence.metadata.name, step);
  return {
    channels: steps.map(
      (_, index) => channelFromTemplate(sequence, template, { name: nameOf(index) })
    ),
    subscriptions: steps.map((step, index) => {
      const reply = replyOf(sequence, template, index);
      return subscriptionFor(sequence, nameOf(index), {
        channel: channelReference(template, nameOf(index)),
        subscriber: subscriberOf(step),
        ...reply === void 0 ? {} : { reply },
        ...step.delivery === void 0 ? {} : { delivery: step.delivery }
      });
    })
  };
}
function subscriberOf(step) {
  const { delivery: _, ...destination } = step;
  return destination;
}
function replyOf({ metadata, spec }, template, step) {
  if (step === spec.steps.length - 1) return spec.reply;
  const next = sequenceStepName(metadata.name, step + 1);
  return { ref: channelReference(template, next, metadata.namespace) };
}

// packages/messaging/src/reconcile/sequence.ts
var SequenceReconciler = class {
  kind = SEQUENCE;
  conditions = SEQUENCE_CONDITIONS;
  #options;
  constructor(options) {
    this.#options = options;
  }
  prepare(sequence) {
    fillDefaults(sequence, this.#options.defaults);
  }
  async reconcile(sequence, context) {
    const { children } = this.#options;
    const { signal } = context;
    const status = sequence.status ??= {};
    const marks = new Marks(this.conditions, status, context.now());
    marks.eventPoliciesNotInUse();
    const made = await attempt(
      async () => {
        const outline2 = sequenceChildren(sequence, children.templateOf(sequence));
        return { outline: outline2, channels: await children.channels(sequence, outline2.channels, signal) };
      },
      (message) => {
        marks.unknown("ChannelsReady", CHANNELS_NOT_READY.reason, message);
      }
    );
    if (made === void 0) return;
    showChannels2(status, made.channels, marks);
    const { outline } = made;
    const subscriptions = await attempt(
      () => children.subscriptions(sequence, outline.subscriptions, signal),
      (message) => {
        marks.unknown("SubscriptionsReady", SUBSCRIPTIONS_NOT_READY.reason, message);
      }
    );
    if (subscriptions === void 0) return;
    showSubscriptions(status, subscriptions, marks);
    await children.prune(sequence, [...outline.channels, ...outline.subscriptions], signal);
  }
};
function showChannels2(status, channels, marks) {
  status.channelStatuses = channels.map((channel) => channelEntry(channel));
  const address = channels[0]?.status?.address;
  if (address?.url === void 0) {
    delete status.address;
    marks.unknown("Addressable", NO_ADDRESS.reason, NO_ADDRESS.message);
  } else {
    status.address = { ...address };
    marks.true("Addressable");
  }
  if (areReady(status.channelStatuses)) marks.true("ChannelsReady");
  else marks.unknown("ChannelsReady", CHANNELS_NOT_READY.reason, CHANNELS_NOT_READY.message);
}
function showSubscriptions(status, subscriptions, marks) {
  status.subscriptionStatuses = subscriptions.map(subscriptionEntry);
  if (areReady(status.subscriptionStatuses)) marks.true("SubscriptionsReady");
  else {
    const { reason, message } = SUBSCRIPTIONS_NOT_READY;
    marks.unknown("SubscriptionsReady", reason, message);
  }
}
function areReady(entries) {
  return entries.length > 0 && entries.every(({ ready }) => ready.status === "True");
}

// packages/messaging/src/reconcile/subscriber-lists.ts
var GATHER_MS_PER_ENTRY = 0.05;
var GATHER_MS_MIN = 1;
var GATHER_MS_MAX = 25;
var ATTEMPTS_MAX = 10;
var SubscriberLists = class {
  #options;
  /** The batch that is being gathered, per channel; absent when no write is under way. */
  #gathering = /* @__PURE__ */ new Map();
  constructor(options) {
    this.#options = options;
  }
  /** Resolves when the channel has this entry. Rejects with NotFound when there is no such channel. */
  async put(channel, entry) {
    await this.#change(channel, entry.uid, entry);
  }
  /** Resolves when the channel has no entry of this uid. Rejects with NotFound as {@link put} does. */
  async remove(channel, uid) {
    await this.#change(channel, uid, void 0);
  }
  #change(channel, uid, entry) {
    const id = `${kindId(channel)} ${formatKey(channel)}`;
    let batch = this.#gathering.get(id);
    if (batch === void 0) {
      batch = newBatch();
      this.#gathering.set(id, batch);
      batch.changes.set(uid, entry);
      void this.#writeAll(id, channel);
    } else batch.changes.set(uid, entry);
    return batch.done;
  }
  async #writeAll(id, channel) {
    for (; ; ) {
      const batch = this.#gathering.get(id);
      if (batch === void 0 || batch.changes.size === 0) break;
      await this.#options.clock.sleep(this.#gatherMs(channel));
      this.#gathering.set(id, newBatch());
      const writing = this.#write(channel, batch.changes);
      batch.settle(writing);
      await writing.catch(() => void 0);
    }
    this.#gathering.delete(id);
  }
  #gatherMs(channel) {
    const informer = this.#options.informers.get(channel);
    const present = informer.get(channel.namespace, channel.name);
    const entries = present?.spec?.subscribers?.length ?? 0;
    return Math.min(Math.max(GATHER_MS_MIN, entries * GATHER_MS_PER_ENTRY), GATHER_MS_MAX);
  }
  async #write(channel, changes) {
    const { store } = this.#options;
    for (let attempt2 = 1; ; attempt2 += 1) {
      const { metadata, spec } = await store.get(channel, channel);
      const before = spec?.subscribers ?? [];
      const subscribers = withChanges(before, changes);
      if (sameJson(before, subscribers)) return;
      const body = {
        metadata: { resourceVersion: metadata.resourceVersion },
        spec: { subscribers }
      };
      try {
        const options = { fieldManager: CONTROLLER_USER };
        await store.patch(channel, channel, { type: "merge", body }, options);
        return;
      } catch (error) {
        if (!isConflict(error) || attempt2 === ATTEMPTS_MAX) throw error;
      }
    }
  }
};
function withChanges(before, changes) {
  const pending = new Map(changes);
  const kept = before.flatMap((entry) => {
    if (entry.uid === void 0 || !changes.has(entry.uid)) return [entry];
    const next = pending.get(entry.uid);
    pending.delete(entry.uid);
    return next === void 0 ? [] : [next];
  });
  const added = [...pending.values()].filter((entry) => entry !== void 0);
  return [...kept, ...added];
}
function newBatch() {
  let settle = () => void 0;
  const done2 = new Promise((resolve4) => {
    settle = resolve4;
  });
  done2.catch(() => void 0);
  return { changes: /* @__PURE__ */ new Map(), done: done2, settle };
}

// packages/messaging/src/reconcile/subscriber-entry.ts
function effectiveDelivery(own, channels, deadLetterSink) {
  const { deadLetterSink: _, ...rules } = own ?? channels ?? {};
  const delivery = {
    ...rules,
    ...deadLetterSink === void 0 ? {} : { deadLetterSink }
  };
  return Object.keys(delivery).length === 0 ? void 0 : delivery;
}
function subscriberEntry({ metadata, spec }, physical, channel) {
  const {
    deadLetterSinkUri: _uri,
    deadLetterSinkCACerts: _caCerts,
    deadLetterSinkAudience: _audience,
    ...addresses
  } = physical;
  const sink = deadLetterDestination(physical);
  const delivery = effectiveDelivery(spec.delivery, channel.spec?.delivery, sink);
  return {
    name: subscriberName(metadata, channel.metadata.namespace ?? ""),
    ...metadata.uid === void 0 ? {} : { uid: metadata.uid },
    ...metadata.generation === void 0 ? {} : { generation: metadata.generation },
    ...addresses,
    ...delivery === void 0 ? {} : { delivery }
  };
}

// packages/messaging/src/reconcile/subscription.ts
var SubscriptionReconciler = class {
  kind = SUBSCRIPTION;
  conditions = SUBSCRIPTION_CONDITIONS;
  finalizer = "subscriptions.messaging.knative.dev";
  #options;
  constructor(options) {
    this.#options = options;
  }
  async reconcile(subscription, context) {
    const status = subscription.status ??= {};
    const marks = new Marks(this.conditions, status, context.now());
    marks.true("OIDCIdentityCreated", "authentication-oidc feature disabled");
    const run = { subscription, status, marks, signal: context.signal };
    const forbidden3 = await this.#options.channels.forbiddenPlacesOf(subscription, run.signal);
    await this.#leave(subscription, forbidden3);
    const channel = await this.#findChannel(run);
    if (channel === void 0) return;
    const physical = await this.#resolve(run, channel);
    if (physical === void 0) return;
    status.physicalSubscription = physical;
    marks.true("ReferencesResolved");
    const entry = subscriberEntry(subscription, physical, channel);
    if (!await this.#addToChannel(run, channel, entry)) return;
    marks.true("AddedToChannel");
    showChannelsVerdict(run, channel);
  }
  /** Takes the entry out of the channel, if there are still both. */
  async finalize(subscription, { signal }) {
    const places = await this.#options.channels.placesOf(subscription, signal);
    await this.#leave(subscription, places);
  }
  async #leave(subscription, places) {
    for (const place of places) {
      try {
        await this.#options.lists.remove(place, subscription.metadata.uid ?? "");
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    }
  }
  async #findChannel({ subscription, marks, signal }) {
    return await attempt(
      () => this.#options.channels.find(subscription, signal),
      (message) => {
        marks.unknown(
          "ReferencesResolved",
          "ChannelReferenceFailed",
          `Failed to get Spec.Channel or backing channel: ${message}`
        );
      }
    );
  }
  async #resolve(run, channel) {
    const { subscriber, reply } = run.subscription.spec;
    const subscriberFields = isEmpty(subscriber) ? {} : await this.#part(
      run,
      "SubscriberResolveFailed",
      "spec.subscriber",
      async () => subscriberFieldsFrom(await this.#address(run, subscriber))
    );
    if (subscriberFields === void 0) return void 0;
    const replyFields = reply === void 0 || isEmpty(reply) ? {} : await this.#part(
      run,
      "ReplyResolveFailed",
      "spec.reply",
      async () => replyFieldsFrom(await this.#address(run, reply))
    );
    if (replyFields === void 0) return void 0;
    const sinkFields = await this.#part(
      run,
      "DeadLetterSinkResolveFailed",
      "spec.delivery.deadLetterSink",
      () => this.#deadLetterSink(run, channel)
    );
    if (sinkFields === void 0) return void 0;
    return { ...subscriberFields, ...replyFields, ...sinkFields };
  }
  async #part({ marks }, reason, field, work) {
    return await attempt(work, (message) => {
      marks.false("ReferencesResolved", reason, `Failed to resolve ${field}: ${message}`);
    });
  }
  async #address({ subscription, signal }, destination) {
    const { namespace } = subscription.metadata;
    const observer = observerOf(SUBSCRIPTION, subscription.metadata);
    return await this.#options.resolver.resolve(destination, { namespace, observer, signal });
  }
  /** The Subscription's own, else that of the channel, which must have been resolved there. */
  async #deadLetterSink(run, channel) {
    const own = run.subscription.spec.delivery?.deadLetterSink;
    if (own !== void 0) return deliveryStatusFrom(await this.#address(run, own));
    if (channel.spec?.delivery?.deadLetterSink === void 0) return {};
    const sink = deliveryStatusOf(channel.status);
    if (sink.deadLetterSinkUri !== void 0) return sink;
    throw new MessagingError(
      `channel ${channel.metadata.name} didn't set status.deadLetterSinkURI`,
      { code: "AFFLUX_MESSAGING_DEAD_LETTER_SINK_UNRESOLVED", fault: "user" }
    );
  }
  /** False when the channel is gone, which its condition then says. */
  async #addToChannel({ subscription, marks }, channel, entry) {
    const uid = subscription.metadata.uid ?? "";
    const present = channel.spec?.subscribers?.find((candidate) => candidate.uid === uid);
    if (sameJson(present, entry)) return true;
    try {
      await this.#options.lists.put(keyOfChannel(channel), { ...entry, uid });
      return true;
    } catch (error) {
      const message = `Failed to sync physical Channel: ${messageOf2(error)}`;
      marks.false("AddedToChannel", "PhysicalChannelSyncFailed", message);
      if (isNotFound(error) || isMistake(error)) return false;
      throw error;
    }
  }
};
function showChannelsVerdict({ subscription, marks }, channel) {
  const type = "ChannelReady";
  const reason = "SubscriptionNotMarkedReadyByChannel";
  const { uid, generation, name } = subscription.metadata;
  const verdict = channel.status?.subscribers?.find(
    (entry) => entry.uid === uid && entry.observedGeneration === generation
  );
  switch (verdict?.ready) {
    case "True":
      marks.true(type);
      return;
    case "False": {
      const { message } = verdict;
      const because = message === void 0 ? "" : `: ${message}`;
      marks.false(type, reason, `Subscription marked by Channel as False${because}`);
      return;
    }
    case "Unknown":
      marks.unknown(type, reason, "Subscription marked by Channel as Unknown");
      return;
    case void 0:
      marks.unknown(
        type,
        reason,
        `Failed to get subscription status: subscription "${name}" not present in channel "${channel.metadata.name}" subscriber's list`
      );
  }
}
function keyOfChannel({ apiVersion, kind, metadata }) {
  return { apiVersion, kind, namespace: metadata.namespace ?? "", name: metadata.name };
}
function isEmpty(destination) {
  return Object.keys(destination).length === 0;
}

// packages/messaging/src/reconcile/subscription-channel.ts
var ChannelSource = class {
  #options;
  constructor(options) {
    this.#options = options;
  }
  /** The channel to subscribe to. Throws a mistake when there is none now; its message says why. */
  async find(subscription, signal) {
    const reference = subscription.spec.channel;
    const namespace = this.#namespaceOf(subscription);
    if (!isChannel(reference)) return await this.#read(reference, namespace, signal);
    const channel = await this.#channel(namespace, reference.name, signal);
    if (channel === void 0) throw noChannel(`Channel "${reference.name}" not found`);
    const backing = channel.status?.channel;
    if (!CHANNEL_CONDITIONS.isReady(channel.status) || backing === void 0) {
      throw noChannel(`Channel "${reference.name}" is not ready`);
    }
    return await this.#read(backing, namespace, signal);
  }
  /**
   * Where an entry of this Subscription may stand, whatever the state of its channel and of the features: in the
   * channel that it reads now, and in the one that it read before a feature was turned on or off.
   */
  async placesOf(subscription, signal) {
    const { metadata, spec } = subscription;
    const own = metadata.namespace ?? "";
    const namespaces = /* @__PURE__ */ new Set([spec.channel.namespace ?? own, own]);
    const keys = await Promise.all(
      [...namespaces].map((namespace) => this.#keyOf(spec.channel, namespace, signal))
    );
    return keys.filter((key) => key !== void 0);
  }
  /** Those of {@link placesOf} at which no entry may stand now. */
  async forbiddenPlacesOf(subscription, signal) {
    const { metadata, spec } = subscription;
    if ((spec.channel.namespace ?? metadata.namespace) === metadata.namespace) return [];
    const allowed = this.#namespaceOf(subscription);
    const places = await this.placesOf(subscription, signal);
    return places.filter(({ namespace }) => namespace !== allowed);
  }
  /** References across namespaces count only while the feature is on (T07). */
  #namespaceOf({ metadata, spec }) {
    const { features } = this.#options.admission();
    const own = metadata.namespace ?? "";
    return isEnabled(features, "cross-namespace-event-links") ? spec.channel.namespace ?? own : own;
  }
  #channel(namespace, name, signal) {
    return readObject(this.#options, CHANNEL, { namespace, name }, signal);
  }
  /**
   * The channel that carries the subscribers of this reference. Undefined for kinds that are not served here:
   * then there is no such channel either.
   */
  async #keyOf(reference, namespace, signal) {
    const { name } = reference;
    let { apiVersion, kind } = reference;
    if (isChannel(reference)) {
      const channel = await this.#channel(namespace, name, signal);
      const backing = channel?.status?.channel ?? channel?.spec.channelTemplate;
      ({ apiVersion, kind } = backing ?? {});
    }
    const known = this.#options.channelKinds.find(
      (candidate) => candidate.apiVersion === apiVersion && candidate.kind === kind
    );
    return known === void 0 ? void 0 : { ...known, namespace, name };
  }
  async #read({ apiVersion = "", kind, name }, namespace, signal) {
    const wanted = { apiVersion, kind };
    requireChannelKind(wanted, this.#options.channelKinds);
    const key = { namespace, name };
    const channel = await readObject(this.#options, wanted, key, signal);
    if (channel === void 0) throw noChannel(`${kind} "${name}" not found`);
    return channel;
  }
};
function isChannel(reference) {
  return isSameKind({ apiVersion: reference.apiVersion ?? "", kind: reference.kind }, CHANNEL);
}
function noChannel(message) {
  return new MessagingError(message, { code: "AFFLUX_MESSAGING_NO_CHANNEL", fault: "user" });
}

// packages/messaging/src/reconcile/controllers.ts
var SUBSCRIPTION_WORKERS = 64;
function messagingControllers(deps) {
  const { channelKinds = DEFAULT_CHANNEL_KINDS, resolver } = deps;
  const children = new Children2(deps);
  const flow = { defaults: deps, children: new FlowChildren(children, channelKinds) };
  const subscriptions = controllerOf(
    deps,
    "subscription",
    new SubscriptionReconciler({
      resolver,
      channels: new ChannelSource({ ...deps, channelKinds }),
      lists: new SubscriberLists(deps)
    }),
    SUBSCRIPTION_WORKERS
  );
  const channel = controllerOf(
    deps,
    "channel",
    new ChannelReconciler({ defaults: deps, children, channelKinds })
  );
  const sequence = controllerOf(deps, "sequence", new SequenceReconciler(flow));
  const parallel = controllerOf(deps, "parallel", new ParallelReconciler(flow));
  wakeSubscriptions(deps, subscriptions);
  for (const kind of [...channelKinds, SUBSCRIPTION]) {
    wakeOwners(deps.informers.get(kind), [
      { kind: CHANNEL, controller: channel, concerns: concernsFace },
      { kind: SEQUENCE, controller: sequence, concerns: concernsFlow },
      { kind: PARALLEL, controller: parallel, concerns: concernsFlow }
    ]);
  }
  const kinds = channelKinds.flatMap((kind) => {
    const rules = channelRules(kind);
    if (rules === void 0) return [];
    return [controllerOf(deps, controllerName(kind), channelKindReconciler(rules, deps))];
  });
  return [...kinds, channel, subscriptions, sequence, parallel];
}
function controllerName({ apiVersion, kind }) {
  const version = apiVersion.slice(apiVersion.indexOf("/") + 1);
  return version === "v1beta1" ? `${kind.toLowerCase()}-${version}` : kind.toLowerCase();
}
function controllerOf(deps, name, reconciler, workers) {
  const { store, informers, clock, logger, meter, random, tracker, events } = deps;
  return new Controller({
    name,
    store,
    informer: informers.get(reconciler.kind),
    reconciler,
    clock,
    logger,
    tracker,
    ...meter === void 0 ? {} : { meter },
    ...events === void 0 ? {} : { events },
    ...random === void 0 ? {} : { random },
    ...workers === void 0 ? {} : { workers }
  });
}
function wakeSubscriptions({ informers, channelKinds = DEFAULT_CHANNEL_KINDS }, controller) {
  const concerned = new ConcernedSubscriptions(informers.get(SUBSCRIPTION));
  const enqueueAll = (keys) => {
    for (const key of keys) controller.enqueue(key);
  };
  informers.get(CHANNEL).onChange((change) => {
    enqueueAll(concerned.byChannel(change));
  });
  for (const kind of channelKinds) {
    const informer = informers.get(kind);
    informer.onChange((change) => {
      enqueueAll(concerned.byChannelable(change));
    });
  }
}

// packages/server/src/system-config.ts
var DECODERS = /* @__PURE__ */ new Map([
  [FEATURES_CONFIG_MAP, decodeFeatures],
  [BROKER_DEFAULTS_CONFIG_MAP, decodeBrokerDefaults],
  [CHANNEL_DEFAULTS_CONFIG_MAP, decodeChannelDefaults],
  [BROKER_CHANNEL_CONFIG_MAP, decodeBrokerChannel],
  [SUGAR_CONFIG_MAP, decodeSugar],
  [KREFERENCE_MAPPING_CONFIG_MAP, decodeKReferenceMapping],
  [KAFKA_FEATURES_CONFIG_MAP, decodeKafkaFeatures]
]);
function configMapProblems(object, systemNamespace) {
  if (object.kind !== "ConfigMap" || object.metadata.namespace !== systemNamespace)
    return void 0;
  const decode3 = DECODERS.get(object.metadata.name);
  const errors = decode3?.(object).errors;
  return errors === void 0 || errors.isEmpty ? void 0 : errors;
}
var SHIPPED_MANAGER = "afflux-shipped";
var DEFAULT_NAMESPACE = "default";
async function createShippedConfig(store, options) {
  const { systemNamespace, template, others = [] } = options;
  for (const name of /* @__PURE__ */ new Set([DEFAULT_NAMESPACE, systemNamespace])) {
    await applyShipped(store, { apiVersion: "v1", kind: "Namespace", metadata: { name } });
  }
  for (const object of shippedConfigMaps(systemNamespace, template)) {
    await applyShipped(store, object);
  }
  for (const object of others) await applyShipped(store, object, true);
}
async function applyShipped(store, object, force = false) {
  try {
    await store.patch(
      object,
      object.metadata,
      { type: "apply", body: object, force },
      { fieldManager: SHIPPED_MANAGER }
    );
  } catch (error) {
    if (!isConflict(error)) throw error;
  }
}
var SystemConfig = class {
  systemNamespace;
  #features;
  #brokerDefaults;
  #channelDefaults;
  #mapping;
  #kafkaFeatures;
  constructor(watcher, systemNamespace) {
    this.systemNamespace = systemNamespace;
    this.#features = watcher.follow({
      name: FEATURES_CONFIG_MAP,
      decode: decodeFeatures,
      shipped: SHIPPED_FEATURES
    });
    this.#brokerDefaults = watcher.follow({
      name: BROKER_DEFAULTS_CONFIG_MAP,
      decode: decodeBrokerDefaults,
      shipped: SHIPPED_BROKER_DEFAULTS
    });
    this.#channelDefaults = watcher.follow({
      name: CHANNEL_DEFAULTS_CONFIG_MAP,
      decode: decodeChannelDefaults,
      shipped: SHIPPED_CHANNEL_DEFAULTS
    });
    this.#mapping = watcher.follow({
      name: KREFERENCE_MAPPING_CONFIG_MAP,
      decode: decodeKReferenceMapping,
      shipped: SHIPPED_KREFERENCE_MAPPING
    });
    this.#kafkaFeatures = watcher.follow({
      name: KAFKA_FEATURES_CONFIG_MAP,
      decode: decodeKafkaFeatures,
      shipped: SHIPPED_KAFKA_FEATURES
    });
  }
  get features() {
    return this.#features.value;
  }
  /** How topics and consumer groups are called. */
  get kafkaFeatures() {
    return this.#kafkaFeatures.value;
  }
  get channelDefaults() {
    return this.#channelDefaults.value;
  }
  /** What defaulting and validation look at. */
  admissionContext(user) {
    return {
      features: this.#features.value,
      brokerDefaults: this.#brokerDefaults.value,
      channelDefaults: this.#channelDefaults.value,
      systemNamespace: this.systemNamespace,
      user
    };
  }
  /** The address of a kind that has none of its own (feature kreference-mapping). */
  mapReference = (reference) => isEnabled(this.features, "kreference-mapping") ? mappedAddress(this.#mapping.value, reference, {
    Name: reference.name,
    Namespace: reference.namespace ?? "",
    UID: "",
    SystemNamespace: this.systemNamespace
  }) : void 0;
};

// packages/server/src/admission.ts
var USER = "user";
function storeAdmission(registry, config) {
  return (object, old, request2) => {
    const isFromOutside = request2.fieldValidation !== void 0;
    const decoded = isFromOutside ? decodedObject(registry, object, request2) : object;
    if (request2.subresource === "status") return decoded;
    const isController = !isFromOutside && request2.fieldManager === CONTROLLER_USER;
    const user = isController ? CONTROLLER_USER : USER;
    const decision = admit(registry, decoded, config().admissionContext(user), old);
    if (decision.object === void 0) throw invalid(registry, decoded, decision.errors);
    const problems = configMapProblems(decision.object, config().systemNamespace);
    if (problems !== void 0) throw invalid(registry, decoded, problems);
    return decision.object;
  };
}
function decodedObject(registry, object, { fieldValidation, onWarning }) {
  const { object: decoded, errors, dropped } = decode(registry, object, { unknownFields: "drop" });
  const unknown = dropped.map((path) => `unknown field ${JSON.stringify(path)}`);
  if (fieldValidation === "Strict" && unknown.length > 0) throw strictRefusal(object, unknown);
  if (decoded === void 0) throw invalid(registry, object, errors);
  if (fieldValidation === "Warn") for (const text2 of unknown) onWarning?.(text2);
  return decoded;
}
function strictRefusal({ apiVersion, kind }, unknown) {
  const version = apiVersion.slice(apiVersion.lastIndexOf("/") + 1);
  return new StoreError(
    "AFFLUX_STORE_BAD_REQUEST",
    `${kind} in version ${JSON.stringify(version)} cannot be handled as a ${kind}: strict decoding error: ${unknown.join(", ")}`
  );
}
function invalid(registry, { apiVersion, kind, metadata }, errors) {
  const { group = "", plural = "" } = registry.get(apiVersion, kind) ?? {};
  const causes = statusCauses(errors);
  const texts = causes.map(
    ({ field, message }) => field === "" ? message : `${field}: ${message}`
  );
  const qualified = group === "" ? kind : `${kind}.${group}`;
  const list = texts.length === 1 ? texts.join("") : `[${texts.join(", ")}]`;
  const { namespace, name } = metadata;
  return new StoreError(
    "AFFLUX_STORE_INVALID",
    `${qualified} ${JSON.stringify(name)} is invalid: ${list}`,
    { details: { kind, group, plural, namespace, name, causes, problems: errors.entries() } }
  );
}

// packages/server/src/backlogs/backlog-reporter.ts
var REPORT_MS = 1e4;
var WRITES_MAX = 100;
var TROUBLES_SHOWN_MAX = 10;
var BACKLOG_ANNOTATIONS = {
  backlog: "afflux.dev/backlog",
  deadLetters: "afflux.dev/dead-letters",
  lost: "afflux.dev/lost-events"
};
var LABELS = ["namespace", "kind", "name", "subscription"];
var BacklogReporter = class extends BaseComponent {
  name = "backlog reporter";
  #options;
  /** Losses already logged, by object. */
  #lostSeen = /* @__PURE__ */ new Map();
  /** Objects in the order in which they were written last. */
  #writtenInRound = /* @__PURE__ */ new Map();
  #round = 0;
  #timer;
  #reporting = Promise.resolve();
  #removeGauges = [];
  constructor(options) {
    super();
    this.#options = options;
  }
  onStart() {
    this.#removeGauges = [
      this.#observeDeadLetters(),
      this.#observeDetached(),
      this.#observeTrouble()
    ];
    this.#schedule();
    return Promise.resolve();
  }
  async onClose() {
    this.#timer?.cancel();
    for (const remove of this.#removeGauges) remove();
    await this.#reporting;
  }
  #schedule() {
    this.#timer = this.#options.clock.setTimer(REPORT_MS, () => {
      this.#reporting = this.report().finally(() => {
        if (this.state === "running") this.#schedule();
      });
    });
  }
  /** One round. Never rejects. */
  async report() {
    try {
      const channels = this.#options.directory.channels();
      this.#reportTrouble(channels);
      await this.#writeAll(this.#subjects(channels));
    } catch (err) {
      this.#options.logger.error({ err }, "backlogs cannot be reported");
    }
  }
  #reportTrouble(channels) {
    const troubles = channels.flatMap(
      ({ ref, description: { trouble } }) => trouble === void 0 ? [] : [`${ref.namespace}/${ref.name}: ${trouble}`]
    );
    const { health } = this.#options;
    if (troubles.length === 0) {
      health.set("channels", "ready");
      return;
    }
    const more = troubles.length - TROUBLES_SHOWN_MAX;
    const shown4 = troubles.slice(0, TROUBLES_SHOWN_MAX).join("; ");
    health.set("channels", "degraded", more > 0 ? `${shown4}; and ${String(more)} more` : shown4);
  }
  /** Triggers and Subscriptions with their own counts, Brokers and channels with those of all of theirs. */
  #subjects(channels) {
    const subjects = [];
    for (const { ref, broker, subscriptions } of channels) {
      let total = { backlog: 0, deadLetters: 0, lost: 0 };
      for (const { owner, description } of subscriptions) {
        const { depth, overflow, deadLetters = 0, lost = 0 } = description;
        const facts = { backlog: depth + overflow, deadLetters, lost };
        total = {
          backlog: total.backlog + facts.backlog,
          deadLetters: total.deadLetters + facts.deadLetters,
          lost: total.lost + facts.lost
        };
        if (owner !== void 0) subjects.push(this.#subject({ ...owner, facts }));
      }
      subjects.push(this.#subject({ ...ref, facts: total }));
      if (broker !== void 0 && ref.kind !== "Broker") {
        const { namespace } = ref;
        subjects.push(this.#subject({ kind: "Broker", namespace, name: broker, facts: total }));
      }
    }
    return subjects.filter((subject) => this.#isNews(subject));
  }
  #subject(options) {
    const { kind, namespace, name, facts } = options;
    const object = this.#options.find(kind, namespace, name);
    return { kind: { apiVersion: object?.apiVersion ?? "", kind }, namespace, name, facts };
  }
  /** Whether the status does not say so yet. */
  #isNews({ kind: { kind }, namespace, name, facts }) {
    const object = this.#options.find(kind, namespace, name);
    if (object?.status === void 0) return false;
    const present = object.status.annotations ?? {};
    return Object.entries(annotationsOf(facts)).some(
      ([key, value]) => (present[key] ?? null) !== value
    );
  }
  async #writeAll(subjects) {
    this.#round += 1;
    const lastOf = (subject) => this.#writtenInRound.get(keyOf7(subject)) ?? 0;
    const chosen = [...subjects].sort((left, right) => lastOf(left) - lastOf(right)).slice(0, WRITES_MAX);
    for (const subject of chosen) {
      this.#noteLost(subject);
      await this.#write(subject);
      this.#writtenInRound.set(keyOf7(subject), this.#round);
    }
    if (this.#writtenInRound.size > REMEMBERED_MAX) this.#writtenInRound.clear();
    if (this.#lostSeen.size > REMEMBERED_MAX) this.#lostSeen.clear();
  }
  async #write(subject) {
    const { kind, namespace, name, facts } = subject;
    const body = { status: { annotations: annotationsOf(facts) } };
    try {
      await this.#options.store.patch(
        kind,
        { namespace, name },
        { type: "merge", body },
        { subresource: "status", fieldManager: CONTROLLER_USER }
      );
    } catch (err) {
      if (isNotFound(err) || isConflict(err)) return;
      this.#options.logger.warn(
        { err, kind: kind.kind, namespace, name },
        "backlog cannot be written into the status"
      );
    }
  }
  #noteLost(subject) {
    const { kind, namespace, name, facts } = subject;
    const key = keyOf7(subject);
    const seen = this.#lostSeen.get(key) ?? 0;
    this.#lostSeen.set(key, facts.lost);
    if (facts.lost <= seen) return;
    this.#options.logger.warn(
      { kind: kind.kind, namespace, name, lost: facts.lost, more: facts.lost - seen },
      "retention took events that were not delivered"
    );
  }
  #observeDeadLetters() {
    const options = {
      name: "afflux_subscription_dead_letters",
      help: "Dead letters kept for a subscription.",
      labels: LABELS
    };
    return this.#observe(options, ({ deadLetters }) => deadLetters);
  }
  #observeDetached() {
    const options = {
      name: "afflux_subscription_detached_events",
      help: "Events kept for a subscription that nobody reads at present.",
      labels: LABELS
    };
    return this.#observe(
      options,
      ({ attached, depth, overflow }) => attached ? void 0 : depth + overflow
    );
  }
  #observe(options, read2) {
    return this.#options.meter.observe(
      options,
      () => this.#options.directory.channels().flatMap(
        ({ ref, description }) => description.subscriptions.flatMap((subscription) => {
          const value = read2(subscription);
          const labels = [ref.namespace, ref.kind, ref.name, subscription.label];
          return value === void 0 ? [] : [{ value, labels }];
        })
      )
    );
  }
  #observeTrouble() {
    return this.#options.meter.observe(
      {
        name: "afflux_channel_trouble",
        help: "1 while something keeps a channel from working, else 0.",
        labels: ["namespace", "kind", "name"]
      },
      () => this.#options.directory.channels().map(({ ref, description }) => ({
        value: description.trouble === void 0 ? 0 : 1,
        labels: [ref.namespace, ref.kind, ref.name]
      }))
    );
  }
};
var REMEMBERED_MAX = 5e4;
function annotationsOf(facts) {
  const shown4 = (count3) => count3 === 0 ? null : String(count3);
  return {
    [BACKLOG_ANNOTATIONS.backlog]: shown4(facts.backlog),
    [BACKLOG_ANNOTATIONS.deadLetters]: shown4(facts.deadLetters),
    [BACKLOG_ANNOTATIONS.lost]: shown4(facts.lost)
  };
}
function keyOf7({ kind: { kind }, namespace, name }) {
  return `${kind}/${namespace}/${name}`;
}

// packages/server/src/cluster/delete-all.ts
async function deleteAll(store, kind, { namespace, signal }) {
  const { items } = await store.list(kind, { namespace, signal });
  let left = 0;
  for (const { metadata } of items) {
    const { uid } = metadata;
    try {
      const held = await store.delete(kind, metadata, { preconditions: { uid }, signal });
      if (held !== void 0) left += 1;
    } catch (error) {
      if (isConflict(error)) left += 1;
      else if (!isNotFound(error)) throw error;
    }
  }
  return left;
}

// packages/server/src/cluster/user-kinds.ts
var LOOK_AGAIN_MS = 200;
var UserKinds = class {
  #registry;
  #definitions = /* @__PURE__ */ new Map();
  constructor({ registry }) {
    this.#registry = registry;
  }
  /** The kinds of a definition are served from now on, as it says now. */
  learn(crd) {
    const { name, generation } = crd.metadata;
    const known = this.#definitions.get(name);
    if (known !== void 0 && known.generation === generation) return;
    this.forget(name);
    const kinds = kindsOfCrd(crd).filter(
      ({ apiVersion, kind }) => this.#registry.get(apiVersion, kind) === void 0
    );
    for (const kind of kinds) this.#registry.register(kind);
    this.#definitions.set(name, { generation, kinds });
  }
  /** They are served no more. */
  forget(name) {
    for (const { apiVersion, kind } of this.kindsOf(name)) {
      this.#registry.unregister(apiVersion, kind);
    }
    this.#definitions.delete(name);
  }
  /** Those that came with a definition. */
  kindsOf(name) {
    return this.#definitions.get(name)?.kinds ?? [];
  }
};
var CrdReconciler = class {
  kind = {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition"
  };
  finalizer = "customresourcecleanup.apiextensions.k8s.io";
  #deps;
  constructor(deps) {
    this.#deps = deps;
  }
  reconcile(crd, { now }) {
    this.#deps.userKinds.learn(crd);
    const { names, versions } = crd.spec;
    const stored = versions.filter(({ storage }) => storage).map(({ name }) => name);
    const status = crd.status ?? {};
    const conditions = [
      condition("NamesAccepted", "NoConflicts", "no conflicts found", now()),
      condition(
        "Established",
        "InitialNamesAccepted",
        "the initial names have been accepted",
        now()
      )
    ];
    crd.status = {
      ...status,
      conditions: conditions.map(
        (next) => status.conditions?.find(({ type, status: is }) => type === next.type && is === "True") ?? next
      ),
      acceptedNames: {
        listKind: `${names.kind}List`,
        singular: names.kind.toLowerCase(),
        ...names
      },
      storedVersions: stored
    };
    return Promise.resolve();
  }
  async finalize(crd, { signal }) {
    const { name } = crd.metadata;
    const { store, userKinds } = this.#deps;
    userKinds.learn(crd);
    let left = 0;
    for (const kind of userKinds.kindsOf(name)) left += await deleteAll(store, kind, { signal });
    if (left > 0) {
      throw new RequeueAfter(LOOK_AGAIN_MS, `${String(left)} objects of the kind are still there`);
    }
    userKinds.forget(name);
  }
};
function condition(type, reason, message, now) {
  return { type, status: "True", lastTransitionTime: now, reason, message };
}

// packages/server/src/cluster/namespace-reconciler.ts
var LOOK_AGAIN_MS2 = 200;
var NamespaceReconciler = class {
  kind = { apiVersion: "v1", kind: "Namespace" };
  finalizer = "afflux.dev/namespace-contents";
  #deps;
  constructor(deps) {
    this.#deps = deps;
  }
  reconcile(namespace) {
    namespace.status = { ...namespace.status, phase: "Active" };
    return Promise.resolve();
  }
  async finalize(namespace, { signal }) {
    const { name } = namespace.metadata;
    namespace.status = { ...namespace.status, phase: "Terminating" };
    const { store, registry } = this.#deps;
    let left = 0;
    for (const definition of registry.all()) {
      if (!definition.namespaced) continue;
      left += await deleteAll(store, definition, { namespace: name, signal });
    }
    if (left > 0) {
      throw new RequeueAfter(LOOK_AGAIN_MS2, `${String(left)} objects are still in the namespace`);
    }
  }
};

// packages/server/src/data-home.ts
var OBJECTS = "objects";
var DataHome = class extends BaseComponent {
  name = "data directory";
  #options;
  #directory;
  constructor(options) {
    super();
    this.#options = options;
  }
  /** Where durable channels are; undefined without a data directory. Only while running. */
  get directory() {
    return this.#directory;
  }
  /** Rejects when the directory cannot be used, or another process uses it. */
  async onStart() {
    const { path, store, userKinds, clock, logger } = this.#options;
    if (path === void 0) return;
    const { openDataDirectory, openKeyValueTable } = await import("./src-MQAJJWK7.mjs");
    this.#directory = openDataDirectory(path, { clock, logger });
    await store.restore(openKeyValueTable(this.#directory, OBJECTS), (object) => {
      userKinds.learn(object);
    });
  }
  async onClose() {
    await this.#options.store.close();
    await this.#directory?.close();
  }
};

// packages/server/src/api/dead-letters.ts
var SHOWN_DATA_BYTES_MAX = 1024 * 1024;
var LISTED_DATA_BYTES_MAX = 1024;
var SCANNED_MAX = 5e3;
var DeadLetterResource = class {
  #directory;
  constructor(directory) {
    this.#directory = directory;
  }
  /** JSON text of a `DeadLetterList`. */
  async list(namespace, query, signal) {
    const { found, next } = await this.#page(namespace, query, signal);
    const metadata = {
      resourceVersion: "",
      ...next === void 0 ? {} : { continue: formatContinue(next) }
    };
    const items = found.map(
      ({ channel, letter }) => this.#text(channel, letter, LISTED_DATA_BYTES_MAX)
    );
    const head = { kind: "DeadLetterList", apiVersion: API_VERSION, metadata };
    return `${JSON.stringify(head).slice(0, -1)},"items":[${items.join(",")}]}`;
  }
  /** JSON text of one `DeadLetter`. */
  async get(namespace, name, signal) {
    const { channel, letter } = await this.#find(namespace, name, signal);
    return this.#text(channel, letter, SHOWN_DATA_BYTES_MAX);
  }
  /** Back to the subscription that failed. */
  async redrive(namespace, name, signal) {
    const { channel, letter } = await this.#find(namespace, name, signal);
    const redriven = await channel.channel.deadLetters?.redrive(letter.subscription, [letter.id]);
    if (redriven !== 1) throw letterUnknown(name);
    return success({ name, group: "afflux.dev", kind: "deadletters", redriven });
  }
  async drop(namespace, name, signal) {
    const { channel, letter } = await this.#find(namespace, name, signal);
    const dropped = await channel.channel.deadLetters?.drop(letter.subscription, [letter.id]);
    if (dropped !== 1) throw letterUnknown(name);
    return success({ name, group: "afflux.dev", kind: "deadletters", dropped });
  }
  /** Drops a page of what a query selects; the Status says where to go on. */
  async dropPage(namespace, query, signal) {
    const { found, next } = await this.#page(namespace, query, signal);
    let dropped = 0;
    for (const { letters, subscription, ids } of grouped(found)) {
      dropped += query.isDryRun ? ids.length : await letters.drop(subscription, ids);
    }
    return success(
      { group: "afflux.dev", kind: "deadletters", dropped },
      next === void 0 ? {} : { continue: formatContinue(next) }
    );
  }
  /** The sources that a query means. Throws a refusal when it names what keeps no dead letters. */
  sources(namespace, query) {
    const channels = this.#directory.matching(namespace, query);
    const sources = channels.flatMap((channel) => sourcesOf(channel, query));
    const isNamed = query.broker !== void 0 || query.channel !== void 0;
    if (isNamed && channels.length === 0) throw notServed(namespace, query);
    const [refused3] = channels;
    if (isNamed && refused3 !== void 0 && refused3.channel.deadLetters === void 0) {
      throw apiRefused(
        "Invalid",
        `a channel of type ${refused3.description.type} keeps no dead letters: give its subscribers a delivery.deadLetterSink`
      );
    }
    return sources;
  }
  async #page(namespace, query, signal) {
    const sources = this.sources(namespace, query.selector);
    const { after: from, passes, limit } = query;
    const found = [];
    let scanned = 0;
    for (const source of sources) {
      if (from !== void 0 && source.key < from.source) continue;
      let after = source.key === from?.source ? from.after : void 0;
      do {
        const room = limit - found.length;
        if (room <= 0 || scanned >= SCANNED_MAX) {
          return { found, next: position(source, after) };
        }
        const page = await source.letters.list({
          limit: room,
          ...source.subscription === void 0 ? {} : { subscription: source.subscription },
          ...after === void 0 ? {} : { after },
          ...signal === void 0 ? {} : { signal }
        });
        scanned += page.letters.length;
        for (const letter of page.letters) {
          if (passes?.(letter.event) ?? true) found.push({ channel: source.channel, letter });
        }
        after = page.next;
      } while (after !== void 0);
    }
    return { found, next: void 0 };
  }
  async #find(namespace, name, signal) {
    const parsed = parseLetterName(name);
    if (parsed === void 0) throw letterUnknown(name);
    for (const channel of this.#directory.channels(namespace)) {
      const subscription = await subscriptionIn(channel, parsed.hash, signal);
      if (subscription === void 0) continue;
      const letter = await channel.channel.deadLetters?.get(subscription, parsed.id);
      if (letter !== void 0) return { channel, letter };
    }
    throw letterUnknown(name);
  }
  #text(channel, letter, dataBytesMax) {
    const owner = ownerIn(channel, letter.subscription);
    return deadLetterText(letter, { channel, owner }, dataBytesMax);
  }
};
function sourcesOf(channel, query) {
  const letters = channel.channel.deadLetters;
  if (letters === void 0) return [];
  const key = channelKey(channel.ref);
  const isNarrow = query.trigger !== void 0 || query.subscription !== void 0;
  if (!isNarrow) return [{ key, channel, letters, subscription: void 0 }];
  return channel.subscriptions.filter(({ owner }) => matchesOwner(owner, query)).map(({ id }) => ({ key: `${key}
${id}`, channel, letters, subscription: id })).sort((left, right) => left.key < right.key ? -1 : 1);
}
function position(source, after) {
  return after === void 0 ? { source: source.key } : { source: source.key, after };
}
async function subscriptionIn({ ref, channel, subscriptions }, hash, signal) {
  const letters = channel.deadLetters;
  if (letters === void 0) return void 0;
  const present = subscriptions.find(({ id }) => subscriptionHash(ref, id) === hash);
  if (present !== void 0) return present.id;
  let after;
  for (let scanned = 0; scanned < SCANNED_MAX; scanned += PAGE_MAX) {
    const page = await letters.list({
      limit: PAGE_MAX,
      ...after === void 0 ? {} : { after },
      ...signal === void 0 ? {} : { signal }
    });
    const match = page.letters.find(
      ({ subscription }) => subscriptionHash(ref, subscription) === hash
    );
    if (match !== void 0 || page.next === void 0) return match?.subscription;
    after = page.next;
  }
  return void 0;
}
function* grouped(found) {
  const groups = /* @__PURE__ */ new Map();
  for (const { channel, letter } of found) {
    const letters = channel.channel.deadLetters;
    if (letters === void 0) continue;
    const key = `${channelKey(channel.ref)}
${letter.subscription}`;
    const group = groups.get(key) ?? { letters, subscription: letter.subscription, ids: [] };
    group.ids.push(letter.id);
    groups.set(key, group);
  }
  yield* groups.values();
}
function letterUnknown(name) {
  return apiRefused("NotFound", `deadletters.afflux.dev ${JSON.stringify(name)} not found`);
}
function notServed(namespace, query) {
  const [kind, name] = query.broker === void 0 ? ["channel", query.channel] : ["broker", query.broker];
  return apiRefused(
    "NotFound",
    `${kind} ${JSON.stringify(name)} not found in namespace ${JSON.stringify(namespace)}, or not served here`
  );
}

// packages/server/src/api/job-requests.ts
var resourceName = external_exports.string().max(253).regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/, "a lowercase RFC 1123 subdomain is expected");
var filter = external_exports.string().min(1).max(PARAMETER_CHARS_MAX);
var rate = external_exports.number().positive().max(1e6);
var backlog = {
  broker: resourceName.optional(),
  channel: resourceName.optional()
};
var redriveSpec = external_exports.strictObject({
  ...backlog,
  trigger: resourceName.optional(),
  subscription: resourceName.optional(),
  filter: filter.optional(),
  rate: rate.optional(),
  dryRun: external_exports.boolean().optional()
});
var replaySpec = external_exports.strictObject({
  ...backlog,
  trigger: resourceName.optional(),
  subscription: resourceName.optional(),
  from: external_exports.string().min(1).max(PARAMETER_CHARS_MAX),
  to: external_exports.string().min(1).max(PARAMETER_CHARS_MAX).optional(),
  filter: filter.optional(),
  rate: rate.optional()
}).refine(({ broker, channel }) => broker === void 0 !== (channel === void 0), {
  error: "name either a broker or a channel"
}).refine(({ trigger, subscription }) => trigger === void 0 !== (subscription === void 0), {
  error: "name the trigger, or the subscription, that gets the events again"
});
function request(kind, spec) {
  return external_exports.strictObject({
    apiVersion: external_exports.literal(API_VERSION),
    kind: external_exports.literal(kind),
    metadata: external_exports.strictObject({ name: resourceName.optional(), namespace: resourceName.optional() }).prefault({}),
    spec
  });
}
var redriveRequest = request("Redrive", redriveSpec);
var replayRequest = request("Replay", replaySpec);
function parseRedrive(body, namespace) {
  return parse("Redrive", redriveRequest, body, namespace);
}
function parseReplay(body, namespace) {
  return parse("Replay", replayRequest, body, namespace);
}
function parse(kind, schema, body, namespace) {
  const result = schema.safeParse(body);
  if (!result.success) {
    const problems = result.error.issues.map(
      ({ path, message }) => path.length === 0 ? message : `${path.map(String).join(".")}: ${message}`
    );
    throw apiRefused("Invalid", `${kind}.afflux.dev is invalid: ${problems.join("; ")}`);
  }
  const { metadata, spec } = result.data;
  if (metadata.namespace !== void 0 && metadata.namespace !== namespace) {
    throw apiRefused(
      "BadRequest",
      `the namespace of the provided object does not match the namespace sent on the request`
    );
  }
  return { name: metadata.name ?? "", spec };
}

// packages/server/src/api/replay-bounds.ts
var TIME = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/;
function parseFrom(text2) {
  return text2 === "earliest" ? text2 : parseBound(text2);
}
function parseBound(text2) {
  const timeMs = TIME.test(text2) ? Date.parse(text2) : Number.NaN;
  return Number.isNaN(timeMs) ? { position: text2 } : { timeMs };
}

// packages/server/src/api/jobs.ts
var JobResource = class {
  #options;
  constructor(options) {
    this.#options = options;
  }
  get table() {
    return this.#options.table;
  }
  /** Throws a refusal; a job that was made runs already. */
  createRedrive(namespace, body) {
    const { name, spec } = parseRedrive(body, namespace);
    const { deadLetters, table, clock } = this.#options;
    const { filter: filter2, rate: rate2, dryRun = false, ...query } = spec;
    const sources = deadLetters.sources(namespace, query);
    const passes = filter2 === void 0 ? void 0 : parseFilter(filter2);
    const options = {
      dryRun,
      clock,
      accepts: acceptedLetters(clock.now(), passes),
      ...rate2 === void 0 ? {} : { ratePerSecond: rate2 }
    };
    return table.create({
      kind: "Redrive",
      namespace,
      name,
      spec,
      run: (progress, signal) => redriveAll(sources, { ...options, signal }, progress)
    });
  }
  createReplay(namespace, body) {
    const { name, spec } = parseReplay(body, namespace);
    const { table, clock } = this.#options;
    const { channel, subscription } = this.#target(namespace, spec);
    const { filter: filter2, rate: rate2 } = spec;
    const options = {
      channel: channel.channel,
      subscription: subscription.id,
      from: parseFrom(spec.from),
      clock,
      ...spec.to === void 0 ? {} : { to: parseBound(spec.to) },
      ...filter2 === void 0 ? {} : { accepts: parseFilter(filter2) },
      ...rate2 === void 0 ? {} : { ratePerSecond: rate2 }
    };
    return table.create({
      kind: "Replay",
      namespace,
      name,
      spec,
      run: async (progress, signal) => {
        const onProgress = ({ seen, matched, sent, position: position2 }) => {
          Object.assign(progress, { scanned: seen, matched, done: sent });
          if (position2 !== void 0) progress.position = position2;
        };
        onProgress(await replay({ ...options, signal, onProgress }));
      }
    });
  }
  #target(namespace, spec) {
    const [channel] = this.#options.directory.matching(namespace, spec);
    if (channel === void 0) throw notServed(namespace, spec);
    assertReplayable(channel);
    const subscription = channel.subscriptions.find(({ owner }) => matchesOwner(owner, spec));
    if (subscription !== void 0) return { channel, subscription };
    const [kind, name] = spec.trigger === void 0 ? ["subscription", spec.subscription] : ["trigger", spec.trigger];
    throw apiRefused(
      "NotFound",
      `${kind} ${JSON.stringify(name)} not found at ${spec.broker ?? spec.channel ?? ""}, or not served here`
    );
  }
};
function acceptedLetters(startedMs, passes) {
  return ({ event, storedMs }) => storedMs <= startedMs && (passes?.(event) ?? true);
}
async function redriveAll(sources, options, progress) {
  let before = { ...progress, failed: 0 };
  const onProgress = ({ seen, matched, sent, failed: failed2 }) => {
    progress.scanned = before.scanned + seen;
    progress.matched = before.matched + matched;
    progress.done = before.done + sent;
    progress.failed = before.failed + failed2;
  };
  for (const { channel, subscription } of sources) {
    await redrive({
      ...options,
      channel: channel.channel,
      ...subscription === void 0 ? {} : { subscription },
      onProgress
    });
    before = { ...progress, failed: progress.failed ?? 0 };
  }
}
function assertReplayable({ channel, description }) {
  const { read: read2, wants, publishTo } = channel;
  if ([read2, wants, publishTo].every((method) => method !== void 0)) return;
  throw apiRefused(
    "Invalid",
    `a channel of type ${description.type} cannot replay: it keeps no events that were delivered`
  );
}

// packages/server/src/api/api-resources.ts
var API_RESOURCES = [
  resource("DeadLetter", ["delete", "deletecollection", "get", "list"], ["dl"]),
  resource("Redrive", ["create", "delete", "get", "list"]),
  resource("Replay", ["create", "delete", "get", "list"])
];
function resource(kind, verbs, shortNames = []) {
  const [group = "", version = ""] = API_VERSION.split("/");
  const singular = kind.toLowerCase();
  const plural = `${singular}s`;
  return {
    group,
    version,
    plural,
    singular,
    kind,
    namespaced: true,
    verbs,
    shortNames,
    categories: []
  };
}

// packages/server/src/channels/backings.ts
var CONFIG_MAP2 = { apiVersion: "v1", kind: "ConfigMap" };
var SECRET = { apiVersion: "v1", kind: "Secret" };
var RABBITMQ_BROKER_CONFIG = {
  apiVersion: "eventing.knative.dev/v1alpha1",
  kind: "RabbitmqBrokerConfig"
};
function backingsOf(options) {
  const { informers, systemNamespace, kafkaFeatures, find } = options;
  const configMaps = informers.get(CONFIG_MAP2);
  const secrets = informers.get(SECRET);
  const rabbitmqBrokerConfigs = informers.get(RABBITMQ_BROKER_CONFIG);
  const sources = {
    systemNamespace,
    configMap: (namespace, name) => configMaps.get(namespace, name),
    secret: (namespace, name) => secrets.get(namespace, name),
    rabbitmqBrokerConfig: (namespace, name) => rabbitmqBrokerConfigs.get(namespace, name),
    kafkaFeatures
  };
  const followed = [
    configMaps,
    secrets,
    rabbitmqBrokerConfigs,
    ...options.kinds.map((kind) => informers.get(kind))
  ];
  return {
    sources,
    backingOf: (ref) => {
      const object = find(ref);
      if (object === void 0) {
        throw new ChannelUnavailable(`there is no ${ref.kind} ${ref.namespace}/${ref.name}`);
      }
      return backingOfObject(object, sources);
    },
    follow: (onChange) => {
      const unfollow = followed.map((informer) => informer.onChange(onChange));
      return () => {
        for (const end of unfollow) end();
      };
    }
  };
}
function backingOfObject(object, sources) {
  if (object.kind === "Broker" || object.kind === "KafkaSink") {
    const found2 = object.kind === "Broker" ? brokerBacking(object, sources) : sinkBacking(object, sources);
    if ("problem" in found2) throw backendRefused(found2.problem);
    return found2;
  }
  const found = channelBacking(object, sources);
  if ("problem" in found) throw backendRefused(found.problem.message);
  return found.value;
}

// packages/server/src/channels/lazy-provision.ts
var LazyProvision = class {
  #open;
  /** `open` is called with each call; undefined means that there is nothing to administer. */
  constructor(open) {
    this.#open = open;
  }
  async ensure(...args) {
    return await (await this.#open())?.ensure(...args) ?? {};
  }
  async ensureSubscription(...args) {
    await (await this.#open())?.ensureSubscription(...args);
  }
  async removeSubscription(...args) {
    await (await this.#open())?.removeSubscription(...args);
  }
  async remove(...args) {
    await (await this.#open())?.remove(...args);
  }
};

// packages/server/src/channels/drivers.ts
var LOADING_MS = 100;
var BACK_END_DRIVERS = {
  kafka: async () => (await import("./src-QBH4XLTC.mjs")).kafkaDriver(),
  rabbitmq: async () => (await import("./src-CLIOSWJX.mjs")).rabbitmqDriver()
};
var Drivers = class extends BaseComponent {
  name = "channel drivers";
  #options;
  #loaded = /* @__PURE__ */ new Map();
  #loading = /* @__PURE__ */ new Map();
  constructor(options) {
    super();
    this.#options = options;
    const { budget } = options.config.memory;
    const memory = memoryDriver({ budget: new MemoryBudget({ bytesMax: budget }) });
    this.#loaded.set(memory.type, memory);
  }
  /**
   * The driver of a type. Throws `AFFLUX_CHANNEL_UNAVAILABLE` while it is being loaded, which this call begins, and
   * `AFFLUX_CHANNEL_BACKEND_REFUSED` where this process can have no such driver.
   */
  get(type) {
    const driver = this.#loaded.get(type);
    if (driver !== void 0) return driver;
    this.#load(type).catch(() => void 0);
    throw new ChannelUnavailable(`the driver for ${type} is being loaded`, {
      retryAfterMs: LOADING_MS
    });
  }
  /** Administration of a channel's back-end; undefined where its driver has none. Throws like {@link get}. */
  provision(type, context) {
    const loaded = this.#loaded.get(type);
    if (loaded !== void 0) return loaded.provision?.(context);
    const loading = this.#load(type);
    loading.catch(() => void 0);
    return new LazyProvision(async () => (await loading).provision?.(context));
  }
  async onStart() {
    const { config, clock, logger } = this.#options;
    const { type } = config.channel;
    if (type !== void 0 && Object.hasOwn(BACK_END_DRIVERS, type)) await this.#load(type);
    const directory = this.#options.directory();
    if (directory === void 0) return;
    const { durableDriver } = await import("./src-AOPE4NAF.mjs");
    const driver = durableDriver({ directory, clock, logger });
    this.#loaded.set(driver.type, driver);
  }
  async onClose() {
    await Promise.allSettled(this.#loading.values());
    await Promise.all(
      [...this.#loaded.values()].map(async (driver) => {
        await driver.close?.();
      })
    );
  }
  #load(type) {
    const load = Object.hasOwn(BACK_END_DRIVERS, type) ? BACK_END_DRIVERS[type] : void 0;
    if (load === void 0) throw refusal(type);
    let loading = this.#loading.get(type);
    if (loading === void 0) {
      loading = this.#loadOnce(type, load);
      this.#loading.set(type, loading);
    }
    return loading;
  }
  async #loadOnce(type, load) {
    try {
      const driver = await load();
      this.#loaded.set(type, driver);
      return driver;
    } catch (error) {
      this.#loading.delete(type);
      const [reason] = (error instanceof Error ? error.message : String(error)).split("\n");
      throw backendRefused(`the driver for ${type} cannot be loaded: ${reason ?? ""}`, error);
    }
  }
};
function refusal(type) {
  return backendRefused(
    type === "durable" ? "durable channels need a data directory: start Afflux with --data-dir DIR (dataDir in afflux.yaml)" : `this process has no driver for ${type}`
  );
}

// packages/server/src/channels/open-channels.ts
var OpenChannels = class extends BaseComponent {
  name = "open channels";
  #options;
  #opened = /* @__PURE__ */ new Map();
  #isScheduled = false;
  #unfollow = () => void 0;
  constructor(options) {
    super();
    this.#options = options;
  }
  /**
   * The channel of a reference, shared with whoever else holds it. Throws when its objects do not say what
   * carries it, or the driver refuses the configuration.
   */
  open = (ref) => {
    const { hub, drivers } = this.#options;
    const backing = this.#backingInUse(ref) ?? this.#options.backingOf(ref);
    const driver = drivers.get(backing.type);
    const make = () => {
      const channel = driver.create(this.#contextOf(ref, backing));
      this.#opened.set(channelKey(ref), { ref, channel, backing, trouble: void 0 });
      return channel;
    };
    return hub.acquire(ref, make, driver.capabilities);
  };
  /**
   * Administration of what is behind a channel; undefined where a channel needs nothing but itself. While its
   * objects do not say what carries it, every call rejects with what is missing.
   */
  provision = (ref) => {
    let backing;
    try {
      backing = this.#options.backingOf(ref);
    } catch {
      return new LazyProvision(() => Promise.resolve().then(() => this.#provisionNow(ref)));
    }
    return this.provisionOf(backing, ref);
  };
  /** By the objects of this moment. Throws when they do not say what carries the channel. */
  #provisionNow(ref) {
    return this.provisionOf(this.#options.backingOf(ref), ref);
  }
  /** The same for what somebody has found out already. Throws where there is no such driver. */
  provisionOf = (backing, ref) => this.#options.drivers.provision(backing.type, this.#contextOf(ref, backing));
  onStart() {
    this.#unfollow = this.#options.follow(() => {
      this.#schedule();
    });
    return Promise.resolve();
  }
  onClose() {
    this.#unfollow();
    this.#opened.clear();
    return Promise.resolve();
  }
  /** Of a channel that somebody holds, whatever its objects say by now. */
  #backingInUse(ref) {
    const opened = this.#opened.get(channelKey(ref));
    const isHeld = opened !== void 0 && this.#options.hub.get(ref) === opened.channel;
    return isHeld ? opened.backing : void 0;
  }
  #contextOf(ref, { config }) {
    return { ...this.#options.context, ...ref, config };
  }
  /** Once for all changes of a turn. */
  #schedule() {
    if (this.#isScheduled || this.#opened.size === 0) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      if (this.state === "running") this.#refresh();
    });
  }
  #refresh() {
    for (const [key, opened] of this.#opened) {
      if (this.#options.hub.get(opened.ref) !== opened.channel) {
        this.#opened.delete(key);
        continue;
      }
      const trouble = this.#takeOver(opened);
      if (trouble !== void 0 && trouble !== opened.trouble) {
        this.#options.logger.warn(
          { ...opened.ref, reason: trouble },
          "changed configuration of a channel is not in use"
        );
      }
      opened.trouble = trouble;
    }
  }
  /** Why the channel goes on with what it had; undefined when it has what its objects say. */
  #takeOver(opened) {
    const { ref, channel } = opened;
    let backing;
    try {
      backing = this.#options.backingOf(ref);
    } catch (error) {
      return messageOf3(error);
    }
    if (sameBacking(backing, opened.backing)) return void 0;
    if (backing.type !== opened.backing.type) {
      return `its events are with ${opened.backing.type}: make the object anew to move to ${backing.type}`;
    }
    if (channel.reconfigure === void 0) return "this channel cannot change while it is open";
    try {
      channel.reconfigure(backing.config);
    } catch (error) {
      return messageOf3(error);
    }
    opened.backing = backing;
    this.#options.logger.info({ ...ref }, "channel took over a changed configuration");
    return void 0;
  }
};
function sameBacking(left, right) {
  return left.type === right.type && sameJson(left.config, right.config);
}
function messageOf3(error) {
  return error instanceof Error ? error.message : String(error);
}

// packages/server/src/event-type-recorder.ts
import { createHash } from "node:crypto";
var SEEN_MAX = 1e4;
var QUEUE_MAX = 1e3;
var WRITE_MS_MAX = 3e4;
var NAME_CHARS_MAX = 253;
var DESCRIPTION = "EventType auto-created by controller";
var EventTypeRecorder = class extends BaseComponent {
  name = "event type recorder";
  #options;
  #seen = /* @__PURE__ */ new Set();
  #queue = new BoundedQueue(QUEUE_MAX);
  #isWriting = false;
  constructor(options) {
    super();
    this.#options = options;
  }
  /** Quick, never throws. The emitter's object is kept and never changed. */
  note = (event, emitter) => {
    if (!isEnabled(this.#options.features(), "eventtype-auto-create")) return;
    const key = `${emitter.uid}
${event.type}
${event.source}`;
    if (this.#seen.has(key)) return;
    if (this.#seen.size >= SEEN_MAX) this.#seen.clear();
    if (!this.#queue.push({ key, object: eventTypeOf(event, emitter) })) return;
    this.#seen.add(key);
    if (!this.#isWriting) void this.#write();
  };
  async #write() {
    this.#isWriting = true;
    for (let noted = this.#queue.shift(); noted !== void 0; noted = this.#queue.shift()) {
      if (this.state === "closed") break;
      await this.#create(noted);
    }
    this.#isWriting = false;
  }
  async #create({ key, object }) {
    const { store, clock, logger } = this.#options;
    const limit = new AbortController();
    const timer = clock.setTimer(WRITE_MS_MAX, () => {
      limit.abort();
    });
    try {
      await store.create(object, { fieldManager: CONTROLLER_USER, signal: limit.signal });
    } catch (error) {
      if (isAlreadyExists(error)) return;
      this.#seen.delete(key);
      logger.warn({ err: error, name: object.metadata.name }, "event type cannot be created");
    } finally {
      timer.cancel();
    }
  }
};
function eventTypeOf(event, emitter) {
  const { apiVersion, kind, namespace, name, uid } = emitter;
  const schema = event.getText("dataschema");
  return {
    apiVersion: "eventing.knative.dev/v1beta3",
    kind: "EventType",
    metadata: {
      name: eventTypeName(event, emitter),
      namespace,
      ownerReferences: [
        { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true }
      ]
    },
    spec: {
      reference: { apiVersion, kind, namespace, name },
      description: DESCRIPTION,
      attributes: [
        { name: "type", required: true, value: event.type },
        { name: "source", required: true, value: event.source },
        ...schema === void 0 ? [] : [{ name: "schemadata", required: false, value: schema }],
        { name: "specversion", required: true, value: event.specversion },
        { name: "id", required: true }
      ]
    }
  };
}
function eventTypeName(event, { namespace, name }) {
  const hash = createHash("md5").update(event.type + event.source + namespace + name).digest("hex");
  const head = `et-${name}`.slice(0, NAME_CHARS_MAX - hash.length - 1);
  return `${head.replace(/[^a-z0-9]+$/, "")}-${hash}`;
}

// packages/server/src/jobs/job-table.ts
var JOBS_RUNNING_MAX = 10;
var JOBS_KEPT_MAX = 100;
var JobTable = class extends BaseComponent {
  name = "jobs";
  #options;
  /** In order of creation. */
  #jobs = /* @__PURE__ */ new Map();
  #created = 0;
  constructor(options) {
    super();
    this.#options = options;
  }
  /** Starts a job. Throws a refusal when the name is taken, or too many jobs run. */
  create({ kind, namespace, name: wanted, spec, run }) {
    if (this.state !== "running") throw apiRefused("ServiceUnavailable", "shutting down");
    const name = wanted === "" ? this.#newName(kind, namespace) : wanted;
    const key = keyOf8(kind, namespace, name);
    if (this.#jobs.has(key)) {
      const shown4 = `${resourceOf(kind)}.afflux.dev ${JSON.stringify(name)}`;
      throw apiRefused("AlreadyExists", `${shown4} already exists`);
    }
    this.#makeRoom();
    const entry = {
      kind,
      namespace,
      name,
      spec,
      phase: "Running",
      progress: { scanned: 0, matched: 0, done: 0 },
      startedMs: this.#options.clock.now(),
      endedMs: void 0,
      message: void 0,
      stop: new AbortController(),
      running: Promise.resolve()
    };
    this.#jobs.set(key, entry);
    entry.running = this.#run(entry, run);
    return entry;
  }
  get(kind, namespace, name) {
    return this.#find(kind, namespace, name);
  }
  /** In order of creation. */
  list(kind, namespace) {
    return [...this.#jobs.values()].filter(
      (job) => job.kind === kind && job.namespace === namespace
    );
  }
  /** Stops it and resolves when it has stopped, with what it had done; it is forgotten. */
  async remove(kind, namespace, name) {
    const entry = this.#find(kind, namespace, name);
    entry.stop.abort();
    await entry.running;
    this.#jobs.delete(keyOf8(kind, namespace, name));
    return entry;
  }
  async onClose() {
    const entries = [...this.#jobs.values()];
    for (const { stop } of entries) stop.abort();
    await Promise.all(entries.map(({ running }) => running));
  }
  /** Never rejects. */
  async #run(entry, run) {
    const { kind, namespace, name, progress, stop } = entry;
    const { clock, logger } = this.#options;
    try {
      await run(progress, stop.signal);
      entry.phase = stop.signal.aborted ? "Stopped" : "Succeeded";
    } catch (error) {
      entry.phase = stop.signal.aborted ? "Stopped" : "Failed";
      if (entry.phase === "Failed") {
        entry.message = error instanceof Error ? error.message : String(error);
      }
    }
    entry.endedMs = clock.now();
    const fields = { kind, namespace, name, ...progress };
    if (entry.phase === "Failed") logger.warn({ ...fields, reason: entry.message }, "job failed");
    else logger.info({ ...fields, phase: entry.phase }, "job ended");
  }
  #find(kind, namespace, name) {
    const entry = this.#jobs.get(keyOf8(kind, namespace, name));
    if (entry !== void 0) return entry;
    throw apiRefused(
      "NotFound",
      `${resourceOf(kind)}.afflux.dev ${JSON.stringify(name)} not found`
    );
  }
  #makeRoom() {
    const entries = [...this.#jobs];
    const running = entries.filter(([, { phase }]) => phase === "Running").length;
    if (running >= JOBS_RUNNING_MAX) {
      throw apiRefused(
        "TooManyRequests",
        `${String(running)} jobs are running already: wait for one to end, or delete one`
      );
    }
    if (entries.length < JOBS_KEPT_MAX) return;
    const oldest = entries.find(([, { phase }]) => phase !== "Running");
    if (oldest !== void 0) this.#jobs.delete(oldest[0]);
  }
  #newName(kind, namespace) {
    let name;
    do {
      this.#created += 1;
      name = `${kind.toLowerCase()}-${String(this.#created)}`;
    } while (this.#jobs.has(keyOf8(kind, namespace, name)));
    return name;
  }
};
function resourceOf(kind) {
  return `${kind.toLowerCase()}s`;
}
function keyOf8(kind, namespace, name) {
  return `${kind}/${namespace}/${name}`;
}

// packages/server/src/local-delivery.ts
function localDelivery(options) {
  const { sender, routes, origins, clock } = options;
  return {
    send(request2, sendOptions) {
      const route = localRoute(request2.target.url, origins(), routes);
      return route === void 0 ? sender.send(request2, sendOptions) : acceptLocally(route, request2, clock);
    }
  };
}
function localRoute(url, origins, routes) {
  for (const origin of origins) {
    if (url.startsWith(origin) && url.charCodeAt(origin.length) === SLASH) {
      return routes.find(url.slice(origin.length), void 0);
    }
  }
  return void 0;
}
var SLASH = "/".charCodeAt(0);
async function acceptLocally(route, request2, clock) {
  const startedMs = clock.monotonicMs();
  const { event, passthrough, trace } = request2;
  try {
    await route.accept([event], { passthrough, trace });
    return { kind: "success", status: 202, durationMs: clock.monotonicMs() - startedMs };
  } catch (error) {
    if (!(error instanceof AffluxError)) throw error;
    return refusalOutcome(error, clock.monotonicMs() - startedMs);
  }
}
function refusalOutcome(error, durationMs2) {
  const { retryAfterMs: retryAfterMs3 } = error.details;
  const status = statusOf(error);
  return {
    kind: "failure",
    reason: "status",
    status,
    retryable: error.retryable || status >= 500,
    ...typeof retryAfterMs3 === "number" ? { retryAfterMs: retryAfterMs3 } : {},
    message: error.message,
    durationMs: durationMs2
  };
}
function statusOf({ code, details, fault, retryable }) {
  if (typeof details["status"] === "number") return details["status"];
  if (code.endsWith("_TOO_LARGE")) return 413;
  if (typeof details["retryAfterMs"] === "number") return 429;
  if (retryable) return 503;
  return fault === "user" ? 400 : 500;
}

// packages/server/src/compose.ts
var BROKER2 = { apiVersion: "eventing.knative.dev/v1", kind: "Broker" };
var EVENT_TYPE_VERSIONS = ["v1beta1", "v1beta2", "v1beta3"].map(
  (version) => `eventing.knative.dev/${version}`
);
var TRIGGER2 = { apiVersion: "eventing.knative.dev/v1", kind: "Trigger" };
var SUBSCRIPTION2 = { apiVersion: "messaging.knative.dev/v1", kind: "Subscription" };
var KAFKA_SINK2 = { apiVersion: "eventing.knative.dev/v1alpha1", kind: "KafkaSink" };
var CHANNEL_KINDS = [
  IN_MEMORY_CHANNEL,
  DURABLE_CHANNEL,
  KAFKA_CHANNEL,
  KAFKA_CHANNEL_V1BETA1,
  RABBITMQ_CHANNEL
];
var CARRIED_KINDS = [BROKER2, KAFKA_SINK2, ...CHANNEL_KINDS];
var REPORTED_KINDS = [...CARRIED_KINDS, TRIGGER2, SUBSCRIPTION2];
function composeStore(config, deps) {
  const registry = builtinKinds();
  const userKinds = new UserKinds({ registry });
  const { clock, random, logger, meter } = deps;
  const store = new MemoryStore({
    clock,
    random,
    logger,
    newId: newUuid,
    registry,
    // Above all lives before, so that whoever watched one of those is told to list again.
    firstVersion: clock.now(),
    admission: storeAdmission(registry, () => systemConfig)
  });
  const informers = new InformerSet({ store, clock, logger, meter, random });
  const configWatcher = new ConfigWatcher({
    informers,
    systemNamespace: config.systemNamespace,
    logger
  });
  const systemConfig = new SystemConfig(configWatcher, config.systemNamespace);
  return { registry, userKinds, store, informers, configWatcher, systemConfig };
}
function compose(config, telemetry, onStep) {
  const clock = systemClock;
  const random = systemRandom;
  const { logger, meter, tracer, health } = telemetry;
  const { registry, userKinds, store, informers, configWatcher, systemConfig } = composeStore(
    config,
    { clock, random, logger, meter }
  );
  const dataHome = new DataHome({ path: config.dataDir, store, userKinds, clock, logger });
  const events = new EventRecorder({ component: "afflux", store, clock, random, logger, meter });
  const eventReaper = new EventReaper({ store, clock, logger });
  const tracker = new Tracker({ informers });
  const resolver = new AddressResolver({
    store,
    informers,
    registry,
    tracker,
    services: localServices(new Map(Object.entries(config.services))),
    mapReference: systemConfig.mapReference
  });
  const routes = new RouteTable();
  const ingressConfig = ingressConfigSchema.parse({
    host: config.host,
    port: config.port,
    bodyBytesMax: config.ingress.bodyMax,
    bodiesBytesMax: config.ingress.bodiesMax,
    headersTimeoutMs: config.ingress.headersTimeout,
    requestTimeoutMs: config.ingress.requestTimeout,
    connectionsMax: config.ingress.connectionsMax,
    allowedHosts: config.ingress.allowedHosts,
    allowedOrigins: config.ingress.allowedOrigins
  });
  const listener = new EventListener(
    { routes, clock, logger, meter, tracer, onStep },
    ingressConfig
  );
  const httpSender = new EventSender({
    clock,
    config: senderConfigSchema.parse({
      allowLoopback: config.delivery.allowPrivate,
      allowPrivate: config.delivery.allowPrivate,
      connectionsPerOriginMax: config.delivery.connectionsPerOrigin,
      replyBytesMax: config.ingress.bodyMax
    })
  });
  const addresses = addressBook(config, () => listener.address);
  const sender = localDelivery({
    sender: httpSender,
    routes,
    origins: addresses.ownOrigins,
    clock
  });
  const find = (kind, namespace, name) => {
    for (const gvk of REPORTED_KINDS) {
      const found = gvk.kind === kind ? informers.get(gvk).get(namespace, name) : void 0;
      if (found !== void 0) return found;
    }
    return void 0;
  };
  const drivers = new Drivers({ config, directory: () => dataHome.directory, clock, logger });
  const hub = new ChannelHub();
  const kafkaFeatures = () => systemConfig.kafkaFeatures;
  const { sources, ...backings } = backingsOf({
    informers,
    systemNamespace: config.systemNamespace,
    kafkaFeatures,
    find: ({ kind, namespace, name }) => find(kind, namespace, name),
    kinds: CARRIED_KINDS
  });
  const channels = new OpenChannels({
    hub,
    drivers,
    ...backings,
    context: { clock, random, logger, meter, ...onStep === void 0 ? {} : { onStep } },
    logger
  });
  const eventTypes = new EventTypeRecorder({
    store,
    features: () => systemConfig.features,
    clock,
    logger
  });
  const scheduler = new FlowScheduler({ clock });
  const dispatchDeps = {
    routes,
    openChannel: channels.open,
    sender,
    scheduler,
    clock,
    random,
    logger,
    meter,
    tracer,
    ...onStep === void 0 ? {} : { onStep }
  };
  const brokerDispatch = new BrokerDispatch({
    ...dispatchDeps,
    onAccepted: eventTypes.note,
    brokers: informers.get(BROKER2),
    triggers: informers.get(TRIGGER2)
  });
  const sinkDispatch = new SinkDispatch({
    ...dispatchDeps,
    sinks: informers.get(KAFKA_SINK2)
  });
  const channelDispatch = new ChannelDispatch({
    ...dispatchDeps,
    informers,
    channelKinds: CHANNEL_KINDS,
    onAccepted: eventTypes.note
  });
  const lookUp = async (reference) => {
    if (registry.get(reference.apiVersion, reference.kind) === void 0) return void 0;
    try {
      return await store.get(reference, reference);
    } catch (error) {
      if (isNotFound(error)) return void 0;
      throw error;
    }
  };
  const { provision } = channels;
  const subscriptions = new BrokerSubscriptions({
    triggers: informers.get(TRIGGER2),
    kafkaFeatures
  });
  const { brokerUrl, sinkUrl } = addresses;
  const ownChannel = { sources, provision, subscriptions, resolver, tracker, brokerUrl };
  const reconcilers = [
    new NamespaceReconciler({ store, registry }),
    new CrdReconciler({ store, userKinds }),
    new KafkaBrokerReconciler(ownChannel),
    new RabbitmqBrokerReconciler(ownChannel),
    new KafkaSinkReconciler({ sources, provision, tracker, sinkUrl }),
    new BrokerReconciler({
      store,
      registry,
      resolver,
      tracker,
      channelKinds: CHANNEL_KINDS.map(({ kind }) => kind),
      brokerUrl
    }),
    ...EVENT_TYPE_VERSIONS.map(
      (apiVersion) => new EventTypeReconciler({ apiVersion, registry, tracker, lookUp })
    ),
    new TriggerReconciler({
      brokers: informers.get(BROKER2),
      registry,
      resolver,
      tracker,
      lookUp,
      provision,
      subscriptions
    })
  ];
  const brokerControllers = reconcilers.map(
    (reconciler) => new Controller({
      name: controllerName2(reconciler),
      store,
      informer: informers.get(reconciler.kind),
      reconciler,
      clock,
      random,
      logger,
      meter,
      tracker,
      events
    })
  );
  const controllers = [
    ...brokerControllers,
    ...messagingControllers({
      store,
      informers,
      registry,
      admission: () => systemConfig.admissionContext(CONTROLLER_USER),
      resolver,
      tracker,
      addresses,
      channelKinds: CHANNEL_KINDS,
      backingSources: sources,
      provision: channels.provisionOf,
      isInUse: (ref) => hub.get(ref) !== void 0,
      clock,
      random,
      logger,
      meter,
      events
    })
  ];
  const directory = new BacklogDirectory({
    hub,
    metadataOf: ({ kind, namespace, name }) => find(kind, namespace, name)?.metadata
  });
  const reporter = new BacklogReporter({ directory, store, find, health, clock, logger, meter });
  const jobs = new JobTable({ clock, logger });
  const deadLetters = new DeadLetterResource(directory);
  return {
    registry,
    store,
    informers,
    systemConfig,
    controllers,
    hub,
    listener,
    api: {
      deadLetters,
      jobs: new JobResource({ directory, deadLetters, table: jobs, clock }),
      logger
    },
    resourceApi: {
      store,
      registry,
      extra: API_RESOURCES,
      clock,
      random,
      newId: newUuid,
      logger
    },
    callers: new HostGuard(ingressConfig),
    dataHome,
    ...addresses,
    // Started in this order, stopped in the reverse: the listener first, what delivers last.
    components: [
      dataHome,
      httpSender,
      informers,
      configWatcher,
      drivers,
      hub,
      channels,
      eventTypes,
      events,
      eventReaper,
      brokerDispatch,
      sinkDispatch,
      channelDispatch,
      ...controllers,
      jobs,
      reporter,
      listener
    ]
  };
}
function controllerName2({ kind: { apiVersion, kind }, finalizer }) {
  const version = apiVersion.slice(apiVersion.lastIndexOf("/") + 1);
  const [name] = kind === "Broker" && finalizer !== void 0 ? finalizer.split(".") : [kind];
  return `${(name ?? kind).toLowerCase()}-${version}-controller`;
}

// packages/server/src/config.ts
var durationMs = external_exports.union([external_exports.string(), external_exports.number()]).transform((value, context) => {
  try {
    return typeof value === "number" ? value : parseDuration(value);
  } catch {
    context.addIssue({ code: "custom", message: "expected a duration such as 30s or PT30S" });
    return external_exports.NEVER;
  }
}).pipe(external_exports.number().min(0));
var bytes = external_exports.union([external_exports.string(), external_exports.number()]).transform((value, context) => {
  try {
    return typeof value === "number" ? value : parseBytes(value);
  } catch {
    context.addIssue({ code: "custom", message: "expected a size such as 4MiB" });
    return external_exports.NEVER;
  }
}).pipe(external_exports.int().min(1024));
function hasCredentials(url) {
  const { username, password } = new URL(url);
  return username !== "" || password !== "";
}
var CHANNEL_TYPES = ["memory", "durable", "kafka", "rabbitmq"];
var channelSchema = external_exports.strictObject({
  type: external_exports.enum(CHANNEL_TYPES).optional().describe("Default channel of Brokers and Channels; durable with dataDir, else memory."),
  kafka: external_exports.strictObject({
    bootstrapServers: external_exports.string().min(1).optional().describe("host:port, separated by commas; or AFFLUX_KAFKA_BOOTSTRAP_SERVERS."),
    partitions: external_exports.int().min(1).max(1e4).default(10),
    replicationFactor: external_exports.int().min(1).max(100).default(1),
    secret: external_exports.string().min(1).optional().describe("Secret of the system namespace with Knative's keys for TLS and SASL.")
  }).prefault({}),
  rabbitmq: external_exports.strictObject({
    url: external_exports.url({ protocol: /^amqps?$/ }).optional().describe("amqp:// or amqps://, with user and password; or AFFLUX_RABBITMQ_URL.")
  }).prefault({})
});
var port = external_exports.int().min(0).max(65535);
var configSchema2 = external_exports.strictObject({
  host: external_exports.string().default("127.0.0.1").describe("Address of both ports; loopback by default."),
  port: port.default(0).describe("Port that takes events; 0 takes a free one."),
  controlPort: port.default(0).describe("Port of health and metrics; 0 takes a free one."),
  controlToken: external_exports.string().regex(/^[\x21-\x7e]{16,4096}$/, "expected at least 16 visible characters").optional().describe("Token that callers of the control port show; or AFFLUX_TOKEN. Made off loopback."),
  manifests: external_exports.array(external_exports.string()).default([]).describe("Files and directories of manifests."),
  watch: external_exports.boolean().default(true).describe("Apply changed manifest files while running."),
  services: external_exports.record(
    external_exports.string().regex(/^[a-z0-9.-]+\/[a-z0-9.-]+$/, "expected <namespace>/<name>"),
    external_exports.url({ protocol: /^https?$/ }).refine((url) => !hasCredentials(url), "must not carry a user name or password")
  ).default({}).describe("Where v1 Services run on this machine, by <namespace>/<name>."),
  systemNamespace: external_exports.string().default("knative-eventing").describe("Namespace of the config maps config-features, config-br-defaults and others."),
  shutdownGrace: durationMs.default(25e3).describe("Time to deliver what was accepted after SIGTERM; less than a pod's 30 s."),
  log: external_exports.strictObject({
    format: external_exports.enum(["pretty", "json"]).default("json"),
    level: external_exports.enum(["error", "warn", "info", "debug", "silent"]).default("info")
  }).prefault({}).describe("Log lines on stderr."),
  tracing: external_exports.strictObject({
    endpoint: external_exports.url({ protocol: /^https?$/ }).optional().describe("OTLP/HTTP endpoint; without it nothing is recorded."),
    samplingRatio: external_exports.number().min(0).max(1).default(1),
    trustParent: external_exports.boolean().default(false)
  }).prefault({}),
  ingress: external_exports.strictObject({
    bodyMax: bytes.default(4 * 1024 * 1024).describe("Largest body of one request; 413 beyond."),
    bodiesMax: bytes.default(256 * 1024 * 1024).describe("All bodies being received; 503 beyond."),
    headersTimeout: durationMs.default(1e4),
    requestTimeout: durationMs.default(3e4),
    connectionsMax: external_exports.int().min(1).default(2e4),
    allowedHosts: external_exports.array(external_exports.string()).default([]),
    allowedOrigins: external_exports.array(external_exports.string()).default([])
  }).prefault({}),
  delivery: external_exports.strictObject({
    allowPrivate: external_exports.boolean().default(true).describe("Deliver to private and loopback addresses. Link-local is never allowed."),
    connectionsPerOrigin: external_exports.int().min(1).default(256)
  }).prefault({}),
  dataDir: external_exports.string().min(1).optional().describe("Directory of durable channels and their dead letters; one process at a time."),
  channel: channelSchema.prefault({}),
  memory: external_exports.strictObject({
    budget: bytes.default(256 * 1024 * 1024).describe("Events held by all memory channels; 429 beyond.")
  }).prefault({})
});
function parseConfig(input, where = "configuration") {
  const result = configSchema2.safeParse(input ?? {});
  if (result.success) return checked(result.data, where);
  const problems = result.error.issues.map((issue) => {
    const path = issue.path.map(String).join(".");
    const hint = issue.code === "unrecognized_keys" ? nearestKeys(issue.keys, issue.path) : "";
    const message = issue.code === "invalid_key" ? issue.issues[0]?.message : issue.message;
    return `${path === "" ? "" : `${path}: `}${message ?? issue.message}${hint}`;
  });
  throw configInvalid(where, problems);
}
function defaultChannelType({ channel, dataDir }) {
  return channel.type ?? (dataDir === void 0 ? "memory" : "durable");
}
function checked(config, where) {
  const { kafka, rabbitmq } = config.channel;
  const missing = {
    memory: void 0,
    durable: config.dataDir === void 0 ? "dataDir (--data-dir), a directory for the events" : void 0,
    kafka: kafka.bootstrapServers === void 0 ? "channel.kafka.bootstrapServers (AFFLUX_KAFKA_BOOTSTRAP_SERVERS), such as localhost:9092" : void 0,
    rabbitmq: rabbitmq.url === void 0 ? "channel.rabbitmq.url (AFFLUX_RABBITMQ_URL), such as amqp://localhost" : void 0
  };
  const type = defaultChannelType(config);
  const problem = missing[type];
  if (problem === void 0) return Object.freeze(config);
  throw configInvalid(where, [`channel.type ${type} needs ${problem}`]);
}
function configInvalid(where, problems) {
  return new ServerError(`${where}: ${problems.join("; ")}`, {
    code: "AFFLUX_SERVER_CONFIG_INVALID",
    fault: "user",
    details: { problems }
  });
}
function nearestKeys(keys, path) {
  let schema = configSchema2;
  for (const step of path) {
    schema = unwrap(
      unwrap(schema)?.shape?.[String(step)]
    );
  }
  const known = Object.keys(unwrap(schema)?.shape ?? {});
  const close = keys.map((key) => known.find((name) => isClose(name, key))).filter((name) => name !== void 0);
  return close.length > 0 ? ` (did you mean ${close.join(", ")}?)` : ` (known: ${known.join(", ")})`;
}
function unwrap(schema) {
  let inner = schema;
  while (inner?._zod?.def?.innerType !== void 0) {
    inner = inner._zod.def.innerType;
  }
  return inner;
}
function isClose(left, right) {
  const a = left.toLowerCase();
  const b = right.toLowerCase();
  return a === b || a.startsWith(b) || b.startsWith(a) || Math.abs(a.length - b.length) <= 1 && differences(a, b) <= 2;
}
function differences(a, b) {
  let count3 = Math.abs(a.length - b.length);
  for (let index = 0; index < Math.min(a.length, b.length); index += 1) {
    if (a[index] !== b[index]) count3 += 1;
  }
  return count3;
}

// packages/server/src/control-guard.ts
import { createHash as createHash2, timingSafeEqual } from "node:crypto";
var PROBES = /* @__PURE__ */ new Set(["/healthz", "/livez", "/readyz"]);
var ControlGuard = class {
  #callers;
  #tokenHash;
  /** Without a token everybody on this machine may call: the port must be on loopback then. */
  constructor({
    callers,
    token
  }) {
    this.#callers = callers;
    this.#tokenHash = token === void 0 ? void 0 : hashOf(token);
  }
  /** `route` is the one that was found for the request, not its path as it was written. */
  refusalOf(headers, route) {
    const { host, origin } = headers;
    if (!this.#callers.allowsHost(host)) {
      return forbidden2(`host ${JSON.stringify(host ?? "")} is not ours`);
    }
    if (origin !== void 0 && !this.#callers.allowsOrigin(origin, host)) {
      return forbidden2(`origin ${JSON.stringify(origin)} is not allowed`);
    }
    if (headers["sec-fetch-site"] === "cross-site") {
      return forbidden2("a page of another site may not call this port");
    }
    if (route !== void 0 && PROBES.has(route)) return void 0;
    if (this.#tokenHash === void 0 || this.#isToken(headers.authorization)) return void 0;
    return { code: 401, reason: "Unauthorized", message: "Unauthorized" };
  }
  #isToken(authorization) {
    const [, token] = /^Bearer +([^\s]{1,4096})$/i.exec(authorization ?? "") ?? [];
    return token !== void 0 && timingSafeEqual(hashOf(token), this.#tokenHash ?? Buffer.of());
  }
};
function hashOf(token) {
  return createHash2("sha256").update(token).digest();
}
function forbidden2(why) {
  return { code: 403, reason: "Forbidden", message: `forbidden: ${why}` };
}

// packages/server/src/control-port.ts
import { createServer as createServer2 } from "node:http";
var BODY_BYTES_MAX = 1024;
var REQUEST_MS_MAX = 1e4;
var CONNECTIONS_MAX = 12e3;
var KEEP_ALIVE_MS = 6e4;
var PATH_PART_LENGTH_MAX = 300;
var ControlPort = class extends BaseComponent {
  name = "control port";
  #options;
  #server;
  #app;
  constructor(options) {
    super();
    this.#options = options;
  }
  get address() {
    const { host, port: port2 } = this.#options;
    const address = this.#server?.address();
    return { host: address?.address ?? host, port: address?.port ?? port2 };
  }
  async onStart() {
    const { host, port: port2 } = this.#options;
    const server = createServer2(
      {
        requestTimeout: REQUEST_MS_MAX,
        headersTimeout: REQUEST_MS_MAX,
        keepAliveTimeout: KEEP_ALIVE_MS
      },
      (request2, response) => {
        void this.#answer(request2, response);
      }
    );
    this.#server = server;
    server.maxConnections = CONNECTIONS_MAX;
    await new Promise((resolve4, reject) => {
      server.once("error", (error) => {
        reject(listenError(error, host, port2));
      });
      server.listen({ host, port: port2 }, resolve4);
    });
  }
  async onClose() {
    const server = this.#server;
    if (server === void 0) return;
    server.closeAllConnections();
    await new Promise((resolve4) => {
      server.close(() => {
        resolve4();
      });
    });
    const app = await this.#app?.catch(() => void 0);
    await app?.close();
  }
  /** Never rejects. */
  async #answer(request2, response) {
    try {
      this.#app ??= makeApp(this.#options);
      (await this.#app).routing(request2, response);
    } catch (error) {
      this.#options.logger.error({ err: error }, "control port cannot answer");
      response.writeHead(500).end();
    }
  }
};
async function makeApp(options) {
  const { health, metrics, routes } = options;
  const { fastify } = await import("./fastify-H52UYZUQ.mjs");
  const app = fastify({
    logger: false,
    bodyLimit: BODY_BYTES_MAX,
    routerOptions: { maxParamLength: PATH_PART_LENGTH_MAX },
    frameworkErrors: (_error, _request, reply) => {
      sendStatus(reply, failure("BadRequest", "the path of the request is malformed"));
    }
  });
  const guard = options.guard();
  app.addHook("onRequest", (request2, reply, done2) => {
    const refusal2 = guard.refusalOf(request2.headers, request2.routeOptions.url);
    if (refusal2 === void 0) done2();
    else {
      if (refusal2.code === 401) reply.header("www-authenticate", "Bearer");
      sendStatus(reply, failure(refusal2.reason, refusal2.message));
    }
  });
  app.setNotFoundHandler((_request, reply) => {
    sendStatus(reply, failure("NotFound", "the server could not find the requested resource"));
  });
  app.addHook("onSend", (_request, reply, _payload, done2) => {
    reply.header("x-content-type-options", "nosniff").header("cache-control", "no-store");
    done2();
  });
  for (const url of ["/healthz", "/livez"]) {
    app.get(url, (_request, reply) => {
      const { ok, reasons } = health.live();
      return reply.code(ok ? 200 : 503).send({ status: ok ? "ok" : "failed", reasons });
    });
  }
  app.get("/readyz", (_request, reply) => {
    const { ok, reasons } = health.ready();
    return reply.code(ok ? 200 : 503).send({ status: ok ? "ready" : "not ready", reasons });
  });
  app.get("/metrics", async (_request, reply) => {
    const { contentType, body } = await metrics();
    return reply.type(contentType).send(body);
  });
  await routes?.(app);
  await app.ready();
  return app;
}
function sendStatus(reply, status) {
  void reply.code(status.code).send(status);
}
function listenError(error, host, port2) {
  const message = error.code === "EADDRINUSE" ? `port ${String(port2)} is taken: stop what uses it, or choose another with --control-port` : `cannot listen on ${host}:${String(port2)}: ${error.message}`;
  return new ServerError(message, {
    code: "AFFLUX_SERVER_LISTEN",
    fault: "user",
    cause: error,
    details: { host, port: port2 }
  });
}

// packages/server/src/control-token.ts
import { randomBytes } from "node:crypto";
import { chmod, readFile, writeFile } from "node:fs/promises";
import { isIP as isIP2 } from "node:net";
import { join } from "node:path";
var TOKEN_BYTES = 32;
var TOKEN_LENGTH_MIN = 16;
var OWNER_ONLY = 384;
var TOKEN_FILE = "token";
function isLoopback(host) {
  if (host === "localhost" || host === "::1") return true;
  return isIP2(host) === 4 && host.startsWith("127.");
}
async function controlToken(options) {
  const { host, token, dataDir } = options;
  if (token !== void 0) return { token, isNew: false, file: void 0 };
  if (isLoopback(host)) return void 0;
  if (dataDir === void 0) return { token: newToken(), isNew: true, file: void 0 };
  const file = join(dataDir, TOKEN_FILE);
  const kept = await keptToken(file);
  if (kept !== void 0) return { token: kept, isNew: false, file };
  const made = newToken();
  await writeFile(file, `${made}
`, { mode: OWNER_ONLY, flag: "wx" });
  return { token: made, isNew: true, file };
}
async function keptToken(file) {
  let text2;
  try {
    text2 = await readFile(file, "utf8");
  } catch (error) {
    if (error.code === "ENOENT") return void 0;
    throw unusable(file, error);
  }
  const token = text2.trim();
  if (token.length < TOKEN_LENGTH_MIN) throw unusable(file, "it holds no token");
  await chmod(file, OWNER_ONLY);
  return token;
}
function newToken() {
  return randomBytes(TOKEN_BYTES).toString("base64url");
}
function unusable(file, cause) {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new ServerError(
    `the token of the control port in ${file} cannot be used: ${why}; remove the file to get a new one`,
    { code: "AFFLUX_SERVER_TOKEN", fault: "user", cause, details: { file } }
  );
}

// packages/server/src/default-channel.ts
var RABBITMQ_SECRET = "afflux-rabbitmq";
var KAFKA_CONFIG_MAPS = ["kafka-channel-config", "kafka-broker-config"];
function defaultChannelTemplate(config) {
  const { kafka } = config.channel;
  const templates = {
    memory: { apiVersion: "messaging.knative.dev/v1", kind: "InMemoryChannel" },
    durable: { apiVersion: "messaging.afflux.dev/v1alpha1", kind: "DurableChannel" },
    kafka: {
      apiVersion: "messaging.knative.dev/v1",
      kind: "KafkaChannel",
      spec: { numPartitions: kafka.partitions, replicationFactor: kafka.replicationFactor }
    },
    rabbitmq: {
      apiVersion: "messaging.afflux.dev/v1alpha1",
      kind: "RabbitmqChannel",
      spec: {
        rabbitmqClusterReference: {
          namespace: config.systemNamespace,
          connectionSecret: { name: RABBITMQ_SECRET }
        }
      }
    }
  };
  return templates[defaultChannelType(config)];
}
function connectionObjects(config) {
  const { kafka, rabbitmq } = config.channel;
  return [
    ...kafka.bootstrapServers === void 0 ? [] : KAFKA_CONFIG_MAPS.map(
      (name) => kafkaConfigMap(name, config, kafka.bootstrapServers ?? "")
    ),
    ...rabbitmq.url === void 0 ? [] : [rabbitmqSecret(config.systemNamespace, rabbitmq.url)]
  ];
}
function kafkaConfigMap(name, config, bootstrapServers) {
  const { partitions, replicationFactor, secret } = config.channel.kafka;
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name, namespace: config.systemNamespace },
    data: {
      "bootstrap.servers": bootstrapServers,
      "default.topic.partitions": String(partitions),
      "default.topic.replication.factor": String(replicationFactor),
      ...secret === void 0 ? {} : {
        "auth.secret.ref.name": secret,
        "auth.secret.ref.namespace": config.systemNamespace
      }
    }
  };
}
function rabbitmqSecret(namespace, url) {
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: RABBITMQ_SECRET, namespace },
    stringData: { uri: url }
  };
}

// packages/server/src/manifests/document.ts
var import_yaml = __toESM(require_dist(), 1);
var MANIFEST_BYTES_MAX = 8 * 1024 * 1024;
var ALIASES_MAX = 100;
var DEPTH_MAX2 = 64;
var TOO_DEEP = `nested deeper than ${String(DEPTH_MAX2)} levels`;
function parseManifest(text2) {
  if (Buffer.byteLength(text2) > MANIFEST_BYTES_MAX) {
    const max = String(MANIFEST_BYTES_MAX / 1024 / 1024);
    return {
      documents: [],
      problems: [{ line: 1, message: `the file is larger than ${max} MiB` }]
    };
  }
  const lines = new import_yaml.LineCounter();
  const parsed = parseOrRefuse(text2, lines);
  if ("refusal" in parsed) return { documents: [], problems: [parsed.refusal] };
  const documents = [];
  const problems = [];
  for (const document of parsed) {
    const found = documentProblems(document, lines);
    problems.push(...found);
    if (found.length === 0 && document.contents !== null) {
      readDocument(document, lines, documents, problems);
    }
  }
  return { documents, problems };
}
function parseOrRefuse(text2, lines) {
  try {
    const parsed = (0, import_yaml.parseAllDocuments)(text2, { lineCounter: lines, merge: true });
    return "empty" in parsed ? [] : parsed;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { refusal: { line: 1, message: TOO_DEEP } };
  }
}
function documentProblems(document, lines) {
  const problems = [...document.errors, ...document.warnings].map((error) => ({
    line: lines.linePos(error.pos[0]).line,
    message: firstLine(error.message)
  }));
  if (problems.length === 0 && depthOf(document.contents, DEPTH_MAX2) > DEPTH_MAX2) {
    problems.push({ line: 1, message: TOO_DEEP });
  }
  return problems;
}
function readDocument(document, lines, documents, problems) {
  const root = document.contents;
  let value;
  try {
    value = document.toJS({ maxAliasCount: ALIASES_MAX });
  } catch (error) {
    const line = root === null ? 1 : lineOfNode(root, lines);
    problems.push({ line, message: error instanceof Error ? error.message : String(error) });
    return;
  }
  if (value === null || value === void 0) return;
  if (isList(value) && (0, import_yaml.isMap)(root)) {
    const items = root.get("items", true);
    value.items.forEach((item, index) => {
      const node = (0, import_yaml.isSeq)(items) ? items.items[index] : void 0;
      documents.push(makeDocument(item, node ?? root, lines));
    });
    return;
  }
  documents.push(makeDocument(value, root, lines));
}
function isList(value) {
  if (typeof value !== "object" || value === null || !("kind" in value)) return false;
  const { kind } = value;
  return typeof kind === "string" && kind.endsWith("List") && "items" in value && Array.isArray(value.items);
}
function makeDocument(value, root, lines) {
  const line = root === null ? 1 : lineOfNode(root, lines);
  return { value, line, lineOf: (path) => lineOfPath(root, path, lines) ?? line };
}
function pathSteps(path) {
  const steps = [];
  for (const match of path.matchAll(/\[([^\]]*)\]|([^.[\]]+)/g)) {
    const [, bracketed, plain] = match;
    if (plain !== void 0) steps.push(plain);
    else if (bracketed !== void 0)
      steps.push(/^\d+$/.test(bracketed) ? Number(bracketed) : bracketed);
  }
  return steps;
}
function lineOfPath(root, path, lines) {
  let node = root;
  let line;
  for (const step of pathSteps(path)) {
    if ((0, import_yaml.isMap)(node)) {
      const pair = node.items.find((item) => (0, import_yaml.isScalar)(item.key) && item.key.value === String(step));
      if (pair === void 0 || !(0, import_yaml.isScalar)(pair.key)) break;
      line = lineOfNode(pair.key, lines);
      node = pair.value;
    } else if ((0, import_yaml.isSeq)(node) && typeof step === "number") {
      node = node.items[step];
      if (node === void 0) break;
      line = lineOfNode(node, lines);
    } else break;
  }
  return line;
}
function lineOfNode(node, lines) {
  return node.range === null || node.range === void 0 ? 1 : lines.linePos(node.range[0]).line;
}
function depthOf(node, budget) {
  if (budget < 0) return 1;
  if ((0, import_yaml.isPair)(node)) return depthOf(node.value, budget);
  if ((0, import_yaml.isAlias)(node) || !((0, import_yaml.isMap)(node) || (0, import_yaml.isSeq)(node))) return 0;
  let deepest = 0;
  for (const item of node.items) deepest = Math.max(deepest, depthOf(item, budget - 1));
  return deepest + 1;
}
function firstLine(text2) {
  const line = text2.split("\n", 1)[0] ?? text2;
  return line.replace(/ at line \d+, column \d+:?$/, "");
}

// packages/server/src/manifests/manifest-source.ts
import { resolve as resolve2, sep } from "node:path";

// packages/server/src/manifests/files.ts
import { readdir, readFile as readFile2, stat } from "node:fs/promises";
import { join as join2, resolve } from "node:path";
var MANIFEST_FILES_MAX = 1e4;
var EXTENSIONS = /\.(ya?ml|json)$/i;
var PROJECT_FILE = /(^|[\\/])afflux\.ya?ml$/i;
async function listManifestFiles(paths) {
  const found = [];
  for (const path of paths) await collect(resolve(path), found, true);
  return [...new Set(found)];
}
async function collect(path, found, isNamed) {
  const info = await stat(path).catch((error) => {
    if (!isNamed) return void 0;
    throw new ServerError(`no such file or directory: ${path}`, {
      code: "AFFLUX_SERVER_MANIFEST_PATH",
      fault: "user",
      cause: error,
      details: { path }
    });
  });
  if (info === void 0) return;
  if (info.isFile()) {
    if (isNamed || EXTENSIONS.test(path) && !PROJECT_FILE.test(path)) found.push(path);
    if (found.length > MANIFEST_FILES_MAX) {
      throw new ServerError(
        `more than ${String(MANIFEST_FILES_MAX)} manifest files below ${path}`,
        {
          code: "AFFLUX_SERVER_MANIFEST_PATH",
          fault: "user",
          details: { path }
        }
      );
    }
    return;
  }
  if (!info.isDirectory()) return;
  const names = await readdir(path).catch(() => []);
  for (const name of names.sort()) {
    if (name.startsWith(".") || name === "node_modules") continue;
    await collect(join2(path, name), found, false);
  }
}
async function readManifestFile(path) {
  try {
    return { path, text: await readFile2(path, "utf8") };
  } catch (error) {
    return {
      path,
      text: void 0,
      reason: error instanceof Error ? error.message : String(error)
    };
  }
}

// packages/server/src/manifests/manifest-source.ts
function referenceKey(reference) {
  return `${reference.apiVersion}/${reference.kind}/${reference.namespace}/${reference.name}`;
}
function referenceOf(value) {
  if (typeof value !== "object" || value === null) return void 0;
  const { apiVersion, kind, metadata } = value;
  if (typeof apiVersion !== "string" || typeof kind !== "string") return void 0;
  if (typeof metadata !== "object" || metadata === null) return void 0;
  const { name, namespace } = metadata;
  if (typeof name !== "string" || name === "") return void 0;
  return {
    apiVersion,
    kind,
    name,
    namespace: typeof namespace === "string" ? namespace : "default"
  };
}
function describeObject(value) {
  const reference = referenceOf(value);
  if (reference === void 0) {
    const kind = value?.kind;
    return typeof kind === "string" ? kind : void 0;
  }
  return `${reference.kind} ${reference.namespace}/${reference.name}`;
}
var ManifestSource = class {
  #paths;
  #target;
  /** What this source has applied and from which file, by key: the only objects that it may delete. */
  #owned = /* @__PURE__ */ new Map();
  /** Text of each file at the last synchronisation and what it held, to skip what did not change. */
  #applied = /* @__PURE__ */ new Map();
  #isSyncing;
  #again;
  constructor(paths, target) {
    this.#paths = paths;
    this.#target = target;
  }
  /**
   * Objects that files made before this process began: those whose file is among the paths are followed like any
   * other, and go when the file does. Others are left alone. Before the first {@link sync}.
   */
  adopt(objects) {
    const roots = this.#paths.map((path) => resolve2(path));
    for (const object of objects) {
      const isBelow = roots.some(
        (root) => object.file === root || object.file.startsWith(`${root}${sep}`)
      );
      if (isBelow) this.#owned.set(referenceKey(object.reference), object);
    }
  }
  /**
   * Reads all files and makes the store agree. Calls while one is running share one further run, so that
   * the last change is never missed. Rejects only for a path that does not exist.
   */
  sync() {
    if (this.#isSyncing === void 0) {
      this.#isSyncing = this.#sync().finally(() => {
        this.#isSyncing = void 0;
      });
      return this.#isSyncing;
    }
    this.#again ??= this.#isSyncing.catch(() => void 0).then(() => {
      this.#again = void 0;
      return this.sync();
    });
    return this.#again;
  }
  async #sync() {
    const issues = [];
    const { desired, isComplete } = await this.#read(issues);
    const applied = await this.#applyAll(desired, issues);
    const spoilt = new Set(issues.map(({ file }) => file));
    const removed = isComplete ? await this.#removeMissing(desired, spoilt) : [];
    return { applied, removed, issues };
  }
  async #read(issues) {
    const desired = [];
    const seen = /* @__PURE__ */ new Map();
    let isComplete = true;
    for (const path of await listManifestFiles(this.#paths)) {
      const file = await readManifestFile(path);
      if (file.text === void 0) {
        isComplete = false;
        issues.push({
          file: path,
          line: 1,
          object: void 0,
          field: void 0,
          message: file.reason ?? "cannot be read"
        });
        continue;
      }
      const { documents, problems } = parseManifest(file.text);
      if (problems.length > 0) isComplete = false;
      for (const { line, message } of problems) {
        issues.push({ file: path, line, object: void 0, field: void 0, message });
      }
      for (const document of documents) {
        const entry = { file: path, document, reference: referenceOf(document.value) };
        const earlier = entry.reference && seen.get(referenceKey(entry.reference));
        if (earlier !== void 0) issues.push(duplicate(entry, earlier));
        else {
          desired.push(entry);
          if (entry.reference !== void 0) seen.set(referenceKey(entry.reference), entry);
          else isComplete = false;
        }
      }
    }
    return { desired, isComplete };
  }
  async #applyAll(desired, issues) {
    const applied = [];
    for (const entry of inApplyOrder(desired)) {
      const { reference, document, file } = entry;
      const fingerprint = JSON.stringify(document.value);
      const key = reference === void 0 ? void 0 : referenceKey(reference);
      if (key !== void 0 && this.#applied.get(key) === fingerprint) {
        if (reference !== void 0) this.#owned.set(key, { reference, file });
        continue;
      }
      const result = await this.#target.apply(document.value, file);
      if (result.object === void 0) {
        for (const problem of result.problems) issues.push(issueOf(file, document, problem));
        continue;
      }
      if (reference === void 0 || key === void 0) continue;
      this.#owned.set(key, { reference, file });
      this.#applied.set(key, fingerprint);
      applied.push(reference);
    }
    return applied;
  }
  async #removeMissing(desired, spoilt) {
    const wanted = new Set(
      desired.flatMap(
        ({ reference }) => reference === void 0 ? [] : [referenceKey(reference)]
      )
    );
    const removed = [];
    for (const [key, { reference, file }] of [...this.#owned]) {
      if (wanted.has(key) || spoilt.has(file)) continue;
      await this.#target.release(reference);
      this.#owned.delete(key);
      this.#applied.delete(key);
      removed.push(reference);
    }
    return removed;
  }
};
var APPLY_ORDER = [
  "Namespace",
  "ConfigMap",
  "Secret",
  "Service",
  "Broker",
  "InMemoryChannel",
  "Channel"
];
function inApplyOrder(desired) {
  const rank = (entry) => {
    const index = APPLY_ORDER.indexOf(entry.reference?.kind ?? "");
    return index === -1 ? APPLY_ORDER.length : index;
  };
  return [...desired].sort((left, right) => rank(left) - rank(right));
}
function duplicate(entry, earlier) {
  return {
    file: entry.file,
    line: entry.document.line,
    object: describeObject(entry.document.value),
    field: "metadata.name",
    message: `the same object is already in ${earlier.file}:${String(earlier.document.line)}: rename or remove one of them`
  };
}
function issueOf(file, document, problem) {
  const field = problem.paths.length === 0 ? void 0 : problem.paths.join(", ");
  const [first] = problem.paths;
  return {
    file,
    line: first === void 0 ? document.line : document.lineOf(first),
    object: describeObject(document.value),
    field,
    message: problem.details === void 0 || problem.details === "" ? problem.message : `${problem.message}: ${problem.details}`
  };
}

// packages/server/src/manifests/watch-paths.ts
import { watch } from "node:fs";
import { stat as stat2 } from "node:fs/promises";
import { dirname, resolve as resolve3 } from "node:path";
var DEBOUNCE_MS = 30;
var POLL_MS = 1e3;
var PathWatcher = class {
  #paths;
  #clock;
  #onChange;
  #watchers = /* @__PURE__ */ new Map();
  #debounce;
  #poll;
  #fingerprint = "";
  #isClosed = false;
  constructor(paths, clock, onChange) {
    this.#paths = paths;
    this.#clock = clock;
    this.#onChange = onChange;
  }
  async start() {
    this.#fingerprint = await this.#takeFingerprint();
    await this.#watchDirectories();
    this.#armPoll();
  }
  close() {
    this.#isClosed = true;
    this.#debounce?.cancel();
    this.#poll?.cancel();
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }
  #hint() {
    this.#debounce?.cancel();
    this.#debounce = this.#clock.setTimer(DEBOUNCE_MS, () => void this.#look());
  }
  #armPoll() {
    if (this.#isClosed) return;
    this.#poll = this.#clock.setTimer(POLL_MS, () => {
      void this.#look().then(() => {
        this.#armPoll();
      });
    });
  }
  /** Never rejects: a path that is away for a moment is looked at again. */
  async #look() {
    const fingerprint = await this.#takeFingerprint();
    if (this.#isClosed || fingerprint === this.#fingerprint) return;
    this.#fingerprint = fingerprint;
    await this.#watchDirectories();
    this.#onChange();
  }
  async #takeFingerprint() {
    const files = await listManifestFiles(this.#paths).catch(() => []);
    const parts = await Promise.all(
      files.map(async (file) => {
        const info = await stat2(file, { bigint: true }).catch(() => void 0);
        return `${file}|${String(info?.size)}|${String(info?.mtimeNs)}|${String(info?.ino)}`;
      })
    );
    return parts.join("\n");
  }
  /** One watcher per directory that holds a manifest or was named; gone directories lose theirs. */
  async #watchDirectories() {
    const files = await listManifestFiles(this.#paths).catch(() => []);
    const wanted = new Set(files.map((file) => dirname(file)));
    for (const path of this.#paths) {
      const info = await stat2(path).catch(() => void 0);
      if (info?.isDirectory() === true) wanted.add(resolve3(path));
    }
    if (this.#isClosed) return;
    for (const [directory, watcher] of this.#watchers) {
      if (wanted.has(directory)) continue;
      watcher.close();
      this.#watchers.delete(directory);
    }
    for (const directory of wanted) {
      if (this.#watchers.has(directory)) continue;
      try {
        const watcher = watch(directory, () => {
          this.#hint();
        });
        watcher.on("error", () => {
          watcher.close();
          this.#watchers.delete(directory);
        });
        this.#watchers.set(directory, watcher);
      } catch {
      }
    }
  }
};

// packages/server/src/object-target.ts
import { setImmediate as nextTurn } from "node:timers/promises";
var CONFLICT_RETRIES_MAX = 5;
var APPLY_MANAGER = "afflux-apply";
var FILES_MANAGER = "afflux-files";
var SOURCE_FILE = "afflux.dev/source-file";
var NAMESPACE = { apiVersion: "v1", kind: "Namespace" };
var StoreTarget = class {
  #store;
  #registry;
  #informers;
  /** `informers` are those that carry the settings to admission; absent: nobody follows settings here. */
  constructor(store, registry, informers) {
    this.#store = store;
    this.#registry = registry;
    this.#informers = informers;
  }
  async apply(value, file) {
    const decoded = decode(this.#registry, value);
    if (decoded.object === void 0) return refused2(decoded.errors.entries());
    const object = this.#inNamespace(decoded.object);
    try {
      await this.#ensureNamespace(object.metadata.namespace);
      const written = await this.#write(object, file);
      if (written.kind === "ConfigMap") await this.#settingsTaken();
      return { object: written, problems: [] };
    } catch (error) {
      if (error instanceof StoreError) return refused2(problemsOf(error));
      throw error;
    }
  }
  /** Admission of the next object must see the settings that this one may have changed. */
  async #settingsTaken() {
    if (this.#informers === void 0) return;
    do
      await nextTurn();
    while (!this.#informers.isIdle);
  }
  /** Removes an object, whoever made it. One that is gone already is no problem. */
  async remove(reference) {
    try {
      await this.#store.delete(reference, this.#keyOf(reference));
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
  async release(reference) {
    const object = await this.#find(reference);
    if (object === void 0) return;
    if (isFromFile(object)) {
      await this.remove(reference);
      return;
    }
    const { apiVersion, kind } = reference;
    const body = { apiVersion, kind, metadata: this.#keyOf(reference) };
    await this.#store.patch(
      reference,
      this.#keyOf(reference),
      { type: "apply", body, force: true },
      { fieldManager: FILES_MANAGER }
    );
  }
  /** Every object that a file made. */
  async madeFromFiles() {
    const found = [];
    for (const { apiVersion, kind } of this.#registry.all()) {
      const { items } = await this.#store.list({ apiVersion, kind });
      for (const { metadata } of items.filter(isFromFile)) {
        const { namespace = "default", name } = metadata;
        const file = metadata.annotations?.[SOURCE_FILE] ?? "";
        found.push({ reference: { apiVersion, kind, namespace, name }, file });
      }
    }
    return found;
  }
  async #write(object, file) {
    const { status: _status, ...intent } = object;
    for (let attempt2 = 1; ; attempt2 += 1) {
      const existing = file === void 0 ? void 0 : await this.#find(referenceOf2(object));
      const isMadeHere = existing === void 0 || isFromFile(existing);
      const body = file === void 0 || !isMadeHere ? intent : fromFile(intent, file);
      try {
        return await this.#store.patch(
          object,
          object.metadata,
          { type: "apply", body, force: true },
          { fieldManager: file === void 0 ? APPLY_MANAGER : FILES_MANAGER }
        );
      } catch (error) {
        const metAnother = isConflict(error) || isAlreadyExists(error);
        if (!metAnother || attempt2 >= CONFLICT_RETRIES_MAX) throw error;
      }
    }
  }
  /** Namespaces are made when a manifest first speaks of them. */
  async #ensureNamespace(name) {
    if (name === void 0) return;
    const existing = await this.#find({ ...NAMESPACE, namespace: "", name });
    if (existing !== void 0) return;
    try {
      await this.#store.create(
        { ...NAMESPACE, metadata: { name } },
        { fieldManager: APPLY_MANAGER }
      );
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
    }
  }
  async #find(reference) {
    try {
      return await this.#store.get(reference, this.#keyOf(reference));
    } catch (error) {
      if (isNotFound(error)) return void 0;
      throw error;
    }
  }
  #keyOf(reference) {
    const { apiVersion, kind, namespace, name } = reference;
    const isNamespaced = this.#registry.get(apiVersion, kind)?.namespaced ?? true;
    return isNamespaced ? { namespace, name } : { name };
  }
  /** Objects without a namespace go where kubectl would put them. */
  #inNamespace(object) {
    const isNamespaced = this.#registry.get(object.apiVersion, object.kind)?.namespaced ?? true;
    if (!isNamespaced || object.metadata.namespace !== void 0) return object;
    return { ...object, metadata: { ...object.metadata, namespace: "default" } };
  }
};
function isFromFile({ metadata }) {
  const { annotations = {}, managedFields = [] } = metadata;
  return Object.hasOwn(annotations, SOURCE_FILE) && managedFields.some(
    ({ manager, operation }) => manager === FILES_MANAGER && operation === "Apply"
  );
}
function fromFile(object, file) {
  const annotations = { ...object.metadata.annotations, [SOURCE_FILE]: file };
  return { ...object, metadata: { ...object.metadata, annotations } };
}
function referenceOf2({ apiVersion, kind, metadata }) {
  return { apiVersion, kind, namespace: metadata.namespace ?? "", name: metadata.name };
}
function refused2(problems) {
  return { object: void 0, problems };
}
function problemsOf(error) {
  const { problems } = error.details;
  if (Array.isArray(problems)) return problems;
  return [{ message: error.message, paths: [] }];
}

// packages/server/src/object-summary.ts
function summaryOf(object) {
  const status = object.status;
  const ready = findCondition(status, "Ready");
  return {
    kind: object.kind,
    namespace: object.metadata.namespace ?? "",
    name: object.metadata.name,
    ready: ready?.status ?? "",
    reason: ready?.reason ?? "",
    message: ready?.message ?? "",
    url: status?.address?.url ?? status?.subscriberUri ?? status?.physicalSubscription?.subscriberUri ?? ""
  };
}

// packages/server/src/afflux.ts
var SHOWN_KINDS = [
  { apiVersion: "eventing.knative.dev/v1", kind: "Broker" },
  { apiVersion: "eventing.knative.dev/v1", kind: "Trigger" },
  { apiVersion: "messaging.knative.dev/v1", kind: "Channel" },
  { apiVersion: "messaging.knative.dev/v1", kind: "InMemoryChannel" },
  { apiVersion: "messaging.afflux.dev/v1alpha1", kind: "DurableChannel" },
  { apiVersion: "messaging.knative.dev/v1", kind: "KafkaChannel" },
  { apiVersion: "messaging.knative.dev/v1beta1", kind: "KafkaChannel" },
  { apiVersion: "messaging.afflux.dev/v1alpha1", kind: "RabbitmqChannel" },
  { apiVersion: "eventing.knative.dev/v1alpha1", kind: "KafkaSink" },
  { apiVersion: "messaging.knative.dev/v1", kind: "Subscription" },
  { apiVersion: "flows.knative.dev/v1", kind: "Sequence" },
  { apiVersion: "flows.knative.dev/v1", kind: "Parallel" }
];
function createAfflux(options = {}) {
  const { onSync, onStep, ...input } = options;
  return new AffluxProcess(parseConfig(input), { onSync, onStep });
}
var VERSION2 = "0.1.0";
var AffluxProcess = class {
  #config;
  #onSync;
  #observability;
  #parts;
  #controlPort;
  #target;
  #manifests;
  #watcher;
  #token;
  #state = "idle";
  #closing;
  constructor(config, hooks) {
    this.#config = config;
    this.#onSync = hooks.onSync;
    this.#observability = createObservability(
      configSchema.parse({
        log: { ...config.log, destination: "stderr" },
        tracing: config.tracing
      })
    );
    this.#parts = compose(config, this.#observability, hooks.onStep);
    this.#controlPort = new ControlPort({
      host: config.host,
      port: config.controlPort,
      logger: this.#observability.logger,
      health: this.#observability.health,
      metrics: () => this.#observability.metricsText(),
      routes: async (app) => {
        const [{ registerApi }, { registerResourceApi }] = await Promise.all([
          import("./routes-VYH3WZTQ.mjs"),
          import("./src-A5H32V6K.mjs")
        ]);
        registerApi(app, this.#parts.api);
        registerResourceApi(app, { ...this.#parts.resourceApi, version: VERSION2 });
      },
      guard: () => new ControlGuard({ callers: this.#parts.callers, token: this.#token?.token })
    });
    const { store, registry, informers } = this.#parts;
    this.#target = new StoreTarget(store, registry, informers);
    this.#manifests = new ManifestSource(config.manifests, this.#target);
    this.#observability.health.set("manifests", "starting", "not reconciled yet");
    this.#observability.health.set("listeners", "starting", "not open yet");
  }
  get state() {
    return this.#state;
  }
  get url() {
    return baseUrl(this.#config.host, this.#parts.listener.address.port);
  }
  get controlToken() {
    return this.#token;
  }
  get controlUrl() {
    return baseUrl(this.#config.host, this.#controlPort.address.port);
  }
  brokerUrl(namespace, name) {
    return this.#parts.brokerUrl(namespace, name);
  }
  channelUrl(namespace, name) {
    return this.#parts.channelUrl(namespace, name);
  }
  async start(signal) {
    if (this.#state !== "idle") throw wrongState("start", this.#state);
    this.#state = "starting";
    try {
      await this.#start(signal);
    } catch (error) {
      await this.close().catch(() => void 0);
      throw error;
    }
    return this;
  }
  async #start(signal) {
    await this.#parts.dataHome.start(signal);
    const { host, controlToken: token, dataDir } = this.#config;
    this.#token = await controlToken({ host, token, dataDir });
    await createShippedConfig(this.#parts.store, {
      systemNamespace: this.#config.systemNamespace,
      template: defaultChannelTemplate(this.#config),
      others: connectionObjects(this.#config)
    });
    await startAll([this.#observability, ...this.#parts.components, this.#controlPort], signal);
    this.#observability.health.set("listeners", "ready");
    if (dataDir !== void 0) this.#manifests.adopt(await this.#target.madeFromFiles());
    const report = await this.#manifests.sync();
    await this.settled(signal);
    if (this.#closing !== void 0) throw wrongState("start", this.#state);
    this.#observability.health.set("manifests", "ready");
    this.#onSync?.(report, this);
    await this.#watchManifests();
    this.#becomeRunning();
  }
  #becomeRunning() {
    if (this.#closing === void 0) this.#state = "running";
    else {
      this.#watcher?.close();
      throw wrongState("start", this.#state);
    }
  }
  async apply(objects) {
    if (this.#state !== "running") throw wrongState("apply", this.#state);
    const values = valuesOf(objects);
    const stored = [];
    const problems = [];
    for (const value of values) {
      const result = await this.#target.apply(value);
      if (result.object === void 0) problems.push(problemText(value, result.problems));
      else stored.push(result.object);
    }
    if (problems.length > 0) {
      throw new ServerError(problems.join("\n"), {
        code: "AFFLUX_SERVER_OBJECT_INVALID",
        fault: "user",
        details: { problems }
      });
    }
    await this.settled();
    return Promise.all(
      stored.map((object) => this.#parts.store.get(object, object.metadata).catch(() => object))
    );
  }
  async remove(reference) {
    await this.#target.remove(reference);
    await this.settled();
  }
  get(kind, namespace, name) {
    return this.#parts.store.get(kind, { namespace, name });
  }
  async settled(signal) {
    await allIdle(this.#parts.controllers, signal);
    const bound = AbortSignal.timeout(RECORDED_MS_MAX);
    await this.#parts.hub.recorded({
      signal: signal === void 0 ? bound : AbortSignal.any([signal, bound])
    });
  }
  objects() {
    return SHOWN_KINDS.flatMap(
      (kind) => this.#parts.informers.get(kind).list().map(summaryOf).sort(
        (left, right) => compareText(left.namespace, right.namespace) || compareText(left.name, right.name)
      )
    );
  }
  async metrics() {
    return (await this.#observability.metricsText()).body;
  }
  async delivered(signal) {
    const { hub } = this.#parts;
    for (; ; ) {
      signal?.throwIfAborted();
      const waiting = hub.describe().some(({ subscriptions }) => subscriptions.some(isWaiting));
      if (!waiting) return;
      await systemClock.sleep(DELIVERED_POLL_MS, signal);
    }
  }
  close() {
    this.#closing ??= this.#close();
    return this.#closing;
  }
  async [Symbol.asyncDispose]() {
    await this.close();
  }
  async #close() {
    const wasRunning = this.#state === "running";
    this.#state = "draining";
    this.#observability.health.set("listeners", "draining", "shutting down");
    this.#watcher?.close();
    const startedMs = systemClock.monotonicMs();
    const grace = new AbortController();
    const timer = systemClock.setTimer(this.#config.shutdownGrace, () => {
      grace.abort();
    });
    if (wasRunning) {
      await this.#parts.listener.drain(grace.signal);
      await this.#parts.hub.settled({ signal: grace.signal });
    }
    const report = this.#closeReport();
    timer.cancel();
    const restMs = this.#config.shutdownGrace - (systemClock.monotonicMs() - startedMs);
    await stopAll([this.#observability, ...this.#parts.components, this.#controlPort], {
      graceMs: wasRunning ? Math.max(0, Math.min(restMs, DRAIN_MS_MAX)) : 0,
      clock: systemClock
    });
    this.#state = "closed";
    return report;
  }
  /** A channel that would lose nothing by being closed keeps what it has. */
  #closeReport() {
    const report = { left: [], kept: [] };
    for (const { ref, unsettled, subscriptions } of this.#parts.hub.describe()) {
      const entries = subscriptions.filter(isWaiting).map(({ label, depth, overflow }) => ({
        subscription: `${ref.namespace}/${ref.name}/${label}`,
        events: depth + overflow
      }));
      (unsettled > 0 ? report.left : report.kept).push(...entries);
    }
    return report;
  }
  async #watchManifests() {
    const { manifests, watch: watch2 } = this.#config;
    if (!watch2 || manifests.length === 0) return;
    this.#watcher = new PathWatcher(manifests, systemClock, () => void this.#resync());
    await this.#watcher.start();
  }
  async #resync() {
    if (this.#state !== "running") return;
    try {
      const report = await this.#manifests.sync();
      await this.settled();
      this.#onSync?.(report, this);
    } catch (error) {
      this.#observability.logger.warn({ err: error }, "manifests cannot be read");
    }
  }
};
var RECORDED_MS_MAX = 5e3;
var DRAIN_MS_MAX = 2e3;
var DELIVERED_POLL_MS = 10;
function isWaiting({ depth, overflow }) {
  return depth + overflow > 0;
}
function valuesOf(objects) {
  if (typeof objects !== "string") return Array.isArray(objects) ? objects : [objects];
  const { documents, problems } = parseManifest(objects);
  if (problems.length === 0) return documents.map(({ value }) => value);
  throw new ServerError(
    problems.map(({ line, message }) => `line ${String(line)}: ${message}`).join("\n"),
    { code: "AFFLUX_SERVER_OBJECT_INVALID", fault: "user", details: { problems } }
  );
}
function problemText(value, problems) {
  const { kind, metadata } = value ?? {};
  const subject = [kind, metadata?.name].filter((part) => typeof part === "string").join(" ");
  return problems.map(
    ({ message, paths, details }) => [subject, paths.join(", "), message, details].filter((part) => part !== void 0 && part !== "").join(": ")
  ).join("\n");
}
function compareText(left, right) {
  return left < right ? -1 : left > right ? 1 : 0;
}
function wrongState(verb, state) {
  return new ServerError(`cannot ${verb}: the process is ${state}`, {
    code: "AFFLUX_SERVER_STATE",
    details: { state }
  });
}

// packages/server/src/config-text.ts
var import_yaml2 = __toESM(require_dist(), 1);
function parseConfigText(text2, file) {
  const document = (0, import_yaml2.parseDocument)(text2);
  const [error] = document.errors;
  if (error !== void 0) {
    throw new ServerError(`${file}: ${error.message.split("\n", 1)[0] ?? ""}`, {
      code: "AFFLUX_SERVER_CONFIG_INVALID",
      fault: "user"
    });
  }
  const value = document.toJS({ maxAliasCount: 10 }) ?? {};
  parseConfig(value, file);
  return value;
}

// packages/server/src/manifests/issue-text.ts
import { relative } from "node:path";
function issueText(issue, from) {
  const short = relative(from, issue.file);
  const file = short !== "" && short.length < issue.file.length ? short : issue.file;
  const parts = [`${file}:${String(issue.line)}`, issue.object, issue.field, issue.message];
  return parts.filter((part) => part !== void 0 && part !== "").join(": ");
}

// packages/server/src/validate-manifests.ts
async function validateManifests(paths) {
  const { systemNamespace } = parseConfig({});
  const { registry, store, informers, configWatcher } = composeStore(
    { systemNamespace },
    { clock: systemClock, random: systemRandom, logger: noopLogger, meter: noopMeter }
  );
  await createShippedConfig(store, { systemNamespace });
  await configWatcher.start();
  const target = new StoreTarget(store, registry, informers);
  try {
    return await new ManifestSource(paths, target).sync();
  } finally {
    await configWatcher.close();
    await informers.close();
  }
}

export {
  CHANNEL_TYPES,
  configSchema2 as configSchema,
  createAfflux,
  parseConfigText,
  issueText,
  validateManifests
};
