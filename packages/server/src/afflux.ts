/**
 * The product in a process: start it, give it objects, send it events, close it. The command line runs exactly
 * this; so can a test of somebody else's service.
 *
 *     const afflux = createAfflux();
 *     await afflux.start();
 *     await afflux.apply(manifestText);
 *     await fetch(afflux.brokerUrl('default', 'main'), …);
 *     await afflux.close();
 */
import type { SubscriptionDescription } from '@afflux/channels';
import { allIdle, type GroupVersionKind } from '@afflux/control';
import { stopAll, startAll, systemClock, type ComponentState, type OnStep } from '@afflux/kernel';
import {
  configSchema as observabilityConfigSchema,
  createObservability,
  type Observability,
} from '@afflux/observability';
import type { ApiObject } from '@afflux/resources';
import { baseUrl, hostnameOf, secureUrl } from './address-book.ts';
import { compose, type Composition } from './compose.ts';
import { parseConfig, type Config, type ConfigInput } from './config.ts';
import { ControlGuard, type CallerGuard } from './control-guard.ts';
import { ControlPort } from './control-port.ts';
import type { ControlTls } from './control-tls.ts';
import { controlToken, type ControlToken } from './control-token.ts';
import { connectionObjects, defaultChannelTemplate } from './default-channel.ts';
import { ServerError } from './errors.ts';
import { parseManifest } from './manifests/document.ts';
import { forgetObjects } from './manifests/forget-objects.ts';
import {
  ManifestSource,
  type ObjectReference,
  type SyncReport,
} from './manifests/manifest-source.ts';
import { PathWatcher } from './manifests/watch-paths.ts';
import { StoreTarget } from './object-target.ts';
import { createShippedConfig } from './system-config.ts';
import { summaryOf, type ObjectSummary } from './object-summary.ts';

/** Configuration as in `afflux.yaml`, and hooks for whoever runs the process. Free ports by default. */
export interface AffluxOptions extends ConfigInput {
  /** Told after each time the manifest files were read. */
  readonly onSync?: (report: SyncReport, afflux: Afflux) => void;
  /** @internal Told when a step of durability is reached. For tests that stop the process there. */
  readonly onStep?: OnStep;
}

/** What became of accepted events that were not delivered when the process stopped. */
export interface CloseReport {
  /** Lost with the process. */
  readonly left: readonly LeftBehind[];
  /** Kept by their channels; the next process goes on with them. */
  readonly kept: readonly LeftBehind[];
}

/** Events of one subscription. */
export interface LeftBehind {
  /** `<namespace>/<channel>/<subscription>`. */
  readonly subscription: string;
  readonly events: number;
}

export interface Afflux extends AsyncDisposable {
  readonly state: ComponentState;
  /** Base URL of the event port; only while running. */
  readonly url: string;
  /** Base URL of health, metrics and the API; only while running. With a token it begins with https. */
  readonly controlUrl: string;
  /** What callers of the control port show; undefined where they need not. Only while running. */
  readonly controlToken: ControlToken | undefined;
  /** PEM of the certificate that clients of an https `controlUrl` have to trust. Only while running. */
  readonly controlCa: string | undefined;
  brokerUrl(namespace: string, name: string): string;
  channelUrl(namespace: string, name: string): string;
  /**
   * Resolves when the ports are open and the manifests of the configuration have been reconciled. Rejects when
   * a port is taken or a manifest path does not exist; mistakes in manifests are reported by `onSync`.
   */
  start(signal?: AbortSignal): Promise<Afflux>;
  /**
   * Creates or updates objects, given as objects or as YAML text, and resolves with them as they are once
   * everything has been reconciled. Rejects with `AFFLUX_SERVER_OBJECT_INVALID` naming every problem; valid
   * objects of the same call stay applied.
   */
  apply(objects: object | readonly object[] | string): Promise<readonly ApiObject[]>;
  /** Removes an object; resolves when its owned objects are gone, too. */
  remove(reference: ObjectReference): Promise<void>;
  /** The object as it is now. Rejects with `AFFLUX_STORE_NOT_FOUND`. */
  get(kind: GroupVersionKind, namespace: string, name: string): Promise<ApiObject>;
  /** Resolves when nothing is left to reconcile. */
  settled(signal?: AbortSignal): Promise<void>;
  /**
   * Resolves when every event accepted so far has been delivered or given up, whatever its channel. Rejects
   * when the signal aborts. Events that wait for a retry or for their time count as not delivered.
   */
  delivered(signal?: AbortSignal): Promise<void>;
  /** Objects that users wrote or would look for, in order of kind and name. */
  objects(): readonly ObjectSummary[];
  /** Metrics in Prometheus' text format. */
  metrics(): Promise<string>;
  /**
   * Takes nothing more, delivers within `shutdownGrace` what would be lost otherwise, and stops. Idempotent.
   * Resolves with what was not delivered.
   */
  close(): Promise<CloseReport>;
}

/** Kinds that `objects()` shows. */
const SHOWN_KINDS: readonly GroupVersionKind[] = [
  { apiVersion: 'eventing.knative.dev/v1', kind: 'Broker' },
  { apiVersion: 'eventing.knative.dev/v1', kind: 'Trigger' },
  { apiVersion: 'messaging.knative.dev/v1', kind: 'Channel' },
  { apiVersion: 'messaging.knative.dev/v1', kind: 'InMemoryChannel' },
  { apiVersion: 'messaging.afflux.dev/v1alpha1', kind: 'DurableChannel' },
  { apiVersion: 'messaging.knative.dev/v1', kind: 'KafkaChannel' },
  { apiVersion: 'messaging.afflux.dev/v1alpha1', kind: 'RabbitmqChannel' },
  { apiVersion: 'eventing.knative.dev/v1alpha1', kind: 'KafkaSink' },
  { apiVersion: 'messaging.knative.dev/v1', kind: 'Subscription' },
  { apiVersion: 'flows.knative.dev/v1', kind: 'Sequence' },
  { apiVersion: 'flows.knative.dev/v1', kind: 'Parallel' },
];

/** Puts a process together; does no I/O. Throws `AFFLUX_SERVER_CONFIG_INVALID`. */
export function createAfflux(options: AffluxOptions = {}): Afflux {
  const { onSync, onStep, ...input } = options;
  return new AffluxProcess(parseConfig(input), { onSync, onStep });
}

/** What `/version` of the API says. */
const VERSION = '0.1.0';

type Hooks = { readonly [Name in 'onSync' | 'onStep']: AffluxOptions[Name] | undefined };

class AffluxProcess implements Afflux {
  readonly #config: Config;
  readonly #onSync: AffluxOptions['onSync'] | undefined;
  readonly #observability: Observability;
  readonly #parts: Composition;
  readonly #controlPort: ControlPort;
  readonly #target: StoreTarget;
  readonly #manifests: ManifestSource;
  #watcher: PathWatcher | undefined;
  #token: ControlToken | undefined;
  #tls: ControlTls | undefined;
  #state: ComponentState = 'idle';
  #closing: Promise<CloseReport> | undefined;

  constructor(config: Config, hooks: Hooks) {
    this.#config = config;
    this.#onSync = hooks.onSync;
    this.#observability = createObservability(
      observabilityConfigSchema.parse({
        log: { ...config.log, destination: 'stderr' },
        tracing: config.tracing,
      }),
    );
    this.#parts = compose(config, this.#observability, hooks.onStep);
    this.#controlPort = new ControlPort({
      host: config.host,
      port: config.controlPort,
      logger: this.#observability.logger,
      health: this.#observability.health,
      metrics: () => this.#observability.metricsText(),
      routes: async (app) => {
        const [{ registerApi }, { registerResourceApi }] = await Promise.all([
          import('./api/routes.ts'),
          import('@afflux/api'),
        ]);
        registerApi(app, this.#parts.api);
        registerResourceApi(app, { ...this.#parts.resourceApi, version: VERSION });
      },
      guard: () => new ControlGuard({ callers: this.#callers(), token: this.#token?.token }),
      tls: () => this.#tls,
    });
    const { store, registry, informers } = this.#parts;
    this.#target = new StoreTarget(store, registry, informers);
    this.#manifests = new ManifestSource(config.manifests, this.#target);
    this.#observability.health.set('manifests', 'starting', 'not reconciled yet');
    this.#observability.health.set('listeners', 'starting', 'not open yet');
  }

  get state(): ComponentState {
    return this.#state;
  }

  get url(): string {
    return baseUrl(this.#config.host, this.#parts.listener.address.port);
  }

  get controlToken(): ControlToken | undefined {
    return this.#token;
  }

  get controlCa(): string | undefined {
    return this.#tls?.ca;
  }

  get controlUrl(): string {
    const { host } = this.#config;
    const { port } = this.#controlPort.address;
    return this.#tls === undefined ? baseUrl(host, port) : secureUrl(this.#tls, host, port);
  }

  brokerUrl(namespace: string, name: string): string {
    return this.#parts.brokerUrl(namespace, name);
  }

  channelUrl(namespace: string, name: string): string {
    return this.#parts.channelUrl(namespace, name);
  }

  async start(signal?: AbortSignal): Promise<Afflux> {
    if (this.#state !== 'idle') throw wrongState('start', this.#state);
    this.#state = 'starting';
    try {
      await this.#start(signal);
    } catch (error) {
      // Whoever awaits the start has nothing in hand to close yet.
      await this.close().catch(() => undefined);
      throw error;
    }
    return this;
  }

  async #start(signal: AbortSignal | undefined): Promise<void> {
    await this.#parts.dataHome.start(signal);
    const { host, controlToken: token, dataDir } = this.#config;
    this.#token = await controlToken({ host, token, dataDir });
    this.#tls = await this.#certificate();
    if (dataDir !== undefined) await this.#forgetMissing();
    await createShippedConfig(this.#parts.store, {
      systemNamespace: this.#config.systemNamespace,
      template: defaultChannelTemplate(this.#config),
      others: connectionObjects(this.#config),
    });
    await startAll([this.#observability, ...this.#parts.components, this.#controlPort], signal);
    this.#observability.health.set('listeners', 'ready');
    const report = await this.#manifests.sync();
    await this.settled(signal);
    if (this.#closing !== undefined) throw wrongState('start', this.#state);
    this.#observability.health.set('manifests', 'ready');
    this.#onSync?.(report, this);
    await this.#watchManifests();
    this.#becomeRunning();
  }

  /** Clients of Kubernetes send a token over TLS only; where there is none, plain HTTP does. */
  async #certificate(): Promise<ControlTls | undefined> {
    const { host, controlTls: files, dataDir, ingress } = this.#config;
    if (this.#token === undefined && files === undefined) return undefined;
    const { controlTls } = await import('./control-tls.ts');
    const { logger } = this.#observability;
    const { allowedHosts } = ingress;
    return controlTls({ host, allowedHosts, files, dataDir, clock: systemClock, logger });
  }

  /** The names in a certificate that the user gave are ours, too. */
  #callers(): CallerGuard {
    const { callers } = this.#parts;
    const tls = this.#tls;
    if (tls?.isGiven !== true) return callers;
    return {
      allowsHost: (host) => callers.allowsHost(host) || tls.covers(hostnameOf(host)),
      allowsOrigin: (origin, host) => callers.allowsOrigin(origin, host),
    };
  }

  /** What was in a manifest file when this process last ran and is in none now. */
  async #forgetMissing(): Promise<void> {
    const { store, registry } = this.#parts;
    const missing = await this.#manifests.adopt(await this.#target.madeFromFiles());
    await forgetObjects(
      store,
      registry,
      missing.map(({ reference }) => reference),
    );
  }

  #becomeRunning(): void {
    if (this.#closing === undefined) this.#state = 'running';
    else {
      this.#watcher?.close();
      throw wrongState('start', this.#state);
    }
  }

  async apply(objects: object | readonly object[] | string): Promise<readonly ApiObject[]> {
    if (this.#state !== 'running') throw wrongState('apply', this.#state);
    const values = valuesOf(objects);
    const stored: ApiObject[] = [];
    const problems: string[] = [];
    for (const value of values) {
      const result = await this.#target.apply(value);
      if (result.object === undefined) problems.push(problemText(value, result.problems));
      else stored.push(result.object);
    }
    if (problems.length > 0) {
      throw new ServerError(problems.join('\n'), {
        code: 'AFFLUX_SERVER_OBJECT_INVALID',
        fault: 'user',
        details: { problems },
      });
    }
    await this.settled();
    return Promise.all(
      stored.map((object) => this.#parts.store.get(object, object.metadata).catch(() => object)),
    );
  }

  async remove(reference: ObjectReference): Promise<void> {
    await this.#target.remove(reference);
    await this.settled();
  }

  get(kind: GroupVersionKind, namespace: string, name: string): Promise<ApiObject> {
    return this.#parts.store.get(kind, { namespace, name });
  }

  async settled(signal?: AbortSignal): Promise<void> {
    await allIdle(this.#parts.controllers, signal);
    // A Trigger that is Ready must not be forgotten by a crash: its place in the channel is written down, too.
    const bound = AbortSignal.timeout(RECORDED_MS_MAX);
    await this.#parts.hub.recorded({
      signal: signal === undefined ? bound : AbortSignal.any([signal, bound]),
    });
  }

  objects(): readonly ObjectSummary[] {
    return SHOWN_KINDS.flatMap((kind) =>
      this.#parts.informers
        .get(kind)
        .list()
        .map(summaryOf)
        .sort(
          (left, right) =>
            compareText(left.namespace, right.namespace) || compareText(left.name, right.name),
        ),
    );
  }

  async metrics(): Promise<string> {
    return (await this.#observability.metricsText()).body;
  }

  async delivered(signal?: AbortSignal): Promise<void> {
    const { hub } = this.#parts;
    for (;;) {
      signal?.throwIfAborted();
      const waiting = hub.describe().some(({ subscriptions }) => subscriptions.some(isWaiting));
      if (!waiting) return;
      await systemClock.sleep(DELIVERED_POLL_MS, signal);
    }
  }

  close(): Promise<CloseReport> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close(): Promise<CloseReport> {
    const wasRunning = this.#state === 'running';
    this.#state = 'draining';
    this.#observability.health.set('listeners', 'draining', 'shutting down');
    this.#watcher?.close();
    const startedMs = systemClock.monotonicMs();
    const grace = new AbortController();
    const timer = systemClock.setTimer(this.#config.shutdownGrace, () => {
      grace.abort();
    });
    if (wasRunning) {
      // Producers first; what they got a 202 for is then delivered as long as the grace period lasts.
      await this.#parts.listener.drain(grace.signal);
      await this.#parts.hub.settled({ signal: grace.signal });
    }
    const report = this.#closeReport();
    timer.cancel();
    const restMs = this.#config.shutdownGrace - (systemClock.monotonicMs() - startedMs);
    await stopAll([this.#observability, ...this.#parts.components, this.#controlPort], {
      graceMs: wasRunning ? Math.max(0, Math.min(restMs, DRAIN_MS_MAX)) : 0,
      clock: systemClock,
    });
    this.#state = 'closed';
    return report;
  }

  /** A channel that would lose nothing by being closed keeps what it has. */
  #closeReport(): CloseReport {
    const report: { left: LeftBehind[]; kept: LeftBehind[] } = { left: [], kept: [] };
    for (const { ref, unsettled, subscriptions } of this.#parts.hub.describe()) {
      const entries = subscriptions.filter(isWaiting).map(({ label, depth, overflow }) => ({
        subscription: `${ref.namespace}/${ref.name}/${label}`,
        events: depth + overflow,
      }));
      (unsettled > 0 ? report.left : report.kept).push(...entries);
    }
    return report;
  }

  async #watchManifests(): Promise<void> {
    const { manifests, watch } = this.#config;
    if (!watch || manifests.length === 0) return;
    this.#watcher = new PathWatcher(manifests, systemClock, () => void this.#resync());
    await this.#watcher.start();
  }

  async #resync(): Promise<void> {
    if (this.#state !== 'running') return;
    try {
      const report = await this.#manifests.sync();
      await this.settled();
      this.#onSync?.(report, this);
    } catch (error) {
      this.#observability.logger.warn({ err: error }, 'manifests cannot be read');
    }
  }
}

/** How long {@link Afflux.settled} waits for channels to write down what they were told. */
const RECORDED_MS_MAX = 5_000;

/** After the backlog has had its time, the parts themselves get this long to come to rest. */
const DRAIN_MS_MAX = 2_000;

/** How often {@link Afflux.delivered} looks. */
const DELIVERED_POLL_MS = 10;

function isWaiting({ depth, overflow }: SubscriptionDescription): boolean {
  return depth + overflow > 0;
}

function valuesOf(objects: object | readonly object[] | string): readonly unknown[] {
  if (typeof objects !== 'string') return Array.isArray(objects) ? objects : [objects];
  const { documents, problems } = parseManifest(objects);
  if (problems.length === 0) return documents.map(({ value }) => value);
  throw new ServerError(
    problems.map(({ line, message }) => `line ${String(line)}: ${message}`).join('\n'),
    { code: 'AFFLUX_SERVER_OBJECT_INVALID', fault: 'user', details: { problems } },
  );
}

function problemText(
  value: unknown,
  problems: readonly {
    readonly message: string;
    readonly paths: readonly string[];
    readonly details?: string;
  }[],
): string {
  const { kind, metadata } = (value ?? {}) as { kind?: unknown; metadata?: { name?: unknown } };
  const subject = [kind, metadata?.name].filter((part) => typeof part === 'string').join(' ');
  return problems
    .map(({ message, paths, details }) =>
      [subject, paths.join(', '), message, details]
        .filter((part) => part !== undefined && part !== '')
        .join(': '),
    )
    .join('\n');
}

function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

function wrongState(verb: string, state: string): ServerError {
  return new ServerError(`cannot ${verb}: the process is ${state}`, {
    code: 'AFFLUX_SERVER_STATE',
    details: { state },
  });
}
