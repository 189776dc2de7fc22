import { testChannel } from '../testkit/index.ts';
import { KEEPING_CAPABILITIES } from './keeping-config.ts';
import { keepingDriver, KeepingPlace } from './keeping-driver.ts';

const places = new Map<string, KeepingPlace>();

function placeOf(name: string): KeepingPlace {
  const place = places.get(name) ?? new KeepingPlace();
  places.set(name, place);
  return place;
}

testChannel({
  name: 'keeping',
  driver: (place) => keepingDriver(placeOf(place)),
  capabilities: KEEPING_CAPABILITIES,
  retention: {
    byAge: { config: { ageMsMax: 10_000 }, ageMs: 10_000 },
    byBytes: { config: { bytesMax: 10_000 }, bytes: 10_000 },
  },
  interrupt: (place) =>
    Promise.resolve({
      config: {},
      cut: () => {
        for (const store of placeOf(place).stores.values()) store.isCut = true;
      },
      restore: () => {
        for (const store of placeOf(place).stores.values()) store.isCut = false;
      },
      close: () => undefined,
    }),
  manySubscriptions: 200,
  assertClean: (place) => void places.delete(place),
});
