import type { Patch } from '../store/resource-store.ts';
import { jsonPatch } from './json-patch.ts';
import { mergePatch } from './merge-patch.ts';

/** What a patch makes of a document. The document is not changed. Throws `StoreError` BadRequest or Invalid. */
export function applyPatch(
  document: unknown,
  patch: Extract<Patch, { readonly type: 'merge' | 'json' }>,
): unknown {
  switch (patch.type) {
    case 'merge':
      return mergePatch(document, patch.body);
    case 'json':
      return jsonPatch(document, patch.body);
  }
}
