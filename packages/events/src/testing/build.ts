/** For tests: messages and events in few words. */
import type { CloudEvent } from '../cloud-event.ts';
import type { Problem } from '../errors.ts';
import { EventsError } from '../errors.ts';
import { decodeHttp } from '../http.ts';
import type { DecodeOptions } from '../limits.ts';

const REQUIRED = ['ce-specversion', '1.0', 'ce-id', '1', 'ce-source', '/s', 'ce-type', 't'];

/** The one element of a list. */
export function only<T>(items: readonly T[]): T {
  const [item] = items;
  if (item === undefined || items.length !== 1) throw new Error(`${String(items.length)} items`);
  return item;
}

/** Raw headers of a complete event and more of them, which replace those of the same name. */
export function rawHeaders(more: Readonly<Record<string, string>> = {}): string[] {
  const headers: string[] = [];
  for (let at = 0; at < REQUIRED.length; at += 2) {
    const name = REQUIRED[at] ?? '';
    if (!(name in more)) headers.push(name, REQUIRED[at + 1] ?? '');
  }
  return headers.concat(Object.entries(more).flat());
}

/** A binary-mode event with these headers beside the required ones. */
export function binaryEvent(
  more: Readonly<Record<string, string>> = {},
  body: string | Buffer = '',
  options?: DecodeOptions,
): CloudEvent {
  return only(decodeHttp(rawHeaders(more), Buffer.from(body), options));
}

/** The text of a structured event: the required attributes and more members. */
export function envelope(members: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({ specversion: '1.0', id: '1', source: '/s', type: 't', ...members });
}

/** The event that a structured body holds. */
export function structuredEvent(body: string | Buffer, options?: DecodeOptions): CloudEvent {
  const headers = ['content-type', 'application/cloudevents+json'];
  return only(decodeHttp(headers, Buffer.from(body), options));
}

/** The events that a batched body holds. */
export function batchEvents(body: string, options?: DecodeOptions): CloudEvent[] {
  const headers = ['content-type', 'application/cloudevents-batch+json'];
  return decodeHttp(headers, Buffer.from(body), options);
}

/** The error that the call throws. */
export function errorOf(run: () => unknown): EventsError {
  try {
    run();
  } catch (error) {
    if (error instanceof EventsError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

/** The names at fault, in order. */
export function attributesAtFault(run: () => unknown): string[] {
  return errorOf(run).problems.map((problem: Problem) => problem.attribute);
}

/** All attributes of an event by name. */
export function attributesOf(event: CloudEvent): Record<string, unknown> {
  return Object.fromEntries(event.names().map((name) => [name, event.get(name)]));
}

/** A flat header list as an object. */
export function headerMap(headers: readonly string[]): Record<string, string> {
  const map: Record<string, string> = {};
  for (let at = 0; at + 1 < headers.length; at += 2) map[headers[at] ?? ''] = headers[at + 1] ?? '';
  return map;
}
