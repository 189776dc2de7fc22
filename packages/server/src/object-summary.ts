/** What a person wants to know of an object at a glance. */
import { findCondition, type ApiObject, type Condition } from '@afflux/resources';

export interface ObjectSummary {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** `True`, `False`, `Unknown`; empty for kinds that have no such condition. */
  readonly ready: string;
  readonly reason: string;
  readonly message: string;
  /** Where it receives events, or sends them; empty where it does neither. */
  readonly url: string;
}

interface KnownStatus {
  readonly observedGeneration?: number;
  readonly conditions?: Condition[];
  readonly address?: { readonly url?: string };
  readonly subscriberUri?: string;
  readonly physicalSubscription?: { readonly subscriberUri?: string };
}

export function summaryOf(object: ApiObject): ObjectSummary {
  const status = object.status as KnownStatus | undefined;
  const ready = findCondition(status, 'Ready');
  return {
    kind: object.kind,
    namespace: object.metadata.namespace ?? '',
    name: object.metadata.name,
    ready: ready?.status ?? '',
    reason: ready?.reason ?? '',
    message: ready?.message ?? '',
    url:
      status?.address?.url ??
      status?.subscriberUri ??
      status?.physicalSubscription?.subscriberUri ??
      '',
  };
}
