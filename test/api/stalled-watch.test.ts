/** A watch that does not read: it is cut off after a while, and until then it costs little. */
import { expect, it } from 'vitest';
import { configMap } from './api-client.ts';
import { canMeasure, startMeasuredServer } from './measured-server.ts';
import { RawConnection } from './raw-http.ts';
import { Replay } from './replay.ts';
import { SOON, WatchStream } from './watch-stream.ts';

const MIB = 1024 * 1024;

/** Written to a watch that does not read: far more than any buffer of a socket. */
const UNREAD_WRITES = 250;
const UNREAD_BYTES = 900_000;
/** What it may cost the process beside the garbage of so many writes: what the store keeps for it, and some room. */
const UNREAD_MEMORY_MAX = 150 * MIB;

it.runIf(canMeasure)(
  'a watch that does not read is cut off, costs a bounded memory, and holds nobody up',
  { timeout: 120_000 },
  async () => {
    const { api, path, memory, sockets } = await startMeasuredServer();
    await api.post(path, configMap('large'));
    /** The most that the process took while it wrote. */
    const write = async (): Promise<number> => {
      let highest = 0;
      for (let count = 0; count < UNREAD_WRITES; count += 1) {
        const filling = String(count).padEnd(UNREAD_BYTES, 'x');
        const { status } = await api.patch('merge', `${path}/large`, { data: { filling } });
        expect(status).toBe(200);
        if (count % 10 === 0) highest = Math.max(highest, await memory());
      }
      return highest;
    };
    const before = await write();
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
    const highest = await write();
    const now = await api.list(path);
    await expect.poll(() => replay.differences(now), SOON).toEqual([]);
    expect(replay.problems).toEqual([]);
    const written = (UNREAD_WRITES * UNREAD_BYTES) / MIB;
    process.stdout.write(
      `unread: ${String(Math.round(written))} MiB written, ${String(Math.round(before / MIB))} MiB of memory without and ${String(Math.round(highest / MIB))} MiB with a watch that does not read\n`,
    );
    expect(highest - before).toBeLessThan(UNREAD_MEMORY_MAX);
    // The server gives up on it; what its socket holds can still be read, and then there is an end.
    const open = await sockets();
    await expect.poll(() => sockets(), { timeout: 45_000, interval: 250 }).toBeLessThan(open);
    lazy.socket.resume();
    await lazy.closed();
    expect(lazy.received).toContain('HTTP/1.1 200 OK');
    expect(lazy.received.length).toBeLessThan(written * MIB * 0.5);
    expect(reading.hasEnded).toBe(false);
    expect((await api.get(path)).status).toBe(200);
  },
);
