import type { DenseMatrix } from '../matrix/denseMatrix.ts';

/**
 * A matrix J, n × d, that is known by its products alone.
 *
 * Both products must be of one and the same matrix, each time: what they differ by, or change by from call to call, is
 * beyond every error bound. A product may be an array that the next call overwrites.
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
