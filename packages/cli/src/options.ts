/** Parsers of option values, with messages that say what was expected. */
import { parseDuration, parseGoDuration } from '@afflux/kernel';
import { InvalidArgumentError } from 'commander';

/** An integer within bounds. */
export function integer(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^-?\d+$/.test(text) || value < min || value > max) {
      throw new InvalidArgumentError(`expected an integer from ${String(min)} to ${String(max)}.`);
    }
    return value;
  };
}

/** A positive number. */
export function positive(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0)
    throw new InvalidArgumentError('expected a number above 0.');
  return value;
}

/** A duration such as `200ms` or `PT0.2S`, in milliseconds. */
export function duration(text: string): number {
  try {
    const milliseconds = parseDuration(/^\d+$/.test(text) ? `${text}ms` : text);
    if (milliseconds >= 0) return milliseconds;
  } catch {
    // Said below.
  }
  throw new InvalidArgumentError('expected a duration such as 200ms, 1.5s or PT0.2S.');
}

/** Collects a repeatable option. */
export function collect(value: string, earlier: readonly string[] | undefined): string[] {
  return [...(earlier ?? []), value];
}

/** One of the given words. */
export function oneOf<const Word extends string>(
  ...words: readonly Word[]
): (text: string) => Word {
  return (text) => {
    const word = words.find((candidate) => candidate === text);
    if (word === undefined) throw new InvalidArgumentError(`expected one of ${words.join(', ')}.`);
    return word;
  };
}

export const PORT_MAX = 65_535;
export const COUNT_MAX = 1_000_000_000;

/** A duration as kubectl takes it (`30s`, `1m30s`, `0`), in milliseconds; it may be negative. */
export function goDuration(text: string): number {
  try {
    return text === '0' ? 0 : parseGoDuration(text);
  } catch {
    throw new InvalidArgumentError('expected a duration such as 30s or 1m30s.');
  }
}
