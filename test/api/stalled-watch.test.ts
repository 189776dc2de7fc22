/**
 * Watches in numbers, and one that does not read. The built command runs in a process of its own, so that its memory
 * is its own.
 */
import { readdir, readFile, readlink } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { startDev, type Dev } from '../process/command.ts';
import { ApiClient, configMap, configMaps, makeNamespace } from './api-client.ts';
import { RawConnection } from './raw-http.ts';
import { Replay } from './replay.ts';
import { SOON, WatchStream } from './watch-stream.ts';

const MIB = 1024 * 1024;

interface Server {
  readonly dev: Dev;
  readonly api: ApiClient;
  readonly path: string;
  /** Resident memory of the process, in bytes. */
  memory(): Promise<number>;
}

async function startServer(): Promise<Server> {
  const dev = await startDev([]);
  const api = new ApiClient(dev.controlUrl);
  onTestFinished(() => api.close());
  const path = configMaps(await makeNamespace(api, 'watched'));
  const memory = async (): Promise<number> => {
    const status = await readFile(`/proc/${String(dev.process.pid)}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
  };
  return { dev, api, path, memory };
}

const hasProc = process.platform === 'linux';

/** Watches opened at once. */
const WATCHES = 2_000;
/** What one may cost, socket and all. Measured: about 20 KiB. */
const WATCH_BYTES_MAX = 64 * 1024;

it.runIf(hasProc)(
  '2,000 watches are open at once, each costs little, and one write reaches all of them',
  { timeout: 120_000 },
  async () => {
    const { api, path, memory } = await startServer();
    await api.post(path, configMap('first'));
    const before = await memory();
    const watches = await openMany(api.url, path, WATCHES);
    const perWatch = Math.round(Math.max(0, (await memory()) - before) / WATCHES);
    const began = performance.now();
    expect((await api.post(path, configMap('second', { a: 'b' }))).status).toBe(201);
    await expect.poll(() => watches.countOf('"name":"second"'), SOON).toBe(WATCHES);
    const ms = performance.now() - began;
    process.stdout.write(
      `watches: ${String(WATCHES)} at ${String(Math.round(perWatch / 1024))} KiB each, one write reached all in ${ms.toFixed(0)} ms\n`,
    );
    expect(perWatch).toBeLessThan(WATCH_BYTES_MAX);
    // They are given back: the same again does not add up.
    watches.close();
    const again = await openMany(api.url, path, WATCHES);
    expect(again.countOf('"name":"second"')).toBe(WATCHES);
    expect((await memory()) - before).toBeLessThan(1.5 * WATCHES * WATCH_BYTES_MAX);
    expect((await api.get(path)).status).toBe(200);
  },
);

interface ManyWatches {
  /** Watches that have received this text. */
  countOf(text: string): number;
  close(): void;
}

/** On sockets by hand: a client library for each would cost more than the server. */
async function openMany(url: string, path: string, count: number): Promise<ManyWatches> {
  const { hostname, port } = new URL(url);
  const sockets: Socket[] = [];
  const received: string[] = [];
  const close = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  onTestFinished(close);
  const open = async (index: number): Promise<void> => {
    const socket = connect(Number(port), hostname);
    sockets.push(socket);
    received[index] = '';
    socket.setEncoding('latin1');
    socket.on('error', () => undefined);
    socket.on('data', (chunk: string) => (received[index] += chunk));
    socket.write(`GET ${path}?watch=true HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    await expect.poll(() => received[index]?.includes('"name":"first"'), SOON).toBe(true);
  };
  for (let from = 0; from < count; from += 100) {
    await Promise.all(Array.from({ length: 100 }, (_, index) => open(from + index)));
  }
  return {
    countOf: (text) => received.filter((one) => one.includes(text)).length,
    close,
  };
}

/** Written to a watch that does not read: far more than any buffer of a socket. */
const UNREAD_WRITES = 500;
const UNREAD_BYTES = 900_000;
/** What it may cost the process beside the garbage of so many writes. */
const UNREAD_MEMORY_MAX = 250 * MIB;

it.runIf(hasProc)(
  'a watch that does not read is cut off, costs a bounded memory, and holds nobody up',
  { timeout: 120_000 },
  async () => {
    const { dev, api, path, memory } = await startServer();
    await api.post(path, configMap('large'));
    const list = await api.list(path);
    const query = `?watch=true&resourceVersion=${list.metadata.resourceVersion}`;
    const lazy = await RawConnection.open(api.url);
    lazy.socket.pause();
    lazy.write(`GET ${path}${query} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    const replay = new Replay();
    replay.reset(list);
    const reading = await WatchStream.open(api.url, path + query, {
      forget: true,
      onEvent: (event) => {
        replay.take(event);
      },
    });
    const before = await memory();
    let highest = before;
    for (let count = 0; count < UNREAD_WRITES; count += 1) {
      const filling = String(count).padEnd(UNREAD_BYTES, 'x');
      const { status } = await api.patch('merge', `${path}/large`, { data: { filling } });
      expect(status).toBe(200);
      if (count % 20 === 0) highest = Math.max(highest, await memory());
    }
    const now = await api.list(path);
    await expect.poll(() => replay.differences(now), SOON).toEqual([]);
    expect(replay.problems).toEqual([]);
    const written = (UNREAD_WRITES * UNREAD_BYTES) / MIB;
    process.stdout.write(
      `unread: ${String(Math.round(written))} MiB written, memory grew by ${String(Math.round((highest - before) / MIB))} MiB\n`,
    );
    expect(highest - before).toBeLessThan(UNREAD_MEMORY_MAX);
    // The server gives up on it; what its socket holds can still be read, and then there is an end.
    const sockets = await socketsOf(dev);
    await expect
      .poll(() => socketsOf(dev), { timeout: 45_000, interval: 250 })
      .toBeLessThan(sockets);
    lazy.socket.resume();
    await lazy.closed();
    expect(lazy.received).toContain('HTTP/1.1 200 OK');
    expect(lazy.received.length).toBeLessThan(written * MIB * 0.5);
    expect(reading.hasEnded).toBe(false);
    expect((await api.get(path)).status).toBe(200);
  },
);

/** Sockets that the process holds. */
async function socketsOf({ process: { pid } }: Dev): Promise<number> {
  const directory = `/proc/${String(pid)}/fd`;
  const targets = await Promise.all(
    (await readdir(directory)).map((fd) => readlink(`${directory}/${fd}`).catch(() => '')),
  );
  return targets.filter((target) => target.startsWith('socket:')).length;
}
