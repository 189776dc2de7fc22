/**
 * The data plane of all brokers: follows Brokers and Triggers through the store and keeps one unit per broker
 * at work. It reads what the reconcilers wrote into status and never calls them.
 *
 * A broker has its address from the moment it is known here, and works from the moment its status names its
 * channel; it needs not be Ready (contract §5.2 row 11). An object that is being deleted counts as gone: its
 * finalizers wait for what is behind it, which must be out of use by then.
 */
import type { Informer } from '@afflux/control';
import { BaseComponent } from '@afflux/kernel';
import type { ApiObject, Broker, Trigger } from '@afflux/resources';
import { brokerFamily } from '../model/broker-class.ts';
import { brokerNameOf, brokerNamespaceOf, triggerKey } from '../model/trigger-view.ts';
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
        this.#onTrigger(alive(old) as Trigger | undefined, alive(current) as Trigger | undefined);
      }),
      this.#options.brokers.onChange(({ old, new: current }) => {
        this.#onBroker(alive(old) as Broker | undefined, alive(current) as Broker | undefined);
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
    if (current === undefined || brokerFamily(current) === undefined) {
      if (old !== undefined) this.#end(keyOf(old));
      return;
    }
    const key = keyOf(current);
    const unit = this.#units.get(key);
    if (unit?.fits(current) === true) {
      unit.update(current);
      return;
    }
    this.#end(key);
    this.#units.set(
      key,
      new BrokerUnit({
        deps: this.#options,
        broker: current,
        triggers: () => [...(this.#triggersByBroker.get(key)?.values() ?? [])],
      }),
    );
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
      // It reports its own failures.
      void this.#units.get(key)?.removeTrigger(old);
    }
    if (current === undefined) return;
    const key = brokerKeyOf(current);
    let known = this.#triggersByBroker.get(key);
    if (known === undefined) {
      known = new Map();
      this.#triggersByBroker.set(key, known);
    }
    known.set(triggerKey(current), current);
    this.#units.get(key)?.setTrigger(current);
  }

  #forget(key: string, trigger: Trigger): void {
    const known = this.#triggersByBroker.get(key);
    known?.delete(triggerKey(trigger));
    if (known?.size === 0) this.#triggersByBroker.delete(key);
  }
}

/** The object, unless its deletion has begun. */
function alive(object: ApiObject | undefined): ApiObject | undefined {
  return object?.metadata.deletionTimestamp === undefined ? object : undefined;
}

function keyOf(object: ApiObject): string {
  return `${object.metadata.namespace ?? ''}/${object.metadata.name}`;
}

function brokerKeyOf(trigger: Trigger): string {
  return `${brokerNamespaceOf(trigger)}/${brokerNameOf(trigger)}`;
}
