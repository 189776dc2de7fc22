/** The resources `redrives` and `replays`: what their specs mean, and the jobs they start. */
import {
  redrive,
  replay,
  type Channel,
  type DeadLetter,
  type RedriveOptions,
  type RedriveProgress,
  type ReplayProgress,
} from '@afflux/channels';
import type { CloudEvent } from '@afflux/events';
import type { Clock } from '@afflux/kernel';
import {
  matchesOwner,
  type BacklogDirectory,
  type OpenChannel,
  type OpenSubscription,
} from '../backlogs/directory.ts';
import { apiRefused } from '../errors.ts';
import type { Job, JobProgress, JobTable } from '../jobs/job-table.ts';
import { notServed, type DeadLetterResource, type LetterSource } from './dead-letters.ts';
import { parseRedrive, parseReplay, type ReplaySpec } from './job-requests.ts';
import { parseFilter } from './list-query.ts';
import { parseBound, parseFrom } from './replay-bounds.ts';

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
    const options = {
      dryRun,
      clock,
      accepts: acceptedLetters(clock.now(), passes),
      ...(rate === undefined ? {} : { ratePerSecond: rate }),
    };
    return table.create({
      kind: 'Redrive',
      namespace,
      name,
      spec,
      run: (progress, signal) => redriveAll(sources, { ...options, signal }, progress),
    });
  }

  createReplay(namespace: string, body: unknown): Job {
    const { name, spec } = parseReplay(body, namespace);
    const { table, clock } = this.#options;
    const { channel, subscription } = this.#target(namespace, spec);
    const { filter, rate } = spec;
    const options = {
      channel: channel.channel,
      subscription: subscription.id,
      from: parseFrom(spec.from),
      clock,
      ...(spec.to === undefined ? {} : { to: parseBound(spec.to) }),
      ...(filter === undefined ? {} : { accepts: parseFilter(filter) }),
      ...(rate === undefined ? {} : { ratePerSecond: rate }),
    };
    return table.create({
      kind: 'Replay',
      namespace,
      name,
      spec,
      run: async (progress, signal) => {
        const onProgress = ({ seen, matched, sent, position }: ReplayProgress): void => {
          Object.assign(progress, { scanned: seen, matched, done: sent });
          if (position !== undefined) progress.position = position;
        };
        onProgress(await replay({ ...options, signal, onProgress }));
      },
    });
  }

  #target(
    namespace: string,
    spec: ReplaySpec,
  ): { readonly channel: OpenChannel; readonly subscription: OpenSubscription } {
    const [channel] = this.#options.directory.matching(namespace, spec);
    if (channel === undefined) throw notServed(namespace, spec);
    assertReplayable(channel);
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

/**
 * Only those that were there when the job began: one that fails again is a new dead letter, and would come round
 * for ever.
 */
function acceptedLetters(
  startedMs: number,
  passes: ((event: CloudEvent) => boolean) | undefined,
): (letter: DeadLetter) => boolean {
  return ({ event, storedMs }) => storedMs <= startedMs && (passes?.(event) ?? true);
}

/** One source after the other, counted together. */
async function redriveAll(
  sources: readonly LetterSource[],
  options: Omit<RedriveOptions, 'channel'>,
  progress: JobProgress,
): Promise<void> {
  let before = { ...progress, failed: 0 };
  const onProgress = ({ seen, matched, sent, failed }: RedriveProgress): void => {
    progress.scanned = before.scanned + seen;
    progress.matched = before.matched + matched;
    progress.done = before.done + sent;
    progress.failed = before.failed + failed;
  };
  for (const { channel, subscription } of sources) {
    await redrive({
      ...options,
      channel: channel.channel,
      ...(subscription === undefined ? {} : { subscription }),
      onProgress,
    });
    before = { ...progress, failed: progress.failed ?? 0 };
  }
}

/** Throws a refusal where the channel keeps nothing that could be replayed. */
function assertReplayable({ channel, description }: OpenChannel): void {
  const { read, wants, publishTo } = channel as Partial<Channel>;
  if ([read, wants, publishTo].every((method) => method !== undefined)) return;
  throw apiRefused(
    'Invalid',
    `a channel of type ${description.type} cannot replay: it keeps no events that were delivered`,
  );
}
