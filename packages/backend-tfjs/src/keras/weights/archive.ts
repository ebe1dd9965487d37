import { openFile, openZip, type ZipMember } from '@edjm/files';
import { invalidFile, unsupportedFile } from '../refusal.ts';

/** First bytes of a zip archive. */
export const ZIP_MAGIC: readonly number[] = [0x50, 0x4b];

/** The parts of a .keras archive that are read, and the most bytes that each may have. */
const parts = {
  'config.json': 64 * 2 ** 20,
  'metadata.json': 2 ** 20,
  'model.weights.h5': 4 * 2 ** 30,
} as const;

const KERAS = 'a .keras archive as model.save writes it';
const AGAIN = 'Save or download it again.';

/** The content of a .keras archive. */
export interface KerasArchive {
  readonly config: string;
  /** Absent in archives that someone packed anew without it. */
  readonly metadata: string | undefined;
  readonly weights: Uint8Array;
}

/**
 * Unpacks a .keras archive, in memory.
 *
 * @throws EdjmError `INVALID_FILE` for a damaged archive or one of another kind, `UNSUPPORTED` for an encrypted one.
 */
export async function readArchive(bytes: Uint8Array, name: string): Promise<KerasArchive> {
  const members = await openZip(await openFile(bytes, { name }), { expected: KERAS, todo: AGAIN });
  const decoder = new TextDecoder();
  const metadata = await member('metadata.json', members, name);
  const config = required(await member('config.json', members, name), 'config.json', name);
  if (members.some((each) => each.name === 'model.weights.npz')) {
    throw unsupportedFile(name, {
      expected: 'weights as model.weights.h5',
      got: 'model.weights.npz',
      todo: 'Load the model with Keras and save it again.',
    });
  }
  const weights = required(await member('model.weights.h5', members, name), 'model.weights.h5', name);
  return {
    config: decoder.decode(config),
    metadata: metadata === undefined ? undefined : decoder.decode(metadata),
    weights,
  };
}

async function member(
  part: keyof typeof parts,
  members: readonly ZipMember[],
  name: string,
): Promise<Uint8Array | undefined> {
  const found = members.filter((each) => each.name === part);
  if (found.length > 1) {
    throw invalidFile(name, { expected: KERAS, got: `${found.length} members named ${part}`, todo: AGAIN });
  }
  return found[0]?.bytes(parts[part]);
}

function required(bytes: Uint8Array | undefined, part: keyof typeof parts, name: string): Uint8Array {
  if (bytes !== undefined) return bytes;
  throw invalidFile(name, { expected: KERAS, got: `no ${part}`, todo: AGAIN });
}
