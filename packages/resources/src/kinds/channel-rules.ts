/** Rules and defaults that several kinds built on channels share. */
import { SUBSCRIBABLE } from '../annotations.ts';
import { defaultChannelTemplate } from '../config/channel-defaults.ts';
import type { ChannelTemplate } from '../duck/channelable.ts';
import { FieldErrors } from '../field-errors.ts';
import type { AdmissionContext } from '../kind.ts';
import type { ObjectMeta } from '../object.ts';

/** Says which version of the Subscribable type a channel has, unless it says so itself. */
export function fillSubscribable(metadata: ObjectMeta): void {
  const annotations = metadata.annotations ?? {};
  if (Object.hasOwn(annotations, SUBSCRIBABLE)) return;
  metadata.annotations = { ...annotations, [SUBSCRIBABLE]: 'v1' };
}

/** Takes the channel template of the namespace or the cluster where there is none. */
export function fillChannelTemplate(
  spec: { channelTemplate?: ChannelTemplate },
  metadata: ObjectMeta,
  context: AdmissionContext,
): void {
  if (spec.channelTemplate !== undefined) return;
  const template = defaultChannelTemplate(context.channelDefaults, metadata.namespace ?? '');
  if (template !== undefined) spec.channelTemplate = template;
}

/** Rules of a channel template; paths begin at the root of the object. */
export function validateChannelTemplate(template: ChannelTemplate | undefined): FieldErrors {
  const errors = new FieldErrors();
  const path = 'spec.channelTemplate';
  if (template === undefined) return errors.missing(path);
  if (template.kind === '') errors.missing(`${path}.kind`);
  if (template.apiVersion === '') errors.missing(`${path}.apiVersion`);
  return errors;
}
