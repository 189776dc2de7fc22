/** TestMTChannelBrokerNewTriggerFilters: the filter dialects, from YAML to what arrives. */
import { describe, expect, it } from 'vitest';
import { brokerYaml, triggerYaml } from '../support/manifests.ts';
import { drained, post, startAfflux } from '../support/process.ts';
import { startSubscriber } from '../support/subscriber.ts';

/** The events that every case posts, by id. */
const EVENTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  created: {
    type: 'order.created',
    source: '/shop/eu',
    subject: 'a.png',
    region: 'eu',
    total: '7',
  },
  deleted: { type: 'order.deleted', source: '/shop/us', subject: 'b.jpg', region: 'us' },
  plain: { type: 'invoice', source: '/billing' },
};

/** Posts {@link EVENTS} and says which of them a trigger with this `spec` text got. */
async function matched(spec: string): Promise<readonly string[]> {
  const sink = await startSubscriber();
  const afflux = await startAfflux(
    brokerYaml() + triggerYaml({ name: 'one', uri: sink.url, spec }),
  );
  for (const [id, attributes] of Object.entries(EVENTS)) {
    await post(afflux.brokerUrl('default', 'main'), { id, ...attributes });
  }
  await drained(afflux);
  return sink.ids.toSorted();
}

describe('TestMTChannelBrokerNewTriggerFilters', () => {
  it.each([
    ['exact', 'filters: [{ exact: { type: order.created } }]', ['created']],
    ['exact on an extension', 'filters: [{ exact: { region: us } }]', ['deleted']],
    ['exact is case-sensitive', 'filters: [{ exact: { type: Order.Created } }]', []],
    [
      'exact on several attributes wants all of them',
      'filters: [{ exact: { type: order.created, region: us } }]',
      [],
    ],
    ['prefix', 'filters: [{ prefix: { type: order. } }]', ['created', 'deleted']],
    ['suffix', 'filters: [{ suffix: { subject: .png } }]', ['created']],
    ['cesql', `filters: [{ cesql: "type LIKE 'order.%' AND region = 'us'" }]`, ['deleted']],
    ['cesql with arithmetic', 'filters: [{ cesql: "total * 2 = 14" }]', ['created']],
    ['cesql with EXISTS', 'filters: [{ cesql: "EXISTS region" }]', ['created', 'deleted']],
    [
      'cesql that fails to evaluate does not match',
      'filters: [{ cesql: "1 / total = 0 OR TRUE" }]',
      ['created'],
    ],
    ['not', 'filters: [{ not: { exact: { type: invoice } } }]', ['created', 'deleted']],
    [
      'all',
      'filters: [{ all: [{ prefix: { type: order } }, { suffix: { source: eu } }] }]',
      ['created'],
    ],
    [
      'any',
      'filters: [{ any: [{ exact: { region: us } }, { exact: { type: invoice } }] }]',
      ['deleted', 'plain'],
    ],
    [
      'any of several exact',
      'filters: [{ any: [{ exact: { type: a } }, { exact: { type: b } }, { exact: { type: invoice } }] }]',
      ['plain'],
    ],
    [
      'several top-level filters are ANDed',
      'filters: [{ prefix: { type: order } }, { exact: { region: eu } }]',
      ['created'],
    ],
    [
      'nested',
      'filters: [{ all: [{ not: { exact: { type: invoice } } }, { any: [{ exact: { region: eu } }] }] }]',
      ['created'],
    ],
    ['a missing extension does not match', 'filters: [{ exact: { nothere: x } }]', []],
    [
      'a missing extension matches not',
      'filters: [{ not: { exact: { region: eu } } }]',
      ['deleted', 'plain'],
    ],
    [
      'empty filters fall back to filter',
      'filters: []\nfilter: { attributes: { type: invoice } }',
      ['plain'],
    ],
    [
      'filters override filter',
      'filters: [{ exact: { type: order.created } }]\nfilter: { attributes: { type: invoice } }',
      ['created'],
    ],
    ['no filter at all matches everything', '', ['created', 'deleted', 'plain']],
    ['empty filter matches everything', 'filter: {}', ['created', 'deleted', 'plain']],
    [
      'filter.attributes with an empty value wants the attribute present',
      "filter: { attributes: { region: '' } }",
      ['created', 'deleted'],
    ],
    [
      'filter.attributes wants all of them',
      'filter: { attributes: { type: order.deleted, region: us } }',
      ['deleted'],
    ],
  ])('%s', async (_name, spec, expected) => {
    expect(await matched(spec)).toEqual(expected);
  });

  it('two triggers with different filters get their own events', async () => {
    const [orders, invoices] = [await startSubscriber(), await startSubscriber()];
    const afflux = await startAfflux(
      brokerYaml() +
        triggerYaml({
          name: 'orders',
          uri: orders.url,
          spec: 'filters: [{ prefix: { type: order. } }]',
        }) +
        triggerYaml({
          name: 'invoices',
          uri: invoices.url,
          spec: 'filters: [{ exact: { type: invoice } }]',
        }),
    );
    for (const [id, attributes] of Object.entries(EVENTS)) {
      await post(afflux.brokerUrl('default', 'main'), { id, ...attributes });
    }
    await drained(afflux);
    expect(orders.ids.toSorted()).toEqual(['created', 'deleted']);
    expect(invoices.ids).toEqual(['plain']);
  });
});

describe('filters that are refused', () => {
  it.each([
    [
      'two dialects in one filter',
      '{ exact: { a: b }, prefix: { a: b } }',
      'multiple dialects found',
    ],
    ['a CESQL expression that does not parse', '{ cesql: "type =" }', 'spec.filters[0].cesql'],
    ['a name that no attribute can have', '{ exact: { Type: b } }', 'invalid'],
    ['an empty value', "{ exact: { type: '' } }", 'spec.filters[0].exact'],
    ['an empty filter', '{}', 'spec.filters[0]'],
    ['a misspelled dialect', '{ exakt: { type: a } }', 'did you mean "exact"?'],
  ])('%s', async (_what, filter, message) => {
    const afflux = await startAfflux(brokerYaml());
    const yaml = triggerYaml({ name: 'one', uri: 'http://x', spec: `filters: [${filter}]` });
    await expect(afflux.apply(yaml)).rejects.toThrow(message);
  });
});
