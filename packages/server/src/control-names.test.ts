import { hostname, networkInterfaces } from 'node:os';
import { expect, it } from 'vitest';
import { machineNames, namesOf } from './control-names.ts';

const LOOPBACK = ['localhost', '127.0.0.1', '::1'];

it.each([
  ['0.0.0.0', [], [], []],
  ['::', [], [], []],
  ['127.0.0.1', [], [], []],
  ['10.0.0.7', [], [], ['10.0.0.7']],
  ['fe80::7%eth0', [], [], ['fe80::7']],
  ['Box.Local.', [], [], ['box.local']],
  ['0.0.0.0', ['box.example:8081', '[fd00::1]:8081', '*'], [], ['box.example', 'fd00::1']],
  ['0.0.0.0', [], ['laptop', '10.0.0.7', '127.0.0.1', '10.0.0.7'], ['laptop', '10.0.0.7']],
  ['0.0.0.0', [], ["Ada's laptop", 'a..b/c', ''], []],
])('host %s with %j on a machine %j adds %j', (host, allowed, machine, added) => {
  expect(namesOf(host, allowed, machine)).toEqual([...LOOPBACK, ...added]);
});

it('of a machine with very many addresses has the important ones and a bounded number of the others', () => {
  const many = Array.from(
    { length: 300 },
    (_, index) => `10.1.${String(index >> 8)}.${String(index & 255)}`,
  );
  const names = namesOf('10.0.0.7', ['box.example'], many);
  expect(names.slice(0, 5)).toEqual([...LOOPBACK, '10.0.0.7', 'box.example']);
  expect(names).toHaveLength(100);
});

it('of this machine are its host name and the addresses of its interfaces, but for those of one link', () => {
  const names = machineNames();
  expect(names[0]).toBe(hostname());
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  for (const { address, scopeid } of addresses) {
    expect(names.includes(address), address).toBe((scopeid ?? 0) === 0);
  }
});
