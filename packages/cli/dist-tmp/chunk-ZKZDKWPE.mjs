import { createRequire as createRequireOfBundle } from 'node:module';const require = createRequireOfBundle(import.meta.url);

// packages/kernel/src/errors.ts
var BRAND = /* @__PURE__ */ Symbol.for("afflux.error");
var AffluxError = class _AffluxError extends Error {
  code;
  retryable;
  fault;
  details;
  constructor(message, options) {
    const stackTraceLimit = Error.stackTraceLimit;
    if (options.isRoutine === true) Error.stackTraceLimit = 0;
    super(message, options.cause === void 0 ? void 0 : { cause: options.cause });
    Error.stackTraceLimit = stackTraceLimit;
    this.name = new.target.name;
    this.code = options.code;
    this.retryable = options.retryable ?? false;
    this.fault = options.fault ?? "system";
    this.details = options.details ?? {};
    Object.defineProperty(this, BRAND, { value: true });
  }
  static [Symbol.hasInstance](value) {
    if (this !== _AffluxError) return Function.prototype[Symbol.hasInstance].call(this, value);
    return typeof value === "object" && value !== null && BRAND in value;
  }
};
var KernelError = class extends AffluxError {
};
function abortedError(signal) {
  return new KernelError("the operation was aborted", {
    code: "AFFLUX_KERNEL_ABORTED",
    cause: signal.reason
  });
}

// packages/kernel/src/random.ts
import { randomUUID } from "node:crypto";
var systemRandom = { next: () => Math.random() };
var newUuid = () => randomUUID();

// packages/kernel/src/backoff.ts
var BACKOFF_MS_MAX = 3e5;
var JITTER_RATIO = 0.1;
function backoffMs(retry, options) {
  if (options.delayMs <= 0) return 0;
  const factor = options.policy === "linear" ? retry : 2 ** (retry - 1);
  return Math.max(0, Math.min(options.delayMs * factor, options.delayMsMax));
}
function withJitter(waitMs, random, ratio = JITTER_RATIO) {
  return waitMs * (1 + (random.next() * 2 - 1) * ratio);
}

// packages/kernel/src/bounded-queue.ts
import { strict as assert } from "node:assert";
var SLOTS_KEPT = 1024;
var SLOTS_MIN = 16;
var BoundedQueue = class {
  lengthMax;
  #slots;
  #head = 0;
  #length = 0;
  /** `lengthMax` is a positive integer. */
  constructor(lengthMax) {
    assert(Number.isInteger(lengthMax) && lengthMax > 0, "lengthMax must be a positive integer");
    this.lengthMax = lengthMax;
    this.#slots = new Array(Math.min(SLOTS_MIN, lengthMax));
  }
  get length() {
    return this.#length;
  }
  get isFull() {
    return this.#length === this.lengthMax;
  }
  /** Adds at the end; false, and nothing changes, when full. */
  push(item) {
    if (this.#length === this.lengthMax) return false;
    if (this.#length === this.#slots.length) this.#grow();
    this.#slots[(this.#head + this.#length) % this.#slots.length] = item;
    this.#length += 1;
    return true;
  }
  /** Takes from the front; undefined when empty (an item that is itself undefined looks the same). */
  shift() {
    if (this.#length === 0) return void 0;
    const item = this.#slots[this.#head];
    this.#slots[this.#head] = void 0;
    this.#head = (this.#head + 1) % this.#slots.length;
    this.#length -= 1;
    if (this.#length === 0 && this.#slots.length > SLOTS_KEPT) this.clear();
    return item;
  }
  /** The front item without taking it. */
  peek() {
    return this.#length === 0 ? void 0 : this.#slots[this.#head];
  }
  /** Forgets every item. */
  clear() {
    this.#slots = new Array(Math.min(SLOTS_MIN, this.lengthMax));
    this.#head = 0;
    this.#length = 0;
  }
  #grow() {
    const grown = new Array(Math.min(this.#slots.length * 2, this.lengthMax));
    for (let index = 0; index < this.#length; index += 1) {
      grown[index] = this.#slots[(this.#head + index) % this.#slots.length];
    }
    this.#slots = grown;
    this.#head = 0;
  }
};

// packages/kernel/src/clock.ts
import { strict as assert2 } from "node:assert";
var PLATFORM_DELAY_MS_MAX = 2 ** 31 - 1;
var SystemTimer = class {
  #handle;
  constructor(delayMs, run) {
    assert2(!Number.isNaN(delayMs), "a delay must be a number");
    this.#handle = this.#arm(Math.max(0, delayMs), run);
  }
  #arm(remainingMs, run) {
    const stepMs = Math.min(remainingMs, PLATFORM_DELAY_MS_MAX);
    const handle = setTimeout(() => {
      if (remainingMs > stepMs) this.#handle = this.#arm(remainingMs - stepMs, run);
      else run();
    }, stepMs);
    handle.unref();
    return handle;
  }
  cancel() {
    clearTimeout(this.#handle);
  }
};
function sleepOn(clock, delayMs, signal) {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(abortedError(signal));
      return;
    }
    const onAbort = () => {
      timer.cancel();
      if (signal !== void 0) reject(abortedError(signal));
    };
    const timer = clock.setTimer(delayMs, () => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    });
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}
var systemClock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  setTimer: (delayMs, run) => new SystemTimer(delayMs, run),
  sleep: (delayMs, signal) => sleepOn(systemClock, delayMs, signal)
};

// packages/kernel/src/component.ts
var BaseComponent = class {
  #state = "idle";
  #starting;
  #draining;
  #closing;
  /** Aborted by `close`, so that a hook that still waits stops waiting. */
  #life = new AbortController();
  get state() {
    return this.#state;
  }
  start(signal) {
    const isUnderWay = this.#state === "starting" || this.#state === "running";
    if (isUnderWay && this.#starting !== void 0) return this.#starting;
    if (this.#state !== "idle") return Promise.reject(this.#stateError("start"));
    this.#state = "starting";
    this.#starting = this.#start(signal);
    return this.#starting;
  }
  async #start(signal) {
    const failure = await this.#tryStart(signal);
    if (this.#closing !== void 0) await this.#releaseLate(this.#closing, failure);
    if (failure !== void 0) {
      await this.close().catch(() => void 0);
      throw failure.error;
    }
    this.#state = "running";
  }
  /** Runs the hook; the failure is wrapped, so that a rejection with `undefined` counts as one. */
  async #tryStart(signal) {
    try {
      throwIfAborted(signal);
      await this.onStart(this.#signalFor(signal));
      throwIfAborted(signal);
      return void 0;
    } catch (error) {
      return { error };
    }
  }
  /** `close` overtook the start: what the hook acquired after `onClose` had run is given back as well. */
  async #releaseLate(closing, failure) {
    const errors = failure === void 0 ? [] : [failure.error];
    await closing.catch(() => void 0);
    await this.onClose().catch((error) => errors.push(error));
    throw this.#stateError("start", errors.length > 1 ? new AggregateError(errors) : errors[0]);
  }
  drain(signal) {
    if (this.#draining !== void 0) return this.#draining;
    if (this.#state !== "running") return Promise.resolve();
    this.#state = "draining";
    this.#draining = this.#drain(signal);
    return this.#draining;
  }
  async #drain(signal) {
    await this.onDrain(this.#signalFor(signal));
  }
  close() {
    if (this.#closing !== void 0) return this.#closing;
    this.#state = "closed";
    this.#closing = this.#close();
    return this.#closing;
  }
  async #close() {
    this.#life.abort(this.#stateError("go on"));
    await this.onClose();
  }
  [Symbol.asyncDispose]() {
    return this.close();
  }
  /** Called once. The signal aborts when the caller's does and when the component is closed. */
  onStart(_signal) {
    return Promise.resolve();
  }
  /** Called at most once, after `onStart`. The signal aborts as that of `onStart` does. */
  onDrain(_signal) {
    return Promise.resolve();
  }
  /**
   * Gives back what is there now. Called once, and a second time only when `close` overtook `onStart`, after
   * `onStart` has settled; so it must bear finding nothing to do.
   */
  onClose() {
    return Promise.resolve();
  }
  #signalFor(signal) {
    return signal === void 0 ? this.#life.signal : AbortSignal.any([signal, this.#life.signal]);
  }
  #stateError(verb, cause) {
    return new KernelError(`cannot ${verb}: ${this.name} is ${this.#state}`, {
      code: "AFFLUX_KERNEL_COMPONENT_STATE",
      cause,
      details: { component: this.name, state: this.#state }
    });
  }
};
function throwIfAborted(signal) {
  if (signal?.aborted === true) throw abortedError(signal);
}
async function startAll(components, signal) {
  const started = [];
  try {
    for (const component of components) {
      started.push(component);
      await component.start(signal);
    }
  } catch (error) {
    const closeErrors = await closeEach(started.reverse());
    throw closeErrors.length === 0 ? error : stopError([error, ...closeErrors]);
  }
}
var CLOSE_MS_MAX = 5e3;
async function stopAll(components, options) {
  const reversed = [...components].reverse();
  const { undrained, errors } = await drainEach(reversed, options);
  errors.push(...await closeEach(reversed, options));
  if (errors.length > 0) throw stopError(errors);
  return { undrained };
}
async function drainEach(components, { graceMs, clock }) {
  const errors = [];
  const undrained = [];
  const grace = deadline(clock, graceMs, "grace period");
  for (const component of components) {
    if (component.state !== "running" && component.state !== "draining") continue;
    try {
      const drained = component.drain(grace.signal).then(() => true);
      drained.catch(() => void 0);
      if (!await Promise.race([drained, grace.ended])) undrained.push(component.name);
    } catch (error) {
      if (grace.signal.aborted) undrained.push(component.name);
      else errors.push(error);
    }
  }
  grace.cancel();
  return { undrained, errors };
}
async function closeEach(components, options) {
  const errors = [];
  const bound = options && deadline(options.clock, options.closeMs ?? CLOSE_MS_MAX, "time to close");
  for (const component of components) {
    try {
      const closed = component.close().then(() => true);
      closed.catch(() => void 0);
      const inTime = bound === void 0 ? await closed : await Promise.race([closed, bound.ended]);
      if (!inTime) errors.push(new Error(`${component.name} did not close in time`));
    } catch (error) {
      errors.push(error);
    }
  }
  bound?.cancel();
  return errors;
}
function deadline(clock, waitMs, what) {
  const controller = new AbortController();
  let cancel = () => void 0;
  const ended = new Promise((resolve) => {
    const timer = clock.setTimer(waitMs, () => {
      controller.abort(new Error(`the ${what} of ${String(waitMs)} ms ended`));
      resolve(false);
    });
    cancel = () => {
      timer.cancel();
    };
  });
  return { ended, signal: controller.signal, cancel };
}
function stopError(errors) {
  const messages = errors.map((error) => error instanceof Error ? error.message : String(error));
  return new KernelError(
    `${String(errors.length)} component(s) did not stop cleanly: ${messages.join("; ")}`,
    {
      code: "AFFLUX_KERNEL_STOP_FAILED",
      cause: new AggregateError(errors),
      retryable: errors.every((error) => error instanceof AffluxError && error.retryable)
    }
  );
}

// packages/kernel/src/duration.ts
var SECOND = 1e3;
var MINUTE = 60 * SECOND;
var HOUR = 60 * MINUTE;
var DAY = 24 * HOUR;
var YEAR = 365.2425 * DAY;
var DATE_UNITS = /* @__PURE__ */ new Map([
  ["Y", YEAR],
  ["M", YEAR / 12],
  ["W", 7 * DAY],
  ["D", DAY]
]);
var TIME_UNITS = /* @__PURE__ */ new Map([
  ["H", HOUR],
  ["M", MINUTE],
  ["S", SECOND]
]);
var GO_UNITS = /* @__PURE__ */ new Map([
  ["ns", 1e-6],
  ["us", 1e-3],
  ["\xB5s", 1e-3],
  ["\u03BCs", 1e-3],
  ["ms", 1],
  ["s", SECOND],
  ["m", MINUTE],
  ["h", HOUR]
]);
var SIZE_UNITS = /* @__PURE__ */ new Map([
  ["", 1],
  ["b", 1],
  ["kb", 1e3],
  ["mb", 1e6],
  ["gb", 1e9],
  ["k", 1024],
  ["m", 1024 ** 2],
  ["g", 1024 ** 3],
  ["ki", 1024],
  ["mi", 1024 ** 2],
  ["gi", 1024 ** 3],
  ["kib", 1024],
  ["mib", 1024 ** 2],
  ["gib", 1024 ** 3]
]);
var TEXT_LENGTH_MAX = 100;
var DURATION_MS_MAX = 2 ** 63 / 1e6;
var ISO_PERIOD = /^([+-])?P((?:\d+(?:[.,]\d*)?[YMWD])*)(?:T((?:\d+(?:[.,]\d*)?[HMS])*))?$/;
var ISO_COMPONENT = /(\d+(?:[.,]\d*)?)([A-Z])/g;
var GO_DURATION = /^([+-])?((?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/;
var GO_COMPONENT = /(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g;
var SIZE = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i;
function quoted(text) {
  return JSON.stringify(
    text.length > TEXT_LENGTH_MAX ? `${text.slice(0, TEXT_LENGTH_MAX)}\u2026` : text
  );
}
function invalidDuration(text, expected) {
  return new KernelError(`invalid duration ${quoted(text)}: expected ${expected}`, {
    code: "AFFLUX_KERNEL_DURATION_INVALID",
    fault: "user",
    details: { value: text.slice(0, TEXT_LENGTH_MAX) }
  });
}
var NANOSECONDS_EXACT_MS_MAX = Number.MAX_SAFE_INTEGER / 1e6;
function toNanoseconds(ms) {
  return ms < NANOSECONDS_EXACT_MS_MAX ? Math.round(ms * 1e6) / 1e6 : ms;
}
function amountMs(amount, unitMs) {
  const [whole = "", fraction = ""] = amount.split(/[.,]/);
  return toNanoseconds(Number(whole) * unitMs) + toNanoseconds(Number(`0.${fraction}`) * unitMs);
}
function milliseconds(ms, sign) {
  const exact = toNanoseconds(ms);
  if (exact >= DURATION_MS_MAX) return void 0;
  return sign === "-" && exact !== 0 ? -exact : exact;
}
function sumUnits(half, units) {
  const seen = /* @__PURE__ */ new Set();
  let total = 0;
  for (const [, amount = "", unit = ""] of half.matchAll(ISO_COMPONENT)) {
    if (seen.has(unit)) return void 0;
    seen.add(unit);
    total += amountMs(amount, units.get(unit) ?? Number.NaN);
  }
  return total;
}
function isoMilliseconds(text) {
  const match = text.length > TEXT_LENGTH_MAX ? null : ISO_PERIOD.exec(text);
  if (match === null) return void 0;
  const [, sign, dateHalf = "", timeHalf = ""] = match;
  const components = dateHalf + timeHalf;
  const isEmpty = components === "";
  const fractionBeforeLast = /[.,]\d*[A-Z]./.test(components);
  const date = sumUnits(dateHalf, DATE_UNITS);
  const time = sumUnits(timeHalf, TIME_UNITS);
  if (isEmpty || fractionBeforeLast || date === void 0 || time === void 0) return void 0;
  return milliseconds(date + time, sign);
}
function parseIsoDuration(text) {
  const ms = text === "P0" ? 0 : isoMilliseconds(text);
  if (ms === void 0) {
    throw invalidDuration(text, "an ISO 8601 duration such as PT0.2S, PT5M or P1D");
  }
  return ms;
}
function goMilliseconds(text) {
  const match = text.length > TEXT_LENGTH_MAX ? null : GO_DURATION.exec(text);
  if (match === null) return void 0;
  let total = 0;
  for (const [, amount = "", unit = ""] of (match[2] ?? "").matchAll(GO_COMPONENT)) {
    total += amountMs(amount, GO_UNITS.get(unit) ?? Number.NaN);
  }
  return milliseconds(total, match[1]);
}
function parseGoDuration(text) {
  const ms = /^[+-]?0$/.test(text) ? 0 : goMilliseconds(text);
  if (ms === void 0) throw invalidDuration(text, "a duration such as 200ms, 1.5s or 1h30m");
  return ms;
}
function parseDuration(text) {
  return /^[+-]?P/.test(text) ? parseIsoDuration(text) : parseGoDuration(text);
}
function parseBytes(text) {
  const match = text.length > TEXT_LENGTH_MAX ? null : SIZE.exec(text.trim());
  const unit = SIZE_UNITS.get(match?.[2]?.toLowerCase() ?? "-");
  const bytes = Math.floor(Number(match?.[1]) * (unit ?? Number.NaN));
  if (!Number.isSafeInteger(bytes)) {
    throw new KernelError(
      `invalid size ${quoted(text)}: expected bytes such as 65536, 64KiB or 4MiB`,
      {
        code: "AFFLUX_KERNEL_SIZE_INVALID",
        fault: "user",
        details: { value: text.slice(0, TEXT_LENGTH_MAX) }
      }
    );
  }
  return bytes;
}

// packages/kernel/src/telemetry.ts
var DISPATCH_SECONDS_BOUNDS = [
  5e-3,
  0.01,
  0.025,
  0.05,
  0.075,
  0.1,
  0.25,
  0.5,
  0.75,
  1,
  2.5,
  5,
  7.5,
  10
];
var noopLogger = {
  error: () => void 0,
  warn: () => void 0,
  info: () => void 0,
  debug: () => void 0,
  child: () => noopLogger
};
var noopChild = {
  add: () => void 0,
  record: () => void 0,
  set: () => void 0,
  remove: () => void 0
};
var noopInstrument = { labels: () => noopChild };
var noopMeter = {
  counter: () => noopInstrument,
  histogram: () => noopInstrument,
  gauge: () => noopInstrument,
  observe: () => () => void 0
};
var noopSpan = {
  context: void 0,
  setAttribute: () => void 0,
  end: () => void 0
};
var noopTracer = { enabled: false, startSpan: () => noopSpan };

// packages/kernel/src/trace-context.ts
var TRACESTATE_LENGTH_MAX = 512;
var TRACESTATE_MEMBER_LENGTH_MAX = 128;
var BAGGAGE_LENGTH_MAX = 8192;
var HEADER_LENGTH_MAX = 16384;
var TRACEPARENT = /^([0-9a-f]{2})-((?!0{32})[0-9a-f]{32})-((?!0{16})[0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
var TRACEPARENT_LENGTH = 55;
var PRINTABLE = /^[\t\x20-\x7e]*$/;
function readTraceContext(get) {
  const header = get("traceparent");
  if (header === void 0) return void 0;
  const traceparent = readTraceparent(header.trim());
  if (traceparent === void 0) return void 0;
  const tracestate = capTracestate(readList(get("tracestate")));
  const baggage = capBaggage(readList(get("baggage")));
  return {
    traceparent,
    ...tracestate !== "" && { tracestate },
    ...baggage !== "" && { baggage }
  };
}
function readTraceparent(header) {
  if (header.length > HEADER_LENGTH_MAX) return void 0;
  const match = TRACEPARENT.exec(header);
  if (match === null) return void 0;
  const [, version = "", traceId = "", parentId = "", flags = "", rest] = match;
  if (version === "ff" || version === "00" && rest !== void 0) return void 0;
  const known = version === "00" ? flags : Number.parseInt(flags, 16) & 1 ? "01" : "00";
  return header.length === TRACEPARENT_LENGTH && version === "00" ? header : `00-${traceId}-${parentId}-${known}`;
}
function readList(header) {
  if (header === void 0 || header.length > HEADER_LENGTH_MAX) return "";
  const list = header.trim();
  return PRINTABLE.test(list) ? list : "";
}
function capTracestate(list) {
  if (list.length <= TRACESTATE_LENGTH_MAX) return list;
  const members = list.split(",").filter((member) => member.trim().length <= TRACESTATE_MEMBER_LENGTH_MAX);
  return withinLength(members.join(","), TRACESTATE_LENGTH_MAX);
}
function capBaggage(list) {
  return withinLength(list, BAGGAGE_LENGTH_MAX);
}
function withinLength(list, lengthMax) {
  if (list.length <= lengthMax) return list;
  return list.slice(0, Math.max(0, list.lastIndexOf(",", lengthMax)));
}

// packages/kernel/src/until-aborted.ts
function untilAborted(work, signal) {
  if (signal === void 0) return work;
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      reject(abortedError(signal));
    };
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    work.then(resolve, reject).finally(() => {
      signal.removeEventListener("abort", onAbort);
    });
  });
}

export {
  BACKOFF_MS_MAX,
  backoffMs,
  withJitter,
  BoundedQueue,
  AffluxError,
  abortedError,
  systemClock,
  BaseComponent,
  startAll,
  stopAll,
  parseIsoDuration,
  parseDuration,
  parseBytes,
  systemRandom,
  newUuid,
  DISPATCH_SECONDS_BOUNDS,
  noopLogger,
  noopMeter,
  noopTracer,
  readTraceContext,
  untilAborted
};
