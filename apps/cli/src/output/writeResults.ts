import { constants, type Stats } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { access, mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { EdjmError } from '@edjm/core';
import { uninterrupted } from './uninterrupted.ts';

/**
 * Refuses a place for results before work starts: if it is no folder, if no folder can be made there, or if a folder has the name of one
 * of the files.
 *
 * @param names - of the files. Defaults to those of an analysis.
 * @throws EdjmError `INVALID_ARGUMENT`, `INVALID_FILE`.
 */
export async function checkFolder(
  folder: string | undefined,
  names: readonly string[] = Object.values(resultNames),
): Promise<void> {
  if (folder === undefined) return;
  if (folder === '') {
    throw new EdjmError('INVALID_ARGUMENT', '--out: expected a folder, got an empty name. Name one.');
  }
  const found = await statIfThere(folder).catch((error: unknown) => {
    throw unwritable(folder, error);
  });
  if (found && !found.isDirectory()) {
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `--out ${folder}: expected a folder, got a file. Choose another place.`,
    );
  }
  await access(found ? folder : await nearestFolder(folder), constants.W_OK).catch((error: unknown) => {
    throw unwritable(folder, error);
  });
  for (const name of names) {
    const there = await statIfThere(join(folder, name)).catch((error: unknown) => {
      throw unwritable(folder, error);
    });
    if (!there?.isDirectory()) continue;
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `--out ${folder}: expected a place for ${name}, got a folder of that name. Choose another place.`,
    );
  }
}

/** The files of an analysis. */
export const resultNames = { report: 'report.json', picture: 'spectrum.svg', page: 'report.html' } as const;

/** The existing entry, if there is one. */
export async function statIfThere(path: string): Promise<Stats | undefined> {
  return stat(path).catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  });
}

/** The folder that exists, of those that a path leads through. */
async function nearestFolder(path: string): Promise<string> {
  const parent = dirname(resolve(path));
  return (await statIfThere(parent)) ? parent : nearestFolder(parent);
}

/** Step by step: Node's own recursive mkdir never ends where the file system answers that a folder it should make is missing. */
async function makeFolder(folder: string): Promise<void> {
  if (await statIfThere(folder)) return;
  await makeFolder(dirname(resolve(folder)));
  await mkdir(folder).catch((error: unknown) => {
    // Another run may have made it meanwhile.
    if (!hasCode(error, 'EEXIST')) throw error;
  });
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

/**
 * Writes files into a folder, by their paths in it; folders are made if they are missing. They are written under other names, and get their own once all
 * of them are on the disk: on a full one what was there stays.
 */
export async function writeResults(
  folder: string,
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<void> {
  const written = Object.entries(files).map(([name, content]) => {
    const path = join(folder, name);
    return { path, content, temporary: `${path}.${randomUUID()}.tmp` };
  });
  try {
    await uninterrupted(async () => {
      for (const { path } of written) await makeFolder(dirname(path));
      for (const { temporary, content } of written) await writeFile(temporary, content, { flush: true });
      for (const { temporary, path } of written) await rename(temporary, path);
    });
  } catch (cause) {
    for (const { temporary } of written) {
      // A failed removal, such as below a file in place of a folder, must not hide why nothing could be written.
      await rm(temporary, { force: true }).catch(() => undefined);
    }
    throw unwritable(folder, cause);
  }
}

function unwritable(folder: string, cause: unknown): EdjmError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new EdjmError(
    'INVALID_FILE',
    `--out ${folder}: expected a folder that can be written to, got: ${reason}. Choose another place.`,
    { cause },
  );
}
