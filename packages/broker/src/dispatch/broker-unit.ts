/**
 * One broker at work: a lease of its channel, its route, the index over the filters of all its triggers, and
 * the dispatch of each of them. The index is the one selector of the channel, so that an event is matched once
 * whatever the number of triggers.
 */
import type { ChannelLease, ChannelRef, Selector } from '@afflux/channels';
import { FilterIndex } from '@afflux/filters';
import type { Broker, Trigger } from '@afflux/resources';
import { BrokerRoute } from '../ingress/broker-route.ts';
import { BROKER, brokerPath } from '../model/kinds.ts';
import type { BrokerIdentity } from '../model/identity.ts';
import type { DispatchDeps } from './deps.ts';
import { TriggerDispatch } from './trigger-dispatch.ts';

export class BrokerUnit {
  readonly channelRef: ChannelRef;
  readonly #deps: DispatchDeps;
  readonly #lease: ChannelLease;
  readonly #route: BrokerRoute;
  readonly #index = new FilterIndex<string>();
  readonly #selector: Selector;
  readonly #triggers = new Map<string, TriggerDispatch>();
  #broker: Broker;
  #isStarted = false;

  constructor(deps: DispatchDeps, broker: Broker, channelRef: ChannelRef) {
    const { namespace = '', name, uid = '' } = broker.metadata;
    this.#deps = deps;
    this.#broker = broker;
    this.channelRef = channelRef;
    this.#lease = deps.openChannel(channelRef);
    const identity: BrokerIdentity = { ...BROKER, namespace, name, uid };
    this.#route = new BrokerRoute({
      namespace,
      name,
      channel: this.#lease.channel,
      clock: deps.clock,
      meter: deps.meter,
      identity,
      onAccepted: deps.onAccepted,
    });
    this.#selector = {
      select: (event, out) => {
        this.#index.match(event, out);
      },
    };
  }

  get uid(): string | undefined {
    return this.#broker.metadata.uid;
  }

  /** Resolves when the channel can take subscriptions; from then on triggers may be set. */
  async start(): Promise<void> {
    await this.#lease.ready;
    this.#isStarted = true;
  }

  /** Lets events in. Called once the triggers that are known have been set, so that the first event meets them. */
  open(): void {
    this.#deps.routes.setPath(this.#path, this.#route);
  }

  updateBroker(broker: Broker, triggers: readonly Trigger[]): void {
    this.#broker = broker;
    for (const trigger of triggers)
      this.#triggers.get(trigger.metadata.uid ?? '')?.update(broker, trigger);
  }

  /**
   * Attaches or changes a trigger. One that was attached and loses its address for the moment goes on with the
   * last one: its queue may hold accepted events.
   */
  setTrigger(trigger: Trigger): void {
    if (!this.#isStarted) return;
    const { uid = '' } = trigger.metadata;
    const hasAddress = trigger.status?.subscriberUri !== undefined;
    const existing = this.#triggers.get(uid);
    if (existing !== undefined) {
      if (hasAddress) existing.update(this.#broker, trigger);
      return;
    }
    if (!hasAddress) return;
    const dispatch = new TriggerDispatch(
      {
        deps: this.#deps,
        channel: this.#lease.channel,
        index: this.#index,
        selector: this.#selector,
      },
      this.#broker,
      trigger,
    );
    this.#triggers.set(uid, dispatch);
    void dispatch.start().catch((error: unknown) => {
      this.#deps.logger.error({ err: error, trigger: dispatch.name }, 'trigger cannot start');
    });
  }

  /** Resolves when its attempts under way have finished. Never rejects. */
  async removeTrigger(uid: string): Promise<void> {
    const dispatch = this.#triggers.get(uid);
    if (dispatch === undefined) return;
    this.#triggers.delete(uid);
    const { logger } = this.#deps;
    try {
      const dropped = await dispatch.remove();
      if (dropped === 0) return;
      logger.warn({ trigger: dispatch.name, dropped }, 'trigger removed with undelivered events');
    } catch (error) {
      logger.error({ err: error, trigger: dispatch.name }, 'trigger cannot be removed');
    }
  }

  /** The broker is gone: nothing enters any more, its triggers give up what they hold. */
  async remove(): Promise<void> {
    this.#deps.routes.deletePath(this.#path, this.#route);
    await Promise.all([...this.#triggers.keys()].map((uid) => this.removeTrigger(uid)));
    await this.#lease.release();
  }

  async close(): Promise<void> {
    this.#deps.routes.deletePath(this.#path, this.#route);
    await Promise.all([...this.#triggers.values()].map((dispatch) => dispatch.close()));
    await this.#lease.release();
  }

  get #path(): string {
    return brokerPath(this.#broker.metadata.namespace ?? '', this.#broker.metadata.name);
  }
}
