/** Whether a Docker engine answers, asked in the cheapest way: nobody should wait for one that is not there. */
import { existsSync } from 'node:fs';
import { request, type RequestOptions } from 'node:http';

const ANSWER_MS_MAX = 1_000;
const USUAL_SOCKET = '/var/run/docker.sock';

/** Where the engine is, in the words of Docker's own variable; undefined for what cannot be asked this way. */
function engineAt(host: string | undefined): RequestOptions | undefined {
  if (host === undefined || host === '') {
    return existsSync(USUAL_SOCKET) ? { socketPath: USUAL_SOCKET } : undefined;
  }
  if (host.startsWith('unix://')) return { socketPath: host.slice('unix://'.length) };
  if (!URL.canParse(host)) return undefined;
  const { protocol, hostname, port } = new URL(host);
  return protocol === 'tcp:' || protocol === 'http:' ? { hostname, port } : undefined;
}

export function dockerAnswers(host: string | undefined): Promise<boolean> {
  const engine = engineAt(host);
  if (engine === undefined) return Promise.resolve(false);
  return new Promise((resolve) => {
    const ping = request({ ...engine, path: '/_ping', timeout: ANSWER_MS_MAX }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    });
    ping.on('timeout', () => ping.destroy());
    ping.on('error', () => {
      resolve(false);
    });
    ping.end();
  });
}
