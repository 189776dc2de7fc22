/**
 * Settings that live in ConfigMaps of the system namespace and apply while the process runs. Each is followed
 * by name and decoded by its owner. A ConfigMap that does not exist means the shipped value; one that cannot
 * be decoded changes nothing: the last good value stays, and the log says why.
 */
import { BaseComponent, type Logger } from '@afflux/kernel';
import type { ApiObject, ConfigMap, ConfigMapData, Decoded } from '@afflux/resources';
import type { Informer } from './informer/informer.ts';
import type { InformerSet } from './informer/informer-set.ts';
import { sameJson } from './store/json.ts';

/** How one ConfigMap becomes a value. */
export interface FollowOptions<C> {
  /** Name of the ConfigMap. */
  readonly name: string;
  /** Pure. May also throw instead of returning errors. */
  readonly decode: (configMap: ConfigMapData) => Decoded<C>;
  /** The value without a ConfigMap. */
  readonly shipped: C;
}

/** A value that follows its ConfigMap. */
export interface FollowedConfig<C> {
  /** The last good value. Read it when it is needed; do not keep it. */
  readonly value: C;
  /** Calls the listener with each new value from now on; returns how to take it off. */
  onChange(listener: (value: C) => void): () => void;
}

export interface ConfigWatcherOptions {
  readonly informers: Pick<InformerSet, 'get'>;
  readonly systemNamespace: string;
  readonly logger: Logger;
}

const CONFIG_MAP = { apiVersion: 'v1', kind: 'ConfigMap' };

/** `start` resolves when what was in the store at that time has been decoded. */
export class ConfigWatcher extends BaseComponent {
  readonly name = 'config watcher';
  readonly #informer: Informer<ConfigMap>;
  readonly #systemNamespace: string;
  readonly #logger: Logger;
  readonly #followers = new Map<string, Set<(configMap: ConfigMap | undefined) => void>>();
  #unsubscribe = (): void => undefined;

  constructor({ informers, systemNamespace, logger }: ConfigWatcherOptions) {
    super();
    this.#informer = informers.get<ConfigMap>(CONFIG_MAP);
    this.#systemNamespace = systemNamespace;
    this.#logger = logger.child({ component: 'config watcher' });
  }

  /** Begins to follow a ConfigMap; before or after the start, several times if need be. */
  follow<C>(options: FollowOptions<C>): FollowedConfig<C> {
    const listeners = new Set<(value: C) => void>();
    let value = options.shipped;
    let data: unknown;
    const update = (configMap: ConfigMap | undefined): void => {
      const next = configMap === undefined ? undefined : (configMap.data ?? {});
      if (sameJson(data, next)) return;
      data = next;
      const decoded = this.#decode(options, configMap);
      if (decoded === undefined) return;
      value = decoded.value;
      for (const listener of listeners) listener(value);
    };
    const followers = this.#followers.get(options.name) ?? new Set();
    this.#followers.set(options.name, followers);
    followers.add(update);
    update(this.#informer.get(this.#systemNamespace, options.name));
    return {
      get value() {
        return value;
      },
      onChange: (listener) => {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
    };
  }

  protected override async onStart(signal?: AbortSignal): Promise<void> {
    await this.#informer.start(signal);
    this.#unsubscribe = this.#informer.onChange(({ old, new: next }) => {
      this.#changed(next ?? old, next);
    });
  }

  protected override onClose(): Promise<void> {
    this.#unsubscribe();
    return Promise.resolve();
  }

  #changed(named: ApiObject | undefined, configMap: ConfigMap | undefined): void {
    if (named?.metadata.namespace !== this.#systemNamespace) return;
    for (const update of this.#followers.get(named.metadata.name) ?? []) update(configMap);
  }

  /** The new value; undefined when the ConfigMap is broken. */
  #decode<C>(
    { name, decode, shipped }: FollowOptions<C>,
    configMap: ConfigMap | undefined,
  ): { value: C } | undefined {
    if (configMap === undefined) return { value: shipped };
    try {
      const decoded = decode(configMap);
      if (!decoded.warnings.isEmpty) {
        this.#logger.warn(
          { name, warnings: decoded.warnings.toString() },
          'config map has oddities',
        );
      }
      if (decoded.value !== undefined) return { value: decoded.value };
      this.#logger.warn(
        { configMap: name, errors: decoded.errors.toString() },
        'config map refused, last good value stays',
      );
    } catch (err) {
      this.#logger.warn({ configMap: name, err }, 'config map refused, last good value stays');
    }
    return undefined;
  }
}
