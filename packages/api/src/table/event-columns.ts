/**
 * Columns of an Event. Events come in two generations: the older writes `firstTimestamp`, `lastTimestamp`, `count` and
 * `source`, the newer `eventTime`, `series` and `reporting…`; either is shown.
 */
import type { ApiObject } from '@afflux/resources';
import { ageOf } from '@afflux/resources/text';
import type { Columns } from './column.ts';
import { nameColumn, textColumn } from './column.ts';
import { memberAt, numberAt, textAt } from './members.ts';

interface Occurrence {
  readonly first: string;
  readonly last: string;
  readonly count: number;
}

function occurrenceOf(event: ApiObject): Occurrence {
  const first = textAt(event, 'firstTimestamp') || textAt(event, 'eventTime');
  if (memberAt(event, 'series') !== undefined) {
    return {
      first,
      last: textAt(event, 'series', 'lastObservedTime'),
      count: numberAt(event, 'series', 'count'),
    };
  }
  const last = textAt(event, 'lastTimestamp') || first;
  // An event of the newer generation that happened once has no count.
  return { first, last, count: numberAt(event, 'count') || 1 };
}

function involvedText(event: ApiObject): string {
  const kind = textAt(event, 'involvedObject', 'kind').toLowerCase();
  const name = textAt(event, 'involvedObject', 'name');
  return name === '' ? kind : `${kind}/${name}`;
}

function sourceText(event: ApiObject): string {
  const component = textAt(event, 'source', 'component') || textAt(event, 'reportingComponent');
  const instance = textAt(event, 'source', 'host') || textAt(event, 'reportingInstance');
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
      textAt(event, 'involvedObject', 'fieldPath'),
      sourceText(event),
      textAt(event, 'message').trim(),
      ageOf(first, nowMs),
      count,
      event.metadata.name,
    ];
  },
};
