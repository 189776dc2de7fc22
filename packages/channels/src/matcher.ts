/**
 * Which subscriptions of a channel an event goes to. Each distinct selector is asked once per event, however
 * many subscriptions share it; subscriptions without a selector get every event.
 */
import type { CloudEvent } from '@afflux/events';
import type { Selector } from './channel.ts';
import { empty } from './scratch.ts';

/** What a driver keeps per subscription id, as far as matching is concerned. */
export interface MatchTarget {
  readonly selector: Selector | undefined;
  /** Otherwise no event matches. */
  readonly isAttached: boolean;
  /** The matcher's own note, 0 at first: the last event matched here, against a selector that repeats an id. */
  lastMatch: number;
}

export class Matcher<T extends MatchTarget> {
  readonly #targets: ReadonlyMap<string, T>;
  readonly #ids: string[] = [];
  #everyEvent: T[] = [];
  #selectors: Selector[] = [];
  #isStale = true;
  #matches = 0;

  /** Keeps the map (by subscription id) and looks subscriptions up in it. */
  constructor(targets: ReadonlyMap<string, T>) {
    this.#targets = targets;
  }

  /** To be called when a subscription came, went, or changed its selector. */
  invalidate(): void {
    this.#isStale = true;
  }

  /** Appends the subscriptions that want the event, each once. */
  match(event: CloudEvent, out: T[]): void {
    if (this.#isStale) this.#refresh();
    for (const target of this.#everyEvent) out.push(target);
    this.#matches += 1;
    for (const selector of this.#selectors) {
      empty(this.#ids);
      selector.select(event, this.#ids);
      for (const id of this.#ids) this.#matchId(id, selector, out);
    }
  }

  #matchId(id: string, selector: Selector, out: T[]): void {
    const target = this.#targets.get(id);
    // A selector may know subscriptions that do not exist yet, or no longer.
    if (target?.selector !== selector || !target.isAttached) return;
    if (target.lastMatch === this.#matches) return;
    target.lastMatch = this.#matches;
    out.push(target);
  }

  /** Runs with the next event and not with each change, so that many changes at once cost one pass. */
  #refresh(): void {
    this.#isStale = false;
    const attached = [...this.#targets.values()].filter((target) => target.isAttached);
    const selectors = new Set<Selector>();
    for (const { selector } of attached) if (selector !== undefined) selectors.add(selector);
    this.#everyEvent = attached.filter((target) => target.selector === undefined);
    this.#selectors = [...selectors];
  }
}

/** Whether a subscription wants an event, asked on its own: `Channel.wants`. */
export function isWanted(id: string, selector: Selector | undefined, event: CloudEvent): boolean {
  if (selector === undefined) return true;
  const ids: string[] = [];
  selector.select(event, ids);
  return ids.includes(id);
}
