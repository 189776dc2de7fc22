/**
 * What a Parallel consists of, as a pure function: an ingress channel, and per branch a channel and two
 * Subscriptions.
 *
 *     producer ─▶ ingress ─ filter subscription i ─▶ filter i      (no filter: channel i is the subscriber)
 *                 channel i ◀────────── reply ──────────┘
 *                 channel i ─ subscription i ─▶ subscriber i ─ reply ─▶ branch reply, else spec.reply
 *
 * A filter passes an event by replying with one: what it replies goes on, not what it got. The `delivery` of a
 * branch holds for its subscriber, not for its filter.
 */
import type { ApiObject, ChannelTemplate, Parallel, ParallelBranch } from '@afflux/resources';
import { parallelBranchName, parallelFilterName, parallelIngressName } from '../model/names.ts';
import {
  channelFromTemplate,
  channelReference,
  subscriptionFor,
  type SubscriptionSpec,
} from './child-objects.ts';

/** The lists have one entry per branch. */
export interface ParallelOutline {
  readonly ingress: ApiObject;
  readonly channels: readonly ApiObject[];
  readonly filters: readonly ApiObject<SubscriptionSpec>[];
  readonly subscriptions: readonly ApiObject<SubscriptionSpec>[];
}

/** The children that a Parallel should have. */
export function parallelChildren(parallel: Parallel, template: ChannelTemplate): ParallelOutline {
  const { name } = parallel.metadata;
  const { branches } = parallel.spec;
  return {
    ingress: channelFromTemplate(parallel, template, { name: parallelIngressName(name) }),
    channels: branches.map((_, index) =>
      channelFromTemplate(parallel, template, { name: parallelBranchName(name, index) }),
    ),
    filters: branches.map((branch, index) => filterFor(parallel, template, branch, index)),
    subscriptions: branches.map((branch, index) => branchFor(parallel, template, branch, index)),
  };
}

function filterFor(
  parallel: Parallel,
  template: ChannelTemplate,
  { filter }: ParallelBranch,
  index: number,
): ApiObject<SubscriptionSpec> {
  const { name, namespace } = parallel.metadata;
  const behind = { ref: channelReference(template, parallelBranchName(name, index), namespace) };
  return subscriptionFor(parallel, parallelFilterName(name, index), {
    channel: channelReference(template, parallelIngressName(name)),
    ...(filter === undefined ? { subscriber: behind } : { subscriber: filter, reply: behind }),
  });
}

function branchFor(
  parallel: Parallel,
  template: ChannelTemplate,
  { subscriber, reply = parallel.spec.reply, delivery }: ParallelBranch,
  index: number,
): ApiObject<SubscriptionSpec> {
  const name = parallelBranchName(parallel.metadata.name, index);
  return subscriptionFor(parallel, name, {
    channel: channelReference(template, name),
    subscriber,
    ...(reply === undefined ? {} : { reply }),
    ...(delivery === undefined ? {} : { delivery }),
  });
}
