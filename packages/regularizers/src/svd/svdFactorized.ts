import { EdjmError } from '@edjm/core';
import { transposed } from '@edjm/linalg';
import type { Conv2dLayer, DenseLayer, Layer, Network } from '@edjm/network';
import { checkCount } from '../checkOptions.ts';
import { rewriteGroups, svdGroups } from './svdGroups.ts';
import { svdTerms } from './svdTerms.ts';
import { weightMatrix, withValues } from '../weights/weightMatrix.ts';

/** Options of {@link svdFactorized}. */
export interface SvdFactorizedOptions {
  /** Places of dense and convolutional layers, such as `'0'` or `'3.body.0'`. Defaults to all of them, the first and the last included. */
  readonly layers?: readonly string[];
  /** The most terms that a layer keeps. Defaults to all: the network then computes what it did. */
  readonly rank?: number;
}

/**
 * The network with SVD layers in the place of dense and convolutional ones, as the paper trains them: W = U diag(s) V of the present weights, as three
 * layers one behind the other. It computes the same, to within rounding.
 *
 * | layer         | V                                                      | s         | U                          |
 * | ------------- | ------------------------------------------------------ | --------- | -------------------------- |
 * | dense         | dense, r × inputs                                      | r factors | dense, outputs × r, offsets |
 * | convolutional | r kernels, with the stride, the padding, the dilation  | r factors | 1 × 1 convolution, offsets |
 *
 * The matrix of a convolution is O × (C · kH · kW). The paper does not say which layers it factorizes; the default is every weight matrix. Layers that
 * are part of SVD layers already stay as they are. Singular values that are 0 come with vectors orthonormal to the others.
 *
 * It takes a singular value decomposition of each matrix: one or two seconds for 1000 × 1000.
 *
 * @throws EdjmError `INVALID_ARGUMENT` for a place without such a layer; `UNSUPPORTED` for a convolution in groups.
 *
 * Source: Wang et al., "Analysis of Deep Neural Networks with the Extended Data Jacobian Matrix", ICML 2016, on spectral regularization.
 *
 * @example
 * ```ts
 * import { multilayerPerceptron } from '@edjm/network';
 * import { svdFactorized } from '@edjm/regularizers';
 *
 * const network = multilayerPerceptron({ dIn: 4, hidden: [8], dOut: 2 });
 * console.log(svdFactorized(network, { layers: ['0'] }).layers.map(({ type }) => type)); // dense, scale, dense, relu, dense
 * ```
 */
export function svdFactorized(network: Network, options: SvdFactorizedOptions = {}): Network {
  const { layers: places, rank = Infinity } = options;
  if (options.rank !== undefined) checkCount(network.name, 'rank', rank);
  checkPlaces(network, places);
  const layers = rewriteGroups(network.layers, (group) => {
    if (group.kind === 'svd') return [group.v, group.s, group.u];
    const { name, layer } = group;
    if (!isWeightLayer(layer) || (places && !places.includes(name))) return [layer];
    return factors(layer, { rank, where: `${network.name}, layer ${name}` });
  });
  return { ...network, layers };
}

function factors(
  layer: DenseLayer | Conv2dLayer,
  { rank, where }: { readonly rank: number; readonly where: string },
): readonly Layer[] {
  const { bias, ...unbiased } = layer;
  if (layer.type === 'conv2d' && layer.groups !== 1) {
    throw new EdjmError(
      'UNSUPPORTED',
      `${where}: expected a convolution in one group, got ${layer.groups}. Name the other layers in \`layers\`.`,
    );
  }
  const matrix = weightMatrix(layer.weight);
  const { left, values, right } = svdTerms(matrix, Math.min(rank, matrix.rows, matrix.columns));
  const r = values.length;
  const u = transposed(left).data;
  const offsets = bias && { bias };
  const s: Layer = { type: 'scale', scale: withValues(layer.weight, values).data };
  const v = {
    ...unbiased,
    weight: withValues({ ...layer.weight, shape: [r, ...layer.weight.shape.slice(1)] }, right.data),
  };
  if (layer.type === 'dense') {
    const weight = withValues({ ...layer.weight, shape: [matrix.rows, r] }, u);
    return [v, s, { type: 'dense', weight, ...offsets }];
  }
  const weight = withValues({ ...layer.weight, shape: [matrix.rows, r, 1, 1] }, u);
  const pointwise: Conv2dLayer = {
    type: 'conv2d',
    weight,
    ...offsets,
    stride: [1, 1],
    padding: [0, 0, 0, 0],
    dilation: [1, 1],
    groups: 1,
  };
  return [v, s, pointwise];
}

function isWeightLayer(layer: Layer): layer is DenseLayer | Conv2dLayer {
  return layer.type === 'dense' || layer.type === 'conv2d';
}

function checkPlaces(network: Network, places: readonly string[] | undefined): void {
  const possible = svdGroups(network).flatMap((group) =>
    group.kind === 'single' && isWeightLayer(group.layer) ? [group.name] : [],
  );
  const wrong = places?.find((place) => !possible.includes(place));
  if (wrong === undefined) return;
  throw new EdjmError(
    'INVALID_ARGUMENT',
    `${network.name}: expected places of dense or convolutional layers, ${possible.join(', ')}, got ${wrong}. Name some of these.`,
  );
}
