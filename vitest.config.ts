import { readdirSync } from 'node:fs';
import { defineConfig, type ViteUserConfig } from 'vitest/config';

/**
 * Packages are tested from their sources: no build is needed before `vitest`. Node gets these conditions too, where `import` would make
 * `require` find modules that it is not for.
 */
const conditions = ['@edjm/source', 'node'];

const roots = [
  ...readdirSync('packages').map((name) => `packages/${name}`),
  'apps/cli',
  'scripts',
  'testing',
];

const config: ViteUserConfig = defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    projects: roots.map((root) => ({
      extends: true as const,
      test: { name: root, include: [`${root}/test/**/*.test.ts`], testTimeout: 60_000 },
    })),
  },
});

export default config;
