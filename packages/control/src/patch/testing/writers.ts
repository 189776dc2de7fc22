/** Writes of widgets by managers. Tests only. */
import type { ApiObject } from '@afflux/resources';
import { StoreError } from '../../errors.ts';
import { apply, type ApplyOptions } from '../apply.ts';
import { takeOwnership } from '../take-ownership.ts';
import { WIDGET, widget } from './widget.ts';

export function timeOf(second: number): string {
  return `2025-01-01T00:00:${String(second).padStart(2, '0')}Z`;
}

export function options(manager: string, more: Partial<ApplyOptions> = {}): ApplyOptions {
  return { manager, now: timeOf(0), schema: WIDGET, hasStatus: true, ...more };
}

/** The object after a widget with this spec was applied. */
export function applied(
  current: ApiObject | undefined,
  spec: unknown,
  manager: string,
  more: Partial<ApplyOptions> = {},
): ApiObject {
  return apply(current, widget(spec), options(manager, more));
}

/** The object as the store keeps it after an ordinary write. */
export function written(
  old: ApiObject | undefined,
  next: ApiObject,
  manager: string,
  second = 0,
): ApiObject {
  const managedFields = takeOwnership(old, next, options(manager, { now: timeOf(second) }));
  const { managedFields: _sent, ...metadata } = next.metadata;
  return { ...next, metadata: { ...metadata, ...(managedFields && { managedFields }) } };
}

export function managersOf(object: ApiObject): string[] {
  return (object.metadata.managedFields ?? []).map(({ manager = '' }) => manager);
}

export function refusal(run: () => unknown): StoreError {
  try {
    run();
  } catch (error) {
    if (error instanceof StoreError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
