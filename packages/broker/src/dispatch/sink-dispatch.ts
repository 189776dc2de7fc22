/**
 * The data plane of KafkaSinks: follows them through the store and keeps a route and a channel for each. A sink
 * has its address from the moment it is known here, and takes events once its status names its topic; until then
 * producers are told to come back.
 */
import type { Informer } from '@afflux/control';
import { BaseComponent } from '@afflux/kernel';
import { KAFKA_STATUS, type ApiObject, type KafkaSink } from '@afflux/resources';
import { SinkRoute } from '../ingress/sink-route.ts';
import { ownChannelRef } from '../model/broker-class.ts';
import { ChannelHolder } from './channel-holder.ts';
import type { DispatchDeps } from './deps.ts';

export interface SinkDispatchOptions extends Pick<
  DispatchDeps,
  'routes' | 'openChannel' | 'clock' | 'random' | 'logger' | 'onStep'
> {
  readonly sinks: Informer;
}

interface Unit {
  readonly sink: KafkaSink;
  readonly route: SinkRoute;
  holder: ChannelHolder | undefined;
}

export class SinkDispatch extends BaseComponent {
  readonly name = 'sink dispatch';
  readonly #options: SinkDispatchOptions;
  readonly #units = new Map<string, Unit>();
  #unsubscribe: () => void = () => undefined;

  constructor(options: SinkDispatchOptions) {
    super();
    this.#options = options;
  }

  protected override onStart(): Promise<void> {
    this.#unsubscribe = this.#options.sinks.onChange(({ old, new: current }) => {
      this.#onSink(alive(old), alive(current));
    });
    return Promise.resolve();
  }

  protected override async onClose(): Promise<void> {
    this.#unsubscribe();
    const keys = [...this.#units.keys()];
    await Promise.all(keys.map((key) => this.#end(key)));
  }

  #onSink(old: KafkaSink | undefined, current: KafkaSink | undefined): void {
    if (current === undefined) {
      // It reports its own failures.
      if (old !== undefined) void this.#end(keyOf(old));
      return;
    }
    const key = keyOf(current);
    let unit = this.#units.get(key);
    if (unit !== undefined && !isServedBy(unit, current)) {
      void this.#end(key);
      unit = undefined;
    }
    if (unit === undefined) {
      unit = this.#begin(current);
      this.#units.set(key, unit);
    }
    if (unit.holder !== undefined) unit.holder.retryNow();
    else if (current.status?.annotations?.[KAFKA_STATUS.topic] !== undefined) this.#open(unit);
  }

  #begin(sink: KafkaSink): Unit {
    const { routes, onStep } = this.#options;
    const { namespace = '', name } = sink.metadata;
    const route = new SinkRoute(namespace, name, onStep);
    routes.setPath(route.path, route);
    return { sink, route, holder: undefined };
  }

  #open(unit: Unit): void {
    unit.holder = new ChannelHolder({
      deps: this.#options,
      owner: { kafkaSink: keyOf(unit.sink) },
      ref: ownChannelRef(unit.sink),
      onOpen: ({ channel }) => {
        unit.route.open(channel);
      },
    });
  }

  /** Never rejects. */
  async #end(key: string): Promise<void> {
    const unit = this.#units.get(key);
    if (unit === undefined) return;
    this.#units.delete(key);
    this.#options.routes.deletePath(unit.route.path, unit.route);
    unit.route.close();
    try {
      await unit.holder?.close();
    } catch (error) {
      this.#options.logger.error({ err: error, kafkaSink: key }, 'sink cannot be closed');
    }
  }
}

/** Another object of that name, or another Kafka or form of record: the channel has to be another one. */
function isServedBy({ sink }: Unit, current: KafkaSink): boolean {
  return (
    sink.metadata.uid === current.metadata.uid &&
    sink.spec.contentMode === current.spec.contentMode &&
    sink.spec.bootstrapServers.join() === current.spec.bootstrapServers.join() &&
    sink.spec.auth?.secret?.ref?.name === current.spec.auth?.secret?.ref?.name
  );
}

/** The object, unless its deletion has begun. */
function alive(object: ApiObject | undefined): KafkaSink | undefined {
  return object?.metadata.deletionTimestamp === undefined
    ? (object as KafkaSink | undefined)
    : undefined;
}

function keyOf({ metadata }: ApiObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}
