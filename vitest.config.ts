import { readdirSync } from 'node:fs';
import { defineConfig, type ViteUserConfig } from 'vitest/config';

/** Packages are tested from their sources: no build is needed before `vitest`. */
const conditions = ['@edjm/source', 'node', 'import', 'module', 'default'];

const roots = [...readdirSync('packages').map((name) => `packages/${name}`), 'apps/cli', 'scripts'];

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
