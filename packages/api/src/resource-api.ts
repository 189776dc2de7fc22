/**
 * The API: any resource store over Kubernetes' REST protocol, as routes on an HTTP application that somebody else
 * listens with. Which of them is meant is decided here, by path and method; the verbs are in files of their own.
 *
 * Who may call is not decided here: the application's own hooks come first (host, origin, token). Nothing is built
 * before the first request: descriptions of all kinds take longer than a start.
 */
import type { ResourceStore } from '@afflux/control';
import type { Clock, Logger, NewId, Random } from '@afflux/kernel';
import type { KindDefinition, KindRegistry } from '@afflux/resources';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { BODY_BYTES_MAX } from './body.ts';
import { BodyBudget } from './body-budget.ts';
import { deleteCollection, deleteObject } from './delete-verbs.ts';
import { deprecationWarning } from './deprecation.ts';
import { discoveryForm } from './discovery/accept.ts';
import { Discovery } from './discovery/discovery.ts';
import { versionInfo } from './discovery/version.ts';
import { ApiError, methodNotAllowed, notAcceptable, unknownPath } from './errors.ts';
import { header, TAKEN_OVER, type Answer, type Exchange } from './exchange.ts';
import type { ExtraResource } from './extra-resource.ts';
import { ListPages } from './list-pages.ts';
import { ObjectLines } from './object-lines.ts';
import { OpenApi, swaggerForm } from './openapi/open-api.ts';
import { SWAGGER_PROTOBUF_TYPE } from './openapi/swagger-protobuf.ts';
import { podLog } from './pod-log.ts';
import { getObject, listObjects } from './read-verbs.ts';
import { isTrue, text, type Query } from './request-options.ts';
import { pathParts, resourcePath, type ResourcePath } from './request-path.ts';
import { answerReview, findReview } from './reviews.ts';
import { scaleObject } from './scale-verb.ts';
import { failureOf, internalError, type Status } from './status.ts';
import { isAcceptable } from './table/accept.ts';
import { verbsOf, writingVerb, type WritingVerb } from './verbs.ts';
import { watchObjects } from './watch-verb.ts';
import { createObject, patchObject, updateObject } from './write-verbs.ts';

export interface ResourceApiOptions {
  readonly store: ResourceStore;
  /** The kinds that are served; they may change meanwhile. */
  readonly registry: KindRegistry;
  /** Resources that others serve on the same port, for discovery. */
  readonly extra?: readonly ExtraResource[];
  /** Namespaces that nobody may delete. Default: none. */
  readonly protectedNamespaces?: readonly string[];
  /**
   * Called before each request about objects of a kind; `verb` is absent where it only reads. What it throws is the
   * answer.
   */
  readonly prepare?: (definition: KindDefinition, verb: WritingVerb | undefined) => Promise<void>;
  /** Version of the product, for `/version`. */
  readonly version: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly newId: NewId;
  readonly logger: Logger;
}

const JSON_TYPE = 'application/json';

/** Puts the routes on an application that is not ready yet. Idle until somebody asks. */
export function registerResourceApi(app: FastifyInstance, options: ResourceApiOptions): void {
  const api = new ResourceApi(options);
  const budget = new BodyBudget();
  void app.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, parsed) => {
      parsed(null, body);
    });
    scope.addHook('preParsing', (request, reply, payload, next) => {
      // Nobody looks at what comes with a question.
      if (isReading(request.method)) next(null, payload);
      else
        next(
          null,
          budget.counted(payload, (release) => reply.raw.once('close', release)),
        );
    });
    scope.setErrorHandler((error, _request, reply) => {
      send(reply, api.refusalOf(error));
    });
    const handler = (request: FastifyRequest, reply: FastifyReply) => api.handle(request, reply);
    const paths = ['/api', '/api/*', '/apis', '/apis/*', '/openapi/*', '/version', '/version/'];
    for (const url of paths) scope.all(url, { bodyLimit: BODY_BYTES_MAX }, handler);
    done();
  });
}

class ResourceApi {
  readonly #options: ResourceApiOptions;
  readonly #discovery: Discovery;
  readonly #openApi: OpenApi;
  readonly #deps;

  constructor(options: ResourceApiOptions) {
    this.#options = options;
    const { registry, extra = [], clock, newId, random, logger, store } = options;
    this.#discovery = new Discovery({ registry, extra });
    this.#openApi = new OpenApi({ registry, extra, version: options.version });
    const pages = new ListPages({ clock, newId });
    const kept = new Set(options.protectedNamespaces);
    const isProtected = (namespace: string): boolean => kept.has(namespace);
    const lines = new ObjectLines();
    this.#deps = { store, clock, random, logger, pages, lines, isProtected };
  }

  /** The Status of what went wrong; what nobody foresaw goes into the log. */
  refusalOf(error: unknown): Status {
    const status = failureOf(error);
    if (status !== undefined) return status;
    // Whoever hung up while sending gets no answer, and nothing is wrong here.
    if (isHangUp(error)) this.#options.logger.debug({ err: error }, 'a client hung up');
    else this.#options.logger.error({ err: error }, 'api cannot answer');
    return internalError();
  }

  async handle(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const gone = new AbortController();
    const onClose = (): void => {
      gone.abort();
    };
    reply.raw.once('close', onClose);
    try {
      const answer = await this.#answer(request, reply, gone.signal);
      if (answer !== TAKEN_OVER) sendAnswer(reply, answer);
    } catch (error) {
      const status = this.refusalOf(error);
      if (reply.raw.headersSent) reply.raw.destroy();
      else send(reply, status);
    } finally {
      reply.raw.off('close', onClose);
    }
  }

  async #answer(
    request: FastifyRequest,
    reply: FastifyReply,
    signal: AbortSignal,
  ): Promise<Answer | typeof TAKEN_OVER> {
    const [path = ''] = request.url.split('?', 1);
    const parts = pathParts(path);
    if (parts === undefined) throw unknownPath();
    const resource = resourcePath(parts);
    if (resource === undefined) return this.#describe(request, parts);
    const warn = warner(reply);
    const { group, version } = resource;
    const review = findReview(group, version, resource.resource);
    if (review !== undefined) {
      if (request.method !== 'POST') throw methodNotAllowed();
      const body = bodyOf(request);
      const contentType = request.headers['content-type'];
      return answerReview(review, { body, contentType, warn });
    }
    const definition = this.#options.registry.byResource(group, version, resource.resource);
    if (definition === undefined) throw unknownPath();
    const deprecation = deprecationWarning(definition, this.#options.registry);
    if (deprecation !== undefined) warn(deprecation);
    const exchange: Exchange = {
      path: resource,
      definition,
      query: request.query as Query,
      headers: request.headers,
      body: bodyOf(request),
      signal,
      takeOver: () => {
        reply.hijack();
        return reply.raw;
      },
      warn,
    };
    return await this.#serve(request.method, exchange);
  }

  /** A request about objects of a kind. */
  async #serve(method: string, exchange: Exchange): Promise<Answer | typeof TAKEN_OVER> {
    if (method === 'HEAD') throw methodNotAllowed();
    assertPlace(exchange.path, exchange.definition, method);
    const { subresource } = exchange.path;
    if (subresource === 'scale') return await scaleObject(method, exchange, this.#deps);
    if (subresource === 'log') return await podLog(method, exchange, this.#deps);
    const hasStatus = subresource === 'status' && exchange.definition.hasStatus;
    if (subresource !== undefined && !hasStatus) throw unknownPath();
    const verb = isReading(method) ? undefined : requireVerb(method, exchange);
    if (!isAcceptable(header(exchange, 'accept'))) throw notAcceptable(JSON_TYPE);
    await this.#options.prepare?.(exchange.definition, verb);
    switch (verb) {
      case undefined:
        return await this.#read(exchange);
      case 'create':
        return await createObject(exchange, this.#deps);
      case 'deletecollection':
        return await deleteCollection(exchange, this.#deps);
      case 'update':
        return await updateObject(exchange, this.#deps);
      case 'patch':
        return await patchObject(exchange, this.#deps);
      case 'delete':
        return await deleteObject(exchange, this.#deps);
    }
  }

  async #read(exchange: Exchange): Promise<Answer | typeof TAKEN_OVER> {
    const { name } = exchange.path;
    if (isTrue(exchange.query, 'watch')) {
      await watchObjects(exchange, this.#deps);
      return TAKEN_OVER;
    }
    return name === undefined
      ? await listObjects(exchange, this.#deps)
      : await getObject(exchange, this.#deps);
  }

  /** Everything that is not about objects: which resources there are, and what they look like. */
  #describe(request: FastifyRequest, parts: readonly string[]): Answer {
    if (!isReading(request.method)) throw methodNotAllowed();
    const [root, first, second, ...rest] = parts;
    if (root === 'openapi') return this.#describeSchemas(request, parts.slice(1));
    if (rest.length > 0) throw unknownPath();
    if (root === 'version' && first === undefined) {
      return { status: 200, body: versionInfo({ version: this.#options.version }) };
    }
    if (root === 'api' && second === undefined) {
      if (first === undefined) return this.#roots('api', request);
      return found(this.#discovery.resources('', first));
    }
    if (root !== 'apis') throw unknownPath();
    if (first === undefined) return this.#roots('apis', request);
    return found(
      second === undefined
        ? this.#discovery.group(first)
        : this.#discovery.resources(first, second),
    );
  }

  #roots(root: 'api' | 'apis', { headers }: FastifyRequest): Answer {
    const form = discoveryForm(headers.accept);
    const vary = { vary: 'Accept' };
    if (form === 'old') {
      const body = root === 'api' ? this.#discovery.api() : this.#discovery.apis();
      return { status: 200, body, headers: vary };
    }
    const { body, etag, contentType } = this.#discovery.aggregated(root, form);
    const cached = { ...vary, etag, 'cache-control': 'public' };
    return headers['if-none-match'] === etag
      ? { status: 304, body: '', headers: cached }
      : { status: 200, body, contentType, headers: cached };
  }

  /** kubectl asks for protobuf and nothing else here. */
  #swagger(headers: FastifyRequest['headers']): Answer {
    const form = swaggerForm(headers.accept);
    if (form === undefined) throw notAcceptable(JSON_TYPE, SWAGGER_PROTOBUF_TYPE);
    const { body, etag } = form === 'json' ? this.#openApi.v2() : this.#openApi.v2Protobuf();
    const answer = cachedAnswer(headers['if-none-match'], etag, body);
    return form === 'json' ? answer : { ...answer, contentType: SWAGGER_PROTOBUF_TYPE };
  }

  #describeSchemas({ headers, query }: FastifyRequest, parts: readonly string[]): Answer {
    const [version, ...path] = parts;
    if (version === 'v2' && path.length === 0) return this.#swagger(headers);
    if (version !== 'v3') throw unknownPath();
    if (path.length === 0) return { status: 200, body: this.#openApi.index() };
    const document = this.#openApi.document(path.join('/'));
    if (document === undefined) throw unknownPath();
    const { body, etag, hash } = document;
    const isAddressed = text(query as Query, 'hash') === hash;
    return cachedAnswer(headers['if-none-match'], etag, body, isAddressed);
  }
}

/** An address that contains the hash of its answer never has another one. */
const FOREVER = 'public, immutable, max-age=31536000';

function cachedAnswer(
  known: string | undefined,
  etag: string,
  body: string | Buffer,
  isForever = false,
): Answer {
  const headers = { etag, vary: 'Accept', 'cache-control': isForever ? FOREVER : 'no-cache' };
  return known === etag
    ? { status: 304, body: '', headers }
    : { status: 200, body, contentType: JSON_TYPE, headers };
}

function found(body: object | undefined): Answer {
  if (body === undefined) throw unknownPath();
  return { status: 200, body };
}

function assertPlace(path: ResourcePath, { namespaced }: KindDefinition, method: string): void {
  const { namespace, name } = path;
  if (!namespaced && namespace !== undefined) throw unknownPath();
  if (!namespaced || namespace !== undefined) return;
  // Across all namespaces one can only read.
  if (name !== undefined) throw unknownPath();
  if (!isReading(method)) throw methodNotAllowed();
}

/** What a request that writes is to do. Throws MethodNotAllowed where the kind does not have it. */
function requireVerb(method: string, { path, definition }: Exchange): WritingVerb {
  const verbs = verbsOf(definition);
  if (!verbs.includes('create')) {
    throw new ApiError(
      'AFFLUX_API_METHOD_NOT_ALLOWED',
      `${definition.kind}s show what runs here; they are not written by hand`,
    );
  }
  const verb = writingVerb(method, path.name !== undefined);
  const isOfWhole = verb !== 'delete' || path.subresource === undefined;
  if (verb === undefined || !verbs.includes(verb) || !isOfWhole) throw methodNotAllowed();
  return verb;
}

function isReading(method: string): boolean {
  return method === 'GET' || method === 'HEAD';
}

function isHangUp(error: unknown): boolean {
  const { code } = (error ?? {}) as { code?: unknown };
  return code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE';
}

function bodyOf({ body }: FastifyRequest): Buffer {
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0);
}

/** Warnings of one answer. */
const WARNINGS_MAX = 20;

/** Adds a `Warning` header for each text, as RFC 7234 writes them. */
function warner(reply: FastifyReply): (text: string) => void {
  const warnings: string[] = [];
  return (warning) => {
    if (warnings.length === WARNINGS_MAX) return;
    const clean = warning.replace(/[\u0000-\u001f\u007f-\uffff]/g, ' ').slice(0, 500);
    warnings.push(`299 - ${JSON.stringify(clean)}`);
    reply.raw.setHeader('warning', warnings);
  };
}

/** From this length on a body is made bytes here: a text is gone through three times on its way out. */
const LONG_TEXT = 65_536;

function sendAnswer(reply: FastifyReply, answer: Answer): void {
  const { status, body, contentType = JSON_TYPE, headers = {} } = answer;
  reply.code(status).type(contentType).headers(headers);
  void reply.send(Buffer.isBuffer(body) ? body : sentText(body));
}

function sentText(body: object | string): string | Buffer {
  const json = typeof body === 'string' ? body : JSON.stringify(body);
  return json.length < LONG_TEXT ? json : Buffer.from(json);
}

function send(reply: FastifyReply, status: Status): void {
  const retryAfter = status.details?.retryAfterSeconds;
  if (retryAfter !== undefined) void reply.header('retry-after', String(retryAfter));
  sendAnswer(reply, { status: status.code, body: status });
}
