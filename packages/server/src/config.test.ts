import { expect, it } from 'vitest';
import { parseConfig } from './config.ts';
import { parseConfigText } from './config-text.ts';

it('has a default for everything: free ports, loopback', () => {
  const config = parseConfig({});
  expect(config).toMatchObject({ host: '127.0.0.1', port: 0, controlPort: 0, manifests: [] });
  expect(config.ingress.bodyMax).toBe(4 * 1024 * 1024);
  expect(config.shutdownGrace).toBe(25_000);
});

it('reads durations and sizes as people write them', () => {
  const config = parseConfig({ shutdownGrace: 'PT5S', ingress: { bodyMax: '1MiB' } });
  expect([config.shutdownGrace, config.ingress.bodyMax]).toEqual([5000, 1024 * 1024]);
});

it.each([
  [{ prot: 1 }, /prot.*did you mean port/s],
  [{ ingress: { bodymax: 1 } }, /ingress: .*did you mean bodyMax/s],
  [{ port: 70_000 }, /port: /],
  [{ shutdownGrace: 'soon' }, /shutdownGrace: expected a duration/],
  [{ services: { orders: 'http://localhost:1' } }, /services.*<namespace>\/<name>/s],
  [{ services: { 'a/b': 'ftp://x' } }, /services/],
  [{ controlTls: { certFile: 'my.crt' } }, /controlTls\.keyFile: /],
  [{ services: { 'a/b': 'http://user:pass@x' } }, /services\.a\/b: must not carry a user name/],
])('refuses %j', (input, message) => {
  expect(() => parseConfig(input, 'afflux.yaml')).toThrow(message);
});

it('lists every problem at once and names the file', () => {
  expect(() => parseConfigText('port: x\nhost: 5\n', '/tmp/afflux.yaml')).toThrow(
    /^\/tmp\/afflux\.yaml: .*port.*host|host.*port/s,
  );
  expect(() => parseConfigText('a: [', '/tmp/afflux.yaml')).toThrow('/tmp/afflux.yaml: ');
});
