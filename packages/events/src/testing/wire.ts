/**
 * For tests: decodes requests that were written as bytes to Node's own HTTP server, so that what reaches the
 * decoder is what Node makes of a request (byte-per-character header values, repeated headers, names in their
 * case).
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import type { CloudEvent } from '../cloud-event.ts';
import { EventsError } from '../errors.ts';
import { decodeHttp } from '../http.ts';

export type Outcome = CloudEvent[] | EventsError;

export interface Wire {
  /** Header lines are latin1 text: one character is one byte on the wire. */
  send(headerLines: readonly string[], body: Buffer | string): Promise<Outcome>;
  close(): Promise<void>;
}

function outcomeOf(rawHeaders: readonly string[], body: Buffer): Outcome {
  try {
    return decodeHttp(rawHeaders, body);
  } catch (error) {
    if (error instanceof EventsError) return error;
    throw error;
  }
}

function requestBytes(path: string, headerLines: readonly string[], body: Buffer): Buffer {
  const lines = [
    `POST ${path} HTTP/1.1`,
    'Host: localhost',
    'Connection: close',
    ...headerLines,
    `Content-Length: ${String(body.length)}`,
  ];
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), body]);
}

function exchange(port: number, bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', reject);
    socket.on('close', () => {
      resolve();
    });
    socket.resume();
    socket.end(bytes);
  });
}

/** Starts a listener on a free port of the loopback interface. */
export async function startWire(): Promise<Wire> {
  const outcomes = new Map<string, Outcome>();
  const server = createServer({ maxHeaderSize: 80 * 1024 }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      outcomes.set(request.url ?? '', outcomeOf(request.rawHeaders, Buffer.concat(chunks)));
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  let requests = 0;
  return {
    async send(headerLines, body) {
      const path = `/${String(++requests)}`;
      await exchange(port, requestBytes(path, headerLines, Buffer.from(body)));
      const outcome = outcomes.get(path);
      if (outcome === undefined) throw new Error('the server refused the request');
      return outcome;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
      }),
  };
}

/** The headers `B` of the test vectors: a complete event without data. */
export const B = ['ce-specversion: 1.0', 'ce-id: 1', 'ce-source: /s', 'ce-type: t'];
export const STRUCTURED = 'Content-Type: application/cloudevents+json';
export const BATCH = 'Content-Type: application/cloudevents-batch+json';
export const JSON_TYPE = 'Content-Type: application/json';

/** `B` without one attribute. */
export function without(name: string): string[] {
  return B.filter((line) => !line.startsWith(`ce-${name}:`));
}

/** `B` with another source. */
export function withSource(value: string): string[] {
  return [...without('source'), `ce-source: ${value}`];
}

/** The body `J` of the test vectors: the same event in JSON, with more members. */
export function j(members = ''): string {
  return `{"specversion":"1.0","id":"1","source":"/s","type":"t"${members}}`;
}
