/** Sequence and Parallel: compositions of channels and subscriptions. */
import { describe, expect, it } from 'vitest';
import type { Afflux } from '@afflux/server';
import { flowYaml } from '../support/manifests.ts';
import { drained, post, readyOf, seen, startAfflux } from '../support/process.ts';
import {
  failFirst,
  replyWith,
  startSubscriber,
  type Answer,
  type Delivery,
  type Subscriber,
} from '../support/subscriber.ts';

async function addressOf(afflux: Afflux, kind: string, name: string): Promise<string> {
  return (await seen(afflux, kind, name)).status.address?.url ?? '';
}

/** Replies with the event it got, its text extended. */
function appending(text: string): Answer {
  return (delivery: Delivery) => ({
    status: 200,
    headers: {
      'ce-specversion': '1.0',
      'ce-id': delivery.event.id,
      'ce-source': delivery.event.source,
      'ce-type': delivery.event.type,
      'content-type': 'text/plain',
    },
    body: `${delivery.event.data?.toString() ?? ''}${text}`,
  });
}

async function startSteps(...answers: readonly Answer[]): Promise<readonly Subscriber[]> {
  return Promise.all(answers.map((answer) => startSubscriber(answer)));
}

function stepsText(steps: readonly Subscriber[], reply?: Subscriber): string {
  const lines = steps.map(({ url }) => `  - uri: ${url}`);
  return [
    'steps:',
    ...lines,
    ...(reply === undefined ? [] : ['reply:', `  uri: ${reply.url}`]),
  ].join('\n');
}

describe('TestSequence', () => {
  it('hands the reply of each step to the next, in order, and the last one to reply', async () => {
    const steps = await startSteps(appending('-a'), appending('-b'), appending('-c'));
    const sink = await startSubscriber();
    const afflux = await startAfflux(flowYaml('Sequence', 'seq', stepsText(steps, sink)));
    await post(await addressOf(afflux, 'Sequence', 'seq'), {}, 'start');
    await sink.received(1);
    await drained(afflux);
    expect(sink.texts).toEqual(['start-a-b-c']);
  });

  it('is Ready and shows its channels and subscriptions', async () => {
    const steps = await startSteps(200, 200);
    const afflux = await startAfflux(flowYaml('Sequence', 'seq', stepsText(steps)));
    expect(await readyOf(afflux, 'Sequence', 'seq')).toMatchObject({ ready: 'True' });
    const { channelStatuses, subscriptionStatuses } = (await seen(afflux, 'Sequence', 'seq'))
      .status;
    expect(
      [channelStatuses, subscriptionStatuses].map((list) => (list as unknown[]).length),
    ).toEqual([2, 2]);
  });

  it('ends where a step does not reply', async () => {
    const steps = await startSteps(200, 200);
    const afflux = await startAfflux(flowYaml('Sequence', 'seq', stepsText(steps)));
    await post(await addressOf(afflux, 'Sequence', 'seq'));
    await drained(afflux);
    expect(steps.map(({ deliveries }) => deliveries.length)).toEqual([1, 0]);
  });

  it("follows each step's own delivery", async () => {
    const dead = await startSubscriber();
    const step = await startSubscriber(failFirst(10));
    const afflux = await startAfflux(
      flowYaml(
        'Sequence',
        'seq',
        `
        steps:
          - uri: ${step.url}
            delivery:
              retry: 1
              backoffPolicy: linear
              backoffDelay: PT0.01S
              deadLetterSink:
                uri: ${dead.url}
        `,
      ),
    );
    await post(await addressOf(afflux, 'Sequence', 'seq'), { id: 'lost' });
    await dead.received(1);
    expect([step.deliveries.length, dead.ids]).toEqual([2, ['lost']]);
  });

  it('follows a step that is added and one that is taken away', async () => {
    const steps = await startSteps(appending('-a'), appending('-b'));
    const sink = await startSubscriber();
    const afflux = await startAfflux(
      flowYaml('Sequence', 'seq', stepsText(steps.slice(0, 1), sink)),
    );
    const url = await addressOf(afflux, 'Sequence', 'seq');
    await post(url, {}, 'one');
    await sink.received(1);
    await afflux.apply(flowYaml('Sequence', 'seq', stepsText(steps, sink)));
    await post(url, {}, 'two');
    await sink.received(2);
    await afflux.apply(flowYaml('Sequence', 'seq', stepsText(steps.slice(1), sink)));
    await post(url, {}, 'three');
    await sink.received(3);
    expect(sink.texts).toEqual(['one-a', 'two-a-b', 'three-b']);
  });

  it('takes a Sequence as the reply of another', async () => {
    const steps = await startSteps(appending('-a'), appending('-b'));
    const sink = await startSubscriber();
    const afflux = await startAfflux(
      flowYaml('Sequence', 'second', stepsText(steps.slice(1), sink)) +
        flowYaml(
          'Sequence',
          'first',
          `
          steps:
            - uri: ${steps[0]?.url ?? ''}
          reply:
            ref: { apiVersion: flows.knative.dev/v1, kind: Sequence, name: second }
          `,
        ),
    );
    await post(await addressOf(afflux, 'Sequence', 'first'), {}, 'x');
    await sink.received(1);
    expect(sink.texts).toEqual(['x-a-b']);
  });

  it('is refused without steps', async () => {
    const afflux = await startAfflux('');
    await expect(afflux.apply(flowYaml('Sequence', 'seq', 'steps: []'))).rejects.toThrow(
      'missing field(s)',
    );
  });

  it('removes everything it made', async () => {
    const steps = await startSteps(200, 200);
    const afflux = await startAfflux(flowYaml('Sequence', 'seq', stepsText(steps)));
    await afflux.remove({
      apiVersion: 'flows.knative.dev/v1',
      kind: 'Sequence',
      namespace: 'default',
      name: 'seq',
    });
    await expect
      .poll(() => afflux.objects().map(({ kind, name }) => `${kind} ${name}`))
      .toEqual([]);
  });
});

/** A filter that lets an event pass by replying with it. */
const PASSES = appending('');

describe('TestParallel', () => {
  it('lets only the branch whose filter passes reply', async () => {
    const [passing, refusing] = await startSteps(PASSES, 200);
    const [first, second] = await startSteps(appending('-first'), appending('-second'));
    const sink = await startSubscriber();
    const afflux = await startAfflux(
      flowYaml(
        'Parallel',
        'par',
        `
        branches:
          - filter: { uri: '${passing?.url ?? ''}' }
            subscriber: { uri: '${first?.url ?? ''}' }
          - filter: { uri: '${refusing?.url ?? ''}' }
            subscriber: { uri: '${second?.url ?? ''}' }
        reply: { uri: '${sink.url}' }
        `,
      ),
    );
    await post(await addressOf(afflux, 'Parallel', 'par'), {}, 'x');
    await sink.received(1);
    await drained(afflux);
    expect(sink.texts).toEqual(['x-first']);
    expect(second?.deliveries).toHaveLength(0);
  });

  it('hands the event to every branch without a filter', async () => {
    const branches = await startSteps(200, 200, 200);
    const lines = branches.map(({ url }) => `  - subscriber: { uri: '${url}' }`);
    const afflux = await startAfflux(
      flowYaml('Parallel', 'par', ['branches:', ...lines].join('\n')),
    );
    await post(await addressOf(afflux, 'Parallel', 'par'), { id: 'all' });
    await drained(afflux);
    expect(branches.map(({ ids }) => ids)).toEqual([['all'], ['all'], ['all']]);
  });

  it("prefers a branch's own reply to that of the Parallel", async () => {
    const [branch] = await startSteps(replyWith('done'));
    const [own, common] = await startSteps(200, 200);
    const afflux = await startAfflux(
      flowYaml(
        'Parallel',
        'par',
        `
        branches:
          - subscriber: { uri: '${branch?.url ?? ''}' }
            reply: { uri: '${own?.url ?? ''}' }
        reply: { uri: '${common?.url ?? ''}' }
        `,
      ),
    );
    await post(await addressOf(afflux, 'Parallel', 'par'));
    await own?.received(1);
    await drained(afflux);
    expect(common?.deliveries).toHaveLength(0);
  });

  it('continues with the event that the filter replied, not with the original', async () => {
    const [filter, branch] = await startSteps(replyWith('changed', 'by filter'), 200);
    const afflux = await startAfflux(
      flowYaml(
        'Parallel',
        'par',
        `
        branches:
          - filter: { uri: '${filter?.url ?? ''}' }
            subscriber: { uri: '${branch?.url ?? ''}' }
        `,
      ),
    );
    await post(await addressOf(afflux, 'Parallel', 'par'));
    await branch?.received(1);
    expect(branch?.texts).toEqual(['by filter']);
  });

  it("follows each branch's own delivery", async () => {
    const [branch, dead] = await startSteps(500, 200);
    const afflux = await startAfflux(
      flowYaml(
        'Parallel',
        'par',
        `
        branches:
          - subscriber: { uri: '${branch?.url ?? ''}' }
            delivery: { retry: 0, deadLetterSink: { uri: '${dead?.url ?? ''}' } }
        `,
      ),
    );
    await post(await addressOf(afflux, 'Parallel', 'par'), { id: 'lost' });
    await dead?.received(1);
    expect(dead?.ids).toEqual(['lost']);
  });

  it('is Ready and shows its branches', async () => {
    const afflux = await startAfflux(
      flowYaml('Parallel', 'par', "branches: [{ subscriber: { uri: 'http://x' } }]"),
    );
    expect(await readyOf(afflux, 'Parallel', 'par')).toMatchObject({ ready: 'True' });
    expect((await seen(afflux, 'Parallel', 'par')).status['branchStatuses']).toHaveLength(1);
  });

  it('is refused without branches', async () => {
    const afflux = await startAfflux('');
    await expect(afflux.apply(flowYaml('Parallel', 'par', 'branches: []'))).rejects.toThrow(
      'missing field(s)',
    );
  });
});
