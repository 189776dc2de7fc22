import { AffluxError } from '@afflux/kernel';
import { FakeClock } from '@afflux/kernel/testing';
import { describe, expect, test } from 'vitest';
import { configSchema } from '../config.ts';
import type { LogConfig } from '../config.ts';
import { createLogger } from './logger.ts';

const CANARY = 'c4naryS3cret';

function bench(config: Partial<LogConfig> = {}) {
  const written: string[] = [];
  let flushes = 0;
  const clock = new FakeClock();
  const destination = {
    write: (text: string) => void written.push(text),
    flushSync: () => void (flushes += 1),
  };
  const output = createLogger(configSchema.parse({ log: config }).log, { clock, destination });
  return {
    ...output,
    clock,
    written,
    lines: () => written.map((text) => JSON.parse(text) as Record<string, unknown>),
    flushes: () => flushes,
  };
}

describe('a line', () => {
  test('is one JSON object with level, time, fields and message', () => {
    const { logger, written, lines } = bench();
    logger.info({ trigger: 'default/a' }, 'started');
    expect(written[0]).toMatch(/^\{.*\}\n$/);
    expect(lines()).toEqual([
      { level: 'info', time: '2026-01-01T00:00:00.000Z', trigger: 'default/a', msg: 'started' },
    ]);
  });

  test('has the fields of the loggers above it, each key once', () => {
    const { logger, written, lines } = bench();
    const child = logger.child({ component: 'broker', name: 'a' }).child({ name: 'b' });
    child.info({ attempt: 1 }, 'said');
    expect(lines()[0]).toMatchObject({ component: 'broker', name: 'b', attempt: 1 });
    expect(written[0]?.match(/"name"/g)).toHaveLength(1);
  });

  test('keeps its own parts when a field has their name', () => {
    const { logger, lines } = bench();
    logger.info({ level: 'x', time: 'y', msg: 'z' }, 'said');
    expect(lines()[0]).toEqual({
      level: 'info',
      time: '2026-01-01T00:00:00.000Z',
      msg: 'said',
      level_: 'x',
      time_: 'y',
      msg_: 'z',
    });
  });

  test('tells an error with code, details and causes', () => {
    const { logger, lines } = bench();
    const err = new AffluxError('broken', {
      code: 'AFFLUX_TEST_BROKEN',
      details: { attempt: 2 },
      cause: new Error('below'),
    });
    logger.error({ err }, 'failed');
    expect(lines()[0]?.['err']).toMatchObject({
      type: 'AffluxError',
      message: 'broken',
      code: 'AFFLUX_TEST_BROKEN',
      details: { attempt: 2 },
      cause: { message: 'below' },
    });
  });
});

describe('levels', () => {
  test.each([
    ['error', ['error']],
    ['warn', ['error', 'warn']],
    ['info', ['error', 'warn', 'info']],
    ['debug', ['error', 'warn', 'info', 'debug']],
    ['silent', []],
  ] as const)('at %s what is less severe is not written', (level, expected) => {
    const { logger, lines } = bench({ level });
    for (const each of ['error', 'warn', 'info', 'debug'] as const) logger[each]({}, 'said');
    expect(lines().map((line) => line['level'])).toEqual(expected);
  });

  test('fields of a line that is not written are not looked at', () => {
    const { logger } = bench({ level: 'info' });
    const fields = {
      get expensive(): never {
        return expect.unreachable('nobody reads this');
      },
    };
    logger.debug(fields, 'said');
  });
});

describe('T30 secrets', () => {
  test.each(['json', 'pretty'] as const)('appear nowhere in %s output', (format) => {
    const { logger, written } = bench({ format, level: 'debug' });
    const err = new Error(`cannot reach amqp://user:${CANARY}@host`, {
      cause: new AffluxError(`token=${CANARY}`, {
        code: 'AFFLUX_TEST_BROKEN',
        details: { password: CANARY },
        cause: new AggregateError([new Error(`Bearer ${CANARY}`)]),
      }),
    });
    const child = logger.child({ authorization: CANARY, url: `https://u:${CANARY}@host/` });
    for (const level of ['error', 'warn', 'info', 'debug'] as const) {
      child[level]({ err, headers: ['Cookie', CANARY], nested: { apiKey: CANARY } }, 'said');
    }
    expect(written).toHaveLength(4);
    expect(written.join('')).not.toContain(CANARY);
  });
});

describe('repeated warnings', () => {
  test('are written a few times per interval, and the rest is counted', async () => {
    const { logger, lines, clock } = bench({ repeatsMax: 3, repeatIntervalMs: 1000 });
    const child = logger.child({ component: 'delivery' });
    for (let round = 0; round < 10; round += 1) child.warn({ attempt: round }, 'delivery retried');
    expect(lines().map((line) => line['attempt'])).toEqual([0, 1, 2]);
    await clock.advance(1000);
    expect(lines().slice(3)).toMatchObject([
      {
        level: 'warn',
        component: 'delivery',
        repeated: 'delivery retried',
        leftOut: 7,
        msg: 'repeated warnings left out',
      },
    ]);
    child.warn({ attempt: 99 }, 'delivery retried');
    expect(lines().at(-1)).toMatchObject({ attempt: 99 });
  });

  test('are told apart by message and by component', () => {
    const { logger, lines } = bench({ repeatsMax: 1 });
    for (const component of ['a', 'b']) {
      for (const message of ['x', 'y']) {
        for (let round = 0; round < 3; round += 1) logger.warn({ component }, message);
      }
    }
    expect(lines()).toHaveLength(4);
  });

  test('an interval without anything left out ends in silence', async () => {
    const { logger, lines, clock } = bench({ repeatsMax: 3, repeatIntervalMs: 1000 });
    logger.warn({}, 'once');
    await clock.advance(5000);
    expect(lines()).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });

  test('errors are never left out', () => {
    const { logger, lines } = bench({ repeatsMax: 1 });
    for (let round = 0; round < 5; round += 1) logger.error({}, 'data lost');
    expect(lines()).toHaveLength(5);
  });

  test('what was left out is told at the end as well, and everything is flushed', () => {
    const { logger, lines, flushes, clock, ...output } = bench({ repeatsMax: 1 });
    logger.warn({}, 'again');
    logger.warn({}, 'again');
    output.flush();
    expect(lines().at(-1)).toMatchObject({ repeated: 'again', leftOut: 1 });
    expect([flushes(), clock.pending]).toEqual([1, 0]);
  });

  test('thousands of different ones keep bounded state, and each is written', () => {
    const { logger, lines, clock } = bench();
    for (let index = 0; index < 3000; index += 1) logger.warn({}, `message ${String(index)}`);
    expect(lines()).toHaveLength(3000);
    expect(clock.pending).toBeLessThanOrEqual(1000);
  });
});

test('pretty output is lines for people', () => {
  const { logger, written } = bench({ format: 'pretty', colour: 'never' });
  logger.child({ component: 'broker' }).warn({ attempt: 2 }, 'delivery retried');
  expect(written[0]).toMatch(
    /^\d\d:\d\d:\d\d\.\d{3} WARN {2}broker: delivery retried attempt=2\n$/,
  );
});
