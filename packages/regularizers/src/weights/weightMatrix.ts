import type { ParameterValues } from '@edjm/core';
import type { DenseMatrix } from '@edjm/linalg';

/** Whether a parameter has two axes or more: offsets, factors and scales of normalization have one. */
export function isWeight({ shape }: ParameterValues): boolean {
  return shape.length >= 2;
}

/** A weight as a matrix: `[units, inputs]` as it is, kernels `[O, C, kH, kW]` as O × (C · kH · kW). Its array is that of the weight. */
export function weightMatrix({ shape, data }: ParameterValues): DenseMatrix {
  const [rows = 1] = shape;
  return { rows, columns: data.length / rows, data };
}

/** Other values for a parameter, in its shape and its kind of array. */
export function withValues({ shape, data }: ParameterValues, values: Float64Array): ParameterValues {
  return { shape, data: data instanceof Float32Array ? new Float32Array(values) : values };
}
