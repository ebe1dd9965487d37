import type { DifferentiableNetwork } from './network.ts';

/**
 * How the singular values are computed:
 * - `dual`: for n ≤ d_in, the rows are kept and J Jᵀ (n × n) is formed in float64;
 * - `gram-float64`: rows come out of the engine and JᵀJ is accumulated from them in float64;
 * - `gram`: the engine forms JᵀJ of each batch, in the precision it has, and the batches are summed in float64.
 */
export type SpectrumMethod = 'dual' | 'gram-float64' | 'gram';

/**
 * Up to this many multiplications for all outputs the products of the rows are formed in float64 outside the engine:
 * some two seconds, and small singular values keep their digits.
 */
const FLOAT64_PRODUCTS = 4e9;

/**
 * The methods for n samples, best first; those that follow are for memory that does not suffice for the first.
 *
 * The choice counts all outputs of the network: it does not depend on which of them are asked for, so an output's
 * spectrum is the same alone and among others.
 */
export function spectrumMethods(network: DifferentiableNetwork, n: number): readonly SpectrumMethod[] {
  const { inputSize, outputSize } = network;
  if (n <= inputSize) return ['dual', 'gram-float64'];
  const multiplications = (n * inputSize ** 2 * outputSize) / 2;
  return network.gram === undefined || multiplications <= FLOAT64_PRODUCTS ? ['gram-float64'] : ['gram'];
}
