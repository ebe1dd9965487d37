import { EdjmError, type ParameterValues } from '@edjm/core';
import { readSafetensors, writeSafetensors } from '@edjm/network';
import { digest } from '../data/digest.ts';
import type { EpochRecord } from '../training/history.ts';
import type { Fingerprint } from './fingerprint.ts';

/** How far a run is. */
export interface RunProgress {
  /** The history of the finished epochs. */
  readonly epochs: readonly EpochRecord[];
  /** Steps done of the epoch at work. */
  readonly step: number;
  /** The sum of their losses. */
  readonly lossSum: number;
  /** Penalties of these steps, by the regularizer's name. */
  readonly penalties: Readonly<Record<string, { readonly sum: number; readonly count: number }>>;
  /** Wall time of these steps. */
  readonly seconds: number;
}

/** Arrays of a checkpoint, by their group and name. */
export type TensorGroups = Readonly<Record<TensorGroup, ReadonlyMap<string, ParameterValues>>>;

const groups = ['parameters', 'statistics', 'optimizer', 'bestParameters', 'bestStatistics'] as const;

type TensorGroup = (typeof groups)[number];

/** All that a run needs to go on as if it had not been interrupted. */
export interface Checkpoint {
  /** The fingerprint of its run. */
  readonly fingerprint: Fingerprint;
  readonly progress: RunProgress;
  readonly tensors: TensorGroups;
}

const FORMAT_OF_ALL_VERSIONS = 'edjm-checkpoint-';
const FORMAT = `${FORMAT_OF_ALL_VERSIONS}1`;

/** The bytes of a checkpoint: a safetensors file whose metadata hold the rest as JSON, and a digest of everything. */
export async function encodeCheckpoint({ fingerprint, progress, tensors }: Checkpoint): Promise<Uint8Array> {
  const named = new Map(
    groups.flatMap((group) =>
      [...tensors[group]].map(([name, value]) => [`${group}/${name}`, value] as const),
    ),
  );
  const texts = { fingerprint: JSON.stringify(fingerprint), progress: JSON.stringify(progress) };
  return writeSafetensors(named, { format: FORMAT, ...texts, digest: await digestOf(named, texts) });
}

/** @throws EdjmError `INVALID_FILE` if the bytes are no whole checkpoint, `UNSUPPORTED` if they are one of another version. */
export async function decodeCheckpoint(name: string, bytes: Uint8Array): Promise<Checkpoint> {
  const { tensors, metadata } = readSafetensors(bytes);
  const { format, fingerprint = '', progress = '' } = metadata;
  if (format !== FORMAT && format?.startsWith(FORMAT_OF_ALL_VERSIONS) === true) {
    throw new EdjmError(
      'UNSUPPORTED',
      `${name}: expected a checkpoint of the form ${FORMAT}, got ${format}. Go on with the version of edjm that wrote it.`,
    );
  }
  const isWhole =
    format === FORMAT && metadata['digest'] === (await digestOf(tensors, { fingerprint, progress }));
  if (!isWhole) {
    throw new EdjmError(
      'INVALID_FILE',
      `${name}: expected a checkpoint of edjm, got a file that is damaged or of another kind. Remove it, or start anew in another folder.`,
    );
  }
  const group = (prefix: TensorGroup): ReadonlyMap<string, ParameterValues> =>
    new Map(
      [...tensors].flatMap(([full, value]) =>
        full.startsWith(`${prefix}/`) ? [[full.slice(prefix.length + 1), value] as const] : [],
      ),
    );
  return {
    // The digest proves that these bytes were written.
    fingerprint: JSON.parse(fingerprint) as Fingerprint,
    progress: JSON.parse(progress) as RunProgress,
    tensors: {
      parameters: group('parameters'),
      statistics: group('statistics'),
      optimizer: group('optimizer'),
      bestParameters: group('bestParameters'),
      bestStatistics: group('bestStatistics'),
    },
  };
}

function digestOf(
  tensors: ReadonlyMap<string, ParameterValues>,
  texts: { readonly fingerprint: string; readonly progress: string },
): Promise<string> {
  const named = [...tensors].flatMap(([name, { shape, data }]) => [JSON.stringify([name, shape]), data]);
  return digest([texts.fingerprint, texts.progress, ...named]);
}
