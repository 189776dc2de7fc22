import { describe, expect, it } from 'vitest';
import { gadget } from '../testkit/kinds.ts';
import { controllerKeyOf, formatKey, keyOf, kindId, parseKey } from './keys.ts';
import { matchesLabels } from './selectors.ts';

const OWNER = { apiVersion: 'kit.afflux.dev/v1', kind: 'Gadget', name: 'o', uid: 'u' };

describe('keys', () => {
  it('are written and read back', () => {
    for (const key of [{ namespace: 'ns', name: 'a' }, { name: 'a' }]) {
      expect(parseKey(formatKey(key))).toEqual(key);
    }
    expect(keyOf(gadget({ namespace: 'ns', name: 'a' }))).toBe('ns/a');
    expect(kindId(OWNER)).toBe('kit.afflux.dev/v1/Gadget');
  });

  it('of the controller are found by kind, for the controlling owner only', () => {
    const metadata = { namespace: 'ns', name: 'a' };
    const controlled = gadget({ ...metadata, ownerReferences: [{ ...OWNER, controller: true }] });
    expect(controllerKeyOf(controlled, OWNER)).toBe('ns/o');
    expect(controllerKeyOf(controlled, { ...OWNER, kind: 'Note' })).toBeUndefined();
    expect(
      controllerKeyOf(gadget({ ...metadata, ownerReferences: [OWNER] }), OWNER),
    ).toBeUndefined();
    expect(controllerKeyOf(gadget(metadata), OWNER)).toBeUndefined();
  });
});

describe('matchesLabels', () => {
  it('looks at own labels only', () => {
    const object = gadget({ name: 'a', labels: { x: '1' } });
    expect(matchesLabels(object, undefined)).toBe(true);
    expect(matchesLabels(object, { x: '1' })).toBe(true);
    expect(matchesLabels(object, { x: '2' })).toBe(false);
    expect(matchesLabels(object, { constructor: 'x' })).toBe(false);
  });
});
