import { createRequire as createRequireOfBundle } from 'node:module';const require = createRequireOfBundle(import.meta.url);
import {
  external_exports
} from "./chunk-C4YO6LH5.mjs";
import {
  AffluxError,
  BACKOFF_MS_MAX,
  BaseComponent,
  BoundedQueue,
  abortedError,
  backoffMs,
  withJitter
} from "./chunk-ZKZDKWPE.mjs";

// packages/channels/src/errors.ts
var ChannelError = class extends AffluxError {
};
var ChannelFull = class extends ChannelError {
  retryAfterMs;
  subscriptions;
  constructor(options) {
    super(
      options.reason === "memory" ? "the memory budget for events is exhausted" : `no room in the queue of ${options.subscriptions.join(", ")}`,
      {
        code: "AFFLUX_CHANNEL_FULL",
        retryable: true,
        isRoutine: true,
        details: { ...options }
      }
    );
    this.retryAfterMs = options.retryAfterMs;
    this.subscriptions = options.subscriptions;
  }
};
var ChannelUnavailable = class extends ChannelError {
  retryAfterMs;
  constructor(message, options = {}) {
    const { retryAfterMs = 1e3, cause, details } = options;
    super(message, {
      code: "AFFLUX_CHANNEL_UNAVAILABLE",
      retryable: true,
      isRoutine: true,
      ...cause === void 0 ? {} : { cause },
      details: { ...details, status: 503, retryAfterMs }
    });
    this.retryAfterMs = retryAfterMs;
  }
};
function outcomeUnknown(message, cause) {
  return new ChannelError(message, {
    code: "AFFLUX_CHANNEL_OUTCOME_UNKNOWN",
    retryable: true,
    isRoutine: true,
    ...cause === void 0 ? {} : { cause },
    details: { status: 503, retryAfterMs: 1e3 }
  });
}
function backendRefused(message, cause) {
  return new ChannelError(message, {
    code: "AFFLUX_CHANNEL_BACKEND_REFUSED",
    fault: "user",
    ...cause === void 0 ? {} : { cause },
    details: { status: 503 }
  });
}
function topologyInvalid(message, details = {}) {
  return userError("AFFLUX_CHANNEL_TOPOLOGY_INVALID", message, { ...details, status: 503 });
}
function subscriptionUnknown(channel, id) {
  return userError(
    "AFFLUX_CHANNEL_SUBSCRIPTION_UNKNOWN",
    `the channel ${channel} has no subscription ${JSON.stringify(id)}`,
    { channel, subscription: id, status: 404 }
  );
}
function positionInvalid(type, position, expected) {
  return userError(
    "AFFLUX_CHANNEL_POSITION_INVALID",
    `${JSON.stringify(position)} is no position of a ${type} channel: expected ${expected}`,
    { type, position, expected }
  );
}
function eventTooLarge(sizeBytes, bytesMax, bound) {
  return userError(
    "AFFLUX_CHANNEL_EVENT_TOO_LARGE",
    `the event has ${String(sizeBytes)} bytes; ${bound} takes at most ${String(bytesMax)}`,
    { sizeBytes, bytesMax, bound }
  );
}
function batchTooLarge(events, sizeBytes, bound) {
  return userError(
    "AFFLUX_CHANNEL_BATCH_TOO_LARGE",
    `a batch of ${String(events)} events with ${String(sizeBytes)} bytes is more than ${bound} can ever hold at once; send it in parts`,
    { events, sizeBytes, bound }
  );
}
function channelClosed(name, state) {
  return new ChannelError(`the channel ${name} is ${state}`, {
    code: "AFFLUX_CHANNEL_CLOSED",
    retryable: true,
    details: { channel: name, state }
  });
}
function unsupported(type, capability, wanted) {
  return userError(
    "AFFLUX_CHANNEL_UNSUPPORTED",
    `a channel of type ${type} cannot ${wanted}: it is not ${capability}`,
    { type, capability }
  );
}
function configInvalid(type, problems) {
  const listed = problems.map(
    ({ path, message }) => path === "" ? message : `${path}: ${message}`
  );
  return userError(
    "AFFLUX_CHANNEL_CONFIG_INVALID",
    `the configuration of a ${type} channel is invalid: ${listed.join("; ")}`,
    { type, problems }
  );
}
function userError(code, message, details) {
  return new ChannelError(message, { code, fault: "user", details });
}

// packages/channels/src/driver.ts
function parseConfig(type, schema, config) {
  const result = schema.safeParse(config ?? {});
  if (result.success) return result.data;
  throw configInvalid(
    type,
    result.error.issues.map((issue) => ({ path: issue.path.join("."), message: issue.message }))
  );
}

// packages/channels/src/duplicate-window.ts
import { createHash } from "node:crypto";
var EVENTS_MAX = 1e5;
var DuplicateWindow = class {
  #clock;
  #eventsMax;
  #onSuppressed;
  /** In the order remembered: the oldest first. */
  #known = /* @__PURE__ */ new Map();
  constructor({ clock, eventsMax = EVENTS_MAX, onSuppressed }) {
    this.#clock = clock;
    this.#eventsMax = eventsMax;
    this.#onSuppressed = onSuppressed;
  }
  /** Events remembered now. */
  get size() {
    return this.#known.size;
  }
  /**
   * Publishes those events that are no duplicates within `windowMs`, all or none of them. Resolves when all are
   * accepted, by this publish or an earlier one; rejects as `publish` of the channel does.
   */
  async publish(channel, events, windowMs, options = {}) {
    const keys = events.map(keyOf);
    for (let others = this.#pending(keys); others.length > 0; others = this.#pending(keys)) {
      await untilAbort(Promise.all(others), options.signal);
    }
    if (options.signal?.aborted === true) throw abortedError(options.signal);
    const fresh = this.#fresh(events, keys, windowMs);
    const suppressed = events.length - fresh.size;
    if (fresh.size > 0) await this.#publish(channel, fresh, options);
    if (suppressed > 0) this.#onSuppressed?.(suppressed);
  }
  /** Outcomes of the publishes of these events that are still going on. */
  #pending(keys) {
    const pending = keys.map((key) => this.#known.get(key)?.pending);
    return pending.filter((promise) => promise !== void 0);
  }
  /** Those not known within the window, each once. */
  #fresh(events, keys, windowMs) {
    const sinceMs = this.#clock.monotonicMs() - windowMs;
    const fresh = /* @__PURE__ */ new Map();
    for (const [index, event] of events.entries()) {
      const key = keys[index] ?? "";
      const known = this.#known.get(key);
      const isKnown = known !== void 0 && known.atMs > sinceMs;
      if (!isKnown && !fresh.has(key)) fresh.set(key, event);
    }
    this.#forgetBefore(sinceMs);
    return fresh;
  }
  async #publish(channel, fresh, options) {
    let settle = () => void 0;
    const pending = new Promise((resolve) => settle = resolve);
    const own = { atMs: this.#clock.monotonicMs(), pending };
    for (const key of fresh.keys()) {
      this.#known.delete(key);
      this.#known.set(key, own);
    }
    try {
      await channel.publish([...fresh.values()], options);
    } catch (error) {
      for (const key of fresh.keys()) if (this.#known.get(key) === own) this.#known.delete(key);
      throw error;
    } finally {
      own.pending = void 0;
      settle();
    }
    this.#forgetBeyond();
  }
  /** Windows may differ between calls: only what is older than the present one is forgotten. */
  #forgetBefore(sinceMs) {
    for (const [key, { atMs, pending }] of this.#known) {
      if (atMs > sinceMs || pending !== void 0) return;
      this.#known.delete(key);
    }
  }
  #forgetBeyond() {
    for (const [key, { pending }] of this.#known) {
      if (this.#known.size <= this.#eventsMax) return;
      if (pending === void 0) this.#known.delete(key);
    }
  }
};
function keyOf({ source, id }) {
  return createHash("sha256").update(`${String(source.length)} ${source}${id}`).digest("base64");
}
async function untilAbort(promise, signal) {
  let end = () => void 0;
  const aborted = new Promise((resolve) => end = resolve);
  signal?.addEventListener("abort", end, { once: true });
  if (signal?.aborted !== true) await Promise.race([promise, aborted]);
  signal?.removeEventListener("abort", end);
  if (signal?.aborted === true) throw abortedError(signal);
}
async function publishOnce(target, events, windowMs, options = {}) {
  const { channel, isExact, window } = target;
  if (isExact) await channel.publish(events, { ...options, deduplicateMs: windowMs });
  else await window.publish(channel, events, windowMs, options);
}

// packages/channels/src/flow/token-bucket.ts
var BURST_SECONDS = 0.1;
var TOLERANCE = 1e-6;
var TokenBucket = class {
  ratePerSecond;
  #tokensMax;
  #tokens;
  #filledMs;
  /** Starts full. */
  constructor(ratePerSecond, nowMs) {
    this.ratePerSecond = ratePerSecond;
    this.#tokensMax = Math.max(1, ratePerSecond * BURST_SECONDS);
    this.#tokens = this.#tokensMax;
    this.#filledMs = nowMs;
  }
  /** Milliseconds until a token is there; 0 = now. */
  waitMs(nowMs) {
    const gained = (nowMs - this.#filledMs) * this.ratePerSecond / 1e3;
    this.#tokens = Math.min(this.#tokensMax, this.#tokens + gained);
    this.#filledMs = nowMs;
    if (this.#tokens >= 1 - TOLERANCE) return 0;
    return (1 - this.#tokens) * 1e3 / this.ratePerSecond;
  }
  /** Takes a token; only after `waitMs` returned 0. */
  spend() {
    this.#tokens -= 1;
  }
};

// packages/channels/src/engines/pace.ts
var PATIENT = /* @__PURE__ */ new Set([
  "AFFLUX_CHANNEL_FULL",
  "AFFLUX_CHANNEL_OUTCOME_UNKNOWN",
  "AFFLUX_CHANNEL_UNAVAILABLE"
]);
var BACKOFF = { policy: "exponential", delayMs: 1e3, delayMsMax: 3e4 };
var Pace = class {
  #clock;
  #signal;
  #bucket;
  constructor({ clock, signal, ratePerSecond }) {
    this.#clock = clock;
    this.#signal = signal;
    if (ratePerSecond !== void 0) {
      this.#bucket = new TokenBucket(ratePerSecond, clock.monotonicMs());
    }
  }
  throwIfAborted() {
    if (this.#signal?.aborted === true) throw abortedError(this.#signal);
  }
  /** Waits until so many events may go. */
  async spend(events) {
    if (this.#bucket === void 0) return;
    for (let spent = 0; spent < events; spent += 1) {
      for (; ; ) {
        const waitMs = this.#bucket.waitMs(this.#clock.monotonicMs());
        if (waitMs === 0) break;
        await this.#clock.sleep(waitMs, this.#signal);
      }
      this.#bucket.spend();
    }
  }
  /** Makes the call until it succeeds, fails for good, or the signal aborts. */
  async patiently(call) {
    for (let attempt = 1; ; attempt += 1) {
      this.throwIfAborted();
      try {
        return await call();
      } catch (error) {
        if (!(error instanceof ChannelError) || !PATIENT.has(error.code)) throw error;
        const askedMs = Number(error.details["retryAfterMs"] ?? 0);
        await this.#clock.sleep(Math.max(askedMs, backoffMs(attempt, BACKOFF)), this.#signal);
      }
    }
  }
};

// packages/channels/src/engines/redrive.ts
var PAGE_MAX = 100;
async function redrive(options) {
  const { channel, subscription, accepts = () => true, dryRun = false, signal } = options;
  const { deadLetters } = channel;
  if (deadLetters === void 0) {
    throw unsupported(channel.describe().type, "deadLetters", "redrive dead letters");
  }
  const pace = new Pace(options);
  const limit = Math.min(PAGE_MAX, Math.max(1, Math.floor(options.ratePerSecond ?? PAGE_MAX)));
  const counts = { seen: 0, matched: 0, sent: 0, failed: 0 };
  const scope = subscription === void 0 ? {} : { subscription };
  let page;
  do {
    const after = page?.next === void 0 ? {} : { after: page.next };
    const wanted = { ...scope, ...after, limit, ...signal === void 0 ? {} : { signal } };
    page = await pace.patiently(() => deadLetters.list(wanted));
    const letters = page.letters.filter(accepts);
    counts.seen += page.letters.length;
    counts.matched += letters.length;
    if (!dryRun) {
      for (const letter of letters) {
        await pace.spend(1);
        if (await sendBack(channel, letter, pace)) counts.sent += 1;
        else counts.failed += 1;
      }
    }
    options.onProgress?.({ ...counts }, letters);
  } while (page.next !== void 0);
  return counts;
}
async function sendBack(channel, letter, pace) {
  const { subscription, id } = letter;
  try {
    const sent = await pace.patiently(async () => channel.deadLetters?.redrive(subscription, [id]));
    return sent === 1;
  } catch (error) {
    const isGone = error instanceof ChannelError && error.code === "AFFLUX_CHANNEL_SUBSCRIPTION_UNKNOWN";
    if (isGone) return false;
    throw error;
  }
}

// packages/channels/src/engines/replay.ts
var BATCH = 50;
var REPORT_EVERY = 1e3;
async function replay(options) {
  const { channel, subscription } = options;
  if (!canReplay(channel))
    throw unsupported(channel.describe().type, "replayable", "replay events");
  if (!channel.describe().subscriptions.some(({ id }) => id === subscription)) {
    throw subscriptionUnknown(channel.name, subscription);
  }
  const run = new ReplayRun(channel, options);
  return run.run();
}
function canReplay(channel) {
  const { read, wants, publishTo } = channel;
  return [read, wants, publishTo].every((method) => method !== void 0);
}
var ReplayRun = class {
  #channel;
  #options;
  #pace;
  #progress = { seen: 0, matched: 0, sent: 0 };
  /** Read and not yet dealt with. */
  #batch = [];
  #unreported = 0;
  constructor(channel, options) {
    this.#channel = channel;
    this.#options = options;
    this.#pace = new Pace(options);
  }
  async run() {
    const { from, to, signal } = this.#options;
    const read = {
      from,
      ...to === void 0 ? {} : { to },
      ...signal === void 0 ? {} : { signal }
    };
    let last;
    for await (const { event, position } of this.#channel.read(read)) {
      this.#pace.throwIfAborted();
      last = position;
      this.#see(event);
      if (this.#batch.length >= this.#batchMax) await this.#flush(last);
      else if (this.#unreported >= REPORT_EVERY) await this.#flush(last);
    }
    await this.#flush(last);
    return this.#progress;
  }
  /** A batch takes about a second at most, so that a slow rate is kept evenly and an abort comes through. */
  get #batchMax() {
    const { ratePerSecond = BATCH } = this.#options;
    return Math.max(1, Math.min(BATCH, Math.floor(ratePerSecond)));
  }
  #see(event) {
    const { subscription, accepts } = this.#options;
    const { seen, matched } = this.#progress;
    const isWanted2 = this.#channel.wants(subscription, event) && (accepts?.(event) ?? true);
    if (isWanted2) this.#batch.push(event);
    this.#unreported += 1;
    this.#progress = { ...this.#progress, seen: seen + 1, matched: matched + (isWanted2 ? 1 : 0) };
  }
  async #flush(position) {
    const { subscription, signal, onProgress } = this.#options;
    const events = this.#batch;
    this.#batch = [];
    this.#unreported = 0;
    if (events.length > 0) {
      await this.#pace.spend(events.length);
      const publishOptions = signal === void 0 ? {} : { signal };
      await this.#pace.patiently(
        () => this.#channel.publishTo(subscription, events, publishOptions)
      );
    }
    this.#progress = {
      ...this.#progress,
      sent: this.#progress.sent + events.length,
      ...position === void 0 ? {} : { position }
    };
    onProgress?.(this.#progress);
  }
};

// packages/channels/src/flow/settings.ts
import { strict as assert } from "node:assert";
var BREAKER_DEFAULTS = {
  failuresMin: 10,
  openMs: 1e3,
  openMsMax: 3e4
};
function assertSettings(settings) {
  const { maxInFlight, ratePerSecond, breaker } = settings;
  assert(
    Number.isInteger(maxInFlight) && maxInFlight > 0,
    "maxInFlight must be a positive integer"
  );
  assert(ratePerSecond === void 0 || ratePerSecond > 0, "ratePerSecond must be positive");
  if (breaker === void 0) return;
  assert(
    Number.isInteger(breaker.failuresMin) && breaker.failuresMin > 0,
    "breaker.failuresMin must be a positive integer"
  );
  assert(
    breaker.openMs > 0 && breaker.openMs <= breaker.openMsMax,
    "breaker.openMs must be positive and at most breaker.openMsMax"
  );
}

// packages/channels/src/flow/subscription-rules.ts
var OVERFLOW_SHARE = 0.1;
function subscriptionRules(wishes, { hasDeadLetter }) {
  const { maxInFlight, order, ratePerSecond, circuitBreaker, queueEventsMax } = wishes;
  const hasBreaker = circuitBreaker === "on" || circuitBreaker === "auto" && !hasDeadLetter;
  return {
    flow: {
      maxInFlight,
      order,
      ...ratePerSecond === void 0 ? {} : { ratePerSecond },
      ...hasBreaker ? { breaker: BREAKER_DEFAULTS } : {}
    },
    bounds: { eventsMax: queueEventsMax, bytesMax: wishes.queueBytesMax },
    ...wishes.overflow === "dead-letter" && hasDeadLetter ? { overflowEventsMax: Math.max(1, Math.floor(queueEventsMax * OVERFLOW_SHARE)) } : {}
  };
}

// packages/channels/src/hub.ts
import { strict as assert2 } from "node:assert";
var ChannelHub = class extends BaseComponent {
  name = "channels";
  #entries = /* @__PURE__ */ new Map();
  /** Channels that are still closing, so that a successor does not open the same storage beside them. */
  #closing = /* @__PURE__ */ new Map();
  /**
   * The channel of this reference, made and started by the first caller. Whether it was made by this call or
   * is shared does not show. `capabilities` are those of the driver that makes it. After `close` it is a
   * programmer error.
   */
  acquire(ref, make, capabilities) {
    assert2(this.state !== "closed", "acquire on a closed hub");
    const key = keyOf2(ref);
    let entry = this.#entries.get(key);
    if (entry === void 0) {
      entry = this.#make(key, { ref, channel: make(), capabilities });
      this.#entries.set(key, entry);
    }
    entry.leases += 1;
    return this.#lease(key, entry);
  }
  /** The channel of this reference while somebody holds a lease of it. */
  get(ref) {
    return this.#entries.get(keyOf2(ref))?.channel;
  }
  describe() {
    return [...this.#entries.values()].map(({ ref, channel }) => ({ ...channel.describe(), ref }));
  }
  /** True once nothing is left in any channel that closing would lose; false when the signal aborts first. */
  async settled(options) {
    for (; ; ) {
      await Promise.all(this.#open().map((channel) => channel.settled(options)));
      if (options?.signal?.aborted === true) return false;
      if (this.#open().every((channel) => channel.describe().unsettled === 0)) return true;
    }
  }
  /**
   * Resolves when the channels that outlive the process have written down what they were told until now, new
   * subscriptions included. Channels in trouble are not waited for.
   */
  async recorded(options) {
    const durable = [...this.#entries.values()].filter(({ capabilities, channel }) => {
      const isRunning = channel.state === "running" && channel.describe().trouble === void 0;
      return capabilities.durable && isRunning;
    }).map(({ channel }) => channel);
    await Promise.all(durable.map((channel) => channel.settled(options)));
  }
  #open() {
    const channels = [...this.#entries.values()].map(({ channel }) => channel);
    return channels.filter(({ state }) => state !== "closed");
  }
  #make(key, made) {
    const start = () => made.channel.start();
    const predecessor = this.#closing.get(key);
    const ready = predecessor === void 0 ? start() : predecessor.then(start, start);
    const entry = { ...made, ready, leases: 0 };
    ready.catch(() => {
      if (this.#entries.get(key) === entry) this.#entries.delete(key);
    });
    return entry;
  }
  #lease(key, entry) {
    let released;
    return {
      channel: entry.channel,
      capabilities: entry.capabilities,
      ready: entry.ready,
      release: () => released ??= this.#release(key, entry)
    };
  }
  #release(key, entry) {
    entry.leases -= 1;
    if (entry.leases > 0) return Promise.resolve();
    if (this.#entries.get(key) === entry) this.#entries.delete(key);
    const closing = this.#close(entry.channel, this.#closing.get(key)).finally(() => {
      if (this.#closing.get(key) === closing) this.#closing.delete(key);
    });
    this.#closing.set(key, closing);
    return closing;
  }
  /** Closed when its predecessor is too: whoever comes next waits for both. */
  async #close(channel, predecessor) {
    await Promise.all([predecessor, channel.close()]);
  }
  async onDrain(signal) {
    await Promise.all([...this.#entries.values()].map(({ channel }) => channel.drain(signal)));
  }
  async onClose() {
    const channels = [...this.#entries.values()].map(({ channel }) => channel.close());
    await Promise.all([...channels, ...this.#closing.values()]);
  }
};
function keyOf2({ kind, namespace, name }) {
  return `${kind}/${namespace}/${name}`;
}

// packages/channels/src/flow/scheduler.ts
import { setImmediate } from "node:timers";

// packages/channels/src/flow/line.ts
var Line = class {
  #first;
  #last;
  #length = 0;
  get length() {
    return this.#length;
  }
  push(item) {
    if (this.#last === void 0) this.#first = item;
    else this.#last.next = item;
    this.#last = item;
    this.#length += 1;
  }
  shift() {
    const item = this.#first;
    if (item === void 0) return void 0;
    this.#first = item.next;
    if (this.#first === void 0) this.#last = void 0;
    item.next = void 0;
    this.#length -= 1;
    return item;
  }
};

// packages/channels/src/flow/stall-watch.ts
var BEAT_MS = 500;
var STALL_MS_MIN = 1e3;
var StallWatch = class {
  #clock;
  #beat;
  #watchers = 0;
  #timer;
  #expectedMs = Infinity;
  #stalledMs = 0;
  constructor(clock) {
    this.#clock = clock;
    this.#beat = () => {
      this.#stalledMs += this.#latenessMs();
      this.#timer = void 0;
      this.#arm();
    };
  }
  /** Something is in flight: watch. To be matched by one `leave`. */
  enter() {
    this.#watchers += 1;
    this.#arm();
  }
  /** The beat ends by itself when nothing is in flight. */
  leave() {
    this.#watchers -= 1;
  }
  /** Milliseconds lost so far. The difference of two readings is what was lost between them. */
  stalledMs() {
    return this.#stalledMs + this.#latenessMs();
  }
  #arm() {
    if (this.#timer !== void 0) return;
    this.#expectedMs = this.#watchers > 0 ? this.#clock.monotonicMs() + BEAT_MS : Infinity;
    if (this.#watchers > 0) this.#timer = this.#clock.setTimer(BEAT_MS, this.#beat);
  }
  #latenessMs() {
    const lateMs = this.#clock.monotonicMs() - this.#expectedMs;
    return lateMs >= STALL_MS_MIN ? lateMs : 0;
  }
};

// packages/channels/src/flow/scheduler.ts
var STARTS_PER_TURN = 64;
var STARTS_PER_VISIT = 16;
var Group = class {
  name;
  waiting = new Line();
  next = void 0;
  isWaiting = false;
  seats = 0;
  constructor(name) {
    this.name = name;
  }
};
var Seat = class {
  /** @internal */
  group;
  /** @internal */
  visit;
  /** @internal */
  next = void 0;
  /** @internal */
  isWaiting = false;
  #scheduler;
  #isLeft = false;
  constructor(scheduler, group, visit) {
    this.#scheduler = scheduler;
    this.group = group;
    this.visit = visit;
  }
  /** Asks for a visit; asking again before it happens changes nothing. */
  wake() {
    if (!this.isWaiting && !this.#isLeft) this.#scheduler.enqueue(this);
  }
  /** Gives the seat back: no further visits are asked for. Idempotent. */
  leave() {
    if (this.#isLeft) return;
    this.#isLeft = true;
    this.#scheduler.vacate(this.group);
  }
};
var FlowScheduler = class {
  /** Shared as well: one beat for all flows. */
  stalls;
  #groups = /* @__PURE__ */ new Map();
  #waiting = new Line();
  #run;
  #beginTurn;
  #isScheduled = false;
  #isTurnEnding = false;
  #startsLeft = STARTS_PER_TURN;
  constructor({ clock }) {
    this.stalls = new StallWatch(clock);
    this.#run = () => {
      this.#visitAll();
    };
    this.#beginTurn = () => {
      this.#isTurnEnding = false;
      this.#startsLeft = STARTS_PER_TURN;
      this.#visitAll();
    };
  }
  /** A seat in the group of this name. */
  join(groupName, visit) {
    let group = this.#groups.get(groupName);
    if (group === void 0) this.#groups.set(groupName, group = new Group(groupName));
    group.seats += 1;
    return new Seat(this, group, visit);
  }
  /** @internal Seats call it: a group without seats is forgotten. */
  vacate(group) {
    group.seats -= 1;
    if (group.seats === 0) this.#groups.delete(group.name);
  }
  /** @internal Seats call it. */
  enqueue(seat) {
    seat.isWaiting = true;
    const { group } = seat;
    group.waiting.push(seat);
    if (!group.isWaiting) {
      group.isWaiting = true;
      this.#waiting.push(group);
    }
    this.#schedule();
  }
  #schedule() {
    if (this.#isScheduled || this.#startsLeft <= 0) return;
    this.#isScheduled = true;
    queueMicrotask(this.#run);
  }
  #visitAll() {
    this.#isScheduled = true;
    try {
      while (this.#startsLeft > 0) {
        const seat = this.#nextSeat();
        if (seat === void 0) break;
        this.#visit(seat);
      }
    } finally {
      this.#isScheduled = false;
      if (this.#waiting.length > 0) this.#schedule();
    }
  }
  #visit(seat) {
    if (!this.#isTurnEnding) {
      this.#isTurnEnding = true;
      setImmediate(this.#beginTurn);
    }
    const startsMax = Math.min(STARTS_PER_VISIT, this.#startsLeft);
    const started = seat.visit(startsMax);
    this.#startsLeft -= Math.max(1, started);
    if (started === startsMax) seat.wake();
  }
  #nextSeat() {
    const group = this.#waiting.shift();
    const seat = group?.waiting.shift();
    if (group === void 0 || seat === void 0) return void 0;
    seat.isWaiting = false;
    if (group.waiting.length === 0) group.isWaiting = false;
    else this.#waiting.push(group);
    return seat;
  }
};

// packages/channels/src/flow/subscription-flow.ts
import { strict as assert3 } from "node:assert";
import { setMaxListeners } from "node:events";

// packages/channels/src/alarm.ts
var DEADLINE_TOLERANCE_MS = 1e-3;
var Alarm = class {
  #clock;
  #ring;
  #fire;
  #timer;
  #atMs = Infinity;
  constructor(clock, ring) {
    this.#clock = clock;
    this.#ring = ring;
    this.#fire = () => {
      this.#timer = void 0;
      this.#atMs = Infinity;
      this.#ring();
    };
  }
  /** Rings at `atMs` (monotonic) at the latest; does nothing when it rings earlier anyway. */
  set(atMs) {
    if (atMs >= this.#atMs) return;
    this.#timer?.cancel();
    this.#atMs = atMs;
    this.#timer = this.#clock.setTimer(atMs - this.#clock.monotonicMs(), this.#fire);
  }
  cancel() {
    this.#timer?.cancel();
    this.#timer = void 0;
    this.#atMs = Infinity;
  }
};

// packages/channels/src/heap.ts
var Heap = class {
  #isBefore;
  #items = [];
  constructor(isBefore) {
    this.#isBefore = isBefore;
  }
  get size() {
    return this.#items.length;
  }
  /** The smallest item without taking it. */
  peek() {
    return this.#items[0];
  }
  push(item) {
    this.#items.push(item);
    this.#rise(item, this.#items.length - 1);
  }
  /** Takes the smallest item. */
  pop() {
    const top = this.#items[0];
    const last = this.#items.pop();
    if (last !== void 0 && this.#items.length > 0) this.#sink(last);
    return top;
  }
  /** Takes every item, smallest first. */
  drain() {
    const items = [];
    for (let item = this.pop(); item !== void 0; item = this.pop()) items.push(item);
    return items;
  }
  clear() {
    this.#items.length = 0;
  }
  #rise(item, from) {
    const items = this.#items;
    let hole = from;
    while (hole > 0) {
      const parent = hole - 1 >> 1;
      const above = items[parent];
      if (!this.#isBefore(item, above)) break;
      items[hole] = above;
      hole = parent;
    }
    items[hole] = item;
  }
  /** Puts the item at the top, which is free, and lets it sink to its place. */
  #sink(item) {
    const items = this.#items;
    const size = items.length;
    let hole = 0;
    for (let child = 1; child < size; child = 2 * hole + 1) {
      const sibling = child + 1;
      if (sibling < size && this.#isBefore(items[sibling], items[child])) child = sibling;
      const below = items[child];
      if (!this.#isBefore(below, item)) break;
      items[hole] = below;
      hole = child;
    }
    items[hole] = item;
  }
};

// packages/channels/src/waiters.ts
var Waiters = class {
  #waiters = /* @__PURE__ */ new Set();
  /** Resolves with what {@link resolve} is given, or with false when the signal aborts first. */
  wait(signal) {
    if (signal?.aborted === true) return Promise.resolve(false);
    return new Promise((resolve) => {
      const onAbort = () => {
        waiter.settle(false);
      };
      const waiter = {
        settle: (isMet) => {
          this.#waiters.delete(waiter);
          signal?.removeEventListener("abort", onAbort);
          resolve(isMet);
        }
      };
      this.#waiters.add(waiter);
      signal?.addEventListener("abort", onAbort, { once: true });
    });
  }
  /** Ends every wait that is going on. */
  resolve(isMet) {
    if (this.#waiters.size === 0) return;
    for (const waiter of [...this.#waiters]) waiter.settle(isMet);
  }
};

// packages/channels/src/flow/breaker.ts
var Breaker = class {
  #random;
  #settings;
  #state = "closed";
  #failures = 0;
  #pauseMs = 0;
  #opensMs = 0;
  #isProbing = false;
  constructor(settings, random) {
    this.#settings = settings;
    this.#random = random;
  }
  get state() {
    return this.#state;
  }
  /** Unhealthy settlements in a row, while closed. */
  get failures() {
    return this.#failures;
  }
  /** Takes new settings. Without any the circuit closes; otherwise the state stays, pauses change later. */
  configure(settings) {
    this.#settings = settings;
    if (settings === void 0) this.#close();
  }
  /** Milliseconds until the next start is allowed: 0 = now, `Infinity` = when the probe is settled. */
  waitMs(nowMs) {
    if (this.#state === "closed") return 0;
    if (this.#state === "open") {
      if (nowMs < this.#opensMs) return this.#opensMs - nowMs;
      this.#state = "half-open";
    }
    return this.#isProbing ? Infinity : 0;
  }
  /** A start that `waitMs` allowed. Returns whether it is the probe. */
  begin() {
    if (this.#state !== "half-open") return false;
    this.#isProbing = true;
    return true;
  }
  /** Returns what changed, for the log. */
  settle(verdict, isProbe, nowMs) {
    if (this.#state === "closed") return this.#count(verdict, nowMs);
    if (!isProbe || !this.#isProbing) return void 0;
    this.#isProbing = false;
    if (verdict === "neutral") return void 0;
    if (verdict === "unhealthy") return this.#open(this.#pauseMs * 2, nowMs);
    this.#close();
    return "closed";
  }
  #count(verdict, nowMs) {
    if (this.#settings === void 0 || verdict === "neutral") return void 0;
    this.#failures = verdict === "healthy" ? 0 : this.#failures + 1;
    const isOpening = this.#failures >= this.#settings.failuresMin;
    return isOpening ? this.#open(this.#settings.openMs, nowMs) : void 0;
  }
  #open(pauseMs, nowMs) {
    this.#state = "open";
    this.#pauseMs = Math.min(pauseMs, this.#settings?.openMsMax ?? pauseMs);
    this.#opensMs = nowMs + withJitter(this.#pauseMs, this.#random);
    return "opened";
  }
  #close() {
    this.#state = "closed";
    this.#failures = 0;
    this.#isProbing = false;
  }
};

// packages/channels/src/flow/flow-telemetry.ts
var FLOW_METRICS = {
  queueEvents: "afflux_subscription_queue_events",
  queueBytes: "afflux_subscription_queue_bytes",
  oldestAge: "afflux_subscription_oldest_event_age_seconds",
  inFlight: "afflux_subscription_in_flight_events",
  breakerState: "afflux_subscription_circuit_breaker_state",
  breakerOpened: "afflux_subscription_circuit_breaker_opened_total"
};
var LABELS = ["namespace", "kind", "name", "subscription"];
var BREAKER_VALUES = {
  closed: 0,
  "half-open": 1,
  open: 2
};
var FAULT_LOG_MS = 1e3;
var FlowTelemetry = class {
  #labels;
  #meter;
  #logger;
  #opened;
  #observers = [];
  #faults = 0;
  #faultLogMs = -Infinity;
  constructor(options) {
    const { namespace, kind, name, subscription } = options.labels;
    this.#labels = [namespace, kind, name, subscription];
    this.#meter = options.meter;
    this.#logger = options.logger.child({ namespace, kind, name, subscription });
    this.#opened = options.meter.counter({
      name: FLOW_METRICS.breakerOpened,
      help: "Times the circuit breaker of a subscription opened, failed probes included.",
      labels: LABELS
    }).labels(...this.#labels);
  }
  /** Registers the gauges. Until {@link stop} they read the flow when somebody asks. */
  start(flow) {
    const queued = () => flow.queue();
    this.#observe(FLOW_METRICS.queueEvents, "Events accepted and not yet done with.", () => {
      const { depth, overflow } = queued();
      return depth + overflow;
    });
    this.#observe(FLOW_METRICS.queueBytes, "Bytes of those events.", () => queued().bytes);
    this.#observe(
      FLOW_METRICS.oldestAge,
      "Age of the oldest of those events.",
      () => queued().oldestMs / 1e3
    );
    this.#observe(
      FLOW_METRICS.inFlight,
      "Deliveries going on in this process.",
      () => flow.inFlight
    );
    this.#observe(
      FLOW_METRICS.breakerState,
      "Circuit breaker: 0 closed, 1 half-open, 2 open.",
      () => BREAKER_VALUES[flow.breakerState]
    );
  }
  stop() {
    for (const remove of this.#observers) remove();
    this.#observers = [];
  }
  breakerChanged(change, breaker, nowMs) {
    if (change === "closed") {
      this.#logger.info({}, "circuit closed");
      return;
    }
    this.#opened.add();
    this.#logger.warn({ pauseMs: Math.round(breaker.waitMs(nowMs)) }, "circuit opened");
  }
  handlerFailed(err, eventId, nowMs) {
    this.#faults += 1;
    if (nowMs - this.#faultLogMs < FAULT_LOG_MS) return;
    this.#logger.error({ err, eventId, faults: this.#faults }, "delivery handler failed");
    this.#faults = 0;
    this.#faultLogMs = nowMs;
  }
  #observe(name, help, read) {
    const options = { name, help, labels: LABELS };
    this.#observers.push(
      this.#meter.observe(options, () => [{ value: read(), labels: this.#labels }])
    );
  }
};

// packages/channels/src/flow/job.ts
var Job = class {
  delivery;
  /** It came from the overflow lane. */
  isOverflow;
  /** What it must follow in order; undefined when order does not matter. */
  key;
  /** Newest progress; the delivery has the one it began with. */
  progress;
  /** Faults of the handler in a row. */
  faults = 0;
  /** Monotonic time at which a job that is held for its retry is due. */
  dueMs = 0;
  startedMs = 0;
  /** Reading of the stall watch at the start. */
  stalledMs = 0;
  isProbe = false;
  next = void 0;
  constructor(delivery, key, isOverflow) {
    this.delivery = delivery;
    this.key = key;
    this.isOverflow = isOverflow;
    this.progress = delivery.progress;
  }
  /** Back to the channel with what is known. */
  release(delayMs) {
    const { progress } = this;
    this.delivery.release(progress === void 0 ? { delayMs } : { delayMs, progress });
  }
};
function isDueBefore(left, right) {
  return left.dueMs < right.dueMs;
}

// packages/channels/src/flow/key-order.ts
var KeyOrder = class {
  #parkedMax;
  #busy = /* @__PURE__ */ new Map();
  #parked = 0;
  constructor(parkedMax) {
    this.#parkedMax = parkedMax;
  }
  /** Jobs that stand in line. */
  get parked() {
    return this.#parked;
  }
  /** True: the job has the key and may go. False: it stands in line. Only while `parked` is below its bound. */
  admit(key, job) {
    const busy = this.#busy.get(key);
    if (busy === void 0) {
      this.#busy.set(key, { owner: job, line: void 0 });
      return true;
    }
    busy.line ??= new BoundedQueue(this.#parkedMax);
    busy.line.push(job);
    this.#parked += 1;
    return false;
  }
  /** The job has ended: returns the next one of its key, which has the key now. */
  finish(key, job) {
    const busy = this.#busy.get(key);
    if (busy?.owner !== job) return void 0;
    const next = busy.line?.shift();
    if (next === void 0) {
      this.#busy.delete(key);
      return void 0;
    }
    this.#parked -= 1;
    busy.owner = next;
    return next;
  }
  /** Forgets all keys and returns what stood in line. */
  clear() {
    const jobs = [];
    for (const { line } of this.#busy.values()) {
      for (let job = line?.shift(); job !== void 0; job = line?.shift()) jobs.push(job);
    }
    this.#busy.clear();
    this.#parked = 0;
    return jobs;
  }
};

// packages/channels/src/flow/subscription-flow.ts
var KEPT_MAX = 1e4;
var OVERFLOW_IN_FLIGHT_MAX = 16;
var FAULT_DELAY_MS = 1e3;
var KEY_ATTRIBUTE = "partitionkey";
var SubscriptionFlow = class extends BaseComponent {
  name;
  #subscription;
  #handle;
  #clock;
  #random;
  #telemetry;
  #scheduler;
  #seat;
  #alarm;
  #abort = new AbortController();
  #breaker;
  #order = new KeyOrder(KEPT_MAX);
  #held = new Heap(isDueBefore);
  #runnable = new Line();
  #running = /* @__PURE__ */ new Set();
  #quiet = new Waiters();
  #notBefore;
  #onStep;
  #overflowRunning = 0;
  #settings;
  #bucket;
  constructor(options) {
    super();
    assertSettings(options.settings);
    this.name = `flow ${options.labels.namespace}/${options.labels.name}/${options.labels.subscription}`;
    this.#subscription = options.subscription;
    this.#handle = options.handle;
    this.#settings = options.settings;
    this.#notBefore = options.notBefore;
    this.#onStep = options.onStep;
    this.#clock = options.clock;
    this.#random = options.random;
    this.#telemetry = new FlowTelemetry(options);
    this.#scheduler = options.scheduler ?? new FlowScheduler(options);
    this.#seat = this.#scheduler.join(
      options.labels.namespace,
      (startsMax) => this.#turn(startsMax)
    );
    this.#alarm = new Alarm(options.clock, () => {
      this.#seat.wake();
    });
    this.#breaker = new Breaker(options.settings.breaker, options.random);
    this.#bucket = this.#makeBucket(options.settings.ratePerSecond);
    setMaxListeners(0, this.#abort.signal);
  }
  /** May be replaced at any time; applies to what is started from then on. */
  get settings() {
    return this.#settings;
  }
  set settings(settings) {
    assertSettings(settings);
    const earlier = this.#settings;
    this.#settings = settings;
    this.#breaker.configure(settings.breaker);
    if (settings.ratePerSecond !== earlier.ratePerSecond) {
      this.#bucket = this.#makeBucket(settings.ratePerSecond);
    }
    if (settings.order === "unordered") {
      for (const job of this.#order.clear()) this.#runnable.push(job);
    }
    this.#seat.wake();
  }
  get inFlight() {
    return this.#running.size;
  }
  get breakerState() {
    return this.#breaker.state;
  }
  /** @internal For the gauges. */
  queue() {
    return this.#subscription.describe();
  }
  describe() {
    return {
      subscription: this.#subscription.id,
      inFlight: this.#running.size,
      kept: this.#kept,
      breaker: this.#breaker.state,
      settings: this.#settings
    };
  }
  onStart() {
    this.#telemetry.start(this);
    this.#subscription.onReadable(() => {
      this.#seat.wake();
    });
    this.#seat.wake();
    return Promise.resolve();
  }
  async onDrain(signal) {
    this.#alarm.cancel();
    this.#releaseKept();
    if (this.#running.size === 0) return;
    if (!await this.#quiet.wait(signal)) throw abortedError(signal);
  }
  onClose() {
    this.#abort.abort(new Error(`${this.name} was closed`));
    this.#alarm.cancel();
    this.#telemetry.stop();
    this.#seat.leave();
    this.#releaseKept();
    for (const job of [...this.#running]) {
      this.#leaveRunning(job);
      job.release(0);
    }
    return Promise.resolve();
  }
  /** The first turn may come before the component calls itself running. */
  get #isTaking() {
    return this.state === "running" || this.state === "starting";
  }
  get #kept() {
    return this.#order.parked + this.#held.size + this.#runnable.length;
  }
  #makeBucket(ratePerSecond) {
    if (ratePerSecond === void 0) return void 0;
    return new TokenBucket(ratePerSecond, this.#clock.monotonicMs());
  }
  #turn(startsMax) {
    if (!this.#isTaking) return 0;
    const nowMs = this.#clock.monotonicMs();
    this.#wakeHeld(nowMs);
    const started = this.#startMain(startsMax, nowMs);
    return started + this.#startOverflow(startsMax - started, nowMs);
  }
  #startMain(startsMax, nowMs) {
    let started = 0;
    while (started < startsMax && this.#mayStart(nowMs)) {
      const job = this.#runnable.shift() ?? this.#takeStartable();
      if (job === void 0) break;
      this.#bucket?.spend();
      job.isProbe = this.#breaker.begin();
      this.#start(job, nowMs);
      started += 1;
    }
    return started;
  }
  /** Asks the gates. When one is shut for a time that is known, the alarm asks for a turn then. */
  #mayStart(nowMs) {
    if (this.#running.size - this.#overflowRunning >= this.#settings.maxInFlight) return false;
    const waitMs = Math.max(this.#breaker.waitMs(nowMs), this.#bucket?.waitMs(nowMs) ?? 0);
    if (waitMs === 0) return true;
    if (waitMs < Infinity) this.#alarm.set(nowMs + waitMs);
    return false;
  }
  #startOverflow(startsMax, nowMs) {
    if (this.#subscription.takeOverflow === void 0) return 0;
    const slots = Math.min(this.#settings.maxInFlight, OVERFLOW_IN_FLIGHT_MAX);
    let started = 0;
    while (started < startsMax && this.#overflowRunning < slots) {
      const delivery = this.#subscription.takeOverflow();
      if (delivery === void 0) break;
      this.#overflowRunning += 1;
      this.#start(new Job(delivery, void 0, true), nowMs);
      started += 1;
    }
    return started;
  }
  /** Takes until there is a job whose key is free; the others stand in line. */
  #takeStartable() {
    while (this.#kept < KEPT_MAX) {
      const delivery = this.#subscription.take();
      if (delivery === void 0) return void 0;
      const earlyMs = this.#notBefore?.(delivery.event) ?? 0;
      if (earlyMs > 0) {
        delivery.release({ delayMs: earlyMs });
        continue;
      }
      if (this.#settings.order === "unordered") return new Job(delivery, void 0, false);
      const key = keyOf3(delivery);
      const job = new Job(delivery, key, false);
      if (this.#order.admit(key, job)) return job;
    }
    return void 0;
  }
  #start(job, nowMs) {
    job.startedMs = nowMs;
    this.#scheduler.stalls.enter();
    job.stalledMs = this.#scheduler.stalls.stalledMs();
    this.#running.add(job);
    void this.#run(job);
  }
  async #run(job) {
    let settlement;
    try {
      settlement = await this.#handle(job.delivery.event, job.progress, this.#abort.signal);
    } catch (error) {
      this.#onFault(job, error);
      return;
    }
    this.#onSettled(job, settlement);
  }
  #onSettled(job, settlement) {
    if (!this.#leaveRunning(job)) return;
    const nowMs = this.#clock.monotonicMs();
    job.faults = 0;
    if (!job.isOverflow) this.#judge(job, this.#verdict(job, settlement, nowMs), nowMs);
    if (settlement.kind === "done") {
      this.#onStep?.("before-ack");
      job.delivery.ack();
      this.#endJob(job);
    } else if (settlement.kind === "dead-letter") {
      assert3(job.delivery.deadLetter !== void 0, "the channel keeps no dead letters");
      job.delivery.deadLetter(settlement.letter);
      this.#endJob(job);
    } else {
      job.progress = settlement.progress;
      this.#retry(job, settlement.delayMs, nowMs);
    }
    this.#seat.wake();
  }
  #onFault(job, error) {
    if (!this.#leaveRunning(job)) return;
    const nowMs = this.#clock.monotonicMs();
    this.#telemetry.handlerFailed(error, job.delivery.event.id, nowMs);
    if (!job.isOverflow) this.#judge(job, "neutral", nowMs);
    job.faults += 1;
    const policy = {
      policy: "exponential",
      delayMs: FAULT_DELAY_MS,
      delayMsMax: BACKOFF_MS_MAX
    };
    const fault = Math.max(job.faults, job.delivery.attempt);
    this.#retry(job, withJitter(backoffMs(fault, policy), this.#random), nowMs);
    this.#seat.wake();
  }
  /** False when the flow was closed meanwhile: the event is back in the channel already. */
  #leaveRunning(job) {
    if (!this.#running.delete(job)) return false;
    if (job.isOverflow) this.#overflowRunning -= 1;
    this.#scheduler.stalls.leave();
    if (this.#running.size === 0) this.#quiet.resolve(true);
    return true;
  }
  #retry(job, delayMs, nowMs) {
    if (job.key === void 0 || !this.#isTaking) {
      job.release(delayMs);
      this.#endJob(job);
      return;
    }
    if (job.progress !== void 0) job.delivery.save?.(job.progress);
    job.dueMs = nowMs + Math.max(0, delayMs);
    this.#held.push(job);
    this.#alarm.set(job.dueMs);
  }
  /** The job's key goes to the next in line. */
  #endJob(job) {
    if (job.key === void 0) return;
    const next = this.#order.finish(job.key, job);
    if (next !== void 0) this.#runnable.push(next);
  }
  #wakeHeld(nowMs) {
    let job = this.#held.peek();
    while (job !== void 0 && job.dueMs <= nowMs + DEADLINE_TOLERANCE_MS) {
      this.#held.pop();
      this.#runnable.push(job);
      job = this.#held.peek();
    }
    if (job !== void 0) this.#alarm.set(job.dueMs);
  }
  #verdict(job, settlement, nowMs) {
    if (settlement.healthy !== false) {
      const outcome = settlement.kind === "done" ? settlement.outcome ?? "delivered" : settlement.kind;
      return outcome === "delivered" ? "healthy" : "neutral";
    }
    const lostMs = this.#scheduler.stalls.stalledMs() - job.stalledMs;
    return lostMs > 0 && lostMs * 2 >= nowMs - job.startedMs ? "neutral" : "unhealthy";
  }
  #judge(job, verdict, nowMs) {
    const change = this.#breaker.settle(verdict, job.isProbe, nowMs);
    if (change !== void 0) this.#telemetry.breakerChanged(change, this.#breaker, nowMs);
  }
  /** Everything that is here and not running goes back to the channel, to come again in its order. */
  #releaseKept() {
    const nowMs = this.#clock.monotonicMs();
    for (const job of this.#order.clear()) job.release(0);
    for (let job = this.#runnable.shift(); job !== void 0; job = this.#runnable.shift()) {
      job.release(0);
    }
    for (const job of this.#held.drain()) job.release(Math.max(0, job.dueMs - nowMs));
  }
};
function keyOf3(delivery) {
  return delivery.event.getText(KEY_ATTRIBUTE) ?? "";
}

// packages/channels/src/memory/budget.ts
import { strict as assert4 } from "node:assert";
var MEMORY_BUDGET_BYTES = 256 * 1024 * 1024;
var MEMORY_SHARE_FACTOR = 3;
var MemoryBudget = class {
  bytesMax;
  #shareFactor;
  #accounts = /* @__PURE__ */ new Map();
  #usedBytes = 0;
  constructor(options = {}) {
    this.bytesMax = options.bytesMax ?? MEMORY_BUDGET_BYTES;
    this.#shareFactor = options.shareFactor ?? MEMORY_SHARE_FACTOR;
    assert4(this.bytesMax > 0, "bytesMax must be positive");
    assert4(this.#shareFactor > 0, "shareFactor must be positive");
  }
  get usedBytes() {
    return this.#usedBytes;
  }
  /** The account of a namespace. There are as many as namespaces ever had a channel; each is a few words. */
  account(namespace) {
    const existing = this.#accounts.get(namespace);
    if (existing !== void 0) return existing;
    const account = new NamespaceAccount(this);
    this.#accounts.set(namespace, account);
    return account;
  }
  /** @internal What one account may hold when the budget has `usedBytes` in use. */
  shareOf(usedBytes) {
    return this.#shareFactor * (this.bytesMax - usedBytes);
  }
  /** @internal The most an account reaches when it is alone: x = factor * (bytesMax - x). */
  get aloneBytesMax() {
    return this.bytesMax * this.#shareFactor / (1 + this.#shareFactor);
  }
  /** @internal Accounts report what they take and give. */
  move(bytes) {
    this.#usedBytes += bytes;
  }
};
var NamespaceAccount = class {
  #budget;
  #usedBytes = 0;
  constructor(budget) {
    this.#budget = budget;
  }
  get bytesMax() {
    return this.#budget.aloneBytesMax;
  }
  get usedBytes() {
    return this.#usedBytes;
  }
  tryTake(bytes) {
    const usedAfter = this.#budget.usedBytes + bytes;
    if (this.#usedBytes + bytes > this.#budget.shareOf(usedAfter)) return false;
    this.#usedBytes += bytes;
    this.#budget.move(bytes);
    return true;
  }
  give(bytes) {
    assert4(bytes <= this.#usedBytes, "more bytes given back than were taken");
    this.#usedBytes -= bytes;
    this.#budget.move(-bytes);
  }
};

// packages/channels/src/memory/memory-channel.ts
import { strict as assert6 } from "node:assert";

// packages/channels/src/telemetry.ts
var CHANNEL_LABELS = ["namespace", "kind", "name"];
var SUBSCRIPTION_LABELS = [...CHANNEL_LABELS, "subscription"];
var CHANNEL_METRICS = {
  accepted: "afflux_channel_accepted_events_total",
  refused: "afflux_channel_refused_events_total",
  overflow: "afflux_channel_overflow_events_total",
  deadLetters: "afflux_channel_dead_letters_total",
  lost: "afflux_channel_lost_events_total",
  duplicates: "afflux_channel_suppressed_duplicates_total",
  unavailable: "afflux_channel_unavailable_total"
};
var ChannelTelemetry = class {
  accepted;
  /** Refusals that are the channel's and no subscription's: their label `subscription` is empty. */
  refusedForMemory;
  tooLarge;
  /** Events not stored again because `source` and `id` were those of an earlier one. */
  duplicates;
  /** Times the back-end went away (a connection lost, a disk full), not the publishes refused meanwhile. */
  unavailable;
  #deadLetters;
  #lost;
  #refused;
  #overflow;
  #labels;
  constructor(context) {
    const { meter } = context;
    this.#labels = [context.namespace ?? "", context.kind ?? "Channel", context.name];
    this.accepted = meter.counter({
      name: CHANNEL_METRICS.accepted,
      help: "Events accepted by a channel, whether or not a subscription wants them.",
      labels: CHANNEL_LABELS
    }).labels(...this.#labels);
    this.#refused = meter.counter({
      name: CHANNEL_METRICS.refused,
      help: "Events refused by a channel, counted for each subscription that had no room.",
      labels: [...SUBSCRIPTION_LABELS, "reason"]
    });
    this.#overflow = meter.counter({
      name: CHANNEL_METRICS.overflow,
      help: "Copies of accepted events that found the queue of a subscription full and go to its dead letter sink.",
      labels: SUBSCRIPTION_LABELS
    });
    this.#deadLetters = meter.counter({
      name: CHANNEL_METRICS.deadLetters,
      help: "Events that a subscription gave up and that the channel keeps as dead letters.",
      labels: SUBSCRIPTION_LABELS
    });
    this.#lost = meter.counter({
      name: CHANNEL_METRICS.lost,
      help: "Events that retention removed before the subscription had done with them.",
      labels: SUBSCRIPTION_LABELS
    });
    this.duplicates = meter.counter({
      name: CHANNEL_METRICS.duplicates,
      help: "Events not stored again because an event with their source and id was accepted before.",
      labels: CHANNEL_LABELS
    }).labels(...this.#labels);
    this.unavailable = meter.counter({
      name: CHANNEL_METRICS.unavailable,
      help: "Times the back-end of a channel became unavailable.",
      labels: CHANNEL_LABELS
    }).labels(...this.#labels);
    this.refusedForMemory = this.#refusedFor("", "memory");
    this.tooLarge = this.#refusedFor("", "too-large");
  }
  forSubscription(label) {
    return {
      refused: this.#refusedFor(label, "full"),
      tooLarge: this.#refusedFor(label, "too-large"),
      overflow: this.#overflow.labels(...this.#labels, label),
      deadLetters: this.#deadLetters.labels(...this.#labels, label),
      lost: this.#lost.labels(...this.#labels, label)
    };
  }
  #refusedFor(subscription, reason) {
    return this.#refused.labels(...this.#labels, subscription, reason);
  }
};

// packages/channels/src/memory/lane.ts
import { strict as assert5 } from "node:assert";

// packages/channels/src/memory/memory-delivery.ts
var HELD = 0;
var HANDED_OUT = 1;
var SETTLED = 2;
var MemoryDelivery = class {
  event;
  position;
  attempt;
  progress;
  stored;
  lane;
  state;
  /** Monotonic time from which it may be handed out; 0 = now. */
  dueMs = 0;
  previous = void 0;
  next = void 0;
  constructor(lane, stored, attempt, progress, state) {
    this.event = stored.event;
    this.position = stored.position;
    this.attempt = attempt;
    this.progress = progress;
    this.stored = stored;
    this.lane = lane;
    this.state = state;
  }
  ack() {
    if (this.state === HANDED_OUT) this.lane.finish(this);
  }
  release(options) {
    if (this.state !== HANDED_OUT) return;
    this.lane.takeBack(
      this,
      options.delayMs,
      options.progress === void 0 ? this.progress : options.progress
    );
  }
};
function isBeforeByPosition(left, right) {
  return left.position < right.position;
}
function isBeforeByDue(left, right) {
  return left.dueMs < right.dueMs || left.dueMs === right.dueMs && left.position < right.position;
}

// packages/channels/src/memory/lane.ts
var SLOTS_KEPT = 1024;
var Lane = class {
  bounds;
  depth = 0;
  bytes = 0;
  inFlight = 0;
  /** A reader found nothing due and wants to be told. */
  isAwaited = false;
  #owner;
  #ready = new Heap(isBeforeByPosition);
  #fresh;
  #freshPeak = 0;
  #first;
  #last;
  constructor(owner, bounds) {
    this.#owner = owner;
    this.bounds = bounds;
    this.#fresh = new BoundedQueue(bounds.eventsMax);
  }
  /** Takes new bounds; what is held stays, even beyond them. */
  resize(bounds) {
    this.bounds = bounds;
    if (bounds.eventsMax === this.#fresh.lengthMax) return;
    const resized = new BoundedQueue(Math.max(bounds.eventsMax, this.#fresh.length));
    for (let item = this.#fresh.shift(); item !== void 0; item = this.#fresh.shift()) {
      resized.push(item);
    }
    this.#fresh = resized;
  }
  /** Takes room for one event if there is any. Followed by `enqueue…` or by `unreserve`. */
  tryReserve(bytes) {
    if (this.depth >= this.bounds.eventsMax || this.bytes + bytes > this.bounds.bytesMax) {
      return false;
    }
    this.depth += 1;
    this.bytes += bytes;
    return true;
  }
  unreserve(bytes) {
    this.depth -= 1;
    this.bytes -= bytes;
  }
  enqueue(stored) {
    assert5(this.#fresh.push(stored), "room was reserved");
    if (this.#fresh.length > this.#freshPeak) this.#freshPeak = this.#fresh.length;
  }
  /** For an event that begins with progress. */
  enqueueWith(stored, progress) {
    const delivery = new MemoryDelivery(this, stored, 1, progress, HELD);
    this.#append(delivery);
    this.#ready.push(delivery);
  }
  take() {
    const delivery = this.#ready.size > 0 ? this.#ready.pop() : this.#takeFresh();
    if (delivery === void 0) {
      this.isAwaited = true;
      return void 0;
    }
    delivery.state = HANDED_OUT;
    this.inFlight += 1;
    this.#owner.onInFlight(1);
    return delivery;
  }
  #takeFresh() {
    const stored = this.#fresh.shift();
    if (stored === void 0) return void 0;
    const delivery = new MemoryDelivery(this, stored, 1, void 0, HANDED_OUT);
    this.#append(delivery);
    return delivery;
  }
  /** The event's claim ends. */
  finish(delivery) {
    this.#leaveHands(delivery);
    this.#unlink(delivery);
    this.unreserve(delivery.event.sizeBytes);
    if (this.depth === 0 && this.#freshPeak > SLOTS_KEPT) this.#shrink();
    this.#owner.onFinished(delivery.stored);
  }
  /** The event comes back and waits for its next hand-out. */
  takeBack(delivery, delayMs, progress) {
    this.#leaveHands(delivery);
    const successor = new MemoryDelivery(
      this,
      delivery.stored,
      delivery.attempt + 1,
      progress,
      HELD
    );
    this.#replace(delivery, successor);
    if (delayMs > 0) {
      successor.dueMs = this.#owner.monotonicMs() + delayMs;
      this.#owner.onWaiting(successor);
    } else {
      this.makeReady(successor);
    }
  }
  /** A delivery that waited is due. */
  makeReady(delivery) {
    this.#ready.push(delivery);
    this.announce();
  }
  /** Tells the reader, if one waits, that there is something due. */
  announce() {
    if (!this.isAwaited) return;
    this.isAwaited = false;
    this.#owner.onReadable();
  }
  /** Forgets everything; what is in flight can no longer be settled. Returns the number of events. */
  drop() {
    const dropped = this.depth;
    this.#owner.onInFlight(-this.inFlight);
    for (let delivery = this.#first; delivery !== void 0; delivery = delivery.next) {
      delivery.state = SETTLED;
      this.#owner.onFinished(delivery.stored);
    }
    for (let stored = this.#fresh.shift(); stored !== void 0; stored = this.#fresh.shift()) {
      this.#owner.onFinished(stored);
    }
    this.#first = this.#last = void 0;
    this.#ready.clear();
    this.#shrink();
    this.depth = this.bytes = this.inFlight = 0;
    return dropped;
  }
  /** Monotonic time at which the oldest event was accepted; undefined when empty. */
  get oldestAcceptedMs() {
    return (this.#first?.stored ?? this.#fresh.peek())?.acceptedMs;
  }
  #leaveHands(delivery) {
    delivery.state = SETTLED;
    this.inFlight -= 1;
    this.#owner.onInFlight(-1);
  }
  #shrink() {
    this.#fresh.clear();
    this.#freshPeak = 0;
  }
  #append(delivery) {
    delivery.previous = this.#last;
    if (this.#last === void 0) this.#first = delivery;
    else this.#last.next = delivery;
    this.#last = delivery;
  }
  #unlink(delivery) {
    const { previous, next } = delivery;
    if (previous === void 0) this.#first = next;
    else previous.next = next;
    if (next === void 0) this.#last = previous;
    else next.previous = previous;
    delivery.previous = delivery.next = void 0;
  }
  #replace(delivery, successor) {
    const { previous, next } = delivery;
    successor.previous = previous;
    successor.next = next;
    if (previous === void 0) this.#first = successor;
    else previous.next = successor;
    if (next === void 0) this.#last = successor;
    else next.previous = successor;
    delivery.previous = delivery.next = void 0;
  }
};

// packages/channels/src/memory/backlog.ts
var NO_ROOM = 0;
var MAIN = 1;
var OVERFLOW = 2;
var UNUSED_BOUNDS = { eventsMax: 1, bytesMax: 0 };
var Backlog = class {
  id;
  main;
  overflow;
  selector;
  counters;
  /** A subscription reads it; otherwise no event matches. */
  isAttached = false;
  /** Told when an awaited lane has something due. */
  onReadableCallback;
  /** Number of the last event that was matched against it: guards against a selector that repeats an id. */
  lastMatch = 0;
  /** Monotonic time of the first refusal since an event last found room here. */
  fullSinceMs;
  #label;
  #policy;
  #owner;
  #clock;
  #waiting = new Heap(isBeforeByDue);
  #alarm;
  constructor(options, owner, clock) {
    this.id = options.id;
    this.#label = options.label ?? options.id;
    this.counters = owner.telemetry.forSubscription(this.#label);
    this.selector = options.selector;
    this.#policy = options.overflow;
    this.#owner = owner;
    this.#clock = clock;
    this.main = new Lane(this, options.bounds);
    this.overflow = new Lane(this, overflowBounds(options));
    this.#alarm = new Alarm(clock, () => {
      this.#wakeDue();
    });
  }
  configure(options) {
    this.#label = options.label ?? options.id;
    this.counters = this.#owner.telemetry.forSubscription(this.#label);
    this.selector = options.selector;
    this.#policy = options.overflow;
    this.main.resize(options.bounds);
    this.overflow.resize(overflowBounds(options));
  }
  /** Takes room for one event in the lane that is to get it. */
  reserve(bytes) {
    if (this.main.tryReserve(bytes)) return MAIN;
    return this.#policy !== "backpressure" && this.overflow.tryReserve(bytes) ? OVERFLOW : NO_ROOM;
  }
  unreserve(room, bytes) {
    if (room === MAIN) this.main.unreserve(bytes);
    else if (room === OVERFLOW) this.overflow.unreserve(bytes);
  }
  /** Progress that a copy in the overflow lane begins with. */
  overflowProgress(event) {
    return this.#policy === "backpressure" ? void 0 : this.#policy.deadLetter(event);
  }
  /** The most this backlog can ever hold. */
  get eventsMax() {
    return this.main.bounds.eventsMax + this.#overflowBounds.eventsMax;
  }
  get bytesMax() {
    return this.main.bounds.bytesMax + this.#overflowBounds.bytesMax;
  }
  /** The largest event that fits at all. */
  get eventBytesMax() {
    return Math.max(this.main.bounds.bytesMax, this.#overflowBounds.bytesMax);
  }
  get #overflowBounds() {
    return this.#policy === "backpressure" ? { eventsMax: 0, bytesMax: 0 } : this.overflow.bounds;
  }
  /** Forgets everything. Returns the number of events. */
  drop() {
    this.#alarm.cancel();
    this.#waiting.clear();
    this.fullSinceMs = void 0;
    return this.main.drop() + this.overflow.drop();
  }
  get depth() {
    return this.main.depth + this.overflow.depth;
  }
  describe() {
    const { main, overflow } = this;
    const oldestMs = Math.min(
      main.oldestAcceptedMs ?? Infinity,
      overflow.oldestAcceptedMs ?? Infinity
    );
    return {
      id: this.id,
      label: this.#label,
      attached: this.isAttached,
      depth: main.depth,
      overflow: overflow.depth,
      bytes: main.bytes + overflow.bytes,
      oldestMs: oldestMs === Infinity ? 0 : this.monotonicMs() - oldestMs,
      inFlight: main.inFlight + overflow.inFlight
    };
  }
  onFinished(stored) {
    this.#owner.onFinished(stored);
  }
  onInFlight(change) {
    this.#owner.onInFlight(change);
  }
  onReadable() {
    this.onReadableCallback?.();
  }
  onWaiting(delivery) {
    this.#waiting.push(delivery);
    this.#alarm.set(delivery.dueMs);
  }
  monotonicMs() {
    return this.#clock.monotonicMs();
  }
  #wakeDue() {
    const reachedMs = this.monotonicMs() + DEADLINE_TOLERANCE_MS;
    let next = this.#waiting.peek();
    while (next !== void 0 && next.dueMs <= reachedMs) {
      this.#waiting.pop();
      next.lane.makeReady(next);
      next = this.#waiting.peek();
    }
    if (next !== void 0) this.#alarm.set(next.dueMs);
  }
};
function overflowBounds({ overflow, bounds }) {
  if (overflow === "backpressure") return UNUSED_BOUNDS;
  return { eventsMax: overflow.eventsMax, bytesMax: overflow.bytesMax ?? bounds.bytesMax };
}

// packages/channels/src/scratch.ts
function empty(list) {
  while (list.length > 0) list.pop();
}

// packages/channels/src/matcher.ts
var Matcher = class {
  #targets;
  #ids = [];
  #everyEvent = [];
  #selectors = [];
  #isStale = true;
  #matches = 0;
  /** Keeps the map (by subscription id) and looks subscriptions up in it. */
  constructor(targets) {
    this.#targets = targets;
  }
  /** To be called when a subscription came, went, or changed its selector. */
  invalidate() {
    this.#isStale = true;
  }
  /** Appends the subscriptions that want the event, each once. */
  match(event, out) {
    if (this.#isStale) this.#refresh();
    for (const target of this.#everyEvent) out.push(target);
    this.#matches += 1;
    for (const selector of this.#selectors) {
      empty(this.#ids);
      selector.select(event, this.#ids);
      for (const id of this.#ids) this.#matchId(id, selector, out);
    }
  }
  #matchId(id, selector, out) {
    const target = this.#targets.get(id);
    if (target?.selector !== selector || !target.isAttached) return;
    if (target.lastMatch === this.#matches) return;
    target.lastMatch = this.#matches;
    out.push(target);
  }
  /** Runs with the next event and not with each change, so that many changes at once cost one pass. */
  #refresh() {
    this.#isStale = false;
    const attached = [...this.#targets.values()].filter((target) => target.isAttached);
    const selectors = /* @__PURE__ */ new Set();
    for (const { selector } of attached) if (selector !== void 0) selectors.add(selector);
    this.#everyEvent = attached.filter((target) => target.selector === void 0);
    this.#selectors = [...selectors];
  }
};
function isWanted(id, selector, event) {
  if (selector === void 0) return true;
  const ids = [];
  selector.select(event, ids);
  return ids.includes(id);
}

// packages/channels/src/memory/memory-subscription.ts
var NOTHING = { kept: 0, dropped: 0 };
var MemorySubscription = class {
  id;
  backlog;
  #host;
  #isClosed = false;
  constructor(backlog, host) {
    this.id = backlog.id;
    this.backlog = backlog;
    this.#host = host;
  }
  take() {
    return this.#isClosed || !this.#host.handsOut ? void 0 : this.backlog.main.take();
  }
  takeOverflow() {
    return this.#isClosed || !this.#host.handsOut ? void 0 : this.backlog.overflow.take();
  }
  onReadable(callback) {
    if (!this.#isClosed) this.backlog.onReadableCallback = callback;
  }
  close(options) {
    if (this.#isClosed) return NOTHING;
    this.#isClosed = true;
    return this.#host.detach(this.backlog, options?.drop ?? false);
  }
  describe() {
    return this.backlog.describe();
  }
};

// packages/channels/src/memory/stored-event.ts
var EVENT_OVERHEAD_BYTES = 1536;
var StoredEvent = class {
  event;
  /** Order of acceptance within the channel, from 1. */
  position;
  /** Monotonic time of acceptance. */
  acceptedMs;
  /** Subscriptions that have not done with the event. */
  claims;
  constructor(event, position, acceptedMs, claims) {
    this.event = event;
    this.position = position;
    this.acceptedMs = acceptedMs;
    this.claims = claims;
  }
};
function budgetBytes(event) {
  return event.sizeBytes + EVENT_OVERHEAD_BYTES;
}

// packages/channels/src/memory/placement.ts
var Placement = class {
  #matcher;
  #account;
  #telemetry;
  #retryAfter;
  #targets = [];
  #rooms = [];
  #ends = [];
  #progress = [];
  #awaited = [];
  #hasOverflow = false;
  #hasRefusal = false;
  constructor(options) {
    this.#matcher = options.matcher;
    this.#account = options.account;
    this.#telemetry = options.telemetry;
    this.#retryAfter = options.retryAfter;
  }
  /** Takes room for all events everywhere, or throws and leaves everything as it was. */
  plan(events, nowMs) {
    try {
      for (const event of events) this.#reserve(event);
      if (this.#hasRefusal) throw this.#refusal(events, nowMs);
      if (this.#hasOverflow) this.#prepareOverflow(events);
      this.#takeBudget(events);
    } catch (error) {
      this.#giveBack(events);
      this.#clear();
      throw error;
    }
  }
  /**
   * Puts the planned events into their queues. `store` is called for each event that somebody wants and
   * returns its position.
   */
  commit(events, nowMs, store) {
    let index = 0;
    for (let at = 0; at < events.length; at += 1) {
      const end = this.#ends[at];
      if (end === index) continue;
      const event = events[at];
      const stored = new StoredEvent(event, store(event), nowMs, end - index);
      for (; index < end; index += 1) this.#enqueue(stored, index);
    }
    this.#clear();
  }
  /** Tells the readers that waited. Last, because what they do is not ours to foresee. */
  announce() {
    for (const lane of this.#awaited) lane.announce();
    empty(this.#awaited);
  }
  #reserve(event) {
    const targets = this.#targets;
    const from = targets.length;
    this.#matcher.match(event, targets);
    this.#ends.push(targets.length);
    for (let index = from; index < targets.length; index += 1) {
      const room = targets[index].reserve(event.sizeBytes);
      this.#rooms.push(room);
      if (room === OVERFLOW) this.#hasOverflow = true;
      else if (room === NO_ROOM) this.#hasRefusal = true;
    }
  }
  #enqueue(stored, index) {
    const backlog = this.#targets[index];
    backlog.fullSinceMs = void 0;
    const isMain = this.#rooms[index] === MAIN;
    const lane = isMain ? backlog.main : backlog.overflow;
    if (isMain) {
      lane.enqueue(stored);
    } else {
      lane.enqueueWith(stored, this.#progress[index]);
      backlog.counters.overflow.add(1);
    }
    if (lane.isAwaited) this.#awaited.push(lane);
  }
  #prepareOverflow(events) {
    this.#forEachTarget(events, (backlog, event, index) => {
      if (this.#rooms[index] === OVERFLOW) this.#progress[index] = backlog.overflowProgress(event);
    });
  }
  #takeBudget(events) {
    let bytes = 0;
    let start = 0;
    for (let at = 0; at < events.length; at += 1) {
      const end = this.#ends[at];
      if (end > start) bytes += budgetBytes(events[at]);
      start = end;
    }
    if (bytes === 0 || this.#account.tryTake(bytes)) return;
    throw this.#budgetRefusal(events, bytes);
  }
  #giveBack(events) {
    this.#forEachTarget(events, (backlog, event, index) => {
      backlog.unreserve(this.#rooms[index] ?? NO_ROOM, event.sizeBytes);
    });
  }
  /** For the paths that are not hot. */
  #forEachTarget(events, visit) {
    let index = 0;
    for (const [at, end] of this.#ends.entries()) {
      for (; index < end; index += 1) {
        visit(this.#targets[index], events[at], index);
      }
    }
  }
  #refusal(events, nowMs) {
    const full = /* @__PURE__ */ new Set();
    this.#forEachTarget(events, (backlog, _event, index) => {
      if (this.#rooms[index] === NO_ROOM) full.add(backlog);
    });
    for (const backlog of full) {
      const never = this.#neverFits(events, backlog);
      if (never === void 0) continue;
      backlog.counters.tooLarge.add(events.length);
      return never;
    }
    return this.#fullFor([...full], events.length, nowMs);
  }
  #fullFor(full, events, nowMs) {
    const { retryAfterMsMin, retryAfterMsMax } = this.#retryAfter;
    let retryAfterMs = retryAfterMsMin;
    for (const backlog of full) {
      backlog.fullSinceMs ??= nowMs;
      retryAfterMs = Math.max(retryAfterMs, nowMs - backlog.fullSinceMs);
      backlog.counters.refused.add(events);
    }
    return new ChannelFull({
      reason: "full",
      retryAfterMs: Math.ceil(Math.min(retryAfterMs, retryAfterMsMax)),
      subscriptions: full.map(({ id }) => id)
    });
  }
  /** Why these events could not enter the backlog even if it were empty; undefined when they could. */
  #neverFits(events, target) {
    let count = 0;
    let bytes = 0;
    let largest = 0;
    this.#forEachTarget(events, (backlog, { sizeBytes }) => {
      if (backlog !== target) return;
      count += 1;
      bytes += sizeBytes;
      largest = Math.max(largest, sizeBytes);
    });
    const bound = `the queue of ${target.id}`;
    if (largest > target.eventBytesMax) return eventTooLarge(largest, target.eventBytesMax, bound);
    const isTooMuch = count > target.eventsMax || bytes > target.bytesMax;
    return isTooMuch ? batchTooLarge(count, bytes, bound) : void 0;
  }
  #budgetRefusal(events, bytes) {
    const { bytesMax } = this.#account;
    if (bytes > bytesMax) {
      this.#telemetry.tooLarge.add(events.length);
      const bound = "the memory budget of one namespace";
      return events.length === 1 ? eventTooLarge(bytes, bytesMax, bound) : batchTooLarge(events.length, bytes, bound);
    }
    this.#telemetry.refusedForMemory.add(events.length);
    const retryAfterMs = this.#retryAfter.retryAfterMsMin;
    return new ChannelFull({ reason: "memory", retryAfterMs, subscriptions: [] });
  }
  #clear() {
    empty(this.#targets);
    empty(this.#rooms);
    empty(this.#ends);
    empty(this.#progress);
    this.#hasOverflow = false;
    this.#hasRefusal = false;
  }
};

// packages/channels/src/memory/memory-channel.ts
var MEMORY_TYPE = "memory";
var MemoryChannel = class extends BaseComponent {
  name;
  telemetry;
  #clock;
  #logger;
  #account;
  #backlogs = /* @__PURE__ */ new Map();
  #subscriptions = /* @__PURE__ */ new Map();
  #matcher = new Matcher(this.#backlogs);
  #placement;
  #emptied = new Waiters();
  #quiet = new Waiters();
  #store;
  #position = 0;
  #events = 0;
  #bytes = 0;
  #inFlight = 0;
  #isPublishing = false;
  #left;
  constructor({ context, account, retryAfter }) {
    super();
    this.name = context.name;
    this.telemetry = new ChannelTelemetry(context);
    this.#clock = context.clock;
    this.#logger = context.logger;
    this.#account = account;
    this.#placement = new Placement({
      matcher: this.#matcher,
      account,
      telemetry: this.telemetry,
      retryAfter
    });
    this.#store = (event) => {
      this.#events += 1;
      this.#bytes += event.sizeBytes;
      this.#position += 1;
      return this.#position;
    };
  }
  /** Always returns undefined: the promise is kept. */
  publish(events, options) {
    if (this.state !== "running") throw channelClosed(this.name, this.state);
    if (options?.signal?.aborted === true) throw abortedError(options.signal);
    if (options?.deduplicateMs !== void 0) {
      throw unsupported(MEMORY_TYPE, "deduplicates", "suppress duplicates");
    }
    assert6(!this.#isPublishing, "a selector or a reader called publish from within publish");
    this.#isPublishing = true;
    try {
      const nowMs = this.#clock.monotonicMs();
      this.#placement.plan(events, nowMs);
      this.#placement.commit(events, nowMs, this.#store);
      this.telemetry.accepted.add(events.length);
      this.#placement.announce();
    } finally {
      this.#isPublishing = false;
    }
  }
  subscribe(options) {
    if (this.state === "draining" || this.state === "closed") {
      throw channelClosed(this.name, this.state);
    }
    if (options.from !== void 0 && options.from !== "latest") {
      throw unsupported(MEMORY_TYPE, "replayable", "begin before now");
    }
    return this.#subscribe(options);
  }
  #subscribe(options) {
    const backlog = this.#backlogFor(options);
    backlog.isAttached = true;
    this.#matcher.invalidate();
    const open = this.#subscriptions.get(options.id);
    if (open !== void 0) return open;
    const subscription = new MemorySubscription(backlog, this);
    this.#subscriptions.set(options.id, subscription);
    return subscription;
  }
  #backlogFor(options) {
    const existing = this.#backlogs.get(options.id);
    if (existing !== void 0) {
      existing.configure(options);
      return existing;
    }
    const backlog = new Backlog(options, this, this.#clock);
    this.#backlogs.set(options.id, backlog);
    return backlog;
  }
  describe() {
    return this.#left ?? this.#describe();
  }
  #describe() {
    return {
      name: this.name,
      type: MEMORY_TYPE,
      events: this.#events,
      bytes: this.#bytes,
      unsettled: this.#events,
      subscriptions: [...this.#backlogs.values()].map((backlog) => backlog.describe())
    };
  }
  settled(options) {
    if (this.state === "closed") return Promise.resolve(this.describe().events === 0);
    if (this.#events === 0) return Promise.resolve(true);
    return this.#emptied.wait(options?.signal);
  }
  /** @internal */
  get handsOut() {
    return this.state !== "draining" && this.state !== "closed";
  }
  /** @internal */
  detach(backlog, drop) {
    this.#subscriptions.delete(backlog.id);
    backlog.isAttached = false;
    backlog.onReadableCallback = void 0;
    this.#matcher.invalidate();
    if (!drop && backlog.depth > 0) return { kept: backlog.depth, dropped: 0 };
    this.#backlogs.delete(backlog.id);
    return { kept: 0, dropped: backlog.drop() };
  }
  /** @internal */
  onFinished(stored) {
    stored.claims -= 1;
    if (stored.claims > 0) return;
    this.#events -= 1;
    this.#bytes -= stored.event.sizeBytes;
    this.#account.give(budgetBytes(stored.event));
    if (this.#events === 0) this.#emptied.resolve(true);
  }
  /** @internal */
  onInFlight(change) {
    this.#inFlight += change;
    if (this.#inFlight === 0) this.#quiet.resolve(true);
  }
  async onDrain(signal) {
    if (this.#inFlight === 0) return;
    if (!await this.#quiet.wait(signal)) throw abortedError(signal);
  }
  onClose() {
    if (this.#left !== void 0) return Promise.resolve();
    const left = this.#describe();
    this.#left = left;
    this.#emptied.resolve(left.events === 0);
    for (const backlog of this.#backlogs.values()) backlog.drop();
    this.#backlogs.clear();
    this.#subscriptions.clear();
    this.#matcher.invalidate();
    if (left.events > 0) {
      const subscriptions = left.subscriptions.filter(
        ({ depth, overflow }) => depth + overflow > 0
      );
      this.#logger.warn(
        { channel: this.name, events: left.events, subscriptions },
        "memory channel closed with events left"
      );
    }
    return Promise.resolve();
  }
};

// packages/channels/src/memory/driver.ts
var memoryConfigSchema = external_exports.strictObject({
  retryAfterMsMin: external_exports.int().min(1).default(1e3).describe("The least a refused producer is told to wait, in milliseconds."),
  retryAfterMsMax: external_exports.int().min(1).default(3e4).describe("The most a refused producer is told to wait, in milliseconds.")
}).refine(({ retryAfterMsMin, retryAfterMsMax }) => retryAfterMsMin <= retryAfterMsMax, {
  path: ["retryAfterMsMax"],
  error: "must not be below retryAfterMsMin"
});
function memoryDriver(options = {}) {
  const budget = options.budget ?? new MemoryBudget();
  return {
    type: MEMORY_TYPE,
    configSchema: memoryConfigSchema,
    capabilities: {
      durable: false,
      order: "total",
      replayable: false,
      competingConsumers: false,
      delayed: true,
      deadLetters: false,
      deduplicates: false
    },
    create: (context) => new MemoryChannel({
      context,
      account: budget.account(context.namespace ?? ""),
      retryAfter: parseConfig(MEMORY_TYPE, memoryConfigSchema, context.config)
    })
  };
}

export {
  ChannelError,
  ChannelFull,
  ChannelUnavailable,
  outcomeUnknown,
  backendRefused,
  topologyInvalid,
  subscriptionUnknown,
  positionInvalid,
  eventTooLarge,
  batchTooLarge,
  channelClosed,
  unsupported,
  parseConfig,
  DuplicateWindow,
  publishOnce,
  redrive,
  replay,
  subscriptionRules,
  ChannelHub,
  FlowScheduler,
  DEADLINE_TOLERANCE_MS,
  Alarm,
  Heap,
  Waiters,
  SubscriptionFlow,
  MemoryBudget,
  ChannelTelemetry,
  Matcher,
  isWanted,
  memoryDriver
};
