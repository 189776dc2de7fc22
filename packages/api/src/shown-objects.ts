/**
 * The forms in which a client may ask for objects: as they are, as a table for people, or their metadata alone
 * (`Accept: …;as=Table`, `…;as=PartialObjectMetadata`).
 */
import type { Clock } from '@afflux/kernel';
import type { ApiObject, KindDefinition } from '@afflux/resources';
import { badRequest } from './errors.ts';
import { header, type Exchange } from './exchange.ts';
import type { Page } from './list-pages.ts';
import { watchLine, type ObjectLines } from './object-lines.ts';
import { text } from './request-options.ts';
import { partialForm, tableForm } from './table/accept.ts';
import { tableOf } from './table/table.ts';

type IncludeObject = 'Metadata' | 'Object' | 'None';

const INCLUDED: readonly IncludeObject[] = ['Metadata', 'Object', 'None'];

/** How one client wants to see objects. */
export interface Shown {
  one(object: ApiObject): object | string;
  list(page: Page): object;
  /** The line of a watch: like {@link one}, but a table has its columns only at the first call. */
  next(type: string, object: ApiObject): Buffer | string;
  /** What stands for an object on a bookmark. */
  bookmark(metadata: { readonly resourceVersion: string; readonly annotations?: object }): string;
}

export interface ShownDeps {
  readonly clock: Clock;
  readonly lines: ObjectLines;
}

export function shownTo(exchange: Exchange, deps: ShownDeps): Shown {
  const accept = header(exchange, 'accept');
  const table = tableForm(accept);
  if (table !== undefined) {
    return asTable(exchange.definition, table.version, included(exchange), deps.clock);
  }
  const partial = partialForm(accept);
  return partial === undefined
    ? asTheyAre(exchange.definition, deps.lines)
    : asMetadata(partial.version);
}

function included({ query }: Exchange): IncludeObject {
  const wanted = text(query, 'includeObject') ?? 'Metadata';
  const found = INCLUDED.find((known) => known === wanted);
  if (found !== undefined) return found;
  throw badRequest(
    `Unable to convert to Table as requested: includeObject: Invalid value: ${JSON.stringify(wanted)}: must be 'Metadata', 'Object', 'None', or empty`,
  );
}

function asTheyAre(definition: KindDefinition, lines: ObjectLines): Shown {
  return {
    one: (object) => object,
    list: (page) => ({
      kind: `${definition.kind}List`,
      apiVersion: definition.apiVersion,
      metadata: listMetadata(page),
      items: page.items,
    }),
    next: (type, object) => lines.of(type, object),
    bookmark: (metadata) => {
      const { kind, apiVersion } = definition;
      return JSON.stringify({ kind, apiVersion, metadata });
    },
  };
}

function asTable(
  definition: KindDefinition,
  version: 'v1' | 'v1beta1',
  includeObject: IncludeObject,
  clock: Clock,
): Shown {
  let hasColumns = false;
  const of = (objects: readonly ApiObject[], metadata: object, omitColumns = false) =>
    tableOf(definition, objects, {
      now: clock.now(),
      version,
      includeObject,
      metadata,
      omitColumns,
    });
  const single = (object: ApiObject, omitColumns = false) =>
    of([object], { resourceVersion: object.metadata.resourceVersion }, omitColumns);
  return {
    one: (object) => single(object),
    list: (page) => of(page.items, listMetadata(page)),
    next: (type, object) => {
      const table = single(object, hasColumns);
      hasColumns = true;
      return watchLine(type, JSON.stringify(table));
    },
    bookmark: (metadata) => {
      const { kind, apiVersion } = definition;
      const object = { kind, apiVersion, metadata: { name: '', ...metadata } } as ApiObject;
      return JSON.stringify(single(object, true));
    },
  };
}

function asMetadata(version: 'v1' | 'v1beta1'): Shown {
  const apiVersion = `meta.k8s.io/${version}`;
  const one = ({ metadata }: ApiObject) => ({
    kind: 'PartialObjectMetadata',
    apiVersion,
    metadata,
  });
  return {
    one,
    list: (page) => ({
      kind: 'PartialObjectMetadataList',
      apiVersion,
      metadata: listMetadata(page),
      items: page.items.map(one),
    }),
    next: (type, object) => watchLine(type, JSON.stringify(one(object))),
    bookmark: (metadata) => JSON.stringify({ kind: 'PartialObjectMetadata', apiVersion, metadata }),
  };
}

function listMetadata({ resourceVersion, continueToken, remainingItemCount }: Page): object {
  return {
    resourceVersion,
    ...(continueToken === undefined ? {} : { continue: continueToken }),
    ...(remainingItemCount === undefined ? {} : { remainingItemCount }),
  };
}
