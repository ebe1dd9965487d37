import { EdjmError } from '@edjm/core';
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from './checkpoint.ts';
import type { CheckpointOptions, CheckpointStore } from './checkpointOptions.ts';
import { differences, type Fingerprint } from './fingerprint.ts';

/** Where a run goes on. */
export interface FoundCheckpoint {
  readonly name: string;
  readonly checkpoint: Checkpoint;
  /** Names of newer ones that are not whole. */
  readonly damaged: readonly string[];
}

/**
 * The newest whole checkpoint, if a run is to resume from one.
 *
 * @throws EdjmError `INVALID_ARGUMENT` if it is of another run, or if there are checkpoints and the run is to begin; `INVALID_FILE` where
 * none is whole.
 */
export async function findCheckpoint(
  { store, resume = false }: CheckpointOptions,
  fingerprint: Fingerprint,
): Promise<FoundCheckpoint | undefined> {
  const names = [...(await store.list())].sort().reverse();
  const [newest] = names;
  if (newest === undefined) return undefined;
  if (!resume) {
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `${store.name}: expected no checkpoints at the start of a run, got ${newest}. Resume with resume: true, or choose another place.`,
    );
  }
  const found = await newestWhole(store, names);
  const differing = differences(found.checkpoint.fingerprint, fingerprint);
  if (differing.length === 0) return found;
  throw new EdjmError(
    'INVALID_ARGUMENT',
    `${store.name}, ${found.name}: expected a checkpoint of this run, got one of another: they differ in ${differing.join('; ')}. Give the options that it began with, or start anew in another place.`,
  );
}

async function newestWhole(store: CheckpointStore, names: readonly string[]): Promise<FoundCheckpoint> {
  const damaged: string[] = [];
  let cause: unknown;
  for (const name of names) {
    // A checkpoint that cannot be read may be whole: an error of the disk or of rights is no damage.
    const bytes = await store.read(name);
    try {
      return { name, checkpoint: await decodeCheckpoint(name, bytes), damaged };
    } catch (error) {
      if (!EdjmError.is(error, 'INVALID_FILE')) throw error;
      cause = error;
      damaged.push(name);
    }
  }
  const reason = cause instanceof Error ? cause.message : String(cause);
  throw new EdjmError(
    'INVALID_FILE',
    `${store.name}: expected a whole checkpoint among ${damaged.join(', ')}, got none: ${reason}`,
    { cause },
  );
}

/** The name of the checkpoint after so many steps of a run: later ones come later in the order of names. */
function checkpointName(steps: number): string {
  return `checkpoint-${String(steps).padStart(12, '0')}.safetensors`;
}

/**
 * Writes a checkpoint, then removes all but this, the one before and that of the best epoch.
 *
 * @param steps - of the run, and up to the end of its best epoch.
 */
export async function saveCheckpoint(
  store: CheckpointStore,
  checkpoint: Checkpoint,
  steps: { readonly done: number; readonly best: number | undefined },
): Promise<void> {
  const name = checkpointName(steps.done);
  await store.write(name, await encodeCheckpoint(checkpoint));
  const names = [...(await store.list())].sort();
  const before = names.filter((other) => other < name).at(-1);
  const best = steps.best === undefined ? undefined : checkpointName(steps.best);
  for (const other of names) {
    if (other !== name && other !== before && other !== best) await store.remove(other);
  }
}
