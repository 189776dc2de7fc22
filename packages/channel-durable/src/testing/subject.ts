/** The driver as a process of its own makes it, for the cases that kill one. */
import type { KilledSubject } from '@afflux/channels/testkit';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { durableDriver } from '../driver.ts';

export const subject: KilledSubject = {
  driver: (place) => durableDriver({ directory: join(tmpdir(), 'afflux-durable-kit', place) }),
};
