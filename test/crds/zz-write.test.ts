import { test } from 'vitest';
test('w', async () => { await import('./write.ts'); });
