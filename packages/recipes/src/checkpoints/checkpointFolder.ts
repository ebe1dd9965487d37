import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { EdjmError } from '@edjm/core';
import type { CheckpointStore } from './checkpointOptions.ts';

/** Always the same name, so that the next checkpoint overwrites the remains of a killed run. */
const TEMPORARY = 'checkpoint.tmp';

/**
 * A folder for the checkpoints of one run; it is made if it is missing. A checkpoint is written under another name, brought to the disk, and
 * renamed: a run that is killed, or a full disk, leaves those before as they were.
 *
 * @example
 * ```ts
 * import type { TrainableNetwork } from '@edjm/core';
 * import { checkpointFolder, train, type TrainingData } from '@edjm/recipes';
 *
 * declare const network: TrainableNetwork;
 * declare const data: TrainingData;
 * await train(network, data, { checkpoints: { store: checkpointFolder('runs/1'), resume: true } });
 * ```
 */
export function checkpointFolder(folder: string): CheckpointStore {
  const inFolder = async <T>(work: () => Promise<T>, toDo: string): Promise<T> =>
    work().catch((cause: unknown) => {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new EdjmError(
        'INVALID_FILE',
        `${folder}: expected ${toDo}, got: ${reason}. Choose another place.`,
        {
          cause,
        },
      );
    });
  return {
    name: folder,
    list: () => inFolder(() => namesIn(folder), 'a folder of checkpoints'),
    read: (name) => inFolder(() => readFile(join(folder, name)), `to read ${name}`),
    write: (name, bytes) => inFolder(() => write(folder, name, bytes), 'a folder that can be written to'),
    remove: (name) => inFolder(() => rm(join(folder, name), { force: true }), `to remove ${name}`),
  };
}

async function namesIn(folder: string): Promise<readonly string[]> {
  await mkdir(folder, { recursive: true });
  const names = await readdir(folder);
  return names.filter((name) => name.startsWith('checkpoint-') && name.endsWith('.safetensors'));
}

async function write(folder: string, name: string, bytes: Uint8Array): Promise<void> {
  const temporary = join(folder, TEMPORARY);
  try {
    await mkdir(folder, { recursive: true });
    await using file = await open(temporary, 'w');
    // Goes on after a write that has taken a part of the bytes, so that a disk that fills up is an error.
    await file.writeFile(bytes);
    await file.sync();
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await rename(temporary, join(folder, name));
  await syncFolder(folder);
}

/** Brings the new name to the disk, if the system can do so for a folder. */
async function syncFolder(folder: string): Promise<void> {
  try {
    await using handle = await open(folder, 'r');
    await handle.sync();
  } catch {
    // Windows opens no folders; there the name is as safe as the file system makes it.
  }
}
