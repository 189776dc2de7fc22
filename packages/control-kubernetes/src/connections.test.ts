import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '@afflux/kernel';
import type { ClusterAccess } from './cluster-access.ts';
import { connectionError } from './connection-error.ts';
import { Connections } from './connections.ts';
import { loadClusterAccess } from './kubeconfig.ts';
import { RestClient } from './rest-client.ts';
import { skipReason } from './testing/real-cluster.ts';
import { pieces, scriptedServer } from './testing/scripted-server.ts';

const ACCESS: ClusterAccess = { server: 'https://x', namespace: 'default', origin: 'a test' };

describe('connections', () => {
  it('are the same for the same certificate, apart for requests and streams', async () => {
    const connections = new Connections(ACCESS);
    onTestFinished(() => connections.close());
    const requests = connections.pool({}, 'requests');
    expect(connections.pool({ authorization: 'Bearer t' }, 'requests')).toBe(requests);
    expect(connections.pool({}, 'streams')).not.toBe(requests);
    await connections.close();
    expect(connections.isClosed).toBe(true);
  });

  it('are made anew for another certificate; what runs on the old ones runs on', async () => {
    const server = await scriptedServer(pieces(['one', 'two']));
    const connections = new Connections(server.access);
    onTestFinished(() => connections.close());
    const old = connections.pool({}, 'streams');
    const { origin } = new URL(server.access.server);
    const { body } = await old.request({ origin, path: '/', method: 'GET' });
    const changed = connections.pool({ cert: 'CERT', key: 'KEY' }, 'streams');
    expect(changed).not.toBe(old);
    expect(await body.text()).toBe('onetwo');
  });
});

describe('what the network says', () => {
  it.each([
    ['ENOTFOUND', 'AFFLUX_KUBERNETES_UNREACHABLE', 'check the server of the kubeconfig'],
    ['UND_ERR_CONNECT_TIMEOUT', 'AFFLUX_KUBERNETES_UNREACHABLE', 'did not answer in time'],
    ['EPROTO', 'AFFLUX_KUBERNETES_UNREACHABLE', 'does not speak TLS'],
    ['ECONNRESET', 'AFFLUX_KUBERNETES_UNREACHABLE', 'may or may not have taken effect'],
    ['CERT_HAS_EXPIRED', 'AFFLUX_KUBERNETES_CERTIFICATE_UNTRUSTED', 'is not trusted'],
    ['UND_ERR_DESTROYED', 'AFFLUX_KUBERNETES_CLOSED', 'the client is closed'],
    ['EWHATEVER', 'AFFLUX_KUBERNETES_UNREACHABLE', 'its own words'],
  ])('%s becomes %s', (code, expected, text) => {
    const error = connectionError(Object.assign(new Error('its own words'), { code }), ACCESS);
    expect(error).toMatchObject({ code: expected, details: { server: 'https://x' } });
    expect(error.message).toContain(text);
  });
});

const reason = skipReason(process.env);

describe.skipIf(reason !== undefined)(`TLS to a cluster ${reason ?? ''}`, () => {
  async function version(change: Partial<ClusterAccess>): Promise<unknown> {
    const access = await loadClusterAccess({ env: process.env, homeDirectory: '/' });
    const client = new RestClient({ ...access, ...change }, { clock: systemClock });
    onTestFinished(() => client.close());
    return (await client.request({ method: 'GET', path: '/version' })).json();
  }

  const untrusted = { code: 'AFFLUX_KUBERNETES_CERTIFICATE_UNTRUSTED' };

  it('believes the authority of the kubeconfig and no other', async () => {
    expect(await version({})).toMatchObject({ major: '1' });
    await expect(version({ ca: undefined })).rejects.toMatchObject(untrusted);
  });

  it('wants the name that it is told', async () => {
    await expect(version({ tlsServerName: 'elsewhere.example' })).rejects.toMatchObject(untrusted);
  });

  it('believes everybody when it is told to', async () => {
    const change = { ca: undefined, insecureSkipTlsVerify: true };
    expect(await version(change)).toMatchObject({ major: '1' });
  });

  it('is refused as nobody without credentials', async () => {
    await expect(
      version({ cert: undefined, key: undefined, token: 'wrong' }),
    ).rejects.toMatchObject({ code: 'AFFLUX_KUBERNETES_UNAUTHORIZED', status: 401 });
  });
});
