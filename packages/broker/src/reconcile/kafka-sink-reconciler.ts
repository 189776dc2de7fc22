/**
 * Makes a KafkaSink real: its topic exists and fits, it has an address. With `numPartitions` and
 * `replicationFactor` the topic is made here and goes with the sink; otherwise it belongs to others.
 */
import {
  observerOf,
  RequeueAfter,
  type ObjectKey,
  type ReconcileContext,
  type Reconciler,
  type Tracker,
} from '@afflux/control';
import { KAFKA_SINK_CONDITIONS, KAFKA_STATUS, Marks, type KafkaSink } from '@afflux/resources';
import type { BackingSources } from '../model/backing-sources.ts';
import { sinkBacking, sinkReferences } from '../model/broker-backing.ts';
import { ownChannelRef } from '../model/broker-class.ts';
import { sinkTopic } from '../model/kafka-backing.ts';
import { KAFKA_SINK } from '../model/kinds.ts';
import { Topology, type ProvisionFor } from './topology.ts';

export interface KafkaSinkReconcilerOptions {
  readonly sources: Pick<BackingSources, 'secret'>;
  readonly provision: ProvisionFor;
  readonly tracker: Tracker;
  /** Address that works from where the user is; its path is that of `sinkPath`. */
  readonly sinkUrl: (namespace: string, name: string) => string;
}

/** Value of Knative's annotation for topics that the controller made. */
const OWNER = 'kafka-sink-controller';

export class KafkaSinkReconciler implements Reconciler<KafkaSink> {
  readonly kind = KAFKA_SINK;
  readonly conditions = KAFKA_SINK_CONDITIONS;
  /** Knative's name of it. */
  readonly finalizer = 'kafkasinks.eventing.knative.dev';
  readonly #options: KafkaSinkReconcilerOptions;
  readonly #topology = new Topology();

  constructor(options: KafkaSinkReconcilerOptions) {
    this.#options = options;
  }

  needsFinalizer(sink: KafkaSink): boolean {
    return !sinkTopic(sink).isExternal;
  }

  async reconcile(sink: KafkaSink, context: ReconcileContext): Promise<void> {
    const status = (sink.status ??= {});
    const marks = new Marks(KAFKA_SINK_CONDITIONS, status, context.now());
    const { namespace = '', name } = sink.metadata;
    marks.true('DataPlaneAvailable');
    marks.eventPoliciesNotInUse();
    const topic = sinkTopic(sink);
    for (const reference of sinkReferences(sink)) {
      this.#options.tracker.track(reference, observerOf(KAFKA_SINK, { namespace, name }));
    }
    const backing = sinkBacking(sink, this.#options.sources);
    if ('problem' in backing) {
      marks.false('ConfigParsed', 'SecretInvalid', backing.problem);
      return;
    }
    marks.true('ConfigParsed');
    marks.true('ConfigMapUpdated');
    await this.#makeTopic(sink, marks, context);
    status.annotations = {
      ...status.annotations,
      [KAFKA_STATUS.topic]: topic.topic,
      ...(topic.isExternal ? {} : { [KAFKA_STATUS.topicOwner]: OWNER }),
    };
    marks.true('TopicReady');
    marks.true('ProbeSucceeded');
    status.address = { name: 'http', url: this.#options.sinkUrl(namespace, name) };
    marks.true('Addressable');
  }

  async finalize(sink: KafkaSink, { signal, logger }: ReconcileContext): Promise<void> {
    const topic = sinkTopic(sink);
    // Without the annotation nothing was ever made.
    if (topic.isExternal || sink.status?.annotations?.[KAFKA_STATUS.topicOwner] === undefined)
      return;
    const administration = this.#options.provision(ownChannelRef(sink));
    await this.#topology.remove({
      key: keyOf(sink.metadata),
      what: `topic ${topic.topic}`,
      logger,
      run: administration && (() => administration.remove({ signal })),
    });
  }

  observeDeletion(key: ObjectKey): void {
    this.#topology.forget(keyOf(key));
  }

  /** Throws when it is to be tried again. */
  async #makeTopic(sink: KafkaSink, marks: Marks, { signal }: ReconcileContext): Promise<void> {
    const key = keyOf(sink.metadata);
    const administration = this.#options.provision(ownChannelRef(sink));
    const made =
      administration === undefined
        ? {
            failure: this.#topology.fail(
              key,
              'DriverMissing',
              'there is no driver for Kafka in this process',
            ),
          }
        : await this.#topology.make(key, () => administration.ensure({ signal }));
    if ('value' in made) return;
    const { reason, message, retryInMs } = made.failure;
    const isWrong = sinkTopic(sink).isExternal && reason === 'TopologyInvalid';
    // Knative's reason for an external topic, blanks and all.
    marks.false('TopicReady', isWrong ? 'Topic is not present or invalid' : reason, message);
    throw new RequeueAfter(retryInMs);
  }
}

function keyOf({ namespace = '', name }: ObjectKey): string {
  return `${namespace}/${name}`;
}
