import { transposed } from '@edjm/linalg';
import type { Layer, Network } from '@edjm/network';
import { rewriteGroups, type SvdGroup } from './svdGroups.ts';
import { productOfTerms } from './svdTerms.ts';
import { weightMatrix, withValues } from '../weights/weightMatrix.ts';

/**
 * The network with one dense or convolutional layer in the place of each SVD layer, W = U diag(s) V, for inference and export: it computes the same, to
 * within rounding, faster.
 *
 * @example
 * ```ts
 * import { multilayerPerceptron } from '@edjm/network';
 * import { mergedSvd, svdFactorized } from '@edjm/regularizers';
 *
 * const network = multilayerPerceptron({ dIn: 4, hidden: [8], dOut: 2 });
 * console.log(mergedSvd(svdFactorized(network)).layers.length); // 3
 * ```
 */
export function mergedSvd(network: Network): Network {
  return {
    ...network,
    layers: rewriteGroups(network.layers, (group) =>
      group.kind === 'svd' ? [mergedLayer(group)] : [group.layer],
    ),
  };
}

function mergedLayer({ v, s, u }: SvdGroup): Layer {
  const [outputs = 0] = u.weight.shape;
  const left = transposed(weightMatrix(u.weight));
  const { data } = productOfTerms(left, s.scale, weightMatrix(v.weight));
  const shape = [outputs, ...v.weight.shape.slice(1)];
  return { ...v, weight: withValues({ ...v.weight, shape }, data), ...(u.bias && { bias: u.bias }) };
}
