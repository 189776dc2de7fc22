/** Runs a command as a terminal would show it: by a shell, both streams in one. */
import { spawn } from 'node:child_process';

/** A command that takes longer hangs. */
const COMMAND_MS_MAX = 30_000;

/**
 * What rows may call beside the usual tools: `until_seen <text> <file>` waits until the file has the text, for
 * commands that run in the background; `editor` is what EDITOR is set to, and does what `$EDIT` says to the file.
 */
const PRELUDE = `
until_seen() {
  tries=0
  until grep -qs -- "$1" "$2"; do
    tries=$((tries + 1))
    if [ $tries -gt 200 ]; then echo "never seen: $1"; return 1; fi
    sleep 0.05
  done
}
`;

export interface ShellOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

/** Everything that was written, and the exit code on a line of its own when it is not 0. */
export async function runShell(command: string, { cwd, env }: ShellOptions): Promise<string> {
  // A group of its own, so that what runs in the background ends with it.
  const child = spawn('bash', ['-c', `exec 2>&1\n${PRELUDE}${command}`], {
    cwd,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  const endGroup = (): void => {
    try {
      process.kill(-(child.pid ?? 0), 'SIGKILL');
    } catch {
      // All of it has ended.
    }
  };
  const timer = setTimeout(endGroup, COMMAND_MS_MAX);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', endGroup);
    child.once('close', resolve);
  });
  clearTimeout(timer);
  const text = Buffer.concat(chunks).toString('utf8').trimEnd();
  if (code === 0) return text;
  return `${text}\n[exit ${code === null ? `never: killed after ${String(COMMAND_MS_MAX)} ms` : String(code)}]`.trimStart();
}
