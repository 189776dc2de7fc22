import { createRequire as createRequireOfBundle } from 'node:module';const require = createRequireOfBundle(import.meta.url);
import {
  CONTROLLER_USER,
  isDnsLabel,
  isDnsSubdomain,
  isServiceName
} from "./chunk-VF65DHRR.mjs";
import {
  AffluxError,
  BaseComponent,
  BoundedQueue,
  abortedError,
  backoffMs,
  noopLogger,
  noopMeter,
  systemRandom,
  untilAborted,
  withJitter
} from "./chunk-ZKZDKWPE.mjs";

// packages/control/src/event-loop.ts
var TURN_MS_MAX = 4;
function nextTurn() {
  return new Promise((resolve) => {
    inNextTurn(resolve);
  });
}
function inNextTurn(run) {
  setImmediate(run);
}
var TurnBudget = class {
  #clock;
  /** When the first question of this turn was asked; undefined before it. */
  #beganMs;
  constructor(clock) {
    this.#clock = clock;
  }
  /** Undefined while there is budget in this turn; otherwise the next turn, to be waited for. */
  spent() {
    const nowMs = this.#clock.monotonicMs();
    if (this.#beganMs === void 0) {
      this.#beganMs = nowMs;
      inNextTurn(() => {
        this.#beganMs = void 0;
      });
      return void 0;
    }
    return nowMs - this.#beganMs < TURN_MS_MAX ? void 0 : nextTurn();
  }
};

// packages/control/src/idle.ts
async function allIdle(members, signal) {
  const { aborted, release } = abortOf(signal);
  try {
    do {
      await Promise.race([Promise.all(members.map((member) => member.idle())), aborted]);
      await nextTurn();
    } while (!members.every((member) => member.isIdle));
  } finally {
    release();
  }
}
function abortOf(signal) {
  let release = () => void 0;
  const aborted = new Promise((_resolve, reject) => {
    if (signal === void 0) return;
    const onAbort = () => {
      reject(abortedError(signal));
    };
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    release = () => {
      signal.removeEventListener("abort", onAbort);
    };
  });
  aborted.catch(() => void 0);
  return { aborted, release };
}

// packages/control/src/errors.ts
var STORE_ERRORS = {
  AFFLUX_STORE_NOT_FOUND: { reason: "NotFound", status: 404, retryable: false },
  AFFLUX_STORE_KIND_UNKNOWN: { reason: "NotFound", status: 404, retryable: false },
  AFFLUX_STORE_ALREADY_EXISTS: { reason: "AlreadyExists", status: 409, retryable: false },
  AFFLUX_STORE_CONFLICT: { reason: "Conflict", status: 409, retryable: false },
  AFFLUX_STORE_INVALID: { reason: "Invalid", status: 422, retryable: false },
  AFFLUX_STORE_BAD_REQUEST: { reason: "BadRequest", status: 400, retryable: false },
  AFFLUX_STORE_EXPIRED: { reason: "Expired", status: 410, retryable: false },
  AFFLUX_STORE_QUOTA_EXCEEDED: { reason: "Forbidden", status: 403, retryable: false },
  AFFLUX_STORE_TOO_LARGE: { reason: "RequestEntityTooLarge", status: 413, retryable: false },
  AFFLUX_STORE_UNSUPPORTED_MEDIA_TYPE: {
    reason: "UnsupportedMediaType",
    status: 415,
    retryable: false
  },
  AFFLUX_STORE_TOO_MANY_WATCHES: { reason: "TooManyRequests", status: 429, retryable: true },
  AFFLUX_STORE_UNAVAILABLE: { reason: "ServiceUnavailable", status: 503, retryable: true }
};
var StoreError = class extends AffluxError {
  reason;
  /** HTTP status that the same refusal has over Kubernetes' protocol. */
  status;
  constructor(code, message, options = {}) {
    const { reason, status, retryable } = STORE_ERRORS[code];
    super(message, { ...options, code, retryable, fault: retryable ? "system" : "user" });
    this.reason = reason;
    this.status = status;
  }
};
function hasReason(error, reason) {
  return error instanceof StoreError && error.reason === reason;
}
function isNotFound(error) {
  return hasReason(error, "NotFound");
}
function isAlreadyExists(error) {
  return hasReason(error, "AlreadyExists");
}
function isConflict(error) {
  return hasReason(error, "Conflict");
}
function isExpired(error) {
  return hasReason(error, "Expired");
}
var ADDRESS_REASONS = {
  AFFLUX_ADDRESS_INVALID: "InvalidDestination",
  AFFLUX_ADDRESS_KIND_UNKNOWN: "UnknownKind",
  AFFLUX_ADDRESS_NOT_FOUND: "NotFound",
  AFFLUX_ADDRESS_NOT_ADDRESSABLE: "NotAddressable",
  AFFLUX_ADDRESS_SERVICE_UNMAPPED: "ServiceUnmapped"
};
var AddressError = class extends AffluxError {
  reason;
  constructor(code, message, options = {}) {
    super(message, { ...options, code, fault: "user" });
    this.reason = ADDRESS_REASONS[code];
  }
};
var CONTROL_ERROR_CODES = [
  "AFFLUX_CONTROL_SKIP_KEY",
  "AFFLUX_CONTROL_REQUEUE_AFTER",
  "AFFLUX_CONTROL_PERMANENT",
  "AFFLUX_CONTROL_DEADLINE",
  "AFFLUX_CONTROL_STATUS_UPDATE_FAILED",
  "AFFLUX_CONTROL_TRACKER_FULL"
];
var ERROR_CODES = [
  ...Object.keys(STORE_ERRORS),
  ...Object.keys(ADDRESS_REASONS),
  ...CONTROL_ERROR_CODES
];
var ControlError = class extends AffluxError {
};
var SkipKey = class extends ControlError {
  constructor(message = "the key is skipped") {
    super(message, { code: "AFFLUX_CONTROL_SKIP_KEY" });
  }
};
var RequeueAfter = class extends ControlError {
  delayMs;
  constructor(delayMs, message = "the key is due again later") {
    super(message, { code: "AFFLUX_CONTROL_REQUEUE_AFTER", retryable: true });
    this.delayMs = delayMs;
  }
};
var PermanentError = class extends ControlError {
  constructor(message, options = {}) {
    super(message, { ...options, code: "AFFLUX_CONTROL_PERMANENT" });
  }
};

// packages/control/src/store/keys.ts
function kindId(kind) {
  return `${kind.apiVersion}/${kind.kind}`;
}
function formatKey(key) {
  return key.namespace === void 0 || key.namespace === "" ? key.name : `${key.namespace}/${key.name}`;
}
function parseKey(text) {
  const slash = text.indexOf("/");
  return slash === -1 ? { name: text } : { namespace: text.slice(0, slash), name: text.slice(slash + 1) };
}
function keyOf(object) {
  return formatKey(object.metadata);
}
function controllerKeyOf(object, kind) {
  const owner = object.metadata.ownerReferences?.find((reference) => reference.controller === true);
  if (owner?.apiVersion !== kind.apiVersion || owner.kind !== kind.kind) return void 0;
  return formatKey({ namespace: object.metadata.namespace, name: owner.name });
}

// packages/control/src/address/address-resolver.ts
function isService({ apiVersion, kind }) {
  return apiVersion === "v1" && kind === "Service";
}
function describe({ kind, ...key }) {
  return `${kind} "${formatKey(key)}"`;
}
function isPresent(text) {
  return text !== void 0 && text !== "";
}
function notAddressable(message) {
  return new AddressError("AFFLUX_ADDRESS_NOT_ADDRESSABLE", message);
}
function invalidDestination(message) {
  return new AddressError("AFFLUX_ADDRESS_INVALID", message);
}
var AddressResolver = class {
  #options;
  constructor(options) {
    this.#options = options;
  }
  /** Rejects with an {@link AddressError} whose message is fit for a condition. */
  async resolve(destination, context) {
    const { ref, uri, CACerts, audience } = destination;
    const found = ref === void 0 ? fromUri(uri) : await this.#fromReference(ref, destination, context);
    const caCerts = isPresent(CACerts) ? CACerts : found.caCerts;
    const wanted = isPresent(audience) ? audience : found.audience;
    return {
      url: ref !== void 0 && isPresent(uri) ? joinUri(found.url, uri) : found.url,
      ...caCerts === void 0 ? {} : { caCerts },
      ...wanted === void 0 ? {} : { audience: wanted }
    };
  }
  async #fromReference(reference, destination, context) {
    const target = this.#targetOf(reference, context);
    const mapped = this.#options.mapReference?.(target);
    if (mapped !== void 0) return { url: checkUrl(mapped, describe(target)) };
    if (context.observer !== void 0) this.#options.tracker?.track(target, context.observer);
    const object = await this.#read(target, context.signal);
    if (isService(target)) {
      return { url: this.#serviceUrl(target, object, isPresent(destination.CACerts)) };
    }
    if (object === void 0) {
      throw new AddressError("AFFLUX_ADDRESS_NOT_FOUND", `${describe(target)} not found`);
    }
    return addressOf(object, target);
  }
  #targetOf(reference, context) {
    const { kind, name, address } = reference;
    const { apiVersion, namespaced } = this.#kindOf(reference);
    const namespace = isPresent(reference.namespace) ? reference.namespace : context.namespace;
    return { apiVersion, kind, name, address, namespaced, ...namespaced ? { namespace } : {} };
  }
  #kindOf({ apiVersion, group, kind }) {
    const definition = isPresent(apiVersion) ? this.#options.registry.get(apiVersion, kind) : this.#options.registry.byKind(kind).find((candidate) => candidate.group === group);
    if (definition !== void 0) return definition;
    const where = isPresent(apiVersion) ? apiVersion : `group ${group ?? '""'}`;
    throw new AddressError(
      "AFFLUX_ADDRESS_KIND_UNKNOWN",
      `kind ${kind} of ${where} is not known here`
    );
  }
  /** From the cache where there is one; else, and meanwhile, from the store. */
  async #read(target, signal) {
    const informer = this.#options.informers.get(target);
    if (informer.hasSynced) return informer.get(target.namespace, target.name);
    try {
      return await this.#options.store.get(target, target, { signal });
    } catch (error) {
      if (isNotFound(error)) return void 0;
      throw error;
    }
  }
  #serviceUrl(target, service, tls) {
    const url = this.#options.services(target, { tls, service });
    if (url !== void 0) return checkUrl(url, describe(target));
    const key = formatKey(target);
    throw new AddressError(
      "AFFLUX_ADDRESS_SERVICE_UNMAPPED",
      `${describe(target)} has no address here: add services: { "${key}": "http://localhost:9000" } to afflux.yaml, or a Service of type ExternalName`
    );
  }
};
function fromUri(uri) {
  if (!isPresent(uri)) throw invalidDestination("the destination has neither a ref nor a uri");
  if (!isAbsolute(uri)) {
    throw invalidDestination(`uri ${JSON.stringify(uri)} needs a scheme and a host`);
  }
  return { url: uri };
}
function isAbsolute(text) {
  return /^[a-z][a-z0-9+.-]*:\/\/[^/?#]/i.test(text) && URL.canParse(text);
}
function joinUri(base, uri) {
  const isRelative = !/^(?:[a-z][a-z0-9+.-]*:|[\\/]{2})/i.test(uri);
  if (isRelative && URL.canParse(uri, base)) {
    const joined = new URL(uri, base);
    if (joined.origin === new URL(base).origin) return joined.href;
  }
  throw invalidDestination(
    `uri ${JSON.stringify(uri)} beside a ref must be relative to its address`
  );
}
function checkUrl(url, what) {
  if (!isPresent(url)) throw notAddressable(`${what} has no address yet`);
  if (!isAbsolute(url)) {
    throw notAddressable(
      `${what} has the address ${JSON.stringify(url)}, which lacks a scheme or a host`
    );
  }
  return url;
}
function addressOf(object, target) {
  const { url, CACerts, audience } = pickAddress(object, target);
  return {
    url: checkUrl(url, describe(target)),
    ...isPresent(CACerts) ? { caCerts: CACerts } : {},
    ...isPresent(audience) ? { audience } : {}
  };
}
function pickAddress(object, target) {
  const { address, addresses = [] } = object.status ?? {};
  if (isPresent(target.address)) {
    const named2 = addresses.find(({ name }) => name === target.address);
    if (named2 !== void 0) return named2;
    throw notAddressable(
      `address with name ${JSON.stringify(target.address)} not found for ${describe(target)}`
    );
  }
  const chosen = addresses[0] ?? address;
  if (chosen === void 0) throw notAddressable(`${describe(target)} has no address yet`);
  return chosen;
}

// packages/control/src/address/local-services.ts
var DEFAULT_PORTS = /* @__PURE__ */ new Set([void 0, 80, 443]);
function externalUrl(service, tls) {
  const { type, externalName, ports } = service.spec;
  if (type !== "ExternalName" || externalName === void 0) return void 0;
  const port = ports?.[0]?.port;
  const scheme = tls || port === 443 ? "https" : "http";
  return `${scheme}://${externalName}${DEFAULT_PORTS.has(port) ? "" : `:${String(port)}`}`;
}
function localServices(mapping) {
  return (key, { tls, service }) => {
    const external = service === void 0 ? void 0 : externalUrl(service, tls);
    return external ?? mapping.get(formatKey(key));
  };
}

// packages/control/src/store/json.ts
var JSON_DEPTH_MAX = 100;
var NOT_JSON = new Error("not a JSON value");
function isPlainRecord(value) {
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
function isLeaf(value) {
  return value === null || typeof value === "string" || typeof value === "boolean" || typeof value === "number" && Number.isFinite(value);
}
function ownField(record, key) {
  return Object.hasOwn(record, key) ? record[key] : void 0;
}
function copyAt(value, depth) {
  if (typeof value !== "object" || value === null) {
    if (isLeaf(value)) return value;
    throw NOT_JSON;
  }
  if (depth === JSON_DEPTH_MAX) throw NOT_JSON;
  if (Array.isArray(value)) return value.map((item) => copyAt(item, depth + 1));
  if (!isPlainRecord(value) || Object.hasOwn(value, "__proto__")) throw NOT_JSON;
  const copy = {};
  for (const key of Object.keys(value)) {
    const item = value[key];
    if (item !== void 0) copy[key] = copyAt(item, depth + 1);
  }
  return copy;
}
function findProblem(value, path, depth) {
  if (typeof value !== "object" || value === null) {
    return isLeaf(value) ? void 0 : `${path}: a ${typeof value} is not a JSON value`;
  }
  if (depth === JSON_DEPTH_MAX) return `${path}: deeper than ${String(JSON_DEPTH_MAX)} levels`;
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      const problem = findProblem(item, `${path}[${String(index)}]`, depth + 1);
      if (problem !== void 0) return problem;
    }
    return void 0;
  }
  if (!isPlainRecord(value)) return `${path}: an instance of a class is not a JSON value`;
  if (Object.hasOwn(value, "__proto__")) return `${path}: the key "__proto__" is not allowed`;
  for (const key of Object.keys(value)) {
    if (value[key] === void 0) continue;
    const problem = findProblem(value[key], path === "" ? key : `${path}.${key}`, depth + 1);
    if (problem !== void 0) return problem;
  }
  return void 0;
}
function translate(error, value) {
  if (error !== NOT_JSON) return error;
  const problem = findProblem(value, "", 0) ?? "it is not JSON";
  return new StoreError("AFFLUX_STORE_BAD_REQUEST", `the object cannot be stored: ${problem}`);
}
function mutableCopy(value) {
  try {
    return copyAt(value, 0);
  } catch (error) {
    throw translate(error, value);
  }
}
var Freezer = class {
  bytesMax = 0;
  freeze(value, old, depth) {
    if (typeof value !== "object" || value === null) {
      if (!isLeaf(value)) throw NOT_JSON;
      this.bytesMax += typeof value === "string" ? value.length * 6 + 3 : 26;
      return value;
    }
    if (depth === JSON_DEPTH_MAX) throw NOT_JSON;
    this.bytesMax += 3;
    if (Array.isArray(value)) return this.#freezeList(value, old, depth);
    if (!isPlainRecord(value) || Object.hasOwn(value, "__proto__")) throw NOT_JSON;
    return this.#freezeRecord(value, old, depth);
  }
  #freezeList(list, old, depth) {
    const before = Array.isArray(old) ? old : void 0;
    let isSame = before?.length === list.length;
    const copy = list.map((item, index) => {
      const next = this.freeze(item, before?.[index], depth + 1);
      if (next !== before?.[index]) isSame = false;
      return next;
    });
    return isSame ? before : Object.freeze(copy);
  }
  #freezeRecord(record, old, depth) {
    const isComparable = typeof old === "object" && old !== null && !Array.isArray(old);
    const before = isComparable ? old : void 0;
    const copy = {};
    let isSame = before !== void 0;
    let count = 0;
    for (const key of Object.keys(record)) {
      const item = record[key];
      if (item === void 0) continue;
      count += 1;
      this.bytesMax += key.length * 6 + 4;
      const previous = before === void 0 ? void 0 : ownField(before, key);
      const next = this.freeze(item, previous, depth + 1);
      if (next !== previous) isSame = false;
      copy[key] = next;
    }
    if (isSame && before !== void 0 && Object.keys(before).length === count) return before;
    return Object.freeze(copy);
  }
};
function freezeOver(value, old) {
  const freezer = new Freezer();
  try {
    const frozen = freezer.freeze(value, old, 0);
    return { value: frozen, bytesMax: freezer.bytesMax };
  } catch (error) {
    throw translate(error, value);
  }
}
function sameJson(left, right) {
  if (left === right) return true;
  if (typeof left !== "object" || typeof right !== "object" || left === null || right === null) {
    return false;
  }
  if (Array.isArray(left) || Array.isArray(right)) {
    return Array.isArray(left) && Array.isArray(right) && left.length === right.length && left.every((item, index) => sameJson(item, right[index]));
  }
  return sameRecord(left, right);
}
function sameRecord(left, right) {
  const keys = Object.keys(left).filter((key) => left[key] !== void 0);
  const others = Object.keys(right).filter((key) => right[key] !== void 0);
  return keys.length === others.length && keys.every((key) => Object.hasOwn(right, key) && sameJson(left[key], right[key]));
}

// packages/control/src/config-watcher.ts
var CONFIG_MAP = { apiVersion: "v1", kind: "ConfigMap" };
var ConfigWatcher = class extends BaseComponent {
  name = "config watcher";
  #informer;
  #systemNamespace;
  #logger;
  #followers = /* @__PURE__ */ new Map();
  #unsubscribe = () => void 0;
  constructor({ informers, systemNamespace, logger }) {
    super();
    this.#informer = informers.get(CONFIG_MAP);
    this.#systemNamespace = systemNamespace;
    this.#logger = logger.child({ component: "config watcher" });
  }
  /** Begins to follow a ConfigMap; before or after the start, several times if need be. */
  follow(options) {
    const listeners = /* @__PURE__ */ new Set();
    let value = options.shipped;
    let data;
    const update = (configMap) => {
      const next = configMap === void 0 ? void 0 : configMap.data ?? {};
      if (sameJson(data, next)) return;
      data = next;
      const decoded = this.#decode(options, configMap);
      if (decoded === void 0) return;
      value = decoded.value;
      for (const listener of listeners) listener(value);
    };
    const followers = this.#followers.get(options.name) ?? /* @__PURE__ */ new Set();
    this.#followers.set(options.name, followers);
    followers.add(update);
    update(this.#informer.get(this.#systemNamespace, options.name));
    return {
      get value() {
        return value;
      },
      onChange: (listener) => {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      }
    };
  }
  async onStart(signal) {
    await this.#informer.start(signal);
    this.#unsubscribe = this.#informer.onChange(({ old, new: next }) => {
      this.#changed(next ?? old, next);
    });
  }
  onClose() {
    this.#unsubscribe();
    return Promise.resolve();
  }
  #changed(named2, configMap) {
    if (named2?.metadata.namespace !== this.#systemNamespace) return;
    for (const update of this.#followers.get(named2.metadata.name) ?? []) update(configMap);
  }
  /** The new value; undefined when the ConfigMap is broken. */
  #decode({ name, decode, shipped }, configMap) {
    if (configMap === void 0) return { value: shipped };
    try {
      const decoded = decode(configMap);
      if (!decoded.warnings.isEmpty) {
        this.#logger.warn(
          { name, warnings: decoded.warnings.toString() },
          "config map has oddities"
        );
      }
      if (decoded.value !== void 0) return { value: decoded.value };
      this.#logger.warn(
        { configMap: name, errors: decoded.errors.toString() },
        "config map refused, last good value stays"
      );
    } catch (err) {
      this.#logger.warn({ configMap: name, err }, "config map refused, last good value stays");
    }
    return void 0;
  }
};

// packages/control/src/controller/controller.ts
import { setMaxListeners } from "node:events";

// packages/control/src/queue/delayed-keys.ts
var DelayedKeys = class {
  #clock;
  #onDue;
  #deadlines = /* @__PURE__ */ new Map();
  #heap = [];
  #timer;
  #timerDueMs = Infinity;
  constructor(clock, onDue) {
    this.#clock = clock;
    this.#onDue = onDue;
  }
  /** Number of keys that wait. */
  get size() {
    return this.#deadlines.size;
  }
  add(key, delayMs) {
    const dueMs = this.#clock.monotonicMs() + delayMs;
    if (dueMs >= (this.#deadlines.get(key) ?? Infinity)) return;
    this.#deadlines.set(key, dueMs);
    this.#push({ key, dueMs });
    if (this.#heap.length > 2 * this.#deadlines.size + 16) this.#rebuild();
    this.#arm();
  }
  /** Forgets everything; nothing becomes due any more. */
  clear() {
    this.#timer?.cancel();
    this.#timer = void 0;
    this.#timerDueMs = Infinity;
    this.#heap = [];
    this.#deadlines.clear();
  }
  #arm() {
    const dueMs = this.#heap[0]?.dueMs ?? Infinity;
    if (dueMs >= this.#timerDueMs) return;
    this.#timer?.cancel();
    this.#timerDueMs = dueMs;
    this.#timer = this.#clock.setTimer(dueMs - this.#clock.monotonicMs(), () => {
      this.#timerDueMs = Infinity;
      this.#release();
    });
  }
  #release() {
    const nowMs = this.#clock.monotonicMs();
    for (let first = this.#heap[0]; first !== void 0; first = this.#heap[0]) {
      if (first.dueMs > nowMs) break;
      this.#shift();
      if (this.#deadlines.get(first.key) !== first.dueMs) continue;
      this.#deadlines.delete(first.key);
      this.#onDue(first.key);
    }
    this.#arm();
  }
  #rebuild() {
    const entries = [...this.#deadlines].map(([key, dueMs]) => ({ key, dueMs }));
    this.#heap = entries.sort((left, right) => left.dueMs - right.dueMs);
  }
  #push(entry) {
    let index = this.#heap.length;
    this.#heap.push(entry);
    while (index > 0) {
      const parentIndex = index - 1 >> 1;
      const parent = this.#heap[parentIndex];
      if (parent === void 0 || parent.dueMs <= entry.dueMs) break;
      this.#heap[index] = parent;
      index = parentIndex;
    }
    this.#heap[index] = entry;
  }
  #shift() {
    const last = this.#heap.pop();
    if (last === void 0 || this.#heap.length === 0) return;
    let index = 0;
    for (; ; ) {
      const child2 = this.#smallerChild(index);
      const entry = this.#heap[child2];
      if (entry === void 0 || entry.dueMs >= last.dueMs) break;
      this.#heap[index] = entry;
      index = child2;
    }
    this.#heap[index] = last;
  }
  #smallerChild(index) {
    const left = 2 * index + 1;
    const leftMs = this.#heap[left]?.dueMs ?? Infinity;
    const rightMs = this.#heap[left + 1]?.dueMs ?? Infinity;
    return rightMs < leftMs ? left + 1 : left;
  }
};

// packages/control/src/queue/fifo.ts
var Fifo = class {
  #items = [];
  #head = 0;
  get length() {
    return this.#items.length - this.#head;
  }
  push(item) {
    this.#items.push(item);
  }
  shift() {
    const item = this.#items[this.#head];
    if (item === void 0) return void 0;
    this.#head += 1;
    if (this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }
};

// packages/control/src/queue/queue-metrics.ts
var SECONDS_BOUNDS = [1e-5, 1e-4, 1e-3, 0.01, 0.1, 1, 10, 100, 1e3];
var QueueMetrics = class {
  #clock;
  #adds;
  #retries;
  #queueSeconds;
  #workSeconds;
  #removeReaders;
  constructor(name, meter, clock, state) {
    this.#clock = clock;
    const labels = ["name"];
    const counter = (metric, help) => meter.counter({ name: metric, help, labels }).labels(name);
    const histogram = (metric, help) => meter.histogram({ name: metric, help, labels, bounds: SECONDS_BOUNDS }).labels(name);
    const gauge = (metric, help, read2) => meter.observe({ name: metric, help, labels }, () => [{ value: read2(), labels: [name] }]);
    this.#adds = counter("workqueue_adds_total", "Keys added.");
    this.#retries = counter("workqueue_retries_total", "Keys added again after a failure.");
    this.#queueSeconds = histogram("workqueue_queue_duration_seconds", "Wait in the queue.");
    this.#workSeconds = histogram("workqueue_work_duration_seconds", "Time in processing.");
    this.#removeReaders = [
      gauge("workqueue_depth", "Keys waiting.", () => state.depth()),
      gauge(
        "workqueue_unfinished_work_seconds",
        "Time in processing so far, all keys.",
        () => this.#running(state).reduce((sum, seconds2) => sum + seconds2, 0)
      ),
      gauge(
        "workqueue_longest_running_processor_seconds",
        "The longest of them.",
        () => Math.max(0, ...this.#running(state))
      )
    ];
  }
  added() {
    this.#adds.add();
  }
  retried() {
    this.#retries.add();
  }
  taken(addedMs, nowMs) {
    this.#queueSeconds.record((nowMs - addedMs) / 1e3);
  }
  done(startedMs, nowMs) {
    this.#workSeconds.record((nowMs - startedMs) / 1e3);
  }
  close() {
    for (const remove3 of this.#removeReaders) remove3();
  }
  #running(state) {
    const nowMs = this.#clock.monotonicMs();
    return [...state.startedMs()].map((startedMs) => (nowMs - startedMs) / 1e3);
  }
};

// packages/control/src/queue/rate-limiter.ts
var DELAY_MS = 5;
var DELAY_MS_MAX = 1e6;
var RateLimiter = class {
  #failures = /* @__PURE__ */ new Map();
  /** Counts one more failure and returns the wait that it calls for. */
  when(key) {
    const failures = this.failures(key) + 1;
    this.#failures.set(key, failures);
    return backoffMs(failures, {
      policy: "exponential",
      delayMs: DELAY_MS,
      delayMsMax: DELAY_MS_MAX
    });
  }
  /** Failures since the key was last forgotten. */
  failures(key) {
    return this.#failures.get(key) ?? 0;
  }
  forget(key) {
    this.#failures.delete(key);
  }
};

// packages/control/src/queue/work-queue.ts
var FAST_RUN_MAX = 16;
var WorkQueue = class {
  #clock;
  #metrics;
  #limiter = new RateLimiter();
  #delayed;
  /** Every key that is to be taken: in a lane, or again after its processing. */
  #dirty = /* @__PURE__ */ new Map();
  /** When the processing of each key began. */
  #processing = /* @__PURE__ */ new Map();
  #lanes = { fast: new Fifo(), slow: new Fifo() };
  #takers = [];
  #idleWaiters = [];
  #fastRun = 0;
  #isShutDown = false;
  constructor({ name, clock, meter = noopMeter }) {
    this.#clock = clock;
    this.#delayed = new DelayedKeys(clock, (key) => {
      this.add(key);
    });
    this.#metrics = new QueueMetrics(name, meter, clock, {
      depth: () => this.length,
      startedMs: () => this.#processing.values()
    });
  }
  /** Keys to be taken, those included that are in processing now and due again. */
  get length() {
    return this.#dirty.size;
  }
  /** Keys that will be added later. */
  get delayedCount() {
    return this.#delayed.size;
  }
  /** Nothing waits and nothing is in processing. Keys that will be added later do not count. */
  get isIdle() {
    return this.#dirty.size === 0 && this.#processing.size === 0;
  }
  get isShutDown() {
    return this.#isShutDown;
  }
  add(key, lane = "fast") {
    if (this.#isShutDown) return;
    const waiting = this.#dirty.get(key);
    if (waiting !== void 0) {
      if (lane === "fast" && waiting.lane === "slow") this.#promote(key, waiting);
      return;
    }
    this.#metrics.added();
    this.#dirty.set(key, { lane, addedMs: this.#clock.monotonicMs() });
    if (!this.#processing.has(key)) this.#enqueue(key, lane);
  }
  /** Adds the key when `delayMs` has passed; of several delays for one key the earliest counts. */
  addAfter(key, delayMs) {
    if (this.#isShutDown) return;
    if (delayMs <= 0) this.add(key);
    else this.#delayed.add(key, delayMs);
  }
  /** Adds the key after a wait that grows with its failures; returns the wait. */
  addRateLimited(key) {
    const delayMs = this.#limiter.when(key);
    this.#metrics.retried();
    this.addAfter(key, delayMs);
    return delayMs;
  }
  /** The key is well: its next failure is its first. */
  forget(key) {
    this.#limiter.forget(key);
  }
  /** Failures of the key since it was last forgotten. */
  failures(key) {
    return this.#limiter.failures(key);
  }
  /** The next key, to be given back with {@link done}; undefined after the shutdown when none is left. */
  take() {
    const key = this.#next();
    if (key !== void 0 || this.#isShutDown) return Promise.resolve(key);
    return new Promise((resolve) => {
      this.#takers.push(resolve);
    });
  }
  /** Ends the processing of a key that was taken. */
  done(key) {
    const startedMs = this.#processing.get(key);
    if (startedMs === void 0) return;
    this.#processing.delete(key);
    this.#metrics.done(startedMs, this.#clock.monotonicMs());
    const waiting = this.#dirty.get(key);
    if (waiting !== void 0) this.#enqueue(key, waiting.lane);
    else if (this.isIdle) this.#tellIdle();
  }
  /** Takes no more keys; those that wait may still be taken, those for later are forgotten. */
  shutDown() {
    this.#isShutDown = true;
    this.#delayed.clear();
    for (const taker of this.#takers) taker(void 0);
    this.#takers = [];
  }
  /** Shuts down and drops the keys that wait as well. */
  close() {
    this.shutDown();
    this.#dirty.clear();
    this.#metrics.close();
    if (this.isIdle) this.#tellIdle();
  }
  /** Resolves when {@link isIdle}. */
  idle() {
    if (this.isIdle) return Promise.resolve();
    return new Promise((resolve) => {
      this.#idleWaiters.push(resolve);
    });
  }
  #tellIdle() {
    const waiters = this.#idleWaiters;
    this.#idleWaiters = [];
    for (const waiter of waiters) waiter();
  }
  #promote(key, waiting) {
    waiting.lane = "fast";
    if (!this.#processing.has(key)) this.#enqueue(key, "fast");
  }
  #enqueue(key, lane) {
    this.#lanes[lane].push(key);
    const taker = this.#takers.shift();
    if (taker !== void 0) taker(this.#next());
  }
  #next() {
    const slowIsDue = this.#fastRun >= FAST_RUN_MAX && this.#lanes.slow.length > 0;
    const key = slowIsDue ? this.#shift("slow") ?? this.#shift("fast") : this.#shift("fast") ?? this.#shift("slow");
    if (key === void 0) return void 0;
    const waiting = this.#dirty.get(key);
    this.#fastRun = waiting?.lane === "fast" ? this.#fastRun + 1 : 0;
    const nowMs = this.#clock.monotonicMs();
    if (waiting !== void 0) this.#metrics.taken(waiting.addedMs, nowMs);
    this.#dirty.delete(key);
    this.#processing.set(key, nowMs);
    return key;
  }
  /** The first key of a lane that still waits there; keys that were promoted or dropped are skipped. */
  #shift(lane) {
    for (; ; ) {
      const key = this.#lanes[lane].shift();
      if (key === void 0) return void 0;
      if (this.#dirty.get(key)?.lane === lane && !this.#processing.has(key)) return key;
    }
  }
};

// packages/control/src/timestamp.ts
function timestamp(clock) {
  return secondsTimestamp(clock.now());
}
function secondsTimestamp(ms) {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
function isTimestamp(value) {
  return typeof value === "string" && !Number.isNaN(Date.parse(value));
}

// packages/control/src/tracker.ts
import assert from "node:assert/strict";
var REFERENCES_MAX = 1e5;
function observerOf(kind, key) {
  return `${kindId(kind)}/${formatKey(key)}`;
}
var Tracker = class {
  #informers;
  #referencesMax;
  #references = /* @__PURE__ */ new Map();
  #observers = /* @__PURE__ */ new Map();
  #watched = /* @__PURE__ */ new Map();
  #listeners = /* @__PURE__ */ new Set();
  #referenceCount = 0;
  constructor(options) {
    this.#informers = options.informers;
    this.#referencesMax = options.referencesMax ?? REFERENCES_MAX;
  }
  /** Number of references held. */
  get size() {
    return this.#referenceCount;
  }
  /** What the observer tracks: `<apiVersion>/<kind> <namespace>/<name>` of each object. */
  tracked(observer) {
    return [...this.#references.get(observer)?.keys() ?? []];
  }
  /** The observer is to be notified whenever this object changes. Throws `AFFLUX_CONTROL_TRACKER_FULL`. */
  track(reference, observer) {
    assert(reference.name !== "", "a tracked reference needs a name");
    this.#watch(reference);
    const id = identityOf(reference, formatKey(reference));
    const references = this.#references.get(observer) ?? /* @__PURE__ */ new Map();
    const known = references.get(id);
    if (known !== void 0) {
      known.isFresh = true;
      return;
    }
    if (this.#referenceCount === this.#referencesMax) {
      throw new ControlError(
        `${String(this.#referencesMax)} references are tracked, which is all`,
        {
          code: "AFFLUX_CONTROL_TRACKER_FULL",
          retryable: true
        }
      );
    }
    this.#referenceCount += 1;
    references.set(id, { isFresh: true });
    this.#references.set(observer, references);
    const observers = this.#observers.get(id);
    if (observers === void 0) this.#observers.set(id, /* @__PURE__ */ new Set([observer]));
    else observers.add(observer);
  }
  /** Drops everything the observer tracks. */
  untrack(observer) {
    const references = this.#references.get(observer);
    if (references === void 0) return;
    for (const id of [...references.keys()]) this.#drop(observer, references, id);
  }
  /** A run of the observer begins: what it tracks from here on is what it needs. */
  passBegins(observer) {
    for (const reference of this.#references.get(observer)?.values() ?? []) {
      reference.isFresh = false;
    }
  }
  /** The run was complete: what it did not track again is dropped. */
  passEnds(observer) {
    const references = this.#references.get(observer);
    if (references === void 0) return;
    for (const [id, { isFresh }] of [...references]) {
      if (!isFresh) this.#drop(observer, references, id);
    }
  }
  /** Registers who is told about observers that have to look again; returns how to take it off. */
  onNotify(listener) {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
  /** An object changed: its observers are notified. The informers call this; others may. */
  onChanged(object) {
    const observers = this.#observers.get(identityOf(object, keyOf(object)));
    if (observers === void 0) return;
    for (const observer of [...observers]) {
      for (const listener of this.#listeners) listener(observer);
    }
  }
  #watch(kind) {
    const id = kindId(kind);
    if (this.#watched.has(id)) return;
    const informer = this.#informers.get(kind);
    this.#watched.set(id, informer);
    informer.onChange(({ old, new: next }) => {
      const object = next ?? old;
      if (object !== void 0) this.onChanged(object);
    });
  }
  #drop(observer, references, id) {
    references.delete(id);
    this.#referenceCount -= 1;
    if (references.size === 0) this.#references.delete(observer);
    const observers = this.#observers.get(id);
    observers?.delete(observer);
    if (observers?.size === 0) this.#observers.delete(id);
  }
};
function identityOf(kind, key) {
  return `${kindId(kind)} ${key}`;
}

// packages/control/src/controller/controller-metrics.ts
var SECONDS_BOUNDS2 = [5e-3, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
function controllerMetrics(name, meter, activeWorkers) {
  const total = meter.counter({
    name: "controller_runtime_reconcile_total",
    help: "Runs, by controller and result.",
    labels: ["controller", "result"]
  });
  const terminal = meter.counter({
    name: "controller_runtime_terminal_reconcile_errors_total",
    help: "Runs that failed and are not retried.",
    labels: ["controller"]
  }).labels(name);
  const seconds2 = meter.histogram({
    name: "controller_runtime_reconcile_time_seconds",
    help: "Duration of a run.",
    labels: ["controller"],
    bounds: SECONDS_BOUNDS2
  }).labels(name);
  const results = {
    success: total.labels(name, "success"),
    error: total.labels(name, "error"),
    requeue: total.labels(name, "requeue"),
    requeue_after: total.labels(name, "requeue_after")
  };
  const close = meter.observe(
    {
      name: "controller_runtime_active_workers",
      help: "Runs in progress.",
      labels: ["controller"]
    },
    () => [{ value: activeWorkers(), labels: [name] }]
  );
  return {
    ran: (result, duration) => {
      results[result].add();
      seconds2.record(duration);
    },
    failedForGood: () => {
      terminal.add();
    },
    close
  };
}

// packages/control/src/controller/object-reconciler.ts
import assert2 from "node:assert/strict";

// packages/control/src/controller/finalizers.ts
function hasFinalizer(object, finalizer) {
  return object.metadata.finalizers?.includes(finalizer) === true;
}
function setFinalizers(store, object, finalizers, options) {
  const { resourceVersion } = object.metadata;
  const body = { metadata: { finalizers, resourceVersion } };
  return store.patch(object, object.metadata, { type: "merge", body }, options);
}
async function addFinalizer(store, object, finalizer, options) {
  if (hasFinalizer(object, finalizer)) return object;
  const finalizers = [...object.metadata.finalizers ?? [], finalizer];
  return setFinalizers(store, object, finalizers, options);
}
async function clearFinalizer(store, object, finalizer, options) {
  const finalizers = (object.metadata.finalizers ?? []).filter((name) => name !== finalizer);
  try {
    await setFinalizers(store, object, finalizers, options);
  } catch (error) {
    if (isNotFound(error)) return;
    if (!isConflict(error) || !await isGone(store, object, options)) throw error;
  }
}
async function isGone(store, object, { signal }) {
  try {
    const present = await store.get(object, object.metadata, { signal });
    return present.metadata.uid !== object.metadata.uid;
  } catch (error) {
    if (isNotFound(error)) return true;
    throw error;
  }
}

// packages/control/src/events/condition-events.ts
var CAMEL_CASE = /^[A-Z][A-Za-z0-9]{0,127}$/;
function happyEventOf({ kind }, happy) {
  const verb = happy === "Ready" ? "is ready" : "succeeded";
  return { reason: `${kind}${happy}`, message: `${kind} ${verb}` };
}
function conditionEvents(run) {
  const events = /* @__PURE__ */ new Map();
  for (const condition of run.after) {
    const old = run.before.find(({ type }) => type === condition.type);
    const event = eventOf(run, condition, old);
    if (event === void 0 || !CAMEL_CASE.test(event.reason)) continue;
    events.set(JSON.stringify([event.reason, event.message]), event);
  }
  return [...events.values()];
}
function eventOf({ happy, happyEvent }, condition, old) {
  const { type, status, reason = "", message = "" } = condition;
  if (status === "True") {
    return type === happy && old?.status !== "True" ? { type: "Normal", ...happyEvent } : void 0;
  }
  if (status !== "False" || isSameVerdict(condition, old)) return void 0;
  return { type: "Warning", reason, message: message === "" ? `${type} is false` : message };
}
function isSameVerdict(condition, old) {
  return old?.status === condition.status && (old.reason ?? "") === (condition.reason ?? "") && (old.message ?? "") === (condition.message ?? "");
}

// packages/control/src/controller/run-events.ts
var RunEvents = class {
  #target;
  #reconciler;
  #component;
  constructor(target, reconciler) {
    this.#target = target;
    this.#reconciler = reconciler;
    this.#component = `${reconciler.kind.kind.toLowerCase()}-controller`;
  }
  /** Does the work that puts the finalizer on or takes it off, and tells how that went. */
  async ofFinalizer(object, work) {
    const { name } = object.metadata;
    try {
      const result = await work();
      this.#record(object, "Normal", "FinalizerUpdate", `Updated "${name}" finalizers`);
      return result;
    } catch (error) {
      if (!isConflict(error)) {
        const message = `Failed to update finalizers for "${name}": ${textOf(error)}`;
        this.#record(object, "Warning", "FinalizerUpdateFailed", message);
      }
      throw error;
    }
  }
  /** The status could not be written. */
  statusFailed(object, error) {
    const message = `Failed to update status for "${object.metadata.name}": ${textOf(error)}`;
    this.#record(object, "Warning", "UpdateFailed", message);
  }
  /** The reconciler threw. What it throws to steer its queue is no failure. */
  runFailed(object, error) {
    if (error instanceof SkipKey || error instanceof RequeueAfter || isConflict(error)) return;
    this.#record(object, "Warning", "InternalError", textOf(error));
  }
  /** The status was stored with other conditions than before. */
  conditionsChanged(object, before = [], after = []) {
    const reconciler = this.#reconciler;
    const happy = reconciler.conditions?.happy;
    this.#tell(object, () => {
      const happyEvent = reconciler.readyEvent?.(object) ?? happyEventOf(object, happy ?? "Ready");
      return conditionEvents({ before, after, happy, happyEvent });
    });
  }
  #record(object, type, reason, message) {
    this.#tell(object, () => [{ type, reason, message }]);
  }
  /** Recorders do not throw; should one, or a reconciler's `readyEvent`, then the event is lost and not the run. */
  #tell(object, events) {
    if (this.#target === void 0) return;
    try {
      for (const event of events()) {
        this.#target.record({ object, ...event, component: this.#component });
      }
    } catch {
      return;
    }
  }
};
function textOf(error) {
  return error instanceof Error ? error.message : String(error);
}

// packages/control/src/controller/status-writer.ts
var ATTEMPTS_MAX = 5;
var DELAY_MS2 = 10;
function isGone2(error) {
  return error instanceof StoreError && error.code === "AFFLUX_STORE_NOT_FOUND";
}
function withStatus(object, status) {
  return { ...object, status };
}
async function writeStatus({ store, clock, random }, seen, status, options) {
  let base = seen;
  for (let attempt2 = 1; ; attempt2 += 1) {
    try {
      await store.updateStatus(withStatus(base, status), options);
      return;
    } catch (error) {
      if (isGone2(error)) return;
      if (!isConflict(error) || attempt2 === ATTEMPTS_MAX) throw error;
    }
    await clock.sleep(withJitter(DELAY_MS2, random), options.signal);
    const present = await readAgain(store, seen, options);
    if (present === void 0 || sameJson(present.status, status)) return;
    base = present;
  }
}
async function readAgain(store, seen, { signal }) {
  try {
    const present = await store.get(seen, seen.metadata, { signal });
    return present.metadata.uid === seen.metadata.uid ? present : void 0;
  } catch (error) {
    if (isGone2(error)) return void 0;
    throw error;
  }
}

// packages/control/src/controller/transition-times.ts
function isSameBut({ lastTransitionTime: _, ...left }, right) {
  return left.type === right.type && left.status === right.status && (left.severity ?? "") === (right.severity ?? "") && (left.reason ?? "") === (right.reason ?? "") && (left.message ?? "") === (right.message ?? "");
}
function settleTransitionTimes(status, before, now) {
  if (status.conditions === void 0) return;
  status.conditions = status.conditions.map((condition) => {
    const old = before?.conditions?.find(({ type }) => type === condition.type);
    if (old === void 0 || !isSameBut(old, condition)) {
      return { ...condition, lastTransitionTime: now };
    }
    return old.lastTransitionTime === void 0 ? condition : { ...condition, lastTransitionTime: old.lastTransitionTime };
  });
}

// packages/control/src/controller/object-reconciler.ts
var NEW_GENERATION_REASON = "NewObservedGenFailure";
var NEW_GENERATION_MESSAGE = "unsuccessfully observed a new generation";
var ObjectReconciler = class {
  #options;
  #finalizer;
  #events;
  constructor(options) {
    const { reconciler } = options;
    const finalizes = reconciler.finalize !== void 0;
    assert2(!finalizes || reconciler.finalizer !== void 0, "finalize needs a finalizer");
    this.#options = options;
    this.#finalizer = finalizes ? reconciler.finalizer : void 0;
    this.#events = new RunEvents(options.events, reconciler);
  }
  /** False for an object that another reconciler of its kind takes care of. */
  concerns(key) {
    const object = this.#options.read(key);
    return object === void 0 || this.#options.reconciler.accepts?.(object) !== false;
  }
  /**
   * One run. Rejects with what the reconciler threw, or with what prevented the status from being written.
   * `lifetime` bounds the writes, which outlive the deadline in `context.signal`.
   */
  async run(key, context, lifetime) {
    const { reconciler, read: read2 } = this.#options;
    const object = read2(key);
    if (object === void 0) {
      reconciler.observeDeletion?.(parseKey(key));
      return "gone";
    }
    if (reconciler.accepts?.(object) === false) return "present";
    const writing = { fieldManager: CONTROLLER_USER, signal: lifetime };
    if (object.metadata.deletionTimestamp === void 0) {
      await this.#reconcile(object, context, writing);
    } else {
      await this.#finalize(object, context, writing);
    }
    return "present";
  }
  async #reconcile(cached, context, writing) {
    const { reconciler } = this.#options;
    const seen = await this.#withFinalizer(cached, writing);
    const copy = mutableCopy(seen);
    const result = await attempt(async () => {
      reconciler.prepare?.(copy, context);
      this.#beginConditions(copy, context.now());
      await reconciler.reconcile(copy, context);
    });
    this.#endConditions(copy, seen, context, result.ok);
    await this.#writeStatus(seen, copy.status, writing, result);
    if (!result.ok) throw this.#told(seen, result.error, context, writing);
  }
  /** The object with our finalizer on, where it needs one. */
  async #withFinalizer(object, writing) {
    const { reconciler, store } = this.#options;
    const finalizer = this.#finalizer;
    if (finalizer === void 0 || hasFinalizer(object, finalizer)) return object;
    if (reconciler.needsFinalizer?.(object) === false) return object;
    const add2 = () => addFinalizer(store, object, finalizer, writing);
    return await this.#events.ofFinalizer(object, add2);
  }
  async #finalize(object, context, writing) {
    const { reconciler, store } = this.#options;
    const finalizer = this.#finalizer;
    if (finalizer === void 0 || !hasFinalizer(object, finalizer)) return;
    const copy = mutableCopy(object);
    const result = await attempt(async () => {
      await reconciler.finalize?.(copy, context);
    });
    if (result.ok) {
      await this.#events.ofFinalizer(
        object,
        () => clearFinalizer(store, object, finalizer, writing)
      );
      return;
    }
    await this.#writeStatus(object, copy.status, writing, result);
    throw this.#told(object, result.error, context, writing);
  }
  /** Tells of the failure and hands it back. When the controller closes, runs fail and nothing is wrong. */
  #told(object, error, { signal }, writing) {
    if (writing.signal?.aborted === true) return error;
    this.#events.runFailed(object, signal.aborted ? signal.reason : error);
    return error;
  }
  /** Every condition is there, and the happy one admits that this generation is new to us. */
  #beginConditions(copy, now) {
    const { conditions } = this.#options.reconciler;
    if (conditions === void 0) return;
    const status = copy.status ?? {};
    copy.status = status;
    status.conditions = conditions.initialize(status, now);
    if (status.observedGeneration === copy.metadata.generation) return;
    status.conditions = conditions.markUnknown(status, {
      type: conditions.happy,
      reason: NEW_GENERATION_REASON,
      message: NEW_GENERATION_MESSAGE,
      now
    });
  }
  #endConditions(copy, seen, context, isOk) {
    const { conditions } = this.#options.reconciler;
    const status = copy.status;
    if (status === void 0) return;
    const { generation } = copy.metadata;
    if (generation !== void 0) status.observedGeneration = generation;
    settleTransitionTimes(status, seen.status, context.now());
    const happy = conditions?.happyCondition(status);
    if (isOk && conditions !== void 0 && (happy?.reason ?? "") === NEW_GENERATION_REASON) {
      context.logger.warn({}, "the reconciler left the happy condition as it was");
    }
  }
  async #writeStatus(seen, status, writing, result) {
    if (sameJson(seen.status, status)) return;
    try {
      await writeStatus(this.#options, seen, status, writing);
    } catch (error) {
      if (writing.signal?.aborted !== true) this.#events.statusFailed(seen, error);
      if (isConflict(error) && result.ok) throw error;
      throw new ControlError(`failed to update status for "${seen.metadata.name}"`, {
        code: "AFFLUX_CONTROL_STATUS_UPDATE_FAILED",
        retryable: true,
        cause: result.ok ? error : new AggregateError([error, result.error])
      });
    }
    this.#events.conditionsChanged(seen, conditionsOf(seen.status), conditionsOf(status));
  }
};
function conditionsOf(status) {
  const conditions = status?.conditions;
  return Array.isArray(conditions) ? conditions : void 0;
}
async function attempt(work) {
  try {
    await work();
    return { ok: true };
  } catch (error) {
    return { ok: false, error };
  }
}

// packages/control/src/controller/controller.ts
var WORKERS = 2;
var DEADLINE_MS = 3e4;
var Controller = class extends BaseComponent {
  name;
  #options;
  #clock;
  #logger;
  #queue;
  #runner;
  #metrics;
  #budget;
  #lifetime = new AbortController();
  #running = /* @__PURE__ */ new Set();
  #subscriptions = [];
  #workers = [];
  constructor(options) {
    super();
    setMaxListeners(0, this.#lifetime.signal);
    const { name, clock, random = systemRandom, meter = noopMeter, informer } = options;
    this.name = name;
    this.#options = options;
    this.#clock = clock;
    this.#logger = options.logger.child({ component: "controller", controller: name });
    this.#queue = new WorkQueue({ name, clock, meter });
    this.#metrics = controllerMetrics(name, meter, () => this.#running.size);
    this.#budget = new TurnBudget(clock);
    this.#runner = new ObjectReconciler({
      reconciler: options.reconciler,
      store: options.store,
      read: (key) => {
        const { namespace, name: objectName } = parseKey(key);
        return informer.get(namespace, objectName);
      },
      clock,
      random,
      events: options.events
    });
  }
  /** Runs this key soon. Keys are `<namespace>/<name>`, or the name alone for cluster-scoped kinds. */
  enqueue(key) {
    this.#queue.add(key);
  }
  /** Runs this key when `delayMs` has passed, or earlier. */
  enqueueAfter(key, delayMs) {
    this.#queue.addAfter(key, delayMs);
  }
  /** Runs every object of the kind again, after everything else: for changes that concern all. */
  resync() {
    for (const object of this.#options.informer.list()) this.#queue.add(keyOf(object), "slow");
  }
  /** No key waits or runs, and no change that has arrived is held back. Keys due later do not count. */
  get isIdle() {
    return this.state !== "starting" && this.#queue.isIdle && this.#options.informer.isIdle;
  }
  /** Resolves when {@link isIdle} has lasted for a turn of the event loop. For several at once: `allIdle`. */
  async idle() {
    if (this.state === "starting") await this.start().catch(() => void 0);
    do {
      await this.#queue.idle();
      await nextTurn();
    } while (!this.isIdle);
  }
  async onStart(signal) {
    const { informer, tracker, keysFor = ownKey, workers = WORKERS } = this.#options;
    await informer.start(signal);
    this.#subscriptions.push(
      informer.onChange((change) => {
        for (const key of keysFor(change)) this.#queue.add(key);
      })
    );
    if (tracker !== void 0) {
      const prefix = this.#observerOf("");
      this.#subscriptions.push(
        tracker.onNotify((observer) => {
          if (observer.startsWith(prefix)) this.#queue.add(observer.slice(prefix.length));
        })
      );
    }
    this.#workers = Array.from({ length: workers }, () => this.#work());
  }
  async onDrain() {
    this.#unsubscribe();
    this.#queue.shutDown();
    await Promise.all(this.#workers);
  }
  onClose() {
    this.#unsubscribe();
    this.#lifetime.abort();
    for (const run of this.#running) run.abort(this.#lifetime.signal.reason);
    this.#queue.close();
    this.#metrics.close();
    return Promise.resolve();
  }
  #unsubscribe() {
    for (const unsubscribe of this.#subscriptions) unsubscribe();
    this.#subscriptions = [];
  }
  async #work() {
    for (; ; ) {
      const key = await this.#queue.take();
      if (key === void 0) return;
      await this.#process(key);
      this.#queue.done(key);
      const turn = this.#budget.spent();
      if (turn !== void 0) await turn;
    }
  }
  /** One run and what follows from it. Never rejects. */
  async #process(key) {
    const { deadlineMs = DEADLINE_MS } = this.#options;
    const tracker = this.#runner.concerns(key) ? this.#options.tracker : void 0;
    const run = new AbortController();
    this.#running.add(run);
    const deadline = this.#clock.setTimer(deadlineMs, () => {
      run.abort(deadlineError(key, deadlineMs));
    });
    const context = this.#contextOf(key, run.signal);
    const startedMs = this.#clock.monotonicMs();
    let result = "success";
    const observer = this.#observerOf(key);
    tracker?.passBegins(observer);
    try {
      const sighting = await this.#runner.run(key, context, this.#lifetime.signal);
      if (sighting === "gone") tracker?.untrack(observer);
      else tracker?.passEnds(observer);
      this.#queue.forget(key);
    } catch (error) {
      result = this.#follow(key, error, run.signal, context.logger);
    }
    deadline.cancel();
    this.#running.delete(run);
    const seconds2 = (this.#clock.monotonicMs() - startedMs) / 1e3;
    this.#metrics.ran(result, seconds2);
    context.logger.debug({ result, seconds: seconds2 }, "reconciled");
  }
  /** What a failed run means for its key. The order is Knative's. */
  #follow(key, thrown, signal, logger) {
    if (thrown instanceof SkipKey || this.#queue.isShutDown) {
      this.#queue.forget(key);
      return "success";
    }
    if (thrown instanceof RequeueAfter) {
      this.#queue.addAfter(key, thrown.delayMs);
      return "requeue_after";
    }
    if (isConflict(thrown)) {
      this.#queue.addRateLimited(key);
      return "requeue";
    }
    const err = signal.aborted ? deadlineError(key, void 0, thrown) : thrown;
    if (err instanceof PermanentError) {
      this.#queue.forget(key);
      this.#metrics.failedForGood();
      logger.error({ err }, "reconcile failed, not retried");
      return "error";
    }
    const retryInMs = this.#queue.addRateLimited(key);
    logger.warn({ err, retryInMs }, "reconcile failed, retrying");
    return "error";
  }
  #observerOf(key) {
    return observerOf(this.#options.reconciler.kind, { name: key });
  }
  #contextOf(key, signal) {
    let now;
    return {
      signal,
      logger: this.#logger.child({ ...parseKey(key), kind: this.#options.reconciler.kind.kind }),
      now: () => now ??= timestamp(this.#clock),
      enqueueAfter: (delayMs) => {
        this.#queue.addAfter(key, delayMs);
      }
    };
  }
};
function ownKey({ old, new: next }) {
  const object = next ?? old;
  return object === void 0 ? [] : [keyOf(object)];
}
function deadlineError(key, deadlineMs, cause) {
  const limit = deadlineMs === void 0 ? "its deadline" : `its ${String(deadlineMs)} ms`;
  return new ControlError(`the run for ${key} exceeded ${limit}`, {
    code: "AFFLUX_CONTROL_DEADLINE",
    retryable: true,
    cause
  });
}

// packages/control/src/events/core-event.ts
var EVENT = { apiVersion: "v1", kind: "Event" };
var CLUSTER_SCOPE_NAMESPACE = "default";
var MESSAGE_BYTES_MAX = 1024;
var NAME_LENGTH_MAX = 253;
var NAME_SUFFIX_LENGTH = 17;
var USER_INFO = /(:\/\/)[^\s/@]+@/g;
function eventMessage(text) {
  return cutToBytes(text.replace(USER_INFO, "$1***@"), MESSAGE_BYTES_MAX);
}
function cutToBytes(text, bytesMax) {
  const bytes = Buffer.from(text);
  if (bytes.length <= bytesMax) return text;
  let end = bytesMax;
  while (((bytes[end] ?? 0) & 192) === 128) end -= 1;
  return bytes.toString("utf8", 0, end);
}
function makeEvent({ object, type, reason, message, component }, name, nowMs) {
  const { namespace, name: objectName, uid, resourceVersion } = object.metadata;
  const now = secondsTimestamp(nowMs);
  return {
    ...EVENT,
    metadata: { name, namespace: namespace ?? CLUSTER_SCOPE_NAMESPACE },
    involvedObject: {
      apiVersion: object.apiVersion,
      kind: object.kind,
      ...namespace === void 0 ? {} : { namespace },
      name: objectName,
      ...uid === void 0 ? {} : { uid },
      ...resourceVersion === void 0 ? {} : { resourceVersion }
    },
    type,
    reason,
    message: eventMessage(message),
    source: { component },
    reportingComponent: component,
    reportingInstance: "",
    count: 1,
    firstTimestamp: now,
    lastTimestamp: now
  };
}
function eventName(objectName, nanos) {
  const base = objectName.slice(0, NAME_LENGTH_MAX - NAME_SUFFIX_LENGTH).replace(/[^a-z0-9]+$/, "");
  return `${base}.${nanos.toString(16)}`;
}
function lastHeardOfMs(event, nowMs) {
  const { lastTimestamp, eventTime, series } = event;
  const { creationTimestamp } = event.metadata;
  const times = [lastTimestamp, eventTime, series?.lastObservedTime, creationTimestamp].filter(isTimestamp).map((time) => Date.parse(time)).filter((ms) => ms <= nowMs);
  return Math.max(0, ...times);
}

// packages/control/src/events/event-reaper.ts
var EVENT_REAPER_LIMITS = {
  ttlMs: 36e5,
  perNamespaceMax: 1e3,
  perPassMax: 1e3,
  passEveryMs: 6e4
};
var NEXT_PART_MS = 1e3;
function eventsToRemove(events, nowMs, { ttlMs, perNamespaceMax, perPassMax }) {
  const namespaces = /* @__PURE__ */ new Map();
  for (const event of events) {
    const heard = { event, atMs: lastHeardOfMs(event, nowMs) };
    const namespace = event.metadata.namespace ?? "";
    const others = namespaces.get(namespace);
    if (others === void 0) namespaces.set(namespace, [heard]);
    else others.push(heard);
  }
  const byAge = (left, right) => left.atMs - right.atMs;
  return [...namespaces.values()].flatMap((heard) => {
    const surplus = heard.length - perNamespaceMax;
    return heard.sort(byAge).filter(({ atMs }, index) => index < surplus || nowMs - atMs >= ttlMs);
  }).sort(byAge).slice(0, perPassMax).map(({ event }) => event);
}
var EventReaper = class extends BaseComponent {
  name = "event-reaper";
  #store;
  #clock;
  #logger;
  #limits;
  #budget;
  #lifetime = new AbortController();
  #timer;
  #passing = Promise.resolve();
  #isStopped = false;
  constructor({ store, clock, logger, limits }) {
    super();
    this.#store = store;
    this.#clock = clock;
    this.#logger = logger.child({ component: this.name });
    this.#limits = { ...EVENT_REAPER_LIMITS, ...limits };
    this.#budget = new TurnBudget(clock);
  }
  onStart() {
    this.#next(0);
    return Promise.resolve();
  }
  onDrain() {
    this.#stop();
    return this.#passing;
  }
  onClose() {
    this.#stop();
    this.#lifetime.abort();
    return Promise.resolve();
  }
  #stop() {
    this.#isStopped = true;
    this.#timer?.cancel();
  }
  #next(waitMs) {
    if (this.#isStopped) return;
    this.#timer = this.#clock.setTimer(waitMs, () => {
      this.#passing = this.#passAndGoOn();
    });
  }
  /** Never rejects. */
  async #passAndGoOn() {
    let waitMs = this.#limits.passEveryMs;
    try {
      const removed = await this.#pass();
      if (removed > 0) this.#logger.debug({ removed }, "old events removed");
      if (removed === this.#limits.perPassMax) waitMs = NEXT_PART_MS;
    } catch (err) {
      if (!this.#lifetime.signal.aborted) this.#logger.warn({ err }, "old events not removed");
    }
    this.#next(waitMs);
  }
  /** Resolves with the number of Events that were to go. */
  async #pass() {
    const { signal } = this.#lifetime;
    const { items } = await this.#store.list(EVENT, { signal });
    const doomed = eventsToRemove(items, this.#clock.now(), this.#limits);
    for (const { metadata } of doomed) {
      const { uid, resourceVersion } = metadata;
      try {
        await this.#store.delete(EVENT, metadata, {
          preconditions: { uid, resourceVersion },
          signal
        });
      } catch (error) {
        if (!isNotFound(error) && !isConflict(error)) throw error;
      }
      const turn = this.#budget.spent();
      if (turn !== void 0) await turn;
    }
    return doomed.length;
  }
};

// packages/control/src/events/event-recorder.ts
import { setMaxListeners as setMaxListeners2 } from "node:events";

// packages/control/src/events/lru-map.ts
import assert3 from "node:assert/strict";
var LruMap = class {
  #sizeMax;
  /** In order of use: a `Map` iterates in the order of insertion. */
  #entries = /* @__PURE__ */ new Map();
  constructor(sizeMax) {
    assert3(Number.isInteger(sizeMax) && sizeMax > 0, "sizeMax must be a positive integer");
    this.#sizeMax = sizeMax;
  }
  get size() {
    return this.#entries.size;
  }
  /** The value of a key, which counts as a use of it. */
  get(key) {
    const value = this.#entries.get(key);
    if (value === void 0) return void 0;
    this.#entries.delete(key);
    this.#entries.set(key, value);
    return value;
  }
  set(key, value) {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size <= this.#sizeMax) return;
    for (const oldest of this.#entries.keys()) {
      this.#entries.delete(oldest);
      return;
    }
  }
};

// packages/control/src/events/token-bucket.ts
var TokenBucket = class {
  #refillMs;
  #filledMsMax;
  #filledMs;
  #seenMs;
  /** Full at first. */
  constructor({ burst, refillMs }, nowMs) {
    this.#refillMs = refillMs;
    this.#filledMsMax = burst * refillMs;
    this.#filledMs = this.#filledMsMax;
    this.#seenMs = nowMs;
  }
  /** Takes a token; false when there is none. */
  take(nowMs) {
    if (this.waitMs(nowMs) > 0) return false;
    this.#filledMs -= this.#refillMs;
    return true;
  }
  /** How long until there is a token; 0 when there is one. */
  waitMs(nowMs) {
    const elapsedMs = Math.max(0, nowMs - this.#seenMs);
    this.#filledMs = Math.min(this.#filledMsMax, this.#filledMs + elapsedMs);
    this.#seenMs += elapsedMs;
    return Math.max(0, this.#refillMs - this.#filledMs);
  }
};

// packages/control/src/events/event-correlator.ts
var COMBINED_PREFIX = "(combined from similar events): ";
var CORRELATOR_LIMITS = {
  similarMax: 10,
  similarWithinMs: 6e5,
  burst: 25,
  refillMs: 3e5,
  remembered: 4096
};
var EventCorrelator = class {
  #limits;
  #similar;
  #written;
  #spam;
  constructor(limits = {}) {
    this.#limits = { ...CORRELATOR_LIMITS, ...limits };
    const { remembered } = this.#limits;
    this.#similar = new LruMap(remembered);
    this.#written = new LruMap(remembered);
    this.#spam = new LruMap(remembered);
  }
  /** Undefined when it is one too many. `nowMs` is of a clock that never goes back. */
  correlate(occurrence, nowMs) {
    const { event, key } = this.#combine(occurrence, nowMs);
    const counted = this.#count(event, key);
    return this.#isSpam(occurrence, nowMs) ? void 0 : { event: counted, key };
  }
  /** The Event was stored under this name: what is the same counts that one up. */
  stored(key, { metadata, count, firstTimestamp }) {
    this.#written.set(key, { name: metadata.name, count, firstTimestamp });
  }
  /** The first rule. */
  #combine(event, nowMs) {
    const { similarMax, similarWithinMs } = this.#limits;
    const groupKey = keyOf2(event, event.type, event.reason);
    let similar = this.#similar.get(groupKey);
    if (similar === void 0 || nowMs - similar.seenMs > similarWithinMs) {
      similar = { messages: /* @__PURE__ */ new Set(), seenMs: nowMs };
      this.#similar.set(groupKey, similar);
    }
    similar.messages.add(event.message);
    similar.seenMs = nowMs;
    if (similar.messages.size < similarMax) {
      return { event, key: keyOf2(event, event.type, event.reason, event.message) };
    }
    for (const oldest of similar.messages) {
      similar.messages.delete(oldest);
      break;
    }
    const message = eventMessage(`${COMBINED_PREFIX}${event.message}`);
    return { event: { ...event, message }, key: groupKey };
  }
  /** The second rule. */
  #count(event, key) {
    const before = this.#written.get(key);
    const counted = before === void 0 ? event : {
      ...event,
      metadata: { ...event.metadata, name: before.name },
      count: before.count + 1,
      firstTimestamp: before.firstTimestamp
    };
    this.stored(key, counted);
    return counted;
  }
  /** The third rule. */
  #isSpam(event, nowMs) {
    const { burst, refillMs } = this.#limits;
    const key = keyOf2(event);
    let bucket = this.#spam.get(key);
    if (bucket === void 0) {
      bucket = new TokenBucket({ burst, refillMs }, nowMs);
      this.#spam.set(key, bucket);
    }
    return !bucket.take(nowMs);
  }
};
function keyOf2(event, ...parts) {
  const { apiVersion, kind, namespace = "", name, uid = "" } = event.involvedObject;
  const { component } = event.source;
  return JSON.stringify([component, apiVersion, kind, namespace, name, uid, ...parts]);
}

// packages/control/src/events/event-sink.ts
var TRIES_MAX = 12;
var RETRY_MS = 1e4;
var WRITE_MS_MAX = 1e4;
async function storeEvent(options, event, { lifetime, patience }) {
  const { clock, random } = options;
  for (let tries = 1; ; tries += 1) {
    try {
      return await inTime(clock, lifetime, (signal) => write(options, event, signal));
    } catch (error) {
      if (tries === TRIES_MAX || patience.aborted || lifetime.aborted || isFinal(error))
        throw error;
    }
    const waitMs = tries === 1 ? RETRY_MS * random.next() : RETRY_MS;
    await clock.sleep(waitMs, patience).catch(() => void 0);
  }
}
function isFinal(error) {
  return error instanceof StoreError && !error.retryable;
}
async function write({ store, newName }, event, signal) {
  const { metadata, count, lastTimestamp, message } = event;
  if (count > 1) {
    try {
      const body = { count, lastTimestamp, message };
      await store.patch(EVENT, metadata, { type: "merge", body }, { signal });
      return { result: "counted", event };
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
  try {
    return await create(store, event, signal);
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    const name = newName(event.involvedObject.name);
    return create(store, { ...event, metadata: { ...metadata, name } }, signal);
  }
}
async function create(store, event, signal) {
  await store.create(event, { signal });
  return { result: "created", event };
}
async function inTime(clock, lifetime, work) {
  const controller = new AbortController();
  const onEnd = () => {
    controller.abort(lifetime.reason);
  };
  lifetime.addEventListener("abort", onEnd, { once: true });
  if (lifetime.aborted) onEnd();
  const timer = clock.setTimer(WRITE_MS_MAX, () => {
    controller.abort(new Error(`no answer within ${String(WRITE_MS_MAX)} ms`));
  });
  try {
    return await untilAborted(work(controller.signal), controller.signal);
  } finally {
    timer.cancel();
    lifetime.removeEventListener("abort", onEnd);
  }
}

// packages/control/src/events/rate-limited-log.ts
var SILENCE_MS = 6e4;
var RateLimitedLog = class {
  #logger;
  #clock;
  #silent = /* @__PURE__ */ new Map();
  /** For a handful of constant messages: each is remembered. */
  constructor(logger, clock) {
    this.#logger = logger;
    this.#clock = clock;
  }
  warn(fields, message) {
    const nowMs = this.#clock.monotonicMs();
    const silence = this.#silent.get(message);
    if (silence !== void 0 && nowMs < silence.untilMs) {
      silence.leftOut += 1;
      return;
    }
    const leftOut = silence?.leftOut ?? 0;
    this.#silent.set(message, { untilMs: nowMs + SILENCE_MS, leftOut: 0 });
    this.#logger.warn(leftOut === 0 ? fields : { ...fields, leftOut }, message);
  }
};

// packages/control/src/events/event-recorder.ts
var EVENT_RECORDER_LIMITS = {
  queueMax: 1e3,
  writeBurst: 500,
  writeEveryMs: 100
};
var EventRecorder = class extends BaseComponent {
  name = "event-recorder";
  #component;
  #clock;
  #random;
  #log;
  #counters;
  #queue;
  #correlator = new EventCorrelator();
  #pace;
  #budget;
  #sink;
  #lifetime = new AbortController();
  #patience = new AbortController();
  #lastNanos = 0n;
  #wake = () => void 0;
  #isWriting = false;
  #idlers = [];
  #working = Promise.resolve();
  constructor(options) {
    super();
    const { component, clock, logger, random = systemRandom, meter = noopMeter } = options;
    const limits = { ...EVENT_RECORDER_LIMITS, ...options.limits };
    setMaxListeners2(0, this.#lifetime.signal, this.#patience.signal);
    this.#component = component;
    this.#clock = clock;
    this.#random = random;
    this.#log = new RateLimitedLog(logger.child({ component: this.name }), clock);
    this.#counters = countersOf(meter);
    this.#queue = new BoundedQueue(limits.queueMax);
    const { writeBurst: burst, writeEveryMs: refillMs } = limits;
    this.#pace = new TokenBucket({ burst, refillMs }, clock.monotonicMs());
    this.#budget = new TurnBudget(clock);
    const newName = (objectName) => this.#newName(objectName);
    this.#sink = { store: options.store, clock, random, newName };
  }
  /** Tells of something that happened to an object, soon or, when there is too much to tell, not at all. */
  record(event) {
    if (this.state === "draining" || this.state === "closed") {
      this.#counters.dropped.add();
      return;
    }
    try {
      const component = event.component ?? this.#component;
      const name = this.#newName(event.object.metadata.name);
      const occurrence = makeEvent({ ...event, component }, name, this.#clock.now());
      if (this.#queue.push({ occurrence, recordedMs: this.#clock.monotonicMs() })) this.#wake();
      else this.#drop(occurrence);
    } catch (err) {
      this.#counters.failed.add();
      this.#log.warn({ err }, "event could not be made");
    }
  }
  /** Resolves when nothing waits and nothing is being written. */
  async idle() {
    if (this.#isIdle) return;
    await new Promise((resolve) => this.#idlers.push(resolve));
  }
  onStart() {
    this.#working = this.#work();
    return Promise.resolve();
  }
  async onDrain() {
    this.#patience.abort();
    this.#wake();
    await this.#working;
  }
  async onClose() {
    this.#lifetime.abort();
    this.#patience.abort();
    this.#queue.clear();
    this.#wake();
    await this.#working;
    this.#tellIdlers();
  }
  get #isIdle() {
    return this.#queue.length === 0 && !this.#isWriting;
  }
  /** Never rejects. */
  async #work() {
    for (; ; ) {
      const waiting = this.#queue.shift();
      if (waiting === void 0) {
        this.#tellIdlers();
        if (this.#patience.signal.aborted) return;
        await new Promise((resolve) => this.#wake = resolve);
        continue;
      }
      this.#isWriting = true;
      await this.#write(waiting);
      this.#isWriting = false;
      const turn = this.#budget.spent();
      if (turn !== void 0) await turn;
    }
  }
  async #write({ occurrence, recordedMs }) {
    const correlated = this.#correlator.correlate(occurrence, recordedMs);
    if (correlated === void 0) {
      this.#counters.filtered.add();
      return;
    }
    await this.#paced();
    const signals = { lifetime: this.#lifetime.signal, patience: this.#patience.signal };
    try {
      const { result, event } = await storeEvent(this.#sink, correlated.event, signals);
      this.#correlator.stored(correlated.key, event);
      this.#counters[result].add();
    } catch (err) {
      this.#counters.failed.add();
      if (signals.lifetime.aborted) return;
      this.#log.warn({ err, ...fieldsOf(occurrence) }, "event could not be written");
    }
  }
  async #paced() {
    for (; ; ) {
      const nowMs = this.#clock.monotonicMs();
      if (this.#patience.signal.aborted || this.#pace.take(nowMs)) return;
      const { signal } = this.#patience;
      await this.#clock.sleep(this.#pace.waitMs(nowMs), signal).catch(() => void 0);
    }
  }
  #drop(occurrence) {
    this.#counters.dropped.add();
    this.#log.warn(fieldsOf(occurrence), "event dropped, too many wait to be written");
  }
  /** Times within the millisecond are made up, and never the same twice. */
  #newName(objectName) {
    const nanos = BigInt(this.#clock.now()) * 1000000n + BigInt(this.#randomBelow(1e6));
    this.#lastNanos = nanos > this.#lastNanos ? nanos : this.#lastNanos + 1n;
    return eventName(objectName, this.#lastNanos);
  }
  #randomBelow(bound) {
    return Math.floor(this.#random.next() * bound);
  }
  #tellIdlers() {
    for (const resolve of this.#idlers.splice(0)) resolve();
  }
};
function fieldsOf({ involvedObject, reason }) {
  const { kind, namespace, name } = involvedObject;
  return { kind, namespace, name, reason };
}
function countersOf(meter) {
  const total = meter.counter({
    name: "afflux_kubernetes_events_total",
    help: "Kubernetes Events recorded, by what became of them.",
    labels: ["result"]
  });
  return {
    created: total.labels("created"),
    counted: total.labels("counted"),
    filtered: total.labels("filtered"),
    dropped: total.labels("dropped"),
    failed: total.labels("failed")
  };
}

// packages/control/src/informer/object-cache.ts
import assert4 from "node:assert/strict";
var byOwnerUid = (object) => (object.metadata.ownerReferences ?? []).map((owner) => owner.uid);
var ObjectCache = class {
  #objects = /* @__PURE__ */ new Map();
  #indexes = /* @__PURE__ */ new Map();
  get size() {
    return this.#objects.size;
  }
  get(key) {
    return this.#objects.get(key);
  }
  all() {
    return this.#objects.values();
  }
  /** Stores an object and gives back the one that it replaces. */
  set(object) {
    const key = keyOf(object);
    const old = this.#objects.get(key);
    this.#objects.set(key, object);
    for (const index of this.#indexes.values()) reindex(index, key, old, object);
    return old;
  }
  /** Removes an object and gives it back. */
  delete(key) {
    const old = this.#objects.get(key);
    this.#objects.delete(key);
    for (const index of this.#indexes.values()) reindex(index, key, old, void 0);
    return old;
  }
  /** The same name twice is a programmer error. */
  addIndex(name, valuesOf) {
    assert4(!this.#indexes.has(name), `index ${name} exists already`);
    const index = { valuesOf, keys: /* @__PURE__ */ new Map() };
    this.#indexes.set(name, index);
    for (const [key, object] of this.#objects) reindex(index, key, void 0, object);
  }
  hasIndex(name) {
    return this.#indexes.has(name);
  }
  /** Objects found under that value, in order of their arrival there. An unknown index is a programmer error. */
  byIndex(name, value) {
    const index = this.#indexes.get(name);
    assert4(index !== void 0, `there is no index ${name}`);
    const keys = index.keys.get(value);
    return keys === void 0 ? [] : [...keys].flatMap((key) => this.#objects.get(key) ?? []);
  }
};
function reindex(index, key, old, next) {
  const before = old === void 0 ? [] : index.valuesOf(old);
  const after = next === void 0 ? [] : index.valuesOf(next);
  for (const value of before) {
    if (after.includes(value)) continue;
    const keys = index.keys.get(value);
    keys?.delete(key);
    if (keys?.size === 0) index.keys.delete(value);
  }
  for (const value of after) {
    const keys = index.keys.get(value);
    if (keys === void 0) index.keys.set(value, /* @__PURE__ */ new Set([key]));
    else keys.add(key);
  }
}

// packages/control/src/informer/reconnect-backoff.ts
var DELAY_MS3 = 800;
var DELAY_MS_MAX2 = 3e4;
var FORGET_AFTER_MS = 12e4;
var ReconnectBackoff = class {
  #clock;
  #random;
  #failures = 0;
  #lastMs = 0;
  constructor(clock, random) {
    this.#clock = clock;
    this.#random = random;
  }
  /** The wait after one more failure. */
  nextMs() {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#lastMs > FORGET_AFTER_MS) this.#failures = 0;
    this.#failures += 1;
    const delayMs = backoffMs(this.#failures, {
      policy: "exponential",
      delayMs: DELAY_MS3,
      delayMsMax: DELAY_MS_MAX2
    });
    const waitMs = delayMs * (1 + this.#random.next());
    this.#lastMs = nowMs + waitMs;
    return waitMs;
  }
};

// packages/control/src/informer/reflector.ts
var SILENCE_MS_MAX = 15e4;
var SHORT_WATCH_MS = 1e3;
function isOver(signal) {
  return signal.aborted;
}
var Reflector = class {
  #options;
  #clock;
  #backoff;
  #budget;
  #version;
  #lastSignMs = 0;
  /** Changes since the last list; a list that expires before any change came must not repeat at once. */
  #changeCount = 0;
  #isYielding = false;
  constructor(options) {
    this.#options = options;
    this.#clock = options.clock;
    this.#backoff = new ReconnectBackoff(options.clock, options.random);
    this.#budget = new TurnBudget(options.clock);
  }
  /** True while it pauses in the middle of a burst for the sake of the event loop. */
  get isYielding() {
    return this.#isYielding;
  }
  /** Resolves when the signal aborts; never rejects. */
  async run(signal) {
    while (!signal.aborted) {
      try {
        if (this.#version === void 0) await this.#list(signal);
        else await this.#watch(this.#version, signal);
      } catch (err) {
        if (!isOver(signal)) await this.#recover(err, signal);
      }
    }
  }
  async #list(signal) {
    const { store, gvk, sink } = this.#options;
    const { items, resourceVersion } = await store.list(gvk, { signal });
    if (isOver(signal)) return;
    sink.begin(items);
    for (const item of items) {
      sink.put(item);
      const turn = this.#budget.spent();
      if (turn !== void 0) await this.#pause(turn);
      if (isOver(signal)) return;
    }
    this.#version = resourceVersion;
    this.#changeCount = 0;
    sink.synced();
  }
  async #watch(resourceVersion, signal) {
    const { store, gvk, sink } = this.#options;
    const attempt2 = new AbortController();
    const abort = () => {
      attempt2.abort();
    };
    signal.addEventListener("abort", abort, { once: true });
    const beganMs = this.#clock.monotonicMs();
    const guard = this.#guardSilence(beganMs, abort);
    let isEmpty = true;
    try {
      for await (const change of store.watch(gvk, { resourceVersion, signal: attempt2.signal })) {
        isEmpty = false;
        this.#lastSignMs = this.#clock.monotonicMs();
        this.#apply(change);
        const turn = this.#budget.spent();
        if (turn !== void 0) await this.#pause(turn);
      }
    } finally {
      guard.stop();
      signal.removeEventListener("abort", abort);
      abort();
    }
    if (isOver(signal)) return;
    sink.watchEnded(guard.wasSilent ? "silent" : "ended");
    if (isEmpty && this.#elapsedMs(beganMs) < SHORT_WATCH_MS) await this.#wait(signal);
  }
  #apply(change) {
    const { sink } = this.#options;
    switch (change.type) {
      case "BOOKMARK":
        this.#version = change.resourceVersion;
        return;
      case "ADDED":
      case "MODIFIED":
        sink.put(change.object);
        break;
      case "DELETED":
        sink.remove(change.object);
        break;
    }
    this.#changeCount += 1;
    this.#version = change.object.metadata.resourceVersion ?? this.#version;
  }
  async #recover(err, signal) {
    const { logger, sink } = this.#options;
    if (isExpired(err)) {
      sink.watchEnded("expired");
      this.#version = void 0;
      logger.info({ err }, "watch expired, listing again");
      if (this.#changeCount > 0) return;
    } else if (err instanceof AffluxError && err.retryable) {
      sink.watchEnded("unavailable");
      logger.warn({ err }, "store unavailable, trying again");
    } else {
      sink.watchEnded("failed");
      this.#version = void 0;
      logger.warn({ err }, "list or watch failed, listing again");
    }
    await this.#wait(signal);
  }
  async #wait(signal) {
    await this.#clock.sleep(this.#backoff.nextMs(), signal).catch(() => void 0);
  }
  async #pause(turn) {
    this.#isYielding = true;
    await turn;
    this.#isYielding = false;
  }
  #elapsedMs(sinceMs) {
    return this.#clock.monotonicMs() - sinceMs;
  }
  /** Calls `abort` when no change came for too long. One timer, armed anew only when it fires. */
  #guardSilence(beganMs, abort) {
    this.#lastSignMs = beganMs;
    const check = () => {
      const silentMs = this.#elapsedMs(this.#lastSignMs);
      if (silentMs < SILENCE_MS_MAX) {
        timer = this.#clock.setTimer(SILENCE_MS_MAX - silentMs, check);
        return;
      }
      guard.wasSilent = true;
      abort();
    };
    let timer = this.#clock.setTimer(SILENCE_MS_MAX, check);
    const guard = {
      wasSilent: false,
      stop: () => {
        timer.cancel();
      }
    };
    return guard;
  }
};

// packages/control/src/informer/informer.ts
var Informer = class extends BaseComponent {
  name;
  gvk;
  #logger;
  #reflector;
  #cache = new ObjectCache();
  #handlers = /* @__PURE__ */ new Set();
  #lifetime = new AbortController();
  #countEnding;
  #stopObserving;
  #hasSynced = false;
  #onSynced;
  constructor(options) {
    super();
    const { store, gvk, clock, random = systemRandom, meter = noopMeter } = options;
    this.gvk = { apiVersion: gvk.apiVersion, kind: gvk.kind };
    this.name = `informer ${kindId(gvk)}`;
    this.#logger = options.logger.child({ component: "informer", watched: kindId(gvk) });
    const endings = meter.counter({
      name: "afflux_informer_watch_ends_total",
      help: "Watches that ended, by kind and by how.",
      labels: ["kind", "ending"]
    });
    this.#countEnding = (ending) => {
      endings.labels(kindId(gvk), ending).add();
    };
    this.#stopObserving = meter.observe(
      { name: "afflux_informer_objects", help: "Objects in the cache, by kind.", labels: ["kind"] },
      () => [{ value: this.#cache.size, labels: [kindId(gvk)] }]
    );
    this.#reflector = new Reflector({
      store,
      gvk: this.gvk,
      clock,
      random,
      logger: this.#logger,
      sink: {
        begin: (items) => {
          this.#removeOthers(items);
        },
        put: (object) => {
          this.#put(object);
        },
        remove: (object) => {
          this.#remove(object);
        },
        synced: () => {
          this.#hasSynced = true;
          this.#onSynced?.();
        },
        watchEnded: this.#countEnding
      }
    });
  }
  /** Whether the cache has held a complete picture once. It may always be a little behind the store. */
  get hasSynced() {
    return this.#hasSynced;
  }
  /** False while changes that have already arrived wait for a turn of the event loop. */
  get isIdle() {
    return !this.#reflector.isYielding;
  }
  /** Number of objects known. */
  get size() {
    return this.#cache.size;
  }
  /** The object, frozen. The namespace is undefined for cluster-scoped kinds. */
  get(namespace, name) {
    return this.#cache.get(formatKey({ namespace, name }));
  }
  /** All objects, or those of one namespace, in no order. */
  list(namespace) {
    const all = [...this.#cache.all()];
    return namespace === void 0 ? all : all.filter((object) => object.metadata.namespace === namespace);
  }
  /** Adds an index, at any time, unless one of this name exists. `byLabel(…)` and `byOwnerUid` are ready-made. */
  addIndex(name, valuesOf) {
    if (!this.#cache.hasIndex(name)) this.#cache.addIndex(name, valuesOf);
  }
  /** The objects that the index files under this value. An index that was not added is a programmer error. */
  byIndex(name, value) {
    return this.#cache.byIndex(name, value);
  }
  /**
   * Registers a handler; it is called at once with an addition for every object known by now. The function
   * returned takes it off again.
   */
  onChange(handler) {
    for (const object of this.#cache.all()) this.#call(handler, { new: object });
    this.#handlers.add(handler);
    return () => void this.#handlers.delete(handler);
  }
  onStart(signal) {
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        if (signal !== void 0) reject(abortedError(signal));
      };
      const settle = () => {
        signal?.removeEventListener("abort", onAbort);
        resolve();
      };
      this.#onSynced = settle;
      signal?.addEventListener("abort", onAbort, { once: true });
      this.#lifetime.signal.addEventListener("abort", settle, { once: true });
      void this.#reflector.run(this.#lifetime.signal);
    });
  }
  onClose() {
    this.#lifetime.abort();
    this.#stopObserving();
    this.#handlers.clear();
    return Promise.resolve();
  }
  #removeOthers(items) {
    const present = new Set(items.map(keyOf));
    for (const object of this.list()) {
      if (!present.has(keyOf(object))) this.#remove(object);
    }
  }
  #put(object) {
    const old = this.#cache.get(keyOf(object));
    if (old !== void 0) {
      if (old.metadata.uid !== object.metadata.uid) this.#remove(old);
      else if (old.metadata.resourceVersion === object.metadata.resourceVersion) return;
    }
    const replaced = this.#cache.set(object);
    this.#notify(replaced === void 0 ? { new: object } : { old: replaced, new: object });
  }
  #remove(object) {
    const key = keyOf(object);
    if (this.#cache.get(key)?.metadata.uid !== object.metadata.uid) return;
    if (this.#cache.delete(key) !== void 0) this.#notify({ old: object });
  }
  #notify(change) {
    for (const handler of this.#handlers) this.#call(handler, change);
  }
  #call(handler, change) {
    try {
      handler(change);
    } catch (err) {
      this.#logger.error({ err }, "change handler failed");
    }
  }
};

// packages/control/src/informer/informer-set.ts
var InformerSet = class extends BaseComponent {
  name = "informers";
  #options;
  #informers = /* @__PURE__ */ new Map();
  constructor(options) {
    super();
    this.#options = options;
  }
  /**
   * The one informer of a kind. After the start of the set it starts by itself; look at `hasSynced`, or await
   * its `start()`, before relying on it. The type parameter is the caller's word that objects of the kind
   * look like that, which admission sees to.
   */
  get(gvk) {
    const id = kindId(gvk);
    let informer = this.#informers.get(id);
    if (informer === void 0) {
      informer = new Informer({ ...this.#options, gvk });
      this.#informers.set(id, informer);
      if (this.state === "starting" || this.state === "running") this.#startLate(informer);
    }
    return informer;
  }
  /** Whether no informer holds back changes that have already arrived. */
  get isIdle() {
    return [...this.#informers.values()].every((informer) => informer.isIdle);
  }
  /** Resolves when {@link isIdle}. */
  async idle() {
    while (!this.isIdle) await nextTurn();
  }
  async onStart(signal) {
    await Promise.all([...this.#informers.values()].map((informer) => informer.start(signal)));
  }
  async onClose() {
    await Promise.all([...this.#informers.values()].map((informer) => informer.close()));
  }
  #startLate(informer) {
    informer.start().catch((err) => {
      if (this.state === "closed") return;
      this.#options.logger.error({ err, component: informer.name }, "informer did not start");
    });
  }
};

// packages/control/src/memory/limits.ts
var MEMORY_STORE_LIMITS = {
  objectsPerNamespaceMax: 1e4,
  objectBytesMax: 1572864,
  historyMax: 5e3,
  watchBacklogMax: 1e4,
  watchesMax: 1e4,
  bookmarkEveryMs: 6e4
};

// packages/control/src/store/refusals.ts
function resourceName(kind) {
  return kind.group === "" ? kind.plural : `${kind.plural}.${kind.group}`;
}
function detailsOf(kind, key) {
  return {
    kind: kind.kind,
    group: kind.group,
    plural: kind.plural,
    namespace: key.namespace,
    name: key.name
  };
}
function kindUnknown(kind) {
  return new StoreError(
    "AFFLUX_STORE_KIND_UNKNOWN",
    `the store has no kind ${kind.kind} in ${kind.apiVersion}`,
    { details: { apiVersion: kind.apiVersion, kind: kind.kind } }
  );
}
function noStatusSubresource(kind, key) {
  return new StoreError(
    "AFFLUX_STORE_KIND_UNKNOWN",
    `${resourceName(kind)} have no status subresource`,
    { details: detailsOf(kind, key) }
  );
}
function notFound(kind, key) {
  return new StoreError("AFFLUX_STORE_NOT_FOUND", `${resourceName(kind)} "${key.name}" not found`, {
    details: detailsOf(kind, key)
  });
}
function alreadyExists(kind, key) {
  return new StoreError(
    "AFFLUX_STORE_ALREADY_EXISTS",
    `${resourceName(kind)} "${key.name}" already exists`,
    { details: detailsOf(kind, key) }
  );
}
function modified(kind, key) {
  return conflict(
    kind,
    key,
    "the object has been modified; please apply your changes to the latest version and try again"
  );
}
function preconditionFailed(kind, key, field, wanted, actual) {
  return conflict(
    kind,
    key,
    `Precondition failed: ${field} in precondition: ${wanted}, ${field} in object meta: ${actual}`
  );
}
function conflict(kind, key, why) {
  return new StoreError(
    "AFFLUX_STORE_CONFLICT",
    `Operation cannot be fulfilled on ${resourceName(kind)} "${key.name}": ${why}`,
    { details: detailsOf(kind, key) }
  );
}
var CAUSE_REASONS = {
  "Invalid value": "FieldValueInvalid",
  "Required value": "FieldValueRequired",
  Forbidden: "FieldValueForbidden"
};
function problemText({ problem, value, detail }) {
  const parts = [problem];
  if (value !== void 0) parts.push(JSON.stringify(value));
  if (detail !== void 0) parts.push(detail);
  return parts.join(": ");
}
function refusalText(refusal) {
  return `${refusal.field}: ${problemText(refusal)}`;
}
function invalid(kind, key, refusals) {
  const texts = refusals.map(refusalText);
  const name = kind.group === "" ? kind.kind : `${kind.kind}.${kind.group}`;
  const list = texts.length === 1 ? texts.join("") : `[${texts.join(", ")}]`;
  return new StoreError("AFFLUX_STORE_INVALID", `${name} "${key.name}" is invalid: ${list}`, {
    details: {
      ...detailsOf(kind, key),
      causes: refusals.map((refusal) => ({
        reason: CAUSE_REASONS[refusal.problem],
        message: problemText(refusal),
        field: refusal.field
      }))
    }
  });
}
function unsupportedPatch() {
  return new StoreError(
    "AFFLUX_STORE_UNSUPPORTED_MEDIA_TYPE",
    "the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml"
  );
}
function cannotBeKept(cause) {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new StoreError("AFFLUX_STORE_UNAVAILABLE", `the object cannot be kept: ${why}`, { cause });
}
function badRequest(message) {
  return new StoreError("AFFLUX_STORE_BAD_REQUEST", message);
}
function quotaExceeded(kind, key, objectsMax) {
  const where = key.namespace === void 0 ? "the cluster scope" : `namespace "${key.namespace}"`;
  return new StoreError(
    "AFFLUX_STORE_QUOTA_EXCEEDED",
    `${resourceName(kind)} "${key.name}" is forbidden: exceeded quota: ${where} holds ${String(objectsMax)} objects, which is all it may`,
    { details: { ...detailsOf(kind, key), objectsMax } }
  );
}
function tooLarge(kind, key, bytes, bytesMax) {
  return new StoreError(
    "AFFLUX_STORE_TOO_LARGE",
    `${resourceName(kind)} "${key.name}" takes ${String(bytes)} bytes of JSON; at most ${String(bytesMax)} are stored`,
    { details: { ...detailsOf(kind, key), bytes, bytesMax } }
  );
}
function expired(wanted, oldest) {
  return new StoreError("AFFLUX_STORE_EXPIRED", `too old resource version: ${wanted} (${oldest})`, {
    details: { resourceVersion: wanted, oldestResourceVersion: oldest }
  });
}
function readerTooSlow(backlogMax) {
  return new StoreError(
    "AFFLUX_STORE_EXPIRED",
    `the watch ended because ${String(backlogMax)} changes waited for its reader`,
    { details: { backlogMax } }
  );
}
function tooManyWatches(watchesMax) {
  return new StoreError(
    "AFFLUX_STORE_TOO_MANY_WATCHES",
    `the store serves ${String(watchesMax)} watches already, which is all it does`,
    { details: { watchesMax } }
  );
}

// packages/control/src/store/selectors.ts
var REQUIREMENTS_MAX = 100;
var COMMON_FIELDS = ["metadata.name", "metadata.namespace"];
function isList(selector) {
  return Array.isArray(selector);
}
function meets({ operator, values = [] }, found) {
  switch (operator) {
    case "In":
      return found !== void 0 && values.includes(found);
    case "NotIn":
      return found === void 0 || !values.includes(found);
    case "Exists":
      return found !== void 0;
    case "DoesNotExist":
      return found === void 0;
  }
}
function matchesLabels(object, selector) {
  if (selector === void 0) return true;
  const labels = object.metadata.labels ?? {};
  const valueOf = (key) => Object.hasOwn(labels, key) ? labels[key] : void 0;
  return isList(selector) ? selector.every((requirement) => meets(requirement, valueOf(requirement.key))) : Object.entries(selector).every(([key, value]) => valueOf(key) === value);
}
function fieldText(object, path) {
  let value = object;
  for (const step of path.split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, step)) return "";
    value = value[step];
  }
  switch (typeof value) {
    case "string":
      return value;
    case "number":
    case "boolean":
      return String(value);
    default:
      return "";
  }
}
function matchesSelectors(object, filter) {
  return matchesLabels(object, filter.labelSelector) && (filter.fieldSelector ?? []).every(
    (requirement) => meets(requirement, fieldText(object, requirement.key))
  );
}
function matchesFilter(object, filter) {
  const isInside = filter.namespace === void 0 || filter.namespace === object.metadata.namespace;
  return isInside && matchesSelectors(object, filter);
}
function checkFieldSelector(kind, selector) {
  for (const { key, operator } of selector ?? []) {
    if (operator !== "In" && operator !== "NotIn") {
      throw badRequest(`field selectors know =, == and != only: ${key}`);
    }
    if (!COMMON_FIELDS.includes(key) && kind.selectableFields?.includes(key) !== true) {
      throw badRequest(`field label not supported: ${key}`);
    }
  }
}
function parseLabelSelector(text) {
  return bounded(splitOutside(text)).map((part) => parseLabelPart(part));
}
function splitOutside(text) {
  const parts = text.match(/(?:[^,()]|\([^()]*\))+|[()]/g) ?? [];
  return parts.map((part) => part.trim()).filter((part) => part !== "");
}
function bounded(parts) {
  if (parts.length <= REQUIREMENTS_MAX) return parts;
  throw badRequest(`a selector may have at most ${String(REQUIREMENTS_MAX)} conditions`);
}
var KEY = "[A-Za-z0-9](?:[-A-Za-z0-9_./]*[A-Za-z0-9])?";
var EXISTENCE = new RegExp(`^(!?)\\s*(${KEY})$`);
var EQUALITY = new RegExp(`^(${KEY})\\s*(==|=|!=)\\s*([-A-Za-z0-9_.]*)$`);
var MEMBERSHIP = new RegExp(`^(${KEY})\\s+(in|notin)\\s*\\(([^()]*)\\)$`);
function parseLabelPart(part) {
  const existence = EXISTENCE.exec(part);
  if (existence !== null) {
    const [, not, key = ""] = existence;
    return { key, operator: not === "!" ? "DoesNotExist" : "Exists" };
  }
  const equality = EQUALITY.exec(part);
  if (equality !== null) {
    const [, key = "", operator, value = ""] = equality;
    return { key, operator: operator === "!=" ? "NotIn" : "In", values: [value] };
  }
  const membership = MEMBERSHIP.exec(part);
  if (membership !== null) {
    const [, key = "", operator, list = ""] = membership;
    const values = list.split(",").map((value) => value.trim());
    return { key, operator: operator === "in" ? "In" : "NotIn", values };
  }
  throw badRequest(
    `unable to parse requirement: ${JSON.stringify(part)}: expected key, !key, key=value, key!=value, key in (a, b) or key notin (a, b)`
  );
}
function parseFieldSelector(text) {
  const parts = text.match(/(?:\\.|[^,\\])+/gs) ?? [];
  return bounded(parts.filter((part) => part.trim() !== "")).map((part) => {
    const [, key, operator, value] = /^([^=!\\]+?)(==|=|!=)(.*)$/s.exec(part) ?? [];
    if (key === void 0 || value === void 0) {
      throw badRequest(
        `invalid selector: ${JSON.stringify(text)}; can't understand ${JSON.stringify(part)}`
      );
    }
    return {
      key: key.trim(),
      operator: operator === "!=" ? "NotIn" : "In",
      values: [value.replace(/\\(.)/gs, "$1")]
    };
  });
}

// packages/control/src/memory/name-rules.ts
var QUALIFIED_PART = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?$/;
var LABEL_LENGTH_MAX = 63;
var ANNOTATION_BYTES_MAX = 262144;
function isQualifiedName(text) {
  const slash = text.indexOf("/");
  const name = text.slice(slash + 1);
  const hasGoodName = name.length <= LABEL_LENGTH_MAX && QUALIFIED_PART.test(name);
  return hasGoodName && (slash === -1 || isDnsSubdomain(text.slice(0, slash)));
}
var NAME_RULES = {
  subdomain: {
    test: isDnsSubdomain,
    detail: 'at most 253 lower-case letters, digits, "-" and "."; each part begins and ends with a letter or digit'
  },
  label: {
    test: isDnsLabel,
    detail: 'at most 63 lower-case letters, digits and "-"; begins and ends with a letter or digit'
  },
  service: {
    test: isServiceName,
    detail: 'at most 63 lower-case letters, digits and "-"; begins with a letter, ends with a letter or digit'
  }
};
function nameRuleOf(group, plural) {
  if (group !== "") return "subdomain";
  if (plural === "services") return "service";
  return plural === "namespaces" ? "label" : "subdomain";
}
function checkName(group, plural, name) {
  if (name === "") {
    return [
      {
        field: "metadata.name",
        problem: "Required value",
        detail: "name or generateName is required"
      }
    ];
  }
  const { test, detail } = NAME_RULES[nameRuleOf(group, plural)];
  return test(name) ? [] : [{ field: "metadata.name", problem: "Invalid value", value: name, detail }];
}
function checkNamespace(namespaced, namespace) {
  const field = "metadata.namespace";
  if (!namespaced) {
    return namespace === void 0 ? [] : [{ field, problem: "Forbidden", detail: "not allowed on this type" }];
  }
  if (namespace === void 0 || namespace === "") return [{ field, problem: "Required value" }];
  const { test, detail } = NAME_RULES.label;
  return test(namespace) ? [] : [{ field, problem: "Invalid value", value: namespace, detail }];
}
function badKey(field, key) {
  return {
    field,
    problem: "Invalid value",
    value: key,
    detail: 'must be an optional DNS subdomain and "/", then at most 63 letters, digits, "-", "_" and "."'
  };
}
function checkLabels(labels) {
  const refusals = [];
  for (const [key, value] of Object.entries(labels)) {
    if (!isQualifiedName(key)) refusals.push(badKey("metadata.labels", key));
    if (value !== "" && (value.length > LABEL_LENGTH_MAX || !QUALIFIED_PART.test(value))) {
      refusals.push({
        field: "metadata.labels",
        problem: "Invalid value",
        value,
        detail: 'must be empty or at most 63 letters, digits, "-", "_" and "."'
      });
    }
  }
  return refusals;
}
function checkAnnotations(annotations) {
  const refusals = [];
  let bytes = 0;
  for (const [key, value] of Object.entries(annotations)) {
    bytes += Buffer.byteLength(key) + Buffer.byteLength(value);
    if (!isQualifiedName(key.toLowerCase())) refusals.push(badKey("metadata.annotations", key));
  }
  if (bytes > ANNOTATION_BYTES_MAX) {
    refusals.push({
      field: "metadata.annotations",
      problem: "Invalid value",
      detail: `${String(bytes)} bytes in all; at most ${String(ANNOTATION_BYTES_MAX)} are allowed`
    });
  }
  return refusals;
}
function checkFinalizers(finalizers) {
  return finalizers.filter((finalizer) => !isQualifiedName(finalizer)).map((finalizer) => badKey("metadata.finalizers", finalizer));
}

// packages/control/src/memory/write-rules.ts
var FOREGROUND_FINALIZER = "foregroundDeletion";
var ORPHAN_FINALIZER = "orphan";
var SYSTEM_FIELDS = /* @__PURE__ */ new Set([
  "uid",
  "resourceVersion",
  "creationTimestamp",
  "generation",
  "deletionTimestamp",
  "deletionGracePeriodSeconds",
  "selfLink"
]);
function pickFields(metadata, areSystem) {
  const entries = Object.entries(metadata);
  return Object.fromEntries(entries.filter(([field]) => SYSTEM_FIELDS.has(field) === areSystem));
}
function isKubernetesGroup({ group }) {
  return !group.includes(".") || group.endsWith(".k8s.io");
}
var WITHOUT_GENERATION = /* @__PURE__ */ new Set(["", "coordination.k8s.io"]);
function countsGenerations(kind) {
  return !WITHOUT_GENERATION.has(kind.group);
}
function isRecord(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
function assertObjectShape(value) {
  if (!isRecord(value)) throw badRequest("an object must be a JSON object");
  for (const field of ["apiVersion", "kind"]) {
    if (typeof value[field] !== "string" || value[field] === "") {
      throw badRequest(`an object needs the text field ${field}`);
    }
  }
  const metadata = value["metadata"];
  if (!isRecord(metadata)) throw badRequest("an object needs metadata");
  for (const field of ["name", "namespace", "generateName", "uid", "resourceVersion"]) {
    const text = metadata[field];
    if (text !== void 0 && typeof text !== "string") {
      throw badRequest(`metadata.${field} must be text`);
    }
  }
  for (const field of ["labels", "annotations"]) assertTexts(metadata[field], `metadata.${field}`);
  assertList(metadata["finalizers"], "metadata.finalizers", (item) => typeof item === "string");
  assertList(metadata["ownerReferences"], "metadata.ownerReferences", isRecord);
}
function assertTexts(value, path) {
  if (value === void 0) return;
  const areTexts = isRecord(value) && Object.values(value).every((item) => typeof item === "string");
  if (!areTexts) throw badRequest(`${path} must map text to text`);
}
function assertList(value, path, test) {
  if (value === void 0) return;
  if (!Array.isArray(value) || !value.every(test)) throw badRequest(`${path} has the wrong type`);
}
function stampNew(draft, kind, stamp) {
  const { metadata } = draft;
  if (metadata.resourceVersion !== void 0 && metadata.resourceVersion !== "") {
    throw badRequest("resourceVersion should not be set on objects to be created");
  }
  draft.metadata = {
    name: metadata.name,
    ...pickFields(metadata, false),
    uid: stamp.uid,
    creationTimestamp: stamp.now,
    ...countsGenerations(kind) ? { generation: 1 } : {}
  };
  if (kind.hasStatus) delete draft.status;
}
function checkVersion(draft, old, kind) {
  const { uid, resourceVersion } = draft.metadata;
  const actualUid = old.metadata.uid ?? "";
  if (uid !== void 0 && uid !== "" && uid !== actualUid) {
    throw preconditionFailed(kind, old.metadata, "UID", uid, actualUid);
  }
  if (resourceVersion === void 0 || resourceVersion === "") {
    if (isKubernetesGroup(kind)) return;
    throw invalid(kind, old.metadata, [
      {
        field: "metadata.resourceVersion",
        problem: "Invalid value",
        value: "",
        detail: "must be specified for an update"
      }
    ]);
  }
  if (resourceVersion !== old.metadata.resourceVersion) throw modified(kind, old.metadata);
}
function keepSystemFields(draft, old, kind) {
  draft.metadata = {
    name: old.metadata.name,
    ...pickFields(draft.metadata, false),
    ...pickFields(old.metadata, true)
  };
  if (!kind.hasStatus) return;
  if (old.status === void 0) delete draft.status;
  else draft.status = old.status;
}
function changesGeneration(next, old, kind) {
  if (!countsGenerations(kind)) return false;
  const after = next;
  const before = old;
  const isCounted = (field) => field !== "metadata" && (field !== "status" || !kind.hasStatus);
  return Object.keys(after).some((field) => isCounted(field) && after[field] !== before[field]) || Object.keys(before).some((field) => isCounted(field) && !Object.hasOwn(after, field));
}
function checkMetadata(object, old, kind) {
  const { metadata } = object;
  const refusals = [
    ...checkName(kind.group, kind.plural, metadata.name),
    ...checkNamespace(kind.namespaced, metadata.namespace),
    ...checkLabels(metadata.labels ?? {}),
    ...checkAnnotations(metadata.annotations ?? {}),
    ...checkFinalizers(metadata.finalizers ?? []),
    ...checkOwners(metadata.ownerReferences ?? []),
    ...checkNewFinalizers(metadata, old?.metadata)
  ];
  if (refusals.length > 0) throw invalid(kind, metadata, refusals);
}
function checkOwners(owners) {
  const refusals = [];
  for (const [index, owner] of owners.entries()) {
    for (const part of ["apiVersion", "kind", "name", "uid"]) {
      if (typeof owner[part] === "string" && owner[part] !== "") continue;
      refusals.push({
        field: `metadata.ownerReferences[${String(index)}].${part}`,
        problem: "Required value"
      });
    }
  }
  if (owners.filter((owner) => owner.controller === true).length > 1) {
    refusals.push({
      field: "metadata.ownerReferences",
      problem: "Invalid value",
      detail: "only one owner can be the controller"
    });
  }
  return refusals;
}
function checkNewFinalizers(next, old) {
  if (old?.deletionTimestamp === void 0) return [];
  const added = (next.finalizers ?? []).filter((name) => old.finalizers?.includes(name) !== true);
  if (added.length === 0) return [];
  return [
    {
      field: "metadata.finalizers",
      problem: "Forbidden",
      detail: `no new finalizers can be added if the object is being deleted, found new finalizers ${JSON.stringify(added)}`
    }
  ];
}

// packages/control/src/memory/deletion.ts
var FINALIZER_OF = {
  Background: void 0,
  Foreground: FOREGROUND_FINALIZER,
  Orphan: ORPHAN_FINALIZER
};
function deletionOf(object, propagation, now) {
  const { metadata } = object;
  const isNew = metadata.deletionTimestamp === void 0;
  const finalizers = new Set(metadata.finalizers);
  const added = FINALIZER_OF[propagation];
  if (isNew && added !== void 0) finalizers.add(added);
  if (finalizers.size === 0) return void 0;
  if (!isNew) return object;
  return {
    ...object,
    metadata: {
      ...metadata,
      finalizers: [...finalizers],
      deletionTimestamp: now,
      deletionGracePeriodSeconds: 0,
      ...metadata.generation === void 0 ? {} : { generation: metadata.generation + 1 }
    }
  };
}
function checkPreconditions(kind, { metadata }, { uid, resourceVersion }) {
  const { uid: actualUid = "", resourceVersion: actualVersion = "" } = metadata;
  if (uid !== void 0 && uid !== actualUid) {
    throw preconditionFailed(kind, metadata, "UID", uid, actualUid);
  }
  if (resourceVersion !== void 0 && resourceVersion !== actualVersion) {
    throw preconditionFailed(kind, metadata, "ResourceVersion", resourceVersion, actualVersion);
  }
}

// packages/control/src/memory/garbage-collector.ts
var PAUSE_MS = 1e3;
function hasFinalizer2(object, finalizer) {
  return object.metadata.finalizers?.includes(finalizer) === true;
}
function isForegroundDeleting(object) {
  return object.metadata.deletionTimestamp !== void 0 && hasFinalizer2(object, FOREGROUND_FINALIZER);
}
function ownersOf(object) {
  return object?.metadata.ownerReferences ?? [];
}
var GarbageCollector = class {
  #host;
  #logger;
  #clock;
  #budget;
  #objects = /* @__PURE__ */ new Map();
  #dependents = /* @__PURE__ */ new Map();
  #due = /* @__PURE__ */ new Set();
  #isRunning = false;
  #isPaused = false;
  constructor(host, clock, logger) {
    this.#host = host;
    this.#logger = logger;
    this.#clock = clock;
    this.#budget = new TurnBudget(clock);
  }
  /** What the store was told could not be kept: look again later, not at once and for ever. */
  pause() {
    if (this.#isPaused) return;
    this.#isPaused = true;
    this.#clock.setTimer(PAUSE_MS, () => {
      this.#isPaused = false;
      this.#begin();
    });
  }
  /** Called for every change, after it was stored. */
  observe(next, old) {
    const uid = (next ?? old)?.metadata.uid;
    if (uid === void 0) return;
    if (next === void 0) this.#objects.delete(uid);
    else this.#objects.set(uid, next);
    if (next?.metadata.ownerReferences !== old?.metadata.ownerReferences) {
      this.#reindex(uid, next, old);
      if (next !== void 0) this.#look(uid);
    }
    if (next === void 0) {
      for (const dependent of this.#dependents.get(uid) ?? []) this.#look(dependent);
      for (const owner of ownersOf(old)) this.#look(owner.uid);
    } else if (next.metadata.deletionTimestamp !== void 0) {
      this.#look(uid);
    }
  }
  #reindex(uid, next, old) {
    for (const owner of ownersOf(old)) {
      const dependents = this.#dependents.get(owner.uid);
      dependents?.delete(uid);
      if (dependents?.size === 0) this.#dependents.delete(owner.uid);
    }
    for (const owner of ownersOf(next)) {
      const dependents = this.#dependents.get(owner.uid) ?? /* @__PURE__ */ new Set();
      this.#dependents.set(owner.uid, dependents);
      dependents.add(uid);
    }
  }
  #look(uid) {
    this.#due.add(uid);
    this.#begin();
  }
  #begin() {
    if (this.#isRunning || this.#isPaused || this.#due.size === 0) return;
    this.#isRunning = true;
    void this.#run();
  }
  async #run() {
    await Promise.resolve();
    for (const uid of this.#due) {
      if (this.#isPaused) break;
      this.#due.delete(uid);
      this.#examine(uid);
      const turn = this.#budget.spent();
      if (turn !== void 0) await turn;
    }
    this.#isRunning = false;
  }
  #examine(uid) {
    const object = this.#objects.get(uid);
    if (object === void 0) return;
    try {
      if (object.metadata.deletionTimestamp === void 0) this.#collect(object);
      else if (hasFinalizer2(object, ORPHAN_FINALIZER)) this.#orphanDependents(object, uid);
      else if (isForegroundDeleting(object)) this.#awaitDependents(object, uid);
    } catch (err) {
      const { namespace, name } = object.metadata;
      this.#logger.error({ err, kind: object.kind, namespace, name }, "garbage collection failed");
    }
  }
  #collect(object) {
    const owners = ownersOf(object);
    const solid = owners.filter((owner) => this.#stateOf(owner, object) === "solid");
    if (solid.length === owners.length) return;
    if (solid.length > 0) {
      this.#host.setMetadata(object, { ownerReferences: solid });
      return;
    }
    const isAwaited = owners.some((owner) => this.#stateOf(owner, object) === "waiting");
    this.#host.remove(object, isAwaited ? this.#propagationBelow(object) : "Background");
  }
  #stateOf(reference, child2) {
    const owner = this.#objects.get(reference.uid);
    if (owner === void 0) return "absent";
    const { namespace } = owner.metadata;
    const isResolvable = child2.metadata.namespace !== void 0;
    if (isResolvable && namespace !== void 0 && namespace !== child2.metadata.namespace) {
      return "absent";
    }
    return isForegroundDeleting(owner) ? "waiting" : "solid";
  }
  /** Foreground all the way down, except where the ownership runs in a circle and would wait for ever. */
  #propagationBelow(object) {
    const dependents = this.#dependentsOf(object.metadata.uid ?? "");
    if (dependents.length === 0 || dependents.some(isForegroundDeleting)) return "Background";
    return "Foreground";
  }
  #dependentsOf(uid) {
    const uids = [...this.#dependents.get(uid) ?? []];
    return uids.flatMap((dependent) => this.#objects.get(dependent) ?? []);
  }
  #awaitDependents(owner, uid) {
    const dependents = this.#dependentsOf(uid);
    const isBlocked = dependents.some(
      (dependent) => ownersOf(dependent).some(
        (reference) => reference.uid === uid && reference.blockOwnerDeletion === true
      )
    );
    for (const dependent of dependents) {
      if (dependent.metadata.deletionTimestamp === void 0)
        this.#look(dependent.metadata.uid ?? "");
    }
    if (!isBlocked) this.#dropFinalizer(owner, FOREGROUND_FINALIZER);
  }
  #orphanDependents(owner, uid) {
    for (const dependent of this.#dependentsOf(uid)) {
      this.#host.setMetadata(dependent, {
        ownerReferences: ownersOf(dependent).filter((reference) => reference.uid !== uid)
      });
    }
    this.#dropFinalizer(owner, ORPHAN_FINALIZER);
  }
  #dropFinalizer(object, finalizer) {
    const finalizers = object.metadata.finalizers?.filter((name) => name !== finalizer) ?? [];
    this.#host.setMetadata(object, { finalizers });
  }
};

// packages/control/src/memory/generate-name.ts
var ALPHABET = "bcdfghjklmnpqrstvwxz2456789";
var SUFFIX_LENGTH = 5;
var BASE_LENGTH_MAX = 58;
var ATTEMPTS_MAX2 = 8;
function generateName(base, random, isTaken) {
  let name = "";
  for (let attempt2 = 0; attempt2 < ATTEMPTS_MAX2; attempt2 += 1) {
    name = base.slice(0, BASE_LENGTH_MAX);
    for (let index = 0; index < SUFFIX_LENGTH; index += 1) {
      name += ALPHABET.charAt(Math.floor(random.next() * ALPHABET.length));
    }
    if (!isTaken(name)) break;
  }
  return name;
}

// packages/control/src/memory/change-history.ts
var ChangeHistory = class {
  #lengthMax;
  #changes = [];
  #forgottenVersion;
  /** Nothing is known of what happened up to `version`. */
  constructor(lengthMax, version = 0) {
    this.#lengthMax = lengthMax;
    this.#forgottenVersion = version;
  }
  append(change) {
    this.#changes.push(change);
    if (this.#changes.length <= this.#lengthMax) return;
    const forgotten = this.#changes.at(-this.#lengthMax - 1);
    this.#forgottenVersion = forgotten?.version ?? this.#forgottenVersion;
    if (this.#changes.length >= this.#lengthMax * 2) {
      this.#changes = this.#changes.slice(-this.#lengthMax);
    }
  }
  /** The version before the oldest change that is still known. */
  get forgottenVersion() {
    return this.#forgottenVersion;
  }
  /** Every change after `version`, oldest first; undefined when some of them are forgotten. */
  since(version) {
    if (version < this.#forgottenVersion) return void 0;
    let first = this.#changes.length;
    while ((this.#changes[first - 1]?.version ?? 0) > version) first -= 1;
    return this.#changes.slice(first);
  }
};

// packages/control/src/memory/kind-table.ts
function byNamespaceAndName(left, right) {
  const a = left.metadata.namespace ?? "";
  const b = right.metadata.namespace ?? "";
  if (a !== b) return a < b ? -1 : 1;
  return left.metadata.name < right.metadata.name ? -1 : 1;
}
function picked(definition) {
  const { group, plural, namespaced, hasStatus, selectableFields, mergeSchema } = definition;
  return { group, plural, namespaced, hasStatus, selectableFields, mergeSchema };
}
var KindTable = class {
  /** What the registry said; another one means that the kind was defined anew. */
  definition;
  kind;
  history;
  watchers = /* @__PURE__ */ new Set();
  #objects = /* @__PURE__ */ new Map();
  /** Changes up to `version` are out of reach. */
  constructor(definition, name, history) {
    this.definition = definition;
    this.kind = { apiVersion: name.apiVersion, kind: name.kind, ...picked(definition) };
    this.history = new ChangeHistory(history.lengthMax, history.version);
  }
  /** Takes over the objects of the table that stood for the kind until now. */
  adopt(former) {
    for (const [id, object] of former.#objects) this.#objects.set(id, object);
  }
  get(key) {
    return this.#objects.get(this.#id(key));
  }
  list(filter) {
    const items = [];
    for (const object of this.#objects.values()) {
      if (matchesFilter(object, filter)) items.push(object);
    }
    return items.sort(byNamespaceAndName);
  }
  /** Puts an object in its place that nobody is to be told of. */
  restore(object) {
    this.#objects.set(this.#id(object.metadata), object);
  }
  /** Takes a change over and shows it to every watch. */
  commit(change) {
    const id = this.#id(change.object.metadata);
    if (change.type === "DELETED") this.#objects.delete(id);
    else this.#objects.set(id, change.object);
    this.history.append(change);
    for (const watcher of this.watchers) watcher.offer(change);
  }
  pushBookmark(bookmark) {
    for (const watcher of this.watchers) watcher.push(bookmark);
  }
  #id({ namespace, name }) {
    return this.kind.namespaced ? `${namespace ?? ""}/${name}` : name;
  }
};

// packages/control/src/memory/kind-tables.ts
var KindTables = class {
  #options;
  #tables = /* @__PURE__ */ new Map();
  /** Where the history of all kinds begins. */
  #firstVersion = 0;
  constructor(options) {
    this.#options = options;
  }
  /** Everything up to here happened in an earlier life of the store. */
  beginAt(version) {
    this.#firstVersion = version;
  }
  /** Throws NotFound for a kind that is not served (any more). */
  get(kind) {
    const id = kindId(kind);
    const known = this.#tables.get(id);
    const definition = this.#options.registry.get(kind.apiVersion, kind.kind);
    if (known !== void 0 && known.definition === definition) return known;
    if (known !== void 0) this.#drop(id, known);
    if (definition === void 0) throw kindUnknown(kind);
    const table = new KindTable(definition, kind, {
      lengthMax: this.#options.historyMax,
      version: known === void 0 ? this.#firstVersion : this.#options.version()
    });
    if (known !== void 0) table.adopt(known);
    this.#tables.set(id, table);
    return table;
  }
  pushBookmark(bookmark) {
    for (const table of this.#tables.values()) table.pushBookmark(bookmark);
  }
  #drop(id, table) {
    this.#tables.delete(id);
    for (const watcher of [...table.watchers]) watcher.end();
  }
};

// packages/control/src/memory/object-counts.ts
var ObjectCounts = class {
  max;
  #counts = /* @__PURE__ */ new Map();
  constructor(max) {
    this.max = max;
  }
  hasRoom(namespace) {
    return (this.#counts.get(namespace ?? "") ?? 0) < this.max;
  }
  add(namespace, by) {
    const count = (this.#counts.get(namespace ?? "") ?? 0) + by;
    if (count === 0) this.#counts.delete(namespace ?? "");
    else this.#counts.set(namespace ?? "", count);
  }
};

// packages/control/src/memory/object-journal.ts
var VERSION_BLOCK = 1e6;
var PIECE_LENGTH_MAX = 8 * 1024 * 1024;
var OBJECT_PREFIX = "object/";
var VERSION_KEY = "version";
function journalKey(kindId2, namespace, name) {
  return `${OBJECT_PREFIX}${kindId2}//${namespace ?? ""}/${name}`;
}
function readJournal(journal, onDamaged) {
  const objects = [];
  let version = 0;
  for (const [key, value] of journal.entries(onDamaged)) {
    if (key === VERSION_KEY) version = Number(value);
    else if (key.startsWith(OBJECT_PREFIX)) {
      try {
        objects.push(JSON.parse(value));
      } catch (error) {
        onDamaged(key, error instanceof Error ? error.message : String(error));
      }
    }
  }
  return { version, objects };
}
function newGroup() {
  let resolve = () => void 0;
  let reject = () => void 0;
  const done = new Promise((onKept, onRefused) => {
    resolve = onKept;
    reject = onRefused;
  });
  done.catch(() => void 0);
  return { changes: /* @__PURE__ */ new Map(), done, resolve, reject };
}
var JournalWriter = class {
  #journal;
  #takeBack;
  #gathering;
  #inFlight;
  /** Durable: no version at or above it was ever given out. */
  #reserved;
  #version;
  #isTakingBack = false;
  constructor(journal, version, takeBack) {
    this.#journal = journal;
    this.#reserved = version;
    this.#version = version;
    this.#takeBack = takeBack;
  }
  /** Whether another version may be given out now. */
  get hasVersions() {
    return this.#version + 1 < this.#reserved;
  }
  /** Reserves the first block. Before the first change. */
  async start() {
    await this.#reserve(this.#version + VERSION_BLOCK);
  }
  async #reserve(limit) {
    await this.#journal.write([{ key: VERSION_KEY, value: String(limit) }]);
    this.#reserved = limit;
  }
  /** Takes a change over that has just been made in memory. */
  record(key, next, previous, version) {
    this.#version = version;
    if (this.#isTakingBack) return;
    const isFirst = this.#gathering === void 0;
    this.#gathering ??= newGroup();
    const { changes } = this.#gathering;
    const earlier = changes.get(key);
    if (earlier === void 0) changes.set(key, { kept: previous, next });
    else earlier.next = next;
    if (isFirst && this.#inFlight === void 0) {
      queueMicrotask(() => void this.#run());
    }
  }
  /** Resolves when every change recorded so far is kept; rejects when it was taken back. */
  kept() {
    return this.#gathering?.done ?? this.#inFlight?.done ?? Promise.resolve();
  }
  /** Resolves when nothing is on its way. */
  async close() {
    while (this.#gathering !== void 0 || this.#inFlight !== void 0) {
      await this.kept().catch(() => void 0);
    }
  }
  async #run() {
    for (let group = this.#gathering; group !== void 0; group = this.#gathering) {
      this.#gathering = void 0;
      this.#inFlight = group;
      try {
        await this.#write(group);
        this.#inFlight = void 0;
        group.resolve();
      } catch (error) {
        this.#inFlight = void 0;
        this.#refuse(group, error);
      }
    }
  }
  /** In pieces that a journal takes; what is written of a group that fails later counts as kept. */
  async #write({ changes }) {
    const isRunningOut = this.#version > this.#reserved - VERSION_BLOCK / 2;
    if (isRunningOut) await this.#reserve(this.#reserved + VERSION_BLOCK);
    let entries = [];
    let size = 0;
    for (const [key, { next }] of changes) {
      const value = next === void 0 ? void 0 : JSON.stringify(next);
      entries.push({ key, value });
      size += value?.length ?? 0;
      if (size < PIECE_LENGTH_MAX) continue;
      await this.#writePiece(changes, entries);
      entries = [];
      size = 0;
    }
    if (entries.length > 0) await this.#writePiece(changes, entries);
  }
  async #writePiece(changes, entries) {
    await this.#journal.write(entries);
    for (const { key } of entries) changes.delete(key);
  }
  /** What gathered meanwhile stands on what is refused, so it goes with it. */
  #refuse(group, cause) {
    const later = this.#gathering;
    this.#gathering = void 0;
    const lost = new Map(group.changes);
    for (const [key, { kept, next }] of later?.changes ?? []) {
      const earlier = lost.get(key);
      lost.set(key, { kept: earlier === void 0 ? kept : earlier.kept, next });
    }
    this.#isTakingBack = true;
    try {
      this.#takeBack([...lost.values()].map(({ kept, next }) => ({ kept, shown: next })));
    } finally {
      this.#isTakingBack = false;
    }
    const error = cannotBeKept(cause);
    group.reject(error);
    later?.reject(error);
  }
};

// packages/control/src/patch/json-record.ts
function isRecord2(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

// packages/control/src/patch/go-json.ts
function sortedKeys(value) {
  if (Array.isArray(value)) return value.map(sortedKeys);
  if (!isRecord2(value)) return value;
  const entries = Object.entries(value).sort(([left], [right]) => left < right ? -1 : 1);
  return Object.fromEntries(entries.map(([key, item]) => [key, sortedKeys(item)]));
}
function goJson(value) {
  return JSON.stringify(sortedKeys(value)).replace(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`
  );
}

// packages/control/src/patch/path-element.ts
function fieldElement(name) {
  return `f:${name}`;
}
function valueElement(value) {
  return `v:${goJson(value)}`;
}
function keyElement(pairs) {
  const sorted = pairs.length < 2 ? pairs : [...pairs].sort((a, b) => compareTexts(a[0], b[0]));
  const fields = sorted.map(([name, value]) => `${JSON.stringify(name)}:${goJson(value)}`);
  return `k:{${fields.join(",")}}`;
}
function keyPairs(element) {
  const value = JSON.parse(element.slice(2));
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new SyntaxError("the key of an item must be an object");
  }
  return Object.entries(value);
}
function parseElement(text) {
  if (text[1] !== ":") throw new SyntaxError(`missing colon: ${text}`);
  switch (text[0]) {
    case "f":
      return text;
    case "k":
      return keyElement(keyPairs(text));
    case "v":
      return `v:${goJson(JSON.parse(text.slice(2)))}`;
    case "i":
      if (!/^i:\d{1,15}$/.test(text)) throw new SyntaxError(`not an index: ${text}`);
      return `i:${String(Number(text.slice(2)))}`;
    default:
      return void 0;
  }
}
var RANKS = "fkvi";
function compareTexts(left, right) {
  return left < right ? -1 : left > right ? 1 : 0;
}
function compareValues(left, right) {
  if (typeof left === "number" && typeof right === "number") return left - right;
  if (typeof left === "string" && typeof right === "string") return compareTexts(left, right);
  const order = ["number", "string", "boolean"];
  return order.indexOf(typeof left) - order.indexOf(typeof right) || Number(left) - Number(right);
}
function compareKeys(left, right) {
  for (const [index, [name, value]] of left.entries()) {
    const other = right[index];
    if (other === void 0) return 1;
    const order = compareTexts(name, other[0]) || compareValues(value, other[1]);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}
function compareElements(left, right) {
  if (left === right) return 0;
  if (left[0] !== right[0]) return RANKS.indexOf(left[0] ?? "") - RANKS.indexOf(right[0] ?? "");
  switch (left[0]) {
    case "k":
      return compareKeys(keyPairs(left), keyPairs(right));
    case "v":
      return compareValues(JSON.parse(left.slice(2)), JSON.parse(right.slice(2)));
    case "i":
      return Number(left.slice(2)) - Number(right.slice(2));
    default:
      return compareTexts(left, right);
  }
}
function displayElement(element) {
  const text = element.slice(2);
  switch (element[0]) {
    case "k": {
      const pairs = keyPairs(element).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
      return `[${pairs.join(",")}]`;
    }
    case "v":
      return `[=${JSON.stringify(JSON.parse(text))}]`;
    case "i":
      return `[${text}]`;
    default:
      return `.${text}`;
  }
}

// packages/control/src/patch/field-set.ts
var NO_CHILDREN = /* @__PURE__ */ new Map();
var NO_FIELDS = { isMember: false, children: NO_CHILDREN };
var LEAF = { isMember: true, children: NO_CHILDREN };
function isEmptySet(set) {
  return !set.isMember && set.children.size === 0;
}
function union(left, right) {
  if (left === right || isEmptySet(right)) return left;
  if (isEmptySet(left)) return right;
  let children;
  for (const [element, theirs] of right.children) {
    const ours = left.children.get(element);
    const both = ours === void 0 ? theirs : union(ours, theirs);
    if (both === ours) continue;
    children ??= new Map(left.children);
    children.set(element, both);
  }
  const isMember = left.isMember || right.isMember;
  if (children === void 0 && isMember === left.isMember) return left;
  return { isMember, children: children ?? left.children };
}
function intersection(left, right) {
  if (left === right) return left;
  const children = /* @__PURE__ */ new Map();
  for (const [element, ours] of left.children) {
    const theirs = right.children.get(element);
    if (theirs === void 0) continue;
    const both = intersection(ours, theirs);
    if (!isEmptySet(both)) children.set(element, both);
  }
  return { isMember: left.isMember && right.isMember, children };
}
function difference(left, right) {
  let children;
  for (const [element, theirs] of right.children) {
    const ours = left.children.get(element);
    if (ours === void 0) continue;
    const rest = difference(ours, theirs);
    if (rest === ours) continue;
    children ??= new Map(left.children);
    if (isEmptySet(rest)) children.delete(element);
    else children.set(element, rest);
  }
  const isMember = left.isMember && !right.isMember;
  if (children === void 0 && isMember === left.isMember) return left;
  return { isMember, children: children ?? left.children };
}
function sameFields(left, right) {
  if (left === right) return true;
  if (left.isMember !== right.isMember || left.children.size !== right.children.size) return false;
  for (const [element, ours] of left.children) {
    const theirs = right.children.get(element);
    if (theirs === void 0 || !sameFields(ours, theirs)) return false;
  }
  return true;
}
function displayPaths(set) {
  const paths = [];
  collectPaths(set, "", paths);
  return paths;
}
function collectPaths(set, prefix, paths) {
  const children = sortedChildren(set);
  for (const [element, child2] of children) {
    if (child2.isMember) paths.push(prefix + displayElement(element));
  }
  for (const [element, child2] of children) {
    collectPaths(child2, prefix + displayElement(element), paths);
  }
}
function sortedChildren(set) {
  return [...set.children].sort(([left], [right]) => compareElements(left, right));
}
function serialiseFields(set) {
  const wire = {};
  for (const [element, child2] of sortedChildren(set)) {
    const below = serialiseFields(child2);
    wire[element] = child2.isMember && child2.children.size > 0 ? { ".": {}, ...below } : below;
  }
  return wire;
}
function parseFields(wire) {
  try {
    return { ...parseNode(wire), isMember: false };
  } catch (error) {
    if (error instanceof SyntaxError) return void 0;
    throw error;
  }
}
function parseNode(wire) {
  if (typeof wire !== "object" || wire === null || Array.isArray(wire)) {
    throw new SyntaxError("fieldsV1 consists of objects");
  }
  const children = /* @__PURE__ */ new Map();
  let isMember = false;
  for (const [text, below] of Object.entries(wire)) {
    if (text === ".") {
      isMember = true;
      continue;
    }
    const element = parseElement(text);
    if (element === void 0) continue;
    const child2 = parseNode(below);
    const known = children.get(element);
    children.set(element, known === void 0 ? child2 : union(known, child2));
  }
  return children.size === 0 ? LEAF : { isMember, children };
}

// packages/control/src/patch/managed-fields.ts
var UPDATE_MANAGERS_MAX = 10;
var FORGOTTEN_MANAGER = "ancient-changes";
function noOwners() {
  return /* @__PURE__ */ new Map();
}
function identityKey(identity) {
  const { manager, operation, apiVersion, subresource } = identity;
  return JSON.stringify({
    manager,
    operation,
    ...operation === "Update" ? { apiVersion } : {},
    ...subresource === void 0 ? {} : { subresource }
  });
}
function decodeOwners(entries) {
  const owners = noOwners();
  if (entries === void 0 || entries === null) return owners;
  if (!Array.isArray(entries)) return void 0;
  for (const entry of entries) {
    const owner = decodeOwner(entry);
    if (owner === void 0) return void 0;
    owners.set(identityKey(owner), owner);
  }
  return owners;
}
function textOrAbsent(value) {
  return value === void 0 || typeof value === "string";
}
function decodeOwner(entry) {
  if (!isRecord2(entry)) return void 0;
  const {
    manager = "",
    operation,
    apiVersion,
    time,
    fieldsType,
    fieldsV1 = {},
    subresource
  } = entry;
  if (operation !== "Apply" && operation !== "Update") return void 0;
  if (typeof apiVersion !== "string" || apiVersion === "" || fieldsType !== "FieldsV1") {
    return void 0;
  }
  if (typeof manager !== "string" || !textOrAbsent(time) || !textOrAbsent(subresource)) {
    return void 0;
  }
  const fields = parseFields(fieldsV1);
  if (fields === void 0) return void 0;
  const through = subresource === "" ? void 0 : subresource;
  return { manager, operation, apiVersion, subresource: through, time, fields, source: entry };
}
function encodeOwners(owners) {
  if (owners.size === 0) return void 0;
  return [...owners.values()].sort(compareOwners).map((owner) => owner.source ?? encoded(owner));
}
function encoded(owner) {
  const { manager, operation, apiVersion, time, subresource } = owner;
  return {
    manager,
    operation,
    apiVersion,
    ...time === void 0 ? {} : { time },
    fieldsType: "FieldsV1",
    fieldsV1: serialiseFields(owner.fields),
    ...subresource === void 0 ? {} : { subresource }
  };
}
function compareTexts2(left, right) {
  return left < right ? -1 : left > right ? 1 : 0;
}
function seconds(owner) {
  const time = Date.parse(owner.time ?? "");
  return Number.isNaN(time) ? 0 : Math.floor(time / 1e3);
}
function compareOwners(left, right) {
  return compareTexts2(left.operation, right.operation) || seconds(left) - seconds(right) || compareTexts2(left.manager, right.manager) || compareTexts2(left.apiVersion, right.apiVersion) || compareTexts2(left.subresource ?? "", right.subresource ?? "");
}
function setFields(owners, key, owner, fields) {
  if (isEmptySet(fields)) owners.delete(key);
  else if (fields !== owner.fields) owners.set(key, { ...owner, fields, source: void 0 });
}
function forgetOldest(owners) {
  const updaters = [...owners].filter(([, owner]) => owner.operation === "Update");
  let count = updaters.length;
  if (count <= UPDATE_MANAGERS_MAX) return;
  updaters.sort(([leftKey, left], [rightKey, right]) => {
    return seconds(left) - seconds(right) || compareTexts2(leftKey, rightKey);
  });
  const oldest = /* @__PURE__ */ new Map();
  for (const [key, owner] of updaters) {
    if (count <= UPDATE_MANAGERS_MAX) return;
    const { apiVersion, time } = owner;
    const first = oldest.get(apiVersion);
    if (first === void 0) {
      oldest.set(apiVersion, key);
      continue;
    }
    const bucket = {
      manager: FORGOTTEN_MANAGER,
      operation: "Update",
      apiVersion,
      subresource: void 0
    };
    const bucketKey = identityKey(bucket);
    const gathered = owners.get(bucketKey) ?? owners.get(first);
    if (!owners.has(bucketKey)) owners.delete(first);
    owners.delete(key);
    const fields = gathered === void 0 ? owner.fields : union(gathered.fields, owner.fields);
    owners.set(bucketKey, { ...bucket, time, fields });
    count -= 1;
  }
}
function clearsOwners(entries) {
  if (!Array.isArray(entries) || entries.length > 1) return false;
  const only = entries[0] ?? {};
  return isRecord2(only) && Object.keys(only).length === 0;
}
function withoutTime({ time: _time, ...entry }) {
  return entry;
}
function keepTimes(next, old) {
  const { managedFields: after = [], ...nextMetadata } = next.metadata;
  const { managedFields: before = [], ...oldMetadata } = old.metadata;
  const isSame = after.length === before.length && after.every((entry, index) => {
    const other = before[index];
    return other !== void 0 && sameJson(withoutTime(entry), withoutTime(other));
  }) && sameJson({ ...next, metadata: nextMetadata }, { ...old, metadata: oldMetadata });
  return isSame ? old : next;
}

// packages/control/src/patch/apply-conflict.ts
function displayOwner({ manager, operation, apiVersion, subresource }) {
  const through = subresource === void 0 ? "" : ` with subresource ${JSON.stringify(subresource)}`;
  const using = operation === "Update" ? ` using ${apiVersion}` : "";
  return `${JSON.stringify(manager)}${through}${using}`;
}
function applyConflict(conflicts) {
  const causes = [];
  const lines = [];
  for (const { owner, fields } of conflicts) {
    const by = displayOwner(owner);
    lines.push(`conflicts with ${by}:`);
    for (const field of displayPaths(fields)) {
      causes.push({ reason: "FieldManagerConflict", message: `conflict with ${by}`, field });
      lines.push(`- ${field}`);
    }
  }
  const [only] = causes;
  const message = only !== void 0 && causes.length === 1 ? `Apply failed with 1 conflict: ${only.message}: ${only.field}` : `Apply failed with ${String(causes.length)} conflicts: ${lines.join("\n")}`;
  return new StoreError("AFFLUX_STORE_CONFLICT", message, { details: { causes } });
}

// packages/control/src/patch/field-manager.ts
var MANAGER_BYTES_MAX = 128;
var UNKNOWN_MANAGER = "unknown";
var PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;
function managerFromUserAgent(userAgent) {
  const [program = ""] = (userAgent ?? "").split("/");
  let name = "";
  let bytes = 0;
  for (const char of program) {
    if (!PRINTABLE.test(char)) continue;
    bytes += Buffer.byteLength(char);
    if (bytes > MANAGER_BYTES_MAX) break;
    name += char;
  }
  return name === "" ? UNKNOWN_MANAGER : name;
}
function managerOrUnknown(manager) {
  return manager === void 0 || manager === "" ? UNKNOWN_MANAGER : manager;
}
function checkManager(manager, kind, options) {
  const problems = [];
  if (manager === void 0 || manager === "") {
    if (options.isRequired) problems.push("Required value: is required for apply patch");
  } else problems.push(...problemsOf(manager));
  if (problems.length === 0) return;
  const texts = problems.map((problem) => `fieldManager: ${problem}`);
  const all = texts.length === 1 ? texts.join() : `[${texts.join(", ")}]`;
  throw new StoreError("AFFLUX_STORE_INVALID", `${kind}.meta.k8s.io "" is invalid: ${all}`, {
    details: {
      group: "meta.k8s.io",
      kind,
      causes: problems.map((message) => ({
        reason: REASONS[message.split(":", 1)[0] ?? ""] ?? "FieldValueInvalid",
        message,
        field: "fieldManager"
      }))
    }
  });
}
var REASONS = {
  "Required value": "FieldValueRequired",
  "Too long": "FieldValueTooLong"
};
function problemsOf(manager) {
  const problems = [];
  if (Buffer.byteLength(manager) > MANAGER_BYTES_MAX) {
    problems.push(`Too long: may not be more than ${String(MANAGER_BYTES_MAX)} bytes`);
  }
  let position = 0;
  for (const char of manager) {
    if (!PRINTABLE.test(char)) {
      const code = (char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
      problems.push(
        `Invalid value: ${JSON.stringify(manager)}: invalid character U+${code} (at position ${String(position)})`
      );
    }
    position += Buffer.byteLength(char);
  }
  return problems;
}

// packages/control/src/patch/field-rules.ts
var ANYTHING = { additionalProperties: true };
var OBJECT_METADATA = {
  default: {},
  properties: {
    labels: ANYTHING,
    annotations: ANYTHING,
    finalizers: { "x-kubernetes-list-type": "set", "x-kubernetes-patch-strategy": "merge" },
    ownerReferences: {
      "x-kubernetes-list-type": "map",
      "x-kubernetes-list-map-keys": ["uid"],
      "x-kubernetes-patch-strategy": "merge",
      "x-kubernetes-patch-merge-key": "uid",
      items: { "x-kubernetes-map-type": "atomic" }
    }
  }
};
function objectSchema(schema) {
  return { ...schema, properties: { ...schema?.properties, metadata: OBJECT_METADATA } };
}
function isNamed(schema, name) {
  return schema?.properties !== void 0 && Object.hasOwn(schema.properties, name);
}
function isMapItem(schema, name) {
  return Boolean(schema?.additionalProperties) && !isNamed(schema, name);
}
function fieldSchema(schema, name) {
  if (isNamed(schema, name)) return schema?.properties?.[name];
  const { additionalProperties } = schema ?? {};
  return additionalProperties === true ? ANYTHING : additionalProperties || void 0;
}
function isAtomicRecord(schema) {
  return schema?.["x-kubernetes-map-type"] === "atomic";
}
function isAtomicList(schema) {
  return (schema?.["x-kubernetes-list-type"] ?? "atomic") === "atomic";
}
function standIn(schema) {
  const value = schema?.default;
  const isEmpty = typeof value === "object" && value !== null && Object.keys(value).length === 0;
  return isEmpty ? value : void 0;
}
function itemElements(list, schema) {
  const keys = schema?.["x-kubernetes-list-map-keys"];
  const isMap = schema?.["x-kubernetes-list-type"] === "map" && keys !== void 0;
  const elements = [];
  for (const [index, item] of list.entries()) {
    const element = isMap ? keyedElement(item, keys, schema?.items) : scalarElement(item);
    if (element.problem !== void 0) return `element ${String(index)}: ${element.problem}`;
    elements.push(element.step);
  }
  return elements;
}
function scalarElement(item) {
  if (typeof item === "string" || typeof item === "number" || typeof item === "boolean") {
    return { step: valueElement(item) };
  }
  if (item === null) {
    return { problem: "associative list without keys has an element that's an explicit null" };
  }
  return Array.isArray(item) ? { problem: "not supported: associative list with lists as elements" } : { problem: "associative list without keys has an element that's a map type" };
}
function keyedElement(item, keys, schema) {
  if (item === null) return { problem: "associative list with keys may not have a null element" };
  if (!isRecord2(item)) {
    return { problem: "associative list with keys may not have non-map elements" };
  }
  const pairs = [];
  for (const key of keys) {
    const value = item[key] ?? fieldSchema(schema, key)?.default;
    if (value === void 0) {
      const detail = "(and doesn't have default value)";
      return {
        problem: `associative list with keys has an element that omits key field "${key}" ${detail}`
      };
    }
    pairs.push([key, value]);
  }
  return { step: keyElement(pairs) };
}

// packages/control/src/patch/fields-of.ts
function fieldsOf2(value, schema) {
  if (isRecord2(value)) return isAtomicRecord(schema) ? LEAF : fieldsOfRecord(value, schema);
  if (!Array.isArray(value) || isAtomicList(schema)) return LEAF;
  return fieldsOfList(value, schema);
}
function fieldsOfRecord(record, schema) {
  const children = /* @__PURE__ */ new Map();
  for (const name of Object.keys(record)) {
    const value = record[name];
    if (value === void 0) continue;
    const fields = fieldsOf2(value, fieldSchema(schema, name));
    const isItself = isMapItem(schema, name) || isRecord2(value) && Object.keys(value).length === 0;
    if (isItself) children.set(fieldElement(name), { ...fields, isMember: true });
    else if (fields !== NO_FIELDS) children.set(fieldElement(name), fields);
  }
  return children.size === 0 ? NO_FIELDS : { isMember: false, children };
}
function fieldsOfList(list, schema) {
  const elements = itemElements(list, schema);
  if (typeof elements === "string") return LEAF;
  if (elements.length === 0) return NO_FIELDS;
  const children = /* @__PURE__ */ new Map();
  for (const [index, element] of elements.entries()) {
    const fields = children.has(element) ? LEAF : fieldsOf2(list[index], schema?.items);
    children.set(element, { ...fields, isMember: true });
  }
  return { isMember: false, children };
}

// packages/control/src/patch/intent-lists.ts
function listProblem(value, schema, path = "") {
  if (isRecord2(value)) {
    for (const [name, child2] of Object.entries(value)) {
      const at = path + displayElement(fieldElement(name));
      const problem = listProblem(child2, fieldSchema(schema, name), at);
      if (problem !== void 0) return problem;
    }
    return void 0;
  }
  if (!Array.isArray(value) || isAtomicList(schema)) return void 0;
  return itemProblem(value, schema, path);
}
function itemProblem(list, schema, path) {
  const elements = itemElements(list, schema);
  if (typeof elements === "string") return `${path}: ${elements}`;
  const seen = /* @__PURE__ */ new Set();
  for (const [index, element] of elements.entries()) {
    const shown = displayElement(element);
    if (seen.has(element)) return `${path}: duplicate entries for key ${shown}`;
    seen.add(element);
    const problem = listProblem(list[index], schema?.items, path + shown);
    if (problem !== void 0) return problem;
  }
  return void 0;
}

// packages/control/src/patch/field-changes.ts
var REMOVED = { removed: LEAF, modified: NO_FIELDS, added: NO_FIELDS };
var MODIFIED = { removed: NO_FIELDS, modified: LEAF, added: NO_FIELDS };
var ADDED = { removed: NO_FIELDS, modified: NO_FIELDS, added: LEAF };
var EMPTY_RECORD = {};
var ChangesBelow = class {
  #children = {};
  #itself;
  /** `itself`: the place itself came or went. */
  constructor(itself) {
    this.#itself = itself;
  }
  add(element, changes) {
    if (changes === void 0) return;
    this.#put("removed", element, changes.removed);
    this.#put("modified", element, changes.modified);
    this.#put("added", element, changes.added);
  }
  #put(side, element, fields) {
    if (fields === NO_FIELDS) return;
    (this.#children[side] ??= /* @__PURE__ */ new Map()).set(element, fields);
  }
  finish() {
    const removed = this.#fields("removed");
    const modified2 = this.#fields("modified");
    const added = this.#fields("added");
    const isSame = removed === NO_FIELDS && modified2 === NO_FIELDS && added === NO_FIELDS;
    return isSame ? void 0 : { removed, modified: modified2, added };
  }
  #fields(side) {
    const children = this.#children[side];
    const isMember = this.#itself === side;
    if (children === void 0) return isMember ? LEAF : NO_FIELDS;
    return { isMember, children };
  }
};
function changesBetween(left, right, schema) {
  if (left === right) return void 0;
  if (isRecord2(left) || isRecord2(right)) {
    if (!isRecordOrNothing(left) || !isRecordOrNothing(right)) return exchange(left, right, schema);
    const isOne = isAtomicRecord(schema) || isEmptyRecord(left) && isEmptyRecord(right);
    return isOne ? leafChange(left, right) : recordChanges(left, right, schema);
  }
  if (Array.isArray(left) || Array.isArray(right)) {
    if (!isListOrNothing(left) || !isListOrNothing(right)) return exchange(left, right, schema);
    const isOne = isAtomicList(schema) || (left ?? []).length === 0 && (right ?? []).length === 0;
    return isOne ? leafChange(left, right) : listChanges(left, right, schema);
  }
  return leafChange(left, right);
}
function isRecordOrNothing(value) {
  return value === void 0 || value === null || isRecord2(value);
}
function isListOrNothing(value) {
  return value === void 0 || value === null || Array.isArray(value);
}
function isEmptyRecord(record) {
  return Object.keys(record ?? EMPTY_RECORD).length === 0;
}
function leafChange(left, right) {
  if (left === void 0) return ADDED;
  if (right === void 0) return REMOVED;
  return sameJson(left, right) ? void 0 : MODIFIED;
}
function exchange(left, right, schema) {
  const gone = changesBetween(left, void 0, schema);
  const come = changesBetween(void 0, right, schema);
  return {
    removed: gone?.removed ?? NO_FIELDS,
    modified: NO_FIELDS,
    added: come?.added ?? NO_FIELDS
  };
}
function ownChange(left, right) {
  if (left === void 0) return "added";
  return right === void 0 ? "removed" : void 0;
}
function recordChanges(left, right, schema) {
  const below = new ChangesBelow(ownChange(left, right));
  const compare = (name) => {
    if (left?.[name] === right?.[name]) return;
    const child2 = fieldSchema(schema, name);
    const [before, after] = [valueAt(left, name, child2), valueAt(right, name, child2)];
    below.add(fieldElement(name), changesBetween(before, after, child2));
  };
  for (const name of Object.keys(left ?? EMPTY_RECORD)) compare(name);
  for (const name of Object.keys(right ?? EMPTY_RECORD)) {
    if (!Object.hasOwn(left ?? EMPTY_RECORD, name)) compare(name);
  }
  return below.finish();
}
function valueAt(record, name, schema) {
  if (record === null || record === void 0) return void 0;
  const value = Object.hasOwn(record, name) ? record[name] : void 0;
  return value === void 0 ? standIn(schema) : value;
}
function listChanges(left, right, schema) {
  const before = byElement(left ?? [], schema);
  const after = byElement(right ?? [], schema);
  if (before === void 0 || after === void 0) return leafChange(left, right);
  const below = new ChangesBelow(ownChange(left, right));
  for (const [element, items] of before) {
    below.add(element, itemChanges(items, after.get(element) ?? [], schema?.items));
  }
  for (const [element, items] of after) {
    if (!before.has(element)) below.add(element, itemChanges([], items, schema?.items));
  }
  return below.finish();
}
function byElement(list, schema) {
  const elements = itemElements(list, schema);
  if (typeof elements === "string") return void 0;
  const items = /* @__PURE__ */ new Map();
  for (const [index, element] of elements.entries()) {
    const known = items.get(element);
    if (known === void 0) items.set(element, [list[index]]);
    else known.push(list[index]);
  }
  return items;
}
function itemChanges(before, after, schema) {
  if (before.length < 2 && after.length < 2) return changesBetween(before[0], after[0], schema);
  if (before.length > 1 && after.length > 1) return leafChange(before, after);
  const isGone3 = before.length > 1;
  const [single] = isGone3 ? after : before;
  const changes = isGone3 ? changesBetween(void 0, single, schema) : changesBetween(single, void 0, schema);
  const ours = isGone3 ? REMOVED : ADDED;
  if (changes === void 0) return ours;
  return isGone3 ? { ...changes, removed: LEAF } : { ...changes, added: LEAF };
}

// packages/control/src/patch/last-applied.ts
var LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";
var ANNOTATIONS_BYTES_MAX = 262144;
function lastApplied(object) {
  return object.metadata.annotations?.[LAST_APPLIED] ?? "";
}
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return void 0;
  }
}
function lastAppliedFields(live, schema) {
  const applied = parsed(lastApplied(live));
  if (!isRecord2(applied) || applied["apiVersion"] !== live.apiVersion) return NO_FIELDS;
  const fields = fieldsOf2(applied, schema);
  const changes = changesBetween(applied, live, schema);
  if (changes === void 0) return fields;
  return difference(
    difference(difference(fields, changes.modified), changes.added),
    changes.removed
  );
}
function withLastApplied(object, intent) {
  if (lastApplied(object) === "" || !isRecord2(intent)) return object;
  const config = mutableCopy(intent);
  const { metadata } = config;
  if (isRecord2(metadata) && isRecord2(metadata["annotations"])) {
    const { [LAST_APPLIED]: _own, ...annotations2 } = metadata["annotations"];
    config["metadata"] = { ...metadata, annotations: annotations2 };
  }
  const annotations = {
    ...object.metadata.annotations,
    [LAST_APPLIED]: `${goJson(config)}
`
  };
  const bytes = Object.entries(annotations).map(([name, text]) => Buffer.byteLength(name) + Buffer.byteLength(text)).reduce((sum, size) => sum + size, 0);
  if (bytes <= ANNOTATIONS_BYTES_MAX)
    return { ...object, metadata: { ...object.metadata, annotations } };
  const { [LAST_APPLIED]: _tooLong, ...others } = annotations;
  return { ...object, metadata: { ...object.metadata, annotations: others } };
}

// packages/control/src/patch/merge-intent.ts
function mergeIntent(live, intent, schema) {
  if (intent === void 0 || live === intent) return live;
  if (isRecord2(live) && !isAtomicRecord(schema)) {
    if (isRecord2(intent)) return mergeRecords(live, intent, schema);
    if (intent === null && Object.keys(live).length > 0) return live;
  }
  if (Array.isArray(live) && !isAtomicList(schema)) {
    if (Array.isArray(intent)) return mergeLists(live, intent, schema);
    if (intent === null && live.length > 0) return live;
  }
  return live !== void 0 && sameJson(live, intent) ? live : intent;
}
function mergeRecords(live, intent, schema) {
  let merged;
  for (const name of Object.keys(intent)) {
    const before = Object.hasOwn(live, name) ? live[name] : void 0;
    const after = mergeIntent(before, intent[name], fieldSchema(schema, name));
    if (after === before) continue;
    merged ??= { ...live };
    merged[name] = after;
  }
  return merged ?? live;
}
function mergeLists(live, intent, schema) {
  const ours = itemElements(live, schema);
  const theirs = itemElements(intent, schema);
  if (typeof ours === "string" || typeof theirs === "string") return intent;
  const wanted = new Map(theirs.map((element, index) => [element, intent[index]]));
  const present = /* @__PURE__ */ new Map();
  for (const [index, element] of ours.entries()) {
    present.set(element, present.has(element) ? void 0 : live[index]);
  }
  const merged = mergedOrder(ours, theirs, wanted).map(
    ({ element, index }) => index === void 0 ? mergeIntent(present.get(element), wanted.get(element), schema?.items) : live[index]
  );
  const isSame = merged.length === live.length && merged.every((item, at) => item === live[at]);
  return isSame ? live : merged;
}
function mergedOrder(ours, theirs, wanted) {
  const known = new Set(ours);
  const shared = theirs.filter((element) => known.has(element));
  const placed = /* @__PURE__ */ new Set();
  const slots = [];
  let nextShared = 0;
  let our = 0;
  let their = 0;
  const place = (element) => {
    slots.push({ element });
    placed.add(element);
    their += 1;
    if (shared[nextShared] === element) nextShared += 1;
  };
  while (our < ours.length || their < theirs.length) {
    const mine = ours[our];
    const yours = theirs[their];
    if (mine !== void 0 && !wanted.has(mine)) {
      slots.push({ element: mine, index: our });
      our += 1;
    } else if (mine !== void 0 && mine === yours) {
      place(mine);
      our += 1;
    } else if (mine !== void 0 && shared[nextShared] !== mine && nextShared < shared.length) {
      our += 1;
    } else {
      if (mine !== void 0 && placed.has(mine)) our += 1;
      if (yours !== void 0) place(yours);
    }
  }
  return slots;
}

// packages/control/src/patch/owned-part.ts
var UNOWNED_METADATA = /* @__PURE__ */ new Set([
  "name",
  "namespace",
  "creationTimestamp",
  "selfLink",
  "uid",
  "clusterName",
  "generation",
  "managedFields",
  "resourceVersion",
  "deletionTimestamp",
  "deletionGracePeriodSeconds"
]);
function ownedPart(object, { hasStatus, subresource }) {
  if (subresource === "status") return object.status === void 0 ? {} : { status: object.status };
  const part = {};
  for (const [name, value] of Object.entries(object)) {
    if (name === "apiVersion" || name === "kind") continue;
    if (name === "status" && hasStatus) continue;
    if (name !== "metadata") part[name] = value;
  }
  const metadata = Object.entries(object.metadata).filter(([name]) => !UNOWNED_METADATA.has(name));
  if (metadata.length > 0) part["metadata"] = Object.fromEntries(metadata);
  return part;
}

// packages/control/src/patch/remove-fields.ts
var METADATA_ITSELF = {
  isMember: false,
  children: /* @__PURE__ */ new Map([["f:metadata", { isMember: true, children: /* @__PURE__ */ new Map() }]])
};
function withoutAbandoned(object, last, owned, schema) {
  if (isEmptySet(last)) return object;
  const kept = union(withNamedParents(owned, schema), METADATA_ITSELF);
  const gone = difference(withNamedParents(last, schema), kept);
  return withoutFields(object, { gone, owned }, schema);
}
function withNamedParents(set, schema) {
  if (set.children.size === 0) return set;
  const children = /* @__PURE__ */ new Map();
  for (const [element, child2] of set.children) {
    const isField = element.startsWith("f:");
    const name = element.slice(2);
    const below = withNamedParents(child2, isField ? fieldSchema(schema, name) : schema?.items);
    const isMember = child2.isMember || isField && !isMapItem(schema, name);
    children.set(element, isMember === below.isMember ? below : { ...below, isMember });
  }
  return { isMember: set.isMember, children };
}
function fateOf({ gone, owned }, element) {
  const lost = gone.children.get(element);
  return lost && { gone: lost, owned: owned.children.get(element) ?? NO_FIELDS };
}
function withoutFields(value, fate, schema) {
  if (fate.gone.isMember) return void 0;
  if (isRecord2(value)) return isAtomicRecord(schema) ? value : fromRecord(value, fate, schema);
  if (Array.isArray(value) && !isAtomicList(schema)) return fromList(value, fate, schema);
  return value;
}
function fromRecord(record, fate, schema) {
  let rest;
  for (const name of Object.keys(record)) {
    const lost = fateOf(fate, fieldElement(name));
    if (lost === void 0) continue;
    const before = record[name];
    const after = withoutFields(before, lost, fieldSchema(schema, name));
    if (after === before) continue;
    rest ??= { ...record };
    if (after === void 0) delete rest[name];
    else rest[name] = after;
  }
  if (rest === void 0) return record;
  return Object.keys(rest).length === 0 && !fate.owned.isMember ? void 0 : rest;
}
function fromList(list, fate, schema) {
  const elements = itemElements(list, schema);
  if (typeof elements === "string") return list;
  const rest = [];
  for (const [index, element] of elements.entries()) {
    const lost = fateOf(fate, element);
    const item = lost ? withoutFields(list[index], lost, schema?.items) : list[index];
    if (item !== void 0) rest.push(item);
  }
  if (rest.length === list.length && rest.every((item, index) => item === list[index])) return list;
  return rest.length === 0 && !fate.owned.isMember ? void 0 : rest;
}

// packages/control/src/patch/take-ownership.ts
function ownableChanges(old, next, schema, scope) {
  const before = old === void 0 ? {} : ownedPart(old, scope);
  return changesBetween(before, ownedPart(next, scope), objectSchema(schema));
}
function takeOwnership(old, next, options) {
  const kept = old?.metadata.managedFields;
  const sent = options.subresource === void 0 ? next.metadata.managedFields : void 0;
  const owners = sent === void 0 || sent === kept ? void 0 : sentOwners(sent, kept);
  if (old !== void 0 && owners === void 0 && (kept ?? []).length === 0) return void 0;
  if (old !== void 0 && owners?.size === 0) return void 0;
  const changes = ownableChanges(old, next, options.schema, options);
  if (changes === void 0 && owners === void 0) return kept;
  const all = owners ?? decodeOwners(kept) ?? noOwners();
  if (changes !== void 0) {
    const { manager, now, subresource } = options;
    const writer = {
      manager,
      operation: "Update",
      apiVersion: next.apiVersion,
      subresource
    };
    recordUpdate(all, { ...writer, manager: managerOrUnknown(manager) }, changes, now);
  }
  return encodeOwners(all);
}
function sentOwners(sent, kept) {
  if (clearsOwners(sent)) return noOwners();
  if (sent === null || sameJson(sent, kept)) return void 0;
  const owners = decodeOwners(sent);
  for (const [key, owner] of owners ?? []) owners?.set(key, { ...owner, source: void 0 });
  return owners;
}
function recordUpdate(owners, writer, changes, now) {
  const written = union(changes.modified, changes.added);
  const writerKey = identityKey(writer);
  const before = owners.get(writerKey)?.fields ?? NO_FIELDS;
  dispossess(owners, changes);
  if (!isEmptySet(written)) {
    const fields = union(difference(before, changes.removed), written);
    owners.set(writerKey, { ...writer, time: now, fields });
  }
  forgetOldest(owners);
}
function dispossess(owners, changes, exceptKey) {
  const written = union(changes.modified, changes.added);
  for (const [key, owner] of owners) {
    if (key === exceptKey) continue;
    const lost = intersection(owner.fields, written);
    setFields(owners, key, owner, difference(difference(owner.fields, lost), changes.removed));
  }
}

// packages/control/src/patch/apply.ts
var BEFORE_FIRST_APPLY = "before-first-apply";
var KUBECTL = "kubectl";
var SYSTEM_METADATA = /* @__PURE__ */ new Set([
  "creationTimestamp",
  "selfLink",
  "generation",
  "deletionTimestamp",
  "deletionGracePeriodSeconds",
  "managedFields"
]);
function apply(current, intent, options) {
  const { manager, subresource } = options;
  checkManager(manager, "PatchOptions", { isRequired: true });
  const wanted = decodeIntent(intent, options);
  const { apiVersion, kind, metadata } = wanted;
  const writer = { manager, operation: "Apply", apiVersion, subresource };
  const writerKey = identityKey(writer);
  const owners = ownersBefore(current, writer, options);
  const before = owners.get(writerKey);
  const live = current ?? { apiVersion, kind, metadata: { name: metadata.name } };
  if (current === void 0) checkNew(wanted);
  const { object, changes, fields } = merge(live, wanted, owners, writerKey, options);
  enter(
    owners,
    { ...writer, fields, time: changes === void 0 ? before?.time : options.now },
    before
  );
  return withOwners(
    manager === KUBECTL ? withLastApplied(object, intent) : object,
    owners,
    current
  );
}
function badRequest2(message) {
  return new StoreError("AFFLUX_STORE_BAD_REQUEST", message);
}
function decodeIntent(intent, { hasStatus, subresource, schema }) {
  if (!isRecord2(intent)) throw badRequest2("an intent must be a JSON object");
  const { apiVersion, kind, metadata, status, ...rest } = intent;
  if (typeof apiVersion !== "string" || typeof kind !== "string" || !isRecord2(metadata)) {
    throw badRequest2("an intent needs apiVersion, kind and metadata");
  }
  if (metadata["managedFields"] !== void 0 && metadata["managedFields"] !== null) {
    throw badRequest2("metadata.managedFields must be nil");
  }
  const problem = listProblem(intent, objectSchema(schema));
  if (problem !== void 0) {
    const { namespace = "", name = "" } = metadata;
    const what = `${namespace}/${name}; ${apiVersion}, Kind=${kind}`;
    throw badRequest2(`failed to create typed patch object (${what}): ${problem}`);
  }
  const named2 = Object.fromEntries(
    Object.entries(metadata).filter(([field]) => !SYSTEM_METADATA.has(field))
  );
  const wanted = { apiVersion, kind, metadata: named2 };
  if (subresource !== "status") Object.assign(wanted, rest);
  const isAboutStatus = subresource === "status" || !hasStatus;
  if (isAboutStatus && status !== void 0) wanted["status"] = status;
  return wanted;
}
function checkNew({ kind, metadata }) {
  const { name, uid } = metadata;
  delete metadata.resourceVersion;
  if (uid === void 0 || uid === "") return;
  throw new StoreError(
    "AFFLUX_STORE_CONFLICT",
    `Operation cannot be fulfilled on ${kind} "${name}": uid mismatch: the provided object specified uid ${uid}, and no existing object was found`,
    { details: { kind, name } }
  );
}
function ownersBefore(current, { apiVersion, subresource }, options) {
  const owners = decodeOwners(current?.metadata.managedFields) ?? noOwners();
  if (current === void 0 || owners.size > 0) return owners;
  const changes = ownableChanges(void 0, current, options.schema, options);
  if (changes === void 0) return owners;
  const first = {
    manager: BEFORE_FIRST_APPLY,
    operation: "Update",
    apiVersion,
    subresource
  };
  recordUpdate(owners, first, changes, options.now);
  return owners;
}
function merge(live, wanted, owners, writerKey, options) {
  const schema = objectSchema(options.schema);
  const fields = fieldsOf2(ownedPart(wanted, options), schema);
  const last = owners.get(writerKey)?.fields ?? NO_FIELDS;
  let owned = fields;
  for (const [key, owner] of owners) {
    if (key !== writerKey) owned = union(owned, owner.fields);
  }
  const merged = mergeIntent(live, wanted, schema);
  const object = withoutAbandoned(merged, last, owned, schema);
  const changes = ownableChanges(live, object, options.schema, options);
  if (changes !== void 0) {
    if (options.force !== true)
      refuseConflicts(conflictsOf(owners, writerKey, changes), live, options);
    dispossess(owners, changes, writerKey);
  }
  return { object, changes, fields };
}
function conflictsOf(owners, writerKey, changes) {
  const written = union(changes.modified, changes.added);
  return [...owners].filter(([key]) => key !== writerKey).sort(([left], [right]) => left < right ? -1 : 1).map(([, owner]) => ({ owner, fields: intersection(owner.fields, written) })).filter(({ fields }) => !isEmptySet(fields));
}
function refuseConflicts(conflicts, live, options) {
  if (conflicts.length === 0) return;
  const allowed = options.manager === KUBECTL ? lastAppliedFields(live, objectSchema(options.schema)) : NO_FIELDS;
  const refused = conflicts.map(({ owner, fields }) => ({ owner, fields: difference(fields, allowed) })).filter(({ fields }) => !isEmptySet(fields));
  if (refused.length > 0) throw applyConflict(refused);
}
function enter(owners, writer, before) {
  const key = identityKey(writer);
  if (isEmptySet(writer.fields)) owners.delete(key);
  else if (before === void 0 || before.time !== writer.time || before.apiVersion !== writer.apiVersion || !sameFields(before.fields, writer.fields)) {
    owners.set(key, writer);
  }
}
function isNothing(value) {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}
function withOwners(object, owners, current) {
  const entries = Object.entries(object.metadata).filter(
    ([name, value]) => name !== "managedFields" && !isNothing(value)
  );
  const metadata = Object.fromEntries(entries);
  const managedFields = encodeOwners(owners);
  const result = {
    ...object,
    metadata: managedFields === void 0 ? metadata : { ...metadata, managedFields }
  };
  return current !== void 0 && sameJson(result, current) ? current : result;
}

// packages/control/src/patch/json-pointer.ts
function parsePointer(text) {
  if (text === "") return [];
  if (!text.startsWith("/") || /~(?![01])/.test(text)) return void 0;
  return text.slice(1).split("/").map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
}
function listIndex(step, length) {
  if (!/^(?:0|[1-9]\d{0,9})$/.test(step)) return void 0;
  const index = Number(step);
  return index < length ? index : void 0;
}

// packages/control/src/patch/json-patch.ts
var OPERATIONS_MAX = 1e4;
var COPY_BYTES_MAX = 3145728;
function malformed(why) {
  return new StoreError("AFFLUX_STORE_BAD_REQUEST", `not a JSON patch: ${why}`);
}
function doesNotFit({ op, path }, why) {
  return new StoreError(
    "AFFLUX_STORE_INVALID",
    `the JSON patch does not fit: ${op} ${JSON.stringify(path)}: ${why}`
  );
}
function isContainer(value) {
  return typeof value === "object" && value !== null;
}
function child(container, step) {
  if (!isContainer(container)) return void 0;
  if (Array.isArray(container)) {
    const index = listIndex(step, container.length);
    return index === void 0 ? void 0 : container[index];
  }
  return Object.hasOwn(container, step) ? container[step] : void 0;
}
function locate(holder, operation, pointer) {
  const steps = parsePointer(pointer);
  if (steps === void 0) throw malformed(`${JSON.stringify(pointer)} is not a JSON pointer`);
  const path = ["root", ...steps];
  const step = path.pop() ?? "root";
  let container = holder;
  for (const part of path) container = child(container, part);
  if (!isContainer(container)) throw doesNotFit(operation, "the path does not exist");
  return { container, step };
}
function read({ container, step }, operation) {
  const value = child(container, step);
  if (value === void 0) throw doesNotFit(operation, "the path does not exist");
  return value;
}
function remove(place, operation) {
  read(place, operation);
  const { container, step } = place;
  if (Array.isArray(container)) container.splice(Number(step), 1);
  else delete container[step];
}
function add({ container, step }, value, operation) {
  if (!Array.isArray(container)) {
    if (step === "__proto__") throw doesNotFit(operation, 'the key "__proto__" is not allowed');
    container[step] = value;
    return;
  }
  const index = step === "-" ? container.length : listIndex(step, container.length + 1);
  if (index === void 0) throw doesNotFit(operation, "the index is outside the list");
  container.splice(index, 0, value);
}
function replace({ container, step }, value, operation) {
  read({ container, step }, operation);
  if (Array.isArray(container)) container[Number(step)] = value;
  else container[step] = value;
}
function source(holder, operation) {
  if (operation.from === void 0) throw malformed(`${operation.op} needs from`);
  return locate(holder, operation, operation.from);
}
function copied(value, operation, budget) {
  budget.bytesLeft -= JSON.stringify(value).length;
  if (budget.bytesLeft < 0) throw doesNotFit(operation, "the patch copies too much");
  return mutableCopy(value);
}
function apply2(holder, operation, budget) {
  const { op, path } = operation;
  switch (op) {
    case "add":
      add(locate(holder, operation, path), operation.value, operation);
      return;
    case "remove":
      remove(locate(holder, operation, path), operation);
      return;
    case "replace":
      replace(locate(holder, operation, path), operation.value, operation);
      return;
    case "move": {
      const from = source(holder, operation);
      if (path.startsWith(`${operation.from ?? ""}/`)) {
        throw doesNotFit(operation, "a value cannot move into itself");
      }
      const value = read(from, operation);
      remove(from, operation);
      add(locate(holder, operation, path), value, operation);
      return;
    }
    case "copy": {
      const value = copied(read(source(holder, operation), operation), operation, budget);
      add(locate(holder, operation, path), value, operation);
      return;
    }
    case "test":
      if (!sameJson(read(locate(holder, operation, path), operation), operation.value)) {
        throw doesNotFit(operation, "the value is another one");
      }
      return;
    default:
      throw malformed(`unknown operation ${JSON.stringify(op)}`);
  }
}
function decodeOperation(value) {
  if (!isContainer(value) || Array.isArray(value))
    throw malformed("an operation must be an object");
  const { op, path, from } = value;
  if (typeof op !== "string" || typeof path !== "string")
    throw malformed("op and path are required");
  if (from !== void 0 && typeof from !== "string") throw malformed("from must be text");
  const needsValue = op === "add" || op === "replace" || op === "test";
  if (needsValue && value["value"] === void 0) throw malformed(`${op} needs value`);
  return { op, path, value: value["value"], ...from === void 0 ? {} : { from } };
}
function jsonPatch(document, patch) {
  if (!Array.isArray(patch)) throw malformed("a JSON patch is a list of operations");
  if (patch.length > OPERATIONS_MAX) {
    throw malformed(`more than ${String(OPERATIONS_MAX)} operations`);
  }
  const operations = mutableCopy(patch).map(decodeOperation);
  const holder = { root: mutableCopy(document) };
  const budget = { bytesLeft: COPY_BYTES_MAX };
  for (const operation of operations) apply2(holder, operation, budget);
  return holder.root;
}

// packages/control/src/patch/merge-patch.ts
function isRecord3(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
function mergeInto(target, patch) {
  for (const key of Object.keys(patch)) {
    const change = patch[key];
    const present = Object.hasOwn(target, key) ? target[key] : void 0;
    if (change === null) delete target[key];
    else if (isRecord3(change)) {
      const merged = isRecord3(present) ? present : {};
      mergeInto(merged, change);
      target[key] = merged;
    } else target[key] = change;
  }
}
function mergePatch(document, patch) {
  const change = mutableCopy(patch);
  if (!isRecord3(change)) return change;
  const target = isRecord3(document) ? mutableCopy(document) : {};
  mergeInto(target, change);
  return target;
}

// packages/control/src/patch/apply-patch.ts
function applyPatch(document, patch) {
  switch (patch.type) {
    case "merge":
      return mergePatch(document, patch.body);
    case "json":
      return jsonPatch(document, patch.body);
  }
}

// packages/control/src/patch/strategic-directives.ts
function badPatch(message) {
  return new StoreError("AFFLUX_STORE_BAD_REQUEST", message);
}

// packages/control/src/patch/strategic-lists.ts
var PATCH = "$patch";
function listMergeKey(schema) {
  const strategies = schema?.["x-kubernetes-patch-strategy"]?.split(",");
  const type = schema?.["x-kubernetes-list-type"];
  const isMerged = strategies?.includes("merge") ?? (type === "map" || type === "set");
  if (!isMerged) return void 0;
  const key = schema?.["x-kubernetes-patch-merge-key"];
  return key ?? schema?.["x-kubernetes-list-map-keys"]?.[0] ?? "";
}
function asList(value) {
  if (!Array.isArray(value)) throw badPatch(`expected a list, but received a ${typeof value}`);
  return value;
}
function recordsOnly(list) {
  return list.map((item) => {
    if (!isRecord2(item)) throw badPatch(`expected a map, but received a ${typeof item}`);
    return item;
  });
}
function identityOf2(item, mergeKey) {
  if (mergeKey === "") return item;
  const [record = {}] = recordsOnly([item]);
  if (!Object.hasOwn(record, mergeKey)) {
    throw badPatch(
      `map: ${JSON.stringify(record)} does not contain declared merge key: ${mergeKey}`
    );
  }
  return record[mergeKey];
}
function checkItems(list) {
  if (list.some((item) => Array.isArray(item))) throw badPatch("lists of lists are not supported");
  const types = new Set(list.map((item) => item === null ? "null" : typeof item));
  if (types.size > 1) {
    throw badPatch(`list element types are not identical: ${JSON.stringify(list)}`);
  }
}
function mergeList(present, change, mergeKey, schema, mergeObject2) {
  if (present.length === 0 && change.length === 0) return present;
  checkItems([...present, ...change]);
  const first = present[0] ?? change[0];
  if (!isRecord2(first)) return ordered([.../* @__PURE__ */ new Set([...present, ...change])], change, present, "");
  if (mergeKey === "") throw badPatch("cannot merge lists without merge key");
  const { kept, additions } = obeyDirectives(recordsOnly(present), recordsOnly(change), mergeKey);
  const merged = [...kept];
  for (const item of additions) {
    const id = identityOf2(item, mergeKey);
    const index = merged.findIndex((other) => identityOf2(other, mergeKey) === id);
    const known = merged[index];
    if (isRecord2(known)) merged[index] = mergeObject2({ ...known }, { ...item }, schema?.items);
    else merged.push(item);
  }
  return ordered(merged, additions, kept, mergeKey);
}
function obeyDirectives(present, change, mergeKey) {
  let kept = present;
  let isReplaced = false;
  const additions = [];
  for (const item of change) {
    if (!Object.hasOwn(item, PATCH)) {
      additions.push(item);
      continue;
    }
    const directive = item[PATCH];
    if (directive === "replace") isReplaced = true;
    else if (directive === "merge") {
      throw badPatch("merging lists cannot yet be specified in the patch");
    } else if (directive === "delete") {
      const id = identityOf2(item, mergeKey);
      kept = kept.filter((other) => other[mergeKey] !== id);
    } else {
      throw badPatch(`unknown patch type: ${String(directive)} in map: ${JSON.stringify(item)}`);
    }
  }
  return isReplaced ? { kept: additions, additions: [] } : { kept, additions };
}
function ordered(merged, patchOrder, liveOrder, mergeKey) {
  const place = (list) => new Map(list.map((item, index) => [identityOf2(item, mergeKey), index]));
  const inPatch = place(patchOrder);
  const inLive = place(liveOrder);
  const sorted = (items, places) => {
    const rank = (item) => places.get(identityOf2(item, mergeKey)) ?? -1;
    return [...items].sort((left, right) => rank(left) - rank(right));
  };
  const isPatched = (item) => inPatch.has(identityOf2(item, mergeKey));
  const patched2 = sorted(merged.filter(isPatched), inPatch);
  const others = sorted(
    merged.filter((item) => !isPatched(item)),
    inLive
  );
  const all = [];
  let next = 0;
  for (const item of others) {
    const at = inLive.get(identityOf2(item, mergeKey)) ?? Infinity;
    const isBefore = (other) => at < (inLive.get(identityOf2(other, mergeKey)) ?? -1);
    while (next < patched2.length && !isBefore(patched2[next])) all.push(patched2[next++]);
    all.push(item);
  }
  return [...all, ...patched2.slice(next)];
}
function deleteFrom(present, values) {
  if (!Array.isArray(values)) throw badPatch("invalid patch format of primitive list");
  if (!Array.isArray(present)) return present;
  const gone = new Set(values);
  return present.filter((item) => !gone.has(item));
}
function reorderList(present, change, order, schema, mergeObject2) {
  const mergeKey = listMergeKey(schema) ?? "";
  const wanted = asList(order);
  if (present === void 0 && change === void 0) return void 0;
  const additions = change === void 0 ? [] : asList(change);
  checkOrder(additions, wanted, mergeKey);
  const live = present === void 0 ? [] : asList(present);
  const isMerged = listMergeKey(schema) !== void 0;
  const merged = isMerged || change === void 0 ? mergeList(live, additions, mergeKey, schema, mergeObject2) : additions;
  return merged.length === 0 ? merged : ordered(merged, wanted, live, mergeKey);
}
function checkOrder(additions, order, mergeKey) {
  if (additions.length === 0 || order.length === 0) return;
  let next = 0;
  const items = additions.filter((item) => !isRecord2(item) || !Object.hasOwn(item, PATCH));
  for (const place of order) {
    if (next === items.length) return;
    if (identityOf2(items[next], mergeKey) === identityOf2(place, mergeKey)) next += 1;
  }
  if (next === items.length) return;
  throw badPatch(
    `The order in patch list:
${JSON.stringify(additions)}
 doesn't match $setElementOrder list:
${JSON.stringify(order)}
`
  );
}

// packages/control/src/patch/strategic-merge.ts
var PATCH2 = "$patch";
var RETAIN_KEYS = "$retainKeys";
var DELETE_FROM = "$deleteFromPrimitiveList";
var SET_ORDER = "$setElementOrder";
function strategicMergePatch(document, patch, schema) {
  const change = mutableCopy(patch);
  if (!isRecord2(change)) throw badPatch("invalid JSON document");
  const target = mutableCopy(document);
  return mergeObject(isRecord2(target) ? target : {}, change, objectSchema(schema));
}
function mergeObject(target, patch, schema) {
  if (Object.hasOwn(patch, PATCH2)) return replaceObject(patch);
  retainKeys(target, patch);
  reorderLists(target, patch, schema);
  for (const [key, change] of Object.entries(patch)) {
    const shrunk = directiveField(key, DELETE_FROM);
    if (shrunk === void 0) mergeField(target, key, change, fieldSchema(schema, key));
    else if (change === null) remove2(target, shrunk);
    else if (Object.hasOwn(target, shrunk)) target[shrunk] = deleteFrom(target[shrunk], change);
  }
  return target;
}
function own(record, key) {
  return Object.hasOwn(record, key) ? record[key] : void 0;
}
function remove2(target, key) {
  delete target[key];
}
function replaceObject({ [PATCH2]: directive, ...rest }) {
  if (directive === "replace") return rest;
  if (directive === "delete") return {};
  throw badPatch(`unknown patch type: ${String(directive)} in map: ${JSON.stringify(rest)}`);
}
function directiveField(key, directive) {
  if (!key.startsWith(directive)) return void 0;
  const slash = key.indexOf("/");
  if (slash === directive.length) return key.slice(slash + 1);
  const what = directive === DELETE_FROM ? "primitive list" : "setElementOrder list";
  throw badPatch(`invalid patch format of ${what}`);
}
function retainKeys(target, patch) {
  if (!Object.hasOwn(patch, RETAIN_KEYS)) return;
  const retained = patch[RETAIN_KEYS];
  remove2(patch, RETAIN_KEYS);
  if (!Array.isArray(retained)) throw badPatch("invalid patch format of retainKeys");
  const names = new Set(retained);
  for (const [key, value] of Object.entries(patch)) {
    if (value === null || key.startsWith(DELETE_FROM) || key.startsWith(SET_ORDER)) continue;
    if (!names.has(key)) throw badPatch("invalid patch format of retainKeys");
  }
  for (const key of Object.keys(target)) if (!names.has(key)) remove2(target, key);
}
function reorderLists(target, patch, schema) {
  for (const [key, order] of Object.entries(patch)) {
    const field = directiveField(key, SET_ORDER);
    if (field === void 0) continue;
    remove2(patch, key);
    const child2 = fieldSchema(schema, field);
    const merged = reorderList(own(target, field), own(patch, field), order, child2, mergeObject);
    if (merged === void 0) continue;
    target[field] = merged;
    remove2(patch, field);
  }
}
function mergeField(target, key, change, schema) {
  if (change === null) {
    remove2(target, key);
    return;
  }
  const present = own(target, key);
  if (isRecord2(present) && isRecord2(change)) {
    const isReplaced = schema?.["x-kubernetes-patch-strategy"] === "replace";
    target[key] = isReplaced ? change : mergeObject({ ...present }, { ...change }, schema);
    return;
  }
  if (Array.isArray(present) && Array.isArray(change)) {
    const mergeKey = listMergeKey(schema);
    target[key] = mergeKey === void 0 ? change : mergeList(present, change, mergeKey, schema, mergeObject);
    return;
  }
  const value = withoutDirectives(withoutNulls(change));
  if (value === void 0) remove2(target, key);
  else target[key] = value;
}
function withoutNulls(value) {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isRecord2(value)) return value;
  const entries = Object.entries(value).filter(([, item]) => item !== null);
  return Object.fromEntries(entries.map(([key, item]) => [key, withoutNulls(item)]));
}
function withoutDirectives(value) {
  if (Array.isArray(value)) {
    return value.map(withoutDirectives).filter((item) => item !== void 0);
  }
  if (!isRecord2(value)) return value;
  if (Object.hasOwn(value, PATCH2)) return void 0;
  const entries = Object.entries(value).map(([key, item]) => [key, withoutDirectives(item)]);
  return Object.fromEntries(entries.filter(([, item]) => item !== void 0));
}

// packages/control/src/memory/patched.ts
function draftOf(kind, key, old, patch, options, now) {
  const draft = mutableCopy(patched(kind, key, old, patch, options, now));
  assertObjectShape(draft);
  if (draft.apiVersion !== kind.apiVersion || draft.kind !== kind.kind) {
    throw badRequest("a patch cannot change apiVersion or kind");
  }
  const { name, namespace } = old?.metadata ?? key;
  draft.metadata.name ||= name;
  if (kind.namespaced && namespace !== void 0) draft.metadata.namespace ??= namespace;
  if (draft.metadata.name !== name || draft.metadata.namespace !== namespace) {
    throw badRequest("a patch cannot change the name or the namespace of an object");
  }
  const version = old?.metadata.resourceVersion;
  if (version !== void 0) draft.metadata.resourceVersion ??= version;
  return draft;
}
function patched(kind, key, old, patch, { fieldManager, subresource }, now) {
  const { mergeSchema: schema, hasStatus } = kind;
  switch (patch.type) {
    case "merge":
    case "json":
      return applyPatch(old, patch);
    case "strategic":
      if (!isKubernetesGroup(kind)) throw unsupportedPatch();
      return strategicMergePatch(old, patch.body, schema);
    case "apply":
      return apply(old, named(patch.body, key, kind), {
        manager: fieldManager,
        force: patch.force,
        now,
        schema,
        hasStatus,
        subresource
      });
  }
}
function named(body, key, kind) {
  const intent = mutableCopy(body);
  assertObjectShape(intent);
  if (intent.apiVersion !== kind.apiVersion || intent.kind !== kind.kind) {
    throw badRequest(
      `the object is a ${intent.kind} of ${intent.apiVersion}, the request is about a ${kind.kind} of ${kind.apiVersion}`
    );
  }
  intent.metadata.name = intent.metadata.name ?? key.name;
  if (kind.namespaced && key.namespace !== void 0) intent.metadata.namespace ??= key.namespace;
  return intent;
}
function ownedBy(kind, old, frozen, { fieldManager }, now, subresource) {
  if (fieldManager === void 0 || frozen === old) return frozen;
  const before = old?.metadata.managedFields;
  const managedFields = takeOwnership(old, frozen, {
    manager: fieldManager,
    now,
    schema: kind.mergeSchema,
    hasStatus: kind.hasStatus,
    subresource
  });
  const { managedFields: sent, ...metadata } = frozen.metadata;
  if (managedFields === sent) return frozen;
  if (managedFields === void 0) return { ...frozen, metadata };
  return {
    ...frozen,
    metadata: { ...metadata, managedFields: freezeOver(managedFields, before).value }
  };
}

// packages/control/src/memory/watcher.ts
var DONE = { done: true, value: void 0 };
var Watcher = class {
  #options;
  #backlog;
  #initial;
  #initialIndex = 0;
  #waiters = [];
  #hasEnded = false;
  #error;
  constructor(options) {
    this.#options = options;
    this.#backlog = new BoundedQueue(options.backlogMax);
    this.#initial = options.initial.flatMap((change) => this.#view(change) ?? []);
    options.filter.signal.addEventListener("abort", this.#end, { once: true });
  }
  [Symbol.asyncIterator]() {
    return this;
  }
  /** Called for every change of the kind, in order. */
  offer(change) {
    const view = this.#view(change);
    if (view !== void 0) this.push(view);
  }
  /** Adds a change that has passed the filter, or a bookmark. */
  push(change) {
    if (this.#hasEnded) return;
    const waiter = this.#waiters.shift();
    if (waiter !== void 0) waiter.resolve({ done: false, value: change });
    else if (!this.#backlog.push(change)) this.#fail(readerTooSlow(this.#options.backlogMax));
  }
  next() {
    if (this.#error !== void 0) {
      const error = this.#error;
      this.#error = void 0;
      return Promise.reject(error);
    }
    if (this.#hasEnded) return Promise.resolve(DONE);
    const change = this.#take();
    if (change !== void 0) return Promise.resolve({ done: false, value: change });
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject });
    });
  }
  /** The kind is served no more. */
  end() {
    this.#end();
  }
  return() {
    this.#end();
    return Promise.resolve(DONE);
  }
  /** The reader sees the error at its next step. */
  #fail(error) {
    this.#error = error;
    this.#end();
  }
  #end = () => {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#options.filter.signal.removeEventListener("abort", this.#end);
    this.#initial = [];
    this.#backlog.clear();
    for (const waiter of this.#waiters) waiter.resolve(DONE);
    this.#waiters = [];
    this.#options.onEnd(this);
  };
  #take() {
    const change = this.#initial[this.#initialIndex];
    if (change === void 0) return this.#backlog.shift();
    this.#initialIndex += 1;
    if (this.#initialIndex === this.#initial.length) {
      this.#initial = [];
      this.#initialIndex = 0;
    }
    return change;
  }
  /** The change as this watch sees it: an object that moves in or out of the selector comes or goes. */
  #view({ type, object, previous }) {
    const { filter } = this.#options;
    const { namespace, labelSelector, fieldSelector } = filter;
    if (namespace !== void 0 && namespace !== object.metadata.namespace) return void 0;
    if (labelSelector === void 0 && fieldSelector === void 0) return { type, object };
    const matches = type !== "DELETED" && matchesSelectors(object, filter);
    const matched = previous !== void 0 && matchesSelectors(previous, filter);
    if (matches) return { type: matched ? "MODIFIED" : "ADDED", object };
    return matched ? { type: "DELETED", object } : void 0;
  }
};
function failedWatch(error) {
  return { [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(error) }) };
}
function endedWatch() {
  return { [Symbol.asyncIterator]: () => ({ next: () => Promise.resolve(DONE) }) };
}
function asAdded(object) {
  return { version: 0, type: "ADDED", object, previous: void 0 };
}

// packages/control/src/memory/watches.ts
var Watches = class {
  #options;
  #count = 0;
  #bookmarkTimer;
  constructor(options) {
    this.#options = options;
  }
  /** Throws TooManyRequests, Expired, or BadRequest for what is no version. */
  open(table, options) {
    const { watchesMax, watchBacklogMax } = this.#options.limits;
    if (this.#count === watchesMax) throw tooManyWatches(watchesMax);
    const watcher = new Watcher({
      filter: options,
      initial: this.#startingPoint(table, options.resourceVersion),
      backlogMax: watchBacklogMax,
      onEnd: (ended) => {
        table.watchers.delete(ended);
        this.#count -= 1;
      }
    });
    table.watchers.add(watcher);
    this.#count += 1;
    this.#armBookmarks();
    return watcher;
  }
  #startingPoint(table, from) {
    if (from === void 0 || from === "" || from === "0") return table.list({}).map(asAdded);
    if (!/^\d{1,15}$/.test(from))
      throw badRequest(`invalid resource version ${JSON.stringify(from)}`);
    const version = Number(from);
    const isKnown = version <= this.#options.version();
    const changes = isKnown ? table.history.since(version) : void 0;
    if (changes === void 0) throw expired(from, String(table.history.forgottenVersion));
    return changes;
  }
  #armBookmarks() {
    if (this.#bookmarkTimer !== void 0) return;
    const { clock, limits, version, pushBookmark } = this.#options;
    this.#bookmarkTimer = clock.setTimer(limits.bookmarkEveryMs, () => {
      this.#bookmarkTimer = void 0;
      if (this.#count === 0) return;
      pushBookmark({ type: "BOOKMARK", resourceVersion: String(version()) });
      this.#armBookmarks();
    });
  }
};

// packages/control/src/memory/memory-store.ts
var MemoryStore = class {
  #clock;
  #newId;
  #random;
  #registry;
  #admission;
  #limits;
  #collector;
  #tables;
  #watches;
  #counts;
  #logger;
  #journal;
  #version = 0;
  constructor(options) {
    this.#clock = options.clock;
    this.#newId = options.newId;
    this.#random = options.random ?? systemRandom;
    this.#registry = options.registry;
    this.#admission = options.admission;
    this.#limits = { ...MEMORY_STORE_LIMITS, ...options.limits };
    this.#logger = options.logger ?? noopLogger;
    this.#counts = new ObjectCounts(this.#limits.objectsPerNamespaceMax);
    this.#tables = new KindTables({
      registry: options.registry,
      historyMax: this.#limits.historyMax,
      version: () => this.#version
    });
    this.#beginAt(options.firstVersion ?? 0);
    this.#watches = new Watches({
      clock: this.#clock,
      limits: this.#limits,
      version: () => this.#version,
      pushBookmark: (bookmark) => {
        this.#tables.pushBookmark(bookmark);
      }
    });
    this.#collector = new GarbageCollector(
      {
        remove: (object, propagation) => void this.#remove(object, propagation),
        setMetadata: (object, change) => void this.#setMetadata(object, change)
      },
      options.clock,
      this.#logger
    );
  }
  /**
   * Takes over what a journal holds and keeps everything in it from now on. Before anything else. `learn` is told of
   * each object that defines kinds (CustomResourceDefinitions) before objects of other kinds are taken over; an object
   * whose kind is not known after that stays in the journal, unseen. Rejects when the journal cannot be written.
   */
  async restore(journal, learn) {
    const { version, objects } = readJournal(journal, (key, why) => {
      this.#logger.error({ key, why }, "an object on the disk cannot be read");
    });
    this.#beginAt(Math.max(version, this.#version));
    const definesKinds = ({ kind }) => kind === "CustomResourceDefinition";
    for (const object of objects.filter(definesKinds)) learn?.(object);
    for (const object of objects) this.#restoreObject(object);
    const writer = new JournalWriter(journal, this.#version, (changes) => {
      this.#takeBack(changes);
    });
    await writer.start();
    this.#journal = writer;
  }
  /** Resolves when everything written so far is kept, or was refused. */
  async close() {
    await this.#journal?.close();
  }
  // The methods are `async` so that a refusal is a rejection, never a throw; none of them waits.
  /* eslint-disable @typescript-eslint/require-await */
  async get(kind, key) {
    return this.#existing(this.#tables.get(kind), key);
  }
  async list(kind, options = {}) {
    const table = this.#tables.get(kind);
    checkFieldSelector(table.definition, options.fieldSelector);
    return { items: table.list(options), resourceVersion: String(this.#version) };
  }
  watch(kind, options) {
    if (options.signal.aborted) return endedWatch();
    try {
      const table = this.#tables.get(kind);
      checkFieldSelector(table.definition, options.fieldSelector);
      return this.#watches.open(table, options);
    } catch (error) {
      return failedWatch(error);
    }
  }
  async create(object, options = {}) {
    return this.#answer(this.#create(mutableCopy(object), options));
  }
  async update(object, options = {}) {
    const draft = mutableCopy(object);
    assertObjectShape(draft);
    const table = this.#tables.get(draft);
    const old = this.#replaced(table, draft);
    return this.#answer(this.#replace(table, draft, old, options));
  }
  async updateStatus(object, options = {}) {
    assertObjectShape(object);
    const table = this.#tables.get(object);
    const old = this.#replaced(table, object);
    return this.#answer(this.#replaceStatus(table, object, old, options));
  }
  async patch(kind, key, patch, options = {}) {
    const table = this.#tables.get(kind);
    const old = table.get(key);
    const mayCreate = patch.type === "apply" && options.subresource === void 0;
    if (old === void 0 && !mayCreate) throw notFound(table.kind, key);
    const draft = draftOf(table.kind, key, old, patch, options, timestamp(this.#clock));
    if (old === void 0) return this.#answer(this.#create(draft, options, isApplied(patch)));
    return this.#answer(
      options.subresource === "status" ? this.#replaceStatus(table, draft, old, options, isApplied(patch)) : this.#replace(table, draft, old, options, isApplied(patch))
    );
  }
  async delete(kind, key, options = {}) {
    const table = this.#tables.get(kind);
    const object = this.#existing(table, key);
    checkPreconditions(table.kind, object, options.preconditions ?? {});
    const { propagation = "Background", dryRun = false } = options;
    return this.#answer(this.#remove(object, propagation, dryRun));
  }
  /* eslint-enable @typescript-eslint/require-await */
  #beginAt(version) {
    this.#version = version;
    this.#tables.beginAt(version);
  }
  /** An answer is given when what it says is kept. */
  async #answer(stored) {
    await this.#journal?.kept();
    return stored;
  }
  #create(draft, options, isOwned = false) {
    assertObjectShape(draft);
    const table = this.#tables.get(draft);
    const { metadata } = draft;
    metadata.name ||= "";
    if (metadata.name === "" && metadata.generateName !== void 0) {
      metadata.name = generateName(
        metadata.generateName,
        this.#random,
        (name) => table.get({ ...metadata, name }) !== void 0
      );
    }
    const now = timestamp(this.#clock);
    stampNew(draft, table.kind, { uid: this.#newId(), now });
    const admitted = this.#admit(draft, void 0, "create", options);
    checkMetadata(admitted, void 0, table.kind);
    if (table.get(admitted.metadata) !== void 0) {
      throw alreadyExists(table.kind, admitted.metadata);
    }
    if (!this.#counts.hasRoom(admitted.metadata.namespace)) {
      throw quotaExceeded(table.kind, admitted.metadata, this.#counts.max);
    }
    const frozen = this.#freeze(table, admitted, void 0);
    const owned = isOwned ? frozen : ownedBy(table.kind, void 0, frozen, options, now);
    return this.#store(table, owned, void 0, options);
  }
  #existing(table, key) {
    const object = table.get(key);
    if (object === void 0) throw notFound(table.kind, key);
    return object;
  }
  /** The object that an update is to replace; one that was read and is gone is a conflict. */
  #replaced(table, { metadata }) {
    const { uid = "" } = metadata;
    const object = table.get(metadata);
    if (object === void 0 && uid !== "") {
      throw preconditionFailed(table.kind, metadata, "UID", uid, "");
    }
    return object ?? this.#existing(table, metadata);
  }
  #admit(draft, old, operation, { fieldManager, fieldValidation, onWarning }, subresource) {
    if (this.#admission === void 0) return draft;
    const admitted = this.#admission(draft, old, {
      operation,
      fieldManager,
      subresource,
      fieldValidation,
      onWarning
    });
    assertObjectShape(admitted);
    return admitted;
  }
  #replace(table, draft, old, options, isOwned = false) {
    checkVersion(draft, old, table.kind);
    keepSystemFields(draft, old, table.kind);
    const admitted = this.#admit(draft, old, "update", options);
    checkMetadata(admitted, old, table.kind);
    return this.#store(table, this.#owned(table, admitted, old, options, isOwned), old, options);
  }
  #replaceStatus(table, draft, old, options, isOwned = false) {
    if (!table.kind.hasStatus) throw noStatusSubresource(table.kind, draft.metadata);
    checkVersion(draft, old, table.kind);
    const next = { ...old, metadata: { ...old.metadata } };
    if (draft.status === void 0) delete next.status;
    else next.status = draft.status;
    if (isOwned) keepFields(next, draft);
    const admitted = options.fieldValidation === void 0 ? next : this.#admit(mutableCopy(next), old, "update", options, "status");
    const owned = this.#owned(table, admitted, old, options, isOwned, "status");
    return this.#store(table, owned, old, options);
  }
  /** The frozen object with what is remembered of who set which field; `old` itself when nothing changed. */
  #owned(table, admitted, old, options, isOwned, subresource) {
    if (isOwned) return this.#freeze(table, keepTimes(admitted, old), old);
    if (old.metadata.managedFields !== void 0) {
      admitted.metadata.managedFields ??= [...old.metadata.managedFields];
    }
    const frozen = this.#freeze(table, admitted, old);
    return ownedBy(table.kind, old, frozen, options, timestamp(this.#clock), subresource);
  }
  /** A write by the store itself: no admission, no version check. */
  #setMetadata(object, change) {
    const table = this.#tables.get(object);
    const next = { ...object, metadata: { ...object.metadata, ...change } };
    return this.#store(table, this.#freeze(table, next, object), object);
  }
  #freeze(table, object, old) {
    const { value, bytesMax } = freezeOver(object, old);
    if (bytesMax > this.#limits.objectBytesMax && value !== old) {
      const bytes = Buffer.byteLength(JSON.stringify(value));
      if (bytes > this.#limits.objectBytesMax) {
        throw tooLarge(table.kind, object.metadata, bytes, this.#limits.objectBytesMax);
      }
    }
    return value;
  }
  /** The last step of every write but a removal. `next` is frozen and still has the version of `old`. */
  #store(table, next, old, { dryRun } = {}) {
    if (next === old) return old;
    const { deletionTimestamp, finalizers, generation } = next.metadata;
    if (deletionTimestamp !== void 0 && (finalizers ?? []).length === 0) {
      return dryRun === true ? next : this.#commit(table, next, old, "DELETED");
    }
    const isNewGeneration = old !== void 0 && changesGeneration(next, old, table.kind);
    const metadata = isNewGeneration ? { ...next.metadata, generation: (generation ?? 0) + 1 } : next.metadata;
    const stamped = { ...next, metadata };
    if (dryRun === true) return freezeOver(stamped, void 0).value;
    return this.#commit(table, stamped, old, old === void 0 ? "ADDED" : "MODIFIED");
  }
  /** Stamps the next version on an object and makes it the present. */
  #commit(table, object, previous, type) {
    if (this.#journal?.hasVersions === false) throw cannotBeKept("no versions are reserved");
    this.#version += 1;
    const resourceVersion = String(this.#version);
    const metadata = Object.freeze({ ...object.metadata, resourceVersion });
    const stamped = Object.freeze({ ...object, metadata });
    table.commit({ version: this.#version, type, object: stamped, previous });
    if (type !== "MODIFIED") this.#counts.add(metadata.namespace, type === "ADDED" ? 1 : -1);
    const remaining = type === "DELETED" ? void 0 : stamped;
    this.#collector.observe(remaining, previous);
    this.#journal?.record(
      journalKey(kindId(stamped), metadata.namespace, metadata.name),
      remaining,
      previous,
      this.#version
    );
    return stamped;
  }
  /** Begins or completes a deletion; gives back what is left of the object. */
  #remove(object, propagation, dryRun = false) {
    const marked = deletionOf(object, propagation, timestamp(this.#clock));
    const table = this.#tables.get(object);
    if (marked === void 0) {
      if (!dryRun) this.#commit(table, object, object, "DELETED");
      return void 0;
    }
    if (marked === object) return object;
    return this.#store(table, this.#freeze(table, marked, object), object, { dryRun });
  }
  /** Puts an object back in its place; nobody is told of it. */
  #restoreObject(object) {
    let table;
    try {
      assertObjectShape(object);
      table = this.#tables.get(object);
    } catch (err) {
      const { apiVersion, kind, metadata } = object;
      this.#logger.warn({ err, apiVersion, kind, name: metadata.name }, "an object is not served");
      return;
    }
    const { value } = freezeOver(object, void 0);
    table.restore(value);
    this.#counts.add(value.metadata.namespace, 1);
    this.#collector.observe(value, void 0);
  }
  /** Gives objects the state again that was kept last. */
  #takeBack(changes) {
    this.#collector.pause();
    for (const { kept, shown } of changes) {
      const object = shown ?? kept;
      if (object === void 0) continue;
      const table = this.#tables.get(object);
      if (kept === void 0) this.#commit(table, object, object, "DELETED");
      else this.#commit(table, kept, shown, shown === void 0 ? "ADDED" : "MODIFIED");
    }
  }
};
function keepFields(next, { metadata: { managedFields } }) {
  if (managedFields === void 0) delete next.metadata.managedFields;
  else next.metadata.managedFields = managedFields;
}
function isApplied(patch) {
  return patch.type === "apply";
}

export {
  StoreError,
  isNotFound,
  isAlreadyExists,
  isConflict,
  isExpired,
  AddressError,
  RequeueAfter,
  kindId,
  formatKey,
  parseKey,
  keyOf,
  controllerKeyOf,
  AddressResolver,
  localServices,
  sameJson,
  ConfigWatcher,
  observerOf,
  Tracker,
  Controller,
  EventReaper,
  EventRecorder,
  allIdle,
  byOwnerUid,
  InformerSet,
  parseLabelSelector,
  parseFieldSelector,
  managerFromUserAgent,
  MemoryStore
};
