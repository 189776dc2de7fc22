/** The built command as a process: what only a whole process shows. */
import { describe, expect, it } from 'vitest';
import { brokerYaml, triggerYaml } from '../support/manifests.ts';
import { startDev } from '../support/cli.ts';
import { post, send } from '../support/process.ts';
import { startSubscriber } from '../support/subscriber.ts';

describe('afflux dev', () => {
  it.each(['/healthz', '/readyz', '/metrics'])(
    'answers 200 at %s of the control port',
    async (path) => {
      const dev = await startDev({ 'manifests.yaml': brokerYaml() });
      expect((await send(dev.controlUrl + path, {}, '', 'GET')).status).toBe(200);
    },
  );

  it('delivers what was accepted when SIGTERM comes under load, and exits with 0', async () => {
    const sink = await startSubscriber();
    const dev = await startDev({
      'manifests.yaml': brokerYaml() + triggerYaml({ name: 'one', uri: sink.url }),
    });
    const accepted = await loadUntil(`${dev.url}/default/main`, 200, () => dev.stop());
    expect(await accepted.stopped).toBe(0);
    expect(sink.ids.toSorted()).toEqual(accepted.ids.toSorted());
    expect(dev.stderr).toContain('stopped: everything accepted was delivered');
  });

  it('says what is left when a subscriber hangs, and exits with 0 within the grace period', async () => {
    const stuck = await startSubscriber(() => undefined);
    const dev = await startDev({
      'afflux.yaml': 'shutdownGrace: 500ms\n',
      'manifests.yaml': brokerYaml() + triggerYaml({ name: 'one', uri: stuck.url }),
    });
    for (let index = 0; index < 3; index += 1) await post(`${dev.url}/default/main`);
    expect(await dev.stop()).toBe(0);
    expect(dev.stderr).toContain('stopped: 3 event(s) were accepted and could not be delivered');
  });
});

interface Stopped {
  /** Events that were answered with 202, also after the stop began. */
  readonly ids: readonly string[];
  readonly stopped: Promise<number | null>;
}

/** Posts from several producers at once; after `count` events were accepted, `stop` is called meanwhile. */
async function loadUntil(
  url: string,
  count: number,
  stop: () => Promise<number | null>,
): Promise<Stopped> {
  const ids: string[] = [];
  let stopped: Promise<number | null> | undefined;
  let next = 0;
  const produce = async (): Promise<void> => {
    for (;;) {
      const id = `e-${String(next++)}`;
      try {
        const { status } = await post(url, { id });
        if (status !== 202) return;
      } catch {
        return; // The port is closed: not accepted.
      }
      ids.push(id);
      if (ids.length >= count) stopped ??= stop();
    }
  };
  await Promise.all(Array.from({ length: 8 }, produce));
  if (stopped === undefined) throw new Error('the producers ended before the stop began');
  return { ids, stopped };
}
