/** What becomes of an event that a channel's subscriber does not take at once: retries and dead letters. */
import { describe, expect, it } from 'vitest';
import { CHANNEL_KINDS, startChannel } from '../support/channel.ts';
import { channelYaml, subscriptionYaml } from '../support/manifests.ts';
import { drained, post, seen, startAfflux } from '../support/process.ts';
import {
  failFirst,
  replyWith,
  startSubscriber,
  UNREACHABLE,
  type Answer,
  type Delivery,
} from '../support/subscriber.ts';

function deadLetterText(uri: string, retry = 0): string {
  return `
    delivery:
      retry: ${String(retry)}
      backoffPolicy: linear
      backoffDelay: PT0.01S
      deadLetterSink: { uri: '${uri}' }
  `;
}

function textOf(delivery: Delivery | undefined, name: string): string | undefined {
  return delivery?.event.getText(name);
}

describe('TestChannelDeadLetterSink', () => {
  it("sends what a subscriber refuses to the channel's dead letter sink", async () => {
    const dead = await startSubscriber();
    const { url } = await startChannel({ answer: 400, channelSpec: deadLetterText(dead.url) });
    await post(url, { id: 'lost' });
    await dead.received(1);
    expect(dead.ids).toEqual(['lost']);
  });

  it("prefers the Subscription's own dead letter sink", async () => {
    const [own, ofChannel] = [await startSubscriber(), await startSubscriber()];
    const { afflux, url } = await startChannel({
      answer: 400,
      spec: deadLetterText(own.url),
      channelSpec: deadLetterText(ofChannel.url),
    });
    await post(url);
    await own.received(1);
    await drained(afflux);
    expect(ofChannel.deliveries).toHaveLength(0);
  });

  it("falls back to the channel's sink where the Subscription's delivery names none", async () => {
    const ofChannel = await startSubscriber();
    const { url } = await startChannel({
      answer: 500,
      spec: 'delivery: { retry: 0 }',
      channelSpec: deadLetterText(ofChannel.url, 5),
    });
    await post(url);
    await ofChannel.received(1);
  });
});

describe('TestGenericChannelDeadLetterSink', () => {
  it("hands a Channel's delivery on to what backs it", async () => {
    const dead = await startSubscriber();
    const { afflux, url } = await startChannel({
      kind: 'Channel',
      answer: 400,
      channelSpec: deadLetterText(dead.url),
    });
    await post(url, { id: 'lost' });
    await dead.received(1);
    expect((await seen(afflux, 'Channel', 'main')).status.deadLetterSinkUri).toBe(dead.url);
  });
});

describe('TestChannelAsDeadLetterSink', () => {
  it.each(CHANNEL_KINDS)('takes a %s as dead letter sink', async (kind) => {
    const logger = await startSubscriber();
    const afflux = await startAfflux(
      channelYaml({ name: 'main' }) +
        channelYaml({ name: 'dead', kind }) +
        subscriptionYaml({ name: 'log', channel: 'dead', kind, uri: logger.url }) +
        subscriptionYaml({
          name: 'one',
          channel: 'main',
          uri: UNREACHABLE,
          spec: `
            delivery:
              retry: 0
              deadLetterSink:
                ref: { apiVersion: messaging.knative.dev/v1, kind: ${kind}, name: dead }
          `,
        }),
    );
    await post(afflux.channelUrl('default', 'main'), { id: 'lost' });
    const [letter] = await logger.received(1);
    expect(letter?.event.id).toBe('lost');
    expect(textOf(letter, 'knativeerrordest')).toBe(UNREACHABLE);
  });
});

describe('TestChannelDeadLetterSinkExtensions', () => {
  async function letterAfter(answer: Answer | undefined): Promise<{
    readonly letter: Delivery | undefined;
    readonly uri: string;
  }> {
    const dead = await startSubscriber();
    const uri = answer === undefined ? UNREACHABLE : (await startSubscriber(answer)).url;
    const afflux = await startAfflux(
      channelYaml({ name: 'main', spec: deadLetterText(dead.url) }) +
        subscriptionYaml({ name: 'one', channel: 'main', uri }),
    );
    await post(afflux.channelUrl('default', 'main'));
    const [letter] = await dead.received(1);
    return { letter, uri };
  }

  it('names the address that cannot be reached', async () => {
    const { letter, uri } = await letterAfter(undefined);
    expect(textOf(letter, 'knativeerrordest')).toBe(uri);
    expect(textOf(letter, 'knativeerrorcode')).toBe('500');
  });

  it('names address and status of an answer without a body', async () => {
    const { letter, uri } = await letterAfter(422);
    expect(textOf(letter, 'knativeerrordest')).toBe(uri);
    expect(textOf(letter, 'knativeerrorcode')).toBe('422');
  });

  it('carries a body of several lines in base64', async () => {
    const body = '<!doctype html>\n<html>\n<body>catastrophic failure</body>\n</html>\n';
    const { letter } = await letterAfter({ status: 422, body });
    expect(textOf(letter, 'knativeerrordata')).toBe(Buffer.from(body).toString('base64'));
  });
});

describe('TestChannelConformance · retries', () => {
  /** What the four subscriptions of upstream's test do, all on one channel that has a dead letter sink. */
  it.each([
    { name: 'sub1 succeeds at once', answer: 200, attempts: 1, deadLetters: 0 },
    { name: 'sub2 fails once and recovers', answer: failFirst(1), attempts: 2, deadLetters: 0 },
    { name: 'sub3 fails for good', answer: 500, attempts: 2, deadLetters: 1 },
  ])('$name with retry: 1', async ({ answer, attempts, deadLetters }) => {
    const dead = await startSubscriber();
    const { afflux, url, sink } = await startChannel({
      answer,
      channelSpec: deadLetterText(dead.url, 1),
    });
    await post(url);
    await sink.received(attempts);
    await drained(afflux);
    expect([sink.deliveries.length, dead.deliveries.length]).toEqual([attempts, deadLetters]);
  });

  it.each([
    { name: 'fails once is recovered', replyAnswer: failFirst(1), deadLetters: [] },
    { name: 'fails twice is dead-lettered', replyAnswer: 500, deadLetters: ['original'] },
  ])(
    'sub4: with retry: 1 a reply that $name; the subscriber is called once',
    async ({ replyAnswer, deadLetters }) => {
      const dead = await startSubscriber();
      const reply = await startSubscriber(replyAnswer);
      const { afflux, url, sink } = await startChannel({
        answer: replyWith('reply'),
        spec: `reply: { uri: '${reply.url}' }`,
        channelSpec: deadLetterText(dead.url, 1),
      });
      await post(url, { id: 'original' });
      await reply.received(2);
      await drained(afflux);
      expect(sink.deliveries).toHaveLength(1);
      expect(dead.ids).toEqual(deadLetters);
      expect(dead.deliveries.map((letter) => textOf(letter, 'knativeerrordest'))).toEqual(
        deadLetters.map(() => reply.url),
      );
    },
  );
});
