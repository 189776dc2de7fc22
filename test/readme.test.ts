/**
 * Every command of the README, of the packages' READMEs and of CONTRIBUTING.md works, and does what the text
 * beside it says. Commands are taken out of the texts: one that is added and not known here fails the first
 * test. What runs until it is stopped (`sink`, `dev`) is started beside the others, as the text says, through
 * the command itself, because npx would not hand signals on; everything else runs literally, in bash.
 *
 * Two commands are not run again: `npm run build` is what `npm test` has just done, and `npm ci && npm start`
 * would replace the packages under the feet of this very run (test/process/quickstart.test.ts runs what it
 * starts, on other ports).
 *
 * This is the only test with fixed ports: those of the README.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { parseConfigText } from '@afflux/server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ROOT,
  runShell,
  SOON,
  startCommand,
  startProgram,
  untilReady,
  type CommandProcess,
  type Result,
} from './process/command.ts';
import { startSubscriber } from './support/subscriber.ts';

const PORTS = [8080, 8081, 9000, 9001, 9002];
const NOT_RUN = ['npm ci && npm start', 'npm run build'];
const STAYS = /^npx afflux ((?:sink|dev)\b.*)$/;
function textOf(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

/** The blocks of one language in a Markdown file. */
function blocks(path: string, language: string): string[] {
  const pattern = new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms');
  return [...textOf(path).matchAll(pattern)].map(([, block]) => block ?? '');
}

/** The commands of a Markdown file, one a line, without comments. */
function commandsOf(path: string): string[] {
  return blocks(path, 'sh').flatMap((block) =>
    block
      .split('\n')
      .map((line) => line.replace(/\s+#.*$/, '').trim())
      .filter((line) => line !== ''),
  );
}

const PACKAGE_READMES = readdirSync(join(ROOT, 'packages'))
  .map((name) => `packages/${name}/README.md`)
  .filter((path) => existsSync(join(ROOT, path)));

/** Processes of the README's terminals, by the command that started them. */
const running = new Map<string, CommandProcess>();
const cleanUps: (() => Promise<void>)[] = [];

function startTerminal(command: string): CommandProcess {
  const [, text = ''] = STAYS.exec(command) ?? [];
  const process = startCommand(text.split(' '), { atEnd: (cleanUp) => cleanUps.push(cleanUp) });
  running.set(command, process);
  return process;
}

async function startSink(command: string): Promise<void> {
  await startTerminal(command).printed(/^sink listening on /m);
}

/** What a terminal has shown so far. */
function shownBy(command: string): string {
  return running.get(command)?.output ?? '';
}

const EVERYTHING = 'npx afflux sink --port 9000';
const DOWN = 'npx afflux sink --port 9001 --status 503';
const REPLYING = 'npx afflux sink --port 9002 --reply-type step.done';

/** One delivery as a sink shows it: status, type and path. */
interface Shown {
  readonly status: number;
  readonly type: string;
  readonly path: string;
  /** The lines below: attributes and data. */
  readonly details: string;
}

function deliveries(command: string): Shown[] {
  const pattern = /^\S+ (\d{3}) (\S+) {2}id=\S+ source=\S+(?: path=(\S+))?\n((?: {2}.*\n)*)/gm;
  return [...shownBy(command).matchAll(pattern)].map(
    ([, status, type = '', path = '/', details = '']) => ({
      status: Number(status),
      type,
      path,
      details,
    }),
  );
}

/** Paths that got events of a type from a terminal's sink, in order of name. */
function pathsOf(command: string, type: string): string[] {
  return deliveries(command)
    .filter((delivery) => delivery.type === type)
    .map(({ path }) => path)
    .sort();
}

function expectAccepted(result: Result): void {
  expect(result.code, result.err).toBe(0);
  expect(result.out).toMatch(/^(202 |HTTP\/1\.1 202 )/);
}

/** What the text claims of each command. The command has run with this result. */
const CLAIMS: Readonly<Record<string, (result: Result) => Promise<void> | void>> = {
  'npx afflux send http://localhost:8080/default/shop --type order.created --ext region=eu --ext total=1200':
    async (result) => {
      expectAccepted(result);
      await expect
        .poll(() => pathsOf(EVERYTHING, 'order.created'), SOON)
        .toEqual(['/europe', '/large']);
    },
  "curl -i http://localhost:8080/default/shop -H 'ce-specversion: 1.0' -H 'ce-type: order.created' -H 'ce-source: /shop' -H 'ce-id: 1' -H 'ce-region: eu' -H 'content-type: application/json' -d '{\"item\": 7}'":
    async (result) => {
      expectAccepted(result);
      // The same but for `total`, which `large` asks for.
      await expect
        .poll(() => pathsOf(EVERYTHING, 'order.created'), SOON)
        .toEqual(['/europe', '/europe', '/large']);
      expect(shownBy(EVERYTHING)).toContain('{"item": 7}');
    },
  "npx afflux cesql \"type LIKE 'order.%' AND region IN ('eu', 'us')\" --event deploy/events/order-created.json":
    (result) => {
      expect(result).toMatchObject({
        code: 0,
        out: '{"value":true,"type":"boolean","error":null}\n',
      });
    },
  'npx afflux send http://localhost:8080/default/shop --type order.payment --data \'{"amount": 9}\'':
    async (result) => {
      expectAccepted(result);
      await expect
        .poll(() => pathsOf(EVERYTHING, 'order.payment'), SOON)
        .toEqual(['/dead-letters']);
      const [deadLetter] = deliveries(EVERYTHING).filter(({ path }) => path === '/dead-letters');
      expect(deadLetter?.details).toContain('  knativeerrordest: http://localhost:9001/payments\n');
      expect(deadLetter?.details).toContain('  knativeerrorcode: 503\n');
      expect(deadLetter?.details).toContain('  {"amount": 9}\n');
      // The first attempt and two retries.
      expect(pathsOf(DOWN, 'order.payment')).toEqual(['/payments', '/payments', '/payments']);
    },
  'npx afflux send http://localhost:8080/default/channels/checkout-kn-sequence-0 --type checkout.started':
    async (result) => {
      expectAccepted(result);
      await expect
        .poll(() => deliveries(EVERYTHING).filter(({ path }) => path === '/checked-out'), SOON)
        .toMatchObject([{ type: 'step.done', status: 200 }]);
      expect(deliveries(REPLYING).filter(({ path }) => /reserve|charge/.test(path))).toMatchObject([
        { type: 'checkout.started', path: '/reserve' },
        { type: 'step.done', path: '/charge' },
      ]);
    },
  'npx afflux send http://localhost:8080/default/channels/notify-kn-parallel --type order.shipped':
    async (result) => {
      expectAccepted(result);
      await expect
        .poll(
          () => deliveries(EVERYTHING).filter(({ path }) => /^\/(mail|audit)$/.test(path)).length,
          SOON,
        )
        .toBe(2);
      expect(pathsOf(REPLYING, 'order.shipped')).toEqual(['/wants-mail']);
      expect(pathsOf(EVERYTHING, 'order.shipped')).toContain('/audit');
    },
  'npx afflux validate -f deploy/tour': (result) => {
    expect(result).toMatchObject({ code: 0 });
    expect(result.out).toContain('valid Trigger default/payments\n');
    expect(result.err).not.toContain('error');
  },
  'curl -f http://localhost:8081/readyz': (result) => {
    expect(result).toMatchObject({ code: 0 });
    expect(JSON.parse(result.out)).toMatchObject({ status: 'ready' });
  },
  'curl -f http://localhost:8081/metrics': (result) => {
    expect(result).toMatchObject({ code: 0 });
    expect(result.out).toMatch(/^# TYPE /m);
  },
};

const HAS_KUBECTL = spawnSync('kubectl', ['version', '--client']).status === 0;

/** Said where it is so; in CI it is a failure. */
function needsKubectl(command: string): boolean {
  const isAbsent = command.startsWith('kubectl ') && !HAS_KUBECTL;
  if (isAbsent) {
    expect(process.env['AFFLUX_TEST_REQUIRE_KUBERNETES'], 'kubectl is not there').toBeUndefined();
    process.stdout.write(`skipped, there is no kubectl: ${command}\n`);
  }
  return isAbsent;
}

const KUBECTL = 'kubectl --kubeconfig /tmp/afflux.kubeconfig';

function expectOutput(pattern: RegExp): (result: Result) => void {
  return ({ code, out, err }) => {
    expect(code, err).toBe(0);
    expect(out).toMatch(pattern);
  };
}

/** The commands about the Kubernetes API, while the tour runs. */
const KUBERNETES_CLAIMS: Readonly<Record<string, (result: Result) => Promise<void> | void>> = {
  'npx afflux kubeconfig > /tmp/afflux.kubeconfig': ({ code }) => {
    cleanUps.push(() => rm('/tmp/afflux.kubeconfig', { force: true }));
    expect(code).toBe(0);
  },
  [`${KUBECTL} get brokers,triggers`]: expectOutput(
    /^broker\.eventing\.knative\.dev\/shop +http:\/\/localhost:8080\/default\/shop +\S+ +True/m,
  ),
  [`${KUBECTL} explain trigger.spec.delivery`]: expectOutput(/^FIELD: delivery <Object>$/m),
  [`${KUBECTL} apply -f deploy/kubectl`]: expectOutput(
    /^trigger\.eventing\.knative\.dev\/refunds created$/m,
  ),
  [`${KUBECTL} wait --for=condition=Ready trigger/refunds`]: expectOutput(/condition met$/m),
  [`${KUBECTL} describe trigger refunds`]: expectOutput(/^Events:\n(.*\n)*.* TriggerReady /m),
  [`${KUBECTL} annotate trigger refunds afflux.dev/max-in-flight=8`]: expectOutput(/ annotated$/m),
  [`${KUBECTL} get events`]: expectOutput(/Normal +TriggerReady +trigger\/refunds/),
  'npx afflux get all': expectOutput(/^trigger\.eventing\.knative\.dev\/refunds +shop /m),
  'npx afflux describe broker shop': expectOutput(/^Kind: +Broker$/m),
  'npx afflux delete trigger refunds': async ({ code, out }) => {
    // Where there is no kubectl it was never made.
    if (!HAS_KUBECTL) return;
    expect([code, out]).toEqual([0, 'trigger.eventing.knative.dev "refunds" deleted\n']);
    expect((await runShell('npx afflux get triggers refunds')).err).toContain('not found');
  },
};

/** Runs a command until it prints what is claimed: what it shows comes about while it is called. */
async function printsSoon(command: string, pattern: RegExp): Promise<void> {
  await expect
    .poll(async () => {
      const { code, out, err } = await runShell(command);
      return code === 0 ? out : err;
    }, SOON)
    .toMatch(pattern);
}

const TOUR = 'npx afflux dev -f deploy/tour';
const DURABLE = 'npx afflux dev -f deploy/durable --data-dir /tmp/afflux-data';
const DATA = '/tmp/afflux-data';

/** Commands about dead letters: the text's claims hold once deliveries have been tried. */
const DURABLE_COMMANDS: Readonly<Record<string, (command: string) => Promise<void>>> = {
  'npx afflux send http://localhost:8080/default/orders --type order.created --data \'{"total": 9}\'':
    async (command) => {
      expectAccepted(await runShell(command));
      await expect.poll(() => pathsOf(EVERYTHING, 'order.created'), SOON).toContain('/audit');
    },
  'npx afflux dlq list --broker orders --trigger billing': (command) =>
    printsSoon(command, /^billing-\S+ +order\.created +\S+ +status 503 +3 /m),
  'npx afflux dlq redrive --trigger billing --filter "type = \'order.created\'" --rate 10': (
    command,
  ) => printsSoon(command, /^redriven 1 of 1 dead letter\(s\)\n$/),
  'npx afflux dlq drop --trigger billing --dry-run': (command) =>
    printsSoon(command, /^would drop 1 dead letter\(s\)\n$/),
  'npx afflux replay orders --trigger audit --from earliest': async (command) => {
    const count = () => pathsOf(EVERYTHING, 'order.created').filter((path) => path === '/audit');
    expect(count()).toHaveLength(1);
    expect(await runShell(command)).toMatchObject({ code: 0, out: 'replayed 1 of 1 events\n' });
    await expect.poll(count, SOON).toHaveLength(2);
  },
  'npx afflux data stats /tmp/afflux-data': async (command) => {
    running.get(DURABLE)?.kill('SIGTERM');
    await running.get(DURABLE)?.exited;
    expect((await runShell(command)).out).toMatch(
      /^DurableChannel default\/orders-kne-trigger +\d+ .* 1\n/m,
    );
  },
  'npx afflux data check /tmp/afflux-data': async (command) => {
    expect(await runShell(command)).toMatchObject({ code: 0 });
  },
};

/** What the text claims of a terminal once it runs. */
const TERMINALS: Readonly<Record<string, (command: string) => Promise<void>>> = {
  [EVERYTHING]: startSink,
  [DOWN]: startSink,
  [REPLYING]: startSink,
  [TOUR]: async (command) => {
    const { process, eventsUrl, controlUrl } = await untilReady(startTerminal(command));
    expect(eventsUrl).toBe('http://localhost:8080');
    expect(controlUrl).toBe('http://localhost:8081');
    for (const object of [
      'Broker +default/shop',
      'Sequence +default/checkout',
      'Trigger +default/europe',
    ]) {
      expect(process.output).toMatch(new RegExp(`^${object} +True +http`, 'm'));
    }
    expect(process.errors).not.toContain('error');
  },
  ...DURABLE_COMMANDS,
  [DURABLE]: async (command) => {
    await running.get(TOUR)?.end();
    rmSync(DATA, { recursive: true, force: true });
    cleanUps.push(() => rm(DATA, { recursive: true, force: true }));
    const { process } = await untilReady(startTerminal(command));
    expect(process.output).toMatch(/^Broker +default\/orders +True +http/m);
    expect(process.output).toContain('events are kept in /tmp/afflux-data');
    expect(process.errors).not.toContain('error');
  },
  'npx afflux dev -f deploy/quickstart --config deploy/afflux.yaml': async (command) => {
    const { process } = await untilReady(startTerminal(command));
    expect(process.output).toMatch(/^Trigger +default\/orders +True +http:\/\/localhost:9000$/m);
    expect(process.errors).not.toContain('error');
    await process.end();
  },
};

async function expectFree(port: number): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', () => {
      reject(
        new Error(`port ${String(port)}, which the README uses, is taken: stop what listens there`),
      );
    });
    server.listen(port, '127.0.0.1', resolve);
  });
  await new Promise<void>((resolve) => {
    server.close(() => {
      resolve();
    });
  });
}

describe('the README', () => {
  beforeAll(async () => {
    for (const port of PORTS) await expectFree(port);
  });
  afterAll(async () => {
    for (const cleanUp of cleanUps) await cleanUp();
  });

  it('has no command that is not run here', () => {
    const commands = ['README.md', ...PACKAGE_READMES].flatMap(commandsOf);
    expect(new Set(commands)).toEqual(
      new Set([
        ...NOT_RUN,
        ...Object.keys(TERMINALS),
        ...Object.keys(CLAIMS),
        ...Object.keys(KUBERNETES_CLAIMS),
      ]),
    );
  });

  it('says what a command does that is not run here', () => {
    const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> };
    expect(scripts['build']).toMatch(/^tsc -b/);
    expect(scripts['start']).toContain('afflux.js quickstart');
    expect(existsSync(join(ROOT, 'package-lock.json'))).toBe(true);
  });

  it.each(commandsOf('README.md').filter((command) => !NOT_RUN.includes(command)))(
    '%s',
    async (command) => {
      const terminal = TERMINALS[command];
      if (terminal !== undefined) {
        await terminal(command);
        return;
      }
      const claim = CLAIMS[command] ?? KUBERNETES_CLAIMS[command];
      if (needsKubectl(command)) return;
      await claim?.(await runShell(command));
    },
  );

  it('has a TypeScript example that runs against the built packages', async () => {
    const [example = ''] = blocks('README.md', 'ts');
    const service = await startSubscriber();
    const program = startProgram(process.execPath, ['--input-type=module', '-'], {
      input: `
        const service = { url: '${service.url}' };
        const headers = { 'content-type': 'application/cloudevents+json' };
        const body = JSON.stringify({ specversion: '1.0', id: '7', source: '/test', type: 'order.created' });
        ${example}`,
    });
    expect(await program.exited, program.errors).toEqual({ code: 0, signal: null });
    expect(service.ids).toEqual(['7']);
  });

  it('has a project file that is valid', () => {
    const [projectFile = ''] = blocks('README.md', 'yaml');
    expect(parseConfigText(projectFile, 'README.md')).toMatchObject({
      services: { 'default/orders': 'http://localhost:9000' },
    });
  });

  it('names directories and files that are there', () => {
    const links = [...textOf('README.md').matchAll(/\]\((?!https?:)([^)#]+)/g)];
    expect(links.length).toBeGreaterThan(10);
    for (const [, path = ''] of links) expect(existsSync(join(ROOT, path)), path).toBe(true);
  });
});

describe('the README of a package', () => {
  it.each(PACKAGE_READMES.flatMap((path) => commandsOf(path).map((command) => [path, command])))(
    '%s: %s',
    async (_path, command) => {
      for (const process of running.values()) await process.end();
      await TERMINALS[command]?.(command);
    },
  );
});

describe('CONTRIBUTING.md', () => {
  it('names scripts and programs that there are', () => {
    const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> };
    const text = textOf('CONTRIBUTING.md');
    const named = [...text.matchAll(/npm (?:run )?([a-z]+)/g)].map(([, name = '']) => name);
    expect(named.length).toBeGreaterThan(3);
    for (const name of named) {
      if (name !== 'ci') expect(Object.keys(scripts)).toContain(name);
    }
    for (const [, program = ''] of text.matchAll(/npx ([a-z]+)/g)) {
      expect(existsSync(join(ROOT, 'node_modules/.bin', program)), program).toBe(true);
    }
  });
});
