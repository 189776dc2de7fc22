import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { run, type Result } from '../testing/commands.ts';

const EVENT = JSON.stringify({
  specversion: '1.0',
  id: '7',
  source: '/shop',
  type: 'order.created',
  region: 'eu',
  total: 1200,
});

async function eventFile(text: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'afflux-cesql-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  const file = join(directory, 'event.json');
  await writeFile(file, text);
  return file;
}

/** The one line that is printed, as a program reads it. */
function printed({ out }: Result): unknown {
  expect(out).toMatch(/^[^\n]+\n$/);
  return JSON.parse(out);
}

describe('afflux cesql', () => {
  it.each([
    ["type LIKE 'dev.%' AND EXISTS subject", true, 'boolean'],
    ['LENGTH(subject) * 2', 14, 'integer'],
    ["CONCAT(type, '!')", 'dev.afflux.test!', 'string'],
    ['-4 + 1', -3, 'integer'],
    ['--10', 10, 'integer'],
    ["-'10'", -10, 'integer'],
  ])('prints value and type of %s for the default event', async (expression, value, type) => {
    const result = await run(['cesql', expression]);
    expect(result).toMatchObject({ code: 0, err: '' });
    expect(result.out).toBe(`${JSON.stringify({ value, type, error: null })}\n`);
  });

  it('ends with 1 for what is no expression and says at which line and column', async () => {
    const result = await run(['cesql', "type =\n  'a' )"]);
    expect(result).toMatchObject({ code: 1, err: '' });
    expect(printed(result)).toEqual({
      value: null,
      type: null,
      error: {
        kind: 'parse',
        message: 'there is no ( for this )',
        line: 2,
        column: 7,
      },
    });
  });

  it.each([
    ['math', '1 / 0', 0, 'integer', 3],
    ['cast', "INT('abc')", 0, 'integer', 5],
    ['missingFunction', 'NOPE(1)', false, 'boolean', 1],
    ['functionEvaluation', "SUBSTRING('abc', 10)", '', 'string', 1],
    ['missingAttribute', "region = 'eu'", false, 'boolean', 1],
  ])(
    'ends with 1 for an error of kind %s and prints the value of the language',
    async (kind, expression, value, type, column) => {
      const result = await run(['cesql', expression]);
      expect(result).toMatchObject({ code: 1, err: '' });
      expect(printed(result)).toEqual({
        value,
        type,
        error: { kind, message: expect.stringMatching(/\w+ \w+/) as string, line: 1, column },
      });
    },
  );

  it('T15 ends with an error of kind generic when an expression takes too many steps', async () => {
    const event = JSON.stringify({ ...(JSON.parse(EVENT) as object), big: 'x'.repeat(60_000) });
    const expression = Array.from({ length: 10 }, () => 'LENGTH(big)').join(' + ');
    const result = await run(['cesql', expression, '--event', '-'], { input: event });
    expect(result.code).toBe(1);
    expect(printed(result)).toMatchObject({ error: { kind: 'generic' } });
  });

  it('takes the event from a file', async () => {
    const file = await eventFile(EVENT);
    const result = await run(['cesql', "region = 'eu' AND total > 1000", '--event', file]);
    expect(printed(result)).toEqual({ value: true, type: 'boolean', error: null });
  });

  it('takes the event from standard input', async () => {
    const result = await run(['cesql', 'total', '--event', '-'], { input: EVENT });
    expect(printed(result)).toEqual({ value: 1200, type: 'integer', error: null });
  });

  it.each([
    ['{', /^error: --event \S+event\.json: .*JSON/],
    [
      '{"specversion":"1.0","id":"1","source":"/a"}',
      /^error: --event \S+event\.json: the event is invalid: type is missing/,
    ],
  ])('ends with 2 when the file holds no event: %s', async (text, message) => {
    const { code, out, err } = await run(['cesql', 'TRUE', '--event', await eventFile(text)]);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(message);
  });

  it('ends with 2 when there is no such file, no expression or more than one', async () => {
    expect(await run(['cesql', 'TRUE', '--event', '/no/such/file'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('--event /no/such/file') as string,
    });
    expect(await run(['cesql'])).toMatchObject({ code: 2 });
    expect(await run(['cesql', 'TRUE', 'FALSE'])).toMatchObject({ code: 2 });
  });
});
