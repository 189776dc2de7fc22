/**
 * Writing an entry into somebody's kubeconfig file. The file is theirs: entries of the given name are replaced, all
 * else keeps its text, its comments and its order. Pure: text in, text out; who calls it writes the file.
 */
import { Document, isMap, isSeq, parseDocument, type ToStringOptions, type YAMLMap } from 'yaml';
import { KubernetesError } from './errors.ts';
import { parseKubeconfig } from './kubeconfig-document.ts';

export interface KubeconfigEntry {
  /** Of cluster, user and context alike. */
  readonly name: string;
  readonly server: string;
  readonly namespace?: string | undefined;
  readonly token?: string | undefined;
  /** PEM of the authority that vouches for the server. */
  readonly ca?: string | undefined;
  /** The same in base64, as it stands in the file. */
  readonly caData?: string | undefined;
  /** Makes it what kubectl talks to when nothing else is said. */
  readonly setCurrentContext?: boolean | undefined;
}

/** The text of the file with the entry in it. Throws a `KubernetesError` when the text is no kubeconfig. */
export function mergeKubeconfig(text: string | undefined, entry: KubeconfigEntry): string {
  const file = 'kubeconfig';
  if (text !== undefined) parseKubeconfig(file, text);
  const document = openDocument(text);
  const caData = entry.caData ?? (entry.ca === undefined ? undefined : base64(entry.ca));
  put(document, 'clusters', entry.name, 'cluster', {
    server: entry.server,
    ...(caData === undefined ? {} : { 'certificate-authority-data': caData }),
    // There is nothing to verify on plain http, and some clients want to be told so.
    ...(/^http:/i.test(entry.server) ? { 'insecure-skip-tls-verify': true } : {}),
  });
  put(document, 'users', entry.name, 'user', {
    ...(entry.token === undefined ? {} : { token: entry.token }),
  });
  put(document, 'contexts', entry.name, 'context', {
    cluster: entry.name,
    user: entry.name,
    ...(entry.namespace === undefined ? {} : { namespace: entry.namespace }),
  });
  if (entry.setCurrentContext === true) document.set('current-context', entry.name);
  return document.toString(styleOf(text));
}

/** The text without the entry; a current-context of that name goes, too. Undefined when it was not in it. */
export function removeFromKubeconfig(text: string, name: string): string | undefined {
  parseKubeconfig('kubeconfig', text);
  const document = openDocument(text);
  let hasChanged = false;
  for (const list of ['clusters', 'users', 'contexts']) {
    const entries = document.get(list);
    if (!isSeq(entries)) continue;
    const index = entries.items.findIndex((item) => isMap(item) && item.get('name') === name);
    if (index === -1) continue;
    entries.delete(index);
    // kubectl reads `[]`, not a key without a value followed by nothing.
    if (entries.items.length === 0) entries.flow = true;
    hasChanged = true;
  }
  if (document.get('current-context') === name) {
    document.set('current-context', '');
    hasChanged = true;
  }
  return hasChanged ? document.toString(styleOf(text)) : undefined;
}

function openDocument(text: string | undefined): Document {
  const document: Document = parseDocument(text ?? '');
  if (isMap(document.contents)) return document;
  const fresh = new Document({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [],
    users: [],
    contexts: [],
    'current-context': '',
  });
  fresh.commentBefore = document.commentBefore ?? document.comment;
  return fresh;
}

/** Writes lists and braces as the file does; a new file as kubectl would. */
function styleOf(text: string | undefined): ToStringOptions {
  return {
    lineWidth: 0,
    indentSeq: text !== undefined && /^ +- /m.test(text) && !/^- /m.test(text),
    flowCollectionPadding: text === undefined || !/[{[][^\s\]}]/.test(text),
  };
}

function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}

function put(
  document: Document,
  list: string,
  name: string,
  field: string,
  content: Record<string, string | boolean>,
): void {
  const found = document.get(list);
  if (found !== undefined && found !== null && !isSeq(found)) {
    throw new KubernetesError(
      'AFFLUX_KUBERNETES_CONFIG_INVALID',
      `kubeconfig: ${list}: must be a list`,
    );
  }
  if (!isSeq(found)) {
    document.set(list, document.createNode([{ name, [field]: content }]));
    return;
  }
  const old = found.items.find((item): item is YAMLMap => isMap(item) && item.get('name') === name);
  if (old !== undefined) {
    old.set(field, document.createNode(content));
    return;
  }
  // A list that is written `[]` would put the entry on one line.
  if (found.items.length === 0) found.flow = false;
  found.add(document.createNode({ name, [field]: content }));
}
