/**
 * What a run tells the users of its object as Kubernetes Events, in the words of Knative's generated
 * reconcilers. None of it can fail or delay the run.
 */
import type { Clock } from '@afflux/kernel';
import type { ApiObject, Conditions } from '@afflux/resources';
import { isConflict, RequeueAfter, SkipKey } from '../errors.ts';
import {
  conditionEvents,
  happyEventOf,
  problemOf,
  problemsOf,
  type ConditionEvent,
} from '../events/condition-events.ts';
import type { EventType } from '../events/core-event.ts';
import type { EventRecorder } from '../events/event-recorder.ts';
import { keyOf } from '../store/keys.ts';
import { HeldWarnings } from './held-warnings.ts';
import type { Reconciler } from './reconciler.ts';

/** Where events go. */
export type EventTarget = Pick<EventRecorder, 'record'>;

export class RunEvents<T extends ApiObject> {
  readonly #target: EventTarget | undefined;
  readonly #reconciler: Reconciler<T>;
  readonly #component: string;
  readonly #held: HeldWarnings;

  constructor(target: EventTarget | undefined, reconciler: Reconciler<T>, clock: Clock) {
    this.#target = target;
    this.#held = new HeldWarnings(clock);
    this.#reconciler = reconciler;
    // Knative's name for the controller of a kind.
    this.#component = `${reconciler.kind.kind.toLowerCase()}-controller`;
  }

  /** Does the work that puts the finalizer on or takes it off, and tells how that went. */
  async ofFinalizer<R>(object: ApiObject, work: () => Promise<R>): Promise<R> {
    const { name } = object.metadata;
    try {
      const result = await work();
      this.#record(object, 'Normal', 'FinalizerUpdate', `Updated "${name}" finalizers`);
      return result;
    } catch (error) {
      if (!isConflict(error)) {
        const message = `Failed to update finalizers for "${name}": ${textOf(error)}`;
        this.#record(object, 'Warning', 'FinalizerUpdateFailed', message);
      }
      throw error;
    }
  }

  /** The status could not be written. */
  statusFailed(object: ApiObject, error: unknown): void {
    const message = `Failed to update status for "${object.metadata.name}": ${textOf(error)}`;
    this.#record(object, 'Warning', 'UpdateFailed', message);
  }

  /** The reconciler threw. What it throws to steer its queue is no failure. */
  runFailed(object: ApiObject, error: unknown): void {
    if (error instanceof SkipKey || error instanceof RequeueAfter || isConflict(error)) return;
    this.#record(object, 'Warning', 'InternalError', textOf(error));
  }

  /** The status was stored with other conditions than before. What is wrong is told when it stays so. */
  conditionsChanged(object: T, before: Conditions = [], after: Conditions = []): void {
    const key = keyOf(object);
    this.#held.keep(key, problemsOf(after));
    for (const event of this.#eventsOf(object, before, after)) {
      const tell = (): void => {
        this.#tell(object, event);
      };
      if (event.type === 'Normal') tell();
      else this.#held.hold(key, problemOf(event), tell);
    }
  }

  /** Nothing is told of it any more. */
  objectGone(key: string): void {
    this.#held.forget(key);
  }

  close(): void {
    this.#held.close();
  }

  /** A reconciler's `readyEvent` does not throw; should one, its event is lost and not the run. */
  #eventsOf(object: T, before: Conditions, after: Conditions): readonly ConditionEvent[] {
    if (this.#target === undefined) return [];
    const reconciler = this.#reconciler;
    const happy = reconciler.conditions?.happy;
    try {
      const happyEvent = reconciler.readyEvent?.(object) ?? happyEventOf(object, happy ?? 'Ready');
      return conditionEvents({ before, after, happy, happyEvent });
    } catch {
      return [];
    }
  }

  #record(object: ApiObject, type: EventType, reason: string, message: string): void {
    this.#tell(object, { type, reason, message });
  }

  /** Recorders do not throw; should one, the event is lost and not the run. */
  #tell(object: ApiObject, event: ConditionEvent): void {
    try {
      this.#target?.record({ object, ...event, component: this.#component });
    } catch {
      return;
    }
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
