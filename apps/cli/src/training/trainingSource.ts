import { EdjmError } from '@edjm/core';
import { openFile, sha256 as hashOf } from '@edjm/files';
import {
  type NamedDescription,
  type Network,
  networkFromDescription,
  openDescription,
  openNetwork,
} from '@edjm/network';
import type { TrainOptions } from '../commandLine/trainOptions.ts';
import { HISTORY, SEARCH } from './runFolder.ts';
import { initializerOf } from './trainingOptions.ts';

/** The network to train. */
export interface TrainingSource {
  readonly name: string;
  /** The network as it is before training, by the seed of the options. */
  start(options: TrainOptions): Network;
  /** The origin of its weights. */
  readonly from: string;
  /** Files that are read. */
  readonly files: readonly string[];
  readonly hashes: { readonly sha256: string; readonly weightsSha256?: string };
}

/**
 * Reads the description of a network, and weights if the options name some.
 *
 * @throws EdjmError as `openDescription` and `openNetwork`; `INVALID_FILE` for a name that no file can have.
 */
export async function readSource(path: string, options: TrainOptions): Promise<TrainingSource> {
  const { weights, initializer = 'he' } = options;
  const description = await openDescription(path);
  const { name } = description;
  checkName(path, description);
  const sha256 = await hashOf([await openFile(path)]);
  if (weights === undefined) {
    return {
      name,
      start: (chosen) =>
        networkFromDescription(description, { initializer: initializerOf(chosen), seed: chosen.seed }),
      from: `the initializer ${initializer}`,
      files: [path],
      hashes: { sha256 },
    };
  }
  const network = await openNetwork(path, { weights });
  const weightsSha256 = await hashOf([await openFile(weights)]);
  return {
    name,
    start: () => network,
    from: `weights of SHA-256 ${weightsSha256}`,
    files: [path, weights],
    hashes: { sha256, weightsSha256 },
  };
}

/**
 * The results are files of this name. It must not lead out of the folder or to another file of the run, even on file
 * systems that ignore case.
 */
function checkName(path: string, { name }: NamedDescription): void {
  const isTaken = [HISTORY, SEARCH].includes(`${name.toLowerCase()}.json`);
  if (/^[^/\\:\p{Cc}]{1,100}$/u.test(name) && !/^\.+$/.test(name) && !isTaken) return;
  throw new EdjmError(
    'INVALID_FILE',
    `${path}, name: expected a name that files can have, and neither history nor search, got ${JSON.stringify(name.slice(0, 100))}. Choose another name.`,
  );
}
