import { checkFinite, checkOverflow, checkSquare } from '../matrix/checkMatrix.ts';
import type { DenseMatrix, Float64Matrix } from '../matrix/denseMatrix.ts';
import { eigenvectorsModule } from '../wasm/generated/eigenvectors.ts';
import { type Kernel, kernel } from '../wasm/kernels.ts';
import { paddedOrder } from '../matrix/packedTriangle.ts';
import { largestSize, powerOfTwoNear } from '../rounding/powersOfTwo.ts';

/** Eigenvalues λᵢ and unit eigenvectors vᵢ of a symmetric matrix, A = Σ λᵢ vᵢ vᵢᵀ. */
export interface SymmetricEigen {
  /** Descending. */
  readonly values: Float64Array;
  /** n × n, orthonormal: row i is vᵢ. */
  readonly vectors: Float64Matrix;
}

/** Functions of `kernels/eigenvectors.ts`; addresses are in bytes. */
interface EigenvectorFunctions {
  eigenvectors(
    ...problem: [
      missing: number,
      values: number,
      triangle: number,
      order: number,
      strips: number,
      work: number,
    ]
  ): void;
}

const eigenvectorKernels: Kernel<EigenvectorFunctions> = kernel<EigenvectorFunctions>(eigenvectorsModule);

/**
 * All eigenvalues and eigenvectors of a real symmetric matrix, in float64: about 8 n³ operations.
 *
 * Householder reduction to tridiagonal form, then implicit QL. Values are off by a few times 2⁻⁵² of the largest absolute one,
 * and the vectors are orthonormal to some 1e-14. If eigenvalues lie closer together than that, their vectors are some basis
 * of the space that belongs to them. Entries of any size are scaled beforehand.
 *
 * @param matrix - n × n and symmetric. Only its lower triangle is read; it is not changed.
 * @throws RangeError if the matrix is not square, holds NaN or an infinity, or an eigenvalue is beyond float64.
 *
 * Source: Wilkinson and Reinsch, "Handbook for Automatic Computation II: Linear Algebra", 1971, II/2 and II/4.
 *
 * @example
 * ```ts
 * import { symmetricEigen } from '@edjm/linalg';
 *
 * const matrix = { rows: 2, columns: 2, data: Float64Array.of(0, 2, 2, 3) };
 * const { values, vectors } = symmetricEigen(matrix);
 * console.log(values, vectors.data); // [4, -1] and ±[1, 2] / √5, ±[2, -1] / √5
 * ```
 */
export function symmetricEigen(matrix: DenseMatrix): SymmetricEigen {
  checkSquare(matrix);
  checkFinite(matrix);
  const order = matrix.rows;
  const { padded, values, triangle, strips, work, bytes } = layoutOf(order);
  return eigenvectorKernels.run(bytes, (kernels, buffer) => {
    const scale = powerOfTwoNear(largestSize(matrix.data));
    const from = growingDiagonal(matrix);
    writeTriangle(matrix, { from, scale }, new Float64Array(buffer, triangle, (strips - triangle) / 8));
    kernels.eigenvectors(0, values, triangle, padded, strips, work);
    const [missing = 0] = new Float64Array(buffer, 0, 1);
    if (missing > 0) {
      throw new RangeError(
        `expected ${order} eigenvalues within 30 QL steps each, got ${order - missing}. Report this matrix as a defect.`,
      );
    }
    return sorted(new Float64Array(buffer, values, order), new Float64Array(buffer, strips), { from, scale });
  });
}

/** The memory that {@link symmetricEigen} computes in, for a matrix of that order. */
export function eigenvectorBytes(order: number): number {
  return layoutOf(order).bytes;
}

interface EigenvectorLayout {
  readonly padded: number;
  readonly values: number;
  readonly triangle: number;
  readonly strips: number;
  readonly work: number;
  readonly bytes: number;
}

function layoutOf(order: number): EigenvectorLayout {
  const padded = paddedOrder(order);
  const values = 8;
  const triangle = values + padded * 8;
  const strips = triangle + ((padded * (padded + 1)) / 2) * 8;
  const work = strips + Math.ceil(padded / 8) * 64 * padded;
  return { padded, values, triangle, strips, work, bytes: work + (112 * padded + 2048) * 8 };
}

/** The order of rows and columns, and the divisor of the entries. */
interface Arrangement {
  readonly from: Uint32Array;
  readonly scale: number;
}

/** Indices of rows, the ones with the smallest diagonal entries first: so a graded matrix is reduced without loss. */
function growingDiagonal({ data, rows }: DenseMatrix): Uint32Array {
  const size = Float64Array.from({ length: rows }, (_, i) => Math.abs(data[i * rows + i] as number));
  return Uint32Array.from(size.keys()).sort((i, j) => (size[i] as number) - (size[j] as number));
}

function writeTriangle(
  { data, rows }: DenseMatrix,
  { from, scale }: Arrangement,
  triangle: Float64Array,
): void {
  let at = 0;
  for (let i = 0; i < rows; i++) {
    const row = from[i] as number;
    for (let j = 0; j <= i; j++, at++) {
      const column = from[j] as number;
      const entry = row >= column ? data[row * rows + column] : data[column * rows + row];
      triangle[at] = (entry as number) / scale;
    }
  }
  triangle.fill(0, at);
}

/** The values descending, and the vectors as rows in the same order, their entries where they belong. */
function sorted(found: Float64Array, strips: Float64Array, { from, scale }: Arrangement): SymmetricEigen {
  const order = found.length;
  const padded = paddedOrder(order);
  const indices = Uint32Array.from(found.keys()).sort((i, j) => (found[j] as number) - (found[i] as number));
  const data = new Float64Array(order * order);
  for (let i = 0; i < order; i++) {
    const start = (indices[i] as number) * 4;
    let squares = 0;
    for (let j = 0; j < order; j++) {
      const entry = strips[(j >> 2) * padded * 4 + start + (j & 3)] as number;
      data[i * order + (from[j] as number)] = entry;
      squares += entry * entry;
    }
    // Thousands of rotations have changed the lengths a little.
    const norm = Math.sqrt(squares);
    for (let j = 0; j < order; j++) data[i * order + j] = (data[i * order + j] as number) / norm;
  }
  const values = Float64Array.from(indices, (i) => (found[i] as number) * scale);
  checkOverflow(values, 'eigenvalues');
  return { values, vectors: { rows: order, columns: order, data } };
}
