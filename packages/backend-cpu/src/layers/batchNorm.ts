import type { BatchNormLayer } from '@edjm/network';
import { curved, type DifferentiableLayer, inOrder } from '../differentiableLayer.ts';
import { diagonal } from '../layerFunction.ts';
import { scale } from './scale.ts';

/** Each channel normalized by its stored statistics, then scaled and shifted. */
export function batchNorm(layer: BatchNormLayer, size: number): DifferentiableLayer {
  return inOrder([normalize(layer, size), scale(layer, size)]);
}

/** (x − mean) / √(variance + epsilon) for each channel; neither is a parameter. */
function normalize({ mean, variance, epsilon }: BatchNormLayer, size: number): DifferentiableLayer {
  const channelSize = size / mean.length;
  const channel = (k: number): number => Math.floor(k / channelSize);
  const slopes = Float64Array.from(
    { length: size },
    (_, k) => 1 / Math.sqrt((variance[channel(k)] as number) + epsilon),
  );
  const nothing = diagonal(new Float64Array(size));
  return curved(
    (x) => ({
      y: x.map((value, k) => (value - (mean[channel(k)] as number)) * (slopes[k] as number)),
      ...diagonal(slopes),
    }),
    () => nothing,
  );
}
