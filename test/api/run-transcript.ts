/**
 * Makes tests of a transcript: each row against Afflux, and against a real kube-apiserver where there is one. What is
 * expected of both is what the transcript says; where it says that they differ, they must.
 *
 * `AFFLUX_TEST_RECORD=kubernetes` writes what the real server says into the transcript instead (except where they
 * differ), `AFFLUX_TEST_RECORD=afflux` what Afflux says where it differs.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  realServer,
  realServerSkipReason,
  startAfflux,
  toolSkipReason,
  type ApiServer,
  type Tool,
} from './servers.ts';
import { parseTranscript, printTranscript, type Row, type Step } from './transcript.ts';

/** A row has several commands, and each starts a process. */
const ROW_MS_MAX = 90_000;

/** Registers the tests of `transcripts/<name>.txt`; `tool` is what its rows call besides kubectl. */
export function testTranscript(name: string, tool: Tool = 'kubectl'): void {
  const file = new URL(`./transcripts/${name}.txt`, import.meta.url);
  const transcript = parseTranscript(readFileSync(file, 'utf8'));
  const { rows } = transcript;
  const record = process.env['AFFLUX_TEST_RECORD'];
  const noTool = toolSkipReason(tool, process.env);
  const noServer = noTool ?? realServerSkipReason(process.env);
  if (noTool !== undefined) process.stderr.write(`skipped: transcript ${name}: ${noTool}\n`);
  else if (noServer !== undefined) {
    process.stderr.write(`skipped: ${name} against a kube-apiserver: ${noServer}\n`);
  }
  const shared = rows.filter(({ onlyAfflux }) => onlyAfflux === undefined);
  if (record === undefined) {
    describe.skipIf(noTool !== undefined)(`${tool} against Afflux: ${name}`, () => {
      testRows(rows, startAfflux, expectAsWritten);
    });
    if (shared.length === 0) return;
    describe.skipIf(noServer !== undefined)(`${tool} against a kube-apiserver: ${name}`, () => {
      testRows(shared, () => realServer(process.env), expectAsReal);
    });
    return;
  }
  describe(`recording ${name}`, () => {
    const isAfflux = record === 'afflux';
    const start = isAfflux ? startAfflux : () => realServer(process.env);
    testRows(isAfflux ? rows : shared, start, ({ steps, onlyAfflux }, outputs) => {
      for (const [index, step] of steps.entries()) {
        const isOwn = step.differs !== undefined || onlyAfflux !== undefined;
        if (isOwn === isAfflux) step.output = outputs[index] ?? '';
      }
    });
    afterAll(() => {
      writeFileSync(file, printTranscript(transcript));
    });
  });
}

/** Told of a row once it has run: what each of its commands showed. */
type Check = (row: Row, outputs: readonly string[]) => void;

function testRows(rows: readonly Row[], start: () => Promise<ApiServer>, check: Check): void {
  let server: ApiServer;
  beforeAll(async () => {
    server = await start();
  }, ROW_MS_MAX);
  afterAll(async () => {
    await server.close();
  });
  test.each(rows.map((row) => [row.name, row] as const))(
    '%s',
    async (_name, row) => {
      const stage = await server.stage();
      try {
        const outputs: string[] = [];
        for (const { files, command } of row.steps) {
          for (const [name, text] of files) stage.write(name, text);
          outputs.push(await stage.run(command));
        }
        check(row, outputs);
      } finally {
        await stage.close();
      }
    },
    ROW_MS_MAX,
  );
}

function expectAsWritten({ steps }: Row, outputs: readonly string[]): void {
  const shown = steps.map((step, index) => textOf(step, outputs[index]));
  expect(shown.join('\n\n')).toBe(steps.map((step) => textOf(step, step.output)).join('\n\n'));
}

function expectAsReal(row: Row, outputs: readonly string[]): void {
  const expected = row.steps.map((step, index) =>
    step.differs === undefined ? step : { ...step, output: outputs[index] ?? '' },
  );
  expectAsWritten({ ...row, steps: expected }, outputs);
  for (const [index, { command, differs, output }] of row.steps.entries()) {
    if (differs === undefined) continue;
    expect(outputs[index], `${command}: said to differ (${differs}), but does not`).not.toBe(
      output,
    );
  }
}

function textOf({ command }: Step, output = ''): string {
  return `$ ${command}\n${output}`;
}
