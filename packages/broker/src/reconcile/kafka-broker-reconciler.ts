/**
 * Makes a Broker of class Kafka real: its ConfigMap is read, its topic exists and fits, it has an address. Data
 * plane and probe are this process, so their conditions are True as soon as they can be; what they depend on is
 * said by the others.
 *
 * The status says which topic it is, for the data plane, for triggers, and for the day on which the broker is
 * deleted and its ConfigMap is gone already. Deletion removes the topic, unless it is an external one.
 */
import {
  RequeueAfter,
  type ObjectKey,
  type ReconcileContext,
  type Reconciler,
} from '@afflux/control';
import {
  KAFKA_BROKER_CONDITIONS,
  KAFKA_STATUS,
  Marks,
  type Broker,
  type BrokerStatus,
} from '@afflux/resources';
import type { BackingProblem } from '../model/backing-sources.ts';
import { brokerFamily } from '../model/broker-class.ts';
import {
  brokerTopic,
  kafkaBacking,
  topicAnnotations,
  type KafkaTopic,
} from '../model/kafka-backing.ts';
import { BROKER } from '../model/kinds.ts';
import { resolveBrokerSink, setBrokerAddress } from './broker-address.ts';
import { OwnChannel, type OwnChannelOptions } from './own-channel.ts';

export class KafkaBrokerReconciler implements Reconciler<Broker> {
  readonly kind = BROKER;
  readonly conditions = KAFKA_BROKER_CONDITIONS;
  /** Knative's name of it. */
  readonly finalizer = 'brokers.eventing.knative.dev';
  readonly #options: OwnChannelOptions;
  readonly #channel: OwnChannel;

  constructor(options: OwnChannelOptions) {
    this.#options = options;
    this.#channel = new OwnChannel(options);
  }

  accepts(broker: Broker): boolean {
    return brokerFamily(broker) === 'kafka';
  }

  async reconcile(broker: Broker, context: ReconcileContext): Promise<void> {
    const status = (broker.status ??= {});
    const marks = new Marks(KAFKA_BROKER_CONDITIONS, status, context.now());
    marks.true('DataPlaneAvailable');
    marks.eventPoliciesNotInUse();
    this.#channel.track(broker);
    const topic = this.#readConfig(broker, marks);
    const hasSink = await resolveBrokerSink(this.#options.resolver, broker, {
      status,
      marks,
      context,
    });
    if (topic === undefined) return;
    const made = await this.#channel.make(broker, context);
    if ('failure' in made) {
      const { reason, message, retryInMs } = made.failure;
      // Knative's reason for an external topic, blanks and all.
      const isWrong = topic.isExternal && reason === 'TopologyInvalid';
      marks.false('TopicReady', isWrong ? 'Topic is not present or invalid' : reason, message);
      throw new RequeueAfter(retryInMs);
    }
    marks.true('TopicReady');
    marks.true('ProbeSucceeded');
    status.annotations = withTopic(status, topic);
    const { brokerUrl } = this.#options;
    setBrokerAddress(broker, { status, marks, hasSink, brokerUrl });
  }

  async finalize(broker: Broker, context: ReconcileContext): Promise<void> {
    const topic = broker.status?.annotations?.[KAFKA_STATUS.topic];
    // Without one nothing was ever made.
    if (topic !== undefined) await this.#channel.remove(broker, `topic ${topic}`, context);
  }

  observeDeletion(key: ObjectKey): void {
    this.#channel.forget(key);
  }

  /** Marks ConfigParsed. What is wrong here cannot be tried away; what was read is watched. */
  #readConfig(broker: Broker, marks: Marks): KafkaTopic | undefined {
    const { sources } = this.#options;
    const topic = brokerTopic(broker, sources);
    if ('problem' in topic) {
      refuse(topic, marks);
      return undefined;
    }
    const backing = kafkaBacking(topic.value, sources);
    if ('problem' in backing) {
      refuse(backing, marks);
      return undefined;
    }
    marks.true('ConfigParsed');
    marks.true('ConfigMapUpdated');
    return topic.value;
  }
}

function refuse({ about, problem }: BackingProblem, marks: Marks): void {
  marks.false('ConfigParsed', about === 'secret' ? 'SecretInvalid' : 'ConfigInvalid', problem);
}

/** The annotations with this topic, and without what an earlier one left. */
function withTopic(status: BrokerStatus, topic: KafkaTopic): Record<string, string> {
  const ours = new Set<string>(Object.values(KAFKA_STATUS));
  const others = Object.entries(status.annotations ?? {}).filter(([key]) => !ours.has(key));
  return { ...Object.fromEntries(others), ...topicAnnotations(topic) };
}
