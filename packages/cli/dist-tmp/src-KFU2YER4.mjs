import { createRequire as createRequireOfBundle } from 'node:module';const require = createRequireOfBundle(import.meta.url);
import {
  StoreError,
  isConflict,
  isExpired,
  isNotFound,
  managerFromUserAgent,
  parseFieldSelector,
  parseLabelSelector
} from "./chunk-5MWQ64NP.mjs";
import {
  CONTROLLER_USER,
  admit,
  decode,
  structuralSchema
} from "./chunk-VF65DHRR.mjs";
import "./chunk-CPL45277.mjs";
import "./chunk-YZGW35GG.mjs";
import "./chunk-C4YO6LH5.mjs";
import {
  AffluxError,
  BaseComponent,
  noopMeter
} from "./chunk-ZKZDKWPE.mjs";
import "./chunk-EX44SRZ5.mjs";

// packages/api/src/admission/admission-server.ts
import { once } from "node:events";
import { createServer } from "node:https";
var ADMISSION_SERVER_LIMITS = {
  connectionsMax: 256,
  handshakeMsMax: 1e4,
  headersMsMax: 1e4,
  requestMsMax: 15e3,
  keepAliveMs: 12e4,
  quietMs: 45e3
};
var CHECK_EVERY_MS = 5e3;
var KUBELET = "kube-probe/";
var AdmissionServer = class extends BaseComponent {
  name = "admission-server";
  #options;
  #limits;
  #logger;
  #keyPair;
  #server;
  /** Also those that are still shaking hands, which the server does not know as its own yet. */
  #sockets = /* @__PURE__ */ new Set();
  #inFlight = 0;
  #quiet;
  #onQuiet;
  constructor(options) {
    super();
    this.#options = options;
    this.#limits = { ...ADMISSION_SERVER_LIMITS, ...options.limits };
    this.#logger = options.logger.child({ component: this.name });
    this.#keyPair = { cert: options.cert, key: options.key };
  }
  /** The port it listens on, while it does. */
  get port() {
    const address = this.#server?.address();
    return address?.port;
  }
  /**
   * Replaces certificate and key for connections that come after. Throws, and keeps what it has, when the two do
   * not fit together.
   */
  setSecureContext(keyPair) {
    this.#server?.setSecureContext(this.#secureContext(keyPair));
    this.#keyPair = keyPair;
  }
  async onStart() {
    const { host = "::", port } = this.#options;
    const limits = this.#limits;
    const server = createServer(
      {
        ...this.#secureContext(this.#keyPair),
        handshakeTimeout: limits.handshakeMsMax,
        headersTimeout: limits.headersMsMax,
        requestTimeout: limits.requestMsMax,
        keepAliveTimeout: limits.keepAliveMs,
        connectionsCheckingInterval: CHECK_EVERY_MS
      },
      (request, response) => {
        this.#serve(request, response);
      }
    );
    server.maxConnections = limits.connectionsMax;
    server.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
    });
    server.on("tlsClientError", (err) => {
      this.#logger.debug({ err }, "TLS handshake failed");
    });
    server.on("drop", () => {
      this.#logger.debug({}, "connection refused, too many are open");
    });
    this.#server = server;
    server.listen({ host, port });
    await once(server, "listening");
    server.on("error", (err) => {
      this.#logger.error({ err }, "listener failed");
    });
    this.#logger.info({ host, port: this.port }, "listening for admission requests");
  }
  async onDrain() {
    this.#logger.info({ quietMs: this.#limits.quietMs }, "draining admission requests");
    await new Promise((resolve) => {
      this.#onQuiet = resolve;
      this.#waitForQuiet();
    });
  }
  async onClose() {
    this.#quiet?.cancel();
    this.#onQuiet?.();
    const server = this.#server;
    if (server?.listening !== true) return;
    const closed = once(server, "close");
    server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
  #secureContext({ cert, key }) {
    return { cert, key, minVersion: this.#options.tlsMinVersion ?? "TLSv1.3" };
  }
  #serve(request, response) {
    const isDraining = this.#onQuiet !== void 0;
    if (request.headers["user-agent"]?.startsWith(KUBELET) === true) {
      response.writeHead(isDraining ? 503 : 200, { "content-type": "text/plain; charset=utf-8" });
      response.end(isDraining ? "shutting down" : "ok");
      return;
    }
    if (isDraining) response.setHeader("connection", "close");
    this.#inFlight += 1;
    this.#waitForQuiet();
    response.once("close", () => {
      this.#inFlight -= 1;
      this.#waitForQuiet();
    });
    void this.#options.handler(request, response);
  }
  /** Begins the quiet period anew, if a drain waits for one. */
  #waitForQuiet() {
    const onQuiet = this.#onQuiet;
    if (onQuiet === void 0) return;
    this.#quiet?.cancel();
    this.#quiet = this.#options.clock.setTimer(this.#limits.quietMs, () => {
      if (this.#inFlight === 0) onQuiet();
    });
  }
};

// packages/api/src/errors.ts
var API_ERRORS = {
  AFFLUX_API_NOT_FOUND: { reason: "NotFound", status: 404 },
  AFFLUX_API_BAD_REQUEST: { reason: "BadRequest", status: 400 },
  AFFLUX_API_FORBIDDEN: { reason: "Forbidden", status: 403 },
  AFFLUX_API_METHOD_NOT_ALLOWED: { reason: "MethodNotAllowed", status: 405 },
  AFFLUX_API_NOT_ACCEPTABLE: { reason: "NotAcceptable", status: 406 },
  AFFLUX_API_EXPIRED: { reason: "Expired", status: 410 },
  AFFLUX_API_TOO_LARGE: { reason: "RequestEntityTooLarge", status: 413 },
  AFFLUX_API_UNSUPPORTED_MEDIA_TYPE: { reason: "UnsupportedMediaType", status: 415 },
  AFFLUX_API_TOO_MANY_REQUESTS: { reason: "TooManyRequests", status: 429 },
  AFFLUX_API_TIMEOUT: { reason: "Timeout", status: 504 }
};
var ERROR_CODES = Object.keys(API_ERRORS);
var ApiError = class extends AffluxError {
  /** Kubernetes' `Status.reason`. */
  reason;
  status;
  constructor(code, message, options = {}) {
    super(message, { ...options, code, fault: "user" });
    const { reason, status } = API_ERRORS[code];
    this.reason = reason;
    this.status = status;
  }
};
function unknownPath() {
  return new ApiError("AFFLUX_API_NOT_FOUND", "the server could not find the requested resource");
}
function badRequest(message) {
  return new ApiError("AFFLUX_API_BAD_REQUEST", message);
}
function methodNotAllowed() {
  return new ApiError(
    "AFFLUX_API_METHOD_NOT_ALLOWED",
    "the server does not allow this method on the requested resource"
  );
}

// packages/api/src/body.ts
var BODY_BYTES_MAX = 3 * 1024 * 1024;
var DEPTH_MAX = 100;
var ALIASES_MAX = 100;
function mediaType(contentType) {
  return (contentType ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
}
async function parseBody(body, contentType) {
  const type = mediaType(contentType);
  switch (type) {
    case "":
    case "application/json":
      return parseJson(body);
    case "application/yaml":
    case "application/x-yaml":
    case "text/yaml":
      return await parseYaml(body);
    default:
      throw new ApiError(
        "AFFLUX_API_UNSUPPORTED_MEDIA_TYPE",
        `the body of the request was in an unknown format (${type}) - accepted media types include: application/json, application/yaml`
      );
  }
}
function parseJson(body) {
  assertShallow(body);
  try {
    return JSON.parse(body.toString("utf8"));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw badRequest(
      `the object provided is unrecognized: couldn't get version/kind; json parse error: ${why}`
    );
  }
}
async function parseYaml(body) {
  assertShallow(body);
  if (/^\s*\{/.test(body.subarray(0, 64).toString("utf8"))) {
    try {
      return JSON.parse(body.toString("utf8"));
    } catch {
    }
  }
  const { parseDocument } = await import("./dist-LTBGKERZ.mjs");
  try {
    const document = parseDocument(body.toString("utf8"), { merge: true });
    const [problem] = [...document.errors, ...document.warnings];
    if (problem !== void 0) throw problem;
    return document.toJS({ maxAliasCount: ALIASES_MAX });
  } catch (error) {
    const why = error instanceof Error ? error.message.split("\n", 1)[0] ?? "" : String(error);
    throw badRequest(`error converting YAML to JSON: ${why}`);
  }
}
var OPENING = /* @__PURE__ */ new Set([91, 123]);
var CLOSING = /* @__PURE__ */ new Set([93, 125]);
var QUOTE = 34;
var BACKSLASH = 92;
var NEWLINE = 10;
var SPACE = 32;
var INDENT_MAX = DEPTH_MAX * 16;
function assertShallow(body) {
  let depth = 0;
  let isText = false;
  let indent = 0;
  for (let index = 0; index < body.length; index += 1) {
    const byte = body[index] ?? 0;
    if (byte === NEWLINE) indent = 0;
    else if (byte === SPACE && indent >= 0) indent += 1;
    else indent = -1;
    if (byte === BACKSLASH && isText) index += 1;
    else if (byte === QUOTE) isText = !isText;
    else if (!isText && OPENING.has(byte)) depth += 1;
    else if (!isText && CLOSING.has(byte)) depth -= 1;
    if (depth > DEPTH_MAX || indent > INDENT_MAX) {
      throw badRequest(`the object is nested deeper than ${String(DEPTH_MAX)} levels`);
    }
  }
}

// packages/api/src/admission/admission-review.ts
var ALLOWED = { allowed: true };
var WARNINGS_MAX = 16;
var WARNING_LENGTH_MAX = 256;
var API_VERSION = "admission.k8s.io/v1";
var KIND = "AdmissionReview";
function readReview(value) {
  if (!isRecord(value)) return "not an object";
  const apiVersion = text(value, "apiVersion");
  const kind = text(value, "kind");
  if (apiVersion !== API_VERSION || kind !== KIND) {
    return `expected a ${KIND} of ${API_VERSION}`;
  }
  const request = own(value, "request");
  if (!isRecord(request)) return "request is missing";
  const uid = text(request, "uid");
  const requestKind = own(request, "kind");
  const operation = text(request, "operation");
  if (uid === "") return "request.uid is missing";
  if (operation === "") return "request.operation is missing";
  if (!isRecord(requestKind) || text(requestKind, "kind") === "") return "request.kind is missing";
  const userInfo = own(request, "userInfo");
  return {
    apiVersion,
    kind,
    request: {
      uid,
      kind: {
        group: text(requestKind, "group"),
        version: text(requestKind, "version"),
        kind: text(requestKind, "kind")
      },
      subResource: text(request, "subResource"),
      namespace: text(request, "namespace"),
      name: text(request, "name"),
      operation,
      username: isRecord(userInfo) ? text(userInfo, "username") : "",
      object: own(request, "object") ?? void 0,
      oldObject: own(request, "oldObject") ?? void 0
    }
  };
}
function denied(message, warnings) {
  return { allowed: false, message, ...warnings === void 0 ? {} : { warnings } };
}
function answerTo({ apiVersion, kind, request }, verdict) {
  const { allowed, message, patch = [], warnings = [] } = verdict;
  return {
    kind,
    apiVersion,
    response: {
      uid: request.uid,
      allowed,
      ...allowed ? {} : {
        status: { metadata: {}, status: "Failure", message, reason: "BadRequest", code: 400 }
      },
      ...patch.length === 0 ? {} : {
        patch: Buffer.from(JSON.stringify(patch)).toString("base64"),
        patchType: "JSONPatch"
      },
      ...warnings.length === 0 ? {} : { warnings: warnings.flatMap(lines).slice(0, WARNINGS_MAX) }
    }
  };
}
function lines(warning) {
  return warning.split("\n").map((line) => line.replace(new RegExp("\\p{Cc}", "gu"), " ").trim()).filter((line) => line !== "").map((line) => line.slice(0, WARNING_LENGTH_MAX));
}
function isRecord(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
function own(record, key) {
  return Object.hasOwn(record, key) ? record[key] : void 0;
}
function text(record, key) {
  const value = own(record, key);
  return typeof value === "string" ? value : "";
}

// packages/api/src/admission/config-validation.ts
function configValidation(problems, request) {
  const { operation, subResource, kind, object: object2 } = request;
  const isWrite = operation === "CREATE" || operation === "UPDATE";
  if (!isWrite || subResource !== "") return ALLOWED;
  if (kind.group !== "" || kind.kind !== "ConfigMap") {
    const name = kind.group === "" ? kind.version : `${kind.group}/${kind.version}`;
    return denied(`decoding request failed: unhandled kind: ${name}, Kind=${kind.kind}`);
  }
  if (!isConfigMap(object2)) {
    return denied("decoding request failed: cannot decode incoming new object: not a ConfigMap");
  }
  const errors = problems(object2);
  return errors === void 0 || errors.isEmpty ? ALLOWED : denied(`validation failed: ${errors.toString()}`);
}
function isConfigMap(object2) {
  if (!isRecord(object2)) return false;
  const metadata = own(object2, "metadata");
  if (!isRecord(metadata) || typeof own(metadata, "name") !== "string") return false;
  const data = own(object2, "data") ?? {};
  return isRecord(data) && Object.values(data).every((value) => typeof value === "string");
}

// packages/api/src/admission/object-webhooks.ts
import { isDeepStrictEqual } from "node:util";

// packages/api/src/admission/json-diff.ts
function jsonDiff(before, after) {
  const operations = [];
  collect(before, after, "", operations);
  return operations;
}
function collect(before, after, path, operations) {
  if (Array.isArray(before) && Array.isArray(after)) {
    collectItems(before, after, path, operations);
  } else if (isRecord2(before) && isRecord2(after)) {
    collectFields(before, after, path, operations);
  } else if (before !== after) {
    operations.push({ op: "replace", path, value: after });
  }
}
function collectFields(before, after, path, operations) {
  for (const key of Object.keys(before)) {
    if ((before[key] ?? void 0) !== void 0 && !has(after, key)) {
      operations.push({ op: "remove", path: `${path}/${escaped(key)}` });
    }
  }
  for (const [key, value] of Object.entries(after)) {
    if (value === void 0) continue;
    const place = `${path}/${escaped(key)}`;
    if (has(before, key)) collect(before[key], value, place, operations);
    else operations.push({ op: "add", path: place, value });
  }
}
function collectItems(before, after, path, operations) {
  for (const [index, value] of after.entries()) {
    const place = `${path}/${String(index)}`;
    if (index < before.length) collect(before[index], value, place, operations);
    else operations.push({ op: "add", path: place, value });
  }
  for (let index = before.length - 1; index >= after.length; index -= 1) {
    operations.push({ op: "remove", path: `${path}/${String(index)}` });
  }
}
function isRecord2(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
function has(record, key) {
  return Object.hasOwn(record, key) && record[key] !== void 0;
}
function escaped(key) {
  return key.replaceAll("~", "~0").replaceAll("/", "~1");
}

// packages/api/src/admission/object-webhooks.ts
var CONTROLLER_ACCOUNT = "eventing-controller";
function defaulting(options, request) {
  if (!isJudged(request)) return ALLOWED;
  const decoded = decodeRequest(options.kinds, request);
  if ("problem" in decoded) return denied(`mutation failed: ${decoded.problem}`, decoded.warnings);
  if ("errors" in decoded) return ALLOWED;
  const { definition, object: object2, old } = decoded;
  const context = contextOf(options, request);
  const admitted = admit(options.kinds, object2, context, old);
  const defaulted = admitted.object ?? definition.setDefaults(object2, context);
  return { allowed: true, patch: jsonDiff(request.object, withoutEmptyName(defaulted)) };
}
function withoutEmptyName(object2) {
  const { name, ...metadata } = object2.metadata;
  return name === "" ? { ...object2, metadata } : object2;
}
function resourceValidation(options, request) {
  if (!isJudged(request)) return ALLOWED;
  const decoded = decodeRequest(options.kinds, request);
  if ("problem" in decoded) {
    return denied(`decoding request failed: ${decoded.problem}`, decoded.warnings);
  }
  const { errors } = "errors" in decoded ? decoded : admit(options.kinds, decoded.object, contextOf(options, request), decoded.old);
  return errors.isEmpty ? ALLOWED : denied(`validation failed: ${errors.toString()}`);
}
function isJudged({ operation, subResource, object: object2, oldObject }) {
  if (subResource !== "") return false;
  if (operation === "CREATE") return true;
  return operation === "UPDATE" && !isDeepStrictEqual(judgedPart(object2), judgedPart(oldObject));
}
function judgedPart(object2) {
  if (!isRecord(object2)) return object2;
  const { metadata, status: _status, ...rest } = object2;
  if (!isRecord(metadata)) return object2;
  const labels = own(metadata, "labels") ?? {};
  const annotations = own(metadata, "annotations") ?? {};
  return { ...rest, metadata: { labels, annotations } };
}
function decodeRequest(kinds, request) {
  const { group, version, kind } = request.kind;
  const apiVersion = group === "" ? version : `${group}/${version}`;
  const definition = kinds.get(apiVersion, kind);
  if (definition === void 0) return { problem: `unhandled kind: ${apiVersion}, Kind=${kind}` };
  if (request.object === void 0) return { problem: "the new object may not be nil" };
  const { object: object2, errors } = decode(kinds, request.object);
  if (object2 === void 0) {
    const text4 = goText(errors);
    if (text4 === void 0) return { errors };
    const problem = `cannot decode incoming new object: ${text4}`;
    return { problem, warnings: errors.toString().split("\n") };
  }
  if (object2.apiVersion !== apiVersion || object2.kind !== kind) {
    const problem = `cannot decode incoming new object: it is a ${object2.kind} of ${object2.apiVersion}, not a ${kind} of ${apiVersion}`;
    return { problem };
  }
  if (request.oldObject === void 0) return { definition, object: object2, old: void 0 };
  const old = decode(kinds, request.oldObject, { unknownFields: "drop" });
  if (old.object === void 0) {
    const text4 = goText(old.errors) ?? old.errors.toString();
    return { problem: `cannot decode incoming old object: ${text4}` };
  }
  return { definition, object: object2, old: old.object };
}
var SHAPE = /^(?:unknown field |expected .+, found |nested deeper than |more than \d+ values )/;
var UNKNOWN_FIELD = /^unknown field ("(?:[^"\\]|\\.)*")/;
function goText(errors) {
  const problems = errors.entries().filter(({ message }) => SHAPE.test(message));
  for (const { message } of problems) {
    const field = UNKNOWN_FIELD.exec(message)?.[1];
    if (field !== void 0) return `json: unknown field ${field}`;
  }
  const [first] = problems;
  return first && `${first.message}: ${first.paths.join(", ")}`;
}
function contextOf({ context }, { username }) {
  const user = username === CONTROLLER_USER ? `user:${username}` : username;
  const found2 = context(user);
  const account = `system:serviceaccount:${found2.systemNamespace}:${CONTROLLER_ACCOUNT}`;
  return username === account ? context(CONTROLLER_USER) : found2;
}

// packages/api/src/admission/request-body.ts
function readBody(request, clock, { bytesMax, msMax }) {
  if (Number(request.headers["content-length"] ?? 0) > bytesMax) {
    return Promise.resolve("too-large");
  }
  return new Promise((resolve) => {
    const chunks = [];
    let bytes = 0;
    const finish = (result) => {
      timer.cancel();
      request.off("data", onData);
      request.pause();
      resolve(result);
    };
    const onData = (chunk) => {
      bytes += chunk.length;
      if (bytes > bytesMax) finish("too-large");
      else chunks.push(chunk);
    };
    const timer = clock.setTimer(msMax, () => {
      finish("too-slow");
    });
    request.on("data", onData);
    request.once("end", () => {
      finish(Buffer.concat(chunks));
    });
    request.once("error", () => {
      finish("gone");
    });
    request.once("close", () => {
      finish("gone");
    });
  });
}

// packages/api/src/admission/admission-webhooks.ts
var ADMISSION_LIMITS = {
  bodyBytesMax: 3 * 1024 * 1024,
  bodyMsMax: 1e4,
  syncMsMax: 8e3
};
var NO_BODY = {
  "too-large": { status: 413, text: "could not decode body: request body too large", closes: true },
  "too-slow": {
    status: 408,
    text: "could not decode body: it did not arrive in time",
    closes: true
  },
  gone: { status: 400, text: "could not decode body: the request ended early", closes: true }
};
function admissionWebhooks(options) {
  const { clock, configProblems, meter = noopMeter } = options;
  const limits = { ...ADMISSION_LIMITS, ...options.limits };
  const logger = options.logger.child({ component: "admission" });
  const requests = meter.counter({
    name: "afflux_admission_requests_total",
    help: "Requests of admission webhooks, by path and outcome.",
    labels: ["webhook", "outcome"]
  });
  const webhooks = /* @__PURE__ */ new Map([
    ["/defaulting", (request) => defaulting(options, request)],
    ["/resource-validation", (request) => resourceValidation(options, request)],
    ["/config-validation", (request) => configValidation(configProblems, request)]
  ]);
  const answer2 = async (request) => {
    const path = pathOf(request);
    const webhook = webhooks.get(path);
    if (webhook === void 0) {
      return { status: 400, text: `no controller registered for: ${path}`, closes: true };
    }
    if (request.headers["content-type"] !== "application/json") {
      const text4 = "invalid Content-Type, want `application/json`";
      return { status: 415, text: text4, closes: true };
    }
    const body = await readBody(request, clock, {
      bytesMax: limits.bodyBytesMax,
      msMax: limits.bodyMsMax
    });
    if (typeof body === "string") return NO_BODY[body];
    const review2 = reviewIn(body);
    if (typeof review2 === "string") {
      return { status: 400, text: `could not decode body: ${review2}` };
    }
    if (!await settledWithin(options.synced, clock, limits.syncMsMax)) {
      return { status: 503, text: "not ready yet" };
    }
    return { review: review2, verdict: webhook(review2.request) };
  };
  return async (request, response) => {
    const path = pathOf(request);
    const webhook = webhooks.has(path) ? path : "unknown";
    let outcome = "failed";
    try {
      const result = await answer2(request);
      outcome = outcomeOf(result);
      if ("verdict" in result) {
        sendJson(response, answerTo(result.review, result.verdict));
        logger.debug({ path, outcome, ...fieldsOf(result) }, "admission request answered");
      } else {
        sendText(response, result);
        logger.debug({ path, status: result.status }, "admission request refused");
      }
    } catch (err) {
      logger.error({ err, path }, "admission request failed");
      if (!response.headersSent) sendText(response, { status: 500, text: "internal error" });
    } finally {
      requests.labels(webhook, outcome).add();
    }
  };
}
function pathOf({ url = "" }) {
  return url.split("?", 1)[0] ?? "";
}
function reviewIn(body) {
  try {
    return readReview(parseJson(body));
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
async function settledWithin(work, clock, msMax) {
  if (work === void 0) return true;
  return new Promise((resolve, reject) => {
    const timer = clock.setTimer(msMax, () => {
      resolve(false);
    });
    work.then(() => {
      resolve(true);
    }, reject).finally(() => {
      timer.cancel();
    });
  });
}
function outcomeOf(result) {
  if (!("verdict" in result)) return "refused";
  return result.verdict.allowed ? "allowed" : "denied";
}
function fieldsOf({ review: review2, verdict }) {
  const { kind, namespace, name, operation, username } = review2.request;
  return { kind: kind.kind, namespace, name, operation, user: username, reason: verdict.message };
}
function sendJson(response, value) {
  const body = Buffer.from(JSON.stringify(value));
  response.writeHead(200, { "content-type": "application/json", "content-length": body.length });
  response.end(body);
}
function sendText(response, { status, text: text4, closes = false }) {
  const body = Buffer.from(`${text4}
`);
  response.writeHead(status, {
    "content-type": "text/plain; charset=utf-8",
    "x-content-type-options": "nosniff",
    "content-length": body.length,
    ...closes ? { connection: "close" } : {}
  });
  response.end(body);
}

// packages/api/src/exchange.ts
var TAKEN_OVER = /* @__PURE__ */ Symbol("taken over");
function header(exchange, name) {
  const value = exchange.headers[name];
  return typeof value === "string" ? value : value?.[0];
}

// packages/api/src/request-options.ts
var TIMEOUT_S_MAX = 24 * 3600;
function text2(query2, name) {
  const value = query2[name];
  const first = typeof value === "string" ? value : value?.[0];
  return first === "" ? void 0 : first;
}
function isTrue(query2, name) {
  const value = text2(query2, name);
  if (value === void 0 || value === "false" || value === "0") return false;
  if (value === "true" || value === "1") return true;
  throw badRequest(`invalid value for ${name}: ${JSON.stringify(value)}: expected true or false`);
}
function count(query2, name, max) {
  const value = text2(query2, name);
  if (value === void 0) return void 0;
  if (!/^\d{1,15}$/.test(value)) {
    throw badRequest(`invalid value for ${name}: ${JSON.stringify(value)}: expected a number`);
  }
  return Math.min(Number(value), max);
}
function listQuery(query2) {
  const labels = text2(query2, "labelSelector");
  const fields = text2(query2, "fieldSelector");
  const limit = count(query2, "limit", Number.MAX_SAFE_INTEGER);
  const timeoutS = count(query2, "timeoutSeconds", TIMEOUT_S_MAX);
  const isWatch = isTrue(query2, "watch");
  const sendInitialEvents = isTrue(query2, "sendInitialEvents");
  const match = matchOf(query2);
  if (sendInitialEvents && (!isWatch || match !== "NotOlderThan")) {
    throw invalidOptions(
      "resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"
    );
  }
  return {
    labelSelector: labels === void 0 ? void 0 : parseLabelSelector(labels),
    fieldSelector: fields === void 0 ? void 0 : parseFieldSelector(fields),
    limit: limit === 0 ? void 0 : limit,
    continueToken: text2(query2, "continue"),
    resourceVersion: text2(query2, "resourceVersion"),
    match,
    isWatch,
    allowBookmarks: isTrue(query2, "allowWatchBookmarks"),
    sendInitialEvents,
    timeoutMs: timeoutS === void 0 || timeoutS === 0 ? void 0 : timeoutS * 1e3
  };
}
function matchOf(query2) {
  const match = text2(query2, "resourceVersionMatch");
  if (match === void 0 || match === "Exact" || match === "NotOlderThan") return match;
  throw invalidOptions(
    `resourceVersionMatch: Unsupported value: ${JSON.stringify(match)}: supported values: "Exact", "NotOlderThan"`
  );
}
function invalidOptions(why) {
  return badRequest(`ListOptions.meta.k8s.io "" is invalid: ${why}`);
}
var FIELD_VALIDATIONS = ["Strict", "Warn", "Ignore"];
function writeQuery(query2) {
  const validation = text2(query2, "fieldValidation") ?? "Warn";
  const fieldValidation = FIELD_VALIDATIONS.find((known) => known === validation);
  if (fieldValidation === void 0) {
    throw badRequest(
      `fieldValidation: Unsupported value: ${JSON.stringify(validation)}: supported values: "Ignore", "Strict", "Warn"`
    );
  }
  return {
    dryRun: dryRunOf(text2(query2, "dryRun")),
    fieldManager: text2(query2, "fieldManager"),
    fieldValidation,
    force: isTrue(query2, "force")
  };
}
function dryRunOf(value) {
  if (value === void 0) return false;
  if (value === "All") return true;
  throw badRequest(`dryRun: Unsupported value: ${JSON.stringify(value)}: supported values: "All"`);
}

// packages/api/src/table/media-ranges.ts
var RANGES_MAX = 32;
function weightOf(text4) {
  const weight = Number(text4 ?? 1);
  return Number.isNaN(weight) ? 0 : weight;
}
function rangeOf(text4) {
  const [type = "", ...rest] = text4.split(";").map((part) => part.trim());
  const parameters = /* @__PURE__ */ new Map();
  for (const parameter of rest) {
    const [name = "", value = ""] = parameter.split("=", 2);
    parameters.set(name.trim().toLowerCase(), value.trim().replace(/^"(.*)"$/u, "$1"));
  }
  const weight = weightOf(parameters.get("q"));
  parameters.delete("q");
  return { type: type.toLowerCase(), parameters, weight };
}
function mediaRanges(accept) {
  const text4 = accept?.trim() ?? "";
  return (text4 === "" ? "*/*" : text4).split(",", RANGES_MAX).map(rangeOf).filter(({ weight }) => weight > 0).sort((left, right) => right.weight - left.weight);
}
function isJsonRange({ type }) {
  return type === "application/json" || type === "*/*" || type === "application/*";
}

// packages/api/src/table/accept.ts
function formOf({ parameters }) {
  const as = parameters.get("as");
  if (as === void 0) return { as: "Object" };
  const version = parameters.get("v");
  if (parameters.get("g") !== "meta.k8s.io" || version !== "v1" && version !== "v1beta1") {
    return void 0;
  }
  if (as === "Table") return { as, version };
  return as === "PartialObjectMetadata" || as === "PartialObjectMetadataList" ? { as: "PartialObject", version } : void 0;
}
function acceptedForm(accept) {
  for (const range of mediaRanges(accept)) {
    const form = isJsonRange(range) ? formOf(range) : void 0;
    if (form !== void 0) return form;
  }
  return void 0;
}
function tableForm(accept) {
  const form = acceptedForm(accept);
  return form?.as === "Table" ? { version: form.version } : void 0;
}
function partialForm(accept) {
  const form = acceptedForm(accept);
  return form?.as === "PartialObject" ? { version: form.version } : void 0;
}

// packages/api/src/table/column.ts
function textColumn(name, description, priority = 0) {
  return { name, type: "string", format: "", description, priority };
}
function nameColumn(priority = 0) {
  return {
    name: "Name",
    type: "string",
    format: "name",
    description: "Name of the object; unique for its kind within a namespace.",
    priority
  };
}
function ageColumn() {
  return textColumn("Age", "How long ago the object was created.");
}

// packages/api/src/table/human-duration.ts
var SECOND_MS = 1e3;
var AHEAD_SECONDS_MAX = 1;
var RFC_3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:[.,]\d+)?(?:Z|[+-]\d{2}:\d{2})$/u;
function twoUnits(whole, unit, rest, restUnit) {
  return rest === 0 ? `${String(whole)}${unit}` : `${String(whole)}${unit}${String(rest)}${restUnit}`;
}
function humanDuration(durationMs) {
  const seconds = Math.trunc(durationMs / SECOND_MS);
  if (seconds < -AHEAD_SECONDS_MAX) return "<invalid>";
  if (seconds < 0) return "0s";
  if (seconds < 120) return `${String(seconds)}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 10) return twoUnits(minutes, "m", seconds % 60, "s");
  if (minutes < 180) return `${String(minutes)}m`;
  const hours = Math.floor(minutes / 60);
  if (hours < 8) return twoUnits(hours, "h", minutes % 60, "m");
  if (hours < 48) return `${String(hours)}h`;
  const days = Math.floor(hours / 24);
  if (days < 8) return twoUnits(days, "d", hours % 24, "h");
  if (days < 365 * 2) return `${String(days)}d`;
  const years = Math.floor(days / 365);
  if (years < 8) return twoUnits(years, "y", days % 365, "d");
  return `${String(years)}y`;
}
function momentOf(text4) {
  const moment = RFC_3339.test(text4) ? Date.parse(text4.replace(",", ".")) : Number.NaN;
  return Number.isNaN(moment) ? void 0 : moment;
}
function ageOf(time, nowMs) {
  if (typeof time !== "string" || time === "") return "<unknown>";
  const moment = momentOf(time);
  return moment === void 0 ? "<invalid>" : humanDuration(nowMs - moment);
}

// packages/api/src/table/members.ts
function membersOf(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
}
function memberAt(value, ...names2) {
  let found2 = value;
  for (const name of names2) {
    const members = membersOf(found2);
    found2 = Object.hasOwn(members, name) ? members[name] : void 0;
  }
  return found2;
}
function textAt(value, ...names2) {
  const found2 = memberAt(value, ...names2);
  return typeof found2 === "string" ? found2 : "";
}
function numberAt(value, ...names2) {
  const found2 = memberAt(value, ...names2);
  return typeof found2 === "number" ? found2 : 0;
}
function listAt(value, ...names2) {
  const found2 = memberAt(value, ...names2);
  return Array.isArray(found2) ? found2 : [];
}
function sizeAt(value, ...names2) {
  return Object.keys(membersOf(memberAt(value, ...names2))).length;
}
function orNone(text4) {
  return text4 === "" ? "<none>" : text4;
}

// packages/api/src/table/event-columns.ts
function occurrenceOf(event) {
  const first = textAt(event, "firstTimestamp") || textAt(event, "eventTime");
  if (memberAt(event, "series") !== void 0) {
    return {
      first,
      last: textAt(event, "series", "lastObservedTime"),
      count: numberAt(event, "series", "count")
    };
  }
  const last = textAt(event, "lastTimestamp") || first;
  return { first, last, count: numberAt(event, "count") || 1 };
}
function involvedText(event) {
  const kind = textAt(event, "involvedObject", "kind").toLowerCase();
  const name = textAt(event, "involvedObject", "name");
  return name === "" ? kind : `${kind}/${name}`;
}
function sourceText(event) {
  const component = textAt(event, "source", "component") || textAt(event, "reportingComponent");
  const instance = textAt(event, "source", "host") || textAt(event, "reportingInstance");
  return instance === "" ? component : `${component}, ${instance}`;
}
var EVENT_COLUMNS = {
  definitions: [
    textColumn("Last Seen", "How long ago it happened last."),
    textColumn("Type", "Normal or Warning."),
    textColumn("Reason", "Why, in one word for programs."),
    textColumn("Object", "What it happened to."),
    textColumn("Subobject", "Which part of the object.", 1),
    textColumn("Source", "Who reports it.", 1),
    textColumn("Message", "What happened, for people."),
    textColumn("First Seen", "How long ago it happened first.", 1),
    textColumn("Count", "How many times it happened.", 1),
    nameColumn(1)
  ],
  cells: (event, nowMs) => {
    const { first, last, count: count2 } = occurrenceOf(event);
    return [
      ageOf(last, nowMs),
      textAt(event, "type"),
      textAt(event, "reason"),
      involvedText(event),
      textAt(event, "involvedObject", "fieldPath"),
      sourceText(event),
      textAt(event, "message").trim(),
      ageOf(first, nowMs),
      count2,
      event.metadata.name
    ];
  }
};

// packages/api/src/table/pod-columns.ts
function isSidecar(container) {
  return textAt(container, "restartPolicy") === "Always";
}
function laterOf(left, right) {
  return (momentOf(right) ?? -Infinity) > (momentOf(left) ?? -Infinity) ? right : left;
}
function countRestarts(state, status) {
  state.restarts += numberAt(status, "restartCount");
  const finishedAt = textAt(status, "lastState", "terminated", "finishedAt");
  state.restartedAt = laterOf(state.restartedAt, finishedAt);
}
function endText(terminated) {
  const signal = numberAt(terminated, "signal");
  return textAt(terminated, "reason") || (signal !== 0 ? `Signal:${String(signal)}` : `ExitCode:${String(numberAt(terminated, "exitCode"))}`);
}
function isTrue2(pod, type) {
  return listAt(pod.status, "conditions").some(
    (condition) => textAt(condition, "type") === type && textAt(condition, "status") === "True"
  );
}
function isGated(pod) {
  return listAt(pod.status, "conditions").some(
    (condition) => textAt(condition, "type") === "PodScheduled" && textAt(condition, "reason") === "SchedulingGated"
  );
}
function initReason(status, index, count2) {
  const terminated = memberAt(status, "state", "terminated");
  if (terminated !== void 0) {
    return numberAt(terminated, "exitCode") === 0 ? void 0 : `Init:${endText(terminated)}`;
  }
  const waiting = textAt(status, "state", "waiting", "reason");
  if (waiting !== "" && waiting !== "PodInitializing") return `Init:${waiting}`;
  return `Init:${String(index)}/${String(count2)}`;
}
function readInitContainers(pod, state, sidecarState) {
  const containers = listAt(pod.spec, "initContainers");
  const sidecars = new Set(containers.filter(isSidecar).map((each) => textAt(each, "name")));
  for (const [index, status] of listAt(pod.status, "initContainerStatuses").entries()) {
    countRestarts(state, status);
    const isOfSidecar = sidecars.has(textAt(status, "name"));
    if (isOfSidecar) countRestarts(sidecarState, status);
    if (isOfSidecar && memberAt(status, "started") === true && !hasEnded(status)) {
      if (memberAt(status, "ready") === true) state.ready += 1;
      continue;
    }
    const reason = initReason(status, index, containers.length);
    if (reason === void 0) continue;
    state.reason = reason;
    return true;
  }
  return false;
}
function hasEnded(status) {
  const terminated = memberAt(status, "state", "terminated");
  return terminated !== void 0 && numberAt(terminated, "exitCode") === 0;
}
function readContainers(pod, state) {
  let hasRunning = false;
  for (const status of [...listAt(pod.status, "containerStatuses")].reverse()) {
    countRestarts(state, status);
    const waiting = textAt(status, "state", "waiting", "reason");
    const terminated = memberAt(status, "state", "terminated");
    if (waiting !== "") state.reason = waiting;
    else if (terminated !== void 0) state.reason = endText(terminated);
    else if (memberAt(status, "ready") === true && memberAt(status, "state", "running") !== void 0) {
      hasRunning = true;
      state.ready += 1;
    }
  }
  if (state.reason === "Completed" && hasRunning) {
    state.reason = isTrue2(pod, "Ready") ? "Running" : "NotReady";
  }
}
function stateOf(pod) {
  const phase = textAt(pod.status, "phase");
  const reason = isGated(pod) ? "SchedulingGated" : textAt(pod.status, "reason") || phase;
  const state = { reason, ready: 0, restarts: 0, restartedAt: "" };
  const sidecarState = { ...state };
  const isInitializing = readInitContainers(pod, state, sidecarState);
  if (!isInitializing || isTrue2(pod, "Initialized")) {
    state.restarts = sidecarState.restarts;
    state.restartedAt = sidecarState.restartedAt;
    readContainers(pod, state);
  }
  if (pod.metadata.deletionTimestamp !== void 0) {
    if (textAt(pod.status, "reason") === "NodeLost") state.reason = "Unknown";
    else if (phase !== "Succeeded" && phase !== "Failed") state.reason = "Terminating";
  }
  return state;
}
function gatesText(pod) {
  const gates = listAt(pod.spec, "readinessGates").map((gate) => textAt(gate, "conditionType"));
  if (gates.length === 0) return "";
  const open = gates.filter((type) => isTrue2(pod, type)).length;
  return `${String(open)}/${String(gates.length)}`;
}
function restartsText({ restarts, restartedAt }, nowMs) {
  if (restarts === 0 || restartedAt === "") return String(restarts);
  return `${String(restarts)} (${ageOf(restartedAt, nowMs)} ago)`;
}
function doneCondition(pod) {
  const reason = textAt(pod.status, "phase");
  if (reason !== "Succeeded" && reason !== "Failed") return void 0;
  const message = reason === "Failed" ? "The pod failed." : "The pod has completed successfully.";
  return [{ type: "Completed", status: "True", reason, message }];
}
var POD_COLUMNS = {
  definitions: [
    nameColumn(),
    textColumn("Ready", "Containers that are ready, of all."),
    textColumn("Status", "What the Pod does, or what keeps it from running."),
    textColumn("Restarts", "How often its containers were started anew, and when last."),
    ageColumn(),
    textColumn("IP", "Address of the Pod.", 1),
    textColumn("Node", "Where it runs.", 1),
    textColumn("Nominated Node", "Where room is being made for it.", 1),
    textColumn("Readiness Gates", "Conditions that hold, of those it is to wait for.", 1)
  ],
  cells: (pod, nowMs) => {
    const state = stateOf(pod);
    const total = listAt(pod.spec, "containers").length + listAt(pod.spec, "initContainers").filter(isSidecar).length;
    return [
      pod.metadata.name,
      `${String(state.ready)}/${String(total)}`,
      state.reason,
      restartsText(state, nowMs),
      ageOf(pod.metadata.creationTimestamp, nowMs),
      orNone(textAt(listAt(pod.status, "podIPs")[0], "ip") || textAt(pod.status, "podIP")),
      orNone(textAt(pod.spec, "nodeName")),
      orNone(textAt(pod.status, "nominatedNodeName")),
      orNone(gatesText(pod))
    ];
  },
  conditions: doneCondition
};

// packages/api/src/table/service-columns.ts
function clusterIp(service) {
  const [first] = listAt(service.spec, "clusterIPs");
  return orNone(typeof first === "string" ? first : textAt(service.spec, "clusterIP"));
}
function loadBalancerAddresses(service) {
  const addresses = listAt(service.status, "loadBalancer", "ingress").map((ingress) => textAt(ingress, "ip") || textAt(ingress, "hostname")).filter((address) => address !== "");
  return [...new Set(addresses)].sort();
}
function externalIp(service) {
  const external = listAt(service.spec, "externalIPs").map(String);
  switch (textAt(service.spec, "type") || "ClusterIP") {
    case "ClusterIP":
    case "NodePort":
      return orNone(external.join(","));
    case "LoadBalancer":
      return [...loadBalancerAddresses(service), ...external].join(",") || "<pending>";
    case "ExternalName":
      return textAt(service.spec, "externalName");
    default:
      return "<unknown>";
  }
}
function portText(port) {
  const nodePort = numberAt(port, "nodePort");
  const outside = nodePort > 0 ? `:${String(nodePort)}` : "";
  return `${String(numberAt(port, "port"))}${outside}/${textAt(port, "protocol") || "TCP"}`;
}
function selectorText(service) {
  return Object.entries(membersOf(memberAt(service.spec, "selector"))).map(([key, value]) => `${key}=${String(value)}`).sort().join(",");
}
var SERVICE_COLUMNS = {
  definitions: [
    nameColumn(),
    textColumn("Type", "How the Service is exposed."),
    textColumn("Cluster-IP", "Address inside the cluster."),
    textColumn("External-IP", "Addresses, or the name, outside the cluster."),
    textColumn("Port(s)", "Port, port on the nodes, and protocol."),
    ageColumn(),
    textColumn("Selector", "Labels of the Pods behind the Service.", 1)
  ],
  cells: (service, nowMs) => [
    service.metadata.name,
    textAt(service.spec, "type") || "ClusterIP",
    clusterIp(service),
    externalIp(service),
    orNone(listAt(service.spec, "ports").map(portText).join(",")),
    ageOf(service.metadata.creationTimestamp, nowMs),
    orNone(selectorText(service))
  ]
};

// packages/api/src/table/core-columns.ts
var CONFIG_MAP_COLUMNS = {
  definitions: [nameColumn(), textColumn("Data", "How many entries it has."), ageColumn()],
  cells: (object2, nowMs) => [
    object2.metadata.name,
    sizeAt(object2, "data") + sizeAt(object2, "binaryData"),
    ageOf(object2.metadata.creationTimestamp, nowMs)
  ]
};
var SECRET_COLUMNS = {
  definitions: [
    nameColumn(),
    textColumn("Type", "What the Secret is for."),
    textColumn("Data", "How many entries it has."),
    ageColumn()
  ],
  cells: (object2, nowMs) => [
    object2.metadata.name,
    textAt(object2, "type") || "Opaque",
    sizeAt(object2, "data"),
    ageOf(object2.metadata.creationTimestamp, nowMs)
  ]
};
var SERVICE_ACCOUNT_COLUMNS = {
  definitions: [
    nameColumn(),
    textColumn("Secrets", "How many Secrets its Pods may use."),
    ageColumn()
  ],
  cells: (object2, nowMs) => [
    object2.metadata.name,
    listAt(object2, "secrets").length,
    ageOf(object2.metadata.creationTimestamp, nowMs)
  ]
};
var NAMESPACE_COLUMNS = {
  definitions: [nameColumn(), textColumn("Status", "Active or Terminating."), ageColumn()],
  cells: (object2, nowMs) => [
    object2.metadata.name,
    textAt(object2.status, "phase") || (object2.metadata.deletionTimestamp === void 0 ? "Active" : "Terminating"),
    ageOf(object2.metadata.creationTimestamp, nowMs)
  ]
};
var LEASE_COLUMNS = {
  definitions: [nameColumn(), textColumn("Holder", "Who holds the lease."), ageColumn()],
  cells: (object2, nowMs) => [
    object2.metadata.name,
    textAt(object2.spec, "holderIdentity"),
    ageOf(object2.metadata.creationTimestamp, nowMs)
  ]
};
var CUSTOM_RESOURCE_DEFINITION_COLUMNS = {
  definitions: [
    nameColumn(),
    { ...textColumn("Created At", "When the kind was defined."), type: "date" }
  ],
  cells: (object2) => [object2.metadata.name, object2.metadata.creationTimestamp ?? ""]
};
function coreColumns(apiVersion, kind) {
  switch (`${apiVersion}/${kind}`) {
    case "v1/ConfigMap":
      return CONFIG_MAP_COLUMNS;
    case "v1/Event":
      return EVENT_COLUMNS;
    case "v1/Namespace":
      return NAMESPACE_COLUMNS;
    case "v1/Pod":
      return POD_COLUMNS;
    case "v1/Secret":
      return SECRET_COLUMNS;
    case "v1/Service":
      return SERVICE_COLUMNS;
    case "v1/ServiceAccount":
      return SERVICE_ACCOUNT_COLUMNS;
    case "coordination.k8s.io/v1/Lease":
      return LEASE_COLUMNS;
    case "apiextensions.k8s.io/v1/CustomResourceDefinition":
      return CUSTOM_RESOURCE_DEFINITION_COLUMNS;
    default:
      return void 0;
  }
}

// packages/api/src/table/go-text.ts
var INT64_END = 2 ** 63;
var ESCAPED = /[<>&\u2028\u2029]/gu;
function isInt64(value) {
  return Number.isInteger(value) && Math.abs(value) < INT64_END;
}
function floatText(value) {
  const [digits = "0", exponentText = "0"] = value.toExponential().split("e");
  const exponent = Number(exponentText);
  if (exponent >= -4 && exponent < FLOAT_EXPONENT_MIN) return String(value);
  const sign = exponent < 0 ? "-" : "+";
  return `${digits}e${sign}${String(Math.abs(exponent)).padStart(2, "0")}`;
}
var FLOAT_EXPONENT_MIN = 6;
function escaped2(character) {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
function inKeyOrder(_key, value) {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value).sort(([left], [right]) => left < right ? -1 : 1);
  return Object.fromEntries(entries);
}
function cellText(value) {
  switch (typeof value) {
    case "string":
      return value;
    case "boolean":
      return String(value);
    case "number":
      return isInt64(value) ? BigInt(value).toString() : floatText(value);
    default:
      if (value === null || value === void 0) return "<no value>";
      return JSON.stringify(value, inKeyOrder).replace(ESCAPED, escaped2);
  }
}

// packages/api/src/table/json-path.ts
var JSON_PATH_LENGTH_MAX = 1024;
var JSON_PATH_VISITS_MAX = 1e4;
var PathFailure = class extends Error {
};
var FIELD = /(?:\\.|[^\s.,[\]$@{}\\])*/uy;
var QUOTED_KEY = /^'([^']*)'$/u;
var SLICE = /^(-?\d*)(:-?\d*)?(:-?\d*)?$/u;
var FILTER = /^([^!<>=]+)([!<>=]+)(.+)$/u;
var OPERATORS = /* @__PURE__ */ new Set(["==", "!=", "<", "<=", ">", ">="]);
function isOperator(text4) {
  return OPERATORS.has(text4);
}
function fieldStep(name) {
  return name === "*" ? { type: "wildcard" } : { type: "field", name: name.replaceAll("\\", "") };
}
function numberOf(text4) {
  const digits = text4?.startsWith(":") === true ? text4.slice(1) : text4;
  return digits === void 0 || digits === "" ? void 0 : Number(digits);
}
function sliceStep(text4) {
  const match = SLICE.exec(text4);
  if (match === null || text4 === "" || text4 === "-") throw new PathFailure();
  const [, first, second, third] = match;
  const start = numberOf(first) ?? 0;
  if (second === void 0) return { type: "index", index: start };
  const end = numberOf(second);
  return { type: "slice", start, by: numberOf(third) ?? 1, ...end === void 0 ? {} : { end } };
}
function bracketSteps(text4) {
  if (text4 === "*") return [{ type: "slice", start: 0, by: 1 }];
  const parts = text4.split(",");
  if (parts.length > 1) {
    return [{ type: "union", branches: parts.map((part) => bracketSteps(part.trim())) }];
  }
  const key = QUOTED_KEY.exec(text4)?.[1];
  return key === void 0 ? [sliceStep(text4)] : readSteps(`.${key}`);
}
function operandOf(text4) {
  const trimmed = text4.trim();
  const quoted = /^(["'])(.*)\1$/su.exec(trimmed)?.[2];
  if (quoted !== void 0) return { literal: quoted.replace(/\\(.)/gsu, "$1") };
  if (trimmed === "true" || trimmed === "false") return { literal: trimmed === "true" };
  if (/^[+-]?\d+(?:\.\d+)?$/u.test(trimmed)) return { literal: Number(trimmed) };
  return { path: readSteps(trimmed) };
}
function filterStep(text4) {
  const match = FILTER.exec(text4);
  if (match === null) return { type: "exists", path: readSteps(text4.trim()) };
  const [, left = "", operator = "", right = ""] = match;
  if (!isOperator(operator)) throw new PathFailure();
  return { type: "compare", left: operandOf(left), operator, right: operandOf(right) };
}
function filterEnd(text4, from) {
  let quote = "";
  for (let at = from; at < text4.length; at += 1) {
    const character = text4.charAt(at);
    if (quote === "" && character === ")") return at;
    if (quote === "" && (character === '"' || character === "'")) quote = character;
    else if (character === quote && text4.charAt(at - 1) !== "\\") quote = "";
  }
  throw new PathFailure();
}
function readSteps(text4) {
  const steps = [];
  let at = 0;
  const readField = () => {
    FIELD.lastIndex = at;
    const name = FIELD.exec(text4)?.[0] ?? "";
    at += name.length;
    steps.push(fieldStep(name));
  };
  while (at < text4.length) {
    const character = text4.charAt(at);
    if (character === "}") break;
    if (/[\s@$]/u.test(character)) at += 1;
    else if (text4.startsWith("..", at)) {
      if (steps.at(-1)?.type === "descend") throw new PathFailure();
      steps.push({ type: "descend" });
      at += 2;
      if (/[\w]/u.test(text4.charAt(at))) readField();
    } else if (character === ".") {
      at += 1;
      readField();
    } else if (text4.startsWith("[?(", at)) {
      const end = filterEnd(text4, at + 3);
      if (text4.charAt(end + 1) !== "]") throw new PathFailure();
      steps.push(filterStep(text4.slice(at + 3, end)));
      at = end + 2;
    } else if (character === "[") {
      const end = text4.indexOf("]", at);
      if (end < 0) throw new PathFailure();
      steps.push(...bracketSteps(text4.slice(at + 1, end)));
      at = end + 1;
    } else throw new PathFailure();
  }
  return steps;
}
function parseJsonPath(text4) {
  if (text4.length > JSON_PATH_LENGTH_MAX) return void 0;
  return unlessFailed(() => readSteps(text4));
}
function unlessFailed(action) {
  try {
    return action();
  } catch (error) {
    if (error instanceof PathFailure) return void 0;
    throw error;
  }
}
function isMembers(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
function listAt2(value) {
  if (!Array.isArray(value)) throw new PathFailure();
  return value;
}
function childrenOf(value) {
  if (Array.isArray(value)) return value;
  return isMembers(value) ? Object.values(value) : [];
}
function sliced(list, step) {
  const { length } = list;
  const start = step.start < 0 ? step.start + length : step.start;
  const end = step.end === void 0 ? length : step.end < 0 ? step.end + length : step.end;
  if (start === end) return [];
  if (start < 0 || start >= length || end > length || start > end || step.by <= 0) {
    throw new PathFailure();
  }
  return list.slice(start, end).filter((_item, index) => index % step.by === 0);
}
function itemAt(list, index) {
  const at = index < 0 ? index + list.length : index;
  if (at < 0 || at >= list.length) throw new PathFailure();
  return list[at];
}
function withDescendants(value, budget) {
  const children = childrenOf(value);
  spend(budget, children.length);
  if (children.length === 0) return [];
  return [value, ...children.flatMap((child) => withDescendants(child, budget))];
}
function spend(budget, visits) {
  budget.visits += visits;
  if (budget.visits > JSON_PATH_VISITS_MAX) throw new PathFailure();
}
function isLess(left, right) {
  if (typeof left === "boolean") throw new PathFailure();
  return left < right;
}
function isLiteral(value) {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}
function holds(left, operator, right) {
  if (!isLiteral(left) || !isLiteral(right) || typeof left !== typeof right) {
    throw new PathFailure();
  }
  switch (operator) {
    case "==":
      return left === right;
    case "!=":
      return left !== right;
    case "<":
      return isLess(left, right);
    case "<=":
      return left === right || isLess(left, right);
    case ">":
      return left !== right && !isLess(left, right);
    case ">=":
      return !isLess(left, right);
  }
}
function operandValue(operand, item, budget) {
  if ("literal" in operand) return operand.literal;
  const values = evaluate(operand.path, [item], budget);
  if (values.length > 1) throw new PathFailure();
  return values[0];
}
function passes(step, item, budget) {
  const left = operandValue(step.left, item, budget);
  const right = operandValue(step.right, item, budget);
  return left !== void 0 && right !== void 0 && holds(left, step.operator, right);
}
function stepInto(step, value, budget) {
  switch (step.type) {
    case "field":
      return isMembers(value) && Object.hasOwn(value, step.name) ? [value[step.name]] : [];
    case "wildcard":
      return childrenOf(value);
    case "descend":
      return withDescendants(value, budget);
    case "slice":
      return value === null ? [] : sliced(listAt2(value), step);
    case "index":
      return value === null ? [] : [itemAt(listAt2(value), step.index)];
    case "union":
      return step.branches.flatMap((branch) => evaluate(branch, [value], budget));
    case "exists":
      if (value === null) return [];
      return listAt2(value).filter((item) => evaluate(step.path, [item], budget).length > 0);
    case "compare":
      return value === null ? [] : listAt2(value).filter((item) => passes(step, item, budget));
  }
}
function evaluate(path, values, budget) {
  let found2 = values;
  for (const step of path) {
    spend(budget, found2.length);
    found2 = found2.flatMap((value) => stepInto(step, value, budget));
  }
  spend(budget, found2.length);
  return found2;
}
function evaluateJsonPath(path, root) {
  return unlessFailed(() => evaluate(path, [root], { visits: 0 }));
}

// packages/api/src/table/custom-columns.ts
var AGE = {
  name: "Age",
  type: "date",
  jsonPath: ".metadata.creationTimestamp",
  description: "How long ago the object was created."
};
function readColumns(columns) {
  const read = [];
  for (const column of columns) {
    const path = parseJsonPath(column.jsonPath);
    if (path === void 0) break;
    read.push({ column, path });
  }
  return read;
}
function definitionOf({ name, type, format, description, priority, jsonPath }) {
  return {
    name,
    type,
    format: format ?? "",
    description: description ?? `Custom resource definition column (in JSONPath format): ${jsonPath}`,
    priority: priority ?? 0
  };
}
function cellOf(type, value, nowMs) {
  switch (type) {
    case "string":
      return cellText(value);
    case "integer":
      return typeof value === "number" ? Math.trunc(value) : null;
    case "number":
      return typeof value === "number" ? value : null;
    case "boolean":
      return typeof value === "boolean" ? value : null;
    case "date":
      return typeof value === "string" ? ageOf(value, nowMs) : null;
    default:
      return null;
  }
}
function customColumns(described) {
  const columns = readColumns(described.length === 0 ? [AGE] : described);
  return {
    definitions: [nameColumn(), ...columns.map(({ column }) => definitionOf(column))],
    cells: (object2, nowMs) => [
      object2.metadata.name,
      ...columns.map(({ column, path }) => {
        const values = evaluateJsonPath(path, object2) ?? [];
        return values.length === 0 ? null : cellOf(column.type, values[0], nowMs);
      })
    ]
  };
}

// packages/api/src/table/table.ts
function partialObject(object2, version) {
  return {
    kind: "PartialObjectMetadata",
    apiVersion: `meta.k8s.io/${version}`,
    metadata: object2.metadata
  };
}
function columnsOf({ apiVersion, kind, printerColumns }) {
  return coreColumns(apiVersion, kind) ?? customColumns(printerColumns);
}
function shownObject(object2, { includeObject, version }) {
  switch (includeObject ?? "Metadata") {
    case "None":
      return null;
    case "Object":
      return object2;
    case "Metadata":
      return partialObject(object2, version ?? "v1");
  }
}
function defaultMetadata(objects) {
  const [only] = objects;
  return only === void 0 || objects.length > 1 ? {} : { resourceVersion: only.metadata.resourceVersion };
}
function tableOf(kind, objects, options) {
  const columns = columnsOf(kind);
  return {
    kind: "Table",
    apiVersion: `meta.k8s.io/${options.version ?? "v1"}`,
    metadata: options.metadata ?? defaultMetadata(objects),
    columnDefinitions: options.omitColumns === true ? null : columns.definitions,
    rows: objects.map((object2) => {
      const conditions = columns.conditions?.(object2);
      return {
        cells: columns.cells(object2, options.now),
        ...conditions === void 0 ? {} : { conditions },
        object: shownObject(object2, options)
      };
    })
  };
}

// packages/api/src/shown-objects.ts
var INCLUDED = ["Metadata", "Object", "None"];
function shownTo(exchange, deps) {
  const accept = header(exchange, "accept");
  const table = tableForm(accept);
  if (table !== void 0) {
    const wanted = text2(exchange.query, "includeObject");
    const includeObject = INCLUDED.find((known) => known === wanted) ?? "Metadata";
    return asTable(exchange.definition, table.version, includeObject, deps.clock);
  }
  const partial = partialForm(accept);
  return partial === void 0 ? asTheyAre(exchange.definition, deps.texts) : asMetadata(partial.version);
}
function asTheyAre(definition, texts) {
  return {
    one: (object2) => object2,
    list: (page2) => ({
      kind: `${definition.kind}List`,
      apiVersion: definition.apiVersion,
      metadata: listMetadata(page2),
      items: page2.items
    }),
    next: (object2) => texts.of(object2)
  };
}
function asTable(definition, version, includeObject, clock) {
  let hasColumns = false;
  const of = (objects, metadata, omitColumns = false) => tableOf(definition, objects, {
    now: clock.now(),
    version,
    includeObject,
    metadata,
    omitColumns
  });
  const single = (object2, omitColumns = false) => of([object2], { resourceVersion: object2.metadata.resourceVersion }, omitColumns);
  return {
    one: (object2) => single(object2),
    list: (page2) => of(page2.items, listMetadata(page2)),
    next: (object2) => {
      const table = single(object2, hasColumns);
      hasColumns = true;
      return JSON.stringify(table);
    }
  };
}
function asMetadata(version) {
  const apiVersion = `meta.k8s.io/${version}`;
  const one = ({ metadata }) => ({
    kind: "PartialObjectMetadata",
    apiVersion,
    metadata
  });
  return {
    one,
    list: (page2) => ({
      kind: "PartialObjectMetadataList",
      apiVersion,
      metadata: listMetadata(page2),
      items: page2.items.map(one)
    }),
    next: (object2) => JSON.stringify(one(object2))
  };
}
function listMetadata({ resourceVersion, continueToken, remainingItemCount }) {
  return {
    resourceVersion,
    ...continueToken === void 0 ? {} : { continue: continueToken },
    ...remainingItemCount === void 0 ? {} : { remainingItemCount }
  };
}

// packages/api/src/status.ts
var HEAD = { kind: "Status", apiVersion: "v1", metadata: {} };
var RETRY_AFTER_S = 1;
function success(details) {
  return { ...HEAD, status: "Success", details, code: 200 };
}
function failureOf(error) {
  if (!(error instanceof StoreError || error instanceof ApiError)) {
    return refusedByFramework(error?.code);
  }
  const { message, reason, status: code } = error;
  const details = statusDetails(error);
  return {
    ...HEAD,
    status: "Failure",
    message,
    reason,
    ...details === void 0 ? {} : { details },
    code
  };
}
function internalError() {
  const message = "Internal error occurred: see the log of the server";
  return { ...HEAD, status: "Failure", message, reason: "InternalError", code: 500 };
}
function statusDetails(error) {
  const { details, reason } = error;
  const isRetried = reason === "TooManyRequests" || reason === "ServiceUnavailable";
  const { name, group, kind, plural, uid, causes } = details;
  const found2 = {
    ...textField("name", name),
    ...textField("group", group),
    ...textField("kind", reason === "Invalid" ? kind : plural ?? kind),
    ...textField("uid", uid),
    ...Array.isArray(causes) ? { causes } : {},
    ...isRetried ? { retryAfterSeconds: RETRY_AFTER_S } : {}
  };
  const isEmpty = Object.keys(found2).length === 0;
  if (isEmpty) return reason === "NotFound" ? {} : void 0;
  return found2;
}
function textField(field, value) {
  return typeof value === "string" && value !== "" ? { [field]: value } : {};
}
function refusedByFramework(code) {
  switch (code) {
    case "FST_ERR_CTP_BODY_TOO_LARGE":
      return failureOf(
        new ApiError("AFFLUX_API_TOO_LARGE", "Request entity too large: limit is 3145728")
      );
    case "FST_ERR_CTP_INVALID_MEDIA_TYPE":
      return failureOf(
        new ApiError(
          "AFFLUX_API_UNSUPPORTED_MEDIA_TYPE",
          "the body of the request was in an unknown format - accepted media types include: application/json, application/yaml"
        )
      );
    case "FST_ERR_CTP_INVALID_CONTENT_LENGTH":
      return failureOf(
        new ApiError("AFFLUX_API_BAD_REQUEST", "the body is not as long as its header says")
      );
    default:
      return void 0;
  }
}

// packages/api/src/delete-verbs.ts
async function deleteObject(exchange, deps) {
  const { definition, path } = exchange;
  const { namespace, name = "" } = path;
  const key = { namespace, name };
  const options = await deleteOptions(exchange);
  const { metadata } = await deps.store.get(definition, key, { signal: exchange.signal });
  const left = await deps.store.delete(definition, key, options);
  if (left !== void 0) return { status: 200, body: shownTo(exchange, deps).one(left) };
  const { uid } = metadata;
  return {
    status: 200,
    body: success({
      name,
      ...definition.group === "" ? {} : { group: definition.group },
      kind: definition.plural,
      ...uid === void 0 ? {} : { uid }
    })
  };
}
async function deleteCollection(exchange, deps) {
  const { definition, path, signal } = exchange;
  const { labelSelector, fieldSelector } = listQuery(exchange.query);
  const options = await deleteOptions(exchange);
  const { items, resourceVersion } = await deps.store.list(definition, {
    namespace: path.namespace,
    labelSelector,
    fieldSelector,
    signal
  });
  const deleted = [];
  for (const { metadata } of items) {
    try {
      await deps.store.delete(definition, metadata, {
        ...options,
        preconditions: { uid: metadata.uid, ...options.preconditions }
      });
    } catch (error) {
      if (!isNotFound(error) && !isConflict(error)) throw error;
      continue;
    }
    const now = await deps.store.get(definition, metadata).catch(() => void 0);
    deleted.push(
      now ?? items.find((item) => item.metadata === metadata) ?? { ...definition, metadata }
    );
  }
  return { status: 200, body: shownTo(exchange, deps).list({ items: deleted, resourceVersion }) };
}
var PROPAGATIONS = ["Background", "Foreground", "Orphan"];
async function deleteOptions(exchange) {
  const body = await deleteBody(exchange);
  const { query: query2, signal } = exchange;
  const propagation = propagationOf(
    body.propagationPolicy ?? text2(query2, "propagationPolicy"),
    body.orphanDependents ?? text2(query2, "orphanDependents")
  );
  const { uid, resourceVersion } = body.preconditions ?? {};
  const [dryRun] = Array.isArray(body.dryRun) ? body.dryRun : [];
  return {
    signal,
    propagation,
    dryRun: dryRunOf(typeof dryRun === "string" ? dryRun : text2(query2, "dryRun")),
    preconditions: {
      uid: optionalText(uid, "preconditions.uid"),
      resourceVersion: optionalText(resourceVersion, "preconditions.resourceVersion")
    }
  };
}
async function deleteBody(exchange) {
  if (exchange.body.length === 0) return {};
  const value = await parseBody(exchange.body, header(exchange, "content-type"));
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw badRequest("the body of a delete must be DeleteOptions");
  }
  return value;
}
function propagationOf(policy, orphan) {
  if (policy === void 0 || policy === null) {
    return orphan === true || orphan === "true" ? "Orphan" : "Background";
  }
  const found2 = PROPAGATIONS.find((known) => known === policy);
  if (found2 !== void 0) return found2;
  throw badRequest(
    `DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Unsupported value: ${JSON.stringify(policy)}: supported values: "Foreground", "Background", "Orphan", "nil"`
  );
}
function optionalText(value, field) {
  if (value === void 0 || value === null) return void 0;
  if (typeof value === "string") return value;
  throw badRequest(`${field} must be text`);
}

// packages/api/src/discovery/accept.ts
function discoveryForm(accept) {
  for (const range of mediaRanges(accept)) {
    const as = range.parameters.get("as");
    const version = range.parameters.get("v");
    if (!isJsonRange(range)) continue;
    if (as === void 0) return "old";
    const isDiscovery = as === "APIGroupDiscoveryList" && range.parameters.get("g") === "apidiscovery.k8s.io";
    if (isDiscovery && (version === "v2" || version === "v2beta1")) return version;
  }
  return "old";
}

// packages/api/src/discovery/discovery.ts
import { createHash } from "node:crypto";

// packages/api/src/discovery/per-generation.ts
var PerGeneration = class {
  #registry;
  #make;
  #made;
  constructor(registry, make) {
    this.#registry = registry;
    this.#make = make;
  }
  get() {
    const { generation } = this.#registry;
    if (this.#made?.generation !== generation) this.#made = { generation, value: this.#make() };
    return this.#made.value;
  }
};

// packages/api/src/discovery/served-resources.ts
var READ = ["get", "list", "watch"];
var ALL_BUT_COLLECTION = [
  "create",
  "delete",
  "get",
  "list",
  "patch",
  "update",
  "watch"
];
var ALL = [...ALL_BUT_COLLECTION, "deletecollection"].sort();
var PARTIAL = ["get", "patch", "update"];
var REVIEWS = [
  ["authentication.k8s.io", "SelfSubjectReview"],
  ["authorization.k8s.io", "SelfSubjectAccessReview"],
  ["authorization.k8s.io", "SelfSubjectRulesReview"]
];
function reviewResource([group, kind]) {
  const singular = kind.toLowerCase();
  return {
    group,
    version: "v1",
    plural: `${singular}s`,
    singular,
    kind,
    namespaced: false,
    verbs: ["create"],
    shortNames: [],
    categories: [],
    subresources: []
  };
}
function verbsOf({ apiVersion, kind }) {
  switch (`${apiVersion}/${kind}`) {
    // Pods are what runs; nobody but the server writes them.
    case "v1/Pod":
      return READ;
    // All namespaces at once is never what anybody wants.
    case "v1/Namespace":
      return ALL_BUT_COLLECTION;
    default:
      return ALL;
  }
}
function subresourcesOf(definition) {
  const { group, version, apiVersion, kind, hasStatus, scale } = definition;
  const isPod = apiVersion === "v1" && kind === "Pod";
  const own2 = { group, version, kind };
  const found2 = [];
  if (isPod) found2.push({ name: "log", ...own2, verbs: ["get"] });
  if (hasStatus) found2.push({ name: "status", ...own2, verbs: isPod ? ["get"] : PARTIAL });
  if (scale !== void 0) {
    const scaleKind = { group: "autoscaling", version: "v1", kind: "Scale" };
    found2.push({ name: "scale", ...scaleKind, verbs: PARTIAL });
  }
  return found2;
}
function kindResource(definition) {
  const { group, version, plural, singular, kind, namespaced, shortNames, categories } = definition;
  return {
    ...{ group, version, plural, singular, kind, namespaced, shortNames, categories },
    verbs: verbsOf(definition),
    subresources: subresourcesOf(definition),
    definition
  };
}
function servedResources(registry, extra) {
  const others = extra.filter(({ group, version, plural }) => !registry.byResource(group, version, plural)).map((resource) => ({ ...resource, subresources: [] }));
  return [...registry.all().map(kindResource), ...REVIEWS.map(reviewResource), ...others].sort(
    (left, right) => left.plural.localeCompare(right.plural, "en")
  );
}

// packages/api/src/discovery/version-order.ts
var KUBERNETES_GROUPS = [
  "",
  "apps",
  "events.k8s.io",
  "authentication.k8s.io",
  "authorization.k8s.io",
  "autoscaling",
  "batch",
  "networking.k8s.io",
  "policy",
  "rbac.authorization.k8s.io",
  "storage.k8s.io",
  "admissionregistration.k8s.io",
  "apiextensions.k8s.io",
  "coordination.k8s.io",
  "discovery.k8s.io"
];
var VERSION = /^v([1-9]\d*)(?:(alpha|beta)([1-9]\d*))?$/u;
var STAGES = ["alpha", "beta", void 0];
function rankOf(version) {
  const match = VERSION.exec(version);
  if (match === null) return void 0;
  const [, major, stage, minor = "0"] = match;
  return [STAGES.indexOf(stage), Number(major), Number(minor)];
}
function byName(left, right) {
  return left < right ? -1 : left > right ? 1 : 0;
}
function compareVersions(left, right) {
  const leftRank = rankOf(left);
  const rightRank = rankOf(right);
  if (leftRank === void 0 || rightRank === void 0) {
    if (leftRank === rightRank) return byName(left, right);
    return leftRank === void 0 ? 1 : -1;
  }
  for (const [index, rank] of rightRank.entries()) {
    const difference = rank - (leftRank[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
function compareGroups(left, right) {
  const place = (group) => {
    const index = KUBERNETES_GROUPS.indexOf(group);
    return index < 0 ? KUBERNETES_GROUPS.length : index;
  };
  return place(left) - place(right) || byName(left, right);
}

// packages/api/src/discovery/discovery.ts
function grouped(items, keyOf) {
  const groups = /* @__PURE__ */ new Map();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === void 0) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
function groupViews(resources) {
  return [...grouped(resources, ({ group }) => group)].sort(([left], [right]) => compareGroups(left, right)).map(([name, members]) => ({
    name,
    versions: [...grouped(members, ({ version }) => version)].sort(([left], [right]) => compareVersions(left, right)).map(([version, ofVersion]) => ({ version, resources: ofVersion }))
  }));
}
function groupVersion(group, version) {
  return group === "" ? version : `${group}/${version}`;
}
function unlessEmpty(name, list) {
  return list.length === 0 ? {} : { [name]: list };
}
function names({ shortNames, categories }) {
  return { ...unlessEmpty("shortNames", shortNames), ...unlessEmpty("categories", categories) };
}
function oldGroup({ name, versions }) {
  const listed = versions.map(({ version }) => ({
    groupVersion: groupVersion(name, version),
    version
  }));
  return { name, versions: listed, preferredVersion: listed[0] };
}
function oldSubresource(resource, subresource) {
  const { name, group, version, kind, verbs } = subresource;
  const isOther = group !== resource.group || version !== resource.version;
  return {
    name: `${resource.plural}/${name}`,
    singularName: "",
    namespaced: resource.namespaced,
    ...isOther ? { group, version } : {},
    kind,
    verbs
  };
}
function oldResources(resource) {
  const { plural, singular, namespaced, kind, verbs, subresources } = resource;
  return [
    { name: plural, singularName: singular, namespaced, kind, verbs, ...names(resource) },
    ...subresources.map((subresource) => oldSubresource(resource, subresource))
  ];
}
function aggregatedResource(resource) {
  const { group, version, plural, singular, namespaced, kind, verbs } = resource;
  const subresources = resource.subresources.map((subresource) => ({
    subresource: subresource.name,
    responseKind: {
      group: subresource.group,
      version: subresource.version,
      kind: subresource.kind
    },
    verbs: subresource.verbs
  }));
  return {
    resource: plural,
    responseKind: { group, version, kind },
    scope: namespaced ? "Namespaced" : "Cluster",
    singularResource: singular,
    verbs,
    ...names(resource),
    ...unlessEmpty("subresources", subresources)
  };
}
function aggregatedGroup({ name, versions }) {
  return {
    metadata: name === "" ? {} : { name },
    versions: versions.map(({ version, resources }) => ({
      version,
      resources: resources.map(aggregatedResource),
      freshness: "Current"
    }))
  };
}
function taggedList(groups, form) {
  const body = JSON.stringify({
    kind: "APIGroupDiscoveryList",
    apiVersion: `apidiscovery.k8s.io/${form}`,
    metadata: {},
    items: groups.map(aggregatedGroup)
  });
  return {
    body,
    etag: `"${createHash("sha256").update(body).digest("hex").toUpperCase()}"`,
    contentType: `application/json;g=apidiscovery.k8s.io;v=${form};as=APIGroupDiscoveryList`
  };
}
function isUnder(root, { name }) {
  return name === "" === (root === "api");
}
var Discovery = class {
  #groups;
  /** Answers of the current generation by what was asked. */
  #answers;
  constructor({ registry, extra = [] }) {
    this.#groups = new PerGeneration(registry, () => groupViews(servedResources(registry, extra)));
    this.#answers = new PerGeneration(registry, () => /* @__PURE__ */ new Map());
  }
  /** `/api` in the old form. */
  api() {
    return this.#answer("api", () => ({
      kind: "APIVersions",
      versions: this.#under("api").flatMap(
        ({ versions }) => versions.map(({ version }) => version)
      ),
      serverAddressByClientCIDRs: []
    }));
  }
  /** `/apis` in the old form. */
  apis() {
    return this.#answer("apis", () => ({
      kind: "APIGroupList",
      apiVersion: "v1",
      groups: this.#under("apis").map(oldGroup)
    }));
  }
  /** `/apis/<group>`; undefined when there is no such group. */
  group(name) {
    return this.#answer(`group ${name}`, () => {
      const view = this.#under("apis").find((group) => group.name === name);
      return view === void 0 ? void 0 : { kind: "APIGroup", apiVersion: "v1", ...oldGroup(view) };
    });
  }
  /** `/api/<version>` (of the group '') and `/apis/<group>/<version>`; undefined when there is no such version. */
  resources(group, version) {
    return this.#answer(`resources ${group}/${version}`, () => {
      const view = this.#groups.get().find(({ name }) => name === group)?.versions.find((candidate) => candidate.version === version);
      if (view === void 0) return void 0;
      return {
        kind: "APIResourceList",
        apiVersion: "v1",
        groupVersion: groupVersion(group, version),
        resources: view.resources.flatMap(oldResources)
      };
    });
  }
  /** `/api` or `/apis` with everything below, as JSON text. */
  aggregated(root, form) {
    return this.#answer(`${root} ${form}`, () => taggedList(this.#under(root), form));
  }
  #under(root) {
    return this.#groups.get().filter((group) => isUnder(root, group));
  }
  /** What was answered before, or what `make` makes. What does not exist is not kept: anything can be asked for. */
  #answer(key, make) {
    const answers = this.#answers.get();
    const known = answers.get(key);
    if (known !== void 0) return known;
    const made = make();
    if (made !== void 0) answers.set(key, made);
    return made;
  }
};

// packages/api/src/discovery/version.ts
var MAJOR = "1";
var MINOR = "33";
function versionInfo({ version }) {
  const product = version.replaceAll(/[^0-9A-Za-z.-]/gu, "-");
  return {
    major: MAJOR,
    minor: MINOR,
    gitVersion: `v${MAJOR}.${MINOR}.0+afflux-${product}`,
    gitCommit: "",
    gitTreeState: "clean",
    buildDate: "1970-01-01T00:00:00Z",
    goVersion: "",
    compiler: "",
    platform: ""
  };
}

// packages/api/src/list-pages.ts
var KEPT_MS = 3e5;
var LISTS_MAX = 256;
var ListPages = class {
  #clock;
  #newId;
  #lists = /* @__PURE__ */ new Map();
  constructor({ clock, newId }) {
    this.#clock = clock;
    this.#newId = newId;
  }
  /** The first page. `subject` tells one question from another. */
  first(subject, list, limit) {
    if (limit === void 0 || list.items.length <= limit) return list;
    this.#makeRoom();
    const id = this.#newId();
    const expiresMs = this.#clock.monotonicMs() + KEPT_MS;
    this.#lists.set(id, { subject, list, expiresMs });
    return page(list, id, 0, limit);
  }
  /** The page that a token leads to. Throws Expired for one that is not known (any more). */
  next(subject, token, limit) {
    const [id = "", start = ""] = Buffer.from(token, "base64url").toString("utf8").split(".");
    const kept = this.#lists.get(id);
    const isGood = kept?.subject === subject && kept.expiresMs > this.#clock.monotonicMs() && /^\d{1,10}$/.test(start);
    if (!isGood) {
      throw new ApiError(
        "AFFLUX_API_EXPIRED",
        "The provided continue parameter is too old to display a consistent list result. You must start a new list without the continue parameter."
      );
    }
    const { list } = kept;
    const shown2 = page(list, id, Number(start), limit ?? list.items.length);
    return shown2;
  }
  #makeRoom() {
    const now = this.#clock.monotonicMs();
    for (const [id, { expiresMs }] of this.#lists) {
      if (expiresMs > now && this.#lists.size < LISTS_MAX) break;
      this.#lists.delete(id);
    }
  }
};
function page({ items, resourceVersion }, id, start, limit) {
  const end = start + limit;
  const shown2 = items.slice(start, end);
  if (end >= items.length) return { items: shown2, resourceVersion };
  return {
    items: shown2,
    resourceVersion,
    continueToken: Buffer.from(`${id}.${String(end)}`).toString("base64url"),
    remainingItemCount: items.length - end
  };
}

// packages/api/src/object-text.ts
var KEPT_MAX = 256;
var ObjectTexts = class {
  #texts = /* @__PURE__ */ new Map();
  /** The JSON of an object of the store, which is frozen. */
  of(object2) {
    const known = this.#texts.get(object2);
    if (known !== void 0) return known;
    const text4 = JSON.stringify(object2);
    if (this.#texts.size >= KEPT_MAX) {
      const [oldest] = this.#texts.keys();
      if (oldest !== void 0) this.#texts.delete(oldest);
    }
    this.#texts.set(object2, text4);
    return text4;
  }
};

// packages/api/src/openapi/open-api.ts
import { createHash as createHash2 } from "node:crypto";

// packages/api/src/openapi/schema.ts
var META = "io.k8s.apimachinery.pkg.apis.meta.v1";
var AUTOSCALING = "io.k8s.api.autoscaling.v1";
var PACKAGES = {
  "": "io.k8s.api.core",
  "apiextensions.k8s.io": "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions",
  "authentication.k8s.io": "io.k8s.api.authentication",
  "authorization.k8s.io": "io.k8s.api.authorization",
  "coordination.k8s.io": "io.k8s.api.coordination"
};
function schemaName({ group, version, kind }) {
  const base = PACKAGES[group] ?? group.split(".").reverse().join(".");
  return `${base}.${version}.${kind}`;
}
function metaName(kind) {
  return `${META}.${kind}`;
}
function scaleName(kind) {
  return `${AUTOSCALING}.${kind}`;
}
function refTo(name) {
  return { $ref: `#/components/schemas/${name}` };
}
function describedRef(name, description) {
  return { description, allOf: [refTo(name)] };
}
function kindMark(...kinds) {
  return {
    "x-kubernetes-group-version-kind": kinds.map(({ group, version, kind }) => ({
      group,
      version,
      kind
    }))
  };
}
var TYPE_FIELDS = {
  apiVersion: { type: "string", description: "Group and version of this object." },
  kind: { type: "string", description: "Kind of this object." }
};

// packages/api/src/openapi/meta-schemas.ts
var TIME = {
  type: "string",
  format: "date-time",
  description: "A moment as RFC 3339 writes it."
};
function text3(description) {
  return { type: "string", description };
}
function int64(description) {
  return { type: "integer", format: "int64", description };
}
function flag(description) {
  return { type: "boolean", description };
}
function object(description, properties, required = []) {
  return {
    type: "object",
    description,
    properties,
    ...required.length === 0 ? {} : { required }
  };
}
function textMap(description) {
  return { type: "object", description, additionalProperties: { type: "string" } };
}
var OWNER_REFERENCE = {
  ...object(
    "Names an object that this one belongs to and goes with.",
    {
      apiVersion: text3("Group and version of the owner."),
      kind: text3("Kind of the owner."),
      name: text3("Name of the owner. It is in the same namespace, or in none."),
      uid: text3("The uid of the owner: another object of that name is not the owner."),
      controller: flag("Whether the owner manages this object. At most one owner does."),
      blockOwnerDeletion: flag(
        "Whether an owner that is deleted in the foreground waits for this object to go."
      )
    },
    ["apiVersion", "kind", "name", "uid"]
  ),
  "x-kubernetes-map-type": "atomic"
};
var MANAGED_FIELDS_ENTRY = object("Which fields one manager set, and when.", {
  apiVersion: text3("Version of the object that the fields belong to."),
  fieldsType: text3("Form of fieldsV1. There is one: FieldsV1."),
  fieldsV1: describedRef(metaName("FieldsV1"), "The fields."),
  manager: text3("Who set them."),
  operation: text3("Apply for server-side apply, Update for any other write."),
  subresource: text3("The subresource that was written through; empty for the object itself."),
  time: describedRef(metaName("Time"), "When the set of fields, or a value of them, changed last.")
});
var FIELDS_V1 = {
  type: "object",
  description: "A tree of fields: f:<name> is a field, k:<keys> an item of a list by its key, v:<value> an item that is its own key, and a dot the thing itself."
};
var OBJECT_META = object(
  "What every object has whatever its kind: its name, and what is known of it.",
  {
    annotations: textMap(
      "Notes of tools and people about the object. Objects cannot be selected by them."
    ),
    creationTimestamp: describedRef(
      metaName("Time"),
      "When the object was created. Set by the server."
    ),
    deletionGracePeriodSeconds: int64(
      "How many seconds the object may take to end once it is being deleted. Set by the server."
    ),
    deletionTimestamp: describedRef(
      metaName("Time"),
      "When the object was asked to go. It stays until its finalizers are gone. Set by the server."
    ),
    finalizers: {
      type: "array",
      description: "Who has something to do before the object may go. Each takes its own entry out when it is done.",
      items: { type: "string" },
      "x-kubernetes-list-type": "set",
      "x-kubernetes-patch-strategy": "merge"
    },
    generateName: text3(
      "Beginning of a name that the server completes with random characters; used where there is no name."
    ),
    generation: int64("Counts the changes of what is wanted. Set by the server."),
    labels: textMap("Names and values to select objects by."),
    managedFields: {
      type: "array",
      description: "Which fields belong to which manager, for server-side apply. Kept by the server.",
      items: refTo(metaName("ManagedFieldsEntry")),
      "x-kubernetes-list-type": "atomic"
    },
    name: text3("Name of the object, unique for its kind within a namespace. It cannot change."),
    namespace: text3(
      "Namespace that the object is in; empty for kinds that are in none. It cannot change."
    ),
    ownerReferences: {
      type: "array",
      description: "Objects that this one belongs to. When all of them are gone, it goes too.",
      items: refTo(metaName("OwnerReference")),
      "x-kubernetes-list-map-keys": ["uid"],
      "x-kubernetes-list-type": "map",
      "x-kubernetes-patch-merge-key": "uid",
      "x-kubernetes-patch-strategy": "merge"
    },
    resourceVersion: text3(
      "Changes with every write. Hand it back to write only what nobody else has changed meanwhile, or to watch from here on; it means nothing else."
    ),
    selfLink: text3("Not used any more."),
    uid: text3(
      "Tells this object from any other that had, or will have, its name. Set by the server."
    )
  }
);
var LIST_META = object("What every list has.", {
  continue: text3("Given when the list goes on; hand it back to get the next part."),
  remainingItemCount: int64("About how many objects are still to come."),
  resourceVersion: text3("Watch from here to see what changes after this list."),
  selfLink: text3("Not used any more.")
});
var PRECONDITIONS = object("What must hold for a delete to be carried out.", {
  resourceVersion: text3("The version that the object must have."),
  uid: text3("The uid that the object must have.")
});
var DELETE_OPTIONS = object("How to delete.", {
  ...TYPE_FIELDS,
  dryRun: {
    type: "array",
    description: "All: check everything and delete nothing.",
    items: { type: "string" },
    "x-kubernetes-list-type": "atomic"
  },
  gracePeriodSeconds: int64("How many seconds the object may take to end."),
  orphanDependents: flag("Older form of propagationPolicy Orphan."),
  preconditions: describedRef(metaName("Preconditions"), "Refuse to delete unless these hold."),
  propagationPolicy: text3(
    "What becomes of objects that this one owns: Background, Foreground or Orphan."
  )
});
var STATUS_CAUSE = object("One reason of a refusal.", {
  field: text3("Path of the field that it is about."),
  message: text3("What is wrong, for people."),
  reason: text3("What is wrong, in one word for programs.")
});
var STATUS_DETAILS = object("What a refusal is about.", {
  causes: {
    type: "array",
    description: "Each thing that is wrong.",
    items: refTo(metaName("StatusCause")),
    "x-kubernetes-list-type": "atomic"
  },
  group: text3("Group of the resource."),
  kind: text3("Kind, or plural, of the resource."),
  name: text3("Name of the object."),
  retryAfterSeconds: { type: "integer", format: "int32", description: "Try again after so long." },
  uid: text3("The uid of the object.")
});
var STATUS = object("The outcome of a request that returns no object.", {
  ...TYPE_FIELDS,
  code: { type: "integer", format: "int32", description: "The HTTP status." },
  details: describedRef(metaName("StatusDetails"), "What it is about."),
  message: text3("What happened, for people."),
  metadata: describedRef(metaName("ListMeta"), "Metadata, mostly empty."),
  reason: text3("Why, in one word for programs."),
  status: text3("Success or Failure.")
});
var META_SCHEMAS = {
  [metaName("DeleteOptions")]: DELETE_OPTIONS,
  [metaName("FieldsV1")]: FIELDS_V1,
  [metaName("ListMeta")]: LIST_META,
  [metaName("ManagedFieldsEntry")]: MANAGED_FIELDS_ENTRY,
  [metaName("ObjectMeta")]: OBJECT_META,
  [metaName("OwnerReference")]: OWNER_REFERENCE,
  [metaName("Patch")]: {
    type: "object",
    description: "A change of an object, in one of several forms."
  },
  [metaName("Preconditions")]: PRECONDITIONS,
  [metaName("Status")]: STATUS,
  [metaName("StatusCause")]: STATUS_CAUSE,
  [metaName("StatusDetails")]: STATUS_DETAILS,
  [metaName("Time")]: TIME
};
var REPLICAS = { type: "integer", format: "int32" };
var SCALE_SCHEMAS = {
  [scaleName("Scale")]: {
    ...object("How many replicas an object has, and how many it is to have.", {
      ...TYPE_FIELDS,
      metadata: describedRef(metaName("ObjectMeta"), "Metadata of the object."),
      spec: describedRef(scaleName("ScaleSpec"), "What is wanted."),
      status: describedRef(scaleName("ScaleStatus"), "What there is.")
    }),
    ...kindMark({ group: "autoscaling", version: "v1", kind: "Scale" })
  },
  [scaleName("ScaleSpec")]: object("What is wanted of a scaled object.", {
    replicas: { ...REPLICAS, description: "How many replicas are wanted." }
  }),
  [scaleName("ScaleStatus")]: object(
    "What there is of a scaled object.",
    {
      replicas: { ...REPLICAS, description: "How many replicas there are." },
      selector: text3("Selects their Pods by label.")
    },
    ["replicas"]
  )
};

// packages/api/src/openapi/operations.ts
function query(name, type, description) {
  return { name, in: "query", description, schema: { type, uniqueItems: true } };
}
var DRY_RUN = query("dryRun", "string", "All: check everything and store nothing.");
var FIELD_MANAGER = query("fieldManager", "string", "Who writes; whose the fields then are.");
var FIELD_VALIDATION = query(
  "fieldValidation",
  "string",
  "What becomes of unknown and repeated fields. Strict: refused. Warn: dropped with a warning. Ignore: dropped."
);
var FORCE = query("force", "boolean", "Take over fields of other managers. For apply only.");
var WRITE = [DRY_RUN, FIELD_MANAGER, FIELD_VALIDATION];
var REMOVE = [
  DRY_RUN,
  query("gracePeriodSeconds", "integer", "How many seconds the object may take to end."),
  query("orphanDependents", "boolean", "Older form of propagationPolicy Orphan."),
  query(
    "propagationPolicy",
    "string",
    "What becomes of objects that this one owns: Background, Foreground or Orphan."
  )
];
var SELECT = [
  query("allowWatchBookmarks", "boolean", "Let a watch also say how far it is."),
  query("continue", "string", "Go on with the list that gave this."),
  query("fieldSelector", "string", "Only objects with these values in their fields."),
  query("labelSelector", "string", "Only objects with these labels."),
  query("limit", "integer", "At most so many objects in one answer."),
  query("resourceVersion", "string", "From which version on."),
  query("resourceVersionMatch", "string", "How resourceVersion is meant: Exact or NotOlderThan."),
  query("sendInitialEvents", "boolean", "Let a watch begin with what there is."),
  query("timeoutSeconds", "integer", "How long a watch may last."),
  query("watch", "boolean", "Say what changes, instead of what there is.")
];
var OF_COLLECTION = [
  { method: "get", verb: "list", action: "list", name: "list", parameters: SELECT },
  { method: "post", verb: "create", action: "post", name: "create", parameters: WRITE },
  {
    method: "delete",
    verb: "deletecollection",
    action: "deletecollection",
    name: "deleteCollection",
    parameters: [...REMOVE, ...SELECT]
  }
];
var READ_ONE = [
  query("resourceVersion", "string", "Not older than this version.")
];
var OF_OBJECT = [
  { method: "get", verb: "get", action: "get", name: "read", parameters: READ_ONE },
  { method: "put", verb: "update", action: "put", name: "replace", parameters: WRITE },
  { method: "delete", verb: "delete", action: "delete", name: "delete", parameters: REMOVE },
  { method: "patch", verb: "patch", action: "patch", name: "patch", parameters: [...WRITE, FORCE] }
];
var PATCH_TYPES = [
  "application/apply-patch+yaml",
  "application/json-patch+json",
  "application/merge-patch+json"
];
var STRATEGIC = "application/strategic-merge-patch+json";
var NAME_PARAMETER = {
  name: "name",
  in: "path",
  required: true,
  description: "Name of the object.",
  schema: { type: "string", uniqueItems: true }
};
var NAMESPACE_PARAMETER = {
  ...NAME_PARAMETER,
  name: "namespace",
  description: "Namespace of the object."
};
function json(schema) {
  return { content: { "application/json": { schema } } };
}
function answer(description, schema) {
  return { description, ...json(schema) };
}
function bodyOf({ method }, resource, schema) {
  switch (method) {
    case "get":
      return {};
    case "delete":
      return { requestBody: json(refTo(metaName("DeleteOptions"))) };
    case "patch": {
      const isBuiltin = resource.definition?.isBuiltin === true;
      const types = isBuiltin ? [...PATCH_TYPES, STRATEGIC] : PATCH_TYPES;
      const patch = { schema: refTo(metaName("Patch")) };
      const content = Object.fromEntries(types.map((type) => [type, patch]));
      return { requestBody: { required: true, content } };
    }
    case "put":
    case "post":
      return { requestBody: { required: true, ...json(schema) } };
  }
}
function responsesOf({ method, action }, schema, list) {
  if (method === "delete") return { "200": answer("OK", refTo(metaName("Status"))) };
  if (action === "list") return { "200": answer("OK", list) };
  const ok = { "200": answer("OK", schema) };
  return method === "get" ? ok : { ...ok, "201": answer("Created", schema) };
}
function capital(text4) {
  return text4.charAt(0).toUpperCase() + text4.slice(1);
}
function groupWords({ group, version }) {
  const words = (group === "" ? "core" : group.replace(/\.k8s\.io$/u, "")).split(/[^A-Za-z0-9]+/u);
  return [...words, version].map(capital).join("");
}
function operationAt(place, operation) {
  const { resource, subresource, isNamespaced, kind, schema, list } = place;
  const where = isNamespaced ? "Namespaced" : "";
  const part = subresource === void 0 ? "" : capital(subresource.name);
  const everywhere = resource.namespaced && !isNamespaced && subresource === void 0 ? "ForAllNamespaces" : "";
  const words = groupWords(resource);
  return {
    tags: [words.charAt(0).toLowerCase() + words.slice(1)],
    description: `${operation.name} ${resource.kind}${part === "" ? "" : `, ${part.toLowerCase()} of it`}`,
    operationId: `${operation.name}${words}${where}${resource.kind}${part}${everywhere}`,
    parameters: operation.parameters,
    ...bodyOf(operation, resource, schema),
    responses: responsesOf(operation, schema, list),
    "x-kubernetes-action": operation.action,
    "x-kubernetes-group-version-kind": {
      group: kind.group,
      version: kind.version,
      kind: kind.kind
    }
  };
}
function pathItem(place, operations, parameters) {
  const verbs = place.subresource?.verbs ?? place.resource.verbs;
  const possible = operations.filter(({ verb }) => verbs.includes(verb));
  if (possible.length === 0) return void 0;
  const entries = possible.map((one) => [one.method, operationAt(place, one)]);
  return { ...Object.fromEntries(entries), parameters };
}
function rootPath({ group, version }) {
  return group === "" ? `/api/${version}` : `/apis/${group}/${version}`;
}
function listName(resource) {
  const { group, version, kind, definition } = resource;
  return { group, version, kind: definition?.listKind ?? `${kind}List` };
}
function subresourceSchema(resource, { kind, group }) {
  return kind === resource.kind && group === resource.group ? refTo(schemaName(resource)) : refTo(scaleName(kind));
}
function resourcePaths(resource) {
  const paths = {};
  const root = rootPath(resource);
  const { plural, namespaced } = resource;
  const schema = refTo(schemaName(resource));
  const list = refTo(schemaName(listName(resource)));
  const place = { resource, isNamespaced: namespaced, kind: resource, schema, list };
  const put = (path, item) => {
    if (item !== void 0) paths[path] = item;
  };
  const base = namespaced ? `${root}/namespaces/{namespace}/${plural}` : `${root}/${plural}`;
  const inNamespace = namespaced ? [NAMESPACE_PARAMETER] : [];
  put(base, pathItem(place, OF_COLLECTION, inNamespace));
  put(`${base}/{name}`, pathItem(place, OF_OBJECT, [NAME_PARAMETER, ...inNamespace]));
  for (const subresource of resource.subresources) {
    const part = {
      ...place,
      subresource,
      kind: subresource,
      schema: subresourceSchema(resource, subresource)
    };
    const item = pathItem(part, OF_OBJECT, [NAME_PARAMETER, ...inNamespace]);
    put(`${base}/{name}/${subresource.name}`, item);
  }
  if (namespaced) {
    const readAll = OF_COLLECTION.filter(({ verb }) => verb === "list");
    put(`${root}/${plural}`, pathItem({ ...place, isNamespaced: false }, readAll, []));
  }
  return paths;
}

// packages/api/src/openapi/document.ts
var METADATA = describedRef(
  metaName("ObjectMeta"),
  "Name of the object, and what is known of it."
);
var UNKNOWN = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
function kindSchema(resource) {
  const { definition } = resource;
  const structural = definition === void 0 ? UNKNOWN : structuralSchema(definition);
  const properties = structural.properties;
  return {
    ...structural,
    properties: { ...TYPE_FIELDS, ...properties, metadata: METADATA },
    ...kindMark(resource)
  };
}
function listSchema(resource) {
  return {
    type: "object",
    description: `A list of objects of kind ${resource.kind}.`,
    required: ["items"],
    properties: {
      ...TYPE_FIELDS,
      metadata: describedRef(metaName("ListMeta"), "What is known of the list."),
      items: {
        type: "array",
        description: "The objects.",
        items: refTo(schemaName(resource))
      }
    },
    ...kindMark(listName(resource))
  };
}
function resourceSchemas(resource) {
  const own2 = { [schemaName(resource)]: kindSchema(resource) };
  return resource.verbs.includes("list") ? { ...own2, [schemaName(listName(resource))]: listSchema(resource) } : own2;
}
function hasScale({ subresources }) {
  return subresources.some(({ name }) => name === "scale");
}
function openApiDocument(resources, version) {
  const schemas = Object.assign({}, ...resources.map(resourceSchemas));
  return {
    openapi: "3.0.0",
    info: { title: "Afflux", version },
    paths: Object.assign({}, ...resources.map(resourcePaths)),
    components: {
      schemas: {
        ...META_SCHEMAS,
        ...resources.some(hasScale) ? SCALE_SCHEMAS : {},
        ...schemas
      }
    }
  };
}

// packages/api/src/openapi/swagger.ts
var UNKNOWN_KEYWORDS = /* @__PURE__ */ new Set(["anyOf", "oneOf", "not", "nullable"]);
var METHODS = ["get", "put", "post", "delete", "patch"];
var JSON_TYPES = ["application/json"];
function isMembers2(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
function eachMember(members, change) {
  return Object.fromEntries(Object.entries(members).map(([name, value]) => [name, change(value)]));
}
function keywordValue(keyword, value) {
  switch (keyword) {
    case "$ref":
      return String(value).replace("#/components/schemas/", "#/definitions/");
    case "properties":
      return isMembers2(value) ? eachMember(value, schemaV2) : value;
    case "allOf":
      return Array.isArray(value) ? value.map(schemaV2) : value;
    case "items":
    case "additionalProperties":
      return schemaV2(value);
    default:
      return value;
  }
}
function schemaV2(schema) {
  if (!isMembers2(schema)) return schema;
  const kept = Object.entries(schema).filter(([keyword]) => !UNKNOWN_KEYWORDS.has(keyword));
  return Object.fromEntries(
    kept.map(([keyword, value]) => [keyword, keywordValue(keyword, value)])
  );
}
function parameterV2(parameter) {
  if (!isMembers2(parameter)) return parameter;
  const { schema, ...rest } = parameter;
  return { ...rest, ...isMembers2(schema) ? schema : {} };
}
function parametersV2(parameters) {
  return Array.isArray(parameters) ? parameters.map(parameterV2) : [];
}
function contentSchema(holder) {
  const content = isMembers2(holder) ? holder["content"] : void 0;
  const [first] = isMembers2(content) ? Object.values(content) : [];
  return schemaV2(isMembers2(first) ? first["schema"] : void 0);
}
function contentTypes(holder) {
  const content = isMembers2(holder) ? holder["content"] : void 0;
  return isMembers2(content) ? Object.keys(content) : JSON_TYPES;
}
function operationV2(operation) {
  if (!isMembers2(operation)) return operation;
  const { parameters, requestBody, responses, ...rest } = operation;
  const body = {
    name: "body",
    in: "body",
    required: isMembers2(requestBody) && requestBody["required"] === true,
    schema: contentSchema(requestBody)
  };
  return {
    ...rest,
    consumes: contentTypes(requestBody),
    produces: JSON_TYPES,
    parameters: [...requestBody === void 0 ? [] : [body], ...parametersV2(parameters)],
    responses: isMembers2(responses) ? eachMember(responses, responseV2) : {}
  };
}
function responseV2(response) {
  const description = isMembers2(response) ? response["description"] : void 0;
  return { description, schema: contentSchema(response) };
}
function pathItemV2(item) {
  if (!isMembers2(item)) return item;
  return Object.fromEntries(
    Object.entries(item).map(([key, value]) => [
      key,
      METHODS.includes(key) ? operationV2(value) : parametersV2(value)
    ])
  );
}
function swaggerDocument(documents, version) {
  const paths = documents.map((document) => document.paths);
  const schemas = documents.map((document) => document.components.schemas);
  return {
    swagger: "2.0",
    info: { title: "Afflux", version },
    paths: eachMember(Object.assign({}, ...paths), pathItemV2),
    definitions: eachMember(Object.assign({}, ...schemas), schemaV2)
  };
}

// packages/api/src/openapi/open-api.ts
function textOf(document) {
  const body = JSON.stringify(document);
  const hash = createHash2("sha256").update(body).digest("hex").toUpperCase();
  return { body, hash, etag: `"${hash}"` };
}
function documentPath(resource) {
  return rootPath(resource).slice(1);
}
function byPath(resources) {
  const sorted = [...resources].sort(
    (left, right) => compareGroups(left.group, right.group) || compareVersions(left.version, right.version)
  );
  const found2 = /* @__PURE__ */ new Map();
  for (const resource of sorted) {
    const path = documentPath(resource);
    const members = found2.get(path);
    if (members === void 0) found2.set(path, [resource]);
    else members.push(resource);
  }
  return found2;
}
var OpenApi = class {
  #documents;
  #texts;
  #index;
  #swagger;
  constructor({ registry, extra = [], version = "0.0.0" }) {
    this.#documents = new PerGeneration(registry, () => {
      const resources = byPath(servedResources(registry, extra));
      return new Map(
        [...resources].map(([path, members]) => [path, openApiDocument(members, version)])
      );
    });
    this.#texts = new PerGeneration(
      registry,
      () => new Map([...this.#documents.get()].map(([path, document]) => [path, textOf(document)]))
    );
    this.#index = new PerGeneration(registry, () => ({
      paths: Object.fromEntries(
        [...this.#texts.get()].map(([path, { hash }]) => [
          path,
          { serverRelativeURL: `/openapi/v3/${path}?hash=${hash}` }
        ])
      )
    }));
    this.#swagger = new PerGeneration(
      registry,
      () => textOf(swaggerDocument([...this.#documents.get().values()], version))
    );
  }
  /** `/openapi/v3`: where the documents are. */
  index() {
    return this.#index.get();
  }
  /** `/openapi/v3/<path>`; undefined when the index names no such path. */
  document(path) {
    return this.#texts.get().get(path);
  }
  /** `/openapi/v2`. */
  v2() {
    return this.#swagger.get();
  }
};

// packages/api/src/pod-log.ts
async function podLog(method, exchange, { store }) {
  const { definition, path, signal } = exchange;
  if (definition.apiVersion !== "v1" || definition.kind !== "Pod") throw unknownPath();
  if (method !== "GET") throw methodNotAllowed();
  const { namespace, name = "" } = path;
  await store.get(definition, { namespace, name }, { signal });
  throw new ApiError(
    "AFFLUX_API_BAD_REQUEST",
    `pods ${JSON.stringify(name)} has no log here: this process runs no containers`
  );
}

// packages/api/src/read-verbs.ts
async function getObject(exchange, deps) {
  const { definition, path, signal } = exchange;
  const { namespace, name = "" } = path;
  const object2 = await deps.store.get(definition, { namespace, name }, { signal });
  return { status: 200, body: shownTo(exchange, deps).one(object2) };
}
async function listObjects(exchange, deps) {
  const query2 = listQuery(exchange.query);
  const page2 = await pageOf(exchange, query2, deps);
  return { status: 200, body: shownTo(exchange, deps).list(page2) };
}
async function pageOf(exchange, query2, deps) {
  const { definition, path, signal } = exchange;
  const { labelSelector, fieldSelector, limit, continueToken } = query2;
  const subject = JSON.stringify([
    definition.apiVersion,
    definition.kind,
    path.namespace,
    labelSelector,
    fieldSelector
  ]);
  if (continueToken !== void 0) {
    if (query2.resourceVersion !== void 0 && query2.resourceVersion !== "0") {
      throw badRequest("specifying resource version is not allowed when using continue");
    }
    return deps.pages.next(subject, continueToken, limit);
  }
  const { namespace } = path;
  const list = await deps.store.list(definition, {
    namespace,
    labelSelector,
    fieldSelector,
    signal
  });
  checkVersion(query2, list.resourceVersion);
  return deps.pages.first(subject, list, limit);
}
function checkVersion({ resourceVersion: wanted, match }, present) {
  if (match !== void 0 && wanted === void 0) {
    throw badRequest(
      'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided'
    );
  }
  if (wanted === void 0 || wanted === "0") return;
  if (!/^\d{1,15}$/.test(wanted)) {
    throw badRequest(`resourceVersion: Invalid value: ${JSON.stringify(wanted)}`);
  }
  if (Number(wanted) > Number(present)) {
    throw new ApiError(
      "AFFLUX_API_TIMEOUT",
      `Too large resource version: ${wanted}, current: ${present}`,
      {
        details: {
          causes: [{ reason: "ResourceVersionTooLarge", message: "Too large resource version" }]
        }
      }
    );
  }
  if (match === "Exact" && wanted !== present) {
    throw new ApiError(
      "AFFLUX_API_EXPIRED",
      `The resourceVersion for the provided list is too old: ${wanted}, current: ${present}`
    );
  }
}

// packages/api/src/request-path.ts
var PART_LENGTH_MAX = 253;
function pathParts(path) {
  const parts = [];
  for (const raw of path.replace(/^\//, "").replace(/\/$/, "").split("/")) {
    let part;
    try {
      part = decodeURIComponent(raw);
    } catch {
      return void 0;
    }
    const isOdd = part === "" || part === "." || part === ".." || part.includes("/");
    if (isOdd || part.length > PART_LENGTH_MAX) return void 0;
    parts.push(part);
  }
  return parts;
}
function resourcePath(parts) {
  const [root, ...rest] = parts;
  if (root === "api") return below("", rest);
  const [group, ...inGroup] = rest;
  return root === "apis" && group !== void 0 ? below(group, inGroup) : void 0;
}
function below(group, [version, first, second, third, ...rest]) {
  if (version === void 0 || first === void 0) return void 0;
  const isInNamespace = first === "namespaces" && third !== void 0 && !(group === "" && (third === "status" || third === "finalize") && rest.length === 0);
  if (isInNamespace) {
    const [name, subresource, ...tooMuch] = rest;
    if (tooMuch.length > 0) return void 0;
    return { group, version, namespace: second, resource: third, name, subresource };
  }
  if (rest.length > 0) return void 0;
  return {
    group,
    version,
    namespace: void 0,
    resource: first,
    name: second,
    subresource: third
  };
}

// packages/api/src/reviews.ts
var WHY = "Afflux runs without roles: whoever may reach this port may do everything";
var EVERYTHING = ["*"];
var REVIEWS2 = {
  "authorization.k8s.io/v1/selfsubjectaccessreviews": {
    apiVersion: "authorization.k8s.io/v1",
    kind: "SelfSubjectAccessReview",
    status: () => ({ allowed: true, reason: WHY })
  },
  "authorization.k8s.io/v1/selfsubjectrulesreviews": {
    apiVersion: "authorization.k8s.io/v1",
    kind: "SelfSubjectRulesReview",
    status: () => ({
      resourceRules: [{ verbs: EVERYTHING, apiGroups: EVERYTHING, resources: EVERYTHING }],
      nonResourceRules: [{ verbs: EVERYTHING, nonResourceURLs: EVERYTHING }],
      incomplete: false
    })
  },
  "authentication.k8s.io/v1/selfsubjectreviews": {
    apiVersion: "authentication.k8s.io/v1",
    kind: "SelfSubjectReview",
    status: () => ({
      userInfo: { username: "afflux", groups: ["system:masters", "system:authenticated"] }
    })
  }
};
function isReview(group, version, resource) {
  return Object.hasOwn(REVIEWS2, `${group}/${version}/${resource}`);
}
async function review(resource, {
  body,
  contentType,
  warn
}) {
  const kind = REVIEWS2[resource];
  if (kind === void 0) throw badRequest(`no such review: ${resource}`);
  const value = await parseBody(body, contentType);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw badRequest(`the body must be a ${kind.kind}`);
  }
  const { spec = {} } = value;
  warn(WHY);
  const { apiVersion } = kind;
  return {
    status: 201,
    body: { kind: kind.kind, apiVersion, metadata: {}, spec, status: kind.status(spec) }
  };
}

// packages/api/src/namespaces.ts
var NAMESPACE = { apiVersion: "v1", kind: "Namespace" };
async function assertNamespace(exchange, store) {
  const { definition, path, signal } = exchange;
  const { namespace, name = "" } = path;
  if (!definition.namespaced || namespace === void 0) return;
  const found2 = await findNamespace(store, namespace, signal);
  if (found2.metadata.deletionTimestamp === void 0) return;
  const resource = definition.group === "" ? definition.plural : `${definition.plural}.${definition.group}`;
  const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
  throw new ApiError(
    "AFFLUX_API_FORBIDDEN",
    `${resource} ${JSON.stringify(name)} is forbidden: ${why}`,
    {
      details: {
        ...name === "" ? {} : { name },
        group: definition.group,
        kind: definition.plural,
        causes: [
          {
            reason: "NamespaceTerminating",
            message: `namespace ${namespace} is being terminated`,
            field: "metadata.namespace"
          }
        ]
      }
    }
  );
}
async function findNamespace(store, name, signal) {
  try {
    return await store.get(NAMESPACE, { name }, { signal });
  } catch (error) {
    if (!isNotFound(error)) throw error;
    throw new StoreError("AFFLUX_STORE_NOT_FOUND", `namespaces ${JSON.stringify(name)} not found`, {
      details: { name, plural: "namespaces" }
    });
  }
}

// packages/api/src/write-verbs.ts
async function createObject(exchange, deps) {
  const object2 = await bodyObject(exchange);
  const query2 = writeQuery(exchange.query);
  await assertNamespace(exchange, deps.store);
  const created = await deps.store.create(object2, optionsOf(exchange, query2));
  return { status: 201, body: shownTo(exchange, deps).one(created) };
}
async function updateObject(exchange, deps) {
  const object2 = await bodyObject(exchange);
  const options = optionsOf(exchange, writeQuery(exchange.query));
  const updated = exchange.path.subresource === "status" ? await deps.store.updateStatus(object2, options) : await deps.store.update(object2, options);
  return { status: 200, body: shownTo(exchange, deps).one(updated) };
}
async function patchObject(exchange, deps) {
  const { definition, path } = exchange;
  const query2 = writeQuery(exchange.query);
  const patch = await patchOf(exchange, query2);
  const { namespace, name = "", subresource } = path;
  const key = { namespace, name };
  const isNew = patch.type === "apply" && subresource === void 0 && await isAbsent(deps.store, definition, key);
  if (isNew) await assertNamespace(exchange, deps.store);
  const options = {
    ...optionsOf(exchange, query2),
    // Apply has no manager of its own accord: whoever applies says who they are.
    ...patch.type === "apply" ? { fieldManager: query2.fieldManager } : {},
    ...subresource === "status" ? { subresource } : {}
  };
  const patched = await deps.store.patch(definition, key, patch, options);
  return { status: isNew ? 201 : 200, body: shownTo(exchange, deps).one(patched) };
}
async function isAbsent(store, kind, key) {
  try {
    await store.get(kind, key);
    return false;
  } catch (error) {
    if (isNotFound(error)) return true;
    throw error;
  }
}
function optionsOf(exchange, query2) {
  return {
    signal: exchange.signal,
    dryRun: query2.dryRun,
    fieldManager: query2.fieldManager ?? managerFromUserAgent(header(exchange, "user-agent")),
    fieldValidation: query2.fieldValidation,
    onWarning: (text4) => {
      exchange.warn(text4);
    }
  };
}
var PATCH_TYPES2 = {
  "application/json-patch+json": "json",
  "application/merge-patch+json": "merge",
  "application/strategic-merge-patch+json": "strategic",
  "application/apply-patch+yaml": "apply"
};
async function patchOf(exchange, { force }) {
  const contentType = mediaType(header(exchange, "content-type"));
  if (!Object.hasOwn(PATCH_TYPES2, contentType)) {
    throw new ApiError(
      "AFFLUX_API_UNSUPPORTED_MEDIA_TYPE",
      `the body of the request was in an unknown format - accepted media types include: ${Object.keys(PATCH_TYPES2).join(", ")}`
    );
  }
  const type = PATCH_TYPES2[contentType];
  if (type === "apply") return { type, body: await parseYaml(exchange.body), force };
  if (force) {
    throw badRequest(
      'PatchOptions.meta.k8s.io "" is invalid: force: Forbidden: may not be specified for non-apply patch'
    );
  }
  return { type, body: parseJson(exchange.body) };
}
async function bodyObject(exchange) {
  const { definition, path, body } = exchange;
  const value = await parseBody(body, header(exchange, "content-type"));
  const object2 = shaped(value, definition);
  const { metadata } = object2;
  if (definition.namespaced) placeInNamespace(metadata, path.namespace);
  if (path.name !== void 0 && metadata.name !== path.name) {
    if (metadata.name !== "") {
      throw badRequest(
        `the name of the object (${metadata.name}) does not match the name on the URL (${path.name})`
      );
    }
    metadata.name = path.name;
  }
  return object2;
}
function placeInNamespace(metadata, namespace) {
  const { namespace: given = "" } = metadata;
  if (given !== "" && given !== namespace) {
    throw badRequest(
      "the namespace of the provided object does not match the namespace sent on the request"
    );
  }
  if (namespace !== void 0) metadata.namespace = namespace;
}
function shaped(value, { apiVersion, kind }) {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw badRequest(
      `the object provided is unrecognized (must be of type ${kind}): expected a JSON object`
    );
  }
  const fields = value;
  fields["apiVersion"] ??= apiVersion;
  fields["kind"] ??= kind;
  if (fields["apiVersion"] !== apiVersion) {
    throw badRequest(
      `the API version in the data (${shown(fields["apiVersion"])}) does not match the expected API version (${apiVersion})`
    );
  }
  if (fields["kind"] !== kind) {
    throw badRequest(
      `${shown(fields["kind"])} in version ${JSON.stringify(apiVersion)} cannot be handled as a ${kind}`
    );
  }
  const metadata = fields["metadata"] ??= {};
  if (typeof metadata !== "object" || metadata === null || Array.isArray(metadata)) {
    throw badRequest("metadata must be an object");
  }
  const name = metadata["name"] ??= "";
  if (typeof name !== "string") throw badRequest("metadata.name must be a string");
  const namespace = metadata["namespace"];
  if (namespace !== void 0 && typeof namespace !== "string") {
    throw badRequest("metadata.namespace must be a string");
  }
  return value;
}
function shown(value) {
  return typeof value === "string" ? value.slice(0, 100) : typeof value;
}

// packages/api/src/scale-verb.ts
async function scaleObject(method, exchange, { store }) {
  const { definition, path, signal } = exchange;
  const paths = definition.scale;
  if (paths === void 0) throw unknownPath();
  const { namespace, name = "" } = path;
  const object2 = await store.get(definition, { namespace, name }, { signal });
  if (method === "GET") return { status: 200, body: scaleOf(object2, paths) };
  if (method !== "PUT" && method !== "PATCH") throw methodNotAllowed();
  const replicas = wantedReplicas(await scaleBody(method, exchange));
  const [spec, ...steps] = stepsOf(paths.specReplicasPath);
  const change = steps.reduceRight((value, step) => ({ [step]: value }), replicas);
  const patched = await store.patch(
    definition,
    { namespace, name },
    { type: "merge", body: { [spec ?? "spec"]: change } },
    optionsOf(exchange, writeQuery(exchange.query))
  );
  return { status: 200, body: scaleOf(patched, paths) };
}
function scaleBody(method, exchange) {
  return method === "PUT" ? parseBody(exchange.body, header(exchange, "content-type")) : Promise.resolve(parseJson(exchange.body));
}
function wantedReplicas(body) {
  const replicas = valueAt(body, ["spec", "replicas"]);
  if (typeof replicas === "number" && Number.isInteger(replicas) && replicas >= 0) return replicas;
  throw badRequest("spec.replicas must be a number of at least 0");
}
function scaleOf(object2, paths) {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object2.metadata;
  const selector = paths.labelSelectorPath === void 0 ? void 0 : valueAt(object2, stepsOf(paths.labelSelectorPath));
  return {
    kind: "Scale",
    apiVersion: "autoscaling/v1",
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas: numberAt2(object2, paths.specReplicasPath) },
    status: {
      replicas: numberAt2(object2, paths.statusReplicasPath),
      ...typeof selector === "string" ? { selector } : {}
    }
  };
}
function numberAt2(object2, path) {
  const value = valueAt(object2, stepsOf(path));
  return typeof value === "number" ? value : 0;
}
function stepsOf(path) {
  return path.split(".").filter((step) => step !== "");
}
function valueAt(value, steps) {
  let found2 = value;
  for (const step of steps) {
    if (typeof found2 !== "object" || found2 === null || !Object.hasOwn(found2, step))
      return void 0;
    found2 = found2[step];
  }
  return found2;
}

// packages/api/src/watch-verb.ts
import { setImmediate as nextTurn } from "node:timers/promises";
var WATCH_MS_MIN = 18e5;
var STALLED_MS_MAX = 3e4;
var INITIAL_EVENTS_END = "k8s.io/initial-events-end";
async function watchObjects(exchange, deps) {
  const query2 = listQuery(exchange.query);
  const ending = new AbortController();
  const end = () => {
    ending.abort();
  };
  exchange.signal.addEventListener("abort", end, { once: true });
  const timer = deps.clock.setTimer(
    query2.timeoutMs ?? WATCH_MS_MIN * (1 + deps.random.next()),
    end
  );
  const sender = new WatchSender(exchange, deps, end);
  try {
    await sender.run(query2, ending.signal);
  } finally {
    timer.cancel();
    exchange.signal.removeEventListener("abort", end);
    end();
  }
}
var WatchSender = class {
  #exchange;
  #deps;
  #shown;
  #end;
  #response;
  constructor(exchange, deps, end) {
    this.#exchange = exchange;
    this.#deps = deps;
    this.#end = end;
    this.#shown = shownTo(exchange, deps);
  }
  async run(query2, signal) {
    const { store } = this.#deps;
    const { definition, path } = this.#exchange;
    const { labelSelector, fieldSelector } = query2;
    const { namespace, name } = path;
    const byName2 = { key: "metadata.name", operator: "In", values: [name ?? ""] };
    const filter = {
      namespace,
      labelSelector,
      fieldSelector: name === void 0 ? fieldSelector : [...fieldSelector ?? [], byName2]
    };
    let { resourceVersion } = query2;
    const begins = resourceVersion === void 0 || resourceVersion === "0";
    if (begins || query2.sendInitialEvents) {
      const list = await store.list(definition, { ...filter, signal });
      this.#open();
      const initial = query2.sendInitialEvents || begins ? list.items : [];
      for (const object2 of initial) {
        if (!await this.#send("ADDED", this.#shown.next(object2))) return;
      }
      ({ resourceVersion } = list);
      if (query2.sendInitialEvents && query2.allowBookmarks) {
        await this.#bookmark(resourceVersion, { [INITIAL_EVENTS_END]: "true" });
      }
    }
    await this.#follow(
      store.watch(definition, { ...filter, resourceVersion, signal }),
      query2,
      signal
    );
  }
  async #follow(changes, query2, signal) {
    const iterator = changes[Symbol.asyncIterator]();
    let step = iterator.next();
    if (this.#response === void 0) await refusalOf(step);
    this.#open();
    try {
      for (; ; ) {
        const { done, value } = await step;
        if (done === true) break;
        step = iterator.next();
        const isOpen = value.type === "BOOKMARK" ? !query2.allowBookmarks || await this.#bookmark(value.resourceVersion) : await this.#send(value.type, this.#shown.next(value.object));
        if (!isOpen) {
          step.catch(() => void 0);
          break;
        }
      }
    } catch (error) {
      if (!signal.aborted) await this.#fail(error);
    } finally {
      await iterator.return?.();
      this.#response?.end();
    }
  }
  #open() {
    if (this.#response !== void 0) return;
    this.#response = this.#exchange.takeOver();
    this.#response.writeHead(200, {
      "content-type": "application/json",
      "cache-control": "no-cache, private",
      "x-content-type-options": "nosniff"
    });
    this.#response.flushHeaders();
  }
  #bookmark(resourceVersion, annotations) {
    const { apiVersion, kind } = this.#exchange.definition;
    const metadata = { resourceVersion, ...annotations === void 0 ? {} : { annotations } };
    return this.#send("BOOKMARK", JSON.stringify({ kind, apiVersion, metadata }));
  }
  async #fail(error) {
    const status = failureOf(error);
    if (status === void 0) this.#deps.logger.error({ err: error }, "a watch failed");
    await this.#send("ERROR", JSON.stringify(status ?? internalError()));
  }
  /** Resolves when there is room for more; false when nobody reads (any more). */
  async #send(type, object2) {
    const response = this.#response;
    if (response === void 0 || response.destroyed) return false;
    if (response.write(`{"type":"${type}","object":${object2}}
`)) return true;
    return await this.#drained(response);
  }
  #drained(response) {
    return new Promise((resolve) => {
      const settle = (isOpen) => {
        timer.cancel();
        response.off("drain", onDrain);
        response.off("close", onClose);
        resolve(isOpen);
      };
      const onDrain = () => {
        settle(true);
      };
      const onClose = () => {
        settle(false);
      };
      const timer = this.#deps.clock.setTimer(STALLED_MS_MAX, () => {
        response.destroy();
        this.#end();
        settle(false);
      });
      response.once("drain", onDrain);
      response.once("close", onClose);
    });
  }
};
async function refusalOf(step) {
  const refused = step.then(
    () => void 0,
    (error2) => error2
  );
  const error = await Promise.race([refused, nextTurn()]);
  if (error !== void 0 && !isExpired(error)) throw error;
}

// packages/api/src/resource-api.ts
var READ_ONLY_KINDS = /* @__PURE__ */ new Set(["v1/Pod"]);
var JSON_TYPE = "application/json";
function registerResourceApi(app, options) {
  const api = new ResourceApi(options);
  void app.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, parsed) => {
      parsed(null, body);
    });
    scope.setErrorHandler((error, _request, reply) => send(reply, api.refusalOf(error)));
    const handler = (request, reply) => api.handle(request, reply);
    const paths = ["/api", "/api/*", "/apis", "/apis/*", "/openapi/*", "/version"];
    for (const url of paths) scope.all(url, { bodyLimit: BODY_BYTES_MAX }, handler);
    done();
  });
}
var ResourceApi = class {
  #options;
  #discovery;
  #openApi;
  #deps;
  constructor(options) {
    this.#options = options;
    const { registry, extra = [], clock, newId, random, logger, store } = options;
    this.#discovery = new Discovery({ registry, extra });
    this.#openApi = new OpenApi({ registry, extra, version: options.version });
    const pages = new ListPages({ clock, newId });
    this.#deps = { store, clock, random, logger, pages, texts: new ObjectTexts() };
  }
  /** The Status of what went wrong; what nobody foresaw goes into the log. */
  refusalOf(error) {
    const status = failureOf(error);
    if (status === void 0) this.#options.logger.error({ err: error }, "api cannot answer");
    return status ?? internalError();
  }
  async handle(request, reply) {
    const gone = new AbortController();
    const onClose = () => {
      gone.abort();
    };
    reply.raw.once("close", onClose);
    try {
      const answer2 = await this.#answer(request, reply, gone.signal);
      if (answer2 === TAKEN_OVER) return reply;
      return await sendAnswer(reply, answer2);
    } catch (error) {
      if (reply.raw.headersSent) {
        this.refusalOf(error);
        reply.raw.destroy();
        return reply;
      }
      return await send(reply, this.refusalOf(error));
    } finally {
      reply.raw.off("close", onClose);
    }
  }
  async #answer(request, reply, signal) {
    const [path = ""] = request.url.split("?", 1);
    const parts = pathParts(path);
    if (parts === void 0) throw unknownPath();
    const resource = resourcePath(parts);
    if (resource === void 0) return this.#describe(request, parts);
    const warn = warner(reply);
    const { group, version } = resource;
    if (isReview(group, version, resource.resource)) {
      if (request.method !== "POST") throw methodNotAllowed();
      const body = bodyOf2(request);
      const contentType = request.headers["content-type"];
      return review(`${group}/${version}/${resource.resource}`, { body, contentType, warn });
    }
    const definition = this.#options.registry.byResource(group, version, resource.resource);
    if (definition === void 0) throw unknownPath();
    const exchange = {
      path: resource,
      definition,
      query: request.query,
      headers: request.headers,
      body: bodyOf2(request),
      signal,
      takeOver: () => {
        reply.hijack();
        return reply.raw;
      },
      warn
    };
    return await this.#serve(request.method, exchange);
  }
  /** A request about objects of a kind. */
  async #serve(method, exchange) {
    assertPlace(exchange.path, exchange.definition, method);
    const { subresource, name } = exchange.path;
    if (subresource === "scale") return await scaleObject(method, exchange, this.#deps);
    if (subresource === "log") return await podLog(method, exchange, this.#deps);
    const hasStatus = subresource === "status" && exchange.definition.hasStatus;
    if (subresource !== void 0 && !hasStatus) throw unknownPath();
    assertWritable(method, exchange.definition);
    if (method === "GET" || method === "HEAD") return await this.#read(exchange);
    if (name === void 0) {
      if (method === "POST") return await createObject(exchange, this.#deps);
      if (method === "DELETE") return await deleteCollection(exchange, this.#deps);
    } else {
      if (method === "PUT") return await updateObject(exchange, this.#deps);
      if (method === "PATCH") return await patchObject(exchange, this.#deps);
      if (method === "DELETE" && subresource === void 0) {
        return await deleteObject(exchange, this.#deps);
      }
    }
    throw methodNotAllowed();
  }
  async #read(exchange) {
    const { name } = exchange.path;
    const watch = text2(exchange.query, "watch");
    if (watch === "true" || watch === "1") {
      await watchObjects(exchange, this.#deps);
      return TAKEN_OVER;
    }
    return name === void 0 ? await listObjects(exchange, this.#deps) : await getObject(exchange, this.#deps);
  }
  /** Everything that is not about objects: which resources there are, and what they look like. */
  #describe(request, parts) {
    if (request.method !== "GET" && request.method !== "HEAD") throw methodNotAllowed();
    const [root, first, second, ...rest] = parts;
    if (root === "openapi") return this.#describeSchemas(request, parts.slice(1));
    if (rest.length > 0) throw unknownPath();
    if (root === "version" && first === void 0) {
      return { status: 200, body: versionInfo({ version: this.#options.version }) };
    }
    if (root === "api" && second === void 0) {
      if (first === void 0) return this.#roots("api", request);
      return found(this.#discovery.resources("", first));
    }
    if (root !== "apis") throw unknownPath();
    if (first === void 0) return this.#roots("apis", request);
    return found(
      second === void 0 ? this.#discovery.group(first) : this.#discovery.resources(first, second)
    );
  }
  #roots(root, { headers }) {
    const form = discoveryForm(headers.accept);
    const vary = { vary: "Accept" };
    if (form === "old") {
      const body2 = root === "api" ? this.#discovery.api() : this.#discovery.apis();
      return { status: 200, body: body2, headers: vary };
    }
    const { body, etag, contentType } = this.#discovery.aggregated(root, form);
    const cached = { ...vary, etag, "cache-control": "public" };
    return headers["if-none-match"] === etag ? { status: 304, body: "", headers: cached } : { status: 200, body, contentType, headers: cached };
  }
  #describeSchemas({ headers, query: query2 }, parts) {
    const [version, ...path] = parts;
    if (version === "v2" && path.length === 0) {
      const { body: body2, etag: etag2 } = this.#openApi.v2();
      return cachedAnswer(headers["if-none-match"], etag2, body2);
    }
    if (version !== "v3") throw unknownPath();
    if (path.length === 0) return { status: 200, body: this.#openApi.index() };
    const document = this.#openApi.document(path.join("/"));
    if (document === void 0) throw unknownPath();
    const { body, etag, hash } = document;
    const isAddressed = text2(query2, "hash") === hash;
    return cachedAnswer(headers["if-none-match"], etag, body, isAddressed);
  }
};
var FOREVER = "public, immutable, max-age=31536000";
function cachedAnswer(known, etag, body, isForever = false) {
  const headers = { etag, vary: "Accept", "cache-control": isForever ? FOREVER : "no-cache" };
  return known === etag ? { status: 304, body: "", headers } : { status: 200, body, contentType: JSON_TYPE, headers };
}
function found(body) {
  if (body === void 0) throw unknownPath();
  return { status: 200, body };
}
function assertPlace(path, { namespaced }, method) {
  const { namespace, name } = path;
  if (!namespaced && namespace !== void 0) throw unknownPath();
  if (!namespaced || namespace !== void 0) return;
  if (name !== void 0) throw unknownPath();
  if (method !== "GET" && method !== "HEAD") throw methodNotAllowed();
}
function assertWritable(method, { apiVersion, kind }) {
  if (method === "GET" || method === "HEAD") return;
  if (!READ_ONLY_KINDS.has(`${apiVersion}/${kind}`)) return;
  throw new ApiError(
    "AFFLUX_API_METHOD_NOT_ALLOWED",
    `${kind}s show what runs here; they are not written by hand`
  );
}
function bodyOf2({ body }) {
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0);
}
var WARNINGS_MAX2 = 20;
function warner(reply) {
  const warnings = [];
  return (warning) => {
    if (warnings.length === WARNINGS_MAX2) return;
    const clean = warning.replace(/[\u0000-\u001f\u007f-\uffff]/g, " ").slice(0, 500);
    warnings.push(`299 - ${JSON.stringify(clean)}`);
    reply.raw.setHeader("warning", warnings);
  };
}
async function sendAnswer(reply, answer2) {
  const { status, body, contentType = JSON_TYPE, headers = {} } = answer2;
  reply.code(status).type(contentType).headers(headers);
  return await reply.send(typeof body === "string" ? body : JSON.stringify(body));
}
async function send(reply, status) {
  const retryAfter = status.details?.retryAfterSeconds;
  if (retryAfter !== void 0) reply.header("retry-after", String(retryAfter));
  return await sendAnswer(reply, { status: status.code, body: status });
}
export {
  ADMISSION_LIMITS,
  ADMISSION_SERVER_LIMITS,
  AdmissionServer,
  ApiError,
  admissionWebhooks,
  registerResourceApi
};
