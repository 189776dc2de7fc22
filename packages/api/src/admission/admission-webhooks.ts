/**
 * Defaulting and validation as admission webhooks: what a cluster's API server calls where a local store calls
 * the rules itself. A request handler for three paths, `/defaulting`, `/resource-validation` and
 * `/config-validation`; TLS and the listener are the server's (`AdmissionServer`).
 *
 * Invariants: every request is answered, with an AdmissionReview or with a plain text and a status; the body is
 * bounded in size, time and depth before anything looks into it; the handler never rejects.
 */
import { noopMeter, type Clock, type Logger, type Meter } from '@afflux/kernel';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { parseJson } from '../body.ts';
import {
  answerTo,
  readReview,
  type AdmissionRequest,
  type AdmissionReview,
  type Verdict,
} from './admission-review.ts';
import { configValidation, type ConfigProblems } from './config-validation.ts';
import { defaulting, resourceValidation, type ObjectWebhookOptions } from './object-webhooks.ts';
import { readBody, type NoBody } from './request-body.ts';

/** Bounds of one request. */
export interface AdmissionLimits {
  readonly bodyBytesMax: number;
  /** Until the body has arrived. */
  readonly bodyMsMax: number;
  /** Until what `synced` waits for; an API server gives up after ten seconds. */
  readonly syncMsMax: number;
}

/** The defaults of {@link AdmissionLimits}. */
export const ADMISSION_LIMITS: AdmissionLimits = {
  bodyBytesMax: 3 * 1024 * 1024,
  bodyMsMax: 10_000,
  syncMsMax: 8_000,
};

export interface AdmissionWebhookOptions extends ObjectWebhookOptions {
  readonly configProblems: ConfigProblems;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly meter?: Meter | undefined;
  /** Resolves when `context` speaks of the cluster and not of the defaults: requests wait for it. */
  readonly synced?: Promise<unknown> | undefined;
  readonly limits?: Partial<AdmissionLimits> | undefined;
}

/** Handles one request; never rejects. */
export type AdmissionHandler = (
  request: IncomingMessage,
  response: ServerResponse,
) => Promise<void>;

/** An answer that is no AdmissionReview. */
interface Refusal {
  readonly status: number;
  readonly text: string;
  /** The rest of the request is not read. */
  readonly closes?: boolean;
}

const NO_BODY: Readonly<Record<NoBody, Refusal>> = {
  'too-large': { status: 413, text: 'could not decode body: request body too large', closes: true },
  'too-slow': {
    status: 408,
    text: 'could not decode body: it did not arrive in time',
    closes: true,
  },
  gone: { status: 400, text: 'could not decode body: the request ended early', closes: true },
};

/** Makes the handler. */
export function admissionWebhooks(options: AdmissionWebhookOptions): AdmissionHandler {
  const { clock, configProblems, meter = noopMeter } = options;
  const limits = { ...ADMISSION_LIMITS, ...options.limits };
  const logger = options.logger.child({ component: 'admission' });
  const requests = meter.counter({
    name: 'afflux_admission_requests_total',
    help: 'Requests of admission webhooks, by path and outcome.',
    labels: ['webhook', 'outcome'],
  });
  const webhooks: ReadonlyMap<string, (request: AdmissionRequest) => Verdict> = new Map([
    ['/defaulting', (request) => defaulting(options, request)],
    ['/resource-validation', (request) => resourceValidation(options, request)],
    ['/config-validation', (request) => configValidation(configProblems, request)],
  ]);

  const answer = async (request: IncomingMessage): Promise<AdmissionAnswer | Refusal> => {
    const path = pathOf(request);
    const webhook = webhooks.get(path);
    if (webhook === undefined) {
      return { status: 400, text: `no controller registered for: ${path}`, closes: true };
    }
    if (request.headers['content-type'] !== 'application/json') {
      const text = 'invalid Content-Type, want `application/json`';
      return { status: 415, text, closes: true };
    }
    const body = await readBody(request, clock, {
      bytesMax: limits.bodyBytesMax,
      msMax: limits.bodyMsMax,
    });
    if (typeof body === 'string') return NO_BODY[body];
    const review = reviewIn(body);
    if (typeof review === 'string') {
      return { status: 400, text: `could not decode body: ${review}` };
    }
    if (!(await settledWithin(options.synced, clock, limits.syncMsMax))) {
      return { status: 503, text: 'not ready yet' };
    }
    return { review, verdict: webhook(review.request) };
  };

  return async (request, response) => {
    const path = pathOf(request);
    const webhook = webhooks.has(path) ? path : 'unknown';
    let outcome = 'failed';
    try {
      const result = await answer(request);
      outcome = outcomeOf(result);
      if ('verdict' in result) {
        sendJson(response, answerTo(result.review, result.verdict));
        logger.debug({ path, outcome, ...fieldsOf(result) }, 'admission request answered');
      } else {
        sendText(response, result);
        logger.debug({ path, status: result.status }, 'admission request refused');
      }
    } catch (err) {
      logger.error({ err, path }, 'admission request failed');
      if (!response.headersSent) sendText(response, { status: 500, text: 'internal error' });
    } finally {
      requests.labels(webhook, outcome).add();
    }
  };
}

interface AdmissionAnswer {
  readonly review: AdmissionReview;
  readonly verdict: Verdict;
}

/** Without the query: an API server says there how long it waits. */
function pathOf({ url = '' }: IncomingMessage): string {
  return url.split('?', 1)[0] ?? '';
}

function reviewIn(body: Buffer): AdmissionReview | string {
  try {
    return readReview(parseJson(body));
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function settledWithin(
  work: Promise<unknown> | undefined,
  clock: Clock,
  msMax: number,
): Promise<boolean> {
  if (work === undefined) return true;
  return new Promise((resolve, reject) => {
    const timer = clock.setTimer(msMax, () => {
      resolve(false);
    });
    work
      .then(() => {
        resolve(true);
      }, reject)
      .finally(() => {
        timer.cancel();
      });
  });
}

function outcomeOf(result: AdmissionAnswer | Refusal): string {
  if (!('verdict' in result)) return 'refused';
  return result.verdict.allowed ? 'allowed' : 'denied';
}

function fieldsOf({ review, verdict }: AdmissionAnswer): Record<string, unknown> {
  const { kind, namespace, name, operation, username } = review.request;
  return { kind: kind.kind, namespace, name, operation, user: username, reason: verdict.message };
}

function sendJson(response: ServerResponse, value: object): void {
  const body = Buffer.from(JSON.stringify(value));
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length });
  response.end(body);
}

function sendText(response: ServerResponse, { status, text, closes = false }: Refusal): void {
  const body = Buffer.from(`${text}\n`);
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'x-content-type-options': 'nosniff',
    'content-length': body.length,
    ...(closes ? { connection: 'close' } : {}),
  });
  response.end(body);
}
