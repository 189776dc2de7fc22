/** A channel that keeps dead letters and events, as far as the API looks: lists in memory. */
import type {
  Channel,
  ChannelDescription,
  ChannelRef,
  DeadLetter,
  DeadLetters,
  KeptEvent,
  ReadOptions,
  SubscriptionDescription,
} from '@afflux/channels';
import { makeEvent, type CloudEvent, type EventInput } from '@afflux/events';
import type { ObjectMeta } from '@afflux/resources';
import { BacklogDirectory } from '../backlogs/directory.ts';

export function event(id: string, more: Partial<EventInput> = {}): CloudEvent {
  return makeEvent({ id, source: '/test', type: 'order.created', ...more });
}

export function letter(
  subscription: string,
  id: string,
  more: Partial<DeadLetter> = {},
): DeadLetter {
  return {
    id,
    subscription,
    event: event(`event-${id}`),
    reason: {
      reason: 'status',
      stage: 'subscriber',
      destination: 'http://localhost:9000/',
      code: 503,
      data: Buffer.from('no').toString('base64'),
      attempts: 3,
      atMs: 1_000,
    },
    storedMs: 2_000,
    ...more,
  };
}

/** Dead letters in order; a cursor is an index among all that were ever there. */
export class ListedLetters implements DeadLetters {
  readonly all: DeadLetter[];
  readonly gone = new Set<DeadLetter>();
  readonly redriven: string[] = [];

  constructor(all: readonly DeadLetter[]) {
    this.all = [...all];
  }

  get ids(): string[] {
    return this.all.filter((one) => !this.gone.has(one)).map(({ id }) => id);
  }

  list({ subscription, limit, after }: Parameters<DeadLetters['list']>[0]) {
    const start = after === undefined ? 0 : Number(after);
    const letters: DeadLetter[] = [];
    let index = start;
    for (; index < this.all.length && letters.length < limit; index += 1) {
      const one = this.all[index];
      if (one === undefined || this.gone.has(one)) continue;
      if (subscription === undefined || one.subscription === subscription) letters.push(one);
    }
    const isEnd = index >= this.all.length;
    return Promise.resolve(isEnd ? { letters } : { letters, next: String(index) });
  }

  get(subscription: string, id: string) {
    return Promise.resolve(this.#find(subscription, id));
  }

  redrive(subscription: string, ids: readonly string[]) {
    const found = ids.filter((id) => this.#find(subscription, id) !== undefined);
    this.redriven.push(...found.map((id) => `${subscription}/${id}`));
    return this.drop(subscription, ids);
  }

  drop(subscription: string, ids: readonly string[]) {
    const found = ids.map((id) => this.#find(subscription, id)).filter((one) => one !== undefined);
    for (const one of found) this.gone.add(one);
    return Promise.resolve(found.length);
  }

  #find(subscription: string, id: string): DeadLetter | undefined {
    return this.all.find(
      (one) => one.subscription === subscription && one.id === id && !this.gone.has(one),
    );
  }
}

export interface KeepingOptions {
  readonly ref?: Partial<ChannelRef>;
  /** Name of the broker that owns it. */
  readonly broker?: string;
  readonly subscriptions?: readonly Partial<SubscriptionDescription>[];
  readonly letters?: ListedLetters;
  /** Kept events; none: nothing can be replayed. */
  readonly kept?: readonly CloudEvent[];
  readonly trouble?: string;
}

export class KeepingChannel {
  readonly ref: ChannelRef;
  readonly options: KeepingOptions;
  readonly published: string[] = [];
  readonly reads: ReadOptions[] = [];

  constructor(options: KeepingOptions) {
    this.options = options;
    this.ref = { kind: 'DurableChannel', namespace: 'default', name: 'main', ...options.ref };
  }

  get metadata(): ObjectMeta {
    const { broker } = this.options;
    const owner = { apiVersion: 'eventing.knative.dev/v1', kind: 'Broker', uid: '1' };
    return {
      name: this.ref.name,
      ...(broker === undefined
        ? {}
        : { ownerReferences: [{ ...owner, name: broker, controller: true }] }),
    };
  }

  describe(): ChannelDescription {
    const { subscriptions = [], letters, trouble } = this.options;
    return {
      name: this.ref.name,
      type: letters === undefined ? 'memory' : 'durable',
      events: 0,
      bytes: 0,
      unsettled: 0,
      subscriptions: subscriptions.map((given) => ({
        id: 's',
        label: 's',
        attached: true,
        depth: 0,
        overflow: 0,
        bytes: 0,
        oldestMs: 0,
        inFlight: 0,
        ...given,
      })),
      ...(trouble === undefined ? {} : { trouble }),
    };
  }

  /** What the hub would give out. */
  asChannel(): Channel {
    const { letters, kept } = this.options;
    const reading = {
      read: (options: ReadOptions) => {
        this.reads.push(options);
        return keptEvents(kept ?? []);
      },
      wants: (_subscription: string, one: CloudEvent) => one.type !== 'unwanted',
      publishTo: (subscription: string, events: readonly CloudEvent[]) => {
        this.published.push(...events.map(({ id }) => `${subscription}/${id}`));
        return Promise.resolve();
      },
    };
    return {
      name: this.ref.name,
      describe: () => this.describe(),
      ...(letters === undefined ? {} : { deadLetters: letters }),
      ...(kept === undefined ? {} : reading),
    } as unknown as Channel;
  }
}

// An async generator without an await is what an iteration of ready values is.
// eslint-disable-next-line @typescript-eslint/require-await
async function* keptEvents(events: readonly CloudEvent[]): AsyncGenerator<KeptEvent> {
  for (const [position, one] of events.entries()) yield { event: one, position, acceptedMs: 0 };
}

export function directoryOf(...channels: readonly KeepingChannel[]): BacklogDirectory {
  const open = channels.map((channel) => ({ channel, opened: channel.asChannel() }));
  return new BacklogDirectory({
    hub: {
      describe: () => channels.map((channel) => ({ ...channel.describe(), ref: channel.ref })),
      get: (ref) => open.find(({ channel }) => channel.ref.name === ref.name)?.opened,
    },
    metadataOf: (ref) => channels.find((channel) => channel.ref.name === ref.name)?.metadata,
  });
}
