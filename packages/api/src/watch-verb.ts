/**
 * watch: the changes of a kind as lines of JSON, until the client hangs up, its time is over, or it does not read.
 *
 * What a watch may hold is bounded twice: the store keeps a bounded number of references for a reader that is
 * behind and then ends its watch (410 Expired, list again), and here a response whose buffer is full is waited for
 * and, after a while without a byte taken, cut off. Nobody else waits meanwhile.
 */
import type { ServerResponse } from 'node:http';
import { isExpired, type Change, type ResourceStore } from '@afflux/control';
import type { Clock, Logger, Random } from '@afflux/kernel';
import { header, type Exchange } from './exchange.ts';
import { watchLine } from './object-lines.ts';
import { listQuery, type ListQuery } from './request-options.ts';
import { shownTo, type Shown, type ShownDeps } from './shown-objects.ts';
import { failureOf, internalError } from './status.ts';

/** A watch without a time-out of its own ends after so long, and up to twice of it (kube-apiserver: 30 minutes). */
const WATCH_MS_MIN = 1_800_000;

/** A client that takes nothing for so long while something waits for it is cut off. */
const STALLED_MS_MAX = 30_000;

/** Says on a bookmark that everything that existed at the start has been shown. */
const INITIAL_EVENTS_END = 'k8s.io/initial-events-end';

const HEADERS = {
  'content-type': 'application/json',
  'cache-control': 'no-cache, private',
  'x-content-type-options': 'nosniff',
} as const;

export interface WatchDeps extends ShownDeps {
  readonly store: ResourceStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/** Takes the response over. Rejects when the watch cannot begin; afterwards it never does. */
export async function watchObjects(exchange: Exchange, deps: WatchDeps): Promise<void> {
  if (isWebSocket(exchange)) {
    exchange.takeOver().writeHead(200, HEADERS).end();
    return;
  }
  const query = listQuery(exchange.query);
  const ending = new AbortController();
  const end = (): void => {
    ending.abort();
  };
  exchange.signal.addEventListener('abort', end, { once: true });
  const timer = deps.clock.setTimer(
    query.timeoutMs ?? WATCH_MS_MIN * (1 + deps.random.next()),
    end,
  );
  const sender = new WatchSender(exchange, deps, end);
  try {
    await sender.run(query, ending.signal);
  } finally {
    timer.cancel();
    exchange.signal.removeEventListener('abort', end);
    end();
  }
}

class WatchSender {
  readonly #exchange: Exchange;
  readonly #deps: WatchDeps;
  readonly #shown: Shown;
  readonly #end: () => void;
  #response: ServerResponse | undefined;

  constructor(exchange: Exchange, deps: WatchDeps, end: () => void) {
    this.#exchange = exchange;
    this.#deps = deps;
    this.#end = end;
    this.#shown = shownTo(exchange, deps);
  }

  async run(query: ListQuery, signal: AbortSignal): Promise<void> {
    const { store } = this.#deps;
    const { definition, path } = this.#exchange;
    const { labelSelector, fieldSelector } = query;
    const { namespace, name } = path;
    const byName = { key: 'metadata.name', operator: 'In', values: [name ?? ''] } as const;
    const filter = {
      namespace,
      labelSelector,
      fieldSelector: name === undefined ? fieldSelector : [...(fieldSelector ?? []), byName],
    };
    let { resourceVersion } = query;
    const begins = resourceVersion === undefined || resourceVersion === '0';
    if (begins || query.sendInitialEvents) {
      const list = await store.list(definition, { ...filter, signal });
      this.#open();
      const initial = query.sendInitialEvents || begins ? list.items : [];
      for (const object of initial) {
        if (!(await this.#send(this.#shown.next('ADDED', object)))) return;
      }
      ({ resourceVersion } = list);
      if (query.sendInitialEvents && query.allowBookmarks) {
        await this.#bookmark(resourceVersion, { [INITIAL_EVENTS_END]: 'true' });
      }
    }
    await this.#follow(
      store.watch(definition, { ...filter, resourceVersion, signal }),
      query,
      signal,
    );
  }

  async #follow(
    changes: AsyncIterable<Change>,
    query: ListQuery,
    signal: AbortSignal,
  ): Promise<void> {
    const iterator = changes[Symbol.asyncIterator]();
    let step = iterator.next();
    if (this.#response === undefined) await refusalOf(step);
    this.#open();
    try {
      for (;;) {
        const next = await step;
        if (next.done === true) break;
        const change = next.value;
        const isOpen =
          change.type === 'BOOKMARK'
            ? !query.allowBookmarks || (await this.#bookmark(change.resourceVersion))
            : await this.#send(this.#shown.next(change.type, change.object));
        if (!isOpen) break;
        step = iterator.next();
      }
    } catch (error) {
      if (!signal.aborted) await this.#fail(error);
    } finally {
      // A step that is still waited for ends with the signal.
      this.#end();
      await iterator.return?.();
      this.#response?.end();
    }
  }

  #open(): void {
    if (this.#response !== undefined) return;
    this.#response = this.#exchange.takeOver();
    this.#response.writeHead(200, HEADERS);
    this.#response.flushHeaders();
  }

  #bookmark(resourceVersion: string, annotations?: Record<string, string>): Promise<boolean> {
    const metadata = { resourceVersion, ...(annotations === undefined ? {} : { annotations }) };
    return this.#send(watchLine('BOOKMARK', this.#shown.bookmark(metadata)));
  }

  async #fail(error: unknown): Promise<void> {
    const status = failureOf(error);
    if (status === undefined) this.#deps.logger.error({ err: error }, 'a watch failed');
    await this.#send(watchLine('ERROR', JSON.stringify(status ?? internalError())));
  }

  /** Resolves when there is room for more; false when nobody reads (any more). */
  async #send(line: Buffer | string): Promise<boolean> {
    const response = this.#response;
    if (response === undefined || response.destroyed) return false;
    if (response.write(line)) return true;
    return await this.#drained(response);
  }

  #drained(response: ServerResponse): Promise<boolean> {
    return new Promise((resolve) => {
      const settle = (isOpen: boolean): void => {
        timer.cancel();
        response.off('drain', onDrain);
        response.off('close', onClose);
        resolve(isOpen);
      };
      const onDrain = (): void => {
        settle(true);
      };
      const onClose = (): void => {
        settle(false);
      };
      const timer = this.#deps.clock.setTimer(STALLED_MS_MAX, () => {
        response.destroy();
        this.#end();
        settle(false);
      });
      response.once('drain', onDrain);
      response.once('close', onClose);
    });
  }
}

/** Rejects when a watch is refused at once: the client gets that as an answer, not as an event. */
async function refusalOf(step: Promise<unknown>): Promise<void> {
  const turn = new Promise<void>((resolve) => {
    // A turn of the loop is not time.
    // eslint-disable-next-line no-restricted-globals
    setImmediate(resolve);
  });
  try {
    await Promise.race([step, turn]);
  } catch (error) {
    // A past that is forgotten is told within the watch, as kube-apiserver does it.
    if (!isExpired(error)) throw error;
  }
}

/**
 * A watch over WebSocket is not served. Its answer is a watch that ends at once: clients that can do without (fabric8)
 * ask for a plain one then, and without a delay, which they would have after an error of the server.
 */
function isWebSocket(exchange: Exchange): boolean {
  return header(exchange, 'upgrade')?.toLowerCase() === 'websocket';
}
