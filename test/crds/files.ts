/**
 * The files in `crds/`: which there are to be and what is in them, made from the kinds of `packages/resources`.
 * `write.ts` puts them there, `crds.test.ts` keeps them equal.
 */
import { builtinKinds, crdsOf, type CustomResourceDefinition } from '@afflux/resources';
import { format } from 'prettier';
import { stringify } from 'yaml';

const HEADER = `# Generated from packages/resources by test/crds/write.ts; do not edit.
`;

/** One file: its name in `crds/`, and its text. */
export interface CrdFile {
  readonly name: string;
  readonly text: string;
}

async function fileOf(crd: CustomResourceDefinition): Promise<CrdFile> {
  // No anchors: parts that occur in several places are written there.
  const text = stringify(crd, { aliasDuplicateObjects: false, lineWidth: 0 });
  return {
    name: `${crd.metadata.name}.yaml`,
    text: await format(HEADER + text, { parser: 'yaml', printWidth: 100, singleQuote: true }),
  };
}

/** All files, by name. */
export async function crdFiles(): Promise<CrdFile[]> {
  const files = await Promise.all(crdsOf(builtinKinds()).map(fileOf));
  return files.sort((left, right) => (left.name < right.name ? -1 : 1));
}
