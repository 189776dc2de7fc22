/** The network between the product and its back-end: a TCP relay that can be cut, stalled, reset and slowed down. */
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/**
 * - `pass`: relays.
 * - `cut`: ends what is open in mid-stream and refuses what comes.
 * - `black-hole`: keeps everything open and relays nothing.
 * - `slow`: holds back each piece for a while.
 */
export type Weather = 'pass' | 'cut' | 'black-hole' | 'slow';

const SLOW_MS = 120;

interface Pair {
  readonly inside: Socket;
  readonly outside: Socket;
}

export class Proxy {
  readonly #server: Server;
  readonly #pairs = new Set<Pair>();
  #weather: Weather = 'pass';

  constructor(target: { readonly host: string; readonly port: number }) {
    this.#server = createServer((inside) => {
      this.#join(inside, target);
    });
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  become(weather: Weather): void {
    this.#weather = weather;
    if (weather === 'cut') this.reset();
    for (const { inside, outside } of this.#pairs) {
      if (weather === 'black-hole') {
        inside.pause();
        outside.pause();
      } else {
        inside.resume();
        outside.resume();
      }
    }
  }

  /** Ends every connection at once, whatever is under way. */
  reset(): void {
    for (const { inside, outside } of this.#pairs) {
      inside.resetAndDestroy();
      outside.resetAndDestroy();
    }
    this.#pairs.clear();
  }

  close(): void {
    this.#server.close();
    this.reset();
  }

  #join(inside: Socket, target: { readonly host: string; readonly port: number }): void {
    if (this.#weather === 'cut') {
      inside.on('error', () => undefined).resetAndDestroy();
      return;
    }
    const pair = { inside, outside: connect({ ...target, noDelay: true }) };
    inside.setNoDelay(true);
    this.#pairs.add(pair);
    this.#relay(pair, inside, pair.outside);
    this.#relay(pair, pair.outside, inside);
    if (this.#weather === 'black-hole') {
      inside.pause();
      pair.outside.pause();
    }
  }

  #relay(pair: Pair, from: Socket, to: Socket): void {
    from.on('data', (piece: Buffer) => {
      if (this.#weather !== 'slow') {
        if (!to.write(piece)) from.pause();
        return;
      }
      from.pause();
      setTimeout(() => {
        if (!to.destroyed) to.write(piece);
        if (this.#weather !== 'black-hole') from.resume();
      }, SLOW_MS);
    });
    to.on('drain', () => {
      if (this.#weather !== 'black-hole') from.resume();
    });
    from.on('error', () => undefined);
    from.on('close', () => {
      this.#pairs.delete(pair);
      to.destroy();
    });
  }
}
