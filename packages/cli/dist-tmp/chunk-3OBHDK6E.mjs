import { createRequire as createRequireOfBundle } from 'node:module';const require = createRequireOfBundle(import.meta.url);
import {
  decodeHttp,
  encodeBinary,
  makeEvent
} from "./chunk-QUSRWZCH.mjs";
import {
  newUuid
} from "./chunk-ZKZDKWPE.mjs";

// packages/cli/src/sink-server.ts
import { createServer } from "node:http";
var SHOWN_BYTES_MAX = 2e3;
var BODY_BYTES_MAX = 64 * 1024 * 1024;
async function startSink(options, clock, show) {
  let requests = 0;
  const server = createServer({ maxHeaderSize: 96 * 1024 }, (request, response) => {
    void readBody(request).then(async (body) => {
      requests += 1;
      const status = request.url === options.failingPath ? 500 : statusOf(requests, options);
      const events = tryDecode(request, body);
      for (const received of describe(events, request, body, status, clock)) show(received);
      if (options.delayMs > 0) await clock.sleep(options.delayMs);
      answer(response, status, events[0], options.replyType);
    });
  });
  await new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, options.host, resolve);
  });
  const { port } = server.address();
  return {
    url: `http://${urlHost(options.host)}:${String(port)}`,
    close: () => new Promise((resolve) => {
      server.close(() => {
        resolve();
      });
      server.closeAllConnections();
    })
  };
}
function urlHost(host) {
  if (host === "127.0.0.1") return "localhost";
  return host.includes(":") ? `[${host}]` : host;
}
function statusOf(request, options) {
  if (options.failFirst === void 0) return options.status ?? 200;
  return request <= options.failFirst ? options.status ?? 500 : 200;
}
async function readBody(request) {
  const chunks = [];
  let bytes = 0;
  try {
    for await (const chunk of request) {
      bytes += chunk.length;
      if (bytes > BODY_BYTES_MAX) break;
      chunks.push(chunk);
    }
  } catch {
  }
  return Buffer.concat(chunks);
}
function tryDecode(request, body) {
  try {
    return decodeHttp(request.rawHeaders, body);
  } catch {
    return [];
  }
}
function replyTo(event, type) {
  const datacontenttype = event.getText("datacontenttype");
  return makeEvent({
    id: newUuid(),
    source: "/afflux/sink",
    type,
    ...datacontenttype === void 0 ? {} : { datacontenttype },
    ...event.data === void 0 ? {} : { data: event.data }
  });
}
function answer(response, status, event, replyType) {
  if (replyType === void 0 || event === void 0 || status >= 300) {
    response.writeHead(status, { "content-length": "0" });
    response.end();
    return;
  }
  const { headers, body } = encodeBinary(replyTo(event, replyType));
  response.writeHead(status === 202 ? 200 : status, [...headers]);
  response.end(body);
}
function describe(events, request, body, status, clock) {
  const time = new Date(clock.now()).toISOString();
  const path = request.url ?? "/";
  if (events.length > 0) return events.map((event) => describeEvent(event, { time, status, path }));
  return [
    {
      text: `${time} ${String(status)} not a CloudEvent: ${request.method ?? ""} ${path}
  ${excerpt(body)}
`,
      json: { time, status, path, event: null, headers: request.headers, body: body.toString() }
    }
  ];
}
function describeEvent(event, request) {
  const { time, status, path } = request;
  const attributes = Object.fromEntries(event.names().map((name) => [name, event.getText(name)]));
  const extra = Object.entries(attributes).filter(([name]) => !["specversion", "type", "source", "id"].includes(name)).map(([name, value]) => `  ${name}: ${value ?? ""}
`).join("");
  const data = event.data === void 0 ? "" : `  ${excerpt(event.data)}
`;
  return {
    text: `${time} ${String(status)} ${event.type}  id=${event.id} source=${event.source}${path === "/" ? "" : ` path=${path}`}
${extra}${data}`,
    json: { ...request, event: { ...attributes, ...dataMembers(event.data) } }
  };
}
function excerpt(data) {
  const text = data.subarray(0, SHOWN_BYTES_MAX).toString("utf8");
  return data.length > SHOWN_BYTES_MAX ? `${text} \u2026 (${String(data.length)} bytes)` : text;
}
function dataMembers(data) {
  if (data === void 0) return {};
  const text = data.toString("utf8");
  return Buffer.from(text).equals(data) ? { data: text } : { data_base64: data.toString("base64") };
}

export {
  startSink
};
