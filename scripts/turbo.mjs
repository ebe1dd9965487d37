import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const turboBin = createRequire(import.meta.url).resolve('turbo/bin/turbo');
const root = fileURLToPath(new URL('..', import.meta.url));

/** Runs turbo in the repository's root, without telemetry. */
export function turbo(args, { stdio = 'inherit' } = {}) {
  return spawnSync(process.execPath, [turboBin, ...args], {
    cwd: root,
    stdio,
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1' },
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.exitCode = turbo(process.argv.slice(2)).status ?? 1;
}
