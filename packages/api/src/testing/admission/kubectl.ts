/** The cluster of KUBECONFIG by way of `kubectl`, for tests of what a person sees. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Why tests against an API server are skipped; undefined when they are not. */
export function skipReason(env: Readonly<Record<string, string | undefined>>): string | undefined {
  for (const name of ['KUBECONFIG', 'KUBEBUILDER_ASSETS']) {
    if ((env[name] ?? '') !== '') continue;
    if (env['AFFLUX_TEST_REQUIRE_KUBERNETES'] === '1') {
      throw new Error(`tests against an API server are required: ${name} is not set`);
    }
    return `${name} is not set`;
  }
  return undefined;
}

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end. */
export async function run(file: string, args: readonly string[], input = ''): Promise<Ran> {
  const child = spawn(file, args, { stdio: 'pipe' });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  child.stdin.end(input);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code: code ?? -1, stdout, stderr };
}

/** Runs `kubectl`; objects are given to it as JSON. */
export function kubectl(args: readonly string[], ...objects: readonly object[]): Promise<Ran> {
  const list = { apiVersion: 'v1', kind: 'List', items: objects };
  return run('kubectl', args, objects.length === 0 ? '' : JSON.stringify(list));
}

/** As {@link kubectl}, for what must succeed. */
export async function kubectlOk(
  args: readonly string[],
  ...objects: readonly object[]
): Promise<string> {
  const { code, stdout, stderr } = await kubectl(args, ...objects);
  if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr}`);
  return stdout;
}
