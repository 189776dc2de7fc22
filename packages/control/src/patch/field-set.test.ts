import { describe, expect, it } from 'vitest';
import {
  difference,
  displayPaths,
  parseFields,
  serialiseFields,
  type FieldSet,
} from './field-set.ts';
import { fieldsOf } from './fields-of.ts';
import { WIDGET } from './testing/widget.ts';

function parsed(wire: unknown): FieldSet {
  const fields = parseFields(wire);
  if (fields === undefined) throw new Error('malformed');
  return fields;
}

describe('fieldsV1', () => {
  it('is written in the order of Kubernetes: fields, keys by their values, values', () => {
    const wire = {
      'v:"b"': {},
      'v:2': {},
      'v:10': {},
      'k:{"port":443,"protocol":"TCP"}': {},
      'k:{"protocol":"TCP","port":80}': { 'f:z': {}, '.': {} },
      'f:b': {},
      'f:a': { 'f:x': {} },
      'i:10': {},
      'i:9': {},
      'v:true': {},
    };
    expect(JSON.stringify(serialiseFields(parsed(wire)))).toBe(
      JSON.stringify({
        'f:a': { 'f:x': {} },
        'f:b': {},
        'k:{"port":80,"protocol":"TCP"}': { '.': {}, 'f:z': {} },
        'k:{"port":443,"protocol":"TCP"}': {},
        'v:2': {},
        'v:10': {},
        'v:"b"': {},
        'v:true': {},
        'i:9': {},
        'i:10': {},
      }),
    );
  });

  it.each([
    ['no object', 'f:a'],
    ['a list', []],
    ['a value below a step', { 'f:a': 1 }],
    ['a step without a colon', { data: {} }],
    ['a key that is no JSON', { 'k:{name:1}': {} }],
    ['a key that is no object', { 'k:[1]': {} }],
    ['a value that is no JSON', { 'v:x': {} }],
    ['an index that is no number', { 'i:x': {} }],
  ])('is malformed with %s', (_, wire) => {
    expect(parseFields(wire)).toBeUndefined();
  });

  it('skips steps of a sort that is not known', () => {
    expect(serialiseFields(parsed({ 'x:1': { 'f:a': {} }, 'f:b': {} }))).toEqual({ 'f:b': {} });
  });

  it('T12 keeps the name of a prototype as an ordinary name', () => {
    const wire: unknown = JSON.parse('{"f:__proto__":{},"k:{\\"__proto__\\":1}":{}}');
    expect(Object.keys(serialiseFields(parsed(wire)))).toEqual([
      'f:__proto__',
      'k:{"__proto__":1}',
    ]);
  });
});

describe('sets of fields', () => {
  it('lose a place without losing what is below it', () => {
    const rest = difference(parsed({ 'f:a': { '.': {}, 'f:b': {} } }), parsed({ 'f:a': {} }));
    expect(serialiseFields(rest)).toEqual({ 'f:a': { 'f:b': {} } });
  });

  it('list their members as people read them', () => {
    const wire = {
      'f:spec': { 'f:ports': { 'k:{"port":80,"protocol":"TCP"}': { '.': {}, 'f:name': {} } } },
      'f:l': { 'v:"x"': {}, 'i:3': {} },
    };
    expect(displayPaths(parsed(wire))).toEqual([
      '.l[="x"]',
      '.l[3]',
      '.spec.ports[port=80,protocol="TCP"]',
      '.spec.ports[port=80,protocol="TCP"].name',
    ]);
  });
});

describe('fieldsOf', () => {
  it.each([
    ['a value', { spec: { text: 'x' } }, { 'f:spec': { 'f:text': {} } }],
    ['null', { spec: null }, { 'f:spec': {} }],
    ['an empty object', { spec: { nested: {} } }, { 'f:spec': { 'f:nested': {} } }],
    ['a list as one field', { spec: { order: ['a'] } }, { 'f:spec': { 'f:order': {} } }],
    ['an atomic object', { spec: { point: { x: 1 } } }, { 'f:spec': { 'f:point': {} } }],
    ['items of a set', { spec: { tags: ['t'] } }, { 'f:spec': { 'f:tags': { 'v:"t"': {} } } }],
    ['nothing in an empty set', { spec: { tags: [] } }, {}],
    [
      'items of a list that is a map, with a key by default',
      { spec: { ports: [{ port: 80, label: 'l' }] } },
      {
        'f:spec': {
          'f:ports': {
            'k:{"port":80,"protocol":"TCP"}': { '.': {}, 'f:label': {}, 'f:port': {} },
          },
        },
      },
    ],
    [
      'items of a map',
      { spec: { groups: { g: { size: 1 } } } },
      { 'f:spec': { 'f:groups': { 'f:g': { '.': {}, 'f:size': {} } } } },
    ],
    [
      'items that come twice as one',
      { spec: { ports: [{ port: 1 }, { port: 1, label: 'x' }] } },
      { 'f:spec': { 'f:ports': { 'k:{"port":1,"protocol":"TCP"}': {} } } },
    ],
    [
      'a list whose items cannot be told apart as one field',
      { spec: { ports: [{ label: 'x' }] } },
      { 'f:spec': { 'f:ports': {} } },
    ],
  ])('finds %s', (_, object, expected) => {
    expect(serialiseFields(fieldsOf(object, WIDGET))).toEqual(expected);
  });
});
