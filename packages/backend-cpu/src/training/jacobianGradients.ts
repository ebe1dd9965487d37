import type { DenseMatrix, JacobianProduct } from '@edjm/core';
import type { Network } from '@edjm/network';
import { tangentFunction } from '../networkFunction.ts';
import { ParameterGradients } from '../parameterGradients.ts';
import { joined, parts } from '../parts.ts';
import { gradientsByName } from './lossGradients.ts';

/**
 * Gradients of Σ_k Σ_i c_kiᵀ J(x_i) t_ki: c is what goes back through (x, t) ↦ (f(x), J(x) t), from its second half alone.
 */
export function jacobianGradients(
  network: Network,
  batch: DenseMatrix,
  products: readonly JacobianProduct[],
): ReadonlyMap<string, Float64Array> {
  const f = tangentFunction(network);
  const gradients = new ParameterGradients();
  for (const { cotangents, tangents } of products) {
    const [t, c] = [samplesOf(tangents), samplesOf(cotangents)];
    for (const [i, x] of samplesOf(batch).entries()) {
      const cotangent = c[i] as Float64Array;
      const { vjp } = f(joined([x, t[i] as Float64Array]));
      vjp(joined([new Float64Array(cotangent.length), cotangent]), gradients);
    }
  }
  return gradientsByName(network, gradients);
}

function samplesOf({ rows, data }: DenseMatrix): readonly Float64Array[] {
  return parts(Float64Array.from(data), rows);
}
