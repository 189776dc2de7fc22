/** A kind that has every sort of field, and objects of it. Tests only. */
import type { ApiObject } from '@afflux/resources';
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
