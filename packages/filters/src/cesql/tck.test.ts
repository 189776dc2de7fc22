/**
 * The conformance cases of the language, when they lie beside the checkout (`shared/tck/cesql`). They are not
 * part of this repository; `cesql.test.ts` covers every rule in words of its own.
 *
 * The YAML is read by its source text where an expression is meant: `TRUE` and `-10` would arrive as a boolean
 * and a number otherwise.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { CloudEvent } from '@afflux/events';
import { describe, expect, it } from 'vitest';
import { isMap, isScalar, isSeq, parseDocument } from 'yaml';
import type { YAMLMap } from 'yaml';
import { CesqlParseError } from '../errors.ts';
import { eventWith } from '../testing.ts';
import type { Attributes } from '../testing.ts';
import { evaluateCesql, parseCesql } from './expression.ts';
import type { CesqlResult } from './expression.ts';

const TCK = new URL('../../../../../shared/tck/cesql/', import.meta.url);

/** Cases of the published set, counted when this runner was written: fewer means that some were not read. */
const CASES_MIN = 275;

/** Published cases that contradict the text of the specification, and what the text asks for. */
const STALE: ReadonlyMap<string, { result: boolean; error: undefined }> = new Map([
  // Says `true` and a cast error; §3.7 has a cast from Integer to Boolean, which Go and Java follow.
  ['not_operator / Invalid int cast', { result: false, error: undefined }],
]);

interface TckCase {
  readonly title: string;
  readonly expression: string;
  readonly result: unknown;
  readonly error: unknown;
  readonly event: CloudEvent;
}

function sourceText(test: YAMLMap, member: string): string {
  const node = test.get(member, true);
  if (!isScalar(node)) throw new Error(`a case has no ${member}`);
  return typeof node.value === 'string' ? node.value : (node.source ?? '');
}

function readCase(suite: string, test: YAMLMap): TckCase {
  const { event, eventOverrides, result, error } = test.toJSON() as {
    event?: Attributes;
    eventOverrides?: Attributes;
    result?: unknown;
    error?: unknown;
  };
  const title = `${suite} / ${sourceText(test, 'name')}`;
  const expected = STALE.get(title) ?? { result, error };
  const attributes = { ...event, ...eventOverrides };
  return {
    title,
    expression: sourceText(test, 'expression'),
    event: eventWith(attributes),
    ...expected,
  };
}

function readSuite(file: string): TckCase[] {
  const document = parseDocument(readFileSync(new URL(file, TCK), 'utf8'));
  const tests = document.get('tests');
  if (!isSeq(tests)) throw new Error(`${file} has no tests`);
  return tests.items.filter((item) => isMap(item)).map((test) => readCase(file.slice(0, -5), test));
}

/** As the set sees it: text that does not parse is the value false with an error. */
function run({ expression, event }: TckCase): CesqlResult {
  try {
    return evaluateCesql(parseCesql(expression), event);
  } catch (error) {
    if (!(error instanceof CesqlParseError)) throw error;
    return { value: false, error: { kind: 'parse', message: error.message } };
  }
}

const isThere = existsSync(TCK);
if (!isThere) {
  process.stderr.write(`skipped: the CESQL conformance cases are not at ${TCK.pathname}\n`);
}

describe.skipIf(!isThere)('the conformance set of CESQL', () => {
  const files = isThere ? readdirSync(TCK).filter((file) => file.endsWith('.yaml')) : [];
  const cases = files.flatMap(readSuite);

  it('is read completely', () => {
    expect(cases.length).toBeGreaterThanOrEqual(CASES_MIN);
    const titles = new Set(cases.map(({ title }) => title));
    for (const stale of STALE.keys()) expect(titles).toContain(stale);
  });

  it.each(cases)('$title', (test) => {
    const { value, error } = run(test);
    expect(error?.kind).toBe(test.error);
    if (test.result !== undefined) expect(value).toBe(test.result);
  });
});
