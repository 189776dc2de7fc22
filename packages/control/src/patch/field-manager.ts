/**
 * Names of field managers: what a client may call itself, and what it is called when it does not say.
 */
import { StoreError } from '../errors.ts';

/** Longest name of a manager in bytes (Kubernetes' `FieldManagerMaxLength`). */
const MANAGER_BYTES_MAX = 128;

/** The writer that neither names itself nor its program. */
const UNKNOWN_MANAGER = 'unknown';

/** Letters, marks, digits, punctuation, symbols, and no space but the ordinary one: what Go calls printable. */
const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;

/** The manager of a client that names none: what its user agent says before the first slash. */
export function managerFromUserAgent(userAgent: string | undefined): string {
  const [program = ''] = (userAgent ?? '').split('/');
  let name = '';
  let bytes = 0;
  for (const char of program) {
    if (!PRINTABLE.test(char)) continue;
    bytes += Buffer.byteLength(char);
    if (bytes > MANAGER_BYTES_MAX) break;
    name += char;
  }
  return name === '' ? UNKNOWN_MANAGER : name;
}

/** The manager of an ordinary write. */
export function managerOrUnknown(manager: string | undefined): string {
  return manager === undefined || manager === '' ? UNKNOWN_MANAGER : manager;
}

/**
 * Throws Invalid for a name that cannot stand in `managedFields`. `kind` is what the problem is reported on: the
 * options of the call. An apply needs a manager; other writes have one by default.
 */
export function checkManager(
  manager: string | undefined,
  kind: 'PatchOptions' | 'CreateOptions' | 'UpdateOptions',
  options: { readonly isRequired: boolean },
): asserts manager is string {
  const problems: string[] = [];
  if (manager === undefined || manager === '') {
    if (options.isRequired) problems.push('Required value: is required for apply patch');
  } else problems.push(...problemsOf(manager));
  if (problems.length === 0) return;
  const texts = problems.map((problem) => `fieldManager: ${problem}`);
  const all = texts.length === 1 ? texts.join() : `[${texts.join(', ')}]`;
  throw new StoreError('AFFLUX_STORE_INVALID', `${kind}.meta.k8s.io "" is invalid: ${all}`, {
    details: {
      group: 'meta.k8s.io',
      kind,
      causes: problems.map((message) => ({
        reason: REASONS[message.split(':', 1)[0] ?? ''] ?? 'FieldValueInvalid',
        message,
        field: 'fieldManager',
      })),
    },
  });
}

const REASONS: Readonly<Record<string, string>> = {
  'Required value': 'FieldValueRequired',
  'Too long': 'FieldValueTooLong',
};

function problemsOf(manager: string): string[] {
  const problems: string[] = [];
  if (Buffer.byteLength(manager) > MANAGER_BYTES_MAX) {
    problems.push(`Too long: may not be more than ${String(MANAGER_BYTES_MAX)} bytes`);
  }
  let position = 0;
  for (const char of manager) {
    if (!PRINTABLE.test(char)) {
      const code = (char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
      problems.push(
        `Invalid value: ${JSON.stringify(manager)}: invalid character U+${code} (at position ${String(position)})`,
      );
    }
    position += Buffer.byteLength(char);
  }
  return problems;
}
