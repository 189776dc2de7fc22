/**
 * What a kube-apiserver 1.33 answered: objects with their tables, kept without ids and versions. The ages in the cells
 * belong to the moment `now`.
 */
import { readFileSync } from 'node:fs';
import type { ApiObject } from '@afflux/resources';
import type { CustomColumn } from '../table/custom-columns.ts';

/** A table and what it was made from. */
export interface TableVector {
  readonly now: string;
  readonly columns: readonly {
    readonly name: string;
    readonly type: string;
    readonly format: string;
    readonly priority: number;
    readonly description?: string;
  }[];
  readonly objects: readonly ApiObject[];
  readonly rows: readonly { readonly cells: readonly unknown[]; readonly conditions?: unknown }[];
}

/** A table of a kind of Kubernetes itself. */
export type CoreTableVector = TableVector & { readonly apiVersion: string; readonly kind: string };

/** A table of a kind that a CRD defines. */
export type CustomTableVector = TableVector & { readonly printerColumns: readonly CustomColumn[] };

/** Reads a file of vectors; the caller knows what is in it. */
export function readVectors(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`vectors/${name}.json`, import.meta.url), 'utf8'));
}
