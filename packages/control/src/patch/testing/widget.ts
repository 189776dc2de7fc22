/** A kind that has every sort of field, arbitrary specs of it, and an object around them. Tests only. */
import type { ApiObject } from '@afflux/resources';
import fc from 'fast-check';
import type { MergeSchema } from '../../store/resource-store.ts';

export const WIDGET: MergeSchema = {
  properties: {
    spec: {
      properties: {
        text: {},
        order: {},
        tags: { 'x-kubernetes-list-type': 'set' },
        point: { 'x-kubernetes-map-type': 'atomic' },
        groups: { additionalProperties: { properties: { size: {}, owner: {} } } },
        ports: {
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['port', 'protocol'],
          items: { properties: { port: {}, protocol: { default: 'TCP' }, label: {} } },
        },
        nested: { properties: { deep: { properties: { a: {}, b: {} } } } },
      },
    },
  },
};

export function widget(spec?: unknown, metadata: object = {}): ApiObject {
  return {
    apiVersion: 'example.org/v1',
    kind: 'Widget',
    metadata: { name: 'w', ...metadata },
    ...(spec === undefined ? {} : { spec }),
  };
}

const word = fc.constantFrom('a', 'b', 'c', 'd<"é');
const port = fc.record(
  {
    port: fc.integer({ min: 8, max: 11 }),
    protocol: fc.constantFrom('TCP', 'UDP'),
    label: word,
  },
  { requiredKeys: ['port'] },
);

function portId(item: { port: number; protocol?: string }): string {
  return `${String(item.port)}/${item.protocol ?? 'TCP'}`;
}

/** Specs without empty objects and lists, so that every field in them can be owned. */
export const widgetSpec = fc.record(
  {
    text: word,
    order: fc.array(word, { minLength: 1, maxLength: 3 }),
    tags: fc.uniqueArray(word, { minLength: 1 }),
    point: fc.record({ x: fc.nat(3), y: fc.nat(3) }),
    groups: fc.dictionary(word, fc.record({ size: fc.nat(3), owner: word }), {
      minKeys: 1,
      maxKeys: 3,
    }),
    ports: fc.uniqueArray(port, { minLength: 1, maxLength: 4, selector: portId }),
    nested: fc.record({ deep: fc.record({ a: word, b: word }, { requiredKeys: ['a'] }) }),
  },
  { requiredKeys: [] },
);
