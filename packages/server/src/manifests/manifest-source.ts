/**
 * Keeps the store equal to the manifest files of a user: reads them all at the start, then follows changes.
 *
 * The rule for mistakes: a file is taken object by object; what is wrong in it is reported with file, line,
 * object and field, and the version of that object that was applied before stays. Only an object that is gone
 * from all files is deleted. While a file has a mistake, what came from it stays, too: a mistyped kind or name
 * looks like an object that is gone. A file that cannot be read or parsed at all removes nothing.
 *
 * Two objects of the same kind, namespace and name are an error in the later one: which of them would win
 * must not depend on the order of file names.
 */
import { resolve, sep } from 'node:path';
import type { ApiObject, FieldProblem } from '@afflux/resources';
import { parseManifest, type ManifestDocument } from './document.ts';
import { listManifestFiles, readManifestFile } from './files.ts';

/** A mistake in a manifest, ready to be shown. */
export interface ManifestIssue {
  readonly file: string;
  readonly line: number;
  /** `Trigger default/orders`, as far as it can be told. */
  readonly object: string | undefined;
  /** `spec.filters[0].exact`; undefined for what concerns the whole object or file. */
  readonly field: string | undefined;
  readonly message: string;
}

/** What the store does with one object. Problems come back as values, never as exceptions. */
export interface ObjectTarget {
  /** Schema, defaulting, validation and write. Returns the object as stored, or what is wrong with it. */
  apply(value: unknown, file: string): Promise<ApplyResult>;
  /** Whether the value has the shape of its kind. */
  isSound(value: unknown): boolean;
  /** Takes back what was applied before: the object, if it was made so. One that is gone already is no problem. */
  release(reference: ObjectReference): Promise<void>;
}

export interface ObjectReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

export type ApplyResult =
  | { readonly object: ApiObject; readonly problems: readonly [] }
  | { readonly object: undefined; readonly problems: readonly FieldProblem[] };

/** What one synchronisation did. */
export interface SyncReport {
  readonly applied: readonly ObjectReference[];
  readonly removed: readonly ObjectReference[];
  readonly issues: readonly ManifestIssue[];
}

/** An object that a file made, in an earlier life of this process or this one. */
export interface FileObject {
  readonly reference: ObjectReference;
  readonly file: string;
}

interface Desired {
  readonly file: string;
  readonly document: ManifestDocument;
  readonly reference: ObjectReference | undefined;
}

/** `v1/Service/default/orders`. */
export function referenceKey(reference: ObjectReference): string {
  return `${reference.apiVersion}/${reference.kind}/${reference.namespace}/${reference.name}`;
}

/** The reference that a value claims to have; undefined when it does not even say so much. */
function referenceOf(value: unknown): ObjectReference | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { apiVersion, kind, metadata } = value as Record<string, unknown>;
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') return undefined;
  if (typeof metadata !== 'object' || metadata === null) return undefined;
  const { name, namespace } = metadata as Record<string, unknown>;
  if (typeof name !== 'string' || name === '') return undefined;
  return {
    apiVersion,
    kind,
    name,
    namespace: typeof namespace === 'string' ? namespace : 'default',
  };
}

function describeObject(value: unknown): string | undefined {
  const reference = referenceOf(value);
  if (reference === undefined) {
    const kind = (value as { kind?: unknown } | null)?.kind;
    return typeof kind === 'string' ? kind : undefined;
  }
  return `${reference.kind} ${reference.namespace}/${reference.name}`;
}

export class ManifestSource {
  readonly #paths: readonly string[];
  readonly #target: ObjectTarget;
  /** What this source has applied and from which file, by key: the only objects that it may delete. */
  readonly #owned = new Map<string, FileObject>();
  /** Text of each file at the last synchronisation and what it held, to skip what did not change. */
  readonly #applied = new Map<string, string>();
  #isSyncing: Promise<SyncReport> | undefined;
  #again: Promise<SyncReport> | undefined;

  constructor(paths: readonly string[], target: ObjectTarget) {
    this.#paths = paths;
    this.#target = target;
  }

  /**
   * Objects that files made before this process began: those whose file is among the paths are followed like any
   * other, and go when the file does. Others are left alone. Resolves with those that are in no file any more;
   * a mistake in a file keeps what came from it. Before the first {@link sync}.
   */
  async adopt(objects: readonly FileObject[]): Promise<readonly FileObject[]> {
    const roots = this.#paths.map((path) => resolve(path));
    const followed = objects.filter(({ file }) =>
      roots.some((root) => file === root || file.startsWith(`${root}${sep}`)),
    );
    if (followed.length === 0) return [];
    const issues: ManifestIssue[] = [];
    const { desired, isComplete } = await this.#read(issues);
    const wanted = keysOf(desired);
    const mistaken = desired.filter(({ document }) => !this.#target.isSound(document.value));
    const spoilt = new Set([...issues, ...mistaken].map(({ file }) => file));
    const isGone = ({ reference, file }: FileObject): boolean =>
      isComplete && !wanted.has(referenceKey(reference)) && !spoilt.has(file);
    for (const object of followed) {
      if (!isGone(object)) this.#owned.set(referenceKey(object.reference), object);
    }
    return followed.filter(isGone);
  }

  /**
   * Reads all files and makes the store agree. Calls while one is running share one further run, so that
   * the last change is never missed. Rejects only for a path that does not exist.
   */
  sync(): Promise<SyncReport> {
    if (this.#isSyncing === undefined) {
      this.#isSyncing = this.#sync().finally(() => {
        this.#isSyncing = undefined;
      });
      return this.#isSyncing;
    }
    this.#again ??= this.#isSyncing
      .catch(() => undefined)
      .then(() => {
        this.#again = undefined;
        return this.sync();
      });
    return this.#again;
  }

  async #sync(): Promise<SyncReport> {
    const issues: ManifestIssue[] = [];
    const { desired, isComplete } = await this.#read(issues);
    const applied = await this.#applyAll(desired, issues);
    const spoilt = new Set(issues.map(({ file }) => file));
    const removed = isComplete ? await this.#removeMissing(desired, spoilt) : [];
    return { applied, removed, issues };
  }

  async #read(
    issues: ManifestIssue[],
  ): Promise<{ readonly desired: readonly Desired[]; readonly isComplete: boolean }> {
    const desired: Desired[] = [];
    const seen = new Map<string, Desired>();
    let isComplete = true;
    for (const path of await listManifestFiles(this.#paths)) {
      const file = await readManifestFile(path);
      if (file.text === undefined) {
        isComplete = false;
        issues.push({
          file: path,
          line: 1,
          object: undefined,
          field: undefined,
          message: file.reason ?? 'cannot be read',
        });
        continue;
      }
      const { documents, problems } = parseManifest(file.text);
      if (problems.length > 0) isComplete = false;
      for (const { line, message } of problems) {
        issues.push({ file: path, line, object: undefined, field: undefined, message });
      }
      for (const document of documents) {
        const entry: Desired = { file: path, document, reference: referenceOf(document.value) };
        const earlier = entry.reference && seen.get(referenceKey(entry.reference));
        if (earlier !== undefined) issues.push(duplicate(entry, earlier));
        else {
          desired.push(entry);
          if (entry.reference !== undefined) seen.set(referenceKey(entry.reference), entry);
          else isComplete = false;
        }
      }
    }
    return { desired, isComplete };
  }

  async #applyAll(
    desired: readonly Desired[],
    issues: ManifestIssue[],
  ): Promise<ObjectReference[]> {
    const applied: ObjectReference[] = [];
    for (const entry of inApplyOrder(desired)) {
      const { reference, document, file } = entry;
      const fingerprint = JSON.stringify(document.value);
      const key = reference === undefined ? undefined : referenceKey(reference);
      if (key !== undefined && this.#applied.get(key) === fingerprint) {
        if (reference !== undefined) this.#owned.set(key, { reference, file });
        continue;
      }
      const result = await this.#target.apply(document.value, file);
      if (result.object === undefined) {
        for (const problem of result.problems) issues.push(issueOf(file, document, problem));
        continue;
      }
      if (reference === undefined || key === undefined) continue;
      this.#owned.set(key, { reference, file });
      this.#applied.set(key, fingerprint);
      applied.push(reference);
    }
    return applied;
  }

  async #removeMissing(
    desired: readonly Desired[],
    spoilt: ReadonlySet<string>,
  ): Promise<ObjectReference[]> {
    const wanted = keysOf(desired);
    const removed: ObjectReference[] = [];
    for (const [key, { reference, file }] of [...this.#owned]) {
      if (wanted.has(key) || spoilt.has(file)) continue;
      await this.#target.release(reference);
      this.#owned.delete(key);
      this.#applied.delete(key);
      removed.push(reference);
    }
    return removed;
  }
}

function keysOf(desired: readonly Desired[]): ReadonlySet<string> {
  return new Set(
    desired.flatMap(({ reference }) => (reference === undefined ? [] : [referenceKey(reference)])),
  );
}

/** Kinds that others refer to come first, so that a first start settles without waiting for one another. */
const APPLY_ORDER: readonly string[] = [
  'Namespace',
  'ConfigMap',
  'Secret',
  'Service',
  'Broker',
  'InMemoryChannel',
  'Channel',
];

function inApplyOrder(desired: readonly Desired[]): Desired[] {
  const rank = (entry: Desired): number => {
    const index = APPLY_ORDER.indexOf(entry.reference?.kind ?? '');
    return index === -1 ? APPLY_ORDER.length : index;
  };
  return [...desired].sort((left, right) => rank(left) - rank(right));
}

function duplicate(entry: Desired, earlier: Desired): ManifestIssue {
  return {
    file: entry.file,
    line: entry.document.line,
    object: describeObject(entry.document.value),
    field: 'metadata.name',
    message: `the same object is already in ${earlier.file}:${String(earlier.document.line)}: rename or remove one of them`,
  };
}

function issueOf(file: string, document: ManifestDocument, problem: FieldProblem): ManifestIssue {
  const field = problem.paths.length === 0 ? undefined : problem.paths.join(', ');
  const [first] = problem.paths;
  return {
    file,
    line: first === undefined ? document.line : document.lineOf(first),
    object: describeObject(document.value),
    field,
    message:
      problem.details === undefined || problem.details === ''
        ? problem.message
        : `${problem.message}: ${problem.details}`,
  };
}
