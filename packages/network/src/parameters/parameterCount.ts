import type { Layer } from '../layers/layer.ts';
import type { Network } from '../layers/network.ts';

/**
 * The number of trainable values: weights and biases, and of batch normalization scale and bias (its mean and
 * variance are statistics).
 *
 * @example
 * ```ts
 * import { dense, parameterCount } from '@edjm/network';
 *
 * const layer = dense({ weight: { shape: [2, 3], data: new Float32Array(6) }, bias: new Float32Array(2) });
 * console.log(parameterCount({ layers: [layer] })); // 8
 * ```
 */
export function parameterCount(network: Pick<Network, 'layers'>): number {
  return network.layers.reduce((count, layer) => count + layerParameterCount(layer), 0);
}

function layerParameterCount(layer: Layer): number {
  switch (layer.type) {
    case 'dense':
    case 'conv2d':
      return layer.weight.data.length + (layer.bias?.length ?? 0);
    case 'batchNorm':
      return layer.scale.length + layer.bias.length;
    case 'scale':
      return layer.scale.length;
    case 'residual':
      return parameterCount({ layers: layer.body }) + parameterCount({ layers: layer.shortcut });
    default:
      return 0;
  }
}
