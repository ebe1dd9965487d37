import js from '@eslint/js';
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import { importX } from 'eslint-plugin-import-x';
import jsdoc from 'eslint-plugin-jsdoc';
import tseslint from 'typescript-eslint';

/**
 * Who may import whom: the other packages that the sources of a package may import, and those that its tests may import
 * besides; all tests may import testing. Arrows point one way only: a line names packages of the lines above it. A test keeps the table
 * to what is used.
 */
const mayImport = {
  testing: { src: [], test: [] },
  'packages/linalg': { src: [], test: [] },
  'packages/core': { src: ['linalg'], test: [] },
  'packages/files': { src: ['core'], test: [] },
  'packages/network': { src: ['linalg', 'core', 'files'], test: [] },
  'packages/onnx-autodiff': { src: ['core'], test: [] },
  'packages/conformance': { src: ['linalg', 'core', 'network'], test: [] },
  'packages/plot': { src: ['core'], test: [] },
  'packages/datasets': { src: ['core', 'files'], test: [] },
  'packages/backend-cpu': { src: ['core', 'network'], test: ['conformance'] },
  'packages/metrics': { src: ['linalg', 'core'], test: ['network', 'conformance', 'backend-cpu'] },
  'packages/regularizers': { src: ['linalg', 'core', 'network'], test: ['backend-cpu'] },
  'packages/backend-onnx': {
    src: ['core', 'files', 'network', 'onnx-autodiff'],
    test: ['linalg', 'conformance', 'backend-cpu', 'datasets', 'metrics'],
  },
  'packages/backend-tfjs': {
    src: ['linalg', 'core', 'files', 'network'],
    test: ['conformance', 'backend-cpu', 'backend-onnx', 'datasets', 'metrics'],
  },
  'packages/recipes': {
    src: ['linalg', 'core', 'network', 'metrics', 'regularizers'],
    test: ['datasets', 'backend-cpu', 'backend-onnx', 'backend-tfjs'],
  },
  'apps/*': 'everything',
  benchmarks: 'everything',
  examples: 'everything',
};

/** Engines and libraries that one package alone may import; benchmarks and examples run them side by side with ours. */
const onlyImporter = {
  'ml-matrix': 'packages/linalg',
  '@tensorflow/': 'packages/backend-tfjs',
  'onnxruntime-': 'packages/backend-onnx',
};

/** The faces of packages that have two. What runs in a page must not bring in what runs in Node. */
const otherFaces = ['backend-tfjs/layers', 'testing/page'];

const oneFace = {
  regex: `^@edjm/(?!(${otherFaces.join('|')})$)[^/]+/`,
  message: "The whole face of a package is its name: import from '@edjm/x', not from inside it.",
};

/** What files in `folder` may not import, given the packages that they may. */
function forbiddenImports(folder, packages) {
  const engines = Object.entries(onlyImporter)
    .filter(([, importer]) => importer !== folder && folder !== 'benchmarks' && folder !== 'examples')
    .map(([library, importer]) => ({
      regex: `^${library}`,
      message: `Only ${importer} may import ${library}*.`,
    }));
  if (packages === 'everything') return [oneFace, ...engines];
  const otherPackages = {
    regex: `^(edjm$|@edjm/(?!(${packages.join('|')})(/|$))[^/]+(/|$))`,
    message: `Of our packages, ${folder} may import: ${packages.join(', ') || 'none'}. The table is in eslint.config.js.`,
  };
  return [oneFace, otherPackages, ...engines];
}

const doubleAssertion = {
  selector: 'TSAsExpression > TSAsExpression > TSUnknownKeyword',
  message: 'Find the type that holds instead of `as unknown as`.',
};

/** Rules of `files` that forbid `imports`, both as statements and as `await import()`. */
function forbid(files, imports) {
  const dynamicImports = imports.map(({ regex, message }) => ({
    selector: `ImportExpression[source.value=/${regex.replaceAll('/', String.raw`\u002f`)}/]`,
    message,
  }));
  return {
    files,
    rules: {
      'no-restricted-imports': ['error', { patterns: imports }],
      'no-restricted-syntax': ['error', doubleAssertion, ...dynamicImports],
    },
  };
}

const whoMayImportWhom = Object.entries(mayImport).flatMap(([folder, packages]) => {
  if (packages === 'everything') return forbid([`${folder}/**`], forbiddenImports(folder, packages));
  const inTests = [folder.replace('packages/', ''), 'testing', ...packages.src, ...packages.test];
  return [
    forbid([`${folder}/**`], forbiddenImports(folder, packages.src)),
    forbid([`${folder}/test/**`], forbiddenImports(folder, inTests)),
  ];
});

/** What JavaScript files use of Node's globals; in TypeScript the compiler knows them. */
const nodeGlobals = Object.fromEntries(
  ['Buffer', 'URL', 'console', 'performance', 'process', 'setTimeout'].map((name) => [name, 'readonly']),
);

export default tseslint.config(
  {
    ignores: [
      '**/dist/',
      '**/generated/',
      // AssemblyScript: its own compiler checks it.
      'packages/linalg/kernels/**/*.ts',
      'apps/docs/reference/',
      'apps/docs/.vitepress/cache/',
      'edjm-demo/',
    ],
  },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        // One program for all is faster than one for each package.
        project: ['tsconfig.json', 'apps/docs/tsconfig.json'],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    plugins: { 'import-x': importX },
    settings: {
      'import-x/extensions': ['.ts'],
      'import-x/resolver-next': [
        createTypeScriptImportResolver({
          project: 'tsconfig.json',
          conditionNames: ['@edjm/source', 'import', 'default'],
        }),
      ],
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/max-params': ['error', { max: 3 }],
      // A contract is asynchronous for the sake of engines that are; `async` turns what others throw into rejections.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      'import-x/no-default-export': 'error',
      'import-x/no-relative-packages': 'error',
      'max-lines': ['error', { max: 400 }],
      'no-console': 'error',
    },
  },
  {
    files: ['packages/*/src/**/*.ts'],
    plugins: { jsdoc },
    rules: {
      'jsdoc/require-jsdoc': [
        'error',
        {
          publicOnly: true,
          require: { ClassDeclaration: true, FunctionDeclaration: true },
          contexts: [
            'TSInterfaceDeclaration',
            'TSTypeAliasDeclaration',
            'ExportNamedDeclaration > VariableDeclaration',
          ],
        },
      ],
    },
  },
  {
    files: ['**/test/**'],
    rules: { '@typescript-eslint/no-non-null-assertion': 'off' },
  },
  {
    files: ['apps/cli/**', 'benchmarks/**', 'examples/**', 'scripts/**'],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['**/*.config.{js,ts}', '**/.vitepress/**'],
    rules: { 'import-x/no-default-export': 'off' },
  },
  {
    files: ['**/*.{js,mjs}'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: { globals: nodeGlobals },
  },
  whoMayImportWhom,
);
