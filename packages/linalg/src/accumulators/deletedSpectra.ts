import { leadingVectors } from '../decompositions/leadingVectors.ts';
import { checkCount, checkSquare } from '../matrix/checkMatrix.ts';
import type { DenseMatrix } from '../matrix/denseMatrix.ts';
import { multiply } from '../matrix/matrixProducts.ts';
import { symmetricEigenvalues } from '../solvers/symmetricEigenvalues.ts';

/** Options of {@link deletedSpectra}. */
export interface DeletedSpectraOptions {
  /** The singular values of all rows, descending: the d of them, or the largest. */
  readonly singularValues: Float64Array;
  /** How many of the largest values are followed one by one; those below shrink together. Defaults to 96. */
  readonly followed?: number;
}

/**
 * The singular values that are left if a part of the rows is taken away, for each of several parts, to second order in the part's size.
 *
 * With the leading eigenvectors V of G = JᵀJ, eigenvalues Λ, and the Gram matrix P of a part, they are the square roots of the eigenvalues of Λ − Vᵀ P V, each raised by
 * ‖(I − VVᵀ) P vᵢ‖² / (λᵢ − mean of the rest): what second-order perturbation adds from outside of V. The values outside of V shrink by the part's share of their power. With as many directions as
 * columns the values are exact. Costs one product d × d × `followed` a part.
 *
 * @param gram - G, d × d.
 * @param parts - Gram matrices of disjoint parts of the rows. They may be made one at a time.
 * @returns for each part as many values as were given, descending.
 * @throws RangeError if a matrix is not d × d or `followed` is not a count.
 *
 * Source: Stewart and Sun, "Matrix Perturbation Theory", 1990, section V.2.
 *
 * @example
 * ```ts
 * import { deletedSpectra } from '@edjm/linalg';
 *
 * const gram = { rows: 2, columns: 2, data: Float64Array.of(9, 0, 0, 4) };
 * const part = { rows: 2, columns: 2, data: Float64Array.of(0, 0, 0, 3) };
 * const singularValues = Float64Array.of(3, 2);
 * console.log([...deletedSpectra(gram, [part], { singularValues })]); // [ Float64Array [ 3, 1 ] ]
 * ```
 */
export function* deletedSpectra(
  gram: DenseMatrix,
  parts: Iterable<DenseMatrix>,
  { singularValues, followed = 96 }: DeletedSpectraOptions,
): Generator<Float64Array, undefined> {
  checkSquare(gram);
  checkCount(followed, 'the number of followed values', 1);
  const values = singularValues.map((value) => value ** 2);
  const count = Math.min(followed, gram.columns, values.length);
  const leading = leadingVectors(gram, count);
  const rest = values.subarray(count);
  const power = Math.max(0, trace(gram) - values.subarray(0, count).reduce((sum, value) => sum + value, 0));
  const mean = gram.columns === count ? 0 : power / (gram.columns - count);

  for (const part of parts) {
    const products = multiply(leading, part);
    const inside = multiply(products, leading, { transposeB: true });
    const left = new Float64Array(count * count);
    for (let at = 0; at < left.length; at++) left[at] = -(inside.data[at] as number);
    for (let i = 0; i < count; i++)
      left[i * (count + 1)] = (left[i * (count + 1)] as number) + (values[i] as number);
    const kept = symmetricEigenvalues({ rows: count, columns: count, data: left });
    for (let i = 0; i < count; i++) {
      const outside = squares(products, i) - squares(inside, i);
      const gap = (values[i] as number) - mean;
      if (outside > 0 && gap > mean) kept[i] = (kept[i] as number) + outside / gap;
    }
    const share = power === 0 ? 0 : Math.min(1, Math.max(0, (trace(part) - trace(inside)) / power));
    const all = new Float64Array(values.length);
    all.set(kept);
    all.set(
      rest.map((value) => value * (1 - share)),
      count,
    );
    yield all
      .map((value) => Math.sqrt(Math.max(0, value)))
      .sort()
      .reverse();
  }
}

/** Σ of the squares of a row. */
function squares({ columns, data }: DenseMatrix, row: number): number {
  let sum = 0;
  for (let j = row * columns; j < (row + 1) * columns; j++) sum += (data[j] as number) ** 2;
  return sum;
}

function trace({ columns, data }: DenseMatrix): number {
  let sum = 0;
  for (let at = 0; at < data.length; at += columns + 1) sum += data[at] as number;
  return sum;
}
