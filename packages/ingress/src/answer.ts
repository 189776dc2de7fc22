/**
 * Writes a refusal.
 *
 * A client may still be sending when it is refused. A short rest is read and thrown away by Node, and the
 * connection lives on. A long or unknown rest is not read: the answer is written at once, reading stops (so
 * that the rest stays in the client's buffers) and the connection is cut a moment later. Cutting it at once
 * would make the client's system throw the answer away unread.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '@afflux/kernel';
import { problemBody, problemHeaders, type Problem } from './problem.ts';

/** How long a refused client may take to read its answer before the connection is cut. */
const LINGER_MS = 1_000;

/** A rest of the body up to this size is read and thrown away to keep the connection. */
const REST_BYTES_MAX = 64 * 1024;

export interface AnswerOptions {
  readonly clock: Clock;
  /** The connection serves no further request. */
  readonly isLast: boolean;
}

export function answerProblem(
  request: IncomingMessage,
  response: ServerResponse,
  problem: Problem,
  options: AnswerOptions,
): void {
  const body = problemBody(problem);
  const headers = problemHeaders(problem, body);
  const cuts = hasLongRest(request);
  if (cuts || options.isLast) headers.push('connection', 'close');
  response.writeHead(problem.status, headers);
  if (request.method === 'HEAD') response.end();
  else if (cuts) answerAndCut(request, response, body, options.clock);
  else response.end(body);
}

function hasLongRest(request: IncomingMessage): boolean {
  if (request.complete) return false;
  const { 'content-length': length, 'transfer-encoding': encoding } = request.headers;
  return length === undefined ? encoding !== undefined : Number(length) > REST_BYTES_MAX;
}

function answerAndCut(
  request: IncomingMessage,
  response: ServerResponse,
  body: string,
  clock: Clock,
): void {
  const { socket } = request;
  request.pause();
  response.write(body);
  const cut = clock.setTimer(LINGER_MS, () => {
    socket.destroy();
  });
  socket.once('close', () => {
    cut.cancel();
  });
}
