import { describe, expect, it } from 'vitest';
import { alignTabs, DESCRIPTION_TABS, escaped, TABLE_TABS } from './tab-writer.ts';

describe('alignTabs', () => {
  it('pads every cell but the last to the widest of its column', () => {
    expect(alignTabs('NAME\tREADY\nlonger-name\tTrue\n', TABLE_TABS)).toBe(
      'NAME          READY\nlonger-name   True\n',
    );
  });

  it('keeps the padding before an empty last cell', () => {
    expect(alignTabs('A\tB\nx\t\n', TABLE_TABS)).toBe('A     B\nx     \n');
  });

  it('ends a column at a line that has no cell there', () => {
    expect(alignTabs('longer\t1\nTitle:\na\t2\n', DESCRIPTION_TABS)).toBe(
      'longer  1\nTitle:\na  2\n',
    );
  });

  it('aligns a column inside each run of the column before it', () => {
    expect(alignTabs('a\tb\tc\na\tlong\tc\na\tb\n', DESCRIPTION_TABS)).toBe(
      'a  b     c\na  long  c\na  b\n',
    );
  });

  it('never makes a column narrower than it was before', () => {
    const widths: number[] = [];
    alignTabs('a-long-name\tx\n', TABLE_TABS, widths);
    expect(alignTabs('a\tx\n', TABLE_TABS, widths)).toBe('a             x\n');
  });

  it('counts characters, not their halves', () => {
    expect(alignTabs('😀\tx\nab\ty\n', DESCRIPTION_TABS)).toBe('😀   x\nab  y\n');
  });
});

describe('escaped', () => {
  it('shows what a terminal would obey', () => {
    expect(escaped('a\u001b[31m\rb')).toBe('a^[[31m\\rb');
  });
});
