import { describe, expect, test } from 'vitest';
import {
  isTopicName,
  kafkaBrokerTopic,
  kafkaChannelTopic,
  kafkaSubscriptionGroup,
  kafkaTriggerGroup,
  rabbitmqBrokerExchange,
  rabbitmqChannelExchange,
  rabbitmqSubscriptionQueue,
  rabbitmqTriggerQueue,
} from './storage-names.ts';

const ORDERS = { namespace: 'shop', name: 'orders' };
const MAIL = { namespace: 'shop', channel: 'orders', subscription: 'mail' };

test.each([
  [kafkaBrokerTopic(ORDERS), 'knative-broker-shop-orders'],
  [kafkaChannelTopic(ORDERS), 'knative-messaging-kafka.shop.orders'],
  [kafkaTriggerGroup(ORDERS), 'knative-trigger-shop-orders'],
  [kafkaSubscriptionGroup(MAIL), 'kafka.shop.orders.mail'],
  [rabbitmqBrokerExchange(ORDERS), 'b.shop.orders'],
  [rabbitmqTriggerQueue(ORDERS), 't.shop.orders'],
  [rabbitmqChannelExchange(ORDERS), 'c.shop.orders'],
  [rabbitmqSubscriptionQueue(MAIL), 's.shop.orders.mail'],
])('%s', (name, expected) => {
  expect(name).toBe(expected);
});

describe('two objects never share a name', () => {
  test('where dots could be read in two ways', () => {
    const left = kafkaSubscriptionGroup({ ...MAIL, channel: 'a.b', subscription: 'c' });
    const right = kafkaSubscriptionGroup({ ...MAIL, channel: 'a', subscription: 'b.c' });
    expect(left).not.toBe(right);
  });

  test('where a subscriber comes from another namespace', () => {
    const own = rabbitmqSubscriptionQueue(MAIL);
    const other = rabbitmqSubscriptionQueue({ ...MAIL, subscription: 'crm/mail' });
    expect(other).toBe('s.shop.orders.crm_mail');
    expect(other).not.toBe(own);
  });

  test('where they are too long for the back-end', () => {
    const long = (end: string) =>
      kafkaBrokerTopic({ namespace: 'n'.repeat(63), name: `${'x'.repeat(240)}${end}` });
    expect(long('a')).toHaveLength(249);
    expect(long('a')).not.toBe(long('b'));
    expect(isTopicName(long('a'))).toBe(true);
    const exchange = rabbitmqBrokerExchange({ namespace: 'n', name: 'x'.repeat(253) });
    expect(exchange).toHaveLength(200);
  });
});

test.each([
  ['a', true],
  ['A.b_c-1', true],
  ['', false],
  ['.', false],
  ['..', false],
  ['a/b', false],
  ['a b', false],
  ['x'.repeat(250), false],
])('%j as a topic name: %s', (name, expected) => {
  expect(isTopicName(name)).toBe(expected);
});
