/**
 * Defaulting and validation as the local store calls them: what the schema of a CRD and two webhooks do in a cluster.
 *
 * What comes from outside is decoded first: fields that the schema does not know are refused, dropped with a warning,
 * or dropped, as the client wishes. Refusals have kube-apiserver's form: 422, one cause for each field.
 */
import {
  invalidObject,
  strictRefusal,
  type Admission,
  type AdmissionRequest,
  type StoreError,
} from '@afflux/control';
import {
  admit,
  CONTROLLER_USER,
  crdWarnings,
  decode,
  statusCauses,
  type ApiObject,
  type CustomResourceDefinition,
  type FieldErrors,
  type KindRegistry,
} from '@afflux/resources';
import { configMapProblems, type SystemConfig } from './system-config.ts';

/** Named apart from everybody else who writes; only controllers may change what is theirs. */
const USER = 'user';

export function storeAdmission(registry: KindRegistry, config: () => SystemConfig): Admission {
  return (object, old, request) => {
    const isFromOutside = request.fieldValidation !== undefined;
    const decoded = isFromOutside ? decodedObject(registry, object, request) : object;
    if (request.subresource === 'status') return decoded;
    // A client may call itself what it likes; only calls from inside are a controller's.
    const isController = !isFromOutside && request.fieldManager === CONTROLLER_USER;
    const user = isController ? CONTROLLER_USER : USER;
    const decision = admit(registry, decoded, config().admissionContext(user), old);
    if (decision.object === undefined) throw invalid(registry, decoded, decision.errors);
    const problems = configMapProblems(decision.object, config().systemNamespace);
    if (problems !== undefined) throw invalid(registry, decoded, problems);
    warnOf(decision.object, request);
    return decision.object;
  };
}

/** What a definition says and nothing here does. */
function warnOf(object: ApiObject, { onWarning }: AdmissionRequest): void {
  if (onWarning === undefined || object.kind !== 'CustomResourceDefinition') return;
  for (const text of crdWarnings(object as CustomResourceDefinition)) onWarning(text);
}

function decodedObject(
  registry: KindRegistry,
  object: ApiObject,
  { fieldValidation, onWarning }: AdmissionRequest,
): ApiObject {
  const { object: decoded, errors, dropped } = decode(registry, object, { unknownFields: 'drop' });
  const unknown = dropped.map((path) => `unknown field ${JSON.stringify(path)}`);
  if (fieldValidation === 'Strict' && unknown.length > 0) throw strictRefusal(object, unknown);
  if (decoded === undefined) throw invalid(registry, object, errors);
  if (fieldValidation === 'Warn') for (const text of unknown) onWarning?.(text);
  return decoded;
}

function invalid(
  registry: KindRegistry,
  { apiVersion, kind, metadata }: ApiObject,
  errors: FieldErrors,
): StoreError {
  const { group = '', plural = '' } = registry.get(apiVersion, kind) ?? {};
  const named = { kind, group, plural };
  return invalidObject(named, metadata, statusCauses(errors), { problems: errors.entries() });
}
