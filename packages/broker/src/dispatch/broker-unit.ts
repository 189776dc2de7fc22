/**
 * One broker at work: its channel, its route, the index over the filters of all its triggers, and the dispatch of
 * each of them. The index is the one selector of the channel, so that an event is matched once whatever the
 * number of triggers.
 *
 * The route is there as long as the unit: while there is no channel to put events into, producers are told to
 * come back (503), not that nobody is here. It takes events once the triggers that are known are subscribed, so
 * that the first event meets them.
 */
import type { ChannelLease, ChannelRef, Selector } from '@afflux/channels';
import { FilterIndex } from '@afflux/filters';
import type { Timer } from '@afflux/kernel';
import { flowSettings, type Broker, type Trigger } from '@afflux/resources';
import { BrokerRoute } from '../ingress/broker-route.ts';
import { channelRefOf } from '../model/broker-class.ts';
import { BROKER, brokerPath } from '../model/kinds.ts';
import type { BrokerIdentity } from '../model/identity.ts';
import { isServable, triggerKey } from '../model/trigger-view.ts';
import { ChannelHolder } from './channel-holder.ts';
import type { DispatchDeps } from './deps.ts';
import { TriggerDispatch } from './trigger-dispatch.ts';

/** Wait before a subscription that the channel refused is tried again. */
const RESUBSCRIBE_MS = 5_000;

export interface BrokerUnitOptions {
  readonly deps: DispatchDeps;
  readonly broker: Broker;
  /** The triggers of this broker that are known now. */
  readonly triggers: () => readonly Trigger[];
}

export class BrokerUnit {
  readonly #deps: DispatchDeps;
  readonly #name: string;
  readonly #knownTriggers: () => readonly Trigger[];
  readonly #route: BrokerRoute;
  readonly #index = new FilterIndex<string>();
  readonly #selector: Selector;
  readonly #triggers = new Map<string, TriggerDispatch>();
  /** Of triggers whose subscription was refused, until it is tried again. */
  readonly #waiting = new Map<string, Timer>();
  #broker: Broker;
  #holder: ChannelHolder | undefined;
  /** There once the channel takes events. */
  #lease: ChannelLease | undefined;

  constructor({ deps, broker, triggers }: BrokerUnitOptions) {
    const { namespace = '', name, uid = '' } = broker.metadata;
    this.#deps = deps;
    this.#name = `${namespace}/${name}`;
    this.#knownTriggers = triggers;
    this.#broker = broker;
    const identity: BrokerIdentity = { ...BROKER, namespace, name, uid };
    this.#route = new BrokerRoute({
      namespace,
      name,
      clock: deps.clock,
      meter: deps.meter,
      identity,
      onAccepted: deps.onAccepted,
      onStep: deps.onStep,
    });
    this.#selector = {
      select: (event, out) => {
        this.#index.match(event, out);
      },
    };
    deps.routes.setPath(this.#path, this.#route);
    this.#useChannel(channelRefOf(broker));
  }

  /**
   * Whether the unit can go on with this state of the object: false for another object of that name, and for one
   * that moved to another channel. One whose status lost its channel keeps working on it.
   */
  fits(broker: Broker): boolean {
    if (this.#broker.metadata.uid !== broker.metadata.uid) return false;
    const wanted = channelRefOf(broker);
    const ref = this.#holder?.ref;
    if (wanted === undefined || ref === undefined) return true;
    return wanted.kind === ref.kind && wanted.name === ref.name;
  }

  /** Takes over a changed broker that fits. */
  update(broker: Broker): void {
    this.#broker = broker;
    if (this.#holder === undefined) this.#useChannel(channelRefOf(broker));
    else this.#holder.retryNow();
    this.#route.deduplicateMs = this.#deduplicateMs;
    // Also those that are not attached: what one waits for may be said by the broker.
    for (const trigger of this.#knownTriggers()) this.setTrigger(trigger);
  }

  /**
   * Attaches or changes a trigger. One that was attached and loses its address for the moment goes on with the
   * last one: its queue may hold accepted events.
   */
  setTrigger(trigger: Trigger): void {
    if (this.#lease === undefined) return;
    const key = triggerKey(trigger);
    const existing = this.#triggers.get(key);
    if (existing !== undefined) {
      if (existing.uid === trigger.metadata.uid) {
        if (isServable(this.#broker, trigger)) this.#updateTrigger(existing, trigger);
        return;
      }
      // Another object of that name, and nobody saw the moment in between.
      void this.#drop(existing);
    }
    if (isServable(this.#broker, trigger)) this.#attach(this.#lease, trigger);
  }

  /** Resolves when its attempts under way have finished. Never rejects. */
  async removeTrigger(trigger: Trigger): Promise<void> {
    const key = triggerKey(trigger);
    const dispatch = this.#triggers.get(key);
    if (dispatch === undefined) this.#forgetWait(key);
    // A successor of that name is none of its business.
    else if (dispatch.uid === trigger.metadata.uid) await this.#drop(dispatch);
  }

  /**
   * The broker is gone: nothing enters any more, its triggers give up what they hold. All of it at once, so that
   * a successor of that name begins with nothing. Resolves when attempts under way have finished.
   */
  async remove(): Promise<void> {
    this.#deps.routes.deletePath(this.#path, this.#route);
    this.#route.close();
    const drops = [...this.#triggers.values()].map((dispatch) => this.#drop(dispatch));
    await Promise.all([...drops, this.#release()]);
  }

  async close(): Promise<void> {
    this.#deps.routes.deletePath(this.#path, this.#route);
    this.#route.close();
    await Promise.all([...this.#triggers.values()].map((dispatch) => dispatch.close()));
    await this.#release();
  }

  #useChannel(ref: ChannelRef | undefined): void {
    if (ref === undefined) return;
    this.#holder = new ChannelHolder({
      deps: this.#deps,
      owner: { broker: this.#name },
      ref,
      onOpen: (lease) => {
        this.#lease = lease;
        for (const trigger of this.#knownTriggers()) this.setTrigger(trigger);
        this.#route.deduplicateMs = this.#deduplicateMs;
        this.#route.open(lease.channel, lease.capabilities);
      },
    });
  }

  async #release(): Promise<void> {
    this.#lease = undefined;
    for (const timer of this.#waiting.values()) timer.cancel();
    this.#waiting.clear();
    await this.#holder?.close();
  }

  #attach(lease: ChannelLease, trigger: Trigger): void {
    const key = triggerKey(trigger);
    this.#forgetWait(key);
    let dispatch: TriggerDispatch;
    try {
      dispatch = new TriggerDispatch(
        {
          deps: this.#deps,
          channel: lease.channel,
          capabilities: lease.capabilities,
          index: this.#index,
          selector: this.#selector,
        },
        this.#broker,
        trigger,
      );
    } catch (error) {
      this.#waitToAttach(key, error);
      return;
    }
    this.#triggers.set(key, dispatch);
    void dispatch.start().catch(async (error: unknown) => {
      if (this.#triggers.get(key) !== dispatch) return;
      this.#triggers.delete(key);
      this.#waitToAttach(key, error);
      // Its end is of no interest: a successor takes over what it leaves.
      await dispatch.detach().catch(() => undefined);
    });
  }

  /** Nothing is lost meanwhile where the back-end knows the subscription already. */
  #waitToAttach(key: string, error: unknown): void {
    const { logger, clock } = this.#deps;
    logger.error(
      { err: error, trigger: key, retryInMs: RESUBSCRIBE_MS },
      'trigger cannot be subscribed',
    );
    this.#forgetWait(key);
    this.#waiting.set(
      key,
      clock.setTimer(RESUBSCRIBE_MS, () => {
        this.#waiting.delete(key);
        const trigger = this.#knownTriggers().find((known) => triggerKey(known) === key);
        if (trigger !== undefined) this.setTrigger(trigger);
      }),
    );
  }

  #forgetWait(key: string): void {
    this.#waiting.get(key)?.cancel();
    this.#waiting.delete(key);
  }

  #updateTrigger(dispatch: TriggerDispatch, trigger: Trigger): void {
    try {
      dispatch.update(this.#broker, trigger);
    } catch (error) {
      this.#deps.logger.error(
        { err: error, trigger: dispatch.id },
        'trigger cannot be changed and goes on as before',
      );
    }
  }

  /** Never rejects. The trigger is out of the way before this returns. */
  async #drop(dispatch: TriggerDispatch): Promise<void> {
    this.#triggers.delete(dispatch.id);
    const { logger } = this.#deps;
    try {
      const dropped = await dispatch.remove();
      if (dropped === 0) return;
      logger.warn({ trigger: dispatch.id, dropped }, 'trigger removed with undelivered events');
    } catch (error) {
      logger.error({ err: error, trigger: dispatch.id }, 'trigger cannot be removed');
    }
  }

  get #deduplicateMs(): number | undefined {
    return this.#lease?.capabilities.deduplicates === true
      ? flowSettings(this.#broker.metadata.annotations).deduplicateMs
      : undefined;
  }

  get #path(): string {
    return brokerPath(this.#broker.metadata.namespace ?? '', this.#broker.metadata.name);
  }
}
