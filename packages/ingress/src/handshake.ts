/**
 * OPTIONS as the CloudEvents webhook specification has it: a sender asks whether it may deliver here. The
 * answer names the asking origin, never `*` (threat T09); a callback address is never called, as it comes from
 * an unauthenticated stranger. A browser's preflight is an OPTIONS as well and gets no CORS headers, so the
 * browser stops there.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';

const NAME_BYTES_MAX = 255;

export function answerOptions(request: IncomingMessage, response: ServerResponse): void {
  const headers = ['allow', 'POST, OPTIONS', 'content-length', '0'];
  const origin = request.headers['webhook-request-origin'];
  if (typeof origin === 'string' && origin !== '*' && isHostName(origin)) {
    headers.push('webhook-allowed-origin', origin);
    const rate = request.headers['webhook-request-rate'];
    const asked = typeof rate === 'string' && /^[1-9]\d{0,8}$/.test(rate) ? rate : '*';
    headers.push('webhook-allowed-rate', asked);
  }
  response.writeHead(200, headers);
  response.end();
}

/** A DNS expression, as the specification wants it: nothing that could carry markup or a second header. */
function isHostName(origin: string): boolean {
  return origin.length <= NAME_BYTES_MAX && /^[a-z0-9_.:/*-]+$/i.test(origin);
}
