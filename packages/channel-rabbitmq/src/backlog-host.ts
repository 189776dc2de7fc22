/** What a backlog needs of its channel. */
import type { Clock, Logger, Random } from '@afflux/kernel';
import type { AmqpConnection } from './client/connection.ts';
import type { OutgoingMessage } from './client/confirm-publisher.ts';
import type { QueueNames } from './names.ts';
import type { Servers } from './server.ts';
import type { Topology } from './topology.ts';
import type { Verdicts } from './verdicts.ts';

export interface BacklogHost {
  readonly name: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly topology: Topology;
  readonly verdicts: Verdicts;
  readonly prefetchMax: number;
  /** Waits up to this are held in memory, unacknowledged; longer ones go in hops of it through their own queue. */
  readonly shortWaitMs: number;
  readonly handsOut: boolean;
  readonly consuming: AmqpConnection;
  readonly servers: Servers;
  /** Resolves when confirmed. */
  writeNow(messages: readonly OutgoingMessage[]): Promise<void>;
  newLetterId(): string;
  /** Makes sure that the queue of dead letters exists. */
  openDead(id: string, names: QueueNames): Promise<void>;
  /** Something left the hands of readers. */
  onSettled(): void;
}
