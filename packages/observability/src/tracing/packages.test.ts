/** The optional packages behind tracing: in a file of its own, as what is mocked here stays so for a while. */
import { expect, onTestFinished, test, vi } from 'vitest';
import { configSchema } from '../config.ts';
import { createObservability } from '../observability.ts';

function make(tracing: object) {
  const config = configSchema.parse({ tracing });
  const observability = createObservability(config, { destination: { write: () => undefined } });
  onTestFinished(() => observability.close());
  return observability;
}

test('no endpoint means no tracer, and nothing is loaded', async () => {
  vi.doMock('@opentelemetry/sdk-trace', () => expect.unreachable('must not be loaded'));
  const observability = make({});
  await observability.start();
  const { tracer } = observability;
  expect(tracer.enabled).toBe(false);
  expect(tracer.startSpan('a', { kind: 'server' }).context).toBeUndefined();
});

test('packages that are not installed are an error that says what to install', async () => {
  vi.doMock('@opentelemetry/sdk-trace', () => {
    throw new Error('Cannot find package');
  });
  const observability = make({ endpoint: 'http://127.0.0.1:1' });
  await expect(observability.start()).rejects.toMatchObject({
    code: 'AFFLUX_OBSERVABILITY_TRACING_UNAVAILABLE',
    fault: 'user',
  });
});
