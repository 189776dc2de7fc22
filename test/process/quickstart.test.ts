/** What a newcomer sees after `npm start`, on ports that are free. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT, runShell, startCommand, untilReady } from './command.ts';

describe('npm start', () => {
  it('builds, then runs the quickstart of the command that is tested here', () => {
    const text = readFileSync(join(ROOT, 'package.json'), 'utf8');
    const { scripts } = JSON.parse(text) as { scripts: Record<string, string> };
    expect(scripts['start']).toBe(
      'npm run --silent build && node packages/cli/bin/afflux.js quickstart',
    );
  });

  it('prints two curl lines; one event is delivered, one is retried and dead-lettered, and both are shown', async () => {
    const process = startCommand([
      ...['quickstart', '--port', '0', '--control-port', '0', '--sink-port', '0'],
    ]);
    const { eventsUrl } = await untilReady(process);
    await process.printed(/see the change applied/);
    expect(process.errors).toBe('');
    expect(process.output).toMatch(/^Trigger +default\/orders +True /m);
    expect(process.output).toMatch(/^Trigger +default\/rejected +True /m);
    const curls = process.output.match(/^ +curl .*$/gm) ?? [];
    expect(curls).toHaveLength(2);
    for (const curl of curls) {
      expect(curl).toContain(`${eventsUrl}/default/main`);
      expect(await runShell(curl)).toMatchObject({
        code: 0,
        out: expect.stringMatching(/^HTTP\/1\.1 202 /) as string,
      });
    }
    const [delivered] = await process.printed(/^subscriber: \S+ 200 order\.created {2}id=1 .*$/m);
    expect(delivered).not.toContain('path=');
    await process.printed(/^subscriber: \S+ 200 order\.rejected {2}id=2 .* path=\/dead-letters$/m);
    await process.printed(/^ {2}knativeerrordest: http:\/\/localhost:\d+\/always-fails$/m);
    await process.printed(/^ {2}knativeerrorcode: 500$/m);
    const attempts = process.output.match(/^subscriber: \S+ 500 order\.rejected/gm);
    // The first one and the three retries that the text above the curl line speaks of.
    expect(process.output).toContain('retried three times, then sent to the dead letter sink');
    expect(attempts).toHaveLength(4);
    process.kill('SIGINT');
    expect(await process.exited).toEqual({ code: 0, signal: null });
  });
});
