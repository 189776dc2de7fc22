/** One request and its answer, as the verbs see them: no HTTP framework beyond this file and `resource-api.ts`. */
import type { ServerResponse } from 'node:http';
import type { KindDefinition } from '@afflux/resources';
import type { Query } from './request-options.ts';
import type { ResourcePath } from './request-path.ts';

/** A request about a kind that is served. */
export interface Exchange {
  readonly path: ResourcePath;
  readonly definition: KindDefinition;
  readonly query: Query;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The bytes of the body; empty where there is none. */
  readonly body: Buffer;
  /** Aborts when the client hangs up, or the server closes. */
  readonly signal: AbortSignal;
  /** For answers that do not end: whoever takes it writes the whole answer. */
  takeOver(): ServerResponse;
  /** Adds a `Warning` header to the answer. */
  warn(text: string): void;
}

/** What is sent back. */
export interface Answer {
  readonly status: number;
  /** An object, or its JSON text; bytes of other media types. */
  readonly body: object | string | Buffer;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Somebody has taken the response over. */
export const TAKEN_OVER = Symbol('taken over');

/** One header, the first where it was sent several times. */
export function header(exchange: Pick<Exchange, 'headers'>, name: string): string | undefined {
  const value = exchange.headers[name];
  return typeof value === 'string' ? value : value?.[0];
}
