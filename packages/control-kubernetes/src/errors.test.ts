import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { ERROR_CODES, KubernetesError } from './errors.ts';

it('codes are unique and all explained in the README', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  expect(new Set(ERROR_CODES).size).toBe(ERROR_CODES.length);
  expect(ERROR_CODES.filter((code) => !readme.includes(`\`${code}\``))).toEqual([]);
});

it('say whose move it is and whether trying again can help', () => {
  const away = new KubernetesError('AFFLUX_KUBERNETES_UNREACHABLE', 'away');
  expect(away).toMatchObject({ fault: 'system', retryable: true, reason: undefined });
  const refused = new KubernetesError('AFFLUX_KUBERNETES_FORBIDDEN', 'no', {
    reason: 'Forbidden',
    status: 403,
  });
  expect(refused).toMatchObject({ fault: 'user', retryable: false, status: 403 });
});
