/** Bodies of requests that create jobs. One schema per kind gives types, bounds and messages. */
import { z } from 'zod';
import { apiRefused } from '../errors.ts';
import { API_VERSION } from './dead-letter-object.ts';
import { PARAMETER_CHARS_MAX } from './list-query.ts';

const resourceName = z
  .string()
  .max(253)
  .regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/, 'a lowercase RFC 1123 subdomain is expected');

const filter = z.string().min(1).max(PARAMETER_CHARS_MAX);

/** Events per second; beyond the maximum no rate is meant. */
const rate = z.number().positive().max(1_000_000);

const backlog = {
  broker: resourceName.optional(),
  channel: resourceName.optional(),
};

const redriveSpec = z.strictObject({
  ...backlog,
  trigger: resourceName.optional(),
  subscription: resourceName.optional(),
  filter: filter.optional(),
  rate: rate.optional(),
  dryRun: z.boolean().optional(),
});

export type RedriveSpec = z.output<typeof redriveSpec>;

const replaySpec = z
  .strictObject({
    ...backlog,
    trigger: resourceName.optional(),
    subscription: resourceName.optional(),
    from: z.string().min(1).max(PARAMETER_CHARS_MAX),
    to: z.string().min(1).max(PARAMETER_CHARS_MAX).optional(),
    filter: filter.optional(),
    rate: rate.optional(),
  })
  .refine(({ broker, channel }) => (broker === undefined) !== (channel === undefined), {
    error: 'name either a broker or a channel',
  })
  .refine(({ trigger, subscription }) => (trigger === undefined) !== (subscription === undefined), {
    error: 'name the trigger, or the subscription, that gets the events again',
  });

export type ReplaySpec = z.output<typeof replaySpec>;

/** An object of a kind, as far as whoever creates one may say it. */
function request<S extends z.ZodType>(kind: string, spec: S) {
  return z.strictObject({
    apiVersion: z.literal(API_VERSION),
    kind: z.literal(kind),
    metadata: z
      .strictObject({ name: resourceName.optional(), namespace: resourceName.optional() })
      .prefault({}),
    spec,
  });
}

const redriveRequest = request('Redrive', redriveSpec);
const replayRequest = request('Replay', replaySpec);

export interface JobRequest<S> {
  readonly name: string;
  readonly spec: S;
}

export function parseRedrive(body: unknown, namespace: string): JobRequest<RedriveSpec> {
  return parse('Redrive', redriveRequest, body, namespace);
}

export function parseReplay(body: unknown, namespace: string): JobRequest<ReplaySpec> {
  return parse('Replay', replayRequest, body, namespace);
}

interface Parsed<S> {
  readonly metadata: {
    readonly name?: string | undefined;
    readonly namespace?: string | undefined;
  };
  readonly spec: S;
}

function parse<S>(
  kind: string,
  schema: z.ZodType<Parsed<S>>,
  body: unknown,
  namespace: string,
): JobRequest<S> {
  const result = schema.safeParse(body);
  if (!result.success) {
    const problems = result.error.issues.map(({ path, message }) =>
      path.length === 0 ? message : `${path.map(String).join('.')}: ${message}`,
    );
    throw apiRefused('Invalid', `${kind}.afflux.dev is invalid: ${problems.join('; ')}`);
  }
  const { metadata, spec } = result.data;
  if (metadata.namespace !== undefined && metadata.namespace !== namespace) {
    throw apiRefused(
      'BadRequest',
      `the namespace of the provided object does not match the namespace sent on the request`,
    );
  }
  return { name: metadata.name ?? '', spec };
}
