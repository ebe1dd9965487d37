import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { EdjmError, type Dataset } from '@edjm/core';
import { concatenatedDataset } from './concatenatedDataset.ts';
import { hashOfFiles } from '../formats/dataFile.ts';
import { openDataset } from './openDataset.ts';
import { openLabels } from './openLabels.ts';
import type { TransformOptions } from '../reading/valueTransform.ts';

/** Options of `openLabeled`. */
export interface LabeledOptions extends TransformOptions {
  /** Reads the first `limit` samples to train on only; defaults to all. Those to test on are read in any case. */
  readonly limit?: number | undefined;
}

/** Samples with the class of each. */
export interface LabeledDataset {
  readonly samples: Dataset;
  /** As many whole numbers from 0 up. */
  readonly labels: Int32Array;
}

/** A set of labeled samples by its name, in the parts that it is published in. */
export interface LabeledSet {
  readonly training: LabeledDataset;
  /** Absent if the set has no such part, or its files are not there. */
  readonly test?: LabeledDataset;
}

/**
 * Opens a set of labeled samples by its name:
 *
 * - `sample:digits`, the built-in sample of 10,000 handwritten digits, without a part to test on;
 * - `mnist:FOLDER` with the IDX files of MNIST, or of another set in its form, such as Fashion-MNIST: `train-images-idx3-ubyte`,
 *   `train-labels-idx1-ubyte`, and where they are there `t10k-images-idx3-ubyte` and `t10k-labels-idx1-ubyte`; also gzipped, with `.gz` behind
 *   the name, and with a dot in place of the last hyphen but one (`train-images.idx3-ubyte`);
 * - `cifar10:FOLDER` with batches of CIFAR-10 in binary form: every `data_batch_N.bin` that is there, in their order, and `test_batch.bin`
 *   if it is there; also gzipped; `cifar10:FILE` for one of them.
 *
 * The names of the data sets say which files are read.
 *
 * @throws EdjmError `INVALID_ARGUMENT` for another name; `NOT_FOUND` for files that are not there; as `openDataset` and `openLabels`; and
 * `SHAPE_MISMATCH` if there is not one label a sample.
 *
 * @example
 * ```ts
 * import { openLabeled } from '@edjm/datasets';
 *
 * const { training } = await openLabeled('sample:digits', { limit: 1000 });
 * console.log(training.samples.n, training.labels.length); // 1000 1000
 * ```
 */
export async function openLabeled(name: string, options: LabeledOptions = {}): Promise<LabeledSet> {
  const [, scheme = '', path = ''] = /^(sample|mnist|cifar10):(.+)$/s.exec(name) ?? [];
  const opener = openers[scheme];
  if (opener === undefined) {
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `expected sample:digits, mnist:FOLDER, cifar10:FOLDER or cifar10:FILE as the name of a labeled set, got "${name}". Give one of these.`,
    );
  }
  const { training, test } = await opener(path);
  return {
    training: await opened(training, options),
    ...(test && { test: await opened(test, { ...options, limit: Infinity }) }),
  };
}

/** Sources of samples, one after the other, with the source of the labels of each. */
interface Sources {
  readonly parts: readonly { readonly samples: string; readonly labels: string }[];
  /** The sources of all bytes. */
  readonly files: readonly string[];
}

interface SetSources {
  readonly training: Sources;
  readonly test?: Sources | undefined;
}

const openers: Readonly<Record<string, (path: string) => Promise<SetSources>>> = {
  sample: async (path) => {
    const source = `sample:${path}`;
    return { training: { parts: [{ samples: source, labels: source }], files: [] } };
  },
  mnist: async (folder) => {
    const names = await namesIn(folder);
    const training = mnistPart(folder, names, 'train');
    if (training === undefined) {
      throw notFound(folder, 'train-images-idx3-ubyte and train-labels-idx1-ubyte, also with .gz');
    }
    return { training, test: mnistPart(folder, names, 't10k') };
  },
  cifar10: async (path) => {
    if (!(await isFolder(path))) return { training: cifar10Batches([path]) };
    const names = await namesIn(path);
    const batches = names.filter((name) => /^data_batch_\d+\.bin(\.gz)?$/.test(name));
    if (batches.length === 0) throw notFound(path, 'data_batch_1.bin and so on, also with .gz');
    const tests = names.filter((name) => /^test_batch\.bin(\.gz)?$/.test(name));
    return {
      training: cifar10Batches(plainFirst(batches).map((name) => join(path, name))),
      ...(tests.length > 0 && {
        test: cifar10Batches(plainFirst(tests).map((name) => join(path, name))),
      }),
    };
  },
};

function mnistPart(folder: string, names: readonly string[], part: 'train' | 't10k'): Sources | undefined {
  const find = (what: string): string | undefined =>
    ['', '.gz']
      .flatMap((ending) => ['-', '.'].map((mark) => `${part}-${what.replace('-idx', `${mark}idx`)}${ending}`))
      .find((name) => names.includes(name));
  const [samples, labels] = [find('images-idx3-ubyte'), find('labels-idx1-ubyte')];
  if (samples === undefined || labels === undefined) return undefined;
  const files = [join(folder, samples), join(folder, labels)] as const;
  return { parts: [{ samples: files[0], labels: files[1] }], files };
}

function cifar10Batches(paths: readonly string[]): Sources {
  return {
    parts: paths.map((path) => ({ samples: `cifar10:${path}`, labels: `cifar10:${path}` })),
    files: paths,
  };
}

/** Names in order, each once, even if a file is there both plain and gzipped. */
function plainFirst(names: readonly string[]): readonly string[] {
  const plain = [...new Set(names.map((name) => name.replace(/\.gz$/, '')))].sort((a, b) =>
    a.localeCompare(b, 'en', { numeric: true }),
  );
  return plain.map((name) => (names.includes(name) ? name : `${name}.gz`));
}

async function opened(
  { parts, files }: Sources,
  { limit = Infinity, ...transform }: LabeledOptions,
): Promise<LabeledDataset> {
  const samples: Dataset[] = [];
  const labels: Int32Array[] = [];
  let n = 0;
  for (const part of parts) {
    if (n >= limit) break;
    const rest = limit === Infinity ? {} : { limit: limit - n };
    const data = await openDataset(part.samples, { ...transform, ...rest });
    const classes = await openLabels(part.labels, rest);
    checkCounts(data, classes, part.labels);
    samples.push(data);
    labels.push(classes);
    n += data.n;
  }
  const [first, ...others] = samples;
  if (first === undefined) {
    throw new EdjmError('INVALID_ARGUMENT', `expected a limit of 1 or more samples, got ${limit}.`);
  }
  if (files.length === 0) return { samples: first, labels: labels[0] ?? new Int32Array() };
  return {
    samples: concatenatedDataset([first, ...others], {
      name: samples.map(({ name }) => name).join(' + '),
      sha256: () => hashOfFiles(files),
    }),
    labels: Int32Array.from(labels.flatMap((part) => [...part])),
  };
}

function checkCounts({ name, n }: Dataset, labels: Int32Array, source: string): void {
  if (labels.length === n) return;
  throw new EdjmError(
    'SHAPE_MISMATCH',
    `${source}: expected one label for each of ${n} samples of ${name}, got ${labels.length}. Give files that go together.`,
  );
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() === true;
}

async function namesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new EdjmError(
      'NOT_FOUND',
      `${folder}: expected a folder of data, got: ${reason}. Check the path.`,
      { cause },
    );
  });
}

function notFound(folder: string, expected: string): EdjmError {
  return new EdjmError(
    'NOT_FOUND',
    `${folder}: expected ${expected}, got a folder without. Download the set, or name another folder.`,
  );
}
