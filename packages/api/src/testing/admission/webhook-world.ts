/** The webhooks of the builtin kinds behind a plain HTTP listener, for tests. */
import { FakeClock, recordingLogger, RecordingMeter } from '@afflux/kernel/testing';
import {
  builtinKinds,
  FieldErrors,
  SHIPPED_BROKER_DEFAULTS,
  SHIPPED_CHANNEL_DEFAULTS,
  SHIPPED_FEATURES,
  type AdmissionContext,
} from '@afflux/resources';
import { once } from 'node:events';
import { createServer, request, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import {
  admissionWebhooks,
  type AdmissionWebhookOptions,
} from '../../admission/admission-webhooks.ts';
import type { PatchOperation } from '../../admission/json-diff.ts';
import type { ObjectWebhookOptions } from '../../admission/object-webhooks.ts';

/** What a system that nobody configured says. */
export function shippedContext(user?: string): AdmissionContext {
  return {
    features: SHIPPED_FEATURES,
    brokerDefaults: SHIPPED_BROKER_DEFAULTS,
    channelDefaults: SHIPPED_CHANNEL_DEFAULTS,
    systemNamespace: 'knative-eventing',
    ...(user === undefined ? {} : { user }),
  };
}

/** The builtin kinds in that system. */
export function shippedWebhooks(): ObjectWebhookOptions {
  return { kinds: builtinKinds(), context: shippedContext };
}

/** Refuses the data `x`. */
export function configProblems(object: object): FieldErrors | undefined {
  const { data } = object as { data?: Record<string, string> };
  const errors = new FieldErrors();
  for (const [key, value] of Object.entries(data ?? {})) {
    if (value === 'x') errors.invalidValue(value, `data[${key}]`);
  }
  return errors;
}

/** The answer to a review. */
export interface ReviewAnswer {
  readonly apiVersion: string;
  readonly kind: string;
  readonly response: {
    readonly uid: string;
    readonly allowed: boolean;
    readonly status?: { readonly message: string; readonly code: number; readonly reason: string };
    readonly patch?: string;
    readonly patchType?: string;
    readonly warnings?: readonly string[];
  };
}

/** The patch in an answer. */
export function patchIn({ response }: ReviewAnswer): PatchOperation[] {
  const text = Buffer.from(response.patch ?? 'W10=', 'base64').toString();
  return JSON.parse(text) as PatchOperation[];
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

type Headers = Readonly<Record<string, string>>;

/** Everything is closed when the test is over. */
export async function makeWebhooks(options: Partial<AdmissionWebhookOptions> = {}) {
  const clock = new FakeClock();
  const logger = recordingLogger();
  const meter = new RecordingMeter();
  const handler = admissionWebhooks({
    ...shippedWebhooks(),
    configProblems,
    clock,
    logger,
    meter,
    ...options,
  });
  const server = createServer((incoming, response) => void handler(incoming, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  /** Begins a request; `body` ends it, and without one it stays open. */
  const begin = (path: string, headers: Headers = { 'content-type': 'application/json' }) => {
    const outgoing = request({ host: '127.0.0.1', port, path, method: 'POST', headers });
    const answer = new Promise<HttpAnswer>((resolve, reject) => {
      outgoing.on('error', reject);
      outgoing.on('response', (incoming) => {
        let text = '';
        incoming.setEncoding('utf8');
        incoming.on('data', (chunk: string) => (text += chunk));
        incoming.on('error', reject);
        incoming.on('end', () => {
          resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text });
        });
      });
    });
    answer.catch(() => undefined);
    return { outgoing, answer };
  };
  const post = (path: string, body: string | Buffer, headers?: Headers): Promise<HttpAnswer> => {
    const { outgoing, answer } = begin(path, headers);
    outgoing.end(body);
    return answer;
  };
  const review = async (path: string, body: string): Promise<ReviewAnswer> =>
    JSON.parse((await post(path, body)).text) as ReviewAnswer;
  return { clock, logger, meter, port, begin, post, review };
}
