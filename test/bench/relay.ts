/**
 * The limit that everything is measured against: the same shape of work with nothing in it. `node:http` in,
 * `undici` `dispatch` with a bare handler out, 64 connections, no pipelining. It parses nothing, answers 202
 * at the end of the body and passes the bytes and the `ce-*` headers on.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Pool } from 'undici';
import { serveQuestions } from './child.ts';

const CONNECTIONS = 64;

const bareHandler = {
  onRequestStart: () => undefined,
  onResponseStart: () => undefined,
  onResponseData: () => undefined,
  onResponseEnd: () => undefined,
  onResponseError: () => undefined,
};

await serveQuestions(async () => {
  const pool = new Pool(process.argv[2] ?? '', { connections: CONNECTIONS, pipelining: 1 });
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const headers: string[] = [];
      const raw = request.rawHeaders;
      for (let index = 0; index < raw.length; index += 2) {
        const name = raw[index] ?? '';
        if (name.startsWith('ce-') || name === 'content-type')
          headers.push(name, raw[index + 1] ?? '');
      }
      const body = chunks.length === 1 ? (chunks[0] ?? null) : Buffer.concat(chunks);
      response.writeHead(202, ['content-length', '0']);
      response.end();
      pool.dispatch({ path: '/', method: 'POST', headers, body }, bareHandler);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { address: () => `http://127.0.0.1:${String(port)}/` };
});
