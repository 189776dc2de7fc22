/**
 * Lint rules. Formatting is prettier's business; layers between packages are checked by test/layers.test.ts.
 * The type-aware rules are the point: floating and misused promises, exhaustive switches, unsafe `any`.
 */
import { defineConfig, globalIgnores } from 'eslint/config';
import { createNodeResolver, importX } from 'eslint-plugin-import-x';
import n from 'eslint-plugin-n';
import { fileURLToPath } from 'node:url';
import tseslint from 'typescript-eslint';

const ROOT = fileURLToPath(new URL('.', import.meta.url));

const TEST_FILES = ['**/*.test.ts', 'test/**'];

/** Where the process itself is at hand: the real clock, the composition root, the command, tests. */
const MAY_TOUCH_THE_PROCESS = [
  'packages/kernel/**',
  'packages/server/**',
  'packages/cli/**',
  ...TEST_FILES,
];

const ASK_THE_CLOCK = 'Take a Clock from @afflux/kernel, so that tests can move time.';
const ASK_RANDOM = 'Take a Random or NewId from @afflux/kernel, so that tests can repeat it.';
const ASK_CONFIG = 'Take parsed configuration: only server and cli read the environment.';

const TIMERS = ['setTimeout', 'setInterval', 'setImmediate'];
const RANDOM_SOURCES = [
  'randomUUID',
  'randomBytes',
  'randomInt',
  'randomFillSync',
  'getRandomValues',
];

/** Time, chance and environment are parameters (style §5): the globals behind them are out of bounds. */
const noHiddenInputs = {
  'no-restricted-globals': [
    'error',
    {
      checkGlobalObject: true,
      globals: [
        ...TIMERS.map((name) => ({ name, message: ASK_THE_CLOCK })),
        { name: 'performance', message: ASK_THE_CLOCK },
      ],
    },
  ],
  'no-restricted-properties': [
    'error',
    { object: 'Date', property: 'now', message: ASK_THE_CLOCK },
    { object: 'process', property: 'hrtime', message: ASK_THE_CLOCK },
    { object: 'Math', property: 'random', message: ASK_RANDOM },
    ...RANDOM_SOURCES.map((property) => ({ object: 'crypto', property, message: ASK_RANDOM })),
    { object: 'process', property: 'env', message: ASK_CONFIG },
    { object: 'process', property: 'argv', message: ASK_CONFIG },
  ],
  'no-restricted-syntax': [
    'error',
    { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: ASK_THE_CLOCK },
    { selector: "CallExpression[callee.name='Date']", message: ASK_THE_CLOCK },
  ],
  'no-restricted-imports': [
    'error',
    {
      paths: [
        ...['node:crypto', 'crypto'].map((name) => ({
          name,
          importNames: [...RANDOM_SOURCES, 'webcrypto'],
          message: ASK_RANDOM,
        })),
        ...['node:timers', 'node:timers/promises', 'timers', 'timers/promises'].map((name) => ({
          name,
          message: ASK_THE_CLOCK,
        })),
        ...['node:perf_hooks', 'perf_hooks'].map((name) => ({
          name,
          importNames: ['performance'],
          message: ASK_THE_CLOCK,
        })),
        ...['node:process', 'process'].map((name) => ({
          name,
          importNames: ['env', 'argv', 'hrtime'],
          message: ASK_CONFIG,
        })),
      ],
    },
  ],
};

export default defineConfig(
  globalIgnores(['**/dist/**', '**/bundle/**', '**/coverage/**']),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: ROOT },
    },
    rules: {
      // `void promise` is how code says that somebody else observes the failure (style §5).
      '@typescript-eslint/no-floating-promises': ['error', { ignoreVoid: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreVoidOperator: true }],
      // Off in the preset on purpose upstream; here a forgotten member is a bug (style §2).
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/return-await': ['error', 'error-handling-correctness-only'],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': [
        'error',
        {
          argsIgnorePattern: '^_',
          varsIgnorePattern: '^_',
          caughtErrors: 'none',
          ignoreUsingDeclarations: true,
        },
      ],
    },
  },
  {
    files: ['**/*.js'],
    languageOptions: { globals: { console: 'readonly', process: 'readonly', URL: 'readonly' } },
  },
  {
    files: ['**/*.ts', '**/*.js'],
    plugins: { n, 'import-x': importX },
    settings: {
      node: { version: '>=20.19.0' },
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts'] },
      'import-x/extensions': ['.ts', '.js'],
      'import-x/resolver-next': [
        createNodeResolver({
          extensions: ['.ts', '.js'],
          conditionNames: ['@afflux/source', 'node', 'import', 'default'],
        }),
      ],
    },
    rules: {
      eqeqeq: 'error',
      'no-console': 'error',
      'object-shorthand': 'error',
      'prefer-const': 'error',
      'import-x/no-cycle': 'error',
      'import-x/no-self-import': 'error',
      'import-x/no-duplicates': 'error',
      'n/prefer-node-protocol': 'error',
      'n/no-unsupported-features/es-builtins': 'error',
      'n/no-unsupported-features/node-builtins': 'error',
    },
  },
  {
    files: ['packages/*/src/**/*.ts'],
    ignores: MAY_TOUCH_THE_PROCESS,
    rules: noHiddenInputs,
  },
  {
    // Output of the command and of benchmarks is their purpose.
    files: ['packages/cli/**', 'test/bench/**'],
    rules: { 'no-console': 'off' },
  },
);
