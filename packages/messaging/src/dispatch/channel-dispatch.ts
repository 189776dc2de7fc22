/**
 * The data plane of InMemoryChannels: follows them through the store and keeps one unit per channel at work. It
 * reads what controllers wrote, never calls them and is never called by them.
 *
 * Changes only mark a channel; the work is done once per channel when the present turn's changes are all known,
 * and before any event that arrives later. So whoever has seen a subscriber ready in the status can post at
 * once.
 */
import { formatKey, type Informer, keyOf, type ObjectChange, parseKey } from '@afflux/control';
import { BaseComponent } from '@afflux/kernel';
import type { InMemoryChannel, Subscription } from '@afflux/resources';
import { IN_MEMORY_CHANNEL, SUBSCRIPTION } from '../model/kinds.ts';
import { ChannelUnit } from './channel-unit.ts';
import type { ChannelDispatchOptions } from './dependencies.ts';

/** Wait before a channel that could not be opened is opened again. */
const REOPEN_MS = 1_000;

const BY_UID = 'uid';

/**
 * `start` resolves when every channel that was in the store takes events. `drain` lets nothing in any more and
 * ends when no attempt is under way; whoever wants the queues empty waits for `ChannelHub.settled` before.
 */
export class ChannelDispatch extends BaseComponent {
  readonly name = 'channel dispatch';
  readonly #options: ChannelDispatchOptions;
  readonly #channels: Informer<InMemoryChannel>;
  readonly #subscriptions: Informer<Subscription>;
  readonly #units = new Map<string, ChannelUnit>();
  readonly #marked = new Set<string>();
  #isScheduled = false;
  #unsubscribe: (() => void)[] = [];

  constructor(options: ChannelDispatchOptions) {
    super();
    this.#options = options;
    this.#channels = options.informers.get<InMemoryChannel>(IN_MEMORY_CHANNEL);
    this.#subscriptions = options.informers.get<Subscription>(SUBSCRIPTION);
    this.#subscriptions.addIndex(BY_UID, ({ metadata: { uid } }) =>
      uid === undefined ? [] : [uid],
    );
  }

  protected override async onStart(signal?: AbortSignal): Promise<void> {
    await Promise.all([this.#subscriptions.start(signal), this.#channels.start(signal)]);
    this.#unsubscribe = [
      this.#channels.onChange((change) => {
        this.#onChannel(change);
      }),
      this.#subscriptions.onChange((change) => {
        this.#onSubscription(change);
      }),
    ];
    await Promise.all(this.#applyMarked());
  }

  protected override async onDrain(signal?: AbortSignal): Promise<void> {
    this.#unfollow();
    await Promise.all([...this.#units.values()].map((unit) => unit.drain(signal)));
  }

  protected override async onClose(): Promise<void> {
    this.#unfollow();
    await Promise.all([...this.#units.values()].map((unit) => unit.close()));
    this.#units.clear();
  }

  #unfollow(): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    this.#unsubscribe = [];
    this.#marked.clear();
  }

  #onChannel({ old, new: next }: ObjectChange<InMemoryChannel>): void {
    const object = next ?? old;
    if (object !== undefined) this.#mark(keyOf(object));
  }

  /** Only its annotations matter here: the rest is in the channel's entry. */
  #onSubscription({ old, new: next }: ObjectChange<Subscription>): void {
    const object = next ?? old;
    if (object === undefined || old?.metadata.annotations === next?.metadata.annotations) return;
    const { uid = '', namespace } = object.metadata;
    const reference = object.spec.channel;
    // The channel behind a Channel has its name.
    const key = formatKey({ namespace: reference.namespace ?? namespace, name: reference.name });
    if (this.#units.get(key)?.serves(uid) === true) this.#mark(key);
  }

  #mark(key: string): void {
    this.#marked.add(key);
    if (this.#isScheduled || this.state !== 'running') return;
    this.#isScheduled = true;
    queueMicrotask(() => {
      this.#isScheduled = false;
      // The promises never reject, and nobody waits for them here.
      if (this.state === 'running') void this.#applyMarked();
    });
  }

  /** Never rejects, nor do the promises: a channel that cannot be opened is tried again later. */
  #applyMarked(): Promise<void>[] {
    const keys = [...this.#marked];
    this.#marked.clear();
    return keys.map((key) => this.#apply(key));
  }

  async #apply(key: string): Promise<void> {
    const { namespace, name } = parseKey(key);
    const object = this.#channels.get(namespace, name);
    if (object === undefined) {
      this.#units.get(key)?.delete();
      return;
    }
    let unit = this.#units.get(key);
    try {
      unit ??= this.#makeUnit(key);
      await unit.apply(object);
    } catch (err) {
      await this.#giveUp(key, unit, err);
    }
  }

  #makeUnit(key: string): ChannelUnit {
    const { namespace = '', name } = parseKey(key);
    const unit = new ChannelUnit({
      deps: this.#options,
      ref: { kind: IN_MEMORY_CHANNEL.kind, namespace, name },
      annotationsOf: (uid) => this.#subscriptions.byIndex(BY_UID, uid)[0]?.metadata.annotations,
      onGone: () => {
        if (this.#units.get(key) === unit) this.#units.delete(key);
      },
    });
    this.#units.set(key, unit);
    return unit;
  }

  /** Opened again later, or with the next change of the channel, by a unit of its own. */
  async #giveUp(key: string, unit: ChannelUnit | undefined, err: unknown): Promise<void> {
    // Of several changes that wait for one unit the first to fail speaks for all.
    if (this.state === 'closed' || this.#units.get(key) !== unit) return;
    this.#units.delete(key);
    const { logger, clock } = this.#options;
    logger.error(
      { err, kind: IN_MEMORY_CHANNEL.kind, ...parseKey(key) },
      'channel cannot be opened',
    );
    clock.setTimer(REOPEN_MS, () => {
      this.#mark(key);
    });
    await unit?.close();
  }
}
