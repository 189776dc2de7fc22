/** How many objects each namespace holds; the cluster scope counts as one more. */
export class ObjectCounts {
  readonly max: number;
  readonly #counts = new Map<string, number>();

  constructor(max: number) {
    this.max = max;
  }

  hasRoom(namespace: string | undefined): boolean {
    return (this.#counts.get(namespace ?? '') ?? 0) < this.max;
  }

  add(namespace: string | undefined, by: number): void {
    const count = (this.#counts.get(namespace ?? '') ?? 0) + by;
    if (count === 0) this.#counts.delete(namespace ?? '');
    else this.#counts.set(namespace ?? '', count);
  }
}
