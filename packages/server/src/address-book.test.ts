import { expect, it } from 'vitest';
import { addressBook, baseUrl, hostnameOf, secureUrl } from './address-book.ts';

it.each([
  ['127.0.0.1', 'http://localhost:8080'],
  ['0.0.0.0', 'http://localhost:8080'],
  ['::', 'http://localhost:8080'],
  ['::1', 'http://localhost:8080'],
  ['localhost', 'http://localhost:8080'],
  ['192.168.1.2', 'http://192.168.1.2:8080'],
  ['fd00::2', 'http://[fd00::2]:8080'],
  ['events.example.com', 'http://events.example.com:8080'],
])('a listener on %s is reached at %s', (host, url) => {
  expect(baseUrl(host, 8080)).toBe(url);
});

it('waits for the real port before it settles on an address', () => {
  let port = 0;
  const book = addressBook({ host: '127.0.0.1' }, () => ({ port }));
  expect(book.eventsUrl()).toBe('http://localhost:0');
  port = 8080;
  expect(book.brokerUrl('ns', 'main')).toBe('http://localhost:8080/ns/main');
  expect(book.channelUrl('ns', 'c')).toBe('http://localhost:8080/ns/channels/c');
  port = 9090;
  expect(book.eventsUrl()).toBe('http://localhost:8080');
});

it('knows the other names of this machine', () => {
  const book = addressBook({ host: '127.0.0.1' }, () => ({ port: 8080 }));
  expect(book.ownOrigins()).toEqual([
    'http://localhost:8080',
    'http://127.0.0.1:8080',
    'http://[::1]:8080',
  ]);
  expect(addressBook({ host: '10.0.0.5' }, () => ({ port: 8080 })).ownOrigins()).toEqual([
    'http://10.0.0.5:8080',
  ]);
});

it.each([
  ['0.0.0.0', ['localhost'], 'https://localhost:8081'],
  ['192.168.1.2', ['localhost', '192.168.1.2'], 'https://192.168.1.2:8081'],
  ['fd00::2', ['fd00::2'], 'https://[fd00::2]:8081'],
  ['127.0.0.1', ['127.0.0.1'], 'https://127.0.0.1:8081'],
  ['0.0.0.0', ['box.example'], 'https://box.example:8081'],
])('with TLS a listener on %s, with a certificate for %j, is reached at %s', (host, names, url) => {
  const tls = {
    hostFor: (...wanted: readonly string[]) =>
      [...wanted, ...names].find((name) => names.includes(name)),
  };
  expect(secureUrl(tls, host, 8081)).toBe(url);
});

it.each([
  ['box.example:8081', 'box.example'],
  ['box.example', 'box.example'],
  ['[::1]:8081', '::1'],
  ['[::1]', '::1'],
  [undefined, ''],
])('the name in the Host header %s is "%s"', (header, name) => {
  expect(hostnameOf(header)).toBe(name);
});
