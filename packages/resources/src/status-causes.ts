/**
 * Field errors as the `details.causes` of a Status. Problems of shape carry the words of kube-apiserver with
 * them; for problems of our own rules the fitting reason is found by their message, and the text stays ours.
 */
import type { CauseReason, FieldCause } from './field-cause.ts';
import type { FieldErrors, FieldProblem } from './field-errors.ts';

/** One entry of `details.causes`. */
export interface StatusCause {
  readonly reason: CauseReason;
  readonly message: string;
  readonly field: string;
}

const INVALID_VALUE = 'invalid value: ';
const INVALID_KEY = /^invalid key name (".*")$/s;
const MISSING = /^(?:missing field\(s\)|expected (?:at least|exactly) one, got (?:none|neither))/;

/** A path as kube-apiserver writes it: keys of maps are steps like any other, only indexes stand in brackets. */
export function kubePath(path: string): string {
  return path.replace(/\[([^[\]]+)\]/g, (step, key: string) =>
    /^\d+$/.test(key) ? step : `.${key}`,
  );
}

function withDetails(text: string, details: string | undefined): string {
  return details === undefined ? text : `${text}: ${details.trim().replaceAll('\n', ' ')}`;
}

/** Values and keys that are shown stand where kube-apiserver shows them. */
function invalidHead(message: string): string {
  const [, key] = INVALID_KEY.exec(message) ?? [];
  if (key !== undefined) return `Invalid value: ${key}`;
  return message.startsWith(INVALID_VALUE)
    ? `Invalid value: ${JSON.stringify(message.slice(INVALID_VALUE.length))}`
    : message;
}

/**
 * Where a rule of ours is broken. Rules name the key of a map in brackets, as the rules of Kubernetes' own kinds do;
 * of labels and annotations only the whole is named there.
 */
function ruleField(path: string): string {
  return path.replace(/^(metadata\.(?:labels|annotations))\[.*\]$/su, '$1');
}

/** What a rule of ours says, for machines. */
function ruleOfOurs({ message, details }: FieldProblem): FieldCause {
  if (MISSING.test(message)) {
    const why = message === 'missing field(s)' ? details : (details ?? message);
    return { reason: 'FieldValueRequired', head: withDetails('Required value', why) };
  }
  if (message === 'must not set the field(s)') {
    return { reason: 'FieldValueForbidden', head: withDetails('Forbidden', details) };
  }
  return { reason: 'FieldValueInvalid', head: withDetails(invalidHead(message), details) };
}

/** One cause per problem and path, in the order in which they were found. */
export function statusCauses(errors: FieldErrors): readonly StatusCause[] {
  return errors.problems().flatMap((problem) => {
    const cause: FieldCause = problem.cause ?? ruleOfOurs(problem);
    const { reason, head, tail, isPathless } = cause;
    return problem.paths.map((path) => {
      const told = problem.cause === undefined ? ruleField(path) : kubePath(path);
      const field = cause.field ?? told;
      const message = tail === undefined ? head : `${head}${field}${tail}`;
      return { reason, message, field: isPathless === true || field === '' ? '<nil>' : field };
    });
  });
}
