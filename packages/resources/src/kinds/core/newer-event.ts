/**
 * Event of `events.k8s.io`: the same objects as those of the core group, under newer names, and with more rules for
 * whoever writes them so.
 */
import { z } from 'zod';
import { COLUMNS, defineKind, typeShape } from '../../define-kind.ts';
import { objectReferenceSchema } from '../../duck/reference.ts';
import type { FieldErrors } from '../../field-errors.ts';
import { renameFields } from '../../field-names.ts';
import { checkChangedEvent, checkEvent, checkNewEvent, type EventFields } from './event-rules.ts';
import { microTimeSchema, timeSchema } from './event-times.ts';
import { eventSeriesSchema, eventSourceSchema } from './event.ts';

/** Names of fields here, and in the core group. */
const CORE_NAMES = {
  regarding: 'involvedObject',
  note: 'message',
  reportingController: 'reportingComponent',
  deprecatedSource: 'source',
  deprecatedFirstTimestamp: 'firstTimestamp',
  deprecatedLastTimestamp: 'lastTimestamp',
  deprecatedCount: 'count',
} as const;

const newerEventSchema = z.strictObject({
  ...typeShape('events.k8s.io/v1', 'Event'),
  eventTime: microTimeSchema.exactOptional().describe('When it was first seen.'),
  series: eventSeriesSchema.exactOptional().describe('How it goes on.'),
  reportingController: z.string().exactOptional().describe('Who reports it.'),
  reportingInstance: z.string().exactOptional().describe('Which instance of that.'),
  action: z.string().exactOptional().describe('What was done.'),
  reason: z.string().exactOptional().describe('CamelCase word for programs.'),
  regarding: objectReferenceSchema.prefault({}).describe('The object that it is about.'),
  related: objectReferenceSchema.exactOptional().describe('Another object that takes part.'),
  note: z.string().exactOptional().describe('Sentence for people.'),
  type: z.string().exactOptional().describe('Normal or Warning; more may come.'),
  deprecatedSource: eventSourceSchema.exactOptional().describe('Who reports it, in the old form.'),
  deprecatedFirstTimestamp: timeSchema
    .exactOptional()
    .describe('When it was first seen, in the old form.'),
  deprecatedLastTimestamp: timeSchema
    .exactOptional()
    .describe('When it was last seen, in the old form.'),
  deprecatedCount: z
    .int()
    .meta({ format: 'int32' })
    .exactOptional()
    .describe('How often it was seen, in the old form.'),
});

/** An Event of Kubernetes in its newer form. */
export type NewerEvent = z.infer<typeof newerEventSchema>;

/** The same in the names of the core group. */
function coreFields(event: NewerEvent): EventFields {
  return renameFields<object>(event, CORE_NAMES) as EventFields;
}

function validate(event: NewerEvent, _context: unknown, old?: NewerEvent): FieldErrors {
  const fields = coreFields(event);
  return checkEvent(fields, 'reportingController').merge(
    old === undefined ? checkNewEvent(fields) : checkChangedEvent(fields, coreFields(old)),
  );
}

/** events.k8s.io/v1 Event. */
export const newerEventKind = defineKind<NewerEvent>({
  group: 'events.k8s.io',
  version: 'v1',
  kind: 'Event',
  schema: newerEventSchema,
  shortNames: ['ev'],
  hasStatus: false,
  isBuiltin: true,
  keptAs: { apiVersion: 'v1', fields: CORE_NAMES },
  selectableFields: [
    'reason',
    'regarding.kind',
    'regarding.namespace',
    'regarding.name',
    'regarding.uid',
    'regarding.apiVersion',
    'regarding.resourceVersion',
    'regarding.fieldPath',
    'reportingController',
    'type',
  ],
  printerColumns: [
    { name: 'Last Seen', type: 'date', jsonPath: '.deprecatedLastTimestamp' },
    { name: 'Type', type: 'string', jsonPath: '.type' },
    { name: 'Reason', type: 'string', jsonPath: '.reason' },
    { name: 'Object', type: 'string', jsonPath: '.regarding.name' },
    { name: 'Message', type: 'string', jsonPath: '.note' },
    { ...COLUMNS.age, priority: 1 },
  ],
  validate,
});
