/**
 * In which order groups and versions are named. It matters: clients take the first version that they know, and the
 * first group when a name alone stands for several resources (`kubectl get services`).
 */

/** Kubernetes' own groups, first to last; all of them come before everybody else's. */
const KUBERNETES_GROUPS: readonly string[] = [
  '',
  'apps',
  'events.k8s.io',
  'authentication.k8s.io',
  'authorization.k8s.io',
  'autoscaling',
  'batch',
  'networking.k8s.io',
  'policy',
  'rbac.authorization.k8s.io',
  'storage.k8s.io',
  'admissionregistration.k8s.io',
  'apiextensions.k8s.io',
  'coordination.k8s.io',
  'discovery.k8s.io',
];

const VERSION = /^v([1-9]\d*)(?:(alpha|beta)([1-9]\d*))?$/u;
const STAGES: readonly (string | undefined)[] = ['alpha', 'beta', undefined];

/** Stage, major and minor, to be compared one after the other; undefined for a name of another form. */
function rankOf(version: string): readonly number[] | undefined {
  const match = VERSION.exec(version);
  if (match === null) return undefined;
  const [, major, stage, minor = '0'] = match;
  return [STAGES.indexOf(stage), Number(major), Number(minor)];
}

function byName(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Stable before beta before alpha, higher before lower, and names of another form last. */
export function compareVersions(left: string, right: string): number {
  const leftRank = rankOf(left);
  const rightRank = rankOf(right);
  if (leftRank === undefined || rightRank === undefined) {
    if (leftRank === rightRank) return byName(left, right);
    return leftRank === undefined ? 1 : -1;
  }
  for (const [index, rank] of rightRank.entries()) {
    const difference = rank - (leftRank[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Kubernetes' groups first, the others by name. */
export function compareGroups(left: string, right: string): number {
  const place = (group: string): number => {
    const index = KUBERNETES_GROUPS.indexOf(group);
    return index < 0 ? KUBERNETES_GROUPS.length : index;
  };
  return place(left) - place(right) || byName(left, right);
}
