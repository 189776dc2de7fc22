/**
 * Names made from a template, as in config-kafka-features: the part of Go's text/template that can name things,
 * over the metadata of an object. `{{ .Namespace }}`, `{{ .Name }}`, `{{ .UID }}`, `{{ .Labels.key }}` and
 * `{{ index .Annotations "a.b/key" }}`; no pipelines, no functions, no control flow. A template is compiled
 * once; a field that an object does not have makes the name impossible rather than shorter, since two objects
 * would meet in one topic.
 */
import type { ObjectMeta } from '../object.ts';

/** A name for an object; undefined when it lacks a label or annotation that the template wants. */
export type NameTemplate = (metadata: ObjectMeta) => string | undefined;

/** A template, or what is wrong with the text. */
export type CompiledTemplate = { readonly value: NameTemplate } | { readonly problem: string };

/** Longer texts could not name anything. */
const TEMPLATE_LENGTH_MAX = 1_024;

type Part = (metadata: ObjectMeta) => string | undefined;

const ACTION = /\{\{(-?)([^{}]*?)(-?)\}\}/g;
const FIELD = /^\.(?:ObjectMeta\.)?(Namespace|Name|UID)$/;
const ENTRY = /^\.(?:ObjectMeta\.)?(Labels|Annotations)\.([A-Za-z_][A-Za-z0-9_]*)$/;
const INDEX = /^index\s+\.(?:ObjectMeta\.)?(Labels|Annotations)\s+(?:"([^"\\]*)"|`([^`]*)`)$/;

function entryPart(map: string | undefined, key: string): Part {
  return ({ labels = {}, annotations = {} }) => {
    const texts = map === 'Labels' ? labels : annotations;
    return Object.hasOwn(texts, key) ? texts[key] : undefined;
  };
}

function actionPart(text: string): Part | undefined {
  const action = text.trim();
  switch (FIELD.exec(action)?.[1]) {
    case 'Namespace':
      return ({ namespace }) => namespace ?? '';
    case 'Name':
      return ({ name }) => name;
    case 'UID':
      return ({ uid }) => uid;
    default:
      break;
  }
  const entry = ENTRY.exec(action);
  if (entry !== null) return entryPart(entry[1], entry[2] ?? '');
  const index = INDEX.exec(action);
  return index === null ? undefined : entryPart(index[1], index[2] ?? index[3] ?? '');
}

function literal(text: string, parts: Part[]): void {
  if (text !== '') parts.push(() => text);
}

/** Compiles a template. Never throws. */
export function compileNameTemplate(text: string): CompiledTemplate {
  if (text.length > TEMPLATE_LENGTH_MAX) {
    return { problem: `expected at most ${String(TEMPLATE_LENGTH_MAX)} characters` };
  }
  const parts: Part[] = [];
  let end = 0;
  let trimNext = false;
  const take = (between: string, trimEnd: boolean): string | undefined => {
    if (between.includes('{{') || between.includes('}}')) return undefined;
    const head = trimNext ? between.trimStart() : between;
    return trimEnd ? head.trimEnd() : head;
  };
  for (const match of text.matchAll(ACTION)) {
    const between = take(text.slice(end, match.index), match[1] === '-');
    const part = actionPart(match[2] ?? '');
    if (between === undefined || part === undefined) {
      const known = '{{ .Namespace }}, {{ .Name }}, {{ .UID }}, {{ index .Labels "key" }}';
      return { problem: `cannot read ${JSON.stringify(match[0])}: expected such as ${known}` };
    }
    literal(between, parts);
    parts.push(part);
    trimNext = match[3] === '-';
    end = match.index + match[0].length;
  }
  const rest = take(text.slice(end), false);
  if (rest === undefined) return { problem: 'expected every {{ to have its }}' };
  literal(rest, parts);
  return { value: (metadata) => render(parts, metadata) };
}

function render(parts: readonly Part[], metadata: ObjectMeta): string | undefined {
  let name = '';
  for (const part of parts) {
    const text = part(metadata);
    if (text === undefined) return undefined;
    name += text;
  }
  return name;
}
