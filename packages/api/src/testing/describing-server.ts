/** A server of nothing but discovery and OpenAPI, to show them to real clients. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { discoveryForm } from '../discovery/accept.ts';
import { Discovery } from '../discovery/discovery.ts';
import { versionInfo } from '../discovery/version.ts';
import type { OpenApiOptions } from '../openapi/open-api.ts';
import { OpenApi, swaggerForm } from '../openapi/open-api.ts';

/** A server that listens. */
export interface DescribingServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Makes the answers to paths; undefined for what there is not. */
function answers(options: OpenApiOptions) {
  const discovery = new Discovery(options);
  const openApi = new OpenApi(options);
  return (path: string, accept: string | undefined): object | string | undefined => {
    const [root, first, second, third] = path.split('/').slice(1);
    if (root === 'version') return versionInfo({ version: options.version ?? '' });
    if (root === 'openapi' && first === 'v2') {
      return swaggerForm(accept) === 'json' ? openApi.v2().body : undefined;
    }
    if (root === 'openapi' && second === undefined) return openApi.index();
    if (root === 'openapi') return openApi.document(path.slice('/openapi/v3/'.length))?.body;
    if (root !== 'api' && root !== 'apis') return undefined;
    if (first === undefined) {
      const form = discoveryForm(accept);
      if (form !== 'old') return discovery.aggregated(root, form).body;
      return root === 'api' ? discovery.api() : discovery.apis();
    }
    if (root === 'api') return discovery.resources('', first);
    if (third !== undefined) return undefined;
    return second === undefined ? discovery.group(first) : discovery.resources(first, second);
  };
}

/** Starts one on a free port of this machine. */
export async function describingServer(options: OpenApiOptions): Promise<DescribingServer> {
  const answerTo = answers(options);
  const server = createServer((request, response) => {
    const [path = ''] = (request.url ?? '').split('?', 1);
    const { accept } = request.headers;
    const body = answerTo(path, accept);
    // The first form that the client names is the one that there is, wherever it names one.
    const form = path.split('/').length === 2 ? accept?.split(',', 1)[0] : undefined;
    response.writeHead(body === undefined ? (path === '/openapi/v2' ? 406 : 404) : 200, {
      'content-type': form ?? 'application/json',
    });
    response.end(typeof body === 'string' ? body : JSON.stringify(body ?? {}));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${String(port)}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}
