/**
 * W3C trace context and baggage as they arrive from outside, checked and cut to size (T32). Everything that
 * leaves here may be sent to the next hop as it is.
 *
 * Whether a trace is recorded is never decided here: the sampled flag of a stranger is kept for the next hop,
 * and it is the tracer that does not trust it.
 */
import type { TraceContext } from './telemetry.ts';

/** The characters of combined `tracestate` that W3C Trace Context (§3.3.1.5) asks everybody to carry. */
const TRACESTATE_LENGTH_MAX = 512;

/** List members longer than this are the first to go when `tracestate` is too long (same section). */
const TRACESTATE_MEMBER_LENGTH_MAX = 128;

/** The bytes of `baggage` that W3C Baggage (§3.3.2) asks everybody to carry. */
const BAGGAGE_LENGTH_MAX = 8192;

/** Headers beyond this are not worth cutting and are dropped as a whole: bounds the work on hostile input. */
const HEADER_LENGTH_MAX = 16_384;

const TRACEPARENT =
  /^([0-9a-f]{2})-((?!0{32})[0-9a-f]{32})-((?!0{16})[0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const TRACEPARENT_LENGTH = 55;

const PRINTABLE = /^[\t\x20-\x7e]*$/;

/**
 * Reads the trace context of a request; undefined when there is none or `traceparent` is malformed (then
 * W3C lets nobody trust the rest). `get` is given lower-case header names and answers with the combined value
 * of repeated headers. A `tracestate` or `baggage` beyond its cap loses whole members; one with control or
 * non-ASCII characters is left out. A `traceparent` of a later version is passed on as version 00.
 */
export function readTraceContext(
  get: (name: string) => string | undefined,
): TraceContext | undefined {
  const header = get('traceparent');
  if (header === undefined) return undefined;
  const traceparent = readTraceparent(header.trim());
  if (traceparent === undefined) return undefined;
  const tracestate = capTracestate(readList(get('tracestate')));
  const baggage = capBaggage(readList(get('baggage')));
  return {
    traceparent,
    ...(tracestate !== '' && { tracestate }),
    ...(baggage !== '' && { baggage }),
  };
}

function readTraceparent(header: string): string | undefined {
  if (header.length > HEADER_LENGTH_MAX) return undefined;
  const match = TRACEPARENT.exec(header);
  if (match === null) return undefined;
  const [, version = '', traceId = '', parentId = '', flags = '', rest] = match;
  if (version === 'ff' || (version === '00' && rest !== undefined)) return undefined;
  // Of a version we do not know, only the sampled bit has a meaning that we may repeat.
  const known = version === '00' ? flags : Number.parseInt(flags, 16) & 1 ? '01' : '00';
  return header.length === TRACEPARENT_LENGTH && version === '00'
    ? header
    : `00-${traceId}-${parentId}-${known}`;
}

function readList(header: string | undefined): string {
  if (header === undefined || header.length > HEADER_LENGTH_MAX) return '';
  const list = header.trim();
  return PRINTABLE.test(list) ? list : '';
}

function capTracestate(list: string): string {
  if (list.length <= TRACESTATE_LENGTH_MAX) return list;
  const members = list
    .split(',')
    .filter((member) => member.trim().length <= TRACESTATE_MEMBER_LENGTH_MAX);
  return withinLength(members.join(','), TRACESTATE_LENGTH_MAX);
}

function capBaggage(list: string): string {
  return withinLength(list, BAGGAGE_LENGTH_MAX);
}

/** Drops whole members from the end until the list fits. */
function withinLength(list: string, lengthMax: number): string {
  if (list.length <= lengthMax) return list;
  // A member may end exactly at the cap, so the comma is looked for one place beyond it.
  return list.slice(0, Math.max(0, list.lastIndexOf(',', lengthMax)));
}
