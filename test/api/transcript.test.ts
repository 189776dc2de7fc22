import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { normalise } from './normalise.ts';
import { parseTranscript, printTranscript } from './transcript.ts';

const FOLDER = new URL('./transcripts/', import.meta.url);

const TEXT = `What this is about.

=== the first row
=> one.yaml
kind: A
---
kind: B
$ kubectl create -f one.yaml
a/one created

b/one created
# differs: because
$ cat <<END
> line
> END
line
[exit 1]

=== the second
# only Afflux: for a reason
$ true
`;

describe('a transcript', () => {
  test('has rows of commands with their files and what they show', () => {
    const { comment, rows } = parseTranscript(TEXT);
    expect(comment).toBe('What this is about.');
    expect(rows).toEqual([
      {
        name: 'the first row',
        onlyAfflux: undefined,
        steps: [
          {
            files: [['one.yaml', 'kind: A\n---\nkind: B\n']],
            command: 'kubectl create -f one.yaml',
            differs: undefined,
            output: 'a/one created\n\nb/one created',
          },
          {
            files: [],
            command: 'cat <<END\nline\nEND',
            differs: 'because',
            output: 'line\n[exit 1]',
          },
        ],
      },
      {
        name: 'the second',
        onlyAfflux: 'for a reason',
        steps: [{ files: [], command: 'true', differs: undefined, output: '' }],
      },
    ]);
  });

  test('refuses rows that do nothing, and lines that belong nowhere', () => {
    expect(() => parseTranscript('=== empty\n')).toThrow('empty: no command');
    expect(() => parseTranscript('=== row\nwhat is this\n$ true\n')).toThrow('belongs nowhere');
  });

  test.each(readdirSync(FOLDER).filter((name) => name.endsWith('.txt')))(
    '%s is written as it is printed',
    (name) => {
      const text = readFileSync(new URL(name, FOLDER), 'utf8');
      expect(printTranscript(parseTranscript(text))).toBe(text);
    },
  );
});

describe('what is normalised', () => {
  test.each([
    ['one   5s', 'one  <age>'],
    ['one   2d3h   x', 'one  <age>  x'],
    ['3s (x2 over 4m5s)   Normal', '3s (x2 over <age>)  Normal'],
    ['creationTimestamp: "2024-01-02T03:04:05Z"', 'creationTimestamp: "<time>"'],
    ['Creation Timestamp:  Mon, 02 Jan 2024 03:04:05 +0000', 'Creation Timestamp:  <time>'],
    ['resourceVersion: "123"', 'resourceVersion: "<version>"'],
    ['{"resourceVersion":"123"}', '{"resourceVersion":"<version>"}'],
    ['uid: 01234567-89ab-cdef-0123-456789abcdef', 'uid: <uid>'],
    ['http://localhost:8080/ns-1/main', '<server>/NAMESPACE/main'],
    ['IP:   10.0.12.3', 'IP:  <ip>'],
    ['W1130 10:15:33.123456   12 reflector.go:1] watch ended\na', 'a'],
    ['E1130 10:15:33.123456   12 memcache.go:26] no', '<log memcache.go> no'],
    ['a  b  ', 'a  b'],
    ['  indented   twice', '  indented  twice'],
  ])('%s', (output, expected) => {
    expect(normalise(output, 'ns-1')).toBe(expected);
  });
});
