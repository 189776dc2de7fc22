import { FakeClock, recordingLogger, settle } from '@afflux/kernel/testing';
import { once } from 'node:events';
import { Agent, request } from 'node:https';
import { connect as connectTcp } from 'node:net';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  ADMISSION_SERVER_LIMITS,
  AdmissionServer,
  type AdmissionServerOptions,
} from './admission-server.ts';
import { admissionWebhooks } from './admission-webhooks.ts';
import { ONE, TWO } from '../testing/admission/certificates.ts';
import { CREATE } from '../testing/admission/recorded-reviews.ts';
import {
  configProblems,
  shippedWebhooks,
  type ReviewAnswer,
} from '../testing/admission/webhook-world.ts';

async function makeServer(options: Partial<AdmissionServerOptions> = {}) {
  const clock = new FakeClock();
  const logger = recordingLogger();
  const handler = admissionWebhooks({ ...shippedWebhooks(), configProblems, clock, logger });
  const server = new AdmissionServer({
    ...ONE,
    handler,
    host: '127.0.0.1',
    port: 0,
    clock,
    logger,
    ...options,
  });
  onTestFinished(() => server.close());
  await server.start();
  const port = server.port ?? 0;
  const agent = new Agent({ keepAlive: true, ca: [ONE.cert, TWO.cert] });
  onTestFinished(() => {
    agent.destroy();
  });
  const send = (path: string, body?: string, headers: Record<string, string> = {}) =>
    new Promise<{ status: number; text: string; connection: string | undefined }>(
      (resolve, reject) => {
        const outgoing = request({
          host: '127.0.0.1',
          port,
          path,
          agent,
          method: body === undefined ? 'GET' : 'POST',
          headers: { 'content-type': 'application/json', ...headers },
        });
        outgoing.on('error', reject);
        outgoing.on('response', (incoming) => {
          let text = '';
          incoming.on('data', (chunk: Buffer) => (text += chunk.toString()));
          incoming.on('end', () => {
            const { statusCode: status = 0, headers: received } = incoming;
            resolve({ status, text, connection: received.connection });
          });
        });
        outgoing.end(body);
      },
    );
  const handshake = async (changes: ConnectionOptions = {}): Promise<TLSSocket> => {
    const socket = connect({ host: '127.0.0.1', port, ca: [ONE.cert, TWO.cert], ...changes });
    onTestFinished(() => {
      socket.destroy();
    });
    await once(socket, 'secureConnect');
    return socket;
  };
  return { server, clock, logger, port, send, handshake };
}

const VALIDATION = '/resource-validation';

describe('AdmissionServer', () => {
  it('answers over TLS', async () => {
    const { send } = await makeServer();
    const { status, text } = await send(VALIDATION, CREATE);
    expect(status).toBe(200);
    expect((JSON.parse(text) as ReviewAnswer).response.allowed).toBe(true);
  });

  it('speaks TLS 1.3 and nothing older', async () => {
    const { handshake, logger } = await makeServer();
    expect((await handshake()).getProtocol()).toBe('TLSv1.3');
    await expect(handshake({ maxVersion: 'TLSv1.2' })).rejects.toThrow(/protocol version/);
    expect(logger.lines.map(({ level }) => level)).not.toContain('error');
  });

  it('speaks TLS 1.2 where that was asked for', async () => {
    const { handshake } = await makeServer({ tlsMinVersion: 'TLSv1.2' });
    expect((await handshake({ maxVersion: 'TLSv1.2' })).getProtocol()).toBe('TLSv1.2');
  });

  it('shows another certificate to those who come after it was replaced', async () => {
    const { server, handshake } = await makeServer();
    const before = await handshake();
    server.setSecureContext(TWO);
    const after = await handshake();
    expect([before, after].map((socket) => socket.getPeerCertificate().subject.CN)).toEqual([
      'one',
      'two',
    ]);
    await expect(handshake({ maxVersion: 'TLSv1.2' })).rejects.toThrow(/protocol version/);
  });

  it('keeps its certificate when the new one does not fit its key', async () => {
    const { server, handshake } = await makeServer();
    expect(() => {
      server.setSecureContext({ cert: TWO.cert, key: ONE.key });
    }).toThrow(/key values mismatch/);
    expect((await handshake()).getPeerCertificate().subject.CN).toBe('one');
  });

  it('takes a certificate that was replaced before the start', async () => {
    const clock = new FakeClock();
    const logger = recordingLogger();
    const handler = () => Promise.resolve();
    const options = { ...ONE, handler, host: '127.0.0.1', port: 0, clock, logger };
    const server = new AdmissionServer(options);
    onTestFinished(() => server.close());
    server.setSecureContext(TWO);
    await server.start();
    const socket = connect({ host: '127.0.0.1', port: server.port ?? 0, ca: TWO.cert });
    await once(socket, 'secureConnect');
    expect(socket.getPeerCertificate().subject.CN).toBe('two');
    socket.destroy();
  });

  it('does not start with a key that fits no certificate, nor on a port that is taken', async () => {
    const { port } = await makeServer();
    await expect(makeServer({ key: TWO.key })).rejects.toThrow(/key values mismatch/);
    await expect(makeServer({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  it('refuses connections beyond its bound', async () => {
    const { port, handshake } = await makeServer({ limits: { connectionsMax: 1 } });
    await handshake();
    const socket = connectTcp({ host: '127.0.0.1', port });
    socket.resume();
    await once(socket, 'close');
    expect(socket.bytesRead).toBe(0);
  });

  it('lives on after a client that speaks no TLS', async () => {
    const { port, send } = await makeServer();
    const socket = connectTcp({ host: '127.0.0.1', port });
    socket.on('error', () => undefined);
    socket.write('GET / HTTP/1.1\r\n\r\n');
    socket.resume();
    await once(socket, 'close');
    expect((await send(VALIDATION, CREATE)).status).toBe(200);
  });

  it('tells probes that it is well, and when it drains that it is not', async () => {
    const { server, send } = await makeServer();
    const probe = { 'user-agent': 'kube-probe/1.33' };
    expect(await send('/', undefined, probe)).toMatchObject({ status: 200 });
    void server.drain();
    expect(await send('/', undefined, probe)).toMatchObject({ status: 503, text: 'shutting down' });
  });

  it('drains until no request came for the quiet period', async () => {
    const { server, clock, send } = await makeServer();
    const { quietMs } = ADMISSION_SERVER_LIMITS;
    let isDrained = false;
    const drained = server.drain().then(() => (isDrained = true));
    await clock.advance(quietMs - 1);
    expect(await send(VALIDATION, CREATE)).toMatchObject({ status: 200, connection: 'close' });
    await settle();
    await clock.advance(quietMs - 1);
    expect(isDrained).toBe(false);
    await clock.advance(1);
    await drained;
  });

  it('does not count probes as requests', async () => {
    const { server, clock, send } = await makeServer();
    const drained = server.drain();
    await clock.advance(44_000);
    await send('/', undefined, { 'user-agent': 'kube-probe/1.33' });
    await clock.advance(1_000);
    await drained;
  });

  it('drains no earlier than its last answer', async () => {
    let finish = (): void => undefined;
    let isAsked = false;
    const { server, clock, send } = await makeServer({
      handler: async (_, response) => {
        isAsked = true;
        await new Promise<void>((resolve) => (finish = resolve));
        response.end();
      },
    });
    let isDrained = false;
    const drained = server.drain().then(() => (isDrained = true));
    const answer = send(VALIDATION, CREATE);
    await until(() => isAsked);
    await clock.advance(100_000);
    expect(isDrained).toBe(false);
    finish();
    await answer;
    await until(() => clock.pending > 0);
    await clock.advance(45_000);
    await drained;
  });

  it('ends all connections when it is closed, and a drain with them', async () => {
    const { server, handshake, clock } = await makeServer();
    const socket = await handshake();
    socket.resume();
    const drained = server.drain();
    await server.close();
    await drained;
    if (!socket.closed) await once(socket, 'close');
    expect(server.port).toBeUndefined();
    expect(clock.pending).toBe(0);
  });
});

/** Waits for the other end of a socket, which no clock of ours moves. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await settle();
}
