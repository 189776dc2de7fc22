import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { mergeKubeconfig, removeFromKubeconfig } from './merge-kubeconfig.ts';

const ENTRY = { name: 'afflux', server: 'http://127.0.0.1:6440', token: 'tok' };

const THEIRS = `# my clusters
apiVersion: v1
kind: Config
current-context: work
clusters:
- name: work # the big one
  cluster: {server: "https://work:6443"}
contexts:
- name: work
  context:
    cluster: work
    user: me

users:
- name: me
  user:
    token: abc
preferences: {}
`;

describe('mergeKubeconfig', () => {
  it('makes a file where there is none', () => {
    const text = mergeKubeconfig(undefined, { ...ENTRY, setCurrentContext: true, ca: 'PEM' });
    expect(parse(text)).toEqual({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'afflux',
      clusters: [
        {
          name: 'afflux',
          cluster: {
            server: ENTRY.server,
            'certificate-authority-data': 'UEVN',
            'insecure-skip-tls-verify': true,
          },
        },
      ],
      users: [{ name: 'afflux', user: { token: 'tok' } }],
      contexts: [{ name: 'afflux', context: { cluster: 'afflux', user: 'afflux' } }],
    });
    expect(mergeKubeconfig('', { ...ENTRY })).toContain('server: http://127.0.0.1:6440');
  });

  it('lets verification be skipped on plain http alone, where some clients insist on it', () => {
    const secure = mergeKubeconfig(undefined, { ...ENTRY, server: 'https://127.0.0.1:6440' });
    expect(secure).not.toContain('insecure');
    expect(mergeKubeconfig(secure, ENTRY)).toContain('insecure-skip-tls-verify: true');
  });

  it('adds its entries and leaves every line of the others', () => {
    const text = mergeKubeconfig(THEIRS, ENTRY);
    const rest = THEIRS.split('\n');
    for (const line of text.split('\n')) if (line === rest[0]) rest.shift();
    expect(rest).toEqual([]);
    const { clusters, contexts, users } = parse(text) as Record<string, { name: string }[]>;
    for (const list of [clusters, contexts, users]) {
      expect(list?.map(({ name }) => name).at(-1)).toBe('afflux');
    }
  });

  it('chooses its context only when it is asked to', () => {
    const currentOf = (text: string) => (parse(text) as Record<string, unknown>)['current-context'];
    expect(currentOf(mergeKubeconfig(THEIRS, ENTRY))).toBe('work');
    expect(currentOf(mergeKubeconfig(THEIRS, { ...ENTRY, setCurrentContext: true }))).toBe(
      'afflux',
    );
  });

  it('replaces what it wrote before, and nothing else', () => {
    const first = mergeKubeconfig(THEIRS, { ...ENTRY, caData: 'UEVN', namespace: 'x' });
    expect(mergeKubeconfig(first, { ...ENTRY, caData: 'UEVN', namespace: 'x' })).toBe(first);
    const second = parse(mergeKubeconfig(first, { name: 'afflux', server: 'https://new' })) as {
      clusters: unknown[];
      users: unknown[];
    };
    expect(second.clusters).toHaveLength(2);
    expect(second.clusters[1]).toEqual({ name: 'afflux', cluster: { server: 'https://new' } });
    expect(second.users[1]).toEqual({ name: 'afflux', user: {} });
  });

  it('fills lists that are empty or missing', () => {
    const text = mergeKubeconfig('clusters: []\nusers:\n', ENTRY);
    expect(parse(text)).toMatchObject({
      clusters: [{ name: 'afflux' }],
      users: [{ name: 'afflux' }],
      contexts: [{ name: 'afflux' }],
    });
  });

  it.each(['- a', 'kind: Pod', 'clusters: 7', 'clusters: [\n'])(
    'refuses %j, which is no kubeconfig',
    (text) => {
      expect(() => mergeKubeconfig(text, ENTRY)).toThrow(
        expect.objectContaining({ code: 'AFFLUX_KUBERNETES_CONFIG_INVALID' }),
      );
    },
  );
});

describe('removeFromKubeconfig', () => {
  it('undoes a merge', () => {
    const merged = mergeKubeconfig(THEIRS, { ...ENTRY, setCurrentContext: true });
    expect(removeFromKubeconfig(merged, 'afflux')).toBe(
      THEIRS.replace('current-context: work', 'current-context: ""'),
    );
  });

  it('says so when there is nothing to remove', () => {
    expect(removeFromKubeconfig(THEIRS, 'afflux')).toBeUndefined();
  });

  it('leaves an empty file that kubectl can read', () => {
    const merged = mergeKubeconfig(undefined, ENTRY);
    expect(parse(removeFromKubeconfig(merged, 'afflux') ?? '')).toEqual({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': '',
      clusters: [],
      users: [],
      contexts: [],
    });
  });
});
