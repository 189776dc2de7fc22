/**
 * Which form of objects a client asks for. `as`, `g` and `v` stand in `Accept` beside the media type; a client lists
 * what it can read, best first, and gets the first of these that there is.
 */
import type { MediaRange } from './media-ranges.ts';
import { isJsonRange, mediaRanges } from './media-ranges.ts';

/** A form of meta.k8s.io, in one of its versions. */
export interface MetaForm {
  readonly version: 'v1' | 'v1beta1';
}

type Form = { readonly as: 'Object' } | ({ readonly as: 'Table' | 'PartialObject' } & MetaForm);

function formOf({ parameters }: MediaRange): Form | undefined {
  const as = parameters.get('as');
  if (as === undefined) return { as: 'Object' };
  const version = parameters.get('v');
  if (parameters.get('g') !== 'meta.k8s.io' || (version !== 'v1' && version !== 'v1beta1')) {
    return undefined;
  }
  if (as === 'Table') return { as, version };
  return as === 'PartialObjectMetadata' || as === 'PartialObjectMetadataList'
    ? { as: 'PartialObject', version }
    : undefined;
}

function acceptedForm(accept: string | undefined): Form | undefined {
  for (const range of mediaRanges(accept)) {
    const form = isJsonRange(range) ? formOf(range) : undefined;
    if (form !== undefined) return form;
  }
  return undefined;
}

/** Whether the client can read any form that there is; otherwise the answer is 406. */
export function isAcceptable(accept: string | undefined): boolean {
  return acceptedForm(accept) !== undefined;
}

/** The version of the table that the client wants; undefined when it wants no table. */
export function tableForm(accept: string | undefined): MetaForm | undefined {
  const form = acceptedForm(accept);
  return form?.as === 'Table' ? { version: form.version } : undefined;
}

/** The version of the metadata that the client wants alone; undefined when it wants something else. */
export function partialForm(accept: string | undefined): MetaForm | undefined {
  const form = acceptedForm(accept);
  return form?.as === 'PartialObject' ? { version: form.version } : undefined;
}
