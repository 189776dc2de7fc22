/**
 * Bytes of bodies that are being received at this moment, in all and per namespace (threats T02, T27).
 * Declared lengths are reserved before the first byte is read; chunked bodies reserve as they arrive.
 */
export class BodyBudget {
  readonly bytesMax: number;
  readonly namespaceBytesMax: number;
  #bytes = 0;
  readonly #byNamespace = new Map<string, number>();

  constructor(bytesMax: number, namespaceShare: number) {
    this.bytesMax = bytesMax;
    this.namespaceBytesMax = Math.max(1, Math.floor(bytesMax * namespaceShare));
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Takes bytes for a namespace; false, and nothing is taken, when there is no room. */
  reserve(namespace: string, bytes: number): boolean {
    if (bytes === 0) return true;
    const held = this.#byNamespace.get(namespace) ?? 0;
    if (this.#bytes + bytes > this.bytesMax || held + bytes > this.namespaceBytesMax) return false;
    this.#bytes += bytes;
    this.#byNamespace.set(namespace, held + bytes);
    return true;
  }

  release(namespace: string, bytes: number): void {
    if (bytes === 0) return;
    this.#bytes -= bytes;
    const left = (this.#byNamespace.get(namespace) ?? 0) - bytes;
    if (left > 0) this.#byNamespace.set(namespace, left);
    else this.#byNamespace.delete(namespace);
  }
}
