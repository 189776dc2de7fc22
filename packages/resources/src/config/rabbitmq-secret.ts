/**
 * Where a RabbitMQ is and who may use it, out of a Secret: a connection secret of Knative (`uri`, `username`,
 * `password`, `port`, `caSecretName`), or the `<cluster>-default-user` of RabbitMQ's operator (`host`, `port`,
 * `username`, `password`).
 *
 * `uri` may be a host, `http(s)://host` as Knative has it, or an AMQP address in full; several stand between
 * commas. User and password leave the address here: what remains of it may be shown.
 *
 * Errors name the key and never show a value (T30).
 */
import { FieldErrors } from '../field-errors.ts';
import type { Decoded } from './decoded.ts';
import { secretText, secretWord, type SecretData } from './secret-entries.ts';
import { dataPath } from './yaml-entry.ts';

const PORT_MAX = 65_535;
const AMQP_PORT = '5672';
const AMQPS_PORT = '5671';

/** How to reach a RabbitMQ; holds secrets. */
export interface RabbitmqConnection {
  /** `amqp://host:port` or `amqps://host:port`, without user, password and vhost. */
  readonly urls: readonly string[];
  readonly username?: string;
  readonly password?: string;
  /** Out of the address; a vhost given elsewhere wins. */
  readonly vhost?: string;
}

/** A connection, and the Secret (in the same namespace) whose `ca.crt` is to be trusted. */
export interface RabbitmqSecret {
  readonly connection: RabbitmqConnection;
  readonly caSecretName?: string;
}

interface Address {
  readonly url: string;
  readonly username?: string;
  readonly password?: string;
  readonly vhost?: string;
}

const SCHEME = /^([a-z]+):\/\//i;

function readPort(secret: SecretData, errors: FieldErrors): string | undefined {
  const text = secretWord(secret, 'port');
  if (text === undefined) return undefined;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port >= 1 && port <= PORT_MAX) return text;
  errors.add('expected a port from 1 to 65535', dataPath('port'));
  return undefined;
}

function decodedPart(text: string): string | undefined {
  return text === '' ? undefined : decodeURIComponent(text);
}

/** One address; undefined when it is none. */
function readAddress(text: string, port: string | undefined): Address | undefined {
  const scheme = SCHEME.exec(text)?.[1]?.toLowerCase() ?? 'http';
  if (!['http', 'https', 'amqp', 'amqps'].includes(scheme)) return undefined;
  const rest = text.replace(SCHEME, '');
  const isAmqp = scheme.startsWith('amqp');
  let parsed: URL;
  try {
    parsed = new URL(`amqp://${rest}`);
    const { hostname } = parsed;
    if (hostname === '') return undefined;
    // Knative drops the port of such an address and takes 5672, even for TLS.
    const own = isAmqp ? parsed.port || (scheme === 'amqps' ? AMQPS_PORT : AMQP_PORT) : AMQP_PORT;
    const secure = scheme.endsWith('s') ? 'amqps' : 'amqp';
    const username = decodedPart(parsed.username);
    const password = decodedPart(parsed.password);
    const vhost = isAmqp ? decodedPart(parsed.pathname.slice(1)) : undefined;
    return {
      url: `${secure}://${hostname}:${port ?? own}`,
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
      ...(vhost === undefined ? {} : { vhost }),
    };
  } catch {
    // Neither an address nor a host; the caller says so without showing it.
    return undefined;
  }
}

function readAddresses(secret: SecretData, errors: FieldErrors): Address[] {
  const port = readPort(secret, errors);
  const key = secretWord(secret, 'uri') === undefined ? 'host' : 'uri';
  const texts = (secretWord(secret, key) ?? '')
    .split(',')
    .map((text) => text.trim())
    .filter((text) => text !== '');
  if (texts.length === 0) errors.missing(dataPath('uri'));
  const addresses = texts.map((text) => readAddress(text, port));
  const found = addresses.filter((address) => address !== undefined);
  if (found.length < addresses.length) {
    const details = 'expected a host, or an address such as amqps://host:5671/vhost';
    errors.add('invalid address', dataPath(key), details);
  }
  return found;
}

/** Decodes a Secret for RabbitMQ. Paths begin at the root of the Secret. */
export function decodeRabbitmqSecret(secret: SecretData): Decoded<RabbitmqSecret> {
  const errors = new FieldErrors();
  const warnings = new FieldErrors();
  const addresses = readAddresses(secret, errors);
  const [first] = addresses;
  if (first === undefined || !errors.isEmpty) return { errors, warnings };
  const username = secretWord(secret, 'username') ?? first.username;
  const password = secretText(secret, 'password')?.replace(/[\r\n]+$/, '') ?? first.password;
  const caSecretName = secretWord(secret, 'caSecretName');
  const value: RabbitmqSecret = {
    connection: {
      urls: addresses.map(({ url }) => url),
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
      ...(first.vhost === undefined ? {} : { vhost: first.vhost }),
    },
    ...(caSecretName === undefined ? {} : { caSecretName }),
  };
  return { value, errors, warnings };
}
