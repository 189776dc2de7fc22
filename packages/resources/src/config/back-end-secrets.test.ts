import { describe, expect, test } from 'vitest';
import { CERTIFICATE } from '../testing.ts';
import { decodeKafkaSecret } from './kafka-secret.ts';
import { decodeRabbitmqSecret } from './rabbitmq-secret.ts';

const HIDDEN = 'hunter2';
const KEY = CERTIFICATE.replaceAll('CERTIFICATE', 'PRIVATE KEY');

function secret(texts: Readonly<Record<string, string>>) {
  const entries = Object.entries(texts).map(([key, text]) => [
    key,
    Buffer.from(text).toString('base64'),
  ]);
  return { data: Object.fromEntries(entries) as Record<string, string> };
}

describe('Kafka', () => {
  const SASL = { user: 'ann', password: HIDDEN };

  test.each([
    [{ protocol: 'PLAINTEXT' }, { protocol: 'PLAINTEXT' }],
    [
      { protocol: 'SASL_PLAINTEXT', ...SASL },
      { protocol: 'SASL_PLAINTEXT', sasl: { mechanism: 'PLAIN', ...SASL } },
    ],
    [
      { protocol: 'SASL_SSL\n', 'sasl.mechanism': 'SCRAM-SHA-512', ...SASL, 'ca.crt': CERTIFICATE },
      {
        protocol: 'SASL_SSL',
        sasl: { mechanism: 'SCRAM-SHA-512', ...SASL },
        tls: { ca: CERTIFICATE },
      },
    ],
    [
      { protocol: 'SSL', 'ca.crt': CERTIFICATE, 'user.crt': CERTIFICATE, 'user.key': KEY },
      { protocol: 'SSL', tls: { ca: CERTIFICATE, cert: CERTIFICATE, key: KEY } },
    ],
    [
      { protocol: 'SSL', 'user.skip': 'true' },
      { protocol: 'SSL', tls: {} },
    ],
    // Older secrets of channels.
    [
      { username: 'ann', password: HIDDEN, saslType: 'SCRAM-SHA-256', 'ca.crt': CERTIFICATE },
      {
        protocol: 'SASL_SSL',
        sasl: { mechanism: 'SCRAM-SHA-256', ...SASL },
        tls: { ca: CERTIFICATE },
      },
    ],
    [{ ...SASL }, { protocol: 'SASL_PLAINTEXT', sasl: { mechanism: 'PLAIN', ...SASL } }],
    [{ 'tls.enabled': 'true' }, { protocol: 'SSL', tls: {} }],
  ])('%j', (texts, auth) => {
    const { value, errors } = decodeKafkaSecret(secret(texts));
    expect(errors.toString()).toBe('');
    expect(value).toEqual(auth);
  });

  test.each([
    [{}, 'data[protocol]'],
    [{ protocol: HIDDEN }, 'data[protocol]'],
    [
      { protocol: 'SASL_SSL', password: HIDDEN },
      '[protocol SASL_SSL] SASL user required (key: user): data[user]',
    ],
    [
      { protocol: 'SASL_PLAINTEXT', user: HIDDEN },
      '[protocol SASL_PLAINTEXT] SASL password required (key: password): data[password]',
    ],
    [{ protocol: 'SASL_SSL', ...SASL, 'sasl.mechanism': HIDDEN }, 'data[sasl.mechanism]'],
    [
      { protocol: 'SASL_SSL', ...SASL, 'sasl.mechanism': 'OAUTHBEARER' },
      'OAUTHBEARER is not supported',
    ],
    [
      { protocol: 'SSL', 'user.key': KEY },
      '[protocol SSL] user certificate required (key: user.crt): data[user.crt]',
    ],
    [
      { protocol: 'SSL', 'user.skip': 'true', 'ca.crt': HIDDEN },
      'expected text in PEM: data[ca.crt]',
    ],
    [
      { protocol: 'SASL_SSL', ...SASL, 'user.crt': CERTIFICATE },
      'user.key is required beside user.crt: data[user.key]',
    ],
  ])('%j is refused, naming the key and showing no value', (texts, problem) => {
    const { value, errors } = decodeKafkaSecret(secret(texts));
    expect(value).toBeUndefined();
    expect(errors.toString()).toContain(problem);
    expect(errors.toString()).not.toContain(HIDDEN);
  });
});

describe('RabbitMQ', () => {
  const USER = { username: 'ann', password: HIDDEN };

  test.each([
    [
      { uri: 'rabbit.shop', ...USER },
      { urls: ['amqp://rabbit.shop:5672'], ...USER },
    ],
    [{ uri: 'http://rabbit:15672' }, { urls: ['amqp://rabbit:5672'] }],
    // As Knative has it: 5672, also with TLS.
    [{ uri: 'https://rabbit' }, { urls: ['amqps://rabbit:5672'] }],
    [{ uri: 'https://rabbit', port: '5671' }, { urls: ['amqps://rabbit:5671'] }],
    [{ uri: 'amqps://rabbit' }, { urls: ['amqps://rabbit:5671'] }],
    [
      { uri: `amqp://ann:${HIDDEN}@rabbit:5673/%2Forders` },
      { urls: ['amqp://rabbit:5673'], ...USER, vhost: '/orders' },
    ],
    [
      { uri: 'amqp://one:1, amqp://two:2', ...USER },
      { urls: ['amqp://one:1', 'amqp://two:2'], ...USER },
    ],
    // What RabbitMQ's operator makes.
    [
      { host: 'rabbit.shop.svc', port: '5672', provider: 'rabbitmq', ...USER },
      { urls: ['amqp://rabbit.shop.svc:5672'], ...USER },
    ],
    [{ uri: 'amqp://[::1]:5672' }, { urls: ['amqp://[::1]:5672'] }],
  ])('%j', (texts, connection) => {
    const { value, errors } = decodeRabbitmqSecret(secret(texts));
    expect(errors.toString()).toBe('');
    expect(value).toEqual({ connection });
  });

  test('the name of the Secret with the authority', () => {
    const { value } = decodeRabbitmqSecret(secret({ uri: 'amqps://r', caSecretName: 'ca' }));
    expect(value?.caSecretName).toBe('ca');
  });

  test.each([
    [{}, 'missing field(s): data[uri]'],
    [{ uri: `ftp://ann:${HIDDEN}@rabbit` }, 'invalid address: data[uri]'],
    [{ uri: `amqp://ann:${HIDDEN}@` }, 'invalid address: data[uri]'],
    [{ uri: `amqp://ann:%zz${HIDDEN}@rabbit` }, 'invalid address: data[uri]'],
    [{ uri: 'rabbit', port: HIDDEN }, 'expected a port from 1 to 65535: data[port]'],
  ])('%j is refused, naming the key and showing no value', (texts, problem) => {
    const { value, errors } = decodeRabbitmqSecret(secret(texts));
    expect(value).toBeUndefined();
    expect(errors.toString()).toContain(problem);
    expect(errors.toString()).not.toContain(HIDDEN);
  });
});
