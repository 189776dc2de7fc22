/**
 * One attempt: the undici handler of one request, with its clock and its promise in the same object.
 *
 *     waiting ─▶ connecting ─▶ sent ─▶ head ─▶ done
 *        ▲____________________│ (once, when an idle connection turns out to be dead)
 *
 * `waiting` for a connection of the origin, `connecting` until the request is written, `sent` until the
 * response head is there, `head` while the body is read. The whole is bounded by the request's timeout, and
 * connecting, waiting for the head and pauses within the body by limits of their own. Whatever happens, the
 * promise resolves exactly once, and nothing here throws into undici.
 *
 * The handler has undici's older method names on purpose: with them version 7 hands over the raw header
 * buffers and creates neither a controller nor a header object per response.
 */
import type { DeadlineWheel, WheelEntry } from './deadline-wheel.ts';
import { classifyError } from './error-outcome.ts';
import type { Connection, OriginPool } from './origin-pool.ts';
import { failed } from './outcome.ts';
import type { Failed, Outcome, SendRequest } from './outcome.ts';
import { ResponseReader } from './response-reader.ts';

/** What attempts share. */
export interface AttemptContext {
  readonly wheel: DeadlineWheel;
  readonly limits: AttemptLimits;
  monotonicMs(): number;
  wallMs(): number;
  /** Called once per attempt, after it has ended. */
  onSettled(): void;
}

export interface AttemptLimits {
  readonly connectTimeoutMs: number;
  /** 0: as long as the attempt may take. */
  readonly headersTimeoutMs: number;
  readonly bodyTimeoutMs: number;
  readonly replyBytesMax: number;
}

/** Informational (1xx) responses before the real one. */
const INFORMATIONAL_MAX = 16;

const WAITING = 0;
const CONNECTING = 1;
const SENT = 2;
const HEAD = 3;
const DONE = 4;

/** Reason given to undici when we end a request; nobody sees it. */
const CUT = new Error('the attempt has ended');

/** Errors of a connection that was closed under a request. */
const RESET_CODES: ReadonlySet<unknown> = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE']);

let captured: (outcome: Outcome) => void;
/** Shared by all promises, so that none needs a closure of its own. */
function capture(resolve: (outcome: Outcome) => void): void {
  captured = resolve;
}

export class Attempt implements WheelEntry {
  dueMs = 0;
  bucket = -1;
  previousEntry: WheelEntry | undefined = undefined;
  nextEntry: WheelEntry | undefined = undefined;

  readonly request: SendRequest;
  readonly path: string;
  readonly signal: AbortSignal | undefined;
  /** Never rejects. */
  readonly outcome: Promise<Outcome>;

  readonly #context: AttemptContext;
  readonly #pool: OriginPool;
  readonly #resolve: (outcome: Outcome) => void;
  readonly #startedMs: number;
  readonly #deadlineMs: number;
  #phase = WAITING;
  #phaseStartedMs = 0;
  #connection: Connection | undefined = undefined;
  #abort: ((error?: Error) => void) | undefined = undefined;
  #isResent = false;
  #hasResponseBegun = false;
  #informational = 0;
  #response: ResponseReader | undefined = undefined;

  constructor(
    context: AttemptContext,
    pool: OriginPool,
    path: string,
    request: SendRequest,
    signal: AbortSignal | undefined,
  ) {
    this.#context = context;
    this.#pool = pool;
    this.path = path;
    this.request = request;
    this.signal = signal;
    this.outcome = new Promise(capture);
    this.#resolve = captured;
    this.#startedMs = context.monotonicMs();
    this.#deadlineMs = this.#startedMs + request.timeoutMs;
  }

  start(): void {
    const { wheel, limits } = this.#context;
    // Most attempts end before either bound; the earlier one is looked at again when it comes.
    wheel.arm(this, this.#startedMs + Math.min(this.request.timeoutMs, limits.connectTimeoutMs));
    this.#pool.submit(this);
  }

  get isDone(): boolean {
    return this.#phase === DONE;
  }

  get startedMs(): number {
    return this.#startedMs;
  }

  /** The pool is about to dispatch the attempt on this connection. */
  assign(connection: Connection): void {
    this.#connection = connection;
    this.#enter(CONNECTING);
  }

  /** Ends the attempt as not made. */
  cancel(message: string): void {
    if (this.#phase !== DONE) this.#cut(failed('aborted', message, { retryable: true }));
  }

  /** Ends the attempt before anything was sent. */
  reject(outcome: Failed): void {
    if (this.#phase !== DONE) this.#cut(outcome);
  }

  // ── Time ──────────────────────────────────────────────────────────────────────────────────────────

  onDue(nowMs: number): void {
    if (nowMs >= this.#deadlineMs) {
      this.#timeOut(`no complete response within ${String(this.request.timeoutMs)} ms`);
    } else if (nowMs >= this.#phaseDueMs()) {
      this.#timeOut(this.#phase === CONNECTING ? 'no connection in time' : 'the response stalled');
    } else {
      this.#context.wheel.arm(this, Math.min(this.#deadlineMs, this.#phaseDueMs()));
    }
  }

  #enter(phase: number): void {
    this.#phase = phase;
    this.#phaseStartedMs = this.#context.wheel.coarseNowMs;
    const dueMs = Math.min(this.#deadlineMs, this.#phaseDueMs());
    if (dueMs < this.dueMs) this.#context.wheel.arm(this, dueMs);
  }

  #phaseDueMs(): number {
    const { connectTimeoutMs, headersTimeoutMs, bodyTimeoutMs } = this.#context.limits;
    switch (this.#phase) {
      case CONNECTING:
        return this.#phaseStartedMs + connectTimeoutMs;
      case SENT:
        return headersTimeoutMs === 0 ? Infinity : this.#phaseStartedMs + headersTimeoutMs;
      case HEAD:
        return this.#phaseStartedMs + bodyTimeoutMs;
      default:
        return Infinity;
    }
  }

  #timeOut(message: string): void {
    this.#cut(this.#knownFailure() ?? this.#failure('timeout', message));
  }

  // ── undici's handler ──────────────────────────────────────────────────────────────────────────────

  onConnect(abort: (error?: Error) => void): void {
    if (this.#phase === DONE) {
      abort(CUT);
      return;
    }
    this.#abort = abort;
    this.#enter(SENT);
  }

  onResponseStarted(): void {
    this.#hasResponseBegun = true;
  }

  onHeaders(status: number, head: Buffer[]): boolean {
    if (this.#phase === DONE) return true;
    if (status < 200) {
      this.#informational += 1;
      if (this.#informational > INFORMATIONAL_MAX) {
        this.#cut(this.#failure('connection', 'too many informational responses'));
      }
      return true;
    }
    const { replyBytesMax } = this.#context.limits;
    this.#response = new ResponseReader(status, head, this.request, replyBytesMax);
    this.#enter(HEAD);
    return true;
  }

  onData(chunk: Buffer): boolean {
    const response = this.#response;
    if (this.#phase === DONE || response === undefined) return true;
    this.#phaseStartedMs = this.#context.wheel.coarseNowMs;
    switch (response.push(chunk)) {
      case 'more':
        break;
      case 'enough':
        this.#cut(this.#outcomeOf(response));
        break;
      case 'too-large':
        this.#cut(response.tooLarge(this.#elapsedMs()));
        break;
    }
    return true;
  }

  onComplete(): void {
    const response = this.#response;
    if (this.#phase === DONE || response === undefined) return;
    const connection = this.#connection;
    this.#settle(this.#outcomeOf(response));
    connection?.release(this.#context.monotonicMs());
  }

  onError(error: Error): void {
    if (this.#phase === DONE) return;
    if (this.#isStaleConnection(error)) this.#resend();
    else this.#cut(this.#knownFailure() ?? classifyError(error, this.#elapsedMs()));
  }

  // ── Dead idle connections ─────────────────────────────────────────────────────────────────────────

  /**
   * A kept-alive connection that the target closed just as the request was written: not a byte of a response
   * came. The request goes out once more on a fresh connection. The target may have seen it twice, which
   * at-least-once delivery allows.
   */
  #isStaleConnection(error: Error): boolean {
    return (
      this.#phase === SENT &&
      !this.#hasResponseBegun &&
      !this.#isResent &&
      this.#connection?.isReused === true &&
      RESET_CODES.has((error as NodeJS.ErrnoException).code)
    );
  }

  #resend(): void {
    this.#isResent = true;
    this.#phase = WAITING;
    this.#abort = undefined;
    const stale = this.#connection;
    this.#connection = undefined;
    stale?.discard();
    this.#pool.submitFresh(this);
  }

  // ── Outcomes ──────────────────────────────────────────────────────────────────────────────────────

  /** Ends the attempt and gives up its connection: its state is unknown. */
  #cut(outcome: Outcome): void {
    const connection = this.#connection;
    const abort = this.#abort;
    this.#settle(outcome);
    abort?.(CUT);
    connection?.discard();
  }

  #settle(outcome: Outcome): void {
    this.#phase = DONE;
    this.#connection = undefined;
    this.#abort = undefined;
    this.#context.wheel.disarm(this);
    this.#resolve(outcome);
    this.#context.onSettled();
  }

  #elapsedMs(): number {
    return this.#context.monotonicMs() - this.#startedMs;
  }

  #outcomeOf(response: ResponseReader): Outcome {
    return response.outcome(this.#elapsedMs(), this.#context.wallMs());
  }

  /** The head of the response says failure already: what happens to its body changes nothing. */
  #knownFailure(): Outcome | undefined {
    return this.#response?.isFailure === true ? this.#outcomeOf(this.#response) : undefined;
  }

  #failure(reason: 'timeout' | 'connection', message: string): Failed {
    return failed(reason, message, { retryable: true, durationMs: this.#elapsedMs() });
  }
}
