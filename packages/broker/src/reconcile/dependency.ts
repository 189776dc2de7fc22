/**
 * The annotation `knative.dev/dependency`: a trigger waits until a source of its namespace is Ready.
 */
import type { Tracker } from '@afflux/control';
import {
  findCondition,
  type ApiObject,
  type Condition,
  type KindRegistry,
} from '@afflux/resources';

export interface DependencyReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

export type DependencyVerdict =
  | { readonly isReady: true }
  | {
      readonly isReady: false;
      readonly status: 'False' | 'Unknown';
      readonly reason: string;
      readonly message: string;
    };

/** Reads any object; undefined when it is not there, or its kind is not known here. */
export type LookUp = (reference: DependencyReference) => Promise<ApiObject | undefined>;

/** Watches the object, unless its kind is not known here: nothing of such a kind will ever be there to see. */
export function trackKnown(
  {
    registry,
    tracker,
  }: { readonly registry: Pick<KindRegistry, 'get'>; readonly tracker: Tracker },
  reference: DependencyReference,
  observer: string,
): void {
  if (registry.get(reference.apiVersion, reference.kind) === undefined) return;
  tracker.track(reference, observer);
}

interface Dependable {
  readonly observedGeneration?: number;
  readonly conditions?: Condition[];
}

/** Whether the object that a trigger waits for is Ready; `object` is undefined when it is not there. */
export function dependencyVerdict(
  { kind, namespace, name }: DependencyReference,
  object: ApiObject | undefined,
): DependencyVerdict {
  if (object === undefined) {
    return notReady(
      'False',
      'DependencyDoesNotExist',
      `${kind} "${namespace}/${name}" does not exist`,
    );
  }
  const status = object.status as Dependable | undefined;
  if (status?.observedGeneration !== object.metadata.generation) {
    return notReady(
      'Unknown',
      'GenerationNotEqual',
      `${kind} "${namespace}/${name}" has not been looked at since its last change`,
    );
  }
  const ready = findCondition(status, 'Ready') ?? findCondition(status, 'Succeeded');
  if (ready === undefined) {
    return notReady(
      'Unknown',
      'DependencyNotConfigured',
      `${kind} "${namespace}/${name}" says nothing of being ready`,
    );
  }
  if (ready.status === 'True') return { isReady: true };
  return notReady(ready.status, ready.reason ?? 'DependencyNotReady', ready.message ?? '');
}

function notReady(status: 'False' | 'Unknown', reason: string, message: string): DependencyVerdict {
  return { isReady: false, status, reason, message };
}
