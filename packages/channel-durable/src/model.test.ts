/** Random publishes, takes, settlements and restarts against a list: nothing is lost, doubled or out of order. */
import { fc, test } from '@fast-check/vitest';
import type { Channel, ChannelSubscription, Delivery } from '@afflux/channels';
import { expect } from 'vitest';
import { Place } from './testing/place.ts';

type Step =
  | { readonly kind: 'publish'; readonly events: number }
  | { readonly kind: 'take' | 'ack' | 'restart' | 'reopen' }
  | { readonly kind: 'release' | 'save'; readonly progress: string };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('publish' as const),
      events: fc.integer({ min: 1, max: 8 }),
    }),
  },
  { weight: 6, arbitrary: fc.record({ kind: fc.constantFrom('take' as const, 'ack' as const) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom('release' as const, 'save' as const),
      progress: fc.constantFrom('one', 'two'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom('restart' as const, 'reopen' as const) }),
  },
);

interface Expected {
  readonly id: string;
  attempts: number;
  progress: string | undefined;
}

class Run {
  readonly place: Place;
  readonly expected: Expected[] = [];
  readonly inFlight: Delivery<string>[] = [];
  channel: Channel;
  subscription: ChannelSubscription<string>;

  constructor(place: Place, channel: Channel, subscription: ChannelSubscription<string>) {
    this.place = place;
    this.channel = channel;
    this.subscription = subscription;
  }

  async do(wanted: Step): Promise<void> {
    switch (wanted.kind) {
      case 'publish': {
        const events = Array.from({ length: wanted.events }, () => this.place.event());
        await this.channel.publish(events);
        for (const { id } of events) this.expected.push({ id, attempts: 0, progress: undefined });
        return;
      }
      case 'take':
        await this.#take();
        return;
      case 'ack': {
        const delivery = this.inFlight.shift();
        delivery?.ack();
        const at = this.expected.findIndex(({ id }) => id === delivery?.event.id);
        if (at >= 0) this.expected.splice(at, 1);
        return;
      }
      case 'release': {
        const delivery = this.inFlight.pop();
        delivery?.release({ delayMs: 0, progress: wanted.progress });
        this.#tried(delivery, wanted.progress);
        return;
      }
      case 'save': {
        const delivery = this.inFlight.at(0);
        delivery?.save?.(wanted.progress);
        this.#tried(delivery, wanted.progress);
        return;
      }
      case 'restart':
        await this.channel.settled();
        this.channel = await this.place.restart();
        this.inFlight.length = 0;
        this.subscription = await this.place.subscribe(this.channel, 'reader');
        return;
      case 'reopen':
        this.subscription.close();
        this.subscription = await this.place.subscribe(this.channel, 'reader');
        return;
    }
  }

  #tried(delivery: Delivery<string> | undefined, progress: string): void {
    const entry = this.expected.find(({ id }) => id === delivery?.event.id);
    if (entry === undefined || delivery === undefined) return;
    entry.attempts = delivery.attempt;
    entry.progress = progress;
  }

  async #take(): Promise<void> {
    const next = this.expected.find(
      ({ id }) => !this.inFlight.some(({ event }) => event.id === id),
    );
    if (next === undefined) {
      expect(this.subscription.take()).toBeUndefined();
      return;
    }
    let delivery: Delivery<string> | undefined;
    await this.place.until(() => (delivery = this.subscription.take()) !== undefined);
    expect(delivery).toMatchObject({
      event: { id: next.id },
      attempt: next.attempts + 1,
      progress: next.progress,
    });
    if (delivery !== undefined) this.inFlight.push(delivery);
  }

  compare(): void {
    expect(this.channel.describe().subscriptions[0]).toMatchObject({
      depth: this.expected.length,
      inFlight: this.inFlight.length,
      lost: 0,
    });
  }
}

test.prop([fc.array(step, { minLength: 1, maxLength: 40 })], { numRuns: 60 })(
  'behaves as a list that remembers, over restarts',
  async (steps) => {
    await using place = new Place();
    const channel = await place.open();
    const run = new Run(place, channel, await place.subscribe(channel, 'reader'));
    for (const wanted of steps) {
      await run.do(wanted);
      run.compare();
    }
  },
  120_000,
);
