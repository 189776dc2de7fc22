/** The subscriber behind `afflux sink`: also stands beside the quickstart's broker, in the same terminal. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { decodeHttp, encodeBinary, makeEvent, type CloudEvent } from '@afflux/events';
import { newUuid, type Clock } from '@afflux/kernel';

/** Bytes of data of one event that are shown to people; programs get all of it. */
const SHOWN_BYTES_MAX = 2_000;
/** Largest body it takes; more is cut off. */
const BODY_BYTES_MAX = 64 * 1024 * 1024;

export interface SinkOptions {
  readonly port: number;
  readonly host: string;
  readonly status?: number;
  readonly failFirst?: number;
  readonly delayMs: number;
  readonly replyType?: string;
  /** Requests to this path are always answered with 500. */
  readonly failingPath?: string;
}

/** One event as it is shown; also a request that carried none. */
export interface Received {
  readonly text: string;
  readonly json: Readonly<Record<string, unknown>>;
}

export interface RunningSink {
  readonly url: string;
  close(): Promise<void>;
}

/** Listens and answers until closed. Rejects when the port cannot be had. */
export async function startSink(
  options: SinkOptions,
  clock: Clock,
  show: (received: Received) => void,
): Promise<RunningSink> {
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
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${urlHost(options.host)}:${String(port)}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

function urlHost(host: string): string {
  if (host === '127.0.0.1') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}

function statusOf(request: number, options: SinkOptions): number {
  if (options.failFirst === undefined) return options.status ?? 200;
  return request <= options.failFirst ? (options.status ?? 500) : 200;
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request) {
      bytes += (chunk as Buffer).length;
      if (bytes > BODY_BYTES_MAX) break;
      chunks.push(chunk as Buffer);
    }
  } catch {
    // The sender went away: show what came.
  }
  return Buffer.concat(chunks);
}

/** One event, several of a batch, or none: then it is not a CloudEvent. */
function tryDecode(request: IncomingMessage, body: Buffer): readonly CloudEvent[] {
  try {
    return decodeHttp(request.rawHeaders, body);
  } catch {
    return [];
  }
}

function replyTo(event: CloudEvent, type: string): CloudEvent {
  const datacontenttype = event.getText('datacontenttype');
  return makeEvent({
    id: newUuid(),
    source: '/afflux/sink',
    type,
    ...(datacontenttype === undefined ? {} : { datacontenttype }),
    ...(event.data === undefined ? {} : { data: event.data }),
  });
}

function answer(
  response: ServerResponse,
  status: number,
  event: CloudEvent | undefined,
  replyType: string | undefined,
): void {
  if (replyType === undefined || event === undefined || status >= 300) {
    response.writeHead(status, { 'content-length': '0' });
    response.end();
    return;
  }
  const { headers, body } = encodeBinary(replyTo(event, replyType));
  response.writeHead(status === 202 ? 200 : status, [...headers]);
  response.end(body);
}

function describe(
  events: readonly CloudEvent[],
  request: IncomingMessage,
  body: Buffer,
  status: number,
  clock: Clock,
): readonly Received[] {
  const time = new Date(clock.now()).toISOString();
  const path = request.url ?? '/';
  if (events.length > 0) return events.map((event) => describeEvent(event, { time, status, path }));
  return [
    {
      text: `${time} ${String(status)} not a CloudEvent: ${request.method ?? ''} ${path}\n  ${excerpt(body)}\n`,
      json: { time, status, path, event: null, headers: request.headers, body: body.toString() },
    },
  ];
}

function describeEvent(
  event: CloudEvent,
  request: { readonly time: string; readonly status: number; readonly path: string },
): Received {
  const { time, status, path } = request;
  const attributes = Object.fromEntries(event.names().map((name) => [name, event.getText(name)]));
  const extra = Object.entries(attributes)
    .filter(([name]) => !['specversion', 'type', 'source', 'id'].includes(name))
    .map(([name, value]) => `  ${name}: ${value ?? ''}\n`)
    .join('');
  const data = event.data === undefined ? '' : `  ${excerpt(event.data)}\n`;
  return {
    text: `${time} ${String(status)} ${event.type}  id=${event.id} source=${event.source}${path === '/' ? '' : ` path=${path}`}\n${extra}${data}`,
    json: { ...request, event: { ...attributes, ...dataMembers(event.data) } },
  };
}

function excerpt(data: Buffer): string {
  const text = data.subarray(0, SHOWN_BYTES_MAX).toString('utf8');
  return data.length > SHOWN_BYTES_MAX ? `${text} … (${String(data.length)} bytes)` : text;
}

/** As in the JSON format: text where the bytes are text, base64 where they are not. */
function dataMembers(data: Buffer | undefined): Readonly<Record<string, string>> {
  if (data === undefined) return {};
  const text = data.toString('utf8');
  return Buffer.from(text).equals(data) ? { data: text } : { data_base64: data.toString('base64') };
}
