/**
 * Which backlogs an event goes to. Each distinct selector is asked once per event, however many
 * subscriptions share it; subscriptions without a selector get every event.
 */
import type { CloudEvent } from '@afflux/events';
import type { Selector } from '../channel.ts';
import type { Backlog } from './backlog.ts';
import { empty } from './scratch.ts';

export class Matcher {
  readonly #backlogs: ReadonlyMap<string, Backlog>;
  readonly #ids: string[] = [];
  #everyEvent: Backlog[] = [];
  #selectors: Selector[] = [];
  #isStale = false;
  #matches = 0;

  /** Keeps the map and looks subscriptions up in it. */
  constructor(backlogs: ReadonlyMap<string, Backlog>) {
    this.#backlogs = backlogs;
  }

  /** To be called when a subscription or its selector changed. */
  invalidate(): void {
    this.#isStale = true;
  }

  /** Appends the backlogs that want the event, each once. */
  match(event: CloudEvent, out: Backlog[]): void {
    if (this.#isStale) this.#refresh();
    for (const backlog of this.#everyEvent) out.push(backlog);
    this.#matches += 1;
    for (const selector of this.#selectors) {
      empty(this.#ids);
      selector.select(event, this.#ids);
      for (const id of this.#ids) this.#matchId(id, selector, out);
    }
  }

  #matchId(id: string, selector: Selector, out: Backlog[]): void {
    const backlog = this.#backlogs.get(id);
    // A selector may know subscriptions that do not exist yet, or no longer.
    if (backlog?.selector !== selector || !backlog.isAttached) return;
    if (backlog.lastMatch === this.#matches) return;
    backlog.lastMatch = this.#matches;
    out.push(backlog);
  }

  /** Runs with the next event and not with each change, so that many changes at once cost one pass. */
  #refresh(): void {
    this.#isStale = false;
    const attached = [...this.#backlogs.values()].filter((backlog) => backlog.isAttached);
    const selectors = new Set<Selector>();
    for (const { selector } of attached) if (selector !== undefined) selectors.add(selector);
    this.#everyEvent = attached.filter((backlog) => backlog.selector === undefined);
    this.#selectors = [...selectors];
  }
}
