/**
 * Keeps the objects that another one consists of as they should be: makes what is missing, changes what differs
 * in place, deletes what is too much, and never touches a namesake that somebody else made.
 *
 * Reads come from the informers; a cache that lags behind is harmless, because each write says for itself
 * whether it still applies. Children are compared after defaulting, so that what admission adds is no
 * difference. Owners are woken by what concerns them (`child-changes.ts`); what is in the way of a child is
 * tracked, so that its going away wakes the owner, too.
 */
import type { GroupVersionKind } from '@afflux/control';
import { byOwnerUid, isAlreadyExists, isNotFound, observerOf, sameJson } from '@afflux/control';
import type { ApiObject } from '@afflux/resources';
import { CONTROLLER_USER } from '@afflux/resources';
import { MessagingError } from '../errors.ts';
import { isControlledBy } from './child-objects.ts';
import type { MessagingDependencies } from './dependencies.ts';
import { readObject, readStored } from './read-object.ts';

/** Which spec fields of a child follow its owner; the others are somebody else's. */
export interface FieldRules {
  /** Fields that follow the owner even when it says nothing about them: they are then removed. */
  readonly owned: readonly string[];
  /** Fields that cannot change: a child that differs there is deleted and made anew. */
  readonly fixed: readonly string[];
}

/** A channel's `delivery` is its owner's; its subscribers belong to the controller of Subscriptions. */
export const CHANNEL_FIELDS: FieldRules = { owned: ['delivery'], fixed: [] };

/** All of a Subscription's spec is its owner's; its channel cannot change (Knative's immutability rule). */
export const SUBSCRIPTION_FIELDS: FieldRules = {
  owned: ['subscriber', 'reply', 'delivery'],
  fixed: ['channel'],
};

/** Name of the index of children by the uid of their owners. */
const BY_OWNER = 'owner';

const WRITE = { fieldManager: CONTROLLER_USER };

type Spec = Readonly<Record<string, unknown>>;

interface JsonPatchOperation {
  readonly op: 'add' | 'remove';
  readonly path: string;
  readonly value?: unknown;
}

export class Children {
  readonly #deps: MessagingDependencies;

  constructor(deps: MessagingDependencies) {
    this.#deps = deps;
  }

  /**
   * The child as it is now. While it is on its way out it is given without a status: its successor follows.
   * Throws `AFFLUX_MESSAGING_CHILD_NOT_OWNED`, and whatever the store refuses.
   */
  async ensure(
    owner: ApiObject,
    outline: ApiObject,
    rules: FieldRules,
    signal: AbortSignal,
  ): Promise<ApiObject> {
    const existing = await readObject(this.#deps, outline, outline.metadata, signal);
    if (existing === undefined) return await this.#create(owner, outline, rules, signal);
    return await this.#adjust(owner, existing, outline, rules, signal);
  }

  /** Deletes the children of `owner` of these kinds whose names are not wanted. */
  async prune(
    owner: ApiObject,
    kinds: readonly GroupVersionKind[],
    isWanted: (child: ApiObject) => boolean,
    signal: AbortSignal,
  ): Promise<void> {
    for (const kind of kinds) {
      const informer = this.#deps.informers.get(kind);
      informer.addIndex(BY_OWNER, byOwnerUid);
      for (const child of informer.byIndex(BY_OWNER, owner.metadata.uid ?? '')) {
        const isLeaving = child.metadata.deletionTimestamp !== undefined;
        if (isLeaving || !isControlledBy(child, owner) || isWanted(child)) continue;
        await this.#delete(child, signal);
      }
    }
  }

  #withDefaults(outline: ApiObject): ApiObject {
    const { registry, admission } = this.#deps;
    const definition = registry.get(outline.apiVersion, outline.kind);
    return definition === undefined ? outline : definition.setDefaults(outline, admission());
  }

  async #create(
    owner: ApiObject,
    outline: ApiObject,
    rules: FieldRules,
    signal: AbortSignal,
  ): Promise<ApiObject> {
    try {
      return await this.#deps.store.create(outline, { ...WRITE, signal });
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
      // The cache lags behind: what is there is looked at like any other.
      const existing = await readStored(this.#deps, outline, outline.metadata, signal);
      if (existing === undefined) throw error;
      return await this.#adjust(owner, existing, outline, rules, signal);
    }
  }

  async #adjust(
    owner: ApiObject,
    existing: ApiObject,
    outline: ApiObject,
    rules: FieldRules,
    signal: AbortSignal,
  ): Promise<ApiObject> {
    this.#requireControl(existing, owner);
    if (existing.metadata.deletionTimestamp !== undefined) return withoutStatus(existing);
    const before = specOf(existing);
    // Defaulting costs a copy, and mostly finds nothing to add.
    if (specChanges(before, specOf(outline), rules.owned).length === 0) return existing;
    const after = specOf(this.#withDefaults(outline));
    if (rules.fixed.some((field) => !sameJson(before[field], after[field]))) {
      await this.#delete(existing, signal);
      return withoutStatus(existing);
    }
    const operations = specChanges(before, after, rules.owned);
    if (operations.length === 0) return existing;
    const patch = { type: 'json', body: operations } as const;
    return await this.#deps.store.patch(existing, existing.metadata, patch, { ...WRITE, signal });
  }

  #requireControl(child: ApiObject, owner: ApiObject): void {
    if (isControlledBy(child, owner)) return;
    const { apiVersion, kind } = child;
    const { namespace, name } = child.metadata;
    const observer = observerOf(owner, owner.metadata);
    this.#deps.tracker.track({ apiVersion, kind, namespace, name }, observer);
    throw new MessagingError(
      `${kind} "${name}" exists and does not belong to ${owner.kind} "${owner.metadata.name}": rename or delete it`,
      { code: 'AFFLUX_MESSAGING_CHILD_NOT_OWNED', fault: 'user' },
    );
  }

  /** Only the very object that was looked at; one that is gone already is fine. */
  async #delete(child: ApiObject, signal: AbortSignal): Promise<void> {
    const { uid } = child.metadata;
    try {
      await this.#deps.store.delete(child, child.metadata, { preconditions: { uid }, signal });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}

/** The operations that bring the owned fields, and those that are wanted, from one spec to the other. */
function specChanges(
  before: Spec,
  after: Spec,
  owned: readonly string[],
): readonly JsonPatchOperation[] {
  const fields = [...new Set([...owned, ...Object.keys(after)])];
  return fields
    .filter((field) => !sameJson(before[field], after[field]))
    .map((field): JsonPatchOperation => {
      const path = `/spec/${field.replaceAll('~', '~0').replaceAll('/', '~1')}`;
      const value = after[field];
      return value === undefined ? { op: 'remove', path } : { op: 'add', path, value };
    });
}

function specOf(object: ApiObject): Spec {
  return (object.spec ?? {}) as Spec;
}

function withoutStatus(object: ApiObject): ApiObject {
  const { status: _, ...rest } = object;
  return rest;
}
