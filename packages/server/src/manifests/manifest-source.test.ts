import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ApiObject } from '@afflux/resources';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import {
  ManifestSource,
  referenceKey,
  type ApplyResult,
  type ObjectTarget,
} from './manifest-source.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'afflux-manifests-'));
  onTestFinished(() => rm(directory, { recursive: true }));
});

function file(name: string): string {
  return join(directory, name);
}

function broker(name: string, extra = ''): string {
  return `apiVersion: eventing.knative.dev/v1\nkind: Broker\nmetadata:\n  name: ${name}\n${extra}`;
}

/** Takes everything but objects with `bad: true`. */
function recordingTarget(): ObjectTarget & { readonly log: string[] } {
  const log: string[] = [];
  return {
    log,
    apply: (value): Promise<ApplyResult> => {
      const object = value as ApiObject & { bad?: boolean };
      if (object.bad === true) {
        const problems = [{ message: 'must not be there', paths: ['bad'] }];
        return Promise.resolve({ object: undefined, problems });
      }
      log.push(`apply ${object.kind} ${object.metadata.name}`);
      return Promise.resolve({ object, problems: [] });
    },
    isSound: (value) => (value as { bad?: boolean }).bad !== true,
    release: (reference) => {
      log.push(`remove ${referenceKey(reference)}`);
      return Promise.resolve();
    },
  };
}

describe('ManifestSource', () => {
  it('applies what is new or changed, and nothing twice', async () => {
    const target = recordingTarget();
    const source = new ManifestSource([directory], target);
    await writeFile(file('a.yaml'), broker('a'));
    await source.sync();
    await source.sync();
    await writeFile(file('a.yaml'), broker('a', 'spec: {}\n'));
    await source.sync();
    expect(target.log).toEqual(['apply Broker a', 'apply Broker a']);
  });

  it('removes what is gone from all files', async () => {
    const target = recordingTarget();
    const source = new ManifestSource([directory], target);
    await writeFile(file('a.yaml'), `${broker('a')}---\n${broker('b')}`);
    await source.sync();
    await writeFile(file('a.yaml'), broker('a'));
    const { removed } = await source.sync();
    expect(removed.map(({ name }) => name)).toEqual(['b']);
    await rm(file('a.yaml'));
    await source.sync();
    expect(target.log.filter((line) => line.startsWith('remove'))).toEqual([
      'remove eventing.knative.dev/v1/Broker/default/b',
      'remove eventing.knative.dev/v1/Broker/default/a',
    ]);
  });

  it('names file, line, object and field of a mistake and keeps what was there', async () => {
    const target = recordingTarget();
    const source = new ManifestSource([directory], target);
    await writeFile(file('a.yaml'), broker('a'));
    await source.sync();
    await writeFile(file('a.yaml'), `# first line\n${broker('a', 'bad: true\n')}`);
    const { issues, removed } = await source.sync();
    expect(issues).toEqual([
      {
        file: file('a.yaml'),
        line: 6,
        object: 'Broker default/a',
        field: 'bad',
        message: 'must not be there',
      },
    ]);
    expect(removed).toEqual([]);
  });

  it('removes nothing while a file cannot be parsed', async () => {
    const target = recordingTarget();
    const source = new ManifestSource([directory], target);
    await writeFile(file('a.yaml'), `${broker('a')}---\n${broker('b')}`);
    await source.sync();
    await writeFile(file('a.yaml'), `${broker('a')}---\nkind: [`);
    const { issues, removed } = await source.sync();
    expect(issues).toHaveLength(1);
    expect(removed).toEqual([]);
  });

  it('refuses the second object of the same name and says where the first is', async () => {
    const source = new ManifestSource([directory], recordingTarget());
    await writeFile(file('a.yaml'), broker('a'));
    await writeFile(file('b.yaml'), broker('a'));
    const { issues } = await source.sync();
    expect(issues).toHaveLength(1);
    expect(issues[0]?.file).toBe(file('b.yaml'));
    expect(issues[0]?.message).toContain(`${file('a.yaml')}:1`);
  });

  it('applies what others refer to first', async () => {
    const target = recordingTarget();
    await writeFile(
      file('a.yaml'),
      `kind: Trigger\napiVersion: x/v1\nmetadata: {name: t}\n---\n${broker('b')}---\nkind: ConfigMap\napiVersion: v1\nmetadata: {name: c}\n`,
    );
    await new ManifestSource([directory], target).sync();
    expect(target.log).toEqual(['apply ConfigMap c', 'apply Broker b', 'apply Trigger t']);
  });

  it('lets calls that overlap share one further run', async () => {
    const target = recordingTarget();
    const source = new ManifestSource([directory], target);
    await writeFile(file('a.yaml'), broker('a'));
    const first = source.sync();
    const second = source.sync();
    const third = source.sync();
    expect(second).toBe(third);
    expect((await first).applied).toHaveLength(1);
    expect((await third).applied).toHaveLength(0);
  });

  it('says which path does not exist', async () => {
    const source = new ManifestSource([file('nothing')], recordingTarget());
    await expect(source.sync()).rejects.toThrow(`no such file or directory: ${file('nothing')}`);
  });
});
