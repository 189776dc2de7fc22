import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { run } from '../testing/commands.ts';

async function takenPort(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return String((server.address() as AddressInfo).port);
}

// What it does when nothing is in its way is tested as a process, in test/process.
describe('afflux quickstart', () => {
  it.each([['--port'], ['--control-port'], ['--sink-port']])(
    'ends with 1 when the port of %s is taken and names port and flag',
    async (flag) => {
      const port = await takenPort();
      const ports = ['--port', '--control-port', '--sink-port'].flatMap((name) => [
        name,
        name === flag ? port : '0',
      ]);
      const { code, err } = await run(['quickstart', ...ports]);
      expect(code).toBe(1);
      expect(err).toContain(`port ${port} `);
      expect(err).toContain(`choose another with ${flag}\n`);
    },
  );
});
