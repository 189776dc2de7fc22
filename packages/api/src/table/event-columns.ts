/**
 * Columns of an Event, whose fields may have the names of either API group. Events come in two generations: the older writes `firstTimestamp`, `lastTimestamp`, `count` and
 * `source`, the newer `eventTime`, `series` and `reporting…`; either is shown.
 */
import type { ApiObject } from '@afflux/resources';
import { ageOf } from '@afflux/resources/text';
import type { Columns } from './column.ts';
import { nameColumn, textColumn } from './column.ts';
import { memberAt, numberAt, textAt } from './members.ts';

/** The field of a core Event, or the same of one of `events.k8s.io`. */
function text(event: ApiObject, core: string, newer: string, ...names: readonly string[]): string {
  return textAt(event, core, ...names) || textAt(event, newer, ...names);
}

interface Occurrence {
  readonly first: string;
  readonly last: string;
  readonly count: number;
}

function occurrenceOf(event: ApiObject): Occurrence {
  const first =
    text(event, 'firstTimestamp', 'deprecatedFirstTimestamp') || textAt(event, 'eventTime');
  if (memberAt(event, 'series') !== undefined) {
    return {
      first,
      last: textAt(event, 'series', 'lastObservedTime'),
      count: numberAt(event, 'series', 'count'),
    };
  }
  const last = text(event, 'lastTimestamp', 'deprecatedLastTimestamp') || first;
  // An event of the newer generation that happened once has no count.
  return {
    first,
    last,
    count: numberAt(event, 'count') || numberAt(event, 'deprecatedCount') || 1,
  };
}

function involvedText(event: ApiObject): string {
  const kind = text(event, 'involvedObject', 'regarding', 'kind').toLowerCase();
  const name = text(event, 'involvedObject', 'regarding', 'name');
  return name === '' ? kind : `${kind}/${name}`;
}

function sourceText(event: ApiObject): string {
  const component =
    text(event, 'source', 'deprecatedSource', 'component') ||
    text(event, 'reportingComponent', 'reportingController');
  const instance =
    text(event, 'source', 'deprecatedSource', 'host') || textAt(event, 'reportingInstance');
  return instance === '' ? component : `${component}, ${instance}`;
}

export const EVENT_COLUMNS: Columns = {
  definitions: [
    textColumn('Last Seen', 'How long ago it happened last.'),
    textColumn('Type', 'Normal or Warning.'),
    textColumn('Reason', 'Why, in one word for programs.'),
    textColumn('Object', 'What it happened to.'),
    textColumn('Subobject', 'Which part of the object.', 1),
    textColumn('Source', 'Who reports it.', 1),
    textColumn('Message', 'What happened, for people.'),
    textColumn('First Seen', 'How long ago it happened first.', 1),
    textColumn('Count', 'How many times it happened.', 1),
    nameColumn(1),
  ],
  cells: (event, nowMs) => {
    const { first, last, count } = occurrenceOf(event);
    return [
      ageOf(last, nowMs),
      textAt(event, 'type'),
      textAt(event, 'reason'),
      involvedText(event),
      text(event, 'involvedObject', 'regarding', 'fieldPath'),
      sourceText(event),
      text(event, 'message', 'note').trim(),
      ageOf(first, nowMs),
      count,
      event.metadata.name,
    ];
  },
};
