/** What clients of a version that will be given up are told, as kube-apiserver words it. */
import type { KindDefinition, KindRegistry } from '@afflux/resources';
import { compareVersions } from './discovery/version-order.ts';

/** The warning for requests about a kind; undefined where its version is not deprecated. */
export function deprecationWarning(
  definition: KindDefinition,
  registry: KindRegistry,
): string | undefined {
  const { deprecated, group, version, apiVersion, kind, plural } = definition;
  if (deprecated === undefined) return undefined;
  if (deprecated.warning !== undefined) return deprecated.warning;
  const [best] = registry
    .all()
    .filter((other) => other.group === group && other.plural === plural)
    .filter((other) => other.deprecated === undefined)
    .filter((other) => compareVersions(other.version, version) < 0)
    .sort((left, right) => compareVersions(left.version, right.version));
  const advice = best === undefined ? '' : `; use ${best.apiVersion} ${kind}`;
  return `${apiVersion} ${kind} is deprecated${advice}`;
}
