/**
 * What one courier writes to the log: failed attempts and expired events at debug, events that the channel keeps
 * as dead letters at warn, lost events at warn (nobody asked for dead letters) or error (the dead letter sink refused them), both bounded in number. Never event data, never the
 * query of an address.
 */
import type { CloudEvent } from '@afflux/events';
import type { Clock, LogFields, Logger } from '@afflux/kernel';
import { BoundedLog } from './bounded-log.ts';
import type { CourierLabels } from './delivery-metrics.ts';
import type { Failed } from './outcome.ts';
import type { Failure, Progress, Settlement } from './plan.ts';

/** Lines per 10 s. Metrics count every event; the lines are for finding out why. */
const WARNINGS_MAX = 1;
const ERRORS_MAX = 20;

export class DeliveryLog {
  readonly #logger: Logger;
  readonly #warnings: BoundedLog;
  readonly #errors: BoundedLog;

  constructor(logger: Logger, clock: Clock, labels: CourierLabels) {
    const own = logger.child({ destination: labels.destination });
    this.#logger = own;
    this.#warnings = new BoundedLog(clock, WARNINGS_MAX, (fields, message) => {
      own.warn(fields, message);
    });
    this.#errors = new BoundedLog(clock, ERRORS_MAX, (fields, message) => {
      own.error(fields, message);
    });
  }

  failed(event: CloudEvent, at: Progress, outcome: Failed, settlement: Settlement): void {
    const { reason, status, message } = outcome;
    const attempt = at.attempt + 1;
    const next = nextOf(settlement);
    this.#logger.debug(
      { ...identityOf(event), stage: at.stage, attempt, reason, status, problem: message, next },
      'delivery attempt failed',
    );
  }

  /** The channel keeps the event as a dead letter. */
  stored(event: CloudEvent, at: Progress, failure: Failure): void {
    const fields = { ...identityOf(event), stage: at.stage, ...factsOf(failure) };
    this.#warnings.write(fields, 'event became a dead letter of its channel');
  }

  expired(event: CloudEvent, at: Progress): void {
    this.#logger.debug({ ...identityOf(event), stage: at.stage }, 'event expired');
  }

  /** `failure` is absent when the dead letter sink was taken out of the plan while the event waited for it. */
  dropped(event: CloudEvent, at: Progress, failure: Failure | undefined): void {
    const fields = { ...identityOf(event), stage: at.stage, ...factsOf(failure) };
    if (failure?.stage === 'dead-letter') {
      this.#errors.write(fields, 'event dropped: its dead letter sink refuses it');
    } else {
      this.#warnings.write(fields, 'event dropped: there is no dead letter sink');
    }
  }
}

function nextOf(settlement: Settlement): string {
  switch (settlement.kind) {
    case 'retry':
      return settlement.progress.stage;
    case 'dead-letter':
      return 'stored';
    case 'done':
      return settlement.outcome;
  }
}

function identityOf(event: CloudEvent): LogFields {
  return { eventId: event.id, eventSource: event.source, eventType: event.type };
}

function factsOf(failure: Failure | undefined): LogFields {
  if (failure === undefined) return {};
  const { reason, code, attempts, destination } = failure;
  return { reason, code, attempts, url: destination };
}
