import { describe, expect, test } from 'vitest';
import { memoryChannel, subscription } from '../testing/objects.ts';
import { effectiveDelivery, subscriberEntry } from './subscriber-entry.ts';

const SINK = { uri: 'http://localhost:9/dead' };
const OTHER = { uri: 'http://localhost:9/unresolved' };

describe('effective delivery', () => {
  test.each([
    ['nothing anywhere', undefined, undefined, undefined, undefined],
    ["the channel's alone", undefined, { retry: 1 }, undefined, { retry: 1 }],
    ['its own alone', { retry: 2 }, undefined, undefined, { retry: 2 }],
    [
      'its own replaces all of the channel',
      { retry: 2 },
      { retry: 1, timeout: 'PT1S' },
      undefined,
      { retry: 2 },
    ],
    ['an empty one of its own, too', {}, { retry: 1 }, undefined, undefined],
    [
      'the dead letter sink falls back by itself',
      { retry: 2 },
      { retry: 1, deadLetterSink: OTHER },
      SINK,
      { retry: 2, deadLetterSink: SINK },
    ],
    [
      'a sink is written as it was resolved',
      { deadLetterSink: OTHER },
      undefined,
      SINK,
      { deadLetterSink: SINK },
    ],
    [
      'a sink that was not resolved is left out',
      { deadLetterSink: OTHER },
      undefined,
      undefined,
      undefined,
    ],
    [
      'every field is copied, format included',
      undefined,
      {
        retry: 1,
        timeout: 'PT1S',
        backoffPolicy: 'linear',
        backoffDelay: 'PT2S',
        retryAfterMax: 'PT3S',
        format: 'json',
      },
      undefined,
      {
        retry: 1,
        timeout: 'PT1S',
        backoffPolicy: 'linear',
        backoffDelay: 'PT2S',
        retryAfterMax: 'PT3S',
        format: 'json',
      },
    ],
  ] as const)('%s', (_name, own, channels, sink, expected) => {
    expect(effectiveDelivery(own, channels, sink)).toEqual(expected);
  });
});

test('certificates and audiences travel with their addresses', () => {
  const object = subscription('a', {}, { metadata: { uid: 'a-uid', generation: 4 } });
  const physical = {
    subscriberUri: 'https://a',
    subscriberCACerts: 'A',
    subscriberAudience: 'aud-a',
    replyUri: 'https://b',
    replyCACerts: 'B',
    replyAudience: 'aud-b',
    deadLetterSinkUri: 'https://c',
    deadLetterSinkCACerts: 'C',
    deadLetterSinkAudience: 'aud-c',
  };
  expect(subscriberEntry(object, physical, memoryChannel('orders'))).toEqual({
    name: 'a',
    uid: 'a-uid',
    generation: 4,
    subscriberUri: 'https://a',
    subscriberCACerts: 'A',
    subscriberAudience: 'aud-a',
    replyUri: 'https://b',
    replyCACerts: 'B',
    replyAudience: 'aud-b',
    delivery: { deadLetterSink: { uri: 'https://c', CACerts: 'C', audience: 'aud-c' } },
  });
});
