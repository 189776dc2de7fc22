/** A hop between a client and the server that cuts connections at random, in good order or not. */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import type { Random } from '@afflux/kernel';

export class CuttingProxy {
  readonly #server = createServer();
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  readonly #random: Random;
  cuts = 0;

  private constructor(random: Random, target: URL) {
    this.#random = random;
    this.#server.on('connection', (client) => {
      const upstream = connect(Number(target.port), target.hostname);
      const pair = [client, upstream] as const;
      this.#pairs.add(pair);
      for (const [from, to] of [
        [client, upstream],
        [upstream, client],
      ] as const) {
        from.on('error', () => undefined);
        from.on('close', () => {
          this.#pairs.delete(pair);
          to.destroy();
        });
        from.pipe(to);
      }
    });
  }

  static async start(target: string, random: Random): Promise<CuttingProxy> {
    const proxy = new CuttingProxy(random, new URL(target));
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}`;
  }

  /** Ends about this share of the connections. */
  cut(share: number): void {
    for (const [client, upstream] of [...this.#pairs]) {
      if (this.#random.next() >= share) continue;
      this.cuts += 1;
      // A reset loses what was on its way; an end comes after it, in the middle of a response all the same.
      if (this.#random.next() < 0.5) client.resetAndDestroy();
      else upstream.end();
      upstream.destroy();
    }
  }

  close(): void {
    this.#server.close();
    for (const [client] of this.#pairs) client.destroy();
  }
}
