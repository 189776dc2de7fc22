import { describe, expect, it } from 'vitest';
import { applyPatch } from './apply-patch.ts';

describe('applyPatch', () => {
  it('names what is wanted', () => {
    expect(applyPatch({}, { spec: { a: 1 } })).toEqual({ spec: { a: 1 } });
  });

  it('removes what was given and no longer is', () => {
    expect(applyPatch({ spec: { a: 1, b: { c: 2, d: 3 } } }, { spec: { b: { c: 2 } } })).toEqual({
      spec: { a: null, b: { c: 2, d: null } },
    });
  });

  it('says nothing of fields that others own', () => {
    expect(applyPatch({ spec: { a: 1 } }, { spec: { a: 1 } })).not.toHaveProperty(
      'spec.subscribers',
    );
  });

  it('replaces lists whole', () => {
    expect(applyPatch({ f: [1, 2] }, { f: [2] })).toEqual({ f: [2] });
  });
});
