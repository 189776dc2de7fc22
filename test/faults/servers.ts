/** Stopping and starting single servers of a back-end, by the command that the environment names. */
import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Backend } from './backends.ts';

const run = promisify(execFile);

/** Only who started the servers for this run alone may let it stop them. */
export function mayStopServers(backend: Backend): string | undefined {
  if (!backend.remote) return 'it has no servers';
  if (process.env['AFFLUX_FAULTS_STOP_SERVERS'] !== '1') {
    return 'AFFLUX_FAULTS_STOP_SERVERS=1 does not say that the servers may be stopped';
  }
  const variable = backend.nodeVariable ?? '';
  return (process.env[variable] ?? '') === '' ? `${variable} is not set` : undefined;
}

export type NodeVerb = 'kill' | 'stop' | 'start' | 'pause' | 'resume';

export async function node(backend: Backend, verb: NodeVerb, number: number): Promise<void> {
  await run(command(backend), [verb, String(number)]);
}

/** RabbitMQ blocks its publishers while it believes that its memory is full. */
export async function setMemoryAlarm(backend: Backend, isOn: boolean): Promise<void> {
  const tool = join(dirname(command(backend)), 'tool');
  const watermark = isOn ? ['absolute', '1'] : ['0.4'];
  await run(tool, ['rabbitmqctl', 'set_vm_memory_high_watermark', ...watermark]);
}

function command({ name, nodeVariable = '' }: Backend): string {
  const path = process.env[nodeVariable] ?? '';
  if (path === '') throw new Error(`${nodeVariable} must name the command for ${name}`);
  return path;
}
