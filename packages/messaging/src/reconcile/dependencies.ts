/** What the reconcilers of this package are given. */
import type { ChannelBacking, ChannelRef, Provision } from '@afflux/channels';
import type {
  AddressResolver,
  EventRecorder,
  GroupVersionKind,
  InformerSet,
  ResourceStore,
  Tracker,
} from '@afflux/control';
import type { Clock, Logger, Meter, Random } from '@afflux/kernel';
import type { AdmissionContext, KindRegistry } from '@afflux/resources';
import type { BackingSources } from '../model/backing-sources.ts';

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
  /** Where the settings of back-ends are. Needed for kinds that have a back-end. */
  readonly backingSources?: BackingSources;
  /**
   * Administration of the back-end of a channel; undefined where a channel needs nothing but itself. Throws a
   * `ChannelError` where the driver is not there or refuses the configuration.
   */
  readonly provision?: (backing: ChannelBacking, ref: ChannelRef) => Provision | undefined;
  /**
   * Whether the data plane of this process still holds the channel: what stands behind a deleted one is removed
   * after that. Absent: the data plane is elsewhere.
   */
  readonly isInUse?: (ref: ChannelRef) => boolean;
  /** Told what happens to the objects. */
  readonly events?: Pick<EventRecorder, 'record'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly meter?: Meter;
  readonly random?: Random;
}
