import { describe, expect, it } from 'vitest';
import { readTable, tableLines, type TableStyle } from './table.ts';

const PLAIN: TableStyle = {
  isWide: false,
  hasHeaders: true,
  withNamespace: false,
  kind: undefined,
  showLabels: false,
  labelColumns: [],
};

const ANSWER = {
  kind: 'Table',
  metadata: { resourceVersion: '7' },
  columnDefinitions: [
    { name: 'Name', type: 'string', format: 'name', priority: 0 },
    { name: 'Ready', type: 'string', priority: 0 },
    { name: 'Size', type: 'integer', priority: 1 },
  ],
  rows: [
    {
      cells: ['main', 'True', 3],
      object: { metadata: { namespace: 'shop', labels: { 'a.b/tier': '1', app: 'x' } } },
    },
    { cells: ['bad\nname', null, null, 'too many'], object: { metadata: {} } },
  ],
};

function lines(style: Partial<TableStyle>): string {
  const { columns, rows } = readTable(ANSWER, 0);
  return tableLines(columns, rows, { ...PLAIN, ...style });
}

describe('the lines of a table', () => {
  it('have the columns that matter most, and nothing for null', () => {
    expect(lines({})).toBe('NAME\tREADY\nmain\tTrue\nbad...\t\n');
  });

  it('have all columns when they may be wide', () => {
    expect(lines({ isWide: true })).toBe('NAME\tREADY\tSIZE\nmain\tTrue\t3\nbad...\t\t\n');
  });

  it('have namespaces, kinds and labels when asked for', () => {
    const kind = { kind: 'Broker', group: 'eventing.knative.dev' };
    const text = lines({ withNamespace: true, kind, showLabels: true, labelColumns: ['a.b/tier'] });
    expect(text).toBe(
      'NAMESPACE\tNAME\tREADY\tTIER\tLABELS\n' +
        'shop\tbroker.eventing.knative.dev/main\tTrue\t1\ta.b/tier=1,app=x\n' +
        '\tbroker.eventing.knative.dev/bad...\t\t\t<none>\n',
    );
  });

  it('may have no header', () => {
    expect(lines({ hasHeaders: false })).toBe('main\tTrue\nbad...\t\n');
  });

  it('are none without rows', () => {
    expect(tableLines(readTable(ANSWER, 0).columns, [], PLAIN)).toBe('');
  });
});

describe('a server that makes no tables', () => {
  const object = (name: string, creationTimestamp?: string) => ({
    apiVersion: 'v1',
    kind: 'Thing',
    metadata: { name, ...(creationTimestamp === undefined ? {} : { creationTimestamp }) },
  });

  it('is shown by name and age, whether it sends a list or an object', () => {
    const nowMs = Date.parse('2026-01-01T01:00:00Z');
    const list = { kind: 'ThingList', metadata: {}, items: [object('a', '2026-01-01T00:00:00Z')] };
    for (const answer of [list, object('a', '2026-01-01T00:00:00Z')]) {
      const { columns, rows } = readTable(answer, nowMs);
      expect(tableLines(columns, rows, PLAIN)).toBe('NAME\tAGE\na\t60m\n');
    }
    const { columns, rows } = readTable(object('a'), nowMs);
    expect(tableLines(columns, rows, PLAIN)).toBe('NAME\tAGE\na\t<unknown>\n');
  });
});
