import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { EdjmError } from '@edjm/core';
import writeFileAtomic from 'write-file-atomic';

/**
 * Refuses, before work starts, a place for results that is no folder.
 *
 * @throws EdjmError `INVALID_ARGUMENT`.
 */
export async function checkFolder(folder: string | undefined): Promise<void> {
  if (folder === undefined) return;
  const found = await stat(folder).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw unwritable(folder, error);
  });
  if (found && !found.isDirectory()) {
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `--out ${folder}: expected a folder, got a file. Choose another place.`,
    );
  }
}

/** Writes files into a folder, which is made where it is missing; each appears whole or not at all. */
export async function writeResults(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    for (const [name, content] of Object.entries(files)) await writeFileAtomic(join(folder, name), content);
  } catch (cause) {
    throw unwritable(folder, cause);
  }
}

function unwritable(folder: string, cause: unknown): EdjmError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new EdjmError(
    'INVALID_FILE',
    `--out ${folder}: expected a folder that can be written to, got: ${reason}.`,
    { cause },
  );
}
