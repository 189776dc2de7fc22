/**
 * Everything this package raises. All of it is somebody's malformed or oversized event: the fault is the
 * sender's and sending the same bytes again cannot help, so nothing here is retryable.
 */
import { AffluxError } from '@afflux/kernel';

export type EventsErrorCode =
  /** Meant as a CloudEvent, but against its rules. Status 400. */
  | 'AFFLUX_EVENTS_INVALID'
  /** Nothing in the message says that it is a CloudEvent. Status 400. */
  | 'AFFLUX_EVENTS_NOT_AN_EVENT'
  /** An event format, charset or content coding that is not read here. Status 415. */
  | 'AFFLUX_EVENTS_UNSUPPORTED'
  /** Beyond a limit: 431 when headers carry too much, 413 when the body does. */
  | 'AFFLUX_EVENTS_TOO_LARGE';

/** The HTTP status that answers the error. */
export type EventsErrorStatus = 400 | 413 | 415 | 431;

/** One thing that is wrong, and what to do about it. Never contains event data. */
export interface Problem {
  /**
   * The attribute's name. Problems of the message as a whole carry the header's name (`content-type`,
   * `content-encoding`) or `(body)`; neither can be an attribute name.
   */
  readonly attribute: string;
  /** Position in the batch, from 0; absent outside batches. */
  readonly index?: number;
  /** Reads on after the attribute's name: `is missing: …`. */
  readonly reason: string;
}

/** More problems than this are not listed: an answer stays small whatever was sent. */
export const PROBLEMS_MAX = 32;

/** Adds to a list that stops growing once it is certain to be cut. */
export function note(problems: Problem[], problem: Problem): void {
  if (problems.length <= PROBLEMS_MAX) problems.push(problem);
}

const SUMMARIES: Readonly<Record<EventsErrorCode, string>> = {
  AFFLUX_EVENTS_INVALID: 'the event is invalid',
  AFFLUX_EVENTS_NOT_AN_EVENT: 'the message is not a CloudEvent',
  AFFLUX_EVENTS_UNSUPPORTED: 'the message is in a form that is not supported',
  AFFLUX_EVENTS_TOO_LARGE: 'the event is too large',
};

function describeProblem(problem: Problem): string {
  const where = problem.index === undefined ? '' : `[${String(problem.index)}] `;
  return `${where}${problem.attribute} ${problem.reason}`;
}

/** A malformed, unsupported or oversized event. `details` holds `status` and `problems` too, for logs. */
export class EventsError extends AffluxError<EventsErrorCode> {
  readonly status: EventsErrorStatus;
  /** At least one, at most 32, in the order they were found. */
  readonly problems: readonly Problem[];

  constructor(code: EventsErrorCode, status: EventsErrorStatus, found: readonly Problem[]) {
    const problems = found.slice(0, PROBLEMS_MAX);
    const more = found.length > problems.length ? '; and more' : '';
    super(`${SUMMARIES[code]}: ${problems.map(describeProblem).join('; ')}${more}`, {
      code,
      fault: 'user',
      details: { status, problems },
    });
    this.status = status;
    this.problems = problems;
  }
}

/** What the sender wrote, short enough and quoted so that it can stand in a message. */
export function shown(text: string): string {
  return JSON.stringify(text.length > 64 ? `${text.slice(0, 64)}…` : text);
}

/** A stored event that cannot be read: it was damaged, or written by a later version. */
export class StoredFormError extends AffluxError<'AFFLUX_EVENTS_STORED_UNREADABLE'> {
  constructor(reason: string, cause?: unknown) {
    super(`the record of a stored event ${reason}`, {
      code: 'AFFLUX_EVENTS_STORED_UNREADABLE',
      ...(cause === undefined ? {} : { cause }),
    });
  }
}
