/** A manifest mistake as one line that an editor can jump to. */
import { relative } from 'node:path';
import type { ManifestIssue } from './manifest-source.ts';

/** `triggers.yaml:7: Trigger default/orders: spec.filters[0]: …`; paths relative to `from` where shorter. */
export function issueText(issue: ManifestIssue, from: string): string {
  const short = relative(from, issue.file);
  const file = short !== '' && short.length < issue.file.length ? short : issue.file;
  const parts = [`${file}:${String(issue.line)}`, issue.object, issue.field, issue.message];
  return parts.filter((part) => part !== undefined && part !== '').join(': ');
}
