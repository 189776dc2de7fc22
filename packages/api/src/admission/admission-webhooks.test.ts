import { settle } from '@afflux/kernel/testing';
import { FieldErrors } from '@afflux/resources';
import { describe, expect, it } from 'vitest';
import * as recorded from '../testing/admission/recorded-reviews.ts';
import { makeWebhooks, patchIn, type ReviewAnswer } from '../testing/admission/webhook-world.ts';

const VALIDATION = '/resource-validation';

function uidOf(review: string): string {
  return (JSON.parse(review) as { request: { uid: string } }).request.uid;
}

/** A recorded review with some of its request changed. */
function changed(review: string, change: (request: Record<string, unknown>) => void): string {
  const value = JSON.parse(review) as { request: Record<string, unknown> };
  change(value.request);
  return JSON.stringify(value);
}

describe('what kube-apiserver sends', () => {
  it('to create a Broker is answered with its defaults', async () => {
    const { review } = await makeWebhooks();
    const answer = await review('/defaulting?timeout=10s', recorded.CREATE);
    expect(answer).toMatchObject({
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
      response: { uid: uidOf(recorded.CREATE), allowed: true, patchType: 'JSONPatch' },
    });
    expect(patchIn(answer)).toContainEqual({
      op: 'add',
      path: '/metadata/annotations',
      value: { 'eventing.knative.dev/broker.class': 'MTChannelBasedBroker' },
    });
  });

  it('to create a Broker is judged as defaulting would have it', async () => {
    const { review } = await makeWebhooks();
    const answer = await review(VALIDATION, recorded.CREATE);
    expect(answer.response).toEqual({ uid: uidOf(recorded.CREATE), allowed: true });
  });

  it('to create a Broker with a misspelt field is refused with what was meant', async () => {
    const { review } = await makeWebhooks();
    const { response } = await review(VALIDATION, recorded.CREATE_WITH_UNKNOWN_FIELD);
    expect(response).toEqual({
      uid: uidOf(recorded.CREATE_WITH_UNKNOWN_FIELD),
      allowed: false,
      status: {
        metadata: {},
        status: 'Failure',
        message:
          'decoding request failed: cannot decode incoming new object: json: unknown field "retries"',
        reason: 'BadRequest',
        code: 400,
      },
      warnings: [expect.stringMatching(/^unknown field "retries", expected .+"retry"/)],
    });
  });

  it.each([
    ['an update by the controller', recorded.UPDATE_BY_CONTROLLER],
    ['an update of the status', recorded.UPDATE_STATUS],
    ['an update of finalizers', recorded.UPDATE_FINALIZERS],
    ['an update of an object in deletion', recorded.UPDATE_IN_DELETION],
    ['a deletion', recorded.DELETE],
    ['a creation that is only tried', recorded.CREATE_DRY_RUN],
  ])('about %s passes', async (_, body) => {
    const { review } = await makeWebhooks();
    const answer = await review(VALIDATION, body);
    expect(answer.response).toEqual({ uid: uidOf(body), allowed: true });
  });

  it('about a ConfigMap is judged by whoever reads it', async () => {
    const { review } = await makeWebhooks();
    const answer = await review('/config-validation', recorded.CREATE_CONFIG_MAP);
    expect(answer.response).toMatchObject({
      allowed: false,
      status: {
        message: 'validation failed: invalid value: x: data[default-br-config]',
        code: 400,
      },
    });
  });
});

describe('config validation', () => {
  it('lets a ConfigMap pass that nobody reads', async () => {
    const { review } = await makeWebhooks({ configProblems: () => undefined });
    const { response } = await review('/config-validation', recorded.CREATE_CONFIG_MAP);
    expect(response.allowed).toBe(true);
  });

  it('lets a deletion pass', async () => {
    const { review } = await makeWebhooks({
      configProblems: () => new FieldErrors().missing('data'),
    });
    const body = changed(recorded.CREATE_CONFIG_MAP, (request) => {
      request['operation'] = 'DELETE';
    });
    expect((await review('/config-validation', body)).response.allowed).toBe(true);
  });

  it.each([
    ['another kind', recorded.CREATE, /unhandled kind: eventing\.knative\.dev\/v1, Kind=Broker$/],
    [
      'data that is no text',
      changed(recorded.CREATE_CONFIG_MAP, (request) => {
        request['object'] = { metadata: { name: 'c' }, data: { a: 1 } };
      }),
      /cannot decode incoming new object: not a ConfigMap$/,
    ],
    [
      'no object',
      changed(recorded.CREATE_CONFIG_MAP, (request) => {
        request['object'] = null;
      }),
      /cannot decode incoming new object: not a ConfigMap$/,
    ],
  ])('refuses %s', async (_, body, message) => {
    const { review } = await makeWebhooks();
    const { response } = await review('/config-validation', body);
    expect(response.status?.message).toMatch(message);
  });
});

describe('admission webhooks over HTTP', () => {
  it.each([
    ['/', 'no controller registered for: /'],
    ['/defaulting/', 'no controller registered for: /defaulting/'],
    ['/__proto__?timeout=1s', 'no controller registered for: /__proto__'],
  ])('answer 400 at the path %s', async (path, text) => {
    const { post } = await makeWebhooks();
    expect(await post(path, recorded.CREATE)).toMatchObject({ status: 400, text: `${text}\n` });
  });

  it.each(['text/plain', 'application/json; charset=utf-8', 'application/JSON'])(
    'answer 415 to the content type %s',
    async (type) => {
      const { post } = await makeWebhooks();
      expect(await post(VALIDATION, recorded.CREATE, { 'content-type': type })).toMatchObject({
        status: 415,
        text: 'invalid Content-Type, want `application/json`\n',
      });
    },
  );

  it('answer 415 without a content type', async () => {
    const { post } = await makeWebhooks();
    expect(await post(VALIDATION, recorded.CREATE, {})).toMatchObject({ status: 415 });
  });

  it.each([
    ['no JSON', '{'],
    ['nothing', ''],
    ['a list', '[]'],
    ['another kind', '{"apiVersion":"v1","kind":"Pod"}'],
    [
      'an older version',
      recorded.CREATE.replace('admission.k8s.io/v1', 'admission.k8s.io/v1beta1'),
    ],
    ['no request', '{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview"}'],
    ['a request without a uid', recorded.CREATE.replace('"uid"', '"id"')],
    [
      'a request without a kind',
      changed(recorded.CREATE, (request) => (request['kind'] = 'Broker')),
    ],
    ['a request without an operation', recorded.CREATE.replace('"operation"', '"op"')],
    ['T12 deep nesting', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`],
    ['T12 deep lists', '['.repeat(1_000_000)],
  ])('answer 400 to %s', async (_, body) => {
    const { post } = await makeWebhooks();
    const answer = await post(VALIDATION, body);
    expect(answer.status).toBe(400);
    expect(answer.text).toMatch(/^could not decode body: ./);
  });

  it('T12 pollute no prototype', async () => {
    const { review } = await makeWebhooks();
    const body = recorded.CREATE.replace('"spec":{', '"spec":{"__proto__":{"polluted":true},');
    const { response } = await review(VALIDATION, body);
    expect(response.status?.message).toMatch(/json: unknown field "__proto__"$/);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('take a body of 3 MiB', async () => {
    const { review } = await makeWebhooks();
    const body = recorded.CREATE.padEnd(3 * 1024 * 1024, ' ');
    expect((await review(VALIDATION, body)).response.allowed).toBe(true);
  });

  it('T12 answer 413 to a larger one that says so, before it is read', async () => {
    const { begin } = await makeWebhooks();
    const { outgoing, answer } = begin(VALIDATION, {
      'content-type': 'application/json',
      'content-length': String(3 * 1024 * 1024 + 1),
    });
    outgoing.flushHeaders();
    expect(await answer).toMatchObject({
      status: 413,
      headers: { connection: 'close' },
      text: 'could not decode body: request body too large\n',
    });
    outgoing.destroy();
  });

  it('T12 answer 413 to a larger one in pieces', async () => {
    const { begin } = await makeWebhooks({ limits: { bodyBytesMax: 10 } });
    const { outgoing, answer } = begin(VALIDATION);
    outgoing.write('{"a":"0123456789');
    expect(await answer).toMatchObject({ status: 413 });
    outgoing.destroy();
  });

  it('T12 answer 408 when the body does not arrive within ten seconds', async () => {
    const { begin, clock } = await makeWebhooks();
    const { outgoing, answer } = begin(VALIDATION);
    outgoing.write('{');
    await until(() => clock.pending === 1);
    await clock.advance(10_000);
    expect(await answer).toMatchObject({ status: 408 });
    outgoing.destroy();
  });

  it('forget a request whose client is gone', async () => {
    const { begin, clock, meter } = await makeWebhooks();
    const { outgoing } = begin(VALIDATION);
    outgoing.write('{');
    await until(() => clock.pending === 1);
    outgoing.destroy();
    await until(() => clock.pending === 0);
    expect(meter.sum('afflux_admission_requests_total', VALIDATION, 'refused')).toBe(1);
  });

  it('wait until the context is known', async () => {
    let ready = (): void => undefined;
    const synced = new Promise<void>((resolve) => (ready = resolve));
    const { review, clock } = await makeWebhooks({ synced });
    const answers: ReviewAnswer[] = [];
    const waiting = review(VALIDATION, recorded.CREATE).then((answer) => answers.push(answer));
    await until(() => clock.pending === 1 && clock.nextDueInMs === 8_000);
    expect(answers).toEqual([]);
    ready();
    await waiting;
    expect(answers).toMatchObject([{ response: { allowed: true } }]);
  });

  it('answer 503 when it is not known in time', async () => {
    const { post, clock } = await makeWebhooks({ synced: new Promise(() => undefined) });
    const answer = post(VALIDATION, recorded.CREATE);
    await until(() => clock.nextDueInMs === 8_000);
    await clock.advance(8_000);
    expect(await answer).toMatchObject({ status: 503, text: 'not ready yet\n' });
  });

  it('answer 500 when the context fails, without saying why', async () => {
    const context = (): never => {
      throw new Error('secret');
    };
    const { post, logger } = await makeWebhooks({ context });
    expect(await post(VALIDATION, recorded.CREATE)).toMatchObject({
      status: 500,
      text: 'internal error\n',
    });
    expect(logger.lines).toMatchObject([{ level: 'error', message: 'admission request failed' }]);
  });

  it('count what they answer', async () => {
    const { post, meter } = await makeWebhooks();
    await post(VALIDATION, recorded.CREATE);
    await post(VALIDATION, recorded.CREATE_WITH_UNKNOWN_FIELD);
    await post('/somewhere', '');
    const sum = (webhook: string, outcome: string): number =>
      meter.sum('afflux_admission_requests_total', webhook, outcome);
    expect(sum(VALIDATION, 'allowed')).toBe(1);
    expect(sum(VALIDATION, 'denied')).toBe(1);
    expect(sum('unknown', 'refused')).toBe(1);
  });
});

/** Waits for the other end of a socket, which no clock of ours moves. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await settle();
}
