import { expect, test } from 'vitest';
import { configSchema } from './config.ts';

test('has a default for everything', () => {
  expect(configSchema.parse({})).toEqual({
    log: {
      level: 'info',
      format: 'json',
      destination: 'stdout',
      colour: 'auto',
      repeatsMax: 10,
      repeatIntervalMs: 10_000,
    },
    metrics: { childrenMax: 20_000, processMetrics: true },
    tracing: {
      headers: {},
      serviceName: 'afflux',
      samplingRatio: 1,
      trustParent: false,
      exportTimeoutMs: 5000,
    },
  });
});

test.each([
  [{ log: { level: 'verbose' } }, 'log.level'],
  [{ log: { repeatsMax: 0 } }, 'log.repeatsMax'],
  [{ metrics: { childrenMax: 1.5 } }, 'metrics.childrenMax'],
  [{ tracing: { samplingRatio: 1.1 } }, 'tracing.samplingRatio'],
  [{ tracing: { endpoint: 'localhost:4318' } }, 'tracing.endpoint'],
  [{ tracing: { endpoint: 'file:///etc/passwd' } }, 'tracing.endpoint'],
  [{ tracing: { headers: { key: 5 } } }, 'tracing.headers.key'],
  [{ logs: {} }, ''],
])('%j is refused at %s', (config, path) => {
  const result = configSchema.safeParse(config);
  expect(result.error?.issues.map((issue) => issue.path.join('.'))).toEqual([path]);
});
