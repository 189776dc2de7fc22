/** The channel kinds that this installation can make and serve. */
import type { GroupVersionKind } from '@afflux/control';
import { MessagingError } from '../errors.ts';
import { IN_MEMORY_CHANNEL, isSameKind } from '../model/kinds.ts';

export const DEFAULT_CHANNEL_KINDS: readonly GroupVersionKind[] = [IN_MEMORY_CHANNEL];

/** Throws `AFFLUX_MESSAGING_CHANNEL_KIND_UNKNOWN`, which names the kinds there are. */
export function requireChannelKind(
  wanted: GroupVersionKind,
  known: readonly GroupVersionKind[],
): void {
  if (known.some((kind) => isSameKind(kind, wanted))) return;
  const names = known.map(({ apiVersion, kind }) => `${kind} (${apiVersion})`).join(', ');
  throw new MessagingError(
    `${wanted.kind} (${wanted.apiVersion}) is not a channel kind that is served here; known: ${names}`,
    { code: 'AFFLUX_MESSAGING_CHANNEL_KIND_UNKNOWN', fault: 'user' },
  );
}
