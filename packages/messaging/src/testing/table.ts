/** What reconcilers are made of in table tests: everything real, over the table's store. */
import {
  AddressResolver,
  type GroupVersionKind,
  localServices,
  type Reconciler,
} from '@afflux/control';
import { reconcileTable, type ReconcileRow, type TableWorld } from '@afflux/control/testkit';
import type { ApiObject } from '@afflux/resources';
import { DEFAULT_CHANNEL_KINDS } from '../reconcile/channel-kinds.ts';
import { Children } from '../reconcile/children.ts';
import type { MessagingDependencies } from '../reconcile/dependencies.ts';
import { FlowChildren } from '../reconcile/flow-children.ts';
import { admissionContext, admissionWith, REGISTRY } from './admission.ts';

export interface Parts {
  readonly deps: MessagingDependencies & {
    readonly channelKinds: readonly GroupVersionKind[];
  };
  readonly children: Children;
  readonly flow: FlowChildren;
}

/** One test per row, each of which also runs a second time and must then write nothing. */
export function messagingTable<T extends ApiObject>(
  kind: GroupVersionKind,
  make: (parts: Parts) => Reconciler<T>,
  rows: readonly ReconcileRow[],
): void {
  reconcileTable({
    kind,
    registry: REGISTRY,
    admission: admissionWith(admissionContext),
    make: (world) => make(partsOf(world)),
    rows,
  });
}

function partsOf({ store, informers, tracker, clock, logger }: TableWorld): Parts {
  const services = localServices(new Map([['default/mapped', 'http://localhost:9000']]));
  const deps = {
    store,
    informers,
    tracker,
    clock,
    logger,
    registry: REGISTRY,
    admission: () => admissionContext(),
    resolver: new AddressResolver({ store, informers, registry: REGISTRY, services, tracker }),
    addresses: {
      channelUrl: (namespace: string, name: string) =>
        `http://localhost:8080/${namespace}/channels/${name}`,
    },
    channelKinds: DEFAULT_CHANNEL_KINDS,
  };
  const children = new Children(deps);
  return { deps, children, flow: new FlowChildren(children, DEFAULT_CHANNEL_KINDS) };
}
