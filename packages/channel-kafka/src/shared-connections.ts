/** Connections that channels of one driver share: one producer and one administration for each distinct cluster. */
import type { DriverContext } from '@afflux/channels';
import { connectionKey, KafkaAdmin, type KafkaConnection, KafkaProducer } from './client/index.ts';

export interface ConnectionLease {
  readonly producer: KafkaProducer;
  readonly admin: KafkaAdmin;
  /** Once; the last one closes the connections, after what is under way. */
  release(): Promise<void>;
}

type Watcher = (trouble: string | undefined) => void;

interface Shared {
  readonly producer: KafkaProducer;
  readonly admin: KafkaAdmin;
  readonly watchers: Set<Watcher>;
}

export type ConnectionContext = Pick<DriverContext, 'clock' | 'random' | 'logger'>;

export class SharedConnections {
  readonly #shared = new Map<string, Shared>();

  /** `watch` is told when the cluster is lost and found again. Does no I/O. */
  lease(connection: KafkaConnection, context: ConnectionContext, watch: Watcher): ConnectionLease {
    const key = connectionKey(connection);
    const shared = this.#shared.get(key) ?? this.#open(key, connection, context);
    shared.watchers.add(watch);
    let isReleased = false;
    return {
      producer: shared.producer,
      admin: shared.admin,
      release: async () => {
        if (isReleased) return;
        isReleased = true;
        shared.watchers.delete(watch);
        if (shared.watchers.size > 0) return;
        if (this.#shared.get(key) === shared) this.#shared.delete(key);
        await Promise.all([shared.producer.close(), shared.admin.close()]);
      },
    };
  }

  #open(key: string, connection: KafkaConnection, context: ConnectionContext): Shared {
    const watchers = new Set<Watcher>();
    const { clock, random, logger } = context;
    const onTrouble = (trouble: string | undefined): void => {
      for (const watch of [...watchers]) watch(trouble);
    };
    const shared = {
      producer: new KafkaProducer(connection, { clock, random, logger, onTrouble }),
      admin: new KafkaAdmin(connection, { clock, logger }),
      watchers,
    };
    this.#shared.set(key, shared);
    return shared;
  }
}
