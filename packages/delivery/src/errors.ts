/**
 * What this package throws. An attempt that fails is not an exception but an outcome (see outcome.ts), so the
 * list is short: addresses that may not be used, and progress that cannot be read back.
 */
import { AffluxError } from '@afflux/kernel';

export type DeliveryErrorCode =
  /** An address that delivery never connects to, or not under the policy in force. */
  | 'AFFLUX_DELIVERY_ADDRESS_REFUSED'
  /** A target that is not an http or https URL. */
  | 'AFFLUX_DELIVERY_TARGET_INVALID'
  /** Encoded progress that this version cannot read. */
  | 'AFFLUX_DELIVERY_PROGRESS_INVALID';

export class DeliveryError extends AffluxError<DeliveryErrorCode> {}
