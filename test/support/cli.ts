/** The built command as a process of its own, for what only a whole process shows: its output, its signals. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished } from 'vitest';

const BIN = fileURLToPath(new URL('../../packages/cli/bin/afflux.js', import.meta.url));

export interface RunningCommand {
  /** Where it takes events. */
  readonly url: string;
  /** Where it answers health and metrics. */
  readonly controlUrl: string;
  readonly stdout: string;
  readonly stderr: string;
  /** Sends the signal and resolves with the exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

/** Runs `afflux dev` on free ports over these files, in a directory of its own; resolves when it is ready. */
export async function startDev(files: Readonly<Record<string, string>>): Promise<RunningCommand> {
  const directory = await mkdtemp(join(tmpdir(), 'afflux-scenario-'));
  for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text);
  const flags = ['dev', '-f', 'manifests.yaml', '--port', '0', '--control-port', '0'];
  const child = spawn(process.execPath, [BIN, ...flags], { cwd: directory });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const exited = new Promise<number | null>((resolve) => {
    child.once('close', resolve);
  });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await exited;
    await rm(directory, { recursive: true, force: true });
  });
  await expect
    .poll(() => (child.exitCode === null ? stdout : `exited: ${stderr}`), { timeout: 15_000 })
    .toMatch(/^ready {2}events \S+ {2}control \S+$/m);
  const [, url = '', controlUrl = ''] =
    /^ready {2}events (\S+) {2}control (\S+)$/m.exec(stdout) ?? [];
  return {
    url,
    controlUrl,
    get stdout() {
      return stdout;
    },
    get stderr() {
      return stderr;
    },
    stop: (signal = 'SIGTERM') => {
      child.kill(signal);
      return exited;
    },
  };
}
