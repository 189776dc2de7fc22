/** A subscriber that dies in the middle of a delivery and comes back. */
import { describe, expect, it } from 'vitest';
import { brokerYaml, triggerYaml } from '../support/manifests.ts';
import { post } from '../support/process.ts';
import { directoryWith, startDev, startSink } from './command.ts';

/** Ids of events that a sink has printed. */
function idsOf(output: string): string[] {
  return [...output.matchAll(/ id=(\S+)/g)].map(([, id]) => id ?? '');
}

describe('a subscriber that is killed in the middle of a delivery', () => {
  it('gets the event again, and what was sent meanwhile, when it is back', async () => {
    const dying = await startSink(['--delay', '1h']);
    const directory = await directoryWith({
      'all.yaml':
        brokerYaml() +
        triggerYaml({
          name: 'all',
          uri: dying.url,
          spec: 'delivery:\n  retry: 30\n  backoffPolicy: linear\n  backoffDelay: PT0.1S',
        }),
    });
    const { process, eventsUrl } = await startDev(['-f', directory]);
    await post(`${eventsUrl}/default/main`, { id: 'interrupted' });
    await dying.process.printed(/ id=interrupted /);
    dying.process.kill('SIGKILL');
    await dying.process.exited;
    expect((await post(`${eventsUrl}/default/main`, { id: 'meanwhile' })).status).toBe(202);
    const back = await startSink([], dying.port);
    await back.process.printed(/ 200 .* id=interrupted /);
    await back.process.printed(/ 200 .* id=meanwhile /);
    process.kill('SIGTERM');
    expect(await process.exited).toEqual({ code: 0, signal: null });
    expect(process.errors).toContain('stopped: everything accepted was delivered\n');
    expect(idsOf(back.process.output).sort()).toEqual(['interrupted', 'meanwhile']);
  });
});
