import { describe, expect, test } from 'vitest';
import { REDACTED, redactText, TEXT_LENGTH_MAX } from './redact-text.ts';

const CANARY = 'c4naryS3cret';

describe('T30 credentials in texts', () => {
  test.each([
    `connect amqp://user:${CANARY}@rabbit:5672/vhost failed`,
    `https://${CANARY}@host/path`,
    `postgres://user:p@ss${CANARY}@host/db`,
    `https://host/path?access_token=${CANARY}&x=1`,
    `https://host/?sig=${CANARY}`,
    `Endpoint=sb://x/;SharedAccessKey=${CANARY};EntityPath=y`,
    `AccountKey=${CANARY}==;AccountName=z`,
    `user=me password=${CANARY} host=h`,
    `password: "${CANARY} with blanks"`,
    `{"clientSecret":"${CANARY}"}`,
    `{"api_key": "${CANARY}"}`,
    `Authorization: Bearer ${CANARY}`,
    `authorization: AWS4-HMAC-SHA256 Credential=${CANARY}/20260101, Signature=${CANARY}`,
    `got "Bearer ${CANARY}" instead`,
    `Basic dXNlcjpj${CANARY}==`,
    `Cookie: session=${CANARY}`,
    `eyJhbGciOiJSUzI1NiJ9.${CANARY}.signature`,
    `path/eyJhbGciOiJSUzI1NiJ9.${CANARY}.signature`,
    `-----BEGIN RSA PRIVATE KEY-----\n${CANARY}\n-----END RSA PRIVATE KEY-----`,
    `${'x'.repeat(TEXT_LENGTH_MAX - 20)} amqp://user:${CANARY}${'y'.repeat(100)}@host`,
  ])('%s is written without it', (text) => {
    const clean = redactText(text);
    expect(clean).not.toContain(CANARY);
    expect(clean).toContain(REDACTED);
  });

  test.each([
    'delivery failed: connect ECONNREFUSED 127.0.0.1:9000',
    'http://broker-ingress.knative-eventing.svc.cluster.local/default/orders',
    'https://host/path?email=somebody@example.com',
    'mailto:somebody@example.com',
    'secret "default/tls" not found',
    'unexpected token } in JSON at position 5',
    '2026-01-01T00:00:00Z',
    'the basic rule',
  ])('%s is left as it is', (text) => {
    expect(redactText(text)).toBe(text);
  });
});

test('a long text is cut and says how much is missing', () => {
  const clean = redactText('x'.repeat(100_000));
  expect(clean).toBe(`${'x'.repeat(TEXT_LENGTH_MAX)}… (${String(100_000 - TEXT_LENGTH_MAX)} more)`);
});
