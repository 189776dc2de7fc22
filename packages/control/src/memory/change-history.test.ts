import { describe, expect, it } from 'vitest';
import { ChangeHistory, type RecordedChange } from './change-history.ts';
import { roughBytes } from './rough-bytes.ts';

function change(version: number, bytes = 1): RecordedChange {
  const object = { apiVersion: 'v1', kind: 'Thing', metadata: { name: String(version) } };
  return { version, type: 'ADDED', object, previous: undefined, bytes };
}

function historyOf(versions: readonly number[], bounds: { lengthMax?: number; bytesMax?: number }) {
  const history = new ChangeHistory({ lengthMax: 100, bytesMax: 1_000, ...bounds }, 10);
  for (const version of versions) history.append(change(version, 100));
  return history;
}

function since(history: ChangeHistory, version: number): number[] | undefined {
  return history.since(version)?.map((found) => found.version);
}

describe('the changes of a kind', () => {
  it('are known from where the history began', () => {
    const history = historyOf([11, 13, 17], {});
    expect(since(history, 10)).toEqual([11, 13, 17]);
    expect(since(history, 12)).toEqual([13, 17]);
    expect(since(history, 17)).toEqual([]);
    expect(since(history, 9)).toBeUndefined();
  });

  it('are forgotten one by one when there are too many', () => {
    const history = new ChangeHistory({ lengthMax: 3, bytesMax: 1_000 });
    for (let version = 1; version <= 50; version += 1) {
      history.append(change(version));
      const oldest = Math.max(0, version - 3);
      expect(history.forgottenVersion).toBe(oldest);
      expect(since(history, oldest)).toHaveLength(Math.min(version, 3));
      expect(since(history, oldest - 1)).toBeUndefined();
    }
  });

  it('are forgotten when their objects take too much, but for the latest', () => {
    const history = historyOf([11, 12, 13, 14], { bytesMax: 250 });
    expect(since(history, 12)).toEqual([13, 14]);
    expect(since(history, 11)).toBeUndefined();
    history.append(change(15, 10_000));
    expect(since(history, 14)).toEqual([15]);
    expect(since(history, 13)).toBeUndefined();
  });
});

describe('the memory of an object', () => {
  it('is that of its texts, and something for each value', () => {
    expect(roughBytes({ a: 'x'.repeat(1_000) })).toBeGreaterThan(1_000);
    expect(roughBytes({ a: ['x'.repeat(500), { b: 'y'.repeat(500) }] })).toBeGreaterThan(1_000);
    expect(roughBytes(Array.from({ length: 100 }, () => null))).toBeGreaterThan(1_000);
    expect(roughBytes({ a: 1, b: true, c: null })).toBeLessThan(1_000);
  });
});
