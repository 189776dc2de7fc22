export type { ClusterAccess, ExecPlugin } from './cluster-access.ts';
export { Discovery, resourcesOf } from './discovery.ts';
export type { ApiResource } from './discovery-documents.ts';
export { KubernetesError } from './errors.ts';
export type { KubernetesErrorCode } from './errors.ts';
export { inClusterAccess } from './in-cluster.ts';
export { kubeconfigPaths, loadClusterAccess } from './kubeconfig.ts';
export type { KubeconfigOptions } from './kubeconfig.ts';
export { KubernetesStore } from './kubernetes-store.ts';
export type { KindLookup, KubernetesStoreOptions } from './kubernetes-store.ts';
export { linesOf } from './lines.ts';
export { mergeKubeconfig, removeFromKubeconfig } from './merge-kubeconfig.ts';
export type { KubeconfigEntry } from './merge-kubeconfig.ts';
export { collectionPath, objectPath } from './resource-path.ts';
export { REST_CLIENT_LIMITS, RestClient } from './rest-client.ts';
export type {
  RestAnswer,
  RestClientLimits,
  RestClientOptions,
  RestRequest,
  RestStream,
  StreamRequest,
} from './rest-client.ts';
export { asStatus, statusError } from './status-error.ts';
