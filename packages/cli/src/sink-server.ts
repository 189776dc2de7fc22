/** The subscriber behind `afflux sink`: also stands beside the quickstart's broker, in the same terminal. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { decodeHttp, encodeBinary, makeEvent, type CloudEvent } from '@afflux/events';
import { newUuid, type Clock } from '@afflux/kernel';

/** Bytes of data shown of one event. */
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

/** One request as it is shown. */
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
      const event = tryDecode(request, body);
      show(describe(event, request, body, status, clock));
      if (options.delayMs > 0) await clock.sleep(options.delayMs);
      answer(response, status, event, options.replyType);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${options.host === '127.0.0.1' ? 'localhost' : options.host}:${String(port)}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
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

function tryDecode(request: IncomingMessage, body: Buffer): CloudEvent | undefined {
  try {
    return decodeHttp(request.rawHeaders, body)[0];
  } catch {
    return undefined;
  }
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
  const datacontenttype = event.getText('datacontenttype');
  const reply = makeEvent({
    id: newUuid(),
    source: '/afflux/sink',
    type: replyType,
    ...(datacontenttype === undefined ? {} : { datacontenttype }),
    ...(event.data === undefined ? {} : { data: event.data }),
  });
  const { headers, body } = encodeBinary(reply);
  response.writeHead(status === 202 ? 200 : status, [...headers]);
  response.end(body);
}

function describe(
  event: CloudEvent | undefined,
  request: IncomingMessage,
  body: Buffer,
  status: number,
  clock: Clock,
): Received {
  const time = new Date(clock.now()).toISOString();
  const shown = body.subarray(0, SHOWN_BYTES_MAX).toString('utf8');
  const path = request.url ?? '/';
  if (event === undefined) {
    return {
      text: `${time} ${String(status)} not a CloudEvent: ${request.method ?? ''} ${path}\n  ${shown}\n`,
      json: { time, status, path, event: null, headers: request.headers, body: shown },
    };
  }
  const attributes = Object.fromEntries(event.names().map((name) => [name, event.getText(name)]));
  const data = event.data?.subarray(0, SHOWN_BYTES_MAX).toString('utf8');
  const extra = Object.entries(attributes)
    .filter(([name]) => !['specversion', 'type', 'source', 'id'].includes(name))
    .map(([name, value]) => `  ${name}: ${value ?? ''}\n`)
    .join('');
  return {
    text: `${time} ${String(status)} ${event.type}  id=${event.id} source=${event.source}${path === '/' ? '' : ` path=${path}`}\n${extra}${data === undefined ? '' : `  ${data}\n`}`,
    json: { time, status, path, event: { ...attributes, ...(data === undefined ? {} : { data }) } },
  };
}
