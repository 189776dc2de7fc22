/** What reconcilers are made of in table tests: everything real, over the table's store. */
import {
  AddressResolver,
  InformerSet,
  isNotFound,
  localServices,
  MemoryStore,
  StoreError,
  Tracker,
  type Admission,
  type GroupVersionKind,
  type Reconciler,
} from '@afflux/control';
import { reconcileTable, type ReconcileRow, type TableWorld } from '@afflux/control/testkit';
import { newUuid } from '@afflux/kernel';
import { FakeClock, recordingLogger } from '@afflux/kernel/testing';
import {
  admit,
  builtinKinds,
  SHIPPED_BROKER_DEFAULTS,
  SHIPPED_CHANNEL_DEFAULTS,
  SHIPPED_FEATURES,
  type ApiObject,
  type Condition,
} from '@afflux/resources';
import { expect, onTestFinished } from 'vitest';
import type { LookUp } from '../reconcile/dependency.ts';

export const REGISTRY = builtinKinds();

export interface BrokerWorld extends TableWorld {
  readonly resolver: AddressResolver;
  readonly lookUp: LookUp;
}

/** One test per row, each of which also runs a second time and must then write nothing. */
export function brokerTable<T extends ApiObject>(
  kind: GroupVersionKind,
  make: (world: BrokerWorld) => Reconciler<T>,
  rows: readonly ReconcileRow[],
): void {
  reconcileTable({
    kind,
    registry: REGISTRY,
    admission: shippedAdmission,
    // The table treats the objects of every kind alike.
    make: (world) => make(brokerWorld(world)),
    rows,
  });
}

/** Defaults and rules of a process that nobody configured. */
const shippedAdmission: Admission = (object, old, { fieldManager }) => {
  const context = {
    features: SHIPPED_FEATURES,
    brokerDefaults: SHIPPED_BROKER_DEFAULTS,
    channelDefaults: SHIPPED_CHANNEL_DEFAULTS,
    systemNamespace: 'knative-eventing',
    ...(fieldManager === undefined ? {} : { user: fieldManager }),
  };
  const decision = admit(REGISTRY, object, context, old);
  if (decision.object !== undefined) return decision.object;
  throw new StoreError('AFFLUX_STORE_INVALID', decision.errors.toString());
};

/** An empty store, with informers that close when the test ends. */
export function startStore(): TableWorld & { readonly store: MemoryStore } {
  const clock = new FakeClock();
  const logger = recordingLogger();
  const store = new MemoryStore({ clock, newId: newUuid, registry: REGISTRY });
  const informers = new InformerSet({ store, clock, logger });
  onTestFinished(() => informers.close());
  return { store, informers, tracker: new Tracker({ informers }), clock, logger };
}

export function brokerWorld(world: TableWorld): BrokerWorld {
  const { store, informers, tracker } = world;
  const services = localServices(new Map([['default/mapped', 'http://localhost:9000']]));
  return {
    ...world,
    resolver: new AddressResolver({ store, informers, registry: REGISTRY, services, tracker }),
    lookUp: async (reference) => {
      try {
        return await store.get(reference, reference);
      } catch (error) {
        if (isNotFound(error)) return undefined;
        throw error;
      }
    },
  };
}

/** `conditions` has these, among others. */
export function conditions(...wanted: readonly Partial<Condition>[]): unknown {
  return expect.arrayContaining(
    wanted.map((condition) => expect.objectContaining(condition) as unknown),
  );
}

/** A text that contains this one. */
export function containing(text: string): string {
  return expect.stringContaining(text) as string;
}

/** An object without this field. */
export function without(field: string): unknown {
  return expect.not.objectContaining({ [field]: expect.anything() as unknown });
}
