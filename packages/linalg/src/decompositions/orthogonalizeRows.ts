import type { DenseMatrix, Float64Matrix } from '../matrix/denseMatrix.ts';
import { rotationsModule } from '../wasm/generated/rotations.ts';
import { type Kernel, kernel } from '../wasm/kernels.ts';

/** Functions of `kernels/rotations.ts`; addresses and the stride are in bytes. */
interface RotationFunctions {
  dot(a: number, b: number, length: number): number;
  rotateBehind(
    ...pairs: [
      rows: number,
      squares: number,
      first: number,
      count: number,
      stride: number,
      leading: number,
      noise: number,
      orthogonal: number,
    ]
  ): number;
}

const rotationKernels: Kernel<RotationFunctions> = kernel<RotationFunctions>(rotationsModule);

/** Pairs of rows are left as they are if the cosine of the angle between them is no larger than this. */
const ORTHOGONAL = 2 ** -52;

/**
 * The sweep that found no cosine above this is the last: each sweep about squares the cosines, so that only rounding errors
 * are left, which a further sweep would replace by others.
 */
const NEARLY_ORTHOGONAL = 2 ** -40;

/** More than ever needed: from nearly orthogonal rows one to three sweeps are usual, from any rows some ten. */
const MOST_SWEEPS = 40;

/** Rows that rotations have made orthogonal. */
export interface OrthogonalRows {
  /** The length of each. */
  readonly lengths: Float64Array;
  /** Q X. */
  readonly rows: Float64Matrix;
  /** Q. */
  readonly rotation: Float64Matrix;
}

/**
 * Rotates pairs of the rows of X until all are orthogonal, by one-sided Jacobi.
 *
 * @param rows - X, k × m.
 * @param rotation - the product of the rotations of X so far, k × k. Each further one is applied to it as well.
 * @param noise - rows of up to this fraction of the longest one's length are rounding errors, and left as they are.
 */
export function orthogonalizeRows(rows: DenseMatrix, rotation: DenseMatrix, noise: number): OrthogonalRows {
  const { rows: count, columns: m } = rows;
  // A rotation takes a row of X and the row of Q beside it at once; both are filled up with zeros to whole vectors.
  const leading = padded(m);
  const stride = 8 * (leading + padded(count));
  const squaresAt = count * stride;
  return rotationKernels.run(squaresAt + 8 * count, (kernels, buffer) => {
    const part = (i: number, start: number, length: number): Float64Array =>
      new Float64Array(buffer, i * stride + 8 * start, length);
    for (let i = 0; i < count; i++) {
      part(i, 0, stride / 8).fill(0);
      part(i, 0, m).set(rows.data.subarray(i * m, (i + 1) * m));
      part(i, leading, count).set(rotation.data.subarray(i * count, (i + 1) * count));
    }
    const squares = new Float64Array(buffer, squaresAt, count);
    const measure = (): void => {
      for (let i = 0; i < count; i++) squares[i] = kernels.dot(i * stride, i * stride, leading);
    };
    measure();
    const noiseSquare = noise ** 2 * squares.reduce((a, b) => Math.max(a, b), 0);
    for (let sweep = 0, largest = 1; largest > NEARLY_ORTHOGONAL && sweep < MOST_SWEEPS; sweep++) {
      largest = 0;
      for (let i = 0; i < count; i++) {
        const cosine = kernels.rotateBehind(0, squaresAt, i, count, stride, leading, noiseSquare, ORTHOGONAL);
        largest = Math.max(largest, cosine);
      }
      measure();
    }
    const found = (start: number, columns: number): OrthogonalRows['rows'] => {
      const data = new Float64Array(count * columns);
      for (let i = 0; i < count; i++) data.set(part(i, start, columns), i * columns);
      return { rows: count, columns, data };
    };
    return { lengths: squares.map(Math.sqrt), rows: found(0, m), rotation: found(leading, count) };
  });
}

function padded(length: number): number {
  return Math.ceil(length / 4) * 4;
}
