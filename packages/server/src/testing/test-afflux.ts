/**
 * An Afflux for the tests of somebody else's service, in the process of the test, with a subscriber built in. It
 * knows no test framework: it resolves, or it rejects with a message that says what came instead.
 *
 *     const test = await startTestAfflux({ manifests: (sink) => `… subscriber: { uri: ${sink} } …` });
 *     await test.send('default/main', { type: 'order.created', source: '/shop', id: '1' });
 *     const [received] = await test.received({ type: 'order.created' });
 *     await test.close();
 */
import { encodeBinary, makeEvent, type EventInput } from '@afflux/events';
import { newUuid } from '@afflux/kernel';
import { createAfflux, type Afflux, type AffluxOptions } from '../afflux.ts';
import {
  TestSink,
  type EventMatch,
  type ReceivedEvent,
  type ReceivedOptions,
} from './test-sink.ts';

/** The v1 Service under which manifests may name the built-in sink. */
const SINK_SERVICE = 'default/sink';

export interface TestAffluxOptions extends Omit<AffluxOptions, 'manifests'> {
  /**
   * Objects to begin with: YAML text or objects, or a function that is given the address of the built-in sink.
   * The sink is also the v1 Service `sink` of the namespace `default`.
   */
  readonly manifests?: Manifests | ((sinkUrl: string) => Manifests);
}

type Manifests = string | object | readonly object[];

export interface TestAfflux extends AsyncDisposable {
  readonly afflux: Afflux;
  readonly sink: TestSink;
  /**
   * Posts an event to a broker, given as `<namespace>/<name>`, or to any URL. Resolves with the status; 202 means
   * accepted. `id` and `source` may be left out.
   */
  send(to: string, event: TestEvent): Promise<number>;
  /** What the built-in sink received; see {@link TestSink.received}. */
  received(match?: EventMatch, options?: ReceivedOptions): Promise<ReceivedEvent[]>;
  /** Delivers what was accepted, then stops everything. Idempotent. */
  close(): Promise<void>;
}

export type TestEvent = Omit<EventInput, 'id' | 'source'> &
  Partial<Pick<EventInput, 'id' | 'source'>>;

/** Resolves when the objects have been reconciled. Rejects when one of them is not acceptable. */
export async function startTestAfflux(options: TestAffluxOptions = {}): Promise<TestAfflux> {
  const { manifests = [], ...config } = options;
  const sink = await TestSink.start();
  const afflux = createAfflux({
    log: { level: 'silent' },
    shutdownGrace: '5s',
    ...config,
    services: { [SINK_SERVICE]: sink.url, ...config.services },
  });
  const close = async (): Promise<void> => {
    await afflux.close();
    await sink.close();
  };
  try {
    await afflux.start();
    const objects = isFunction(manifests) ? manifests(sink.url) : manifests;
    await afflux.apply(objects);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    afflux,
    sink,
    send: (to, event) => send(to.includes('://') ? to : brokerUrl(afflux, to), event),
    received: (match, limits) => sink.received(match, limits),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** A function is an object, too: the type alone does not tell them apart. */
function isFunction(
  manifests: NonNullable<TestAffluxOptions['manifests']>,
): manifests is (sinkUrl: string) => Manifests {
  return typeof manifests === 'function';
}

function brokerUrl(afflux: Afflux, reference: string): string {
  const [namespace = '', name = ''] = reference.split('/');
  return afflux.brokerUrl(namespace, name);
}

async function send(url: string, event: TestEvent): Promise<number> {
  const { headers, body } = encodeBinary(makeEvent({ id: newUuid(), source: '/test', ...event }));
  const pairs: [string, string][] = [];
  for (let index = 0; index < headers.length; index += 2) {
    pairs.push([headers[index] ?? '', headers[index + 1] ?? '']);
  }
  const response = await fetch(url, {
    method: 'POST',
    headers: pairs,
    ...(body === undefined ? {} : { body }),
  });
  await response.arrayBuffer();
  return response.status;
}
