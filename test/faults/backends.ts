/** What differs between back-ends: their manifests, what they promise, and what stands between. */
import type { RunRecord } from './history.ts';
import type { Behaviour } from './subscribers.ts';
import { brokerYaml, NO_DEFAULT_DELIVERY, triggerYaml } from '../support/manifests.ts';

export interface Backend {
  readonly name: string;
  readonly promises: Pick<RunRecord, 'allOrNone' | 'graceMs' | 'starvedMs'>;
  /** Has a store for the dead letters of triggers without a sink. */
  readonly store: boolean;
  /** Delivers events at the time that they name. */
  readonly delays: boolean;
  /** Keeps its data in a directory. */
  readonly onDisk: boolean;
  /** Survives the process: without it only faults that leave it alive make sense. */
  readonly durable: boolean;
  /** Addresses that a proxy has to stand before. */
  endpoints(): readonly { readonly host: string; readonly port: number }[];
  /** Broker and whatever it needs; `unique` is for names that others see. */
  manifests(unique: string): string;
}

const IN_PROCESS = {
  promises: { allOrNone: true, graceMs: 0, starvedMs: 10_000 },
  delays: true,
  endpoints: () => [],
  manifests: () => brokerYaml(),
} as const;

const memory: Backend = {
  ...IN_PROCESS,
  name: 'memory',
  store: false,
  delays: false,
  onDisk: false,
  durable: false,
};

const durable: Backend = {
  ...IN_PROCESS,
  name: 'durable',
  store: true,
  onDisk: true,
  durable: true,
};

export const BACKENDS: readonly Backend[] = [memory, durable];

/** Everything that the product is told at its start. */
export function manifestsOf(
  backend: Backend,
  behaviours: readonly Behaviour[],
  options: { readonly unique: string; readonly sinkUrl: (path: string) => string },
): string {
  const triggers = behaviours.map((behaviour) => {
    const { name, types, annotations = '', deadLetters } = behaviour;
    const filters = types.map((type) => `- exact: { type: ${type} }`).join('\n      ');
    const sink =
      deadLetters === 'sink'
        ? `\n  deadLetterSink:\n    uri: ${options.sinkUrl(`dead/${name}`)}`
        : '';
    const spec = `
filters:
  - any:
      ${filters}
delivery:
  ${behaviour.delivery.replaceAll('\n', '\n  ')}${sink}`;
    return triggerYaml({ name, uri: options.sinkUrl(name), spec, annotations });
  });
  return NO_DEFAULT_DELIVERY + backend.manifests(options.unique) + triggers.join('');
}
