/**
 * Makes a Broker of class RabbitMQBroker real: its RabbitMQ is known, its exchange exists, it has an address.
 *
 * There is no dead letter exchange of the broker: what a trigger gives up goes to the sink over HTTP, or into the
 * dead letter store of its queue, which the driver makes with it. So DLXReady says only that nothing is missing,
 * as it does in Knative where no sink is set. Deletion removes the exchange and the queues of all triggers.
 */
import {
  RequeueAfter,
  type ObjectKey,
  type ReconcileContext,
  type Reconciler,
} from '@afflux/control';
import { Marks, RABBITMQ_BROKER_CONDITIONS, type Broker } from '@afflux/resources';
import { brokerFamily, RABBITMQ_STATUS } from '../model/broker-class.ts';
import { BROKER } from '../model/kinds.ts';
import {
  brokerExchange,
  rabbitmqBacking,
  type RabbitmqExchange,
} from '../model/rabbitmq-backing.ts';
import { resolveBrokerSink, setBrokerAddress } from './broker-address.ts';
import { OwnChannel, type OwnChannelOptions } from './own-channel.ts';

export class RabbitmqBrokerReconciler implements Reconciler<Broker> {
  readonly kind = BROKER;
  readonly conditions = RABBITMQ_BROKER_CONDITIONS;
  /** Ours: Knative's controller leaves the cleaning up to owner references. */
  readonly finalizer = 'rabbitmqbrokers.eventing.afflux.dev';
  readonly #options: OwnChannelOptions;
  readonly #channel: OwnChannel;

  constructor(options: OwnChannelOptions) {
    this.#options = options;
    this.#channel = new OwnChannel(options);
  }

  accepts(broker: Broker): boolean {
    return brokerFamily(broker) === 'rabbitmq';
  }

  async reconcile(broker: Broker, context: ReconcileContext): Promise<void> {
    const status = (broker.status ??= {});
    const marks = new Marks(RABBITMQ_BROKER_CONDITIONS, status, context.now());
    marks.true('IngressReady');
    this.#channel.track(broker);
    const hasSink = await resolveBrokerSink(this.#options.resolver, broker, {
      status,
      marks,
      context,
      condition: 'DeadLetterSinkReady',
    });
    const exchange = this.#readConfig(broker, marks);
    if (exchange === undefined) return;
    const made = await this.#channel.make(broker, context);
    if ('failure' in made) {
      const { reason, message, retryInMs } = made.failure;
      marks.false('ExchangeReady', reason, message);
      throw new RequeueAfter(retryInMs);
    }
    status.annotations = { ...status.annotations, [RABBITMQ_STATUS.exchange]: exchange.exchange };
    marks.true('ExchangeReady');
    marks.true('DLXReady', 'DeadLetterExchangeNotUsed', 'dead letters are kept with each queue');
    const { brokerUrl } = this.#options;
    setBrokerAddress(broker, { status, marks, hasSink, brokerUrl });
  }

  async finalize(broker: Broker, context: ReconcileContext): Promise<void> {
    const exchange = broker.status?.annotations?.[RABBITMQ_STATUS.exchange];
    // Without one nothing was ever made.
    if (exchange !== undefined) {
      await this.#channel.remove(broker, `exchange ${exchange}`, context);
    }
  }

  observeDeletion(key: ObjectKey): void {
    this.#channel.forget(key);
  }

  /** Marks SecretReady, and ExchangeReady where it is the configuration that is wrong. */
  #readConfig(broker: Broker, marks: Marks): RabbitmqExchange | undefined {
    const { sources } = this.#options;
    const exchange = brokerExchange(broker, sources);
    if ('problem' in exchange) {
      marks.false('ExchangeReady', 'ConfigInvalid', exchange.problem);
      return undefined;
    }
    const backing = rabbitmqBacking(exchange.value, sources);
    if ('problem' in backing) {
      marks.false('SecretReady', 'SecretInvalid', backing.problem);
      return undefined;
    }
    marks.true('SecretReady');
    return exchange.value;
  }
}
