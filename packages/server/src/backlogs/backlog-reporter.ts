/**
 * Says what users must see of backlogs: in the status annotations of the objects they wrote, in gauges, in the
 * log when retention took events, and in the reasons of `/readyz` while a channel is in trouble.
 *
 *     afflux.dev/backlog       events accepted and not yet done with
 *     afflux.dev/dead-letters  dead letters kept
 *     afflux.dev/lost-events   events that retention took before they were delivered
 *
 * It looks at everything every {@link REPORT_MS}, writes only what changed, and at most {@link WRITES_MAX}
 * objects a round, those that waited longest first. An annotation of zero is not there. Nothing depends on these
 * annotations; a write that fails is left to the next round.
 *
 * A channel in trouble does not make the process unready: its producers get 503 for that channel, and those of
 * the others must not be turned away with them.
 */
import { isConflict, isNotFound, type GroupVersionKind, type ResourceStore } from '@afflux/control';
import { BaseComponent, type Clock, type Logger, type Meter, type Timer } from '@afflux/kernel';
import type { Health } from '@afflux/observability';
import { CONTROLLER_USER, type ApiObject, type KnativeStatus } from '@afflux/resources';
import type { BacklogDirectory, OpenChannel } from './directory.ts';

export const REPORT_MS = 10_000;
export const WRITES_MAX = 100;

/** Channels in trouble that `/readyz` names. */
const TROUBLES_SHOWN_MAX = 10;

const BACKLOG_ANNOTATIONS = {
  backlog: 'afflux.dev/backlog',
  deadLetters: 'afflux.dev/dead-letters',
  lost: 'afflux.dev/lost-events',
} as const;

/** Counts of one object. */
interface Facts {
  readonly backlog: number;
  readonly deadLetters: number;
  readonly lost: number;
}

/** An object whose status says something about backlogs. */
interface Subject {
  readonly kind: GroupVersionKind;
  readonly namespace: string;
  readonly name: string;
  readonly facts: Facts;
}

export interface BacklogReporterOptions {
  readonly directory: BacklogDirectory;
  readonly store: Pick<ResourceStore, 'patch'>;
  /** The object of a kind as it is known; undefined when there is none, or no such kind. */
  readonly find: (
    kind: string,
    namespace: string,
    name: string,
  ) => ApiObject<unknown, KnativeStatus> | undefined;
  readonly health: Pick<Health, 'set'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly meter: Meter;
}

const LABELS = ['namespace', 'kind', 'name', 'subscription'] as const;

export class BacklogReporter extends BaseComponent {
  readonly name = 'backlog reporter';
  readonly #options: BacklogReporterOptions;
  /** Losses already logged, by object. */
  readonly #lostSeen = new Map<string, number>();
  /** Objects in the order in which they were written last. */
  readonly #writtenInRound = new Map<string, number>();
  #round = 0;
  #timer: Timer | undefined;
  #reporting: Promise<void> = Promise.resolve();
  #removeGauges: (() => void)[] = [];

  constructor(options: BacklogReporterOptions) {
    super();
    this.#options = options;
  }

  protected override onStart(): Promise<void> {
    this.#removeGauges = [
      this.#observeDeadLetters(),
      this.#observeDetached(),
      this.#observeTrouble(),
    ];
    this.#schedule();
    return Promise.resolve();
  }

  protected override async onClose(): Promise<void> {
    this.#timer?.cancel();
    for (const remove of this.#removeGauges) remove();
    await this.#reporting;
  }

  #schedule(): void {
    this.#timer = this.#options.clock.setTimer(REPORT_MS, () => {
      this.#reporting = this.report().finally(() => {
        if (this.state === 'running') this.#schedule();
      });
    });
  }

  /** One round. Never rejects. */
  async report(): Promise<void> {
    try {
      const channels = this.#options.directory.channels();
      this.#reportTrouble(channels);
      await this.#writeAll(this.#subjects(channels));
    } catch (err) {
      this.#options.logger.error({ err }, 'backlogs cannot be reported');
    }
  }

  #reportTrouble(channels: readonly OpenChannel[]): void {
    const troubles = channels.flatMap(({ ref, description: { trouble } }) =>
      trouble === undefined ? [] : [`${ref.namespace}/${ref.name}: ${trouble}`],
    );
    const { health } = this.#options;
    if (troubles.length === 0) {
      health.set('channels', 'ready');
      return;
    }
    const more = troubles.length - TROUBLES_SHOWN_MAX;
    const shown = troubles.slice(0, TROUBLES_SHOWN_MAX).join('; ');
    health.set('channels', 'degraded', more > 0 ? `${shown}; and ${String(more)} more` : shown);
  }

  /** Triggers and Subscriptions with their own counts, Brokers and channels with those of all of theirs. */
  #subjects(channels: readonly OpenChannel[]): Subject[] {
    const subjects: Subject[] = [];
    for (const { ref, broker, subscriptions } of channels) {
      let total: Facts = { backlog: 0, deadLetters: 0, lost: 0 };
      for (const { owner, description } of subscriptions) {
        const { depth, overflow, deadLetters = 0, lost = 0 } = description;
        const facts = { backlog: depth + overflow, deadLetters, lost };
        total = {
          backlog: total.backlog + facts.backlog,
          deadLetters: total.deadLetters + facts.deadLetters,
          lost: total.lost + facts.lost,
        };
        if (owner !== undefined) subjects.push(this.#subject({ ...owner, facts }));
      }
      subjects.push(this.#subject({ ...ref, facts: total }));
      if (broker !== undefined && ref.kind !== 'Broker') {
        const { namespace } = ref;
        subjects.push(this.#subject({ kind: 'Broker', namespace, name: broker, facts: total }));
      }
    }
    return subjects.filter((subject) => this.#isNews(subject));
  }

  #subject(options: {
    readonly kind: string;
    readonly namespace: string;
    readonly name: string;
    readonly facts: Facts;
  }): Subject {
    const { kind, namespace, name, facts } = options;
    const object = this.#options.find(kind, namespace, name);
    return { kind: { apiVersion: object?.apiVersion ?? '', kind }, namespace, name, facts };
  }

  /** Whether the status does not say so yet. */
  #isNews({ kind: { kind }, namespace, name, facts }: Subject): boolean {
    const object = this.#options.find(kind, namespace, name);
    if (object?.status === undefined) return false;
    const present = object.status.annotations ?? {};
    return Object.entries(annotationsOf(facts)).some(
      ([key, value]) => (present[key] ?? null) !== value,
    );
  }

  async #writeAll(subjects: readonly Subject[]): Promise<void> {
    this.#round += 1;
    const lastOf = (subject: Subject): number => this.#writtenInRound.get(keyOf(subject)) ?? 0;
    const chosen = [...subjects]
      .sort((left, right) => lastOf(left) - lastOf(right))
      .slice(0, WRITES_MAX);
    for (const subject of chosen) {
      this.#noteLost(subject);
      await this.#write(subject);
      this.#writtenInRound.set(keyOf(subject), this.#round);
    }
    // Those that no longer exist must not be remembered for ever.
    if (this.#writtenInRound.size > REMEMBERED_MAX) this.#writtenInRound.clear();
    if (this.#lostSeen.size > REMEMBERED_MAX) this.#lostSeen.clear();
  }

  async #write(subject: Subject): Promise<void> {
    const { kind, namespace, name, facts } = subject;
    const body = { status: { annotations: annotationsOf(facts) } };
    try {
      await this.#options.store.patch(
        kind,
        { namespace, name },
        { type: 'merge', body },
        { subresource: 'status', fieldManager: CONTROLLER_USER },
      );
    } catch (err) {
      if (isNotFound(err) || isConflict(err)) return;
      this.#options.logger.warn(
        { err, kind: kind.kind, namespace, name },
        'backlog cannot be written into the status',
      );
    }
  }

  #noteLost(subject: Subject): void {
    const { kind, namespace, name, facts } = subject;
    const key = keyOf(subject);
    const seen = this.#lostSeen.get(key) ?? 0;
    this.#lostSeen.set(key, facts.lost);
    if (facts.lost <= seen) return;
    this.#options.logger.warn(
      { kind: kind.kind, namespace, name, lost: facts.lost, more: facts.lost - seen },
      'retention took events that were not delivered',
    );
  }

  #observeDeadLetters(): () => void {
    const options = {
      name: 'afflux_subscription_dead_letters',
      help: 'Dead letters kept for a subscription.',
      labels: LABELS,
    };
    return this.#observe(options, ({ deadLetters }) => deadLetters);
  }

  #observeDetached(): () => void {
    const options = {
      name: 'afflux_subscription_detached_events',
      help: 'Events kept for a subscription that nobody reads at present.',
      labels: LABELS,
    };
    return this.#observe(options, ({ attached, depth, overflow }) =>
      attached ? undefined : depth + overflow,
    );
  }

  #observe(
    options: Parameters<Meter['observe']>[0],
    read: (description: OpenChannel['description']['subscriptions'][number]) => number | undefined,
  ): () => void {
    return this.#options.meter.observe(options, () =>
      this.#options.directory.channels().flatMap(({ ref, description }) =>
        description.subscriptions.flatMap((subscription) => {
          const value = read(subscription);
          const labels = [ref.namespace, ref.kind, ref.name, subscription.label];
          return value === undefined ? [] : [{ value, labels }];
        }),
      ),
    );
  }

  #observeTrouble(): () => void {
    return this.#options.meter.observe(
      {
        name: 'afflux_channel_trouble',
        help: '1 while something keeps a channel from working, else 0.',
        labels: ['namespace', 'kind', 'name'],
      },
      () =>
        this.#options.directory.channels().map(({ ref, description }) => ({
          value: description.trouble === undefined ? 0 : 1,
          labels: [ref.namespace, ref.kind, ref.name],
        })),
    );
  }
}

const REMEMBERED_MAX = 50_000;

/** For a merge patch: null takes an annotation away. */
function annotationsOf(facts: Facts): Record<string, string | null> {
  const shown = (count: number): string | null => (count === 0 ? null : String(count));
  return {
    [BACKLOG_ANNOTATIONS.backlog]: shown(facts.backlog),
    [BACKLOG_ANNOTATIONS.deadLetters]: shown(facts.deadLetters),
    [BACKLOG_ANNOTATIONS.lost]: shown(facts.lost),
  };
}

function keyOf({ kind: { kind }, namespace, name }: Subject): string {
  return `${kind}/${namespace}/${name}`;
}
