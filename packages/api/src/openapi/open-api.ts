/**
 * What objects look like, for clients: an index of documents, one per group and version, and all of it once more in
 * the older format. kubectl needs it to apply, diff and explain. Made at the first request, and kept until the kinds
 * change.
 *
 * Addresses in the index contain the hash of the document, made of its content: clients keep documents by address,
 * also across restarts and across different processes on one port.
 */
import { createHash } from 'node:crypto';
import type { KindRegistry } from '@afflux/resources';
import { PerGeneration } from '../discovery/per-generation.ts';
import type { ServedResource } from '../discovery/served-resources.ts';
import { servedResources } from '../discovery/served-resources.ts';
import { compareGroups, compareVersions } from '../discovery/version-order.ts';
import type { ExtraResource } from '../extra-resource.ts';
import { isJsonRange, mediaRanges } from '../table/media-ranges.ts';
import type { OpenApiDocument } from './document.ts';
import { openApiDocument } from './document.ts';
import { rootPath } from './operations.ts';
import { swaggerDocument } from './swagger.ts';
import { SWAGGER_PROTOBUF_RANGES, swaggerProtobuf } from './swagger-protobuf.ts';

/** A document as it is sent. */
export interface SentDocument<Body extends string | Buffer> {
  readonly body: Body;
  /** Of the body; part of its address. */
  readonly hash: string;
  /** The hash in quotes. */
  readonly etag: string;
}

/** A document as text. */
export type DocumentText = SentDocument<string>;

export interface OpenApiOptions {
  readonly registry: KindRegistry;
  readonly extra?: readonly ExtraResource[];
  /** Version of the product. */
  readonly version?: string;
}

/** Which form of the Swagger 2.0 document a client reads; undefined where it reads none. kubectl reads protobuf only. */
export function swaggerForm(accept: string | undefined): 'json' | 'protobuf' | undefined {
  for (const range of mediaRanges(accept)) {
    if (isJsonRange(range)) return 'json';
    if (SWAGGER_PROTOBUF_RANGES.includes(range.type)) return 'protobuf';
  }
  return undefined;
}

function textOf(document: object): DocumentText {
  return sent(JSON.stringify(document));
}

function sent<Body extends string | Buffer>(body: Body): SentDocument<Body> {
  const hash = createHash('sha256').update(body).digest('hex').toUpperCase();
  return { body, hash, etag: `"${hash}"` };
}

/** `api/v1`, `apis/eventing.knative.dev/v1`: how the index names the document of a resource. */
function documentPath(resource: ServedResource): string {
  return rootPath(resource).slice(1);
}

function byPath(resources: readonly ServedResource[]): Map<string, ServedResource[]> {
  const sorted = [...resources].sort(
    (left, right) =>
      compareGroups(left.group, right.group) || compareVersions(left.version, right.version),
  );
  const found = new Map<string, ServedResource[]>();
  for (const resource of sorted) {
    const path = documentPath(resource);
    const members = found.get(path);
    if (members === undefined) found.set(path, [resource]);
    else members.push(resource);
  }
  return found;
}

export class OpenApi {
  readonly #documents: PerGeneration<ReadonlyMap<string, OpenApiDocument>>;
  readonly #texts: PerGeneration<ReadonlyMap<string, DocumentText>>;
  readonly #index: PerGeneration<object>;
  readonly #swagger: PerGeneration<object>;
  readonly #swaggerText: PerGeneration<DocumentText>;
  readonly #swaggerProtobuf: PerGeneration<SentDocument<Buffer>>;

  constructor({ registry, extra = [], version = '0.0.0' }: OpenApiOptions) {
    this.#documents = new PerGeneration(registry, () => {
      const resources = byPath(servedResources(registry, extra));
      return new Map(
        [...resources].map(([path, members]) => [path, openApiDocument(members, version)]),
      );
    });
    this.#texts = new PerGeneration(
      registry,
      () => new Map([...this.#documents.get()].map(([path, document]) => [path, textOf(document)])),
    );
    this.#index = new PerGeneration(registry, () => ({
      paths: Object.fromEntries(
        [...this.#texts.get()].map(([path, { hash }]) => [
          path,
          { serverRelativeURL: `/openapi/v3/${path}?hash=${hash}` },
        ]),
      ),
    }));
    this.#swagger = new PerGeneration(registry, () =>
      swaggerDocument([...this.#documents.get().values()], version),
    );
    this.#swaggerText = new PerGeneration(registry, () => textOf(this.#swagger.get()));
    this.#swaggerProtobuf = new PerGeneration(registry, () =>
      sent(swaggerProtobuf(this.#swagger.get())),
    );
  }

  /** `/openapi/v3`: where the documents are. */
  index(): object {
    return this.#index.get();
  }

  /** `/openapi/v3/<path>`; undefined when the index names no such path. */
  document(path: string): DocumentText | undefined {
    return this.#texts.get().get(path);
  }

  /** `/openapi/v2`. */
  v2(): DocumentText {
    return this.#swaggerText.get();
  }

  /** `/openapi/v2` as protocol buffers; without paths. */
  v2Protobuf(): SentDocument<Buffer> {
    return this.#swaggerProtobuf.get();
  }
}
