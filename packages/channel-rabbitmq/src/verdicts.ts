/**
 * Who wants an event. Selectors are functions, so the server cannot evaluate them: every queue gets every event,
 * and the reader passes over what its selector does not want.
 *
 * A process that both publishes and subscribes asks its selectors once, when it publishes, and remembers the
 * verdict under the key that the message carries; a reader that finds no verdict (another process published, or it
 * was long ago) asks then, once for all subscriptions that share the selector. What is remembered is bounded.
 */
import type { Selector } from '@afflux/channels';
import type { CloudEvent } from '@afflux/events';

/** Of each of two generations. */
const REMEMBERED_MAX = 5_000;
const NOBODY: ReadonlySet<string> = new Set();

/** What a subscription must tell to be matched. */
export interface Matchable {
  readonly id: string;
  readonly selector: Selector | undefined;
}

interface Verdict {
  /** Those that were subscribed when it was published; none when another process published. */
  readonly asked: ReadonlySet<string>;
  readonly wanted: ReadonlySet<string>;
  /** Selectors asked on arrival, and who was subscribed then: they know nothing of who came later. */
  readonly later: Map<Selector, LateAnswer>;
}

interface LateAnswer {
  readonly asked: ReadonlySet<string>;
  readonly wanted: ReadonlySet<string>;
}

export class Verdicts {
  /** The older generation goes as a whole: taking the first of a map again and again gets slow. */
  #verdicts = new Map<string, Verdict>();
  #older = new Map<string, Verdict>();
  #subscribed: readonly Matchable[] = [];
  #ids: ReadonlySet<string> = new Set();

  /** To be called when a subscription came, went, or changed its selector. */
  update(subscribed: readonly Matchable[]): void {
    this.#subscribed = [...subscribed];
    this.#ids = new Set(subscribed.map(({ id }) => id));
  }

  /** Asks every distinct selector once. Returns the ids that want the event. */
  decide(key: string, event: CloudEvent): ReadonlySet<string> {
    // Who subscribes later finds no verdict, and asks.
    if (this.#subscribed.length === 0) return NOBODY;
    const wanted = new Set<string>();
    const answers = new Map<Selector, ReadonlySet<string>>();
    for (const { id, selector } of this.#subscribed) {
      if (selector === undefined || ask(selector, event, answers).has(id)) wanted.add(id);
    }
    this.#remember(key, { asked: this.#ids, wanted, later: new Map() });
    return wanted;
  }

  wants({ id, selector }: Matchable, key: string, event: CloudEvent): boolean {
    let verdict = this.#verdicts.get(key) ?? this.#older.get(key);
    if (verdict?.asked.has(id) === true) return verdict.wanted.has(id);
    if (selector === undefined) return true;
    if (verdict === undefined || key === '') {
      verdict = { asked: new Set(), wanted: new Set(), later: new Map() };
      if (key !== '') this.#remember(key, verdict);
    }
    const earlier = verdict.later.get(selector);
    if (earlier?.asked.has(id) === true) return earlier.wanted.has(id);
    const wanted = ask(selector, event, new Map());
    verdict.later.set(selector, { asked: this.#ids, wanted });
    return wanted.has(id);
  }

  #remember(key: string, verdict: Verdict): void {
    if (this.#verdicts.size >= REMEMBERED_MAX) {
      this.#older = this.#verdicts;
      this.#verdicts = new Map();
    }
    this.#verdicts.set(key, verdict);
  }
}

function ask(
  selector: Selector,
  event: CloudEvent,
  answers: Map<Selector, ReadonlySet<string>>,
): ReadonlySet<string> {
  const known = answers.get(selector);
  if (known !== undefined) return known;
  const ids: string[] = [];
  selector.select(event, ids);
  const answer = new Set(ids);
  answers.set(selector, answer);
  return answer;
}
