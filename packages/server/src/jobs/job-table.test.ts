import { FakeClock, recordingLogger } from '@afflux/kernel/testing';
import { expect, it, onTestFinished } from 'vitest';
import { JobTable, JOBS_KEPT_MAX, JOBS_RUNNING_MAX, type JobSpec } from './job-table.ts';

async function startTable() {
  const logger = recordingLogger();
  const table = new JobTable({ clock: new FakeClock(), logger });
  await table.start();
  onTestFinished(() => table.close());
  const create = (name: string, run: JobSpec['run']) =>
    table.create({ kind: 'Redrive', namespace: 'default', name, spec: {}, run });
  return { table, logger, create };
}

const untilAborted: JobSpec['run'] = (_progress, signal) =>
  new Promise((resolve) => {
    signal.addEventListener('abort', () => {
      resolve();
    });
  });

const turn = () => new Promise((resolve) => setImmediate(resolve));

it('remembers a bounded number: the oldest that are over make room', async () => {
  const { table, create } = await startTable();
  create('stays', untilAborted);
  for (let index = 0; index < JOBS_KEPT_MAX + 5; index += 1) {
    create(`job-${String(index)}`, () => Promise.resolve());
    await turn();
  }
  const names = table.list('Redrive', 'default').map(({ name }) => name);
  expect(names).toHaveLength(JOBS_KEPT_MAX);
  expect(names[0]).toBe('stays');
  expect(names).not.toContain('job-0');
});

it('runs a bounded number at once', async () => {
  const { table, create } = await startTable();
  for (let index = 0; index < JOBS_RUNNING_MAX; index += 1) create(String(index), untilAborted);
  expect(() => create('more', untilAborted)).toThrow(/10 jobs are running already/);
  await table.remove('Redrive', 'default', '0');
  create('more', untilAborted);
});

it('stops what runs when it is closed, and takes nothing more', async () => {
  const { table, create } = await startTable();
  const job = create('running', untilAborted);
  await table.close();
  expect(job.phase).toBe('Stopped');
  expect(() => create('late', untilAborted)).toThrow(/shutting down/);
});

it('says in the log how a job ended', async () => {
  const { logger, create } = await startTable();
  create('good', (progress) => {
    progress.done = 3;
    return Promise.resolve();
  });
  create('bad', () => Promise.reject(new Error('no')));
  await turn();
  expect(logger.lines).toEqual([
    expect.objectContaining({ level: 'info', message: 'job ended' }),
    expect.objectContaining({ level: 'warn', message: 'job failed' }),
  ]);
});
