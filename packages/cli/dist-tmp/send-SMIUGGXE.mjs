import { createRequire as createRequireOfBundle } from 'node:module';const require = createRequireOfBundle(import.meta.url);
import {
  require_undici
} from "./chunk-NBWTCS4Q.mjs";
import {
  COUNT_MAX,
  collect,
  duration,
  integer,
  oneOf,
  positive
} from "./chunk-TVFCL33F.mjs";
import "./chunk-HYBGQZ4T.mjs";
import {
  Command
} from "./chunk-5WFO4I6M.mjs";
import {
  CliError,
  usageError
} from "./chunk-HIHBXSAK.mjs";
import {
  EventsError,
  decodeHttp,
  encodeBatch,
  encodeBinary,
  encodeStructured,
  makeEvent
} from "./chunk-QUSRWZCH.mjs";
import {
  newUuid
} from "./chunk-ZKZDKWPE.mjs";
import {
  __toESM
} from "./chunk-EX44SRZ5.mjs";

// packages/cli/src/commands/send.ts
import { readFile } from "node:fs/promises";
var import_undici = __toESM(require_undici(), 1);
var BATCH_EVENTS = 100;
var CONCURRENCY = 32;
var SHOWN_CHARS_MAX = 500;
function sendCommand(io) {
  return new Command("send").description("Send events to a broker, a channel or any other address.").argument("<url>", "where to, such as http://localhost:8080/default/main").option("--type <type>", "event type", "dev.afflux.test").option("--source <source>", "event source", "/afflux/send").option("--id <id>", "event id; with --count the number is appended (default: a new UUID each)").option("--subject <subject>", "event subject").option("--ext <name=value>", "extension attribute; repeatable", collect, []).option("--data <data>", "data: text, @file, or - for standard input").option(
    "--content-type <type>",
    "datacontenttype (default: application/json if the data is JSON)"
  ).option(
    "--mode <mode>",
    "content mode: binary or structured",
    oneOf("binary", "structured"),
    "binary"
  ).option("--count <n>", "how many events", integer(1, COUNT_MAX), 1).option(
    "--rate <perSecond>",
    "events per second (default: as fast as they are taken)",
    positive
  ).option(
    "--batch <file>",
    "NDJSON file, one event in JSON format a line, sent in batches; - for standard input"
  ).option("--timeout <duration>", "wait for an answer", duration, 3e4).option("--quiet", "print only the summary", false).addHelpText(
    "after",
    `
Examples:
  $ afflux send http://localhost:8080/default/main --type order.created --data '{"total": 9}'
  $ afflux send http://localhost:8080/default/main --ext region=eu --mode structured
  $ afflux send http://localhost:8080/default/main --count 1000 --rate 200 --quiet
  $ afflux send http://localhost:8080/default/main --batch events.ndjson`
  ).action(async (url, flags) => {
    await send(io, parseUrl(url), flags);
  });
}
function parseUrl(text) {
  const url = URL.canParse(text) ? new URL(text) : void 0;
  if (url?.protocol !== "http:" && url?.protocol !== "https:") {
    throw usageError(`${JSON.stringify(text)} is not an http or https address`);
  }
  return url;
}
async function send(io, url, flags) {
  const messages = flags.batch === void 0 ? await singles(io, flags) : await batches(io, flags.batch);
  const agent = new import_undici.Agent({
    connections: CONCURRENCY,
    headersTimeout: flags.timeout,
    bodyTimeout: flags.timeout
  });
  const tally = /* @__PURE__ */ new Map();
  const startedMs = io.clock.monotonicMs();
  const one = async (message) => {
    const { key, line } = await post(agent, url, message);
    tally.set(key, (tally.get(key) ?? 0) + 1);
    if (!flags.quiet) io.out(`${line}
`);
  };
  try {
    await pace(io, messages, flags.rate, one);
  } finally {
    await agent.close();
  }
  report(io, tally, io.clock.monotonicMs() - startedMs, flags);
}
async function pace(io, messages, rate, one) {
  const startedMs = io.clock.monotonicMs();
  const underWay = /* @__PURE__ */ new Set();
  let started = 0;
  for (const message of messages) {
    if (isInterrupted(io)) break;
    if (rate !== void 0) {
      const dueInMs = startedMs + started * 1e3 / rate - io.clock.monotonicMs();
      if (dueInMs > 0) await io.clock.sleep(dueInMs, io.interrupted).catch(() => void 0);
      if (isInterrupted(io)) break;
    }
    while (underWay.size >= CONCURRENCY) await Promise.race(underWay);
    const sending = one(message).finally(() => underWay.delete(sending));
    underWay.add(sending);
    started += 1;
  }
  await Promise.all(underWay);
}
function isInterrupted(io) {
  return io.interrupted.aborted;
}
async function post(agent, url, message) {
  try {
    const answer = await (0, import_undici.request)(url, {
      dispatcher: agent,
      method: "POST",
      headers: [...message.headers],
      ...message.body === void 0 ? {} : { body: message.body }
    });
    const text = (await answer.body.text()).slice(0, SHOWN_CHARS_MAX);
    const key = String(answer.statusCode);
    return { key, line: `${key} ${message.label}${text === "" ? "" : `  ${text}`}` };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { key: "failed", line: `failed ${message.label}  ${reason}` };
  }
}
function report(io, tally, elapsedMs, flags) {
  const total = [...tally.values()].reduce((sum, count) => sum + count, 0);
  if (total > 1 || flags.quiet) {
    const parts = [...tally].sort().map(([key, count]) => `${key}: ${String(count)}`);
    io.out(`sent ${String(total)} in ${(elapsedMs / 1e3).toFixed(2)} s (${parts.join(", ")})
`);
  }
  const failed = [...tally].some(([key]) => !key.startsWith("2"));
  if (failed) throw new CliError("", { code: "AFFLUX_CLI_FAILED" });
}
async function singles(io, flags) {
  const data = await readData(io, flags.data);
  const extensions = parseExtensions(flags.ext);
  const datacontenttype = flags.contentType ?? guessContentType(data);
  return (function* () {
    for (let index = 0; index < flags.count; index += 1) {
      const id = flags.id === void 0 ? newUuid() : flags.count === 1 ? flags.id : `${flags.id}-${String(index + 1)}`;
      const event = eventOf({
        id,
        source: flags.source,
        type: flags.type,
        extensions,
        ...flags.subject === void 0 ? {} : { subject: flags.subject },
        ...datacontenttype === void 0 ? {} : { datacontenttype },
        ...data === void 0 ? {} : { data }
      });
      yield toMessage(event, flags.mode);
    }
  })();
}
function eventOf(input) {
  try {
    return makeEvent(input);
  } catch (error) {
    if (error instanceof EventsError) throw usageError(error.message);
    throw error;
  }
}
function toMessage(event, mode) {
  const { headers, body } = mode === "binary" ? encodeBinary(event) : encodeStructured(event);
  return { headers, body, label: `${event.type} id=${event.id}` };
}
async function batches(io, file) {
  const text = (file === "-" ? await io.readInput() : await readUserFile(file)).toString("utf8");
  const events = [];
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    try {
      events.push(
        ...decodeHttp(["content-type", "application/cloudevents+json"], Buffer.from(line))
      );
    } catch (error) {
      throw usageError(
        `${file}:${String(index + 1)}: ${error instanceof Error ? error.message : String(error)}`
      );
    }
  }
  if (events.length === 0) throw usageError(`--batch ${file}: no event in it`);
  const messages = [];
  for (let start = 0; start < events.length; start += BATCH_EVENTS) {
    const part = events.slice(start, start + BATCH_EVENTS);
    messages.push({ ...encodeBatch(part), label: `batch of ${String(part.length)}` });
  }
  return messages;
}
async function readData(io, flag) {
  if (flag === void 0) return void 0;
  if (flag === "-") return io.readInput();
  return flag.startsWith("@") ? readUserFile(flag.slice(1)) : Buffer.from(flag);
}
async function readUserFile(path) {
  try {
    return await readFile(path);
  } catch (error) {
    throw usageError(
      `cannot read ${path}: ${error instanceof Error ? error.message : String(error)}`
    );
  }
}
function parseExtensions(pairs) {
  return Object.fromEntries(
    pairs.map((pair) => {
      const equals = pair.indexOf("=");
      if (equals < 1) throw usageError(`--ext ${JSON.stringify(pair)}: expected name=value`);
      return [pair.slice(0, equals), pair.slice(equals + 1)];
    })
  );
}
function guessContentType(data) {
  if (data === void 0) return void 0;
  try {
    JSON.parse(data.toString("utf8"));
    return "application/json";
  } catch {
    return "text/plain";
  }
}
export {
  sendCommand
};
