/**
 * One command's connection: which server, as whom, and the requests that the commands make of it. The server is the
 * running Afflux of this machine unless a context or a kubeconfig names another, so that nothing that is typed
 * without a word about a cluster can reach one.
 *
 * Ctrl-C ends every request.
 */
import { homedir } from 'node:os';
import {
  Discovery,
  loadClusterAccess,
  RestClient,
  type ApiResource,
  type ClusterAccess,
  type RestAnswer,
  type RestRequest,
  type RestStream,
  type StreamRequest,
} from '@afflux/control-kubernetes';
import { certificateProblem, controlCa, controlToken } from '../control-access.ts';
import { CONTROL_URL } from '../control-client.ts';
import { usageError } from '../errors.ts';
import type { CommandIo } from '../io.ts';
import type { TargetFlags } from './command.ts';
import { failedWith, failureText, isAborted, reasonOf } from './failure.ts';

/** A server and what a command may want of it. Close it when done. */
export class Session {
  readonly namespace: string;
  /** Whether the namespace was given by hand; then it must be that of every object. */
  readonly isNamespaceGiven: boolean;
  /** The running Afflux, as opposed to a cluster. */
  readonly isAfflux: boolean;
  readonly server: string;
  readonly io: CommandIo;
  readonly #client: RestClient;
  readonly #discovery: Discovery;

  constructor(io: CommandIo, access: ClusterAccess, flags: TargetFlags) {
    this.io = io;
    this.namespace = access.namespace;
    this.isNamespaceGiven = flags.namespace !== undefined;
    this.isAfflux = !isCluster(flags);
    this.server = access.server;
    this.#client = new RestClient(access, { clock: io.clock, userAgent: 'afflux' });
    this.#discovery = new Discovery(this.#client, { clock: io.clock });
  }

  async request(request: RestRequest): Promise<RestAnswer> {
    return this.#inWords(this.#client.request({ signal: this.io.interrupted, ...request }));
  }

  async json(request: RestRequest): Promise<unknown> {
    return (await this.request(request)).json();
  }

  async stream(request: StreamRequest): Promise<RestStream> {
    return this.#inWords(this.#client.stream({ signal: this.io.interrupted, ...request }));
  }

  /** The resources that a word means: one, or those of a category. */
  async resolve(word: string): Promise<readonly ApiResource[]> {
    try {
      return await this.#inWords(this.#discovery.resolve(word));
    } catch (error) {
      const isUnknown = (error as { code?: unknown }).code === 'AFFLUX_KUBERNETES_RESOURCE_UNKNOWN';
      if (!isUnknown) throw error;
      throw failedWith(`error: the server doesn't have a resource type "${word}"`);
    }
  }

  /** The resource of a kind; undefined when the server has none. */
  async resourceOf(apiVersion: string, kind: string): Promise<ApiResource | undefined> {
    return this.#inWords(this.#discovery.get(apiVersion, kind));
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  async #inWords<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      const problem = this.isAfflux
        ? certificateProblem(this.server, (error as { cause?: unknown }).cause)
        : undefined;
      if (problem !== undefined) throw failedWith(problem);
      const isRefusal = (error as { code?: unknown }).code === 'AFFLUX_KUBERNETES_UNREACHABLE';
      const cause = (error as { cause?: { code?: unknown } }).cause?.code;
      if (!this.isAfflux || !isRefusal || cause !== 'ECONNREFUSED') throw error;
      throw failedWith(
        `error: cannot reach Afflux at ${this.server} (nothing listens there): is it running? Start it with afflux dev, or name its control port with --control, or a cluster with --context`,
      );
    }
  }
}

/** Opens a session, works, and closes it, whatever happens. A signal ends the command with 1 and a word. */
export async function withSession(
  io: CommandIo,
  flags: TargetFlags,
  work: (session: Session) => Promise<void>,
): Promise<void> {
  const session = new Session(io, await accessOf(io, flags), flags);
  try {
    await work(session);
  } catch (error) {
    if (isAborted(error) && io.interrupted.aborted) throw failedWith('error: interrupted');
    if (reasonOf(error) !== undefined) throw failedWith(failureText(error));
    throw error;
  } finally {
    await session.close();
  }
}

function isCluster({ context, kubeconfig }: TargetFlags): boolean {
  return context !== undefined || kubeconfig !== undefined;
}

async function accessOf(io: CommandIo, flags: TargetFlags): Promise<ClusterAccess> {
  const { control, dataDir, namespace } = flags;
  if (!isCluster(flags)) {
    return {
      server: controlUrl(control),
      namespace: namespace ?? 'default',
      origin: 'the control port',
      token: await controlToken(io, dataDir),
      ca: await controlCa(io, dataDir),
    };
  }
  if (control !== undefined || dataDir !== undefined) {
    throw usageError('--control and --data-dir are for an Afflux, --context and --kubeconfig not');
  }
  return loadClusterAccess({
    env: io.env,
    homeDirectory: io.env['HOME'] ?? homedir(),
    path: flags.kubeconfig,
    context: flags.context,
    namespace,
  });
}

/** The address of a control port, without a slash at its end. Throws a usage error for what is no address. */
export function controlUrl(text: string = CONTROL_URL): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw usageError(`--control ${JSON.stringify(text)} is not an http or https address`);
  }
  if (url.username !== '' || url.password !== '') {
    throw usageError('--control must not contain a user or password: the token is AFFLUX_TOKEN');
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}
