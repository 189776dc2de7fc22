/**
 * Calls the API on the control port of a running Afflux, and says in words what came back instead of an answer.
 * Everything read from there is bounded.
 */
import type { Agent } from 'undici';
import { certificateProblem, controlCa, controlToken } from './control-access.ts';
import { CliError, usageError } from './errors.ts';
import type { CommandIo } from './io.ts';

export const CONTROL_URL = 'http://127.0.0.1:8081';

/** What `--data-dir` is for, in the help of every command that talks to a control port. */
export const DATA_DIR_HELP = 'its data directory, which holds token and certificate of the port';

const API = '/apis/afflux.dev/v1alpha1';
const TIMEOUT_MS = 30_000;
/** A page of dead letters, or one with its data. */
const ANSWER_BYTES_MAX = 32 * 1024 * 1024;

/** What a Kubernetes API answers when it has no object to answer with. */
interface Status {
  readonly kind?: unknown;
  readonly status?: unknown;
  readonly message?: unknown;
}

/** Flags that say which Afflux is meant. */
export interface ControlFlags {
  readonly control: string;
  readonly dataDir?: string;
}

export type Query = Readonly<Record<string, string | undefined>>;

export class ControlClient {
  readonly #url: URL;
  readonly #token: string | undefined;
  readonly #agent: Agent;

  private constructor(url: URL, token: string | undefined, agent: Agent) {
    this.#url = url;
    this.#token = token;
    this.#agent = agent;
  }

  /** Reads the token and the certificate of the port, where there are any. Rejects what is no address. */
  static async open(
    io: Pick<CommandIo, 'env'>,
    { control, dataDir }: ControlFlags,
  ): Promise<ControlClient> {
    const url = URL.canParse(control) ? new URL(control) : undefined;
    if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
      throw usageError(`--control ${JSON.stringify(control)} is not an http or https address`);
    }
    const ca = await controlCa(io, dataDir);
    return new ControlClient(url, await controlToken(io, dataDir), await agentFor(ca));
  }

  get<T>(path: string, query?: Query): Promise<T> {
    return this.#call('GET', path, { query });
  }

  post<T>(path: string, body?: object): Promise<T> {
    return this.#call('POST', path, { body });
  }

  delete<T>(path: string, query?: Query): Promise<T> {
    return this.#call('DELETE', path, { query });
  }

  async close(): Promise<void> {
    await this.#agent.close();
  }

  async #call<T>(
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    {
      query = {},
      body,
    }: { readonly query?: Query | undefined; readonly body?: object | undefined },
  ): Promise<T> {
    const url = new URL(`${API}/${path}`, this.#url);
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) url.searchParams.set(name, value);
    }
    let text: string;
    let code: number;
    try {
      const answer = await this.#agent.request({
        origin: url.origin,
        path: `${url.pathname}${url.search}`,
        method,
        headers: {
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      code = answer.statusCode;
      text = await answer.body.text();
    } catch (error) {
      throw this.#unreachable(error);
    }
    // What the API promises for this path.
    return this.#read(code, text) as T;
  }

  #read(code: number, text: string): unknown {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      throw this.#notOurs();
    }
    const { kind, status, message } = (value ?? {}) as Status;
    if (code < 400 && typeof kind === 'string') return value;
    if (kind === 'Status' && status === 'Failure' && typeof message === 'string') {
      throw failed(message);
    }
    throw this.#notOurs();
  }

  #notOurs(): CliError {
    return failed(
      `what answers at ${this.#url.origin} is not the control port of an Afflux that has this API: name it with --control`,
    );
  }

  #unreachable(error: unknown): CliError {
    const problem = certificateProblem(this.#url.origin, error);
    if (problem !== undefined) return new CliError(problem, { code: 'AFFLUX_CLI_FAILED' });
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === 'ECONNREFUSED' ? 'nothing listens there' : (code ?? message);
    return failed(
      `cannot reach Afflux at ${this.#url.origin} (${why}): is it running? Name its control port with --control`,
    );
  }
}

/** The HTTP client is loaded by who calls: it would make up a tenth of the start of every other command. */
async function agentFor(ca: string | undefined): Promise<Agent> {
  const undici = await import('undici');
  return new undici.Agent({
    headersTimeout: TIMEOUT_MS,
    bodyTimeout: TIMEOUT_MS,
    maxResponseSize: ANSWER_BYTES_MAX,
    // A certificate that was named is trusted as it is, as kubectl does, whoever signed it.
    ...(ca === undefined ? {} : { connect: { ca, allowPartialTrustChain: true } }),
  });
}

/** Exit code 1 with a message. */
export function failed(message: string): CliError {
  return new CliError(`error: ${message}`, { code: 'AFFLUX_CLI_FAILED' });
}

/** Path of a resource of a namespace. */
export function pathOf(namespace: string, ...segments: readonly string[]): string {
  return ['namespaces', namespace, ...segments].map(encodeURIComponent).join('/');
}
