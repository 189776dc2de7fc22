/**
 * Makes one program of the command and all it needs: loading a few files instead of some eight hundred takes
 * half the processor time of a start. Libraries for traces stay outside: they are optional and loaded on demand.
 */
import { build } from 'esbuild';

await build({
  entryPoints: [new URL('src/main.ts', import.meta.url).pathname],
  outdir: new URL('bundle', import.meta.url).pathname,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  conditions: ['@afflux/source'],
  external: ['@opentelemetry/*'],
  outExtension: { '.js': '.mjs' },
  legalComments: 'eof',
  logLevel: 'warning',
  // Libraries in CommonJS call `require`, which an ES module does not have.
  banner: {
    js: "import { createRequire as createRequireOfBundle } from 'node:module';\nconst require = createRequireOfBundle(import.meta.url);",
  },
});
