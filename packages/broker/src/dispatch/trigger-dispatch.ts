/**
 * One trigger at work: its filter in the broker's index, its subscription of the broker's channel, the flow
 * that pulls from it and the courier that delivers. All of them change in place when the trigger does, so
 * that the backlog stays (design, decision 19).
 *
 * The subscription is known by namespace and name of the trigger, never by a uid: a process that starts again
 * from the same files finds the backlog that it left. So that a trigger which is deleted and made again begins
 * with nothing, removal drops the backlog at once, before a successor can subscribe.
 */
import {
  SubscriptionFlow,
  type Capabilities,
  type Channel,
  type ChannelSubscription,
  type Selector,
} from '@afflux/channels';
import {
  Courier,
  decodeProgress,
  encodeProgress,
  notBeforeMs,
  type Progress,
} from '@afflux/delivery';
import { compileFilter, type FilterIndex } from '@afflux/filters';
import type { Broker, Trigger } from '@afflux/resources';
import { triggerKey } from '../model/trigger-view.ts';
import type { DispatchDeps } from './deps.ts';
import { dispatchSettings, type DispatchSettings } from './plan.ts';

export interface TriggerDispatchOptions {
  readonly deps: DispatchDeps;
  readonly channel: Channel;
  readonly capabilities: Capabilities;
  readonly index: FilterIndex<string>;
  readonly selector: Selector;
}

const CODEC = { encode: encodeProgress, decode: decodeProgress };

export class TriggerDispatch {
  /** `<namespace>/<name>`: of the subscription, of the filter in the index, and in logs. */
  readonly id: string;
  /** Which object of that name it serves. */
  readonly uid: string;
  readonly #label: string;
  readonly #options: TriggerDispatchOptions;
  readonly #courier: Courier;
  readonly #flow: SubscriptionFlow<Progress>;
  #subscription: ChannelSubscription<Progress>;
  #filterText: string | undefined;

  /** Throws when the channel refuses the subscription. */
  constructor(options: TriggerDispatchOptions, broker: Broker, trigger: Trigger) {
    const { deps } = options;
    const { namespace = '', name, uid = '' } = trigger.metadata;
    this.id = triggerKey(trigger);
    this.uid = uid;
    this.#label = `trigger:${name}.${namespace}`;
    this.#options = options;
    const settings = this.#settingsOf(broker, trigger);
    this.#courier = new Courier({
      sender: deps.sender,
      clock: deps.clock,
      random: deps.random,
      logger: deps.logger,
      meter: deps.meter,
      tracer: deps.tracer,
      plan: settings.plan,
      labels: {
        destination: this.#label,
        brokerName: broker.metadata.name,
        brokerNamespace: broker.metadata.namespace ?? '',
      },
      contextOf: (event) => event.carried,
      onStep: deps.onStep,
    });
    if (settings.beginsTooLate === true) {
      deps.logger.warn(
        { trigger: this.id },
        'trigger begins with new events: its channel keeps no others',
      );
    }
    this.#subscription = this.#subscribe(settings);
    this.#flow = new SubscriptionFlow({
      subscription: this.#subscription,
      handle: (event, progress, signal) => this.#courier.deliver(event, progress, signal),
      settings: settings.flow,
      labels: {
        namespace,
        kind: 'Broker',
        name: broker.metadata.name,
        subscription: this.#label,
      },
      clock: deps.clock,
      random: deps.random,
      logger: deps.logger,
      meter: deps.meter,
      scheduler: deps.scheduler,
      // Elsewhere the route refuses events that must wait.
      ...(options.capabilities.delayed
        ? { notBefore: (event) => notBeforeMs(event, deps.clock.now()) }
        : {}),
      onStep: deps.onStep,
    });
    this.#useFilter(trigger);
  }

  /** Rejects when the back-end refuses the subscription; it is of no use then. */
  async start(): Promise<void> {
    // Looked at before the first wait, so that an early rejection has somebody to hear it.
    const isSetUp = this.#subscription.ready;
    await Promise.all([this.#flow.start(), isSetUp]);
  }

  /** Takes over a changed trigger or broker; what is under way ends by the plan it began with. */
  update(broker: Broker, trigger: Trigger): void {
    const settings = this.#settingsOf(broker, trigger);
    this.#subscription = this.#subscribe(settings);
    this.#courier.plan = settings.plan;
    this.#flow.settings = settings.flow;
    this.#useFilter(trigger);
  }

  /**
   * The trigger is gone: no event matches any more and the backlog is forgotten, both before this returns.
   * Attempts under way finish, and how they end changes nothing. Resolves then with how many accepted events
   * were given up besides those.
   */
  async remove(signal?: AbortSignal): Promise<number> {
    this.#options.index.delete(this.id);
    const underWay = this.#flow.inFlight;
    const { dropped } = this.#subscription.close({ drop: true });
    await this.#flow.drain(signal).catch(() => undefined);
    await this.#flow.close();
    return Math.max(0, dropped - underWay);
  }

  /** Stops without giving anything up. */
  async close(): Promise<void> {
    await this.#flow.close();
  }

  /** Stops and leaves the backlog to whoever subscribes for the same trigger next. */
  async detach(): Promise<void> {
    this.#options.index.delete(this.id);
    await this.#flow.close();
    this.#subscription.close();
  }

  #settingsOf(broker: Broker, trigger: Trigger): DispatchSettings {
    const { deps, capabilities } = this.#options;
    return dispatchSettings({ broker, trigger, capabilities, clock: deps.clock });
  }

  #subscribe(settings: DispatchSettings): ChannelSubscription<Progress> {
    const { from, storageName } = settings;
    return this.#options.channel.subscribe<Progress>({
      id: this.id,
      selector: this.#options.selector,
      bounds: settings.bounds,
      overflow: settings.overflow,
      codec: CODEC,
      label: `trigger:${this.id}`,
      ...(from === undefined ? {} : { from }),
      ...(storageName === undefined ? {} : { storageName }),
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
      deps.logger.error({ err: error, trigger: this.id }, 'filter of a trigger cannot be compiled');
    }
  }
}
