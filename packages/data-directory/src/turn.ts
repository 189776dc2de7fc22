/** A turn of the event loop: what arrives together is worked on together. */

/** Resolves in the next turn, after all promise callbacks and the I/O that is ready. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    // A turn of the loop is not time: no clock, real or fake, has a say in it.
    // eslint-disable-next-line no-restricted-globals
    setImmediate(resolve);
  });
}
