/** The refusal of an apply that would take fields from other managers, in Kubernetes' words. */
import { StoreError } from '../errors.ts';
import { displayPaths, type FieldSet } from './field-set.ts';
import type { Owner } from './managed-fields.ts';

/** Fields that the apply would take from an owner. */
export interface Conflict {
  readonly owner: Owner;
  readonly fields: FieldSet;
}

function displayOwner({ manager, operation, apiVersion, subresource }: Owner): string {
  const through =
    subresource === undefined ? '' : ` with subresource ${JSON.stringify(subresource)}`;
  const using = operation === 'Update' ? ` using ${apiVersion}` : '';
  return `${JSON.stringify(manager)}${through}${using}`;
}

/** One cause per field; the message lists them by owner. */
export function applyConflict(conflicts: readonly Conflict[]): StoreError {
  const causes: { reason: string; message: string; field: string }[] = [];
  const lines: string[] = [];
  for (const { owner, fields } of conflicts) {
    const by = displayOwner(owner);
    lines.push(`conflicts with ${by}:`);
    for (const field of displayPaths(fields)) {
      causes.push({ reason: 'FieldManagerConflict', message: `conflict with ${by}`, field });
      lines.push(`- ${field}`);
    }
  }
  const [only] = causes;
  const message =
    only !== undefined && causes.length === 1
      ? `Apply failed with 1 conflict: ${only.message}: ${only.field}`
      : `Apply failed with ${String(causes.length)} conflicts: ${lines.join('\n')}`;
  return new StoreError('AFFLUX_STORE_CONFLICT', message, { details: { causes } });
}
