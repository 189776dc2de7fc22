/**
 * Makes an EventType for each type of event that a broker or channel sees for the first time, while the feature
 * flag `eventtype-auto-create` says so (contract §2.8).
 *
 * Off the path of events: taking note costs a look into a bounded set; the objects are written one by one in
 * the background. What does not fit the bounds is noted again with its next event.
 */
import { createHash } from 'node:crypto';
import { isAlreadyExists, type ResourceStore } from '@afflux/control';
import type { CloudEvent } from '@afflux/events';
import { BaseComponent, BoundedQueue, type Clock, type Logger } from '@afflux/kernel';
import { CONTROLLER_USER, isEnabled, type EventType, type Features } from '@afflux/resources';

/** Types known to have an object. Beyond it all are forgotten, and found to exist again. */
const SEEN_MAX = 10_000;
const QUEUE_MAX = 1_000;
/** Bound on one write (the original's). */
const WRITE_MS_MAX = 30_000;
const NAME_CHARS_MAX = 253;
const DESCRIPTION = 'EventType auto-created by controller';

/** The object that took the event. */
export interface Emitter {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

export interface EventTypeRecorderOptions {
  readonly store: ResourceStore;
  readonly features: () => Features;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Noted {
  readonly key: string;
  readonly object: EventType;
}

export class EventTypeRecorder extends BaseComponent {
  readonly name = 'event type recorder';
  readonly #options: EventTypeRecorderOptions;
  readonly #seen = new Set<string>();
  readonly #queue = new BoundedQueue<Noted>(QUEUE_MAX);
  #isWriting = false;

  constructor(options: EventTypeRecorderOptions) {
    super();
    this.#options = options;
  }

  /** Quick, never throws. The emitter's object is kept and never changed. */
  readonly note = (event: CloudEvent, emitter: Emitter): void => {
    if (!isEnabled(this.#options.features(), 'eventtype-auto-create')) return;
    const key = `${emitter.uid}\n${event.type}\n${event.source}`;
    if (this.#seen.has(key)) return;
    if (this.#seen.size >= SEEN_MAX) this.#seen.clear();
    if (!this.#queue.push({ key, object: eventTypeOf(event, emitter) })) return;
    this.#seen.add(key);
    if (!this.#isWriting) void this.#write();
  };

  async #write(): Promise<void> {
    this.#isWriting = true;
    for (let noted = this.#queue.shift(); noted !== undefined; noted = this.#queue.shift()) {
      if (this.state === 'closed') break;
      await this.#create(noted);
    }
    this.#isWriting = false;
  }

  async #create({ key, object }: Noted): Promise<void> {
    const { store, clock, logger } = this.#options;
    const limit = new AbortController();
    const timer = clock.setTimer(WRITE_MS_MAX, () => {
      limit.abort();
    });
    try {
      await store.create(object, { fieldManager: CONTROLLER_USER, signal: limit.signal });
    } catch (error) {
      if (isAlreadyExists(error)) return;
      this.#seen.delete(key);
      logger.warn({ err: error, name: object.metadata.name }, 'event type cannot be created');
    } finally {
      timer.cancel();
    }
  }
}

/** Pure: the object for one type of event. */
function eventTypeOf(event: CloudEvent, emitter: Emitter): EventType {
  const { apiVersion, kind, namespace, name, uid } = emitter;
  const schema = event.getText('dataschema');
  return {
    apiVersion: 'eventing.knative.dev/v1beta3',
    kind: 'EventType',
    metadata: {
      name: eventTypeName(event, emitter),
      namespace,
      ownerReferences: [
        { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true },
      ],
    },
    spec: {
      reference: { apiVersion, kind, namespace, name },
      description: DESCRIPTION,
      attributes: [
        { name: 'type', required: true, value: event.type },
        { name: 'source', required: true, value: event.source },
        ...(schema === undefined ? [] : [{ name: 'schemadata', required: false, value: schema }]),
        { name: 'specversion', required: true, value: event.specversion },
        { name: 'id', required: true },
      ],
    },
  };
}

function eventTypeName(event: CloudEvent, { namespace, name }: Emitter): string {
  const hash = createHash('md5')
    .update(event.type + event.source + namespace + name)
    .digest('hex');
  // A long name gives way to the hash, which tells the types of one emitter apart.
  const head = `et-${name}`.slice(0, NAME_CHARS_MAX - hash.length - 1);
  return `${head.replace(/[^a-z0-9]+$/, '')}-${hash}`;
}
