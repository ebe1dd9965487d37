import type { DenseMatrix } from '../matrix/denseMatrix.ts';

/**
 * A matrix J, n × d, that is known by its products alone.
 *
 * Both products must use one and the same matrix in every call. The error bounds do not cover differences between the two,
 * or between calls. A product may be an array that the next call overwrites.
 */
export interface LinearOperator {
  /** n. */
  readonly rows: number;
  /** d. */
  readonly columns: number;
  /** J Z: d × p in, n × p out. */
  multiply(z: DenseMatrix): Promise<DenseMatrix>;
  /** Jᵀ X: n × p in, d × p out. */
  multiplyTransposed(x: DenseMatrix): Promise<DenseMatrix>;
}
