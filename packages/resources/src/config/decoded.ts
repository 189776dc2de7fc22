/** What reading a config map yields, whichever it is. */
import type { FieldErrors } from '../field-errors.ts';

/** The part of a ConfigMap that decoders read. */
export interface ConfigMapData {
  readonly data?: Readonly<Record<string, string>>;
}

/**
 * A decoded config map. `value` is there exactly when `errors` is empty; with errors the caller keeps what it
 * had before. Paths begin at the root of the ConfigMap: `data[default-br-config].clusterDefault.kind`.
 */
export interface Decoded<T> {
  readonly value?: T;
  readonly errors: FieldErrors;
  /** Worth telling the user, but no reason to refuse. */
  readonly warnings: FieldErrors;
}
