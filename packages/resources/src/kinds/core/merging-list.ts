/**
 * Lists of Kubernetes' own kinds whose entries have an identity: server-side apply and strategic merge patches
 * change entries of them, where any other list is replaced whole. Only the schema for clients says so; checking
 * is not changed by it.
 */
import { z } from 'zod';

/** What identifies an entry. */
export interface EntryIdentity {
  /** Of server-side apply. */
  readonly keys: readonly string[];
  /** Of strategic merge, which knows one key only. Default: the first. */
  readonly mergeKey?: string;
  /** Default `merge`. */
  readonly strategy?: 'merge' | 'merge,retainKeys';
}

/** A list of entries that are told apart by `keys`. */
export function mergingList<S extends z.ZodType>(
  entry: S,
  { keys, mergeKey, strategy = 'merge' }: EntryIdentity,
): z.ZodArray<S> {
  return z.array(entry).meta({
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': keys,
    'x-kubernetes-patch-merge-key': mergeKey ?? keys[0],
    'x-kubernetes-patch-strategy': strategy,
  });
}

/** Whose key the API server fills in when it is absent, as a port's protocol is. */
export function withServerDefault<S extends z.ZodType>(schema: S, value: unknown): S {
  return schema.meta({ default: value });
}
