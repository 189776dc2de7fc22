/**
 * How a filter reads an attribute of an event: as its canonical text, undefined when absent.
 *
 * The dialects know three names that are not, or not only, attributes, because Knative's filters do:
 * `datamediatype` is the content type without parameters, and `schemaurl` and `dataschema` are the names of
 * one attribute in versions 0.3 and 1.0. CESQL knows attributes only, so there every name is plain.
 */
import type { CloudEvent } from '@afflux/events';

export interface AttributeReader {
  /** The same id reads the same; readers of CESQL and of the dialects can share one. */
  readonly id: string;
  readonly name: string;
  /** Whether `id` is the name of an attribute that is read as it is. */
  readonly isPlain: boolean;
  /** Whether every event has it. */
  readonly isRequired: boolean;
  text(event: CloudEvent): string | undefined;
}

const REQUIRED_NAMES: ReadonlySet<string> = new Set(['id', 'source', 'specversion', 'type']);

/** Reads the attribute of exactly this name. */
export function plainReader(name: string): AttributeReader {
  return {
    id: name,
    name,
    isPlain: true,
    isRequired: REQUIRED_NAMES.has(name),
    text: (event) => event.getText(name),
  };
}

/** Reads what the dialects mean by a name. */
export function dialectReader(name: string): AttributeReader {
  const read = ALIASES.get(name);
  if (read === undefined) return plainReader(name);
  return { id: `alias:${name}`, name, isPlain: false, isRequired: false, text: read };
}

const ALIASES: ReadonlyMap<string, (event: CloudEvent) => string | undefined> = new Map([
  ['datamediatype', mediaTypeOf],
  ['schemaurl', (event: CloudEvent) => event.getText('schemaurl') ?? event.getText('dataschema')],
  ['dataschema', dataSchemaOf],
]);

function mediaTypeOf(event: CloudEvent): string | undefined {
  const contentType = event.getText('datacontenttype');
  if (contentType === undefined) return undefined;
  const parameters = contentType.indexOf(';');
  const type = parameters < 0 ? contentType : contentType.slice(0, parameters);
  return type.trim().toLowerCase();
}

function dataSchemaOf(event: CloudEvent): string | undefined {
  const schema = event.getText('dataschema');
  if (schema !== undefined || event.specversion !== '0.3') return schema;
  return event.getText('schemaurl');
}
