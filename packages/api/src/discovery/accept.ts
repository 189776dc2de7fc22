/** Whether a client can read discovery all at once, by its `Accept`. */
import { isJsonRange, mediaRanges } from '../table/media-ranges.ts';

/** Versions of `APIGroupDiscoveryList`. Newer servers dropped v2beta1; older clients know nothing else. */
export type AggregatedForm = 'v2' | 'v2beta1';

/** The form to answer in: the first of the client's that there is. */
export function discoveryForm(accept: string | undefined): AggregatedForm | 'old' {
  for (const range of mediaRanges(accept)) {
    const as = range.parameters.get('as');
    const version = range.parameters.get('v');
    if (!isJsonRange(range)) continue;
    if (as === undefined) return 'old';
    const isDiscovery =
      as === 'APIGroupDiscoveryList' && range.parameters.get('g') === 'apidiscovery.k8s.io';
    if (isDiscovery && (version === 'v2' || version === 'v2beta1')) return version;
  }
  return 'old';
}
