import { EdjmError } from '@edjm/core';
import { rowsAt } from '@edjm/linalg';
import { seedFor } from '../random/seedFor.ts';
import { shuffled } from '../random/shuffled.ts';
import { isLabeled, type TrainingSamples } from './samples.ts';

/** Options of {@link splitSamples}. */
export interface SplitOptions {
  /** Samples that are put aside to validate on. Defaults to 10,000. */
  readonly validation?: number;
  /** A 32-bit integer. Defaults to 0. */
  readonly seed?: number;
}

/**
 * Draws a part of the samples at random to validate on, as Wang et al. (2016) do with 10,000 of MNIST; both parts stay in their order.
 *
 * @throws EdjmError `INVALID_ARGUMENT` if nothing would be left of one part.
 *
 * @example
 * ```ts
 * import { type LabeledSamples, splitSamples } from '@edjm/recipes';
 *
 * declare const samples: LabeledSamples;
 * const { training, validation } = splitSamples(samples, { validation: 10_000, seed: 1 });
 * console.log(training.labels.length, validation.labels.length);
 * ```
 */
export function splitSamples<T extends TrainingSamples>(
  data: T,
  options: SplitOptions = {},
): { readonly training: T; readonly validation: T } {
  const { validation = 10_000, seed = 0 } = options;
  const n = data.samples.rows;
  if (!Number.isInteger(validation) || validation < 1 || validation >= n) {
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `validation: expected from 1 to ${n - 1} of ${n} samples, got ${validation}. Leave samples for both parts.`,
    );
  }
  const order = shuffled(n, seedFor(seed, 'split'));
  const part = (indices: Uint32Array): T => samplesAt(data, indices.sort());
  return { training: part(order.slice(validation)), validation: part(order.slice(0, validation)) };
}

function samplesAt<T extends TrainingSamples>(data: T, indices: Uint32Array): T {
  const samples = rowsAt(data.samples, indices);
  if (!isLabeled(data)) return { ...data, samples, targets: rowsAt(data.targets, indices) };
  const { labels } = data;
  const chosen =
    labels instanceof Uint8Array ? new Uint8Array(indices.length) : new Int32Array(indices.length);
  for (const [row, index] of indices.entries()) chosen[row] = labels[index] as number;
  return { ...data, samples, labels: chosen };
}
