import type { BatchNormLayer } from '@edjm/network';
import type { Tensor, Variable } from '@tensorflow/tfjs';
import type { Holder, TensorLayer } from './tensorLayer.ts';

/** Means and variances of channels, [C]. */
interface Statistics {
  readonly mean: Tensor;
  readonly variance: Tensor;
}

/**
 * Batch normalization by the stored statistics or, in training with `batchStatistics`, by those of the batch, toward which
 * the stored ones then move.
 */
export function batchNorm(
  { scale, bias, mean, variance, epsilon }: BatchNormLayer,
  name: string,
  { add }: Holder,
): TensorLayer {
  const shape = [scale.length];
  const factor = add(`${name}weight`, { shape, data: scale });
  const offset = add(`${name}bias`, { shape, data: bias });
  const stored = {
    mean: add(`${name}running_mean`, { shape, data: mean, statistic: true }),
    variance: add(`${name}running_var`, { shape, data: variance, statistic: true }),
  };
  const slope = (spread: Tensor) => factor.div(spread.add(epsilon).sqrt());
  const normalized = (x: Tensor, by: Statistics) => x.sub(by.mean).mul(slope(by.variance)).add(offset);
  return {
    run: (x, training) => {
      const fraction = training?.batchStatistics;
      if (fraction === undefined) return normalized(x, stored);
      const batch = statisticsOf(x);
      const count = x.size / scale.length;
      const unbiased = batch.variance.mul(count / Math.max(1, count - 1));
      move(stored.mean, batch.mean, fraction);
      move(stored.variance, unbiased, fraction);
      return normalized(x, batch);
    },
    jvp: ({ primal: x, tangents }) => ({
      primal: normalized(x, stored),
      tangents: tangents.mul(slope(stored.variance)),
    }),
  };
}

/** Over the batch, and over space if there is any; the variance is that of n. */
function statisticsOf(x: Tensor): Statistics {
  const axes = x.shape.slice(0, -1).map((_, axis) => axis);
  const mean = x.mean(axes);
  return { mean, variance: x.sub(mean).square().mean(axes) };
}

function move(stored: Variable, to: Tensor, fraction: number): void {
  stored.assign(stored.add(to.sub(stored).mul(fraction)));
}
