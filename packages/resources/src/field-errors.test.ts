import { expect, test } from 'vitest';
import { FieldErrors, joinPath } from './field-errors.ts';

test.each([
  ['spec', 'broker', 'spec.broker'],
  ['filters', '[0]', 'filters[0]'],
  ['', 'spec', 'spec'],
  ['spec', '', 'spec'],
])('joins %j and %j to %j', (parent, child, joined) => {
  expect(joinPath(parent, child)).toBe(joined);
});

test('has one line per problem, sorted by message, with the paths sorted', () => {
  const errors = new FieldErrors()
    .missing('spec.subscriber', 'spec.broker')
    .invalidValue('abc', 'spec.delivery.timeout');
  expect(errors.toString()).toBe(
    'invalid value: abc: spec.delivery.timeout\nmissing field(s): spec.broker, spec.subscriber',
  );
});

test('merges problems with equal message and details, and only those', () => {
  const errors = new FieldErrors()
    .missing('b')
    .missing('a')
    .missing('a')
    .add('missing field(s)', 'c', 'needed for d');
  expect(errors.toString()).toBe('missing field(s): a, b\nmissing field(s): c\nneeded for d');
});

test('merging a list moves its paths below a prefix', () => {
  const inner = new FieldErrors().missing('ref.name').add('wrong', '[0].x', 'why');
  const errors = new FieldErrors().merge(inner, 'spec.steps');
  expect(errors.entries()).toEqual([
    { message: 'missing field(s)', paths: ['spec.steps.ref.name'] },
    { message: 'wrong', paths: ['spec.steps[0].x'], details: 'why' },
  ]);
});

test.each([
  [new FieldErrors().missing('a'), 'missing field(s): a'],
  [new FieldErrors().disallowed('a'), 'must not set the field(s): a'],
  [new FieldErrors().invalidValue('v', 'a'), 'invalid value: v: a'],
  [new FieldErrors().invalidKey('k', 'a[k]', 'why'), 'invalid key name "k": a[k]\nwhy'],
])('says it in the words of Knative: %s', (errors, text) => {
  expect(errors.toString()).toBe(text);
});

test('is empty until something is added', () => {
  const errors = new FieldErrors();
  expect([errors.isEmpty, errors.toString()]).toEqual([true, '']);
  expect(errors.missing('a').isEmpty).toBe(false);
});

test('a value or a key cannot begin a line of its own', () => {
  const errors = new FieldErrors().invalidValue('a\nforged: line', 'labels[b\r\nc]');
  expect(errors.toString()).toBe('invalid value: a\\u000aforged: line: labels[b\\u000d\\u000ac]');
});

test('long values are cut', () => {
  const [problem] = new FieldErrors().invalidValue('x'.repeat(10_000), 'a').entries();
  expect(problem?.message.length).toBeLessThan(150);
});
