import { EdjmError, type FloatArray } from '@edjm/core';
import { rowsBetween, scaledRows, singularVectors, transposed } from '@edjm/linalg';
import { dense, type DenseLayer, type Network } from '@edjm/network';

/** Options of {@link withLinearBottleneck}. */
export interface BottleneckOptions {
  /** The dense layer that is replaced, counted from 0. */
  readonly layer: number;
  /** k: the values in between, from 1 up to the rank of the weight. */
  readonly width: number;
}

/**
 * Replaces a dense layer W (h × d) by two with k values and no activation between them, of k (h + d) instead of h d parameters (Ba, Caruana
 * 2014): the first is S^½ V, the second U S^½ with the bias, of the k largest singular values of W = U S V. No other two layers are nearer to
 * W in the Frobenius norm (Eckart, Young 1936), and both are of the same size, as gradients like it. Layers behind count one more.
 *
 * A network that begins from random weights has its bottleneck in the description: two `dense` layers, the first one without bias, with
 * nothing between. Decomposing W takes some 20 min(h, d)² max(h, d) operations.
 *
 * @throws EdjmError `INVALID_ARGUMENT` for a layer that is not dense, and a width out of its range.
 *
 * @example
 * ```ts
 * import { multilayerPerceptron, parameterCount } from '@edjm/network';
 * import { withLinearBottleneck } from '@edjm/recipes';
 *
 * const wide = multilayerPerceptron({ dIn: 100, hidden: [1000], dOut: 10 });
 * console.log(parameterCount(wide)); // 111010
 * console.log(parameterCount(withLinearBottleneck(wide, { layer: 0, width: 20 }))); // 33010
 * ```
 */
export function withLinearBottleneck(network: Network, options: BottleneckOptions): Network {
  const { layer, width } = options;
  const wide = network.layers[layer];
  if (wide?.type !== 'dense') {
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `${network.name}: expected a dense layer, got layer ${layer} (${wide?.type ?? 'none'}). Name one.`,
    );
  }
  const before = network.layers.slice(0, layer);
  return {
    ...network,
    layers: [...before, ...factors(wide, width, network.name), ...network.layers.slice(layer + 1)],
  };
}

function factors(
  { weight, bias }: DenseLayer,
  width: number,
  name: string,
): readonly [DenseLayer, DenseLayer] {
  const [rows = 0, columns = 0] = weight.shape;
  const { singularValues, rank, left, right } = singularVectors({ rows, columns, data: weight.data });
  if (!Number.isInteger(width) || width < 1 || width > rank) {
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `${name}: expected a width from 1 to ${rank}, the rank of the weight, got ${width}. Give such a number.`,
    );
  }
  const roots = singularValues.subarray(0, width).map(Math.sqrt);
  const stored = (values: Float64Array): FloatArray =>
    weight.data instanceof Float32Array ? Float32Array.from(values) : values;
  const first = scaledRows(rowsBetween(right, 0, width), roots);
  const second = transposed(scaledRows(rowsBetween(left, 0, width), roots));
  return [
    dense({ weight: { shape: [width, columns], data: stored(first.data) } }),
    dense({ weight: { shape: [rows, width], data: stored(second.data) }, ...(bias && { bias }) }),
  ];
}
