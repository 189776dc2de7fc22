/**
 * The few headers that decide whether a body is read, gathered in one pass over the raw list. Node's own
 * `request.headers` object is never built: on this listener it would be the dearest single step.
 */
import { readTraceContext, type TraceContext } from '@afflux/kernel';

/** Kinds of headers this pass looks at; all others belong to the event decoder. */
const KIND = {
  other: 0,
  host: 1,
  origin: 2,
  contentLength: 3,
  contentEncoding: 4,
  passthrough: 5,
  traceparent: 6,
  tracestate: 7,
  baggage: 8,
} as const;
type Kind = (typeof KIND)[keyof typeof KIND];

const KIND_BY_NAME: Readonly<Record<string, Kind>> = {
  __proto__: null as never,
  host: KIND.host,
  origin: KIND.origin,
  'content-length': KIND.contentLength,
  'content-encoding': KIND.contentEncoding,
  'x-request-id': KIND.passthrough,
  traceparent: KIND.traceparent,
  tracestate: KIND.tracestate,
  baggage: KIND.baggage,
};

/** Distinct header spellings remembered; a client that sends more only pays for the lookup again. */
const KIND_CACHE_MAX = 2_000;
const kindCache = new Map<string, Kind>();

/** Bound on what is handed on per request, so that a producer cannot make every delivery huge. */
const PASSTHROUGH_BYTES_MAX = 8 * 1024;

function kindOf(rawName: string): Kind {
  const cached = kindCache.get(rawName);
  if (cached !== undefined) return cached;
  const name = rawName.toLowerCase();
  // `retry-after` is passed on by the original as a request header by mistake (contract §9 row 22).
  const kind =
    KIND_BY_NAME[name] ??
    (name.startsWith('knative-') || name.startsWith('x-b3-') ? KIND.passthrough : KIND.other);
  if (kindCache.size >= KIND_CACHE_MAX) kindCache.clear();
  kindCache.set(rawName, kind);
  return kind;
}

/** Most headers of a request are attributes, in which this pass has no interest: told by two letters. */
function isAttributeHeader(name: string): boolean {
  return (name.charCodeAt(0) | LOWER_CASE) === C && (name.charCodeAt(1) | LOWER_CASE) === E;
}

const LOWER_CASE = 0x20;
const C = 'c'.charCodeAt(0);
const E = 'e'.charCodeAt(0);

export interface RequestHead {
  readonly host: string | undefined;
  readonly origin: string | undefined;
  /** Undefined when the body is chunked or absent. */
  readonly contentLength: number | undefined;
  readonly contentEncoding: string | undefined;
  readonly passthrough: readonly string[] | undefined;
  readonly trace: TraceContext | undefined;
}

/** Reads what {@link RequestHead} names. `rawHeaders` is the flat list of names and values as received. */
export function readRequestHead(rawHeaders: readonly string[]): RequestHead {
  let host: string | undefined;
  let origin: string | undefined;
  let contentLength: number | undefined;
  let contentEncoding: string | undefined;
  let passthrough: string[] | undefined;
  let passthroughBytes = 0;
  let traceparent: string | undefined;
  let tracestate: string | undefined;
  let baggage: string | undefined;
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    if (isAttributeHeader(name)) continue;
    const value = rawHeaders[index + 1] ?? '';
    switch (kindOf(name)) {
      case KIND.other:
        break;
      case KIND.host:
        host = value;
        break;
      case KIND.origin:
        origin = value;
        break;
      case KIND.contentLength:
        contentLength = Number(value);
        break;
      case KIND.contentEncoding:
        contentEncoding = value;
        break;
      case KIND.passthrough:
        passthroughBytes += name.length + value.length;
        if (passthroughBytes <= PASSTHROUGH_BYTES_MAX) {
          passthrough ??= [];
          passthrough.push(name.toLowerCase(), value);
        }
        break;
      case KIND.traceparent:
        traceparent = value;
        break;
      case KIND.tracestate:
        tracestate = tracestate === undefined ? value : `${tracestate},${value}`;
        break;
      case KIND.baggage:
        baggage = baggage === undefined ? value : `${baggage},${value}`;
        break;
    }
  }
  const trace =
    traceparent === undefined
      ? undefined
      : readTraceContext((name) =>
          name === 'traceparent' ? traceparent : name === 'tracestate' ? tracestate : baggage,
        );
  return { host, origin, contentLength, contentEncoding, passthrough, trace };
}
