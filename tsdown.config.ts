import { defineConfig, type UserConfig } from 'tsdown';

/** One build for every package: ESM and declarations from `src/index.ts`. */
const config: UserConfig = defineConfig({
  cwd: process.cwd(),
  entry: ['src/index.ts'],
  format: 'esm',
  platform: 'neutral',
  target: 'es2023',
  dts: { oxc: true },
  sourcemap: true,
  clean: true,
  fixedExtension: false,
  deps: { neverBundle: [/^node:/] },
});

export default config;
