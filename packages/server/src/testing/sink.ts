/** A subscriber: a real HTTP listener on a free port of the loopback interface. */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished } from 'vitest';

export interface Sink {
  readonly url: string;
  /** Values of `ce-id`, in order of arrival. */
  readonly ids: readonly string[];
  /** Resolves when so many requests have arrived. */
  got(count: number): Promise<void>;
}

/** A sink that takes everything, unless `answer` says otherwise. */
export async function startSink(
  answer: (response: ServerResponse) => void = (response) => response.writeHead(200).end(),
): Promise<Sink> {
  const ids: string[] = [];
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      ids.push(String(request.headers['ce-id']));
      answer(response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/`,
    ids,
    got: (count) => expect.poll(() => ids.length, { interval: 10 }).toBeGreaterThanOrEqual(count),
  };
}

/** Posts one event in binary mode; resolves with the status. */
export async function post(url: string, id: string): Promise<number> {
  const { status } = await fetch(url, {
    method: 'POST',
    headers: { 'ce-specversion': '1.0', 'ce-id': id, 'ce-source': '/test', 'ce-type': 'test' },
  });
  return status;
}
