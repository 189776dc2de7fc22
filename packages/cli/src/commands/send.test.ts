import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeClock } from '@afflux/kernel/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { run, start } from '../testing/commands.ts';
import { startReceiver } from '../testing/receiver.ts';

async function file(text: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'afflux-send-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  const path = join(directory, 'input');
  await writeFile(path, text);
  return path;
}

function line(id: string, data?: object): string {
  return JSON.stringify({ specversion: '1.0', id, source: '/a', type: 't', data });
}

describe('afflux send', () => {
  it('sends one event in binary mode and prints the status', async () => {
    const { url, requests } = await startReceiver();
    const result = await run(['send', url, '--type', 'order.created', '--id', '7']);
    expect(result).toEqual({ code: 0, out: '202 order.created id=7\n', err: '' });
    expect(requests).toHaveLength(1);
    expect(requests[0]?.headers).toMatchObject({
      'ce-specversion': '1.0',
      'ce-type': 'order.created',
      'ce-source': '/afflux/send',
      'ce-id': '7',
    });
    expect(requests[0]?.body).toBe('');
  });

  it('sends every attribute that is asked for', async () => {
    const { url, requests } = await startReceiver();
    const flags = '--source /shop --subject item/7 --ext region=eu --ext note=a=b'.split(' ');
    await run(['send', url, ...flags]);
    expect(requests[0]?.headers).toMatchObject({
      'ce-source': '/shop',
      'ce-subject': 'item/7',
      'ce-region': 'eu',
      'ce-note': 'a=b',
    });
  });

  it('sends the JSON format with --mode structured', async () => {
    const { url, requests } = await startReceiver();
    await run(['send', url, '--mode', 'structured', '--id', '7', '--data', '{"total":9}']);
    expect(requests[0]?.headers['content-type']).toMatch(/^application\/cloudevents\+json/);
    expect(JSON.parse(requests[0]?.body ?? '')).toEqual({
      specversion: '1.0',
      id: '7',
      source: '/afflux/send',
      type: 'dev.afflux.test',
      datacontenttype: 'application/json',
      data: { total: 9 },
    });
  });

  it.each([
    ['{"total": 9}', 'application/json'],
    ['nine', 'text/plain'],
  ])('finds out the content type of %s', async (data, contentType) => {
    const { url, requests } = await startReceiver();
    await run(['send', url, '--data', data]);
    expect(requests[0]).toMatchObject({ headers: { 'content-type': contentType }, body: data });
  });

  it('takes data from a file and the content type from the flag', async () => {
    const { url, requests } = await startReceiver();
    const path = await file('<order/>');
    await run(['send', url, '--data', `@${path}`, '--content-type', 'application/xml']);
    expect(requests[0]).toMatchObject({
      headers: { 'content-type': 'application/xml' },
      body: '<order/>',
    });
  });

  it('takes data from standard input', async () => {
    const { url, requests } = await startReceiver();
    await run(['send', url, '--data', '-'], { input: 'from a pipe' });
    expect(requests[0]?.body).toBe('from a pipe');
  });

  it('sends a file of events in batches of at most 100', async () => {
    const { url, requests } = await startReceiver();
    const lines = Array.from({ length: 150 }, (_, index) => line(String(index)));
    const result = await run(['send', url, '--batch', await file(`${lines.join('\n')}\n\n`)]);
    expect(result.code).toBe(0);
    expect(result.out).toContain('202 batch of 100\n');
    expect(result.out).toContain('202 batch of 50\n');
    expect(requests).toHaveLength(2);
    for (const { headers } of requests) {
      expect(headers['content-type']).toMatch(/^application\/cloudevents-batch\+json/);
    }
    const events = requests.flatMap(({ body }) => JSON.parse(body) as { id: string }[]);
    expect(events.map(({ id }) => Number(id)).sort((a, b) => a - b)).toEqual(
      lines.map((_, index) => index),
    );
  });

  it('takes a batch from standard input, data included', async () => {
    const { url, requests } = await startReceiver();
    const input = `${line('1', { a: 1 })}\n${line('2')}`;
    await run(['send', url, '--batch', '-'], { input });
    expect(JSON.parse(requests[0]?.body ?? '')).toMatchObject([
      { id: '1', data: { a: 1 } },
      { id: '2' },
    ]);
  });

  it('says which line of a batch file holds no event', async () => {
    const { url, requests } = await startReceiver();
    const path = await file(`${line('1')}\n\n{"specversion":"1.0","id":"2","source":"/a"}\n`);
    const { code, err } = await run(['send', url, '--batch', path]);
    expect(code).toBe(2);
    expect(err).toMatch(/^error: \S+input:3: the event is invalid: type is missing/);
    expect(requests).toEqual([]);
  });

  it('sends a number of events, each with an id of its own, and sums up', async () => {
    const { url, requests } = await startReceiver();
    const result = await run(['send', url, '--count', '40', '--id', 'n']);
    expect(result.code).toBe(0);
    expect(result.out).toMatch(/\nsent 40 in \d+\.\d\d s \(202: 40\)\n$/);
    expect(new Set(requests.map(({ headers }) => headers['ce-id']))).toEqual(
      new Set(Array.from({ length: 40 }, (_, index) => `n-${String(index + 1)}`)),
    );
  });

  it('gives every event a new id where none is asked for', async () => {
    const { url, requests } = await startReceiver();
    await run(['send', url, '--count', '3']);
    expect(new Set(requests.map(({ headers }) => headers['ce-id'])).size).toBe(3);
  });

  it('prints nothing but the summary with --quiet', async () => {
    const { url } = await startReceiver();
    const { out } = await run(['send', url, '--quiet']);
    expect(out).toMatch(/^sent 1 in \d+\.\d\d s \(202: 1\)\n$/);
  });

  it('keeps to the rate', async () => {
    const { url, requests } = await startReceiver();
    const clock = new FakeClock();
    const sending = start(['send', url, '--count', '3', '--rate', '2'], { clock });
    const sent = (count: number): Promise<void> => expect.poll(() => requests.length).toBe(count);
    await sent(1);
    await expect.poll(() => clock.nextDueInMs).toBe(500);
    await clock.advance(499);
    expect(clock.nextDueInMs).toBe(1);
    await clock.advance(1);
    await sent(2);
    await expect.poll(() => clock.nextDueInMs).toBe(500);
    await clock.advance(500);
    await sent(3);
    await sending.printed(/sent 3 in 1\.00 s \(202: 3\)/);
  });

  it('sends nothing more once it is interrupted, and sums up what was sent', async () => {
    const { url, requests } = await startReceiver();
    const clock = new FakeClock();
    const sending = start(['send', url, '--count', '100', '--rate', '1', '--quiet'], { clock });
    await expect.poll(() => clock.nextDueInMs).toBe(1000);
    expect(await sending.stop()).toBe(0);
    expect(sending.io.output).toContain('sent 1 in');
    expect(requests).toHaveLength(1);
  });

  it('ends with 1 when the event is refused and shows what the answer says', async () => {
    const { url } = await startReceiver(() => 429);
    const result = await run(['send', url, '--id', '7']);
    expect(result).toEqual({
      code: 1,
      out: '429 dev.afflux.test id=7  refused, says the receiver\n',
      err: '',
    });
  });

  it('ends with 1 when one event of several is refused', async () => {
    const { url } = await startReceiver((count) => (count === 2 ? 500 : 202));
    const { code, out } = await run(['send', url, '--count', '3', '--quiet']);
    expect(code).toBe(1);
    expect(out).toContain('(202: 2, 500: 1)');
  });

  it('ends with 1 when nobody listens and says so', async () => {
    const { code, out } = await run(['send', 'http://127.0.0.1:1/', '--id', '7']);
    expect(code).toBe(1);
    expect(out).toMatch(/^failed dev\.afflux\.test id=7 {2}.*ECONNREFUSED/);
  });

  it.each([
    ['no address', ['send']],
    ['an address that is none', ['send', 'localhost:8080/default/main']],
    ['a mode that there is not', ['send', 'http://a/', '--mode', 'batched']],
    ['a count of 0', ['send', 'http://a/', '--count', '0']],
    ['a rate of 0', ['send', 'http://a/', '--rate', '0']],
    ['an extension without a value', ['send', 'http://a/', '--ext', 'region']],
    ['an extension with a name that events cannot have', ['send', 'http://a/', '--ext', 'X-y=1']],
    ['an empty type', ['send', 'http://a/', '--type', '']],
    ['a timeout that is no duration', ['send', 'http://a/', '--timeout', 'soon']],
    ['a data file that is not there', ['send', 'http://a/', '--data', '@/no/such/file']],
    ['a batch file that is not there', ['send', 'http://a/', '--batch', '/no/such/file']],
    ['a batch without an event', ['send', 'http://a/', '--batch', '-']],
  ])('ends with 2 for %s', async (_what, args) => {
    const { code, out, err } = await run(args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(/^error: /);
  });
});
