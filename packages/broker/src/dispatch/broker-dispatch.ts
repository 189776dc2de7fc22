/**
 * The data plane of all brokers: follows Brokers and Triggers through the store and keeps one unit per broker
 * at work. It reads what the reconcilers wrote into status and never calls them.
 *
 * A broker works from the moment its status names its channel; it needs not be Ready (contract §5.2 row 11).
 */
import type { Informer } from '@afflux/control';
import { BaseComponent } from '@afflux/kernel';
import {
  BROKER_CHANNEL_STATUS,
  BROKER_CLASS,
  MT_BROKER_CLASS,
  type ApiObject,
  type Broker,
  type Trigger,
} from '@afflux/resources';
import { brokerNameOf, brokerNamespaceOf } from '../model/trigger-view.ts';
import { BrokerUnit } from './broker-unit.ts';
import type { DispatchDeps } from './deps.ts';

export interface BrokerDispatchOptions extends DispatchDeps {
  readonly brokers: Informer;
  readonly triggers: Informer;
}

export class BrokerDispatch extends BaseComponent {
  readonly name = 'broker dispatch';
  readonly #options: BrokerDispatchOptions;
  readonly #units = new Map<string, BrokerUnit>();
  /** Triggers by the broker they name, so that a new broker finds those that were there before it. */
  readonly #triggersByBroker = new Map<string, Map<string, Trigger>>();
  #unsubscribe: (() => void)[] = [];

  constructor(options: BrokerDispatchOptions) {
    super();
    this.#options = options;
  }

  protected override onStart(): Promise<void> {
    this.#unsubscribe = [
      this.#options.triggers.onChange(({ old, new: current }) => {
        this.#onTrigger(old as Trigger | undefined, current as Trigger | undefined);
      }),
      this.#options.brokers.onChange(({ old, new: current }) => {
        this.#onBroker(old as Broker | undefined, current as Broker | undefined);
      }),
    ];
    return Promise.resolve();
  }

  protected override async onClose(): Promise<void> {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    await Promise.all([...this.#units.values()].map((unit) => unit.close()));
    this.#units.clear();
  }

  #onBroker(old: Broker | undefined, current: Broker | undefined): void {
    const subject = current ?? old;
    if (subject === undefined) return;
    const key = keyOf(subject);
    const unit = this.#units.get(key);
    const channel = current === undefined ? undefined : channelOf(current);
    if (current === undefined || channel === undefined) {
      // A broker whose status lost its channel keeps working on it; only its end ends the unit.
      if (current === undefined) this.#end(key);
      return;
    }
    const isSame =
      unit !== undefined &&
      unit.uid === current.metadata.uid &&
      unit.channelRef.name === channel.name &&
      unit.channelRef.kind === channel.kind;
    if (isSame) {
      unit.updateBroker(current, this.#triggersOf(key));
      return;
    }
    this.#end(key);
    this.#begin(key, current, channel);
  }

  #begin(
    key: string,
    broker: Broker,
    channel: { kind: string; namespace: string; name: string },
  ): void {
    const unit = new BrokerUnit(this.#options, broker, channel);
    this.#units.set(key, unit);
    void unit
      .start()
      .then(() => {
        if (this.#units.get(key) !== unit) return;
        for (const trigger of this.#triggersOf(key)) unit.setTrigger(trigger);
        unit.open();
      })
      .catch((error: unknown) => {
        this.#options.logger.error({ err: error, broker: key }, 'broker cannot start');
      });
  }

  #end(key: string): void {
    const unit = this.#units.get(key);
    if (unit === undefined) return;
    this.#units.delete(key);
    void unit.remove().catch((error: unknown) => {
      this.#options.logger.error({ err: error, broker: key }, 'broker cannot be closed');
    });
  }

  #onTrigger(old: Trigger | undefined, current: Trigger | undefined): void {
    if (
      old !== undefined &&
      (current === undefined ||
        brokerKeyOf(old) !== brokerKeyOf(current) ||
        old.metadata.uid !== current.metadata.uid)
    ) {
      const key = brokerKeyOf(old);
      this.#forget(key, old);
      void this.#units.get(key)?.removeTrigger(old.metadata.uid ?? '');
    }
    if (current === undefined) return;
    const key = brokerKeyOf(current);
    let known = this.#triggersByBroker.get(key);
    if (known === undefined) {
      known = new Map();
      this.#triggersByBroker.set(key, known);
    }
    known.set(current.metadata.uid ?? '', current);
    this.#units.get(key)?.setTrigger(current);
  }

  #forget(key: string, trigger: Trigger): void {
    const known = this.#triggersByBroker.get(key);
    known?.delete(trigger.metadata.uid ?? '');
    if (known?.size === 0) this.#triggersByBroker.delete(key);
  }

  #triggersOf(key: string): readonly Trigger[] {
    return [...(this.#triggersByBroker.get(key)?.values() ?? [])];
  }
}

function keyOf(object: ApiObject): string {
  return `${object.metadata.namespace ?? ''}/${object.metadata.name}`;
}

function brokerKeyOf(trigger: Trigger): string {
  return `${brokerNamespaceOf(trigger)}/${brokerNameOf(trigger)}`;
}

function channelOf(broker: Broker): { kind: string; namespace: string; name: string } | undefined {
  if (broker.metadata.annotations?.[BROKER_CLASS] !== MT_BROKER_CLASS) return undefined;
  const annotations = broker.status?.annotations;
  const kind = annotations?.[BROKER_CHANNEL_STATUS.kind];
  const name = annotations?.[BROKER_CHANNEL_STATUS.name];
  if (kind === undefined || name === undefined) return undefined;
  return { kind, name, namespace: broker.metadata.namespace ?? '' };
}
