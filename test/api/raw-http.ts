/** HTTP by hand, where libraries are too polite: bytes on a socket, and what comes back. */
import { connect, type Socket } from 'node:net';
import { expect, onTestFinished } from 'vitest';
import { SOON } from './watch-stream.ts';

export interface RawAnswer {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

export class RawConnection {
  readonly socket: Socket;
  received = '';
  isClosed = false;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => (this.received += chunk));
    socket.on('error', () => undefined);
    socket.on('close', () => (this.isClosed = true));
  }

  static async open(url: string): Promise<RawConnection> {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    onTestFinished(() => void socket.destroy());
    await new Promise((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    return new RawConnection(socket);
  }

  write(bytes: string | Buffer): void {
    this.socket.write(bytes);
  }

  async closed(timeout: number = SOON.timeout): Promise<void> {
    await expect.poll(() => this.isClosed, { ...SOON, timeout }).toBe(true);
  }

  /** The first answer: its head, and everything after it. */
  async answer(): Promise<RawAnswer> {
    await expect.poll(() => this.received.includes('\r\n\r\n') || this.isClosed, SOON).toBe(true);
    return answerOf(this.received);
  }
}

function answerOf(text: string): RawAnswer {
  const end = text.indexOf('\r\n\r\n');
  const head = end < 0 ? text : text.slice(0, end);
  const [, status = '0'] = /^HTTP\/1\.1 (\d{3})/.exec(head) ?? [];
  return { status: Number(status), head, body: end < 0 ? '' : text.slice(end + 4) };
}

/** Sends lines as one request on a connection of its own, and waits until the server has closed it. */
export async function exchange(
  url: string,
  lines: readonly string[],
  body = '',
): Promise<RawAnswer> {
  const connection = await RawConnection.open(url);
  connection.write(`${lines.join('\r\n')}\r\n\r\n${body}`);
  await connection.closed();
  return answerOf(connection.received);
}
