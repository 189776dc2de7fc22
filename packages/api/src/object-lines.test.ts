import type { ApiObject } from '@afflux/resources';
import { describe, expect, it } from 'vitest';
import { ObjectLines } from './object-lines.ts';

function object(name: string, filling = ''): ApiObject {
  const annotations = { filling };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, annotations } };
}

function linesOf(lines: ObjectLines, objects: readonly ApiObject[]): Buffer[] {
  return objects.map((one) => lines.of('ADDED', one));
}

describe('the lines of a watch', () => {
  it('are the change as JSON and a line feed', () => {
    const line = new ObjectLines().of('MODIFIED', object('ä'));
    expect(line.toString('utf8')).toBe(
      `{"type":"MODIFIED","object":${JSON.stringify(object('ä'))}}\n`,
    );
  });

  it('are the same bytes for all watches', () => {
    const lines = new ObjectLines();
    const objects = ['a', 'b', 'c'].map((name) => object(name));
    const shown = linesOf(lines, objects);
    expect(linesOf(lines, objects).every((line, index) => line === shown[index])).toBe(true);
  });

  it('say what became of the object for the one who asks', () => {
    const lines = new ObjectLines();
    const one = object('a');
    expect(lines.of('MODIFIED', one).toString()).toContain('"type":"MODIFIED"');
    expect(lines.of('ADDED', one).toString()).toContain('"type":"ADDED"');
    expect(lines.of('MODIFIED', one).toString()).toContain('"type":"MODIFIED"');
  });

  it('are forgotten after many others', () => {
    const lines = new ObjectLines();
    const first = object('first');
    const others = Array.from({ length: 256 }, (_, index) => object(String(index)));
    const line = lines.of('ADDED', first);
    const shown = linesOf(lines, others);
    expect(linesOf(lines, others).every((other, index) => other === shown[index])).toBe(true);
    expect(lines.of('ADDED', first)).not.toBe(line);
  });

  it('are forgotten after few that are large, but for the latest', () => {
    const lines = new ObjectLines();
    const small = object('small');
    const smallLine = lines.of('ADDED', small);
    const large = object('large', 'x'.repeat(9 * 1024 * 1024));
    const largeLine = lines.of('ADDED', large);
    expect(lines.of('ADDED', large)).toBe(largeLine);
    expect(lines.of('ADDED', small)).not.toBe(smallLine);
  });
});
