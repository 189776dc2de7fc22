/**
 * The subscriber of every measurement: answers at once, counts, and (where events carry `ce-sentns`) keeps the
 * time from the moment an event should have been sent to its arrival. `hang` never answers; `hold` keeps the
 * answers back until it is told otherwise.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serveQuestions } from './child.ts';

await serveQuestions(async () => {
  let count = 0;
  let target = Number.POSITIVE_INFINITY;
  let reached: (() => void) | undefined;
  let latenciesMs: number[] = [];
  const hangs = process.argv[2] === 'hang';
  let isHolding = false;
  let held: (() => void)[] = [];
  const server = createServer((request, response) => {
    const sent = request.headers['ce-sentns'];
    request.resume();
    if (hangs) return;
    const answer = (): void => {
      response.writeHead(200, ['content-length', '0']);
      response.end();
    };
    request.on('end', () => {
      if (isHolding) {
        held.push(answer);
        return;
      }
      answer();
      if (typeof sent === 'string')
        latenciesMs.push(Number(process.hrtime.bigint() - BigInt(sent)) / 1e6);
      count += 1;
      if (count >= target) reached?.();
    });
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', 4096, resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: () => `http://127.0.0.1:${String(port)}/`,
    reset: () => {
      count = 0;
      latenciesMs = [];
      target = Number.POSITIVE_INFINITY;
    },
    count: () => count,
    hold: (wanted) => {
      isHolding = wanted === true;
      const answers = isHolding ? [] : held;
      if (!isHolding) held = [];
      count += answers.length;
      for (const answer of answers) answer();
      if (count >= target) reached?.();
      return count;
    },
    until: (wanted) =>
      new Promise<number>((resolve) => {
        target = wanted as number;
        reached = () => {
          resolve(count);
        };
        if (count >= target) resolve(count);
      }),
    latencies: () => latenciesMs,
  };
});
