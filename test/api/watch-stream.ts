/** A watch as a client sees it: lines of JSON over HTTP, all of them kept. */
import { get, type ClientRequest, type IncomingMessage } from 'node:http';
import { expect, onTestFinished } from 'vitest';
import type { Seen, SeenStatus } from './api-client.ts';

export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: Seen & SeenStatus;
}

export interface WatchStreamOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** Told of each event, in order. */
  readonly onEvent?: (event: WatchEvent) => void;
  /** Do not keep events: `onEvent` is enough. */
  readonly forget?: boolean;
  readonly atEnd?: (cleanUp: () => void) => void;
}

/** For `expect.poll`: what is sure to happen, on a machine that is busy with others. */
export const SOON = { timeout: 15_000, interval: 10 } as const;

export class WatchStream {
  readonly events: WatchEvent[] = [];
  readonly response: IncomingMessage;
  readonly #request: ClientRequest;
  readonly #options: WatchStreamOptions;
  #unread = '';
  /** The server ended it, or the connection broke. */
  hasEnded = false;
  /** Ended in the middle of an event, or of the response. */
  wasCut = false;

  private constructor(
    request: ClientRequest,
    response: IncomingMessage,
    options: WatchStreamOptions,
  ) {
    this.#request = request;
    this.response = response;
    this.#options = options;
    response.setEncoding('utf8');
    response.on('data', (chunk: string) => {
      this.#take(chunk);
    });
    response.on('error', () => (this.wasCut = true));
    response.on('close', () => {
      this.hasEnded = true;
      this.wasCut ||= !response.complete || this.#unread !== '';
    });
  }

  /** Resolves when the server has answered, whatever it said. `path` has a query already. */
  static async open(
    url: string,
    path: string,
    options: WatchStreamOptions = {},
  ): Promise<WatchStream> {
    const { headers = {}, atEnd = onTestFinished } = options;
    let request: ClientRequest | undefined;
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      request = get(url + path, { headers, agent: false }, resolve);
      request.once('error', reject);
    });
    if (request === undefined) throw new Error('the request is made at once');
    request.on('error', () => undefined);
    const stream = new WatchStream(request, response, options);
    atEnd(() => {
      stream.close();
    });
    return stream;
  }

  get status(): number {
    return this.response.statusCode ?? 0;
  }

  /** What kept events say: `ADDED a`. */
  get story(): string[] {
    return this.events.map(({ type, object }) =>
      type === 'ERROR'
        ? `ERROR ${String(object.code)}`
        : // A bookmark is about no object.
          [type, object.metadata.name].filter(Boolean).join(' '),
    );
  }

  async until(isThere: (stream: WatchStream) => boolean): Promise<void> {
    await expect.poll(() => isThere(this), SOON).toBe(true);
  }

  async ended(): Promise<void> {
    await this.until(({ hasEnded }) => hasEnded);
  }

  close(): void {
    this.#request.destroy();
    this.response.destroy();
  }

  #take(chunk: string): void {
    const lines = (this.#unread + chunk).split('\n');
    this.#unread = lines.pop() ?? '';
    for (const line of lines) {
      const event = JSON.parse(line) as WatchEvent;
      if (this.#options.forget !== true) this.events.push(event);
      this.#options.onEvent?.(event);
    }
  }
}
