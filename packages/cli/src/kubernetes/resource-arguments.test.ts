import { describe, expect, it } from 'vitest';
import { checkSelection, parseResourceArguments, requireNames } from './resource-arguments.ts';

describe('parseResourceArguments', () => {
  it.each([
    [[], []],
    [['brokers'], [['brokers', undefined]]],
    [
      ['brokers,triggers'],
      [
        ['brokers', undefined],
        ['triggers', undefined],
      ],
    ],
    [
      ['broker', 'a', 'b'],
      [
        ['broker', 'a'],
        ['broker', 'b'],
      ],
    ],
    [
      ['broker/a', 'trigger/b'],
      [
        ['broker', 'a'],
        ['trigger', 'b'],
      ],
    ],
    [
      ['broker,trigger', 'a'],
      [
        ['broker', 'a'],
        ['trigger', 'a'],
      ],
    ],
  ])('reads %j', (args, expected) => {
    const found = parseResourceArguments(args).map(({ type, name }) => [type, name]);
    expect(found).toEqual(expected);
  });

  it.each([
    [['broker,'], /doesn't have a resource type ""/],
    [['broker/a', 'trigger'], /no need to specify a resource type as a separate argument/],
    [['broker/'], /must have a single resource and name/],
    [['broker/a/b'], /must have a single resource and name/],
    [['a,b/c'], /must have a single resource and name/],
  ])('refuses %j', (args, message) => {
    expect(() => parseResourceArguments(args)).toThrow(message);
  });
});

describe('a selection', () => {
  const named = parseResourceArguments(['broker', 'main']);
  const all = parseResourceArguments(['brokers']);

  it('does not go with names', () => {
    expect(() => {
      checkSelection(named, { selector: 'a=b' });
    }).toThrow(/name cannot be provided when a selector/);
    expect(() => {
      checkSelection(named, { allNamespaces: true });
    }).toThrow(/cannot be retrieved by name across all namespaces/);
  });

  it('is needed where nothing named must not mean everything', () => {
    expect(() => {
      requireNames(all, { all: false });
    }).toThrow(/no name was specified/);
    for (const selection of [{ all: true }, { selector: 'a' }, { fieldSelector: 'a=b' }]) {
      expect(() => {
        requireNames(all, selection);
      }).not.toThrow();
    }
  });
});
