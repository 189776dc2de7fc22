/**
 * The API where a token is needed, by the command as built and a real kubectl: it sends a token over TLS only, so
 * what `afflux dev` and `afflux kubeconfig` write has to have an https address and the authority behind it.
 */
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  AFFLUX,
  directoryWith,
  runCommand,
  startProgram,
  untilReady,
  type Dev,
} from '../process/command.ts';
import { kubectlSkipReason } from './servers.ts';
import { runShell } from './shell.ts';

const noKubectl = kubectlSkipReason(process.env);
if (noKubectl !== undefined) process.stderr.write(`skipped: kubectl with a token: ${noKubectl}\n`);

const TOKEN = 'token-of-the-environment';

const BROKER = `apiVersion: eventing.knative.dev/v1
kind: Broker
metadata: { name: main, namespace: default }
`;

async function temporary(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'afflux-token-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

/** `afflux dev` in a process of its own, with what is set in its environment. */
function startDev(args: readonly string[], env: readonly string[] = []): Promise<Dev> {
  const ports = ['--port', '0', '--control-port', '0'];
  const command = [process.execPath, AFFLUX, 'dev', ...ports, ...args];
  return untilReady(startProgram('env', [...env, ...command]));
}

/** Runs lines of a shell in a directory, with nothing known but a kubeconfig. */
async function shell(lines: string, kubeconfig: string, cwd?: string): Promise<string> {
  const home = await temporary();
  const env = { PATH: process.env['PATH'], HOME: home, KUBECONFIG: kubeconfig, LC_ALL: 'C.UTF-8' };
  return runShell(lines, { cwd: cwd ?? home, env });
}

/** The token that is printed, and how often it is there. */
async function printedToken({ process: dev }: Dev): Promise<{ token: string; times: number }> {
  const [, token = ''] = await dev.printed(/^token of the control port \(.*\): (\S+)$/m);
  await dev.printed(/^kubectl /m);
  return { token, times: `${dev.output}${dev.errors}`.split(token).length - 1 };
}

describe.skipIf(noKubectl !== undefined)('kubectl where a token is needed', () => {
  it('works with the kubeconfig that afflux dev writes: get, apply, watch', async () => {
    const dataDir = await temporary();
    const dev = await startDev(['--host', '0.0.0.0', '--data-dir', dataDir]);
    expect(dev.controlUrl).toMatch(/^https:\/\/localhost:\d+$/);
    const kubeconfig = join(dataDir, 'kubeconfig');
    await dev.process.printed(/^kubectl --kubeconfig /m);
    const cwd = await directoryWith({ 'broker.yaml': BROKER });
    expect(await shell('kubectl get namespace default -o name', kubeconfig)).toBe(
      'namespace/default',
    );
    const applied = 'kubectl apply -f broker.yaml && kubectl apply --server-side -f broker.yaml';
    expect(await shell(applied, kubeconfig, cwd)).toBe(
      'broker.eventing.knative.dev/main created\nbroker.eventing.knative.dev/main serverside-applied',
    );
    const watched = await shell(
      `kubectl create configmap before
kubectl get configmaps --watch -o name > seen & watch=$!
until_seen configmap/before seen
kubectl create configmap after
until_seen configmap/after seen
kill $watch`,
      kubeconfig,
    );
    expect(watched).toBe('configmap/before created\nconfigmap/after created');
    expect(
      await shell('kubectl wait --for=condition=Ready broker/main --timeout=20s', kubeconfig),
    ).toBe('broker.eventing.knative.dev/main condition met');
  });

  it('is a stranger without the token, over TLS and without; and trusts nobody without the authority', async () => {
    const dataDir = await temporary();
    const { controlUrl } = await startDev(['--host', '0.0.0.0', '--data-dir', dataDir]);
    const ca = join(dataDir, 'tls.crt');
    const stranger = await shell(
      `kubectl --server ${controlUrl} --certificate-authority ${ca} get brokers --username x --password y`,
      '/dev/null',
    );
    expect(stranger).toContain('You must be logged in to the server');
    for (const url of [controlUrl, controlUrl.replace('https:', 'http:')]) {
      const status = await shell(
        `curl -s --cacert ${ca} -o /dev/null -w '%{http_code}' ${url}/api/v1/namespaces`,
        '/dev/null',
      );
      expect(status).toBe('401');
    }
    const distrust = await shell(
      `kubectl --server ${controlUrl} --token whatever get brokers`,
      '/dev/null',
    );
    expect(distrust).toMatch(/x509: certificate signed by unknown authority/);
  });

  it('works by every name of the certificate: the addresses, too', async () => {
    const dataDir = await temporary();
    const args = ['--host', '0.0.0.0', '--data-dir', dataDir];
    const { process: dev, controlUrl } = await startDev(args);
    await dev.printed(/^kubectl /m);
    const { port } = new URL(controlUrl);
    const server = `--server https://127.0.0.1:${port}`;
    const kubeconfig = join(dataDir, 'kubeconfig');
    expect(await shell(`kubectl ${server} get ns default -o name`, kubeconfig)).toBe(
      'namespace/default',
    );
  });

  it('works on loopback with AFFLUX_TOKEN, too, with a kubeconfig that asks the port for its certificate', async () => {
    const dev = await startDev([], [`AFFLUX_TOKEN=${TOKEN}`]);
    expect(dev.controlUrl).toMatch(/^https:\/\/localhost:\d+$/);
    const [, sha256 = ''] = await dev.process.printed(
      /^certificate of the control port: SHA-256 (\S+)$/m,
    );
    const [, line = ''] = await dev.process.printed(/^AFFLUX_TOKEN=\.\.\. afflux (.*)$/m);
    const command = `AFFLUX_TOKEN=${TOKEN} '${process.execPath}' '${AFFLUX}' ${line}`;
    const shown = await shell(command.replace('brokers,triggers', 'ns default -o name'), '');
    expect(shown).toContain(`SHA-256 ${sha256}\n`);
    expect(shown.split('\n').at(-1)).toBe('namespace/default');
    expect(`${dev.process.output}${dev.process.errors}`).not.toContain(TOKEN);
  });

  it('goes on with the same kubeconfig in the next life; the token is printed once', async () => {
    const dataDir = await temporary();
    const args = ['--host', '0.0.0.0', '--data-dir', dataDir];
    const first = await startDev(args);
    const { token, times } = await printedToken(first);
    expect(token.length).toBeGreaterThanOrEqual(40);
    expect(times).toBe(1);
    expect((await readFile(join(dataDir, 'token'), 'utf8')).trim()).toBe(token);
    const mine = join(await temporary(), 'config');
    const write = ['kubeconfig', '--file', mine, '--data-dir', dataDir];
    const { port } = new URL(first.controlUrl);
    expect(await runCommand([...write, '--control', first.controlUrl])).toMatchObject({ code: 0 });
    first.process.kill('SIGTERM');
    await first.process.exited;
    const second = await untilReady(
      startProgram(process.execPath, [
        ...[AFFLUX, 'dev', '--port', '0', '--control-port', port],
        ...args,
      ]),
    );
    await second.process.printed(/^kubectl /m);
    expect(`${second.process.output}${second.process.errors}`).not.toContain(token);
    expect(await shell('kubectl --context afflux get ns default -o name', mine)).toBe(
      'namespace/default',
    );
    for (const name of ['token', 'tls.crt', 'tls.key', 'kubeconfig']) {
      expect((await stat(join(dataDir, name))).mode & 0o777, name).toBe(0o600);
    }
  });

  it('works with a certificate of the user, whoever signed it', async () => {
    // That of another Afflux, without its authority.
    const theirs = await temporary();
    const other = await startDev(['--data-dir', theirs], [`AFFLUX_TOKEN=${TOKEN}`]);
    await other.process.end();
    const [certificate = ''] = (await readFile(join(theirs, 'tls.crt'), 'utf8')).split(
      /(?<=END.*\n)/,
    );
    const cwd = await directoryWith({
      'afflux.yaml': `controlToken: ${TOKEN}\ncontrolTls: { certFile: my.crt, keyFile: my.key }\n`,
      'my.crt': certificate,
      'my.key': await readFile(join(theirs, 'tls.key'), 'utf8'),
    });
    const dataDir = await temporary();
    const config = join(cwd, 'afflux.yaml');
    const { process: dev } = await startDev(['--config', config, '--data-dir', dataDir]);
    await dev.printed(/^kubectl /m);
    const kubeconfig = join(dataDir, 'kubeconfig');
    expect(
      Buffer.from(
        /authority-data: (\S+)/.exec(await readFile(kubeconfig, 'utf8'))?.[1] ?? '',
        'base64',
      ).toString(),
    ).toBe(certificate);
    expect(await shell('kubectl get ns default -o name', kubeconfig)).toBe('namespace/default');
    // Our own commands trust it as kubectl does.
    const ours = await shell(
      `'${process.execPath}' '${AFFLUX}' get ns default -o name --context afflux --kubeconfig ${kubeconfig}`,
      '',
    );
    expect(ours).toBe('namespace/default');
  });
});
