import { fromMatrix, toMatrix } from '../dense/conversion.ts';
import { checkFinite, checkShape } from '../matrix/checkMatrix.ts';
import type { DenseMatrix } from '../matrix/denseMatrix.ts';
import type { Directions } from './dominantDirections.ts';
import { multiply } from '../matrix/matrixProducts.ts';
import { singularValuesOfRows } from '../decompositions/singularValuesOfRows.ts';

/**
 * The canonical correlations of two matrices A (n × d_A) and B (n × d_B) whose rows belong together: cosines of the
 * principal angles between their column spaces in Rⁿ. They compare how A and B tell n samples apart, whatever their widths.
 *
 * They are the singular values of U_AᵀU_B = Σ_A⁻¹ V_Aᵀ AᵀB V_B Σ_B⁻¹ over the given directions of each. Only the part of a
 * column space that the left vectors of these directions span counts. All are 1 if one space contains the other, as
 * when one matrix is the other times any matrix, without loss of rank; 0 if they are orthogonal. If n is not above
 * the ranks all are 1 for any matrices: give more samples than that, or fewer directions. Columns are not centered.
 *
 * With products formed in float64, they are good to some 1e-15 (σ₁ / σ)² for the smallest singular value σ of the directions.
 *
 * @param crossGram - AᵀB, d_A × d_B, such as {@link crossGramAccumulator} sums.
 * @param ofA - directions of A, by {@link dominantDirections} of AᵀA.
 * @param ofB - directions of B.
 * @returns as many values as directions were given of the matrix with fewer of them, 0 … 1, descending.
 * @throws RangeError if the shapes do not fit, or a number is not finite.
 *
 * Source: Hotelling, "Relations between two sets of variates", 1936; Björck and Golub, "Numerical methods for computing
 * angles between linear subspaces", 1973; on networks: Raghu et al., "SVCCA", NeurIPS 2017.
 *
 * @example
 * ```ts
 * import { canonicalCorrelations, dominantDirections } from '@edjm/linalg';
 *
 * // A = [1, 0, 0]ᵀ and B = [3, 4, 0]ᵀ: one column each, at an angle with the cosine 3 / 5.
 * const of = (value: number) => ({ rows: 1, columns: 1, data: Float64Array.of(value) });
 * console.log(canonicalCorrelations(of(3), dominantDirections(of(1)), dominantDirections(of(25)))); // [0.6]
 * ```
 */
export function canonicalCorrelations(
  crossGram: DenseMatrix,
  ofA: Directions,
  ofB: Directions,
): Float64Array {
  checkShape(crossGram, ofB.vectors.columns);
  if (crossGram.rows !== ofA.vectors.columns) {
    throw new RangeError(
      `expected AᵀB with ${ofA.vectors.columns} rows, got ${crossGram.rows}. Give the product of the same two matrices.`,
    );
  }
  checkFinite(crossGram);
  if (ofA.vectors.rows === 0 || ofB.vectors.rows === 0) return new Float64Array(0);
  const products = multiply(multiply(whitening(ofA), crossGram), whitening(ofB), { transposeB: true });
  return singularValuesOfRows(products).map((cosine) => Math.min(1, cosine));
}

/** Rows vᵢᵀ / σᵢ: a matrix times the transpose of these has orthonormal columns. */
function whitening({ singularValues, vectors }: Directions): DenseMatrix {
  return fromMatrix(toMatrix(vectors).divColumnVector(singularValues));
}
