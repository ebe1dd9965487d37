import { fileURLToPath } from 'node:url';
import { build } from 'vite';

/** Files of a bundle by their path, such as `page.js`. */
export type Bundle = ReadonlyMap<string, string | Uint8Array>;

/**
 * Bundles modules for browsers, each by its name: from the sources, as vite does it for an application. `sources` has the
 * modules that are no files.
 */
export async function bundle(
  input: Readonly<Record<string, string>>,
  sources: Readonly<Record<string, string>> = {},
): Promise<Bundle> {
  const result = await build({
    root: fileURLToPath(new URL('.', import.meta.url)),
    configFile: false,
    logLevel: 'error',
    base: './',
    resolve: { conditions: ['@edjm/source', 'module', 'browser', 'import', 'default'] },
    plugins: [
      {
        name: 'sources',
        resolveId: (id) => (id in sources ? fileURLToPath(new URL(`${id}.ts`, import.meta.url)) : undefined),
        load: (id) => Object.entries(sources).find(([name]) => id.endsWith(`/${name}.ts`))?.[1],
      },
    ],
    build: {
      write: false,
      target: 'esnext',
      minify: false,
      modulePreload: false,
      rolldownOptions: {
        input,
        preserveEntrySignatures: 'strict',
        output: { entryFileNames: '[name].js' },
        onLog(level, log) {
          if (level === 'warn') throw new Error(`expected a bundle without warnings, got: ${log.message}`);
        },
      },
    },
  });
  if (!('output' in result)) throw new Error('expected one bundle');
  return new Map(
    result.output.map((file) => [file.fileName, file.type === 'chunk' ? file.code : file.source] as const),
  );
}
