import { placeBlock } from '../matrix/blocks.ts';
import { zeros } from '../matrix/denseMatrix.ts';
import { multiply } from '../matrix/matrixProducts.ts';
import { rowsBetween } from '../matrix/rows.ts';
import { subtractProduct } from '../matrix/subtractProduct.ts';
import { innerProduct, norm, type Vectors } from './vectors.ts';

/** Vectors W as combinations of orthonormal ones Q: W = Fᵀ Q, with one vector a row. */
export interface Orthonormal {
  /** Q: as many vectors as W has independent ones. They lie in the array of W. */
  readonly vectors: Vectors;
  /** F: a row for each vector of Q, a column for each of W; column j is zero below row j. */
  readonly factor: Vectors;
}

/** The same with a part along a basis U of other orthonormal vectors: W = Cᵀ U + Fᵀ Q. */
export interface OrthonormalToBasis extends Orthonormal {
  /** C: for each block of U a matrix with a row for each of its vectors, a column for each of W. */
  readonly coefficients: readonly Vectors[];
}

/** Up to this many vectors are taken one after the other. */
const FEW = 8;

/** Inner products of vectors that count as orthogonal: a few times the rounding error of 0. */
const ORTHOGONAL = 2 ** -48;

/** If no more than this length is left of a unit vector, it is rounding noise. */
const NOISE = 2 ** -46;

/** Two passes suffice, unless a vector is noise from the start (Kahan and Parlett). */
const MOST_PASSES = 5;

/**
 * Makes vectors orthonormal, in place. A vector is dropped if its distance from the span of those before it is at most
 * `threshold`.
 *
 * Halves are taken one after the other, so that most of the work is products of matrices.
 */
export function orthonormalize(vectors: Vectors, threshold: number): Orthonormal {
  const { rows, columns, data } = vectors;
  if (rows <= FEW) return oneByOne(vectors, threshold);
  const half = Math.ceil(rows / 2);
  const first = orthonormalize(rowsBetween(vectors, 0, half), threshold);
  const second = orthonormalizeTo([first.vectors], rowsBetween(vectors, half, rows), threshold);

  const before = first.vectors.rows;
  const rank = before + second.vectors.rows;
  data.copyWithin(before * columns, half * columns, (half + second.vectors.rows) * columns);
  const factor = zeros(rank, rows);
  placeBlock(factor, first.factor, { row: 0, column: 0 });
  for (const coefficients of second.coefficients) placeBlock(factor, coefficients, { row: 0, column: half });
  placeBlock(factor, second.factor, { row: before, column: half });
  return { vectors: rowsBetween(vectors, 0, rank), factor };
}

/** Makes vectors orthonormal and orthogonal to a basis, in place: {@link orthonormalize} in the complement of U. */
export function orthonormalizeTo(
  basis: readonly Vectors[],
  block: Vectors,
  threshold: number,
): OrthonormalToBasis {
  const coefficients = basis.map((part) => {
    const shares = multiply(part, block, { transposeB: true });
    subtractProduct(block, [shares, part], { transposeA: true });
    return shares;
  });
  let { vectors, factor } = orthonormalize(block, threshold);
  // If little is left of a vector, it holds the rounding errors of the part that was subtracted.
  for (let pass = 1; pass < MOST_PASSES && vectors.rows > 0; pass++) {
    const shares = basis.map((part) => multiply(part, vectors, { transposeB: true }));
    if (shares.every(({ data }) => data.every((share) => Math.abs(share) <= ORTHOGONAL))) break;
    for (const [index, part] of basis.entries()) {
      const share = shares[index] as Vectors;
      subtractProduct(vectors, [share, part], { transposeA: true });
      multiply(share, factor, { addTo: coefficients[index] as Vectors });
    }
    const next = orthonormalize(vectors, NOISE);
    vectors = next.vectors;
    factor = multiply(next.factor, factor);
  }
  return { vectors, factor, coefficients };
}

function oneByOne(vectors: Vectors, threshold: number): Orthonormal {
  const { rows, columns, data } = vectors;
  const factor = zeros(rows, rows);
  let rank = 0;
  for (let j = 0; j < rows; j++) {
    const vector = data.subarray(j * columns, (j + 1) * columns);
    let length = norm(vector);
    for (let pass = 0; pass < MOST_PASSES && length > threshold; pass++) {
      const before = length;
      for (let i = 0; i < rank; i++) {
        const other = data.subarray(i * columns, (i + 1) * columns);
        const share = innerProduct(other, vector);
        factor.data[i * rows + j] = (factor.data[i * rows + j] as number) + share;
        for (let k = 0; k < columns; k++) vector[k] = (vector[k] as number) - share * (other[k] as number);
      }
      length = norm(vector);
      if (length > before / 2) break;
    }
    if (length <= threshold) continue;
    factor.data[rank * rows + j] = length;
    const target = data.subarray(rank * columns, (rank + 1) * columns);
    for (let k = 0; k < columns; k++) target[k] = (vector[k] as number) / length;
    rank++;
  }
  return { vectors: rowsBetween(vectors, 0, rank), factor: rowsBetween(factor, 0, rank) };
}
