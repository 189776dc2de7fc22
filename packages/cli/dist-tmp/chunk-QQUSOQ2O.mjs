import { createRequire as createRequireOfBundle } from 'node:module';const require = createRequireOfBundle(import.meta.url);
import {
  BROKER_LABEL,
  TRIGGER_LABEL
} from "./chunk-VF65DHRR.mjs";
import {
  CesqlParseError,
  parseCesql
} from "./chunk-CPL45277.mjs";
import {
  ChannelError
} from "./chunk-L3ZXLJED.mjs";
import {
  encodeStructured
} from "./chunk-QUSRWZCH.mjs";
import {
  AffluxError
} from "./chunk-ZKZDKWPE.mjs";

// packages/server/src/errors.ts
var ServerError = class extends AffluxError {
};
var STATUS_REASONS = {
  BadRequest: 400,
  Unauthorized: 401,
  Forbidden: 403,
  NotFound: 404,
  MethodNotAllowed: 405,
  AlreadyExists: 409,
  Conflict: 409,
  RequestEntityTooLarge: 413,
  UnsupportedMediaType: 415,
  Invalid: 422,
  TooManyRequests: 429,
  InternalError: 500,
  ServiceUnavailable: 503
};
function apiRefused(reason, message) {
  return new ServerError(message, {
    code: "AFFLUX_SERVER_API_REFUSED",
    fault: reason === "InternalError" || reason === "ServiceUnavailable" ? "system" : "user",
    retryable: reason === "ServiceUnavailable" || reason === "TooManyRequests",
    details: { reason, status: STATUS_REASONS[reason] }
  });
}

// packages/server/src/api/event-text.ts
function eventText(event, dataBytesMax) {
  const dataBytes = event.data?.length ?? 0;
  if (dataBytes <= dataBytesMax) {
    return { json: encodeStructured(event).body.toString("utf8"), dataBytes, isCut: false };
  }
  const attributes = Object.fromEntries(event.names().map((name) => [name, event.getText(name)]));
  const start = event.data?.subarray(0, dataBytesMax).toString("base64");
  return { json: JSON.stringify({ ...attributes, data_base64: start }), dataBytes, isCut: true };
}

// packages/server/src/api/letter-name.ts
import { createHash } from "node:crypto";

// packages/server/src/backlogs/directory.ts
var BacklogDirectory = class {
  #options;
  constructor(options) {
    this.#options = options;
  }
  /** The channels of a namespace, or all of them, in order of kind and name. */
  channels(namespace) {
    const { hub } = this.#options;
    return hub.describe().filter(({ ref }) => namespace === void 0 || ref.namespace === namespace).flatMap(({ ref, ...description }) => {
      const channel = hub.get(ref);
      return channel === void 0 ? [] : [this.#openChannel(ref, channel, description)];
    }).sort((left, right) => compareText(channelKey(left.ref), channelKey(right.ref)));
  }
  /** Those of a namespace that a query means by `broker` and `channel`. */
  matching(namespace, query) {
    return this.channels(namespace).filter(
      ({ ref, broker }) => (query.broker === void 0 || query.broker === broker) && (query.channel === void 0 || query.channel === ref.name && broker === void 0)
    );
  }
  #openChannel(ref, channel, description) {
    return {
      ref,
      channel,
      description,
      broker: ref.kind === "Broker" ? ref.name : brokerOf(this.#options.metadataOf(ref)),
      subscriptions: description.subscriptions.map((subscription) => ({
        id: subscription.id,
        description: subscription,
        owner: ownerOf(subscription.label)
      }))
    };
  }
};
function matchesOwner(owner, query) {
  const { trigger, subscription } = query;
  return (trigger === void 0 || owner?.kind === "Trigger" && owner.name === trigger) && (subscription === void 0 || owner?.kind === "Subscription" && owner.name === subscription);
}
function channelKey({ kind, namespace, name }) {
  return `${kind}/${namespace}/${name}`;
}
function brokerOf(metadata) {
  return metadata?.ownerReferences?.find(
    ({ controller, kind }) => controller === true && kind === "Broker"
  )?.name;
}
function ownerOf(label) {
  const match = /^(trigger|subscription):(?:(?<space>[^/]+)\/(?<name>[^/]+)|(?<first>.+)\.(?<last>[^./]+))$/.exec(
    label
  );
  if (match === null) return void 0;
  const { space, name, first, last } = match.groups ?? {};
  return {
    kind: match[1] === "trigger" ? "Trigger" : "Subscription",
    namespace: space ?? last ?? "",
    name: name ?? first ?? ""
  };
}
function compareText(left, right) {
  return left < right ? -1 : left > right ? 1 : 0;
}

// packages/server/src/api/letter-name.ts
var HASH_CHARS = 10;
var WORDS_CHARS_MAX = 40;
function subscriptionHash(ref, subscription) {
  return createHash("sha256").update(`${channelKey(ref)}
${subscription}`).digest("hex").slice(0, HASH_CHARS);
}
function letterName(ref, letter, owner) {
  const words = (owner?.name ?? ref.name).toLowerCase().replace(/[^a-z0-9]+/g, "-").slice(0, WORDS_CHARS_MAX).replace(/^-+|-+$/g, "");
  const hash = subscriptionHash(ref, letter.subscription);
  return `${words === "" ? "letter" : words}-${hash}.${letter.id}`;
}
function parseLetterName(name) {
  const match = /^[a-z0-9](?:[a-z0-9-]*)-(?<hash>[0-9a-f]{10})\.(?<id>[a-z0-9-]{1,63})$/.exec(name);
  const { hash, id } = match?.groups ?? {};
  return hash === void 0 || id === void 0 ? void 0 : { hash, id };
}

// packages/server/src/api/dead-letter-object.ts
var API_VERSION = "afflux.dev/v1alpha1";
var CHANNEL_LABEL = "afflux.dev/channel";
var SUBSCRIPTION_LABEL = "afflux.dev/subscription";
function ownerIn(channel, subscription) {
  return channel.subscriptions.find(({ id }) => id === subscription)?.owner;
}
function deadLetterText(letter, { channel, owner }, dataBytesMax) {
  const { reason } = letter;
  const { json, dataBytes, isCut } = eventText(letter.event, dataBytesMax);
  const head = {
    apiVersion: API_VERSION,
    kind: "DeadLetter",
    metadata: {
      name: letterName(channel.ref, letter, owner),
      namespace: channel.ref.namespace,
      creationTimestamp: timestamp(letter.storedMs),
      labels: labelsOf({ channel, owner })
    },
    status: {
      reason: reason.reason,
      stage: reason.stage,
      destination: reason.destination,
      code: reason.code,
      response: reason.data,
      attempts: reason.attempts,
      lastAttemptTime: timestamp(reason.atMs)
    }
  };
  const spec = {
    channel: { kind: channel.ref.kind, name: channel.ref.name },
    subscription: letter.subscription,
    dataBytes,
    ...isCut ? { dataTruncated: true } : {}
  };
  return `${openEnded(head)},"spec":${openEnded(spec)},"event":${json}}}`;
}
function labelsOf({ channel, owner }) {
  return {
    ...channel.broker === void 0 ? { [CHANNEL_LABEL]: channel.ref.name } : { [BROKER_LABEL]: channel.broker },
    ...owner?.kind === "Trigger" ? { [TRIGGER_LABEL]: owner.name } : {},
    ...owner?.kind === "Subscription" ? { [SUBSCRIPTION_LABEL]: owner.name } : {}
  };
}
var QUERY_LABELS = {
  [BROKER_LABEL]: "broker",
  [TRIGGER_LABEL]: "trigger",
  [CHANNEL_LABEL]: "channel",
  [SUBSCRIPTION_LABEL]: "subscription"
};
function openEnded(value) {
  return JSON.stringify(value).slice(0, -1);
}
function timestamp(ms) {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");
}

// packages/server/src/api/list-query.ts
var PAGE_MAX = 500;
var PARAMETER_CHARS_MAX = 8192;
function parseListQuery(raw) {
  const text = (name) => textOf(raw, name);
  const filter = text("filter");
  return {
    selector: parseSelector(text("labelSelector")),
    passes: filter === void 0 ? void 0 : parseFilter(filter),
    limit: parseLimit(text("limit")),
    after: parseContinue(text("continue")),
    isDryRun: parseDryRun(text("dryRun"))
  };
}
function parseFilter(text) {
  try {
    const expression = parseCesql(text);
    return (event) => expression.passes(event);
  } catch (error) {
    if (!(error instanceof CesqlParseError)) throw error;
    throw apiRefused("BadRequest", `filter is no CESQL expression: ${error.message}`);
  }
}
function formatContinue(position) {
  return Buffer.from(JSON.stringify(position)).toString("base64url");
}
function textOf(raw, name) {
  const value = raw[name];
  if (value === void 0 || value === "") return void 0;
  if (typeof value !== "string") {
    throw apiRefused("BadRequest", `${name} is given more than once`);
  }
  if (value.length <= PARAMETER_CHARS_MAX) return value;
  const max = String(PARAMETER_CHARS_MAX);
  throw apiRefused("BadRequest", `${name} is longer than ${max} characters`);
}
function parseLimit(text) {
  if (text === void 0) return PAGE_MAX;
  if (!/^\d{1,9}$/.test(text)) {
    throw apiRefused("BadRequest", `limit: Invalid value: ${JSON.stringify(text)}: not a number`);
  }
  return Number(text) === 0 ? PAGE_MAX : Math.min(Number(text), PAGE_MAX);
}
function parseContinue(text) {
  if (text === void 0) return void 0;
  try {
    const value = JSON.parse(Buffer.from(text, "base64url").toString("utf8"));
    const { source, after } = value;
    if (typeof source === "string" && (after === void 0 || typeof after === "string")) {
      return after === void 0 ? { source } : { source, after };
    }
  } catch {
  }
  throw apiRefused("BadRequest", "continue key is not valid: start again without it");
}
function parseDryRun(text) {
  if (text === void 0) return false;
  if (text === "All") return true;
  throw apiRefused("BadRequest", `dryRun: Unsupported value: ${JSON.stringify(text)}: use "All"`);
}
function parseSelector(text) {
  if (text === void 0) return {};
  const entries = text.split(",").map((term) => {
    const [, label = "", value = ""] = /^\s*([^=!\s]+)\s*==?\s*([^=\s]+)\s*$/.exec(term) ?? [];
    const field = Object.hasOwn(QUERY_LABELS, label) ? QUERY_LABELS[label] : void 0;
    if (field !== void 0) return [field, value];
    const known = Object.keys(QUERY_LABELS).join(", ");
    throw apiRefused(
      "BadRequest",
      `unable to parse labelSelector ${JSON.stringify(term)}: expected <label>=<value> with one of ${known}`
    );
  });
  return Object.fromEntries(entries);
}

// packages/server/src/api/status.ts
function success(details, metadata = {}) {
  return { kind: "Status", apiVersion: "v1", metadata, status: "Success", details, code: 200 };
}
function failureOf(error) {
  const reason = reasonOf(error);
  if (reason === void 0) return void 0;
  const message = error instanceof Error ? error.message : String(error);
  return failure(reason, message);
}
function failure(reason, message) {
  return {
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Failure",
    message,
    reason,
    code: STATUS_REASONS[reason]
  };
}
function reasonOf(error) {
  if (error instanceof ChannelError) return channelReason(error);
  if (error instanceof AffluxError && error.code === "AFFLUX_SERVER_API_REFUSED") {
    return error.details["reason"];
  }
  return fastifyReason(error?.code);
}
function channelReason(error) {
  switch (error.code) {
    case "AFFLUX_CHANNEL_SUBSCRIPTION_UNKNOWN":
      return "NotFound";
    case "AFFLUX_CHANNEL_POSITION_INVALID":
    case "AFFLUX_CHANNEL_UNSUPPORTED":
      return "Invalid";
    case "AFFLUX_CHANNEL_FULL":
      return "TooManyRequests";
    case "AFFLUX_CHANNEL_UNAVAILABLE":
    case "AFFLUX_CHANNEL_OUTCOME_UNKNOWN":
    case "AFFLUX_CHANNEL_BACKEND_REFUSED":
    case "AFFLUX_CHANNEL_TOPOLOGY_INVALID":
    case "AFFLUX_CHANNEL_CLOSED":
      return "ServiceUnavailable";
    case "AFFLUX_CHANNEL_BATCH_TOO_LARGE":
    case "AFFLUX_CHANNEL_CONFIG_INVALID":
    case "AFFLUX_CHANNEL_DRIVER_UNKNOWN":
    case "AFFLUX_CHANNEL_EVENT_TOO_LARGE":
      return void 0;
  }
}
function fastifyReason(code) {
  switch (code) {
    case "FST_ERR_CTP_BODY_TOO_LARGE":
      return "RequestEntityTooLarge";
    case "FST_ERR_CTP_INVALID_MEDIA_TYPE":
      return "UnsupportedMediaType";
    case "FST_ERR_CTP_EMPTY_JSON_BODY":
    case "FST_ERR_CTP_INVALID_JSON_BODY":
    case "FST_ERR_CTP_INVALID_CONTENT_LENGTH":
      return "BadRequest";
    default:
      return void 0;
  }
}

export {
  BacklogDirectory,
  matchesOwner,
  channelKey,
  ServerError,
  apiRefused,
  subscriptionHash,
  parseLetterName,
  API_VERSION,
  ownerIn,
  deadLetterText,
  timestamp,
  PAGE_MAX,
  PARAMETER_CHARS_MAX,
  parseListQuery,
  parseFilter,
  formatContinue,
  success,
  failureOf,
  failure
};
