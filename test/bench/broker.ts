/** The product as a measured process: everything that `afflux dev` composes, with objects given over IPC. */
import { createAfflux, type Afflux } from '@afflux/server';
import { serveQuestions } from './child.ts';

await serveQuestions(async () => {
  const afflux: Afflux = createAfflux({ log: { level: 'warn' } });
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
