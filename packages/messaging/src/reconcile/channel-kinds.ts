/** The channel kinds that this installation can make and serve. */
import type { GroupVersionKind } from '@afflux/control';
import type { ChannelTemplate } from '@afflux/resources';
import { MessagingError } from '../errors.ts';
import { IN_MEMORY_CHANNEL, isSameKind, workingKind } from '../model/kinds.ts';
import { requireTemplate } from './defaults.ts';

export const DEFAULT_CHANNEL_KINDS: readonly GroupVersionKind[] = [IN_MEMORY_CHANNEL];

/** The channel kind that a reference names, in the version to work with; undefined when it is not served here. */
export function findChannelKind(
  wanted: GroupVersionKind,
  known: readonly GroupVersionKind[],
): GroupVersionKind | undefined {
  const working = workingKind(wanted);
  return known.find((kind) => isSameKind(kind, working));
}

/** The same; throws `AFFLUX_MESSAGING_CHANNEL_KIND_UNKNOWN`, which names the kinds there are. */
export function channelKindOf(
  wanted: GroupVersionKind,
  known: readonly GroupVersionKind[],
): GroupVersionKind {
  const found = findChannelKind(wanted, known);
  if (found !== undefined) return found;
  const names = known.map(({ apiVersion, kind }) => `${kind} (${apiVersion})`).join(', ');
  throw new MessagingError(
    `${wanted.kind} (${wanted.apiVersion}) is not a channel kind that is served here; known: ${names}`,
    { code: 'AFFLUX_MESSAGING_CHANNEL_KIND_UNKNOWN', fault: 'user' },
  );
}

/** The template after defaulting, in the version to work with. Throws where there is none, or none that can be made. */
export function servedTemplate(
  template: ChannelTemplate | undefined,
  known: readonly GroupVersionKind[],
): ChannelTemplate {
  const required = requireTemplate(template);
  return { ...required, ...channelKindOf(required, known) };
}
