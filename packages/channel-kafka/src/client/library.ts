/**
 * The one place that sets the client library up: connection settings, compressions, silence, and two repairs.
 *
 * - Its request queue arms a timer for a moment in the past again and again, once a millisecond for each
 *   connection and for ever. The timer is needed only while requests wait; without any it is not armed.
 * - It logs to the console and quotes what brokers answer. Its log goes to ours at the level `debug`.
 */
import { createRequire } from 'node:module';
import { type Cluster, Kafka, type KafkaConfig, logLevel, type SASLOptions } from 'kafkajs';
import type { Logger } from '@afflux/kernel';
import { registerCodecs } from './codecs.ts';
import type { KafkaAuth, KafkaConnection } from './connection.ts';

export interface LibraryOptions {
  readonly logger: Logger;
  /** Default 10 s. */
  readonly requestTimeoutMs?: number;
}

const CONNECT_TIMEOUT_MS = 3_000;
const REQUEST_TIMEOUT_MS = 10_000;

export function openLibrary(connection: KafkaConnection, options: LibraryOptions): Kafka {
  registerCodecs();
  repairRequestQueue();
  const config: KafkaConfig = {
    clientId: 'afflux',
    brokers: [...connection.bootstrapServers],
    connectionTimeout: CONNECT_TIMEOUT_MS,
    authenticationTimeout: CONNECT_TIMEOUT_MS,
    requestTimeout: options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS,
    enforceRequestTimeout: true,
    retry: { retries: 1, initialRetryTime: 100, maxRetryTime: 1_000 },
    logLevel: logLevel.WARN,
    logCreator: () => (entry) => {
      options.logger.debug({ library: entry.namespace }, 'the Kafka client has something to say');
    },
    ...security(connection.auth),
  };
  return new Kafka(config);
}

function security(auth: KafkaAuth | undefined): Partial<KafkaConfig> {
  if (auth === undefined || auth.protocol === 'PLAINTEXT') return {};
  const usesTls = auth.protocol === 'SSL' || auth.protocol === 'SASL_SSL';
  const usesSasl = auth.protocol === 'SASL_PLAINTEXT' || auth.protocol === 'SASL_SSL';
  const { ca, cert, key } = auth.tls ?? {};
  const ssl = {
    minVersion: 'TLSv1.2' as const,
    ...(ca === undefined ? {} : { ca: [ca] }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
  const sasl = usesSasl && auth.sasl !== undefined ? { sasl: saslOptions(auth.sasl) } : {};
  return { ...(usesTls ? { ssl } : {}), ...sasl };
}

function saslOptions({ mechanism, user, password }: NonNullable<KafkaAuth['sasl']>): SASLOptions {
  const credentials = { username: user, password };
  switch (mechanism) {
    case 'PLAIN':
      return { mechanism: 'plain', ...credentials };
    case 'SCRAM-SHA-256':
      return { mechanism: 'scram-sha-256', ...credentials };
    case 'SCRAM-SHA-512':
      return { mechanism: 'scram-sha-512', ...credentials };
  }
}

/** The library's own view of the cluster, which its interface hands to partition assigners alone. */
export function clusterOf(kafka: Kafka): Cluster {
  let found: Cluster | undefined;
  kafka.consumer({
    groupId: 'afflux-none',
    allowAutoTopicCreation: false,
    partitionAssigners: [
      ({ cluster }) => {
        found = cluster;
        const none = { name: 'none', metadata: Buffer.alloc(0) };
        return {
          name: 'none',
          version: 0,
          assign: () => Promise.resolve([]),
          protocol: () => none,
        };
      },
    ],
  });
  if (found === undefined) throw new TypeError('the Kafka client made no assigner');
  return found;
}

interface RequestQueue {
  readonly pending: readonly unknown[];
  readonly throttledUntil: number;
  scheduleCheckPendingRequests(): void;
}

let isRepaired = false;

function repairRequestQueue(): void {
  if (isRepaired) return;
  isRepaired = true;
  const load = createRequire(import.meta.url);
  const { prototype } = load('kafkajs/src/network/requestQueue') as { prototype: RequestQueue };
  const schedule = Reflect.get(prototype, 'scheduleCheckPendingRequests') as unknown;
  // Another version of the library may not need the repair, or not have the method.
  if (typeof schedule !== 'function') return;
  prototype.scheduleCheckPendingRequests = function (this: RequestQueue): void {
    if (this.pending.length > 0) Reflect.apply(schedule, this, []);
  };
}
