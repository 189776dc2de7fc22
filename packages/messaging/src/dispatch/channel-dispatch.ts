/**
 * The data plane of channels: follows all kinds it is given through the store and keeps one unit per channel at
 * work. It reads what controllers wrote, never calls them and is never called by them.
 *
 * Changes only mark a channel; the work is done once per channel when the present turn's changes are all known,
 * and before any event that arrives later. So whoever has seen a subscriber ready in the status can post at
 * once.
 *
 * A channel has its address from the moment it is known here. While it cannot be opened (its back-end is away, its
 * settings are wrong) producers are told to come back (503), not that nobody is here, and it is tried again: with
 * every change of the object, and by the clock. An object that is being deleted counts as gone: its finalizer
 * waits for what is behind it, which must be out of use by then.
 */
import { ChannelUnavailable } from '@afflux/channels';
import {
  formatKey,
  type GroupVersionKind,
  type Informer,
  keyOf,
  type ObjectChange,
  parseKey,
} from '@afflux/control';
import { backoffMs, BaseComponent, type Timer } from '@afflux/kernel';
import type { Subscription } from '@afflux/resources';
import type { Channelable } from '../model/channelable.ts';
import { IN_MEMORY_CHANNEL, SUBSCRIPTION } from '../model/kinds.ts';
import { subscriptionOf } from '../model/subscriber.ts';
import { ClosedDoor } from './channel-route.ts';
import { type AnnotationsOf, ChannelUnit } from './channel-unit.ts';
import type { ChannelDispatchOptions } from './dependencies.ts';

/** Wait before a channel that could not be opened is opened again; doubles up to the bound. */
const REOPEN_MS = 1_000;
const REOPEN_MS_MAX = 30_000;

const BY_UID = 'uid';

/** One channel object that should be at work. */
interface Post {
  readonly kind: GroupVersionKind;
  readonly key: string;
  readonly channels: Informer<Channelable>;
  unit: ChannelUnit | undefined;
  /** At the channel's address until a unit opens, and whenever there is none. */
  door: ClosedDoor | undefined;
  /** In a row. */
  failures: number;
  reopening: Timer | undefined;
}

/**
 * `start` resolves when every channel that was in the store takes events, or was found not to be able to. `drain`
 * lets nothing in any more and ends when no attempt is under way; whoever wants the queues empty waits for
 * `ChannelHub.settled` before.
 */
export class ChannelDispatch extends BaseComponent {
  readonly name = 'channel dispatch';
  readonly #options: ChannelDispatchOptions;
  readonly #channels: ReadonlyMap<GroupVersionKind, Informer<Channelable>>;
  readonly #subscriptions: Informer<Subscription>;
  readonly #posts = new Map<string, Post>();
  readonly #marked = new Set<Post>();
  #isScheduled = false;
  #unsubscribe: (() => void)[] = [];

  constructor(options: ChannelDispatchOptions) {
    super();
    this.#options = options;
    const { informers, channelKinds = [IN_MEMORY_CHANNEL] } = options;
    this.#channels = new Map(
      channelKinds.map((kind) => [kind, informers.get<Channelable>(kind)] as const),
    );
    this.#subscriptions = informers.get<Subscription>(SUBSCRIPTION);
    this.#subscriptions.addIndex(BY_UID, ({ metadata: { uid } }) =>
      uid === undefined ? [] : [uid],
    );
  }

  protected override async onStart(signal?: AbortSignal): Promise<void> {
    const informers = [this.#subscriptions, ...this.#channels.values()];
    await Promise.all(informers.map((informer) => informer.start(signal)));
    this.#unsubscribe = [
      ...[...this.#channels].map(([kind, channels]) =>
        channels.onChange((change) => {
          this.#onChannel(kind, channels, change);
        }),
      ),
      this.#subscriptions.onChange((change) => {
        this.#onSubscription(change);
      }),
    ];
    await Promise.all(this.#applyMarked());
  }

  protected override async onDrain(signal?: AbortSignal): Promise<void> {
    this.#unfollow();
    const units = this.#units();
    await Promise.all(units.map((unit) => unit.drain(signal)));
  }

  protected override async onClose(): Promise<void> {
    this.#unfollow();
    const units = this.#units();
    await Promise.all(units.map((unit) => unit.close()));
    this.#posts.clear();
  }

  #units(): readonly ChannelUnit[] {
    return [...this.#posts.values()].flatMap(({ unit }) => (unit === undefined ? [] : [unit]));
  }

  #unfollow(): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    this.#unsubscribe = [];
    this.#marked.clear();
    for (const post of this.#posts.values()) {
      post.reopening?.cancel();
      this.#takeDoorOff(post);
    }
  }

  #onChannel(
    kind: GroupVersionKind,
    channels: Informer<Channelable>,
    { old, new: next }: ObjectChange<Channelable>,
  ): void {
    const object = next ?? old;
    if (object === undefined) return;
    const key = keyOf(object);
    const id = postId(kind, key);
    let post = this.#posts.get(id);
    if (post === undefined) {
      post = {
        kind,
        key,
        channels,
        unit: undefined,
        door: undefined,
        failures: 0,
        reopening: undefined,
      };
      this.#posts.set(id, post);
    }
    this.#mark(post);
  }

  /** Only its annotations matter here: the rest is in the channel's entry. */
  #onSubscription({ old, new: next }: ObjectChange<Subscription>): void {
    const object = next ?? old;
    if (object === undefined || old?.metadata.annotations === next?.metadata.annotations) return;
    const { namespace, name, uid = '' } = object.metadata;
    const reference = object.spec.channel;
    // The channel behind a Channel has its name; which kind it is does not show here.
    const key = formatKey({ namespace: reference.namespace ?? namespace, name: reference.name });
    const ids = [`${namespace ?? ''}/${name}`, `uid:${uid}`];
    for (const kind of this.#channels.keys()) {
      const post = this.#posts.get(postId(kind, key));
      if (post?.unit !== undefined && ids.some((id) => post.unit?.serves(id))) this.#mark(post);
    }
  }

  #mark(post: Post): void {
    this.#marked.add(post);
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
    const posts = [...this.#marked];
    this.#marked.clear();
    return posts.map((post) => this.#apply(post));
  }

  async #apply(post: Post): Promise<void> {
    post.reopening?.cancel();
    post.reopening = undefined;
    const { namespace, name } = parseKey(post.key);
    const object = post.channels.get(namespace, name);
    if (object === undefined || object.metadata.deletionTimestamp !== undefined) {
      this.#end(post);
      return;
    }
    const unit = this.#unitOf(post, object);
    if (unit === undefined) return;
    try {
      await unit.apply(object);
      if (post.unit !== unit) return;
      post.failures = 0;
      // Its routes have replaced the door.
      if (unit.isOpen) post.door = undefined;
    } catch (err) {
      await this.#giveUp(post, unit, err);
    }
  }

  /** The unit of a post, made if there is none; undefined when the channel cannot even be named. */
  #unitOf(post: Post, object: Channelable): ChannelUnit | undefined {
    if (post.unit !== undefined) return post.unit;
    this.#putDoorUp(post);
    const { namespace = '', name } = object.metadata;
    try {
      const unit = new ChannelUnit({
        deps: this.#options,
        apiVersion: post.kind.apiVersion,
        ref: { kind: post.kind.kind, namespace, name },
        annotationsOf: this.#annotationsOf(namespace),
        onGone: () => {
          if (post.unit !== unit) return;
          post.unit = undefined;
          // One that is being deleted is there until its finalizer has done.
          if (post.channels.get(namespace, name) === undefined) this.#forget(post);
        },
      });
      post.unit = unit;
      return unit;
    } catch (err) {
      this.#reopenLater(post, err);
      return undefined;
    }
  }

  #annotationsOf(channelNamespace: string): AnnotationsOf {
    return (entry) => {
      const key = subscriptionOf(entry, channelNamespace);
      const named =
        key === undefined ? undefined : this.#subscriptions.get(key.namespace, key.name);
      const { uid } = entry;
      // An entry of a Subscription that was made anew meanwhile is soon replaced.
      if (named !== undefined && (uid === undefined || named.metadata.uid === uid)) {
        return named.metadata.annotations;
      }
      if (uid === undefined) return undefined;
      return this.#subscriptions.byIndex(BY_UID, uid)[0]?.metadata.annotations;
    };
  }

  #end(post: Post): void {
    this.#takeDoorOff(post);
    // A unit says when nothing is left of it.
    if (post.unit === undefined) this.#forget(post);
    else post.unit.delete();
  }

  #forget(post: Post): void {
    const id = postId(post.kind, post.key);
    if (this.#posts.get(id) === post) this.#posts.delete(id);
  }

  /** Opened again later, or with the next change of the channel, by a unit of its own. */
  async #giveUp(post: Post, unit: ChannelUnit, err: unknown): Promise<void> {
    // Of several changes that wait for one unit the first to fail speaks for all.
    if (this.state === 'closed' || post.unit !== unit) return;
    post.unit = undefined;
    this.#putDoorUp(post);
    this.#reopenLater(post, err);
    await unit.close();
  }

  #reopenLater(post: Post, err: unknown): void {
    post.reopening?.cancel();
    post.reopening = this.#options.clock.setTimer(this.#reopenDelayMs(post, err), () => {
      post.reopening = undefined;
      this.#mark(post);
    });
  }

  /** A channel that only has to wait a moment (its driver is being loaded) has not failed. */
  #reopenDelayMs(post: Post, err: unknown): number {
    if (err instanceof ChannelUnavailable && err.retryAfterMs < REOPEN_MS) return err.retryAfterMs;
    post.failures += 1;
    const policy = {
      policy: 'exponential',
      delayMs: REOPEN_MS,
      delayMsMax: REOPEN_MS_MAX,
    } as const;
    const retryInMs = backoffMs(post.failures, policy);
    const fields = { err, kind: post.kind.kind, ...parseKey(post.key), retryInMs };
    this.#options.logger.error(fields, 'channel cannot be opened');
    return retryInMs;
  }

  #putDoorUp(post: Post): void {
    if (post.door !== undefined || this.state === 'draining' || this.state === 'closed') return;
    const { namespace = '', name } = parseKey(post.key);
    post.door = new ClosedDoor({ namespace, name });
    post.door.putUp(this.#options.routes);
  }

  #takeDoorOff(post: Post): void {
    post.door?.takeOff(this.#options.routes);
    post.door = undefined;
  }
}

function postId({ apiVersion, kind }: GroupVersionKind, key: string): string {
  return `${apiVersion}/${kind} ${key}`;
}
