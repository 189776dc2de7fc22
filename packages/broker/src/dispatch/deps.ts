/** What the data plane of brokers is given. */
import type { ChannelLease, ChannelRef, FlowScheduler } from '@afflux/channels';
import type { Sender } from '@afflux/delivery';
import type { CloudEvent } from '@afflux/events';
import type { RouteTable } from '@afflux/ingress';
import type { BrokerIdentity } from '../model/identity.ts';
import type { Clock, Logger, Meter, OnStep, Random, Tracer } from '@afflux/kernel';

export interface DispatchDeps {
  readonly routes: RouteTable;
  /**
   * The channel of a reference, shared with whoever else holds it. Throws, or its `ready` rejects, when it cannot
   * be had now; it is asked for again later then.
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
  /** Told of each event that a broker took; must be quick and must not throw. */
  readonly onAccepted?: (event: CloudEvent, broker: BrokerIdentity) => void;
  /** Told when a step of durability is reached. For tests that stop the process there. */
  readonly onStep?: OnStep;
}
