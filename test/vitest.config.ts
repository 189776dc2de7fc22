import { defineConfig } from 'vitest/config';

// Tests import the sources of every package (export condition `@afflux/source`): no build step between
// an edit and its test. The command-line tests run the built command, so `npm test` builds first.
export default defineConfig({
  root: new URL('..', import.meta.url).pathname,
  resolve: { conditions: ['@afflux/source', 'node', 'import', 'default'] },
  ssr: { resolve: { conditions: ['@afflux/source', 'node', 'import', 'default'] } },
  test: {
    include: ['packages/*/src/**/*.test.ts', 'test/**/*.test.ts'],
    globalSetup: ['test/brokers/setup.ts', 'test/kubernetes/setup.ts'],
    pool: 'forks',
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // What is waited for comes at once on a machine that is idle; how long it takes on a busy one tells nothing.
    expect: { poll: { timeout: 15_000, interval: 20 } },
  },
});
