/**
 * Event of Kubernetes: a note about what happened to an object, for people (`kubectl describe`). It has nothing
 * to do with CloudEvents, which the rest of the system calls events.
 */
import { z } from 'zod';
import { COLUMNS, defineKind, typeShape } from '../../define-kind.ts';
import { objectReferenceSchema } from '../../duck/reference.ts';
import { checkEvent } from './event-rules.ts';
import { microTimeSchema, timeSchema } from './event-times.ts';

export const eventSourceSchema = z.strictObject({
  component: z.string().exactOptional(),
  host: z.string().exactOptional(),
});

export const eventSeriesSchema = z.strictObject({
  count: z.int().meta({ format: 'int32' }).exactOptional(),
  lastObservedTime: microTimeSchema.exactOptional(),
});

const eventSchema = z.strictObject({
  ...typeShape('v1', 'Event'),
  involvedObject: objectReferenceSchema.describe('The object that it is about.'),
  reason: z.string().exactOptional().describe('CamelCase word for programs.'),
  message: z.string().exactOptional().describe('Sentence for people.'),
  type: z.string().exactOptional().describe('Normal or Warning; more may come.'),
  source: eventSourceSchema.exactOptional().describe('Who reports it, in the old form.'),
  firstTimestamp: timeSchema.exactOptional().describe('When it was first seen.'),
  lastTimestamp: timeSchema.exactOptional().describe('When it was last seen.'),
  count: z.int().meta({ format: 'int32' }).exactOptional().describe('How often it was seen.'),
  eventTime: microTimeSchema.exactOptional().describe('When it was first seen, in the new form.'),
  series: eventSeriesSchema.exactOptional().describe('How it goes on, in the new form.'),
  action: z.string().exactOptional().describe('What was done.'),
  related: objectReferenceSchema.exactOptional().describe('Another object that takes part.'),
  reportingComponent: z.string().exactOptional().describe('Who reports it.'),
  reportingInstance: z.string().exactOptional().describe('Which instance of that.'),
});

/** An Event of Kubernetes. */
export type KubernetesEvent = z.infer<typeof eventSchema>;

/** v1 Event. */
export const eventKind = defineKind<KubernetesEvent>({
  group: '',
  version: 'v1',
  kind: 'Event',
  schema: eventSchema,
  shortNames: ['ev'],
  hasStatus: false,
  isBuiltin: true,
  selectableFields: [
    'involvedObject.kind',
    'involvedObject.namespace',
    'involvedObject.name',
    'involvedObject.uid',
    'involvedObject.apiVersion',
    'involvedObject.resourceVersion',
    'involvedObject.fieldPath',
    'reason',
    'reportingComponent',
    'source',
    'type',
  ],
  printerColumns: [
    { name: 'Last Seen', type: 'date', jsonPath: '.lastTimestamp' },
    { name: 'Type', type: 'string', jsonPath: '.type' },
    { name: 'Reason', type: 'string', jsonPath: '.reason' },
    { name: 'Object', type: 'string', jsonPath: '.involvedObject.name' },
    { name: 'Message', type: 'string', jsonPath: '.message' },
    { ...COLUMNS.age, priority: 1 },
  ],
  validate: (event) => checkEvent(event, 'reportingComponent'),
});
