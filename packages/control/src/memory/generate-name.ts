/** Names for objects that come with `generateName` only: the given base and five random characters. */
import type { Random } from '@afflux/kernel';

/** Kubernetes' alphabet: no vowels and no look-alikes, so that no words appear. */
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';
const SUFFIX_LENGTH = 5;
/** So that the name fits where a DNS label is needed (63). */
const BASE_LENGTH_MAX = 58;
/** Tries to find a free name before the create is refused as AlreadyExists (kube-apiserver: 8). */
const ATTEMPTS_MAX = 8;

/** A name that `isTaken` does not know, if one of a few random ones is free; else one that it does. */
export function generateName(
  base: string,
  random: Random,
  isTaken: (name: string) => boolean,
): string {
  let name = '';
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    name = base.slice(0, BASE_LENGTH_MAX);
    for (let index = 0; index < SUFFIX_LENGTH; index += 1) {
      name += ALPHABET.charAt(Math.floor(random.next() * ALPHABET.length));
    }
    if (!isTaken(name)) break;
  }
  return name;
}
