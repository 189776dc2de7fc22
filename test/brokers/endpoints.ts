/**
 * Which real servers tests run against, decided once per run: the endpoints that the environment names; else
 * containers, when a Docker engine answers; else none, which is said once, or is a failure where servers are
 * expected (`AFFLUX_TEST_REQUIRE_BROKERS=1`).
 */
import type { Started } from './containers.ts';

export interface ServerKind {
  readonly name: string;
  /** Names the endpoint; tests of the server skip without it. */
  readonly variable: string;
  start(environment: NodeJS.ProcessEnv): Promise<Started>;
}

export interface Decision {
  readonly environment: NodeJS.ProcessEnv;
  readonly kinds: readonly ServerKind[];
  readonly dockerAnswers: () => Promise<boolean>;
  readonly say: (line: string) => void;
}

/** Adds the endpoints of what it started to the environment, and resolves with how to end that. */
export async function provideEndpoints(decision: Decision): Promise<() => Promise<void>> {
  const { environment, kinds, say } = decision;
  const missing = kinds.filter(({ variable }) => (environment[variable] ?? '') === '');
  if (missing.length === 0) return () => Promise.resolve();
  if (!(await decision.dockerAnswers())) {
    absent(decision, missing, 'it is not set, and no Docker engine answers');
    return () => Promise.resolve();
  }
  const started: Started[] = [];
  const results = await Promise.allSettled(
    missing.map(async (kind) => {
      say(`starting ${kind.name} in a container: ${kind.variable} is not set`);
      const server = await kind.start(environment);
      started.push(server);
      Object.assign(environment, server.variables);
    }),
  );
  for (const [index, result] of results.entries()) {
    const kind = missing[index];
    if (result.status === 'rejected' && kind !== undefined) {
      absent(decision, [kind], `no container: ${String(result.reason)}`);
    }
  }
  return async () => {
    await Promise.all(started.map((server) => server.stop()));
  };
}

function absent(
  { environment, say }: Decision,
  kinds: readonly ServerKind[],
  reason: string,
): void {
  const text = kinds.map(({ name, variable }) => `${name} (${variable})`).join(' and ');
  if (environment['AFFLUX_TEST_REQUIRE_BROKERS'] === '1') {
    throw new Error(`tests of ${text} are required: ${reason}`);
  }
  say(`tests of ${text} are skipped: ${reason}`);
}
