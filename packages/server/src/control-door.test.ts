import { request as httpsRequest } from 'node:https';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import { HostGuard } from '@afflux/ingress';
import { systemClock } from '@afflux/kernel';
import { recordingLogger } from '@afflux/kernel/testing';
import { Health } from '@afflux/observability';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { ControlGuard } from './control-guard.ts';
import { ControlPort, type ControlPortOptions } from './control-port.ts';
import { controlTls, type ControlTls } from './control-tls.ts';

const TOKEN = 'a-token-for-this-test';
/** Far away where a test wants to see that something else cuts a connection first. */
const NEVER_MS = 600_000;

let tls: ControlTls;

beforeAll(async () => {
  tls = await controlTls({ host: '0.0.0.0', clock: systemClock, logger: recordingLogger() });
});

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

async function startPort(options: Partial<ControlPortOptions> = {}) {
  const port = new ControlPort({
    host: '127.0.0.1',
    port: 0,
    logger: recordingLogger(),
    health: new Health(),
    guard: () =>
      new ControlGuard({
        callers: new HostGuard({ host: '127.0.0.1', allowedHosts: [], allowedOrigins: [] }),
        token: TOKEN,
      }),
    tls: () => tls,
    metrics: () => Promise.resolve({ contentType: 'text/plain', body: 'up 1\n' }),
    routes: (app) => {
      app.post('/echo', { bodyLimit: 1_000_000 }, (request) => ({
        protocol: request.protocol,
        bytes: JSON.stringify(request.body).length,
      }));
      return Promise.resolve();
    },
    ...options,
  });
  onTestFinished(() => port.close());
  await port.start();
  return port;
}

interface CallOptions {
  readonly scheme?: 'http' | 'https';
  readonly token?: string | undefined;
  readonly body?: string;
}

function call(port: ControlPort, path: string, options: CallOptions = {}): Promise<Answer> {
  const { scheme = 'https', body } = options;
  const token = 'token' in options ? options.token : TOKEN;
  const send = scheme === 'https' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const request = send(
      {
        host: '127.0.0.1',
        port: port.address.port,
        path,
        method: body === undefined ? 'GET' : 'POST',
        ca: tls.ca,
        agent: false,
        headers: {
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.on('end', () => {
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text });
        });
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}

interface RawClient {
  readonly socket: Socket;
  readonly received: () => string;
  readonly isClosed: () => boolean;
}

async function rawClient(port: ControlPort): Promise<RawClient> {
  const socket = connect({ port: port.address.port, host: '127.0.0.1', allowHalfOpen: true });
  onTestFinished(() => void socket.destroy());
  let received = '';
  let isClosed = false;
  socket.setEncoding('latin1').on('data', (text: string) => (received += text));
  socket.on('error', () => undefined);
  socket.on('end', () => (isClosed = true)).on('close', () => (isClosed = true));
  await new Promise((resolve) => socket.once('connect', resolve));
  return { socket, received: () => received, isClosed: () => isClosed };
}

/** The first message of a client that speaks TLS. */
function clientHello(): Promise<Buffer> {
  return new Promise((resolve) => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', (hello: Buffer) => {
        resolve(hello);
        socket.destroy();
        server.close();
      });
    });
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      tlsConnect({ port, host: '127.0.0.1' }).on('error', () => undefined);
    });
  });
}

describe('a control port with a certificate', () => {
  it('speaks https and plain http on one port', async () => {
    const port = await startPort();
    for (const scheme of ['https', 'http'] as const) {
      expect((await call(port, '/metrics', { scheme })).body).toBe('up 1\n');
    }
  });

  it('asks for the token over either, and frees the probes over either', async () => {
    const port = await startPort();
    for (const scheme of ['https', 'http'] as const) {
      const stranger = await call(port, '/metrics', { scheme, token: undefined });
      expect([stranger.status, stranger.headers['www-authenticate']]).toEqual([401, 'Bearer']);
      expect((await call(port, '/healthz', { scheme, token: undefined })).status).toBe(200);
    }
  });

  it('takes bodies that come in many pieces, and knows which of the two was spoken', async () => {
    const port = await startPort();
    const body = JSON.stringify({ text: 'x'.repeat(500_000) });
    for (const scheme of ['https', 'http'] as const) {
      const answer = await call(port, '/echo', { scheme, body });
      expect(JSON.parse(answer.body)).toEqual({ protocol: scheme, bytes: body.length });
    }
  });

  it('answers a request of which the first byte came alone', async () => {
    const port = await startPort();
    const { socket, received } = await rawClient(port);
    socket.setNoDelay(true).write('G');
    // Another client is answered meanwhile: the byte has arrived, and nobody waits for this one.
    await call(port, '/metrics');
    socket.write('ET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await expect.poll(received).toMatch(/^HTTP\/1\.1 200 /);
  });

  it('shakes hands also when the hello comes byte by byte', async () => {
    const port = await startPort();
    const hello = await clientHello();
    const { socket, received } = await rawClient(port);
    socket.setNoDelay(true);
    for (const byte of hello) socket.write(Buffer.of(byte));
    await expect.poll(() => received().charCodeAt(0)).toBe(22);
  });

  it('keeps connections of both kinds for further requests', async () => {
    const port = await startPort();
    const plain = await rawClient(port);
    const secure = tlsConnect({ port: port.address.port, host: '127.0.0.1', ca: tls.ca });
    onTestFinished(() => void secure.destroy());
    let received = '';
    secure.setEncoding('latin1').on('data', (text: string) => (received += text));
    const request = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n';
    for (const count of [1, 2, 3]) {
      secure.write(request);
      plain.socket.write(request);
      const answers = (text: string) => text.split('HTTP/1.1 200 ').length - 1;
      await expect
        .poll(() => [answers(received), answers(plain.received())])
        .toEqual([count, count]);
    }
  });

  it.each(['TLSv1.2', 'TLSv1.3'] as const)('speaks %s', async (version) => {
    const port = await startPort();
    const options = { minVersion: version, maxVersion: version, ca: tls.ca };
    const socket = tlsConnect({ port: port.address.port, host: '127.0.0.1', ...options });
    onTestFinished(() => void socket.destroy());
    await new Promise((resolve, reject) => {
      socket.once('secureConnect', resolve).once('error', reject);
    });
    expect(socket.getProtocol()).toBe(version);
  });

  it('does not speak TLS 1.1', async () => {
    const port = await startPort();
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1' } as const;
    // Without this the client itself would refuse.
    const ciphers = 'DEFAULT:@SECLEVEL=0';
    const error = await new Promise<Error>((resolve, reject) => {
      const socket = tlsConnect({
        ...old,
        ciphers,
        port: port.address.port,
        host: '127.0.0.1',
        ca: tls.ca,
      });
      onTestFinished(() => void socket.destroy());
      socket.once('error', resolve).once('secureConnect', reject);
    });
    expect(error.message).toMatch(/protocol version/);
  });

  it('agrees on HTTP/1.1 with clients that offer HTTP/2 first, as those of Kubernetes do', async () => {
    const port = await startPort();
    const socket = tlsConnect({
      port: port.address.port,
      host: '127.0.0.1',
      ca: tls.ca,
      ALPNProtocols: ['h2', 'http/1.1'],
    });
    onTestFinished(() => void socket.destroy());
    await new Promise((resolve, reject) => {
      socket.once('secureConnect', resolve).once('error', reject);
    });
    expect(socket.alpnProtocol).toBe('http/1.1');
  });
});

describe('a client that does not come to the point', () => {
  it('says nothing: it is cut', async () => {
    const port = await startPort({ helloMsMax: 50 });
    const { isClosed, received } = await rawClient(port);
    await expect.poll(isClosed).toBe(true);
    expect(received()).toBe('');
  });

  it('stops within the hello: it is cut', async () => {
    const port = await startPort({ helloMsMax: 50 });
    const hello = await clientHello();
    const { socket, isClosed } = await rawClient(port);
    socket.write(hello.subarray(0, hello.length / 2));
    await expect.poll(isClosed).toBe(true);
  });

  it('stops after the hello: it is cut', async () => {
    const port = await startPort({ helloMsMax: 50 });
    const { socket, received, isClosed } = await rawClient(port);
    socket.write(await clientHello());
    await expect.poll(isClosed).toBe(true);
    expect(received().charCodeAt(0)).toBe(22);
  });

  it('sends garbage that begins like TLS: it is cut at once', async () => {
    const port = await startPort({ helloMsMax: NEVER_MS });
    for (const garbage of [
      Buffer.concat([Buffer.of(22), Buffer.alloc(100, 'x')]),
      Buffer.concat([Buffer.of(22, 3, 1, 0, 100), Buffer.alloc(100)]),
      Buffer.concat([Buffer.of(22, 3, 1, 255, 255), Buffer.alloc(70_000, 'y')]),
    ]) {
      const { socket, isClosed } = await rawClient(port);
      socket.write(garbage);
      await expect.poll(isClosed).toBe(true);
    }
    expect((await call(port, '/healthz')).status).toBe(200);
  });

  it('sends garbage that is neither: it hears 400', async () => {
    const port = await startPort({ helloMsMax: NEVER_MS });
    for (const garbage of [Buffer.alloc(40, 0), Buffer.of(21, 3, 1), Buffer.from('HELO you\r\n')]) {
      const { socket, received, isClosed } = await rawClient(port);
      socket.write(garbage);
      await expect.poll(isClosed).toBe(true);
      expect(received()).toMatch(/^HTTP\/1\.1 400 /);
    }
  });

  it('says only goodbye: it is let go', async () => {
    const port = await startPort({ helloMsMax: NEVER_MS });
    const { socket, isClosed } = await rawClient(port);
    socket.end();
    await expect.poll(isClosed).toBe(true);
  });

  it('breaks off anywhere: nothing happens', async () => {
    const port = await startPort({ helloMsMax: NEVER_MS });
    const hello = await clientHello();
    for (const bytes of [Buffer.of(), hello.subarray(0, 1), hello.subarray(0, 50), hello]) {
      const { socket } = await rawClient(port);
      if (bytes.length > 0) socket.write(bytes);
      socket.resetAndDestroy();
    }
    expect((await call(port, '/healthz')).status).toBe(200);
  });

  it('has spoken once: it may be silent for longer than the hello may take', async () => {
    const port = await startPort({ helloMsMax: 50 });
    const { socket, received, isClosed } = await rawClient(port);
    const request = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n';
    socket.write(request);
    await expect.poll(received).toMatch(/^HTTP\/1\.1 200 /);
    // One that came later is cut by its deadline; so that of the first is over, too.
    const later = await rawClient(port);
    await expect.poll(later.isClosed).toBe(true);
    expect(isClosed()).toBe(false);
  });
});

describe('closing', () => {
  it('cuts every client, whatever it is at, and gives the port back', async () => {
    const port = await startPort({ helloMsMax: NEVER_MS });
    const hello = await clientHello();
    const clients: RawClient[] = [];
    for (const bytes of ['', hello.subarray(0, 1), hello.subarray(0, 90), hello, 'GET / HT']) {
      const client = await rawClient(port);
      if (bytes !== '') client.socket.write(bytes);
      clients.push(client);
    }
    const secure = tlsConnect({ port: port.address.port, host: '127.0.0.1', ca: tls.ca });
    const gone = new Promise((resolve) => secure.once('close', resolve));
    secure.on('error', () => undefined);
    await new Promise((resolve) => secure.once('secureConnect', resolve));
    const { port: number } = port.address;
    await port.close();
    await gone;
    await expect
      .poll(() => clients.map(({ isClosed }) => isClosed()))
      .toEqual(clients.map(() => true));
    const next = await startPort({ port: number });
    expect((await call(next, '/healthz')).status).toBe(200);
  });
});

it('serves many connections of both kinds at the same time', async () => {
  const port = await startPort();
  const answers = await Promise.all(
    Array.from({ length: 200 }, (_, index) =>
      call(port, '/metrics', { scheme: index % 2 === 0 ? 'https' : 'http' }),
    ),
  );
  expect(new Set(answers.map(({ status, body }) => `${String(status)} ${body}`))).toEqual(
    new Set(['200 up 1\n']),
  );
});

it('bounds connections for both together', async () => {
  const port = await startPort({ connectionsMax: 2 });
  const first = await rawClient(port);
  const secure = tlsConnect({ port: port.address.port, host: '127.0.0.1', ca: tls.ca });
  onTestFinished(() => void secure.destroy());
  await new Promise((resolve) => secure.once('secureConnect', resolve));
  const third = await rawClient(port);
  await expect.poll(third.isClosed).toBe(true);
  expect(first.isClosed()).toBe(false);
});

it.each(['https', 'http'] as const)('half a request over %s is cut in time', async (scheme) => {
  const port = await startPort({ requestMsMax: 100 });
  const options = { port: port.address.port, host: '127.0.0.1', ca: tls.ca };
  const socket = scheme === 'https' ? tlsConnect(options) : connect(options);
  onTestFinished(() => void socket.destroy());
  let received = '';
  socket.setEncoding('latin1').on('data', (text: string) => (received += text));
  socket.write('GET /healthz HTTP/1.1\r\nHo');
  await expect.poll(() => received).toMatch(/^HTTP\/1\.1 408 /);
});

it('a port without a certificate does not understand TLS', async () => {
  const port = await startPort({ tls: () => undefined });
  expect((await call(port, '/metrics', { scheme: 'http' })).body).toBe('up 1\n');
  await expect(call(port, '/metrics')).rejects.toThrow(/wrong version number|EPROTO/i);
});
