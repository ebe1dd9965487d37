import type { FloatArray, ParameterValues } from '@edjm/core';

/** Where statistics of batches come from. */
interface Origin {
  /** In front of `running_mean`. */
  readonly layer: string;
  /** Values that each mean is taken of. */
  readonly count: number;
  /** How far what is stored moves. */
  readonly fraction: number;
}

/**
 * What batch normalization has stored after a step, which moves it by a fraction toward the statistics of the batch: the mean, and the
 * variance of n − 1.
 *
 * @param batch - of each channel, the variance that of n.
 */
export function movedStatistics(
  stored: ReadonlyMap<string, ParameterValues>,
  batch: { readonly mean: FloatArray; readonly variance: FloatArray },
  { layer, count, fraction }: Origin,
): ReadonlyMap<string, ParameterValues> {
  const unbiased = count > 1 ? count / (count - 1) : 1;
  const moved = (name: string, toward: FloatArray, factor: number) => {
    const { shape, data } = stored.get(name) as ParameterValues;
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
