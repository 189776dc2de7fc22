import { describe, expect, it } from 'vitest';
import { startStore } from '../testing/store.ts';
import { ShippedDefinitions } from './shipped-definitions.ts';

const DEFINITION = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
} as const;
const TRIGGERS = { name: 'triggers.eventing.knative.dev' };

describe('definitions of built-in kinds', () => {
  it('are there when somebody asks, and not before', async () => {
    const { store } = await startStore();
    const definitions = new ShippedDefinitions({ store });
    expect((await store.list(DEFINITION)).items).toEqual([]);
    await Promise.all([definitions.ensure(), definitions.ensure()]);
    const found = await store.get(DEFINITION, TRIGGERS);
    expect(found).toMatchObject({ spec: { names: { kind: 'Trigger' } } });
    await definitions.ensure();
    expect(await store.get(DEFINITION, TRIGGERS)).toBe(found);
  });

  it('come back after they were deleted, because their kinds are still served', async () => {
    const { store } = await startStore();
    const definitions = new ShippedDefinitions({ store });
    await definitions.ensure();
    const body = { metadata: { finalizers: null } };
    await store.patch(DEFINITION, TRIGGERS, { type: 'merge', body });
    await store.delete(DEFINITION, TRIGGERS);
    await definitions.ensure();
    expect(await store.get(DEFINITION, TRIGGERS)).toMatchObject({ metadata: TRIGGERS });
  });

  it('leave alone what somebody applied in their place', async () => {
    const { store } = await startStore();
    const definitions = new ShippedDefinitions({ store });
    await definitions.ensure();
    const { metadata, ...rest } = await store.get(DEFINITION, TRIGGERS);
    const { name, finalizers } = metadata;
    const spec = rest.spec as { names: object };
    const body = {
      ...rest,
      metadata: { name, finalizers },
      spec: { ...spec, names: { ...spec.names, shortNames: ['trig'] } },
    };
    await store.patch(
      DEFINITION,
      TRIGGERS,
      { type: 'apply', body, force: true },
      { fieldManager: 'somebody' },
    );
    await new ShippedDefinitions({ store }).ensure();
    expect(await store.get(DEFINITION, TRIGGERS)).toMatchObject({
      spec: { names: { shortNames: ['trig'] } },
    });
  });
});
