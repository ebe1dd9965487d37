import type { NetworkMetric } from '@edjm/core';
import { symmetricEigenvalues } from '@edjm/linalg';
import { innerProduct, jacobianAt } from './rowSums.ts';

/**
 * A lower estimate of the Lipschitz constant of the network near the data: the largest spectral norm of its Jacobian at a sample.
 *
 * max ‖J(xᵢ)‖₂ over i over the analyzed outputs, in the Euclidean norm on both sides. Unit of the output over that of the input, 0 or more. The true constant
 * over a region that contains the samples is at least as large.
 *
 * Source: Jordan and Dimakis, "Exactly computing the local Lipschitz constant of ReLU networks", NeurIPS 2020.
 *
 * @example
 * ```ts
 * import { localLipschitz } from '@edjm/metrics';
 *
 * console.log(localLipschitz().needs); // [ 'rows' ]
 * ```
 */
export function localLipschitz(): NetworkMetric<'rows'> {
  return {
    name: 'local-lipschitz',
    description: 'largest spectral norm of the Jacobian at a sample',
    reading: {
      formula: 'max ‖J(xᵢ)‖₂ over i',
      range: '0 and more, in units of the output over those of the input',
      high: 'somewhere in the data a small change of the input moves the outputs far',
      low: 'the outputs are stable at every sample',
      source: 'Jordan and Dimakis 2020',
    },
    needs: ['rows'],
    observe: () => {
      let largest = 0;
      return {
        add: ({ rows }) => {
          for (let sample = 0; sample < (rows[0]?.rows ?? 0); sample++) {
            largest = Math.max(largest, squaredNorm(jacobianAt(rows, sample)));
          }
        },
        value: () => Math.sqrt(largest),
      };
    },
  };
}

/** The largest eigenvalue of J Jᵀ. */
function squaredNorm(rows: ReturnType<typeof jacobianAt>): number {
  const order = rows.length;
  const data = new Float64Array(order * order);
  for (const [i, row] of rows.entries()) {
    for (let j = 0; j <= i; j++) {
      const product = innerProduct(row, rows[j] ?? row);
      data[i * order + j] = product;
      data[j * order + i] = product;
    }
  }
  return symmetricEigenvalues({ rows: order, columns: order, data }, { largest: 1 })[0] ?? 0;
}
