/**
 * Runs a benchmark: `pnpm bench main-job --n 1000`. Without a name, lists all benchmarks. A benchmark is a file of
 * `benchmarks/`. Its first comment describes the measurement, then the call.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { turbo } from './turbo.mjs';

const folder = new URL('../benchmarks/', import.meta.url);
const comment = /^\/\*\*\n(?<about>.*?)\n \*\n \* {5}(?<call>pnpm bench (?<name>[\w-]+).*?)\n/s;

const benchmarks = readdirSync(folder)
  .filter((file) => file.endsWith('.ts'))
  .flatMap((file) => {
    const found = comment.exec(readFileSync(new URL(file, folder), 'utf8'))?.groups;
    return found === undefined ? [] : [{ file, ...found }];
  });

const list = benchmarks
  .map(({ call, about }) => `${call}\n${about.replaceAll(/^ \* /gm, '    ')}\n`)
  .join('\n');

function run(file, args) {
  // Some benchmarks time the command as its users run it.
  const build = turbo(['run', 'build', '--filter=edjm', '--output-logs=errors-only']);
  if (build.status !== 0) return build.status ?? 1;
  const tsx = createRequire(new URL('package.json', folder)).resolve('tsx');
  const flags = ['--conditions=@edjm/source', '--import', pathToFileURL(tsx).href];
  const { status } = spawnSync(process.execPath, [...flags, fileURLToPath(new URL(file, folder)), ...args], {
    // pnpm runs scripts in the root: paths are relative to the caller's working directory.
    cwd: process.env.INIT_CWD,
    stdio: 'inherit',
  });
  return status ?? 1;
}

const [name, ...args] = process.argv.slice(2);
const benchmark = benchmarks.find((one) => one.name === name);
if (benchmark !== undefined) {
  process.exitCode = run(benchmark.file, args);
} else if (name === undefined) {
  console.log(list);
} else {
  console.error(`expected a benchmark, got ${name}. Choose one:\n\n${list}`);
  process.exitCode = 1;
}
