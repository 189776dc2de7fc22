/**
 * Deliveries to brokers and channels of this very process do not go over the network: a step of a Sequence, a
 * reply to a channel, a dead letter sink that is a broker. The route takes the event directly, with the same
 * outcome that the listener's answer would have had. It also lets such events go on while the listener is
 * already closed for a shutdown.
 */
import type { Outcome, Sender, SendRequest } from '@afflux/delivery';
import type { RouteTable, EventRoute } from '@afflux/ingress';
import { AffluxError, type Clock } from '@afflux/kernel';

export interface LocalDeliveryOptions {
  readonly sender: Sender;
  readonly routes: RouteTable;
  /** Own addresses, such as `http://localhost:8080`; asked at each call, as the port may be known late. */
  readonly origins: () => readonly string[];
  readonly clock: Clock;
}

export function localDelivery(options: LocalDeliveryOptions): Sender {
  const { sender, routes, origins, clock } = options;
  return {
    send(request, sendOptions) {
      const route = localRoute(request.target.url, origins(), routes);
      return route === undefined
        ? sender.send(request, sendOptions)
        : acceptLocally(route, request, clock);
    },
  };
}

function localRoute(
  url: string,
  origins: readonly string[],
  routes: RouteTable,
): EventRoute | undefined {
  for (const origin of origins) {
    if (url.startsWith(origin) && url.charCodeAt(origin.length) === SLASH) {
      return routes.find(url.slice(origin.length), undefined);
    }
  }
  return undefined;
}

const SLASH = '/'.charCodeAt(0);

async function acceptLocally(
  route: EventRoute,
  request: SendRequest,
  clock: Clock,
): Promise<Outcome> {
  const startedMs = clock.monotonicMs();
  const { event, passthrough, trace } = request;
  try {
    // With the hop count that other subscribers do not get (`omitAttribute`): brokers that deliver to each
    // other, or through a channel, would otherwise begin to count anew each time, and never end (threat T17).
    await route.accept([event], { passthrough, trace });
    return { kind: 'success', status: 202, durationMs: clock.monotonicMs() - startedMs };
  } catch (error) {
    if (!(error instanceof AffluxError)) throw error;
    return refusalOutcome(error as AffluxError, clock.monotonicMs() - startedMs);
  }
}

/** What the listener would have answered, as the outcome of an attempt. */
function refusalOutcome(error: AffluxError, durationMs: number): Outcome {
  const { retryAfterMs } = error.details;
  const status = statusOf(error);
  return {
    kind: 'failure',
    reason: 'status',
    status,
    retryable: error.retryable || status >= 500,
    ...(typeof retryAfterMs === 'number' ? { retryAfterMs } : {}),
    message: error.message,
    durationMs,
  };
}

/** By the rule of the listener. */
function statusOf({ code, details, fault, retryable }: AffluxError): number {
  if (typeof details['status'] === 'number') return details['status'];
  if (code.endsWith('_TOO_LARGE')) return 413;
  if (typeof details['retryAfterMs'] === 'number') return 429;
  if (retryable) return 503;
  return fault === 'user' ? 400 : 500;
}
