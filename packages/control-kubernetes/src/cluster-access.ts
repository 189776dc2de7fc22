/**
 * How to reach one cluster and as whom: what a kubeconfig file or a pod's service account comes down to. Plain data;
 * `credentials.ts` makes headers and certificates of it.
 */

/** A program that hands out credentials (client-go's `exec` credential plug-ins). */
export interface ExecPlugin {
  readonly apiVersion: 'client.authentication.k8s.io/v1' | 'client.authentication.k8s.io/v1beta1';
  /** Looked up in PATH, or an absolute path. Never run by a shell. */
  readonly command: string;
  readonly args: readonly string[];
  /** All of its environment: that of this process and what the kubeconfig adds. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether the program is told which cluster it is for. */
  readonly provideClusterInfo: boolean;
  /** `clusters[].cluster.extensions["client.authentication.k8s.io/exec"]`, handed on with the cluster. */
  readonly clusterConfig?: unknown;
  /** What to tell somebody who does not have the program. */
  readonly installHint?: string | undefined;
}

/** One cluster and one user. */
export interface ClusterAccess {
  /** URL of the API server, without a slash at its end. */
  readonly server: string;
  /** Where objects are meant to be when nothing else is said. */
  readonly namespace: string;
  /** Where this was read, for messages: a file and a context, or the service account of a pod. */
  readonly origin: string;
  /** PEM of the authorities that may vouch for the server; absent means those that Node trusts. */
  readonly ca?: string | undefined;
  /** PEM of the client's certificate and key. */
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly token?: string | undefined;
  /** File with a token that others renew; goes before `token`. */
  readonly tokenFile?: string | undefined;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly exec?: ExecPlugin | undefined;
  /** Name that the server's certificate must have, where it is not the host of `server`. */
  readonly tlsServerName?: string | undefined;
  /** Believe whoever answers. */
  readonly insecureSkipTlsVerify?: boolean | undefined;
}
