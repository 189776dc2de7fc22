/** T30: a canary in every place where a secret can be, and a search for it in everything that comes out. */
import { describe, expect, it } from 'vitest';
import { brokerYaml, triggerYaml } from '../support/manifests.ts';
import { directoryWith, startDev, type Dev } from '../process/command.ts';
import { drained, post, seen, send, startAfflux } from '../support/process.ts';
import { startSubscriber, UNREACHABLE } from '../support/subscriber.ts';

const CANARY = 'canary-7f3a9c51';
const ENCODED = Buffer.from(CANARY).toString('base64');

const SECRET = `
apiVersion: v1
kind: Secret
metadata: { name: credentials, namespace: default }
stringData: { password: ${CANARY} }
data: { token: ${ENCODED} }
---`;

/** The built command over these files, with every line that it would ever log. */
async function runDev(manifests: string): Promise<Dev> {
  const cwd = await directoryWith({
    'afflux.yaml': 'log: { level: debug, format: json }\n',
    'manifests.yaml': manifests,
  });
  return startDev(['-f', 'manifests.yaml'], { cwd });
}

async function stop({ process }: Dev): Promise<number | null> {
  process.kill('SIGTERM');
  return (await process.exited).code;
}

/** Everything that the command writes or answers. */
async function outputOf(dev: Dev): Promise<string> {
  const answers = await Promise.all(
    ['/metrics', '/healthz', '/readyz'].map((path) => send(dev.controlUrl + path, {}, '', 'GET')),
  );
  return [dev.process.output, dev.process.errors, ...answers.map(({ text }) => text)].join('\n');
}

function expectNoCanary(text: string): void {
  const lines = text.split('\n').filter((line) => line.includes(CANARY) || line.includes(ENCODED));
  expect(lines).toEqual([]);
}

describe('T30 canary secret', () => {
  it('T30 is in no output: of a Secret, credentials of producers, event data, answers of subscribers', async () => {
    const subscriber = await startSubscriber({ status: 500, body: `failed: ${CANARY}` });
    const dev = await runDev(
      SECRET +
        brokerYaml() +
        triggerYaml({
          name: 'fails',
          uri: subscriber.url,
          spec: 'delivery: { retry: 1, backoffPolicy: linear, backoffDelay: PT0.01S }',
        }) +
        triggerYaml({ name: 'refuses', uri: UNREACHABLE, spec: 'delivery: { retry: 0 }' }),
    );
    const url = `${dev.eventsUrl}/default/main`;
    const headers = {
      authorization: `Bearer ${CANARY}`,
      cookie: `session=${CANARY}`,
      'x-api-key': CANARY,
    };
    expect((await post(url, {}, `{"password":"${CANARY}"}`, headers)).status).toBe(202);
    // Refused ones are logged and counted in other places.
    await post(`${dev.eventsUrl}/default/nowhere`, {}, CANARY, headers);
    await post(url, { specversion: '9' }, CANARY, headers);
    await send(url, { 'content-type': 'application/cloudevents+json' }, `{"data":"${CANARY}"`);
    await subscriber.received(2);
    await expect.poll(() => outputOf(dev)).toMatch(/outcome="dropped"\} 1/);
    const output = await outputOf(dev);
    expect(await stop(dev)).toBe(0);
    expectNoCanary(output + dev.process.errors + dev.process.output);
  });

  it("T30 in a query string of a subscriber's address is in no log line, metric or dead letter", async () => {
    const dead = await startSubscriber();
    const dev = await runDev(
      brokerYaml() +
        triggerYaml({
          name: 'one',
          uri: `${UNREACHABLE}hook?token=${CANARY}`,
          spec: `delivery: { retry: 1, backoffPolicy: linear, backoffDelay: PT0.01S, deadLetterSink: { uri: '${dead.url}' } }`,
        }),
    );
    await post(`${dev.eventsUrl}/default/main`);
    const [letter] = await dead.received(1);
    const metrics = (await send(`${dev.controlUrl}/metrics`, {}, '', 'GET')).text;
    expect(await stop(dev)).toBe(0);
    expectNoCanary(dev.process.errors + metrics + JSON.stringify(letter?.headers));
  });

  it.each([
    ['a password in an address', triggerYaml({ name: 'x', uri: `http://user:${CANARY}@host/` })],
    [
      'a Secret whose data is no base64',
      `apiVersion: v1\nkind: Secret\nmetadata: { name: x }\ndata: { token: '${CANARY}!' }`,
    ],
    [
      'a Secret with a value of the wrong type',
      `apiVersion: v1\nkind: Secret\nmetadata: { name: x }\ndata: { token: [${CANARY}] }`,
    ],
    [
      'a Secret with a field too many',
      `apiVersion: v1\nkind: Secret\nmetadata: { name: x }\nstringdata: { token: ${CANARY} }`,
    ],
  ])('T30 is not repeated by the refusal of %s', async (_what, yaml) => {
    const afflux = await startAfflux('');
    const message = await afflux.apply(yaml).then(
      () => 'accepted',
      (error: unknown) => String(error),
    );
    expect(message).not.toBe('accepted');
    expectNoCanary(message);
  });

  it('T30 is not repeated by the answer to a bad event', async () => {
    const afflux = await startAfflux(brokerYaml());
    const url = afflux.brokerUrl('default', 'main');
    const answers = await Promise.all([
      post(url, { specversion: '9' }, CANARY, { authorization: CANARY }),
      send(url, { 'content-type': 'application/cloudevents+json' }, `{"data":"${CANARY}"`),
      send(url, { 'content-type': 'application/cloudevents+json' }, `{"data_base64":"${CANARY}"}`),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([400, 400, 400]);
    expectNoCanary(answers.map(({ text }) => text).join('\n'));
  });

  it('T30 in services of the project file is neither in status nor in messages', async () => {
    const service = `http://user:${CANARY}@127.0.0.1:9/`;
    const messages: string[] = [];
    try {
      const afflux = await startAfflux(
        brokerYaml() +
          triggerYaml({
            name: 'one',
            spec: 'subscriber: { ref: { apiVersion: v1, kind: Service, name: orders } }',
          }),
        { services: { 'default/orders': service } },
      );
      messages.push(JSON.stringify((await seen(afflux, 'Trigger', 'one')).status));
      await drained(afflux);
    } catch (error) {
      messages.push(String(error));
    }
    expectNoCanary(messages.join('\n'));
  });
});
