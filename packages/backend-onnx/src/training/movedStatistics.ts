import type { FloatArray, ParameterValues } from '@edjm/core';

/** The layer of a batch's statistics, and the number of values behind each. */
interface Origin {
  /** The prefix of `running_mean`. */
  readonly layer: string;
  /** The number of values in each mean. */
  readonly count: number;
  /** The share of the way that stored statistics move. */
  readonly fraction: number;
}

/**
 * The statistics that batch normalization stores after a step. They move by a fraction toward those of the batch: the mean, and the
 * variance of n − 1.
 *
 * @param batch - the mean of each channel, and its variance of n.
 */
export function movedStatistics(
  stored: (name: string) => ParameterValues,
  batch: { readonly mean: FloatArray; readonly variance: FloatArray },
  { layer, count, fraction }: Origin,
): ReadonlyMap<string, ParameterValues> {
  const unbiased = count > 1 ? count / (count - 1) : 1;
  const moved = (name: string, toward: FloatArray, factor: number) => {
    const { shape, data } = stored(name);
    const values = Float32Array.from(
      data,
      (value, c) => value + fraction * (factor * (toward[c] as number) - value),
    );
    return [name, { shape, data: values }] as const;
  };
  return new Map([
    moved(`${layer}running_mean`, batch.mean, 1),
    moved(`${layer}running_var`, batch.variance, unbiased),
  ]);
}
