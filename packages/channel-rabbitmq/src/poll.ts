/** Asks the server from time to time how much is in the queues, so that a description never has to wait. */
import type { Clock } from '@afflux/kernel';
import type { Backlog } from './backlog.ts';
import type { AmqpConnection } from './client/connection.ts';
import { administer } from './server.ts';
import { messagesIn } from './topology.ts';

const INTERVAL_MS = 5_000;

export interface PollHost {
  readonly clock: Clock;
  readonly consuming: AmqpConnection;
  readonly backlogs: ReadonlyMap<string, Backlog>;
}

export class Poll {
  readonly #host: PollHost;
  readonly #life = new AbortController();
  #running: Promise<void> | undefined;

  constructor(host: PollHost) {
    this.#host = host;
  }

  get #isClosed(): boolean {
    return this.#life.signal.aborted;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async close(): Promise<void> {
    this.#life.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#life;
    const { clock, backlogs } = this.#host;
    while (!signal.aborted) {
      await clock.sleep(INTERVAL_MS, signal).catch(() => undefined);
      for (const backlog of [...backlogs.values()]) {
        if (this.#isClosed || this.#host.consuming.model === undefined) break;
        if (backlog.isDeclared || !backlog.isAttached) await this.#ask(backlog);
      }
    }
  }

  /** A question that fails is asked again next time; what keeps it from an answer is reported elsewhere. */
  async #ask(backlog: Backlog): Promise<void> {
    const { clock } = this.#host;
    const { main, retry, wait, direct, dead } = backlog.names;
    const askedMs = clock.now();
    try {
      const counts: number[] = [];
      for (const queue of [main, retry, wait, direct, dead]) counts.push(await this.#count(queue));
      const inDead = counts.pop() ?? 0;
      backlog.learn(
        counts.reduce((sum, count) => sum + count, 0),
        inDead,
        askedMs,
      );
    } catch {
      // The connection went away in between.
    }
  }

  async #count(queue: string): Promise<number> {
    const { consuming, clock } = this.#host;
    const { signal } = this.#life;
    const count = await administer(
      consuming,
      `queue ${queue}`,
      clock,
      (channel) => messagesIn(channel, queue),
      signal,
    );
    return count ?? 0;
  }
}
