/** The channel kinds that this installation can make and serve. */
import type { GroupVersionKind } from '@afflux/control';
import { MessagingError } from '../errors.ts';
import { IN_MEMORY_CHANNEL, isSameKind, workingKind } from '../model/kinds.ts';

export const DEFAULT_CHANNEL_KINDS: readonly GroupVersionKind[] = [IN_MEMORY_CHANNEL];

/**
 * The channel kind that a reference or template names, in the version to work with. Throws
 * `AFFLUX_MESSAGING_CHANNEL_KIND_UNKNOWN`, which names the kinds there are.
 */
export function channelKindOf(
  wanted: GroupVersionKind,
  known: readonly GroupVersionKind[],
): GroupVersionKind {
  const working = workingKind(wanted);
  if (known.some((kind) => isSameKind(kind, working))) return working;
  const names = known.map(({ apiVersion, kind }) => `${kind} (${apiVersion})`).join(', ');
  throw new MessagingError(
    `${wanted.kind} (${wanted.apiVersion}) is not a channel kind that is served here; known: ${names}`,
    { code: 'AFFLUX_MESSAGING_CHANNEL_KIND_UNKNOWN', fault: 'user' },
  );
}
