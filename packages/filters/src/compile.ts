/** The entry: a Trigger's filter, checked or compiled. */
import type { CloudEvent } from '@afflux/events';
import { buildFilter } from './build.ts';
import { FilterInvalidError } from './errors.ts';
import type { Decision, Predicate } from './predicate.ts';
import type { FilterProblem, TriggerFilter } from './spec.ts';

/** A filter ready for events; made by {@link compileFilter}. Immutable. */
export class CompiledFilter {
  /** @internal For the index. */
  readonly predicate: Predicate;

  /** @internal */
  constructor(predicate: Predicate) {
    this.predicate = predicate;
  }

  /** Whether the event passes. Never throws. */
  matches(event: CloudEvent): boolean {
    return this.predicate.test(event);
  }

  /** The same answer with its reason; slower, for people and not for the data path. Never throws. */
  explain(event: CloudEvent): Decision {
    return this.predicate.explain(event);
  }
}

/**
 * Compiles a Trigger's filter. One without attributes and filters passes every event.
 *
 * @throws FiltersError `AFFLUX_FILTERS_INVALID`, a `FilterInvalidError` whose `problems` are those of
 * {@link validateFilter}.
 */
export function compileFilter(filter: TriggerFilter): CompiledFilter {
  const { predicate, problems } = buildFilter(filter);
  if (problems.length > 0) throw new FilterInvalidError(problems);
  return new CompiledFilter(predicate);
}

/**
 * Everything wrong with a Trigger's filter; empty when it compiles. Paths are relative to the Trigger's
 * `spec`. At most about 100 problems are listed. Never throws, whatever the value is.
 */
export function validateFilter(filter: TriggerFilter): FilterProblem[] {
  return [...buildFilter(filter).problems];
}

/**
 * What is legal in a Trigger's filter and probably not what was meant: AND and OR mixed without parentheses,
 * a function that does not exist, an expression that makes no Boolean. For the one who applies the filter;
 * nothing is refused for a warning. Never throws.
 */
export function filterWarnings(filter: TriggerFilter): FilterProblem[] {
  return [...buildFilter(filter).warnings];
}
