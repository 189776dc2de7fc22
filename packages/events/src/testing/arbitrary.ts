/** For tests: random events, over the whole of what the specification allows. */
import fc from 'fast-check';
import type { AttributeValue } from '../attribute-value.ts';
import { isAttributeText } from '../attribute-value.ts';
import type { EventInput } from '../make-event.ts';

/** A legal String: anything in Unicode but controls, noncharacters and lone surrogates. */
export const attributeText: fc.Arbitrary<string> = fc
  .oneof(
    fc.string({ unit: 'grapheme', maxLength: 30 }),
    fc.string({ unit: 'binary', maxLength: 10 }),
    fc.string({
      unit: fc.constantFrom('%', '"', '\\', ' ', '+', 'a', '4', '1', 'é', '€', '😀'),
      maxLength: 12,
    }),
  )
  .filter(isAttributeText);

const nonEmpty = attributeText.filter((text) => text !== '');

const TAKEN = new Set([
  ...['data', 'id', 'source', 'type', 'specversion', 'subject', 'time', 'dataschema'],
  ...['datacontenttype'],
]);

const NAME_CHARACTERS = Array.from('abcdefghijklmnopqrstuvwxyz0123456789');

const name = fc
  .string({
    unit: fc.constantFrom(...NAME_CHARACTERS),
    minLength: 1,
    maxLength: 25,
  })
  .filter((text) => !TAKEN.has(text));

const extensions: fc.Arbitrary<Record<string, AttributeValue>> = fc.dictionary(
  name,
  fc.oneof(attributeText, fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), fc.boolean()),
  { maxKeys: 50, noNullPrototype: true },
);

const path = fc.webPath().filter((text) => !text.startsWith('//'));

export const uriReference: fc.Arbitrary<string> = fc
  .oneof(fc.webUrl({ withQueryParameters: true, withFragments: true }), path, fc.uuid())
  .filter((text) => text !== '');

const time = fc
  .tuple(
    fc.date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }),
    fc.constantFrom('Z', 'z', '+02:00', '-00:00'),
    fc.stringMatching(/^[0-9]{0,6}$/),
  )
  .map(([date, offset, digits]) => date.toISOString().replace('Z', digits + offset));

const data = fc.oneof(
  { arbitrary: fc.constant({}), weight: 1 },
  {
    arbitrary: fc.record({
      data: fc.uint8Array({ minLength: 1, maxLength: 200 }),
      datacontenttype: fc.constantFrom(undefined, 'image/png', 'text/plain', 'application/json'),
    }),
    weight: 2,
  },
  {
    arbitrary: fc.record({
      data: fc.json(),
      datacontenttype: fc.constantFrom('application/json', 'application/x+json; charset=UTF-8'),
    }),
    weight: 2,
  },
  {
    arbitrary: fc.record({
      data: nonEmpty,
      datacontenttype: fc.constantFrom('text/plain', 'text/csv; charset=utf-8', 'application/xml'),
    }),
    weight: 2,
  },
);

/** Input for `makeEvent` that it accepts. */
export const eventInput: fc.Arbitrary<EventInput> = fc
  .tuple(
    fc.record(
      {
        id: nonEmpty,
        source: uriReference,
        type: nonEmpty,
        subject: nonEmpty,
        time,
        dataschema: fc.webUrl(),
        extensions,
      },
      { requiredKeys: ['id', 'source', 'type'], noNullPrototype: true },
    ),
    data,
  )
  .map(([attributes, content]) => ({ ...attributes, ...content }));
