/** Faults that the product lives through: it is held up, its clock moves, its disk fills, its back-end goes away. */
import type { Backend } from './backends.ts';
import { fillDisk, giveRoom, mayMount } from './disk.ts';
import type { Fault } from './fault.ts';
import type { Weather } from './proxy.ts';
import { mayStopServers, node, setMemoryAlarm } from './servers.ts';
import { CLOCK_STEP_MS, type Stage } from './stage.ts';
import { passed, until } from './wait.ts';

const anywhere = (): undefined => undefined;

/** Something is broken while `broken` runs, and whole again afterwards. */
async function during<T>(stage: Stage, name: string, broken: () => Promise<T>): Promise<T> {
  stage.recorder.fault(name);
  const result = await broken();
  stage.recorder.fault(name, 'end');
  stage.recorder.up();
  return result;
}

function pause(name: string, ms: number, weight: number): Fault {
  return {
    name,
    weight,
    unavailable: anywhere,
    strike: async (stage) => {
      const product = await stage.ensureUp();
      await stage.loadForAWhile();
      await during(stage, name, async () => {
        product.signal('SIGSTOP');
        await passed(ms);
        product.signal('SIGCONT');
      });
    },
  };
}

/** Another process takes over while the first one sleeps, and the first one wakes up knowing nothing of it. */
function zombie(sleepMs: number): Fault {
  return {
    name: 'zombie',
    weight: 0,
    unavailable: ({ remote }) => (remote ? undefined : 'one process owns the data'),
    strike: async (stage) => {
      const product = await stage.ensureUp();
      await stage.loadForAWhile();
      // Whoever joins takes some of the work over, before it says that it is ready.
      const other = await during(stage, 'join', async () => {
        const joining = stage.launchOther();
        await joining.ready;
        return joining;
      });
      await stage.loadForAWhile();
      await during(stage, 'zombie', async () => {
        product.signal('SIGSTOP');
        await passed(sleepMs);
        product.signal('SIGCONT');
        await passed(1_000);
      });
      await stage.loadForAWhile();
      stage.recorder.fault('kill');
      await other.kill();
      stage.recorder.up();
    },
  };
}

const clock: Fault = {
  name: 'clock',
  weight: 1,
  unavailable: anywhere,
  strike: async (stage) => {
    const product = await stage.ensureUp();
    stage.recorder.fault('clock');
    product.signal('SIGUSR2');
    stage.recorder.up(CLOCK_STEP_MS);
    await passed(stage.options.chance.between(100, 600));
    stage.recorder.fault('clock', 'end');
    product.signal('SIGUSR2');
    stage.recorder.up();
  },
};

const FREE_BYTES_MAX = 300_000;

const diskFull: Fault = {
  name: 'disk-full',
  weight: 0,
  smallDisk: true,
  unavailable: ({ onDisk }) => (onDisk ? mayMount() : 'it keeps nothing on a disk'),
  strike: async (stage) => {
    await stage.ensureUp();
    await stage.loadForAWhile();
    await during(stage, 'disk-full', async () => {
      await fillDisk(stage.dataDir, stage.options.chance.between(0, FREE_BYTES_MAX));
      await passed(stage.options.chance.between(300, 1_500));
      await giveRoom(stage.dataDir);
    });
    // One that ended for want of room is started again by whoever comes next.
    await stage.loadForAWhile();
    if (stage.options.chance.oneIn(3)) await stage.kill();
  },
};

function network(name: string, weather: Weather, [leastMs, mostMs]: [number, number]): Fault {
  return {
    name,
    weight: 1,
    unavailable: ({ remote }) => (remote ? undefined : 'no network stands between'),
    strike: async (stage) => {
      await stage.ensureUp();
      await stage.loadForAWhile();
      await during(stage, name, async () => {
        for (const proxy of stage.proxies) proxy.become(weather);
        await passed(stage.options.chance.between(leastMs, mostMs));
        for (const proxy of stage.proxies) proxy.become('pass');
      });
      await stage.loadForAWhile();
    },
  };
}

const reset: Fault = {
  name: 'reset',
  weight: 2,
  unavailable: ({ remote }) => (remote ? undefined : 'no network stands between'),
  strike: async (stage) => {
    await stage.ensureUp();
    await stage.loadForAWhile();
    await during(stage, 'reset', () => {
      for (const proxy of stage.proxies) proxy.reset();
      return Promise.resolve();
    });
    await stage.loadForAWhile();
  },
};

function needsNodes(count: number): (backend: Backend) => string | undefined {
  return (backend) =>
    mayStopServers(backend) ??
    (backend.endpoints().length >= count ? undefined : `it needs ${String(count)} servers`);
}

/** A server, one of several where there are several, ends and comes back. */
function serverFault(name: string, verb: 'kill' | 'stop' | 'pause', servers: number): Fault {
  return {
    name,
    weight: 0,
    unavailable: needsNodes(servers),
    strike: async (stage) => {
      const { backend, chance } = stage.options;
      const number = chance.between(1, backend.endpoints().length);
      await stage.ensureUp();
      await stage.loadForAWhile();
      await during(stage, name, async () => {
        await node(backend, verb, number);
        await passed(servers > 1 ? chance.between(8_000, 14_000) : chance.between(200, 1_500));
        await node(backend, verb === 'pause' ? 'resume' : 'start', number);
      });
      await stage.loadForAWhile();
    },
  };
}

const alarm: Fault = {
  name: 'alarm',
  weight: 0,
  unavailable: (backend) =>
    backend.name === 'rabbitmq' ? mayStopServers(backend) : 'it is an alarm of RabbitMQ',
  strike: async (stage) => {
    const { backend, chance } = stage.options;
    await stage.ensureUp();
    await stage.loadForAWhile();
    await during(stage, 'alarm', async () => {
      await setMemoryAlarm(backend, true);
      await passed(chance.between(1_000, 3_000));
      await setMemoryAlarm(backend, false);
    });
    await until(() => stage.isAccepting(), { withinMs: 10_000 });
  },
};

export const disturbances: readonly Fault[] = [
  pause('pause', 700, 1),
  pause('long-pause', 60_000, 0),
  zombie(45_000),
  clock,
  diskFull,
  network('cut', 'cut', [200, 2_000]),
  network('black-hole', 'black-hole', [500, 4_000]),
  network('slow', 'slow', [500, 2_000]),
  reset,
  serverFault('server-restart', 'stop', 1),
  serverFault('server-kill', 'kill', 1),
  serverFault('node-gone', 'kill', 3),
  serverFault('leader-change', 'stop', 3),
  serverFault('node-frozen', 'pause', 3),
  alarm,
];
