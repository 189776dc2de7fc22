/** How a cluster is reached, as plain data. May hold secrets: never log it, never put it into an error. */
import { createHash } from 'node:crypto';

export type SaslMechanism = 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512';

export interface KafkaAuth {
  readonly protocol: 'PLAINTEXT' | 'SASL_PLAINTEXT' | 'SSL' | 'SASL_SSL';
  readonly sasl?:
    | { readonly mechanism: SaslMechanism; readonly user: string; readonly password: string }
    | undefined;
  /** PEM texts. Without `ca` the roots of the system count. */
  readonly tls?:
    | {
        readonly ca?: string | undefined;
        readonly cert?: string | undefined;
        readonly key?: string | undefined;
      }
    | undefined;
}

export interface KafkaConnection {
  /** `host:port`. */
  readonly bootstrapServers: readonly string[];
  readonly auth?: KafkaAuth | undefined;
}

/** The same for two descriptions of one connection; tells nothing about the secrets in it. */
export function connectionKey({ bootstrapServers, auth }: KafkaConnection): string {
  const parts = [[...bootstrapServers].sort(), auth?.protocol, auth?.sasl, auth?.tls];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
