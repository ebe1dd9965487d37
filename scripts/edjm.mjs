/**
 * The command, from the sources: brings the build up to date (silently, about 0.1 s if nothing changed), then
 * runs it in this process, so that output, signals and exit codes are the command's own.
 */
import { fileURLToPath } from 'node:url';
import { turbo } from './turbo.mjs';

const main = new URL('../apps/cli/dist/main.js', import.meta.url);

const build = turbo(['run', 'build', '--filter=edjm', '--output-logs=errors-only'], { stdio: 'pipe' });
if (build.status !== 0) {
  process.stderr.write(build.stdout);
  process.stderr.write(build.stderr);
  process.exit(1);
}

// pnpm runs scripts in the root: paths given to `pnpm edjm` are relative to the caller's working directory.
if (process.env.npm_lifecycle_event === 'edjm' && process.env.INIT_CWD !== undefined) {
  process.chdir(process.env.INIT_CWD);
}

process.argv[1] = fileURLToPath(main);
await import(main.href);
