/** A TCP proxy between a test and the server, to cut the way in between. */
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

export class Proxy {
  readonly #target: URL;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #port = 0;
  #swallows = false;

  /** `target` is `amqp://host:port`. */
  constructor(target: string) {
    this.#target = new URL(target);
  }

  get url(): string {
    return `amqp://127.0.0.1:${String(this.#port)}`;
  }

  /** Listens, on the same port as before. */
  async open(): Promise<void> {
    const server = createServer((near) => {
      const far = connect(Number(this.#target.port), this.#target.hostname);
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(from);
        from.on('data', (chunk: Buffer) => {
          if (!(this.#swallows && from === far)) to.write(chunk);
        });
        from.on('error', () => undefined);
        from.on('close', () => {
          this.#sockets.delete(from);
          to.destroy();
        });
      }
    });
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (server.address() as AddressInfo).port;
  }

  /** Keeps a port for later without listening on it. */
  async reserve(): Promise<void> {
    await this.open();
    await this.cut();
  }

  /** From now on nothing of what the server answers arrives. */
  swallow(): void {
    this.#swallows = true;
  }

  /** Ends all connections and takes no more. */
  async cut(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    const closed = new Promise<void>((resolve) => {
      if (server === undefined) resolve();
      else
        server.close(() => {
          resolve();
        });
    });
    for (const socket of this.#sockets) socket.destroy();
    await closed;
    this.#swallows = false;
  }
}
