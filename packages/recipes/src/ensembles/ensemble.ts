import { type DifferentiableNetwork, EdjmError, withOutputKind } from '@edjm/core';
import { EnsembleNetwork } from './ensembleNetwork.ts';

/** Options of {@link ensemble}. */
export interface EnsembleOptions {
  /**
   * The values to average: the logits, or the softmax of each member's. Members that were loaded with `outputKind: 'probability'` are taken as
   * they are, which is faster than the softmax around logits. Defaults to `'logits'`.
   */
  readonly average?: 'logits' | 'probabilities';
  /** One number of 0 or more for each member; they are divided by their sum. Defaults to the same for all. */
  readonly weights?: readonly number[];
  /** Defaults to `'ensemble'`. */
  readonly name?: string;
  /** Whether the ensemble disposes of its members, when it is disposed of. Defaults to `false`: they are whose they were. */
  readonly disposesMembers?: boolean;
}

/**
 * The mean of networks as one network, f(x) = Σ_i w_i f_i(x) with the Jacobian Σ_i w_i J_i(x), as Wang et al. (2016, Figure 5) average
 * the outputs of networks of 2, 3 and 4 layers. Members may be of different architectures and backends.
 *
 * @param members - at least one. An input of one axis fits any of as many values.
 * @returns a network of `'logit'` or `'probability'` outputs.
 * @throws EdjmError `SHAPE_MISMATCH` for members whose inputs or outputs differ in shape, `INVALID_ARGUMENT` for none, for weights out of
 * their range, and for members whose outputs cannot be turned into those that are averaged.
 *
 * @example
 * ```ts
 * import { analyze, type DifferentiableNetwork, type Dataset } from '@edjm/core';
 * import { ensemble } from '@edjm/recipes';
 *
 * export async function spectra(members: readonly DifferentiableNetwork[], data: Dataset): Promise<void> {
 *   await using mean = ensemble(members, { average: 'probabilities' });
 *   console.log((await analyze(mean, data)).normalizedSpectrum);
 * }
 * ```
 */
export function ensemble(
  members: readonly DifferentiableNetwork[],
  options: EnsembleOptions = {},
): DifferentiableNetwork {
  const {
    average = 'logits',
    weights = members.map(() => 1),
    name = 'ensemble',
    disposesMembers = false,
  } = options;
  checkMembers(name, members);
  checkWeights(name, members, weights);
  const total = weights.reduce((sum, weight) => sum + weight);
  return new EnsembleNetwork(
    name,
    members.map((network, i) => ({
      network: withOutputKind(network, average === 'logits' ? 'logit' : 'probability'),
      weight: (weights[i] as number) / total,
    })),
    disposesMembers,
  );
}

function checkMembers(name: string, members: readonly DifferentiableNetwork[]): void {
  const [first, ...others] = members;
  if (first === undefined) {
    throw new EdjmError('INVALID_ARGUMENT', `${name}: expected members, got none. Give at least one.`);
  }
  for (const other of others) {
    const sizes = ['sampleSize', 'dIn', 'dOut'] as const;
    if (sizes.every((size) => first[size] === other[size]) && hasSameAxes(first.inputShape, other.inputShape))
      continue;
    throw new EdjmError(
      'SHAPE_MISMATCH',
      `${name}: expected members of the same shape, got ${first.name} of ${shapes(first)} and ${other.name} of ${shapes(other)}. Average networks of the same task.`,
    );
  }
}

/** A flat input says nothing about the order of axes. */
function hasSameAxes(a: readonly number[], b: readonly number[]): boolean {
  return a.length === 1 || b.length === 1 || String(a) === String(b);
}

function shapes({ inputShape, dIn, dOut }: DifferentiableNetwork): string {
  return `inputs [${inputShape.join(', ')}], rows of ${dIn} and ${dOut} outputs`;
}

function checkWeights(
  name: string,
  members: readonly DifferentiableNetwork[],
  weights: readonly number[],
): void {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const fit = weights.length === members.length && weights.every((weight) => weight >= 0);
  if (fit && total > 0 && total < Infinity) return;
  throw new EdjmError(
    'INVALID_ARGUMENT',
    `${name}: expected a weight of 0 or more for each of ${members.length} members, and one above 0, got ${weights.join(', ')}. Give such weights.`,
  );
}
