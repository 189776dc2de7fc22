/** What a list shows: pages that agree with each other while others write, versions, 10,000 objects. */
import { describe, expect, it } from 'vitest';
import {
  configMap,
  configMaps,
  makeNamespace,
  startLaptop,
  type ApiClient,
  type Seen,
  type SeenList,
} from './api-client.ts';
import { Replay } from './replay.ts';
import { SOON, WatchStream } from './watch-stream.ts';

async function createMany(api: ApiClient, path: string, count: number, from = 0): Promise<void> {
  let next = from;
  const create = async (): Promise<void> => {
    while (next < from + count) {
      const name = `object-${String(next).padStart(5, '0')}`;
      next += 1;
      const { status, text } = await api.post(path, configMap(name));
      if (status !== 201) throw new Error(text);
    }
  };
  await Promise.all(Array.from({ length: 16 }, create));
}

/** Every page, from the first on. `between` runs after each of them. */
async function pagesOf(
  api: ApiClient,
  path: string,
  limit: number,
  between: (page: number) => Promise<void> = () => Promise.resolve(),
): Promise<SeenList[]> {
  const pages: SeenList[] = [];
  let token: string | undefined = '';
  while (token !== undefined) {
    const page: SeenList = await api.list(
      `${path}?limit=${String(limit)}${token === '' ? '' : `&continue=${token}`}`,
    );
    pages.push(page);
    token = page.metadata.continue;
    await between(pages.length);
  }
  return pages;
}

function namesOf(items: readonly Seen[]): string[] {
  return items.map(({ metadata }) => metadata.name);
}

describe('a list in pages', () => {
  it('shows one moment, whatever is written meanwhile, and a watch goes on from there', async () => {
    const { api } = await startLaptop();
    const path = configMaps(await makeNamespace(api));
    await createMany(api, path, 25);
    const before = namesOf((await api.list(path)).items);
    const pages = await pagesOf(api, path, 10, async (page) => {
      await api.post(path, configMap(`new-${String(page)}`));
      await api.delete(`${path}/object-${String(20 + page).padStart(5, '0')}`);
      await api.patch('merge', `${path}/object-00000`, { data: { page: String(page) } });
    });
    expect(pages.map(({ items }) => items.length)).toEqual([10, 10, 5]);
    expect(pages.map(({ metadata }) => metadata.remainingItemCount)).toEqual([15, 5, undefined]);
    expect(new Set(pages.map(({ metadata }) => metadata.resourceVersion)).size).toBe(1);
    const items = pages.flatMap((page) => page.items);
    expect(namesOf(items)).toEqual(before);
    expect(items[0]).toMatchObject({ data: {} });
    const replay = new Replay();
    const resourceVersion = pages[0]?.metadata.resourceVersion ?? '';
    replay.reset({ kind: '', metadata: { resourceVersion }, items });
    await WatchStream.open(api.url, `${path}?watch=true&resourceVersion=${resourceVersion}`, {
      onEvent: (event) => {
        replay.take(event);
      },
    });
    const now = await api.list(path);
    await expect.poll(() => replay.differences(now), SOON).toEqual([]);
    expect(replay.problems).toEqual([]);
  });

  it('goes on from a token more than once, also with another limit', async () => {
    const { api } = await startLaptop();
    const path = configMaps(await makeNamespace(api));
    await createMany(api, path, 10);
    const first = await api.list(`${path}?limit=4`);
    const rest = `${path}?continue=${first.metadata.continue ?? ''}`;
    const names = namesOf((await api.list(`${rest}&limit=2`)).items);
    expect(namesOf((await api.list(`${rest}&limit=2`)).items)).toEqual(names);
    expect((await api.list(rest)).items).toHaveLength(6);
  });

  it('has an end when the limit is met exactly, or is larger, or 0', async () => {
    const { api } = await startLaptop();
    const path = configMaps(await makeNamespace(api));
    await createMany(api, path, 3);
    for (const limit of [3, 4, 0]) {
      const { items, metadata } = await api.list(`${path}?limit=${String(limit)}`);
      expect(items).toHaveLength(3);
      expect(metadata.continue).toBeUndefined();
    }
  });

  it('is gone (410) when so many others were begun that its token is forgotten', async () => {
    const { api } = await startLaptop();
    const path = configMaps(await makeNamespace(api));
    await createMany(api, path, 3);
    const first = await api.list(`${path}?limit=1`);
    for (let count = 0; count < 256; count += 1) await api.list(`${path}?limit=1`);
    const expired = await api.get(`${path}?limit=1&continue=${first.metadata.continue ?? ''}`);
    expect(expired.body).toMatchObject({ kind: 'Status', code: 410, reason: 'Expired' });
    expect(await pagesOf(api, path, 2)).toHaveLength(2);
  });

  it('is refused with a token of another list, with a version, and with what is no token', async () => {
    const { api } = await startLaptop();
    const [one, other] = [await makeNamespace(api), await makeNamespace(api)].map((namespace) =>
      configMaps(namespace),
    );
    await createMany(api, one ?? '', 3);
    const token = (await api.list(`${one ?? ''}?limit=1`)).metadata.continue ?? '';
    expect((await api.get(`${other ?? ''}?limit=1&continue=${token}`)).status).toBe(410);
    const withVersion = `${one ?? ''}?limit=1&continue=${token}&resourceVersion=5`;
    expect((await api.get(withVersion)).status).toBe(400);
    expect((await api.get(`${one ?? ''}?continue=abc`)).status).toBe(400);
  });
});

it(
  'T27 10,000 objects are listed in pages, and one more than a namespace may hold is refused',
  { timeout: 120_000 },
  async () => {
    const { api } = await startLaptop();
    const path = configMaps(await makeNamespace(api));
    // What a namespace has from the start counts, too.
    const { items: others } = await api.list(path);
    const count = 10_000 - others.length;
    await createMany(api, path, count);
    const began = performance.now();
    const pages = await pagesOf(api, path, 500);
    const ms = performance.now() - began;
    const names = namesOf(pages.flatMap(({ items }) => items));
    process.stdout.write(
      `list: ${String(names.length)} objects in ${String(pages.length)} pages, ${ms.toFixed(0)} ms\n`,
    );
    expect(pages).toHaveLength(20);
    expect(new Set(names).size).toBe(10_000);
    expect(names).toEqual([...names].sort());
    const whole = await api.list(path);
    expect(namesOf(whole.items)).toEqual(names);
    const refused = await api.post(path, configMap('one-more'));
    expect(refused.body).toMatchObject({ code: 403, reason: 'Forbidden' });
    expect(refused.body.message).toContain('10000');
    expect((await api.delete(`${path}/${names[0] ?? ''}`)).status).toBe(200);
    expect((await api.post(path, configMap('one-more'))).status).toBe(201);
  },
);

describe('the version of a list', () => {
  async function listed() {
    const { api } = await startLaptop();
    const path = configMaps(await makeNamespace(api));
    await createMany(api, path, 2);
    const present = Number((await api.list(path)).metadata.resourceVersion);
    const ask = async (query: string) => (await api.get<SeenList>(`${path}?${query}`)).body;
    const refusal = async (query: string) => (await api.get(`${path}?${query}`)).body;
    return { present, ask, refusal };
  }

  it('is the present for 0, for the past, for the present itself, and exactly where that is asked for', async () => {
    const { present, ask } = await listed();
    for (const query of [
      'resourceVersion=0',
      'resourceVersion=1',
      `resourceVersion=${String(present)}`,
      'resourceVersion=0&resourceVersionMatch=NotOlderThan',
      `resourceVersion=${String(present)}&resourceVersionMatch=NotOlderThan`,
      `resourceVersion=${String(present)}&resourceVersionMatch=Exact`,
    ]) {
      const list = await ask(query);
      expect(list.items.map(({ kind }) => kind).length, query).toBeGreaterThanOrEqual(2);
      expect(Number(list.metadata.resourceVersion), query).toBeGreaterThanOrEqual(present);
    }
  });

  it.each([
    ['resourceVersion=999999999999999', 504, 'Timeout'],
    ['resourceVersion=1&resourceVersionMatch=Exact', 410, 'Expired'],
    ['resourceVersion=yesterday', 400, 'BadRequest'],
    ['resourceVersionMatch=Exact', 422, 'Invalid'],
    ['resourceVersion=0&resourceVersionMatch=Exact', 422, 'Invalid'],
    ['resourceVersion=1&resourceVersionMatch=Newer', 422, 'Invalid'],
    ['limit=some', 400, 'BadRequest'],
    ['timeoutSeconds=some', 400, 'BadRequest'],
  ])('cannot be had for %s: %i', async (query, code, reason) => {
    const { refusal } = await listed();
    expect(await refusal(query)).toMatchObject({ kind: 'Status', code, reason });
  });
});
