import type { DenseMatrix, StackedProducts } from '@edjm/core';
import type { Network } from '@edjm/network';
import { tangentFunction } from '../networkFunction.ts';
import { ParameterGradients } from '../parameterGradients.ts';
import { joined, parts } from '../parts.ts';
import { gradientsByName } from './lossGradients.ts';

/**
 * Gradients of Σ_k Σ_i c_kiᵀ J(x_i) t_ki: c goes back through (x, t) ↦ (f(x), J(x) t), from its second half alone.
 */
export function jacobianGradients(
  network: Network,
  { rows, data }: DenseMatrix,
  { count, cotangents, tangents }: StackedProducts,
): ReadonlyMap<string, Float64Array> {
  const f = tangentFunction(network);
  const gradients = new ParameterGradients();
  const samples = parts(data as Float64Array, rows);
  const each = parts(cotangents as Float64Array, count * rows);
  for (const [at, t] of parts(tangents as Float64Array, count * rows).entries()) {
    const cotangent = each[at] as Float64Array;
    const { vjp } = f(joined([samples[at % rows] as Float64Array, t]));
    vjp(joined([new Float64Array(cotangent.length), cotangent]), gradients);
  }
  return gradientsByName(network, gradients);
}
