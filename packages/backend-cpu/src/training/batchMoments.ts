import type { FloatArray } from '@edjm/core';
import type { BatchNormLayer } from '@edjm/network';
import type { LayerFunction } from '../layerFunction.ts';

/** The layout of a batch in one array. */
export interface BatchLayout {
  /** n: samples. */
  readonly samples: number;
  /** Values of one sample, channel by channel. */
  readonly size: number;
}

/** Replaces the stored statistics. */
export type Store = (stored: FloatArray, values: Float64Array) => void;

/**
 * Each channel of a batch normalized by its own mean and variance over samples and space (Ioffe, Szegedy 2015):
 * x̂ = (x − mean) / √(variance + epsilon), with the variance of N values divided by N.
 *
 * Both moments depend on x, so that dx̂ = (dx − mean(dx) − x̂ mean(x̂ dx)) / √(variance + epsilon), which is symmetric.
 *
 * @param layer - its stored statistics move by `fraction` toward the mean and the variance divided by N − 1 of the batch.
 */
export function batchMoments(
  layer: BatchNormLayer,
  { samples, size }: BatchLayout,
  { fraction, store }: { readonly fraction: number; readonly store: Store },
): LayerFunction {
  const channels = layer.mean.length;
  const count = (samples * size) / channels;
  const channel = (at: number): number => Math.floor((at % size) / (size / channels));
  const means = (values: Float64Array): Float64Array => {
    const sums = new Float64Array(channels);
    for (const [at, value] of values.entries()) sums[channel(at)] = (sums[channel(at)] as number) + value;
    return sums.map((sum) => sum / count);
  };
  const moved = (stored: FloatArray, batch: Float64Array): Float64Array =>
    batch.map((value, c) => (1 - fraction) * (stored[c] as number) + fraction * value);

  return (x) => {
    const mean = means(x);
    const centered = x.map((value, at) => value - (mean[channel(at)] as number));
    const variance = means(centered.map((value) => value ** 2));
    store(layer.mean, moved(layer.mean, mean));
    // One value has no variance but 0.
    const unbiased = variance.map((value) => (value * count) / Math.max(count - 1, 1));
    store(layer.variance, moved(layer.variance, unbiased));

    const deviation = variance.map((value) => Math.sqrt(value + layer.epsilon));
    const y = centered.map((value, at) => value / (deviation[channel(at)] as number));
    const multiply = (v: Float64Array): Float64Array => {
      const ofV = means(v);
      const ofProduct = means(v.map((value, at) => value * (y[at] as number)));
      return v.map((value, at) => {
        const c = channel(at);
        const rest = value - (ofV[c] as number) - (y[at] as number) * (ofProduct[c] as number);
        return rest / (deviation[c] as number);
      });
    };
    return { y, jvp: multiply, vjp: multiply };
  };
}
