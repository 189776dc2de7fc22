/**
 * EventType: says whether the object that emits the events is there. Any object will do, of any kind that is
 * known here (contract §2.8).
 */
import { observerOf, type ReconcileContext, type Reconciler, type Tracker } from '@afflux/control';
import {
  EVENT_TYPE_CONDITIONS,
  toEventType,
  type EventType,
  type KindRegistry,
  type OlderEventType,
  Marks,
} from '@afflux/resources';
import { trackKnown, type LookUp } from './dependency.ts';

export type AnyEventType = EventType | OlderEventType;

export interface EventTypeReconcilerOptions {
  /** `eventing.knative.dev/v1beta1`, `…/v1beta2` or `…/v1beta3`. */
  readonly apiVersion: string;
  readonly registry: Pick<KindRegistry, 'get'>;
  readonly tracker: Tracker;
  readonly lookUp: LookUp;
}

export class EventTypeReconciler implements Reconciler<AnyEventType> {
  readonly kind: { readonly apiVersion: string; readonly kind: 'EventType' };
  readonly conditions = EVENT_TYPE_CONDITIONS;
  readonly #options: EventTypeReconcilerOptions;

  constructor(options: EventTypeReconcilerOptions) {
    this.kind = { apiVersion: options.apiVersion, kind: 'EventType' };
    this.#options = options;
  }

  async reconcile(eventType: AnyEventType, context: ReconcileContext): Promise<void> {
    const status = (eventType.status ??= {});
    const marks = new Marks(EVENT_TYPE_CONDITIONS, status, context.now());
    const { reference } = toEventType(eventType).spec;
    if (reference?.apiVersion === undefined) {
      marks.true('ReferenceExists', 'ReferenceNotSet', 'reference is not set');
      return;
    }
    const { namespace = '', name } = eventType.metadata;
    const target = {
      apiVersion: reference.apiVersion,
      kind: reference.kind,
      namespace: reference.namespace ?? namespace,
      name: reference.name,
    };
    trackKnown(this.#options, target, observerOf(this.kind, { namespace, name }));
    if ((await this.#options.lookUp(target)) !== undefined) marks.true('ReferenceExists');
    else {
      const shown = `${target.kind} "${target.namespace}/${target.name}"`;
      marks.false('ReferenceExists', 'ResourceDoesNotExist', `${shown} does not exist`);
    }
  }
}
