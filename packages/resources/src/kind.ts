/**
 * What the system knows about a kind: its names, its schema, its defaults and its rules. A registry holds the
 * kinds of one process; it is data handed around, never a module-level list.
 */
import assert from 'node:assert/strict';
import type { z } from 'zod';
import type { BrokerDefaults } from './config/broker-defaults.ts';
import type { ChannelDefaults } from './config/channel-defaults.ts';
import type { Features } from './config/features.ts';
import type { FieldErrors } from './field-errors.ts';
import type { NameRule } from './metadata.ts';
import type { ApiObject } from './object.ts';

/** The question of a SubjectAccessReview: may the writer `knsubscribe` to this object? */
export interface CrossNamespaceAccess {
  readonly verb: 'knsubscribe';
  readonly group: string;
  /** Plural, in lower case. */
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
}

/** What defaulting and validation may look at besides the object. A snapshot: it does not change meanwhile. */
export interface AdmissionContext {
  readonly features: Features;
  readonly brokerDefaults: BrokerDefaults;
  readonly channelDefaults: ChannelDefaults;
  readonly systemNamespace: string;
  /** Who writes; `controller` for our own controllers. */
  readonly user?: string;
  /**
   * Whether the writer may use an object of another namespace (feature cross-namespace-event-links). Absent
   * means that nobody may: a reference across namespaces is refused without a grant (T07).
   */
  readonly mayUse?: (access: CrossNamespaceAccess) => boolean;
}

/** A column that `kubectl get` shows. `priority` above 0 means only with `-o wide`. */
export interface PrinterColumn {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  readonly jsonPath: string;
  readonly priority?: number;
}

/** One version of one kind. */
export interface KindDefinition<T extends ApiObject = ApiObject> {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  /** `<group>/<version>`, or the version alone in the core group. */
  readonly apiVersion: string;
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  /** Whether status is a subresource: written apart from the rest, and not counted by the generation. */
  readonly hasStatus: boolean;
  readonly printerColumns: readonly PrinterColumn[];
  /** How objects of the kind may be called. */
  readonly nameRule: NameRule;
  /** Strict: a field it does not know is an error. Free of transforms, so that a CRD can be made from it. */
  readonly schema: z.ZodType<T>;
  /** Pure: returns a copy with the defaults filled in. Idempotent. */
  setDefaults(object: T, context: AdmissionContext): T;
  /** Pure. `old` is the stored object on an update; immutability rules apply only then. */
  validate(object: T, context: AdmissionContext, old?: T): FieldErrors;
}

/** The kinds of one process, found by apiVersion and kind. */
export class KindRegistry {
  readonly #kinds = new Map<string, KindDefinition>();

  constructor(definitions: Iterable<KindDefinition> = []) {
    for (const definition of definitions) this.register(definition);
  }

  /** Adds a kind; the same apiVersion and kind twice is a programmer error. */
  register(definition: KindDefinition): void {
    const key = `${definition.apiVersion}/${definition.kind}`;
    assert(!this.#kinds.has(key), `kind ${key} is registered twice`);
    this.#kinds.set(key, definition);
  }

  get(apiVersion: string, kind: string): KindDefinition | undefined {
    return this.#kinds.get(`${apiVersion}/${kind}`);
  }

  /** All versions and groups that have a kind of this name, in order of registration. */
  byKind(kind: string): KindDefinition[] {
    return this.all().filter((definition) => definition.kind === kind);
  }

  /** In order of registration. */
  all(): KindDefinition[] {
    return [...this.#kinds.values()];
  }
}
