import { describe, expect, it } from 'vitest';
import { parseOutputFormat } from './output-format.ts';
import { objectsText } from './printing.ts';

const OBJECTS = ['a', 'b'].map((name) => ({
  kind: 'Broker',
  apiVersion: 'eventing.knative.dev/v1',
  metadata: { name, managedFields: [{ manager: 'kubectl' }] },
  spec: { text: '<x>' },
}));

function text(output: string, options: { isSingle?: boolean; showManagedFields?: boolean } = {}) {
  const format = parseOutputFormat(output);
  if (format.as === 'table') throw new Error('a table is the server’s');
  const { isSingle = false, showManagedFields = false } = options;
  const objects = isSingle ? OBJECTS.slice(0, 1) : OBJECTS;
  return objectsText(format, objects, { isSingle, showManagedFields, hasHeaders: true });
}

describe('-o', () => {
  it('prints names', () => {
    expect(text('name')).toBe('broker.eventing.knative.dev/a\nbroker.eventing.knative.dev/b\n');
  });

  it('prints one object by itself and several as a list, without managed fields', () => {
    expect(text('yaml', { isSingle: true })).toBe(
      'apiVersion: eventing.knative.dev/v1\nkind: Broker\nmetadata:\n  name: a\nspec:\n  text: <x>\n',
    );
    expect(JSON.parse(text('json'))).toMatchObject({
      kind: 'List',
      items: [{ metadata: { name: 'a' } }, { metadata: { name: 'b' } }],
      metadata: { resourceVersion: '' },
    });
    expect(text('json')).not.toContain('managedFields');
    expect(text('json', { showManagedFields: true })).toContain('managedFields');
  });

  it('prints JSON that may stand in a page', () => {
    expect(text('json')).toContain('\\u003cx\\u003e');
  });

  it('applies templates to the list', () => {
    expect(text('jsonpath={.items[*].metadata.name}')).toBe('a b');
    expect(text('jsonpath={.metadata.name}', { isSingle: true })).toBe('a');
  });

  it('makes columns', () => {
    expect(text('custom-columns=NAME:.metadata.name,NONE:.spec.nope,WHOLE:spec')).toBe(
      'NAME   NONE     WHOLE\na      <none>   map[text:<x>]\nb      <none>   map[text:<x>]\n',
    );
  });

  it.each([
    ['bogus', /unable to match a printer suitable for the output format "bogus"/],
    ['jsonpath', /no template given/],
    ['custom-columns=a', /unexpected custom-columns spec: a/],
    ['custom-columns=a:', /unexpected custom-columns spec/],
  ])('refuses %s', (output, message) => {
    expect(() => parseOutputFormat(output)).toThrow(message);
  });
});
