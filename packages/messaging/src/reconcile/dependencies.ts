/** What the reconcilers of this package are given. */
import type {
  AddressResolver,
  GroupVersionKind,
  InformerSet,
  ResourceStore,
  Tracker,
} from '@afflux/control';
import type { Clock, Logger, Meter, Random } from '@afflux/kernel';
import type { AdmissionContext, KindRegistry } from '@afflux/resources';

/** Where channels are reached from outside. */
export interface ChannelAddresses {
  /** URL at which the channel takes events, such as `http://localhost:8080/default/channels/orders`. */
  channelUrl(namespace: string, name: string): string;
}

export interface MessagingDependencies {
  readonly store: ResourceStore;
  readonly informers: Pick<InformerSet, 'get'>;
  readonly registry: Pick<KindRegistry, 'get'>;
  /** The present configuration: children are compared with what admission makes of them. */
  readonly admission: () => AdmissionContext;
  /** Shares `tracker`, so that a changed destination leads to another run. */
  readonly resolver: Pick<AddressResolver, 'resolve'>;
  readonly tracker: Tracker;
  readonly addresses: ChannelAddresses;
  /** Channel kinds that a template may name and a Subscription may read. Default: InMemoryChannel. */
  readonly channelKinds?: readonly GroupVersionKind[];
  readonly clock: Clock;
  readonly logger: Logger;
  readonly meter?: Meter;
  readonly random?: Random;
}
