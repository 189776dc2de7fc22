import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { senderConfigSchema } from './config.ts';
import type { DeliveryErrorCode } from './errors.ts';

/** With the padding of its tables taken out. */
const README = readFileSync(new URL('../README.md', import.meta.url), 'utf8').replace(/ +/g, ' ');

const CODES = {
  AFFLUX_DELIVERY_ADDRESS_REFUSED: true,
  AFFLUX_DELIVERY_TARGET_INVALID: true,
  AFFLUX_DELIVERY_PROGRESS_INVALID: true,
} satisfies Record<DeliveryErrorCode, true>;

test.each(Object.keys(CODES))('the README explains %s', (code) => {
  expect(README).toContain(`\`${code}\``);
});

test('the README’s table of limits has every setting with its default', () => {
  for (const [name, value] of Object.entries(senderConfigSchema.parse({}))) {
    const row = README.split('\n').find((line) => line.startsWith(`| \`${name}\` |`));
    expect(row, name).toContain(`| ${String(value).replace(/\B(?=(\d{3})+$)/g, ' ')} |`);
  }
});

test('settings have bounds, and unknown ones are refused', () => {
  expect(senderConfigSchema.safeParse({ connectTimeoutMs: 0 }).success).toBe(false);
  expect(senderConfigSchema.safeParse({ connectTimeout: 1 }).success).toBe(false);
});
