/**
 * Makes one program of the command and all it needs: loading a few files instead of some eight hundred takes
 * half the processor time of a start. Libraries for traces stay outside: they are optional and loaded on demand.
 */
// A package that is looked at below wants it first, whatever the order in which the pieces are found.
import 'reflect-metadata';
import { rmSync } from 'node:fs';
import { build } from 'esbuild';

const outdir = new URL('bundle', import.meta.url).pathname;
// Pieces of an earlier build have other names and would stay.
rmSync(outdir, { recursive: true, force: true });

/**
 * A CommonJS package that is imported late has, in a split bundle, nothing but a default export: its other
 * names would be undefined. This gives such a package the names that Node gives it.
 *
 * @type {import('esbuild').Plugin}
 */
const lateImports = {
  name: 'late imports',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^[^./]/ }, ({ path, kind, resolveDir }) => {
      const isLate = kind === 'dynamic-import' && !/^(node:|@opentelemetry\/|@afflux\/)/.test(path);
      return isLate ? { path, namespace: 'late', pluginData: { resolveDir } } : undefined;
    });
    onLoad({ filter: /.*/, namespace: 'late' }, async ({ path, pluginData }) => {
      const module = await import(path);
      // An ES module has its names, bundled or not.
      if (!('default' in module)) {
        return { contents: `export * from '${path}';`, resolveDir: pluginData.resolveDir };
      }
      const names = Object.keys(module).filter((name) => /^(?!default$)\w+$/.test(name));
      const exported = names.map((name) => `export const ${name} = whole.${name};`);
      const contents = [`import whole from '${path}';`, 'export default whole;', ...exported];
      return { contents: contents.join('\n'), resolveDir: pluginData.resolveDir };
    });
  },
};

await build({
  entryPoints: [new URL('src/main.ts', import.meta.url).pathname],
  outdir,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  conditions: ['@afflux/source'],
  external: ['@opentelemetry/*', 'lmdb', 'kafkajs', 'amqplib'],
  plugins: [lateImports],
  outExtension: { '.js': '.mjs' },
  legalComments: 'eof',
  logLevel: 'warning',
  // Libraries in CommonJS call `require`, which an ES module does not have.
  banner: {
    js: "import { createRequire as createRequireOfBundle } from 'node:module';\nconst require = createRequireOfBundle(import.meta.url);",
  },
});
