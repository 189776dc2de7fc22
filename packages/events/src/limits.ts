/** What one message may cost. The size of the body is bounded by whoever reads it from the connection. */

/** Upper bounds of what is read; see {@link LIMITS} for the defaults. */
export interface Limits {
  /** Names and values of one event's attributes together, decoded, in bytes of UTF-8. */
  readonly attributesBytesMax: number;
  /** Events in one batch. */
  readonly batchEventsMax: number;
  /** Nesting of arrays and objects in a JSON body; the event itself is not counted. */
  readonly jsonDepthMax: number;
}

/**
 * How attribute values and header values translate. `spec`: percent-encoding as the HTTP binding demands.
 * `raw`: never encoded, never decoded, as Knative's data plane and the Go and Java SDKs do it.
 */
export type HeaderEncoding = 'spec' | 'raw';

/** Options of the decoders: limits that differ from {@link LIMITS}, and how header values are read. */
export interface DecodeOptions extends Partial<Limits> {
  /** Default `spec`. */
  readonly headerEncoding?: HeaderEncoding;
}

/**
 * Defaults. 64 KiB of attributes: what every intermediary must forward fits in it (CloudEvents §Size Limits
 * is about the whole event).
 */
export const LIMITS: Limits = Object.freeze({
  attributesBytesMax: 64 * 1024,
  batchEventsMax: 1000,
  jsonDepthMax: 256,
});

export interface DecodeSettings extends Limits {
  readonly headerEncoding: HeaderEncoding;
}

const DEFAULT_SETTINGS: DecodeSettings = Object.freeze({ ...LIMITS, headerEncoding: 'spec' });

export function decodeSettings(options: DecodeOptions | undefined): DecodeSettings {
  return options === undefined ? DEFAULT_SETTINGS : { ...DEFAULT_SETTINGS, ...options };
}
