import { readFileSync } from 'node:fs';
import { defineConfig, type UserConfig } from 'tsdown';

/** What a package's manifest says of its sources. */
const { exports } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  readonly exports?: Readonly<Record<string, { readonly '@edjm/source': string }>>;
};

/** One build for every package: ESM and declarations of all that it exports. */
const config: UserConfig = defineConfig({
  cwd: process.cwd(),
  entry: Object.values(exports ?? {}).map((face) => face['@edjm/source']),
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
