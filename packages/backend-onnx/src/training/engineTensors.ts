import type { DenseMatrix } from '@edjm/core';
import type { EngineTensor } from '../runtime/sessionPool.ts';

/** A matrix as ONNX Runtime takes it. */
export function matrix({ rows, columns, data }: DenseMatrix): EngineTensor {
  return { shape: [rows, columns], data };
}

/** A number as ONNX Runtime takes it. */
export function scalar(value: number): EngineTensor {
  return { shape: [], data: Float32Array.of(value) };
}

/** Room for values of a shape. */
export function room(shape: readonly number[]): EngineTensor {
  return { shape, data: new Float32Array(shape.reduce((product, size) => product * size, 1)) };
}
