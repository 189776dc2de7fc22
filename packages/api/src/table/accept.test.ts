import { describe, expect, test } from 'vitest';
import { isAcceptable, partialForm, tableForm } from './accept.ts';

const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io';

describe('a table is wanted', () => {
  test.each([
    [`${TABLE},application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json`, 'v1'],
    ['application/json;as=Table;v=v1beta1;g=meta.k8s.io', 'v1beta1'],
    [
      'application/json;as=Table;v=v9;g=meta.k8s.io, application/json; g="meta.k8s.io"; v=v1; as=Table',
      'v1',
    ],
    [`application/vnd.kubernetes.protobuf;as=Table;v=v1;g=meta.k8s.io,${TABLE}`, 'v1'],
    [`application/json;q=0.5,${TABLE}`, 'v1'],
  ])('by %s', (accept, version) => {
    expect(tableForm(accept)).toEqual({ version });
    expect(partialForm(accept)).toBeUndefined();
  });
});

describe('objects as they are are wanted', () => {
  test.each([
    undefined,
    '',
    '*/*',
    'application/json, */*',
    `application/json, ${TABLE}`,
    'application/json;as=Table;v=v2;g=meta.k8s.io,application/json',
    `${TABLE};q=0,application/json`,
  ])('by %s', (accept) => {
    expect(tableForm(accept)).toBeUndefined();
    expect(partialForm(accept)).toBeUndefined();
    expect(isAcceptable(accept)).toBe(true);
  });
});

test('metadata alone is wanted by PartialObjectMetadata and its list', () => {
  const accept =
    'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json';
  expect(partialForm(accept)).toEqual({ version: 'v1' });
  expect(partialForm(accept.replace('List', ''))).toEqual({ version: 'v1' });
});

test.each([
  'text/html',
  'application/json;as=Foo;v=v1;g=meta.k8s.io',
  'application/json;as=Table;v=v2;g=meta.k8s.io',
  'application/vnd.kubernetes.protobuf',
])('nothing fits %s', (accept) => {
  expect(isAcceptable(accept)).toBe(false);
});
