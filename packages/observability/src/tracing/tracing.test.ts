/** Tracing end to end: spans go to a real OTLP collector, which is a small HTTP server here. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AffluxError, readTraceContext, seededRandom } from '@afflux/kernel';
import type { Span, TraceContext } from '@afflux/kernel';
import { FakeClock } from '@afflux/kernel/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import { configSchema } from '../config.ts';
import type { TracingConfig } from '../config.ts';
import { createObservability } from '../observability.ts';
import type { ObservabilityOptions } from '../observability.ts';

const CANARY = 'c4naryS3cret';
const OUTSIDE = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7';

interface OtlpAttribute {
  readonly key: string;
  readonly value: {
    readonly stringValue?: string;
    readonly intValue?: number;
    readonly boolValue?: boolean;
  };
}

interface OtlpSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly OtlpAttribute[];
  readonly status: { readonly code: number; readonly message?: string };
}

interface OtlpRequest {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly OtlpAttribute[] };
    readonly scopeSpans: readonly { readonly spans: readonly OtlpSpan[] }[];
  }[];
}

/** A collector on a free port; `answer` is its status. */
async function collector(answer: number | 'never' = 200) {
  const requests: { path: string | undefined; headers: unknown; body: string }[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      requests.push({
        path: request.url,
        headers: request.headers,
        body: Buffer.concat(chunks).toString(),
      });
      if (answer !== 'never') response.writeHead(answer).end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const exports = (): OtlpRequest[] => requests.map(({ body }) => JSON.parse(body) as OtlpRequest);
  return {
    endpoint: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    requests,
    exports,
    spans: () =>
      exports()
        .flatMap(({ resourceSpans }) => resourceSpans)
        .flatMap(({ scopeSpans }) => scopeSpans)
        .flatMap(({ spans }) => spans),
  };
}

async function started(tracing: Partial<TracingConfig>, options: ObservabilityOptions = {}) {
  const written: string[] = [];
  const config = configSchema.parse({ tracing });
  const observability = createObservability(config, {
    destination: { write: (text) => void written.push(text) },
    random: seededRandom(1),
    ...options,
  });
  onTestFinished(() => observability.close());
  await observability.start();
  return { observability, tracer: observability.tracer, written };
}

function contextOf(span: Span): TraceContext {
  if (span.context === undefined) throw new Error('the span has no context');
  return span.context;
}

const flagOf = (span: Span): string => contextOf(span).traceparent.slice(-2);

describe('spans', () => {
  test('of a parent and its child arrive, with times, kinds, attributes and the name of the service', async () => {
    const { endpoint, spans, exports, requests } = await collector();
    const clock = new FakeClock();
    const headers = { 'x-api-key': CANARY };
    const { observability, tracer } = await started(
      { endpoint, headers, serviceName: 'laptop' },
      { clock },
    );
    const attributes = { 'cloudevents.type': 'order', retries: 2, ok: true };
    const parent = tracer.startSpan('broker:default.orders', { kind: 'server', attributes });
    await clock.advance(10);
    const child = tracer.startSpan('send http://x/', { kind: 'client', parent: parent.context });
    child.setAttribute('http.response.status_code', 202);
    await clock.advance(5);
    child.end();
    parent.end();
    await observability.close();

    const [first, second] = spans();
    expect(spans()).toHaveLength(2);
    expect(first).toMatchObject({ name: 'send http://x/', kind: 3, parentSpanId: second?.spanId });
    expect(second).toMatchObject({
      name: 'broker:default.orders',
      kind: 2,
      traceId: first?.traceId,
    });
    expect(second?.parentSpanId ?? '').toBe('');
    const durationsMs = [first, second].map(
      (span) => (Number(span?.endTimeUnixNano) - Number(span?.startTimeUnixNano)) / 1e6,
    );
    expect(durationsMs.map(Math.round)).toEqual([5, 15]);
    expect(second?.attributes.map(({ key, value }) => [key, Object.values(value)[0]])).toEqual([
      ['cloudevents.type', 'order'],
      ['retries', 2],
      ['ok', true],
    ]);
    expect(contextOf(child).traceparent).toBe(
      `00-${String(first?.traceId)}-${String(first?.spanId)}-01`,
    );
    const [request] = requests;
    expect(request).toMatchObject({ path: '/v1/traces', headers: { 'x-api-key': CANARY } });
    expect(exports()[0]?.resourceSpans[0]?.resource.attributes).toContainEqual({
      key: 'service.name',
      value: { stringValue: 'laptop' },
    });
  });

  test('that fail say so, with the code of our errors', async () => {
    const { endpoint, spans } = await collector();
    const { observability, tracer } = await started({ endpoint });
    const error = new AffluxError('refused', { code: 'AFFLUX_TEST_REFUSED' });
    tracer.startSpan('a', { kind: 'client' }).end(error);
    tracer.startSpan('b', { kind: 'client' }).end(new TypeError('broken'));
    tracer.startSpan('c', { kind: 'client' }).end('text');
    await observability.close();
    expect(spans().map(({ status }) => status)).toEqual([
      { code: 2, message: 'refused' },
      { code: 2, message: 'broken' },
      { code: 2, message: 'text' },
    ]);
    const types = spans().map(({ attributes }) => attributes[0]?.value.stringValue);
    expect(types).toEqual(['AFFLUX_TEST_REFUSED', 'TypeError', 'string']);
  });

  test('T30 carry no secrets in names, attributes or errors', async () => {
    const { endpoint, requests } = await collector();
    const { observability, tracer } = await started({ endpoint });
    const url = `http://user:${CANARY}@host/`;
    const span = tracer.startSpan(`send ${url}`, {
      kind: 'client',
      attributes: { 'url.full': url, authorization: CANARY },
    });
    span.setAttribute('x-auth-token', CANARY);
    span.setAttribute('query', `?password=${CANARY}`);
    span.end(new Error(`cannot reach ${url}`));
    await observability.close();
    expect(requests).toHaveLength(1);
    expect(requests.map(({ body }) => body).join()).not.toContain(CANARY);
  });

  test('an endpoint may name the path itself', async () => {
    const { endpoint, requests } = await collector();
    for (const path of ['/v1/traces', '/', '/prefix']) {
      const { observability, tracer } = await started({ endpoint: `${endpoint}${path}` });
      tracer.startSpan('a', { kind: 'internal' }).end();
      await observability.close();
    }
    expect(requests.map(({ path }) => path)).toEqual([
      '/v1/traces',
      '/v1/traces',
      '/prefix/v1/traces',
    ]);
  });
});

describe('sampling', () => {
  test('T32 the sampled flag and the ids of a stranger decide nothing', async () => {
    const { endpoint, spans } = await collector();
    const { observability, tracer } = await started({ endpoint, samplingRatio: 0 });
    for (let round = 0; round < 50; round += 1) {
      const parent = { traceparent: `${OUTSIDE}-01`, tracestate: 'a=1', baggage: 'b=2' };
      const span = tracer.startSpan('a', { kind: 'server', parent });
      expect(flagOf(span)).toBe('00');
      span.setAttribute('ignored', 1);
      span.end();
    }
    const recorded = await started({ endpoint, samplingRatio: 1 });
    const span = recorded.tracer.startSpan('b', {
      kind: 'server',
      parent: { traceparent: `${OUTSIDE}-00` },
    });
    expect(flagOf(span)).toBe('01');
    span.end();
    await observability.close();
    await recorded.observability.close();
    expect(spans().map(({ name, parentSpanId }) => [name, parentSpanId])).toEqual([
      ['b', OUTSIDE.slice(36)],
    ]);
  });

  test('the flag is followed where the configuration trusts it', async () => {
    const { endpoint } = await collector();
    const { tracer } = await started({ endpoint, samplingRatio: 0, trustParent: true });
    const flags = ['01', '00'].map((flag) => {
      const parent = { traceparent: `${OUTSIDE}-${flag}` };
      return flagOf(tracer.startSpan('a', { kind: 'server', parent }));
    });
    expect(flags).toEqual(['01', '00']);
    expect(flagOf(tracer.startSpan('root', { kind: 'server' }))).toBe('00');
  });

  test('our own spans follow the decision of their parent, recorded or not', async () => {
    const { endpoint, spans } = await collector();
    const { observability, tracer } = await started({ endpoint, samplingRatio: 0.5 });
    const byFlag = { '00': 0, '01': 0 };
    for (let round = 0; round < 100; round += 1) {
      const parent = tracer.startSpan('parent', { kind: 'server' });
      const child = tracer.startSpan('child', { kind: 'client', parent: parent.context });
      expect(flagOf(child)).toBe(flagOf(parent));
      expect(contextOf(child).traceparent.slice(0, 35)).toBe(
        contextOf(parent).traceparent.slice(0, 35),
      );
      byFlag[flagOf(parent) as '00' | '01'] += 1;
      child.end();
      parent.end();
    }
    await observability.close();
    expect(Math.min(...Object.values(byFlag))).toBeGreaterThan(25);
    expect(spans()).toHaveLength(2 * byFlag['01']);
  });

  test('tracestate and baggage are handed on, and the result can be read by the next hop', async () => {
    const { endpoint } = await collector();
    const parent = { traceparent: `${OUTSIDE}-01`, tracestate: 'a=1', baggage: 'b=2' };
    for (const samplingRatio of [0, 1]) {
      const { tracer } = await started({ endpoint, samplingRatio });
      const context = contextOf(tracer.startSpan('a', { kind: 'server', parent }));
      expect(context).toMatchObject({ tracestate: 'a=1', baggage: 'b=2' });
      expect(context.traceparent.slice(3, 35)).toBe(OUTSIDE.slice(3, 35));
      expect(context.traceparent.slice(36, 52)).not.toBe(OUTSIDE.slice(36));
      const headers = new Map(Object.entries(context));
      expect(readTraceContext((name) => headers.get(name) as string | undefined)).toEqual(
        Object.fromEntries(headers),
      );
    }
  });
});

describe('a collector in every state', () => {
  test('the tracer is enabled from start to close', async () => {
    const { endpoint } = await collector();
    const config = configSchema.parse({ tracing: { endpoint } });
    const observability = createObservability(config, { destination: { write: () => undefined } });
    expect(observability.tracer.enabled).toBe(false);
    await observability.start();
    expect(observability.tracer.enabled).toBe(true);
    await observability.close();
    expect(observability.tracer.enabled).toBe(false);
  });

  test('a collector that refuses costs a warning, and no secret of its configuration is told', async () => {
    const { endpoint } = await collector(400);
    const { observability, tracer, written } = await started({
      endpoint,
      headers: { 'x-api-key': CANARY },
    });
    tracer.startSpan('a', { kind: 'internal' }).end();
    await observability.close();
    expect(written.join('')).toContain('spans could not be exported');
    expect(written.join('')).not.toContain(CANARY);
  });

  test('a collector that never answers does not hold up closing', async () => {
    const { endpoint, requests } = await collector('never');
    const clock = new FakeClock();
    const { observability, tracer, written } = await started({ endpoint }, { clock });
    tracer.startSpan('a', { kind: 'internal' }).end();
    const closing = observability.close();
    await expect.poll(() => requests).toHaveLength(1);
    await clock.advance(2000);
    await closing;
    expect(written.join('')).toContain('last spans were not sent in time');
  });
});
