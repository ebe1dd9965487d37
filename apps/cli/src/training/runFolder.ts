import { readdir, readFile, rm, rmdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { EdjmError } from '@edjm/core';
import { describeNetwork, type Network } from '@edjm/network';
import { type CheckpointStore, checkpointFolder } from '@edjm/recipes';
import * as v from 'valibot';
import type { TrainOptions } from '../commandLine/trainOptions.ts';
import { isEngine } from '../engines/engineNames.ts';
import { checkFolder, statIfThere, writeResults } from '../output/writeResults.ts';
import { LAYERS_MODEL, LAYERS_MODEL_FOLDER, layersModelNames } from './networkFiles.ts';

/** The history of a run, beside what it gave. */
export const HISTORY = 'history.json';

/** The file of all trials of a search, beside the best network. */
export const SEARCH = 'search.json';

const CHECKPOINTS = 'checkpoints';

/** The file that describes the run of the checkpoints. */
const IDENTITY = `${CHECKPOINTS}/run.json`;

/** The settings that a resumed run must share with the earlier one, beyond those that checkpoints hold. */
export interface RunIdentity {
  /** The layers that are trained, which their weights do not tell. */
  readonly network: Pick<Network, 'inputShape' | 'layers'>;
  /** Where the weights come from. */
  readonly start: string;
  readonly engine: string;
  /** Of the engine; another number may change the last bits of the weights. */
  readonly threads: number;
}

/** How a run that is there was begun. */
export type Begun = Pick<RunIdentity, 'engine' | 'threads'>;

/** The names of the files that a run writes, by which it is known that there is one. */
export function resultFiles(name: string, { tfjs = false, grid }: TrainOptions): readonly string[] {
  return [
    `${name}.onnx`,
    `${name}.safetensors`,
    `${name}.json`,
    HISTORY,
    ...(tfjs ? [LAYERS_MODEL] : []),
    ...(grid ? [SEARCH] : []),
  ];
}

/**
 * Refuses, before work starts, a folder that results cannot be written to, one with the results of another run, and one in which they
 * would replace the description that is trained.
 *
 * @param inputs - files that are read.
 * @param resume - whether a run that has checkpoints may be there; `overwrite`: whether any may.
 * @throws EdjmError `INVALID_ARGUMENT`, `INVALID_FILE`.
 */
export async function checkRunFolder(
  folder: string,
  names: readonly string[],
  {
    inputs,
    resume,
    overwrite,
  }: { readonly inputs: readonly string[]; readonly resume: boolean; readonly overwrite: boolean },
): Promise<void> {
  await checkFolder(folder, [...names, IDENTITY]);
  const clash = names.find((name) => inputs.some((input) => resolve(input) === resolve(folder, name)));
  if (clash !== undefined) {
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `--out ${folder}: expected a folder without what is trained, got ${clash}, which would be replaced. Choose another place.`,
    );
  }
  const canGoOn = await hasCheckpoints(folder);
  if (overwrite || (resume && canGoOn)) return;
  const remedy = canGoOn ? 'Go on with that run by --resume, replace' : 'Replace';
  const checkpoints = (await checkpointsIn(folder)).filter((name) => !isBeginning.test(name));
  const found = [...checkpoints, ...names];
  for (const name of found) {
    if (!(await statIfThere(join(folder, name)))) continue;
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `--out ${folder}: expected a place without a run, got ${name}. ${remedy} it by --overwrite, or choose another place.`,
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

/** Leaves nothing of a run that ended before its first epoch or checkpoint, if nothing else is there. */
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

/**
 * Where a run keeps its checkpoints; nothing is there before the first one. Those of a run that it replaces are not its own: they stay until it
 * writes one, which it does once all that it is given has been found good.
 *
 * @param goesOn - whether it goes on from the checkpoints that are there.
 */
export function runCheckpoints(
  folder: string,
  identity: RunIdentity,
  { goesOn }: { readonly goesOn: boolean },
): CheckpointStore {
  const store = checkpointFolder(join(folder, CHECKPOINTS));
  const begin = async (): Promise<void> => {
    if (goesOn) return;
    await removeCheckpoints(folder);
    await writeResults(folder, { [IDENTITY]: `${JSON.stringify(asJson(identity), undefined, 2)}\n` });
  };
  let begun: Promise<void> | undefined;
  return {
    ...store,
    list: async () => ((goesOn || begun) && (await hasCheckpoints(folder)) ? store.list() : []),
    write: async (name, bytes) => {
      await (begun ??= begin());
      await store.write(name, bytes);
    },
  };
}

/** Removes what a run that was replaced, or gone on with, has left of kinds of results that were not written again. */
export async function removeStale(folder: string, written: readonly string[]): Promise<void> {
  if (!written.includes(SEARCH)) await rm(join(folder, SEARCH), { force: true });
  if (written.includes(LAYERS_MODEL)) return;
  for (const name of layersModelNames) await rm(join(folder, name), { force: true });
  // Stays if there is anything else in it.
  await rmdir(join(folder, LAYERS_MODEL_FOLDER)).catch(() => undefined);
}

/**
 * How the run that is to go on was begun, if there is one.
 *
 * @throws EdjmError `INVALID_ARGUMENT` if that run is one of another network, or began with other weights; `INVALID_FILE` if its file is
 * damaged.
 */
export async function begunRun(
  folder: string,
  identity: Omit<RunIdentity, keyof Begun>,
): Promise<Begun | undefined> {
  if (!(await hasCheckpoints(folder))) return undefined;
  const found = await readIdentity(join(folder, IDENTITY));
  const expected = asJson(identity);
  const what =
    JSON.stringify(found.network) !== JSON.stringify(expected.network)
      ? 'of this network, got one of other layers'
      : found.start !== identity.start
        ? `that began with ${identity.start}, got one that began with ${found.start}`
        : undefined;
  if (what !== undefined) {
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `--out ${folder}: expected a run ${what}. Give what it was begun with, or begin anew in another place.`,
    );
  }
  return { engine: found.engine, threads: found.threads };
}

/** The file; the network in it is compared as a whole. */
const identitySchema = v.object({
  version: v.literal(1),
  network: v.unknown(),
  start: v.string(),
  engine: v.pipe(v.string(), v.check(isEngine, 'expected the name of an engine')),
  threads: v.pipe(v.number(), v.integer(), v.minValue(1)),
});

async function readIdentity(path: string): Promise<v.InferOutput<typeof identitySchema>> {
  try {
    return v.parse(identitySchema, JSON.parse(await readFile(path, 'utf8')));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new EdjmError(
      'INVALID_FILE',
      `${path}: expected the file of a run, got: ${reason}. Begin anew with --overwrite, or in another place.`,
      { cause },
    );
  }
}

function asJson<T extends Omit<RunIdentity, keyof Begun>>({ network, ...rest }: T) {
  const { inputShape, layers } = describeNetwork({ name: '', ...network });
  return { version: 1, network: { inputShape, layers }, ...rest };
}
