import { createHash } from 'node:crypto';
import { type Dataset, EdjmError } from '@edjm/core';
import { type LabeledDataset, openDataset, openLabeled, openLabels } from '@edjm/datasets';
import type { Network } from '@edjm/network';
import { type LabeledSamples, loadSamples, splitSamples } from '@edjm/recipes';
import { isLabeledSet, labeledSets } from '../commandLine/labeledSets.ts';
import type { TrainOptions } from '../commandLine/trainOptions.ts';

/** The fields of the history that describe the data. */
export interface DataRecord {
  readonly name: string;
  /** Number of samples, to train and to validate on together. */
  readonly n: number;
  /** SHA-256 of the files, in lower-case hexadecimal. */
  readonly sha256: string;
  /** SHA-256 of the classes as 32-bit integers, little endian. */
  readonly labelsSha256: string;
  readonly transform?: string;
  readonly training: number;
  readonly validation: number;
}

/** Samples in memory, from which the validation samples have not been taken yet. */
export interface LoadedData {
  readonly all: LabeledSamples;
  /** Absent if the data has no such part. */
  readonly test?: LabeledSamples;
  readonly record: Omit<DataRecord, 'training' | 'validation'>;
}

/** The samples of a run. */
export interface SplitData {
  readonly training: LabeledSamples;
  readonly validation: LabeledSamples;
  readonly record: DataRecord;
}

/** The share of the samples for validation, if that is less than 10,000: a sixth, like 10,000 of the 60,000 of MNIST. */
const VALIDATION_SHARE = 1 / 6;

/**
 * Reads the samples that the options name.
 *
 * @throws EdjmError `SHAPE_MISMATCH` if they do not fit the network; as `openLabeled` and `loadSamples`.
 */
export async function loadData(options: TrainOptions, network: Network): Promise<LoadedData> {
  const { training: set, test } = await open(options);
  const { name, n, transform } = set.samples;
  checkShape(set.samples, network);
  if (test) checkShape(test.samples, network);
  return {
    all: await loadSamples(set.samples, set.labels),
    ...(test && { test: await loadSamples(test.samples, test.labels) }),
    record: {
      name,
      n,
      sha256: await set.samples.sha256(),
      labelsSha256: createHash('sha256').update(littleEndian(set.labels)).digest('hex'),
      ...(transform !== undefined && { transform }),
    },
  };
}

/** Puts samples aside to validate on. @throws EdjmError `INVALID_ARGUMENT` if nothing would be left of one part. */
export function splitData({ all, record }: LoadedData, options: TrainOptions): SplitData {
  const { n } = record;
  const { validation = Math.min(10_000, Math.max(1, Math.floor(n * VALIDATION_SHARE))), seed } = options;
  const parts = splitSamples(all, { validation, seed });
  return { ...parts, record: { ...record, training: n - validation, validation } };
}

async function open(options: TrainOptions): Promise<{ training: LabeledDataset; test?: LabeledDataset }> {
  const { data, labels, array, labelsArray, limit, scale, mean, std } = options;
  const transform = { scale, mean, std, limit };
  if (labels === undefined) return openLabeled(data, transform);
  return {
    training: {
      samples: await openDataset(data, { ...transform, array }),
      labels: await openLabels(labels, { limit, array: labelsArray }).catch(aboutLabels),
    },
  };
}

/** The command has an option of its own for the array of an archive that holds the classes. */
function aboutLabels(error: unknown): never {
  if (!EdjmError.is(error)) throw error;
  const message = error.message.replaceAll("the option 'array'", "the option 'labelsArray'");
  throw new EdjmError(error.code, message, { cause: error });
}

/** Refuses samples without their classes, and options of files that are not given. @throws EdjmError `INVALID_ARGUMENT`. */
export function checkDataOptions({ data, labels, array, labelsArray }: TrainOptions): void {
  if (labels !== undefined) return;
  if (!isLabeledSet(data)) {
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `--data ${data}: expected ${labeledSets}, or a file together with --labels FILE, got no --labels. Give the classes of the samples.`,
    );
  }
  const files = { '--array': array, '--labels-array': labelsArray };
  const [foreign] = Object.entries(files).find(([, name]) => name !== undefined) ?? [];
  if (foreign === undefined) return;
  throw new EdjmError(
    'INVALID_ARGUMENT',
    `${foreign}: expected --labels FILE with it, got --data ${data} alone. Leave it out.`,
  );
}

/** Refuses images of another shape than the network takes. If either side is flat, shapes are not compared. */
function checkShape({ name, sampleShape }: Dataset, { name: network, inputShape }: Network): void {
  const [ours, theirs] = [inputShape, sampleShape].map((shape) => shape.filter((size) => size > 1));
  const sizes = [inputShape, sampleShape].map((shape) => shape.reduce((product, size) => product * size, 1));
  const isFlat = (ours?.length ?? 0) < 2 || (theirs?.length ?? 0) < 2;
  if (sizes[0] === sizes[1] && (isFlat || ours?.join() === theirs?.join())) return;
  throw new EdjmError(
    'SHAPE_MISMATCH',
    `${name}: expected samples of shape [${inputShape.join(', ')}] for ${network}, got [${sampleShape.join(', ')}]. Give data that fits, or change inputShape.`,
  );
}

function littleEndian(labels: Int32Array): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(4 * labels.length));
  for (const [i, label] of labels.entries()) bytes.setInt32(4 * i, label, true);
  return new Uint8Array(bytes.buffer);
}
