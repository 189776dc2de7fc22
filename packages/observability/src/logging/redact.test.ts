import { AffluxError } from '@afflux/kernel';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { REDACTED } from './redact-text.ts';
import { redactFields, redactValue } from './redact.ts';

const CANARY = 'c4naryS3cret';

const output = (fields: Record<string, unknown>): string => JSON.stringify(redactFields(fields));

class BrokenError extends AffluxError {}

describe('T30 secrets by their key', () => {
  test.each([
    'authorization',
    'Authorization',
    'proxy-authorization',
    'password',
    'dbPassword',
    'PASSWD',
    'token',
    'access_token',
    'X-Auth-Token',
    'clientSecret',
    'cookie',
    'Set-Cookie',
    'x-api-key',
    'apiKey',
    'privateKey',
    'connectionString',
    'credentials',
  ])('%s is hidden, whatever it holds', (key) => {
    for (const value of [CANARY, { inner: CANARY }, [CANARY], 5, Buffer.from(CANARY)]) {
      expect(redactFields({ [key]: value })).toEqual({ [key]: REDACTED });
      expect(redactFields({ deep: [{ [key]: value }] })).toEqual({ deep: [{ [key]: REDACTED }] });
    }
  });

  test.each(['secretName', 'tokenCount', 'secretRef', 'passwordLength', 'key', 'name', 'author'])(
    '%s is a fact like any other',
    (key) => {
      expect(redactFields({ [key]: 'plain' })).toEqual({ [key]: 'plain' });
    },
  );

  test('whether a secret is set may be told', () => {
    expect(redactFields({ token: true, password: null, cookie: undefined })).toEqual({
      token: true,
      password: null,
      cookie: undefined,
    });
  });

  test('a flat header list and a map hide the value after a secret name', () => {
    const flat = ['Content-Type', 'text/plain', 'Authorization', CANARY, 'Cookie', CANARY];
    expect(output({ flat })).not.toContain(CANARY);
    expect(output({ pairs: [['authorization', CANARY]] })).not.toContain(CANARY);
    expect(output({ map: new Map([['x-api-key', CANARY]]) })).not.toContain(CANARY);
    expect(redactFields({ flat })['flat']).toEqual(expect.arrayContaining(['text/plain']));
  });

  test('is found however deep the rest of the value is', () => {
    const secretKey = fc.constantFrom('token', 'Authorization', 'user_password', 'cookie');
    const tree = fc.letrec((tie) => ({
      node: fc.oneof(
        { maxDepth: 5 },
        secretKey.map((key) => ({ [key]: CANARY })),
        fc.array(tie('node'), { maxLength: 3 }),
        fc.dictionary(fc.string(), tie('node'), { maxKeys: 3 }),
        fc.string().map((text) => new Error(text, { cause: { secret: CANARY } })),
      ),
    })).node;
    fc.assert(
      fc.property(tree, (value) => {
        expect(output({ value })).not.toContain(CANARY);
      }),
    );
  });
});

describe('T30 secrets in errors', () => {
  test('are hidden in message, stack, details, causes and members, at any depth', () => {
    const secret = `amqp://user:${CANARY}@host`;
    const innermost = new Error(`cannot reach ${secret}`);
    const aggregate = new AggregateError([new Error(`password=${CANARY}`), innermost], 'many');
    const middle = new BrokenError(`via ${secret}`, {
      code: 'AFFLUX_TEST_BROKEN',
      cause: aggregate,
      details: { url: secret, token: CANARY, nested: { authorization: CANARY } },
    });
    const text = output({ err: new TypeError('outer', { cause: middle }) });
    expect(text).not.toContain(CANARY);
    expect(text.match(/cannot reach amqp:\/\/\[redacted\]@host/g)?.length).toBeGreaterThanOrEqual(
      1,
    );
  });
});

describe('errors', () => {
  test('one of ours has its code, details and causes', () => {
    const cause = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
    const options = { code: 'AFFLUX_TEST_BROKEN', retryable: true, details: { attempt: 2 }, cause };
    expect(redactValue('err', new BrokenError('broken', options))).toMatchObject({
      type: 'BrokenError',
      message: 'broken',
      code: 'AFFLUX_TEST_BROKEN',
      fault: 'system',
      retryable: true,
      details: { attempt: 2 },
      stack: expect.stringContaining('redact.test.ts') as string,
      cause: { type: 'Error', message: 'refused', code: 'ECONNREFUSED' },
    });
  });

  test('one that the user can mend has no stack', () => {
    const error = new BrokenError('bad', { code: 'AFFLUX_TEST_BAD', fault: 'user' });
    expect(redactValue('err', error)).not.toHaveProperty('stack');
  });

  test('a chain of causes is followed for a while, also where it bites its tail', () => {
    const first = new Error('0');
    let last = first;
    for (let index = 1; index < 20; index += 1) last = new Error(String(index), { cause: last });
    const links = output({ err: last }).match(/"message":"\d+"/g);
    expect(links?.length).toBe(8);
    first.cause = first;
    expect(redactValue('err', first)).toMatchObject({ cause: '[circular]' });
  });

  test('members of an AggregateError are listed', () => {
    const error = new AggregateError([new Error('a'), 'b'], 'many');
    expect(redactValue('err', error)).toMatchObject({ errors: [{ message: 'a' }, 'b'] });
  });
});

describe('other values', () => {
  test('become plain data', () => {
    const values = {
      big: 5n,
      bytes: Buffer.from('event data'),
      buffer: new ArrayBuffer(3),
      date: new Date(0),
      noDate: new Date(Number.NaN),
      url: new URL('https://u:p@host/x'),
      set: new Set([1]),
      fn: () => undefined,
      symbol: Symbol('s'),
      nothing: null,
    };
    expect(redactFields(values)).toEqual({
      big: '5',
      bytes: '[10 bytes]',
      buffer: '[3 bytes]',
      date: '1970-01-01T00:00:00.000Z',
      noDate: null,
      url: `https://${REDACTED}@host/x`,
      set: [1],
      fn: '[function]',
      symbol: '[symbol]',
      nothing: null,
    });
  });

  test('a getter or a proxy that throws costs itself and nothing else', () => {
    const hostile = new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error('no');
        },
      },
    );
    const value = {
      fine: 1,
      get bad(): never {
        throw new Error('no');
      },
      hostile,
    };
    expect(redactFields({ value })).toEqual({
      value: { fine: 1, bad: '[unreadable]', hostile: '[unreadable]' },
    });
    expect(redactFields(hostile as Record<string, unknown>)).toEqual({ unreadable: true });
  });

  test('a key named __proto__ stays a key', () => {
    const value = JSON.parse('{"__proto__": {"polluted": true}}') as unknown;
    expect(output({ value })).toBe('{"value":{"__proto__":{"polluted":true}}}');
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});

describe('bounds', () => {
  test('depth, breadth and length of one line are bounded', () => {
    let nested: unknown = 'end';
    for (let depth = 0; depth < 50; depth += 1) nested = { nested };
    const wide = Object.fromEntries(
      Array.from({ length: 500 }, (_, index) => [`k${String(index)}`, 1]),
    );
    const line = redactFields({ nested, wide, list: new Array<number>(500).fill(1) });
    expect(JSON.stringify(line['nested'])).toMatch(/^(\{"nested":){6}"\[deep\]"\}+$/);
    expect(Object.keys(line['wide'] as object)).toHaveLength(101);
    expect((line['list'] as unknown[]).at(-1)).toBe('… 400 more');
  });

  test('a graph that unfolds without end costs a bounded line', () => {
    let graph: unknown = 'x'.repeat(4000);
    for (let level = 0; level < 5; level += 1) graph = new Array<unknown>(100).fill(graph);
    expect(output({ graph }).length).toBeLessThan(200_000);
    let errors: unknown = new Error('leaf');
    for (let level = 0; level < 7; level += 1) {
      errors = new AggregateError(new Array<unknown>(50).fill(errors), 'many');
    }
    expect(output({ errors }).length).toBeLessThan(300_000);
  });

  test('a cycle ends', () => {
    const value: Record<string, unknown> = {};
    value['self'] = value;
    expect(redactFields({ value })).toEqual({ value: { self: '[circular]' } });
  });

  test('anything at all becomes JSON without throwing', () => {
    fc.assert(
      fc.property(
        fc.anything({
          withBigInt: true,
          withDate: true,
          withMap: true,
          withSet: true,
          withTypedArray: true,
          withNullPrototype: true,
        }),
        (value) => {
          expect(typeof output({ value })).toBe('string');
        },
      ),
    );
  });
});
