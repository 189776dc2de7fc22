/** A process that may open few files: connections beyond that are not served, and nothing breaks for the others. */
import { connect, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { brokerYaml, triggerYaml } from '../support/manifests.ts';
import { post } from '../support/process.ts';
import { startSubscriber } from '../support/subscriber.ts';
import { AFFLUX, directoryWith, SOON, startProgram, untilReady } from './command.ts';

/** Enough to start with, and some more. */
const DESCRIPTORS = 80;
const CONNECTIONS = 200;
function open(port: number): Socket {
  const socket = connect({ host: '127.0.0.1', port });
  socket.on('error', () => undefined);
  onTestFinished(() => void socket.destroy());
  return socket;
}

describe('a process without file descriptors left', () => {
  it('F10 survives, and takes and delivers events again once connections have ended', async () => {
    const subscriber = await startSubscriber();
    const directory = await directoryWith({
      'all.yaml': brokerYaml() + triggerYaml({ name: 'all', uri: subscriber.url }),
    });
    const limited = startProgram('bash', [
      '-c',
      `ulimit -n ${String(DESCRIPTORS)}; exec "$@"`,
      'bash',
      ...[process.execPath, AFFLUX, 'dev', '-f', directory, '--port', '0', '--control-port', '0'],
    ]);
    const { eventsUrl } = await untilReady(limited);
    const url = `${eventsUrl}/default/main`;
    const port = Number(new URL(eventsUrl).port);
    const sockets = Array.from({ length: CONNECTIONS }, () => open(port));
    // The process is full when a new connection gets no answer any more.
    await expect
      .poll(
        () =>
          Promise.race([
            post(url).then(
              () => 'answered',
              () => 'cut off',
            ),
            new Promise((resolve) => setTimeout(resolve, 500, 'waiting')),
          ]),
        SOON,
      )
      .not.toBe('answered');
    for (const socket of sockets) socket.destroy();
    await expect
      .poll(
        () =>
          post(url, { id: 'afterwards' }).then(
            ({ status }) => status,
            () => 0,
          ),
        SOON,
      )
      .toBe(202);
    await expect.poll(() => subscriber.ids, SOON).toContain('afterwards');
    limited.kill('SIGTERM');
    expect(await limited.exited).toEqual({ code: 0, signal: null });
  });
});
