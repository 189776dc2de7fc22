/**
 * Who may import whom, as data, and the check that the code agrees. A new edge is a change to the tables below
 * and is reviewed as one. The same file holds the other rules about the shape of a package: what it must
 * have beside its code, how long a file may be, and that imports never run in circles.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';

/** Imports point down this list; skipping rows is fine. */
const ROWS: readonly { readonly row: string; readonly packages: readonly string[] }[] = [
  { row: 'entry', packages: ['cli'] },
  { row: 'assembly', packages: ['server'] },
  { row: 'features', packages: ['messaging', 'broker'] },
  {
    row: 'drivers',
    packages: [
      'channel-durable',
      'channel-kafka',
      'channel-rabbitmq',
      'control-kubernetes',
      'api',
      'observability',
    ],
  },
  { row: 'mechanisms', packages: ['delivery', 'channels', 'control', 'ingress', 'data-directory'] },
  { row: 'model', packages: ['events', 'filters', 'resources'] },
  { row: 'ground', packages: ['kernel'] },
];

/** The only edges inside a row. */
const SAME_ROW_EDGES = ['filters → events', 'resources → filters'];

/** Packages that may import less than their row allows. */
const ONLY: Readonly<Record<string, readonly string[]>> = {
  ingress: ['kernel', 'events'],
  'data-directory': ['kernel'],
};

/** Features meet in the store and on the wire; only the composition root imports them, and drivers with them. */
const COMPOSITION_ROOT = 'server';

/** A third-party library has one home (or the few named here), so that it can be replaced there. */
const THIRD_PARTY: Readonly<Record<string, readonly string[]>> = {
  '@opentelemetry': ['observability'],
  '@peculiar': ['server'],
  amqplib: ['channel-rabbitmq'],
  commander: ['cli'],
  fastify: ['server', 'api'],
  fzstd: ['channel-kafka'],
  kafkajs: ['channel-kafka'],
  lmdb: ['data-directory'],
  lz4js: ['channel-kafka'],
  pino: ['observability'],
  'prom-client': ['observability'],
  re2js: ['resources'],
  'reflect-metadata': ['server'],
  snappyjs: ['channel-kafka'],
  undici: ['delivery', 'control-kubernetes', 'cli'],
  yaml: ['resources', 'control-kubernetes', 'server', 'cli'],
  zod: [
    'resources',
    'delivery',
    'channels',
    'channel-durable',
    'channel-kafka',
    'channel-rabbitmq',
    'ingress',
    'observability',
    'server',
  ],
};

/** Ground and model do no I/O: the platform modules they may use. */
const BUILTINS_WITHOUT_IO = ['assert', 'assert/strict', 'buffer', 'crypto', 'util'];

/** Inside a feature the data plane and the control plane share `model/` and nothing else. */
const DATA_PLANE = ['dispatch', 'ingress'];
const CONTROL_PLANE = ['reconcile'];

const LINES_MAX = 500;

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const PACKAGES = join(ROOT, 'packages');

interface Manifest {
  readonly name: string;
  readonly exports?: Readonly<Record<string, unknown>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

interface SourceFile {
  readonly path: string;
  readonly inPackage: string;
  readonly isTest: boolean;
  readonly lines: number;
  readonly text: string;
  /** Every module named, whatever the form of the import. */
  readonly imports: readonly string[];
  /** Those that are evaluated before this file is: no types, nothing loaded later. */
  readonly evaluated: readonly string[];
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'));
}

/** Modules of imports and re-exports that are still there at run time. */
function evaluatedImports(text: string): string[] {
  const { statements } = ts.createSourceFile('x.ts', text, ts.ScriptTarget.ES2023);
  return statements.flatMap((statement) => {
    const isImport = ts.isImportDeclaration(statement);
    if (!isImport && !ts.isExportDeclaration(statement)) return [];
    const isTypeOnly = isImport
      ? statement.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword
      : statement.isTypeOnly;
    const from = statement.moduleSpecifier;
    return from !== undefined && ts.isStringLiteral(from) && !isTypeOnly ? [from.text] : [];
  });
}

function namedImports(text: string): string[] {
  return ts.preProcessFile(text, true, false).importedFiles.map((file) => file.fileName);
}

function sourceFile(inPackage: string, path: string): SourceFile {
  const text = readFileSync(path, 'utf8');
  return {
    path,
    inPackage,
    isTest: path.endsWith('.test.ts') || /\/src\/(testkit|testing)\//.test(path),
    lines: text.split('\n').length,
    text,
    imports: namedImports(text),
    evaluated: evaluatedImports(text),
  };
}

const packageNames = readdirSync(PACKAGES).filter((name) =>
  existsSync(join(PACKAGES, name, 'package.json')),
);
const manifests = new Map(
  packageNames.map((name) => [name, readJson(join(PACKAGES, name, 'package.json')) as Manifest]),
);
const files = packageNames.flatMap((name) =>
  ['src', 'bin']
    .map((folder) => join(PACKAGES, name, folder))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)),
    )
    .filter((path) => /\.(ts|js)$/.test(path))
    .map((path) => sourceFile(name, path)),
);

/** May be imported by tests and test kits, wherever they are. */
const testTools = Object.keys(
  (readJson(join(ROOT, 'package.json')) as Manifest).devDependencies ?? {},
);

const shown = (path: string): string => relative(ROOT, path);

function rowOf(name: string): number {
  return ROWS.findIndex(({ packages }) => packages.includes(name));
}

function isIn(row: string, name: string): boolean {
  return ROWS.some((entry) => entry.row === row && entry.packages.includes(name));
}

/** Why `from` may not import `to`; undefined when it may. */
function refusal(from: string, to: string): string | undefined {
  if (from === to) return undefined;
  if (rowOf(to) === -1) return `there is no package ${to}`;
  if (ONLY[from] !== undefined && !ONLY[from].includes(to)) {
    return `${from} imports only ${ONLY[from].join(', ')}`;
  }
  if (rowOf(from) === rowOf(to)) {
    return SAME_ROW_EDGES.includes(`${from} → ${to}`) ? undefined : 'same row';
  }
  if (rowOf(from) > rowOf(to)) return 'imports point down';
  if (isIn('features', to) && from !== COMPOSITION_ROOT) {
    return 'only the composition root imports features';
  }
  if (isIn('features', from) && isIn('drivers', to)) {
    return 'features know interfaces, not drivers';
  }
  return undefined;
}

/** `@afflux/x/testkit` → `{ name: 'x', subpath: './testkit' }`; undefined for anything else. */
function workspaceImport(specifier: string): { name: string; subpath: string } | undefined {
  const match = /^@afflux\/([^/]+)(\/.*)?$/.exec(specifier);
  return match?.[1] === undefined ? undefined : { name: match[1], subpath: `.${match[2] ?? ''}` };
}

function isBuiltin(specifier: string): boolean {
  return specifier.startsWith('node:') || builtinModules.includes(specifier);
}

/** The installed package behind a specifier: `@scope/name/sub` → `@scope/name`. */
function libraryOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

function declared(manifest: Manifest | undefined): Record<string, string> {
  return {
    ...manifest?.dependencies,
    ...manifest?.optionalDependencies,
    ...manifest?.peerDependencies,
  };
}

/** One line per import that `why` objects to. */
function objections(
  why: (file: SourceFile, specifier: string) => string | undefined,
  among: readonly SourceFile[] = files,
): string[] {
  return among.flatMap((file) =>
    file.imports.flatMap((specifier) => {
      const reason = why(file, specifier);
      return reason === undefined ? [] : [`${shown(file.path)} imports ${specifier}: ${reason}`];
    }),
  );
}

/** The first circle found from each node, as the list of nodes on it. */
function circles(edges: ReadonlyMap<string, readonly string[]>): string[][] {
  const done = new Set<string>();
  const found: string[][] = [];
  const visit = (node: string, path: readonly string[]): void => {
    const start = path.indexOf(node);
    if (start !== -1) found.push([...path.slice(start), node]);
    if (start !== -1 || done.has(node)) return;
    for (const next of edges.get(node) ?? []) visit(next, [...path, node]);
    done.add(node);
  };
  for (const node of edges.keys()) visit(node, []);
  return found;
}

describe('the table itself', () => {
  test('names exactly the packages there are', () => {
    expect(ROWS.flatMap(({ packages }) => packages).sort()).toEqual([...packageNames].sort());
  });

  test('allows what points down and refuses the rest', () => {
    expect(refusal('broker', 'kernel')).toBeUndefined();
    expect(refusal('filters', 'events')).toBeUndefined();
    expect(refusal('control', 'resources')).toBeUndefined();
    expect(refusal('events', 'filters')).toBe('same row');
    expect(refusal('broker', 'messaging')).toBe('same row');
    expect(refusal('kernel', 'events')).toBe('imports point down');
    expect(refusal('cli', 'broker')).toBe('only the composition root imports features');
    expect(refusal('broker', 'observability')).toBe('features know interfaces, not drivers');
    expect(refusal('ingress', 'filters')).toBe('ingress imports only kernel, events');
    expect(refusal('broker', 'nowhere')).toBe('there is no package nowhere');
  });

  test('finds a circle of any length, and none in a diamond', () => {
    const circle = new Map([
      ['a', ['b']],
      ['b', ['c']],
      ['c', ['a']],
    ]);
    expect(circles(circle)).toEqual([['a', 'b', 'c', 'a']]);
    const diamond = new Map([
      ['a', ['b', 'c']],
      ['b', ['d']],
      ['c', ['d']],
    ]);
    expect(circles(diamond)).toEqual([]);
  });
});

test('every form of import is seen, and types are told from what is evaluated', () => {
  const text = `
    import a from './a.ts';
    import type { B } from './b.ts';
    import { type C } from './c.ts';
    import './d.ts';
    export { e } from './e.ts';
    export type { F } from './f.ts';
    const g = await import('./g.ts');
    type H = import('./h.ts').H;
    define(['./not-an-import.ts']); // import x from './comment.ts'
    const text = "import './text.ts'";`;
  const named = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((name) => `./${name}.ts`);
  expect(namedImports(text)).toEqual(named);
  expect(evaluatedImports(text)).toEqual(['./a.ts', './c.ts', './d.ts', './e.ts']);
});

describe('edges between packages', () => {
  test.each(packageNames)('%s declares only dependencies the table allows', (name) => {
    const all = { ...declared(manifests.get(name)), ...manifests.get(name)?.devDependencies };
    const refused = Object.keys(all).flatMap((dependency) => {
      const to = workspaceImport(dependency)?.name;
      const reason = to === undefined ? undefined : refusal(name, to);
      return reason === undefined ? [] : [`${name} → ${dependency}: ${reason}`];
    });
    expect(refused).toEqual([]);
  });

  test.each(packageNames)('%s references in tsconfig.json what it depends on', (name) => {
    const { references = [] } = readJson(join(PACKAGES, name, 'tsconfig.json')) as {
      references?: { path: string }[];
    };
    const dependencies = Object.keys({
      ...declared(manifests.get(name)),
      ...manifests.get(name)?.devDependencies,
    }).flatMap((dependency) => workspaceImport(dependency)?.name ?? []);
    expect(references.map(({ path }) => path).sort()).toEqual(
      dependencies.map((dependency) => `../${dependency}`).sort(),
    );
  });

  test('imports follow the table', () => {
    const refused = objections((file, specifier) => {
      const to = workspaceImport(specifier)?.name;
      return to === undefined ? undefined : refusal(file.inPackage, to);
    });
    expect(refused).toEqual([]);
  });

  test('imports use what a package offers, never its inside', () => {
    const deep = objections((file, specifier) => {
      const target = workspaceImport(specifier);
      if (target === undefined) return undefined;
      if (target.name === file.inPackage) return 'a package imports itself by relative path';
      const offered = manifests.get(target.name)?.exports ?? {};
      return target.subpath in offered ? undefined : 'not in its exports';
    });
    expect(deep).toEqual([]);
  });

  test('relative imports stay inside their package and name the .ts file', () => {
    const strays = objections((file, specifier) => {
      if (!specifier.startsWith('.')) return undefined;
      const target = resolve(dirname(file.path), specifier);
      if (!target.startsWith(join(PACKAGES, file.inPackage) + '/')) return 'leaves its package';
      return file.path.endsWith('.ts') && !/\.(ts|json)$/.test(specifier)
        ? 'does not end in .ts'
        : undefined;
    });
    expect(strays).toEqual([]);
  });

  test('imports are declared in package.json', () => {
    const undeclared = objections((file, specifier) => {
      if (specifier.startsWith('.') || isBuiltin(specifier)) return undefined;
      const library = libraryOf(specifier);
      const manifest = manifests.get(file.inPackage);
      const known = { ...declared(manifest), ...(file.isTest ? manifest?.devDependencies : {}) };
      if (library in known || (file.isTest && testTools.includes(library))) return undefined;
      return 'not in its package.json';
    });
    expect(undeclared).toEqual([]);
  });

  test('third-party libraries stay in their homes', () => {
    const strays = objections((file, specifier) => {
      if (specifier.startsWith('.') || isBuiltin(specifier)) return undefined;
      if (workspaceImport(specifier) !== undefined) return undefined;
      const library = libraryOf(specifier);
      if (file.isTest && testTools.includes(library)) return undefined;
      const homes = THIRD_PARTY[library] ?? THIRD_PARTY[library.split('/')[0] ?? ''] ?? [];
      const isHome = homes.includes(file.inPackage) || file.path.endsWith('.test.ts');
      return isHome ? undefined : `its homes are: ${homes.join(', ') || 'none'}`;
    });
    expect(strays).toEqual([]);
  });

  test('ground and model do no I/O', () => {
    const pure = files.filter(
      (file) => !file.isTest && (isIn('ground', file.inPackage) || isIn('model', file.inPackage)),
    );
    const impure = objections((_file, specifier) => {
      const builtin = specifier.replace(/^node:/, '');
      const isPure = !isBuiltin(specifier) || BUILTINS_WITHOUT_IO.includes(builtin);
      return isPure ? undefined : 'it can do I/O';
    }, pure);
    expect(impure).toEqual([]);
  });
});

describe('inside a package', () => {
  test('data plane and control plane of a feature do not import each other', () => {
    const features = files.filter((file) => isIn('features', file.inPackage) && !file.isTest);
    const plane = (path: string): 'data' | 'control' | undefined => {
      const folder = /\/packages\/[^/]+\/src\/([^/]+)\//.exec(path)?.[1] ?? '';
      if (DATA_PLANE.includes(folder)) return 'data';
      return CONTROL_PLANE.includes(folder) ? 'control' : undefined;
    };
    const crossings = objections((file, specifier) => {
      if (!specifier.startsWith('.')) return undefined;
      const from = plane(file.path);
      const to = plane(resolve(dirname(file.path), specifier));
      if (from === undefined || to === undefined || from === to) return undefined;
      return `${from} plane → ${to} plane`;
    }, features);
    expect(crossings).toEqual([]);
  });

  test.each(packageNames)('%s has no import circles', (name) => {
    const edges = new Map(
      files
        .filter((file) => file.inPackage === name)
        .map((file) => [
          shown(file.path),
          file.evaluated
            .filter((specifier) => specifier.startsWith('.'))
            .map((specifier) => shown(resolve(dirname(file.path), specifier))),
        ]),
    );
    expect(circles(edges)).toEqual([]);
  });

  test(`files outside tests have at most ${String(LINES_MAX)} lines`, () => {
    const long = files.filter((file) => !file.path.endsWith('.test.ts') && file.lines > LINES_MAX);
    expect(long.map((file) => `${shown(file.path)}: ${String(file.lines)}`)).toEqual([]);
  });

  test('an index re-exports by name', () => {
    const indexes = files.filter((file) => file.path.endsWith('/index.ts'));
    expect(
      indexes.filter((file) => /^export \*/m.test(file.text)).map((f) => shown(f.path)),
    ).toEqual([]);
  });

  test.each(packageNames)(
    '%s has a README that lists its error codes, and a test of that',
    (name) => {
      const folder = join(PACKAGES, name);
      expect(existsSync(join(folder, 'README.md')), 'README.md').toBe(true);
      const errors = files.find((file) => file.path === join(folder, 'src/errors.ts'));
      if (errors === undefined) return;
      expect(existsSync(join(folder, 'src/errors.test.ts')), 'src/errors.test.ts').toBe(true);
      const readme = readFileSync(join(folder, 'README.md'), 'utf8');
      const codes = new Set(errors.text.match(/AFFLUX_[A-Z0-9_]+/g));
      expect([...codes].filter((code) => !readme.includes(code))).toEqual([]);
    },
  );

  test('errors are defined in src/errors.ts, so that it reads as the list of what can go wrong', () => {
    const elsewhere = files.filter(
      (file) =>
        !file.isTest &&
        !file.path.endsWith('/src/errors.ts') &&
        /extends AffluxError\b/.test(file.text),
    );
    expect(elsewhere.map((file) => shown(file.path))).toEqual([]);
  });

  test('an error code belongs to one package', () => {
    const owners = new Map<string, Set<string>>();
    for (const file of files.filter(({ path }) => path.endsWith('/src/errors.ts'))) {
      for (const [, code = ''] of file.text.matchAll(/'(AFFLUX_[A-Z0-9_]+)'/g)) {
        owners.set(code, (owners.get(code) ?? new Set()).add(file.inPackage));
      }
    }
    const shared = [...owners].filter(([, packages]) => packages.size > 1);
    expect(shared.map(([code, packages]) => `${code}: ${[...packages].join(', ')}`)).toEqual([]);
  });
});
