/**
 * The product as a measured process: everything that `afflux dev` composes, with objects given over IPC and
 * configuration as JSON in the first argument.
 */
import { createAfflux, type Afflux, type ConfigInput } from '@afflux/server';
import { serveQuestions } from './child.ts';

await serveQuestions(async () => {
  const config = JSON.parse(process.argv[2] ?? '{}') as ConfigInput;
  const afflux: Afflux = createAfflux({ log: { level: 'warn' }, ...config });
  await afflux.start();
  return {
    address: () => afflux.url,
    apply: async (objects) => {
      await afflux.apply(objects as object[]);
      return true;
    },
    metrics: () => afflux.metrics(),
  };
});
