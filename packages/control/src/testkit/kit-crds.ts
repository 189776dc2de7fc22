/** The kit's own kinds as CustomResourceDefinitions, for a back-end that is a cluster. */
import type { ApiObject } from '@afflux/resources';
import { FORM, FORM_SCHEMA, KIT_CUSTOM_KINDS, type KitKind } from './kinds.ts';

/** Takes any fields and keeps them. */
const OPEN = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };

const OPEN_SCHEMA = { ...OPEN, properties: { spec: OPEN, status: OPEN } };

function crdOf(kind: KitKind): ApiObject {
  const [, version = ''] = kind.apiVersion.split('/');
  const schema = kind === FORM ? FORM_SCHEMA : OPEN_SCHEMA;
  const selectableFields = (kind.selectableFields ?? []).map((path) => ({ jsonPath: `.${path}` }));
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${kind.plural}.${kind.group}` },
    spec: {
      group: kind.group,
      scope: kind.namespaced ? 'Namespaced' : 'Cluster',
      names: {
        kind: kind.kind,
        listKind: `${kind.kind}List`,
        plural: kind.plural,
        singular: kind.kind.toLowerCase(),
      },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          schema: { openAPIV3Schema: schema },
          ...(kind.hasStatus ? { subresources: { status: {} } } : {}),
          ...(selectableFields.length > 0 ? { selectableFields } : {}),
        },
      ],
    },
  };
}

/** One for each of the kit's own kinds; ConfigMap and Service a cluster has already. */
export function kitCrds(): ApiObject[] {
  return KIT_CUSTOM_KINDS.map(crdOf);
}
