/**
 * Checks the package in the current folder as users get it: packs it, makes sure that its manifest names nothing that
 * exists in this repository alone, then runs publint and attw on the tarball.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folder = mkdtempSync(join(tmpdir(), 'edjm-pack-'));
const tarball = join(folder, 'package.tgz');

const run = (command, ...args) => execFileSync(command, args, { stdio: 'inherit' });
const read = (command, ...args) => execFileSync(command, args, { encoding: 'utf8' });

try {
  read('pnpm', 'pack', '--out', tarball);
  const manifest = read('tar', '-xzOf', tarball, 'package/package.json');
  for (const local of ['@edjm/source', 'workspace:', 'catalog:']) {
    if (manifest.includes(local))
      throw new Error(`expected a packed manifest without ${local}, got:\n${manifest}`);
  }
  run('publint', tarball, '--strict');
  if ('exports' in JSON.parse(manifest)) run('attw', tarball, '--profile', 'esm-only');
} finally {
  rmSync(folder, { recursive: true });
}
