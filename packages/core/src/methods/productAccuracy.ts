import { eigenvalueErrorBound } from '@edjm/linalg';
import type { Job } from '../contracts/spectrumMethod.ts';

const UNIT = 2 ** -53;

/** Outside an engine, products of rows are summed in panels of 256 terms. */
export const PANEL_DEPTH = 256;

/**
 * The error of a value near zero, relative to σ₁, if it is the root of an eigenvalue. The products are off by at most γ
 * trace(JᵀJ) ≤ γ r σ₁² in norm, with r = min(n, d), and the solver rounds their eigenvalues too. The error of the value is
 * the root of that.
 *
 * @param depth - terms that are summed in one product; products are then added one after the other.
 */
export function productAccuracy({ n, network }: Pick<Job, 'network' | 'n'>, depth: number): number {
  const rank = Math.min(n, network.dIn);
  const roundings = depth + Math.ceil(Math.max(n, network.dIn) / depth);
  return Math.sqrt(roundings * UNIT * rank + eigenvalueErrorBound(rank, 1));
}

/** Refuses more samples than a row has values: J Jᵀ is then the larger product. */
export function fewSamples({ n, network, narrowed }: Job): string | undefined {
  if (n <= network.dIn) return undefined;
  const why = narrowed ? ', the width of the narrowest layer in front' : '';
  return `at most as many samples as a row has values, ${network.dIn}${why}, got ${n}`;
}
