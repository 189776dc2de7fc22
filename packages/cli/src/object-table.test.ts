import { describe, expect, it } from 'vitest';
import { objectTable } from './object-table.ts';

const BROKER = {
  kind: 'Broker',
  namespace: 'default',
  name: 'main',
  ready: 'True',
  reason: '',
  message: '',
  url: 'http://localhost:8080/default/main',
};

describe('the table of objects', () => {
  it('aligns its columns and ends no line with spaces', () => {
    const long = { ...BROKER, kind: 'InMemoryChannel', name: 'a', url: '' };
    expect(objectTable([BROKER, long])).toBe(
      [
        'KIND             NAME          READY  REASON  URL',
        'Broker           default/main  True           http://localhost:8080/default/main',
        'InMemoryChannel  default/a     True',
        '',
      ].join('\n'),
    );
  });

  it('says below the line of an object why it is not ready, and only there', () => {
    const message = 'Broker main does not exist';
    const waiting = { ...BROKER, ready: 'Unknown', reason: 'BrokerDoesNotExist', message };
    const lines = objectTable([waiting, { ...BROKER, message: 'fine' }]).split('\n');
    expect(lines[1]).toContain('Unknown  BrokerDoesNotExist');
    expect(lines[2]).toBe(`  ${message}`);
    expect(lines[3]).toContain('True');
    expect(lines[4]).toBe('');
  });
});
