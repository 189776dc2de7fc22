/**
 * What an event carries beside its attributes, in the headers of a message. Whoever may write to the topic or queue
 * may write such headers, so they are read as those of a producer are.
 */
import { readTraceContext, type TraceContext } from '@afflux/kernel';
import type { Carried } from './cloud-event.ts';

/** A header of ours: names and values as a JSON list. */
export const PASSTHROUGH_HEADER = 'x-afflux-passthrough';

/** Undefined: nothing is to be written. */
export function passthroughText(carried: Carried | undefined): string | undefined {
  const { passthrough = [] } = carried ?? {};
  return passthrough.length === 0 ? undefined : JSON.stringify(passthrough);
}

/** What was written in these headers; undefined when none of it can be used. */
export function carriedOf(
  passthroughHeader: string | undefined,
  traceHeader: (name: string) => string | undefined,
): Carried | undefined {
  const passthrough = readJson(passthroughHeader);
  const isList =
    Array.isArray(passthrough) && passthrough.every((item) => typeof item === 'string');
  const trace: TraceContext | undefined = readTraceContext(traceHeader);
  if (!isList && trace === undefined) return undefined;
  return { ...(isList ? { passthrough } : {}), ...(trace === undefined ? {} : { trace }) };
}

/** Undefined for what we did not write. */
export function readJson(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) ?? undefined;
  } catch {
    return undefined;
  }
}
