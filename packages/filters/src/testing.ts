/** For the tests of this package: events from a plain map of attributes, and expressions on them. */
import { makeEvent } from '@afflux/events';
import type { AttributeValue, CloudEvent, EventInput } from '@afflux/events';
import { evaluateCesql, parseCesql } from './cesql/expression.ts';
import type { CesqlResult } from './cesql/expression.ts';

export type Attributes = Readonly<Record<string, AttributeValue>>;

const CORE_NAMES: ReadonlySet<string> = new Set([
  ...['specversion', 'id', 'source', 'type'],
  ...['subject', 'time', 'dataschema', 'datacontenttype'],
]);

/** An event with id `1`, source `/s` and type `t`, and these attributes besides or instead. */
export function eventWith(attributes: Attributes = {}): CloudEvent {
  const all = Object.entries({ id: '1', source: '/s', type: 't', ...attributes });
  const core = Object.fromEntries(all.filter(([name]) => CORE_NAMES.has(name)));
  const extensions = Object.fromEntries(all.filter(([name]) => !CORE_NAMES.has(name)));
  return makeEvent({ ...(core as unknown as EventInput), extensions });
}

export function evaluateText(text: string, attributes?: Attributes): CesqlResult {
  return evaluateCesql(parseCesql(text), eventWith(attributes));
}
