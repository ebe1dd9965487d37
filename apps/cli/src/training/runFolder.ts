import { readdir, readFile, rm, rmdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { EdjmError } from '@edjm/core';
import { describeNetwork, type Network } from '@edjm/network';
import { type CheckpointStore, checkpointFolder } from '@edjm/recipes';
import { type TrainingEngine, trainingEngines } from '../trainOptions.ts';
import { checkFolder, statIfThere, writeResults } from '../writeResults.ts';

/** The history of a run, beside what it gave. */
export const HISTORY = 'history.json';

/** What a search tried, beside the best that it found. */
export const SEARCH = 'search.json';

const CHECKPOINTS = 'checkpoints';

/** Which run the checkpoints are of. */
const IDENTITY = `${CHECKPOINTS}/run.json`;

/** What a run that goes on must have in common with the one that was begun, besides what checkpoints say themselves. */
export interface RunIdentity {
  /** The layers that are trained, which their weights do not tell. */
  readonly network: Pick<Network, 'inputShape' | 'layers'>;
  /** Where the weights come from. */
  readonly start: string;
  readonly engine: TrainingEngine;
}

/** The names of the files that a run writes. */
export function resultFiles(name: string): readonly string[] {
  return [`${name}.onnx`, `${name}.safetensors`, `${name}.json`, HISTORY];
}

/**
 * Refuses, before work starts, a folder that results cannot be written to, one with the results of another run, and one where they would
 * take the place of the description that is trained.
 *
 * @param inputs - files that are read.
 * @throws EdjmError `INVALID_ARGUMENT`, `INVALID_FILE`.
 */
export async function checkRunFolder(
  folder: string,
  names: readonly string[],
  { inputs, mayHoldRun }: { readonly inputs: readonly string[]; readonly mayHoldRun: boolean },
): Promise<void> {
  await checkFolder(folder, names);
  const clash = names.find((name) => inputs.some((input) => resolve(input) === resolve(folder, name)));
  if (clash !== undefined) {
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `--out ${folder}: expected a folder without what is trained, got ${clash}, which would be replaced. Choose another place.`,
    );
  }
  if (mayHoldRun) return;
  const checkpoints = (await checkpointsIn(folder)).filter((name) => !isBeginning.test(name));
  const found = [...checkpoints, ...names];
  for (const name of found) {
    if (!(await statIfThere(join(folder, name)))) continue;
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `--out ${folder}: expected a place without a run, got ${name}. Go on with that run by --resume, replace it by --overwrite, or choose another place.`,
    );
  }
}

/** A checkpoint before the first step: nothing is lost with it. */
const isBeginning = /checkpoint-0+\.safetensors$/;

/** Removes the checkpoints of a run that is to be replaced; its results stay until there are others. */
export async function removeCheckpoints(folder: string): Promise<void> {
  for (const name of await checkpointsIn(folder)) await rm(join(folder, name));
  await rm(join(folder, IDENTITY), { force: true });
}

/** Leaves nothing of a run that ended before its first epoch or checkpoint, where nothing else is there. */
export async function removeBeginning(folder: string): Promise<void> {
  const names = await checkpointsIn(folder);
  if (names.length === 0 || !names.every((name) => isBeginning.test(name))) return;
  await removeCheckpoints(folder);
  for (const empty of [join(folder, CHECKPOINTS), folder]) await rmdir(empty).catch(() => undefined);
}

async function checkpointsIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(join(folder, CHECKPOINTS)).catch(() => []);
  return names
    .filter((name) => /^checkpoint-.*\.safetensors$/.test(name))
    .map((name) => `${CHECKPOINTS}/${name}`);
}

/** Whether there is something to go on from. */
export async function hasCheckpoints(folder: string): Promise<boolean> {
  return (await checkpointsIn(folder)).length > 0;
}

/** Where a run keeps its checkpoints; nothing is there before the first one. */
export function runCheckpoints(folder: string, identity: RunIdentity): CheckpointStore {
  const store = checkpointFolder(join(folder, CHECKPOINTS));
  let begun: Promise<void> | undefined;
  return {
    ...store,
    list: async () => ((await hasCheckpoints(folder)) ? store.list() : []),
    write: async (name, bytes) => {
      await (begun ??= writeResults(folder, {
        [IDENTITY]: `${JSON.stringify(asJson(identity), undefined, 2)}\n`,
      }));
      await store.write(name, bytes);
    },
  };
}

/**
 * The engine of the run that is to go on, where there is one.
 *
 * @throws EdjmError `INVALID_ARGUMENT` where that run is one of another network, or began with other weights.
 */
export async function engineOfRun(
  folder: string,
  identity: Omit<RunIdentity, 'engine'>,
): Promise<TrainingEngine | undefined> {
  if (!(await hasCheckpoints(folder))) return undefined;
  const found = await readIdentity(join(folder, IDENTITY));
  const expected = asJson(identity);
  const what =
    JSON.stringify(found['network']) !== JSON.stringify(expected.network)
      ? 'of this network, got one of other layers'
      : found['start'] !== identity.start
        ? `that began with ${identity.start}, got one that began with ${String(found['start'])}`
        : undefined;
  if (what !== undefined) {
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `--out ${folder}: expected a run ${what}. Give what it was begun with, or begin anew in another place.`,
    );
  }
  return trainingEngines.find((engine) => engine === found['engine']);
}

async function readIdentity(path: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Readonly<Record<string, unknown>>;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new EdjmError(
      'INVALID_FILE',
      `${path}: expected the file of a run, got: ${reason}. Begin anew with --overwrite, or in another place.`,
      { cause },
    );
  }
}

function asJson<T extends Omit<RunIdentity, 'engine'>>({ network, ...rest }: T) {
  const { inputShape, layers } = describeNetwork({ name: '', ...network });
  return { version: 1, network: { inputShape, layers }, ...rest };
}
