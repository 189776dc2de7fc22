/**
 * What the system knows about a kind: its names, its schema, its defaults and its rules. A registry holds the
 * kinds of one process; it is data handed around, never a module-level list.
 */
import assert from 'node:assert/strict';
import type { BrokerDefaults } from './config/broker-defaults.ts';
import type { ChannelDefaults } from './config/channel-defaults.ts';
import type { Features } from './config/features.ts';
import type { FieldErrors } from './field-errors.ts';
import type { FieldNames } from './field-names.ts';
import type { JsonRecord } from './json-record.ts';
import type { NameRule } from './metadata.ts';
import type { ApiObject } from './object.ts';
import type { StructuralSchema } from './openapi/structural-schema.ts';
import type { Checked, CheckOptions } from './schema/check.ts';

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
  readonly format?: string;
  readonly description?: string;
}

/** The subresource `scale`: where an object holds its replicas, as dotted paths (`.spec.replicas`). */
export interface ScaleSubresource {
  readonly specReplicasPath: string;
  readonly statusReplicasPath: string;
  readonly labelSelectorPath?: string;
}

/** What the CRD of a kind of ours says besides its names and schema. */
export interface CrdOutline {
  /** Whether objects are stored in this version; true for one version of a kind. */
  readonly isStorage: boolean;
  readonly labels: Readonly<Record<string, string>>;
}

/** What an object becomes in another version. Pure, and never throws; what is malformed stays so. */
export interface Conversion {
  /** From this version to the one that is kept; also of a part, as server-side apply sends it. */
  keep(object: JsonRecord): JsonRecord;
  show(object: ApiObject): ApiObject;
}

/** Another version of a kind, maybe of another group, that holds its objects. */
export interface KeptAs {
  readonly apiVersion: string;
  /** The fields at the top of an object that have another name there: their names here, and there. */
  readonly fields?: FieldNames;
  /** For what is not a matter of names. */
  readonly conversion?: Conversion;
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
  /** Fields besides `metadata.name` and `metadata.namespace` that a list can select by (`status.phase`). */
  readonly selectableFields?: readonly string[] | undefined;
  readonly scale?: ScaleSubresource | undefined;
  /** There where clients are warned off this version; in these words, where it has words of its own. */
  readonly deprecated?: { readonly warning?: string | undefined } | undefined;
  /** There where lists of the kind merge by key or as sets; absent: every list is one value. */
  readonly mergeSchema?: StructuralSchema | undefined;
  /** A kind of Kubernetes itself: it has no CRD, and takes strategic merge patches. Absent: false. */
  readonly isBuiltin?: boolean | undefined;
  /** There for the kinds that we bring a CRD for: neither Kubernetes' own, nor those of other projects or users. */
  readonly crd?: CrdOutline | undefined;
  /** False: objects are kept in this version, and nobody can ask for it. Absent: true. */
  readonly isServed?: boolean | undefined;
  /** There where the objects are those of another kind of the same name, under other names of fields. */
  readonly keptAs?: KeptAs | undefined;
  /** Kind of a list of such objects. Absent: the kind and `List`. */
  readonly listKind?: string | undefined;
  /** Checks the shape of an untrusted value; the result is a copy of its own. Pure, and never throws. */
  check(value: unknown, options?: CheckOptions): Checked<T>;
  /** The schema of CRDs and OpenAPI: made at the first call, the same object ever after. */
  structural(): StructuralSchema;
  /** Pure: returns a copy with the defaults filled in. Idempotent. */
  setDefaults(object: T, context: AdmissionContext): T;
  /** Pure. `old` is the stored object on an update; immutability rules apply only then. */
  validate(object: T, context: AdmissionContext, old?: T): FieldErrors;
}

function resourceKey(group: string, version: string, plural: string): string {
  return `${group}/${version}/${plural}`;
}

/** The kinds of one process, found by apiVersion and kind, or by group, version and plural. */
export class KindRegistry {
  readonly #kinds = new Map<string, KindDefinition>();
  readonly #resources = new Map<string, KindDefinition>();
  #generation = 0;

  constructor(definitions: Iterable<KindDefinition> = []) {
    for (const definition of definitions) this.register(definition);
  }

  /** Grows with every change, so that what was made of the kinds can be kept until then. */
  get generation(): number {
    return this.#generation;
  }

  /** Adds a kind; the same apiVersion and kind twice, or the same plural, is a programmer error. */
  register(definition: KindDefinition): void {
    const { apiVersion, kind, group, version, plural } = definition;
    const key = `${apiVersion}/${kind}`;
    const resource = resourceKey(group, version, plural);
    assert(!this.#kinds.has(key), `kind ${key} is registered twice`);
    assert(!this.#resources.has(resource), `resource ${resource} is registered twice`);
    this.#kinds.set(key, definition);
    this.#resources.set(resource, definition);
    this.#generation += 1;
  }

  /** Takes a kind away; whether it was there. */
  unregister(apiVersion: string, kind: string): boolean {
    const key = `${apiVersion}/${kind}`;
    const definition = this.#kinds.get(key);
    if (definition === undefined) return false;
    const { group, version, plural } = definition;
    this.#kinds.delete(key);
    this.#resources.delete(resourceKey(group, version, plural));
    this.#generation += 1;
    return true;
  }

  get(apiVersion: string, kind: string): KindDefinition | undefined {
    return this.#kinds.get(`${apiVersion}/${kind}`);
  }

  /** The kind that is served at `<group>/<version>/<plural>`; the core group is the empty text. */
  byResource(group: string, version: string, plural: string): KindDefinition | undefined {
    const found = this.#resources.get(resourceKey(group, version, plural));
    return found?.isServed === false ? undefined : found;
  }

  /** All versions and groups that have a kind of this name, in order of registration. */
  byKind(kind: string): KindDefinition[] {
    return this.all().filter((definition) => definition.kind === kind);
  }

  /** Those that are served, in order of registration. */
  all(): KindDefinition[] {
    return [...this.#kinds.values()].filter(({ isServed }) => isServed !== false);
  }
}
