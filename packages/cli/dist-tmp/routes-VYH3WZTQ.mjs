import { createRequire as createRequireOfBundle } from 'node:module';const require = createRequireOfBundle(import.meta.url);
import {
  API_VERSION,
  failure,
  failureOf,
  parseListQuery,
  success,
  timestamp
} from "./chunk-QQUSOQ2O.mjs";
import "./chunk-VF65DHRR.mjs";
import "./chunk-CPL45277.mjs";
import "./chunk-YZGW35GG.mjs";
import "./chunk-L3ZXLJED.mjs";
import "./chunk-QUSRWZCH.mjs";
import "./chunk-C4YO6LH5.mjs";
import "./chunk-ZKZDKWPE.mjs";
import "./chunk-EX44SRZ5.mjs";

// packages/server/src/api/job-object.ts
var DONE_FIELD = { Redrive: "redriven", Replay: "replayed" };
function jobObject(job) {
  const { kind, namespace, name, spec, phase, progress, startedMs, endedMs, message } = job;
  return {
    apiVersion: API_VERSION,
    kind,
    metadata: { name, namespace, creationTimestamp: timestamp(startedMs) },
    spec,
    status: {
      phase,
      scanned: progress.scanned,
      matched: progress.matched,
      [DONE_FIELD[kind] ?? "done"]: progress.done,
      ...progress.failed === void 0 ? {} : { failed: progress.failed },
      ...progress.position === void 0 ? {} : { position: String(progress.position) },
      startTime: timestamp(startedMs),
      ...endedMs === void 0 ? {} : { completionTime: timestamp(endedMs) },
      ...message === void 0 ? {} : { message }
    }
  };
}
function jobList(kind, jobs) {
  return {
    kind: `${kind}List`,
    apiVersion: API_VERSION,
    metadata: { resourceVersion: "" },
    items: jobs.map(jobObject)
  };
}

// packages/server/src/api/routes.ts
var API_PREFIX = `/apis/${API_VERSION}`;
var BODY_BYTES_MAX = 64 * 1024;
function registerApi(app, options) {
  void app.register(
    (scope, _options, done) => {
      addErrors(scope, options);
      addDeadLetters(scope, options.deadLetters);
      addJobs(
        scope,
        options.jobs,
        "Redrive",
        (namespace, body) => options.jobs.createRedrive(namespace, body)
      );
      addJobs(
        scope,
        options.jobs,
        "Replay",
        (namespace, body) => options.jobs.createReplay(namespace, body)
      );
      done();
    },
    { prefix: API_PREFIX }
  );
}
function addErrors(scope, { logger }) {
  scope.setErrorHandler((error, _request, reply) => {
    const status = failureOf(error);
    if (status === void 0) logger.error({ err: error }, "api cannot answer");
    const shown = status ?? failure("InternalError", "an error on the server: see its log");
    return reply.code(shown.code).send(shown);
  });
  scope.setNotFoundHandler(
    (_request, reply) => reply.code(404).send(failure("NotFound", "the server could not find the requested resource"))
  );
}
function addDeadLetters(scope, letters) {
  const list = "/namespaces/:namespace/deadletters";
  const one = `${list}/:name`;
  scope.get(
    list,
    answer(
      (request, _reply, signal) => letters.list(param(request, "namespace"), parseListQuery(request.query), signal)
    )
  );
  scope.delete(
    list,
    answer(
      (request, _reply, signal) => letters.dropPage(
        param(request, "namespace"),
        parseListQuery(request.query),
        signal
      )
    )
  );
  scope.get(
    one,
    answer(
      (request, _reply, signal) => letters.get(param(request, "namespace"), param(request, "name"), signal)
    )
  );
  scope.delete(
    one,
    answer(
      (request, _reply, signal) => letters.drop(param(request, "namespace"), param(request, "name"), signal)
    )
  );
  scope.post(
    `${one}/redrive`,
    answer(
      (request, _reply, signal) => letters.redrive(param(request, "namespace"), param(request, "name"), signal)
    )
  );
}
function addJobs(scope, { table }, kind, create) {
  const list = `/namespaces/:namespace/${kind.toLowerCase()}s`;
  const one = `${list}/:name`;
  scope.get(
    list,
    answer((request) => jobList(kind, table.list(kind, param(request, "namespace"))))
  );
  scope.post(
    list,
    { bodyLimit: BODY_BYTES_MAX },
    answer((request, reply) => {
      const job = create(param(request, "namespace"), request.body);
      reply.code(201);
      return jobObject(job);
    })
  );
  scope.get(
    one,
    answer(
      (request) => jobObject(table.get(kind, param(request, "namespace"), param(request, "name")))
    )
  );
  scope.delete(
    one,
    answer(async (request) => {
      const name = param(request, "name");
      const job = await table.remove(kind, param(request, "namespace"), name);
      const { phase, progress } = job;
      return success({
        name,
        group: "afflux.dev",
        kind: `${kind.toLowerCase()}s`,
        phase,
        progress
      });
    })
  );
}
function answer(handler) {
  return async (request, reply) => {
    const gone = new AbortController();
    const onClose = () => {
      gone.abort();
    };
    reply.raw.once("close", onClose);
    try {
      const body = await handler(request, reply, gone.signal);
      return await reply.type("application/json; charset=utf-8").send(body);
    } finally {
      reply.raw.off("close", onClose);
    }
  };
}
function param(request, name) {
  return request.params[name] ?? "";
}
export {
  registerApi
};
