/** The real server of the tests: a vhost of their own, so that nothing is left behind. */
import { newUuid } from '@afflux/kernel';

const { AFFLUX_TEST_AMQP, AFFLUX_TEST_AMQP_MANAGEMENT } = process.env;

/** Why tests against a real server are skipped; undefined when they are not. */
export const skipReason =
  AFFLUX_TEST_AMQP === undefined || AFFLUX_TEST_AMQP_MANAGEMENT === undefined
    ? 'AFFLUX_TEST_AMQP and AFFLUX_TEST_AMQP_MANAGEMENT are not set'
    : undefined;

export interface RealServer {
  readonly url: string;
  readonly username: string;
  readonly password: string;
  readonly vhost: string;
}

/** A call of the management interface. */
export async function manage(method: string, path: string, body?: unknown): Promise<unknown> {
  const { username, password, origin } = new URL(AFFLUX_TEST_AMQP_MANAGEMENT ?? '');
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

export function realServer(vhost = `afflux-${newUuid()}`): RealServer {
  const { username, password, host } = new URL(AFFLUX_TEST_AMQP ?? 'amqp://u:p@127.0.0.1:5672');
  return { url: `amqp://${host}`, username, password, vhost };
}

export async function makeVhost({ vhost, username }: RealServer): Promise<void> {
  const path = encodeURIComponent(vhost);
  await manage('PUT', `vhosts/${path}`);
  const all = { configure: '.*', write: '.*', read: '.*' };
  await manage('PUT', `permissions/${path}/${encodeURIComponent(username)}`, all);
}

export async function dropVhost({ vhost }: RealServer): Promise<void> {
  await manage('DELETE', `vhosts/${encodeURIComponent(vhost)}`);
}

/** Driver configuration for a channel of this name. */
export function configFor(server: RealServer, exchange: string): Record<string, unknown> {
  const { url, username, password, vhost } = server;
  return { urls: [url], username, password, vhost, exchange };
}
