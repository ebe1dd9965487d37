import type { BatchNormLayer } from '@edjm/network';
import type { LayerFunction } from '../layerFunction.ts';
import { affine } from './affine.ts';

/** Each channel times slope = scale / √(variance + epsilon), plus bias − slope · mean. */
export function batchNorm(layer: BatchNormLayer, size: number): LayerFunction {
  const { scale, bias, mean, variance, epsilon } = layer;
  const channelSize = size / scale.length;
  const slopes = Float64Array.from(scale, (value, c) => value / Math.sqrt((variance[c] as number) + epsilon));
  const offsets = Float64Array.from(bias, (value, c) => value - (slopes[c] as number) * (mean[c] as number));
  const perValue = (values: Float64Array): Float64Array =>
    Float64Array.from({ length: size }, (_, k) => values[Math.floor(k / channelSize)] as number);
  const diagonal = perValue(slopes);
  return affine({
    rows: size,
    columns: size,
    offset: perValue(offsets),
    terms: (visit) => {
      diagonal.forEach((value, k) => {
        visit(k, k, value);
      });
    },
  });
}
