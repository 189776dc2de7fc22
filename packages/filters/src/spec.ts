/**
 * The filter a Trigger carries, in the shape of its YAML.
 *
 * A *dialect* is one way to say a condition. A filter object holds exactly one of them. `filters` wins over
 * `attributes` when it is not empty; both are checked either way, so that a mistake never hides.
 */

/** One filter: exactly one dialect. */
export interface FilterSpec {
  /** Every named attribute is present and equals the value. */
  readonly exact?: Readonly<Record<string, string>> | undefined;
  /** Every named attribute is present and starts with the value. */
  readonly prefix?: Readonly<Record<string, string>> | undefined;
  /** Every named attribute is present and ends with the value. */
  readonly suffix?: Readonly<Record<string, string>> | undefined;
  /** Every nested filter matches. */
  readonly all?: readonly FilterSpec[] | undefined;
  /** At least one nested filter matches. */
  readonly any?: readonly FilterSpec[] | undefined;
  /** The nested filter does not match. */
  readonly not?: FilterSpec | undefined;
  /** The CloudEvents SQL expression yields the Boolean true, and no error. */
  readonly cesql?: string | undefined;
}

/** What a Trigger filters by: `spec.filter.attributes` and `spec.filters`. */
export interface TriggerFilter {
  /** The old form: exact comparison, and an empty value stands for "any value". */
  readonly attributes?: Readonly<Record<string, string>> | undefined;
  /** All must match. Not empty: decides alone, and `attributes` is not asked. */
  readonly filters?: readonly FilterSpec[] | undefined;
}

/** One thing wrong with a filter. */
export interface FilterProblem {
  /** Where, relative to the Trigger's `spec`: `filters[0].exact[type]`, `filter.attributes[a-b]`. */
  readonly path: string;
  /** What, in the words Kubernetes users know from Knative where Knative has words for it. */
  readonly message: string;
  /** Why, or what to write instead. */
  readonly details?: string;
  /** Within a CESQL expression, counted from 1. */
  readonly line?: number;
  readonly column?: number;
}
