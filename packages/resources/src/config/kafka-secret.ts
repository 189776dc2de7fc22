/**
 * Credentials for Kafka out of a Secret, with the keys of Knative's Brokers, sinks and channels; also the older
 * form of channels, which has no `protocol` and is understood by what is there.
 *
 * Errors name the key and never show a value (T30). What is wrong is said here, before anybody tries to
 * connect: a missing password would otherwise look like a Kafka that cannot be reached.
 */
import { FieldErrors } from '../field-errors.ts';
import { alternatives } from '../schema/describe.ts';
import type { Decoded } from './decoded.ts';
import { secretText, secretWord, type SecretData } from './secret-entries.ts';
import { dataPath } from './yaml-entry.ts';

const PROTOCOLS = ['PLAINTEXT', 'SASL_PLAINTEXT', 'SSL', 'SASL_SSL'] as const;
const MECHANISMS = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const;

/** How a connection to Kafka is protected. */
export type KafkaProtocol = (typeof PROTOCOLS)[number];
/** How a user proves who it is. */
export type KafkaMechanism = (typeof MECHANISMS)[number];

/** What opens a Kafka; holds secrets. */
export interface KafkaAuth {
  readonly protocol: KafkaProtocol;
  readonly sasl?: {
    readonly mechanism: KafkaMechanism;
    readonly user: string;
    readonly password: string;
  };
  /** Texts in PEM. Without `ca` the roots of the system are trusted. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
}

type Sasl = NonNullable<KafkaAuth['sasl']>;
type Tls = NonNullable<KafkaAuth['tls']>;

const PEM = /-----BEGIN [A-Z0-9 ]+-----[^-]+-----END [A-Z0-9 ]+-----/;

function isTrue(text: string | undefined): boolean {
  return text !== undefined && ['true', '1', 't'].includes(text.toLowerCase());
}

/** A PEM text; undefined when absent, or after reporting that it is none. */
function pem(secret: SecretData, key: string, errors: FieldErrors): string | undefined {
  const text = secretText(secret, key);
  if (text === undefined || text.trim() === '') return undefined;
  if (PEM.test(text)) return text;
  errors.add('expected text in PEM', dataPath(key));
  return undefined;
}

function required(protocol: string, what: string, key: string, errors: FieldErrors): void {
  errors.add(`[protocol ${protocol}] ${what} required (key: ${key})`, dataPath(key));
}

function readMechanism(
  secret: SecretData,
  keys: readonly string[],
  errors: FieldErrors,
): KafkaMechanism | undefined {
  const key = keys.find((candidate) => secretWord(secret, candidate) !== undefined);
  if (key === undefined) return 'PLAIN';
  const text = secretWord(secret, key)?.toUpperCase();
  const mechanism = MECHANISMS.find((candidate) => candidate === text);
  if (mechanism !== undefined) return mechanism;
  const hint = text === 'OAUTHBEARER' ? '; OAUTHBEARER is not supported' : '';
  errors.add(
    'unsupported SASL mechanism',
    dataPath(key),
    `expected ${alternatives(MECHANISMS)}${hint}`,
  );
  return undefined;
}

function readSasl(
  secret: SecretData,
  protocol: KafkaProtocol,
  errors: FieldErrors,
): Sasl | undefined {
  const mechanism = readMechanism(secret, ['sasl.mechanism'], errors);
  const user = secretWord(secret, 'user');
  const password = secretText(secret, 'password');
  if (user === undefined) required(protocol, 'SASL user', 'user', errors);
  if (password === undefined) required(protocol, 'SASL password', 'password', errors);
  if (mechanism === undefined || user === undefined || password === undefined) return undefined;
  return { mechanism, user, password };
}

function readTls(secret: SecretData, errors: FieldErrors): Tls {
  const ca = pem(secret, 'ca.crt', errors);
  const cert = pem(secret, 'user.crt', errors);
  const key = pem(secret, 'user.key', errors);
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
}

function checkPair(tls: Tls, errors: FieldErrors): void {
  if ((tls.cert === undefined) === (tls.key === undefined)) return;
  const [missing, present] =
    tls.cert === undefined ? ['user.crt', 'user.key'] : ['user.key', 'user.crt'];
  if (!errors.isEmpty) return;
  errors.add(`${missing} is required beside ${present}`, dataPath(missing));
}

function readByProtocol(
  secret: SecretData,
  protocol: KafkaProtocol,
  errors: FieldErrors,
): KafkaAuth {
  const hasSasl = protocol.startsWith('SASL_');
  const hasTls = protocol.endsWith('SSL');
  const sasl = hasSasl ? readSasl(secret, protocol, errors) : undefined;
  const tls = hasTls ? readTls(secret, errors) : undefined;
  if (protocol === 'SSL' && !isTrue(secretWord(secret, 'user.skip'))) {
    for (const [key, what] of [
      ['user.crt', 'user certificate'],
      ['user.key', 'user key'],
    ] as const) {
      if (secretText(secret, key) === undefined) required(protocol, what, key, errors);
    }
  }
  if (tls !== undefined) checkPair(tls, errors);
  return {
    protocol,
    ...(sasl === undefined ? {} : { sasl }),
    ...(tls === undefined ? {} : { tls }),
  };
}

/** Secrets of channels from before there was a `protocol`. */
function readLegacy(secret: SecretData, errors: FieldErrors): KafkaAuth {
  const user = secretWord(secret, 'username') ?? secretWord(secret, 'user');
  const password = secretText(secret, 'password');
  const hasTls =
    secretText(secret, 'ca.crt') !== undefined || isTrue(secretWord(secret, 'tls.enabled'));
  const tls = hasTls ? readTls(secret, errors) : undefined;
  if (tls !== undefined) checkPair(tls, errors);
  const wrap = tls === undefined ? {} : { tls };
  if (user === undefined || password === undefined) {
    if (!hasTls) {
      const details = `expected ${alternatives(PROTOCOLS)}`;
      errors.add('protocol required (key: protocol)', dataPath('protocol'), details);
    }
    return { protocol: hasTls ? 'SSL' : 'PLAINTEXT', ...wrap };
  }
  const mechanism = readMechanism(secret, ['sasltype', 'saslType', 'sasl.mechanism'], errors);
  return {
    protocol: hasTls ? 'SASL_SSL' : 'SASL_PLAINTEXT',
    ...(mechanism === undefined ? {} : { sasl: { mechanism, user, password } }),
    ...wrap,
  };
}

/** Decodes a Secret for Kafka. Paths begin at the root of the Secret. */
export function decodeKafkaSecret(secret: SecretData): Decoded<KafkaAuth> {
  const errors = new FieldErrors();
  const warnings = new FieldErrors();
  const text = secretWord(secret, 'protocol')?.toUpperCase();
  const protocol = PROTOCOLS.find((candidate) => candidate === text);
  if (text !== undefined && protocol === undefined) {
    errors.add('unknown protocol', dataPath('protocol'), `expected ${alternatives(PROTOCOLS)}`);
    return { errors, warnings };
  }
  const value =
    protocol === undefined ? readLegacy(secret, errors) : readByProtocol(secret, protocol, errors);
  return errors.isEmpty ? { value, errors, warnings } : { errors, warnings };
}
