import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { controlToken, isLoopback } from './control-token.ts';

async function directory(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'afflux-token-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

it.each([
  ['127.0.0.1', true],
  ['127.9.9.9', true],
  ['::1', true],
  ['localhost', true],
  ['0.0.0.0', false],
  ['::', false],
  ['192.168.1.4', false],
  ['127.evil.example', false],
  ['', false],
])('%s is loopback: %s', (host, expected) => {
  expect(isLoopback(host)).toBe(expected);
});

describe('the token of the control port', () => {
  it('is not needed on loopback, but honoured when one is given', async () => {
    expect(await controlToken({ host: '127.0.0.1' })).toBeUndefined();
    const token = 'given-by-the-user';
    expect(await controlToken({ host: '127.0.0.1', token })).toEqual({
      token,
      isNew: false,
      file: undefined,
    });
  });

  it('is made off loopback, another with each start without a directory', async () => {
    const first = await controlToken({ host: '0.0.0.0' });
    const second = await controlToken({ host: '0.0.0.0' });
    expect(first?.token).toMatch(/^[\w-]{43}$/);
    expect(first).toMatchObject({ isNew: true, file: undefined });
    expect(second?.token).not.toBe(first?.token);
  });

  it('stays the same in a data directory, readable for its owner alone', async () => {
    const dataDir = await directory();
    const first = await controlToken({ host: '0.0.0.0', dataDir });
    const file = join(dataDir, 'token');
    expect(first).toMatchObject({ isNew: true, file });
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await readFile(file, 'utf8')).trim()).toBe(first?.token);
    expect(await controlToken({ host: '0.0.0.0', dataDir })).toEqual({
      token: first?.token,
      isNew: false,
      file,
    });
  });

  it('that somebody emptied is refused with the file and what to do', async () => {
    const dataDir = await directory();
    await writeFile(join(dataDir, 'token'), 'short\n');
    await expect(controlToken({ host: '0.0.0.0', dataDir })).rejects.toMatchObject({
      code: 'AFFLUX_SERVER_TOKEN',
      message: expect.stringContaining('remove the file') as string,
    });
  });
});
