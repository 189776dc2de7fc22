/**
 * Bytes of bodies that are being received at this moment, in all and per namespace (threats T02, T27).
 * Declared lengths are reserved before the first byte is read; chunked bodies reserve as they arrive.
 */
export class BodyBudget {
  readonly bytesMax: number;
  readonly namespaceBytesMax: number;
  #bytes = 0;
  /** Bytes held by namespace. Namespaces stay: there are as many as ever had a route, a number each. */
  readonly #byNamespace = new Map<string, { bytes: number }>();

  constructor(bytesMax: number, namespaceShare: number) {
    this.bytesMax = bytesMax;
    this.namespaceBytesMax = Math.max(1, Math.floor(bytesMax * namespaceShare));
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Takes bytes for a namespace; false, and nothing is taken, when there is no room. */
  reserve(namespace: string, bytes: number): boolean {
    const held = this.#heldBy(namespace);
    if (this.#bytes + bytes > this.bytesMax || held.bytes + bytes > this.namespaceBytesMax) {
      return false;
    }
    this.#bytes += bytes;
    held.bytes += bytes;
    return true;
  }

  release(namespace: string, bytes: number): void {
    this.#bytes -= bytes;
    this.#heldBy(namespace).bytes -= bytes;
  }

  #heldBy(namespace: string): { bytes: number } {
    let held = this.#byNamespace.get(namespace);
    if (held === undefined) {
      held = { bytes: 0 };
      this.#byNamespace.set(namespace, held);
    }
    return held;
  }
}
