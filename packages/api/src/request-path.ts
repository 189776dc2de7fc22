/**
 * What a path of the API names: `/api/v1/namespaces/default/configmaps/settings` or
 * `/apis/<group>/<version>/…/<plural>/<name>/<subresource>`. Pure; does not know which kinds there are.
 */

/** A path below a group and version that names a resource. */
export interface ResourcePath {
  readonly group: string;
  readonly version: string;
  readonly namespace: string | undefined;
  /** Plural name of the resource. */
  readonly resource: string;
  readonly name: string | undefined;
  readonly subresource: string | undefined;
}

/** Parts of a path; a name has none of its own longer than Kubernetes' names. */
const PART_LENGTH_MAX = 253;

/** The decoded parts; undefined for what is no path of ours (an empty, odd or malformed part). */
export function pathParts(path: string): readonly string[] | undefined {
  const parts: string[] = [];
  for (const raw of path.replace(/^\//, '').replace(/\/$/, '').split('/')) {
    let part: string;
    try {
      part = decodeURIComponent(raw);
    } catch {
      return undefined;
    }
    const isOdd = part === '' || part === '.' || part === '..' || part.includes('/');
    if (isOdd || part.length > PART_LENGTH_MAX) return undefined;
    parts.push(part);
  }
  return parts;
}

/** The resource that the parts name, or undefined: discovery, or nothing at all. */
export function resourcePath(parts: readonly string[]): ResourcePath | undefined {
  const [root, ...rest] = parts;
  if (root === 'api') return below('', rest);
  const [group, ...inGroup] = rest;
  return root === 'apis' && group !== undefined ? below(group, inGroup) : undefined;
}

function below(
  group: string,
  [version, first, second, third, ...rest]: readonly string[],
): ResourcePath | undefined {
  if (version === undefined || first === undefined) return undefined;
  // The Namespace objects themselves have their name where others have their namespace.
  const isInNamespace =
    first === 'namespaces' &&
    third !== undefined &&
    !(group === '' && (third === 'status' || third === 'finalize') && rest.length === 0);
  if (isInNamespace) {
    const [name, subresource, ...tooMuch] = rest;
    if (tooMuch.length > 0) return undefined;
    return { group, version, namespace: second, resource: third, name, subresource };
  }
  if (rest.length > 0) return undefined;
  return {
    group,
    version,
    namespace: undefined,
    resource: first,
    name: second,
    subresource: third,
  };
}
