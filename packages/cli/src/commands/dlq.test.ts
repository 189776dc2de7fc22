/** The commands for dead letters and replay, against an Afflux with a data directory in the same process. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTestAfflux, type TestAfflux } from '@afflux/server/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { run } from '../testing/commands.ts';
import { answer, startScriptedApi } from '../testing/scripted-api.ts';

const MANIFESTS = `
apiVersion: eventing.knative.dev/v1
kind: Broker
metadata: { name: shop, namespace: default }
---
apiVersion: eventing.knative.dev/v1
kind: Trigger
metadata: { name: payments, namespace: default }
spec:
  broker: shop
  subscriber:
    ref: { apiVersion: v1, kind: Service, name: sink }
  delivery: { retry: 0 }
`;

async function startShop(answer: number, types: readonly string[]) {
  const dataDir = await mkdtemp(join(tmpdir(), 'afflux-dlq-'));
  const test = await startTestAfflux({ manifests: MANIFESTS, dataDir });
  onTestFinished(async () => {
    await test.close();
    await rm(dataDir, { recursive: true, force: true });
  });
  test.sink.answer(answer);
  for (const [index, type] of types.entries()) {
    expect(await test.send('default/shop', { type, id: `e-${String(index)}` })).toBe(202);
  }
  await test.received({}, { count: types.length });
  const afflux = (...args: string[]) => run([...args, '--control', test.afflux.controlUrl]);
  return { test, afflux };
}

/** A broker whose subscriber refused one event of each type. */
async function withLetters(...types: string[]) {
  const world = await startShop(503, types);
  const names = async (): Promise<string[]> => {
    const { out } = await world.afflux('dlq', 'list', '-o', 'json');
    const { items } = JSON.parse(out) as { items: { metadata: { name: string } }[] };
    return items.map(({ metadata }) => metadata.name);
  };
  await expect.poll(names).toHaveLength(types.length);
  return { ...world, names };
}

function idsOf(test: TestAfflux, status: number): string[] {
  return test.sink.events.filter((one) => one.status === status).map(({ event }) => event.id);
}

describe('afflux dlq', () => {
  it('lists and shows dead letters with reason, attempts and event', async () => {
    const { afflux, names } = await withLetters('order.payment', 'order.refund');
    const { code, out } = await afflux('dlq', 'list', '--broker', 'shop', '--trigger', 'payments');
    expect(code).toBe(0);
    const [header, first] = out.split('\n');
    expect(header).toMatch(/^NAME +TYPE +ID +REASON +ATTEMPTS +TIME$/);
    expect(first).toMatch(/^payments-[0-9a-f]{10}\.\S+ +order\.payment +e-0 +status 503 +1 +20/);
    const shown = await afflux('dlq', 'show', (await names())[0] ?? '');
    expect(shown.out).toMatch(/^reason: +status 503$/m);
    expect(shown.out).toMatch(/^ce type: +order\.payment$/m);
  });

  it('redrives by name, and by selection with a filter; the subscriber gets them again', async () => {
    const { test, afflux, names } = await withLetters(
      'order.payment',
      'order.refund',
      'order.refund',
    );
    test.sink.answer(200);
    const [first = ''] = await names();
    expect((await afflux('dlq', 'redrive', first)).out).toBe(`redriven ${first}\n`);
    const selection = ['--trigger', 'payments', '--filter', "type = 'order.refund'"];
    const dry = await afflux('dlq', 'redrive', ...selection, '--dry-run');
    expect(dry.out).toBe('would redrive 2 of 2 dead letter(s)\n');
    expect((await afflux('dlq', 'redrive', ...selection, '--rate', '100')).out).toBe(
      'redriven 2 of 2 dead letter(s)\n',
    );
    await expect.poll(() => idsOf(test, 200).sort()).toEqual(['e-0', 'e-1', 'e-2']);
    expect(await names()).toEqual([]);
  });

  it('drops by name and by selection, and only counts with --dry-run', async () => {
    const { afflux, names } = await withLetters('a', 'b', 'c');
    const [first = ''] = await names();
    await afflux('dlq', 'drop', first);
    expect((await afflux('dlq', 'drop', '--all', '--dry-run')).out).toBe(
      'would drop 2 dead letter(s)\n',
    );
    expect(await names()).toHaveLength(2);
    expect((await afflux('dlq', 'drop', '--filter', "type = 'b'")).out).toBe(
      'dropped 1 dead letter(s)\n',
    );
    expect(await names()).toHaveLength(1);
  });

  it.each([
    [['dlq', 'redrive'], 2, 'say which'],
    [['dlq', 'drop', 'x', '--all'], 2, 'not both'],
    [['dlq', 'show', 'no-such'], 1, 'deadletters.afflux.dev "no-such" not found'],
    [['dlq', 'list', '--broker', 'none'], 1, 'broker "none" not found'],
    [['dlq', 'list', '--filter', 'type ='], 1, 'no CESQL expression'],
  ])('%j ends with %i and says why', async (args, code, message) => {
    const { afflux } = await startShop(200, []);
    const result = await afflux(...args);
    expect(result.code).toBe(code);
    expect(result.err).toContain(message);
  });

  it.each([
    ['http://127.0.0.1:9', 1, 'is it running? Name its control port with --control'],
    ['localhost:8081', 2, 'is not an http or https address'],
  ])('says what to do when %s does not answer', async (url, code, message) => {
    const result = await run(['dlq', 'list', '--control', url]);
    expect(result.code).toBe(code);
    expect(result.err).toContain(message);
  });
});

describe('afflux replay', () => {
  it('delivers again to one trigger what it had, filtered', async () => {
    const { test, afflux } = await startShop(200, ['order.paid', 'order.sent', 'order.paid']);
    test.sink.clear();
    const { code, out } = await afflux(
      'replay',
      'shop',
      '--trigger',
      'payments',
      '--from',
      'earliest',
      '--filter',
      "type = 'order.paid'",
    );
    expect({ code, out }).toEqual({ code: 0, out: 'replayed 2 of 3 events\n' });
    await test.received({ type: 'order.paid' }, { count: 2 });
  });

  it.each([
    [['--from', 'earliest'], 2, '--trigger of a broker'],
    [['--trigger', 'none', '--from', 'earliest'], 1, 'trigger "none" not found'],
    [['--trigger', 'payments'], 2, '--from'],
    [['--trigger', 'payments', '--from', 'yesterday'], 1, 'is no position of a durable channel'],
  ])('%j ends with %i and says why', async (args, code, message) => {
    const { afflux } = await startShop(200, []);
    const result = await afflux('replay', 'shop', ...args);
    expect(result.code).toBe(code);
    expect(result.err).toContain(message);
  });

  it('is refused where nothing is kept', async () => {
    const test = await startTestAfflux({ manifests: MANIFESTS });
    onTestFinished(() => test.close());
    const { code, err } = await run([
      'replay',
      'shop',
      '--trigger',
      'payments',
      '--from',
      'earliest',
      '--control',
      test.afflux.controlUrl,
    ]);
    expect(code).toBe(1);
    expect(err).toContain('a channel of type memory cannot replay');
  });
});

describe('a control port that asks for a token', () => {
  it('is shown the one of AFFLUX_TOKEN', async () => {
    const api = await startScriptedApi((response) => {
      answer(response, 200, { kind: 'DeadLetterList', metadata: {}, items: [] });
    });
    const args = ['dlq', 'list', '--control', api.url];
    await run(args, { env: { AFFLUX_TOKEN: 'abc' } });
    await run(args);
    const shown = api.requests.map(({ headers }) => headers.authorization);
    expect(shown).toEqual(['Bearer abc', undefined]);
  });
});
