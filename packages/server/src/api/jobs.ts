/** The resources `redrives` and `replays`: what their specs mean, and the jobs they start. */
import type { Clock } from '@afflux/kernel';
import {
  matchesOwner,
  type BacklogDirectory,
  type OpenChannel,
  type OpenSubscription,
} from '../backlogs/directory.ts';
import { apiRefused } from '../errors.ts';
import type { Job, JobTable } from '../jobs/job-table.ts';
import { redrive } from '../jobs/redrive.ts';
import { assertReplayable, parseBound, parseFrom, replay } from '../jobs/replay.ts';
import { notServed, type DeadLetterResource } from './dead-letters.ts';
import { parseRedrive, parseReplay, type ReplaySpec } from './job-requests.ts';
import { parseFilter } from './list-query.ts';

export interface JobResourceOptions {
  readonly directory: BacklogDirectory;
  readonly deadLetters: DeadLetterResource;
  readonly table: JobTable;
  readonly clock: Clock;
}

export class JobResource {
  readonly #options: JobResourceOptions;

  constructor(options: JobResourceOptions) {
    this.#options = options;
  }

  get table(): JobTable {
    return this.#options.table;
  }

  /** Throws a refusal; a job that was made runs already. */
  createRedrive(namespace: string, body: unknown): Job {
    const { name, spec } = parseRedrive(body, namespace);
    const { deadLetters, table, clock } = this.#options;
    const { filter, rate, dryRun = false, ...query } = spec;
    const sources = deadLetters.sources(namespace, query);
    const passes = filter === undefined ? undefined : parseFilter(filter);
    const options = { sources, passes, ratePerSecond: rate, isDryRun: dryRun, clock };
    return table.create({
      kind: 'Redrive',
      namespace,
      name,
      spec,
      run: (progress, signal) => redrive(options, progress, signal),
    });
  }

  createReplay(namespace: string, body: unknown): Job {
    const { name, spec } = parseReplay(body, namespace);
    const { table, clock } = this.#options;
    const { channel, subscription } = this.#target(namespace, spec);
    const options = {
      channel: channel.channel,
      subscription: subscription.id,
      from: parseFrom(spec.from),
      to: spec.to === undefined ? undefined : parseBound(spec.to),
      passes: spec.filter === undefined ? undefined : parseFilter(spec.filter),
      ratePerSecond: spec.rate,
      clock,
    };
    return table.create({
      kind: 'Replay',
      namespace,
      name,
      spec,
      run: (progress, signal) => replay(options, progress, signal),
    });
  }

  #target(
    namespace: string,
    spec: ReplaySpec,
  ): { readonly channel: OpenChannel; readonly subscription: OpenSubscription } {
    const [channel] = this.#options.directory.matching(namespace, spec);
    if (channel === undefined) throw notServed(namespace, spec);
    assertReplayable(channel.channel);
    const subscription = channel.subscriptions.find(({ owner }) => matchesOwner(owner, spec));
    if (subscription !== undefined) return { channel, subscription };
    const [kind, name] =
      spec.trigger === undefined ? ['subscription', spec.subscription] : ['trigger', spec.trigger];
    throw apiRefused(
      'NotFound',
      `${kind} ${JSON.stringify(name)} not found at ${spec.broker ?? spec.channel ?? ''}, or not served here`,
    );
  }
}
