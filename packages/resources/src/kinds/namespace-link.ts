/**
 * A Trigger's Broker or a Subscription's channel in another namespace. Off unless the feature
 * cross-namespace-event-links is enabled; and then only for writers that may `knsubscribe` to the object: in a
 * cluster a SubjectAccessReview says so, on a laptop whoever makes the admission context. Without an answer
 * the reference is refused (T07).
 */
import { isEnabled } from '../config/features.ts';
import { FieldErrors } from '../field-errors.ts';
import type { AdmissionContext } from '../kind.ts';
import type { ObjectMeta } from '../object.ts';

/** The reference; `resource` is the plural of its kind. */
export interface NamespaceLink {
  readonly apiVersion?: string;
  readonly group?: string;
  readonly namespace?: string;
  readonly name: string;
  readonly resource: string;
}

/** Rules for the namespace of such a reference; paths begin below it. */
export function validateNamespaceLink(
  link: NamespaceLink,
  holder: ObjectMeta,
  context: AdmissionContext,
): FieldErrors {
  const errors = new FieldErrors();
  const { namespace = '' } = link;
  if (namespace === '') return errors;
  if (!isEnabled(context.features, 'cross-namespace-event-links')) {
    return errors.add(
      'must not set the field(s)',
      'namespace',
      'only name, apiVersion and kind are supported fields when feature.CrossNamespaceEventLinks is disabled',
    );
  }
  if (namespace === holder.namespace) return errors;
  const group = (link.group ?? '') === '' ? (link.apiVersion?.split('/')[0] ?? '') : link.group;
  const isGranted = context.mayUse?.({
    verb: 'knsubscribe',
    group: group ?? '',
    resource: link.resource,
    namespace,
    name: link.name,
  });
  if (isGranted === true) return errors;
  return errors.add(
    `user ${context.user ?? ''} is not authorized to get target resource in namespace: ${namespace}`,
    'namespace',
  );
}
