/** The cluster of KUBECONFIG by way of kubectl, for tests that compare what a person sees. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { run, type Result } from './commands.ts';

/** Why the comparison cannot be made; undefined when it can. */
export function whyNoKubectl(): string | undefined {
  const missing = ['KUBECONFIG', 'KUBEBUILDER_ASSETS'].find(
    (name) => (process.env[name] ?? '') === '',
  );
  return missing === undefined ? undefined : `${missing} is not set`;
}

/** What kubectl's own log says of a watch that a deadline ends: whether it does depends on the moment. */
const WATCH_LOG = /^[EWI]\d{4} .* reflector\.go:\d+\].*\n/gm;

/** Runs kubectl to its end. */
export function kubectl(args: readonly string[], input = ''): Promise<Result> {
  const shipped = join(process.env['KUBEBUILDER_ASSETS'] ?? '', 'kubectl');
  const program = existsSync(shipped) ? shipped : 'kubectl';
  return new Promise((resolve) => {
    const child = execFile(program, args, (error, out, err) => {
      resolve({ code: error === null ? 0 : 1, out, err: err.replaceAll(WATCH_LOG, '') });
    });
    child.stdin?.end(input);
  });
}

/** Runs afflux against the same cluster. */
export function affluxOnCluster(args: readonly string[], input = ''): Promise<Result> {
  const kubeconfig = process.env['KUBECONFIG'] ?? '';
  return run([...args, '--kubeconfig', kubeconfig], { input });
}

/** Without what differs from one moment to the next. */
export function timeless({ code, out, err }: Result): Result {
  return { code, out: withoutTimes(out), err: withoutTimes(err) };
}

function withoutTimes(text: string): string {
  return text
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, 'TIME')
    .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'UID')
    .replace(/\b\d+[smhd](\d+[smhd])?(?=\s|$)/gm, 'AGE')
    .replace(/(resourceVersion"?: "?|Resource Version: +)\d+/g, '$1N');
}
