/**
 * What holds for ownership of fields whatever the objects: on arbitrary objects of a kind that has every sort of
 * field.
 */
import type { ApiObject } from '@afflux/resources';
import { fc } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { apply } from './apply.ts';
import {
  difference,
  intersection,
  isEmptySet,
  NO_FIELDS,
  parseFields,
  sameFields,
  serialiseFields,
  union,
  type FieldSet,
} from './field-set.ts';
import { fieldsOf } from './fields-of.ts';
import { decodeOwners } from './managed-fields.ts';
import { mergeIntent } from './merge-intent.ts';
import { takeOwnership } from './take-ownership.ts';
import { WIDGET, widget } from './testing/widget.ts';
import { applied, managersOf, options, timeOf, written } from './testing/writers.ts';

const word = fc.constantFrom('a', 'b', 'c', 'd<"é');
const port = fc.record(
  {
    port: fc.integer({ min: 8, max: 11 }),
    protocol: fc.constantFrom('TCP', 'UDP'),
    label: word,
  },
  { requiredKeys: ['port'] },
);

function portId(item: { port: number; protocol?: string }): string {
  return `${String(item.port)}/${item.protocol ?? 'TCP'}`;
}

/** Specs without empty objects and lists, so that every field in them can be owned. */
const widgetSpec = fc.record(
  {
    text: word,
    order: fc.array(word, { minLength: 1, maxLength: 3 }),
    tags: fc.uniqueArray(word, { minLength: 1 }),
    point: fc.record({ x: fc.nat(3), y: fc.nat(3) }),
    groups: fc.dictionary(word, fc.record({ size: fc.nat(3), owner: word }), {
      minKeys: 1,
      maxKeys: 3,
    }),
    ports: fc.uniqueArray(port, { minLength: 1, maxLength: 4, selector: portId }),
    nested: fc.record({ deep: fc.record({ a: word, b: word }, { requiredKeys: ['a'] }) }),
  },
  { requiredKeys: [] },
);

const LATER = { now: '2025-01-01T00:01:00Z' };

const fieldSet = widgetSpec.map((spec) => fieldsOf({ spec }, WIDGET));

function parsed(wire: unknown): FieldSet {
  const fields = parseFields(wire);
  if (fields === undefined) throw new Error('malformed');
  return fields;
}

describe('fieldsV1 and sets of fields', () => {
  it('survives writing and reading', () => {
    fc.assert(
      fc.property(fieldSet, (fields) => sameFields(parsed(serialiseFields(fields)), fields)),
    );
  });

  it('come apart and together again', () => {
    fc.assert(
      fc.property(fieldSet, fieldSet, (left, right) => {
        const both = intersection(left, right);
        expect(sameFields(union(difference(left, right), both), left)).toBe(true);
        expect(isEmptySet(intersection(difference(left, right), right))).toBe(true);
        expect(sameFields(union(left, right), union(right, left))).toBe(true);
        expect(sameFields(both, intersection(right, left))).toBe(true);
      }),
    );
  });

  it('stay the same references when an operation changes nothing', () => {
    fc.assert(
      fc.property(fieldSet, fieldSet, (left, right) => {
        const all = union(left, right);
        expect(union(all, right)).toBe(all);
        const rest = difference(left, right);
        expect(difference(rest, right)).toBe(rest);
      }),
    );
  });
});

describe('apply', () => {
  it('gives back the object itself when it changes nothing, however late', () => {
    fc.assert(
      fc.property(widgetSpec, widgetSpec, (first, second) => {
        const before = applied(applied(undefined, first, 'one'), second, 'two', { force: true });
        expect(applied(before, second, 'two', LATER)).toBe(before);
      }),
    );
  });

  it('leaves nothing of what nobody sends any more', () => {
    fc.assert(
      fc.property(widgetSpec, widgetSpec, (first, second) => {
        const both = applied(applied(undefined, first, 'one'), second, 'two', { force: true });
        const none = applied(applied(both, undefined, 'one'), undefined, 'two');
        expect(none).toEqual(widget());
      }),
    );
  });

  it('leaves what another manager still sends', () => {
    fc.assert(
      fc.property(widgetSpec, widgetSpec, (first, second) => {
        const both = applied(applied(undefined, first, 'one'), second, 'two', { force: true });
        const rest = applied(both, undefined, 'one');
        expect(mergeIntent(rest.spec, second, WIDGET.properties?.['spec'])).toBe(rest.spec);
        expect(managersOf(rest)).not.toContain('one');
      }),
    );
  });

  it('never conflicts between managers of separate fields', () => {
    const mine = (prefix: string) =>
      fc
        .dictionary(fc.constantFrom('x', 'y', 'z'), fc.record({ size: fc.nat() }))
        .map((groups) => ({
          groups: Object.fromEntries(
            Object.entries(groups).map(([name, group]) => [prefix + name, group]),
          ),
          tags: [`${prefix}tag`],
          ports: [{ port: prefix.charCodeAt(0), label: prefix }],
        }));
    const steps = fc.array(fc.oneof(mine('a'), mine('b')), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(steps, (specs) => {
        let object: ApiObject | undefined;
        for (const spec of specs) {
          const manager = spec.tags[0] ?? '';
          object = applied(object, spec, manager);
          expect(mergeIntent(object.spec, spec, WIDGET.properties?.['spec'])).toBe(object.spec);
        }
      }),
    );
  });

  it('with force has all it wants, and owns it', () => {
    fc.assert(
      fc.property(widgetSpec, widgetSpec, (first, second) => {
        const before = applied(undefined, first, 'one');
        const object = applied(before, second, 'two', { force: true });
        expect(mergeIntent(object.spec, second, WIDGET.properties?.['spec'])).toBe(object.spec);
        const entry = object.metadata.managedFields?.find(({ manager }) => manager === 'two');
        const owned = parseFields(entry?.fieldsV1 ?? {}) ?? fieldsOf({}, WIDGET);
        expect(isEmptySet(difference(fieldsOf(widget(second), WIDGET), owned))).toBe(false);
        expect(isEmptySet(difference(fieldsOf({ spec: second }, WIDGET), owned))).toBe(true);
      }),
    );
  });

  it('changes neither the object nor the intent', () => {
    const frozen = (value: unknown): void => {
      if (typeof value !== 'object' || value === null) return;
      Object.values(value).forEach(frozen);
      Object.freeze(value);
    };
    fc.assert(
      fc.property(widgetSpec, widgetSpec, (first, second) => {
        const before = applied(undefined, first, 'one');
        const intent = widget(second);
        frozen(before);
        frozen(intent);
        apply(before, intent, options('two', { force: true }));
      }),
    );
  });
});

describe('takeOwnership', () => {
  it('gives every field one owner, the last that wrote it', () => {
    const specs = fc.array(widgetSpec, { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(specs, (history) => {
        let object: ApiObject | undefined;
        for (const [index, spec] of history.entries()) {
          object = written(object, widget(spec), `m${String(index)}`, index);
        }
        const owners = [...(decodeOwners(object?.metadata.managedFields) ?? []).values()];
        let all = NO_FIELDS;
        for (const { fields } of owners) {
          expect(isEmptySet(intersection(all, fields))).toBe(true);
          all = union(all, fields);
        }
        const present = fieldsOf({ spec: history.at(-1) }, WIDGET);
        expect(isEmptySet(difference(present, all))).toBe(true);
      }),
    );
  });

  it('leaves nothing owned of what is gone', () => {
    fc.assert(
      fc.property(widgetSpec, (spec) => {
        const before = written(undefined, widget(spec), 'one');
        expect(takeOwnership(before, widget(), options('two'))).toBeUndefined();
      }),
    );
  });

  it('gives back the old list itself when nothing changed', () => {
    fc.assert(
      fc.property(widgetSpec, (spec) => {
        const before = written(undefined, widget(spec), 'one');
        const again = structuredClone(widget(spec));
        expect(takeOwnership(before, again, { ...options('two'), now: timeOf(9) })).toBe(
          before.metadata.managedFields,
        );
        const sentBack = structuredClone(before);
        expect(takeOwnership(before, sentBack, { ...options('two'), now: timeOf(9) })).toBe(
          before.metadata.managedFields,
        );
      }),
    );
  });
});
