import type { DenseMatrix, FloatArray, ParameterValues } from '@edjm/core';
import type { EngineTensor } from '../runtime/sessionPool.ts';

/** Values with a shape as the engine takes them. */
export function tensor({ shape, data }: ParameterValues): EngineTensor {
  return { shape, data: inSinglePrecision(data) };
}

/** A matrix as the engine takes it. */
export function matrix({ rows, columns, data }: DenseMatrix): EngineTensor {
  return { shape: [rows, columns], data: inSinglePrecision(data) };
}

/** A number as the engine takes it. */
export function scalar(value: number): EngineTensor {
  return { shape: [], data: Float32Array.of(value) };
}

/** Matrices of one shape, one after the other: [K, rows, columns]. */
export function stacked(matrices: readonly DenseMatrix[]): EngineTensor {
  const [{ rows, columns }] = matrices as readonly [DenseMatrix];
  const data = new Float32Array(matrices.length * rows * columns);
  matrices.forEach((each, index) => {
    data.set(each.data, index * rows * columns);
  });
  return { shape: [matrices.length, rows, columns], data };
}

function inSinglePrecision(data: FloatArray): Float32Array {
  return data instanceof Float32Array ? data : new Float32Array(data);
}
