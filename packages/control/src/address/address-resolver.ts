/**
 * From a Destination to an address (eventing contract §1.4). The order: kinds that are mapped to an address by
 * configuration, then `v1` Services, then any kind whose status has addresses. A `uri` beside a `ref` is
 * resolved against the address of the ref and cannot leave its host.
 *
 * With an observer, whatever the answer depends on is tracked before it is read, so that a change of it leads
 * to another run, also when the answer was that there is none yet.
 */
import type {
  Addressable,
  AddressStatus,
  ApiObject,
  Destination,
  KindRegistry,
  KReference,
} from '@afflux/resources';
import { AddressError, isNotFound } from '../errors.ts';
import type { InformerSet } from '../informer/informer-set.ts';
import { formatKey } from '../store/keys.ts';
import type { GroupVersionKind, ResourceStore } from '../store/resource-store.ts';
import type { TrackedReference, Tracker } from '../tracker.ts';
import type { ServiceResolver } from './service-resolver.ts';

/** Where to send. */
export interface ResolvedAddress {
  /** With scheme and host; otherwise as it was written. */
  readonly url: string;
  /** PEM. */
  readonly caCerts?: string;
  /** OIDC audience. */
  readonly audience?: string;
}

/** On whose behalf. */
export interface ResolveContext {
  /** Where a reference without a namespace leads. */
  readonly namespace: string | undefined;
  /** Notified by the tracker when the answer may have changed; see `observerOf`. */
  readonly observer?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface AddressResolverOptions {
  readonly store: ResourceStore;
  readonly informers: Pick<InformerSet, 'get'>;
  readonly registry: Pick<KindRegistry, 'get' | 'byKind'>;
  readonly services: ServiceResolver;
  readonly tracker?: Tracker;
  /** Addresses of kinds that have none (feature kreference-mapping), asked before anything else. */
  readonly mapReference?: (reference: TrackedReference) => string | undefined;
}

/** A reference with everything filled in. */
interface Target extends TrackedReference {
  readonly namespaced: boolean;
  /** The name of the address wanted, when not the first. */
  readonly address: string | undefined;
}

function isService({ apiVersion, kind }: GroupVersionKind): boolean {
  return apiVersion === 'v1' && kind === 'Service';
}

function describe({ kind, ...key }: TrackedReference): string {
  return `${kind} "${formatKey(key)}"`;
}

function isPresent(text: string | undefined): text is string {
  return text !== undefined && text !== '';
}

function notAddressable(message: string): AddressError {
  return new AddressError('AFFLUX_ADDRESS_NOT_ADDRESSABLE', message);
}

function invalidDestination(message: string): AddressError {
  return new AddressError('AFFLUX_ADDRESS_INVALID', message);
}

/** Stateless but for its dependencies; safe to call concurrently. */
export class AddressResolver {
  readonly #options: AddressResolverOptions;

  constructor(options: AddressResolverOptions) {
    this.#options = options;
  }

  /** Rejects with an {@link AddressError} whose message is fit for a condition. */
  async resolve(destination: Destination, context: ResolveContext): Promise<ResolvedAddress> {
    const { ref, uri, CACerts, audience } = destination;
    const found =
      ref === undefined ? fromUri(uri) : await this.#fromReference(ref, destination, context);
    const caCerts = isPresent(CACerts) ? CACerts : found.caCerts;
    const wanted = isPresent(audience) ? audience : found.audience;
    return {
      url: ref !== undefined && isPresent(uri) ? joinUri(found.url, uri) : found.url,
      ...(caCerts === undefined ? {} : { caCerts }),
      ...(wanted === undefined ? {} : { audience: wanted }),
    };
  }

  async #fromReference(
    reference: KReference,
    destination: Destination,
    context: ResolveContext,
  ): Promise<ResolvedAddress> {
    const target = this.#targetOf(reference, context);
    const mapped = this.#options.mapReference?.(target);
    if (mapped !== undefined) return { url: checkUrl(mapped, describe(target)) };
    if (context.observer !== undefined) this.#options.tracker?.track(target, context.observer);
    const object = await this.#read(target, context.signal);
    if (isService(target)) {
      return { url: this.#serviceUrl(target, object, isPresent(destination.CACerts)) };
    }
    if (object === undefined) {
      throw new AddressError('AFFLUX_ADDRESS_NOT_FOUND', `${describe(target)} not found`);
    }
    return addressOf(object, target);
  }

  #targetOf(reference: KReference, context: ResolveContext): Target {
    const { kind, name, address } = reference;
    const { apiVersion, namespaced } = this.#kindOf(reference);
    const namespace = isPresent(reference.namespace) ? reference.namespace : context.namespace;
    return { apiVersion, kind, name, address, namespaced, ...(namespaced ? { namespace } : {}) };
  }

  #kindOf({ apiVersion, group, kind }: KReference): { apiVersion: string; namespaced: boolean } {
    const definition = isPresent(apiVersion)
      ? this.#options.registry.get(apiVersion, kind)
      : this.#options.registry.byKind(kind).find((candidate) => candidate.group === group);
    if (definition !== undefined) return definition;
    const where = isPresent(apiVersion) ? apiVersion : `group ${group ?? '""'}`;
    throw new AddressError(
      'AFFLUX_ADDRESS_KIND_UNKNOWN',
      `kind ${kind} of ${where} is not known here`,
    );
  }

  /** From the cache where there is one; else, and meanwhile, from the store. */
  async #read(target: Target, signal: AbortSignal | undefined): Promise<ApiObject | undefined> {
    const informer = this.#options.informers.get(target);
    if (informer.hasSynced) return informer.get(target.namespace, target.name);
    try {
      return await this.#options.store.get(target, target, { signal });
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  #serviceUrl(target: Target, service: ApiObject | undefined, tls: boolean): string {
    const url = this.#options.services(target, { tls, service });
    if (url !== undefined) return checkUrl(url, describe(target));
    const key = formatKey(target);
    throw new AddressError(
      'AFFLUX_ADDRESS_SERVICE_UNMAPPED',
      `${describe(target)} has no address here: add services: { "${key}": "http://localhost:9000" } to afflux.yaml, or a Service of type ExternalName`,
    );
  }
}

function fromUri(uri: string | undefined): ResolvedAddress {
  if (!isPresent(uri)) throw invalidDestination('the destination has neither a ref nor a uri');
  if (!isAbsolute(uri)) {
    throw invalidDestination(`uri ${JSON.stringify(uri)} needs a scheme and a host`);
  }
  return { url: uri };
}

/** Whether the text has a scheme and a host. */
function isAbsolute(text: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\/[^/?#]/i.test(text) && URL.canParse(text);
}

function joinUri(base: string, uri: string): string {
  const isRelative = !/^(?:[a-z][a-z0-9+.-]*:|[\\/]{2})/i.test(uri);
  if (isRelative && URL.canParse(uri, base)) {
    const joined = new URL(uri, base);
    if (joined.origin === new URL(base).origin) return joined.href;
  }
  throw invalidDestination(
    `uri ${JSON.stringify(uri)} beside a ref must be relative to its address`,
  );
}

function checkUrl(url: string | undefined, what: string): string {
  if (!isPresent(url)) throw notAddressable(`${what} has no address yet`);
  if (!isAbsolute(url)) {
    throw notAddressable(
      `${what} has the address ${JSON.stringify(url)}, which lacks a scheme or a host`,
    );
  }
  return url;
}

function addressOf(object: ApiObject, target: Target): ResolvedAddress {
  const { url, CACerts, audience } = pickAddress(object, target);
  return {
    url: checkUrl(url, describe(target)),
    ...(isPresent(CACerts) ? { caCerts: CACerts } : {}),
    ...(isPresent(audience) ? { audience } : {}),
  };
}

/** The named address, else the first of the list, else the single one. */
function pickAddress(object: ApiObject, target: Target): Addressable {
  const { address, addresses = [] } = (object.status ?? {}) as AddressStatus;
  if (isPresent(target.address)) {
    const named = addresses.find(({ name }) => name === target.address);
    if (named !== undefined) return named;
    throw notAddressable(
      `address with name ${JSON.stringify(target.address)} not found for ${describe(target)}`,
    );
  }
  const chosen = addresses[0] ?? address;
  if (chosen === undefined) throw notAddressable(`${describe(target)} has no address yet`);
  return chosen;
}
