import type { Network } from '@edjm/network';
import { svdGroups, type SvdLayer } from './svdGroups.ts';

/**
 * The SVD layers of a network: a dense or convolutional layer without offsets, one factor a feature (`scale`), and a dense or 1 × 1
 * convolutional layer, one behind the other, of a rank r that their matrix can have; also those in residual layers.
 *
 * @returns for each the names of its parameters, in the order of the network.
 *
 * @example
 * ```ts
 * import { multilayerPerceptron } from '@edjm/network';
 * import { svdFactorized, svdLayers } from '@edjm/regularizers';
 *
 * const network = svdFactorized(multilayerPerceptron({ dIn: 4, hidden: [8], dOut: 2 }));
 * console.log(svdLayers(network)[0]); // { v: '0.weight', s: '1.scale', u: '2.weight' }
 * ```
 */
export function svdLayers(network: Pick<Network, 'layers'>): readonly SvdLayer[] {
  return svdGroups(network).flatMap((group) => (group.kind === 'svd' ? [group.names] : []));
}
