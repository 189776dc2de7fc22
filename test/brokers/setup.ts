/** Run by vitest before the first test: real servers for those tests that ask for them, if any was selected. */
import { readFile } from 'node:fs/promises';
import type { TestProject } from 'vitest/node';
import { selectedFiles } from '../support/selected-files.ts';
import { dockerAnswers } from './docker.ts';
import { provideEndpoints, type ServerKind } from './endpoints.ts';

// Loaded when a container is started: most runs have no need of the library.
const containers = async () => import('./containers.ts');

const KINDS: readonly ServerKind[] = [
  {
    name: 'Kafka',
    variable: 'AFFLUX_TEST_KAFKA',
    start: async (environment) => (await containers()).startKafka(environment),
  },
  {
    name: 'RabbitMQ',
    variable: 'AFFLUX_TEST_AMQP',
    start: async (environment) => (await containers()).startRabbitmq(environment),
  },
];

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const files = await selectedFiles(project);
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
  return provideEndpoints({
    environment: process.env,
    kinds: KINDS.filter(({ variable }) => texts.some((text) => text.includes(variable))),
    dockerAnswers: () => dockerAnswers(process.env['DOCKER_HOST']),
    say: (line) => {
      process.stderr.write(`${line}\n`);
    },
  });
}
