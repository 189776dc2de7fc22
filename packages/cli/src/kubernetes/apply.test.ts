import { expect, it } from 'vitest';
import { inApplyOrder } from './apply.ts';

it('applies what others need first, and keeps the order of the rest', () => {
  const kinds = [
    'Trigger',
    'Secret',
    'Broker',
    'CustomResourceDefinition',
    'ConfigMap',
    'Namespace',
    'Trigger',
  ];
  const objects = kinds.map((kind, index) => ({
    object: { apiVersion: 'v1', kind, metadata: { name: String(index) } },
    source: 'x.yaml',
  }));
  const ordered = inApplyOrder(objects).map(
    ({ object }) => `${object.kind} ${object.metadata.name}`,
  );
  expect(ordered).toEqual([
    'Namespace 5',
    'CustomResourceDefinition 3',
    'Secret 1',
    'ConfigMap 4',
    'Trigger 0',
    'Broker 2',
    'Trigger 6',
  ]);
});
