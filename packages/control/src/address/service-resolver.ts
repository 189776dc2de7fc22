/**
 * Where a `v1` Service is. A cluster has DNS for that; a laptop has none, so a Service there is either of type
 * ExternalName, or the user says where it runs (`services:` in the project file).
 */
import type { ApiObject } from '@afflux/resources';
import type { ObjectKey } from '../store/resource-store.ts';

/** What is asked for besides the name. */
export interface ServiceRequest {
  /** The destination carries CA certificates: the answer's scheme is `https` unless the user fixed it. */
  readonly tls: boolean;
  /** The Service object, where the store has one. */
  readonly service: ApiObject | undefined;
}

/** Finds the URL of a Service; undefined where it has none here. */
export type ServiceResolver = (key: ObjectKey, request: ServiceRequest) => string | undefined;
