/**
 * How the index finds a filter: by which keys, and what is left to check afterwards.
 *
 * A key is a comparison that the index can look up from an event's attribute. A plan's keys are such that no
 * event passes the filter without meeting at least one of them: one key for a conjunction (the cheapest part,
 * the other parts are checked on the candidates), one per part for a disjunction. A filter for which there is
 * no such set (a negation, most functions of CESQL) has no plan and is tested for each event.
 */
import type {
  AllPredicate,
  AnyPredicate,
  CesqlPredicate,
  ComparePredicate,
  Predicate,
  PresentPredicate,
} from '../predicate.ts';
import { allOf } from '../predicate.ts';
import { equivalent, necessary } from './cesql-conditions.ts';

export type AccessKey = ComparePredicate | PresentPredicate;

export interface AccessPlan {
  readonly keys: readonly AccessKey[];
  /** What an event that meets a key must still pass; undefined: nothing. */
  readonly residual: Predicate | undefined;
  readonly cost: number;
}

/** How many candidates a key is expected to bring per event, relative to other keys. */
export type CostOfKey = (key: AccessKey) => number;

export function planAccess(predicate: Predicate, costOf: CostOfKey): AccessPlan | undefined {
  switch (predicate.kind) {
    case 'exact':
    case 'prefix':
    case 'suffix':
      return { keys: [predicate], residual: undefined, cost: costOf(predicate) };
    case 'present':
      return planPresent(predicate, costOf);
    case 'cesql':
      return planCesql(predicate, costOf);
    case 'all':
      return planAll(predicate, costOf);
    case 'any':
      return planAny(predicate, costOf);
    case 'not':
      return undefined;
  }
}

/** To look for an attribute that every event has narrows nothing. */
function planPresent(predicate: PresentPredicate, costOf: CostOfKey): AccessPlan | undefined {
  if (predicate.reader.isRequired) return undefined;
  const residual = predicate.allowEmpty ? undefined : predicate;
  return { keys: [predicate], residual, cost: costOf(predicate) };
}

function planCesql(predicate: CesqlPredicate, costOf: CostOfKey): AccessPlan | undefined {
  const { root } = predicate.expression;
  const same = equivalent(root);
  if (same !== undefined) return planAccess(same, costOf);
  const condition = necessary(root);
  const plan = condition && planAccess(condition, costOf);
  return plan && { ...plan, residual: predicate };
}

/** Any part's plan would do: the cheapest one is taken. */
function planAll({ parts, path }: AllPredicate, costOf: CostOfKey): AccessPlan | undefined {
  let best: AccessPlan | undefined;
  let bestPart: Predicate | undefined;
  for (const part of parts) {
    const plan = planAccess(part, costOf);
    if (plan === undefined || (best !== undefined && plan.cost >= best.cost)) continue;
    best = plan;
    bestPart = part;
  }
  if (best === undefined) return undefined;
  const others = parts.filter((part) => part !== bestPart);
  const rest = best.residual === undefined ? others : [...others, best.residual];
  return { ...best, residual: rest.length === 0 ? undefined : allOf(rest, path) };
}

/** Every part needs a plan, or an event could pass by the part that has none. */
function planAny(predicate: AnyPredicate, costOf: CostOfKey): AccessPlan | undefined {
  const keys = new Map<string, AccessKey>();
  let cost = 0;
  let isExact = true;
  for (const part of predicate.parts) {
    const plan = planAccess(part, costOf);
    if (plan === undefined) return undefined;
    for (const key of plan.keys) keys.set(key.key, key);
    cost += plan.cost;
    isExact &&= plan.residual === undefined;
  }
  return { keys: [...keys.values()], residual: isExact ? undefined : predicate, cost };
}
