/** How a run comes by its real servers. */
import { createServer } from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { dockerAnswers } from './docker.ts';
import { provideEndpoints, type ServerKind } from './endpoints.ts';

interface World {
  readonly environment: NodeJS.ProcessEnv;
  readonly said: string[];
  readonly stopped: string[];
  readonly provide: () => Promise<() => Promise<void>>;
}

function world(
  environment: NodeJS.ProcessEnv,
  { docker = true, broken = false }: { readonly docker?: boolean; readonly broken?: boolean } = {},
): World {
  const said: string[] = [];
  const stopped: string[] = [];
  const kind = (name: string, variable: string): ServerKind => ({
    name,
    variable,
    start: () =>
      broken
        ? Promise.reject(new Error('no image'))
        : Promise.resolve({
            variables: { [variable]: `container:${name}` },
            stop: () => Promise.resolve(stopped.push(name)),
          }),
  });
  return {
    environment,
    said,
    stopped,
    provide: () =>
      provideEndpoints({
        environment,
        kinds: [kind('One', 'ONE'), kind('Two', 'TWO')],
        dockerAnswers: () => Promise.resolve(docker),
        say: (line) => said.push(line),
      }),
  };
}

describe('endpoints', () => {
  it('are those of the environment, where it names them', async () => {
    const { environment, provide, said } = world({ ONE: 'a:1', TWO: 'b:2' });
    await (
      await provide()
    )();
    expect(environment).toEqual({ ONE: 'a:1', TWO: 'b:2' });
    expect(said).toEqual([]);
  });

  it('are those of containers for the others, which end with the run', async () => {
    const { environment, provide, stopped } = world({ ONE: 'a:1' });
    const stop = await provide();
    expect(environment).toEqual({ ONE: 'a:1', TWO: 'container:Two' });
    await stop();
    expect(stopped).toEqual(['Two']);
  });

  it('are missing without either, which is said once', async () => {
    const { environment, provide, said } = world({}, { docker: false });
    await (
      await provide()
    )();
    expect(environment).toEqual({});
    expect(said).toEqual([
      'tests of One (ONE) and Two (TWO) are skipped: it is not set, and no Docker engine answers',
    ]);
  });

  it('are missing where a container does not start', async () => {
    const { provide, said } = world({ ONE: 'a:1' }, { broken: true });
    await (
      await provide()
    )();
    expect(said.at(-1)).toBe('tests of Two (TWO) are skipped: no container: Error: no image');
  });

  it.each([{ docker: false }, { broken: true }])(
    'must not be missing where they are required: %o',
    async (options) => {
      const { provide } = world({ AFFLUX_TEST_REQUIRE_BROKERS: '1' }, options);
      await expect(provide()).rejects.toThrow('are required');
    },
  );
});

describe('a Docker engine', () => {
  it('answers on its socket, or is not there', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'afflux-docker-'));
    const socket = join(directory, 'engine.sock');
    const engine = createServer((request, response) => {
      response.writeHead(request.url === '/_ping' ? 200 : 404).end();
    });
    await new Promise<void>((resolve) => engine.listen(socket, resolve));
    onTestFinished(async () => {
      engine.close();
      await rm(directory, { recursive: true, force: true });
    });
    expect(await dockerAnswers(`unix://${socket}`)).toBe(true);
    expect(await dockerAnswers(`unix://${socket}.other`)).toBe(false);
    expect(await dockerAnswers('tcp://127.0.0.1:1')).toBe(false);
    expect(await dockerAnswers('ssh://host')).toBe(false);
  });
});
