/**
 * The committed offsets of a group before it has members: where a subscription begins. A group that has committed
 * anything exists; it is left as it is, and partitions it does not know yet are read from their beginning.
 */
import type { StartAt } from '@afflux/channels';
import type { Clock } from '@afflux/kernel';
import type { KafkaAdmin, PartitionOffset } from './client/index.ts';
import { parsePosition } from './position.ts';

const EMPTY_MS_MAX = 15_000;
const EMPTY_POLL_MS = 250;

export interface GroupStart {
  readonly group: string;
  /** The topic of the events. */
  readonly topic: string;
  /** Topics of which a new group wants only what comes from now on. */
  readonly others: readonly string[];
  readonly from: StartAt;
}

/**
 * Commits where a new group begins; from then on nothing that is published misses it. Resolves with where the group
 * stands in the topic of the events.
 */
export async function ensureGroupOffsets(
  admin: KafkaAdmin,
  start: GroupStart,
): Promise<readonly PartitionOffset[]> {
  const { group, topic, others, from } = start;
  const found = await admin.committed(group, [topic]);
  if (found.length > 0) return found;
  const offsets = await startOffsets(admin, topic, from);
  for (const other of others) offsets.push(...(await startOffsets(admin, other, 'latest')));
  try {
    await admin.commit(group, offsets);
    return offsets.filter((offset) => offset.topic === topic);
  } catch (error) {
    // Another process may have set the group up in between, and has members in it.
    const theirs = await admin.committed(group, [topic]);
    if (theirs.length === 0) throw error;
    return theirs;
  }
}

async function startOffsets(
  admin: KafkaAdmin,
  topic: string,
  from: StartAt,
): Promise<PartitionOffset[]> {
  const ends = await admin.ends(topic);
  const at = await wantedOffsets(admin, topic, from);
  return ends.map(({ partition, low, high }) => {
    const wanted = at === undefined ? high : (at.get(partition) ?? low);
    return { topic, partition, offset: Math.min(Math.max(wanted, low), high) };
  });
}

/** Undefined: the end; a partition that is not named: the beginning. */
export async function wantedOffsets(
  admin: KafkaAdmin,
  topic: string,
  from: StartAt,
): Promise<ReadonlyMap<number, number> | undefined> {
  if (from === 'latest') return undefined;
  if (from === 'earliest') return new Map();
  if ('position' in from) return parsePosition(from.position);
  return admin.offsetsAt(topic, from.timeMs);
}

/** Deletes a group, waiting a while for members that are about to leave. */
export async function removeGroup(admin: KafkaAdmin, clock: Clock, group: string): Promise<void> {
  const deadlineMs = clock.monotonicMs() + EMPTY_MS_MAX;
  for (;;) {
    try {
      await admin.deleteGroup(group);
      return;
    } catch (error) {
      if (clock.monotonicMs() >= deadlineMs) throw error;
    }
    await clock.sleep(EMPTY_POLL_MS);
  }
}

/** Work on one group, one after the other: a removal must be over before the group is made again. */
export class GroupLocks {
  readonly #tails = new Map<string, Promise<void>>();

  run<T>(group: string, work: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(group) ?? Promise.resolve();
    const result = before.then(work);
    const tail = result.then(
      () => undefined,
      () => undefined,
    );
    this.#tails.set(group, tail);
    void tail.then(() => {
      if (this.#tails.get(group) === tail) this.#tails.delete(group);
    });
    return result;
  }
}
