import { kindsOfCrd, KindRegistry, type CustomResourceDefinition } from '@afflux/resources';
import { expect, test } from 'vitest';
import { deprecationWarning } from './deprecation.ts';

type Version = Partial<CustomResourceDefinition['spec']['versions'][number]> & {
  readonly name: string;
};

/** What clients of `v1beta1` are told when there are these versions. */
function warningOf(...versions: readonly Version[]): string | undefined {
  const crd: CustomResourceDefinition = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'orders.shop.example' },
    spec: {
      group: 'shop.example',
      scope: 'Namespaced',
      names: { plural: 'orders', kind: 'Order' },
      versions: versions.map((version) => ({ served: true, storage: false, ...version })),
    },
  };
  const registry = new KindRegistry(kindsOfCrd(crd));
  const definition = registry.get('shop.example/v1beta1', 'Order');
  if (definition === undefined) throw new Error('v1beta1 is not served');
  return deprecationWarning(definition, registry);
}

const OLD = { name: 'v1beta1', deprecated: true } as const;
const HEAD = 'shop.example/v1beta1 Order is deprecated';

test('a version that is not deprecated has no warning', () => {
  expect(warningOf({ name: 'v1beta1' }, { name: 'v1' })).toBeUndefined();
});

test('the best later version is recommended', () => {
  expect(warningOf(OLD, { name: 'v1beta2' }, { name: 'v1' })).toBe(
    `${HEAD}; use shop.example/v1 Order`,
  );
});

test('versions that are earlier, deprecated or not served are not', () => {
  const others: Version[] = [
    { name: 'v1alpha1' },
    { name: 'v1beta2', deprecated: true },
    { name: 'v1', served: false },
  ];
  expect(warningOf(OLD, ...others)).toBe(HEAD);
});

test('a definition may have words of its own', () => {
  const deprecationWarning = 'ask the shop';
  expect(warningOf({ ...OLD, deprecationWarning }, { name: 'v1' })).toBe('ask the shop');
});
