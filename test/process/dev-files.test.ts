/** Manifest files that change while `afflux dev` runs. */
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { brokerYaml, triggerYaml } from '../support/manifests.ts';
import { post } from '../support/process.ts';
import { startSubscriber } from '../support/subscriber.ts';
import { directoryWith, put, SOON, startDev, type Dev } from './command.ts';

async function startOn(files: Readonly<Record<string, string>>): Promise<{
  readonly directory: string;
  readonly dev: Dev;
  readonly brokerUrl: string;
}> {
  const directory = await directoryWith(files);
  const dev = await startDev(['-f', directory], { cwd: directory });
  return { directory, dev, brokerUrl: `${dev.eventsUrl}/default/main` };
}

/** A trigger of which the lines are known. */
function trigger(uri: string, name = 'orders'): string {
  return `apiVersion: eventing.knative.dev/v1
kind: Trigger
metadata:
  name: ${name}
spec:
  broker: main
  subscriber:
    uri: ${uri}
`;
}

describe('a manifest file', () => {
  it('that changes is applied: events go where it says now', async () => {
    const [before, after] = [await startSubscriber(), await startSubscriber()];
    const { directory, dev, brokerUrl } = await startOn({
      'broker.yaml': brokerYaml(),
      'trigger.yaml': trigger(before.url),
    });
    await post(brokerUrl, { id: 'first' });
    await before.received(1);
    await put(directory, 'trigger.yaml', trigger(after.url));
    await dev.process.printed(
      new RegExp(`^applied\\n.*\\nTrigger +default/orders +True +${after.url}$`, 'm'),
    );
    await post(brokerUrl, { id: 'second' });
    await after.received(1);
    expect([before.ids, after.ids]).toEqual([['first'], ['second']]);
  });

  it('that is added is applied, in a new directory, too', async () => {
    const subscriber = await startSubscriber();
    const { directory, dev } = await startOn({ 'broker.yaml': brokerYaml() });
    await put(directory, 'new/more/other.yaml', brokerYaml('other'));
    await dev.process.printed(/^Broker +default\/other +True/m);
    await put(
      directory,
      'new/more/trigger.yaml',
      triggerYaml({ name: 'one', broker: 'other', uri: subscriber.url }),
    );
    await dev.process.printed(/^Trigger +default\/one +True/m);
    expect((await post(`${dev.eventsUrl}/default/other`)).status).toBe(202);
    await subscriber.received(1);
  });

  it('that is removed takes its objects with it, and nothing else', async () => {
    const { directory, dev, brokerUrl } = await startOn({
      'broker.yaml': brokerYaml(),
      'other/broker.yaml': brokerYaml('other'),
      'other/trigger.yaml': triggerYaml({ name: 'one', uri: 'http://localhost:9000' }),
    });
    await rm(join(directory, 'other'), { recursive: true });
    await dev.process.printed(/^removed Broker default\/other$/m);
    await dev.process.printed(/^removed Trigger default\/one$/m);
    await expect
      .poll(async () => (await post(`${dev.eventsUrl}/default/other`)).status, SOON)
      .toBe(404);
    expect((await post(brokerUrl)).status).toBe(202);
  });

  it('that is renamed changes nothing', async () => {
    const { directory, dev, brokerUrl } = await startOn({ 'broker.yaml': brokerYaml() });
    await rename(join(directory, 'broker.yaml'), join(directory, 'renamed.yaml'));
    // A change after it shows that the renaming has been seen.
    await put(directory, 'other.yaml', brokerYaml('other'));
    await dev.process.printed(/^Broker +default\/other +True/m);
    expect(dev.process.output).not.toContain('removed');
    expect((await post(brokerUrl)).status).toBe(202);
  });

  it('is left alone after the start with --no-watch', async () => {
    const directory = await directoryWith({ 'broker.yaml': brokerYaml() });
    const still = await startDev(['-f', directory, '--no-watch']);
    const watching = await startDev(['-f', directory]);
    await put(directory, 'other.yaml', brokerYaml('other'));
    await watching.process.printed(/^Broker +default\/other +True/m);
    expect((await post(`${watching.eventsUrl}/default/other`)).status).toBe(202);
    expect((await post(`${still.eventsUrl}/default/other`)).status).toBe(404);
  });
});

describe('a mistake in a manifest file while it runs', () => {
  it.each([
    [
      'an unknown field',
      (text: string) => text.replace('  broker:', '  brokr: main\n  broker:'),
      'trigger.yaml:6: Trigger default/orders: spec.brokr: unknown field "brokr", did you mean "broker"?',
    ],
    [
      'a wrong type',
      (text: string) => text.replace('broker: main', 'broker: [main]'),
      'trigger.yaml:6: Trigger default/orders: spec.broker: expected a string, found ',
    ],
    [
      'a value against the rules',
      (text: string) => `${text}  delivery:\n    retry: -1\n`,
      'trigger.yaml:10: Trigger default/orders: spec.delivery.retry: ',
    ],
    [
      'an unknown kind',
      (text: string) => text.replace('kind: Trigger', 'kind: Triger'),
      'trigger.yaml:2: Triger default/orders: kind: no matches for kind "Triger" in version "eventing.knative.dev/v1", did you mean "Trigger"?',
    ],
    ['text that is no YAML', (text: string) => `${text}  filters: [`, 'trigger.yaml:9: '],
  ])(
    'is named by file, line, object, field and expectation, and the earlier version stays: %s',
    async (_what, spoil, message) => {
      const subscriber = await startSubscriber();
      const good = trigger(subscriber.url);
      const { directory, dev, brokerUrl } = await startOn({
        'broker.yaml': brokerYaml(),
        'trigger.yaml': good,
      });
      await put(directory, 'trigger.yaml', spoil(good));
      await dev.process.printed(/^error: .*\n/m);
      expect(dev.process.errors).toContain(`error: ${message}`);
      await post(brokerUrl, { id: 'meanwhile' });
      await subscriber.received(1);
      expect(dev.process.output).not.toContain('removed');
      await put(directory, 'trigger.yaml', good);
      await dev.process.printed(/^no mistakes left in the manifests$/m);
      await post(brokerUrl, { id: 'afterwards' });
      await subscriber.received(2);
    },
  );

  it('is named for the second object of the same name; the first one stays in charge', async () => {
    const [first, second] = [await startSubscriber(), await startSubscriber()];
    const { directory, dev, brokerUrl } = await startOn({
      'broker.yaml': brokerYaml(),
      'm.yaml': trigger(first.url),
    });
    await put(directory, 'z.yaml', trigger(second.url));
    const [line] = await dev.process.printed(/^error: z\.yaml.*$/m);
    expect(line).toMatch(
      /^error: z\.yaml:1: Trigger default\/orders: metadata\.name: the same object is already in .*m\.yaml:1: /,
    );
    await post(brokerUrl);
    await first.received(1);
    expect(second.deliveries).toEqual([]);
  });

  it('does not keep other files from being applied', async () => {
    const { directory, dev } = await startOn({ 'broker.yaml': brokerYaml() });
    await put(directory, 'bad.yaml', 'kind: [');
    await dev.process.printed(/^error: bad\.yaml:1: /m);
    await put(directory, 'other.yaml', brokerYaml('other'));
    await dev.process.printed(/^Broker +default\/other +True/m);
  });
});
