/**
 * Progress as bytes, for channels that outlive the process: one line of JSON with a version, and after it the
 * reply, when there is one, as a structured CloudEvent, whose data are the bytes they were.
 */
import { decodeHttp, encodeStructured } from '@afflux/events';
import { z } from 'zod';
import { DeliveryError } from './errors.ts';
import type { Progress } from './plan.ts';

const VERSION = 1;
/** JSON text never contains one. */
const LINE_END = Buffer.from('\n');
const STAGES = ['subscriber', 'reply', 'dead-letter'] as const;
const STRUCTURED = ['content-type', 'application/cloudevents+json'];

const REASONS = [
  'status',
  'connection',
  'timeout',
  'address-refused',
  'response-too-large',
  'invalid-reply',
  'invalid-request',
  'aborted',
  'overflow',
] as const;

const count = z.int().min(0);

const failureSchema = z.strictObject({
  destination: z.string(),
  code: z.int(),
  data: z.string(),
  reason: z.enum(REASONS),
  stage: z.enum(STAGES),
  attempts: count,
  atMs: z.number(),
});

const encodedSchema = z.strictObject({
  version: z.literal(VERSION),
  stage: z.enum(STAGES),
  attempt: count,
  refusals: count.optional(),
  replyPassthrough: z.array(z.string()).optional(),
  failure: failureSchema.optional(),
});

/** Never fails for progress that delivery made. */
export function encodeProgress(progress: Progress): Buffer {
  const { reply, ...rest } = progress;
  const line = Buffer.from(JSON.stringify({ version: VERSION, ...rest }));
  return reply === undefined ? line : Buffer.concat([line, LINE_END, encodeStructured(reply).body]);
}

/** @throws DeliveryError `AFFLUX_DELIVERY_PROGRESS_INVALID` for anything that this version did not write. */
export function decodeProgress(bytes: Buffer): Progress {
  try {
    return decode(bytes);
  } catch (error) {
    throw new DeliveryError('the stored progress of a delivery cannot be read', {
      code: 'AFFLUX_DELIVERY_PROGRESS_INVALID',
      cause: error,
    });
  }
}

function decode(bytes: Buffer): Progress {
  const end = bytes.indexOf(LINE_END);
  const line = end === -1 ? bytes : bytes.subarray(0, end);
  const { version: _version, ...fields } = encodedSchema.parse(JSON.parse(line.toString()));
  // Optional fields are left out rather than undefined, as they were when they were written.
  const progress = JSON.parse(JSON.stringify(fields)) as Omit<Progress, 'reply'>;
  if (end === -1) return progress;
  const [reply] = decodeHttp(STRUCTURED, bytes.subarray(end + LINE_END.length));
  return reply === undefined ? progress : { ...progress, reply };
}
