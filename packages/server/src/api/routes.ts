/**
 * `/apis/afflux.dev/v1alpha1/namespaces/<namespace>/…` on the control port, in the manner of a Kubernetes API.
 *
 *     GET    deadletters                    list: limit, continue, labelSelector, filter (CESQL)
 *     DELETE deadletters                    drops a page of what the same parameters select; dryRun=All counts
 *     GET    deadletters/<name>             one, with its data
 *     DELETE deadletters/<name>             drops it
 *     POST   deadletters/<name>/redrive     back to the subscription that failed
 *     POST   redrives | replays             starts a job with a spec
 *     GET    redrives | replays             list; GET …/<name>: progress in the status
 *     DELETE redrives/<name> | replays/…    stops and forgets it
 *
 * Every answer that is no object is a Status. Who may call is decided before (`control-guard.ts`), for reads as for
 * writes, because they show events.
 */
import type { Logger } from '@afflux/kernel';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Job } from '../jobs/job-table.ts';
import { API_VERSION } from './dead-letter-object.ts';
import type { DeadLetterResource } from './dead-letters.ts';
import { jobList, jobObject } from './job-object.ts';
import type { JobResource } from './jobs.ts';
import { parseListQuery, type RawQuery } from './list-query.ts';
import { failure, failureOf, success } from './status.ts';

const API_PREFIX = `/apis/${API_VERSION}`;

/** Bodies of the API: specs of jobs. */
const BODY_BYTES_MAX = 64 * 1024;

export interface ApiRoutesOptions {
  readonly deadLetters: DeadLetterResource;
  readonly jobs: JobResource;
  readonly logger: Logger;
}

type Handler = (
  request: FastifyRequest,
  reply: FastifyReply,
  signal: AbortSignal,
) => Promise<object | string> | object;

/** Puts the routes on an application that is not ready yet. */
export function registerApi(app: FastifyInstance, options: ApiRoutesOptions): void {
  void app.register(
    (scope, _options, done) => {
      addErrors(scope, options);
      addDeadLetters(scope, options.deadLetters);
      addJobs(scope, options.jobs, 'Redrive', (namespace, body) =>
        options.jobs.createRedrive(namespace, body),
      );
      addJobs(scope, options.jobs, 'Replay', (namespace, body) =>
        options.jobs.createReplay(namespace, body),
      );
      done();
    },
    { prefix: API_PREFIX },
  );
}

function addErrors(scope: FastifyInstance, { logger }: ApiRoutesOptions): void {
  scope.setErrorHandler((error, _request, reply) => {
    const status = failureOf(error);
    if (status === undefined) logger.error({ err: error }, 'api cannot answer');
    const shown = status ?? failure('InternalError', 'an error on the server: see its log');
    return reply.code(shown.code).send(shown);
  });
  scope.setNotFoundHandler((_request, reply) =>
    reply.code(404).send(failure('NotFound', 'the server could not find the requested resource')),
  );
}

function addDeadLetters(scope: FastifyInstance, letters: DeadLetterResource): void {
  const list = '/namespaces/:namespace/deadletters';
  const one = `${list}/:name`;
  scope.get(
    list,
    answer((request, _reply, signal) =>
      letters.list(param(request, 'namespace'), parseListQuery(request.query as RawQuery), signal),
    ),
  );
  scope.delete(
    list,
    answer((request, _reply, signal) =>
      letters.dropPage(
        param(request, 'namespace'),
        parseListQuery(request.query as RawQuery),
        signal,
      ),
    ),
  );
  scope.get(
    one,
    answer((request, _reply, signal) =>
      letters.get(param(request, 'namespace'), param(request, 'name'), signal),
    ),
  );
  scope.delete(
    one,
    answer((request, _reply, signal) =>
      letters.drop(param(request, 'namespace'), param(request, 'name'), signal),
    ),
  );
  scope.post(
    `${one}/redrive`,
    answer((request, _reply, signal) =>
      letters.redrive(param(request, 'namespace'), param(request, 'name'), signal),
    ),
  );
}

function addJobs(
  scope: FastifyInstance,
  { table }: JobResource,
  kind: string,
  create: (namespace: string, body: unknown) => Job,
): void {
  const list = `/namespaces/:namespace/${kind.toLowerCase()}s`;
  const one = `${list}/:name`;
  scope.get(
    list,
    answer((request) => jobList(kind, table.list(kind, param(request, 'namespace')))),
  );
  scope.post(
    list,
    { bodyLimit: BODY_BYTES_MAX },
    answer((request, reply) => {
      const job = create(param(request, 'namespace'), request.body);
      reply.code(201);
      return jobObject(job);
    }),
  );
  scope.get(
    one,
    answer((request) =>
      jobObject(table.get(kind, param(request, 'namespace'), param(request, 'name'))),
    ),
  );
  scope.delete(
    one,
    answer(async (request) => {
      const name = param(request, 'name');
      const job = await table.remove(kind, param(request, 'namespace'), name);
      const { phase, progress } = job;
      return success({
        name,
        group: 'afflux.dev',
        kind: `${kind.toLowerCase()}s`,
        phase,
        progress,
      });
    }),
  );
}

/** JSON text goes out as it is; whoever hangs up ends what is done for them. */
function answer(handler: Handler) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const gone = new AbortController();
    const onClose = (): void => {
      gone.abort();
    };
    reply.raw.once('close', onClose);
    try {
      const body = await handler(request, reply, gone.signal);
      return await reply.type('application/json; charset=utf-8').send(body);
    } finally {
      reply.raw.off('close', onClose);
    }
  };
}

function param(request: FastifyRequest, name: 'name' | 'namespace'): string {
  return (request.params as Readonly<Record<string, string>>)[name] ?? '';
}
