/**
 * What the reconcilers of brokers that are channels themselves have in common: making what is in the back-end,
 * removing it with the subscriptions of all triggers, and watching the objects that say where the back-end is.
 */
import {
  observerOf,
  type AddressResolver,
  type ObjectKey,
  type ReconcileContext,
  type Tracker,
} from '@afflux/control';
import type { Broker } from '@afflux/resources';
import type { BackingSources } from '../model/backing-sources.ts';
import { brokerReferences } from '../model/broker-backing.ts';
import { ownChannelRef } from '../model/broker-class.ts';
import { BROKER } from '../model/kinds.ts';
import type { BrokerUrl } from './broker-address.ts';
import type { BrokerSubscriptions } from './broker-subscriptions.ts';
import { Topology, type Made, type ProvisionFor } from './topology.ts';

export interface OwnChannelOptions {
  readonly sources: BackingSources;
  readonly provision: ProvisionFor;
  readonly subscriptions: BrokerSubscriptions;
  readonly resolver: AddressResolver;
  readonly tracker: Tracker;
  /** Address that works from where the user is. */
  readonly brokerUrl: BrokerUrl;
}

export class OwnChannel {
  readonly #options: OwnChannelOptions;
  readonly #topology = new Topology();

  constructor(options: OwnChannelOptions) {
    this.#options = options;
  }

  /** A changed ConfigMap, Secret or configuration object brings the broker back. */
  track(broker: Broker): void {
    const { sources, tracker } = this.#options;
    const { namespace = '', name } = broker.metadata;
    for (const reference of brokerReferences(broker, sources)) {
      tracker.track(reference, observerOf(BROKER, { namespace, name }));
    }
  }

  /** Makes what the broker stands on. */
  async make(broker: Broker, { signal }: ReconcileContext): Promise<Made<unknown>> {
    const key = keyOf(broker.metadata);
    const administration = this.#options.provision(ownChannelRef(broker));
    if (administration !== undefined) {
      return this.#topology.make(key, () => administration.ensure({ signal }));
    }
    const message = 'there is no driver for this class of Broker in this process';
    return { failure: this.#topology.fail(key, 'DriverMissing', message) };
  }

  /** Removes the subscriptions of all triggers, then what the broker stood on. See `Topology.remove`. */
  async remove(broker: Broker, what: string, context: ReconcileContext): Promise<void> {
    const { provision, subscriptions } = this.#options;
    const { signal, logger } = context;
    const administration = provision(ownChannelRef(broker));
    await this.#topology.remove({
      key: keyOf(broker.metadata),
      what,
      logger,
      run:
        administration &&
        (async () => {
          await subscriptions.removeAll(broker, administration, { signal });
          // Leaves alone what others made.
          await administration.remove({ signal });
        }),
    });
  }

  /** The object is gone. */
  forget(key: ObjectKey): void {
    this.#topology.forget(keyOf(key));
  }
}

function keyOf({ namespace = '', name }: ObjectKey): string {
  return `${namespace}/${name}`;
}
