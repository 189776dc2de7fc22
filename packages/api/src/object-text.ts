/**
 * Objects as JSON text. A change goes out to every watch of its kind in the same words, so the text of the latest
 * ones is kept: a small ring, because keeping the text of every object would double the memory of the store.
 */
import type { ApiObject } from '@afflux/resources';

/** Texts kept. One write is shown to all watches before many others happen. */
const KEPT_MAX = 256;

export class ObjectTexts {
  readonly #texts = new Map<ApiObject, string>();

  /** The JSON of an object of the store, which is frozen. */
  of(object: ApiObject): string {
    const known = this.#texts.get(object);
    if (known !== undefined) return known;
    const text = JSON.stringify(object);
    if (this.#texts.size >= KEPT_MAX) {
      const [oldest] = this.#texts.keys();
      if (oldest !== undefined) this.#texts.delete(oldest);
    }
    this.#texts.set(object, text);
    return text;
  }
}
