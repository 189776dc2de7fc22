import { expect, it } from 'vitest';
import { humanDuration } from './human-duration.ts';

const S = 1_000;
const M = 60 * S;
const H = 60 * M;
const D = 24 * H;

it.each([
  [-5 * S, '<invalid>'],
  [-1 * S, '0s'],
  [0, '0s'],
  [119 * S, '119s'],
  [120 * S, '2m'],
  [9 * M + 59 * S, '9m59s'],
  [10 * M + 30 * S, '10m'],
  [179 * M, '179m'],
  [3 * H, '3h'],
  [7 * H + 59 * M, '7h59m'],
  [47 * H, '47h'],
  [2 * D + 5 * H, '2d5h'],
  [9 * D + 5 * H, '9d'],
  [729 * D, '729d'],
  [731 * D, '2y1d'],
  [9 * 365 * D, '9y'],
])('%i ms are shown as %s', (ms, text) => {
  expect(humanDuration(ms)).toBe(text);
});
