/** Administration whose driver is loaded, or whose settings are read, with the first call. */
import type { Provision } from '@afflux/channels';

export class LazyProvision implements Provision {
  readonly #open: () => Promise<Provision | undefined>;

  /** `open` is called with each call; undefined means that there is nothing to administer. */
  constructor(open: () => Promise<Provision | undefined>) {
    this.#open = open;
  }

  async ensure(
    ...args: Parameters<Provision['ensure']>
  ): Promise<Readonly<Record<string, string>>> {
    return (await (await this.#open())?.ensure(...args)) ?? {};
  }

  async ensureSubscription(...args: Parameters<Provision['ensureSubscription']>): Promise<void> {
    await (await this.#open())?.ensureSubscription(...args);
  }

  async removeSubscription(...args: Parameters<Provision['removeSubscription']>): Promise<void> {
    await (await this.#open())?.removeSubscription(...args);
  }

  async remove(...args: Parameters<Provision['remove']>): Promise<void> {
    await (await this.#open())?.remove(...args);
  }
}
