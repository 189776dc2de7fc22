import type { LookupAddress } from 'node:dns';
import { describe, expect, test } from 'vitest';
import { AddressGuard } from './address-guard.ts';
import type { AddressPolicy, ResolveName } from './address-guard.ts';
import { httpServer, requestTo, startedSender } from './testing/servers.ts';

const OPEN: AddressPolicy = { allowLoopback: true, allowPrivate: true };

const refuseAll: ResolveName = (hostname, callback) => {
  callback(new Error(`unexpected question for ${hostname}`), []);
};

/** Gives each answer once, then the last one again. */
function answering(...answers: readonly string[][]): ResolveName & { readonly asked: string[] } {
  const asked: string[] = [];
  const resolve: ResolveName = (hostname, callback) => {
    const answer = answers[Math.min(asked.length, answers.length - 1)] ?? [];
    asked.push(hostname);
    callback(null, answer.map(addressOf));
  };
  return Object.assign(resolve, { asked });
}

function addressOf(address: string): LookupAddress {
  return { address, family: address.includes(':') ? 6 : 4 };
}

/** Never, whatever the policy. */
const NEVER = [
  // Link-local and metadata in every notation of an IPv4 address that URLs know.
  'http://169.254.169.254/latest/meta-data/',
  'http://169.254.169.254:80/',
  'https://169.254.169.254/',
  'http://169.254.170.2/v2/credentials',
  'http://2852039166/',
  'http://0xa9fea9fe/',
  'http://0xA9.0xFE.0xA9.0xFE/',
  'http://0251.0376.0251.0376/',
  'http://169.254.43518/',
  'http://169.16689662/',
  'http://169.254.169.254./',
  'http://１６９.２５４.１６９.２５４/',
  'http://169。254。169。254/',
  'http://[::ffff:169.254.169.254]/',
  'http://[::ffff:a9fe:a9fe]/',
  'http://[0:0:0:0:0:ffff:a9fe:a9fe]/',
  'http://[::169.254.169.254]/',
  'http://[64:ff9b::169.254.169.254]/',
  'http://[64:ff9b:1::a9fe:a9fe]/',
  'http://[2002:a9fe:a9fe::1]/',
  'http://[fe80::1]/',
  'http://[fe80::a9fe:a9fe]/',
  'http://[fd00:ec2::254]/',
  'http://[fd00:0ec2:0:0:0:0:0:0254]/',
  'http://[fd20:ce::254]/',
  'http://100.100.100.200/',
  'http://168.63.129.16/',
  'http://192.0.0.192/',
  'http://metadata.google.internal/computeMetadata/v1/',
  'http://METADATA.google.internal./',
  'http://metadata.goog/',
  'http://instance-data.ec2.internal/',
  // No place to send to.
  'http://0.0.0.0/',
  'http://0/',
  'http://0.0.0.1:9000/',
  'http://[::]/',
  'http://[::ffff:0.0.0.0]/',
  'http://224.0.0.1/',
  'http://239.255.255.250:1900/',
  'http://255.255.255.255/',
  'http://4294967295/',
  'http://240.0.0.1/',
  'http://[ff02::1]/',
  'http://[ff0e::1]/',
  // User information.
  'http://user@93.184.216.34/',
  'http://user:secret@example.com/',
  'http://example.com@169.254.169.254/',
  'http:user:secret@example.com/',
];

const LOOPBACK = [
  'http://127.0.0.1/',
  'http://127.0.0.1:9000/path?q=1',
  'http://127.1/',
  'http://127.0.1/',
  'http://2130706433/',
  'http://0x7f000001/',
  'http://0x7f.1/',
  'http://0177.0.0.1/',
  'http://017700000001/',
  'http://127.255.255.254/',
  'http://[::1]/',
  'http://[0:0:0:0:0:0:0:1]:8080/',
  'http://[::ffff:127.0.0.1]/',
  'http://[::ffff:7f00:1]/',
  'http://①②⑦.⓪.⓪.①/',
];

const PRIVATE = [
  'http://10.0.0.1/',
  'http://167772161/',
  'http://012.0.0.1/',
  'http://172.16.0.1/',
  'http://172.31.255.255/',
  'http://192.168.0.1/',
  'http://0xc0a80001/',
  'http://100.64.0.1/',
  'http://[fc00::1]/',
  'http://[fd12:3456:789a::1]/',
  'http://[::ffff:192.168.0.1]/',
];

const PUBLIC = [
  'http://93.184.216.34/',
  'https://example.com/hook',
  'http://example.com:8080/',
  'http://[2606:2800:220:1::1]/',
  'http://172.32.0.1/',
  'http://100.128.0.1/',
];

const NO_TARGET = [
  '',
  'example.com',
  '/path',
  '//example.com/',
  'ftp://example.com/',
  'file:///etc/passwd',
  'unix:/var/run/docker.sock',
  'gopher://example.com/',
  'http://',
  'http://1.2.3.4.5.6/',
  'http://256.1.1.1/',
  'javascript:alert(1)',
];

describe('T06 URLs', () => {
  const open = new AddressGuard({ policy: OPEN, resolve: refuseAll });
  const strict = new AddressGuard({ resolve: refuseAll });

  test.each(NEVER)('%s is refused under any policy', (url) => {
    expect(() => open.checkUrl(url)).toThrow(
      expect.objectContaining({ code: 'AFFLUX_DELIVERY_ADDRESS_REFUSED' }),
    );
  });

  test.each([...LOOPBACK, ...PRIVATE])('%s is a matter of policy', (url) => {
    expect(() => strict.checkUrl(url)).toThrow(
      expect.objectContaining({ code: 'AFFLUX_DELIVERY_ADDRESS_REFUSED' }),
    );
    expect(open.checkUrl(url)).toBeInstanceOf(URL);
  });

  test('loopback and private ranges are allowed apart from each other', () => {
    const loopback = new AddressGuard({ policy: { allowLoopback: true } });
    const inside = new AddressGuard({ policy: { allowPrivate: true } });
    expect(loopback.checkUrl('http://127.0.0.1/').hostname).toBe('127.0.0.1');
    expect(() => loopback.checkUrl('http://10.0.0.1/')).toThrow('private');
    expect(inside.checkUrl('http://10.0.0.1/').hostname).toBe('10.0.0.1');
    expect(() => inside.checkUrl('http://127.0.0.1/')).toThrow('loopback');
  });

  test.each(PUBLIC)('%s is allowed', (url) => {
    expect(strict.checkUrl(url).href).toBe(new URL(url).href);
  });

  test.each(NO_TARGET)('%j is no target', (url) => {
    expect(() => strict.checkUrl(url)).toThrow(
      expect.objectContaining({ code: 'AFFLUX_DELIVERY_TARGET_INVALID' }),
    );
  });

  test('T30 a refusal does not repeat user information', () => {
    const urls = ['http://user:canary@example.com/?token=canary', 'ftp://u:canary@example.com/'];
    for (const url of urls) {
      expect(() => open.checkUrl(url)).toThrow(
        expect.objectContaining({ message: expect.not.stringContaining('canary') as string }),
      );
    }
  });
});

describe('T06 names', () => {
  function lookup(
    guard: AddressGuard,
    hostname: string,
    options: { readonly all?: boolean; readonly family?: number } = { all: true },
  ): Promise<{ error: Error | null; found: unknown }> {
    return new Promise((resolve) => {
      guard.lookup(hostname, options, (error, found, family) => {
        resolve({ error, found: family === undefined ? found : { address: found, family } });
      });
    });
  }

  test.each([
    [['127.0.0.1']],
    [['10.1.2.3']],
    [['169.254.169.254']],
    [['::1']],
    [['fe80::1%eth0']],
    [['::ffff:127.0.0.1']],
    [['fd00:ec2::254']],
    [['127.0.0.1', '::1', '10.0.0.1']],
  ])('a name that resolves to %j is refused', async (answer) => {
    const guard = new AddressGuard({ resolve: answering(answer) });
    const { error } = await lookup(guard, 'innocent.example');
    expect(error).toMatchObject({ code: 'AFFLUX_DELIVERY_ADDRESS_REFUSED' });
  });

  test('of a mixed answer only the allowed addresses are left', async () => {
    const resolve = answering(['169.254.169.254', '93.184.216.34', '127.0.0.1']);
    const { found } = await lookup(new AddressGuard({ resolve }), 'mixed.example');
    expect(found).toEqual([{ address: '93.184.216.34', family: 4 }]);
  });

  test('a single address and a family are given when asked for', async () => {
    const resolve = answering(['93.184.216.34', '2606:2800:220:1::1']);
    const guard = new AddressGuard({ resolve });
    expect((await lookup(guard, 'dual.example', { family: 6 })).found).toEqual({
      address: '2606:2800:220:1::1',
      family: 6,
    });
    const { error } = await lookup(new AddressGuard({ resolve: answering([]) }), 'none.example');
    expect(error?.message).toBe('no address found for none.example');
  });

  test('an answer that changes between two questions is judged each time', async () => {
    const resolve = answering(['93.184.216.34'], ['169.254.169.254']);
    const guard = new AddressGuard({ policy: OPEN, resolve });
    expect((await lookup(guard, 'rebind.example')).error).toBeNull();
    expect((await lookup(guard, 'rebind.example')).error).toMatchObject({
      code: 'AFFLUX_DELIVERY_ADDRESS_REFUSED',
    });
  });

  test('concurrent questions for one name are asked once', async () => {
    let answer: (() => void) | undefined;
    let asked = 0;
    const guard = new AddressGuard({
      resolve: (_hostname, callback) => {
        asked += 1;
        answer = () => {
          callback(null, [addressOf('93.184.216.34')]);
        };
      },
    });
    const both = Promise.all([lookup(guard, 'one.example'), lookup(guard, 'ONE.example.')]);
    answer?.();
    await both;
    expect(asked).toBe(1);
  });

  test.each(['localhost', 'LOCALHOST', 'api.default.localhost', 'localhost.'])(
    '%s is the loopback interface without asking anybody, and subject to the policy',
    async (hostname) => {
      const allowed = new AddressGuard({ policy: OPEN, resolve: refuseAll });
      const found = (await lookup(allowed, hostname)).found as LookupAddress[];
      expect(found.map(({ address }) => address)).toEqual(['127.0.0.1', '::1']);
      const { error } = await lookup(new AddressGuard({ resolve: refuseAll }), hostname);
      expect(error).toMatchObject({ code: 'AFFLUX_DELIVERY_ADDRESS_REFUSED' });
    },
  );
});

describe('T06 connections', () => {
  test('a name goes to the address that was judged and to no other', async () => {
    const server = await httpServer((_request, response) => response.end());
    const resolve = answering(['127.0.0.1']);
    const guard = new AddressGuard({ policy: OPEN, resolve });
    const sender = await startedSender({ guard });
    const url = `http://no-such-name.example:${String(server.port)}/`;
    expect(await sender.send(requestTo(url))).toMatchObject({ kind: 'success', status: 200 });
    expect(server.received[0]?.headers.host).toBe(`no-such-name.example:${String(server.port)}`);
    expect(resolve.asked).toEqual(['no-such-name.example']);
  });

  test('a name that turns to a forbidden address is not connected to', async () => {
    const server = await httpServer((_request, response) => {
      response.setHeader('connection', 'close');
      response.end();
    });
    const resolve = answering(['127.0.0.1'], ['169.254.169.254']);
    const sender = await startedSender({ guard: new AddressGuard({ policy: OPEN, resolve }) });
    const target = { url: `http://rebind.example:${String(server.port)}/` };
    expect((await sender.send(requestTo(target))).kind).toBe('success');
    expect(await sender.send(requestTo(target))).toMatchObject({
      kind: 'failure',
      reason: 'address-refused',
      retryable: false,
    });
  });

  test('a literal address that the policy forbids gets no connection', async () => {
    const server = await httpServer((_request, response) => response.end());
    const sender = await startedSender({ config: { allowLoopback: false } });
    const urls = [server.url, server.url.replace('127.0.0.1', '2130706433')];
    for (const url of [...urls, server.url.replace('127.0.0.1', 'localhost')]) {
      expect(await sender.send(requestTo(url))).toMatchObject({
        reason: 'address-refused',
        retryable: false,
      });
    }
    expect(server.connections()).toBe(0);
  });

  test('a socket that got past the resolver check is still judged by where it went', async () => {
    const server = await httpServer((_request, response) => response.end());
    const lenient = new AddressGuard({ policy: OPEN, resolve: answering(['127.0.0.1']) });
    const guard = new AddressGuard({ resolve: refuseAll });
    Object.defineProperty(guard, 'lookup', { value: lenient.lookup });
    const sender = await startedSender({ guard });
    const outcome = await sender.send(requestTo(`http://sneaky.example:${String(server.port)}/`));
    expect(outcome).toMatchObject({ reason: 'address-refused' });
    expect(server.received).toEqual([]);
  });
});
