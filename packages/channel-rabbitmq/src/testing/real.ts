/** The real server of the tests: a vhost of their own, so that nothing is left behind. */
import { newUuid } from '@afflux/kernel';

/** The environment, handed over by each test. */
export type Env = Readonly<Record<string, string | undefined>>;

/** Why tests against a real server are skipped; undefined when they are not. */
export function skipReason(env: Env): string | undefined {
  return env['AFFLUX_TEST_AMQP'] === undefined || env['AFFLUX_TEST_AMQP_MANAGEMENT'] === undefined
    ? 'AFFLUX_TEST_AMQP and AFFLUX_TEST_AMQP_MANAGEMENT are not set'
    : undefined;
}

export interface RealServer {
  readonly url: string;
  readonly username: string;
  readonly password: string;
  readonly vhost: string;
  /** Address of the management interface, with credentials. */
  readonly management: string;
}

/** A call of the management interface. */
async function manage(
  { management }: RealServer,
  method: string,
  path: string,
  body?: unknown,
): Promise<unknown> {
  const { username, password, origin } = new URL(management);
  const token = Buffer.from(`${username}:${password}`).toString('base64');
  const response = await fetch(`${origin}/api/${path}`, {
    method,
    headers: { authorization: `Basic ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${String(response.status)}`);
  const text = await response.text();
  return text === '' ? undefined : (JSON.parse(text) as unknown);
}

export function realServer(env: Env, vhost = `afflux-${newUuid()}`): RealServer {
  const { username, password, host } = new URL(
    env['AFFLUX_TEST_AMQP'] ?? 'amqp://u:p@127.0.0.1:5672',
  );
  const management = env['AFFLUX_TEST_AMQP_MANAGEMENT'] ?? '';
  return { url: `amqp://${host}`, username, password, vhost, management };
}

export async function makeVhost(server: RealServer): Promise<void> {
  const { vhost, username } = server;
  const path = encodeURIComponent(vhost);
  await manage(server, 'PUT', `vhosts/${path}`);
  const all = { configure: '.*', write: '.*', read: '.*' };
  await manage(server, 'PUT', `permissions/${path}/${encodeURIComponent(username)}`, all);
}

export async function dropVhost(server: RealServer): Promise<void> {
  const { vhost } = server;
  await manage(server, 'DELETE', `vhosts/${encodeURIComponent(vhost)}`);
}

/** Driver configuration for a channel of this name. */
export function configFor(server: RealServer, exchange: string): Record<string, unknown> {
  const { url, username, password, vhost } = server;
  return { urls: [url], username, password, vhost, exchange };
}
