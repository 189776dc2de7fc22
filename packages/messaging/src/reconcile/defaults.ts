/** Defaults for objects that reached the store without admission: in memory only, before each run. */
import type { ApiObject, ChannelTemplate } from '@afflux/resources';
import { MessagingError } from '../errors.ts';
import type { MessagingDependencies } from './dependencies.ts';

export type DefaultsSource = Pick<MessagingDependencies, 'registry' | 'admission'>;

/** An object whose spec may name a channel template. */
type Templated = ApiObject<{ channelTemplate?: ChannelTemplate }>;

/**
 * Gives the copy that a run works on the spec that admission would have given it. An object that has a template
 * has been through admission, or says all that matters here.
 */
export function fillDefaults(object: Templated, { registry, admission }: DefaultsSource): void {
  if (object.spec?.channelTemplate !== undefined) return;
  const definition = registry.get(object.apiVersion, object.kind);
  if (definition === undefined) return;
  object.spec = (definition.setDefaults(object, admission()) as Templated).spec ?? {};
}

/** The template after defaulting; throws `AFFLUX_MESSAGING_NO_CHANNEL_TEMPLATE` when there is none. */
export function requireTemplate(template: ChannelTemplate | undefined): ChannelTemplate {
  if (template !== undefined) return template;
  throw new MessagingError(
    'spec.channelTemplate is missing, and default-ch-webhook has no default for this namespace',
    { code: 'AFFLUX_MESSAGING_NO_CHANNEL_TEMPLATE', fault: 'user' },
  );
}
