import { EdjmError } from '@edjm/core';
import { rowsAt, transposed } from '@edjm/linalg';
import type { Layer, Network } from '@edjm/network';
import { rewriteGroups, type SvdGroup } from './svdGroups.ts';
import { weightMatrix, withValues } from '../weights/weightMatrix.ts';

/** Options of {@link prunedSvd}. */
export interface PrunedSvdOptions {
  /** The part of Σ s² that a layer may lose, at least 0 and below 1. Defaults to 1e-2. */
  readonly energy?: number;
}

/**
 * The network with SVD layers of lower rank. Each layer loses as many terms as possible, starting with the smallest |s|,
 * while their squares add up to at most a part of the sum:
 *
 *     Σ s² over those left out ≤ energy · Σ s²
 *
 * If U and V are orthonormal, that part bounds the squared relative error of W in the Frobenius norm. One term is always kept.
 *
 * @throws EdjmError `INVALID_ARGUMENT` for an energy out of its range.
 *
 * Source: Yang et al., "Learning Low-rank Deep Neural Networks via Singular Vector Orthogonality Regularization and Singular Value
 * Sparsification", CVPR workshops 2020.
 *
 * @example
 * ```ts
 * import { multilayerPerceptron } from '@edjm/network';
 * import { mergedSvd, prunedSvd, svdFactorized } from '@edjm/regularizers';
 *
 * const network = svdFactorized(multilayerPerceptron({ dIn: 4, hidden: [8], dOut: 2 }));
 * console.log(mergedSvd(prunedSvd(network, { energy: 0.1 })).layers.length); // 3
 * ```
 */
export function prunedSvd(network: Network, { energy = 1e-2 }: PrunedSvdOptions = {}): Network {
  if (!(energy >= 0 && energy < 1)) {
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `${network.name}: expected an energy of at least 0 and below 1, got ${String(energy)}. Give the part that may be lost.`,
    );
  }
  return {
    ...network,
    layers: rewriteGroups(network.layers, (group) =>
      group.kind === 'svd' ? withTerms(group, keptTerms(group.s.scale, energy)) : [group.layer],
    ),
  };
}

/** Places of the terms that stay, in their order. */
function keptTerms(s: ArrayLike<number>, energy: number): readonly number[] {
  const squares = Array.from(s, (value) => value * value);
  const ascending = [...squares.keys()].sort((i, j) => (squares[i] as number) - (squares[j] as number));
  const most = energy * squares.reduce((sum, square) => sum + square, 0);
  let lost = 0;
  const first = ascending.findIndex((term) => (lost += squares[term] as number) > most);
  const kept = ascending.slice(first === -1 ? -1 : first);
  return kept.sort((i, j) => i - j);
}

function withTerms({ v, s, u }: SvdGroup, terms: readonly number[]): readonly Layer[] {
  const r = terms.length;
  const right = rowsAt(weightMatrix(v.weight), terms);
  const left = rowsAt(transposed(weightMatrix(u.weight)), terms);
  const vShape = [r, ...v.weight.shape.slice(1)];
  const [outputs = 0, , ...kernel] = u.weight.shape;
  const uShape = [outputs, r, ...kernel];
  return [
    { ...v, weight: withValues({ ...v.weight, shape: vShape }, right.data) },
    { ...s, scale: s.scale.filter((_, term) => terms.includes(term)) },
    { ...u, weight: withValues({ ...u.weight, shape: uShape }, transposed(left).data) },
  ];
}
