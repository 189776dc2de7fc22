/**
 * Which Subscriptions have to look again when a channel changed.
 *
 * A channel with many Subscriptions changes often: each of them writes its entry, and the channel answers in
 * its status. If every such change woke all of them, n Subscriptions would cost n² runs. So a change wakes those
 * whose entry or status entry is another than before, and all of them only when something changed that
 * concerns them all.
 */
import type { Informer, ObjectChange } from '@afflux/control';
import { controllerKeyOf, formatKey, keyOf, kindId, sameJson } from '@afflux/control';
import type { Channel, Subscription } from '@afflux/resources';
import { CHANNEL_CONDITIONS } from '@afflux/resources';
import type { Channelable } from '../model/channelable.ts';
import { deliveryStatusOf } from '../model/channelable.ts';
import { CHANNEL, workingKind } from '../model/kinds.ts';

/** Indexes of the informer of Subscriptions. */
const BY_CHANNEL = 'channel';
const BY_UID = 'uid';

type Concerned = 'all' | ReadonlySet<string>;

const NOBODY: ReadonlySet<string> = new Set();

/** Finds the keys of the Subscriptions that a change concerns. */
export class ConcernedSubscriptions {
  readonly #subscriptions: Informer<Subscription>;

  constructor(subscriptions: Informer<Subscription>) {
    this.#subscriptions = subscriptions;
    subscriptions.addIndex(BY_CHANNEL, channelIds);
    subscriptions.addIndex(BY_UID, ({ metadata }) =>
      metadata.uid === undefined ? [] : [metadata.uid],
    );
  }

  /** By a change of an object that carries `spec.subscribers`. */
  byChannelable(change: ObjectChange<Channelable>): readonly string[] {
    const concerned = concernedByChannelable(change);
    if (concerned !== 'all') return this.#byUid(concerned);
    const object = change.new ?? change.old;
    if (object === undefined) return [];
    const face = controllerKeyOf(object, CHANNEL);
    return [
      ...this.#byChannelId(`${kindId(object)} ${keyOf(object)}`),
      ...(face === undefined ? [] : this.#byChannelId(`${kindId(CHANNEL)} ${face}`)),
    ];
  }

  /** By a change of a Channel. */
  byChannel(change: ObjectChange<Channel>): readonly string[] {
    const object = change.new ?? change.old;
    if (object === undefined || !concernsAllOfChannel(change)) return [];
    return this.#byChannelId(`${kindId(CHANNEL)} ${keyOf(object)}`);
  }

  #byUid(uids: ReadonlySet<string>): readonly string[] {
    return [...uids].flatMap((uid) => this.#subscriptions.byIndex(BY_UID, uid).map(keyOf));
  }

  #byChannelId(id: string): readonly string[] {
    return this.#subscriptions.byIndex(BY_CHANNEL, id).map(keyOf);
  }
}

/** A reference across namespaces leads there or not, depending on a feature: it is found under both. */
function channelIds({ metadata, spec }: Subscription): readonly string[] {
  const { apiVersion = '', kind, name } = spec.channel;
  const namespaces = new Set([metadata.namespace, spec.channel.namespace ?? metadata.namespace]);
  return [...namespaces].map(
    (namespace) => `${kindId(workingKind({ apiVersion, kind }))} ${formatKey({ namespace, name })}`,
  );
}

/** Uids whose entries differ; all when the channel came, went, or changed what holds for everybody. */
export function concernedByChannelable({ old, new: next }: ObjectChange<Channelable>): Concerned {
  if (old === undefined || next === undefined) return 'all';
  const isSameForAll =
    sameJson(old.spec?.delivery, next.spec?.delivery) &&
    sameJson(deliveryStatusOf(old.status), deliveryStatusOf(next.status));
  if (!isSameForAll) return 'all';
  const uids = new Set<string>();
  collectDifferences(old.spec?.subscribers, next.spec?.subscribers, uids);
  collectDifferences(old.status?.subscribers, next.status?.subscribers, uids);
  return uids.size === 0 ? NOBODY : uids;
}

function concernsAllOfChannel({ old, new: next }: ObjectChange<Channel>): boolean {
  return (
    CHANNEL_CONDITIONS.isReady(old?.status) !== CHANNEL_CONDITIONS.isReady(next?.status) ||
    !sameJson(old?.status?.channel, next?.status?.channel)
  );
}

interface Entry {
  readonly uid?: string;
}

/** The store shares equal subtrees between versions, so most comparisons are of two references. */
function collectDifferences(
  old: readonly Entry[] = [],
  next: readonly Entry[] = [],
  out: Set<string>,
): void {
  if (old === next) return;
  const rest = new Map<string, Entry>();
  for (const [index, entry] of old.entries()) {
    if (entry !== next[index] && entry.uid !== undefined) rest.set(entry.uid, entry);
  }
  for (const [index, entry] of next.entries()) {
    if (entry === old[index] || entry.uid === undefined) continue;
    const before = rest.get(entry.uid);
    rest.delete(entry.uid);
    if (!sameJson(before, entry)) out.add(entry.uid);
  }
  for (const uid of rest.keys()) out.add(uid);
}
