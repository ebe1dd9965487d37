import type { FloatArray } from '@edjm/core';

/** Sums of gradients with respect to parameters, by the arrays that these lie in. */
export class ParameterGradients {
  readonly #sums = new Map<FloatArray, Float64Array>();

  /** The sum for a parameter, to add to; zeros at first. */
  of(parameter: FloatArray): Float64Array {
    const sum = this.#sums.get(parameter) ?? new Float64Array(parameter.length);
    this.#sums.set(parameter, sum);
    return sum;
  }
}
