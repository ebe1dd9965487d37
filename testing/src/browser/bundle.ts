import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Files of a bundle by their path, such as `page.js`. */
export type Bundle = ReadonlyMap<string, string | Uint8Array>;

/** Options of {@link bundle}. */
export interface BundleOptions {
  /** Modules by their new names: paths within the folder. */
  readonly modules: Readonly<Record<string, string>>;
  /** Modules that are no files: the text of each, as if it lay in the folder. Defaults to none. */
  readonly texts?: Readonly<Record<string, string>>;
}

/**
 * Bundles modules for browsers, each by its name: from the sources, as vite does it for an application.
 *
 * @throws Error if the bundler warns of anything.
 */
export async function bundle(folder: URL, { modules, texts = {} }: BundleOptions): Promise<Bundle> {
  const { build } = await import('vite');
  const root = fileURLToPath(folder);
  const entries = Object.entries(modules).map(([name, path]) => [name, join(root, path)] as const);
  const virtual = new Map(Object.entries(texts).map(([name, text]) => [join(root, `${name}.ts`), text]));
  for (const [name] of Object.entries(texts)) entries.push([name, join(root, `${name}.ts`)]);
  const result = await build({
    root,
    configFile: false,
    logLevel: 'error',
    base: './',
    resolve: { conditions: ['@edjm/source', 'module', 'browser', 'import', 'default'] },
    plugins: [
      {
        name: 'texts',
        resolveId: (id) => (virtual.has(id) ? id : undefined),
        load: (id) => virtual.get(id),
      },
    ],
    build: {
      write: false,
      target: 'esnext',
      minify: false,
      modulePreload: false,
      rolldownOptions: {
        input: Object.fromEntries(entries),
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
