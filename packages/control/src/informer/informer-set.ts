/**
 * The informers of one process, one per kind, shared by everybody who is interested in the kind. A kind that
 * is asked for after the start gets its informer started then.
 */
import { BaseComponent, type Clock, type Logger, type Meter, type Random } from '@afflux/kernel';
import type { ApiObject } from '@afflux/resources';
import { nextTurn } from '../event-loop.ts';
import { kindId } from '../store/keys.ts';
import type { GroupVersionKind, ResourceStore } from '../store/resource-store.ts';
import { Informer } from './informer.ts';

export interface InformerSetOptions {
  readonly store: ResourceStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly meter?: Meter;
  readonly random?: Random;
}

/** `start` resolves when every informer asked for by then is in sync; `close` closes them all. */
export class InformerSet extends BaseComponent {
  readonly name = 'informers';
  readonly #options: InformerSetOptions;
  readonly #informers = new Map<string, Informer>();

  constructor(options: InformerSetOptions) {
    super();
    this.#options = options;
  }

  /**
   * The one informer of a kind. After the start of the set it starts by itself; look at `hasSynced`, or await
   * its `start()`, before relying on it. The type parameter is the caller's word that objects of the kind
   * look like that, which admission sees to.
   */
  get<T extends ApiObject = ApiObject>(gvk: GroupVersionKind): Informer<T> {
    const id = kindId(gvk);
    let informer = this.#informers.get(id);
    if (informer === undefined) {
      informer = new Informer({ ...this.#options, gvk });
      this.#informers.set(id, informer);
      if (this.state === 'starting' || this.state === 'running') this.#startLate(informer);
    }
    return informer as unknown as Informer<T>;
  }

  /** Whether no informer holds back changes that have already arrived. */
  get isIdle(): boolean {
    return [...this.#informers.values()].every((informer) => informer.isIdle);
  }

  /** Resolves when {@link isIdle}. */
  async idle(): Promise<void> {
    while (!this.isIdle) await nextTurn();
  }

  protected override async onStart(signal?: AbortSignal): Promise<void> {
    await Promise.all([...this.#informers.values()].map((informer) => informer.start(signal)));
  }

  protected override async onClose(): Promise<void> {
    await Promise.all([...this.#informers.values()].map((informer) => informer.close()));
  }

  #startLate(informer: Informer): void {
    informer.start().catch((err: unknown) => {
      if (this.state === 'closed') return;
      this.#options.logger.error({ err, component: informer.name }, 'informer did not start');
    });
  }
}
