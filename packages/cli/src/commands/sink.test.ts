import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { encodeBatch, encodeBinary, makeEvent, type EventInput } from '@afflux/events';
import { FakeClock } from '@afflux/kernel/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { request } from 'undici';
import { run, start, type FakeIoOptions, type Running } from '../testing/commands.ts';

interface Sink extends Running {
  readonly url: string;
}

async function startSink(args: readonly string[], options?: FakeIoOptions): Promise<Sink> {
  const running = start(['sink', '--port', '0', ...args], options);
  const [, url = ''] = await running.printed(/sink listening on (\S+)/);
  return { ...running, url };
}

function event(input: Partial<EventInput> = {}): ReturnType<typeof makeEvent> {
  return makeEvent({ id: '7', source: '/shop', type: 'order.created', ...input });
}

async function post(
  url: string,
  { headers, body }: { readonly headers: readonly string[]; readonly body?: Buffer | undefined },
) {
  const answer = await request(url, {
    method: 'POST',
    headers: [...headers],
    ...(body === undefined ? {} : { body }),
  });
  return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() };
}

/** Statuses of a number of posts, one after the other. */
async function statuses(url: string, count: number): Promise<number[]> {
  const found: number[] = [];
  for (let sent = 0; sent < count; sent += 1) {
    found.push((await post(url, encodeBinary(event()))).status);
  }
  return found;
}

/** Every object printed so far. */
function objects(sink: Sink): unknown[] {
  return sink.io.output
    .split('\n')
    .filter((text) => text !== '')
    .map((text) => JSON.parse(text) as unknown);
}

describe('afflux sink', () => {
  it('answers 200 and shows status, type, id, source, path, attributes and data', async () => {
    const sink = await startSink([], { clock: new FakeClock() });
    const sent = event({ subject: 'item', extensions: { region: 'eu' }, data: { total: 9 } });
    expect(await post(`${sink.url}/orders`, encodeBinary(sent))).toMatchObject({
      status: 200,
      text: '',
    });
    expect(sink.io.output.split('\n').sort()).toEqual(
      [
        '',
        '2026-01-01T00:00:00.000Z 200 order.created  id=7 source=/shop path=/orders',
        '  datacontenttype: application/json',
        '  subject: item',
        '  region: eu',
        '  {"total":9}',
      ].sort(),
    );
  });

  it('prints one JSON object per event with --json', async () => {
    const sink = await startSink(['--json'], { clock: new FakeClock() });
    await post(`${sink.url}/orders`, encodeBinary(event({ data: { total: 9 } })));
    expect(objects(sink)).toEqual([
      {
        time: '2026-01-01T00:00:00.000Z',
        status: 200,
        path: '/orders',
        event: {
          specversion: '1.0',
          id: '7',
          source: '/shop',
          type: 'order.created',
          datacontenttype: 'application/json',
          data: '{"total":9}',
        },
      },
    ]);
  });

  it('prints every event of a batch', async () => {
    const sink = await startSink(['--json']);
    await post(sink.url, encodeBatch([event({ id: '1' }), event({ id: '2' })]));
    expect(objects(sink)).toMatchObject([{ event: { id: '1' } }, { event: { id: '2' } }]);
  });

  it('shows the beginning of large data to people and all of it to programs', async () => {
    const data = 'x'.repeat(3000);
    const people = await startSink([]);
    await post(people.url, encodeBinary(event({ data, datacontenttype: 'text/plain' })));
    expect(people.io.output).toContain(`  ${'x'.repeat(2000)} … (3000 bytes)\n`);
    const programs = await startSink(['--json']);
    await post(programs.url, encodeBinary(event({ data, datacontenttype: 'text/plain' })));
    expect(objects(programs)).toMatchObject([{ event: { data } }]);
  });

  it('prints data that is not text in base64', async () => {
    const sink = await startSink(['--json']);
    await post(sink.url, encodeBinary(event({ data: Buffer.from([0xff, 0x00, 0xfe]) })));
    expect(objects(sink)).toMatchObject([{ event: { data_base64: '/wD+' } }]);
  });

  it('shows what is not an event as such', async () => {
    const sink = await startSink(['--json']);
    const people = await startSink([]);
    const message = { headers: ['content-type', 'text/plain'], body: Buffer.from('hello') };
    expect(await post(`${sink.url}/x`, message)).toMatchObject({ status: 200 });
    expect(objects(sink)).toMatchObject([{ status: 200, path: '/x', event: null, body: 'hello' }]);
    await post(`${people.url}/x`, message);
    expect(people.io.output).toContain('200 not a CloudEvent: POST /x\n  hello\n');
  });

  it('answers with the status of --status', async () => {
    const sink = await startSink(['--status', '503']);
    expect(await statuses(sink.url, 2)).toEqual([503, 503]);
    expect(sink.io.output).toContain(' 503 order.created');
  });

  it('fails the first requests only with --fail-first', async () => {
    const sink = await startSink(['--fail-first', '2']);
    expect(await statuses(sink.url, 3)).toEqual([500, 500, 200]);
  });

  it('fails the first requests with the status of --status', async () => {
    const sink = await startSink(['--fail-first', '1', '--status', '429']);
    expect(await statuses(sink.url, 2)).toEqual([429, 200]);
  });

  it('waits before each answer with --delay', async () => {
    const clock = new FakeClock();
    const sink = await startSink(['--delay', '200ms'], { clock });
    let isAnswered = false;
    const answered = post(sink.url, encodeBinary(event())).then(() => {
      isAnswered = true;
    });
    await expect.poll(() => clock.nextDueInMs).toBe(200);
    await clock.advance(199);
    expect(isAnswered).toBe(false);
    await clock.advance(1);
    await answered;
  });

  it('answers with an event that carries the same data with --reply-type', async () => {
    const sink = await startSink(['--reply-type', 'order.confirmed']);
    const answer = await post(sink.url, encodeBinary(event({ data: { total: 9 } })));
    expect(answer).toMatchObject({
      status: 200,
      text: '{"total":9}',
      headers: {
        'ce-specversion': '1.0',
        'ce-type': 'order.confirmed',
        'ce-source': '/afflux/sink',
        'content-type': 'application/json',
      },
    });
    expect(answer.headers['ce-id']).not.toBe('7');
  });

  it('replies with 200 where a 202 could carry no reply, and not at all to what it fails', async () => {
    const sink = await startSink(['--reply-type', 'r', '--status', '202']);
    expect(await post(sink.url, encodeBinary(event()))).toMatchObject({
      status: 200,
      headers: { 'ce-type': 'r' },
    });
    const failing = await startSink(['--reply-type', 'r', '--status', '500']);
    const { status, headers } = await post(failing.url, encodeBinary(event()));
    expect({ status, type: headers['ce-type'] }).toEqual({ status: 500, type: undefined });
  });

  it('stops when it is interrupted, even with an answer under way', async () => {
    const clock = new FakeClock();
    const sink = await startSink(['--delay', '1h'], { clock });
    const cut = post(sink.url, encodeBinary(event())).catch((error: unknown) => error);
    await expect.poll(() => clock.pending).toBe(1);
    expect(await sink.stop()).toBe(0);
    expect(await cut).toBeInstanceOf(Error);
  });

  it('ends with 1 for a port that is taken and names port and flag', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const port = String((server.address() as AddressInfo).port);
    const { code, err } = await run(['sink', '--port', port]);
    expect(code).toBe(1);
    expect(err).toMatch(new RegExp(`127\\.0\\.0\\.1:${port}: .*EADDRINUSE.*--port`));
  });

  it.each([
    ['--port', '70000', 'expected an integer from 0 to 65535'],
    ['--status', '199', 'expected an integer from 200 to 599'],
    ['--fail-first', '-1', 'expected an integer from 0'],
    ['--delay', 'long', 'expected a duration such as 200ms'],
    ['--reply-type', '', 'expected an event type'],
  ])('ends with 2 for %s %s', async (flag, value, message) => {
    const { code, err } = await run(['sink', flag, value]);
    expect(code).toBe(2);
    expect(err).toContain(message);
  });
});
