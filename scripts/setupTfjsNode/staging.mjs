import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** The files that tfjs-node adds to its package on installation. */
const made = ['deps', 'lib'];
const notPublished = new Set([...made, 'build-tmp-napi-v8', 'node_modules']);

const prefix = '.tfjs-node-setup-';

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** The folder of this process's copy of the package. */
export function stagingFolder(packageFolder) {
  return join(dirname(packageFolder), `${prefix}${process.pid}`);
}

/**
 * A fresh copy of the package beside it, so that it finds the same dependencies. All work is done in the copy: the
 * package's files may be hard links into the package manager's store, which nobody may edit, and an interruption
 * leaves the package as it was. Removes the remains of interrupted runs.
 */
export function stage(packageFolder) {
  const parent = dirname(packageFolder);
  for (const name of readdirSync(parent)) {
    if (name.startsWith(prefix) && !isAlive(Number(name.slice(prefix.length)))) unstage(join(parent, name));
  }
  const staged = stagingFolder(packageFolder);
  unstage(staged);
  mkdirSync(staged);
  for (const name of readdirSync(packageFolder)) {
    if (!notPublished.has(name)) {
      cpSync(join(packageFolder, name), join(staged, name), { recursive: true });
    }
  }
  return staged;
}

/** Moves the new files of the copy into the package, in place of those of an earlier run. */
export function promote(staged, packageFolder) {
  for (const name of made) {
    const old = join(staged, `old-${name}`);
    if (existsSync(join(packageFolder, name))) renameSync(join(packageFolder, name), old);
    renameSync(join(staged, name), join(packageFolder, name));
  }
}

export function unstage(staged) {
  if (!basename(staged).startsWith(prefix)) throw new Error(`expected a copy made here, got ${staged}`);
  rmSync(staged, { recursive: true, force: true, maxRetries: 3 });
}
