import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { startAll, stopAll } from '@afflux/kernel';
import { FakeClock } from '@afflux/kernel/testing';
import { describe, expect, test } from 'vitest';
import { configSchema, createObservability } from './index.ts';
import type { Observability } from './index.ts';

function bench(config: unknown = {}) {
  const written: string[] = [];
  const observability: Observability = createObservability(configSchema.parse(config), {
    clock: new FakeClock(),
    destination: { write: (text) => void written.push(text) },
  });
  return { observability, written };
}

test('logs and counts from the moment of creation', async () => {
  const { observability, written } = bench();
  observability.logger.info({}, 'starting');
  observability.meter.counter({ name: 'a_total', help: '' }).labels().add();
  expect(written).toHaveLength(1);
  const { body } = await observability.metricsText();
  expect(body).toMatch(/^a_total 1$/m);
  expect(body).toMatch(/^afflux_log_lines_dropped_total 0$/m);
});

test('starts and stops as a component, and tells what was left out before it ends', async () => {
  const { observability, written } = bench({ log: { repeatsMax: 1 } });
  await startAll([observability]);
  expect(observability.state).toBe('running');
  observability.logger.warn({}, 'again');
  observability.logger.warn({}, 'again');
  await stopAll([observability], { graceMs: 10, clock: new FakeClock() });
  expect(observability.state).toBe('closed');
  expect(written.at(-1)).toContain('repeated warnings left out');
  observability.logger.info({}, 'late lines are still written');
  expect(written).toHaveLength(3);
});

test('a metric with too many children is told through the logger', () => {
  const { observability, written } = bench({ metrics: { childrenMax: 1 } });
  const counter = observability.meter.counter({ name: 'a_total', help: '', labels: ['x'] });
  for (const label of ['1', '2', '3']) counter.labels(label).add();
  expect(written).toHaveLength(1);
  expect(JSON.parse(written[0] ?? '')).toMatchObject({
    component: 'observability',
    metric: 'a_total',
  });
});

describe('in a process of its own', () => {
  const built = fileURLToPath(new URL('../dist/index.js', import.meta.url));

  /** Runs code that has an `observability`, against the built package (`npm test` builds first). */
  function run(code: string, options: { readonly closeOutput?: boolean } = {}) {
    expect(existsSync(built), 'the package is built').toBe(true);
    const source = `
      import { configSchema, createObservability } from ${JSON.stringify(built)};
      const observability = createObservability(configSchema.parse({}));
      ${code}`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', source]);
    if (options.closeOutput === true) child.stdout.destroy();
    let output = '';
    let errors = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    return new Promise<{ code: number | null; output: string; errors: string }>((resolve) => {
      child.on('close', (exitCode) => {
        resolve({ code: exitCode, output, errors });
      });
    });
  }

  test('every line is written before the process exits, however it exits', async () => {
    const { output, code } = await run(`
      for (let i = 0; i < 5000; i += 1) observability.logger.info({ i }, 'said');
      process.exit(3);`);
    const lines = output.trimEnd().split('\n');
    expect(code).toBe(3);
    expect(lines).toHaveLength(5000);
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ i: 4999 });
  });

  test('nothing here keeps a process alive', async () => {
    const { code, errors } = await run(`
      observability.logger.warn({}, 'said');
      await observability.metricsText();
      await observability.start();`);
    expect([code, errors]).toEqual([0, '']);
  });

  test('a reader that went away costs the lines and not the process', async () => {
    const { code, errors } = await run(
      `for (let round = 0; round < 100; round += 1) {
         for (let i = 0; i < 100; i += 1) observability.logger.info({ text: 'x'.repeat(1000) }, 'said');
         await new Promise((resolve) => setTimeout(resolve, 1));
       }
       process.exitCode = 4;`,
      { closeOutput: true },
    );
    expect([code, errors]).toEqual([4, '']);
  });

  test('prom-client and tracing are not loaded before they are needed', async () => {
    const { output } = await run(`
      import { createRequire } from 'node:module';
      const paths = Object.keys(createRequire(import.meta.url).cache).join(' ');
      const loaded = ['pino', 'prom-client', '@opentelemetry'].filter((name) => paths.includes('/node_modules/' + name + '/'));
      console.log(JSON.stringify(loaded));`);
    expect(output).toBe('["pino"]\n');
  });
});
