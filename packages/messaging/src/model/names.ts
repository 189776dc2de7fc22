/**
 * Names of what a Sequence or a Parallel creates. They are Knative's
 * (`pkg/reconciler/{sequence,parallel}/resources`), because people look for them and tools parse them.
 */
import { childName } from '@afflux/resources';

/** Channel and Subscription of a step have the same name. */
export function sequenceStepName(sequence: string, step: number): string {
  return `${sequence}-kn-sequence-${String(step)}`;
}

/** The channel that a Parallel's producers post to. */
export function parallelIngressName(parallel: string): string {
  return `${parallel}-kn-parallel`;
}

/** Channel behind the filter of a branch, and the Subscription of its subscriber. */
export function parallelBranchName(parallel: string, branch: number): string {
  return `${parallel}-kn-parallel-${String(branch)}`;
}

/** The Subscription that filters for a branch. */
export function parallelFilterName(parallel: string, branch: number): string {
  return `${parallel}-kn-parallel-filter-${String(branch)}`;
}

/**
 * The cluster name of a channel: what Knative's Service `<channel>-kn-channel` is called. The listener answers
 * to it; no Service is made for it here.
 */
export function channelHost(namespace: string, name: string): string {
  return `${childName(name, '-kn-channel')}.${namespace}.svc.cluster.local`;
}

/** The path at which a channel takes events. */
export function channelPath(namespace: string, name: string): string {
  return `/${namespace}/channels/${name}`;
}
