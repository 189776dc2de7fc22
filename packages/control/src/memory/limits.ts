/** Bounds of the memory store, each with a default that a laptop can carry. */
export interface MemoryStoreLimits {
  /** Objects of all kinds in one namespace (T27); the cluster-scoped ones together have the same bound. */
  readonly objectsPerNamespaceMax: number;
  /** JSON size of one object. Default 1.5 MiB: what etcd takes in one request. */
  readonly objectBytesMax: number;
  /** Changes per kind that a watch can go back to. */
  readonly historyMax: number;
  /** About how much memory the objects of these changes may take: fewer changes are kept of large objects. */
  readonly historyBytesMax: number;
  /** Changes that may wait for one slow reader before its watch ends with Expired. */
  readonly watchBacklogMax: number;
  /** About how much memory these may take. */
  readonly watchBacklogBytesMax: number;
  readonly watchesMax: number;
  /** A bookmark on each watch this often. Default one minute, as kube-apiserver. */
  readonly bookmarkEveryMs: number;
}

/** The defaults of {@link MemoryStoreLimits}. */
export const MEMORY_STORE_LIMITS: MemoryStoreLimits = {
  objectsPerNamespaceMax: 10_000,
  objectBytesMax: 1_572_864,
  historyMax: 5_000,
  historyBytesMax: 67_108_864,
  watchBacklogMax: 10_000,
  watchBacklogBytesMax: 33_554_432,
  watchesMax: 10_000,
  bookmarkEveryMs: 60_000,
};
