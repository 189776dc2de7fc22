/** Watches in numbers. */
import { connect, type Socket } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { configMap } from './api-client.ts';
import { canMeasure, startMeasuredServer } from './measured-server.ts';
import { SOON } from './watch-stream.ts';

/** Watches opened at once. */
const WATCHES = 2_000;
/** What one may cost, socket and all. Measured: about 20 KiB. */
const WATCH_BYTES_MAX = 64 * 1024;

it.runIf(canMeasure)(
  '2,000 watches are open at once, each costs little, and one write reaches all of them',
  { timeout: 120_000 },
  async () => {
    const { api, path, memory } = await startMeasuredServer();
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
    socket.on('data', (chunk: string) => (received[index] = `${received[index] ?? ''}${chunk}`));
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
