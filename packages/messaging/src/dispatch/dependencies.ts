/** What the data plane of channels is given. */
import type { ChannelLease, ChannelRef, FlowScheduler } from '@afflux/channels';
import type { GroupVersionKind, InformerSet } from '@afflux/control';
import type { Sender } from '@afflux/delivery';
import type { CloudEvent } from '@afflux/events';
import type { RouteTable } from '@afflux/ingress';
import type { Clock, Logger, Meter, OnStep, Random, Tracer } from '@afflux/kernel';

export interface ChannelDispatchOptions {
  readonly informers: Pick<InformerSet, 'get'>;
  readonly routes: RouteTable;
  /** Channel kinds to serve. Default: InMemoryChannel. */
  readonly channelKinds?: readonly GroupVersionKind[];
  /**
   * The channel of a reference, shared with whoever else holds it (a Broker that stands on it). Throws, or its
   * `ready` rejects, when it cannot be had now; it is asked for again later then.
   */
  readonly openChannel: (ref: ChannelRef) => ChannelLease;
  readonly sender: Sender;
  /** Shared by all flows of the process, for fairness between namespaces. */
  readonly scheduler: FlowScheduler;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly meter: Meter;
  readonly tracer: Tracer;
  /**
   * Told of each event that a channel took, unless the channel belongs to a Broker, which tells of its events
   * itself. Must be quick and must not throw. For whatever wants to know the events that pass, such as the
   * automatic creation of EventTypes.
   */
  readonly onAccepted?: (event: CloudEvent, channel: ChannelName) => void;
  /** Told when a step of durability is reached. For tests that stop the process there. */
  readonly onStep?: OnStep;
  /**
   * How long a deleted channel goes on delivering what it had accepted before the rest is dropped, with its
   * count in the log. Default 30 s.
   */
  readonly deletedDrainMsMax?: number;
}

/** Says which channel took an event. One object per channel. */
export interface ChannelName {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/** Default of {@link ChannelDispatchOptions.deletedDrainMsMax}. */
export const DELETED_DRAIN_MS_MAX = 30_000;
