/** Where a RabbitMQ is and how to log on: what a connection is made from. */

/** PEM texts. */
export interface TlsMaterial {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

export interface Endpoint {
  /** `amqp://host:port` or `amqps://host:port`, at least one; tried in turn. */
  readonly urls: readonly string[];
  /** Absent with a client certificate: the certificate says who it is (mechanism EXTERNAL). */
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly vhost: string;
  readonly tls?: TlsMaterial | undefined;
}

/** Host and port only: what may stand in logs and errors. */
export function placeOf(url: string): string {
  const { hostname, port, protocol } = new URL(url);
  return `${hostname}:${port === '' ? (protocol === 'amqps:' ? '5671' : '5672') : port}`;
}
