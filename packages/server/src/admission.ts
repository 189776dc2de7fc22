/** Defaulting and validation as the local store calls them: what two webhooks do in a cluster. */
import { StoreError, type Admission } from '@afflux/control';
import { admit, CONTROLLER_USER, type FieldErrors, type KindRegistry } from '@afflux/resources';
import { configMapProblems, type SystemConfig } from './system-config.ts';

/** Named apart from everybody else who writes; only controllers may change what is theirs. */
const USER = 'user';

export function storeAdmission(registry: KindRegistry, config: () => SystemConfig): Admission {
  return (object, old, request) => {
    const user = request.fieldManager === CONTROLLER_USER ? CONTROLLER_USER : USER;
    const decision = admit(registry, object, config().admissionContext(user), old);
    if (decision.object === undefined) throw invalid(decision.errors);
    const problems = configMapProblems(decision.object, config().systemNamespace);
    if (problems !== undefined) throw invalid(problems);
    return decision.object;
  };
}

function invalid(errors: FieldErrors): StoreError {
  return new StoreError('AFFLUX_STORE_INVALID', `validation failed: ${errors.toString()}`, {
    details: { problems: errors.entries() },
  });
}
