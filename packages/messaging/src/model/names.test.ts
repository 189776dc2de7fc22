import { expect, test } from 'vitest';
import { channelHost, channelPath } from './names.ts';

test("a channel answers to the name of Knative's Service for it", () => {
  expect(channelHost('shop', 'orders')).toBe('orders-kn-channel.shop.svc.cluster.local');
  expect(channelPath('shop', 'orders')).toBe('/shop/channels/orders');
});

test('a name that is too long for a Service is shortened as Knative does', () => {
  const [label = ''] = channelHost('shop', 'o'.repeat(60)).split('.');
  expect(label).toHaveLength(63);
  expect(label).toMatch(/^o{20}[0-9a-f]{32}-kn-channel$/);
});
