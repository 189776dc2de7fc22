/** A data directory over the lives of processes: killed, stopped, started twice. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { brokerYaml, triggerYaml } from '../support/manifests.ts';
import { post } from '../support/process.ts';
import { startSubscriber } from '../support/subscriber.ts';
import { directoryWith, put, runCommand, SOON, startDev } from './command.ts';

const RETRYING = 'delivery:\n  retry: 100\n  backoffPolicy: linear\n  backoffDelay: PT0.05S';

async function dataDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'afflux-data-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

describe('afflux dev --data-dir', () => {
  it('F01 goes on with every trigger after kill -9, from the same files', async () => {
    const [down, up] = [await startSubscriber(503), await startSubscriber()];
    const data = await dataDirectory();
    const manifests = await directoryWith({
      'all.yaml':
        brokerYaml() +
        triggerYaml({ name: 'down', uri: down.url, spec: RETRYING }) +
        triggerYaml({ name: 'up', uri: up.url, spec: RETRYING }),
    });
    const args = ['-f', manifests, '--data-dir', data];
    const first = await startDev(args);
    expect(first.process.output).toContain(`events are kept in ${data}`);
    const ids = Array.from({ length: 20 }, (_, index) => `event-${String(index)}`);
    for (const id of ids) {
      expect((await post(`${first.eventsUrl}/default/main`, { id })).status).toBe(202);
    }
    await up.received(ids.length);
    first.process.kill('SIGKILL');
    await first.process.exited;
    await down.abandoned();
    down.answer = 200;
    const before = down.deliveries.length;
    const second = await startDev(args);
    await expect.poll(() => new Set(down.ids.slice(before)), SOON).toEqual(new Set(ids));
    // What was acknowledged is not delivered again, but for what was in flight when the process was killed.
    expect(up.ids.length).toBeLessThan(2 * ids.length);
    await post(`${second.eventsUrl}/default/main`, { id: 'later' });
    await expect
      .poll(() => [...down.ids, ...up.ids].filter((id) => id === 'later'), SOON)
      .toHaveLength(2);
  });

  it('keeps at a stop what is not delivered, without waiting for it, and delivers it after the next start', async () => {
    const down = await startSubscriber(503);
    const data = await dataDirectory();
    const manifests = await directoryWith({
      'all.yaml': brokerYaml() + triggerYaml({ name: 'down', uri: down.url, spec: RETRYING }),
    });
    const args = ['-f', manifests, '--data-dir', data];
    const first = await startDev(args);
    await post(`${first.eventsUrl}/default/main`, { id: 'kept' });
    await down.received(1);
    first.process.kill('SIGTERM');
    expect(await first.process.exited).toEqual({ code: 0, signal: null });
    expect(first.process.errors).toMatch(/kept for the next start: 1 event\(s\)\n.*down.*: 1\n/);
    await down.abandoned();
    down.answer = 200;
    const before = down.deliveries.length;
    await startDev(args);
    await expect.poll(() => down.ids.slice(before), SOON).toEqual(['kept']);
  });

  it('gives a trigger that comes back to the files what was kept for it meanwhile', async () => {
    const subscriber = await startSubscriber(503);
    const data = await dataDirectory();
    const manifests = await directoryWith({ 'broker.yaml': brokerYaml() });
    const trigger = triggerYaml({ name: 'comes-back', uri: subscriber.url, spec: RETRYING });
    await put(manifests, 'trigger.yaml', trigger);
    const args = ['-f', manifests, '--data-dir', data];
    const first = await startDev(args);
    await post(`${first.eventsUrl}/default/main`, { id: 'before' });
    await subscriber.received(1);
    first.process.kill('SIGKILL');
    await first.process.exited;
    await rm(join(manifests, 'trigger.yaml'));
    const second = await startDev(args);
    second.process.kill('SIGTERM');
    await second.process.exited;
    subscriber.answer = 200;
    const before = subscriber.deliveries.length;
    await put(manifests, 'trigger.yaml', trigger);
    await startDev(args);
    await expect.poll(() => subscriber.ids.slice(before), SOON).toEqual(['before']);
  });

  it('is refused to a second process, which ends with 1 and says who has it', async () => {
    const data = await dataDirectory();
    const first = await startDev(['--data-dir', data]);
    const free = ['--port', '0', '--control-port', '0'];
    const second = await runCommand(['dev', ...free, '--data-dir', data]);
    expect(second).toMatchObject({ code: 1, out: '' });
    expect(second.err).toBe(
      `error: the data directory ${data} is in use by the process ${String(first.process.pid)}: stop it, or give this one a directory of its own\n`,
    );
    first.process.kill('SIGKILL');
    await first.process.exited;
    await startDev(['--data-dir', data]);
  });
});
