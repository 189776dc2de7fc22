import { builtinKinds, type CustomResourceDefinition } from '@afflux/resources';
import { describe, expect, it } from 'vitest';
import { UserKinds } from './user-kinds.ts';

type Names = CustomResourceDefinition['spec']['names'];

const GROUP = 'shop.example';
const API_VERSION = `${GROUP}/v1`;
let uids = 0;

/** As it is admitted: with the names that follow from others. */
function definition(
  { plural, kind, ...more }: Names,
  { group = GROUP, ...rest }: { group?: string } & Partial<CustomResourceDefinition> = {},
): CustomResourceDefinition {
  const schema = {
    openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
  };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}`, uid: `uid-${String((uids += 1))}`, generation: 1 },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural, kind, singular: kind.toLowerCase(), listKind: `${kind}List`, ...more },
      versions: [{ name: 'v1', served: true, storage: true, schema }],
    },
    ...rest,
  };
}

/** The next state of a definition. */
function changed(crd: CustomResourceDefinition, names: Partial<Names>): CustomResourceDefinition {
  const { metadata, spec } = crd;
  return {
    ...crd,
    metadata: { ...metadata, generation: (metadata.generation ?? 0) + 1 },
    spec: { ...spec, names: { ...spec.names, ...names } },
  };
}

function makeKinds() {
  const registry = builtinKinds();
  const userKinds = new UserKinds({ registry });
  /** Plural and short names under which a kind is served. */
  const served = (kind: string) => {
    const found = registry.get(API_VERSION, kind);
    return found === undefined ? undefined : [found.plural, ...found.shortNames].join(' ');
  };
  return { registry, userKinds, served };
}

const BOXES = definition({ plural: 'boxes', kind: 'Box' });
const CRATES = definition({ plural: 'crates', kind: 'Box' });

describe('kinds that users define', () => {
  it('are served when their names are accepted, and until they are forgotten', () => {
    const { userKinds, served } = makeKinds();
    const naming = userKinds.accept(BOXES);
    expect(naming).toEqual({
      accepted: BOXES.spec.names,
      conflict: undefined,
      isEstablished: true,
    });
    expect(served('Box')).toBe('boxes');
    expect(userKinds.accept(BOXES)).toBe(naming);
    userKinds.forget(BOXES.metadata.name);
    expect(served('Box')).toBeUndefined();
    expect(userKinds.namingOf(BOXES.metadata.name)).toBeUndefined();
  });

  it('are not served while another definition has their names, and then are', () => {
    const { userKinds, served } = makeKinds();
    userKinds.accept(BOXES);
    const { conflict, isEstablished } = userKinds.accept(CRATES);
    expect([conflict?.reason, isEstablished]).toEqual(['ListKindConflict', false]);
    expect(userKinds.storedKindOf(CRATES.metadata.name)).toBeUndefined();
    userKinds.forget(BOXES.metadata.name);
    expect(userKinds.accept(CRATES).isEstablished).toBe(true);
    expect(served('Box')).toBe('crates');
  });

  it('may have the names of another group', () => {
    const { userKinds } = makeKinds();
    userKinds.accept(BOXES);
    const other = definition({ plural: 'boxes', kind: 'Box' }, { group: 'other.example' });
    expect(userKinds.accept(other).isEstablished).toBe(true);
  });

  it('keep the names they have when they ask for one that is taken', () => {
    const { userKinds, served } = makeKinds();
    userKinds.accept(definition({ plural: 'boxes', kind: 'Box', shortNames: ['bx'] }));
    const tins = definition({ plural: 'tins', kind: 'Tin', shortNames: ['tn'] });
    userKinds.accept(tins);
    const { conflict, isEstablished } = userKinds.accept(changed(tins, { shortNames: ['bx'] }));
    expect([conflict?.reason, isEstablished]).toEqual(['ShortNamesConflict', true]);
    expect(served('Tin')).toBe('tins tn');
    userKinds.accept(changed(changed(tins, {}), { shortNames: ['tt'] }));
    expect(served('Tin')).toBe('tins tt');
  });

  it('are those of the definition that has the name now, not of one before it', () => {
    const { userKinds } = makeKinds();
    userKinds.accept(BOXES);
    const next = definition({ plural: 'boxes', kind: 'Parcel' });
    expect(userKinds.accept(next).accepted.kind).toBe('Parcel');
    expect(userKinds.accept(CRATES).isEstablished).toBe(true);
  });

  it('cannot have the names of a kind of ours', () => {
    const { registry, userKinds } = makeKinds();
    const group = 'eventing.knative.dev';
    const ours = registry.get(`${group}/v1`, 'Trigger');
    const foos = definition({ plural: 'foos', kind: 'Trigger' }, { group });
    expect(userKinds.accept(foos)).toMatchObject({
      accepted: { plural: 'foos', kind: '' },
      conflict: { reason: 'ListKindConflict', message: '"TriggerList" is already in use' },
      isEstablished: false,
    });
    const another = definition({ plural: 'triggers', kind: 'Foo' }, { group });
    expect(userKinds.accept(another).conflict?.reason).toBe('PluralConflict');
    const itself = definition({ plural: 'triggers', kind: 'Trigger' }, { group });
    expect(userKinds.accept(itself).isEstablished).toBe(true);
    expect(registry.get(`${group}/v1`, 'Trigger')).toBe(ours);
  });
});

describe('what is learned of an earlier life', () => {
  const conditions = [{ type: 'Established', status: 'True' as const }];

  it('is served under the names that were accepted', () => {
    const { userKinds, served } = makeKinds();
    const names = { plural: 'tins', kind: 'Tin', shortNames: ['tn'] };
    const acceptedNames = { plural: 'tins', kind: 'Tin' };
    userKinds.learn(definition(names, { status: { acceptedNames, conditions } }));
    expect(served('Tin')).toBe('tins');
  });

  it('decides nothing: who was accepted may be learned later', () => {
    const { userKinds, served } = makeKinds();
    const acceptedNames = { plural: 'aaa', kind: '' };
    const waiting = definition({ plural: 'aaa', kind: 'Box' }, { status: { acceptedNames } });
    userKinds.learn(waiting);
    userKinds.learn(definition({ plural: 'bbb', kind: 'Box' }));
    userKinds.learn({ ...BOXES, status: { acceptedNames: BOXES.spec.names, conditions } });
    expect(served('Box')).toBe('boxes');
    expect(userKinds.accept(waiting).isEstablished).toBe(false);
  });

  it('is decided anew where two were accepted that cannot be', () => {
    const { userKinds, served } = makeKinds();
    const accepted = (crd: CustomResourceDefinition) => ({
      ...crd,
      status: { acceptedNames: crd.spec.names, conditions },
    });
    userKinds.learn(accepted(BOXES));
    userKinds.learn(accepted(CRATES));
    expect(served('Box')).toBe('boxes');
    expect(userKinds.accept(accepted(CRATES)).isEstablished).toBe(false);
    userKinds.forget(BOXES.metadata.name);
    expect(userKinds.accept(CRATES).isEstablished).toBe(true);
  });
});
