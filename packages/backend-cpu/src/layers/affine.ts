import type { FloatArray } from '@edjm/core';
import type { LayerFunction } from '../layerFunction.ts';

/** An affine map y = A x + b, given by the terms of A. */
export interface AffineMap {
  readonly rows: number;
  readonly columns: number;
  /** Visits every entry of A that may differ from 0, in any order; entries of one place add up. */
  readonly terms: (visit: (row: number, column: number, value: number) => void) => void;
  /** b; absent stands for zeros. */
  readonly offset?: FloatArray | undefined;
}

/** A layer whose Jacobian is the same everywhere: value and both derivatives come from one list of terms. */
export function affine({ rows, columns, terms, offset }: AffineMap): LayerFunction {
  const multiply = (x: Float64Array, y: Float64Array): Float64Array => {
    terms((row, column, value) => {
      y[row] = (y[row] as number) + value * (x[column] as number);
    });
    return y;
  };
  const multiplyTransposed = (c: Float64Array): Float64Array => {
    const result = new Float64Array(columns);
    terms((row, column, value) => {
      result[column] = (result[column] as number) + value * (c[row] as number);
    });
    return result;
  };
  return (x) => ({
    y: multiply(x, offset ? Float64Array.from(offset) : new Float64Array(rows)),
    jvp: (tangent) => multiply(tangent, new Float64Array(rows)),
    vjp: multiplyTransposed,
  });
}
