import { expect, test } from 'vitest';
import { DriverRegistry } from './driver.ts';
import { memoryDriver } from './memory/driver.ts';

test('a registry gives the driver of a type and names the known ones for another', () => {
  const driver = memoryDriver();
  const registry = new DriverRegistry([driver]);
  expect(registry.get('memory')).toBe(driver);
  expect(registry.has('memory')).toBe(true);
  expect(registry.types()).toEqual(['memory']);
  expect(() => registry.get('kafka')).toThrow('there is no channel driver "kafka"; known: memory');
  expect(() => new DriverRegistry().get('x')).toThrow('known: none');
});

test('registering a type twice is a programmer error', () => {
  expect(() => new DriverRegistry([memoryDriver(), memoryDriver()])).toThrow('registered twice');
});
