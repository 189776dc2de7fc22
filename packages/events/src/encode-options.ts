/** What both ways of writing an event take. */
import assert from 'node:assert/strict';
import { attributeKey } from './attribute-key.ts';
import type { HeaderEncoding } from './limits.ts';

/** How an event is written. */
export interface EncodeOptions {
  /** The name of an extension to leave out, which costs no copy of the event. */
  readonly omit?: string | undefined;
  /**
   * Binary mode only; default `spec`. Attributes that arrived in headers and were not changed leave as they
   * came.
   */
  readonly headerEncoding?: HeaderEncoding | undefined;
}

/** Leaving out a core attribute would make another event of it, or none. */
export function assertOmittable(name: string | undefined): void {
  if (name !== undefined) assert.equal(attributeKey(name).kind, 'extension', 'only extensions');
}
