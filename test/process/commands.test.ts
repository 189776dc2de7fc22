/** What only shows in a real process: standard streams, exit codes, staying alive. */
import { describe, expect, it } from 'vitest';
import { runCommand, runShell, startSink } from './command.ts';

const AFFLUX = 'node packages/cli/bin/afflux.js';

describe('the afflux command as a process', () => {
  it('waits as long as a rate asks for and ends with 0', async () => {
    const sink = await startSink();
    const result = await runCommand(['send', sink.url, '--count', '4', '--rate', '5', '--quiet']);
    expect(result).toMatchObject({ code: 0, err: '' });
    expect(result.out).toMatch(/^sent 4 in \S+ s \(200: 4\)\n$/);
  });

  it('reads standard input of other programs', async () => {
    const event = '{"specversion":"1.0","id":"7","source":"/shop","type":"t","region":"eu"}';
    const result = await runShell(`echo '${event}' | ${AFFLUX} cesql "region = 'eu'" --event -`);
    expect(result).toEqual({
      code: 0,
      out: '{"value":true,"type":"boolean","error":null}\n',
      err: '',
    });
  });

  it('lets errors go to stderr, and tells success, failure and wrong usage apart', async () => {
    const codes = await runShell(
      [
        `${AFFLUX} cesql TRUE; echo $?`,
        `${AFFLUX} cesql '1 +'; echo $?`,
        `${AFFLUX} validate -f /no/such/path; echo $?`,
        `${AFFLUX} cesql; echo $?`,
      ].join('\n'),
    );
    expect(codes.out.split('\n').filter((line) => /^\d$/.test(line))).toEqual(['0', '1', '1', '2']);
    expect(codes.err).toContain('error: no such file or directory: /no/such/path');
    expect(codes.err).toContain("error: missing required argument 'expression'");
  });

  it('goes on when whoever read its output went away', async () => {
    const sink = await startSink();
    sink.process.stopReading();
    const events = ['send', sink.url, '--count', '3', '--quiet'];
    expect(await runCommand(events)).toMatchObject({ code: 0 });
    expect(await runCommand(events)).toMatchObject({ code: 0 });
    sink.process.kill('SIGTERM');
    expect(await sink.process.exited).toEqual({ code: 0, signal: null });
  });
});
