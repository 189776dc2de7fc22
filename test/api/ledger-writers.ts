/** Programs that write as fast as they are answered, until the server is gone, and note everything in a ledger. */
import type { Random } from '@afflux/kernel';
import { configMap, configMaps, type ApiClient, type Answered } from './api-client.ts';
import { dataOf, type Ledger } from './ledger.ts';

const OWN_KEYS = 12;
const SHARED_KEYS = 3;

export interface WriterOptions {
  readonly api: ApiClient;
  readonly namespace: string;
  readonly ledger: Ledger;
  readonly random: Random;
  /** Differs between all writers of all rounds. */
  readonly name: string;
  /** Differs between writers of one round. */
  readonly lane: number;
  readonly problems: string[];
}

/** Resolves when the server is gone, or `isOver` says so. Unexpected answers go to the problems. */
export async function writeOn(options: WriterOptions, isOver: () => boolean): Promise<void> {
  const { random, problems, name } = options;
  for (let count = 0; !isOver(); count += 1) {
    const value = `${name}-${String(count)}`;
    const isShared = random.next() < 0.2;
    try {
      if (isShared) await patchShared(options, value);
      else await writeOwn(options, value);
    } catch (error) {
      if (error instanceof Unexpected) problems.push(error.message);
      return;
    }
  }
}

class Unexpected extends Error {}

function assertStatus({ status, text }: Answered, expected: number, what: string): void {
  if (status !== expected) throw new Unexpected(`${what}: ${String(status)} ${text.slice(0, 300)}`);
}

async function writeOwn(options: WriterOptions, value: string): Promise<void> {
  const { api, namespace, ledger, random, lane, problems } = options;
  const key = `own-${String(lane)}-${String(Math.floor(random.next() * OWN_KEYS))}`;
  const path = configMaps(namespace, key);
  const now = ledger.current(key);
  if (now === undefined) {
    const body = configMap(key, dataOf(value, random));
    ledger.willWrite(key, value);
    const answer = await api.post(configMaps(namespace), body);
    assertStatus(answer, 201, `create ${key}`);
    problems.push(...ledger.wasWritten(key, answer.body));
  } else if (random.next() < 0.2) {
    ledger.willWrite(key, undefined);
    assertStatus(await api.delete(path), 200, `delete ${key}`);
    ledger.wasWritten(key, undefined);
  } else {
    const metadata = { resourceVersion: String(now.version) };
    const body = configMap(key, dataOf(value, random), metadata);
    ledger.willWrite(key, value);
    const answer = await api.put(path, body);
    assertStatus(answer, 200, `update ${key}`);
    problems.push(...ledger.wasWritten(key, answer.body));
  }
}

async function patchShared(options: WriterOptions, value: string): Promise<void> {
  const { api, namespace, ledger, random, problems } = options;
  const key = `shared-${String(Math.floor(random.next() * SHARED_KEYS))}`;
  const body = configMap(key, dataOf(value, random));
  ledger.willPatch(key, value);
  const answer = await api.patch(
    'apply',
    `${configMaps(namespace, key)}?fieldManager=test&force=true`,
    body,
  );
  if (answer.status !== 201) assertStatus(answer, 200, `patch ${key}`);
  problems.push(...ledger.wasPatched(key, value, answer.body));
}
