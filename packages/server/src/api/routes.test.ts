import { systemClock } from '@afflux/kernel';
import { recordingLogger } from '@afflux/kernel/testing';
import { fastify } from 'fastify';
import { describe, expect, it, onTestFinished } from 'vitest';
import { JobTable } from '../jobs/job-table.ts';
import {
  directoryOf,
  event,
  KeepingChannel,
  letter,
  ListedLetters,
  type KeepingOptions,
} from '../testing/keeping.ts';
import { DeadLetterResource, SCANNED_MAX } from './dead-letters.ts';
import { JobResource } from './jobs.ts';
import { registerApi } from './routes.ts';

const ROOT = '/apis/afflux.dev/v1alpha1/namespaces/default';

/** What any answer may have; looked at, not promised. */
interface Body {
  readonly items: readonly Body[];
  readonly metadata: { readonly name: string; readonly continue?: string };
  readonly spec: { readonly event: { readonly data_base64: string } };
  readonly status: { readonly phase?: string };
  readonly details: object;
  readonly message: string;
}

interface Answer {
  readonly code: number;
  readonly body: Body;
}

async function startApi(...channels: readonly KeepingChannel[]) {
  const directory = directoryOf(...channels);
  const logger = recordingLogger();
  const table = new JobTable({ clock: systemClock, logger });
  await table.start();
  const deadLetters = new DeadLetterResource(directory);
  const app = fastify();
  registerApi(app, {
    deadLetters,
    jobs: new JobResource({ directory, deadLetters, table, clock: systemClock }),
    logger,
  });
  onTestFinished(async () => {
    await table.close();
    await app.close();
  });
  const call = async (
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    options: { readonly body?: unknown; readonly headers?: Record<string, string> } = {},
  ): Promise<Answer> => {
    const { statusCode, payload } = await app.inject({
      method,
      url: path.startsWith('/') ? path : `${ROOT}/${path}`,
      headers: { host: 'localhost:8081', ...options.headers },
      ...(options.body === undefined ? {} : { payload: options.body as object }),
    });
    return { code: statusCode, body: JSON.parse(payload) as Body };
  };
  return { call, logger };
}

const PAYMENTS = 'default/shop/default/payments';
const AUDIT = 'default/shop/default/audit';

/** A broker `shop` with two triggers, of which each has dead letters. */
function shop(letters: ListedLetters, more: KeepingOptions = {}) {
  return new KeepingChannel({
    ref: { name: 'shop-kne-trigger' },
    broker: 'shop',
    subscriptions: [
      { id: PAYMENTS, label: 'trigger:default/payments' },
      { id: AUDIT, label: 'trigger:audit.default' },
    ],
    letters,
    ...more,
  });
}

function someLetters() {
  return new ListedLetters([
    letter(AUDIT, 'a1'),
    letter(PAYMENTS, 'p1', { event: event('e-1', { type: 'order.payment', data: '{"n":1e400}' }) }),
    letter(PAYMENTS, 'p2', { event: event('e-2', { type: 'order.refund' }) }),
  ]);
}

function namesOf(answer: Answer): string[] {
  return answer.body.items.map(({ metadata }) => metadata.name);
}

describe('deadletters', () => {
  it('lists those of all triggers with labels, reason and event', async () => {
    const { call } = await startApi(shop(someLetters()));
    const { code, body } = await call('GET', 'deadletters');
    expect(code).toBe(200);
    expect(body).toMatchObject({ kind: 'DeadLetterList', apiVersion: 'afflux.dev/v1alpha1' });
    expect(body.items).toHaveLength(3);
    expect(body.items[1]).toMatchObject({
      kind: 'DeadLetter',
      metadata: {
        namespace: 'default',
        creationTimestamp: '1970-01-01T00:00:02Z',
        labels: {
          'eventing.knative.dev/broker': 'shop',
          'eventing.knative.dev/trigger': 'payments',
        },
      },
      spec: { event: { id: 'e-1', type: 'order.payment' }, dataBytes: 11 },
      status: { reason: 'status', code: 503, attempts: 3, destination: 'http://localhost:9000/' },
    });
    expect(body.items[1]?.metadata.name).toMatch(/^payments-[0-9a-f]{10}\.p1$/);
  });

  it('walks page by page over channels, with a token', async () => {
    const { call } = await startApi(
      shop(someLetters()),
      new KeepingChannel({
        ref: { name: 'orders' },
        subscriptions: [{ id: 's', label: 'subscription:one.default' }],
        letters: new ListedLetters([letter('s', 'o1'), letter('s', 'o2')]),
      }),
    );
    const seen: string[] = [];
    let next = '';
    do {
      const answer = await call('GET', `deadletters?limit=2&continue=${next}`);
      expect(answer.body.items.length).toBeLessThanOrEqual(2);
      seen.push(...namesOf(answer));
      next = answer.body.metadata.continue ?? '';
    } while (next !== '');
    expect(seen.map((name) => name.slice(name.indexOf('.') + 1))).toEqual([
      'o1',
      'o2',
      'a1',
      'p1',
      'p2',
    ]);
  });

  it('selects by labels and by a CESQL filter', async () => {
    const { call } = await startApi(shop(someLetters()));
    const selector = 'labelSelector=eventing.knative.dev/trigger%3Dpayments';
    expect(namesOf(await call('GET', `deadletters?${selector}`))).toHaveLength(2);
    const filter = encodeURIComponent("type = 'order.refund'");
    const found = namesOf(await call('GET', `deadletters?${selector}&filter=${filter}`));
    expect(found).toEqual([expect.stringMatching(/\.p2$/)]);
    const other = 'labelSelector=afflux.dev/subscription%3Dpayments';
    expect(namesOf(await call('GET', `deadletters?${other}`))).toEqual([]);
  });

  it('looks at a bounded number in one request, and says where to go on', async () => {
    const many = Array.from({ length: SCANNED_MAX + 10 }, (_, index) => letter('s', String(index)));
    const { call } = await startApi(
      new KeepingChannel({ letters: new ListedLetters(many), subscriptions: [{ id: 's' }] }),
    );
    const answer = await call('GET', 'deadletters?filter=FALSE');
    expect(answer.body.items).toEqual([]);
    expect(answer.body.metadata.continue).toBeTypeOf('string');
    const rest = await call(
      'GET',
      `deadletters?filter=FALSE&continue=${answer.body.metadata.continue ?? ''}`,
    );
    expect(rest.body.metadata.continue).toBeUndefined();
  });

  it('shows one with its data as it is, and cuts what is too long', async () => {
    const letters = someLetters();
    const long = Buffer.alloc(1024 * 1024 + 1, 'x');
    letters.all.push(letter('removed', 'r1', { event: event('e-3', { data: long }) }));
    const { call } = await startApi(shop(letters));
    const names = namesOf(await call('GET', 'deadletters'));
    const one = await call('GET', `deadletters/${names[1] ?? ''}`);
    expect(one).toMatchObject({ code: 200, body: { kind: 'DeadLetter' } });
    // Its subscription is gone, and it is found all the same.
    const cut = await call('GET', `deadletters/${names[3] ?? ''}`);
    expect(cut.body.spec).toMatchObject({ dataTruncated: true, dataBytes: long.length });
    expect(Buffer.from(cut.body.spec.event.data_base64, 'base64')).toHaveLength(1024 * 1024);
  });

  it('gives one back to the subscription that failed, or drops it; afterwards it is 404', async () => {
    const letters = someLetters();
    const { call } = await startApi(shop(letters));
    const [a1 = '', p1 = ''] = namesOf(await call('GET', 'deadletters'));
    expect(await call('POST', `deadletters/${p1}/redrive`)).toMatchObject({
      code: 200,
      body: { kind: 'Status', status: 'Success' },
    });
    expect(letters.redriven).toEqual([`${PAYMENTS}/p1`]);
    expect((await call('DELETE', `deadletters/${a1}`)).code).toBe(200);
    expect(letters.ids).toEqual(['p2']);
    for (const [method, path] of [
      ['GET', `deadletters/${p1}`],
      ['POST', `deadletters/${p1}/redrive`],
      ['DELETE', `deadletters/${a1}`],
      ['GET', 'deadletters/no-such'],
    ] as const) {
      const answer = await call(method, path);
      expect(answer).toMatchObject({
        code: 404,
        body: { kind: 'Status', status: 'Failure', reason: 'NotFound', code: 404 },
      });
    }
  });

  it('drops a page of a selection, and only counts with dryRun', async () => {
    const letters = someLetters();
    const { call } = await startApi(shop(letters));
    const selector = 'labelSelector=eventing.knative.dev/trigger%3Dpayments';
    const dry = await call('DELETE', `deadletters?${selector}&dryRun=All`);
    expect(dry.body.details).toMatchObject({ dropped: 2 });
    expect(letters.ids).toHaveLength(3);
    await call('DELETE', `deadletters?${selector}`);
    expect(letters.ids).toEqual(['a1']);
  });

  it.each([
    ['limit=x', 'limit'],
    ['continue=%25%25', 'continue'],
    ['labelSelector=app%3Dx', 'labelSelector'],
    ['labelSelector=__proto__%3Dx', 'labelSelector'],
    ['filter=type%20%3D', 'filter'],
    ['dryRun=yes', 'dryRun'],
    ['limit=1&limit=2', 'limit'],
    [`filter=${'x'.repeat(9_000)}`, 'filter'],
  ])('refuses %s with a Status that names the parameter', async (query, word) => {
    const { call } = await startApi(shop(someLetters()));
    const answer = await call('GET', `deadletters?${query}`);
    expect(answer).toMatchObject({ code: 400, body: { kind: 'Status', reason: 'BadRequest' } });
    expect(answer.body.message).toContain(word);
  });

  it('says when a channel keeps none, and when there is no such broker', async () => {
    const { call } = await startApi(new KeepingChannel({ broker: 'shop' }));
    const selected = (name: string) =>
      call('GET', `deadletters?labelSelector=eventing.knative.dev/broker%3D${name}`);
    const refused = await selected('shop');
    expect(refused).toMatchObject({ code: 422, body: { reason: 'Invalid' } });
    expect(refused.body.message).toContain('memory');
    expect((await selected('none')).code).toBe(404);
    expect((await call('GET', 'deadletters')).body.items).toEqual([]);
  });
});

async function jobDone(call: Awaited<ReturnType<typeof startApi>>['call'], path: string) {
  const phase = async () => (await call('GET', path)).body.status.phase;
  await expect.poll(phase).not.toBe('Running');
  return (await call('GET', path)).body;
}

function redriveOf(spec: object, metadata: object = {}) {
  return { apiVersion: 'afflux.dev/v1alpha1', kind: 'Redrive', metadata, spec };
}

function replayOf(spec: object) {
  return { apiVersion: 'afflux.dev/v1alpha1', kind: 'Replay', spec };
}

describe('redrives', () => {
  it('run with a selection and a filter, and tell what they did', async () => {
    const letters = someLetters();
    const { call } = await startApi(shop(letters));
    const body = redriveOf({
      broker: 'shop',
      trigger: 'payments',
      filter: "type = 'order.refund'",
    });
    const created = await call('POST', 'redrives', { body });
    expect(created).toMatchObject({
      code: 201,
      body: { kind: 'Redrive', metadata: { name: 'redrive-1' } },
    });
    const done = await jobDone(call, 'redrives/redrive-1');
    expect(done.status).toMatchObject({ phase: 'Succeeded', scanned: 2, matched: 1, redriven: 1 });
    expect(letters.redriven).toEqual([`${PAYMENTS}/p2`]);
    expect(namesOf(await call('GET', 'redrives'))).toEqual(['redrive-1']);
    expect(namesOf(await call('GET', 'replays'))).toEqual([]);
  });

  it('change nothing when they run dry', async () => {
    const letters = someLetters();
    const { call } = await startApi(shop(letters));
    await call('POST', 'redrives', { body: redriveOf({ dryRun: true }, { name: 'dry' }) });
    const done = await jobDone(call, 'redrives/dry');
    expect(done.status).toMatchObject({ matched: 3, redriven: 0 });
    expect(letters.redriven).toEqual([]);
  });

  it('do not come back to what failed again meanwhile', async () => {
    const letters = new ListedLetters([
      letter('s', '1'),
      letter('s', '2', { storedMs: Date.now() + 60_000 }),
    ]);
    const { call } = await startApi(new KeepingChannel({ letters, subscriptions: [{ id: 's' }] }));
    await call('POST', 'redrives', { body: redriveOf({}, { name: 'all' }) });
    expect((await jobDone(call, 'redrives/all')).status).toMatchObject({ redriven: 1 });
    expect(letters.ids).toEqual(['2']);
  });

  it('are held to a rate and stopped by deleting them', async () => {
    const letters = new ListedLetters(Array.from({ length: 50 }, (_, i) => letter('s', String(i))));
    const { call } = await startApi(new KeepingChannel({ letters, subscriptions: [{ id: 's' }] }));
    await call('POST', 'redrives', { body: redriveOf({ rate: 1 }, { name: 'slow' }) });
    await expect.poll(() => letters.redriven.length).toBeGreaterThan(0);
    const stopped = await call('DELETE', 'redrives/slow');
    expect(stopped.body.details).toMatchObject({ phase: 'Stopped' });
    expect(letters.redriven.length).toBeLessThan(50);
    expect((await call('GET', 'redrives/slow')).code).toBe(404);
  });

  it('of one name are there once', async () => {
    const { call } = await startApi(shop(someLetters()));
    const body = redriveOf({}, { name: 'once' });
    expect((await call('POST', 'redrives', { body })).code).toBe(201);
    expect(await call('POST', 'redrives', { body })).toMatchObject({
      code: 409,
      body: { reason: 'AlreadyExists', message: 'redrives.afflux.dev "once" already exists' },
    });
  });

  it('that cannot go on say why', async () => {
    const letters = someLetters();
    letters.redrive = () => Promise.reject(new Error('disk full'));
    const { call } = await startApi(shop(letters));
    await call('POST', 'redrives', { body: redriveOf({}, { name: 'failing' }) });
    const done = await jobDone(call, 'redrives/failing');
    expect(done.status).toMatchObject({ phase: 'Failed', message: 'disk full' });
  });
});

describe('replays', () => {
  const kept = [event('1'), event('2', { type: 'unwanted' }), event('3', { type: 'order.paid' })];

  it('hand what the trigger wants to it alone, from where it is asked', async () => {
    const channel = shop(someLetters(), { kept });
    const { call } = await startApi(channel);
    const spec = { broker: 'shop', trigger: 'payments', from: '2026-11-01T10:00:00Z', to: '17' };
    expect((await call('POST', 'replays', { body: replayOf(spec) })).code).toBe(201);
    const done = await jobDone(call, 'replays/replay-1');
    expect(done.status).toMatchObject({ phase: 'Succeeded', scanned: 3, matched: 2, replayed: 2 });
    expect(channel.published).toEqual([`${PAYMENTS}/1`, `${PAYMENTS}/3`]);
    expect(channel.reads[0]).toMatchObject({
      from: { timeMs: Date.parse('2026-11-01T10:00:00Z') },
      to: { position: '17' },
    });
  });

  it('pass a filter', async () => {
    const channel = shop(someLetters(), { kept });
    const { call } = await startApi(channel);
    const spec = {
      broker: 'shop',
      trigger: 'audit',
      from: 'earliest',
      filter: "type = 'order.paid'",
    };
    await call('POST', 'replays', { body: replayOf(spec) });
    await jobDone(call, 'replays/replay-1');
    expect(channel.published).toEqual([`${AUDIT}/3`]);
  });

  it('are refused where the channel keeps nothing, and for triggers there are not', async () => {
    const { call } = await startApi(shop(someLetters()));
    const spec = { broker: 'shop', trigger: 'payments', from: 'earliest' };
    const refused = await call('POST', 'replays', { body: replayOf(spec) });
    expect(refused).toMatchObject({ code: 422, body: { reason: 'Invalid' } });
    expect(refused.body.message).toContain('cannot replay');
    const other = await startApi(shop(someLetters(), { kept }));
    const missing = await other.call('POST', 'replays', {
      body: replayOf({ ...spec, trigger: 'none' }),
    });
    expect(missing).toMatchObject({ code: 404 });
  });

  it.each([
    [{ broker: 'shop', from: 'earliest' }, 'trigger'],
    [{ trigger: 'payments', from: 'earliest' }, 'broker'],
    [{ broker: 'shop', trigger: 'payments' }, 'from'],
    [{ broker: 'shop', trigger: 'payments', from: 'earliest', rate: 0 }, 'rate'],
    [{ broker: 'shop', trigger: 'payments', from: 'earliest', speed: 1 }, 'speed'],
    [{ broker: '../x', trigger: 'payments', from: 'earliest' }, 'broker'],
  ])('%j is refused with the field', async (spec, word) => {
    const { call } = await startApi(shop(someLetters(), { kept }));
    const answer = await call('POST', 'replays', { body: replayOf(spec) });
    expect(answer).toMatchObject({ code: 422, body: { kind: 'Status', reason: 'Invalid' } });
    expect(answer.body.message).toContain(word);
  });
});

describe('requests that make no sense', () => {
  it('are Statuses: unknown paths, bodies that are no JSON, too long, of another type', async () => {
    const { call } = await startApi(shop(someLetters()));
    expect(await call('GET', 'nothing')).toMatchObject({ code: 404, body: { kind: 'Status' } });
    const post = (body: string, type = 'application/json') =>
      call('POST', 'redrives', { body, headers: { 'content-type': type } });
    expect(await post('{')).toMatchObject({ code: 400, body: { reason: 'BadRequest' } });
    expect(await post('a: b', 'application/x-www-form-urlencoded')).toMatchObject({ code: 415 });
    const long = JSON.stringify(redriveOf({ filter: 'x'.repeat(100_000) }));
    expect(await post(long)).toMatchObject({
      code: 413,
      body: { reason: 'RequestEntityTooLarge' },
    });
  });

  it('our own faults are 500 without a word, and stand in the log', async () => {
    const letters = someLetters();
    letters.list = () => Promise.reject(new Error('secret path /var/x'));
    const { call, logger } = await startApi(shop(letters));
    const answer = await call('GET', 'deadletters');
    expect(answer).toMatchObject({ code: 500, body: { reason: 'InternalError' } });
    expect(JSON.stringify(answer.body)).not.toContain('/var/x');
    expect(logger.lines.some(({ level }) => level === 'error')).toBe(true);
  });
});
