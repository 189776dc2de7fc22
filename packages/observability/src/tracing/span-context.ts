/**
 * Trace contexts of our own spans. Whether a trace is recorded is decided once, where it enters; from there on
 * our spans follow that decision. A context that came from outside is told from ours by its class, because a
 * flag or an id in a header can be anything (T32).
 */
import type { Random, TraceContext } from '@afflux/kernel';

/** A context that one of our spans made, here in this process. */
export class OwnTraceContext implements TraceContext {
  readonly traceparent: string;
  declare readonly tracestate?: string;
  declare readonly baggage?: string;

  /** `parent` hands on its `tracestate` and `baggage`, which were capped when they were read. */
  constructor(ids: SpanIds, isSampled: boolean, parent: TraceContext | undefined) {
    this.traceparent = `00-${ids.traceId}-${ids.spanId}-${isSampled ? '01' : '00'}`;
    if (parent?.tracestate !== undefined) this.tracestate = parent.tracestate;
    if (parent?.baggage !== undefined) this.baggage = parent.baggage;
  }
}

export interface SpanIds {
  readonly traceId: string;
  readonly spanId: string;
}

/** The ids of a well-formed `traceparent`. */
export function idsOf({ traceparent }: TraceContext): SpanIds {
  return { traceId: traceparent.slice(3, 35), spanId: traceparent.slice(36, 52) };
}

export function isSampled({ traceparent }: TraceContext): boolean {
  return (Number.parseInt(traceparent.slice(53, 55), 16) & 1) === 1;
}

/** `digits` hexadecimal digits that are not all zero, as W3C asks of ids. A multiple of 8. */
export function randomHex(digits: number, random: Random): string {
  let hex = '';
  while (hex.length < digits) {
    hex += Math.floor(random.next() * 2 ** 32)
      .toString(16)
      .padStart(8, '0');
  }
  return /^0+$/.test(hex) ? `${hex.slice(1)}1` : hex;
}
