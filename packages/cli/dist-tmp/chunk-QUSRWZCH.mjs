import { createRequire as createRequireOfBundle } from 'node:module';const require = createRequireOfBundle(import.meta.url);
import {
  AffluxError,
  readTraceContext
} from "./chunk-ZKZDKWPE.mjs";

// packages/events/src/errors.ts
var PROBLEMS_MAX = 32;
function note(problems, problem) {
  if (problems.length <= PROBLEMS_MAX) problems.push(problem);
}
var SUMMARIES = {
  AFFLUX_EVENTS_INVALID: "the event is invalid",
  AFFLUX_EVENTS_NOT_AN_EVENT: "the message is not a CloudEvent",
  AFFLUX_EVENTS_UNSUPPORTED: "the message is in a form that is not supported",
  AFFLUX_EVENTS_TOO_LARGE: "the event is too large"
};
function describeProblem(problem) {
  const where = problem.index === void 0 ? "" : `[${String(problem.index)}] `;
  return `${where}${problem.attribute} ${problem.reason}`;
}
var EventsError = class extends AffluxError {
  status;
  /** At least one, at most 32, in the order they were found. */
  problems;
  constructor(code, status, found) {
    const problems = found.slice(0, PROBLEMS_MAX);
    const more = found.length > problems.length ? "; and more" : "";
    super(`${SUMMARIES[code]}: ${problems.map(describeProblem).join("; ")}${more}`, {
      code,
      fault: "user",
      details: { status, problems }
    });
    this.status = status;
    this.problems = problems;
  }
};
function shown(text) {
  return JSON.stringify(text.length > 64 ? `${text.slice(0, 64)}\u2026` : text);
}
var StoredFormError = class extends AffluxError {
  constructor(reason, cause) {
    super(`the record of a stored event ${reason}`, {
      code: "AFFLUX_EVENTS_STORED_UNREADABLE",
      ...cause === void 0 ? {} : { cause }
    });
  }
};

// packages/events/src/attribute-key.ts
var CORE_KINDS = /* @__PURE__ */ new Set([
  "specversion",
  "id",
  "source",
  "type",
  "datacontenttype",
  "dataschema",
  "subject",
  "time",
  "schemaurl",
  "datacontentencoding"
]);
function isCoreKind(name) {
  return CORE_KINDS.has(name);
}
var CACHED_NAMES_MAX = 1024;
var CACHED_NAME_LENGTH_MAX = 64;
var keysByName = /* @__PURE__ */ new Map();
var keysByHeader = /* @__PURE__ */ new Map();
function remember(cache2, name, key) {
  if (name.length > CACHED_NAME_LENGTH_MAX) return key;
  if (cache2.size >= CACHED_NAMES_MAX) cache2.clear();
  cache2.set(name, key);
  return key;
}
var NAME = /^[a-z0-9]+$/;
function nameProblem(name) {
  if (name === "data") return "is not an attribute name: the data travels in the body";
  if (NAME.test(name)) return void 0;
  return "is not an attribute name: use only the letters a\u2013z and the digits 0\u20139";
}
function makeKey(name) {
  const header = name === "datacontenttype" ? "content-type" : `ce-${name}`;
  return { name, header, kind: isCoreKind(name) ? name : "extension", problem: nameProblem(name) };
}
function attributeKey(name) {
  return keysByName.get(name) ?? remember(keysByName, name, makeKey(name));
}
var CONTENT_TYPE_KEY = attributeKey("datacontenttype");
var ASCII_UPPER = /[A-Z]/g;
function makeHeaderKey(header) {
  const name = header.slice(3).replace(ASCII_UPPER, (letter) => letter.toLowerCase());
  if (name !== "datacontenttype") return attributeKey(name);
  const problem = "must not be a ce- header: HTTP carries it in Content-Type";
  return { name, header: "content-type", kind: "datacontenttype", problem };
}
function headerKey(header) {
  return keysByHeader.get(header) ?? remember(keysByHeader, header, makeHeaderKey(header));
}

// packages/events/src/attribute-value.ts
var INTEGER_MIN = -(2 ** 31);
var INTEGER_MAX = 2 ** 31 - 1;
function canonicalText(value) {
  if (typeof value !== "object") return String(value);
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("base64");
}
function valueBytes(value) {
  if (typeof value === "string") return Buffer.byteLength(value);
  return typeof value === "object" ? value.byteLength : canonicalText(value).length;
}
function isAttributeText(text) {
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit >= 32 && unit < 127) continue;
    if (unit < 160) return false;
    if (unit < 55296) continue;
    const point = text.codePointAt(index) ?? 0;
    if (point >= 55296 && point < 57344) return false;
    if (point >= 64976 && point <= 65007) return false;
    if ((point & 65534) === 65534) return false;
    if (point > 65535) index++;
  }
  return true;
}

// packages/events/src/attribute-table.ts
var LINEAR_MAX = 24;
var AttributeTable = class _AttributeTable {
  keys;
  values;
  /** The header text to send again; undefined where there was none and the value must be encoded. */
  raws;
  /** Names and values, see `valueBytes`. */
  bytes;
  encoded;
  carrier;
  #index;
  constructor(keys = [], values = [], raws = [], bytes = 0) {
    this.keys = keys;
    this.values = values;
    this.raws = raws;
    this.bytes = bytes;
    this.encoded = void 0;
    this.carrier = void 0;
    this.#index = void 0;
  }
  copy() {
    const { keys, values, raws, bytes } = this;
    const table = new _AttributeTable(keys.slice(), values.slice(), raws.slice(), bytes);
    table.carrier = this.carrier;
    return table;
  }
  /** Position of the attribute, -1 when it is absent. */
  indexOf(name) {
    const { keys } = this;
    if (keys.length > LINEAR_MAX) return this.#indexed().get(name) ?? -1;
    for (let index = 0; index < keys.length; index++) {
      if (keys[index]?.name === name) return index;
    }
    return -1;
  }
  /** The value of the attribute, undefined when it is absent. */
  find(name) {
    const index = this.indexOf(name);
    return index < 0 ? void 0 : this.values[index];
  }
  /** The caller knows that the name is not there yet, and the value's size. */
  append(key, value, raw, size) {
    this.#index?.set(key.name, this.keys.length);
    this.keys.push(key);
    this.values.push(value);
    this.raws.push(raw);
    this.bytes += key.name.length + size;
  }
  /** Replaces in place, or appends. */
  set(key, value) {
    const index = this.indexOf(key.name);
    const old = index < 0 ? void 0 : this.values[index];
    if (old === void 0) {
      this.append(key, value, void 0, valueBytes(value));
      return;
    }
    this.values[index] = value;
    this.raws[index] = void 0;
    this.bytes += valueBytes(value) - valueBytes(old);
  }
  /** Makes the raw text the value; the raw text stays what is sent again. */
  takeRaw(index, raw) {
    this.bytes += raw.length - valueBytes(this.values[index] ?? "");
    this.values[index] = raw;
  }
  delete(name) {
    const index = this.indexOf(name);
    const old = index < 0 ? void 0 : this.values[index];
    if (old === void 0) return;
    this.keys.splice(index, 1);
    this.values.splice(index, 1);
    this.raws.splice(index, 1);
    this.bytes -= name.length + valueBytes(old);
    this.#index = void 0;
  }
  #indexed() {
    if (this.#index !== void 0) return this.#index;
    const index = /* @__PURE__ */ new Map();
    for (let at = 0; at < this.keys.length; at++) {
      const key = this.keys[at];
      if (key !== void 0) index.set(key.name, at);
    }
    this.#index = index;
    return index;
  }
};

// packages/events/src/media-type.ts
var EVENT_MEDIA_TYPE = "application/cloudevents+json";
var BATCH_MEDIA_TYPE = "application/cloudevents-batch+json";
var TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
var ESSENCE = new RegExp(`^${TOKEN}/${TOKEN}`);
var PARAMETER = new RegExp(
  `[ \\t]*;[ \\t]*(?:(${TOKEN})=(?:(${TOKEN})|"((?:[^"\\\\\\x00-\\x1f\\x7f-\\uffff]|\\\\[ -~])*)"))?`,
  "y"
);
var QUOTED_PAIR = /\\(.)/g;
function charsetOf(text, start) {
  let charset = "";
  PARAMETER.lastIndex = start;
  while (PARAMETER.lastIndex < text.length) {
    const match = PARAMETER.exec(text);
    if (match === null) return void 0;
    const value = match[2] ?? (match[3] ?? "").replace(QUOTED_PAIR, "$1");
    if (match[1]?.toLowerCase() === "charset" && charset === "") charset = value.toLowerCase();
  }
  return charset;
}
function formatOf(essence) {
  if (!essence.startsWith("application/cloudevents")) return "none";
  if (essence === BATCH_MEDIA_TYPE) return "json-batch";
  return essence === EVENT_MEDIA_TYPE ? "json" : "unknown";
}
function parse(text) {
  const match = ESSENCE.exec(text);
  if (match === null) return void 0;
  const charset = charsetOf(text.trimEnd(), match[0].length);
  if (charset === void 0) return void 0;
  const essence = match[0].toLowerCase();
  const subtype = essence.slice(essence.indexOf("/") + 1);
  return {
    essence,
    isJson: subtype === "json" || subtype.endsWith("+json"),
    isText: essence.startsWith("text/") || subtype === "xml" || subtype.endsWith("+xml"),
    charset: charset === "" ? void 0 : charset,
    isUtf8: charset === "" || charset === "utf-8" || charset === "utf8" || charset === "us-ascii",
    format: formatOf(essence)
  };
}
var CACHED_MAX = 256;
var CACHED_LENGTH_MAX = 128;
var cache = /* @__PURE__ */ new Map();
function mediaType(text) {
  const known = cache.get(text);
  if (known !== void 0) return known;
  const parsed = parse(text);
  if (parsed === void 0 || text.length > CACHED_LENGTH_MAX) return parsed;
  if (cache.size >= CACHED_MAX) cache.clear();
  cache.set(text, parsed);
  return parsed;
}

// packages/events/src/timestamp.ts
var DAYS_OF_MONTH = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
function digitsAt(text, start, length) {
  let value = 0;
  for (let index = start; index < start + length; index++) {
    const code = text.charCodeAt(index);
    if (!(code >= 48 && code <= 57)) return -1;
    value = value * 10 + code - 48;
  }
  return value;
}
function isDate(text) {
  const year = digitsAt(text, 0, 4);
  const month = digitsAt(text, 5, 2);
  const day = digitsAt(text, 8, 2);
  if (year === -1 || month < 1 || month > 12 || text[4] !== "-" || text[7] !== "-") return false;
  if (month === 2 && day === 29) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return day >= 1 && day <= (DAYS_OF_MONTH[month - 1] ?? 0);
}
function isTimeOfDay(text) {
  const hour = digitsAt(text, 11, 2);
  const minute = digitsAt(text, 14, 2);
  const second = digitsAt(text, 17, 2);
  if (text[13] !== ":" || text[16] !== ":") return false;
  return hour >= 0 && hour <= 23 && minute >= 0 && minute <= 59 && second >= 0 && second <= 60;
}
function isOffset(text, start) {
  const sign = text[start];
  if (sign === "Z" || sign === "z") return text.length === start + 1;
  if (sign !== "+" && sign !== "-" || text.length !== start + 6) return false;
  const hour = digitsAt(text, start + 1, 2);
  const minute = digitsAt(text, start + 4, 2);
  return text[start + 3] === ":" && hour >= 0 && hour <= 23 && minute >= 0 && minute <= 59;
}
function isTimestamp(text) {
  if (text[10] !== "T" && text[10] !== "t") return false;
  if (!isDate(text) || !isTimeOfDay(text)) return false;
  let end = 19;
  if (text[end] === ".") {
    end++;
    while (digitsAt(text, end, 1) !== -1) end++;
    if (end === 20) return false;
  }
  return isOffset(text, end);
}
function timestampMs(text) {
  if (!isTimestamp(text)) return void 0;
  const upper = text.toUpperCase();
  const isLeap = upper.startsWith("60", 17);
  const [, fraction = "", offset = "Z"] = /^(?:\.(\d+))?(.*)$/.exec(upper.slice(19)) ?? [];
  const seconds = `${upper.slice(0, 17)}${isLeap ? "59" : upper.slice(17, 19)}`;
  const ms = Date.parse(`${seconds}.${fraction.slice(0, 3).padEnd(3, "0")}${offset}`);
  return isLeap ? Math.floor(ms / 1e3) * 1e3 + 1e3 : ms;
}

// packages/events/src/uri.ts
var PATH_CHARACTER = new Uint8Array(128);
var HOST_CHARACTER = new Uint8Array(128);
var SCHEME_CHARACTER = new Uint8Array(128);
var HEX_DIGIT = new Uint8Array(128);
function allow(table, characters) {
  for (let index = 0; index < characters.length; index++) table[characters.charCodeAt(index)] = 1;
}
var ALPHANUMERIC = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
allow(PATH_CHARACTER, `${ALPHANUMERIC}-._~:/?@!$&'()*+,;=`);
allow(HOST_CHARACTER, `${ALPHANUMERIC}-._~!$&'()*+,;=`);
allow(SCHEME_CHARACTER, `${ALPHANUMERIC}+-.`);
allow(HEX_DIGIT, "0123456789abcdefABCDEF");
var PERCENT = 37;
var HASH = 35;
var SLASH = 47;
var COLON = 58;
var QUESTION = 63;
var AT = 64;
var OPEN_BRACKET = 91;
var INVALID = -1;
function isHex(text, index) {
  return index < text.length && HEX_DIGIT[text.charCodeAt(index)] === 1;
}
function isEscape(text, index) {
  return text.charCodeAt(index) === PERCENT && isHex(text, index + 1) && isHex(text, index + 2);
}
function endsAuthority(code) {
  return code === SLASH || code === QUESTION || code === HASH;
}
function isPort(text, start, end) {
  for (let index = start; index < end; index++) {
    const code = text.charCodeAt(index);
    if (code < 48 || code > 57) return false;
  }
  return true;
}
function schemeLength(text) {
  let index = 0;
  while (index < text.length && SCHEME_CHARACTER[text.charCodeAt(index)] === 1) index++;
  if (text.charCodeAt(index) === COLON) {
    const first = text.charCodeAt(0) | 32;
    return first >= 97 && first <= 122 ? index : INVALID;
  }
  for (; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === COLON) return INVALID;
    if (endsAuthority(code)) return 0;
  }
  return 0;
}
function bracketedHostEnd(text, start) {
  let index = start + 1;
  while (index < text.length) {
    const code = text.charCodeAt(index);
    if (code !== COLON && HOST_CHARACTER[code] !== 1) break;
    index++;
  }
  if (text[index] !== "]" || index === start + 1) return INVALID;
  const hostEnd = ++index;
  while (index < text.length && !endsAuthority(text.charCodeAt(index))) index++;
  if (hostEnd === index) return index;
  return text.charCodeAt(hostEnd) === COLON && isPort(text, hostEnd + 1, index) ? index : INVALID;
}
function authorityEnd(text, start) {
  let hostStart = start;
  let colons = 0;
  let colonAt = 0;
  let index = start;
  for (; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (HOST_CHARACTER[code] === 1) continue;
    if (endsAuthority(code)) break;
    if (code === COLON) {
      colons++;
      colonAt = index;
    } else if (code === AT && hostStart === start) {
      hostStart = index + 1;
      colons = 0;
    } else if (code === OPEN_BRACKET && index === hostStart) {
      return bracketedHostEnd(text, index);
    } else if (!isEscape(text, index)) return INVALID;
  }
  if (colons === 0) return index;
  return colons === 1 && isPort(text, colonAt + 1, index) ? index : INVALID;
}
function isPathAndQuery(text, start) {
  let fragments = 0;
  for (let index = start; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (PATH_CHARACTER[code] === 1) continue;
    if (code === HASH ? ++fragments > 1 : !isEscape(text, index)) return false;
  }
  return true;
}
function isUriReference(text) {
  const scheme = schemeLength(text);
  if (scheme === INVALID) return false;
  const start = scheme === 0 ? 0 : scheme + 1;
  if (text.charCodeAt(start) !== SLASH || text.charCodeAt(start + 1) !== SLASH) {
    return isPathAndQuery(text, start);
  }
  const end = authorityEnd(text, start + 2);
  return end !== INVALID && isPathAndQuery(text, end);
}
function isUri(text) {
  return schemeLength(text) > 0 && isUriReference(text);
}

// packages/events/src/rules.ts
var SHOWN_NAME_LENGTH_MAX = 64;
var REQUIRED_ATTRIBUTES = ["specversion", "id", "source", "type"];
function isSpecVersion(text) {
  return text === "1.0" || text === "0.3";
}
function kindIn(kind, version) {
  switch (kind) {
    case "dataschema":
      return version === "1.0" ? kind : "extension";
    case "schemaurl":
    case "datacontentencoding":
      return version === "0.3" ? kind : "extension";
    default:
      return kind;
  }
}
function isRequired(kind) {
  return kind === "specversion" || kind === "id" || kind === "source" || kind === "type";
}
function isAbsentWhenEmpty(kind) {
  return kind !== "extension" && !isRequired(kind);
}
function mediaTypeProblem(text) {
  const type = mediaType(text);
  if (type === void 0) {
    return `is not a media type (RFC 2046): ${shown(text)}; write type/subtype`;
  }
  if (type.format === "json" || type.format === "json-batch") {
    return "must not be the media type of CloudEvents themselves: use application/json for a nested event";
  }
  return void 0;
}
function textProblem(kind, text) {
  switch (kind) {
    case "specversion":
      if (isSpecVersion(text)) return void 0;
      return `is ${shown(text)}, which is not supported: send 1.0 or 0.3`;
    case "source":
    case "schemaurl":
      if (isUriReference(text)) return void 0;
      return "is not a URI-reference (RFC 3986): percent-encode what may not stand in one";
    case "dataschema":
      return isUri(text) ? void 0 : "is not an absolute URI (RFC 3986): start with a scheme";
    case "time":
      if (isTimestamp(text)) return void 0;
      return `is not an RFC 3339 timestamp: ${shown(text)}; write it like 2018-04-05T17:31:00Z`;
    case "datacontenttype":
      return mediaTypeProblem(text);
    case "datacontentencoding":
      return text.toLowerCase() === "base64" ? void 0 : "must be base64, or be left out";
    case "id":
    case "type":
    case "subject":
    case "extension":
      return void 0;
  }
}
function integerProblem(value) {
  if (Number.isInteger(value) && value >= INTEGER_MIN && value <= INTEGER_MAX) return void 0;
  return "must be a whole number from -2147483648 to 2147483647: send other numbers as a string";
}
var TEXT_REASON = "contains a control character, a noncharacter or an unpaired surrogate: remove it";
function valueProblem(key, value, version) {
  const kind = kindIn(key.kind, version);
  if (typeof value === "string") {
    if (value === "" && kind !== "extension") return "must not be empty";
    return isAttributeText(value) ? textProblem(kind, value) : TEXT_REASON;
  }
  if (kind !== "extension") return "must be a string";
  return typeof value === "number" ? integerProblem(value) : void 0;
}
function attributesProblem(bytesMax) {
  return {
    attribute: "(attributes)",
    reason: `are more than ${String(bytesMax)} bytes in all: move the bulk into the data`
  };
}

// packages/events/src/cloud-event.ts
function requiredText(table, name) {
  const value = table.find(name);
  if (typeof value !== "string") throw new TypeError(`an event without ${name} was constructed`);
  return value;
}
var readTable;
var CloudEvent = class _CloudEvent {
  specversion;
  id;
  source;
  type;
  /**
   * The bytes that binary mode would carry; undefined when there is no data. Shared, not copied: nobody may
   * write to them. Empty bytes only arrive in structured mode (`"data_base64": ""`).
   */
  data;
  dataForm;
  /** Data plus names and values of the attributes, in bytes: what queues account for. */
  sizeBytes;
  /** Undefined for most events: there was nothing to carry. */
  carried;
  #table;
  #names;
  static {
    readTable = (event) => event.#table;
  }
  /** @internal Events are made by `makeEvent` and the decoders, which have checked every rule. */
  constructor(table, data, dataForm, carried) {
    this.specversion = requiredText(table, "specversion") === "0.3" ? "0.3" : "1.0";
    this.id = requiredText(table, "id");
    this.source = requiredText(table, "source");
    this.type = requiredText(table, "type");
    this.data = data;
    this.dataForm = dataForm;
    this.sizeBytes = table.bytes + (data === void 0 ? 0 : data.length);
    this.carried = carried;
    this.#table = table;
    this.#names = void 0;
  }
  /** The decoded value, typed as far as the input said; undefined when the attribute is absent. */
  get(name) {
    switch (name) {
      case "type":
        return this.type;
      case "source":
        return this.source;
      case "id":
        return this.id;
      case "specversion":
        return this.specversion;
      default:
        return this.#table.find(name);
    }
  }
  /** The value in its canonical string form, which is what filters compare; undefined when absent. */
  getText(name) {
    const value = this.get(name);
    return typeof value === "string" || value === void 0 ? value : canonicalText(value);
  }
  /** Names of the attributes present, in order of arrival; `data` is not among them. */
  names() {
    this.#names ??= Object.freeze(this.#table.keys.map((key) => key.name));
    return this.#names;
  }
  /**
   * A new event with these attributes set, or removed where the value is undefined. It shares the data and
   * the raw header values of the attributes that are not named. The data stays as it is whatever happens to
   * `datacontenttype`.
   *
   * @throws EventsError `AFFLUX_EVENTS_INVALID` naming every attribute that would break a rule; the required
   * ones cannot be removed and `specversion` cannot be changed.
   */
  with(changes) {
    const table = this.#table.copy();
    let dataForm = this.dataForm;
    const problems = [];
    for (const name of Object.keys(changes)) {
      const value = changes[name];
      const reason = changeProblem(this, name, value);
      if (reason !== void 0) problems.push({ attribute: name, reason });
      else if (value === void 0) table.delete(name);
      else table.set(attributeKey(name), ownValue(value));
      if (name === "datacontenttype" && dataForm !== "none") {
        dataForm = "bytes";
        table.carrier = void 0;
      }
    }
    if (problems.length > 0) throw new EventsError("AFFLUX_EVENTS_INVALID", 400, problems);
    return new _CloudEvent(table, this.data, dataForm, this.carried);
  }
  /** The same event with something to carry; `undefined` takes it off. Attributes and data are shared. */
  carrying(carried) {
    return new _CloudEvent(this.#table, this.data, this.dataForm, carried);
  }
};
function changeProblem(event, name, value) {
  const key = attributeKey(name);
  if (key.problem !== void 0) return key.problem;
  if (key.kind === "specversion" && value !== event.specversion) return "cannot be changed";
  if (value !== void 0) return valueProblem(key, value, event.specversion);
  const isRequired2 = name === "id" || name === "source" || name === "type";
  return isRequired2 ? "cannot be removed: every event has one" : void 0;
}
function ownValue(value) {
  if (typeof value === "object") return value.slice();
  return value === 0 ? 0 : value;
}
function tableOf(event) {
  return readTable(event);
}

// packages/events/src/header-value.ts
import { isUtf8 } from "node:buffer";
var QUOTE = 34;
var PERCENT2 = 37;
var BACKSLASH = 92;
var SPACE = 32;
var TILDE = 126;
var UTF8_REASON = "is not valid UTF-8 after percent-decoding: encode the UTF-8 bytes as %XX";
function isPlainHeader(raw) {
  const last = raw.length - 1;
  if (last < 0) return true;
  const first = raw.charCodeAt(0);
  if (first === QUOTE || first === SPACE || raw.charCodeAt(last) === SPACE) return false;
  for (let index = 0; index <= last; index++) {
    const code = raw.charCodeAt(index);
    if (code < SPACE || code > TILDE || code === PERCENT2) return false;
  }
  return true;
}
function trimmed(raw) {
  let start = 0;
  let end = raw.length;
  while (start < end && (raw[start] === " " || raw[start] === "	")) start++;
  while (end > start && (raw[end - 1] === " " || raw[end - 1] === "	")) end--;
  return raw.slice(start, end);
}
function unquoted(text) {
  if (text.charCodeAt(0) !== QUOTE) return text;
  let inner = "";
  for (let index = 1; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === QUOTE) return index === text.length - 1 ? inner : text;
    if (code === BACKSLASH) index++;
    inner += text.charAt(index);
  }
  return text;
}
function hexDigit(code) {
  if (code >= 48 && code <= 57) return code - 48;
  const letter = code | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1;
}
function escapedByte(text, index) {
  if (text.charCodeAt(index) !== PERCENT2 || index + 2 >= text.length) return -1;
  const high = hexDigit(text.charCodeAt(index + 1));
  const low = hexDigit(text.charCodeAt(index + 2));
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}
function headerBytes(text, encoding) {
  const bytes = Buffer.allocUnsafe(text.length);
  let length = 0;
  for (let index = 0; index < text.length; index++) {
    const escaped = encoding === "spec" ? escapedByte(text, index) : -1;
    const byte = escaped < 0 ? text.charCodeAt(index) : escaped;
    if (byte > 255) return void 0;
    if (escaped >= 0) index += 2;
    bytes[length++] = byte;
  }
  return bytes.subarray(0, length);
}
function decodeHeaderValue(text, encoding) {
  const bytes = headerBytes(encoding === "spec" ? unquoted(text) : text, encoding);
  if (bytes === void 0 || !isUtf8(bytes)) return { text: "", reason: UTF8_REASON };
  const decoded = bytes.toString("utf8");
  if (!isAttributeText(decoded)) return { text: "", reason: TEXT_REASON };
  return { text: decoded, reason: void 0 };
}
var HEX = Array.from(
  { length: 256 },
  (_, byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`
);
function percentByte(byte) {
  return HEX[byte] ?? "";
}
function isUnencoded(code) {
  return code > SPACE && code <= TILDE && code !== QUOTE && code !== PERCENT2;
}
function needsNoEncoding(text) {
  for (let index = 0; index < text.length; index++) {
    if (!isUnencoded(text.charCodeAt(index))) return false;
  }
  return true;
}
function encodeHeaderValue(text, encoding) {
  if (needsNoEncoding(text)) return text;
  const bytes = Buffer.from(text, "utf8");
  if (encoding === "raw") return bytes.toString("latin1");
  let encoded = "";
  for (const byte of bytes) {
    encoded += isUnencoded(byte) ? String.fromCharCode(byte) : percentByte(byte);
  }
  return encoded;
}
function resendable(raw) {
  let encoded = "";
  for (let index = 0; index < raw.length; index++) {
    const code = raw.charCodeAt(index);
    encoded += code > TILDE ? percentByte(code) : raw.charAt(index);
  }
  return encoded;
}

// packages/events/src/message-headers.ts
var LOWER_C = 99;
var LOWER_E = 101;
var LOWER_BIT = 32;
var DASH = 45;
function isAttributeHeader(name) {
  return name.length > 2 && name.charCodeAt(2) === DASH && (name.charCodeAt(0) | LOWER_BIT) === LOWER_C && (name.charCodeAt(1) | LOWER_BIT) === LOWER_E;
}
function isHeader(name, expected) {
  return name.length === expected.length && (name === expected || name.toLowerCase() === expected);
}
function isContentType(name) {
  return isHeader(name, "content-type");
}
function firstValue(rawHeaders, expected) {
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    if (isHeader(rawHeaders[index] ?? "", expected)) return (rawHeaders[index + 1] ?? "").trim();
  }
  return "";
}
function contentType(rawHeaders) {
  return firstValue(rawHeaders, "content-type");
}
function declaredSpecVersion(rawHeaders) {
  return firstValue(rawHeaders, "ce-specversion");
}
function contentTypeProblem(rawHeaders, first) {
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    if (!isContentType(rawHeaders[index] ?? "")) continue;
    if ((rawHeaders[index + 1] ?? "").trim() === first) continue;
    return {
      attribute: "content-type",
      reason: "is sent twice with different values: send it once"
    };
  }
  return void 0;
}
function contentEncodingProblem(rawHeaders) {
  const coding = firstValue(rawHeaders, "content-encoding").toLowerCase();
  if (coding === "" || coding === "identity") return void 0;
  return { attribute: "content-encoding", reason: "is not supported: send the body uncompressed" };
}

// packages/events/src/binary-decode.ts
function readAttribute(table, key, raw, encoding) {
  if (key.problem !== void 0) {
    return { attribute: key.name.slice(0, SHOWN_NAME_LENGTH_MAX), reason: key.problem };
  }
  if (table.indexOf(key.name) >= 0) {
    return { attribute: key.name, reason: "is sent more than once: send one header" };
  }
  if (isPlainHeader(raw)) {
    table.append(key, raw, raw, raw.length);
    return void 0;
  }
  const sent = trimmed(raw);
  const decoded = decodeHeaderValue(sent, encoding);
  const again = encoding === "spec" ? resendable(sent) : sent;
  table.append(key, decoded.text, again, Buffer.byteLength(decoded.text));
  if (decoded.reason === void 0) return void 0;
  return { attribute: key.name, reason: decoded.reason };
}
function readHeaders(table, rawHeaders, type, encoding) {
  const problems = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? "";
    if (isAttributeHeader(name)) {
      const problem = readAttribute(table, headerKey(name), rawHeaders[index + 1] ?? "", encoding);
      if (problem !== void 0) note(problems, problem);
    } else if (type !== "" && isContentType(name) && table.indexOf("datacontenttype") < 0) {
      table.append(CONTENT_TYPE_KEY, type, type, type.length);
    }
  }
  return problems;
}
function coreProblem(table, index, version) {
  const key = table.keys[index];
  const value = table.values[index];
  if (key === void 0 || typeof value !== "string") return void 0;
  const kind = kindIn(key.kind, version);
  if (value === "") return kind === "extension" ? void 0 : "must not be empty";
  const reason = textProblem(kind, value);
  if (reason === void 0) return void 0;
  const raw = table.raws[index];
  const isUriKind = kind === "source" || kind === "dataschema" || kind === "schemaurl";
  if (!isUriKind || raw === void 0 || textProblem(kind, raw) !== void 0) return reason;
  table.takeRaw(index, raw);
  return void 0;
}
function dropEmpty(table, version) {
  for (let index = table.keys.length - 1; index >= 0; index--) {
    const key = table.keys[index];
    if (key === void 0 || table.values[index] !== "") continue;
    if (isAbsentWhenEmpty(kindIn(key.kind, version))) table.delete(key.name);
  }
}
function isRefused(problems, name) {
  return problems.length > 0 && problems.some((problem) => problem.attribute === name);
}
function checkRules(table, problems) {
  const declared = table.find("specversion");
  const version = isSpecVersion(declared) ? declared : "1.0";
  dropEmpty(table, version);
  for (let index = 0; index < table.keys.length; index++) {
    const key = table.keys[index];
    if (key === void 0 || key.kind === "extension" || isRefused(problems, key.name)) continue;
    const reason = coreProblem(table, index, version);
    if (reason !== void 0) note(problems, { attribute: key.name, reason });
  }
  for (const name of REQUIRED_ATTRIBUTES) {
    if (table.indexOf(name) >= 0) continue;
    note(problems, { attribute: name, reason: `is missing: send it in the header ce-${name}` });
  }
}
function decodeBinary(rawHeaders, type, body, settings) {
  const table = new AttributeTable();
  const problems = readHeaders(table, rawHeaders, type, settings.headerEncoding);
  if (table.bytes > settings.attributesBytesMax) {
    throw new EventsError("AFFLUX_EVENTS_TOO_LARGE", 431, [
      attributesProblem(settings.attributesBytesMax)
    ]);
  }
  checkRules(table, problems);
  if (problems.length > 0) {
    const isMeantAsEvent = rawHeaders.some((name, at) => at % 2 === 0 && isAttributeHeader(name));
    const code = isMeantAsEvent ? "AFFLUX_EVENTS_INVALID" : "AFFLUX_EVENTS_NOT_AN_EVENT";
    throw new EventsError(code, 400, problems);
  }
  if (body.length === 0) return new CloudEvent(table, void 0, "none");
  return new CloudEvent(table, body, "bytes");
}

// packages/events/src/limits.ts
var LIMITS = Object.freeze({
  attributesBytesMax: 64 * 1024,
  batchEventsMax: 1e3,
  jsonDepthMax: 256
});
var DEFAULT_SETTINGS = Object.freeze({ ...LIMITS, headerEncoding: "spec" });
function decodeSettings(options) {
  return options === void 0 ? DEFAULT_SETTINGS : { ...DEFAULT_SETTINGS, ...options };
}

// packages/events/src/structured-decode.ts
import { isUtf8 as isUtf83 } from "node:buffer";

// packages/events/src/json-scanner.ts
import { isUtf8 as isUtf82 } from "node:buffer";
var JsonError = class extends Error {
  name = "JsonError";
};
var QUOTE2 = 34;
var COMMA = 44;
var OPEN_OBJECT = 123;
var OPEN_ARRAY = 91;
var CLOSE_OBJECT = 125;
var CLOSE_ARRAY = 93;
var COLON2 = 58;
var BACKSLASH2 = 92;
var MINUS = 45;
var ZERO = 48;
var LOWER_U = 117;
var END = -1;
var SIMPLE_ESCAPES = new Set(Array.from('"\\/bfnrt', (letter) => letter.charCodeAt(0)));
var IS_PLAIN = new Uint8Array(256).fill(1, 32);
IS_PLAIN[QUOTE2] = 0;
IS_PLAIN[BACKSLASH2] = 0;
var WORDS = new Map(["true", "false", "null"].map((word) => [word.charCodeAt(0), word]));
function isDigit(byte) {
  return byte >= 48 && byte <= 57;
}
function isHexDigit(byte) {
  const letter = byte | 32;
  return isDigit(byte) || letter >= 97 && letter <= 102;
}
var JsonScanner = class {
  bytes;
  /** Where the next token is looked for. */
  position;
  #depthMax;
  constructor(bytes, depthMax) {
    this.bytes = bytes;
    this.position = bytes[0] === 239 && bytes[1] === 187 && bytes[2] === 191 ? 3 : 0;
    this.#depthMax = depthMax;
  }
  /** Skips white space; the byte that follows, or END. */
  peek() {
    const { bytes } = this;
    let at = this.position;
    while (at < bytes.length) {
      const byte = bytes[at] ?? 0;
      if (byte !== 32 && byte !== 10 && byte !== 13 && byte !== 9) {
        this.position = at;
        return byte;
      }
      at++;
    }
    this.position = at;
    return END;
  }
  /** Skips this byte if it comes next; whether it did. */
  accept(byte) {
    if (this.peek() !== byte) return false;
    this.position++;
    return true;
  }
  expect(byte) {
    if (!this.accept(byte)) throw this.#unexpected(`expected ${String.fromCharCode(byte)}`);
  }
  /** Refuses anything but white space after the value. */
  expectEnd() {
    if (this.peek() !== END) throw this.#unexpected("expected the end");
  }
  /** Skips one value of any kind; `depth` is how deep it is nested already. */
  skipValue(depth = 0) {
    const byte = this.peek();
    if (byte === QUOTE2) this.skipString();
    else if (byte === OPEN_OBJECT) this.#skipObject(depth);
    else if (byte === OPEN_ARRAY) this.#skipArray(depth);
    else if (byte === MINUS || isDigit(byte)) this.#skipNumber();
    else this.#skipWord();
  }
  /** Skips the string that starts at the position; whether it contains escapes. */
  skipString() {
    this.expect(QUOTE2);
    const { bytes } = this;
    let hasEscapes = false;
    let at = this.position;
    while (at < bytes.length) {
      const byte = bytes[at] ?? 0;
      if (IS_PLAIN[byte] === 1) {
        at++;
      } else if (byte === QUOTE2) {
        this.position = at + 1;
        return hasEscapes;
      } else if (byte === BACKSLASH2) {
        hasEscapes = true;
        at = this.#skipEscape(at);
      } else break;
    }
    this.position = at;
    throw this.#unexpected("expected the end of a string");
  }
  /** The string that starts at the position, decoded. */
  readString() {
    this.peek();
    const start = this.position;
    const hasEscapes = this.skipString();
    return this.#stringAt(start, this.position, hasEscapes);
  }
  /** The text between two positions. */
  textAt(start, end) {
    return this.bytes.toString("utf8", start, end);
  }
  /** Skips the comma before the next member or element; false at the closing bracket, which is skipped too. */
  acceptNext(isFirst, closing) {
    if (this.accept(closing)) return false;
    if (!isFirst) this.expect(COMMA);
    return true;
  }
  /** Calls `member` with each name, at the position of its value, which it must skip. */
  readObject(member) {
    this.expect(OPEN_OBJECT);
    for (let isFirst = true; this.acceptNext(isFirst, CLOSE_OBJECT); isFirst = false) {
      const name = this.readString();
      this.expect(COLON2);
      this.peek();
      member(name);
    }
  }
  /** Calls `element` with each index, at the position of the element, which it must skip. */
  readArray(element) {
    this.expect(OPEN_ARRAY);
    for (let index = 0; this.acceptNext(index === 0, CLOSE_ARRAY); index++) {
      this.peek();
      element(index);
    }
  }
  #stringAt(start, end, hasEscapes) {
    if (!hasEscapes) return this.textAt(start + 1, end - 1);
    return JSON.parse(this.textAt(start, end));
  }
  #skipEscape(at) {
    const { bytes } = this;
    const letter = bytes[at + 1] ?? 0;
    if (SIMPLE_ESCAPES.has(letter)) return at + 2;
    let digits = 0;
    while (digits < 4 && isHexDigit(bytes[at + 2 + digits] ?? 0)) digits++;
    if (letter === LOWER_U && digits === 4) return at + 6;
    this.position = at;
    throw this.#unexpected("expected an escape sequence");
  }
  #enter(depth) {
    if (depth < this.#depthMax) return;
    throw new JsonError(`is nested deeper than ${String(this.#depthMax)} levels`);
  }
  #skipObject(depth) {
    this.#enter(depth);
    this.position++;
    for (let isFirst = true; this.acceptNext(isFirst, CLOSE_OBJECT); isFirst = false) {
      this.skipString();
      this.expect(COLON2);
      this.skipValue(depth + 1);
    }
  }
  #skipArray(depth) {
    this.#enter(depth);
    this.position++;
    for (let isFirst = true; this.acceptNext(isFirst, CLOSE_ARRAY); isFirst = false) {
      this.skipValue(depth + 1);
    }
  }
  #skipNumber() {
    const { bytes } = this;
    if (bytes[this.position] === MINUS) this.position++;
    if (bytes[this.position] === ZERO) this.position++;
    else this.#skipDigits();
    if (bytes[this.position] === 46) {
      this.position++;
      this.#skipDigits();
    }
    if (((bytes[this.position] ?? 0) | 32) !== 101) return;
    this.position++;
    const sign = bytes[this.position];
    if (sign === MINUS || sign === 43) this.position++;
    this.#skipDigits();
  }
  #skipDigits() {
    const start = this.position;
    while (isDigit(this.bytes[this.position] ?? 0)) this.position++;
    if (this.position === start) throw this.#unexpected("expected a digit");
  }
  #skipWord() {
    const { bytes, position } = this;
    const word = WORDS.get(bytes[position] ?? 0) ?? "";
    let matched = 0;
    while (matched < word.length && bytes[position + matched] === word.charCodeAt(matched))
      matched++;
    if (word === "" || matched < word.length) throw this.#unexpected("expected a value");
    this.position = position + matched;
  }
  #unexpected(expectation) {
    const isAtEnd = this.position >= this.bytes.length;
    const where = isAtEnd ? "at the end" : `at byte ${String(this.position)}`;
    return new JsonError(`is not valid JSON ${where}: ${expectation}`);
  }
};
function isWellFormedJson(bytes, depthMax) {
  if (!isUtf82(bytes) || bytes[0] === 239) return false;
  const scanner = new JsonScanner(bytes, depthMax);
  try {
    scanner.skipValue();
    scanner.expectEnd();
    return true;
  } catch (error) {
    if (error instanceof JsonError) return false;
    throw error;
  }
}

// packages/events/src/envelope.ts
var LOWER_F = 102;
var LOWER_N = 110;
var LOWER_T = 116;
var EnvelopeReader = class {
  attributes = /* @__PURE__ */ new Map();
  problems = [];
  data;
  dataBase64;
  #scanner;
  #attributesBytesMax;
  #bytes = 0;
  constructor(scanner, attributesBytesMax) {
    this.#scanner = scanner;
    this.#attributesBytesMax = attributesBytesMax;
  }
  /** At the value of the member. */
  readMember(name) {
    if (name === "data") {
      this.data = this.#span();
    } else if (name === "data_base64") {
      const span = this.#span();
      this.dataBase64 = span.first === LOWER_N ? void 0 : span;
    } else {
      this.#readAttribute(name);
    }
  }
  #readAttribute(name) {
    this.#count(Buffer.byteLength(name));
    const reason = attributeKey(name).problem;
    if (reason !== void 0) {
      this.#refuse(name, reason);
      this.#scanner.skipValue();
      return;
    }
    const value = this.#value(name);
    if (value === void 0) {
      this.attributes.delete(name);
      return;
    }
    this.#count(valueBytes(value));
    this.attributes.set(name, value);
  }
  /** Undefined for `null`, and for what cannot be an attribute's value, which is refused. */
  #value(name) {
    const scanner = this.#scanner;
    if (scanner.peek() === QUOTE2) return scanner.readString();
    const { start, end, first } = this.#span();
    switch (first) {
      case LOWER_T:
      case LOWER_F:
        return first === LOWER_T;
      case LOWER_N:
        return void 0;
      case OPEN_OBJECT:
      case OPEN_ARRAY:
        this.#refuse(name, "must be a string, a boolean or a whole number: send structure as data");
        return void 0;
      default:
        return Number(scanner.textAt(start, end));
    }
  }
  #refuse(name, reason) {
    note(this.problems, { attribute: name.slice(0, SHOWN_NAME_LENGTH_MAX), reason });
  }
  #span() {
    const scanner = this.#scanner;
    const first = scanner.peek();
    const start = scanner.position;
    scanner.skipValue();
    return { start, end: scanner.position, first };
  }
  /** Every member that is read counts, also one that is null or replaced by a later one. */
  #count(bytes) {
    this.#bytes += bytes;
    if (this.#bytes <= this.#attributesBytesMax) return;
    throw new EventsError("AFFLUX_EVENTS_TOO_LARGE", 413, [
      attributesProblem(this.#attributesBytesMax)
    ]);
  }
};
function readEnvelope(scanner, attributesBytesMax) {
  const reader = new EnvelopeReader(scanner, attributesBytesMax);
  scanner.readObject((name) => {
    reader.readMember(name);
  });
  return reader;
}

// packages/events/src/base64.ts
var ALPHABET = new Uint8Array(256);
for (const letter of "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/") {
  ALPHABET[letter.charCodeAt(0)] = 1;
}
var PAD = 61;
function decodeBase64(text) {
  let end = text.length;
  while (end > 0 && text.length - end < 2 && text[end - 1] === PAD) end--;
  if (end % 4 === 1 || end < text.length && text.length % 4 !== 0) return void 0;
  for (let index = 0; index < end; index++) {
    if (ALPHABET[text[index] ?? 0] !== 1) return void 0;
  }
  return Buffer.from(text.toString("latin1", 0, end), "base64");
}

// packages/events/src/structured-data.ts
var NO_DATA = { data: void 0, form: "none", problem: void 0 };
var LOWER_N2 = 110;
var BACKSLASH3 = 92;
function refused(attribute, reason) {
  return { data: void 0, form: "none", problem: { attribute, reason } };
}
function share(body, start, end) {
  const part = body.subarray(start, end);
  return part.length * 2 >= body.length ? part : Buffer.from(part);
}
function stringAt(scanner, span) {
  const after = scanner.position;
  scanner.position = span.start;
  const text = scanner.readString();
  scanner.position = after;
  return text;
}
function readBase64(scanner, span) {
  if (span.first !== QUOTE2) return refused("data_base64", "must be a string of base64");
  const inner = scanner.bytes.subarray(span.start + 1, span.end - 1);
  const text = inner.includes(BACKSLASH3) ? Buffer.from(stringAt(scanner, span)) : inner;
  const data = decodeBase64(text);
  if (data !== void 0) return { data, form: "bytes", problem: void 0 };
  return refused("data_base64", "is not base64: use the standard alphabet of RFC 4648, padded");
}
var LATIN1_CHARSETS = /* @__PURE__ */ new Set(["iso-8859-1", "latin1"]);
var BEYOND_LATIN1 = /[^\x00-\xff]/u;
var LONE_SURROGATE = new RegExp("\\p{Surrogate}", "u");
function encodeText(text, type) {
  if (LONE_SURROGATE.test(text)) return void 0;
  if (type === void 0 || type.isUtf8) return Buffer.from(text, "utf8");
  if (!LATIN1_CHARSETS.has(type.charset ?? "") || BEYOND_LATIN1.test(text)) return void 0;
  return Buffer.from(text, "latin1");
}
function readText(scanner, span, type) {
  const data = encodeText(stringAt(scanner, span), type);
  if (data !== void 0) return { data, form: "text", problem: void 0 };
  return refused("data", "cannot be written in the charset of datacontenttype: send data_base64");
}
function readBase64Text(scanner, span) {
  const text = span.first === QUOTE2 ? Buffer.from(stringAt(scanner, span)) : void 0;
  if (text !== void 0 && decodeBase64(text) !== void 0) {
    return { data: text, form: "text", problem: void 0 };
  }
  return refused("data", "is not base64, as datacontentencoding says it is");
}
function readValue(scanner, span, { type, isBase64Text }) {
  if (isBase64Text) return readBase64Text(scanner, span);
  if (type === void 0 || type.isJson) {
    return { data: share(scanner.bytes, span.start, span.end), form: "json", problem: void 0 };
  }
  if (span.first === QUOTE2) return readText(scanner, span, type);
  if (span.first === LOWER_N2) return NO_DATA;
  return refused("data", "must be a string, because datacontenttype is not JSON");
}
function readData(scanner, envelope, context) {
  const { data, dataBase64 } = envelope;
  if (dataBase64 === void 0) {
    return data === void 0 ? NO_DATA : readValue(scanner, data, context);
  }
  if (context.version === "0.3") {
    return refused("data_base64", "is not part of version 0.3: use datacontentencoding and data");
  }
  if (data !== void 0) {
    return refused("data_base64", "is sent together with data: send one of them");
  }
  return readBase64(scanner, dataBase64);
}

// packages/events/src/structured-decode.ts
var BODY = "(body)";
var EventReader = class {
  scanner;
  #settings;
  problems = [];
  /** Position in the batch, undefined outside one. */
  index;
  constructor(body, settings) {
    this.scanner = new JsonScanner(body, settings.jsonDepthMax);
    this.#settings = settings;
  }
  fail(attribute, reason) {
    const { index } = this;
    note(this.problems, index === void 0 ? { attribute, reason } : { attribute, index, reason });
  }
  /** The event at the scanner's position, or undefined when there are problems. */
  read() {
    const first = this.scanner.peek();
    if (first === END) throw new JsonError("is empty: send the event as a JSON object");
    if (first !== OPEN_OBJECT) {
      this.scanner.skipValue();
      this.fail(BODY, "is not a JSON object: send one event as an object");
      return void 0;
    }
    const problemsBefore = this.problems.length;
    const envelope = readEnvelope(this.scanner, this.#settings.attributesBytesMax);
    for (const { attribute, reason } of envelope.problems) this.fail(attribute, reason);
    const declared = envelope.attributes.get("specversion");
    const version = isSpecVersion(declared) ? declared : "1.0";
    const table = this.#table(envelope.attributes, version);
    this.#checkRequired(envelope);
    const { data, form } = this.#data(envelope, table, version);
    if (this.problems.length > problemsBefore) return void 0;
    return new CloudEvent(table, data, form);
  }
  #table(attributes, version) {
    const table = new AttributeTable();
    for (const [name, value] of attributes) {
      const key = attributeKey(name);
      if (value === "" && isAbsentWhenEmpty(kindIn(key.kind, version))) continue;
      const reason = valueProblem(key, value, version);
      if (reason === void 0) table.append(key, ownValue(value), void 0, valueBytes(value));
      else this.fail(name, reason);
    }
    return table;
  }
  #checkRequired({ attributes, problems }) {
    for (const name of REQUIRED_ATTRIBUTES) {
      const isRefused2 = problems.some((problem) => problem.attribute === name);
      if (!attributes.has(name) && !isRefused2)
        this.fail(name, "is missing: add this member to the object");
    }
  }
  #data(envelope, table, version) {
    const type = table.find("datacontenttype");
    const found = readData(this.scanner, envelope, {
      version,
      type: typeof type === "string" ? mediaType(type) : void 0,
      isBase64Text: version === "0.3" && table.indexOf("datacontentencoding") >= 0
    });
    if (found.problem !== void 0) this.fail(found.problem.attribute, found.problem.reason);
    return found;
  }
};
function readBody(body, settings, read) {
  const reader = new EventReader(body, settings);
  try {
    if (!isUtf83(body)) throw new JsonError("is not valid UTF-8");
    const result = read(reader);
    reader.scanner.expectEnd();
    if (reader.problems.length === 0) return result;
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    reader.fail(BODY, error.message);
  }
  throw new EventsError("AFFLUX_EVENTS_INVALID", 400, reader.problems);
}
function decodeStructured(body, settings) {
  return readBody(body, settings, (reader) => {
    const event = reader.read();
    return event === void 0 ? [] : [event];
  });
}
function checkVersions(reader, events) {
  events.forEach((event, index) => {
    reader.index = index;
    if (event.specversion === events[0]?.specversion) return;
    reader.fail("specversion", "differs within the batch: send one batch for each version");
  });
}
function decodeBatch(body, settings) {
  return readBody(body, settings, (reader) => {
    if (reader.scanner.peek() !== OPEN_ARRAY) {
      throw new JsonError("is not a JSON array: send a batch as an array of events");
    }
    const events = [];
    reader.scanner.readArray((index) => {
      if (index >= settings.batchEventsMax) throw tooManyEvents(settings.batchEventsMax);
      reader.index = index;
      const event = reader.read();
      if (event !== void 0) events.push(event);
    });
    if (reader.problems.length === 0) checkVersions(reader, events);
    reader.index = void 0;
    return events;
  });
}
function tooManyEvents(eventsMax) {
  const reason = `holds more than ${String(eventsMax)} events: send smaller batches`;
  return new EventsError("AFFLUX_EVENTS_TOO_LARGE", 413, [{ attribute: BODY, reason }]);
}

// packages/events/src/http.ts
function unsupported(problem) {
  return new EventsError("AFFLUX_EVENTS_UNSUPPORTED", 415, [problem]);
}
function unsupportedFormat(type) {
  const reason = `${shown(type.essence)} is an event format that is not read here: send application/cloudevents+json, or ce- headers`;
  return unsupported({ attribute: "content-type", reason });
}
function checkCharset(type) {
  if (type === void 0 || type.isUtf8) return;
  const reason = `declares the charset ${shown(type.charset ?? "")}: send JSON in UTF-8`;
  throw unsupported({ attribute: "content-type", reason });
}
function checkMessage(rawHeaders, type) {
  const conflict = contentTypeProblem(rawHeaders, type);
  if (conflict !== void 0) throw new EventsError("AFFLUX_EVENTS_INVALID", 400, [conflict]);
  const packed = contentEncodingProblem(rawHeaders);
  if (packed !== void 0) throw unsupported(packed);
}
function decodeAs(rawHeaders, body, type, settings) {
  const media = type === "" ? void 0 : mediaType(type);
  switch (media?.format) {
    case "json":
      checkCharset(media);
      return decodeStructured(body, settings);
    case "json-batch":
      checkCharset(media);
      return decodeBatch(body, settings);
    case "unknown":
      if (!isSpecVersion(declaredSpecVersion(rawHeaders))) throw unsupportedFormat(media);
      break;
    case "none":
    case void 0:
      break;
  }
  return [decodeBinary(rawHeaders, type, body, settings)];
}
function decodeHttp(rawHeaders, body, options) {
  const type = contentType(rawHeaders);
  checkMessage(rawHeaders, type);
  return decodeAs(rawHeaders, body, type, decodeSettings(options));
}
function claimsToBeEvent(rawHeaders, type) {
  const format = mediaType(type)?.format ?? "none";
  return format !== "none" || declaredSpecVersion(rawHeaders) !== "";
}
function batchReply() {
  return unsupported({ attribute: "content-type", reason: "is a batch: reply with one event" });
}
function decodeHttpReply(status, rawHeaders, body, options) {
  if (status < 200 || status > 299) return { kind: "none" };
  const type = contentType(rawHeaders);
  if (!claimsToBeEvent(rawHeaders, type)) {
    return { kind: body.length === 0 ? "none" : "not-an-event" };
  }
  try {
    if (mediaType(type)?.format === "json-batch") throw batchReply();
    const [event] = decodeHttp(rawHeaders, body, options);
    return event === void 0 ? { kind: "none" } : { kind: "event", event };
  } catch (error) {
    if (error instanceof EventsError) return { kind: "invalid", error };
    throw error;
  }
}

// packages/events/src/make-event.ts
var CORE_INPUTS = [...REQUIRED_ATTRIBUTES, "subject", "time", "dataschema"];
var CORE_NAMES = /* @__PURE__ */ new Set([...CORE_INPUTS, "datacontenttype"]);
var Collector = class {
  table = new AttributeTable();
  problems = [];
  #version;
  constructor(version) {
    this.#version = version;
  }
  add(name, value) {
    const key = attributeKey(name);
    const reason = key.problem ?? valueProblem(key, value, this.#version);
    if (reason === void 0) this.table.append(key, ownValue(value), void 0, valueBytes(value));
    else this.fail(name, reason);
  }
  fail(attribute, reason) {
    this.problems.push({ attribute, reason });
  }
};
function dataBytes(data, declaredType, collector) {
  if (data === void 0) return void 0;
  if (typeof data === "string") return Buffer.from(data);
  if (data instanceof Uint8Array) {
    return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  }
  if (declaredType !== void 0 && mediaType(declaredType)?.isJson === false) {
    collector.fail("datacontenttype", "is not JSON: give the data as bytes or as a string");
    return void 0;
  }
  return Buffer.from(JSON.stringify(data));
}
function isJsonValue(data) {
  return data !== void 0 && typeof data !== "string" && !(data instanceof Uint8Array);
}
function makeEvent(input) {
  const version = input.specversion ?? "1.0";
  const collector = new Collector(isSpecVersion(version) ? version : "1.0");
  for (const name of CORE_INPUTS) {
    const value = name === "specversion" ? input.specversion ?? "1.0" : input[name];
    if (value !== void 0) collector.add(name, value);
    else if (name === "id" || name === "source" || name === "type") {
      collector.fail(name, "is missing: every event has one");
    }
  }
  const contentType3 = input.datacontenttype ?? (isJsonValue(input.data) ? "application/json" : void 0);
  if (contentType3 !== void 0) collector.add(CONTENT_TYPE_KEY.name, contentType3);
  for (const [name, value] of Object.entries(input.extensions ?? {})) {
    if (CORE_NAMES.has(name)) collector.fail(name, "is not an extension: give it by its own field");
    else if (value !== void 0) collector.add(name, value);
  }
  const data = dataBytes(input.data, input.datacontenttype, collector);
  if (collector.problems.length > 0) {
    throw new EventsError("AFFLUX_EVENTS_INVALID", 400, collector.problems);
  }
  const hasData = data !== void 0 && data.length > 0;
  return new CloudEvent(collector.table, hasData ? data : void 0, hasData ? "bytes" : "none");
}

// packages/events/src/encode-options.ts
import assert from "node:assert/strict";
function assertOmittable(name) {
  if (name !== void 0) assert.equal(attributeKey(name).kind, "extension", "only extensions");
}

// packages/events/src/binary-encode.ts
function pushAttributes(headers, table, omit, encoding) {
  const { keys, values, raws } = table;
  for (let index = 0; index < keys.length; index++) {
    const key = keys[index];
    const value = values[index];
    if (key === void 0 || value === void 0 || key.name === omit) continue;
    const isLiteral = key.kind === "datacontenttype";
    const text = raws[index] ?? canonicalText(value);
    const isReady = isLiteral || raws[index] !== void 0;
    headers.push(key.header, isReady ? text : encodeHeaderValue(text, encoding));
  }
}
function buildHeaders(event, omit, encoding) {
  assertOmittable(omit);
  const table = tableOf(event);
  const headers = [];
  pushAttributes(headers, table, omit, encoding);
  const isImplied = event.dataForm === "json" && table.indexOf("datacontenttype") < 0;
  if (isImplied) headers.push("content-type", "application/json");
  return headers;
}
function encodeBinary(event, options) {
  const table = tableOf(event);
  const omit = options?.omit;
  const headerEncoding = options?.headerEncoding ?? "spec";
  let encoded = table.encoded;
  if (encoded?.omit !== omit || encoded?.headerEncoding !== headerEncoding) {
    encoded = { headers: buildHeaders(event, omit, headerEncoding), omit, headerEncoding };
    table.encoded = encoded;
  }
  const { data } = event;
  return { headers: encoded.headers, body: data?.length === 0 ? void 0 : data };
}

// packages/events/src/structured-encode.ts
import { isUtf8 as isUtf84 } from "node:buffer";
var EVENT_HEADERS = Object.freeze(["content-type", EVENT_MEDIA_TYPE]);
var BATCH_HEADERS = Object.freeze(["content-type", BATCH_MEDIA_TYPE]);
var CLOSE = Buffer.from("}");
var COMMA2 = Buffer.from(",");
var OPEN_ARRAY2 = Buffer.from("[");
var CLOSE_ARRAY2 = Buffer.from("]");
function saysBase64(event) {
  return event.specversion === "0.3" && event.get("datacontentencoding") !== void 0;
}
function chooseCarrier(event, data) {
  if (event.dataForm === "json") return "json";
  if (saysBase64(event)) return decodeBase64(data) === void 0 ? "base64" : "text";
  const declared = event.getText("datacontenttype");
  const type = declared === void 0 ? void 0 : mediaType(declared);
  if (type?.isUtf8 !== true) return "base64";
  if (type.isJson) return isWellFormedJson(data, LIMITS.jsonDepthMax) ? "json" : "base64";
  const isText = type.isText || event.dataForm === "text";
  return isText && isUtf84(data) ? "text" : "base64";
}
function carrierOf(event, table) {
  if (event.data === void 0) return "none";
  table.carrier ??= chooseCarrier(event, event.data);
  return table.carrier;
}
function jsonValue(value) {
  return JSON.stringify(typeof value === "object" ? canonicalText(value) : value);
}
function head(table, omit) {
  const { keys, values } = table;
  let text = "";
  for (let index = 0; index < keys.length; index++) {
    const key = keys[index];
    const value = values[index];
    if (key === void 0 || value === void 0 || key.name === omit) continue;
    text += `${text === "" ? "{" : ","}"${key.name}":${jsonValue(value)}`;
  }
  return text;
}
function base64Member(event, data) {
  const text = data.toString("base64");
  if (event.specversion === "1.0") return `,"data_base64":"${text}"}`;
  const encoding = saysBase64(event) ? "" : ',"datacontentencoding":"base64"';
  return `${encoding},"data":"${text}"}`;
}
function envelopeParts(event, options) {
  assertOmittable(options?.omit);
  const table = tableOf(event);
  const start = head(table, options?.omit);
  const data = event.data ?? CLOSE;
  switch (carrierOf(event, table)) {
    case "none":
      return [Buffer.from(`${start}}`)];
    case "json":
      return [Buffer.from(`${start},"data":`), data, CLOSE];
    case "text":
      return [Buffer.from(`${start},"data":${JSON.stringify(data.toString("utf8"))}}`)];
    case "base64":
      return [Buffer.from(start + base64Member(event, data))];
  }
}
function encodeStructured(event, options) {
  return { headers: EVENT_HEADERS, body: Buffer.concat(envelopeParts(event, options)) };
}
function encodeBatch(events, options) {
  const parts = [OPEN_ARRAY2];
  events.forEach((event, index) => {
    if (event.specversion !== events[0]?.specversion) {
      const reason = "differs within the batch: write one batch for each version";
      throw new EventsError("AFFLUX_EVENTS_INVALID", 400, [
        { attribute: "specversion", index, reason }
      ]);
    }
    if (index > 0) parts.push(COMMA2);
    parts.push(...envelopeParts(event, options));
  });
  parts.push(CLOSE_ARRAY2);
  return { headers: BATCH_HEADERS, body: Buffer.concat(parts) };
}

// packages/events/src/carried-headers.ts
var PASSTHROUGH_HEADER = "x-afflux-passthrough";
function passthroughText(carried) {
  const { passthrough = [] } = carried ?? {};
  return passthrough.length === 0 ? void 0 : JSON.stringify(passthrough);
}
function carriedOf(passthroughHeader, traceHeader) {
  const passthrough = readJson(passthroughHeader);
  const isList = Array.isArray(passthrough) && passthrough.every((item) => typeof item === "string");
  const trace = readTraceContext(traceHeader);
  if (!isList && trace === void 0) return void 0;
  return { ...isList ? { passthrough } : {}, ...trace === void 0 ? {} : { trace } };
}
function readJson(text) {
  if (text === void 0) return void 0;
  try {
    return JSON.parse(text) ?? void 0;
  } catch {
    return void 0;
  }
}

// packages/events/src/amqp-message.ts
var TRACE_HEADER = "x-afflux-trace";
var CONTENT_TYPE_HEADER = "content-type";
var PROPERTY_BYTES_MAX = 255;
var PREFIXES = ["ce-", "cloudevents_", "cloudevents:", ""];
var TRACE_NAMES = /* @__PURE__ */ new Set(["traceparent", "tracestate"]);
function encodeAmqp(event) {
  const headers = {};
  const { keys, values } = tableOf(event);
  for (let index = 0; index < keys.length; index++) {
    const key = keys[index];
    const value = values[index];
    if (key === void 0 || value === void 0) continue;
    const name = key.kind === "datacontenttype" ? CONTENT_TYPE_HEADER : key.name;
    headers[name] = canonicalText(value);
  }
  const isImplied = event.dataForm === "json" && headers[CONTENT_TYPE_HEADER] === void 0;
  if (isImplied) headers[CONTENT_TYPE_HEADER] = "application/json";
  writeCarried(headers, event.carried);
  const contentType3 = headers[CONTENT_TYPE_HEADER];
  return {
    properties: {
      ...fitsProperty(contentType3) ? { contentType: contentType3 } : {},
      ...fitsProperty(event.id) ? { messageId: event.id } : {}
    },
    headers,
    content: event.data ?? Buffer.alloc(0)
  };
}
function fitsProperty(text) {
  return text !== void 0 && Buffer.byteLength(text) <= PROPERTY_BYTES_MAX;
}
function writeCarried(headers, carried) {
  const passthrough = passthroughText(carried);
  if (passthrough !== void 0) headers[PASSTHROUGH_HEADER] = passthrough;
  if (carried?.trace !== void 0) headers[TRACE_HEADER] = JSON.stringify(carried.trace);
}
function decodeAmqp(message, options) {
  const headers = message.headers ?? {};
  const type = contentTypeOf(message, headers);
  const format = mediaType(type ?? "")?.format ?? "none";
  const carried = readCarried(headers);
  const event = format === "none" ? decodeBinary2(message, headers, type, options) : decodeStructured2(message.content, type ?? "", options);
  return carried === void 0 ? event : event.carrying(carried);
}
function decodeStructured2(content, type, options) {
  const [event, ...more] = mediaType(type)?.format === "json" ? decodeHttp(["content-type", type], content, options) : [];
  if (event !== void 0 && more.length === 0) return event;
  throw new EventsError("AFFLUX_EVENTS_UNSUPPORTED", 415, [
    { attribute: CONTENT_TYPE_HEADER, reason: "is no event format that is read from messages" }
  ]);
}
function contentTypeOf({ properties }, headers) {
  if (typeof properties.contentType === "string" && properties.contentType !== "") {
    return properties.contentType;
  }
  const header = headers[CONTENT_TYPE_HEADER];
  return typeof header === "string" && header !== "" ? header : void 0;
}
function decodeBinary2({ content }, headers, type, options) {
  const attributes = readAttributes(headers);
  if (attributes === void 0) {
    throw new EventsError("AFFLUX_EVENTS_NOT_AN_EVENT", 400, [
      { attribute: "specversion", reason: "is missing: nothing says that this is a CloudEvent" }
    ]);
  }
  if (type !== void 0) attributes["datacontenttype"] = type;
  const event = makeEvent(inputOf(attributes, content));
  const { attributesBytesMax } = decodeSettings(options);
  if (event.sizeBytes - (event.data?.length ?? 0) <= attributesBytesMax) return event;
  throw new EventsError("AFFLUX_EVENTS_TOO_LARGE", 431, [attributesProblem(attributesBytesMax)]);
}
function readAttributes(headers) {
  const names = Object.keys(headers);
  const prefix = PREFIXES.find(
    (candidate) => names.some((name) => name.toLowerCase() === `${candidate}specversion`)
  );
  if (prefix === void 0) return void 0;
  const attributes = {};
  for (const header of names) {
    const lower = header.toLowerCase();
    if (!lower.startsWith(prefix)) continue;
    const name = lower.slice(prefix.length);
    if (prefix === "" && isNoAttribute(name)) continue;
    const value = attributeValue(headers[header]);
    if (value !== void 0) attributes[name] = value;
  }
  return attributes;
}
function isNoAttribute(name) {
  return TRACE_NAMES.has(name) || attributeKey(name).problem !== void 0;
}
function attributeValue(value) {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "bigint":
      return String(value);
    case "number": {
      const isInteger = Number.isInteger(value) && value >= INTEGER_MIN && value <= INTEGER_MAX;
      return isInteger ? value : String(value);
    }
    default:
      return value instanceof Uint8Array ? value : timestampText(value);
  }
}
function timestampText(value) {
  const { "!": tag, value: seconds } = value ?? {};
  if (tag !== "timestamp" || typeof seconds !== "number") return void 0;
  const date = new Date(seconds * 1e3);
  return Number.isNaN(date.getTime()) ? void 0 : date.toISOString();
}
var CORE = ["specversion", "id", "source", "type", "subject", "time", "dataschema"];
function inputOf(attributes, content) {
  const core = {};
  const extensions = {};
  const coreNames = /* @__PURE__ */ new Set([...CORE, "datacontenttype"]);
  for (const [name, value] of Object.entries(attributes)) {
    if (!coreNames.has(name)) extensions[name] = value;
    else if (value !== "") core[name] = canonicalText(value);
  }
  return { ...core, extensions, data: content };
}
function readCarried(headers) {
  const trace = readJson(textIn(headers, TRACE_HEADER));
  return carriedOf(textIn(headers, PASSTHROUGH_HEADER), (name) => textIn(trace ?? {}, name));
}
function textIn(fields, name) {
  const value = fields[name];
  return typeof value === "string" ? value : void 0;
}

// packages/events/src/kafka-message.ts
var PREFIX = "ce_";
var CONTENT_TYPE = "content-type";
var STRUCTURED_TYPE = Buffer.from("application/cloudevents+json; charset=UTF-8");
var JSON_TYPE = Buffer.from("application/json");
function encodeKafka(event, options = {}) {
  const partitionKey = event.getText("partitionkey");
  const key = partitionKey === void 0 || partitionKey === "" ? null : Buffer.from(partitionKey);
  if (options.mode === "structured") {
    const headers = { [CONTENT_TYPE]: STRUCTURED_TYPE };
    writeCarried2(headers, event.carried);
    return { key, value: encodeStructured(event).body, headers };
  }
  return { key, value: event.data ?? null, headers: binaryHeaders(event) };
}
function binaryHeaders(event) {
  const { keys, values } = tableOf(event);
  const headers = {};
  for (let index = 0; index < keys.length; index++) {
    const key = keys[index];
    const value = values[index];
    if (key === void 0 || value === void 0) continue;
    const name = key.kind === "datacontenttype" ? CONTENT_TYPE : PREFIX + key.name;
    headers[name] = Buffer.from(canonicalText(value));
  }
  if (event.dataForm === "json") headers[CONTENT_TYPE] ??= JSON_TYPE;
  writeCarried2(headers, event.carried);
  return headers;
}
function writeCarried2(headers, carried) {
  if (carried === void 0) return;
  const passthrough = passthroughText(carried);
  if (passthrough !== void 0) headers[PASSTHROUGH_HEADER] = Buffer.from(passthrough);
  const { traceparent, tracestate, baggage } = carried.trace ?? {};
  for (const [name, text] of Object.entries({ traceparent, tracestate, baggage })) {
    if (text !== void 0) headers[name] = Buffer.from(text);
  }
}
function decodeKafka(record, options) {
  const headers = Object.entries(record.headers ?? {});
  const event = decodeRecord(headers, record.value, decodeSettings(options));
  const textIn2 = (name) => {
    const value = record.headers?.[name];
    return value === void 0 ? void 0 : textOf(value);
  };
  const carried = carriedOf(textIn2(PASSTHROUGH_HEADER), textIn2);
  return carried === void 0 ? event : event?.carrying(carried);
}
function decodeRecord(headers, bytes, settings) {
  const type = contentType2(headers);
  const value = asBuffer(bytes ?? void 0);
  const media = type === void 0 ? void 0 : mediaType(type);
  if (media?.format === "json") {
    return decodeStructured(value ?? Buffer.alloc(0), settings)[0];
  }
  const isMarked = headers.some(([name]) => name.toLowerCase() === "ce_specversion");
  if (media?.format === "json-batch" || media?.format === "unknown" && !isMarked) {
    throw unsupportedFormat2(type ?? "");
  }
  return isMarked ? decodeBinaryRecord(headers, type, value, settings.attributesBytesMax) : void 0;
}
function decodeBinaryRecord(headers, type, value, attributesBytesMax) {
  const problems = [];
  const table = readTable2(headers, type, problems);
  for (const name of REQUIRED_ATTRIBUTES) {
    const isNoted = problems.some(({ attribute }) => attribute === name);
    if (table.indexOf(name) < 0 && !isNoted) {
      note(problems, { attribute: name, reason: `is missing: add the header ce_${name}` });
    }
  }
  if (problems.length > 0) throw new EventsError("AFFLUX_EVENTS_INVALID", 400, problems);
  if (table.bytes > attributesBytesMax) {
    throw new EventsError("AFFLUX_EVENTS_TOO_LARGE", 413, [attributesProblem(attributesBytesMax)]);
  }
  const hasData = value !== void 0 && value.length > 0;
  return new CloudEvent(table, hasData ? value : void 0, hasData ? "bytes" : "none");
}
function readTable2(headers, type, problems) {
  const table = new AttributeTable();
  const declared = headers.find(([name]) => name.toLowerCase() === "ce_specversion")?.[1];
  const declaredText = textOf(declared);
  const version = isSpecVersion(declaredText) ? declaredText : "1.0";
  for (const [header, raw] of headers) {
    const lower = header.toLowerCase();
    if (!lower.startsWith(PREFIX)) continue;
    const key = attributeKey(lower.slice(PREFIX.length));
    const value = textOf(raw);
    if (value === "" && isAbsentWhenEmpty(kindIn(key.kind, version))) continue;
    const reason = key.problem ?? repeated(table, key.name, raw) ?? valueProblem(key, value, version);
    if (reason !== void 0) note(problems, { attribute: key.name, reason });
    else if (key.name !== CONTENT_TYPE_KEY.name) {
      table.append(key, value, void 0, valueBytes(value));
    }
  }
  if (type !== void 0 && type !== "") {
    table.append(CONTENT_TYPE_KEY, type, void 0, valueBytes(type));
  }
  return table;
}
function repeated(table, name, raw) {
  const isRepeated = table.indexOf(name) >= 0 || Array.isArray(raw) && raw.length > 1;
  return isRepeated ? "is there more than once: write one header" : void 0;
}
function contentType2(headers) {
  const found = headers.find(([name]) => name.toLowerCase() === CONTENT_TYPE);
  return found === void 0 ? void 0 : textOf(found[1]);
}
function textOf(value) {
  if (value === void 0) return "";
  if (typeof value === "string") return value;
  if (value instanceof Uint8Array) return asBuffer(value).toString("utf8");
  return textOf(value[0]);
}
function asBuffer(bytes) {
  if (bytes === void 0 || Buffer.isBuffer(bytes)) return bytes;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
function unsupportedFormat2(type) {
  const reason = `${shown(type)} is an event format that is not read here: write application/cloudevents+json, or ce_ headers`;
  return new EventsError("AFFLUX_EVENTS_UNSUPPORTED", 415, [{ attribute: CONTENT_TYPE, reason }]);
}

// packages/events/src/stored-form.ts
var VERSION = 1;
var FORMS = ["none", "bytes", "json", "text"];
var TEXT = 0;
var INTEGER = 1;
var TRUE = 2;
var FALSE = 3;
var BINARY = 4;
var HAS_RAW = 16;
var RAW_IS_VALUE = 32;
var KIND_MASK = 15;
var HAS_PASSTHROUGH = 1;
var HAS_TRACE = 2;
var HAS_TRACESTATE = 4;
var HAS_BAGGAGE = 8;
var ONE_BYTE_LENGTH_MAX = 127;
function encodeStored(event, headroom = 0) {
  const { data } = event;
  const dataLength = data === void 0 ? 0 : data.length;
  const writer = new Writer(headroom + lengthMax(event) + dataLength, headroom);
  writer.byte(VERSION);
  writer.byte(FORMS.indexOf(event.dataForm));
  const { keys, values, raws, bytes } = tableOf(event);
  writer.uint32(bytes);
  writer.count(keys.length);
  for (let index = 0; index < keys.length; index++) {
    writer.text(keys[index]?.name ?? "");
    writeAttribute(writer, values[index] ?? "", raws[index]);
  }
  writeCarried3(writer, event.carried);
  if (data !== void 0) writer.bytes(data);
  return writer.finish();
}
function decodeStored(record) {
  const reader = new Reader(record);
  const version = reader.byte();
  if (version !== VERSION) throw new StoredFormError(`has the unknown version ${String(version)}`);
  const form = FORMS[reader.byte()];
  if (form === void 0) throw new StoredFormError("has an unknown data form");
  const table = readTable3(reader);
  const carried = readCarried2(reader);
  const data = reader.rest();
  try {
    return new CloudEvent(table, form === "none" ? void 0 : data, form, carried);
  } catch (error) {
    throw new StoredFormError("lacks a required attribute", error);
  }
}
function lengthMax(event) {
  const { keys, values, raws } = tableOf(event);
  let length = 16;
  for (let index = 0; index < keys.length; index++) {
    const value = values[index] ?? "";
    length += (keys[index]?.name.length ?? 0) + 3 * (raws[index]?.length ?? 0) + 16;
    length += typeof value === "string" ? 3 * value.length : valueBytes(value);
  }
  const { carried } = event;
  if (carried === void 0) return length;
  for (const text of carried.passthrough ?? []) length += 3 * text.length + 5;
  const { traceparent = "", tracestate = "", baggage = "" } = carried.trace ?? {};
  return length + 3 * (traceparent.length + tracestate.length + baggage.length) + 20;
}
function writeAttribute(writer, value, raw) {
  const isSame = raw !== void 0 && raw === value;
  const flags = raw === void 0 ? 0 : isSame ? RAW_IS_VALUE : HAS_RAW;
  if (typeof value === "string") {
    writer.byte(TEXT | flags);
    writer.text(value);
  } else if (typeof value === "number") {
    writer.byte(INTEGER | flags);
    writer.uint32(value >>> 0);
  } else if (typeof value === "boolean") {
    writer.byte((value ? TRUE : FALSE) | flags);
  } else {
    writer.byte(BINARY | flags);
    writer.count(value.length);
    writer.bytes(value);
  }
  if (raw !== void 0 && !isSame) writer.text(raw);
}
function readTable3(reader) {
  const size = reader.uint32();
  const count = reader.count();
  const table = new AttributeTable();
  for (let index = 0; index < count; index++) {
    const key = attributeKey(reader.text());
    const flags = reader.byte();
    const value = readValue2(reader, flags & KIND_MASK);
    table.keys.push(key);
    table.values.push(value);
    table.raws.push(readRaw(reader, flags, value));
  }
  table.bytes = size;
  return table;
}
function readValue2(reader, kind) {
  switch (kind) {
    case TEXT:
      return reader.text();
    case INTEGER:
      return reader.uint32() | 0;
    case TRUE:
      return true;
    case FALSE:
      return false;
    case BINARY:
      return Uint8Array.from(reader.take(reader.count()));
    default:
      throw new StoredFormError("has an attribute of an unknown kind");
  }
}
function readRaw(reader, flags, value) {
  if ((flags & HAS_RAW) !== 0) return reader.text();
  return (flags & RAW_IS_VALUE) !== 0 && typeof value === "string" ? value : void 0;
}
function writeCarried3(writer, carried) {
  const { passthrough, trace } = carried ?? {};
  writer.byte(
    (passthrough === void 0 ? 0 : HAS_PASSTHROUGH) | (trace === void 0 ? 0 : HAS_TRACE) | (trace?.tracestate === void 0 ? 0 : HAS_TRACESTATE) | (trace?.baggage === void 0 ? 0 : HAS_BAGGAGE)
  );
  if (passthrough !== void 0) {
    writer.count(passthrough.length);
    for (const text of passthrough) writer.text(text);
  }
  if (trace === void 0) return;
  writer.text(trace.traceparent);
  if (trace.tracestate !== void 0) writer.text(trace.tracestate);
  if (trace.baggage !== void 0) writer.text(trace.baggage);
}
function readCarried2(reader) {
  const flags = reader.byte();
  if (flags === 0) return void 0;
  const passthrough = (flags & HAS_PASSTHROUGH) === 0 ? void 0 : Array.from({ length: reader.count() }, () => reader.text());
  if ((flags & HAS_TRACE) === 0) return { passthrough };
  const traceparent = reader.text();
  const tracestate = (flags & HAS_TRACESTATE) === 0 ? void 0 : reader.text();
  const baggage = (flags & HAS_BAGGAGE) === 0 ? void 0 : reader.text();
  return {
    passthrough,
    trace: {
      traceparent,
      ...tracestate === void 0 ? {} : { tracestate },
      ...baggage === void 0 ? {} : { baggage }
    }
  };
}
var Writer = class {
  #buffer;
  #at;
  constructor(lengthMax2, start) {
    this.#buffer = Buffer.allocUnsafe(lengthMax2);
    this.#at = start;
  }
  byte(value) {
    this.#buffer[this.#at] = value;
    this.#at += 1;
  }
  uint32(value) {
    this.#at = this.#buffer.writeUInt32BE(value, this.#at);
  }
  count(value) {
    let rest = value;
    while (rest > ONE_BYTE_LENGTH_MAX) {
      this.byte(rest & 127 | 128);
      rest >>>= 7;
    }
    this.byte(rest);
  }
  text(value) {
    if (value.length * 3 <= ONE_BYTE_LENGTH_MAX) {
      const written = this.#buffer.write(value, this.#at + 1);
      this.#buffer[this.#at] = written;
      this.#at += 1 + written;
      return;
    }
    this.count(Buffer.byteLength(value));
    this.#at += this.#buffer.write(value, this.#at);
  }
  bytes(value) {
    this.#buffer.set(value, this.#at);
    this.#at += value.length;
  }
  finish() {
    return this.#buffer.subarray(0, this.#at);
  }
};
var Reader = class {
  #record;
  #at = 0;
  constructor(record) {
    this.#record = record;
  }
  byte() {
    const value = this.#record[this.#at];
    if (value === void 0) throw new StoredFormError("ends too early");
    this.#at += 1;
    return value;
  }
  uint32() {
    return this.take(4).readUInt32BE(0);
  }
  count() {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      value += (byte & 127) * 2 ** shift;
      if (byte <= ONE_BYTE_LENGTH_MAX) {
        if (value > this.#record.length) break;
        return value;
      }
    }
    throw new StoredFormError("has a length beyond its end");
  }
  text() {
    const length = this.count();
    const end = this.#at + length;
    if (end > this.#record.length) throw new StoredFormError("ends too early");
    const text = this.#record.toString("utf8", this.#at, end);
    this.#at = end;
    return text;
  }
  take(length) {
    const end = this.#at + length;
    if (end > this.#record.length) throw new StoredFormError("ends too early");
    const bytes = this.#record.subarray(this.#at, end);
    this.#at = end;
    return bytes;
  }
  rest() {
    return this.#record.subarray(this.#at);
  }
};

export {
  EventsError,
  timestampMs,
  decodeHttp,
  decodeHttpReply,
  makeEvent,
  encodeAmqp,
  decodeAmqp,
  encodeBinary,
  encodeStructured,
  encodeBatch,
  encodeKafka,
  decodeKafka,
  encodeStored,
  decodeStored
};
