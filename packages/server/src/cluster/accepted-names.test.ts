import { describe, expect, it } from 'vitest';
import { acceptNames, isTaken, NO_NAMES, takenBy, type DefinitionNames } from './accepted-names.ts';

/** What fills in the defaults of a definition makes of it. */
function names(plural: string, kind: string, more: Partial<DefinitionNames> = {}): DefinitionNames {
  return { plural, kind, singular: kind.toLowerCase(), listKind: `${kind}List`, ...more };
}

const BOXES = names('boxes', 'Box', { shortNames: ['bx', 'bo'] });

describe('the names of a definition', () => {
  it('are accepted when nobody has them', () => {
    const requested = names('tins', 'Tin', { shortNames: ['tn'], categories: ['all'] });
    expect(acceptNames(requested, NO_NAMES, takenBy([BOXES]))).toEqual({
      accepted: requested,
      conflict: undefined,
    });
  });

  // Each as kube-apiserver 1.33 told it.
  it.each<[string, DefinitionNames, DefinitionNames, string, string]>([
    [
      'a kind',
      names('tins', 'BoxList'),
      { plural: 'tins', kind: '', singular: 'boxlist', listKind: 'BoxListList' },
      'KindConflict',
      '"BoxList" is already in use',
    ],
    [
      'a kind with its list, of which the list is told',
      names('tins', 'Box', { singular: 'tin' }),
      { plural: 'tins', kind: '', singular: 'tin' },
      'ListKindConflict',
      '"BoxList" is already in use',
    ],
    [
      'a kind of list that is a kind elsewhere',
      names('tins', 'Tin', { listKind: 'Box' }),
      { plural: 'tins', kind: 'Tin', singular: 'tin' },
      'ListKindConflict',
      '"Box" is already in use',
    ],
    [
      'a plural that is a singular elsewhere',
      names('box', 'Tin'),
      { plural: '', kind: 'Tin', singular: 'tin', listKind: 'TinList' },
      'PluralConflict',
      '"box" is already in use',
    ],
    [
      'a singular that is a plural elsewhere',
      names('tins', 'Tin', { singular: 'boxes' }),
      { plural: 'tins', kind: 'Tin', listKind: 'TinList' },
      'SingularConflict',
      '"boxes" is already in use',
    ],
    [
      'one short name',
      names('tins', 'Tin', { shortNames: ['tn', 'bx'] }),
      names('tins', 'Tin'),
      'ShortNamesConflict',
      '"bx" is already in use',
    ],
    [
      'several short names',
      names('tins', 'Tin', { shortNames: ['bx', 'tn', 'box'] }),
      names('tins', 'Tin'),
      'ShortNamesConflict',
      '["bx" is already in use, "box" is already in use]',
    ],
  ])('are refused for %s', (_what, requested, accepted, reason, message) => {
    expect(acceptNames(requested, NO_NAMES, takenBy([BOXES]))).toEqual({
      accepted,
      conflict: { reason, message },
    });
  });

  it('stay what they were where another has the new ones', () => {
    const former = names('tins', 'Tin', { shortNames: ['tn'] });
    const requested = names('tins', 'Tin', { shortNames: ['tn', 'bx'], categories: ['all'] });
    expect(acceptNames(requested, former, takenBy([BOXES, former]))).toEqual({
      accepted: { ...former, categories: ['all'] },
      conflict: { reason: 'ShortNamesConflict', message: '"bx" is already in use' },
    });
  });

  it('may be fewer, and keep some', () => {
    const requested = names('boxes', 'Box', { shortNames: ['bo'] });
    expect(acceptNames(requested, BOXES, takenBy([BOXES])).accepted).toEqual(requested);
    expect(acceptNames(names('boxes', 'Box'), BOXES, takenBy([BOXES])).accepted).toEqual(
      names('boxes', 'Box'),
    );
  });

  it('may not be its own in another place', () => {
    const requested = names('boxes', 'Box', { shortNames: ['box'] });
    expect(acceptNames(requested, BOXES, takenBy([BOXES])).conflict?.message).toBe(
      '"box" is already in use',
    );
  });
});

it('names that are not there are never taken', () => {
  expect(isTaken(NO_NAMES, takenBy([NO_NAMES]))).toBe(false);
  expect(isTaken(names('tins', 'Tin', { shortNames: ['bo'] }), takenBy([BOXES]))).toBe(true);
});
