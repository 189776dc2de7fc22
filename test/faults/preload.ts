/**
 * Loaded into the product before its own code: connections to a back-end go through the proxy of the harness, as
 * if a network stood between, and SIGUSR2 moves the wall clock, as an administrator would. The product itself
 * knows of neither.
 */
import { createRequire } from 'node:module';

// The object that `require` gives is the one that libraries call; a namespace import cannot be changed.
const net = createRequire(import.meta.url)('node:net') as {
  connect: (...args: unknown[]) => unknown;
  createConnection: (...args: unknown[]) => unknown;
};

const redirect = JSON.parse(process.env['AFFLUX_FAULTS_REDIRECT'] ?? '{}') as Record<
  string,
  number
>;

function redirected(args: unknown[]): unknown[] {
  const [first, ...rest] = args;
  if (typeof first === 'object' && first !== null && 'port' in first) {
    const port = redirect[String(first.port)];
    return port === undefined ? args : [{ ...first, host: '127.0.0.1', port }, ...rest];
  }
  const port = redirect[String(first)];
  return port === undefined ? args : [port, ...rest];
}

if (Object.keys(redirect).length > 0) {
  const { connect } = net;
  net.connect = (...args) => connect(...redirected(args));
  net.createConnection = net.connect;
}

const stepMs = Number(process.env['AFFLUX_FAULTS_CLOCK_STEP_MS'] ?? '0');
if (stepMs !== 0) {
  let aheadMs = 0;
  const RealDate = Date;
  const now = (): number => RealDate.now() + aheadMs;
  class MovedDate extends RealDate {
    static override now(): number {
      return now();
    }

    constructor(...args: [] | [number | string | Date]) {
      if (args.length === 0) super(now());
      else super(...args);
    }
  }
  globalThis.Date = MovedDate as DateConstructor;
  process.on('SIGUSR2', () => {
    aheadMs = aheadMs === 0 ? stepMs : 0;
  });
}
