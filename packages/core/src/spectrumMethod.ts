import type { DifferentiableNetwork } from './network.ts';

/**
 * How the singular values are computed, in float64 from the rows of the engine:
 * - `dual`: for n ≤ d_in, the rows are kept and J Jᵀ (n × n) is formed;
 * - `gram`: the engine forms JᵀJ of each batch, and rows never leave it;
 * - `gram-of-rows`: JᵀJ is formed outside the engine, where it has no `gram`.
 */
export type SpectrumMethod = 'dual' | 'gram' | 'gram-of-rows';

/** The methods for n samples, best first; those that follow are for memory that does not suffice for the first. */
export function spectrumMethods(network: DifferentiableNetwork, n: number): readonly SpectrumMethod[] {
  const gram = network.gram ? 'gram' : 'gram-of-rows';
  return n <= network.rowSize ? ['dual', gram] : [gram];
}
