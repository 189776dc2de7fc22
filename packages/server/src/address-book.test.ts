import { expect, it } from 'vitest';
import { addressBook, baseUrl } from './address-book.ts';

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
