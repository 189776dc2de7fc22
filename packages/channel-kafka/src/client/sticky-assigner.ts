/**
 * Who gets which partitions when a group's members change: everybody keeps what it has as far as the shares stay
 * even, so that as few events in flight as possible change hands. Members tell what they own with each join.
 */
import { AssignerProtocol, type Assignment, type PartitionAssigner } from 'kafkajs';

const NAME = 'afflux-sticky';
const VERSION = 0;

export interface MemberClaim {
  readonly memberId: string;
  readonly owned: Assignment;
}

interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** Shares differ by one at most; a claim holds unless its member has more than its share, or somebody claims first. */
export function assignSticky(
  claims: readonly MemberClaim[],
  partitions: readonly TopicPartition[],
): ReadonlyMap<string, TopicPartition[]> {
  const members = [...claims].sort((left, right) => (left.memberId < right.memberId ? -1 : 1));
  const shares = new Map(members.map(({ memberId }) => [memberId, [] as TopicPartition[]]));
  if (members.length === 0) return shares;
  const free = new Map(partitions.map((each) => [`${each.topic}/${String(each.partition)}`, each]));
  const share = Math.ceil(partitions.length / members.length);
  for (const { memberId, owned } of members) {
    for (const [topic, numbers] of Object.entries(owned)) {
      for (const partition of numbers) {
        const key = `${topic}/${String(partition)}`;
        const kept = shares.get(memberId);
        if (kept === undefined || kept.length >= share || !free.has(key)) continue;
        kept.push({ topic, partition });
        free.delete(key);
      }
    }
  }
  for (const each of free.values()) smallest(shares).push(each);
  level(shares);
  return shares;
}

function smallest(shares: ReadonlyMap<string, TopicPartition[]>): TopicPartition[] {
  return [...shares.values()].reduce((least, each) => (each.length < least.length ? each : least));
}

/** Claims may leave somebody two short of another: moves the newest claims over. */
function level(shares: ReadonlyMap<string, TopicPartition[]>): void {
  for (;;) {
    const least = smallest(shares);
    const most = [...shares.values()].reduce((a, b) => (b.length > a.length ? b : a));
    if (most.length - least.length < 2) return;
    const moved = most.pop();
    if (moved !== undefined) least.push(moved);
  }
}

/** `owned` is asked with each join. */
export function stickyAssigner(owned: () => Assignment): PartitionAssigner {
  return ({ cluster }) => ({
    name: NAME,
    version: VERSION,
    assign: ({ members, topics }) => {
      const partitions = topics.flatMap((topic) =>
        cluster
          .findTopicPartitionMetadata(topic)
          .map(({ partitionId }) => ({ topic, partition: partitionId })),
      );
      const claims = members.map(({ memberId, memberMetadata }) => ({
        memberId,
        owned: readClaim(memberMetadata),
      }));
      const shares = [...assignSticky(claims, partitions)];
      return Promise.resolve(
        shares.map(([memberId, share]) => ({
          memberId,
          memberAssignment: AssignerProtocol.MemberAssignment.encode({
            version: VERSION,
            assignment: byTopic(share),
            userData: Buffer.alloc(0),
          }),
        })),
      );
    },
    protocol: ({ topics }) => ({
      name: NAME,
      metadata: AssignerProtocol.MemberMetadata.encode({
        version: VERSION,
        topics,
        userData: Buffer.from(JSON.stringify(owned())),
      }),
    }),
  });
}

function byTopic(share: readonly TopicPartition[]): Assignment {
  const assignment: Assignment = {};
  for (const { topic, partition } of share) (assignment[topic] ??= []).push(partition);
  return assignment;
}

/** What another member wrote is not trusted: a claim that cannot be read is none. */
function readClaim(metadata: Buffer): Assignment {
  try {
    const decoded = AssignerProtocol.MemberMetadata.decode(metadata);
    const claim: unknown = JSON.parse(decoded?.userData.toString('utf8') ?? '{}');
    if (typeof claim !== 'object' || claim === null) return {};
    const entries = Object.entries(claim).filter(([, numbers]) => Array.isArray(numbers));
    return Object.fromEntries<number[]>(entries as [string, number[]][]);
  } catch {
    return {};
  }
}
