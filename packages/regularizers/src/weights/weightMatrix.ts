import type { ParameterValues } from '@edjm/core';
import type { DenseMatrix, FloatArray } from '@edjm/linalg';

/** Whether a parameter has two axes or more: offsets, factors and scales of normalization have one. */
export function isWeight({ shape }: ParameterValues): boolean {
  return shape.length >= 2;
}

/** A weight as a matrix: `[units, inputs]` as it is, `[O, C, kH, kW]` of a convolution as O × (C · kH · kW). It shares the array of the weight. */
export function weightMatrix({ shape, data }: ParameterValues): DenseMatrix {
  const [rows = 1] = shape;
  return { rows, columns: data.length / rows, data };
}

/** Other values for a parameter, in its shape and its kind of array. */
export function withValues({ shape, data }: ParameterValues, values: FloatArray): ParameterValues {
  const Kind = data instanceof Float32Array ? Float32Array : Float64Array;
  return { shape, data: values instanceof Kind ? values : new Kind(values) };
}
