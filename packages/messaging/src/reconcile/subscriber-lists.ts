/**
 * The one place that writes `spec.subscribers` of channels, on behalf of many Subscriptions.
 *
 * Each Subscription owns the entry with its uid; entries of others stay as they are. A write carries the version
 * that was read, and is done again on a conflict.
 *
 * Changes for one channel are gathered for a moment and go out as one write. A write costs time in proportion to
 * the length of the list, here and in everybody who follows the channel, so the moment is in proportion, too: a
 * burst of n Subscriptions then makes the list grow by a factor from write to write, and costs n, not n². A
 * Subscription of its own is in its channel after a millisecond, the thousandth after twenty-five.
 */
import type { GroupVersionKind, InformerSet, ResourceStore } from '@afflux/control';
import { formatKey, isConflict, kindId, sameJson } from '@afflux/control';
import type { Clock } from '@afflux/kernel';
import type { SubscriberSpec } from '@afflux/resources';
import { CONTROLLER_USER } from '@afflux/resources';
import type { Channelable } from '../model/channelable.ts';

/** Names one channel object. */
export interface ChannelKey extends GroupVersionKind {
  readonly namespace: string;
  readonly name: string;
}

/** Entries by uid; undefined takes the entry out. */
type Changes = ReadonlyMap<string, SubscriberSpec | undefined>;

interface Batch {
  readonly changes: Map<string, SubscriberSpec | undefined>;
  readonly done: Promise<void>;
  /** Makes `done` end as this write does. */
  settle(writing: Promise<void>): void;
}

/** How long changes are gathered, per entry that the list had. */
const GATHER_MS_PER_ENTRY = 0.05;
const GATHER_MS_MIN = 1;
const GATHER_MS_MAX = 25;

/** Conflicts in a row after which a batch fails; its Subscriptions come again by themselves. */
const ATTEMPTS_MAX = 10;

export interface SubscriberListsOptions {
  readonly store: Pick<ResourceStore, 'get' | 'patch'>;
  readonly informers: Pick<InformerSet, 'get'>;
  readonly clock: Clock;
}

export class SubscriberLists {
  readonly #options: SubscriberListsOptions;
  /** The batch that is being gathered, per channel; absent when no write is under way. */
  readonly #gathering = new Map<string, Batch>();

  constructor(options: SubscriberListsOptions) {
    this.#options = options;
  }

  /** Resolves when the channel has this entry. Rejects with NotFound when there is no such channel. */
  async put(channel: ChannelKey, entry: SubscriberSpec & { readonly uid: string }): Promise<void> {
    await this.#change(channel, entry.uid, entry);
  }

  /** Resolves when the channel has no entry of this uid. Rejects with NotFound as {@link put} does. */
  async remove(channel: ChannelKey, uid: string): Promise<void> {
    await this.#change(channel, uid, undefined);
  }

  #change(channel: ChannelKey, uid: string, entry: SubscriberSpec | undefined): Promise<void> {
    const id = `${kindId(channel)} ${formatKey(channel)}`;
    let batch = this.#gathering.get(id);
    if (batch === undefined) {
      batch = newBatch();
      this.#gathering.set(id, batch);
      batch.changes.set(uid, entry);
      // Failures reach those who wait for the batches; the loop itself never rejects.
      void this.#writeAll(id, channel);
    } else batch.changes.set(uid, entry);
    return batch.done;
  }

  async #writeAll(id: string, channel: ChannelKey): Promise<void> {
    for (;;) {
      const batch = this.#gathering.get(id);
      if (batch === undefined || batch.changes.size === 0) break;
      await this.#options.clock.sleep(this.#gatherMs(channel));
      this.#gathering.set(id, newBatch());
      const writing = this.#write(channel, batch.changes);
      batch.settle(writing);
      await writing.catch(() => undefined);
    }
    this.#gathering.delete(id);
  }

  #gatherMs(channel: ChannelKey): number {
    const informer = this.#options.informers.get<Channelable>(channel);
    const present = informer.get(channel.namespace, channel.name);
    const entries = present?.spec?.subscribers?.length ?? 0;
    return Math.min(Math.max(GATHER_MS_MIN, entries * GATHER_MS_PER_ENTRY), GATHER_MS_MAX);
  }

  async #write(channel: ChannelKey, changes: Changes): Promise<void> {
    const { store } = this.#options;
    for (let attempt = 1; ; attempt += 1) {
      const { metadata, spec } = (await store.get(channel, channel)) as Channelable;
      const before = spec?.subscribers ?? [];
      const subscribers = withChanges(before, changes);
      if (sameJson(before, subscribers)) return;
      const body = {
        metadata: { resourceVersion: metadata.resourceVersion },
        spec: { subscribers },
      };
      try {
        const options = { fieldManager: CONTROLLER_USER };
        await store.patch(channel, channel, { type: 'merge', body }, options);
        return;
      } catch (error) {
        if (!isConflict(error) || attempt === ATTEMPTS_MAX) throw error;
      }
    }
  }
}

/** The list with each change applied to the entry of its uid; new entries come last, in order of arrival. */
export function withChanges(
  before: readonly SubscriberSpec[],
  changes: Changes,
): readonly SubscriberSpec[] {
  const pending = new Map(changes);
  const kept = before.flatMap((entry) => {
    if (entry.uid === undefined || !changes.has(entry.uid)) return [entry];
    const next = pending.get(entry.uid);
    pending.delete(entry.uid);
    return next === undefined ? [] : [next];
  });
  const added = [...pending.values()].filter((entry) => entry !== undefined);
  return [...kept, ...added];
}

function newBatch(): Batch {
  let settle: Batch['settle'] = () => undefined;
  const done = new Promise<void>((resolve) => {
    settle = resolve;
  });
  // Everybody who added to the batch waits for it, and nobody else has to.
  done.catch(() => undefined);
  return { changes: new Map(), done, settle };
}
