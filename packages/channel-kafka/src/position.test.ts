import { expect, test } from 'vitest';
import { parsePosition, positionOf } from './position.ts';

test.each([
  ['3:17', [[3, 17]]],
  [
    'p0:123,p1:45',
    [
      [0, 123],
      [1, 45],
    ],
  ],
  [positionOf(2, 5_000_000_000), [[2, 5_000_000_000]]],
])('%s is a position', (text, expected) => {
  expect([...parsePosition(text)]).toEqual(expected);
});

test.each(['', 'x', '1', 17, -1, Number.NaN, '1:2,1:3', '1:-2', '1:99999999999999999'])(
  '%j is none',
  (text) => {
    expect(() => parsePosition(text)).toThrow(
      expect.objectContaining({ code: 'AFFLUX_CHANNEL_POSITION_INVALID' }) as Error,
    );
  },
);
