/**
 * Changes of objects as lines of a watch. A change goes out to every watch of its kind in the same bytes, so those of
 * the latest changes are kept: a small ring, because keeping every object once more would double the memory of the
 * store. Bytes, not text: each watch would encode a text anew.
 */
import type { ApiObject } from '@afflux/resources';

/** Lines kept. One write is shown to all watches before many others happen. */
const KEPT_MAX = 256;

/** Bytes of all of them; the latest is kept whatever it takes. */
const KEPT_BYTES_MAX = 8 * 1024 * 1024;

interface Line {
  readonly type: string;
  readonly bytes: Buffer;
}

/** What a watch sends of one change; `object` is JSON text. */
export function watchLine(type: string, object: string): string {
  return `{"type":"${type}","object":${object}}\n`;
}

export class ObjectLines {
  readonly #lines = new Map<ApiObject, Line>();
  #bytes = 0;

  /** The line of an object of the store, which is frozen. */
  of(type: string, object: ApiObject): Buffer {
    const known = this.#lines.get(object);
    if (known?.type === type) return known.bytes;
    const bytes = Buffer.from(watchLine(type, JSON.stringify(object)));
    // The same object under another type is somebody's initial list, or a selector: rare.
    if (known === undefined) this.#keep(object, { type, bytes });
    return bytes;
  }

  #keep(object: ApiObject, line: Line): void {
    this.#bytes += line.bytes.length;
    for (const [oldest, { bytes }] of this.#lines) {
      if (this.#lines.size < KEPT_MAX && this.#bytes <= KEPT_BYTES_MAX) break;
      this.#lines.delete(oldest);
      this.#bytes -= bytes.length;
    }
    this.#lines.set(object, line);
  }
}
