/**
 * Compiles the kernels to WebAssembly and embeds them: `node kernels/build.mjs [name …]`, all where none is named.
 *
 * Each `kernels/NAME.ts` (AssemblyScript) becomes `src/wasm/generated/NAME.ts`, a module in base64, so that no bundler and no
 * browser needs a further file.
 */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import asc from 'assemblyscript/asc';
import { format, resolveConfig } from 'prettier';

const here = new URL('./', import.meta.url);
const generated = new URL('../src/wasm/generated/', here);

/** What one module needs beyond SIMD. */
const flags = {
  // Its memory may be shared by the threads that work on one matrix.
  symmetric: ['--enable', 'threads', '--sharedMemory', '--maximumMemory', '65536'],
};

/** The module of a kernel file, as bytes. */
export async function compile(name) {
  const stderr = asc.createMemoryStream();
  const files = new Map();
  const { error } = await asc.main(
    [
      `${name}.ts`,
      '--outFile',
      `${name}.wasm`,
      '--runtime',
      'stub',
      '--importMemory',
      '--optimizeLevel',
      '3',
      '--shrinkLevel',
      '0',
      '--converge',
      '--noAssert',
      '--enable',
      'simd',
      '--use',
      'abort=',
      ...(flags[name] ?? []),
    ],
    {
      stderr,
      readFile: (file) => readFile(new URL(file, here), 'utf8').catch(() => null),
      writeFile: (file, contents) => void files.set(file, contents),
      listFiles: () => [],
    },
  );
  if (error) throw new Error(`${name}: ${error.message}\n${stderr.toString()}`, { cause: error });
  return files.get(`${name}.wasm`);
}

/** The TypeScript module that holds it. */
export async function embed(name) {
  const base64 = Buffer.from(await compile(name)).toString('base64');
  const text = `// Generated from kernels/${name}.ts by \`pnpm run kernels\`.\n\n/** A WebAssembly module in base64. */\nexport const ${name}Module: string = '${base64}';\n`;
  const options = await resolveConfig(new URL(`${name}.ts`, generated));
  return format(text, { ...options, parser: 'typescript' });
}

export async function kernelNames() {
  const files = await readdir(here);
  return files.filter((file) => file.endsWith('.ts')).map((file) => file.slice(0, -3));
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  await mkdir(generated, { recursive: true });
  const names = process.argv.length > 2 ? process.argv.slice(2) : await kernelNames();
  for (const name of names) await writeFile(new URL(`${name}.ts`, generated), await embed(name));
}
