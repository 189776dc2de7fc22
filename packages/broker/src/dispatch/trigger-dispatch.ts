/**
 * One trigger at work: its filter in the broker's index, its subscription of the broker's channel, the flow
 * that pulls from it and the courier that delivers. All of them change in place when the trigger does, so
 * that the backlog stays (design, decision 19).
 */
import {
  SubscriptionFlow,
  type Channel,
  type ChannelSubscription,
  type Selector,
} from '@afflux/channels';
import { Courier, decodeProgress, encodeProgress, type Progress } from '@afflux/delivery';
import { compileFilter, type FilterIndex } from '@afflux/filters';
import type { Broker, Trigger } from '@afflux/resources';
import type { DispatchDeps } from './deps.ts';
import { dispatchSettings, type DispatchSettings } from './plan.ts';

export interface TriggerDispatchOptions {
  readonly deps: DispatchDeps;
  readonly channel: Channel;
  readonly index: FilterIndex<string>;
  readonly selector: Selector;
}

export class TriggerDispatch {
  /** Names the broker object as well: what ends with a broker is not what its successor of that name begins. */
  readonly id: string;
  readonly name: string;
  readonly #options: TriggerDispatchOptions;
  readonly #courier: Courier;
  readonly #flow: SubscriptionFlow<Progress>;
  #subscription: ChannelSubscription<Progress>;
  #filterText: string | undefined;

  constructor(options: TriggerDispatchOptions, broker: Broker, trigger: Trigger) {
    const { deps } = options;
    const { namespace = '', name, uid = '' } = trigger.metadata;
    this.id = `${broker.metadata.uid ?? ''}.${uid}`;
    this.name = `${namespace}/${name}`;
    this.#options = options;
    const settings = dispatchSettings(broker, trigger, deps.clock);
    this.#courier = new Courier({
      sender: deps.sender,
      clock: deps.clock,
      random: deps.random,
      logger: deps.logger,
      meter: deps.meter,
      tracer: deps.tracer,
      plan: settings.plan,
      labels: {
        destination: `trigger:${name}.${namespace}`,
        brokerName: broker.metadata.name,
        brokerNamespace: broker.metadata.namespace ?? '',
      },
      contextOf: (event) => event.carried,
    });
    this.#subscription = this.#subscribe(settings);
    this.#flow = new SubscriptionFlow({
      subscription: this.#subscription,
      handle: (event, progress, signal) => this.#courier.deliver(event, progress, signal),
      settings: settings.flow,
      labels: {
        namespace,
        kind: 'Broker',
        name: broker.metadata.name,
        subscription: `trigger:${name}.${namespace}`,
      },
      clock: deps.clock,
      random: deps.random,
      logger: deps.logger,
      meter: deps.meter,
      scheduler: deps.scheduler,
    });
    this.#useFilter(trigger);
  }

  start(): Promise<void> {
    return this.#flow.start();
  }

  /** Takes over a changed trigger or broker; what is under way ends by the plan it began with. */
  update(broker: Broker, trigger: Trigger): void {
    const settings = dispatchSettings(broker, trigger, this.#options.deps.clock);
    this.#subscription = this.#subscribe(settings);
    this.#courier.plan = settings.plan;
    this.#flow.settings = settings.flow;
    this.#useFilter(trigger);
  }

  /** No further event matches; those in flight finish. Resolves with how many accepted ones were given up. */
  async remove(signal?: AbortSignal): Promise<number> {
    this.#options.index.delete(this.id);
    await this.#flow.drain(signal).catch(() => undefined);
    const { dropped } = this.#subscription.close({ drop: true });
    await this.#flow.close();
    return dropped;
  }

  /** Stops without giving anything up. */
  async close(): Promise<void> {
    await this.#flow.close();
  }

  #subscribe(settings: DispatchSettings): ChannelSubscription<Progress> {
    return this.#options.channel.subscribe<Progress>({
      id: this.id,
      selector: this.#options.selector,
      bounds: settings.bounds,
      overflow: settings.overflow,
      codec: { encode: encodeProgress, decode: decodeProgress },
      label: `trigger:${this.name}`,
    });
  }

  /** Compiled only when the filter itself changed. Admission has checked it: an error here fails closed. */
  #useFilter(trigger: Trigger): void {
    const { filter, filters } = trigger.spec;
    const text = JSON.stringify({ filter, filters });
    if (text === this.#filterText) return;
    this.#filterText = text;
    const { index, deps } = this.#options;
    try {
      const compiled = compileFilter({
        ...(filter?.attributes === undefined ? {} : { attributes: filter.attributes }),
        ...(filters === undefined ? {} : { filters }),
      });
      index.set(this.id, compiled, this.id);
    } catch (error) {
      index.delete(this.id);
      deps.logger.error(
        { err: error, trigger: this.name },
        'filter of a trigger cannot be compiled',
      );
    }
  }
}
