import { readdirSync } from 'node:fs';
import { defineConfig, type ViteUserConfigFnObject } from 'vitest/config';
import { testCounts } from './scripts/testCounts.ts';

/**
 * Packages are tested from their sources: no build is needed before `vitest`. Node gets these conditions too. With `import` among them,
 * `require` would find modules that it cannot read.
 */
const conditions = ['@edjm/source', 'node'];

const roots = [
  ...readdirSync('packages').map((name) => `packages/${name}`),
  'apps/cli',
  'scripts',
  'testing',
];

/**
 * `vitest` runs the tests that take minutes together and need nothing but Node. `vitest --mode extended` runs the others: files named
 * `*.extended.test.ts`.
 */
const config: ViteUserConfigFnObject = defineConfig(({ mode }) => {
  const isExtended = mode === 'extended';
  // Files that share a process import a module once: that halves the time of most packages.
  const isolate = isExtended;
  const env = isExtended ? { EDJM_TESTS: 'extended' } : {};
  const tests = (root: string) =>
    isExtended
      ? { include: [`${root}/test/**/*.extended.test.ts`] }
      : { include: [`${root}/test/**/*.test.ts`], exclude: ['**/*.extended.test.ts'] };
  return {
    resolve: { conditions },
    ssr: { resolve: { conditions, externalConditions: conditions } },
    test: {
      reporters: ['default', testCounts(isExtended ? 'extended tests' : 'tests')],
      projects: roots.map((root) => ({
        extends: true as const,
        test: { name: root, ...tests(root), env, isolate, testTimeout: 60_000 },
      })),
    },
  };
});

export default config;
