/** First in, first out, through a field of the items: adding one allocates nothing. An item is in one line at most. */
export class Line<T extends { next: T | undefined }> {
  #first: T | undefined;
  #last: T | undefined;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(item: T): void {
    if (this.#last === undefined) this.#first = item;
    else this.#last.next = item;
    this.#last = item;
    this.#length += 1;
  }

  shift(): T | undefined {
    const item = this.#first;
    if (item === undefined) return undefined;
    this.#first = item.next;
    if (this.#first === undefined) this.#last = undefined;
    item.next = undefined;
    this.#length -= 1;
    return item;
  }
}
