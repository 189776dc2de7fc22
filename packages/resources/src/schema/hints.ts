/**
 * What to say when a required field is missing, where the plain words would not do. Kept beside the schemas,
 * not in their metadata, so that nothing of it reaches a CRD.
 */
import { z } from 'zod';

/** Replaces parts of `missing field(s): <path>`. */
export interface MissingHint {
  readonly message?: string;
  /** Name these fields below the missing one, instead of the missing one. */
  readonly fields?: readonly string[];
  readonly details?: string;
}

/** Hints by schema instance. Filled while the schemas are defined, only read afterwards. */
export const MISSING_HINTS = z.registry<MissingHint>();
