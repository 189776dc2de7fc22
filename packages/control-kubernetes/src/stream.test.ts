import { gzipSync } from 'node:zlib';
import { systemClock } from '@afflux/kernel';
import { FakeClock } from '@afflux/kernel/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { linesOf, type LinesOptions } from './lines.ts';
import { RestClient, type RestClientOptions, type RestStream } from './rest-client.ts';
import {
  json,
  pieces,
  scriptedServer,
  silence,
  status,
  type Answerer,
} from './testing/scripted-server.ts';

async function serve(answer: Answerer, options: Partial<RestClientOptions> = {}) {
  const server = await scriptedServer(answer);
  const client = new RestClient(server.access, { clock: systemClock, ...options });
  onTestFinished(() => client.close());
  return { server, client };
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

async function textOf(stream: RestStream): Promise<string> {
  return Buffer.concat(await collect(stream.chunks)).toString('utf8');
}

describe('a stream', () => {
  it('gives what comes, until the server ends it', async () => {
    const { server, client } = await serve(pieces(['one ', 'two ', 'three']));
    const stream = await client.stream({ path: '/logs', query: { follow: true } });
    expect(stream.status).toBe(200);
    expect(await textOf(stream)).toBe('one two three');
    expect(server.requests[0]).toMatchObject({ method: 'GET', url: '/logs?follow=true' });
  });

  it('is refused before it begins', async () => {
    const { client } = await serve(status(410, { reason: 'Expired' }));
    await expect(client.stream({ path: '/x' })).rejects.toMatchObject({ reason: 'Expired' });
  });

  it('unpacks gzip', async () => {
    const { client } = await serve((response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('text')),
    );
    expect(await textOf(await client.stream({ path: '/x' }))).toBe('text');
  });

  it('fails when the connection breaks', async () => {
    const { client } = await serve(pieces(['one '], 'reset'));
    const stream = await client.stream({ path: '/x' });
    await expect(textOf(stream)).rejects.toMatchObject({ code: 'AFFLUX_KUBERNETES_UNREACHABLE' });
  });

  it('fails when nothing comes for too long', async () => {
    const clock = new FakeClock();
    const { client } = await serve(pieces(['one'], 'hang'), { clock });
    const { chunks } = await client.stream({ path: '/x' });
    const reader = chunks[Symbol.asyncIterator]();
    expect(String((await reader.next()).value)).toBe('one');
    const rest = reader.next();
    rest.catch(() => undefined);
    await clock.advance(149_999);
    expect(clock.pending).toBe(1);
    await clock.advance(1);
    await expect(rest).rejects.toMatchObject({ code: 'AFFLUX_KUBERNETES_STREAM_SILENT' });
    expect(clock.pending).toBe(0);
  });

  it('may be silent for ever when it is asked for so', async () => {
    const clock = new FakeClock();
    const { client } = await serve(pieces(['one'], 'hang'), { clock });
    const lifetime = new AbortController();
    const { signal } = lifetime;
    const { chunks } = await client.stream({ path: '/x', silenceMsMax: 0, signal });
    const reader = chunks[Symbol.asyncIterator]();
    await reader.next();
    const rest = reader.next();
    rest.catch(() => undefined);
    expect(clock.pending).toBe(0);
    lifetime.abort();
    await expect(rest).rejects.toMatchObject({ code: 'AFFLUX_KERNEL_ABORTED' });
  });

  it('does not count the time that its reader takes', async () => {
    const clock = new FakeClock();
    const { client } = await serve(pieces(['one'], 'end'), { clock });
    const { chunks } = await client.stream({ path: '/x' });
    const reader = chunks[Symbol.asyncIterator]();
    await reader.next();
    await clock.advance(1_000_000);
    expect(await reader.next()).toMatchObject({ done: true });
  });

  it('must begin in time', async () => {
    const clock = new FakeClock();
    const { server, client } = await serve(silence, { clock });
    const stream = client.stream({ path: '/x' });
    stream.catch(() => undefined);
    await server.received(1);
    await clock.advance(30_000);
    await expect(stream).rejects.toMatchObject({ code: 'AFFLUX_KUBERNETES_TIMEOUT' });
  });

  it('closes its connection when its reader leaves, or cancels it unread', async () => {
    const closed: Promise<void>[] = [];
    const { client } = await serve((response) => {
      closed.push(new Promise((resolve) => response.once('close', resolve)));
      pieces(['one'], 'hang')(response);
    });
    const first = await client.stream({ path: '/x' });
    for await (const _chunk of first.chunks) break;
    const second = await client.stream({ path: '/x' });
    second.cancel();
    expect(closed).toHaveLength(2);
    await Promise.all(closed);
  });

  it('takes no connection away from requests', async () => {
    const { client } = await serve((response, seen) => {
      if (seen.url === '/x') pieces(['one'], 'hang')(response);
      else json({ ok: true })(response);
    });
    const streams = await Promise.all(
      Array.from({ length: 40 }, () => client.stream({ path: '/x' })),
    );
    expect((await client.request({ method: 'GET', path: '/y' })).json()).toEqual({ ok: true });
    for (const stream of streams) stream.cancel();
  });
});

describe('lines', () => {
  async function lines(
    chunks: readonly (string | Buffer)[],
    options: LinesOptions = {},
  ): Promise<string[]> {
    // eslint-disable-next-line @typescript-eslint/require-await -- a source of chunks that are there
    async function* source(): AsyncGenerator<Buffer> {
      for (const chunk of chunks) yield Buffer.from(chunk);
    }
    return collect(linesOf(source(), options));
  }

  it('are put together from chunks, wherever they are cut', async () => {
    expect(await lines(['a', 'b\nc\n', 'd', '\n'])).toEqual(['ab', 'c', 'd']);
  });

  it('keep a character that is cut in the middle', async () => {
    const bytes = Buffer.from('grün 🌱\n', 'utf8');
    const single = Array.from(bytes, (byte) => Buffer.from([byte]));
    expect(await lines(single)).toEqual(['grün 🌱']);
  });

  it('may be long', async () => {
    const long = 'x'.repeat(2 * 1024 * 1024);
    const chunks = long.match(/.{1,16384}/gs) ?? [];
    expect(await lines([...chunks, '\nend\n'])).toEqual([long, 'end']);
  });

  it('T27 are refused when they are too long', async () => {
    await expect(lines(['xxxx', 'xxxx', 'x'], { bytesMax: 8 })).rejects.toMatchObject({
      code: 'AFFLUX_KUBERNETES_ANSWER_TOO_LARGE',
    });
    expect(await lines(['xxxx', 'xxxx\n'], { bytesMax: 8 })).toEqual(['xxxxxxxx']);
  });

  it('that were cut off are dropped, or kept when asked for', async () => {
    expect(await lines(['a\nb'])).toEqual(['a']);
    expect(await lines(['a\nb'], { keepRest: true })).toEqual(['a', 'b']);
    expect(await lines(['a\n'], { keepRest: true })).toEqual(['a']);
  });
});
