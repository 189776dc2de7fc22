/** Subscribers that are `v1` Services, on a machine without a cluster. */
import { describe, expect, it } from 'vitest';
import { brokerYaml, triggerYaml } from '../support/manifests.ts';
import { post } from '../support/process.ts';
import { startSubscriber } from '../support/subscriber.ts';
import { directoryWith, put, SOON, startDev } from './command.ts';

const SERVICE_REF = `
subscriber:
  ref:
    apiVersion: v1
    kind: Service
    name: orders
  uri: /incoming`;

const MANIFESTS = {
  'manifests/all.yaml': brokerYaml() + triggerYaml({ name: 'orders', spec: SERVICE_REF }),
};

describe('a trigger whose subscriber is a Service', () => {
  it('delivers to where `services` of the project file says that it runs', async () => {
    const subscriber = await startSubscriber();
    const directory = await directoryWith({
      ...MANIFESTS,
      'project.yaml': `manifests: [manifests]\nservices:\n  default/orders: ${subscriber.url}\n`,
    });
    const { process, eventsUrl } = await startDev(['--config', 'project.yaml'], {
      cwd: directory,
    });
    expect(process.output).toMatch(
      new RegExp(`^Trigger +default/orders +True +${subscriber.url}incoming$`, 'm'),
    );
    await post(`${eventsUrl}/default/main`);
    const [delivery] = await subscriber.received(1);
    expect(delivery?.path).toBe('/incoming');
  });

  it('takes the project file of the working directory without being told', async () => {
    const directory = await directoryWith({
      ...MANIFESTS,
      'afflux.yaml':
        'manifests: [manifests]\nservices: { default/orders: http://localhost:9000 }\n',
    });
    const { process } = await startDev([], { cwd: directory });
    expect(process.output).toMatch(/^Trigger +default\/orders +True /m);
  });

  it('is not ready without a mapping, and says what to add', async () => {
    const directory = await directoryWith(MANIFESTS);
    const { process } = await startDev(['-f', directory]);
    const lines = process.output.split('\n');
    const index = lines.findIndex((line) => /^Trigger +default\/orders +False /.test(line));
    expect(index).toBeGreaterThan(0);
    expect(lines[index + 1]).toContain('default/orders');
    expect(lines[index + 1]).toContain('services:');
    expect(lines[index + 1]).toContain('afflux.yaml');
    expect(lines[index + 1]).toContain('ExternalName');
  });

  it('becomes ready when a Service of type ExternalName is added while it runs', async () => {
    const subscriber = await startSubscriber();
    const directory = await directoryWith(MANIFESTS);
    const { process, eventsUrl } = await startDev(['-f', directory]);
    expect(process.output).toMatch(/^Trigger +default\/orders +False /m);
    await put(
      directory,
      'manifests/service.yaml',
      `apiVersion: v1
kind: Service
metadata:
  name: orders
spec:
  type: ExternalName
  externalName: localhost
  ports:
    - port: ${String(subscriber.port)}
`,
    );
    await expect
      .poll(async () => {
        await post(`${eventsUrl}/default/main`);
        return subscriber.deliveries.length;
      }, SOON)
      .toBeGreaterThan(0);
  });
});
