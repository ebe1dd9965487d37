import {
  canonicalCorrelations,
  crossGramAccumulator,
  type DenseMatrix,
  type Directions,
  dominantDirections,
  gramAccumulator,
  type GramAccumulator,
  principalAngles,
} from '@edjm/linalg';
import type { Dataset } from '../contracts/dataset.ts';
import { EdjmError } from '../contracts/errors.ts';
import type { DifferentiableNetwork } from '../contracts/network.ts';
import { rowBatches, type RowBatchOptions } from '../rows/rowBatches.ts';

/** Options of {@link crossSpectrum}. */
export interface CrossSpectrumOptions extends RowBatchOptions {
  /** Which output's EDJM: of both networks, or of each. */
  readonly output: number | readonly [number, number];
  /**
   * How many singular directions of each EDJM are compared, those of the largest values. Defaults to as many as the score
   * counts, a tenth of min(n, d_in), and at least one. Directions with singular values up to 1e-5 of the largest never count.
   */
  readonly dominant?: number | undefined;
}

/** The angles between the EDJMs of two networks on the same data. */
export interface CrossSpectrum {
  /** The output of each network. */
  readonly outputs: readonly [number, number];
  /** Number of samples. */
  readonly n: number;
  /** For each network the singular values of the directions that were compared, descending. */
  readonly singularValues: readonly [Float64Array, Float64Array];
  /**
   * Principal angles in radians, ascending, between the input directions that each network reacts to most, spanned by the
   * right singular vectors. Absent if the rows of the two differ in length.
   */
  readonly inputAngles: Float64Array | undefined;
  /**
   * Canonical correlations, 0 … 1, descending: the cosines of the principal angles between the spaces of the left singular
   * vectors. They compare how the two networks tell the samples apart.
   */
  readonly correlations: Float64Array;
}

/**
 * Compares the EDJMs A and B of two networks on the same data by the angles between their leading singular directions.
 *
 * Input angles of 0 say that both networks react to the same directions of the input space, right angles that they react to
 * unrelated ones. Correlations of 1 say that both tell the samples apart in the same way, through whichever inputs. Rows of
 * different length, such as derivatives with respect to a hidden layer, have correlations too. With as many directions as
 * samples all correlations would be 1. One pass over the data sums AᵀA, BᵀB and AᵀB in float64; it keeps nothing of size n.
 *
 * @param networks - two, or the same one twice for two of its outputs. They need the same input.
 * @throws EdjmError `SHAPE_MISMATCH` if the data does not fit one of the networks; `INVALID_ARGUMENT` for an output that
 * does not exist and other options out of their range; `INVALID_DATA` if an EDJM is zero, data or gradients are
 * not finite, or samples are not as many as the data set says; `MEMORY_LIMIT`; `ABORTED`.
 *
 * Source: Björck and Golub, "Numerical methods for computing angles between linear subspaces", 1973; Raghu et al.,
 * "SVCCA: singular vector canonical correlation analysis for deep learning dynamics and interpretability", NeurIPS 2017.
 *
 * @example
 * ```ts
 * import { crossSpectrum, type Dataset, type DifferentiableNetwork } from '@edjm/core';
 *
 * export async function largestAngle(
 *   before: DifferentiableNetwork,
 *   after: DifferentiableNetwork,
 *   data: Dataset,
 * ): Promise<number> {
 *   const { inputAngles } = await crossSpectrum([before, after], data, { output: 0, dominant: 5 });
 *   return inputAngles?.at(-1) ?? NaN;
 * }
 * ```
 */
export async function crossSpectrum(
  networks: readonly [DifferentiableNetwork, DifferentiableNetwork],
  data: Dataset,
  options: CrossSpectrumOptions,
): Promise<CrossSpectrum> {
  const { output, dominant } = options;
  if (dominant !== undefined && (!Number.isSafeInteger(dominant) || dominant < 1)) {
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `expected 1 or more dominant directions, got ${dominant}. Give a whole number.`,
    );
  }
  const outputs = typeof output === 'number' ? ([output, output] as const) : output;
  const [a, b] = networks;
  const batches = rowBatches(
    {
      sources: [
        { network: a, outputs: [outputs[0]] },
        { network: b, outputs: [outputs[1]] },
      ],
      data,
      held: heldBytes(a.dIn, b.dIn),
    },
    options,
  );
  const gramA = gramAccumulator(a.dIn);
  const gramB = gramAccumulator(b.dIn);
  const crossGram = crossGramAccumulator(a.dIn, b.dIn);
  for await (const batch of batches) {
    const [rowsOfA, rowsOfB] = batch.flat() as [DenseMatrix, DenseMatrix];
    gramA.add(rowsOfA);
    gramB.add(rowsOfB);
    crossGram.add(rowsOfA, rowsOfB);
  }
  const ofA = directionsOf(gramA, { network: a, output: outputs[0], dominant });
  const ofB = directionsOf(gramB, { network: b, output: outputs[1], dominant });
  return {
    outputs,
    n: data.n,
    singularValues: [ofA.singularValues, ofB.singularValues],
    inputAngles: a.dIn === b.dIn ? principalAngles(ofA.vectors, ofB.vectors) : undefined,
    correlations: canonicalCorrelations(crossGram.crossGram(), ofA, ofB),
  };
}

/** @throws EdjmError `INVALID_DATA` if there are none. */
function directionsOf(
  accumulator: GramAccumulator,
  of: {
    readonly network: DifferentiableNetwork;
    readonly output: number;
    readonly dominant: number | undefined;
  },
): Directions {
  const { rows, columns } = accumulator;
  const most = of.dominant ?? upperTenth(Math.min(rows, columns));
  const directions = dominantDirections(accumulator.gram(), { most });
  if (directions.singularValues.length > 0) return directions;
  throw new EdjmError(
    'INVALID_DATA',
    `${of.network.name}: expected gradients other than 0, got an EDJM of zeros for output ${of.output}. Choose another output or other data.`,
  );
}

/** How many of m values lie above the 90th percentile, but one at least. */
function upperTenth(m: number): number {
  return Math.max(1, m - 1 - Math.floor(0.9 * (m - 1)));
}

/** The sums, and a dense copy, the eigenvectors and two matrices to work with for each of the Gram matrices. */
function heldBytes(a: number, b: number): number {
  return Float64Array.BYTES_PER_ELEMENT * (4.5 * (a * a + b * b) + 2 * a * b);
}
