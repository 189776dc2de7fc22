import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  childName,
  isDnsLabel,
  isDnsSubdomain,
  isLabelValue,
  isQualifiedName,
  isServiceName,
} from './names.ts';

const UID = '2f9b5e8e-deb6-11e8-9f32-f2801f1b9fd1';

describe('childName', () => {
  test.each([
    ['default', '-kne-trigger', 'default-kne-trigger'],
    ['f'.repeat(52), '-deployment', `${'f'.repeat(52)}-deployment`],
    [
      'f'.repeat(53),
      '-deployment',
      'ffffffffffffffffffffb14370401584c33f1bd27fc116a042b5-deployment',
    ],
    [
      'f'.repeat(63),
      '-deployment',
      'ffffffffffffffffffff105d7597f637e83cc711605ac3ea4957-deployment',
    ],
    ['default-my-trigger-', UID, `default-my-trigger-${UID}`],
    [
      'a-very-long-broker-name-and-a-trigger-',
      UID,
      'a-very-long-broker-name-and-a-t6cfdf1553fde4ec5545fece4a7750a37',
    ],
    // A suffix of 31 characters or more is hashed with the parent; here all of the padding is stripped.
    ['p', `${'-'.repeat(30)}${'s'.repeat(40)}`, 'p2a14ab7aa8517fdb968829037f2da035'],
    [
      'x'.repeat(33),
      'y'.repeat(31),
      'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx12c9b3a78f2fc089ea79ae548740172e',
    ],
  ])('%s + %s', (parent, suffix, expected) => {
    expect(childName(parent, suffix)).toBe(expected);
  });

  const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,70}[a-z0-9])?$/);
  const suffix = fc.stringMatching(/^-[a-z0-9]([a-z0-9-]{0,60}[a-z0-9])?$/);

  test('property: is a DNS label and the same every time', () => {
    fc.assert(
      fc.property(label, suffix, (parent, end) => {
        const name = childName(parent, end);
        expect(isDnsLabel(name)).toBe(true);
        expect(childName(parent, end)).toBe(name);
      }),
    );
  });

  test('property: ends with a suffix of up to 30 characters', () => {
    fc.assert(
      fc.property(label, suffix, (parent, end) => {
        if (end.length <= 30) expect(childName(parent, end).endsWith(end)).toBe(true);
      }),
    );
  });

  test('property: different parents have different children', () => {
    fc.assert(
      fc.property(label, label, suffix, (one, two, end) => {
        fc.pre(one !== two);
        expect(childName(one, end)).not.toBe(childName(two, end));
      }),
    );
  });
});

test.each([
  ['default', true],
  ['a', true],
  ['0-9', true],
  ['a'.repeat(63), true],
  ['a'.repeat(64), false],
  ['', false],
  ['-a', false],
  ['a-', false],
  ['A', false],
  ['a.b', false],
  ['a_b', false],
  ['ä', false],
  ['a\n', false],
])('DNS label %j: %s', (name, expected) => {
  expect(isDnsLabel(name)).toBe(expected);
});

test.each([
  ['a.b-c.d0', true],
  [`${'a'.repeat(250)}.bc`, true],
  [`${'a'.repeat(251)}.bc`, false],
  ['a..b', false],
  ['.a', false],
  ['a.', false],
  ['a.-b', false],
])('DNS subdomain %j: %s', (name, expected) => {
  expect(isDnsSubdomain(name)).toBe(expected);
});

test.each([
  ['orders', true],
  ['0rders', false],
  ['a.b', false],
])('Service name %j: %s', (name, expected) => {
  expect(isServiceName(name)).toBe(expected);
});

test.each([
  ['app', true],
  ['example.com/App_1.x', true],
  ['', false],
  ['/app', false],
  ['Example.com/app', false],
  ['example.com/', false],
  ['a/b/c', false],
  ['-app', false],
  ['a'.repeat(64), false],
])('qualified name %j: %s', (name, expected) => {
  expect(isQualifiedName(name)).toBe(expected);
});

test.each([
  ['', true],
  ['v1.2_x', true],
  ['-x', false],
  ['a b', false],
  ['a'.repeat(64), false],
])('label value %j: %s', (value, expected) => {
  expect(isLabelValue(value)).toBe(expected);
});
