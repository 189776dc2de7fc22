/** A back-end's administration that does nothing but remember, at the level of the channel SPI. */
import type { Provision, SubscribeOptions } from '@afflux/channels';

type Call = 'ensure' | 'ensureSubscription' | 'removeSubscription' | 'remove';
type Subscription = Pick<SubscribeOptions<unknown>, 'id' | 'from' | 'storageName'>;

export class RecordingProvision implements Provision {
  /** `remove`, or a call and its subscription. */
  readonly calls: unknown[] = [];
  /** What a call rejects with. */
  readonly failures: Partial<Record<Call, Error>> = {};

  async ensure(): Promise<Readonly<Record<string, string>>> {
    await this.#note('ensure');
    return {};
  }

  ensureSubscription(subscription: Subscription): Promise<void> {
    return this.#note('ensureSubscription', subscription);
  }

  removeSubscription(subscription: Subscription): Promise<void> {
    return this.#note('removeSubscription', subscription);
  }

  remove(): Promise<void> {
    return this.#note('remove');
  }

  #note(call: Call, subscription?: Subscription): Promise<void> {
    this.calls.push(subscription === undefined ? call : [call, subscription]);
    const failure = this.failures[call];
    return failure === undefined ? Promise.resolve() : Promise.reject(failure);
  }
}
