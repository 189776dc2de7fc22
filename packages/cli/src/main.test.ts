import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fakeIo, run } from './testing/commands.ts';
import { main } from './main.ts';

const COMMANDS = [
  'dev',
  'quickstart',
  'send',
  'sink',
  'cesql',
  'validate',
  'kubeconfig',
  'apply',
  'get',
  'describe',
  'delete',
  'logs',
  'wait',
];

describe('afflux', () => {
  it('lists every command', async () => {
    const { code, out } = await run(['--help']);
    expect(code).toBe(0);
    for (const command of COMMANDS) expect(out).toMatch(new RegExp(`^ {2}${command} `, 'm'));
  });

  it.each(COMMANDS)('%s --help shows examples of the command and ends with 0', async (command) => {
    const { code, out, err } = await run([command, '--help']);
    expect(code).toBe(0);
    expect(err).toBe('');
    expect(out).toContain(`Usage: afflux ${command}`);
    expect(out).toMatch(new RegExp(`Examples:\\n  \\$ afflux ${command}`));
  });

  it.each(COMMANDS)('%s names an option that it does not know and ends with 2', async (command) => {
    const { code, out, err } = await run([command, '--no-such-option']);
    expect(code).toBe(2);
    expect(out).toBe('');
    expect(err).toMatch(/^error: unknown option '?--no-such-option/);
  });

  it('ends with 2 for a command that it does not know', async () => {
    const { code, err } = await run(['sned']);
    expect(code).toBe(2);
    expect(err).toContain("unknown command 'sned'");
    expect(err).toContain('afflux --help');
  });

  it('ends with 2 without a command and says which there are', async () => {
    const { code, err } = await run([]);
    expect(code).toBe(2);
    expect(err).toContain('Commands:');
  });

  it('prints the version of its package', async () => {
    const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
    const { version } = JSON.parse(text) as { version: string };
    expect(await run(['--version'])).toEqual({ code: 0, out: `${version}\n`, err: '' });
  });

  it('ends with 1 and a trace for what nobody foresaw', async () => {
    const io = { ...fakeIo(), readInput: () => Promise.reject(new TypeError('a bug')) };
    let err = '';
    io.err = (text) => {
      err += text;
    };
    expect(await main(['send', 'http://127.0.0.1:1/', '--data', '-'], io)).toBe(1);
    expect(err).toMatch(/^error: TypeError: a bug\n +at /);
  });
});
