/** The files in `crds/` are what is generated from the kinds. */
import { readdirSync, readFileSync } from 'node:fs';
import { builtinKinds, decode } from '@afflux/resources';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { crdFiles } from './files.ts';

const FOLDER = new URL('../../crds/', import.meta.url);
const files = await crdFiles();

test('there is a file for each kind of ours, and no other', () => {
  const found = readdirSync(FOLDER).filter((name) => name.endsWith('.yaml'));
  expect(found.sort()).toEqual(files.map(({ name }) => name));
});

test.each(files.map(({ name, text }) => [name, text] as const))(
  '%s is as it is generated (npm run crds)',
  (name, text) => {
    expect(readFileSync(new URL(name, FOLDER), 'utf8')).toBe(text);
  },
);

test.each(files.map(({ name, text }) => [name, text] as const))(
  '%s is a CustomResourceDefinition by our own rules',
  (_name, text) => {
    expect(decode(builtinKinds(), parse(text)).errors.toString()).toBe('');
  },
);
