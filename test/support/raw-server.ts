/** A subscriber that speaks HTTP badly on purpose: bytes on a socket, by hand. */
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { expect, onTestFinished } from 'vitest';

export interface RawServer {
  readonly url: string;
  /** Requests read so far. */
  readonly requests: number;
  /** Connections that are open now. */
  readonly connections: number;
  received(count: number): Promise<void>;
}

/** Calls `answer` once per request, when its head and its body have arrived; the count begins at 1. */
export async function startRawServer(
  answer: (socket: Socket, count: number) => void,
): Promise<RawServer> {
  const sockets = new Set<Socket>();
  let requests = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    let unread = '';
    socket.setEncoding('latin1');
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', (chunk: string) => {
      unread += chunk;
      for (let end = endOfRequest(unread); end !== undefined; end = endOfRequest(unread)) {
        unread = unread.slice(end);
        requests += 1;
        answer(socket, requests);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/`,
    get requests() {
      return requests;
    },
    get connections() {
      return sockets.size;
    },
    async received(count) {
      await expect.poll(() => requests).toBeGreaterThanOrEqual(count);
    },
  };
}

/** Where the first whole request of the text ends. */
function endOfRequest(text: string): number | undefined {
  const headEnd = text.indexOf('\r\n\r\n');
  if (headEnd === -1) return undefined;
  const length = /content-length: *(\d+)/i.exec(text.slice(0, headEnd))?.[1] ?? '0';
  const end = headEnd + 4 + Number(length);
  return text.length < end ? undefined : end;
}
