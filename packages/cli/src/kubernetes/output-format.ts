/** `-o`: which form output has. Pure; templates are parsed once, here. */
import { failedWith } from './failure.ts';
import { parseJsonPath, parsePath, type JsonPath } from './json-path.ts';

export interface CustomColumn {
  readonly title: string;
  readonly path: JsonPath;
}

export type OutputFormat =
  | { readonly as: 'table'; readonly isWide: boolean }
  | { readonly as: 'name' }
  | { readonly as: 'json' }
  | { readonly as: 'yaml' }
  | { readonly as: 'jsonpath'; readonly path: JsonPath }
  | { readonly as: 'columns'; readonly columns: readonly CustomColumn[] };

/** Reads the value of `-o`. Throws for a form that there is not. */
export function parseOutputFormat(text: string | undefined): OutputFormat {
  const [form = '', ...rest] = (text ?? '').split('=');
  const template = rest.join('=');
  switch (form) {
    case '':
      return { as: 'table', isWide: false };
    case 'wide':
      return { as: 'table', isWide: true };
    case 'name':
    case 'json':
    case 'yaml':
      return { as: form };
    case 'jsonpath':
      if (template === '')
        throw failedWith('error: template format specified but no template given');
      return { as: 'jsonpath', path: parseJsonPath(template) };
    case 'custom-columns':
      return { as: 'columns', columns: template.split(',').map(parseColumn) };
    default:
      throw failedWith(
        `error: unable to match a printer suitable for the output format "${form}", allowed formats are: custom-columns,json,jsonpath,name,wide,yaml`,
      );
  }
}

function parseColumn(text: string): CustomColumn {
  const colon = text.indexOf(':');
  if (colon <= 0 || colon === text.length - 1) {
    throw failedWith(
      `error: unexpected custom-columns spec: ${text}, expected <header>:<json-path-expr>`,
    );
  }
  return { title: text.slice(0, colon), path: parsePath(text.slice(colon + 1)) };
}
