/** Resolves a dead letter sink into a status, the same way for brokers and triggers. */
import { AddressError, type AddressResolver } from '@afflux/control';
import type { Destination, Marks } from '@afflux/resources';

/** The part of a status that says where dead letters go. */
export interface SinkStatus {
  deadLetterSinkUri?: string;
  deadLetterSinkCACerts?: string;
}

/** Where dead letters go when the object itself names no sink. */
export interface InheritedSink {
  readonly deadLetterSinkUri?: string;
  readonly deadLetterSinkCACerts?: string;
}

export interface SinkRequest {
  readonly sink: Destination | undefined;
  readonly inherited: InheritedSink;
  readonly namespace: string;
  readonly observer: string;
  readonly signal: AbortSignal;
  /** What the kind calls it. Default `DeadLetterSinkResolved`. */
  readonly condition?: string;
}

/** True when there is no sink, or its address is known; the condition says which. */
export async function resolveDeadLetterSink(
  resolver: AddressResolver,
  request: SinkRequest,
  status: SinkStatus,
  marks: Marks,
): Promise<boolean> {
  delete status.deadLetterSinkUri;
  delete status.deadLetterSinkCACerts;
  const { condition = 'DeadLetterSinkResolved' } = request;
  if (request.sink === undefined) {
    const { deadLetterSinkUri, deadLetterSinkCACerts } = request.inherited;
    if (deadLetterSinkUri === undefined) {
      marks.true(condition, 'DeadLetterSinkNotConfigured', 'No dead letter sink is configured.');
      return true;
    }
    status.deadLetterSinkUri = deadLetterSinkUri;
    if (deadLetterSinkCACerts !== undefined) status.deadLetterSinkCACerts = deadLetterSinkCACerts;
    marks.true(condition);
    return true;
  }
  try {
    const { namespace, observer, signal } = request;
    const address = await resolver.resolve(request.sink, { namespace, observer, signal });
    status.deadLetterSinkUri = address.url;
    if (address.caCerts !== undefined) status.deadLetterSinkCACerts = address.caCerts;
    marks.true(condition);
    return true;
  } catch (error) {
    if (!(error instanceof AddressError)) throw error;
    // The reason is Knative's own, blanks and all.
    marks.false(condition, "Unable to get the dead letter sink's URI", error.message);
    return false;
  }
}
