/**
 * The headers that travel with an event although they are no part of it: an explicit list, bounded in number
 * and size. Everything else stays behind: credentials, cookies, hop-by-hop headers, `host`, lengths.
 */
import type { TraceContext } from '@afflux/kernel';

/** Headers of one message that are passed on. */
const PASSTHROUGH_HEADERS_MAX = 32;
/** Their names and values in all, in characters. */
const PASSTHROUGH_CHARS_MAX = 8192;
/** W3C Trace Context §3.3.1.5 asks to propagate at least 512 characters; longer ones are dropped whole. */
const TRACESTATE_CHARS_MAX = 512;
/** W3C Baggage §3.2.3 asks for 8192 bytes; longer ones are dropped whole. */
const BAGGAGE_CHARS_MAX = 8192;

/** Field values as RFC 9110 §5.5 allows them. */
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
const TOKEN = /^[a-z0-9!#$%&'*+.^_`|~-]+$/;
const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

/**
 * The pass-through set of Knative (eventing `pkg/utils/headers.go`), without `retry-after`: that one means
 * something else on a request.
 */
function isPassthrough(lowerName: string): boolean {
  return (
    lowerName === 'x-request-id' ||
    ((lowerName.startsWith('knative-') || lowerName.startsWith('x-b3-')) && TOKEN.test(lowerName))
  );
}

/** The part of a flat list of headers that may travel on, names in lower case; undefined when there is none. */
export function selectPassthrough(headers: readonly string[]): string[] | undefined {
  let selected: string[] | undefined;
  let chars = 0;
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const name = (headers[index] ?? '').toLowerCase();
    const value = headers[index + 1] ?? '';
    if (!isPassthrough(name) || !FIELD_VALUE.test(value)) continue;
    chars += name.length + value.length;
    if (chars > PASSTHROUGH_CHARS_MAX) break;
    selected ??= [];
    selected.push(name, value);
    if (selected.length === 2 * PASSTHROUGH_HEADERS_MAX) break;
  }
  return selected;
}

/** Trace context as headers. What is malformed or too long is left out, so that it can spoil no request. */
export function traceHeaders(trace: TraceContext): string[] {
  if (!TRACEPARENT.test(trace.traceparent)) return [];
  const headers = ['traceparent', trace.traceparent];
  if (fits(trace.tracestate, TRACESTATE_CHARS_MAX)) headers.push('tracestate', trace.tracestate);
  if (fits(trace.baggage, BAGGAGE_CHARS_MAX)) headers.push('baggage', trace.baggage);
  return headers;
}

function fits(value: string | undefined, charsMax: number): value is string {
  return value !== undefined && value.length <= charsMax && FIELD_VALUE.test(value);
}
