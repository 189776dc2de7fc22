/**
 * Refusals and broken connections in kubectl's words, for programs and people that know those. The refusals come as
 * errors with Kubernetes' `reason`; whose class they are does not matter here.
 */
import { AffluxError } from '@afflux/kernel';
import { CliError } from '../errors.ts';

/** Kubernetes' word for a refusal; undefined for everything else. */
export function reasonOf(error: unknown): string | undefined {
  const reason = error instanceof AffluxError ? (error as { reason?: unknown }).reason : undefined;
  return typeof reason === 'string' ? reason : undefined;
}

export function isNotFound(error: unknown): boolean {
  return reasonOf(error) === 'NotFound';
}

/** The version to go on from is forgotten. */
export function isExpired(error: unknown): boolean {
  return reasonOf(error) === 'Expired';
}

/** Somebody pressed Ctrl-C, or the wait had its time. */
export function isAborted(error: unknown): boolean {
  return error instanceof AffluxError && (error.code as string) === 'AFFLUX_KERNEL_ABORTED';
}

/** The connection broke or fell silent; asking again can help. */
export function isConnectionLost(error: unknown): boolean {
  const code = error instanceof AffluxError ? (error.code as string) : '';
  return code === 'AFFLUX_KUBERNETES_UNREACHABLE' || code === 'AFFLUX_KUBERNETES_STREAM_SILENT';
}

/** One line or more, without a newline at the end. Throws what is no operating error: that is a bug. */
export function failureText(error: unknown, prefix = ''): string {
  if (!(error instanceof AffluxError)) throw error;
  const reason = reasonOf(error);
  const message = `${prefix}${error.message}`;
  if (reason === 'Unauthorized') {
    return `error: You must be logged in to the server (${message})`;
  }
  if (reason !== undefined) {
    const word = reason === 'Unknown' || reason === '' ? '' : ` (${reason})`;
    return `Error from server${word}: ${message}`;
  }
  if (error instanceof CliError && error.code === 'AFFLUX_CLI_FAILED') return error.message;
  return `error: ${message}`;
}

/** One failure, in the words for when there are several and for when it is the only one. */
interface Failure {
  readonly among: string;
  readonly alone: string;
}

/** Collects what failed while the rest goes on, and ends the command with it. */
export class Failures {
  readonly #failures: Failure[] = [];

  get count(): number {
    return this.#failures.length;
  }

  add(error: unknown, prefix = ''): void {
    // What was stopped is no failure of one object: nothing more is to be tried.
    if (isAborted(error)) throw error;
    const among = failureText(error, prefix);
    this.#failures.push({ among, alone: prefix === '' ? (invalidText(error) ?? among) : among });
  }

  /** A text that is complete. */
  addText(text: string): void {
    this.#failures.push({ among: text, alone: text });
  }

  /** A text that kubectl says `error:` before when it is the only one. */
  addPlain(text: string): void {
    this.#failures.push({ among: text, alone: `error: ${text}` });
  }

  /** Throws when there is something; exit code 1. */
  end(): void {
    const [only, ...more] = this.#failures;
    if (only === undefined) return;
    const texts = [only, ...more].map(({ among }) => among);
    throw failedWith(more.length === 0 ? only.alone : texts.join('\n'));
  }
}

/** What kubectl makes of the only object that is invalid; undefined for every other error. */
function invalidText(error: unknown): string | undefined {
  if (!(error instanceof AffluxError) || reasonOf(error) !== 'Invalid') return undefined;
  const {
    kind = '',
    name = '',
    causes,
  } = error.details as {
    readonly kind?: string;
    readonly name?: string;
    readonly causes?: readonly { readonly field?: string; readonly message?: string }[];
  };
  if (kind === '' || causes === undefined || causes.length === 0) return undefined;
  const problems = new Set(causes.map(({ field = '', message = '' }) => `${field}: ${message}`));
  const title = `The ${kind} "${name}" is invalid: `;
  const [first = ''] = problems;
  if (problems.size === 1) return `${title}${first}`;
  return `${title}\n${[...problems].map((problem) => `* ${problem}`).join('\n')}`;
}

/** Exit code 1 with a text that is printed as it is. */
export function failedWith(text: string): CliError {
  return new CliError(text, { code: 'AFFLUX_CLI_FAILED' });
}
