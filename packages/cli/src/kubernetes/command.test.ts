import { expect, it } from 'vitest';
import { inOurSpelling } from './command.ts';

it.each([
  [['--wait=false'], ['--no-wait']],
  [['--wait=true'], ['--wait']],
  [['--all=true', '--ignore-not-found=false'], ['--all']],
  [['--dry-run=server'], ['--dry-run']],
  [['--dry-run=none'], []],
  [['--dry-run=client'], ['--dry-run=client']],
  [
    ['-o=json', '-n=shop'],
    ['-o', 'json', '-n', 'shop'],
  ],
  [['-l=app=shop'], ['-l', 'app=shop']],
  [['-ojson'], ['-ojson']],
  [['--for=condition=Ready'], ['--for=condition=Ready']],
  [
    ['broker', '--', '-o=x'],
    ['broker', '--', '-o=x'],
  ],
])('reads %j as %j', (given, expected) => {
  expect(inOurSpelling(given)).toEqual(expected);
});
