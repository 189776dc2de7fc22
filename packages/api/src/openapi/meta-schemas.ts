/** Schemas that every document refers to: metadata of objects and lists, and what comes with deletes and refusals. */
import type { Schema, Schemas } from './schema.ts';
import { describedRef, kindMark, metaName, refTo, scaleName, TYPE_FIELDS } from './schema.ts';

const TIME: Schema = {
  type: 'string',
  format: 'date-time',
  description: 'A moment as RFC 3339 writes it.',
};

function text(description: string): Schema {
  return { type: 'string', description };
}

function int64(description: string): Schema {
  return { type: 'integer', format: 'int64', description };
}

function flag(description: string): Schema {
  return { type: 'boolean', description };
}

function object(
  description: string,
  properties: Schemas,
  required: readonly string[] = [],
): Schema {
  return {
    type: 'object',
    description,
    properties,
    ...(required.length === 0 ? {} : { required }),
  };
}

function textMap(description: string): Schema {
  return { type: 'object', description, additionalProperties: { type: 'string' } };
}

const OWNER_REFERENCE: Schema = {
  ...object(
    'Names an object that this one belongs to and goes with.',
    {
      apiVersion: text('Group and version of the owner.'),
      kind: text('Kind of the owner.'),
      name: text('Name of the owner. It is in the same namespace, or in none.'),
      uid: text('The uid of the owner: another object of that name is not the owner.'),
      controller: flag('Whether the owner manages this object. At most one owner does.'),
      blockOwnerDeletion: flag(
        'Whether an owner that is deleted in the foreground waits for this object to go.',
      ),
    },
    ['apiVersion', 'kind', 'name', 'uid'],
  ),
  'x-kubernetes-map-type': 'atomic',
};

const MANAGED_FIELDS_ENTRY = object('Which fields one manager set, and when.', {
  apiVersion: text('Version of the object that the fields belong to.'),
  fieldsType: text('Form of fieldsV1. There is one: FieldsV1.'),
  fieldsV1: describedRef(metaName('FieldsV1'), 'The fields.'),
  manager: text('Who set them.'),
  operation: text('Apply for server-side apply, Update for any other write.'),
  subresource: text('The subresource that was written through; empty for the object itself.'),
  time: describedRef(metaName('Time'), 'When the set of fields, or a value of them, changed last.'),
});

const FIELDS_V1: Schema = {
  type: 'object',
  description:
    'A tree of fields: f:<name> is a field, k:<keys> an item of a list by its key, v:<value> an item that is its own key, and a dot the thing itself.',
};

const OBJECT_META = object(
  'What every object has whatever its kind: its name, and what is known of it.',
  {
    annotations: textMap(
      'Notes of tools and people about the object. Objects cannot be selected by them.',
    ),
    creationTimestamp: describedRef(
      metaName('Time'),
      'When the object was created. Set by the server.',
    ),
    deletionGracePeriodSeconds: int64(
      'How many seconds the object may take to end once it is being deleted. Set by the server.',
    ),
    deletionTimestamp: describedRef(
      metaName('Time'),
      'When the object was asked to go. It stays until its finalizers are gone. Set by the server.',
    ),
    finalizers: {
      type: 'array',
      description:
        'Who has something to do before the object may go. Each takes its own entry out when it is done.',
      items: { type: 'string' },
      'x-kubernetes-list-type': 'set',
      'x-kubernetes-patch-strategy': 'merge',
    },
    generateName: text(
      'Beginning of a name that the server completes with random characters; used where there is no name.',
    ),
    generation: int64('Counts the changes of what is wanted. Set by the server.'),
    labels: textMap('Names and values to select objects by.'),
    managedFields: {
      type: 'array',
      description:
        'Which fields belong to which manager, for server-side apply. Kept by the server.',
      items: refTo(metaName('ManagedFieldsEntry')),
      'x-kubernetes-list-type': 'atomic',
    },
    name: text('Name of the object, unique for its kind within a namespace. It cannot change.'),
    namespace: text(
      'Namespace that the object is in; empty for kinds that are in none. It cannot change.',
    ),
    ownerReferences: {
      type: 'array',
      description: 'Objects that this one belongs to. When all of them are gone, it goes too.',
      items: refTo(metaName('OwnerReference')),
      'x-kubernetes-list-map-keys': ['uid'],
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-patch-merge-key': 'uid',
      'x-kubernetes-patch-strategy': 'merge',
    },
    resourceVersion: text(
      'Changes with every write. Hand it back to write only what nobody else has changed meanwhile, or to watch from here on; it means nothing else.',
    ),
    selfLink: text('Not used any more.'),
    uid: text(
      'Tells this object from any other that had, or will have, its name. Set by the server.',
    ),
  },
);

const LIST_META = object('What every list has.', {
  continue: text('Given when the list goes on; hand it back to get the next part.'),
  remainingItemCount: int64('About how many objects are still to come.'),
  resourceVersion: text('Watch from here to see what changes after this list.'),
  selfLink: text('Not used any more.'),
});

const PRECONDITIONS = object('What must hold for a delete to be carried out.', {
  resourceVersion: text('The version that the object must have.'),
  uid: text('The uid that the object must have.'),
});

const DELETE_OPTIONS = object('How to delete.', {
  ...TYPE_FIELDS,
  dryRun: {
    type: 'array',
    description: 'All: check everything and delete nothing.',
    items: { type: 'string' },
    'x-kubernetes-list-type': 'atomic',
  },
  gracePeriodSeconds: int64('How many seconds the object may take to end.'),
  orphanDependents: flag('Older form of propagationPolicy Orphan.'),
  preconditions: describedRef(metaName('Preconditions'), 'Refuse to delete unless these hold.'),
  propagationPolicy: text(
    'What becomes of objects that this one owns: Background, Foreground or Orphan.',
  ),
});

const STATUS_CAUSE = object('One reason of a refusal.', {
  field: text('Path of the field that it is about.'),
  message: text('What is wrong, for people.'),
  reason: text('What is wrong, in one word for programs.'),
});

const STATUS_DETAILS = object('What a refusal is about.', {
  causes: {
    type: 'array',
    description: 'Each thing that is wrong.',
    items: refTo(metaName('StatusCause')),
    'x-kubernetes-list-type': 'atomic',
  },
  group: text('Group of the resource.'),
  kind: text('Kind, or plural, of the resource.'),
  name: text('Name of the object.'),
  retryAfterSeconds: { type: 'integer', format: 'int32', description: 'Try again after so long.' },
  uid: text('The uid of the object.'),
});

const STATUS = object('The outcome of a request that returns no object.', {
  ...TYPE_FIELDS,
  code: { type: 'integer', format: 'int32', description: 'The HTTP status.' },
  details: describedRef(metaName('StatusDetails'), 'What it is about.'),
  message: text('What happened, for people.'),
  metadata: describedRef(metaName('ListMeta'), 'Metadata, mostly empty.'),
  reason: text('Why, in one word for programs.'),
  status: text('Success or Failure.'),
});

/** Schemas that every document contains. */
export const META_SCHEMAS: Schemas = {
  [metaName('DeleteOptions')]: DELETE_OPTIONS,
  [metaName('FieldsV1')]: FIELDS_V1,
  [metaName('ListMeta')]: LIST_META,
  [metaName('ManagedFieldsEntry')]: MANAGED_FIELDS_ENTRY,
  [metaName('ObjectMeta')]: OBJECT_META,
  [metaName('OwnerReference')]: OWNER_REFERENCE,
  [metaName('Patch')]: {
    type: 'object',
    description: 'A change of an object, in one of several forms.',
  },
  [metaName('Preconditions')]: PRECONDITIONS,
  [metaName('Status')]: STATUS,
  [metaName('StatusCause')]: STATUS_CAUSE,
  [metaName('StatusDetails')]: STATUS_DETAILS,
  [metaName('Time')]: TIME,
};

const REPLICAS: Schema = { type: 'integer', format: 'int32' };

/** Schemas of the subresource `scale`, for documents that have one. */
export const SCALE_SCHEMAS: Schemas = {
  [scaleName('Scale')]: {
    ...object('How many replicas an object has, and how many it is to have.', {
      ...TYPE_FIELDS,
      metadata: describedRef(metaName('ObjectMeta'), 'Metadata of the object.'),
      spec: describedRef(scaleName('ScaleSpec'), 'What is wanted.'),
      status: describedRef(scaleName('ScaleStatus'), 'What there is.'),
    }),
    ...kindMark({ group: 'autoscaling', version: 'v1', kind: 'Scale' }),
  },
  [scaleName('ScaleSpec')]: object('What is wanted of a scaled object.', {
    replicas: { ...REPLICAS, description: 'How many replicas are wanted.' },
  }),
  [scaleName('ScaleStatus')]: object(
    'What there is of a scaled object.',
    {
      replicas: { ...REPLICAS, description: 'How many replicas there are.' },
      selector: text('Selects their Pods by label.'),
    },
    ['replicas'],
  ),
};
